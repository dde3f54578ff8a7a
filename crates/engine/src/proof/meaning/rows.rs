//! Sums, averages and existence over the rows of a record, and whether a window is whole.

use super::{Meant, Outside, Reader, Said};
use crate::plan::checked::{AggregateKind, Column, Rows, Term, TermKind};
use crate::plan::compiled::Span;
use crate::proof::basis::Quantity;
use crate::proof::diagram::{NO, Node, Op, Value, YES};
use crate::proof::linear::{Linear, TooLarge, gcd};
use crate::record::Date;

impl Reader<'_, '_, '_> {
    /// Whether a column of a window may be missing without a review.
    pub(super) fn may_be_missing(&self, column: Column, window: usize, span: Span) -> bool {
        column.may_be_missing()
            && !self.always_there(column)
            && !self.plan.windows[window].source.review
            && !self.plan.windows.iter().zip(self.windows).enumerate().any(|(at, (w, spans))| {
                w.source.review && spans.contains(&span) && self.plan.reads(column, at)
            })
    }

    /// Whether a value has a default that needs nothing that may be missing.
    fn always_there(&self, column: Column) -> bool {
        let Column::Value(at) = column else { return false };
        let Some(default) = &self.plan.values[at].default else { return false };
        let mut needs = false;
        default
            .walk(&mut |t| needs |= matches!(t.kind, TermKind::Cell(_, column) if column.may_be_missing()));
        !needs
    }

    pub(super) fn missing(&mut self, column: Column, window: usize, span: Span) -> Node {
        if self.may_be_missing(column, window, span) {
            self.flag(Quantity::Missing { column, window: span })
        } else {
            NO
        }
    }

    pub(super) fn complete(&mut self, window: usize, span: Span) -> Node {
        let reviewed = self
            .plan
            .windows
            .iter()
            .zip(self.windows)
            .any(|(w, spans)| w.source.review && spans.contains(&span));
        let mut out = if reviewed { YES } else { self.flag(Quantity::Whole(span)) };
        let values = (0..self.plan.values.len()).map(Column::Value);
        let own = Column::ALL.into_iter().filter(|c| c.0 == Rows::Periods).map(|c| c.2);
        for column in own.chain(values).collect::<Vec<_>>() {
            if self.plan.reads(column, window) {
                let missing = self.missing(column, window, span);
                let there = self.d.not(missing);
                out = self.d.and(out, there);
            }
        }
        out
    }

    pub(super) fn claims(
        &mut self,
        kind: AggregateKind,
        column: Option<Column>,
        span: Span,
        filter: Option<&Term>,
        bound: &[(usize, Span)],
    ) -> Said<Meant> {
        let mut held = Vec::new();
        for at in 0..self.d.basis.kinds.len() {
            let sort = self.d.basis.kinds[at][0];
            held.push(filter.map_or(Ok(YES), |f| self.held(f, bound, sort))?);
        }
        let mut quantities = Vec::new();
        for stretch in self.d.basis.within(span) {
            for (kind, when) in held.iter().enumerate().filter(|(_, when)| **when != NO) {
                let sorts = &self.d.basis.kinds[kind];
                let (counted, paid) = (sorts.iter().any(|s| s.counted), sorts.iter().any(|s| !s.counted));
                match column {
                    Some(column @ (Column::BenefitsPaid | Column::Reserve)) => {
                        quantities.push((Quantity::Money { column, stretch, kind }, *when));
                    }
                    Some(Column::Count) if counted => {
                        quantities.push((Quantity::Injuries { stretch, kind }, *when))
                    }
                    Some(Column::Count) => {}
                    Some(_) => {
                        return Err(Outside(
                            "a sum of a column of claims other than money or count".to_owned(),
                        ));
                    }
                    None => {
                        if counted {
                            quantities.push((Quantity::Injuries { stretch, kind }, *when));
                        }
                        if paid {
                            quantities.push((Quantity::Payments { stretch, kind }, *when));
                        }
                    }
                }
            }
        }
        let value = self.sum_of(quantities)?;
        match kind {
            AggregateKind::Sum => Ok(Meant::Number { value, undefined: NO }),
            AggregateKind::Any => {
                let zero = self.d.whole(0);
                Ok(Meant::Truth(self.d.apply(Op::Less, zero, value)?))
            }
            AggregateKind::Average | AggregateKind::Rows => Err(Outside("an average over claims".to_owned())),
        }
    }

    /// Sum of a column of periods over a window.
    pub(super) fn total(&mut self, column: Column, span: Span) -> Said<Node> {
        self.total_of(&[Part { num: 1, den: self.per(column)?, columns: vec![column] }], span)
    }

    /// In how many units of a column one is counted.
    fn per(&self, column: Column) -> Said<i128> {
        let places = match column {
            Column::Headcount => crate::limits::HEADCOUNT_PLACES,
            Column::Value(at) => self.plan.values[at].places,
            _ => 0,
        };
        Ok(10_i128.checked_pow(places).ok_or(TooLarge)?)
    }

    /// Sum over the periods in a window of what each row makes of its columns: of the rows that lack declared values, with
    /// their defaults, and of those that do not.
    fn total_by(&mut self, term: &Row<'_>, span: Span) -> Said<Node> {
        let mut out = self.d.whole(0);
        for lacking in self.sorts()? {
            let parts = self.parts(term, lacking)?;
            let sum = self.sum_over(&parts, span, lacking)?;
            out = self.d.apply(Op::Plus, out, sum)?;
        }
        Ok(out)
    }

    fn total_of(&mut self, parts: &[Part], span: Span) -> Said<Node> {
        let mut out = self.d.whole(0);
        for lacking in self.sorts()? {
            let sum = self.sum_over(parts, span, lacking)?;
            out = self.d.apply(Op::Plus, out, sum)?;
        }
        Ok(out)
    }

    /// Which declared values with a default a row may lack: sets of their places.
    fn sorts(&self) -> Said<Vec<u64>> {
        let with_default: Vec<usize> =
            (0..self.plan.values.len()).filter(|at| self.plan.values[*at].default.is_some()).collect();
        if with_default.len() > DEFAULTS_MAX || with_default.iter().any(|at| *at >= 64) {
            return Err(Outside("several values of periods with defaults".to_owned()));
        }
        let mut out = vec![0];
        for at in with_default {
            out.extend(out.clone().into_iter().map(|set| set | 1 << at));
        }
        Ok(out)
    }

    fn sum_over(&mut self, parts: &[Part], span: Span, lacking: u64) -> Said<Node> {
        let stretches = self.d.basis.within(span);
        let across = stretches.len() > 1 && !self.cut_by_reviewed(span);
        let mut out = self.d.whole(0);
        for part in parts {
            let columns = &part.columns;
            let mut quantities: Vec<(Quantity, Node)> = stretches
                .iter()
                .map(|stretch| {
                    (Quantity::Total { columns: columns.clone(), stretch: *stretch, lacking }, YES)
                })
                .collect();
            if across {
                quantities.push((Quantity::Across { columns: columns.clone(), window: span, lacking }, YES));
            }
            let sum = self.sum_of(quantities)?;
            let factor = Value { num: Linear::constant(part.num), den: Linear::constant(part.den) };
            let factor = self.d.number(factor);
            let sum = self.d.apply(Op::Times, sum, factor)?;
            out = self.d.apply(Op::Plus, out, sum)?;
        }
        Ok(out)
    }

    /// Whether every cut inside a window is the end of one that must be whole: a period over it would straddle that.
    fn cut_by_reviewed(&self, span: Span) -> bool {
        let mut reviewed: Vec<Date> = Vec::new();
        for (window, spans) in self.plan.windows.iter().zip(self.windows) {
            if window.source.review {
                reviewed.extend(spans.iter().flat_map(|s| [s.start, s.end.plus_days(1)]));
            }
        }
        let inside = self.d.basis.within(span);
        inside.iter().skip(1).all(|at| reviewed.contains(&self.d.basis.stretches[*at].start))
    }

    pub(super) fn periods(
        &mut self,
        kind: AggregateKind,
        rows: Rows,
        column: Option<Column>,
        window: usize,
        span: Span,
        filtered: bool,
    ) -> Said<Meant> {
        let filtered = filtered || matches!(rows, Rows::Each(at) if self.plan.eaches[at].filter.is_some());
        let sum = matches!(kind, AggregateKind::Sum | AggregateKind::Average);
        let Some(column) = column.filter(|_| !filtered && sum) else {
            return Err(Outside("a condition on periods".to_owned()));
        };
        let mut undefined = NO;
        for column in self.plan.lacking(kind, rows, Some(column), None) {
            let missing = self.missing(column, window, span);
            undefined = self.d.or(undefined, missing);
        }
        if kind == AggregateKind::Sum {
            return Ok(Meant::Number { value: self.total_by(&Row::Column(column), span)?, undefined });
        }
        if matches!(column, Column::Derived(..) | Column::Value(_)) {
            return Err(Outside("an average of what rows derive".to_owned()));
        }
        let (months, zero) = (self.total(Column::MonthsInsured, span)?, self.d.whole(0));
        let no_months = self.d.apply(Op::Equal, months, zero)?;
        undefined = self.d.or(undefined, no_months);
        Ok(Meant::Number { value: self.var(Quantity::Average { column, window: span }, 1), undefined })
    }

    /// What a row makes of its columns, as a sum of products with constant factors.
    fn parts(&mut self, term: &Row<'_>, lacking: u64) -> Said<Vec<Part>> {
        let term = match term {
            Row::Column(column) => match *column {
                Column::Derived(each, at) => &self.plan.eaches[each].columns[at].term,
                Column::Value(at) if lacking & (1 << at) != 0 => {
                    let default = self.plan.values[at].default.as_ref();
                    default.ok_or_else(|| Outside("a value without a default".to_owned()))?
                }
                column => {
                    return Ok(vec![Part { num: 1, den: self.per(column)?, columns: vec![column] }]);
                }
            },
            Row::Term(term) => *term,
        };
        if let Some((num, den)) = self.constant(term) {
            return Ok(vec![Part { num, den, columns: Vec::new() }]);
        }
        match &term.kind {
            TermKind::Cell(_, column) => self.parts(&Row::Column(*column), lacking),
            TermKind::Add(a, b) | TermKind::Subtract(a, b) => {
                let sign = if matches!(term.kind, TermKind::Add(..)) { 1 } else { -1 };
                let mut out = self.parts(&Row::Term(a), lacking)?;
                let other = self.parts(&Row::Term(b), lacking)?;
                out.extend(other.into_iter().map(|part| Part { num: sign * part.num, ..part }));
                Ok(out)
            }
            TermKind::Multiply(a, b) => {
                let (a, b) = (self.parts(&Row::Term(a), lacking)?, self.parts(&Row::Term(b), lacking)?);
                let mut out = Vec::new();
                for x in &a {
                    for y in &b {
                        out.push(x.times(y)?);
                    }
                }
                Ok(out)
            }
            TermKind::Divide(a, b) => {
                let (a, b) = (self.parts(&Row::Term(a), lacking)?, self.parts(&Row::Term(b), lacking)?);
                let [divisor] = b.as_slice() else {
                    return Err(Outside("a quotient in a row of periods".to_owned()));
                };
                if !divisor.columns.is_empty() || divisor.num <= 0 {
                    return Err(Outside("a quotient in a row of periods".to_owned()));
                }
                let inverse = Part { num: divisor.den, den: divisor.num, columns: Vec::new() };
                a.iter().map(|part| part.times(&inverse)).collect()
            }
            _ => Err(Outside("what rows of periods derive other than sums and products".to_owned())),
        }
    }
}

/// Rows of periods are told apart by which of at most so many declared values with a default they lack.
const DEFAULTS_MAX: usize = 2;

/// What is summed over rows.
enum Row<'t> {
    Column(Column),
    Term(&'t Term),
}

/// `num / den` times a product of columns in their least units.
#[derive(Clone, Debug)]
struct Part {
    num: i128,
    den: i128,
    /// Sorted.
    columns: Vec<Column>,
}

impl Part {
    fn times(&self, other: &Self) -> Said<Self> {
        let mut columns = [self.columns.as_slice(), &other.columns].concat();
        columns.sort_unstable();
        let num = self.num.checked_mul(other.num).ok_or(TooLarge)?;
        let den = self.den.checked_mul(other.den).ok_or(TooLarge)?;
        let shared = gcd(num, den).max(1);
        Ok(Self { num: num / shared, den: den / shared, columns })
    }
}
