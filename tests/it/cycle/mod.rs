//! The annual rate cycle, on both databases: its life, its work list, its runners, its report.

mod faults;
pub(crate) mod kills;
mod life;
mod report;
mod review;
mod runners;
mod years;

use crate::databases::{Database, databases};
use crate::store::{PLAN, agency, import, read, record, whole};
use floatrate::cycle::{self, Options, Order, Progress, Standing};
use floatrate::determination::{Agency, verify};
use floatrate::problem::Problem;
use floatrate::store::Db;
use floatrate::store::tables::records::NewRecord;
use floatrate::synth::{self, SynthOptions};
use std::collections::BTreeMap;

const OFFICER: &str = "wang (officer, self-declared)";
const SECOND: &str = "liu (officer, self-declared)";
const APPROVER: &str = "chen (approver, self-declared)";
const DATE: &str = "2026-01-01";
const REASON: &str = "trying it out";

/// Runs a case on each database; afterwards everything has to fit.
async fn on_each(case: impl AsyncFn(Agency, &Database)) {
    for database in databases() {
        eprintln!("on {}", database.name);
        let db = Db::open(&database.url).await.unwrap();
        case(agency(&db), &database).await;
        whole::check(&db).await;
        let report = verify(&db, &[], &mut |_| {}).await.unwrap();
        assert!(report.misfit.is_none(), "{:?}", report.misfit);
        db.close().await;
    }
}

/// Employers of a city as `floatrate synth` makes them.
fn city(employers: u64, seed: u64) -> Vec<NewRecord> {
    let options =
        SynthOptions { employers, seed, region: "510400".into(), first_year: 2023, last_year: 2025 };
    synth::records(&options).map(|record| read(&serde_json::to_string(&record).unwrap())).collect()
}

/// A record that the rules cannot decide: a year of the window is missing.
fn incomplete(id: &str) -> NewRecord {
    let whole = record(id, 700);
    let text = String::from_utf8(whole.body).unwrap();
    let mut value: serde_json::Value = serde_json::from_str(&text).unwrap();
    value["periods"].as_array_mut().unwrap().remove(0);
    read(&value.to_string())
}

fn order() -> Order {
    Order { region: "510400".into(), plan: PLAN.into(), rating_date: DATE.into() }
}

async fn created(agency: &Agency) -> String {
    cycle::create(agency, &order(), OFFICER, None).await.unwrap().cycle.id
}

async fn freeze(agency: &Agency, id: &str) -> Standing {
    cycle::freeze(agency, id, &BTreeMap::new(), "", OFFICER, None).await.unwrap()
}

async fn frozen(agency: &Agency) -> String {
    let id = created(agency).await;
    freeze(agency, &id).await;
    id
}

async fn run(agency: &Agency, id: &str) -> Result<Standing, Problem> {
    cycle::run(agency, id, OFFICER, &Options::default(), &mut |_: Progress| {}).await
}

async fn rated(agency: &Agency) -> String {
    let id = frozen(agency).await;
    run(agency, &id).await.unwrap();
    id
}

async fn approve(agency: &Agency, id: &str) -> Result<Standing, Problem> {
    cycle::approve(agency, id, "", APPROVER, None).await
}

async fn publish(agency: &Agency, id: &str) -> Result<Standing, Problem> {
    cycle::publish(agency, id, REASON, "", OFFICER, None).await
}

/// Digest of the results of a cycle that was rated.
fn digest(standing: &Standing) -> String {
    standing.cycle.rated.as_ref().unwrap().results_digest.clone()
}

/// A number that a statement finds.
async fn count(db: &Db, sql: &'static str) -> i64 {
    db.one(whole::statement(sql), &[]).await.unwrap().unwrap().int(0).unwrap()
}
