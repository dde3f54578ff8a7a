//! The eight plans whose windows are calendar years. decisions.md does not name their rows, vetoes and rules, so of the
//! reasons only the kinds that it fixes are compared ([`comparable`]).
//!
//! ```text
//! words ("class=4 paid=1000 benefits=1200") -> record        by_hand, bounds, worlds
//! seed and number                           -> record        generate
//! ```

mod bounds;
mod by_hand;
mod by_hand_eight;
mod by_hand_three;
mod claims;
mod coverage;
mod generate;
mod periods;
mod rates;
mod rules;
mod words;
mod worlds;

use rust_decimal::Decimal;
use serde_json::Value;

use super::Expected;
use super::decimal_text;
use super::plans::Plan;
use super::tally::Tally;

pub use bounds::boundary_cases;
pub use by_hand::in_short;
pub use generate::record;
pub use worlds::worlds;

/// Plan, rating date, record and the answer by hand of every row of the tables.
pub fn by_hand() -> Vec<(&'static str, &'static str, Value, &'static str)> {
    let tables = by_hand::TABLES.into_iter();
    let cases = tables.flat_map(|(plan, date, table)| {
        by_hand::rows(table)
            .into_iter()
            .map(move |(line, answer)| (plan, date, words::record(Plan::named(plan), date, line), answer))
    });
    cases.collect()
}

pub use rates::{charged, start};

/// A record whose class is known, whose insured time is enough, and whose window is in order.
pub fn rate(plan: Plan, rating_date: &str, record: &Value, class: u8, now: &Tally, expected: &mut Expected) {
    let payout = now.payout_ratio(plan, class).expect("the payout ratio is defined");
    let step = rules::Case { plan, rating_date, record, class, now, payout }.step();
    let unlimited_rate = rates::unlimited_rate(plan, rating_date, record, class, step.step);
    let floor = rates::floor(plan, class).unwrap_or(Decimal::MIN);
    let cap = rates::cap(plan, class).unwrap_or(Decimal::MAX);
    let rate = unlimited_rate.max(floor).min(cap);

    expected.status = "rated".to_owned();
    expected.step = step.step;
    expected.tier = Some(decimal_text(rates::shown_tier(plan, class, step.step, rate)));
    expected.unlimited_rate = Some(decimal_text(unlimited_rate));
    expected.rate = Some(decimal_text(rate));
    if step.is_vetoed {
        expected.reasons.push("veto".to_owned());
    }
    if unlimited_rate < floor {
        expected.reasons.push("limit:floor".to_owned());
    }
    if unlimited_rate > cap {
        expected.reasons.push("limit:cap".to_owned());
    }
}

/// What of an answer decisions.md fixes: a plan's own names for rows and rules are left out, a veto is a veto, and a
/// gate is the insured time.
pub fn comparable(answer: Expected) -> Expected {
    let named = |reason: &String| match (answer.status.as_str(), reason.split(':').next()) {
        ("review", _) | (_, Some("limit")) => Some(reason.clone()),
        ("kept", _) => Some("insured_too_short".to_owned()),
        (_, Some("veto")) => Some("veto".to_owned()),
        _ => None,
    };
    let reasons = answer.reasons.iter().filter_map(named).collect();
    let mut measures = answer.measures;
    measures.retain(|name, _| name == "payout_ratio");
    Expected { components: Vec::new(), reasons, measures, ..answer }
}
