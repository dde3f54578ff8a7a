//! Questions about a plan beside its program: how far a value is from a bound, and what the smallest change of it is.
//!
//! A probed program is the plan's own program with a few nodes more; it gives the same results. Programs that rate
//! cities are not probed.

use super::lower::Lower;
use super::{Quantity, Span};
use crate::limits::RATE_PLACES;
use crate::plan::checked::{AggregateKind, Term, TermKind};

/// A comparison of a value with a bound, to be asked of records.
#[derive(Clone, Debug)]
pub struct Question<'a> {
    /// What is measured.
    pub value: &'a Term,
    /// What it is compared with.
    pub bound: &'a Term,
    /// The windows that quantifiers around the comparison take in turn, outermost first.
    pub within: Vec<usize>,
}

/// The nodes of a question, for one window of each quantifier.
#[derive(Clone, Copy, Debug)]
pub struct Probe {
    /// What is measured.
    pub value: Quantity,
    /// What it is compared with.
    pub bound: Quantity,
    /// The smallest change of the value that one unit of a fact makes: one minor unit of money, one injury, one person
    /// of headcount, one month, one unit of a fact's places; of a quotient, that of its numerator over the denominator.
    pub unit: Quantity,
}

impl Lower<'_> {
    /// The probes of a question; none where the value has no unit.
    pub(super) fn probes(&mut self, question: &Question<'_>) -> Vec<Probe> {
        let mut turns: Vec<Vec<(usize, Span)>> = vec![Vec::new()];
        for window in &question.within {
            let spans = self.windows[*window].clone();
            let longer = |turn: &Vec<(usize, Span)>| {
                let with = |span: &Span| [turn.as_slice(), &[(*window, *span)]].concat();
                spans.iter().map(with).collect::<Vec<_>>()
            };
            turns = turns.iter().flat_map(longer).collect();
        }
        turns.iter().filter_map(|turn| self.probe(question, turn)).collect()
    }

    fn probe(&mut self, question: &Question<'_>, turn: &[(usize, Span)]) -> Option<Probe> {
        let unit = self.unit(question.value, turn)?;
        let (value, bound) = (self.quantity(question.value, turn), self.quantity(question.bound, turn));
        Some(Probe { value, bound, unit })
    }

    /// The smallest change of a value; None where no unit of a fact changes it.
    fn unit(&mut self, term: &Term, turn: &[(usize, Span)]) -> Option<Quantity> {
        match &term.kind {
            TermKind::Fact(at) => {
                let places = i32::try_from(self.plan.facts[*at].places).unwrap_or(0);
                Some(self.step(places))
            }
            TermKind::Aggregate { kind: AggregateKind::Sum | AggregateKind::Average, .. }
            | TermKind::MonthsSince(..) => Some(self.step(0)),
            TermKind::Prior(_) => Some(self.step(i32::try_from(RATE_PLACES).unwrap_or(0))),
            TermKind::Measure(at) => {
                let plan = self.plan;
                self.unit(&plan.measures[*at].term, &[])
            }
            TermKind::Add(a, b) | TermKind::Subtract(a, b) | TermKind::If(_, a, b) => {
                let (a, b) = (self.unit(a, turn), self.unit(b, turn));
                self.smaller(a, b)
            }
            TermKind::Min(terms) | TermKind::Max(terms) => terms.iter().fold(None, |least, term| {
                let unit = self.unit(term, turn);
                self.smaller(least, unit)
            }),
            TermKind::Multiply(a, b) => {
                let (of_a, of_b) = (self.unit(a, turn), self.unit(b, turn));
                let (a, b) = (self.quantity(a, turn), self.quantity(b, turn));
                let by_a = of_a.map(|unit| self.builder.product(unit, b));
                let by_b = of_b.map(|unit| self.builder.product(unit, a));
                self.smaller(by_a, by_b)
            }
            TermKind::Divide(a, b) => {
                let unit = self.unit(a, turn)?;
                let divisor = self.quantity(b, turn);
                Some(self.builder.quotient(unit, divisor))
            }
            _ => None,
        }
    }

    /// One unit of so many places.
    fn step(&mut self, places: i32) -> Quantity {
        Quantity::of(self.builder.constant(1), places)
    }

    fn smaller(&mut self, a: Option<Quantity>, b: Option<Quantity>) -> Option<Quantity> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.builder.extreme(a, b, false)),
            (a, b) => a.or(b),
        }
    }
}
