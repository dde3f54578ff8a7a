//! The oracle: a slow, straight-line reading of the rated plans, which shares no code with the engine and is compared
//! with it; and seeded generators of records that crowd the plans' bounds.
//!
//! ```text
//! record -> class -> tallies of the windows -> gate -> review reasons -> steps -> rate
//! ```
//!
//! It reads decisions.md alone, never a plan's file. Panzhihua, Shenzhen and Jiangsu are read here, with the names of
//! all rows and rules; the plans of calendar years in [`yearly`], where those names are the plan's own affair.

mod bounds;
mod calendar;
mod classes;
mod coverage;
pub mod dice;
mod examples;
mod facts;
mod generate;
mod generate_claims;
mod generate_employer;
mod generate_flaws;
mod generate_periods;
mod generate_targets;
mod plans;
pub mod ratio;
mod seven;
mod steps;
mod tally;
mod validity;
mod yearly;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value;

pub use plans::{HAINAN, HUAINAN, JIANGSU, PANZHIHUA, PUYANG, SHENYANG, SHENZHEN, U1, U2, YANTAI, ZHENGZHOU};
pub use seven::{SEVEN, employer_of_seven};
pub use yearly::{by_hand, in_short, worlds};

use calendar::{read, whole_months};
use plans::{Denominator, Plan};
use tally::Tally;

/// What the engine must answer. Decimals are canonical text: no exponent, no trailing zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expected {
    pub status: String,
    /// None, as are all rates and the tier, when the class is not known.
    pub risk_class: Option<u8>,
    pub base_rate: Option<String>,
    pub step: i64,
    pub tier: Option<String>,
    pub rate: Option<String>,
    pub unlimited_rate: Option<String>,
    /// From which day which rate. No reduction of these plans begins or ends inside a rating year, so it is one.
    pub charged: Vec<(String, String)>,
    /// What the step is made of, and by how much each part changed it.
    pub components: Vec<(String, i64)>,
    pub reasons: Vec<String>,
    /// `payout_ratio`, and in Jiangsu `injury_rate`, where they can be told.
    pub measures: BTreeMap<String, String>,
    /// Facts left out, by name.
    pub assumed: Vec<String>,
}

/// Label, record and rating date of every boundary of a plan.
pub fn boundary_cases(plan: &str) -> Vec<(String, Value, String)> {
    if Plan::named(plan).is_yearly() { yearly::boundary_cases(plan) } else { bounds::boundary_cases(plan) }
}

/// Record number `i` of a seed; the same arguments always give the same record.
pub fn record(plan: &str, rating_date: &str, seed: u64, i: u64) -> Value {
    let is_yearly = Plan::named(plan).is_yearly();
    let record = if is_yearly { yearly::record } else { generate::record };
    record(plan, rating_date, seed, i)
}

/// Somebody's answer without what decisions.md leaves to the plan, so that it can be compared with [`rate`]'s.
pub fn comparable(plan: &str, answer: Expected) -> Expected {
    if Plan::named(plan).is_yearly() { yearly::comparable(answer) } else { answer }
}

/// Rates a valid record. Panics on an unknown plan or a date that is no rating date of it.
pub fn rate(plan: &str, rating_date: &str, record: &Value) -> Expected {
    let mut expected = rate_without_charge(plan, rating_date, record);
    if let Some(rate) = &expected.rate {
        let rate = rate.parse().expect("a rate is a decimal");
        let charged = yearly::charged(Plan::named(plan), rating_date, rate);
        expected.charged.push((rating_date.to_owned(), decimal_text(charged)));
    }
    expected
}

fn rate_without_charge(plan: &str, rating_date: &str, record: &Value) -> Expected {
    let plan = Plan::named(plan);
    let (window, _) = plan.windows(rating_date);
    let mut expected = Expected {
        status: "review".to_owned(),
        risk_class: None,
        base_rate: None,
        step: 0,
        tier: None,
        rate: None,
        unlimited_rate: None,
        charged: Vec::new(),
        components: Vec::new(),
        reasons: Vec::new(),
        measures: BTreeMap::new(),
        assumed: facts::assumed(plan, record, rating_date),
    };

    let class = match classes::class_of(plan, &record["employer"]) {
        Ok(class) => class,
        Err(reason) => {
            expected.reasons.push(reason.to_owned());
            return expected;
        }
    };
    let base = base_rate(plan, class);
    expected.risk_class = Some(class);
    expected.base_rate = Some(decimal_text(base));
    let start = yearly::start(plan, record, class);
    expected.tier = Some(decimal_text(start / base));
    expected.rate = Some(decimal_text(start));
    expected.unlimited_rate = Some(decimal_text(start));

    let now = Tally::of(plan, record, window);
    expected.measures = measures(plan, class, &now);

    let least_months = plan.least_months();
    if least_months > 0 && insured_months(plan, record, window.last + 1) < least_months {
        expected.status = "kept".to_owned();
        expected.reasons.push("insured_too_short".to_owned());
        return expected;
    }
    expected.reasons = review_reasons(plan, &now);
    if !expected.reasons.is_empty() {
        return expected;
    }
    if plan.is_yearly() {
        yearly::rate(plan, rating_date, record, class, &now, &mut expected);
        return expected;
    }

    let steps = steps::steps(plan, rating_date, record, class, &now);
    let unlimited_rate = base * tier(steps.step);
    let floor = base_rate(plan, 1);
    expected.status = "rated".to_owned();
    expected.step = steps.step;
    expected.tier = Some(decimal_text(tier(steps.step)));
    expected.unlimited_rate = Some(decimal_text(unlimited_rate));
    expected.rate = Some(decimal_text(unlimited_rate.max(floor)));
    for (from, _) in &steps.components {
        expected.reasons.push(from.clone());
    }
    if unlimited_rate < floor {
        expected.reasons.push("limit:floor".to_owned());
    }
    expected.components = steps.components;
    expected
}

/// Jiangsu's gate asks for the first insurance, the others for the present one (decisions.md, "By plan").
fn insured_months(plan: Plan, record: &Value, day_after_window: i64) -> i64 {
    let employer = &record["employer"];
    let since = match (plan, employer["first_insured"].as_str()) {
        (Plan::Jiangsu, Some(first_insured)) => first_insured,
        _ => tally::text(&employer["insured_since"]),
    };
    whole_months(read(since), day_after_window)
}

fn review_reasons(plan: Plan, now: &Tally) -> Vec<String> {
    let jiangsu = plan == Plan::Jiangsu;
    let (lacks_contributions, lacks_payroll, is_zero) = match plan.denominator() {
        Denominator::ContributionsPaid => (now.lacks_contributions, false, now.contributions_fen == 0),
        Denominator::PayrollAtBase => (false, now.lacks_payroll, now.payroll_fen == 0),
    };
    let lacks_for_injury_rate = now.lacks_headcount || now.lacks_months;
    let found = [
        ("window:straddled", now.is_straddled),
        ("window:incomplete", now.is_incomplete),
        ("periods.payroll:missing", lacks_payroll),
        ("periods.contributions_paid:missing", lacks_contributions),
        ("periods.headcount:missing", jiangsu && now.lacks_headcount),
        ("periods.months_insured:missing", jiangsu && now.lacks_months),
        ("payout_ratio:undefined", !lacks_contributions && !lacks_payroll && is_zero),
        ("injury_rate:undefined", jiangsu && !lacks_for_injury_rate && now.headcount_months_micro == 0),
    ];
    found.iter().filter(|(_, holds)| *holds).map(|(reason, _)| (*reason).to_owned()).collect()
}

fn measures(plan: Plan, class: u8, now: &Tally) -> BTreeMap<String, String> {
    let mut measures = BTreeMap::new();
    if now.is_straddled || now.is_incomplete {
        return measures;
    }
    if let Some(ratio) = now.payout_ratio(plan, class) {
        measures.insert("payout_ratio".to_owned(), ratio.text());
    }
    if let (Plan::Jiangsu, Some(rate)) = (plan, now.injury_rate()) {
        measures.insert("injury_rate".to_owned(), rate.text());
    }
    measures
}

fn base_rate(plan: Plan, class: u8) -> Decimal {
    Decimal::new(plan.base_basis_points()[usize::from(class) - 1], 4)
}

fn tier(step: i64) -> Decimal {
    match step {
        -2 => Decimal::new(5, 1),
        -1 => Decimal::new(8, 1),
        0 => Decimal::ONE,
        1 => Decimal::new(12, 1),
        2 => Decimal::new(15, 1),
        _ => panic!("no tier for step {step}"),
    }
}

fn decimal_text(value: Decimal) -> String {
    value.normalize().to_string()
}
