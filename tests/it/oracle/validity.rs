//! Generated records and boundary cases keep to the contract: no refused line among them.

use std::collections::BTreeMap;

use serde_json::Value;

use super::calendar::{civil, read, whole_months};
use super::tally::{rows, text};
use super::{JIANGSU, PANZHIHUA, SHENZHEN, boundary_cases, rate, record};

const MOST_FEN: u64 = 999_999_999_999_999_999;

pub fn check(record: &Value) {
    let employer = &record["employer"];
    let insured_since = read(text(&employer["insured_since"]));
    if let Some(first_insured) = employer["first_insured"].as_str() {
        assert!(read(first_insured) <= insured_since, "first insured after the present insurance");
    }
    let (_, _, day_of_month) = civil(insured_since);
    let mut spans_by_class: BTreeMap<&str, Vec<(i64, i64)>> = BTreeMap::new();
    for period in rows(record, "periods") {
        let (first, last) = (read(text(&period["start"])), read(text(&period["end"])));
        assert!(first <= last, "a period ends before it begins");
        assert!(first > insured_since - day_of_month, "a period begins before the month of joining");
        let months = period["months_insured"].as_u64().unwrap_or(0) as i64;
        assert!(months <= whole_months(first, last) + 1, "more months insured than the period touches");
        let spans = spans_by_class.entry(period["class"].as_str().unwrap_or_default()).or_default();
        assert!(spans.iter().all(|&(f, l)| last < f || l < first), "periods of a class overlap");
        spans.push((first, last));
        for amount in ["payroll", "contributions_due", "contributions_paid"] {
            assert!(period[amount].as_u64().unwrap_or(0) <= MOST_FEN);
        }
    }
    assert!(!spans_by_class.contains_key("") || spans_by_class.len() == 1, "classes are given or not");
    for claim in rows(record, "claims") {
        let date = read(text(&claim["date"]));
        assert!(date >= insured_since, "an injury before the insurance");
        assert!(claim["paid_on"].as_str().is_none_or(|paid_on| read(paid_on) >= date));
        assert!(claim["benefits_paid"].as_u64().expect("an amount") <= MOST_FEN);
    }
    if let Some(facts) = record["facts"].as_object() {
        for spans in facts.values().filter_map(Value::as_array) {
            let mut free_from = 0;
            for span in spans {
                let (from, to) = (read(text(&span["from"])), read(text(&span["to"])));
                assert!(free_from <= from && from <= to, "spans of a fact overlap");
                free_from = to + 1;
            }
        }
    }
}

#[test]
fn records_are_valid() {
    for (plan, date) in [(PANZHIHUA, "2026-01-01"), (SHENZHEN, "2022-03-01"), (JIANGSU, "2025-01-01")] {
        for i in 0..5_000 {
            let record = record(plan, date, 2, i);
            let result = std::panic::catch_unwind(|| check(&record));
            assert!(result.is_ok(), "{plan}, seed 2, record {i}: {record}");
        }
        for (_, record, _) in boundary_cases(plan) {
            check(&record);
        }
    }
}

#[test]
fn every_legal_rating_date_works() {
    let years = |plan, month, years: &[i64]| -> Vec<(&str, String)> {
        years.iter().map(|year| (plan, format!("{year}-{month}-01"))).collect()
    };
    let mut dates = years(PANZHIHUA, "01", &[2022, 2024, 2025, 2028]);
    dates.extend(years(SHENZHEN, "03", &[2018, 2020, 2022]));
    dates.extend(years(JIANGSU, "01", &[2025, 2027, 2029]));
    for (plan, date) in dates {
        let mut count_rated = 0;
        for i in 0..300 {
            let record = record(plan, &date, 3, i);
            check(&record);
            count_rated += usize::from(rate(plan, &date, &record).status == "rated");
        }
        assert!(count_rated > 120, "{plan} on {date}: {count_rated} of 300 are rated");
    }
}
