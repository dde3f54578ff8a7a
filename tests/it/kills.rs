//! A process that imports or publishes is killed at random moments; what is kept is whole, and the work goes on.
//!
//! The process is this test binary again, with the one test [`child`] and a variable that says what to do.

use crate::databases::{Database, postgres, sqlite};
use crate::store::determinations::{Material, material, staged};
use crate::store::whole::{self, statement};
use crate::store::{agency, read};
use floatrate::collection::Feed;
use floatrate::employer::Intake;
use floatrate::store::tables::records::NewRecord;
use floatrate::store::tables::{determinations, records};
use floatrate::store::{self, Db, Statement};
use floatrate::synth::{self, SynthOptions};
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

/// Kills of each kind of work on each database; the variable `FLOATRATE_KILLS` asks for more, such as 50.
const KILLS: u64 = 10;
/// Records of an import: three chunks.
const RECORDS: u64 = 12_000;
/// Determinations of a publication: ten chunks.
const BATCH: u32 = 20_000;
/// Rounds on one database before a fresh one, so that looking at everything stays short.
const ROUNDS: u64 = 5;
/// What to do, on which database, in which round.
const VARIABLE: &str = "FLOATRATE_TEST_CHILD";

/// The records of a round: the same employers, one more year in each.
fn round_records(round: u64) -> Vec<NewRecord> {
    let last_year = 2021 + i32::try_from(round % ROUNDS).unwrap();
    let options =
        SynthOptions { employers: RECORDS, seed: 7, region: "510400".into(), first_year: 2020, last_year };
    synth::records(&options).map(|record| read(&serde_json::to_string(&record).unwrap())).collect()
}

async fn import(db: &Db, records: Vec<NewRecord>) -> (i64, i64, i64) {
    let mut intake = Intake::begin(Some(db), "kills", "officer").await.unwrap();
    for record in records {
        intake.add(Ok(record)).await.unwrap();
    }
    let (outcome, _) = intake.end(None).await.unwrap();
    (outcome.created, outcome.updated, outcome.unchanged)
}

async fn publish(db: &Db, material: &Material) {
    let batch = staged(db, material, BATCH).await;
    batch.publish(db, &[&material.text], "officer").await.unwrap();
}

/// Does nothing, unless it is the process to be killed.
#[test]
fn child() {
    let Ok(what) = std::env::var(VARIABLE) else { return };
    let [work, round, url] = what.splitn(3, ' ').collect::<Vec<_>>()[..] else { panic!("{what}") };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let db = Db::open(url).await.unwrap();
        if work == "cycle" {
            crate::cycle::kills::work(&db, round).await;
        } else if work == "import" {
            let records = round_records(round.parse().unwrap());
            println!("ready");
            import(&db, records).await;
        } else {
            let material = material(&agency(&db));
            println!("ready");
            publish(&db, &material).await;
        }
        println!("done");
    });
}

pub(crate) struct Process {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

impl Process {
    /// Starts the process; it has all it needs in memory, and begins to write.
    pub(crate) fn start(work: &str, round: impl std::fmt::Display, url: &str) -> Self {
        let (_, module) = module_path!().split_once("::").unwrap();
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", &format!("{module}::child"), "--nocapture"]);
        command.env(VARIABLE, format!("{work} {round} {url}")).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut process = Self { child, lines };
        process.until("ready");
        process
    }

    pub(crate) fn until(&mut self, word: &str) {
        assert!(
            self.lines.any(|line| line.unwrap().ends_with(word)),
            "the process ended before it was {word}"
        );
    }

    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

/// How often work of one kind is killed on one database.
pub(crate) fn kills() -> u64 {
    std::env::var("FLOATRATE_KILLS").map_or(KILLS, |text| text.parse().unwrap())
}

/// Random numbers from a seed that a failure prints.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new() -> Self {
        let seed = std::env::var("FLOATRATE_TEST_SEED").map_or(7, |text| text.parse().unwrap());
        eprintln!("FLOATRATE_TEST_SEED={seed}");
        Self(seed | 1 << 32)
    }

    /// From 0 to the whole and a little beyond.
    pub(crate) fn part_of(&mut self, whole: Duration) -> Duration {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        whole * u32::try_from(self.0 >> 33 & 1023).unwrap() / 980
    }
}

/// Runs the rounds: `before` each, a process killed in the middle, and `after` each what is looked at.
async fn rounds(work: &str, make: fn() -> Database, after: impl AsyncFn(&Db, u64, &str)) {
    let measured = make();
    let mut whole_run = Process::start(work, 0, &measured.url);
    let begun = Instant::now();
    whole_run.until("done");
    let whole = begun.elapsed();
    whole_run.child.wait().unwrap();
    eprintln!("{}: a whole {work} takes {whole:?}", measured.name);
    let (mut random, mut database) = (Random::new(), make());
    for kill in 0..kills() {
        if kill % ROUNDS == 0 {
            database = make();
        }
        let process = Process::start(work, kill % ROUNDS, &database.url);
        let moment = random.part_of(whole);
        std::thread::sleep(moment);
        process.kill();
        let killed = store::Instant::now();
        let what = format!("{} {work}, kill {kill} after {moment:?} of {whole:?}", database.name);
        eprintln!("{what}");
        let db = Db::open(&database.url).await.unwrap();
        alone(&db, killed).await;
        after(&db, kill % ROUNDS, &what).await;
        db.close().await;
    }
}

/// Waits until the server has noticed that its client is gone: what was sent before is carried out. The client's
/// connections began before it was killed, ours after.
pub(crate) async fn alone(db: &Db, killed: store::Instant) {
    const OLDER: Statement = statement(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend' AND extract(epoch FROM backend_start) * 1000000 < $1",
    );
    while db.is_postgres() && db.one(OLDER, &[killed.0.into()]).await.unwrap().unwrap().int(0).unwrap() > 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn count(db: &Db, sql: &'static str) -> i64 {
    db.one(statement(sql), &[]).await.unwrap().unwrap().int(0).unwrap()
}

async fn imports(make: fn() -> Database) {
    rounds("import", make, async |db, round, what| {
        // Every chunk is there with its ledger entry, or not at all.
        whole::check(db).await;
        let size = i64::try_from(RECORDS).unwrap();
        let kept = count(db, "SELECT count(*) FROM record").await - round as i64 * size;
        assert!(kept >= 0 && (kept % 4_000 == 0), "{what}: {kept} of {size}");
        // Done again to the end: what was kept is unchanged, the rest follows.
        let (created, updated, unchanged) = import(db, round_records(round)).await;
        let (new, old) = if round == 0 { (created, updated) } else { (updated, created) };
        assert_eq!((new, old, unchanged), (size - kept, 0, kept), "{what}");
        let newest = count(db, "SELECT count(*) FROM employer").await;
        assert_eq!((newest, count(db, "SELECT max(version) FROM employer").await), (size, round as i64 + 1));
        assert_eq!(count(db, "SELECT min(version) FROM employer").await, round as i64 + 1, "{what}");
        assert_eq!(records::versions(db, "no", 1, 1).await.unwrap().len(), 0);
        if round + 1 == ROUNDS {
            whole::check(db).await;
        }
    })
    .await;
}

async fn publications(make: fn() -> Database) {
    rounds("publish", make, async |db, round, what| {
        let seen = count(db, "SELECT count(*) FROM publication").await;
        for employer in ["A0", "A1999", "A2000", "A19999"] {
            let found = determinations::of_employer(db, employer).await.unwrap().len() as i64;
            assert_eq!(found, seen, "{what}: {employer}");
        }
        let feed = Feed::open(db.clone()).await.unwrap();
        assert_eq!(feed.newest(), seen * i64::from(BATCH), "{what}");
        if round + 1 == ROUNDS {
            // What nobody sees stays so, and publishing goes on.
            publish(db, &material(&agency(db))).await;
            feed.catch_up().await.unwrap();
            assert_eq!(feed.newest(), (seen + 1) * i64::from(BATCH), "{what}");
            whole::check(db).await;
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_imports_sqlite() {
    imports(sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_imports_postgresql() {
    imports(postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_publications_sqlite() {
    publications(sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_publications_postgresql() {
    publications(postgres).await;
}
