//! Runners: one at a time, stopped and gone on with, fenced off when they come too late.

use super::*;
use floatrate::store::StoreError;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SIZE: i64 = 9_000;

async fn ready(agency: &Agency) -> (String, String) {
    import(&agency.db, city(SIZE as u64, 11)).await;
    let undisturbed = frozen(agency).await;
    let digest = digest(&run(agency, &undisturbed).await.unwrap());
    (frozen(agency).await, digest)
}

async fn one_result_each(agency: &Agency, id: &str) {
    let batch = cycle::get(&agency.db, id).await.unwrap().running.batch;
    let rows = agency
        .db
        .all(
            whole::statement(
                "SELECT count(*), count(DISTINCT employer_id) FROM (SELECT employer_id FROM determination WHERE batch = $1 UNION ALL SELECT employer_id FROM review_item WHERE batch = $1) AS results",
            ),
            &[(&batch).into()],
        )
        .await
        .unwrap();
    assert_eq!((rows[0].int(0).unwrap(), rows[0].int(1).unwrap()), (SIZE, SIZE));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_at_once() {
    on_each(async |agency, _| {
        let (id, expected) = ready(&agency).await;
        let runner = |agency: Agency, id: String| tokio::spawn(async move { run(&agency, &id).await });
        let both = [runner(agency.clone(), id.clone()), runner(agency.clone(), id.clone())];
        let (mut done, mut refused) = (0, 0);
        for one in both {
            match one.await.unwrap() {
                Ok(standing) => {
                    assert_eq!(digest(&standing), expected);
                    done += 1;
                }
                Err(Problem::Running(..) | Problem::Store(StoreError::Conflict)) => refused += 1,
                Err(why) => panic!("{why:?}"),
            }
        }
        assert_eq!((done, refused), (1, 1));
        one_result_each(&agency, &id).await;
    })
    .await;
}

/// A runner that sleeps past its lease and wakes up writes nothing more.
#[tokio::test(flavor = "multi_thread")]
async fn a_sleeper_wakes_up() {
    on_each(async |agency, _| {
        let (id, expected) = ready(&agency).await;
        let lease = Duration::from_millis(300);
        let options = Options { threads: 2, lease, ..Options::default() };
        let woken = Arc::new(AtomicBool::new(false));
        let sleeper = {
            let (agency, id, options, woken) =
                (agency.clone(), id.clone(), options.clone(), Arc::clone(&woken));
            tokio::spawn(async move {
                let mut sleep = |progress: Progress| {
                    if progress.done == 4_000 {
                        tokio::task::block_in_place(|| {
                            while !woken.load(Ordering::SeqCst) {
                                std::thread::sleep(Duration::from_millis(10));
                            }
                        });
                    }
                };
                cycle::run(&agency, &id, SECOND, &options, &mut sleep).await
            })
        };
        // As soon as the lease has ended, another takes over where the sleeper stopped.
        let mut first = None;
        let mut tell = |progress: Progress| {
            first.get_or_insert(progress.done);
            if progress.done == 6_000 {
                woken.store(true, Ordering::SeqCst);
                tokio::task::block_in_place(|| std::thread::sleep(Duration::from_millis(100)));
            }
        };
        loop {
            tokio::time::sleep(Duration::from_millis(50)).await;
            if cycle::get(&agency.db, &id).await.unwrap().running.done < 4_000 {
                continue;
            }
            match cycle::run(&agency, &id, OFFICER, &Options::default(), &mut tell).await {
                Ok(standing) => {
                    assert_eq!(digest(&standing), expected);
                    break;
                }
                Err(Problem::Running(_, runner, _)) => assert_eq!(runner, SECOND),
                Err(why) => panic!("{why:?}"),
            }
        }
        woken.store(true, Ordering::SeqCst);
        assert_eq!(first, Some(4_000));
        let why = sleeper.await.unwrap().unwrap_err();
        assert!(matches!(why, Problem::Running(..) | Problem::State(..)), "{why:?}");
        one_result_each(&agency, &id).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_and_gone_on_with() {
    on_each(async |agency, _| {
        let (id, expected) = ready(&agency).await;
        let options = Options::default();
        let stop = Arc::clone(&options.stop);
        let mut tell = |progress: Progress| stop.store(progress.done > 0, Ordering::SeqCst);
        let why = cycle::run(&agency, &id, OFFICER, &options, &mut tell).await.unwrap_err();
        assert!(matches!(why, Problem::Stopped(_)), "{why:?}");
        let now = cycle::get(&agency.db, &id).await.unwrap();
        // Who stops in order holds nobody up.
        assert_eq!((now.running.done, now.running.runner.as_str()), (2_000, ""));
        let mut first = None;
        let mut tell = |progress: Progress| {
            first.get_or_insert(progress.done);
        };
        let standing = cycle::run(&agency, &id, SECOND, &Options::default(), &mut tell).await.unwrap();
        assert_eq!((digest(&standing), first), (expected, Some(2_000)));
        one_result_each(&agency, &id).await;
    })
    .await;
}

/// A cycle that is given up or frozen anew ends its run.
#[tokio::test(flavor = "multi_thread")]
async fn cancelled_under_way() {
    on_each(async |agency, _| {
        let (id, _) = ready(&agency).await;
        let (other, cancelled) = (agency.clone(), id.clone());
        let mut tell = |progress: Progress| {
            if progress.done == 2_000 {
                tokio::task::block_in_place(|| {
                    let handle = tokio::runtime::Handle::current();
                    handle.block_on(cycle::cancel(&other, &cancelled, "stop", "", SECOND, None)).unwrap();
                });
            }
        };
        let why = cycle::run(&agency, &id, OFFICER, &Options::default(), &mut tell).await.unwrap_err();
        assert!(matches!(&why, Problem::State(_, _, state, _) if state == "cancelled"), "{why:?}");
        let why = run(&agency, &id).await.unwrap_err();
        assert!(matches!(why, Problem::State(..)), "{why:?}");
    })
    .await;
}
