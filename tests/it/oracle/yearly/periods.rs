//! The periods of a generated record: years, halves, quarters, months or odd spans, now and then with something wrong.

use serde_json::{Value, json};

use crate::oracle::calendar::{Span, add_months, civil, text, whole_months};
use crate::oracle::dice::Dice;

/// The largest amount of a row, in fen.
pub const MOST_FEN: u64 = 999_999_999_999_999_999;

pub struct Row {
    pub span: Span,
    pub paid_fen: Option<u64>,
    pub payroll_fen: Option<u64>,
}

/// What is wrong with a year.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flaw {
    None,
    Zero,
    Gone,
    DayShort,
    Straddled,
    Unknown,
}

impl Flaw {
    pub fn any(dice: &mut Dice) -> Flaw {
        dice.pick(&[Flaw::Zero, Flaw::Gone, Flaw::DayShort, Flaw::Straddled, Flaw::Straddled, Flaw::Unknown])
    }
}

/// How large the rows of one record are. Sums are whole multiples of 100,000 fen or of 10, so that a hundredth of the
/// denominator is a whole number of fen.
pub struct Sizes {
    paid: (u64, u64, u64),
    payroll: (u64, u64, u64),
}

impl Sizes {
    pub fn any(dice: &mut Dice) -> Sizes {
        let most = 10_u64.pow(dice.between(2, 7) as u32);
        let (paid, payroll) = match dice.below(20) {
            0 => ((MOST_FEN - 9, MOST_FEN, 1), (MOST_FEN - 9, MOST_FEN, 1)),
            1 => ((0, 3, 1), (0, 3, 1)),
            2 | 3 => ((0, 1000 * most, 1), (0, 1000 * most, 1)),
            // The sum of a year is near the 5,000 yuan that Yantai asks for.
            4..=7 => ((41_660, 41_670, 1), (1, most, 1_000_000)),
            8 | 9 => ((499_998, 500_002, 1), (1, most, 1_000_000)),
            _ => ((most / 2, most, 100), (most / 2, most, 1_000_000)),
        };
        Sizes { paid, payroll }
    }

    fn row(&self, dice: &mut Dice, span: Span) -> Row {
        let draw = |dice: &mut Dice, (low, high, unit): (u64, u64, u64)| {
            (low + dice.below(high - low + 1)).saturating_mul(unit).min(MOST_FEN)
        };
        Row { span, paid_fen: Some(draw(dice, self.paid)), payroll_fen: Some(draw(dice, self.payroll)) }
    }
}

/// Rows of the years, in order; a year and what is wrong with it.
pub fn periods(dice: &mut Dice, years: &[(Span, Flaw)], insured_since: i64) -> Vec<Row> {
    let sizes = Sizes::any(dice);
    let mut rows = Vec::new();
    for (year, flaw) in years {
        let from = rows.len();
        if *flaw == Flaw::Gone {
            continue;
        }
        for span in cut(dice, *year, insured_since) {
            rows.push(sizes.row(dice, span));
        }
        spoil(dice, *flaw, from, *year, &mut rows);
    }
    rows
}

fn spoil(dice: &mut Dice, flaw: Flaw, from: usize, year: Span, rows: &mut Vec<Row>) {
    if from == rows.len() {
        return;
    }
    let one = from + dice.below((rows.len() - from) as u64) as usize;
    match flaw {
        Flaw::Zero => rows[from..].iter_mut().for_each(|row| {
            row.paid_fen = Some(0);
            row.payroll_fen = Some(0);
        }),
        Flaw::Unknown => {
            rows[one].paid_fen = None;
            rows[one].payroll_fen = None;
        }
        Flaw::DayShort => {
            if rows[one].span.first == rows[one].span.last {
                rows.remove(one);
            } else {
                rows[one].span.last -= 1;
            }
        }
        // The row before takes the first day of the year, or all of its first row.
        Flaw::Straddled if from > 0 && rows[from - 1].span.last + 1 == year.first => {
            if dice.one_in(2) || rows[from].span.first == rows[from].span.last {
                rows[from - 1].span.last = rows[from].span.last;
                rows.remove(from);
            } else {
                rows[from - 1].span.last += 1;
                rows[from].span.first += 1;
            }
        }
        Flaw::None | Flaw::Gone | Flaw::Straddled => {}
    }
}

/// Cuts the insured part of a year. The first row may begin before `insured_since`, in its month.
fn cut(dice: &mut Dice, year: Span, insured_since: i64) -> Vec<Span> {
    if year.last < insured_since {
        return Vec::new();
    }
    let mut first = year.first;
    if first < insured_since {
        let (_, _, day_of_month) = civil(insured_since);
        first = if dice.one_in(2) { insured_since } else { insured_since - day_of_month + 1 };
    }
    let months = dice.pick(&[12, 12, 12, 12, 6, 3, 3, 1, 0]);
    let mut spans = Vec::new();
    while first <= year.last {
        let next = if months == 0 { first + dice.between(1, 300) } else { add_months(first, months) };
        let last = year.last.min(next - 1);
        spans.push(Span { first, last });
        first = last + 1;
    }
    spans
}

/// The rows as JSON, sometimes out of order.
pub fn to_json(dice: &mut Dice, rows: &[Row]) -> Value {
    let mut list = Vec::with_capacity(rows.len());
    for row in rows {
        let mut period = json!({"start": text(row.span.first), "end": text(row.span.last)});
        if let Some(fen) = row.paid_fen {
            period["contributions_paid"] = json!(fen);
        }
        if let Some(fen) = row.payroll_fen {
            period["payroll"] = json!(fen);
        }
        // None of these plans reads the three.
        if dice.one_in(4) {
            period["contributions_due"] = json!(dice.below(MOST_FEN));
            period["headcount"] = json!("12.5");
            period["months_insured"] =
                json!(dice.between(0, whole_months(row.span.first, row.span.last + 1)));
        }
        list.push(period);
    }
    if dice.one_in(4) {
        dice.shuffle(&mut list);
    }
    Value::from(list)
}
