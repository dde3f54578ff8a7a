//! Distances to the neighbouring tiers: exact, and nothing nearer.

use crate::agreement::{CASES, YEARLY, catalog, rater, record};
use crate::oracle;
use floatrate_engine::rating::{Distance, Quantity, Status};
use floatrate_engine::record::Record;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const RECORDS: u64 = 10_000;
/// Of each plan of calendar years.
const YEARLY_RECORDS: u64 = 2_000;
const SEED: u64 = 5;

/// The record with a change, as the oracle can read it: only more, since a record holds nothing below zero.
fn with_more(value: &Value, distance: &Distance, day: &str) -> Value {
    let (count, benefits) = match distance.quantity {
        Quantity::Benefits => (0, distance.change),
        Quantity::Injuries | Quantity::Deaths => (distance.change, 0),
    };
    let outcome = if distance.quantity == Quantity::Deaths { "fatal" } else { "temporary" };
    let mut value = value.clone();
    let row = json!({"id": "more", "date": day, "paid_on": day, "cause": "work_accident", "outcome": outcome,
                     "count": count, "benefits_paid": benefits});
    match value["claims"].as_array_mut() {
        Some(claims) => claims.push(row),
        None => value["claims"] = json!([row]),
    }
    value
}

#[test]
fn one_fen_less_keeps_the_tier_and_the_distance_moves_it() {
    let catalog = catalog();
    let many = CASES.into_iter().map(|case| (case, RECORDS));
    let some = YEARLY.into_iter().map(|case| (case, YEARLY_RECORDS));
    for ((plan, date), records) in many.chain(some) {
        let mut rater = rater(&catalog, plan, date);
        let spans = rater.program().windows.iter().flatten();
        let last = spans.map(|s| s.end).max().unwrap();
        let mut found: BTreeMap<(&str, bool, bool), u64> = BTreeMap::new();
        for i in 0..records {
            let value = oracle::record(plan, date, SEED, i);
            let record = record(&catalog, &value);
            let base = rater.rate(std::slice::from_ref(&record)).verdict(0);
            let Some(distances) = rater.distances(&record) else {
                assert_ne!(base.status, Status::Rated, "{plan}, record {i}");
                continue;
            };
            for distance in distances {
                let label = format!("{plan}, seed {SEED}, record {i}, {distance:?}");
                *found.entry((distance.quantity.name(), distance.above, distance.change > 0)).or_default() +=
                    1;
                if distance.change < 0 {
                    continue;
                }
                let moved = oracle::rate(plan, date, &with_more(&value, &distance, &last.to_string()));
                assert_eq!(moved.rate, Some(distance.rate.to_string()), "{label}");
                assert_eq!(moved.step, distance.step, "{label}");
                // Halfway and one less: still on this tier, or on the other side of it.
                for change in [distance.change / 2, distance.change - 1] {
                    let nearer = Distance { change, ..distance };
                    let kept = oracle::rate(plan, date, &with_more(&value, &nearer, &last.to_string()));
                    let tier: floatrate_engine::number::Decimal = kept.tier.unwrap().parse().unwrap();
                    let beyond =
                        if distance.above { tier > base.tier.unwrap() } else { tier < base.tier.unwrap() };
                    assert!(!beyond, "{label}: {change}");
                }
            }
        }
        assert!(found.get(&("benefits", true, true)).is_some_and(|n| *n > records / 10), "{plan}: {found:?}");
    }
}

/// Less is a record with less in it: where one payment is the whole count, taking from it must agree.
#[test]
fn less_is_as_if_it_had_not_been_paid() {
    let catalog = catalog();
    let (plan, date) = CASES[0];
    let paid = |benefits: i64| {
        json!({"employer": {"id": "E1", "risk_class": 5, "insured_since": "2010-01-01"},
               "periods": [{"start": "2023-01-01", "end": "2025-12-31", "contributions_paid": 1_000_000}],
               "claims": [{"id": "c", "date": "2024-05-05", "cause": "work_accident", "outcome": "temporary",
                           "paid_on": "2024-06-06", "count": 1, "benefits_paid": benefits}]})
    };
    let mut rater = rater(&catalog, plan, date);
    for benefits in [1, 500_000, 500_001, 1_000_000, 1_000_001, 1_500_000, 1_500_001, 9_000_000] {
        let records: [Record; 1] = [record(&catalog, &paid(benefits))];
        let distances = rater.distances(&records[0]).unwrap();
        let less = distances.iter().find(|d| d.quantity == Quantity::Benefits && !d.above).unwrap();
        assert!(less.change < 0);
        let at = |change: i64| oracle::rate(plan, date, &paid(benefits + change));
        assert_eq!(at(less.change).rate, Some(less.rate.to_string()), "{benefits}: {less:?}");
        assert_eq!(at(less.change + 1).tier, at(0).tier, "{benefits}: {less:?}");
    }
}
