//! The cases of Taiwan: percentages at whole marks of ten points.

use super::case::{Case, minor};
use super::world::{Answer, World, claim, employer};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Three calendar years, with 1,000,000.00 dollars due in all.
fn rate(world: &World, plan: &str, year: i64, ratio_pct: Decimal, facts: Value) -> Answer {
    let periods = vec![json!({
        "start": format!("{}-01-01", year - 4), "end": format!("{}-12-31", year - 2), "months_insured": 36,
        "headcount": "500", "contributions_due": 100_000_000,
    })];
    let paid = minor(ratio_pct * Decimal::from(10_000), 2);
    let claims = vec![claim(1, &format!("{}-05-02", year - 3), "temporary", paid)];
    world.rate(plan, &format!("{year}-01-01"), &employer(periods, claims, facts))
}

fn percent(case: &Case, name: &str, answer: &Answer) {
    case.require(answer.status == "rated", || format!("it is {}: {:?}", answer.status, answer.reasons));
    case.is(name, Some(Decimal::from(answer.step * 5)));
    case.is(name, answer.tier().map(|tier| (tier - Decimal::ONE) * Decimal::ONE_HUNDRED));
    case.is(name, answer.rate().map(|rate| (rate - Decimal::ONE) * Decimal::ONE_HUNDRED));
}

fn grade(grade: Decimal) -> Value {
    json!({ "safety_grade": grade.normalize().to_string() })
}

/// Grade 3 adds nothing.
pub fn by_ratio(world: &World, case: &Case) {
    let answer = rate(world, "tw-merit-2022", 2026, case.number("ratio_pct"), grade(Decimal::from(3)));
    percent(case, "ratio_adjust_pct", &answer);
}

/// A ratio of 70 % adds nothing.
pub fn by_grade(world: &World, case: &Case) {
    let answer = rate(world, "tw-merit-2022", 2026, Decimal::from(70), grade(case.number("grade")));
    percent(case, "osh_adjust_pct", &answer);
}

pub fn by_both(world: &World, case: &Case) {
    let answer = rate(world, "tw-merit-2022", 2026, case.number("ratio_pct"), grade(case.number("grade")));
    percent(case, "total_adjust_pct", &answer);
}

pub fn before_2022(world: &World, case: &Case) {
    let answer = rate(world, "tw-merit-2011", 2020, case.number("ratio_pct"), json!({}));
    percent(case, "adjust_pct", &answer);
}
