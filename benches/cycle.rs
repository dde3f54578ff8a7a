//! How long a rate cycle takes, against reading the same rows out and writing as many in with no evaluation between.
//!
//! `cargo bench --bench cycle -- [EMPLOYERS] [sqlite|postgres]` imports so many employers (100,000 where it is not said)
//! with three years each into a fresh database, freezes, runs, approves and publishes a cycle over all of them, and says
//! how much memory that took at most. While it is published, a reader in its own thread polls the feed: it has to see none
//! or all. Beside it stand the same pins with the same records, page by page, and rows as many and as large written in
//! chunks of the same size by the same fast path. Only the ratio says something: times differ from machine to machine.

#[path = "../tests/it/databases.rs"]
#[allow(dead_code)]
mod databases;

use databases::{Server, sqlite};
use floatrate::collection::Feed;
use floatrate::cycle::{self, Choice, Options, Order, Resolution};
use floatrate::determination::Agency;
use floatrate::employer::Intake;
use floatrate::exchange::json;
use floatrate::pipeline;
use floatrate::plans;
use floatrate::store::tables::{cycles, determinations};
use floatrate::store::{Bulk, Db, StoreError, Value};
use floatrate::synth::{self, SynthOptions};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;
use tokio::runtime::Runtime;

/// Rows of a chunk, as in a run.
const CHUNK: i64 = 2_000;
const PLAN: &str = "cn-510400-2021";
const DATE: &str = "2026-01-01";
const OFFICER: &str = "officer (officer, self-declared)";
const APPROVER: &str = "approver (approver, self-declared)";

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let employers = words.iter().find_map(|a| a.parse().ok()).unwrap_or(100_000);
    let wanted = |name: &str| !words.iter().any(|a| a.parse::<u64>().is_err() && a != name);
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if wanted("sqlite") {
        let database = sqlite();
        measure(&runtime, "SQLite", &database.url, employers);
    }
    if wanted("postgres") {
        let server = Server::start(&["max_wal_size=4GB", "shared_buffers=256MB"]);
        measure(&runtime, "PostgreSQL", &server.create(), employers);
    }
}

fn measure(runtime: &Runtime, name: &str, url: &str, employers: u64) {
    let library = Arc::new(plans::library_to_rate(None).unwrap_or_else(|why| panic!("{}", why.text())));
    let db = runtime.block_on(Db::open(url)).unwrap();
    let agency = Agency::new(db.clone(), library);
    import(runtime, &agency, employers);
    std::fs::write("/proc/self/clear_refs", "5").unwrap();
    let (ours, id) = timed(|| runtime.block_on(cycle_of(&agency)));
    let memory = highest();
    let (publishing, looks) = runtime.block_on(publish(&agency, url, &id, employers));
    let (raw, ()) = timed(|| runtime.block_on(by_hand(&db, &id)));
    println!(
        "{name}: {employers} employers, cycle to approval {:.1} s, by hand {:.1} s, ratio {:.2}, {} employers/s; \
         {memory} MiB at most; published in {publishing:.2} s, {looks} looks of a reader saw none or all",
        ours,
        raw,
        ours / raw,
        (employers as f64 / ours).round(),
    );
    runtime.block_on(db.close());
}

fn timed<T>(run: impl FnOnce() -> T) -> (f64, T) {
    let start = Instant::now();
    let out = run();
    (start.elapsed().as_secs_f64(), out)
}

/// The most memory of the process since it was last asked to forget, in MiB.
fn highest() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

fn import(runtime: &Runtime, agency: &Agency, employers: u64) {
    let options =
        SynthOptions { employers, seed: 1, region: "510400".into(), first_year: 2023, last_year: 2025 };
    let mut intake = runtime.block_on(Intake::begin(Some(&agency.db), "bench", "bench")).unwrap();
    let declared = agency.library.catalog.declared();
    let parts =
        (0..employers).step_by(1_000).map(|from| Ok::<_, StoreError>(from..(from + 1_000).min(employers)));
    let work = |part: std::ops::Range<u64>| -> Vec<_> {
        let read = |index| {
            let text = serde_json::to_string(&synth::employer(&options, index)).unwrap();
            Intake::read(1, &json::parse(&text).unwrap(), declared)
        };
        part.map(read).collect()
    };
    let threads = std::thread::available_parallelism().map_or(2, Into::into);
    pipeline::ordered(threads, parts, work, |read| {
        runtime.block_on(async {
            for one in read {
                intake.add(one).await?;
            }
            Ok(())
        })
    })
    .unwrap();
    runtime.block_on(intake.end(None)).unwrap();
}

/// Freezes, runs, leaves open items out, and approves; the cycle's id.
async fn cycle_of(agency: &Agency) -> String {
    let order = Order { region: "510400".into(), plan: PLAN.into(), rating_date: DATE.into() };
    let id = cycle::create(agency, &order, OFFICER, None).await.unwrap().cycle.id;
    let begun = Instant::now();
    cycle::freeze(agency, &id, &BTreeMap::new(), "", OFFICER, None).await.unwrap();
    println!("  frozen in {:.1} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    cycle::run(agency, &id, OFFICER, &Options::default(), &mut |_| {}).await.unwrap();
    println!("  run in {:.1} s", begun.elapsed().as_secs_f64());
    let begun = Instant::now();
    let leave = Resolution::Choose(Choice::LeaveOut, "bench");
    let mut left_out = 0;
    loop {
        let open = cycle::items(&agency.db, &id, 0, "open", 1_000).await.unwrap();
        if open.is_empty() {
            break;
        }
        for item in open {
            cycle::resolve(agency, &id, &item.employer_id, &leave, "", OFFICER, None).await.unwrap();
            left_out += 1;
        }
    }
    cycle::approve(agency, &id, "", APPROVER, None).await.unwrap();
    println!("  {left_out} left out and the rest approved in {:.1} s", begun.elapsed().as_secs_f64());
    id
}

/// Publishes while a reader polls; the seconds that it took, and how often the reader looked.
async fn publish(agency: &Agency, url: &str, id: &str, employers: u64) -> (f64, u64) {
    let done = Arc::new(AtomicBool::new(false));
    let (url, stop) = (url.to_owned(), Arc::clone(&done));
    let reader = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let db = Db::open(&url).await.unwrap();
            let feed = Feed::open(db.clone()).await.unwrap();
            let (mut looks, mut last, mut seen) = (0, false, 0);
            while !last {
                last = stop.load(Ordering::SeqCst);
                feed.catch_up().await.unwrap();
                seen = feed.newest();
                assert!(seen == 0 || seen > i64::try_from(employers).unwrap() / 2, "{seen}");
                looks += 1;
            }
            db.close().await;
            (looks, seen)
        })
    });
    let begun = Instant::now();
    let published = cycle::publish(agency, id, "bench", "", OFFICER, None).await.unwrap();
    let seconds = begun.elapsed().as_secs_f64();
    done.store(true, Ordering::SeqCst);
    let (looks, seen) = reader.join().unwrap();
    assert_eq!(seen, published.cycle.approved.unwrap().determinations);
    (seconds, looks)
}

/// The same rows out, and as many in.
async fn by_hand(db: &Db, id: &str) {
    let standing = cycle::get(db, id).await.unwrap();
    let frozen = standing.cycle.frozen.unwrap();
    let (rows, _) = (determinations::of_batch(db, &standing.running.batch, 0, 1).await.unwrap(), ());
    let (kept, digest) = &rows[0];
    let into = "determination (batch, ordinal, employer_id, record_version, record_digest, plan_text, from_day, until_day, terms, result, detail, digest)";
    let mut after = 0;
    while after < frozen.employers {
        let to = (after + CHUNK).min(frozen.employers);
        let pinned = cycles::pinned(db, id, frozen.number, (after, to)).await.unwrap();
        let mut values = Vec::new();
        for one in &pinned {
            values.extend([
                Value::Text("by hand"),
                Value::Int(one.pin.ordinal),
                Value::Text(&one.pin.employer_id),
                Value::Int(one.pin.version),
                Value::Bytes(&one.pin.digest),
                Value::Bytes(&kept.plan_text),
                Value::Int(kept.from_day),
                Value::Int(kept.until_day),
                Value::Text(&kept.terms),
                Value::Bytes(&kept.result),
                Value::Bytes(&kept.detail),
                Value::Bytes(digest),
            ]);
        }
        let mut tx = db.begin().await.unwrap();
        tx.insert(Bulk { into, columns: 12 }, &values).await.unwrap();
        tx.commit().await.unwrap();
        after = to;
    }
}
