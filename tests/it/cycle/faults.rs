//! A database that stops or fills up in the middle of a run: a clear error, nothing half done, and the run goes on.

use super::*;
use crate::databases::{Server, sqlite};
use floatrate::store::StoreError;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

const SIZE: u64 = 9_000;

/// As soon as the lease has ended.
async fn go_on(agency: &Agency, id: &str) -> Standing {
    loop {
        match run(agency, id).await {
            Ok(standing) => return standing,
            Err(Problem::Running(..)) => tokio::time::sleep(Duration::from_millis(50)).await,
            Err(why) => panic!("{why:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_stops_in_the_middle() {
    let server = Server::start(&["fsync=off"]);
    let db = Db::open(&server.create()).await.unwrap();
    let agency = agency(&db);
    import(&db, city(SIZE, 11)).await;
    let expected = digest(&run(&agency, &frozen(&agency).await).await.unwrap());
    let id = frozen(&agency).await;
    let server = Arc::new(Mutex::new(server));
    let options = Options { lease: Duration::from_secs(1), ..Options::default() };
    let stopped = Arc::clone(&server);
    let mut tell = move |progress: Progress| {
        if progress.done == 4_000 {
            tokio::task::block_in_place(|| stopped.lock().unwrap().stop());
        }
    };
    let why = cycle::run(&agency, &id, OFFICER, &options, &mut tell).await.unwrap_err();
    assert!(matches!(why, Problem::Store(StoreError::Unavailable(_))), "{why:?}");
    let why = cycle::get(&db, &id).await.unwrap_err();
    assert!(matches!(why, Problem::Store(StoreError::Unavailable(_))), "{why:?}");
    tokio::task::block_in_place(|| server.lock().unwrap().restart());
    assert_eq!(cycle::get(&db, &id).await.unwrap().running.done, 4_000);
    let standing = go_on(&agency, &id).await;
    assert_eq!(digest(&standing), expected);
    whole::check(&db).await;
    db.close().await;
}

/// Runs a cycle that finds the disk full, twice; then `room` is made.
async fn full(database_url: &str, id: &str, expected: &str, limit: impl AsyncFn(&Db), room: impl FnOnce()) {
    for _ in 0..2 {
        let db = Db::open(database_url).await.unwrap();
        limit(&db).await;
        let options = Options { lease: Duration::from_secs(1), ..Options::default() };
        let mut before = cycle::get(&db, id).await.unwrap().running;
        while before.now() {
            tokio::time::sleep(Duration::from_millis(50)).await;
            before = cycle::get(&db, id).await.unwrap().running;
        }
        let why = cycle::run(&agency(&db), id, OFFICER, &options, &mut |_| {}).await.unwrap_err();
        let Problem::Store(StoreError::Unavailable(text)) = &why else { panic!("{why:?}") };
        assert!(text.contains("full") || text.contains("No space left"), "{text}");
        let now = cycle::get(&db, id).await.unwrap().running;
        assert!(now.done % 2_000 == 0 && now.done < SIZE as i64, "{now:?}");
        db.close().await;
    }
    room();
    let db = Db::open(database_url).await.unwrap();
    let standing = go_on(&agency(&db), id).await;
    assert_eq!(digest(&standing), expected);
    whole::check(&db).await;
    db.close().await;
}

fn leaked(sql: String) -> floatrate::store::Statement {
    whole::statement(Box::leak(sql.into_boxed_str()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_sqlite() {
    let database = sqlite();
    let db = Db::open(&database.url).await.unwrap();
    import(&db, city(SIZE, 11)).await;
    let expected = digest(&run(&agency(&db), &frozen(&agency(&db)).await).await.unwrap());
    let id = frozen(&agency(&db)).await;
    let pages = count(&db, "PRAGMA page_count").await;
    db.close().await;
    // The limit is a connection's, so every connection of the pool gets it.
    let limit = async |db: &Db| {
        let mut held = Vec::new();
        for _ in 0..8 {
            let mut tx = db.snapshot().await.unwrap();
            tx.all(leaked(format!("PRAGMA max_page_count = {}", pages + 1_600)), &[]).await.unwrap();
            held.push(tx);
        }
    };
    full(&database.url, &id, &expected, limit, || {}).await;
}

/// On a small file system of its own, where one may be mounted.
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_of_postgresql() {
    let folder = tempfile::tempdir().unwrap();
    let Some(mounted) = Mounted::at(folder.path()) else { return };
    let server = Server::start(&["fsync=off"]);
    let url = server.create_in(folder.path());
    let db = Db::open(&url).await.unwrap();
    import(&db, city(SIZE, 11)).await;
    let expected = digest(&run(&agency(&db), &frozen(&agency(&db)).await).await.unwrap());
    let id = frozen(&agency(&db)).await;
    db.close().await;
    mounted.leave(4 << 20);
    full(&url, &id, &expected, async |_| {}, || mounted.leave(1 << 30)).await;
    drop(server);
}

/// A file system in memory.
struct Mounted(std::path::PathBuf);

impl Mounted {
    fn at(folder: &std::path::Path) -> Option<Self> {
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=1g", "tmpfs"]).arg(folder).output();
        match mounted {
            Ok(output) if output.status.success() => Some(Self(folder.to_owned())),
            other => {
                eprintln!("skipped: no file system may be mounted here: {other:?}");
                None
            }
        }
    }

    /// Leaves so many bytes free.
    fn leave(&self, bytes: u64) {
        let used = Command::new("df").args(["--output=used", "-B1"]).arg(&self.0).output().unwrap();
        let used = String::from_utf8(used.stdout).unwrap();
        let used: u64 = used.lines().last().unwrap().trim().parse().unwrap();
        let size = format!("remount,size={}", used + bytes);
        assert!(Command::new("mount").args(["-o", &size]).arg(&self.0).status().unwrap().success());
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}
