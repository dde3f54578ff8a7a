//! Tianjin's overlay and Shenzhen's matrix, both of 2012, against a second reading in whole numbers that shares no code
//! with the engine: the sums of a record, cross-multiplied.

use crate::agreement;
use floatrate_engine::plan::compiled::Frozen;
use floatrate_engine::rating::Rater;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The plans that are compared here.
pub(crate) const PLANS: [&str; 2] = ["cn-120000-2012", "cn-440300-2012"];

const DATES: [&str; 2] = ["2014-04-01", "2014-01-01"];
/// The city's average injury rate: 1 in 250.
const AVERAGE: (i128, i128) = (1, 250);
const LEFT_OUT: [&str; 6] =
    ["rescue", "epidemic_duty", "military_relapse", "commuting", "away_on_duty", "sudden_illness"];
const TIERS: [&str; 5] = ["0.5", "0.8", "1", "1.2", "1.5"];

/// A stream of numbers from a seed.
struct Draws(u64);

impl Draws {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }
}

/// A record near the bounds: few fen and people, so that a unit more or less matters.
fn record(seed: u64) -> Value {
    let mut draws = Draws(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) + 1);
    for _ in 0..4 {
        draws.below(2);
    }
    let mut periods = Vec::new();
    for year in [2012, 2013] {
        if year == 2012 && draws.below(6) == 0 {
            continue;
        }
        let halves: &[(&str, &str, u64)] = if draws.below(2) == 0 {
            &[("01-01", "12-31", 12)]
        } else {
            &[("01-01", "06-30", 6), ("07-01", "12-31", 6)]
        };
        for (from, to, months) in halves {
            let paid = draws.of(&[0, 10, 20, 100, 100, 200]);
            let headcount = draws.of(&["10", "49.5", "50", "100", "250", "1000"]);
            periods.push(json!({"start": format!("{year}-{from}"), "end": format!("{year}-{to}"),
                "contributions_paid": paid, "headcount": headcount, "months_insured": months}));
        }
    }
    let claims: Vec<Value> = (0..draws.below(6))
        .map(|at| {
            let causes = ["work_accident", "work_accident", "commuting", "occupational_disease", "rescue"];
            json!({"id": format!("c{at}"), "date": format!("{}-05-04", 2011 + draws.below(3)),
                "cause": draws.of(&causes), "outcome": "temporary", "count": draws.of(&[0, 1, 1, 1, 2, 24]),
                "paid_on": format!("{}-11-30", 2012 + draws.below(2)),
                "benefits_paid": draws.of(&[0, 1, 10, 30, 50, 60, 100, 101, 150, 151, 300, 301, 700])})
        })
        .collect();
    json!({"employer": {"id": "E", "risk_class": 1 + draws.below(3), "insured_since": "2001-01-01"},
        "periods": periods, "claims": claims})
}

/// What a year holds.
#[derive(Default)]
struct Year {
    whole: bool,
    paid: i128,
    benefits: i128,
    injuries: i128,
    months: i128,
    /// Headcount times months, in thousandths.
    person_months: i128,
}

fn year(record: &Value, year: &str, leave_out: &[&str]) -> Year {
    let mut out = Year::default();
    let whole = |v: &Value| i128::from(v.as_i64().unwrap());
    for period in record["periods"].as_array().unwrap() {
        if period["start"].as_str().unwrap().starts_with(year) {
            let headcount = period["headcount"].as_str().unwrap();
            let (int, part) = headcount.split_once('.').unwrap_or((headcount, "0"));
            let thousandths = int.parse::<i128>().unwrap() * 1000 + part.parse::<i128>().unwrap() * 100;
            out.whole = true;
            out.paid += whole(&period["contributions_paid"]);
            out.months += whole(&period["months_insured"]);
            out.person_months += thousandths * whole(&period["months_insured"]);
        }
    }
    for claim in record["claims"].as_array().unwrap() {
        if leave_out.contains(&claim["cause"].as_str().unwrap()) {
            continue;
        }
        if claim["date"].as_str().unwrap().starts_with(year) {
            out.injuries += whole(&claim["count"]);
        }
        if claim["paid_on"].as_str().unwrap().starts_with(year) {
            out.benefits += whole(&claim["benefits_paid"]);
        }
    }
    out
}

/// The first step whose bound, in hundredths of the contributions, the benefits do not exceed.
fn up_to(now: &Year, bounds: &[(i128, i64)], above: i64) -> i64 {
    let holds = |bound: &&(i128, i64)| now.benefits * 100 <= bound.0 * now.paid;
    bounds.iter().find(holds).map_or(above, |bound| bound.1)
}

/// Status, class, step.
fn tianjin(record: &Value) -> (&'static str, i64, i64) {
    let (now, before) = (year(record, "2013", &[]), year(record, "2012", &[]));
    let class = record["employer"]["risk_class"].as_i64().unwrap();
    if now.paid == 0 {
        return ("review", class, 0);
    }
    let mut step = up_to(&now, &[(0, -2), (50, -1), (100, 0), (150, 1)], 2);
    // Injuries over the larger of average headcount and 50, beside three times the city's.
    let heads = now.person_months.max(50_000 * now.months);
    if now.injuries * 1000 * now.months * AVERAGE.1 >= 3 * AVERAGE.0 * heads {
        step = if step < 0 { 0 } else { (step + 1).min(2) };
    }
    let dear = |year: &Year| year.whole && year.paid > 0 && year.benefits > 3 * year.paid;
    let class = if dear(&now) && dear(&before) { (class + 1).min(3) } else { class };
    ("rated", class, if class == 1 { 0 } else { step })
}

fn shenzhen(record: &Value) -> (&'static str, i64, i64) {
    let now = year(record, "2013", &LEFT_OUT);
    let class = record["employer"]["risk_class"].as_i64().unwrap();
    if now.paid == 0 {
        return ("review", class, 0);
    }
    // More than two injuries in a thousand person-months.
    let often = now.injuries * 1000 * 1000 > 2 * now.person_months;
    let band = up_to(&now, &[(10, 0), (30, 1), (100, 2), (150, 3)], 4);
    let step = match (band, often) {
        (0, _) => -2,
        (1, _) => -1,
        (2, false) => 0,
        (2, true) | (3, false) => 1,
        _ => 2,
    };
    ("rated", class, step)
}

#[test]
fn tianjin_and_shenzhen_of_2012_agree_with_a_second_reading() {
    let catalog = agreement::catalog();
    for ((id, date), theirs) in PLANS.into_iter().zip(DATES).zip([tianjin, shenzhen]) {
        let plan = catalog.plan(id).unwrap();
        let portfolio = vec![Frozen { num: AVERAGE.0, den: AVERAGE.1 }; plan.checked.portfolio.len()];
        let program = plan.compile_with(date.parse().unwrap(), &portfolio).unwrap();
        let mut rater = Rater::new(Arc::new(program));
        let mut seen = BTreeMap::new();
        for first in (0..40_000).step_by(1000) {
            let values: Vec<Value> = (first..first + 1000).map(record).collect();
            let records: Vec<_> = values.iter().map(|value| agreement::record(&catalog, value)).collect();
            let chunk = rater.rate(&records);
            for (at, value) in values.iter().enumerate() {
                let verdict = chunk.verdict(at);
                let (status, class, step) = theirs(value);
                let base = ["0.005", "0.01", "0.02"][usize::try_from(class - 1).unwrap()];
                let tier = TIERS[usize::try_from(step + 2).unwrap()];
                let rate = base.parse::<Decimal>().unwrap() * tier.parse::<Decimal>().unwrap();
                let ours = (
                    verdict.status.name(),
                    verdict.risk_class.map(i64::from),
                    verdict.step,
                    verdict.rate.map(|r| r.to_string()),
                );
                let expected = (status, Some(class), step, Some(rate.normalize().to_string()));
                assert_eq!(ours, expected, "{id}: {value}");
                *seen.entry((status, class, step)).or_insert(0) += 1;
            }
        }
        // Every step of every class that floats, and reviews.
        let rated = seen.keys().filter(|key| key.0 == "rated").count();
        assert_eq!(rated, if id == PLANS[0] { 11 } else { 15 }, "{seen:?}");
    }
}
