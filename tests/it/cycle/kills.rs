//! A runner is killed at random moments, again and again, and gone on with: every employer has one result in the end, and
//! the digest is that of a run that nobody disturbed.

use super::*;
use crate::databases::{postgres, sqlite};
use crate::kills::{Process, Random, alone, kills};
use floatrate::store;
use std::time::{Duration, Instant};

/// Six chunks.
const SIZE: u64 = 12_000;
/// Kills of one cycle before it is gone on with to the end.
const OF_ONE: u64 = 4;
/// Nobody waits long for a lease whose runner is dead.
const LEASE: Duration = Duration::from_millis(200);

/// What the process does that is killed.
pub(crate) async fn work(db: &Db, id: &str) {
    let agency = agency(db);
    let text = agency.raters.text(&agency.library, PLAN).unwrap();
    agency.raters.of_text(&text).unwrap();
    println!("ready");
    go_on(&agency, id).await;
}

/// Runs a cycle as soon as the lease before has ended.
async fn go_on(agency: &Agency, id: &str) -> Standing {
    let options = Options { lease: LEASE, ..Options::default() };
    loop {
        match cycle::run(agency, id, OFFICER, &options, &mut |_| {}).await {
            Ok(standing) => return standing,
            Err(Problem::Running(..)) => tokio::time::sleep(LEASE / 10).await,
            Err(why) => panic!("{why:?}"),
        }
    }
}

async fn killed(make: fn() -> Database) {
    let database = make();
    let db = Db::open(&database.url).await.unwrap();
    import(&db, city(SIZE, 5)).await;
    let undisturbed = frozen(&agency(&db)).await;
    let mut process = Process::start("cycle", &undisturbed, &database.url);
    let begun = Instant::now();
    process.until("done");
    let whole = begun.elapsed();
    process.kill();
    let expected = digest(&cycle::get(&db, &undisturbed).await.unwrap());
    eprintln!("{}: a whole run takes {whole:?}", database.name);
    let (mut random, mut left, mut resumed) = (Random::new(), kills(), 0);
    db.close().await;
    while left > 0 {
        let db = Db::open(&database.url).await.unwrap();
        let id = frozen(&agency(&db)).await;
        db.close().await;
        let mut done = 0;
        for _ in 0..OF_ONE.min(left) {
            let process = Process::start("cycle", &id, &database.url);
            std::thread::sleep(random.part_of(whole / 2));
            process.kill();
            left -= 1;
            let killed = store::Instant::now();
            let db = Db::open(&database.url).await.unwrap();
            alone(&db, killed).await;
            let now = cycle::get(&db, &id).await.unwrap();
            db.close().await;
            if now.cycle.rated.is_some() {
                break;
            }
            assert!(now.running.done % 2_000 == 0 && now.running.done >= done, "{now:?}");
            resumed += i64::from(done > 0);
            done = now.running.done;
        }
        let db = Db::open(&database.url).await.unwrap();
        let standing = match cycle::get(&db, &id).await.unwrap() {
            rated if rated.cycle.rated.is_some() => rated,
            _ => go_on(&agency(&db), &id).await,
        };
        assert_eq!(digest(&standing), expected, "{} {id}", database.name);
        one_each(&db, &standing.running.batch).await;
        db.close().await;
    }
    eprintln!("{}: {resumed} runs were killed again after they had gone on", database.name);
    let db = Db::open(&database.url).await.unwrap();
    whole::check(&db).await;
    let report = verify(&db, &[], &mut |_| {}).await.unwrap();
    assert!(report.misfit.is_none(), "{:?}", report.misfit);
    db.close().await;
}

async fn one_each(db: &Db, batch: &str) {
    let sql = "SELECT count(*), count(DISTINCT employer_id) FROM (SELECT employer_id FROM determination WHERE batch = $1 UNION ALL SELECT employer_id FROM review_item WHERE batch = $1) AS results";
    let row = db.one(whole::statement(sql), &[batch.into()]).await.unwrap().unwrap();
    let size = i64::try_from(SIZE).unwrap();
    assert_eq!((row.int(0).unwrap(), row.int(1).unwrap()), (size, size));
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_runs_sqlite() {
    killed(sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_runs_postgresql() {
    killed(postgres).await;
}
