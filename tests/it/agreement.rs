//! The engine against the oracle, and against itself: widths, chunks and threads must not matter.

use crate::oracle::{self, Expected, JIANGSU, PANZHIHUA, SHENZHEN};
use floatrate::exchange::json;
use floatrate::plans;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::rating::{Outcome, Rater, Width};
use floatrate_engine::record::Record;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

pub const CASES: [(&str, &str); 3] =
    [(PANZHIHUA, "2026-01-01"), (SHENZHEN, "2022-03-01"), (JIANGSU, "2025-01-01")];

pub fn catalog() -> Catalog {
    plans::load(None).unwrap_or_else(|why| panic!("{}", why.text()))
}

pub fn rater(catalog: &Catalog, plan: &str, date: &str) -> Rater {
    let program = catalog.plan(plan).unwrap().compile(date.parse().unwrap()).unwrap();
    Rater::new(Arc::new(program))
}

pub fn record(catalog: &Catalog, value: &Value) -> Record {
    let form = json::parse(&value.to_string()).unwrap();
    Record::from_form(&form, catalog.declared())
        .unwrap_or_else(|violations| panic!("{violations:?}\n{value}"))
}

/// The engine's outcome in the oracle's words.
fn in_words(catalog: &Catalog, plan: &str, outcome: &Outcome) -> Expected {
    let checked = &catalog.plan(plan).unwrap().checked;
    let v = &outcome.verdict;
    let text = |d: Option<floatrate_engine::number::Decimal>| d.map(|d| d.to_string());
    Expected {
        status: v.status.name().to_owned(),
        risk_class: v.risk_class,
        base_rate: text(v.base_rate),
        step: v.step,
        tier: text(v.tier),
        rate: text(v.rate),
        unlimited_rate: text(v.unlimited_rate),
        components: outcome.components.iter().map(|(r, s)| (r.name(checked), *s)).collect(),
        reasons: outcome.reasons.iter().map(|r| r.name(checked)).collect(),
        measures: outcome.measures.iter().cloned().collect::<BTreeMap<_, _>>(),
        assumed: outcome.assumed.clone(),
    }
}

fn agree(catalog: &Catalog, plan: &str, date: &str, values: &[Value], label: impl Fn(usize) -> String) {
    let records: Vec<Record> = values.iter().map(|v| record(catalog, v)).collect();
    let mut rater = rater(catalog, plan, date);
    let chunk = rater.rate(&records);
    for (at, value) in values.iter().enumerate() {
        let ours = in_words(catalog, plan, &chunk.outcome(at));
        let theirs = oracle::rate(plan, date, value);
        assert_eq!(ours, theirs, "{plan} {}\n{value}", label(at));
    }
}

#[test]
fn the_oracle_agrees_on_100_000_records_a_plan() {
    const RECORDS: u64 = 100_000;
    const SEED: u64 = 20_261_124;
    let catalog = catalog();
    for (plan, date) in CASES {
        for first in (0..RECORDS).step_by(1000) {
            let values: Vec<Value> =
                (first..first + 1000).map(|i| oracle::record(plan, date, SEED, i)).collect();
            agree(&catalog, plan, date, &values, |at| format!("seed {SEED}, record {}", first + at as u64));
        }
    }
}

#[test]
fn the_oracle_agrees_at_every_bound_of_every_class() {
    let catalog = catalog();
    for (plan, _) in CASES {
        let cases = oracle::boundary_cases(plan);
        assert!(cases.len() >= 100, "{plan}: {}", cases.len());
        for (label, value, date) in cases {
            agree(&catalog, plan, &date, &[value], |_| label.clone());
        }
    }
}

#[test]
fn widths_and_chunks_do_not_matter() {
    let catalog = catalog();
    for (plan, date) in CASES {
        let values: Vec<Value> = (0..3000).map(|i| oracle::record(plan, date, 7, i)).collect();
        let records: Vec<Record> = values.iter().map(|v| record(&catalog, v)).collect();
        let run = |width: Width, size: usize| -> Vec<Outcome> {
            let mut rater = rater(&catalog, plan, date).at_least(width);
            let mut out = Vec::new();
            for part in records.chunks(size) {
                let chunk = rater.rate(part);
                out.extend((0..part.len()).map(|at| chunk.outcome(at)));
            }
            out
        };
        let expected = run(Width::W64, 1);
        for (width, size) in
            [(Width::W64, 7), (Width::W64, 1024), (Width::W128, 1024), (Width::Big, 1), (Width::Big, 1024)]
        {
            assert!(run(width, size) == expected, "{plan}: {width:?} in chunks of {size}");
        }
    }
}

/// Ordinary amounts stay in the fast path; amounts at the contract's bounds leave it and stay exact.
#[test]
fn the_width_follows_the_amounts() {
    let catalog = catalog();
    let widths = |values: &[Value]| {
        let records: Vec<Record> = values.iter().map(|v| record(&catalog, v)).collect();
        rater(&catalog, PANZHIHUA, "2026-01-01").rate(&records).width()
    };
    let with_amount = |amount: u64| {
        let month = |m: u64| {
            let start = format!("{}-{:02}-01", 2023 + m / 12, m % 12 + 1);
            let end = if m % 12 == 11 {
                format!("{}-12-31", 2023 + m / 12)
            } else {
                format!("{}-{:02}-28", 2023 + m / 12, m % 12 + 1)
            };
            serde_json::json!({"start": start, "end": end, "contributions_paid": amount})
        };
        serde_json::json!({
            "employer": {"id": "E1", "risk_class": 8, "insured_since": "2010-01-01"},
            "periods": (0..36).map(month).collect::<Vec<_>>(),
            "claims": [{"id": "c", "date": "2024-05-05", "cause": "work_accident", "outcome": "temporary",
                        "benefits_paid": amount}],
        })
    };
    assert_eq!(widths(&[with_amount(2_344_600)]), Width::W64);
    assert_eq!(widths(&[with_amount(999_999_999_999_999_999)]), Width::W128);
}
