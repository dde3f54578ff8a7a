//! Facts as of the rating date: a value, or a list of dated spans, both ends included.

use rust_decimal::Decimal;
use serde_json::Value;

use super::calendar::{Span, read};
use super::plans::Plan;
use super::tally::text;

/// The value as of the rating date, if the record has one.
pub fn fact<'a>(record: &'a Value, rating_date: &str, name: &str) -> Option<&'a Value> {
    let value = record.get("facts")?.get(name)?;
    let Some(spans) = value.as_array() else {
        return Some(value);
    };
    for span in spans {
        let dates = Span {
            first: span["from"].as_str().map_or(i64::MIN, read),
            last: span["to"].as_str().map_or(i64::MAX, read),
        };
        if dates.holds(read(rating_date)) {
            return Some(&span["value"]);
        }
    }
    None
}

/// A fact left out is false.
pub fn is_true(record: &Value, rating_date: &str, name: &str) -> bool {
    fact(record, rating_date, name).is_some_and(|value| value.as_bool().expect("the fact is true or false"))
}

/// A fact left out is 0.
pub fn number(record: &Value, rating_date: &str, name: &str) -> Decimal {
    let read = |value: &Value| text(value).parse().expect("the fact is a decimal");
    fact(record, rating_date, name).map_or(Decimal::ZERO, read)
}

/// The plan's facts that the record lacks as of the rating date, by name.
pub fn assumed(plan: Plan, record: &Value, rating_date: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for name in plan.facts() {
        if fact(record, rating_date, name).is_none() {
            names.push((*name).to_owned());
        }
    }
    names.sort();
    names
}

#[test]
fn a_fact_holds_from_its_first_day_to_its_last() {
    let record = serde_json::json!({"facts": {
        "arrears_months": [
            {"from": "2020-01-01", "to": "2022-12-31", "value": "2.5"},
            {"from": "2024-01-01", "to": "2026-12-31", "value": "0"}],
        "blacklisted": true}});
    let months = |date| number(&record, date, "arrears_months").to_string();
    assert_eq!(months("2019-12-31"), "0");
    assert_eq!(months("2020-01-01"), "2.5");
    assert_eq!(months("2022-12-31"), "2.5");
    assert!(fact(&record, "2023-06-01", "arrears_months").is_none());
    assert!(is_true(&record, "2026-01-01", "blacklisted"));
    assert!(!is_true(&record, "2026-01-01", "fraud"));
    assert_eq!(
        assumed(Plan::Panzhihua, &record, "2023-01-01"),
        ["arrears_months", "concealed_payroll", "fraud", "uncorrected_hazard"]
    );
}
