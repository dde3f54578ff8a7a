//! What can be wrong with the periods of a window, each of which a plan must notice.

use super::calendar::Span;
use super::dice::Dice;
use super::generate_periods::Row;

/// What is wrong with a window's rows.
#[derive(Clone, Copy)]
pub enum Flaw {
    Straddled,
    Uncovered,
    ContributionsMissing,
    HeadcountMissing,
    MonthsMissing,
    ContributionsZero,
    HeadcountZero,
    MonthsZero,
}

impl Flaw {
    pub fn any(dice: &mut Dice) -> Flaw {
        dice.pick(&[
            Flaw::Straddled,
            Flaw::Straddled,
            Flaw::Uncovered,
            Flaw::Uncovered,
            Flaw::ContributionsMissing,
            Flaw::HeadcountMissing,
            Flaw::MonthsMissing,
            Flaw::ContributionsZero,
            Flaw::HeadcountZero,
            Flaw::MonthsZero,
        ])
    }

    /// Spoils the rows of a window; nothing happens where it has none.
    pub fn spoil(self, dice: &mut Dice, rows: &mut Vec<Row>, window: Span) {
        if let Flaw::Straddled = self {
            return straddle(dice, rows, window);
        }
        let inside: Vec<usize> = (0..rows.len()).filter(|&i| window.holds_all_of(rows[i].span)).collect();
        if inside.is_empty() {
            return;
        }
        let one = dice.pick(&inside);
        match self {
            Flaw::Straddled => {}
            Flaw::Uncovered => uncover(dice, rows, one),
            Flaw::ContributionsMissing => rows[one].contributions_fen = None,
            Flaw::HeadcountMissing => rows[one].headcount_micro = None,
            Flaw::MonthsMissing => rows[one].months = None,
            Flaw::ContributionsZero => inside.iter().for_each(|&i| rows[i].contributions_fen = Some(0)),
            Flaw::HeadcountZero => inside.iter().for_each(|&i| rows[i].headcount_micro = Some(0)),
            Flaw::MonthsZero => inside.iter().for_each(|&i| rows[i].months = Some(0)),
        }
    }
}

/// Moves the cut at the first or at the last bound of a window, or leaves it out. Rows of one class
/// still do not overlap.
fn straddle(dice: &mut Dice, rows: &mut Vec<Row>, window: Span) {
    let boundary = dice.pick(&[window.first, window.last + 1]);
    let Some(left) = rows.iter().position(|row| row.span.last + 1 == boundary) else {
        return;
    };
    let class = rows[left].class;
    let right = rows.iter().position(|row| row.class == class && row.span.first == boundary);
    match right {
        None => {
            // Where a day after the bound was left out, the next row begins a little later.
            let later = rows.iter().filter(|row| row.class == class && row.span.first > boundary);
            let room = later.map(|row| row.span.first - boundary).min().unwrap_or(40);
            rows[left].span.last += dice.between(1, 40).min(room);
        }
        Some(right) if dice.one_in(2) || rows[right].span.first == rows[right].span.last => {
            rows[left].span.last = rows[right].span.last;
            rows.remove(right);
        }
        Some(right) => {
            rows[left].span.last += 1;
            rows[right].span.first += 1;
        }
    }
}

/// Leaves days without a row: a whole row, or one day.
fn uncover(dice: &mut Dice, rows: &mut Vec<Row>, one: usize) {
    let is_one_day = rows[one].span.first == rows[one].span.last;
    match dice.below(3) {
        0 if !is_one_day => rows[one].span.last -= 1,
        1 if !is_one_day => rows[one].span.first += 1,
        _ => {
            rows.remove(one);
        }
    }
}
