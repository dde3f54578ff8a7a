//! Determinations: one by one and in batches, published by several at once, withdrawn, and what holds.

use super::{agency, determine, import, on_each, order, record};
use floatrate::collection::{Answer, Feed};
use floatrate::determination::{
    Agency, Batch, By, Cause, Detail, Loaded, New, PlanText, Withdrawal, answered, create, replay, withdraw,
};
use floatrate::employer::Body;
use floatrate::exchange::results::ResultRow;
use floatrate::problem::Problem;
use floatrate::rate::Explain;
use floatrate::store::requests::Request;
use floatrate::store::tables::determinations::{of_employer, place, published};
use floatrate::store::tables::records::NewRecord;
use floatrate::store::{Db, Instant, StoreError};
use floatrate_engine::Lang;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a batch is made of.
pub(crate) struct Material {
    pub(crate) text: Arc<PlanText>,
    pub(crate) new: NewRecord,
    row: ResultRow,
    detail: Detail,
}

pub(crate) fn material(agency: &Agency) -> Material {
    let text = agency.raters.text(&agency.library, super::PLAN).unwrap();
    let loaded: Arc<Loaded> = agency.raters.of_text(&text).unwrap();
    let new = record("A", 100);
    let records = [Body(new.body.clone()).record().unwrap().0];
    let date = "2026-01-01".parse().unwrap();
    let by = By { portfolio: &BTreeMap::new(), hand: None };
    let row = loaded.rate(date, by, &records, Explain::None, Lang::En).unwrap().remove(0);
    Material { text, new, row, detail: Detail::new(Cause::Annual) }
}

/// Adds determinations of employers `A0`, `A1` and so on; the batch, to be published.
pub(crate) async fn staged(db: &Db, material: &Material, size: u32) -> Batch {
    let mut batch = Batch::default();
    for n in 0..size {
        let row = ResultRow { employer_id: format!("A{n}"), ..material.row.clone() };
        let new = New {
            row: &row,
            record_version: 1,
            record_digest: material.new.digest,
            region: "510400",
            from: "2026-01-01".parse().unwrap(),
            until: "2026-12-31".parse().unwrap(),
            detail: &material.detail,
        };
        batch.add(db, &material.text, &new).await.unwrap();
    }
    batch
}

#[tokio::test(flavor = "multi_thread")]
async fn positions_have_no_gaps_and_follow_the_ledger() {
    on_each(async |db, _| {
        let agency = agency(&db);
        import(&db, (0..8).map(|n| record(&format!("E{n}"), n))).await;
        let maker = |agency: Agency, n: u32| {
            tokio::spawn(async move {
                let mut ids = Vec::new();
                for month in 1..=6 {
                    ids.push(determine(&agency, &format!("E{n}"), &format!("2026-{month:02}-01")).await);
                }
                ids
            })
        };
        let makers: Vec<_> = (0..8).map(|n| maker(agency.clone(), n)).collect();
        let mut all = Vec::new();
        for maker in makers {
            for id in maker.await.unwrap() {
                let (batch, ordinal) = place(&id).unwrap();
                all.push(published(&db, batch, ordinal).await.unwrap().unwrap());
            }
        }
        all.sort_by_key(|p| p.position);
        assert!(all.iter().map(|p| p.position).eq(1..=48));
        assert!(all.is_sorted_by(|a, b| a.seq < b.seq && a.at <= b.at));
        let feed = Feed::open(db.clone()).await.unwrap();
        assert!(feed.after(0, 100).iter().map(|c| c.position).eq(1..=48));
        assert!(replay(&agency, &all[7].kept).await.unwrap().differences.is_empty());
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn readers_see_a_publication_whole_or_not() {
    const SIZE: u32 = 20_000;
    on_each(async |db, database| {
        let material = material(&agency(&db));
        let done = Arc::new(AtomicBool::new(false));
        let reader = |url: String, done: Arc<AtomicBool>| {
            tokio::spawn(async move {
                // As another process: a pool and a feed of its own.
                let db = Db::open(&url).await.unwrap();
                let feed = Feed::open(db.clone()).await.unwrap();
                let (mut looks, mut last) = (0, false);
                while !last {
                    last = done.load(Ordering::SeqCst);
                    let (first, newest) = (of_employer(&db, "A0").await.unwrap().len(), feed.newest());
                    feed.catch_up().await.unwrap();
                    let end = of_employer(&db, &format!("A{}", SIZE - 1)).await.unwrap().len();
                    assert!(newest == 0 || newest == i64::from(SIZE), "{newest}");
                    assert_eq!(newest, feed.after(0, usize::MAX).len().min(newest as usize) as i64);
                    assert!(first <= end, "the first is seen and the last is not");
                    looks += 1;
                    tokio::task::yield_now().await;
                }
                assert_eq!(feed.newest(), i64::from(SIZE));
                looks
            })
        };
        let readers: Vec<_> = (0..2).map(|_| reader(database.url.clone(), Arc::clone(&done))).collect();
        let poller = {
            // The same feed is caught up by one task and read by another.
            let (feed, done) = (Feed::open(db.clone()).await.unwrap(), Arc::clone(&done));
            let other = feed.clone();
            let following = tokio::spawn(async move { other.follow().await });
            tokio::spawn(async move {
                while !done.load(Ordering::SeqCst) {
                    let seen = feed.after(0, usize::MAX).len();
                    assert!(seen == 0 || seen == SIZE as usize, "{seen}");
                    let date = "2026-05-01".parse().unwrap();
                    let rates = ["A0", "A19999"].map(|id| feed.rate(id, date, None) != Answer::Nothing);
                    assert!(rates[1] || !rates[0]);
                    tokio::time::sleep(std::time::Duration::from_millis(1)).await;
                }
                following.abort();
            })
        };
        let batch = staged(&db, &material, SIZE).await;
        let id = batch.id().to_owned();
        let publication = batch.publish(&db, &[&material.text], "officer").await.unwrap();
        assert_eq!(
            (publication.batch, publication.size, publication.first_position),
            (id, i64::from(SIZE), 1)
        );
        done.store(true, Ordering::SeqCst);
        for reader in readers {
            assert!(reader.await.unwrap() > 1);
        }
        poller.await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_sent_twice_at_once_is_carried_out_once() {
    on_each(async |db, _| {
        let agency = agency(&db);
        import(&db, [record("A", 1)]).await;
        let request = Request::new("r1", "CreateDetermination", "officer", b"A");
        // As the service does: what is known is answered; who loses the race asks again.
        let send = |agency: Agency, request: Request| {
            tokio::spawn(async move {
                loop {
                    if let Some(id) = answered(&agency, Some(&request)).await.unwrap() {
                        break id;
                    }
                    match create(&agency, &order("A", ""), "officer", Some(&request)).await {
                        Ok(made) => break made.id,
                        Err(Problem::Store(StoreError::Conflict)) => {}
                        Err(why) => panic!("{why:?}"),
                    }
                }
            })
        };
        let sent: Vec<_> = (0..8).map(|_| send(agency.clone(), request.clone())).collect();
        let mut ids = Vec::new();
        for one in sent {
            ids.push(one.await.unwrap());
        }
        ids.dedup();
        assert_eq!((ids.len(), of_employer(&db, "A").await.unwrap().len()), (1, 1));
        let other = Request::new("r1", "CreateDetermination", "officer", b"B");
        assert!(
            matches!(answered(&agency, Some(&other)).await, Err(Problem::RequestIdReused(id)) if id == "r1")
        );
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_withdrawals_one_wins() {
    on_each(async |db, _| {
        let agency = agency(&db);
        import(&db, [record("A", 1)]).await;
        let id = determine(&agency, "A", "").await;
        let send = |agency: Agency, id: String| {
            let withdrawal = Withdrawal { id, reason: "a mistake".to_owned() };
            tokio::spawn(async move { withdraw(&agency, &withdrawal, "officer", None).await })
        };
        let sent: Vec<_> = (0..6).map(|_| send(agency.clone(), id.clone())).collect();
        let mut won = Vec::new();
        for one in sent {
            match one.await.unwrap() {
                Ok(id) => won.push(id),
                Err(Problem::State(_, _, state, _)) => assert_eq!(state, "withdrawn"),
                Err(why) => panic!("{why:?}"),
            }
        }
        assert_eq!(won.len(), 1);
        let again = Withdrawal { id: won.remove(0), reason: "a withdrawal".to_owned() };
        let why = withdraw(&agency, &again, "officer", None).await.unwrap_err();
        assert!(matches!(why, Problem::State(_, _, state, _) if state == "withdrawal"));
        for id in ["b-1", "x", ""] {
            let none = Withdrawal { id: id.to_owned(), reason: "x".to_owned() };
            assert!(matches!(withdraw(&agency, &none, "o", None).await, Err(Problem::NotFound(..))), "{id}");
        }
        let feed = Feed::open(db.clone()).await.unwrap();
        assert_eq!(feed.rate("A", "2026-05-01".parse().unwrap(), None), Answer::Nothing);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_holds_and_what_was_known() {
    on_each(async |db, _| {
        let agency = agency(&db);
        import(&db, [record("A", 1)]).await;
        let mut known = vec![Instant(0)];
        let mut ids = Vec::new();
        // The year; from May on another; the year corrected afterwards; the one from May withdrawn.
        for from in ["2026-01-01", "2026-05-01", "2026-01-01"] {
            ids.push(determine(&agency, "A", from).await);
            let (batch, ordinal) = place(ids.last().unwrap()).unwrap();
            known.push(published(&db, batch, ordinal).await.unwrap().unwrap().at);
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        let withdrawal = Withdrawal { id: ids[1].clone(), reason: "a mistake".to_owned() };
        let gone = withdraw(&agency, &withdrawal, "officer", None).await.unwrap();
        let (batch, ordinal) = place(&gone).unwrap();
        known.push(published(&db, batch, ordinal).await.unwrap().unwrap().at);
        // In memory as it grew, and as it is read anew.
        let feed = Feed::open(db.clone()).await.unwrap();
        let kinds: Vec<_> = feed.after(0, 9).iter().map(|c| format!("{:?}", c.kind)).collect();
        assert_eq!(kinds, ["New", "Supersedes", "Supersedes", "Withdrawn"]);
        assert_eq!(feed.change_of(&gone).unwrap().supersedes, ids[1]);
        for (day, at, expected) in [
            ("2026-06-01", 0, None),
            ("2026-06-01", 1, Some(0)),
            ("2026-06-01", 2, Some(1)),
            ("2026-04-30", 2, Some(0)),
            ("2026-04-30", 3, Some(2)),
            ("2026-06-01", 3, Some(1)),
            ("2026-06-01", 4, Some(2)),
        ] {
            let answer = feed.rate("A", day.parse().unwrap(), Some(known[at]));
            let found = if let Answer::Holds(change) = &answer { Some(change.id.clone()) } else { None };
            assert_eq!(found, expected.map(|n: usize| ids[n].clone()), "{day} as known at {at}: {answer:?}");
        }
        assert!(
            matches!(feed.rate("A", "2025-12-31".parse().unwrap(), None), Answer::Later(c) if c.id == ids[2])
        );
        assert!(
            matches!(feed.rate("A", "2027-01-01".parse().unwrap(), None), Answer::Ended(c) if c.id == ids[2])
        );
        assert_eq!(feed.rate("B", "2026-06-01".parse().unwrap(), None), Answer::Nothing);
    })
    .await;
}
