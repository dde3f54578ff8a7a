//! The periods of a generated record: years, quarters, months or odd days, one class or several.

use serde_json::{Value, json};

use super::calendar::{Span, add_months, civil, text, whole_months};
use super::dice::Dice;
use super::generate_flaws::Flaw;

/// The largest amount of a row, in fen.
pub const MOST_FEN: u64 = 999_999_999_999_999_999;

#[derive(Clone)]
pub struct Row {
    pub class: Option<&'static str>,
    pub span: Span,
    pub contributions_fen: Option<u64>,
    pub headcount_micro: Option<u64>,
    pub months: Option<u64>,
}

pub fn periods(
    dice: &mut Dice,
    now: Span,
    earlier: Span,
    insured_since: i64,
    flaws: &[(Flaw, Span)],
) -> Vec<Row> {
    let before = Span { first: add_months(earlier.first, -12), last: earlier.first - 1 };
    let after = Span { first: now.last + 1, last: add_months(now.last + 1, 12) - 1 };
    let mut segments = vec![now];
    if !dice.one_in(8) {
        segments.push(earlier);
        if dice.one_in(3) {
            segments.push(before);
        }
    }
    if dice.one_in(3) {
        segments.push(after);
    }
    segments.sort_by_key(|segment| segment.first);

    let classes: &[Option<&str>] = match dice.below(20) {
        0 => &[Some("8810")],
        1 | 2 => &[Some("8810"), Some("5606")],
        3 => &[Some("8810"), Some("5606"), Some("3632")],
        _ => &[None],
    };
    let sizes = Sizes::any(dice);
    let mut rows = Vec::new();
    for (number, &class) in classes.iter().enumerate() {
        for &segment in &segments {
            for span in cut(dice, segment, insured_since) {
                // The first class covers all days, so another may have holes.
                if number == 0 || !dice.one_in(6) {
                    rows.push(sizes.row(dice, class, span));
                }
            }
        }
    }
    if !rows.is_empty() && dice.one_in(12) {
        let gap = dice.below(rows.len() as u64) as usize;
        rows[gap] = Row {
            contributions_fen: Some(0),
            headcount_micro: Some(0),
            months: Some(0),
            ..rows[gap].clone()
        };
    }
    for (flaw, window) in flaws {
        flaw.spoil(dice, &mut rows, *window);
    }
    rows
}

/// Cuts the insured part of a span. The first row may begin before `insured_since`, in its month.
fn cut(dice: &mut Dice, segment: Span, insured_since: i64) -> Vec<Span> {
    if segment.last < insured_since {
        return Vec::new();
    }
    let mut first = segment.first;
    if first < insured_since {
        let (_, _, day_of_month) = civil(insured_since);
        first = if dice.one_in(2) { insured_since } else { insured_since - day_of_month + 1 };
        first = first.max(segment.first);
    }
    let step_months = dice.pick(&[1, 1, 3, 3, 6, 12, 12, 12, 12, 24, 36, 0]);
    let mut spans = Vec::new();
    while first <= segment.last {
        let next =
            if step_months == 0 { first + dice.between(1, 200) } else { add_months(first, step_months) };
        let last = segment.last.min(next - 1);
        spans.push(Span { first, last });
        first = last + 1;
    }
    spans
}

/// How large the rows of one record are.
struct Sizes {
    contributions_fen: (u64, u64),
    is_even: bool,
    headcount_micro: (u64, u64),
    headcount_unit_micro: u64,
}

impl Sizes {
    fn any(dice: &mut Dice) -> Sizes {
        let most = 10_u64.pow(dice.between(3, 10) as u32);
        let hundreds = dice.between(1, 50) as u64 * 100_000_000;
        let odd_size = dice.pick(&[1, 3_333_333, 33_333_333, 66_666_667, 99_999_999, 100_000_001]);
        let (headcount_micro, headcount_unit_micro) = match dice.below(6) {
            0..=2 => ((hundreds, hundreds), 1),
            3 => ((odd_size, odd_size), 1),
            4 => ((1, 2_000_000_000), 1),
            _ => ((1_000_000, 5_000_000_000), 500_000),
        };
        Sizes {
            contributions_fen: match dice.below(24) {
                0 => (MOST_FEN - 3, MOST_FEN),
                1 => (0, 4),
                2 => (0, MOST_FEN),
                _ => (most / 2, most),
            },
            is_even: !dice.one_in(6),
            headcount_micro,
            headcount_unit_micro,
        }
    }

    fn row(&self, dice: &mut Dice, class: Option<&'static str>, span: Span) -> Row {
        let between = |dice: &mut Dice, (low, high): (u64, u64)| low + dice.below(high - low + 1);
        let mut contributions_fen = between(dice, self.contributions_fen);
        if self.is_even {
            // So that half and one and a half times the sum are whole fen.
            contributions_fen -= contributions_fen % 2;
        }
        let headcount_micro = between(dice, self.headcount_micro);
        Row {
            class,
            span,
            contributions_fen: Some(contributions_fen),
            headcount_micro: Some(headcount_micro - headcount_micro % self.headcount_unit_micro),
            months: Some(whole_months(span.first, span.last + 1) as u64),
        }
    }
}

/// The rows as JSON, sometimes out of order.
pub fn to_json(dice: &mut Dice, rows: &[Row]) -> Value {
    let mut list = Vec::new();
    for row in rows {
        let mut period = json!({"start": text(row.span.first), "end": text(row.span.last)});
        if let Some(class) = row.class {
            period["class"] = json!(class);
        }
        if let Some(fen) = row.contributions_fen {
            period["contributions_paid"] = json!(fen);
        }
        if let Some(headcount_micro) = row.headcount_micro {
            let (whole, places) = (headcount_micro / 1_000_000, headcount_micro % 1_000_000);
            let text = if places == 0 { whole.to_string() } else { format!("{whole}.{places:06}") };
            period["headcount"] = json!(text);
        }
        if let Some(months) = row.months {
            period["months_insured"] = json!(months);
        }
        // No rated plan of the oracle reads these two.
        let fen = row.contributions_fen.unwrap_or(0);
        if !dice.one_in(10) {
            period["payroll"] = json!(fen.saturating_mul(50).min(MOST_FEN));
        }
        if !dice.one_in(10) {
            period["contributions_due"] = json!((fen + dice.below(3)).min(MOST_FEN));
        }
        list.push(period);
    }
    if dice.one_in(4) {
        dice.shuffle(&mut list);
    }
    Value::from(list)
}
