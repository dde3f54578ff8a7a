//! Valid records that crowd the bounds of a yearly plan. Most are ordinary; the others are odd in a way or two.

use serde_json::{Map, Value, json};

use super::claims::{Aim, claims};
use super::periods::{Flaw, periods, to_json};
use super::words::years;
use crate::oracle::calendar::{Span, add_months, day, read, text};
use crate::oracle::dice::Dice;
use crate::oracle::generate::dated;
use crate::oracle::generate_employer::{DIVISIONS, credit_code};
use crate::oracle::plans::Plan;
use crate::oracle::{classes, plans};

/// Record number `i` of a seed; the same arguments always give the same record.
pub fn record(plan_id: &str, rating_date: &str, seed: u64, i: u64) -> Value {
    let plan = Plan::named(plan_id);
    let mut dice = Dice::new(plan_id, seed, i);
    let (window, _) = plan.windows(rating_date);
    let insured_since = insured_since(&mut dice, plan, window);
    let employer = employer(&mut dice, plan, i, insured_since);

    // Two years more than the plan looks at: one before, one after.
    let looked_at = years(plan, rating_date);
    let before = Span { first: add_months(looked_at[0].first, -12), last: looked_at[0].first - 1 };
    let after = Span { first: window.last + 1, last: add_months(window.last + 1, 12) - 1 };
    // "0 in each year" is rare by chance, so a third of the records aim at it, half of these with one thing wrong.
    let is_quiet = dice.one_in(3);
    let odd_year = dice.below(2 * looked_at.len() as u64) as usize;
    let mut spans = vec![(before, Flaw::None)];
    let (mut quiet, mut paid_for) = (Vec::new(), Vec::new());
    for (at, year) in looked_at.iter().enumerate() {
        let is_odd = if is_quiet { at == odd_year } else { dice.one_in(8) };
        let is_paid_for = is_odd && !window.holds_all_of(*year) && dice.one_in(3);
        spans.push((*year, if is_odd && !is_paid_for { Flaw::any(&mut dice) } else { Flaw::None }));
        if is_paid_for {
            paid_for.push(*year);
        } else if is_quiet && !window.holds_all_of(*year) {
            quiet.push(*year);
        }
    }
    let edge = |dice: &mut Dice, odds| if dice.one_in(odds) { Flaw::Straddled } else { Flaw::None };
    let (has_before, has_after, end) = (dice.one_in(2), dice.one_in(3), edge(&mut dice, 6));
    if has_after {
        spans.push((after, end));
    }
    let rows = periods(&mut dice, &spans[usize::from(!has_before)..], insured_since);

    let class = classes::class_of(plan, &employer).unwrap_or(1);
    let basis_points = plan.base_basis_points()[usize::from(class) - 1] as u64;
    let aim = Aim { plan, window, insured_since, basis_points, quiet, paid_for };
    let mut record = json!({
        "employer": employer,
        "periods": to_json(&mut dice, &rows),
        "claims": claims(&mut dice, &aim, &rows, is_quiet),
    });
    if let Some(facts) = facts(&mut dice, plan, read(rating_date)) {
        record["facts"] = facts;
    }
    record
}

/// Around every number of months that some plan asks for.
fn insured_since(dice: &mut Dice, plan: Plan, window: Span) -> i64 {
    let bound = |months: i64| add_months(window.last + 1, -months);
    match dice.below(12) {
        0 => bound(dice.pick(&[12, 24, 36, 60])) + dice.between(-1, 1),
        1 => bound(plan.least_months()) + dice.between(0, 1),
        2 => dice.between(window.first - 2000, window.last),
        3 => dice.between(window.first, window.last + 100),
        4 => add_months(day(2001, 1, 31), dice.between(60, 160)),
        _ => window.first - 2000 - dice.between(0, 3000),
    }
}

fn employer(dice: &mut Dice, plan: Plan, i: u64, insured_since: i64) -> Value {
    let mut employer = json!({"id": credit_code("410100", i), "name": format!("样本{i}"), "insured_since": text(insured_since)});
    // `region` neither selects nor checks.
    if dice.one_in(2) {
        employer["region"] = json!(dice.pick(&["410100", "210100", "000000"]));
    }
    if dice.one_in(3) {
        employer["first_insured"] = json!(text(insured_since - dice.between(0, 2000)));
    }
    let count = plan.class_count();
    let has_class = count == 3 || dice.one_in(2);
    let division = dice.pick(&DIVISIONS);
    employer["industry"] = json!({"standard": dice.pick(&["2011", "2017"]), "code": division});
    match dice.below(30) {
        0 => employer["industry"] = json!({"standard": "2017", "code": dice.pick(&["59", "79", "98"])}),
        1 => employer["risk_class"] = json!(dice.pick(&[count + 1, 9])),
        2 if count == 3 => {}
        _ if has_class => employer["risk_class"] = json!(dice.between(1, i64::from(count))),
        _ => {}
    }
    if plan == Plan::Puyang && !dice.one_in(4) || dice.one_in(8) {
        employer["prior"] = prior(dice);
    }
    employer
}

/// At and beside floors, caps and bases, and odd numbers; `rate` is all that is needed.
fn prior(dice: &mut Dice) -> Value {
    let rate = match dice.below(8) {
        0 => format!("0.{:012}", dice.between(1, 50_000_000_000)),
        1 => format!("0.{:04}", dice.between(1, 400)),
        _ => dice
            .pick(&[
                "0.005",
                "0.004999999999",
                "0.00625",
                "0.006249999999",
                "0.01",
                "0.009999999999",
                "0.0125",
                "0.014",
                "0.0101",
                "0.015",
                "0.015000000001",
                "0.02",
                "0.028",
                "0.03",
                "0.030000000001",
                "0",
            ])
            .to_owned(),
    };
    if dice.one_in(2) {
        json!({"rate": rate})
    } else {
        json!({"rate": rate, "tier": "1.2", "unlimited_rate": "0.5"})
    }
}

/// Facts of the plan, present, absent or dated, and now and then one of another plan, which is ignored.
fn facts(dice: &mut Dice, plan: Plan, rating_day: i64) -> Option<Value> {
    let mut facts = Map::new();
    for name in FACTS {
        let is_present = if plan.facts().contains(&name) { !dice.one_in(3) } else { dice.one_in(30) };
        if is_present {
            facts.insert(name.to_owned(), dated(dice, rating_day, |dice| value(dice, plan, name)));
        }
    }
    (!facts.is_empty() || dice.one_in(2)).then_some(Value::Object(facts))
}

const FACTS: [&str; 9] = [
    "arrears_months",
    "blacklisted",
    "concealed_payroll",
    "fraud",
    "max_deaths_one_event",
    "relief_available",
    "safety_certificate_grade",
    "safety_certificate_used",
    "uncorrected_hazard",
];

fn value(dice: &mut Dice, plan: Plan, name: &str) -> Value {
    match name {
        "arrears_months" if plan == Plan::Zhengzhou => {
            json!(dice.pick(&["0", "0", "0", "1", "2.999999999", "3", "3.000000001", "12"]))
        }
        "arrears_months" => json!(dice.pick(&["0", "0", "0", "0", "0", "0", "0.000000001", "1", "12"])),
        "max_deaths_one_event" => json!(dice.pick(&["0", "0", "0", "1", "2", "3", "4"])),
        "safety_certificate_grade" => json!(dice.pick(&["0", "1", "2", "3", "4", "5"])),
        "relief_available" => json!(dice.one_in(2)),
        "blacklisted" => json!(dice.one_in(16)),
        _ => json!(dice.one_in(12)),
    }
}

#[test]
fn a_record_depends_on_its_arguments_alone() {
    for i in 0..50 {
        let first = record(plans::HAINAN, "2022-01-01", 7, i);
        assert_eq!(first, record(plans::HAINAN, "2022-01-01", 7, i));
        assert_ne!(first, record(plans::HAINAN, "2022-01-01", 8, i));
    }
}
