//! The bounds of a plan: the literals and parameters that conditions compare a measure, fact, count or months with.

use crate::number::Decimal;
use crate::plan::checked::{Checked, ParamValue, Part, Term, TermKind, Type};
use crate::plan::compiled::Question;
use crate::plan::source::Key;
use crate::record::Date;

/// Where a comparison stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Gate(usize),
    Table(usize),
    Adjust(usize),
    Measure(usize),
}

/// A bound, with every comparison in one place that has the same two sides.
#[derive(Clone, Debug)]
pub(super) struct Bound<'a> {
    pub place: Place,
    /// Rows of the table that compare with it.
    pub rows: Vec<usize>,
    pub question: Question<'a>,
    /// Both sides in the language's words.
    pub value_text: String,
    pub bound_text: String,
    /// Whether the bound is one a class.
    pub by_class: bool,
    /// First days from which the bound has another value; the first entry stands for all days before.
    pub eras: Vec<Option<Date>>,
}

impl Bound<'_> {
    /// The stretch of time that a day lies in.
    pub fn era(&self, day: Date) -> usize {
        self.eras.iter().rposition(|from| from.is_none_or(|from| from <= day)).unwrap_or(0)
    }

    /// The number that is compared with, where it is a literal or a parameter alone.
    pub fn number(&self, plan: &Checked, class: Option<u8>, day: Date) -> Option<Decimal> {
        match &self.question.bound.kind {
            TermKind::Number(value) => Some(*value),
            TermKind::Param { param, class: given } => match plan.params[*param].on(day)? {
                ParamValue::One(value) => Some(*value),
                ParamValue::ByClass(values) => {
                    values.get(usize::from(given.or(class)?).checked_sub(1)?).copied()
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether an assertion says that what compares with the bound never matters.
    pub fn exempt(&self, plan: &Checked) -> Option<String> {
        match self.place {
            Place::Gate(at) => inert(plan, |part| *part == Part::Gate(at)),
            Place::Adjust(at) => inert(plan, |part| *part == Part::Adjust(at)),
            Place::Measure(_) => None,
            Place::Table(table) => {
                let names: Option<Vec<String>> = self
                    .rows
                    .iter()
                    .map(|row| inert(plan, |part| *part == Part::Row { table, row: *row }))
                    .collect();
                names.and_then(|names| names.first().cloned())
            }
        }
    }
}

/// The name of the assertion that a part is inert.
pub(super) fn inert(plan: &Checked, is: impl Fn(&Part) -> bool) -> Option<String> {
    use crate::plan::checked::AssertKind;
    plan.asserts
        .iter()
        .find(|a| matches!(&a.kind, AssertKind::Inert { of } if is(of)))
        .map(|a| a.name.clone())
}

/// Every bound of a plan, in the order of its stages.
pub(super) fn bounds(plan: &Checked) -> Vec<Bound<'_>> {
    let mut finder = Finder { plan, out: Vec::new(), within: Vec::new() };
    for (at, measure) in plan.measures.iter().enumerate() {
        finder.find(&measure.term, Place::Measure(at), None, false);
    }
    for (at, gate) in plan.gates.iter().enumerate() {
        finder.find(&gate.when, Place::Gate(at), None, false);
    }
    for (at, table) in plan.tables.iter().enumerate() {
        for (row, source) in table.rows.iter().enumerate() {
            finder.find(&source.when, Place::Table(at), Some(row), !source.cells.is_empty());
        }
    }
    for (at, adjust) in plan.adjusts.iter().enumerate() {
        finder.find(&adjust.when, Place::Adjust(at), None, false);
    }
    finder.out
}

struct Finder<'a> {
    plan: &'a Checked,
    out: Vec<Bound<'a>>,
    within: Vec<usize>,
}

impl<'a> Finder<'a> {
    /// `cells`: a bare 0 or 1 is a threshold of a table's column here, otherwise a word of the formula.
    fn find(&mut self, term: &'a Term, place: Place, row: Option<usize>, cells: bool) {
        match &term.kind {
            TermKind::Compare(_, a, b) => {
                self.comparison(a, b, place, row, cells);
                self.find(a, place, row, cells);
                self.find(b, place, row, cells);
            }
            TermKind::And(a, b)
            | TermKind::Or(a, b)
            | TermKind::Add(a, b)
            | TermKind::Subtract(a, b)
            | TermKind::Multiply(a, b)
            | TermKind::Divide(a, b) => {
                self.find(a, place, row, cells);
                self.find(b, place, row, cells);
            }
            TermKind::Not(a) | TermKind::Round { value: a, .. } => self.find(a, place, row, cells),
            TermKind::If(a, b, c) => [a, b, c].into_iter().for_each(|t| self.find(t, place, row, cells)),
            TermKind::Min(terms) | TermKind::Max(terms) => {
                terms.iter().for_each(|t| self.find(t, place, row, cells));
            }
            TermKind::Quantified { window, body, .. } => {
                self.within.push(*window);
                self.find(body, place, row, cells);
                self.within.pop();
            }
            // What a `where` compares is a row's own value, which no measure, fact or count is.
            _ => {}
        }
    }

    fn comparison(&mut self, a: &'a Term, b: &'a Term, place: Place, row: Option<usize>, cells: bool) {
        let numbers =
            matches!((a.ty, b.ty), (Type::Number(_) | Type::Literal, Type::Number(_) | Type::Literal));
        let (value, bound) = match (is_fixed(a), is_fixed(b)) {
            (false, true) => (a, b),
            (true, false) => (b, a),
            _ => return,
        };
        let bare = matches!(bound.kind, TermKind::Number(n) if n == Decimal::ZERO || n == Decimal::ONE);
        if !numbers || !self.is_measured(value) || (bare && !cells) {
            return;
        }
        let (value_text, bound_text) = (self.plan.print(value), self.plan.print(bound));
        let known = self.out.iter_mut().find(|known| {
            known.place == place
                && known.value_text == value_text
                && known.bound_text == bound_text
                && known.question.within == self.within
        });
        match known {
            Some(known) => known.rows.extend(row),
            None => {
                let (mut eras, mut by_class) = (vec![None], false);
                params(bound, &mut |param, class| {
                    let param = &self.plan.params[param];
                    by_class |= param.key == Some(Key::Class) && class.is_none();
                    eras.extend(param.entries.iter().filter(|e| e.0.is_some()).map(|e| e.0));
                });
                eras.sort_unstable();
                eras.dedup();
                self.out.push(Bound {
                    place,
                    rows: row.into_iter().collect(),
                    question: Question { value, bound, within: self.within.clone() },
                    value_text,
                    bound_text,
                    by_class,
                    eras,
                });
            }
        }
    }

    /// Whether a record decides the value, through something that has a unit.
    fn is_measured(&self, term: &Term) -> bool {
        match &term.kind {
            TermKind::Fact(_)
            | TermKind::Measure(_)
            | TermKind::Aggregate { .. }
            | TermKind::MonthsSince(..)
            | TermKind::Prior(_) => true,
            TermKind::Add(a, b)
            | TermKind::Subtract(a, b)
            | TermKind::Multiply(a, b)
            | TermKind::If(_, a, b) => self.is_measured(a) || self.is_measured(b),
            TermKind::Divide(a, _) => self.is_measured(a),
            TermKind::Min(terms) | TermKind::Max(terms) => terms.iter().any(|t| self.is_measured(t)),
            _ => false,
        }
    }
}

/// Whether class and date alone decide a value.
fn is_fixed(term: &Term) -> bool {
    match &term.kind {
        TermKind::Number(_) | TermKind::Param { .. } => true,
        TermKind::Add(a, b)
        | TermKind::Subtract(a, b)
        | TermKind::Multiply(a, b)
        | TermKind::Divide(a, b) => is_fixed(a) && is_fixed(b),
        TermKind::Min(terms) | TermKind::Max(terms) => terms.iter().all(is_fixed),
        _ => false,
    }
}

/// Visits the parameters of a value, each with the class that it is looked up with.
fn params(term: &Term, visit: &mut impl FnMut(usize, Option<u8>)) {
    match &term.kind {
        TermKind::Param { param, class } => visit(*param, *class),
        TermKind::Add(a, b)
        | TermKind::Subtract(a, b)
        | TermKind::Multiply(a, b)
        | TermKind::Divide(a, b) => {
            params(a, visit);
            params(b, visit);
        }
        TermKind::Min(terms) | TermKind::Max(terms) => terms.iter().for_each(|t| params(t, visit)),
        _ => {}
    }
}

/// Whether a number could be below 0; nothing in a record is.
pub(super) fn may_be_negative(plan: &Checked, term: &Term) -> bool {
    let may = |t: &Term| may_be_negative(plan, t);
    match &term.kind {
        TermKind::Number(n) => n.mantissa() < 0,
        TermKind::Subtract(..) | TermKind::MonthsSince(..) | TermKind::Stage(_) => true,
        TermKind::Measure(at) => may(&plan.measures[*at].term),
        TermKind::Add(a, b) | TermKind::Multiply(a, b) | TermKind::Divide(a, b) | TermKind::If(_, a, b) => {
            may(a) || may(b)
        }
        TermKind::Min(terms) => terms.iter().any(may),
        TermKind::Max(terms) => terms.iter().all(may),
        _ => false,
    }
}
