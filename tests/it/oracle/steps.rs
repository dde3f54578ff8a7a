//! From the measures to the step in Panzhihua, Shenzhen and Jiangsu: band, overlay, vetoes, class rule
//! (decisions.md, "For all" 7 and 8).

use rust_decimal::Decimal;
use serde_json::Value;

use super::calendar::{Span, whole_months};
use super::facts::{is_true, number};
use super::plans::Plan;
use super::ratio::Ratio;
use super::tally::{Tally, text};

/// The step so far and what led to it.
pub struct Steps {
    pub step: i64,
    /// The band first, even when its step is 0; then only what changed the step.
    pub components: Vec<(String, i64)>,
}

impl Steps {
    fn change(&mut self, from: &str, new_step: i64) {
        if new_step != self.step {
            self.components.push((from.to_owned(), new_step - self.step));
            self.step = new_step;
        }
    }
}

/// 0: -2; (0, 0.5]: -1; (0.5, 1]: 0; (1, 1.5]: +1; above: +2. Bands count from 1.
fn payout_band(ratio: Ratio) -> (usize, i64) {
    if ratio.is_zero() {
        (1, -2)
    } else if !ratio.is_above(50) {
        (2, -1)
    } else if !ratio.is_above(100) {
        (3, 0)
    } else if !ratio.is_above(150) {
        (4, 1)
    } else {
        (5, 2)
    }
}

/// Jiangsu's rows in the order in which they are tried; they count from 1.
fn jiangsu_band(payout: Ratio, injury: Ratio, is_clean_before: bool, is_long_insured: bool) -> (usize, i64) {
    if payout.is_above(100) || injury.is_above(3) {
        (1, 2)
    } else if payout.is_above(50) || injury.is_above(1) {
        (2, 1)
    } else if payout.is_zero() && injury.is_zero() && is_clean_before && is_long_insured {
        (3, -2)
    } else if payout.is_zero() && injury.is_zero() {
        (4, -1)
    } else {
        (5, 0)
    }
}

/// The step of an employer whose class is known, whose insured time is enough, and whose window
/// is in order.
pub fn steps(plan: Plan, rating_date: &str, record: &Value, class: u8, now: &Tally) -> Steps {
    let payout = now.payout_ratio(plan, class).expect("the payout ratio is defined");
    let (name, step) = if plan == Plan::Jiangsu {
        let injury = now.injury_rate().expect("the injury rate is defined");
        let (window, earlier) = plan.windows(rating_date);
        let (row, step) = jiangsu_band(
            payout,
            injury,
            is_clean(plan, record, class, earlier),
            is_long_insured(record, window),
        );
        (format!("band:{row}"), step)
    } else {
        let (row, step) = payout_band(payout);
        (format!("band:payout_ratio:{row}"), step)
    };
    let mut steps = Steps { step, components: vec![(name, step)] };
    match plan {
        Plan::Shenzhen => certificate(&mut steps, rating_date, record),
        Plan::Panzhihua => vetoes(&mut steps, rating_date, record, now),
        Plan::Jiangsu => {}
        _ => panic!("{plan:?} is read by the yearly rules"),
    }
    if class == 1 && steps.step < 0 {
        steps.change("class_rule:class_1_never_down", 0);
    }
    let lowest = if class == 1 { 0 } else { -2 };
    assert!((lowest..=2).contains(&steps.step), "no rule leaves the class's tiers");
    steps
}

fn is_clean(plan: Plan, record: &Value, class: u8, earlier: Span) -> bool {
    Tally::of(plan, record, earlier).is_clean(plan, class)
}

fn is_long_insured(record: &Value, window: Span) -> bool {
    let insured_since = super::calendar::read(text(&record["employer"]["insured_since"]));
    whole_months(insured_since, window.last + 1) >= 48
}

/// Shenzhen: grade 1 two steps further down, grade 2 or 3 one, once only, never past -2.
fn certificate(steps: &mut Steps, rating_date: &str, record: &Value) {
    if is_true(record, rating_date, "safety_certificate_used") {
        return;
    }
    let grade = number(record, rating_date, "safety_certificate_grade");
    if grade == Decimal::ONE {
        steps.change("overlay:certificate_grade_1", (steps.step - 2).max(-2));
    } else if grade == Decimal::TWO || grade == Decimal::from(3) {
        steps.change("overlay:certificate_grade_2_or_3", (steps.step - 1).max(-2));
    }
}

/// Panzhihua: each turns a downward step into 0, so only the first that holds changes anything.
fn vetoes(steps: &mut Steps, rating_date: &str, record: &Value, now: &Tally) {
    let vetoes = [
        ("veto:uncorrected_hazard", is_true(record, rating_date, "uncorrected_hazard")),
        ("veto:blacklisted", is_true(record, rating_date, "blacklisted")),
        ("veto:arrears", number(record, rating_date, "arrears_months") > Decimal::ZERO),
        ("veto:concealed_payroll", is_true(record, rating_date, "concealed_payroll")),
        ("veto:fraud", is_true(record, rating_date, "fraud")),
        ("veto:work_death", now.work_deaths > 0),
    ];
    for (name, holds) in vetoes {
        if holds && steps.step < 0 {
            steps.change(name, 0);
        }
    }
}
