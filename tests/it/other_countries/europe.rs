//! The cases of France and Germany, in cents.

use super::case::{Case, decimal, list, minor, rounded};
use super::world::{Answer, World, claim, employer};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// A payroll so large that a gross rate is met within the rounding of the net one.
const PAYROLL: i64 = 1_000_000_000_000;

fn france(world: &World, headcount: Decimal, benefits: i64, prior: Option<Decimal>) -> Answer {
    let periods = (2014..2017).map(|year| {
        json!({
            "start": format!("{year}-01-01"), "end": format!("{year}-12-31"), "months_insured": 12,
            "headcount": headcount.normalize().to_string(), "payroll": PAYROLL / 4 * if year == 2014 { 2 } else { 1 },
        })
    });
    let claims = vec![claim(1, "2015-05-02", "temporary", benefits)];
    let mut value = employer(periods.collect(), claims, json!({ "collective_net_rate": "0.02" }));
    if let Some(prior) = prior {
        value["employer"]["prior"] = json!({ "rate": prior.normalize().to_string() });
    }
    world.rate("fr-atmp-2018", "2018-01-01", &value)
}

pub fn fraction(world: &World, case: &Case) {
    let answer = france(world, case.number("headcount"), 0, None);
    let own = answer.near("individual_fraction");
    let tolerance = case.tolerance("fraction");
    case.within("own part", own, decimal(case.expected("individual_fraction")), tolerance);
    let rest = own.map(|own| Decimal::ONE - own);
    case.within("the rest", rest, decimal(case.expected("collective_fraction")), tolerance);
}

/// Benefits that make the own net rate what the case has before its limit: (gross + 0.21 %) x 1.53 + 0.52 %.
pub fn yearly_limit(world: &World, case: &Case) {
    let fraction = |name: &str| case.number(name) / Decimal::ONE_HUNDRED;
    let net = fraction("computed_rate_pct");
    let gross = (net - Decimal::new(52, 4)) / Decimal::new(153, 2) - Decimal::new(21, 4);
    let benefits = minor(rounded(gross * Decimal::from(PAYROLL), 0), 0);
    let answer = france(world, Decimal::from(200), benefits, Some(fraction("previous_rate_pct")));
    case.within("computed", answer.near("net_rate"), net, Decimal::ZERO);
    case.is("rate_pct", answer.rate().map(|rate| rate * Decimal::ONE_HUNDRED));
}

/// A pension's grade of disability, or a death in time; the plan's words for them.
fn outcome(case: &Value) -> &'static str {
    if let Some(weeks) = case["death_within_weeks"].as_i64() {
        // What the statute counts is a death within 78 weeks of the accident.
        return if weeks <= 78 { "fatal" } else { "temporary" };
    }
    match case["pension_mde"].as_i64() {
        None => "temporary",
        Some(50..) => "disability_6",
        Some(_) => "disability_7",
    }
}

pub fn bgw(world: &World, case: &Case) {
    let claims = list(case.input("claims")).iter().enumerate();
    let claims =
        claims.map(|(at, row)| claim(at, "2012-06-01", outcome(row), minor(decimal(&row["paid"]), 2)));
    let contribution = case.number("contribution_eur");
    let periods = vec![json!({
        "start": "2012-01-01", "end": "2012-12-31", "months_insured": 12, "contributions_due": minor(contribution, 2),
    })];
    let answer = world.rate("de-bgw-30", "2013-01-01", &employer(periods, claims.collect(), json!({})));
    case.is("surcharge_eur", answer.dollars("surcharge"));
    case.is("surcharge_eur", answer.rate().map(|factor| (factor - Decimal::ONE) * contribution));
}

/// One employer at its own burden, and one that brings all to the average.
pub fn bgn(world: &World, case: &Case) {
    let record = |paid: Decimal| {
        let periods = vec![json!({
            "start": "2008-01-01", "end": "2008-12-31", "months_insured": 12, "contributions_due": 1_000_000,
        })];
        employer(
            periods,
            vec![claim(1, "2008-06-01", "temporary", minor(paid * Decimal::ONE_HUNDRED, 2))],
            json!({}),
        )
    };
    let (own, average) = (case.number("own_burden_pct"), case.number("average_burden_pct"));
    let all = [record(own), record(average + average - own)];
    let answer = &world.rate_all("de-bgn-old", "2009-01-01", &all)[0];
    let measured = answer.measure("own_burden").map(|own| own * Decimal::ONE_HUNDRED);
    case.within("own burden", measured, own, Decimal::ZERO);
    case.is("rebate_pct", answer.measure("rebate").map(|rebate| rebate * Decimal::ONE_HUNDRED));
    case.is("rebate_pct", answer.rate().map(|rate| (Decimal::ONE - rate) * Decimal::ONE_HUNDRED));
}
