//! From the step to the rate, plan by plan: start, increments, deduction, floor and cap (decisions.md, "For all" 7).

use rust_decimal::Decimal;
use serde_json::Value;

use crate::oracle::facts::number;
use crate::oracle::plans::Plan;
use crate::oracle::{base_rate, tier};

/// Where the rate stands before it moves, and where `kept` and `review` leave it.
pub fn start(plan: Plan, record: &Value, class: u8) -> Decimal {
    match (plan, record["employer"]["prior"]["rate"].as_str()) {
        (Plan::Puyang, Some(prior)) => prior.parse().expect("the prior rate is a decimal"),
        _ => base_rate(plan, class),
    }
}

/// The rate before floor and cap.
pub fn unlimited_rate(plan: Plan, rating_date: &str, record: &Value, class: u8, step: i64) -> Decimal {
    let start = start(plan, record, class);
    match plan {
        Plan::Puyang if step == -1 => start * Decimal::new(8, 1),
        Plan::Puyang => {
            // 0.1 points in class 2, 0.2 in class 3; class 1 has no steps.
            let increment = Decimal::new(i64::from(class) - 1, 3);
            start + increment * Decimal::from(step)
        }
        Plan::U1 => {
            let grade = number(record, rating_date, "safety_certificate_grade");
            let has_certificate = grade == Decimal::ONE || grade == Decimal::TWO;
            let deduction = if has_certificate { Decimal::new(3, 4) } else { Decimal::ZERO };
            start * tier(step) - deduction
        }
        _ => start * tier(step),
    }
}

pub fn floor(plan: Plan, class: u8) -> Option<Decimal> {
    match plan {
        Plan::Shenyang => Some(Decimal::new(2, 3)),
        Plan::Hainan | Plan::U1 | Plan::U2 => Some(base_rate(plan, 1)),
        Plan::Puyang if class == 2 => Some(Decimal::new(5, 3)),
        Plan::Puyang if class == 3 => Some(Decimal::new(1, 2)),
        _ => None,
    }
}

pub fn cap(plan: Plan, class: u8) -> Option<Decimal> {
    match plan {
        Plan::Shenyang => Some(Decimal::new(4, 2)),
        Plan::Puyang if class == 2 => Some(Decimal::new(15, 3)),
        Plan::Puyang if class == 3 => Some(Decimal::new(3, 2)),
        _ => None,
    }
}

/// The rate that is charged from the rating date to the end of the rating year. Of the temporary reductions that
/// china.md 1.6 tells, one is of a region of these plans and of a known size: Shandong cuts the base by 20 % in 2025. All
/// of Yantai's rates are base x tier without floor or cap, so what is charged is 80 % of the rate.
pub fn charged(plan: Plan, rating_date: &str, rate: Decimal) -> Decimal {
    if plan == Plan::Yantai && rating_date == "2025-01-01" { rate * Decimal::new(8, 1) } else { rate }
}

/// What the result gives as tier: the step's, in Puyang the final rate / base.
pub fn shown_tier(plan: Plan, class: u8, step: i64, rate: Decimal) -> Decimal {
    if plan == Plan::Puyang { rate / base_rate(plan, class) } else { tier(step) }
}
