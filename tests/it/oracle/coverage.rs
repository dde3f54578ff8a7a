//! 20,000 generated records a plan reach every status, reason, band, class, tier and measure.

use std::collections::BTreeMap;

use super::generate::record;
use super::{JIANGSU, PANZHIHUA, SHENZHEN, rate};

const RECORDS: u64 = 20_000;
const SEED: u64 = 1;
/// Each thing named must be reached by so many of them.
const LEAST: u64 = 40;

const ALL_PLANS: [&str; 26] = [
    "status rated",
    "status kept",
    "status review",
    "class 1",
    "class 2",
    "class 3",
    "class 4",
    "class 5",
    "class 6",
    "class 7",
    "class 8",
    "no class",
    "step -2",
    "step -1",
    "step 0",
    "step 1",
    "step 2",
    "insured_too_short",
    "risk_class:unknown",
    "risk_class:ambiguous",
    "window:straddled",
    "window:incomplete",
    "periods.contributions_paid:missing",
    "payout_ratio:undefined",
    "class_rule:class_1_never_down",
    "measure payout_ratio",
];

const PAYOUT_BANDS: [&str; 5] = [
    "band:payout_ratio:1",
    "band:payout_ratio:2",
    "band:payout_ratio:3",
    "band:payout_ratio:4",
    "band:payout_ratio:5",
];

fn check(plan: &str, rating_date: &str, named: &[&str]) {
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    for i in 0..RECORDS {
        let record = record(plan, rating_date, SEED, i);
        let expected = rate(plan, rating_date, &record);
        let mut add = |name: String| *counts.entry(name).or_default() += 1;
        add(format!("status {}", expected.status));
        add(expected.risk_class.map_or("no class".to_owned(), |class| format!("class {class}")));
        if expected.status == "rated" {
            add(format!("step {}", expected.step));
            if record["claims"].as_array().is_none_or(Vec::is_empty) {
                add("rated without claims".to_owned());
            }
        }
        expected.reasons.iter().for_each(|reason| add(reason.clone()));
        expected.assumed.iter().for_each(|fact| add(format!("assumed {fact}")));
        for (name, text) in &expected.measures {
            add(format!("measure {name}"));
            if ["0", "0.01", "0.03", "0.5", "1", "1.5"].contains(&text.as_str()) {
                add(format!("{name} exactly {text}"));
            }
        }
    }
    for (name, count) in &counts {
        println!("{plan}: {count:6} {name}");
    }
    for name in ALL_PLANS.iter().chain(named) {
        let count = counts.get(*name).copied().unwrap_or(0);
        assert!(count >= LEAST, "{plan}, seed {SEED}: {name} is reached {count} times");
    }
    let rated = counts["status rated"];
    assert!(rated * 2 >= RECORDS, "{plan}: about half of the records are rated, not {rated}");
    assert!(counts.get("rated without claims").copied().unwrap_or(0) * 10 <= rated);
    // No class's lowest tier lies below the class-1 base in these plans' tables, so the floor never binds.
    assert!(!counts.contains_key("limit:floor"));
}

#[test]
fn panzhihua_is_covered() {
    let mut named = PAYOUT_BANDS.to_vec();
    named.extend(["veto:uncorrected_hazard", "veto:blacklisted", "veto:arrears", "veto:concealed_payroll"]);
    named.extend(["veto:fraud", "veto:work_death", "assumed arrears_months", "assumed fraud"]);
    named.extend(["payout_ratio exactly 0", "payout_ratio exactly 0.5"]);
    named.extend(["payout_ratio exactly 1", "payout_ratio exactly 1.5"]);
    check(PANZHIHUA, "2026-01-01", &named);
}

#[test]
fn shenzhen_is_covered() {
    let mut named = PAYOUT_BANDS.to_vec();
    named.extend(["overlay:certificate_grade_1", "overlay:certificate_grade_2_or_3"]);
    named.extend(["assumed safety_certificate_grade", "assumed safety_certificate_used"]);
    named.extend(["payout_ratio exactly 0", "payout_ratio exactly 0.5"]);
    named.extend(["payout_ratio exactly 1", "payout_ratio exactly 1.5"]);
    check(SHENZHEN, "2022-03-01", &named);
}

#[test]
fn jiangsu_is_covered() {
    let mut named = vec!["band:1", "band:2", "band:3", "band:4", "band:5", "measure injury_rate"];
    named.extend(["periods.headcount:missing", "periods.months_insured:missing", "injury_rate:undefined"]);
    named.extend(["payout_ratio exactly 0.5", "payout_ratio exactly 1"]);
    named.extend(["injury_rate exactly 0", "injury_rate exactly 0.01", "injury_rate exactly 0.03"]);
    check(JIANGSU, "2025-01-01", &named);
}
