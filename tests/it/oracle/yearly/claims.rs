//! The claims of a generated record: benefits at or beside a threshold, counts at or beside theirs, and around them
//! rows that do not count because they lie outside the window.

use serde_json::{Value, json};

use super::bounds::thresholds;
use super::periods::{MOST_FEN, Row};
use crate::oracle::calendar::{Span, text};
use crate::oracle::dice::Dice;
use crate::oracle::plans::{Denominator, Plan};

const CAUSES: [&str; 10] = [
    "work_accident",
    "commuting",
    "sudden_illness",
    "occupational_disease",
    "rescue",
    "epidemic_duty",
    "military_relapse",
    "away_on_duty",
    "third_party",
    "other",
];

const OUTCOMES: [&str; 6] = ["medical_only", "temporary", "disability_1", "disability_10", "fatal", "fatal"];

/// What the claims of a record are to come to.
pub struct Aim {
    pub plan: Plan,
    pub window: Span,
    pub insured_since: i64,
    /// Fen per 10,000 of the payroll, where the plan divides by payroll x base rate.
    pub basis_points: u64,
    /// Years before the window in which nothing may have been paid.
    pub quiet: Vec<Span>,
    /// Years before the window in which a fen is paid.
    pub paid_for: Vec<Span>,
}

pub fn claims(dice: &mut Dice, aim: &Aim, rows: &[Row], is_zero: bool) -> Value {
    let mut maker = Maker { dice, aim, list: Vec::new() };
    if aim.insured_since <= aim.window.last {
        let fen = if is_zero { 0 } else { maker.benefits(rows) };
        maker.pay(fen);
        maker.injure();
    }
    for year in &aim.paid_for {
        if let Some(day) = maker.day(*year) {
            let fen = maker.dice.pick(&[1, 100_000]);
            maker.push(day, None, "other", "temporary", 0, fen);
        }
    }
    maker.scatter();
    Value::from(maker.list)
}

struct Maker<'a> {
    dice: &'a mut Dice,
    aim: &'a Aim,
    list: Vec<Value>,
}

impl Maker<'_> {
    /// Benefits of the window: a threshold, a fen to each side, or anything between and above.
    fn benefits(&mut self, rows: &[Row]) -> u128 {
        let inside = rows.iter().filter(|row| self.aim.window.holds_all_of(row.span));
        let denominator: u128 = match self.aim.plan.denominator() {
            Denominator::ContributionsPaid => inside.map(|row| u128::from(row.paid_fen.unwrap_or(0))).sum(),
            Denominator::PayrollAtBase => {
                let payroll: u128 = inside.map(|row| u128::from(row.payroll_fen.unwrap_or(0))).sum();
                payroll * u128::from(self.aim.basis_points) / 10_000
            }
        };
        let exact = denominator * u128::from(self.dice.pick(thresholds(self.aim.plan))) / 100;
        match self.dice.below(6) {
            0 => exact.saturating_sub(1),
            1 | 2 => exact,
            3 => exact + 1,
            4 => self.dice.below_wide(2 * denominator + 1),
            _ => self.dice.below_wide(7 * denominator + 2),
        }
    }

    /// Pays the sum in up to three parts, each inside the window, some for injuries before it.
    fn pay(&mut self, mut fen: u128) {
        let mut parts = self.dice.between(1, 3);
        while fen > 0 {
            let part = if parts > 1 { 1 + self.dice.below_wide(fen) } else { fen };
            let part = part.min(u128::from(MOST_FEN));
            fen -= part;
            parts -= 1;
            let paid_on = self.day(self.aim.window).expect("some day of the window is insured");
            let before = Span { first: self.aim.window.first - 700, last: paid_on };
            let (date, paid_on) = match self.dice.below(4) {
                0 => (paid_on, None),
                _ => (self.day(before).unwrap_or(paid_on), Some(paid_on)),
            };
            let cause = self.dice.pick(&CAUSES);
            self.push(date, paid_on, cause, "temporary", 0, part as u64);
        }
    }

    /// Injuries, deaths and diseases of the window, mostly none, otherwise around three.
    fn injure(&mut self) {
        if self.dice.one_in(2) {
            return;
        }
        let counts: &[u64] = if self.aim.plan == Plan::Hainan { &[0, 1, 2, 3] } else { &[0, 0, 1] };
        for (cause, outcome) in [("occupational_disease", "disability_4"), ("commuting", "fatal")] {
            let mut count = self.dice.pick(counts);
            while count > 0 {
                let part = 1 + self.dice.below(count);
                count -= part;
                let date = self.day(self.aim.window).expect("some day of the window is insured");
                self.push(date, None, cause, outcome, part, 0);
            }
        }
        let date = self.day(self.aim.window).expect("some day of the window is insured");
        let (cause, outcome) = (self.dice.pick(&CAUSES), self.dice.pick(&OUTCOMES));
        match self.dice.below(4) {
            0 => self.push(date, None, cause, outcome, 0, 0),
            // Paid after the window: an injury of it, but no money of it.
            1 => {
                let fen = 1 + self.dice.below(1_000_000);
                let paid_on = self.aim.window.last + self.dice.between(1, 90);
                self.push(date, Some(paid_on), cause, outcome, 1, fen);
            }
            _ => {}
        }
    }

    /// Rows outside the window, often on the day beside it.
    fn scatter(&mut self) {
        for _ in 0..self.dice.below(3) {
            let last = self.aim.window.last;
            let after = Span { first: last + 1, last: last + 200 };
            let before = Span { first: self.aim.window.first - 2500, last: self.aim.window.first - 1 };
            let span = if self.dice.one_in(2) { before } else { after };
            let Some(date) = self.day(span) else { continue };
            let is_quiet = self.aim.quiet.iter().any(|year| year.holds(date));
            let (cause, outcome) = (self.dice.pick(&CAUSES), self.dice.pick(&OUTCOMES));
            let count = self.dice.below(5);
            let fen = if is_quiet { 0 } else { self.dice.pick(&[0, 1, 500_000, MOST_FEN]) };
            self.push(date, None, cause, outcome, count, fen);
        }
    }

    fn push(&mut self, date: i64, paid_on: Option<i64>, cause: &str, outcome: &str, count: u64, fen: u64) {
        let id = format!("c{}", self.list.len());
        let mut claim = json!({"id": id, "date": text(date), "cause": cause, "outcome": outcome,
            "count": count, "benefits_paid": fen});
        if let Some(paid_on) = paid_on {
            claim["paid_on"] = json!(text(paid_on));
        }
        self.list.push(claim);
    }

    /// An insured day of the span, its ends more often than others.
    fn day(&mut self, span: Span) -> Option<i64> {
        let first = span.first.max(self.aim.insured_since);
        (first <= span.last).then(|| match self.dice.below(4) {
            0 => first,
            1 => span.last,
            _ => self.dice.between(first, span.last),
        })
    }
}
