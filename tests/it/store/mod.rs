//! What is kept, on both databases: every case is written once and runs on each.

mod collecting;
pub(crate) mod determinations;
mod faults;
mod objections;
mod records;
mod schema;
mod successions;
pub(crate) mod whole;

use crate::databases::{Database, databases};
use floatrate::determination::{Agency, Order, create};
use floatrate::employer::{Intake, Outcome};
use floatrate::exchange::json;
use floatrate::plans;
use floatrate::problem::Problem;
use floatrate::store::Db;
use floatrate::store::tables::records::NewRecord;
use floatrate_engine::record::Declared;
use std::sync::{Arc, OnceLock};

pub(crate) const PLAN: &str = "cn-510400-2021";

/// Runs a case on each database, opened.
pub(crate) async fn on_each(case: impl AsyncFn(Db, &Database)) {
    for database in databases() {
        eprintln!("on {}", database.name);
        let db = Db::open(&database.url).await.unwrap();
        case(db.clone(), &database).await;
        whole::check(&db).await;
        db.close().await;
    }
}

fn library() -> &'static Arc<plans::Library> {
    static LIBRARY: OnceLock<Arc<plans::Library>> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let mut texts = plans::embedded();
        texts.retain(|path, _| path.starts_with("cn/") && !path.ends_with("examples.toml"));
        let catalog = plans::catalog(&texts).unwrap_or_else(|why| panic!("{}", why.text()));
        Arc::new(plans::Library { catalog, texts })
    })
}

pub(crate) fn declared() -> &'static Declared {
    library().catalog.declared()
}

pub(crate) fn agency(db: &Db) -> Agency {
    Agency::new(db.clone(), Arc::clone(library()))
}

/// A record of an employer with so much benefits in 2025, in fen; another amount is another content.
pub(crate) fn record(id: &str, benefits: i64) -> NewRecord {
    let period = |year| {
        format!(
            r#"{{"start":"{year}-01-01","end":"{year}-12-31","payroll":1000000,"contributions_due":10000,"contributions_paid":10000,"headcount":"4","months_insured":12}}"#
        )
    };
    let text = format!(
        r#"{{"employer":{{"id":"{id}","region":"510400","risk_class":3,"insured_since":"2015-03-01"}},"periods":[{},{},{}],
            "claims":[{{"id":"1","date":"2025-05-04","cause":"work_accident","outcome":"temporary","benefits_paid":{benefits}}}]}}"#,
        period(2023),
        period(2024),
        period(2025)
    );
    read(&text)
}

pub(crate) fn read(text: &str) -> NewRecord {
    Intake::read(1, &json::parse(text).unwrap(), declared()).unwrap_or_else(|why| panic!("{why:?}"))
}

pub(crate) async fn import(db: &Db, records: impl IntoIterator<Item = NewRecord>) -> Outcome {
    let mut intake = Intake::begin(Some(db), "test", "officer").await.unwrap();
    for record in records {
        intake.add(Ok(record)).await.unwrap();
    }
    intake.end(None).await.unwrap().0
}

/// An order for an employer from a day of 2026 on.
pub(crate) fn order(employer_id: &str, from: &str) -> Order {
    Order {
        employer_id: employer_id.to_owned(),
        plan: PLAN.to_owned(),
        rating_date: "2026-01-01".to_owned(),
        from: from.to_owned(),
        cause: "redetermination".to_owned(),
        accept_illustrative: "test".to_owned(),
        ..Order::default()
    }
}

/// Makes a determination; its id.
async fn determine(agency: &Agency, employer_id: &str, from: &str) -> String {
    create(agency, &order(employer_id, from), "officer", None).await.unwrap().id
}

/// The fields of a refused request.
fn fields(why: &Problem) -> Vec<(&str, &str)> {
    match why {
        Problem::Fields(fields) => fields.iter().map(|f| (f.field.as_str(), &*f.reason)).collect(),
        other => panic!("{other:?}"),
    }
}
