//! Runs the examples of a plan and notes what each reaches.

use super::Case;
use super::bounds::{Bound, Place};
use super::items::Key;
use crate::number::Fraction;
use crate::plan::catalog::Plan;
use crate::plan::checked::{Checked, Term, TermKind};
use crate::plan::compiled::{ChangeSlot, Probe};
use crate::plan::examples;
use crate::rating::{Chunk, Rater, Reason, Status};
use crate::record::{Date, Declared};
use num_bigint::{BigInt, Sign};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the examples reach.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The examples of each item.
    pub reached: BTreeMap<(Key, Case), Vec<String>>,
    /// How far each example's value is from a bound, where the bound was compared with.
    pub distances: Vec<(Key, Distance)>,
}

/// How far a value is from a bound.
#[derive(Clone, Debug)]
pub(super) struct Distance {
    /// The example.
    pub example: String,
    /// The value of the example.
    pub value: Fraction,
    /// `(bound - value) / unit`.
    pub units: Fraction,
}

/// Runs the examples of a plan.
pub(super) fn reach(plan: &Plan, declared: &Declared, bounds: &[Bound<'_>]) -> Result<Seen, String> {
    let questions: Vec<_> = bounds.iter().map(|b| b.question.clone()).collect();
    let mut seen = Seen::default();
    let mut raters: BTreeMap<Date, (Rater, Vec<Vec<Probe>>)> = BTreeMap::new();
    let read_by_gates = read_by_gates(&plan.checked);
    for case in examples::cases(plan, declared) {
        let date = case.program.rating_date;
        let (rater, probes) = match raters.entry(date) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => {
                let (program, probes) = plan.compile_asking(date, &case.program.portfolio, &questions)?;
                entry.insert((Rater::new(Arc::new(program)), probes))
            }
        };
        let records = [case.record];
        let chunk = rater.rate(&records);
        let mut run = Run { chunk, name: &case.name, date, seen: &mut seen };
        run.stages();
        for (at, bound) in bounds.iter().enumerate() {
            run.bound(at, bound, &probes[at], &read_by_gates);
        }
    }
    Ok(seen)
}

/// One example being looked at.
struct Run<'a, 'c> {
    chunk: Chunk<'c>,
    name: &'a str,
    date: Date,
    seen: &'a mut Seen,
}

impl Run<'_, '_> {
    fn note(&mut self, key: Key, case: Case) {
        let names = self.seen.reached.entry((key, case)).or_default();
        if names.last().is_none_or(|last| last != self.name) {
            names.push(self.name.to_owned());
        }
    }

    /// The gate that ended the rating.
    fn gate(&self) -> Option<usize> {
        self.chunk.program().gates.iter().position(|id| self.chunk.holds(*id, 0))
    }

    fn stages(&mut self) {
        let verdict = self.chunk.verdict(0);
        if !self.chunk.has_place(0) {
            return;
        }
        let program = self.chunk.program();
        let ended = self.gate();
        for at in 0..ended.unwrap_or(program.gates.len()) {
            self.note(Key::Gate(at), Case::Not);
        }
        if let Some(at) = ended {
            self.note(Key::Gate(at), Case::Acts);
        }
        if verdict.status != Status::Rated {
            return;
        }
        if let Some(class) = self.chunk.own_class(0) {
            self.note(Key::Class(class), Case::Hit);
        }
        for table in 0..program.tables.len() {
            if let Some(row) = self.chunk.row_hit(table, 0) {
                self.note(Key::Row(table, row), Case::Hit);
            }
        }
        let (reasons, _) = self.chunk.reasons(0);
        for (at, slot) in program.adjusts.iter().enumerate() {
            let changes = match slot.change {
                ChangeSlot::Step(before, after) | ChangeSlot::Class(before, after) => {
                    self.chunk.small(before, 0) != self.chunk.small(after, 0)
                }
                ChangeSlot::Rate(..) => reasons.contains(&Reason::Adjust(at)),
            };
            let case = match (self.chunk.holds(slot.when, 0), changes) {
                (false, _) => Case::Not,
                (true, true) => Case::Acts,
                (true, false) => Case::Unchanged,
            };
            self.note(Key::Adjust(at), case);
        }
        for (key, reason) in
            [(Key::Ladder, Reason::Ladder), (Key::Floor, Reason::Floor), (Key::Cap, Reason::Cap)]
        {
            let case = if reasons.contains(&reason) { Case::Acts } else { Case::Not };
            self.note(key, case);
        }
    }

    fn bound(&mut self, at: usize, bound: &Bound<'_>, probes: &[Probe], read_by_gates: &[bool]) {
        let verdict = self.chunk.verdict(0);
        if !self.chunk.has_place(0) {
            return;
        }
        let class = self.chunk.own_class(0);
        let rated = verdict.status == Status::Rated;
        let compared = match bound.place {
            Place::Gate(gate) => self.gate().is_none_or(|ended| gate <= ended),
            Place::Table(_) | Place::Adjust(_) => rated,
            Place::Measure(measure) => rated || read_by_gates[measure],
        };
        if !compared {
            return;
        }
        let key = Key::Bound(at, class.filter(|_| bound.by_class), bound.era(self.date));
        for probe in probes {
            let fraction = |quantity| self.chunk.fraction(quantity, 0);
            let (Some(value), Some(limit), Some(unit)) =
                (fraction(probe.value), fraction(probe.bound), fraction(probe.unit))
            else {
                continue;
            };
            let Some(units) = units(&value, &limit, &unit) else { continue };
            let one = units.num().magnitude() <= units.den().magnitude();
            let case = match units.num().sign() {
                Sign::NoSign => Some(Case::At),
                Sign::Plus if one => Some(Case::Below),
                Sign::Minus if one => Some(Case::Above),
                _ => None,
            };
            if let Some(case) = case {
                self.note(key, case);
            }
            let example = self.name.to_owned();
            self.seen.distances.push((key, Distance { example, value, units }));
        }
    }
}

/// `(bound - value) / unit`; None where the unit is 0, because then no change of a fact moves the value.
fn units(value: &Fraction, bound: &Fraction, unit: &Fraction) -> Option<Fraction> {
    let above = bound.num() * value.den() - value.num() * bound.den();
    let below = value.den() * bound.den();
    let size = BigInt::from(unit.num().magnitude().clone());
    Fraction::new(above * unit.den(), below * size, 0)
}

/// The measures that gates read, themselves or through others.
fn read_by_gates(plan: &Checked) -> Vec<bool> {
    fn mark(plan: &Checked, term: &Term, out: &mut [bool]) {
        match &term.kind {
            TermKind::Measure(at) if !out[*at] => {
                out[*at] = true;
                mark(plan, &plan.measures[*at].term, out);
            }
            TermKind::Not(a) | TermKind::Quantified { body: a, .. } => mark(plan, a, out),
            TermKind::Add(a, b)
            | TermKind::Subtract(a, b)
            | TermKind::Multiply(a, b)
            | TermKind::Divide(a, b)
            | TermKind::Compare(_, a, b)
            | TermKind::And(a, b)
            | TermKind::Or(a, b)
            | TermKind::MonthsSince(a, b) => {
                mark(plan, a, out);
                mark(plan, b, out);
            }
            TermKind::If(a, b, c) => [a, b, c].into_iter().for_each(|t| mark(plan, t, out)),
            TermKind::Min(terms) | TermKind::Max(terms) => terms.iter().for_each(|t| mark(plan, t, out)),
            _ => {}
        }
    }
    let mut out = vec![false; plan.measures.len()];
    plan.gates.iter().for_each(|gate| mark(plan, &gate.when, &mut out));
    out
}
