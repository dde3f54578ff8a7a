//! The engine against the oracle, and against itself: widths, chunks and threads must not matter.

use crate::oracle::{
    self, Expected, HAINAN, HUAINAN, JIANGSU, PANZHIHUA, PUYANG, SHENYANG, SHENZHEN, U1, U2, YANTAI,
    ZHENGZHOU,
};
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

/// The plans of calendar years, each at a rating date on which nothing else begins or ends.
pub const YEARLY: [(&str, &str); 8] = [
    (SHENYANG, "2021-01-01"),
    (HAINAN, "2022-01-01"),
    (YANTAI, "2014-01-01"),
    (ZHENGZHOU, "2016-07-01"),
    (HUAINAN, "2013-01-01"),
    (PUYANG, "2015-01-01"),
    (U1, "2021-01-01"),
    (U2, "2021-01-01"),
];

fn all_cases() -> impl Iterator<Item = (&'static str, &'static str)> {
    CASES.into_iter().chain(YEARLY)
}

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
        charged: outcome.charged.iter().map(|(from, rate)| (from.to_string(), rate.to_string())).collect(),
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
        let ours = oracle::comparable(plan, in_words(catalog, plan, &chunk.outcome(at)));
        let theirs = oracle::rate(plan, date, value);
        assert_eq!(ours, theirs, "{plan} on {date}, {}\n{value}", label(at));
    }
}

/// 100,000 records a plan; tests of their own so that they run side by side.
fn agree_on_100_000_records(plan: &str) {
    const RECORDS: u64 = 100_000;
    const SEED: u64 = 20_261_124;
    let catalog = catalog();
    let (plan, date) = all_cases().find(|(id, _)| *id == plan).unwrap();
    for first in (0..RECORDS).step_by(1000) {
        let values: Vec<Value> = (first..first + 1000).map(|i| oracle::record(plan, date, SEED, i)).collect();
        agree(&catalog, plan, date, &values, |at| format!("seed {SEED}, record {}", first + at as u64));
    }
}

macro_rules! the_oracle_agrees_on_100_000_records {
    ($($test:ident of $plan:ident,)*) => {
        mod the_oracle_agrees_on_100_000_records_of {
            $(#[test]
            fn $test() {
                super::agree_on_100_000_records(super::$plan);
            })*

            #[test]
            fn every_plan() {
                let named = [$(super::$plan,)*];
                let catalog = super::catalog();
                let rated = catalog.plans().filter(|plan| plan.checked.first_rating_date().is_some());
                let chinese = rated.map(|plan| plan.checked.id.as_str()).filter(|id| id.starts_with("cn-"));
                for id in chinese.filter(|id| !crate::regression_plans::PLANS.contains(id)) {
                    assert!(named.contains(&id), "no test compares {id} with the oracle");
                }
                assert!(super::all_cases().all(|(id, _)| named.contains(&id)));
            }
        }
    };
}

the_oracle_agrees_on_100_000_records! {
    panzhihua of PANZHIHUA,
    shenzhen of SHENZHEN,
    jiangsu of JIANGSU,
    shenyang of SHENYANG,
    hainan of HAINAN,
    yantai of YANTAI,
    zhengzhou of ZHENGZHOU,
    huainan of HUAINAN,
    puyang of PUYANG,
    u1 of U1,
    u2 of U2,
}

/// The same rules on other rating dates, where windows begin in leap years and end elsewhere.
#[test]
fn the_oracle_agrees_on_other_dates() {
    let catalog = catalog();
    for (plan, date) in [
        (SHENYANG, "2025-01-01"),
        (HAINAN, "2018-01-01"),
        (YANTAI, "2015-01-01"),
        (YANTAI, "2025-01-01"),
        (ZHENGZHOU, "2017-07-01"),
        (HUAINAN, "2015-01-01"),
        (PUYANG, "2013-01-01"),
        (U1, "2025-01-01"),
        (U2, "2025-01-01"),
    ] {
        let values: Vec<Value> = (0..3000).map(|i| oracle::record(plan, date, 9, i)).collect();
        agree(&catalog, plan, date, &values, |at| format!("seed 9, record {at}"));
    }
}

#[test]
fn the_oracle_agrees_at_every_bound_of_every_class() {
    let catalog = catalog();
    for (plan, _) in all_cases() {
        let cases = oracle::boundary_cases(plan);
        assert!(cases.len() >= 100, "{plan}: {}", cases.len());
        for (label, value, date) in cases {
            agree(&catalog, plan, &date, &[value], |_| label.clone());
        }
    }
}

/// Every combination of a small grid of raw facts, not a sample of them.
fn agree_on_a_small_world(plan: &str, least: usize) {
    let catalog = catalog();
    let (plan, date) = YEARLY.into_iter().find(|(id, _)| *id == plan).unwrap();
    let (mut lines, mut values, mut count) = (Vec::new(), Vec::new(), 0);
    let mut compare = |lines: &mut Vec<String>, values: &mut Vec<Value>| {
        agree(&catalog, plan, date, values, |at| lines[at].clone());
        count += values.len();
        lines.clear();
        values.clear();
    };
    oracle::worlds(plan, date, |line, value| {
        lines.push(line);
        values.push(value);
        if values.len() == 1000 {
            compare(&mut lines, &mut values);
        }
    });
    compare(&mut lines, &mut values);
    assert!(count >= least, "{plan}: {count} records");
}

#[test]
fn the_oracle_agrees_on_the_whole_small_world_of_hainan() {
    agree_on_a_small_world(HAINAN, 30_000);
}

#[test]
fn the_oracle_agrees_on_the_whole_small_world_of_puyang() {
    agree_on_a_small_world(PUYANG, 30_000);
}

/// The engine against the hand, with no oracle between.
#[test]
fn the_engine_gives_what_the_hand_gives() {
    let catalog = catalog();
    let cases = oracle::by_hand();
    assert!(cases.len() > 160, "{}", cases.len());
    let mut wrong = Vec::new();
    for (plan, date, value, by_hand) in cases {
        let mut rater = rater(&catalog, plan, date);
        let outcome = rater.rate(&[record(&catalog, &value)]).outcome(0);
        let found = oracle::in_short(&oracle::comparable(plan, in_words(&catalog, plan, &outcome)));
        if found != by_hand {
            wrong.push(format!("{plan}: by hand {by_hand}, found {found}\n{value}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table of china.md section 7: one employer with quarterly periods, seven plans.
#[test]
fn one_employer_under_seven_plans() {
    let catalog = catalog();
    for (plan, date, step, tier, _) in oracle::SEVEN {
        let value = oracle::employer_of_seven(plan);
        let mut rater = rater(&catalog, plan, date);
        let outcome = rater.rate(&[record(&catalog, &value)]).outcome(0);
        let found = (outcome.verdict.step, outcome.verdict.tier.unwrap().to_string());
        assert_eq!(found, (step, tier.to_owned()), "{plan}");
        agree(&catalog, plan, date, &[value], |_| "section 7".to_owned());
    }
}

#[test]
fn widths_and_chunks_do_not_matter() {
    let catalog = catalog();
    for (plan, date) in all_cases() {
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
