//! How fast records come in, against the same rows by each database's own fast path.
//!
//! `cargo bench --bench import -- [EMPLOYERS] [sqlite|postgres]` imports so many employers (100,000 where it is not said)
//! with three years each into a fresh database, the way a command does: lines are parsed and checked on all threads, and
//! kept chunk by chunk. Beside it stand the same rows by hand, in tables of the same shape: `COPY … BINARY` for PostgreSQL,
//! prepared inserts of many rows for SQLite, in chunks of the same size. Only the ratio says something: times differ from
//! machine to machine.

#[path = "../tests/it/databases.rs"]
#[allow(dead_code)]
mod databases;

use databases::{Server, sqlite};
use floatrate::employer::{Intake, Outcome};
use floatrate::exchange::{Charset, jsonl, jsonl::Lines};
use floatrate::plans;
use floatrate::store::tables::records::NewRecord;
use floatrate::store::{Db, StoreError};
use floatrate::synth::{Format, SynthOptions, write};
use floatrate::{pipeline, store};
use floatrate_engine::record::Declared;
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Executor, PgConnection, SqliteConnection};
use std::io::BufReader;
use std::path::Path;
use std::str::FromStr;
use std::time::Instant;

/// Rows of a chunk, as in an import.
const CHUNK: usize = 4_000;
/// Rows of one insert by hand.
const ROWS: usize = 200;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with("--")).collect();
    let employers = words.iter().find_map(|a| a.parse().ok()).unwrap_or(100_000);
    let wanted = |name: &str| !words.iter().any(|a| a.parse::<u64>().is_err() && a != name);
    let folder = tempfile::tempdir().unwrap();
    let options =
        SynthOptions { employers, seed: 1, region: "510400".into(), first_year: 2023, last_year: 2025 };
    let file = write(&options, folder.path(), Format::Jsonl).unwrap().files.remove(0);
    let declared = plans::to_rate(None).unwrap_or_else(|why| panic!("{}", why.text())).declared().clone();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let rows = rows(&file, &declared);
    let bytes: usize = rows.iter().map(|row| row.body.len()).sum();
    println!("{employers} employers of {} bytes", bytes / rows.len().max(1));
    if wanted("sqlite") {
        let (ours, raw) = (sqlite(), sqlite());
        let ours = import(&runtime, &ours.url, &file, &declared, employers);
        say("SQLite", employers, ours, timed(|| runtime.block_on(raw_sqlite(&raw.url, &rows))));
    }
    if wanted("postgres") {
        let server = Server::start(&["max_wal_size=4GB", "shared_buffers=256MB"]);
        let ours = import(&runtime, &server.create(), &file, &declared, employers);
        let raw = server.create();
        say("PostgreSQL", employers, ours, timed(|| runtime.block_on(raw_postgres(&raw, &rows))));
    }
}

fn say(name: &str, employers: u64, ours: f64, raw: f64) {
    let rate = |seconds: f64| (employers as f64 / seconds).round();
    println!(
        "{name}: import {} records/s, by hand {} records/s, ratio {:.2}",
        rate(ours),
        rate(raw),
        ours / raw
    );
}

fn timed(run: impl FnOnce()) -> f64 {
    let start = Instant::now();
    run();
    start.elapsed().as_secs_f64()
}

/// Every record of the file as it is kept, for the rows by hand.
fn rows(file: &Path, declared: &Declared) -> Vec<NewRecord> {
    let lines = Lines::new(BufReader::new(std::fs::File::open(file).unwrap()));
    let read = |line: std::io::Result<jsonl::Line>| {
        let input = jsonl::parse(&line.unwrap(), Charset::Utf8);
        Intake::read(1, &input.form.unwrap(), declared).unwrap()
    };
    lines.map(read).collect()
}

/// The seconds that an import of the file takes.
fn import(
    runtime: &tokio::runtime::Runtime,
    url: &str,
    file: &Path,
    declared: &Declared,
    employers: u64,
) -> f64 {
    let db = runtime.block_on(Db::open(url)).unwrap();
    let mut outcome = Outcome::default();
    let seconds = timed(|| {
        let mut intake = runtime.block_on(Intake::begin(Some(&db), "bench", "bench")).unwrap();
        let lines = Lines::new(BufReader::new(std::fs::File::open(file).unwrap()));
        let batches = lines.batches().map(|b| b.map_err(|why| StoreError::Unavailable(why.to_string())));
        let threads = std::thread::available_parallelism().map_or(2, Into::into);
        let work = |batch: Vec<jsonl::Line>| {
            let read = |line: &jsonl::Line| {
                let number = i64::try_from(line.number).unwrap();
                Intake::read(number, &jsonl::parse(line, Charset::Utf8).form.unwrap(), declared)
            };
            batch.iter().map(read).collect::<Vec<_>>()
        };
        pipeline::ordered(threads, batches, work, |read| {
            runtime.block_on(async {
                for one in read {
                    intake.add(one).await?;
                }
                Ok(())
            })
        })
        .unwrap();
        outcome = runtime.block_on(intake.end(None)).unwrap().0;
    });
    assert_eq!(outcome.created, i64::try_from(employers).unwrap());
    runtime.block_on(db.close());
    seconds
}

/// The statements that make the tables.
fn tables(postgres: bool) -> &'static str {
    let (_, _, for_sqlite, for_postgres) = store::MIGRATIONS[0];
    if postgres { for_postgres } else { for_sqlite }
}

async fn raw_sqlite(url: &str, rows: &[NewRecord]) {
    use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
    let options = SqliteConnectOptions::from_str(url).unwrap().create_if_missing(true);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    let mut connection: SqliteConnection = options.pragma("cache_size", "-65536").connect().await.unwrap();
    connection.execute(tables(false)).await.unwrap();
    let insert = |table: &str, columns: usize, rows: usize| {
        let row = format!("({})", vec!["?"; columns].join(","));
        AssertSqlSafe(format!("INSERT INTO {table} VALUES {}", vec![row; rows].join(",")))
    };
    for chunk in rows.chunks(CHUNK) {
        let mut tx = connection.begin().await.unwrap();
        for part in chunk.chunks(ROWS) {
            let mut records = sqlx::query(insert("record", 7, part.len()));
            let mut employers = sqlx::query(insert("employer", 4, part.len()));
            for row in part {
                let (id, region, digest) = (row.employer_id.as_str(), row.region.as_str(), &row.digest[..]);
                records = records.bind(id).bind(1_i64).bind(region).bind(digest).bind(row.body.as_slice());
                records = records.bind("i").bind(1_i64);
                employers = employers.bind(id).bind(1_i64).bind(region).bind(digest);
            }
            records.execute(&mut *tx).await.unwrap();
            employers.execute(&mut *tx).await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    connection.close().await.unwrap();
}

async fn raw_postgres(url: &str, rows: &[NewRecord]) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    connection.execute(tables(true)).await.unwrap();
    let field = |out: &mut Vec<u8>, bytes: &[u8]| {
        out.extend_from_slice(&i32::try_from(bytes.len()).unwrap().to_be_bytes());
        out.extend_from_slice(bytes);
    };
    let begin = |columns: i16| (b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec(), columns.to_be_bytes());
    for chunk in rows.chunks(CHUNK) {
        let (mut records, seven) = begin(7);
        let (mut employers, four) = begin(4);
        for row in chunk {
            records.extend_from_slice(&seven);
            employers.extend_from_slice(&four);
            for out in [&mut records, &mut employers] {
                field(out, row.employer_id.as_bytes());
                field(out, &1_i64.to_be_bytes());
                field(out, row.region.as_bytes());
                field(out, &row.digest);
            }
            field(&mut records, &row.body);
            field(&mut records, b"i");
            field(&mut records, &1_i64.to_be_bytes());
        }
        let mut tx = connection.begin().await.unwrap();
        for (table, mut out) in [("record", records), ("employer", employers)] {
            out.extend_from_slice(&(-1_i16).to_be_bytes());
            let mut copy = tx.copy_in_raw(&format!("COPY {table} FROM STDIN (FORMAT binary)")).await.unwrap();
            copy.send(out).await.unwrap();
            copy.finish().await.unwrap();
        }
        tx.commit().await.unwrap();
    }
    connection.close().await.unwrap();
}
