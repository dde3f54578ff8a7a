//! Runs: watched, run twice, cancelled, broken off by the way down and gone on with elsewhere.

use super::{Bureau, ZHANG, state};
use crate::databases::{databases, postgres};
use crate::services::{told, value};
use floatrate::rpc::Ended;
use floatrate_proto::floatrate::v1;
use std::time::{Duration, Instant};
use tonic::Code;

/// Four chunks.
const MANY: usize = 6_500;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_tells_of_every_chunk_and_ends_with_the_run() {
    for database in databases() {
        let mut bureau = Bureau::at(&database).await;
        bureau.import_many(MANY).await;
        let id = bureau.frozen().await;
        assert_eq!(bureau.watched(&id).await.len(), 1, "nobody runs it");
        let begun = bureau.run(&id).await.unwrap();
        // Run again where it is run already: it goes on.
        let again = bureau.run(&id).await.unwrap();
        assert_eq!((&again.runner, again.etag), (&begun.runner, begun.etag));
        let told = bureau.watched(&id).await;
        let done: Vec<i64> = told.iter().map(|cycle| cycle.done).collect();
        assert!(done.is_sorted() && done.len() >= 2, "{}: {done:?}", database.name);
        let last = told.last().unwrap();
        assert_eq!((state(last), last.done, last.runner.as_str()), ("RATED", 6_500, ""));
        assert_eq!(told.iter().filter(|cycle| state(cycle) == "RATED").count(), 1);
        assert_eq!(told.windows(2).filter(|pair| pair[0] == pair[1]).count(), 0);
        let by_another = tries(&mut bureau, &id).await;
        assert_eq!(by_another.counts.unwrap().employers, 6_500);
    }
}

/// Another plan on what the cycle holds fast.
async fn tries(bureau: &mut Bureau, id: &str) -> v1::CycleReport {
    let ask =
        |plan: &str| v1::GetCycleReportRequest { id: id.into(), try_plan: plan.into(), ..Default::default() };
    let wrong = v1::GetCycleReportRequest { portfolio: [("x".into(), "1".into())].into(), ..ask("") };
    let told_wrong = told(&bureau.cycles.get_cycle_report(wrong).await.unwrap_err());
    assert_eq!(told_wrong, "portfolio INVALID_REQUEST");
    let wrong =
        v1::GetCycleReportRequest { portfolio: [("x".into(), "1".into())].into(), ..ask("cn-000000-2015") };
    let told_wrong = told(&bureau.cycles.get_cycle_report(wrong).await.unwrap_err());
    assert_eq!(told_wrong, "portfolio.x INVALID_REQUEST");
    assert_eq!(told(&bureau.cycles.get_cycle_report(ask("nothing")).await.unwrap_err()), "PLAN_NOT_FOUND");
    // The time is up in the midst of it; the client's own clock may say so first.
    let mut short = tonic::Request::new(ask("cn-210100-2020"));
    short.set_timeout(Duration::from_millis(30));
    let begun = Instant::now();
    let late = bureau.cycles.get_cycle_report(short).await.unwrap_err();
    assert!(matches!(late.code(), Code::DeadlineExceeded | Code::Cancelled), "{late:?}");
    assert!(begun.elapsed() < Duration::from_secs(2));
    let tried = bureau.cycles.get_cycle_report(ask("cn-210100-2020")).await.unwrap().into_inner();
    let tried = tried.report.unwrap();
    assert_eq!(tried.tried_plan, "cn-210100-2020");
    tried
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cycle_that_is_cancelled_while_it_is_run_ends_its_run() {
    for database in databases() {
        let mut bureau = Bureau::at(&database).await;
        bureau.import_many(MANY).await;
        let id = bureau.frozen().await;
        bureau.run(&id).await.unwrap();
        assert_eq!(told(&bureau.freeze(&id).await.unwrap_err()), "ALREADY_RUNNING");
        let request = v1::WatchCycleRequest { id: id.clone() };
        let mut watch = bureau.cycles.watch_cycle(request).await.unwrap().into_inner();
        assert_eq!(state(&watch.message().await.unwrap().unwrap().cycle.unwrap()), "FROZEN");
        let gone = bureau.cancel(&id, "名单有误").await.unwrap();
        assert_eq!((state(&gone), gone.cancelled.unwrap().reason.as_str()), ("CANCELLED", "名单有误"));
        let mut last = None;
        while let Some(message) = watch.message().await.unwrap() {
            last = message.cycle;
        }
        let last = last.unwrap();
        assert_eq!((state(&last), last.rated), ("CANCELLED", None), "{}", database.name);
        assert_eq!(told(&bureau.run(&id).await.unwrap_err()), "WRONG_STATE");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_server_is_told_who_runs_it() {
    let database = postgres();
    let mut first = Bureau::at(&database).await;
    let mut second = Bureau::at(&database).await;
    first.import_many(MANY).await;
    let id = first.frozen().await;
    first.run(&id).await.unwrap();
    let refused = second.run(&id).await.unwrap_err();
    assert_eq!((refused.code(), told(&refused).as_str()), (Code::Aborted, "ALREADY_RUNNING"));
    assert_eq!(value(&refused, "runner"), "zhang (officer, self-declared)");
    // It sees what the other one does.
    let told = second.watched(&id).await;
    assert_eq!(state(told.last().unwrap()), "RATED");
    assert!(told.len() >= 2 && state(&told[0]) == "FROZEN" && !told[0].runner.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_way_down_waits_for_a_chunk_and_another_server_goes_on() {
    for database in databases() {
        let mut bureau = Bureau::at(&database).await;
        bureau.import_many(MANY).await;
        let (id, whole) = (bureau.frozen().await, bureau.frozen().await);
        let whole = bureau.rated(&whole).await.results_digest;
        bureau.run(&id).await.unwrap();
        let request = v1::WatchCycleRequest { id: id.clone() };
        let mut watch = bureau.cycles.watch_cycle(super::by(ZHANG, request)).await.unwrap().into_inner();
        while watch.message().await.unwrap().unwrap().cycle.unwrap().done == 0 {}
        let Bureau { office, cycles } = bureau;
        drop(office.served.down);
        // Its last word: nobody runs it, and it is not done.
        let mut last = None;
        while let Some(message) = watch.message().await.unwrap() {
            last = message.cycle;
        }
        let last = last.unwrap();
        assert_eq!((state(&last), last.runner.as_str()), ("FROZEN", ""), "{}", database.name);
        assert!((1..6_500).contains(&last.done), "{}", last.done);
        drop((
            watch,
            cycles,
            office.employers,
            office.determinations,
            office.collection,
            office.served.channel,
        ));
        assert_eq!(office.served.ended.await.unwrap(), Ended::Drained);

        let mut next = Bureau::at(&database).await;
        assert_eq!(next.get(&id).await, last);
        let rated = next.rated(&id).await;
        assert_eq!((rated.results_digest, rated.done), (whole, 6_500), "{}", database.name);
    }
}

/// What is begun on the way down is waited for too, and cut off where the time is up.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_does_not_end_in_time_is_cut_off() {
    let database = postgres();
    let mut bureau = Bureau::with(&database, |config| config.limits.drain = Duration::ZERO).await;
    bureau.import_many(MANY).await;
    let id = bureau.frozen().await;
    bureau.run(&id).await.unwrap();
    drop(bureau.office.served.down);
    let Ended::CutOff(cut) = bureau.office.served.ended.await.unwrap() else { panic!("the run had ended") };
    assert!(cut >= 1);
}
