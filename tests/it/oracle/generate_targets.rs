//! What the counted claims of a generated record add up to: mostly a threshold or its neighbours.

use super::dice::Dice;
use super::generate_periods::Row;
use super::plans::Plan;

/// Fen: 0, 1, each threshold and a fen to each side, and all between.
pub fn benefits_target(dice: &mut Dice, plan: Plan, inside: &[&Row]) -> u128 {
    let paid: u128 = inside.iter().filter_map(|row| row.contributions_fen).map(u128::from).sum();
    let (half, more) = (paid / 2, paid + paid / 2);
    if plan == Plan::Jiangsu && dice.one_in(3) {
        return 0;
    }
    match dice.below(18) {
        0..=2 => 0,
        3 => 1,
        4 => half.saturating_sub(1),
        5 => half,
        6 => half + 1,
        7 => paid.saturating_sub(1),
        8 => paid,
        9 => paid + 1,
        10 => more.saturating_sub(1),
        11 => more,
        12 => more + 1,
        13 | 14 => dice.below_wide(half + 1),
        15 => half + dice.below_wide(half + 1),
        16 => paid + dice.below_wide(half + 1),
        _ => more + dice.below_wide(paid + 2),
    }
}

/// Injuries: 0, 1, as many as 0.01 and 0.03 of the average headcount and one to each side.
pub fn injuries_target(dice: &mut Dice, inside: &[&Row]) -> u64 {
    let (mut months, mut headcount_months_micro) = (0, 0);
    for row in inside {
        let row_months = u128::from(row.months.unwrap_or(0));
        months += row_months;
        headcount_months_micro += row_months * u128::from(row.headcount_micro.unwrap_or(0));
    }
    let average_micro = headcount_months_micro.checked_div(months).unwrap_or(0) as u64;
    let (one, three) = (average_micro / 100_000_000, 3 * average_micro / 100_000_000);
    match dice.below(20) {
        0..=9 => 0,
        10 => one.saturating_sub(1),
        11 => one,
        12 => one + 1,
        13 => three.saturating_sub(1),
        14 => three,
        15 => three + 1,
        16 => 1,
        17 | 18 => dice.below(one + 1),
        _ => dice.below(2 * three + 3),
    }
}
