//! Employers that a plan can rate, from dice.

use super::super::fairness::gravity;
use super::super::world::Key;
use super::Dice;
use crate::number::Decimal;
use crate::plan::checked::{Checked, Raw};
use crate::plan::compiled::Span;
use crate::plan::source::{FactType, Worse};
use crate::record::{Cause, ClaimOutcome, Declared, Form, Record};

/// What is known of an employer before it becomes a record.
#[derive(Clone)]
pub(super) struct Sketch {
    key: Key,
    months: i32,
    prior: Option<&'static str>,
    periods: Vec<Period>,
    claims: Vec<Injury>,
    /// In units of their places.
    facts: Vec<i64>,
}

#[derive(Clone)]
struct Period {
    stretch: usize,
    /// Place among the plan's classes of rows.
    class: Option<usize>,
    paid: i64,
    headcount: i64,
    /// In units of their places; None: the row lacks it.
    values: Vec<Option<i64>>,
}

#[derive(Clone)]
struct Injury {
    stretch: usize,
    cause: Cause,
    outcome: ClaimOutcome,
    count: i64,
    benefits: i64,
    class: Option<usize>,
    /// Injuries of one accident.
    event: Option<usize>,
}

/// What employers are made for.
pub(super) struct Maker<'p> {
    pub plan: &'p Checked,
    pub declared: &'p Declared,
    pub keys: Vec<Key>,
    /// Time cut at the windows.
    pub stretches: &'p [Span],
    /// Numbers that the plan names.
    pub bounds: Vec<Decimal>,
}

impl Maker<'_> {
    fn single(&self) -> bool {
        self.plan.looks_at_injuries()
    }

    pub fn sketch(&self, dice: &mut Dice) -> Sketch {
        let facts: Vec<i64> = self
            .plan
            .facts
            .iter()
            .map(|fact| match (fact.ty, fact.required) {
                // What must be given is mostly a number that means something.
                (ty, true) => self.plausible(ty, fact.places, dice),
                (FactType::Boolean | FactType::Months | FactType::People, false) => small(dice),
                (ty, false) if dice.below(2) == 0 => self.plausible(ty, fact.places, dice),
                _ => small(dice),
            })
            .collect();
        let classes = self.plan.row_classes.len();
        let mut periods = Vec::new();
        for stretch in 0..self.stretches.len() {
            let rows = if classes == 0 { 1 } else { 1 + dice.below(2) };
            let first = dice.below(classes);
            for row in 0..rows {
                let values = self.plan.values.iter().map(|value| {
                    let lacks = value.default.is_some() && dice.below(3) == 0;
                    (!lacks).then(|| self.plausible(value.ty, value.places, dice))
                });
                let values = values.collect();
                periods.push(Period {
                    stretch,
                    class: (classes > 0).then(|| (first + row) % classes),
                    paid: dice.pick(&[0, 1, 100, 40_000, 1_000_000, 250_000_000]).unwrap_or(0),
                    headcount: [1, 10, 100, 1_000][dice.below(4)],
                    values,
                });
            }
        }
        let mut sketch = Sketch {
            key: self.keys[dice.below(self.keys.len())].clone(),
            months: [6, 11, 12, 24, 36, 120][dice.below(6)],
            prior: [None, None, Some("0.002"), Some("0.01"), Some("0.5"), Some("1"), Some("2")]
                [dice.below(7)],
            periods,
            claims: Vec::new(),
            facts,
        };
        for _ in 0..dice.below(4) {
            let injury = self.injury(&sketch, dice);
            sketch.claims.extend(injury);
        }
        sketch
    }

    fn injury(&self, sketch: &Sketch, dice: &mut Dice) -> Option<Injury> {
        let stretch = dice.below(self.stretches.len());
        let beside = [0, 1, -1][dice.below(3)];
        // Near a bound of a ratio, near an amount that the plan names, or near one that the record brings.
        let bound = dice.pick(&self.bounds).unwrap_or(Decimal::ONE);
        let paid = sketch.periods.iter().find(|p| p.stretch == stretch).map_or(0, |p| p.paid);
        let amounts = self.plan.facts.iter().zip(&sketch.facts).filter(|(f, _)| f.ty == FactType::Money);
        let amounts: Vec<i64> = amounts.map(|(_, units)| *units).collect();
        let base = match (dice.below(3), dice.pick(&amounts)) {
            (0, _) => paid,
            (1, Some(amount)) => amount,
            _ => 1,
        };
        let scaled = i128::from(base).checked_mul(bound.mantissa()).map(|n| n / 10_i128.pow(bound.places()));
        let benefits =
            scaled.and_then(|n| i64::try_from(n).ok()).unwrap_or(0).saturating_add(beside).clamp(0, 1 << 50);
        let (cause, outcome) = (dice.pick(Cause::ALL)?, dice.pick(ClaimOutcome::ALL)?);
        let count =
            if self.single() { i64::from(dice.below(8) != 0) } else { i64::try_from(dice.below(4)).ok()? };
        let classes = self.plan.row_classes.len();
        Some(Injury {
            stretch,
            cause,
            outcome,
            count,
            benefits,
            class: (classes > 0).then(|| dice.below(classes)),
            event: [None, None, Some(1)][dice.below(3)],
        })
    }

    /// A number of a type that a plan can do something with, in units of its places.
    fn plausible(&self, ty: FactType, places: u32, dice: &mut Dice) -> i64 {
        let unit = 10_i64.pow(places.min(9));
        let parts = |of: &[i64], dice: &mut Dice| dice.pick(of).unwrap_or(0).saturating_mul(unit) / 1_000;
        match ty {
            FactType::Boolean => small(dice),
            FactType::Ratio => parts(&[0, 50, 200, 500, 800, 1_000, 1_000, 1_500], dice),
            FactType::Rate => parts(&[1, 5, 20, 100, 1_000], dice),
            FactType::Number => parts(&[0, 500, 1_000, 2_500, 100_000, 2_000_000], dice),
            FactType::Months | FactType::People => {
                parts(&[0, 1_000, 2_000, 3_000, 12_000, 36_000, 100_000], dice)
            }
            FactType::Money => {
                let amounts = [0, 100, 25_000, 200_000, 1_000_000, 1_750_000, 10_000_000, 50_000_000];
                dice.pick(&amounts).unwrap_or(0)
            }
        }
    }

    /// A worse twin, and in what it is worse.
    pub fn worse(&self, sketch: &Sketch, dice: &mut Dice) -> (Raw, Sketch) {
        let mut worse = sketch.clone();
        let graded: Vec<usize> =
            (0..self.plan.facts.len()).filter(|at| self.plan.facts[*at].worse != Worse::Neither).collect();
        if let Some(fact) = dice.pick(&graded).filter(|_| dice.below(2) == 0) {
            let by = if self.plan.facts[fact].worse == Worse::More { 1 } else { -1 };
            // Of two values, what counts is which side it is on.
            let by = if self.plan.facts[fact].ty == FactType::Boolean { 4 * by } else { by };
            worse.facts[fact] = (worse.facts[fact] + by).max(0);
            return (Raw::Fact(fact), worse);
        }
        let at = dice.below(worse.claims.len());
        let single = self.single();
        match (worse.claims.get_mut(at), dice.below(3)) {
            (Some(claim), 0) => {
                claim.benefits += [1, 10_000, 100_000_000][dice.below(3)];
                (Raw::Benefits, worse)
            }
            (Some(claim), 1) if claim.count > 0 => {
                let now = gravity(claim.outcome);
                let graver: Vec<ClaimOutcome> =
                    ClaimOutcome::ALL.iter().copied().filter(|o| gravity(*o) > now).collect();
                if claim.count > 1 {
                    // One of the group.
                    claim.count -= 1;
                    let mut one = claim.clone();
                    (one.count, one.benefits) = (1, 0);
                    one.outcome = dice.pick(&graver).unwrap_or(one.outcome);
                    worse.claims.push(one);
                } else {
                    claim.outcome = dice.pick(&graver).unwrap_or(claim.outcome);
                }
                (Raw::Outcome, worse)
            }
            (Some(claim), _) if claim.count > 0 && !single => {
                claim.count += 1;
                (Raw::Count, worse)
            }
            _ => {
                let more = self.injury(sketch, dice);
                worse.claims.extend(more.map(|more| Injury { count: 1, benefits: 0, event: None, ..more }));
                (Raw::Count, worse)
            }
        }
    }

    pub fn record(&self, sketch: &Sketch) -> Option<Record> {
        let class = |class: Option<usize>| class.map(|at| text(&self.plan.row_classes[at]));
        let last = self.stretches.last()?.end;
        let periods = sketch.periods.iter().map(|period| {
            let span = self.stretches[period.stretch];
            let months = span.start.whole_months_to(span.end.plus_days(1)).max(1);
            let values = self.plan.values.iter().zip(&period.values).filter_map(|(value, units)| {
                Some((value.name.clone(), text(Decimal::new(i128::from((*units)?), value.places))))
            });
            let mut row = vec![
                ("start", text(span.start)),
                ("end", text(span.end)),
                ("payroll", Form::Int(period.paid.saturating_mul(50))),
                ("contributions_due", Form::Int(period.paid)),
                ("contributions_paid", Form::Int(period.paid)),
                ("headcount", text(period.headcount)),
                ("months_insured", Form::Int(i64::from(months))),
                ("values", Form::Map(values.collect())),
            ];
            row.extend(class(period.class).map(|class| ("class", class)));
            map(row)
        });
        let claims = sketch.claims.iter().enumerate().map(|(at, claim)| {
            let mut row = vec![
                ("id", text(at + 1)),
                ("date", text(self.stretches[claim.stretch].end)),
                ("cause", text(claim.cause.name())),
                ("outcome", text(claim.outcome.name())),
                ("count", Form::Int(claim.count)),
                ("benefits_paid", Form::Int(claim.benefits)),
            ];
            row.extend(class(claim.class).map(|class| ("class", class)));
            row.extend(claim.event.map(|event| ("event", text(event))));
            map(row)
        });
        let facts = self.plan.facts.iter().zip(&sketch.facts).map(|(fact, value)| {
            let form = match fact.ty {
                FactType::Boolean => Form::Bool(*value > 1),
                _ => text(Decimal::new(i128::from(*value), fact.places)),
            };
            (fact.name.text.clone(), form)
        });
        let since = last.plus_days(1).plus_months(-sketch.months);
        let mut employer = vec![("id", text("WITNESS")), ("insured_since", text(since))];
        if sketch.key.class > 0 {
            employer.push(("risk_class", Form::Int(i64::from(sketch.key.class))));
        }
        if let Some((standard, code)) = &sketch.key.industry {
            employer.push(("industry", map(vec![("standard", text(standard)), ("code", text(code))])));
        }
        employer.extend(sketch.prior.map(|rate| ("prior", map(vec![("rate", text(rate))]))));
        let form = map(vec![
            ("employer", map(employer)),
            ("periods", Form::List(periods.collect())),
            ("claims", Form::List(claims.collect())),
            ("facts", Form::Map(facts.collect())),
        ]);
        Record::from_form(&form, self.declared).ok()
    }
}

fn small(dice: &mut Dice) -> i64 {
    i64::try_from(dice.below(5)).unwrap_or(0)
}

fn text(text: impl ToString) -> Form {
    Form::Text(text.to_string())
}

fn map(fields: Vec<(&str, Form)>) -> Form {
    Form::Map(fields.into_iter().map(|(name, form)| (name.to_owned(), form)).collect())
}
