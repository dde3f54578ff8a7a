//! Every threshold of a yearly plan x every class, enumerated: one unit below, exact, one unit above.

use serde_json::Value;

use super::words;
use crate::oracle::calendar::{Span, add_months, text};
use crate::oracle::plans::{Denominator, HAINAN, HUAINAN, PUYANG, Plan, SHENYANG, U1, U2, YANTAI, ZHENGZHOU};

/// A rating date of each plan at which its bounds are tried.
fn rating_date(plan: &str) -> &'static str {
    match plan {
        SHENYANG => "2021-01-01",
        HAINAN => "2022-01-01",
        YANTAI => "2014-01-01",
        ZHENGZHOU => "2016-07-01",
        HUAINAN => "2013-01-01",
        PUYANG => "2015-01-01",
        U1 | U2 => "2021-01-01",
        _ => panic!("no yearly plan {plan:?}"),
    }
}

/// The bounds of the payout ratio in hundredths.
pub fn thresholds(plan: Plan) -> &'static [u64] {
    match plan {
        Plan::Shenyang => &[0, 50, 130, 150],
        Plan::Hainan => &[0, 200, 400],
        Plan::Yantai => &[0, 10, 100, 150],
        Plan::Zhengzhou => &[0, 50, 100],
        Plan::Huainan => &[0, 20, 60, 80, 120],
        Plan::Puyang => &[0, 100, 200, 300, 400, 500],
        Plan::U1 => &[0, 10, 50, 100, 120],
        Plan::U2 => &[0, 120, 300],
        Plan::Panzhihua | Plan::Shenzhen | Plan::Jiangsu => panic!("not a yearly plan"),
    }
}

/// What stands beside the ratio, one alternative at a time; "" is the plain record.
fn beside(plan: Plan) -> Vec<String> {
    let fixed: &[&str] = match plan {
        Plan::Shenyang => {
            &["", "arrears_months=0", "arrears_months=0.000000001", "concealed_payroll=true", "fraud=true"]
        }
        Plan::Hainan => &[
            "",
            "deaths=2",
            "deaths=3",
            "diseases=2",
            "diseases=3",
            "deaths=2 diseases=2",
            "blacklisted=true",
            "relief_available=true",
            "relief_available=true deaths=3",
            "arrears_months=1",
            "fraud=true",
            "concealed_payroll=true",
        ],
        Plan::Yantai => &[
            "",
            "deaths=1",
            "arrears_months=0.000000001",
            "concealed_payroll=true",
            "fraud=true",
            "paid=499980",
            "paid=499999",
            "paid=500000",
            "paid=500020",
        ],
        Plan::Zhengzhou => &[
            "",
            "max_deaths_one_event=2",
            "max_deaths_one_event=3",
            "max_deaths_one_event=4",
            "arrears_months=2.999999999",
            "arrears_months=3",
            "fraud=true",
            "deaths=3",
        ],
        Plan::Huainan => &["", "injuries=1", "deaths=1"],
        Plan::Puyang => &[
            "",
            "prior=0.005",
            "prior=0.00625",
            "prior=0.010",
            "prior=0.0125",
            "prior=0.015",
            "prior=0.02",
            "prior=0.03",
            "prior=0.000000000001",
            "prior=0.012345678901",
        ],
        Plan::U1 => &[
            "",
            "safety_certificate_grade=1",
            "safety_certificate_grade=2",
            "safety_certificate_grade=3",
            "safety_certificate_grade=1 safety_certificate_used=true",
        ],
        Plan::U2 => &["", "injuries=0", "injuries=1", "deaths=1", "diseases=2"],
        Plan::Panzhihua | Plan::Shenzhen | Plan::Jiangsu => panic!("not a yearly plan"),
    };
    fixed.iter().map(|words| (*words).to_owned()).collect()
}

/// Insured time at each bound and a day less, and what may be wrong with each year.
fn insured_and_years(plan: Plan, rating_date: &str) -> Vec<String> {
    let (Span { first, last }, _) = plan.windows(rating_date);
    let mut words = vec![format!("since={}", text(last + 1)), format!("since={}", text(first + 40))];
    for months in [plan.least_months(), 12, 36, 60] {
        let bound = add_months(last + 1, -months);
        words.extend([bound, bound + 1].map(|since| format!("since={}", text(since))));
    }
    for before in 0..words::years(plan, rating_date).len() {
        for state in ["paid_for", "zero", "gone", "short", "straddled", "unknown"] {
            words.push(format!("year-{before}={state}"));
        }
    }
    words
}

/// Label, record and rating date of every boundary of a plan.
pub fn boundary_cases(plan_id: &str) -> Vec<(String, Value, String)> {
    let (plan, rating_date) = (Plan::named(plan_id), rating_date(plan_id));
    let mut cases = Vec::new();
    let mut add = |line: String| {
        let record = words::record(plan, rating_date, &line);
        cases.push((line, record, rating_date.to_owned()));
    };
    for class in 1..=plan.class_count() {
        for other in beside(plan) {
            let paid = other.strip_prefix("paid=").map_or(1_000_000, |paid| paid.parse().expect("fen"));
            let basis_points = plan.base_basis_points()[usize::from(class) - 1] as u64;
            let denominator = match plan.denominator() {
                Denominator::ContributionsPaid => paid,
                Denominator::PayrollAtBase => 100_000_000 / 10_000 * basis_points,
            };
            for hundredths in thresholds(plan) {
                let exact = denominator * hundredths / 100;
                for benefits in [exact.saturating_sub(1), exact, exact + 1] {
                    add(format!("class={class} benefits={benefits} {other}"));
                }
            }
            add(format!("class={class} benefits={} {other}", denominator * 9));
        }
        for other in insured_and_years(plan, rating_date) {
            add(format!("class={class} {other}"));
        }
    }
    add("fraud=false".to_owned());
    add("class=9".to_owned());
    add(format!("class={}", plan.class_count() + 1));
    cases
}
