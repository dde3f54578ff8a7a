//! Databases that stop, fill up or are damaged: told as what it is, and nothing half done.

use super::whole::{self, statement};
use super::{agency, determine, import, order, record};
use crate::databases::{Server, sqlite};
use floatrate::collection::Feed;
use floatrate::determination::create;
use floatrate::employer::Intake;
use floatrate::problem::Problem;
use floatrate::store::tables::records;
use floatrate::store::{Db, StoreError};

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_and_comes_back() {
    let mut server = Server::start(&["fsync=off"]);
    let db = Db::open(&server.create()).await.unwrap();
    let agency = agency(&db);
    import(&db, [record("A", 1)]).await;
    let id = determine(&agency, "A", "").await;
    let feed = Feed::open(db.clone()).await.unwrap();
    // In the middle of an import and of a transaction.
    let mut intake = Intake::begin(Some(&db), "test", "officer").await.unwrap();
    intake.add(Ok(record("B", 1))).await.unwrap();
    let mut tx = db.begin().await.unwrap();
    let detail = b"{}".as_slice();
    records::add_intake(&mut tx, "x", "import", "officer", detail).await.unwrap();
    let stop = tokio::task::spawn_blocking(move || {
        server.stop();
        server
    });
    let mut server = stop.await.unwrap();
    let why = tx.commit().await.unwrap_err();
    assert!(matches!(why, StoreError::Unavailable(_)), "{why:?}");
    let why = intake.end(None).await.unwrap_err();
    assert!(matches!(why, StoreError::Unavailable(_)), "{why:?}");
    let why = create(&agency, &order("A", "2026-02-01"), "officer", None).await.unwrap_err();
    assert!(matches!(why, Problem::Store(StoreError::Unavailable(_))), "{why:?}");
    assert!(matches!(feed.catch_up().await, Err(StoreError::Unavailable(_))));
    // What is in memory is answered all the same.
    assert_eq!(feed.change_at(1).unwrap().id, id);
    let back = tokio::task::spawn_blocking(move || {
        server.restart();
        server
    });
    let _server = back.await.unwrap();
    assert_eq!(records::intake(&db, "x").await.unwrap(), None);
    assert_eq!(records::employer(&db, "B").await.unwrap(), None);
    assert_eq!(import(&db, [record("A", 1), record("B", 1)]).await.created, 1);
    determine(&agency, "A", "2026-02-01").await;
    feed.catch_up().await.unwrap();
    assert_eq!(feed.newest(), 2);
    whole::check(&db).await;
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk() {
    let database = sqlite();
    let db = Db::open(&database.url).await.unwrap();
    import(&db, (0..10).map(|n| record(&format!("A{n}"), n))).await;
    // Without other tasks the pool has one connection, to which the limit belongs.
    db.all(statement("PRAGMA max_page_count = 60"), &[]).await.unwrap();
    let mut intake = Intake::begin(Some(&db), "test", "officer").await.unwrap();
    let mut failed = None;
    for n in 0..5_000 {
        if let Err(why) = intake.add(Ok(record(&format!("B{n}"), n))).await {
            failed = Some(why);
            break;
        }
    }
    let why = failed.expect("the disk is not full");
    assert!(matches!(&why, StoreError::Unavailable(text) if text.contains("full")), "{why:?}");
    assert_eq!(records::employer(&db, "B0").await.unwrap(), None);
    whole::check(&db).await;
    db.close().await;
    // Space is made: the import is done again.
    let db = Db::open(&database.url).await.unwrap();
    let outcome = import(&db, (0..5_000).map(|n| record(&format!("B{n}"), n))).await;
    assert_eq!(outcome.created, 5_000);
    whole::check(&db).await;
    db.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_database_or_is_damaged() {
    let database = sqlite();
    let path = database.url.strip_prefix("sqlite:").unwrap();
    std::fs::write(path, "a letter, not a database\n".repeat(1_000)).unwrap();
    let why = Db::open(&database.url).await.unwrap_err();
    assert!(matches!(why, StoreError::Broken(_)), "{why:?}");

    let database = sqlite();
    let path = database.url.strip_prefix("sqlite:").unwrap();
    let db = Db::open(&database.url).await.unwrap();
    import(&db, (0..500).map(|n| record(&format!("A{n}"), n))).await;
    db.close().await;
    let mut bytes = std::fs::read(path).unwrap();
    // All pages but the first, which holds the list of tables.
    bytes[4096 * 20..].fill(0xa5);
    std::fs::write(path, bytes).unwrap();
    let damage = async {
        let db = Db::open(&database.url).await?;
        for n in 0..500 {
            let found = records::record(&db, &format!("A{n}"), 1).await?;
            assert!(found.is_none_or(|(kept, body)| kept.digest == *blake3::hash(&body).as_bytes()));
        }
        Ok::<_, StoreError>(())
    };
    let why = damage.await.unwrap_err();
    assert!(matches!(why, StoreError::Broken(_)), "{why:?}");
}
