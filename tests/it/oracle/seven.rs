//! One employer under seven plans: the table of china.md section 7, with quarterly periods.

use serde_json::{Value, json};

use super::calendar::{Span, add_months, day, text};
use super::{HAINAN, HUAINAN, JIANGSU, SHENYANG, SHENZHEN, U1, U2, rate};

/// Plan, rating date, step, tier, and the rate that the section gives on a base of 0.9 %.
pub const SEVEN: [(&str, &str, i64, &str, &str); 7] = [
    (JIANGSU, "2025-01-01", 2, "1.5", "0.0135"),
    (SHENZHEN, "2022-03-01", 1, "1.2", "0.0108"),
    (SHENYANG, "2025-01-01", 0, "1", "0.009"),
    (HAINAN, "2022-01-01", -1, "0.8", "0.0072"),
    (U1, "2025-01-01", 1, "1.2", "0.0108"),
    (U2, "2025-01-01", 0, "1", "0.009"),
    (HUAINAN, "2025-01-01", 2, "1.5", "0.0135"),
];

/// Class 4 (in Huainan, which has three, class 2), ratio 120.0 % in every quarter, 125 insured and one new injury in
/// each window, so 0.8 %. Where the plan divides by payroll x base rate, the payroll makes that 120.0 % too.
pub fn employer_of_seven(plan: &str) -> Value {
    let (class, payroll) = match plan {
        HUAINAN => (2, 90_000_000),
        HAINAN => (4, 112_500_000),
        _ => (4, 100_000_000),
    };
    let mut periods = Vec::new();
    let mut claims = Vec::new();
    let mut first = day(2016, 1, 1);
    while first < day(2025, 1, 1) {
        let quarter = Span { first, last: add_months(first, 3) - 1 };
        periods.push(json!({"start": text(quarter.first), "end": text(quarter.last), "payroll": payroll,
            "contributions_paid": 900_000, "headcount": "125", "months_insured": 3}));
        claims.push(json!({"id": text(first), "date": "2015-06-01", "paid_on": text(quarter.last),
            "cause": "work_accident", "outcome": "disability_3", "count": 0, "benefits_paid": 1_080_000}));
        first = quarter.last + 1;
    }
    for date in ["2021-05-05", "2024-05-05"] {
        claims.push(json!({"id": date, "date": date, "cause": "work_accident", "outcome": "temporary",
            "count": 1, "benefits_paid": 0}));
    }
    json!({
        "employer": {"id": "91510400MA6212342W", "risk_class": class, "insured_since": "2010-01-01"},
        "periods": periods, "claims": claims, "facts": {},
    })
}

#[test]
fn one_employer_gets_four_rates_under_seven_plans() {
    for (plan, date, step, tier, rate_on_class_4) in SEVEN {
        let found = rate(plan, date, &employer_of_seven(plan));
        assert_eq!((found.status.as_str(), found.step), ("rated", step), "{plan}");
        assert_eq!(found.tier.as_deref(), Some(tier), "{plan}");
        assert_eq!(found.measures["payout_ratio"], "1.2", "{plan}");
        // The section works on the national base; Shenzhen, Hainan and Huainan have their own.
        let decimal = |text: &str| text.parse::<rust_decimal::Decimal>().expect("a decimal");
        let own = decimal(found.rate.as_deref().expect("a rate"));
        let base = decimal(found.base_rate.as_deref().expect("a base"));
        assert_eq!(own * decimal("0.009"), base * decimal(rate_on_class_4), "{plan}");
    }
}
