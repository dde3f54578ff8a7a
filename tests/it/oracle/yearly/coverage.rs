//! 5,000 generated records a plan reach every status, step, class, threshold, limit and veto, and all are valid.

use std::collections::BTreeMap;

use super::bounds::thresholds;
use super::by_hand::TABLES;
use super::generate::record;
use crate::oracle::plans::Plan;
use crate::oracle::validity::check;
use crate::oracle::{boundary_cases, rate};

const RECORDS: u64 = 5_000;
const SEED: u64 = 1;
/// Each thing named must be reached by so many of them.
const LEAST: u64 = 10;

fn steps(plan: Plan) -> &'static [i64] {
    match plan {
        Plan::Zhengzhou => &[-2, 0, 1],
        Plan::Puyang => &[-1, 0, 1, 2, 3, 4, 5],
        Plan::U2 => &[-1, 0, 1, 2],
        _ => &[-2, -1, 0, 1, 2],
    }
}

fn must_reach(plan: Plan) -> Vec<String> {
    let mut names: Vec<String> =
        ["status rated", "status review", "window:straddled", "window:incomplete", "payout_ratio:undefined"]
            .map(str::to_owned)
            .into();
    names.extend((1..=plan.class_count()).map(|class| format!("rated class {class}")));
    names.extend(steps(plan).iter().map(|step| format!("step {step}")));
    names.extend(thresholds(plan).iter().map(|hundredths| format!("ratio exactly {hundredths}/100")));
    names.extend(plan.facts().iter().map(|fact| format!("assumed {fact}")));
    names.push("risk_class:unknown".to_owned());
    if plan.least_months() > 0 {
        names.push("insured_too_short".to_owned());
    }
    let (veto, floor, cap) = match plan {
        Plan::Shenyang => (true, true, false),
        Plan::Yantai | Plan::Zhengzhou => (true, false, false),
        Plan::Puyang => (false, true, true),
        Plan::U1 => (false, true, false),
        _ => (false, false, false),
    };
    for (holds, name) in [(veto, "veto"), (floor, "limit:floor"), (cap, "limit:cap")] {
        names.extend(holds.then(|| name.to_owned()));
    }
    names
}

#[test]
fn generated_records_are_valid_and_reach_everything() {
    for (id, date, _) in TABLES {
        let plan = Plan::named(id);
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for i in 0..RECORDS {
            let record = record(id, date, SEED, i);
            let result = std::panic::catch_unwind(|| check(&record));
            assert!(result.is_ok(), "{id}, seed {SEED}, record {i}: {record}");
            let answer = rate(id, date, &record);
            let mut add = |name: String| *counts.entry(name).or_default() += 1;
            add(format!("status {}", answer.status));
            if answer.status == "rated" {
                add(format!("rated class {}", answer.risk_class.expect("a class")));
                add(format!("step {}", answer.step));
                for hundredths in thresholds(plan) {
                    let exact = rust_decimal::Decimal::new(*hundredths as i64, 2).normalize().to_string();
                    if answer.measures["payout_ratio"] == exact {
                        add(format!("ratio exactly {hundredths}/100"));
                    }
                }
            }
            answer.reasons.into_iter().for_each(&mut add);
            answer.assumed.iter().for_each(|fact| add(format!("assumed {fact}")));
        }
        for (name, count) in &counts {
            println!("{id}: {count:6} {name}");
        }
        for name in must_reach(plan) {
            let count = counts.get(&name).copied().unwrap_or(0);
            assert!(count >= LEAST, "{id}, seed {SEED}: {name} is reached {count} times");
        }
        let rated = counts["status rated"];
        assert!(rated * 2 >= RECORDS, "{id}: at least half of the records are rated, not {rated}");
    }
}

#[test]
fn boundary_cases_are_valid() {
    for (id, _, _) in TABLES {
        for (label, record, _) in boundary_cases(id) {
            let result = std::panic::catch_unwind(|| check(&record));
            assert!(result.is_ok(), "{id}: {label}: {record}");
        }
    }
}
