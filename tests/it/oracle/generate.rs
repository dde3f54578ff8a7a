//! Valid records that crowd the bounds of a plan. About half are ordinary; the others are odd in one
//! or two ways, most of which end in `kept` or `review`.

use serde_json::{Map, Value, json};

use super::calendar::{Span, read, text};
use super::dice::Dice;
use super::generate_claims::claims;
use super::generate_employer::{employer, insured_dates};
use super::generate_flaws::Flaw;
use super::generate_periods::{periods, to_json};
use super::plans::{JIANGSU, PANZHIHUA, Plan, SHENZHEN};

/// Record number `i` of a seed; the same arguments always give the same record.
pub fn record(plan: &str, rating_date: &str, seed: u64, i: u64) -> Value {
    let plan_id = plan;
    let plan = Plan::named(plan_id);
    let mut dice = Dice::new(plan_id, seed, i);
    let (now, earlier) = plan.windows(rating_date);

    // Which oddities: half of the records have none.
    let kind = dice.below(16);
    let is_odd_insured = matches!(kind, 8 | 9 | 15);
    let is_odd_class = kind == 10;
    let flaw_count = match kind {
        11..=13 => 1,
        14 | 15 => 2,
        _ => 0,
    };
    let flaws: Vec<(Flaw, Span)> =
        (0..flaw_count).map(|_| (Flaw::any(&mut dice), if dice.one_in(5) { earlier } else { now })).collect();

    let dates = insured_dates(&mut dice, plan, read(rating_date), now, earlier, is_odd_insured);
    let rows = periods(&mut dice, now, earlier, dates.insured_since, &flaws);
    let mut record = json!({
        "employer": employer(&mut dice, plan_id, i, &dates, is_odd_class),
        "periods": to_json(&mut dice, &rows),
        "claims": claims(&mut dice, plan, &rows, now, dates.insured_since),
    });
    if let Some(facts) = facts(&mut dice, plan_id, read(rating_date)) {
        record["facts"] = facts;
    }
    record
}

/// Facts of the plan, present, absent or dated, and now and then one of another plan, which is ignored.
fn facts(dice: &mut Dice, plan: &str, rating_day: i64) -> Option<Value> {
    let mut facts = Map::new();
    for other in [PANZHIHUA, SHENZHEN, JIANGSU] {
        for name in Plan::named(other).facts() {
            let is_present = if other == plan { !dice.one_in(3) } else { dice.one_in(20) };
            if is_present {
                facts.insert((*name).to_owned(), fact(dice, name, rating_day));
            }
        }
    }
    (!facts.is_empty() || dice.one_in(2)).then_some(Value::Object(facts))
}

fn value(dice: &mut Dice, name: &str) -> Value {
    match name {
        "arrears_months" => json!(dice.pick(&["0", "0", "0", "0", "0", "1", "0.000000001", "12"])),
        "safety_certificate_grade" => json!(dice.pick(&["0", "1", "2", "3", "4", "5"])),
        "safety_certificate_used" => json!(dice.one_in(3)),
        _ => json!(dice.one_in(8)),
    }
}

fn fact(dice: &mut Dice, name: &str, rating_day: i64) -> Value {
    dated(dice, rating_day, |dice| value(dice, name))
}

/// A value, or spans of values around the rating date. No span ends on the rating date itself: whether that day still
/// belongs to it is not what these records are for.
pub fn dated(dice: &mut Dice, rating_day: i64, value: impl Fn(&mut Dice) -> Value) -> Value {
    let mut span = |from: i64, to: i64| json!({"from": text(from), "to": text(to), "value": value(dice)});
    let (long_ago, far_off) = (rating_day - 800, rating_day + 800);
    let spans = [
        vec![span(long_ago, rating_day - 1), span(rating_day, far_off)],
        vec![span(rating_day - 100, far_off)],
        vec![span(long_ago, rating_day - 300), span(rating_day - 299, rating_day + 1)],
        // These two do not hold on the rating date.
        vec![span(long_ago, rating_day - 1)],
        vec![span(long_ago, rating_day - 1), span(rating_day + 1, far_off)],
    ];
    if dice.one_in(4) { Value::from(spans[dice.below(5) as usize].clone()) } else { value(dice) }
}

#[test]
fn a_record_depends_on_its_arguments_alone() {
    for i in 0..50 {
        let first = record(SHENZHEN, "2022-03-01", 7, i);
        assert_eq!(first, record(SHENZHEN, "2022-03-01", 7, i));
        assert_ne!(first, record(SHENZHEN, "2022-03-01", 8, i));
    }
}
