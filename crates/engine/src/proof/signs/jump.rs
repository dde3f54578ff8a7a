//! Jumps of a column that is made of one whole number and constants: followed exactly, unit by unit, beside every number that
//! the formulas name. Between two of them such a column is a straight line.

use crate::number::Decimal;
use crate::plan::checked::{Checked, Column, ParamValue, Range, Relation, Term, TermKind};
use crate::record::Date;

/// A fraction, its divisor above 0.
type Number = (i128, i128);

/// What a formula is at one value of the input.
#[derive(Clone, Copy)]
enum Is {
    Number(Number),
    Truth(bool),
}

/// Where a column moves by over a unit while its input moves by one.
pub(in super::super) struct Jumps {
    /// Whether it does so from a value where the condition holds.
    pub declared: bool,
    /// A value from which it does so though the condition does not hold.
    pub elsewhere: Option<i128>,
}

/// The jumps of a column, if it is made of the input and constants alone by lines and comparisons.
pub(in super::super) fn jumps(
    plan: &Checked,
    date: Date,
    of: &Term,
    input: Column,
    only_where: &Term,
) -> Option<Jumps> {
    let rule = Rule { plan, date, input };
    let mut named = vec![0];
    rule.numbers(of, &mut named)?;
    rule.numbers(only_where, &mut named)?;
    named.sort_unstable();
    named.dedup();
    let mut places: Vec<i128> = named.iter().flat_map(|n| (n - 2)..=(n + 2)).collect();
    // Somewhere between two numbers, and beyond the last.
    places.extend(named.windows(2).map(|pair| i128::midpoint(pair[0], pair[1])));
    places.extend(named.last().map(|n| n * 2 + 10));
    let mut out = Jumps { declared: false, elsewhere: None };
    for at in places.into_iter().filter(|at| *at >= 0) {
        let (Some(Is::Number(a)), Some(Is::Number(b))) = (rule.value(of, at), rule.value(of, at + 1)) else {
            continue;
        };
        let step = (b.0 * a.1 - a.0 * b.1).abs();
        if step <= a.1 * b.1 {
            continue;
        }
        match rule.value(only_where, at)? {
            Is::Truth(true) => out.declared = true,
            _ => out.elsewhere = out.elsewhere.or(Some(at)),
        }
    }
    Some(out)
}

struct Rule<'p> {
    plan: &'p Checked,
    date: Date,
    input: Column,
}

impl Rule<'_> {
    /// The numbers at which a formula may bend; None where it is no chain of lines in the input.
    fn numbers(&self, term: &Term, out: &mut Vec<i128>) -> Option<()> {
        let (mut known, mut named) = (true, Vec::new());
        term.walk(&mut |t| match &t.kind {
            TermKind::Number(value) => named.push(*value),
            TermKind::Param { param, .. } => match self.plan.params[*param].on(self.date) {
                Some(ParamValue::One(value)) => named.push(*value),
                _ => known = false,
            },
            TermKind::Range { param, at } => {
                known &= matches!(at.kind, TermKind::Cell(_, column) if column == self.input);
                for range in self.ranges(*param) {
                    named.extend([range.low, range.high].into_iter().flatten().map(|end| end.0));
                }
            }
            TermKind::Cell(_, column) => known &= *column == self.input,
            TermKind::Multiply(a, b) => known &= constant(a) || constant(b),
            TermKind::Divide(_, b) => known &= constant(b),
            TermKind::Bool(_)
            | TermKind::Add(..)
            | TermKind::Subtract(..)
            | TermKind::Min(_)
            | TermKind::Max(_)
            | TermKind::If(..)
            | TermKind::Compare(..)
            | TermKind::And(..)
            | TermKind::Or(..)
            | TermKind::Not(_) => {}
            _ => known = false,
        });
        // A comparison of the input with a number bends there; one of two lines may bend anywhere.
        term.walk(&mut |t| {
            let simple = |x: &Term| constant(x) || matches!(x.kind, TermKind::Cell(..));
            match &t.kind {
                TermKind::Compare(_, a, b) => known &= simple(a) && simple(b),
                TermKind::Min(all) | TermKind::Max(all) => known &= all.iter().all(simple),
                _ => {}
            }
        });
        for value in named {
            let scale = 10_i128.checked_pow(value.places())?;
            out.push(value.mantissa().div_euclid(scale));
        }
        known.then_some(())
    }

    fn ranges(&self, param: usize) -> &[Range] {
        match self.plan.params[param].on(self.date) {
            Some(ParamValue::Ranges(ranges)) => ranges,
            _ => &[],
        }
    }

    /// What a formula is where the input is a whole number; None where it is undefined.
    fn value(&self, term: &Term, at: i128) -> Option<Is> {
        let number = |t: &Term| match self.value(t, at)? {
            Is::Number(value) => Some(value),
            Is::Truth(_) => None,
        };
        let truth = |t: &Term| match self.value(t, at) {
            Some(Is::Truth(value)) => value,
            _ => false,
        };
        let less = |a: Number, b: Number| a.0 * b.1 < b.0 * a.1;
        Some(match &term.kind {
            TermKind::Number(value) => Is::Number(decimal(*value)?),
            TermKind::Param { param, .. } => match self.plan.params[*param].on(self.date)? {
                ParamValue::One(value) => Is::Number(decimal(*value)?),
                _ => return None,
            },
            TermKind::Range { param, .. } => {
                let inside = |range: &&Range| {
                    let above = |end: &(Decimal, bool)| {
                        decimal(end.0).is_some_and(|low| less(low, (at, 1)) || (end.1 && low.0 == at * low.1))
                    };
                    let below = |end: &(Decimal, bool)| {
                        decimal(end.0)
                            .is_some_and(|high| less((at, 1), high) || (end.1 && high.0 == at * high.1))
                    };
                    range.low.as_ref().is_none_or(above) && range.high.as_ref().is_none_or(below)
                };
                Is::Number(decimal(self.ranges(*param).iter().find(inside)?.value)?)
            }
            TermKind::Cell(..) => Is::Number((at, 1)),
            TermKind::Bool(value) => Is::Truth(*value),
            TermKind::Add(a, b) | TermKind::Subtract(a, b) => {
                let (a, b) = (number(a)?, number(b)?);
                let sign = if matches!(term.kind, TermKind::Add(..)) { 1 } else { -1 };
                Is::Number((a.0 * b.1 + sign * b.0 * a.1, a.1 * b.1))
            }
            TermKind::Multiply(a, b) => {
                let (a, b) = (number(a)?, number(b)?);
                Is::Number((a.0 * b.0, a.1 * b.1))
            }
            TermKind::Divide(a, b) => {
                let (a, b) = (number(a)?, number(b)?);
                if b.0 <= 0 {
                    return None;
                }
                Is::Number((a.0 * b.1, a.1 * b.0))
            }
            TermKind::Min(all) | TermKind::Max(all) => {
                let larger = matches!(term.kind, TermKind::Max(_));
                let mut out = number(all.first()?)?;
                for other in &all[1..] {
                    let other = number(other)?;
                    if less(other, out) != larger {
                        out = other;
                    }
                }
                Is::Number(out)
            }
            TermKind::If(condition, yes, no) => self.value(if truth(condition) { yes } else { no }, at)?,
            TermKind::Compare(relation, a, b) => {
                let (Some(a), Some(b)) = (number(a), number(b)) else { return Some(Is::Truth(false)) };
                Is::Truth(match relation {
                    Relation::Equal => a.0 * b.1 == b.0 * a.1,
                    Relation::NotEqual => a.0 * b.1 != b.0 * a.1,
                    Relation::Less => less(a, b),
                    Relation::LessEqual => !less(b, a),
                })
            }
            TermKind::And(a, b) => Is::Truth(truth(a) && truth(b)),
            TermKind::Or(a, b) => Is::Truth(truth(a) || truth(b)),
            TermKind::Not(a) => Is::Truth(!truth(a)),
            _ => return None,
        })
    }
}

fn constant(term: &Term) -> bool {
    matches!(term.kind, TermKind::Number(_) | TermKind::Param { .. })
}

fn decimal(value: Decimal) -> Option<Number> {
    Some((value.mantissa(), 10_i128.checked_pow(value.places())?))
}
