//! Rate cycles: what is whole fits, and whatever is changed is found, on both databases.

mod changed;
mod forged;
mod stray;
mod unended;

use super::verified;
use crate::databases::databases;
use crate::store::{PLAN, agency, import, read, record, whole::statement};
use floatrate::cycle::{self, Choice, Options, Order, Resolution};
use floatrate::determination::{Agency, Report, verify_cycle};
use floatrate::store::tables::records::NewRecord;
use floatrate::store::{Db, Value};
use std::collections::BTreeMap;

const OFFICER: &str = "wang (officer, self-declared)";
const SECOND: &str = "liu (officer, self-declared)";
const APPROVER: &str = "chen (approver, self-declared)";
const REASON: &str = "trying it out";

/// A record that the rules cannot decide: a year of the window is missing.
fn incomplete(id: &str) -> NewRecord {
    let body = record(id, 700).body;
    let mut value: serde_json::Value = serde_json::from_slice(&body).unwrap();
    value["periods"].as_array_mut().unwrap().remove(0);
    read(&value.to_string())
}

async fn created(agency: &Agency) -> String {
    let order = Order { region: "510400".into(), plan: PLAN.into(), rating_date: "2026-01-01".into() };
    cycle::create(agency, &order, OFFICER, None).await.unwrap().cycle.id
}

async fn freeze(agency: &Agency, id: &str) {
    cycle::freeze(agency, id, &BTreeMap::new(), "", OFFICER, None).await.unwrap();
}

async fn run(agency: &Agency, id: &str) {
    cycle::run(agency, id, OFFICER, &Options::default(), &mut |_| {}).await.unwrap();
}

async fn resolve(agency: &Agency, id: &str, employer: &str, choice: Choice) {
    let resolution = Resolution::Choose(choice, "the officer's reason");
    cycle::resolve(agency, id, employer, &resolution, "", OFFICER, None).await.unwrap();
}

/// The cycles of a small city: one that went all the way, with a freeze that was made again and a run that was given
/// back; one that is rated; one that is a draft; one that was given up.
struct City {
    whole: String,
    batch: String,
    returned: String,
    rated: String,
}

async fn city(agency: &Agency) -> City {
    let db = &agency.db;
    import(db, (0..9).map(|n| record(&format!("A{n}"), n))).await;
    import(db, ["B1", "B2", "B3", "B4", "B5"].map(incomplete)).await;
    let id = created(agency).await;
    freeze(agency, &id).await;
    import(db, [record("A3", 900_000)]).await;
    freeze(agency, &id).await;
    run(agency, &id).await;
    let returned = cycle::get(db, &id).await.unwrap().running.batch;
    // What was decided before it is given back counts in the next run.
    import(db, [record("B1", 700), record("B2", 700)]).await;
    resolve(agency, &id, "B1", Choice::Record { version: 0 }).await;
    resolve(agency, &id, "B4", Choice::LeaveOut).await;
    cycle::give_back(agency, &id, "look again", "", APPROVER, None).await.unwrap();
    run(agency, &id).await;
    let batch = cycle::get(db, &id).await.unwrap().running.batch;
    resolve(agency, &id, "B2", Choice::Record { version: 2 }).await;
    resolve(agency, &id, "B3", Choice::ByHand { step: 1 }).await;
    cycle::resolve(agency, &id, "B3", &Resolution::Agree, "", SECOND, None).await.unwrap();
    resolve(agency, &id, "B5", Choice::ByHand { step: 0 }).await;
    cycle::resolve(agency, &id, "B5", &Resolution::Agree, "", SECOND, None).await.unwrap();
    cycle::approve(agency, &id, "", APPROVER, None).await.unwrap();
    assert!(verified(db, &[]).await.fits());
    cycle::publish(agency, &id, REASON, "", OFFICER, None).await.unwrap();
    cycle::close(agency, &id, "", OFFICER, None).await.unwrap();
    let rated = created(agency).await;
    freeze(agency, &rated).await;
    run(agency, &rated).await;
    resolve(agency, &rated, "B4", Choice::ByHand { step: 0 }).await;
    created(agency).await;
    let given_up = created(agency).await;
    freeze(agency, &given_up).await;
    cycle::cancel(agency, &given_up, "ordered twice", "", OFFICER, None).await.unwrap();
    City { whole: id, batch, returned, rated }
}

/// Runs a case on each database.
async fn on_each(case: impl AsyncFn(Agency)) {
    for database in databases() {
        eprintln!("on {}", database.name);
        let db = Db::open(&database.url).await.unwrap();
        case(agency(&db)).await;
        db.close().await;
    }
}

async fn of_cycle(db: &Db, id: &str) -> Option<Report> {
    verify_cycle(db, id, &[], &mut |_| ()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn cycles_fit() {
    on_each(async |agency| {
        let City { whole, rated, .. } = city(&agency).await;
        let report = verified(&agency.db, &[]).await;
        assert!(report.fits(), "{report:?}");
        let f = report.figures;
        // Two freezes, and one each of two other cycles; five items, then four, and three of the second cycle.
        assert_eq!((f.cycles, f.pins, f.review_items), (4, 4 * 14, 12), "{report:?}");
        // Nine were given back, and eleven are not published.
        assert_eq!((f.determinations, f.unpublished, f.replayed), (13, 9 + 11, 33), "{report:?}");
        let report = of_cycle(&agency.db, &whole).await.unwrap();
        let f = report.figures;
        assert!(report.fits(), "{report:?}");
        assert_eq!((f.cycles, f.pins, f.review_items, f.determinations, f.replayed), (1, 28, 9, 13, 22));
        assert!(of_cycle(&agency.db, &rated).await.unwrap().fits());
        assert!(of_cycle(&agency.db, "c1").await.is_none());
    })
    .await;
}

/// A change of one value.
enum To {
    /// One more.
    More,
    /// Another digest.
    Bit,
    /// Another text.
    Text(&'static str),
    /// Another piece of bytes.
    Piece(&'static str, &'static str),
}

/// Runs a statement that a test makes up.
async fn write(db: &Db, sql: String, values: &[Value<'_>]) {
    let mut tx = db.begin().await.unwrap();
    assert_eq!(tx.run(statement(sql.leak()), values).await.unwrap(), 1);
    tx.commit().await.unwrap();
}

enum Was {
    Number(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Was {
    fn value(&self) -> Value<'_> {
        match self {
            Self::Number(number) => Value::Int(*number),
            Self::Text(text) => Value::Text(text),
            Self::Bytes(bytes) => Value::Bytes(bytes),
        }
    }
}

/// The report with one value changed; it is changed back.
async fn flipped(db: &Db, table: &str, column: &str, place: &str, to: &To, only: Option<&str>) -> Report {
    let sql = format!("SELECT {column} FROM {table} WHERE {place}");
    let row = db.one(statement(sql.leak()), &[]).await.unwrap().unwrap_or_else(|| panic!("{table} {place}"));
    let (was, now) = match to {
        To::More => (Was::Number(row.int(0).unwrap()), Was::Number(row.int(0).unwrap() + 1)),
        To::Text(text) => (Was::Text(row.text(0).unwrap()), Was::Text((*text).to_owned())),
        To::Bit => {
            let was = row.bytes(0).unwrap();
            let mut now = was.clone();
            now[7] ^= 1;
            (Was::Bytes(was), Was::Bytes(now))
        }
        To::Piece(from, to) => {
            let was = row.bytes(0).unwrap();
            let shown = String::from_utf8(was.clone()).unwrap();
            assert!(shown.contains(from), "{table} {column}: {shown}");
            (Was::Bytes(was), Was::Bytes(shown.replacen(from, to, 1).into_bytes()))
        }
    };
    // A key that moves is found by its new value.
    let moved = match (&was, &now) {
        (Was::Text(was), Was::Text(now)) => {
            place.replacen(&format!("{column} = '{was}'"), &format!("{column} = '{now}'"), 1)
        }
        (Was::Number(was), Was::Number(now)) => {
            place.replacen(&format!("{column} = {was}"), &format!("{column} = {now}"), 1)
        }
        _ => place.to_owned(),
    };
    write(db, format!("UPDATE {table} SET {column} = $1 WHERE {place}"), &[now.value()]).await;
    let report = match only {
        None => verified(db, &[]).await,
        Some(id) => of_cycle(db, id).await.unwrap(),
    };
    write(db, format!("UPDATE {table} SET {column} = $1 WHERE {moved}"), &[was.value()]).await;
    report
}
