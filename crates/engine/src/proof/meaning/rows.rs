//! Sums, averages and existence over the rows of a record, and whether a window is whole.

use super::{Meant, Outside, Reader, Said};
use crate::number::Decimal;
use crate::plan::checked::{AggregateKind, Column, Rows, Term};
use crate::plan::compiled::Span;
use crate::proof::basis::Quantity;
use crate::proof::diagram::{NO, Node, Op, YES};

impl Reader<'_, '_, '_> {
    /// Whether a column of a window may be missing without a review.
    pub(super) fn may_be_missing(&self, column: Column, window: usize, span: Span) -> bool {
        column.may_be_missing()
            && !self.plan.windows[window].source.review
            && !self.plan.windows.iter().zip(self.windows).enumerate().any(|(at, (w, spans))| {
                w.source.review && spans.contains(&span) && self.plan.reads(column, at)
            })
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
        for (rows, _, column, _) in Column::ALL {
            if rows == Rows::Periods && self.plan.reads(column, window) {
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
            held.push(filter.map_or(Ok(YES), |f| self.truth(f, bound, Some(sort)))?);
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

    pub(super) fn total(&mut self, column: Column, span: Span) -> Said<Node> {
        let stretches = self.d.basis.within(span);
        let mut quantities: Vec<(Quantity, Node)> =
            stretches.iter().map(|stretch| (Quantity::Total { column, stretch: *stretch }, YES)).collect();
        if stretches.len() > 1 {
            quantities.push((Quantity::Across { column, window: span }, YES));
        }
        let value = self.sum_of(quantities)?;
        if column != Column::Headcount {
            return Ok(value);
        }
        // Headcounts are counted in 10^-6.
        let per = self.decimal(Decimal::new(1, crate::limits::HEADCOUNT_PLACES))?;
        Ok(self.d.apply(Op::Times, value, per)?)
    }

    pub(super) fn periods(
        &mut self,
        kind: AggregateKind,
        column: Option<Column>,
        window: usize,
        span: Span,
        filtered: bool,
    ) -> Said<Meant> {
        let Some(column) = column.filter(|_| !filtered && kind != AggregateKind::Any) else {
            return Err(Outside("a condition on periods".to_owned()));
        };
        let mut undefined = self.missing(column, window, span);
        if kind == AggregateKind::Sum {
            return Ok(Meant::Number { value: self.total(column, span)?, undefined });
        }
        let lacks_months = self.missing(Column::MonthsInsured, window, span);
        let (months, zero) = (self.total(Column::MonthsInsured, span)?, self.d.whole(0));
        let no_months = self.d.apply(Op::Equal, months, zero)?;
        for gap in [lacks_months, no_months] {
            undefined = self.d.or(undefined, gap);
        }
        Ok(Meant::Number { value: self.var(Quantity::Average { column, window: span }, 1), undefined })
    }
}
