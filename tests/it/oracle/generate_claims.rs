//! The claims of a generated record: what counts adds up to a target at or beside a threshold; what
//! does not count (by cause, by date, by day of payment) is scattered around it.

use serde_json::{Value, json};

use super::calendar::{Span, text};
use super::dice::Dice;
use super::generate_periods::{MOST_FEN, Row};
use super::generate_targets::{benefits_target, injuries_target};
use super::plans::{LEFT_OUT, Plan};

const COUNTED: [&str; 4] = ["work_accident", "occupational_disease", "third_party", "other"];

pub fn claims(dice: &mut Dice, plan: Plan, rows: &[Row], now: Span, insured_since: i64) -> Value {
    let inside: Vec<&Row> = rows.iter().filter(|row| now.holds_all_of(row.span)).collect();
    let mut maker = Maker { dice, plan, now, insured_since, claims: Vec::new() };
    // Jiangsu's lowest tier asks for two windows without anything, so chance alone would rarely meet it.
    let is_quiet = plan == Plan::Jiangsu && maker.dice.one_in(6);
    if insured_since <= now.last && !is_quiet {
        let money = benefits_target(maker.dice, plan, &inside);
        let injuries = injuries_target(maker.dice, &inside);
        maker.add_counted(money, injuries);
    }
    if !maker.dice.one_in(12) {
        for _ in 0..maker.dice.between(1, 3) {
            if is_quiet { maker.add_later() } else { maker.add_uncounted() }
        }
    }
    Value::from(maker.claims)
}

struct Maker<'a> {
    dice: &'a mut Dice,
    plan: Plan,
    now: Span,
    insured_since: i64,
    claims: Vec<Value>,
}

impl Maker<'_> {
    fn add_counted(&mut self, money: u128, injuries: u64) {
        let money = self.split(money);
        let injuries = self.split(u128::from(injuries));
        for i in 0..money.len().max(injuries.len()) {
            let fen = money.get(i).copied().unwrap_or(0);
            let count = injuries.get(i).copied().unwrap_or(0);
            self.add_counted_row(fen, count);
        }
    }

    /// Parts that add up, each a possible amount.
    fn split(&mut self, total: u128) -> Vec<u64> {
        let wanted = self.dice.between(1, 4) as usize;
        let (mut rest, mut parts) = (total, Vec::new());
        while rest > 0 {
            let part = if parts.len() + 1 < wanted { 1 + self.dice.below_wide(rest) } else { rest };
            let part = part.min(u128::from(MOST_FEN));
            parts.push(part as u64);
            rest -= part;
        }
        parts
    }

    fn add_counted_row(&mut self, fen: u64, count: u64) {
        let inside = self.insured(self.now);
        let before = self.insured(Span { first: self.now.first - 400, last: self.now.first - 1 });
        let cause = match self.plan {
            Plan::Jiangsu => self.any_cause(),
            _ => self.dice.pick(&COUNTED),
        };
        if count == 0 && before.first <= before.last && self.dice.one_in(2) {
            // An injury before the window, paid in it.
            let (date, paid_on, count) = (self.day(before), self.day(self.now), self.dice.below(2));
            return self.push(date, Some(paid_on), cause, count, fen);
        }
        let date = self.day(inside);
        let paid_on = match self.dice.below(4) {
            0 => None,
            1 => Some(self.now.last),
            _ => Some(self.day(Span { first: date, last: self.now.last })),
        };
        if fen == 0 && self.dice.one_in(2) {
            // An injury in the window, paid after it.
            let (paid_on, uncounted_fen) = (self.day(self.after()), self.amount());
            return self.push(date, Some(paid_on), cause, count, uncounted_fen);
        }
        self.push(date, paid_on, cause, count, fen);
    }

    fn add_uncounted(&mut self) {
        let inside = self.insured(self.now);
        let before = self.insured(Span { first: self.now.first - 1200, last: self.now.first - 1 });
        let has_days = |span: Span| span.first <= span.last;
        let (cause, fen) = (self.any_cause(), self.amount());
        let count = self.dice.pick(&[0, 1, 1, 1, 2, 7]);
        match self.dice.below(6) {
            0 if has_days(before) => {
                let date = self.day(before);
                let paid_on = self.day(Span { first: date, last: before.last });
                let paid_on = (!self.dice.one_in(3)).then_some(paid_on);
                self.push(date, paid_on, cause, count, fen);
            }
            1 if has_days(before) => {
                let (date, paid_on) = (self.day(before), self.day(self.after()));
                self.push(date, Some(paid_on), cause, count, fen);
            }
            2 if has_days(inside) => {
                let count = if self.plan == Plan::Jiangsu { 0 } else { count };
                let (date, paid_on) = (self.day(inside), self.day(self.after()));
                self.push(date, Some(paid_on), cause, count, fen);
            }
            3 | 4 if has_days(inside) && self.plan != Plan::Jiangsu => {
                let (date, cause) = (self.day(inside), self.dice.pick(&LEFT_OUT));
                let paid_on = self.day(Span { first: date, last: self.now.last });
                self.push(date, Some(paid_on), cause, count, fen);
            }
            _ => self.add_later(),
        }
    }

    fn add_later(&mut self) {
        let first = self.insured_since.max(self.now.last + 1);
        let date = self.day(Span { first, last: first + 200 });
        let paid_on = self.day(Span { first: date, last: date + 50 });
        let (cause, count, fen) = (self.any_cause(), self.dice.below(3), self.amount());
        self.push(date, Some(paid_on), cause, count, fen);
    }

    fn push(&mut self, date: i64, paid_on: Option<i64>, cause: &str, count: u64, fen: u64) {
        let outcome = self.dice.pick(&OUTCOMES);
        let id = format!("c{}", self.claims.len() + 1);
        let mut claim = json!({"id": id, "date": text(date), "cause": cause, "outcome": outcome,
            "count": count, "benefits_paid": fen});
        if let Some(paid_on) = paid_on {
            claim["paid_on"] = json!(text(paid_on));
        }
        if self.dice.one_in(2) {
            claim["reserve"] = json!(self.dice.below(1_000_000));
        }
        let further = self.dice.one_in(6).then(|| {
            let mut further = claim.clone();
            let first = date.max(self.now.last + 1);
            further["paid_on"] = json!(text(self.day(Span { first, last: first + 300 })));
            further["count"] = json!(0);
            further["benefits_paid"] = json!(self.amount());
            further
        });
        self.claims.push(claim);
        self.claims.extend(further);
    }

    fn insured(&self, span: Span) -> Span {
        Span { first: span.first.max(self.insured_since), last: span.last }
    }

    fn after(&self) -> Span {
        Span { first: self.now.last + 1, last: self.now.last + 300 }
    }

    /// A day of the span, its ends more often than others.
    fn day(&mut self, span: Span) -> i64 {
        match self.dice.below(4) {
            0 => span.first,
            1 => span.last,
            _ => self.dice.between(span.first, span.last),
        }
    }

    fn amount(&mut self) -> u64 {
        let most = self.dice.pick(&[1, 100_000, 50_000_000, MOST_FEN]);
        1 + self.dice.below(most)
    }

    fn any_cause(&mut self) -> &'static str {
        if self.dice.one_in(2) { self.dice.pick(&COUNTED) } else { self.dice.pick(&LEFT_OUT) }
    }
}

/// Every outcome, deaths more often than others.
const OUTCOMES: [&str; 16] = [
    "medical_only",
    "temporary",
    "disability_1",
    "disability_2",
    "disability_3",
    "disability_4",
    "disability_5",
    "disability_6",
    "disability_7",
    "disability_8",
    "disability_9",
    "disability_10",
    "fatal",
    "fatal",
    "fatal",
    "fatal",
];
