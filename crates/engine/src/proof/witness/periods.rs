//! The periods of a witness.

use super::super::basis::Quantity;
use super::{Maker, amount, fields, text};
use crate::limits::HEADCOUNT_PLACES;
use crate::number::Decimal;
use crate::plan::checked::Column;
use crate::plan::compiled::Span;
use crate::proof::feasible::Rational;
use crate::record::Form;
use std::collections::BTreeMap;

/// People of whom nobody asks.
const HEADCOUNT: i64 = 10;

/// Whether a span lies within a window.
fn lies(span: Span, window: Span) -> bool {
    window.start <= span.start && span.end <= window.end
}

/// A period to be made.
struct Row {
    span: Span,
    /// Its stretch; None where it is over a whole window.
    stretch: Option<usize>,
    /// The declared values that it lacks, by their bits.
    lacking: u64,
}

impl Maker<'_> {
    /// One period a stretch of time, or one over a window where the money belongs to no stretch of it; more where some rows
    /// lack values that others have.
    pub(super) fn periods(&self) -> Result<Vec<Form>, String> {
        let over = self.over_windows()?;
        let mut spans: Vec<(Span, Option<usize>)> = over.iter().map(|window| (*window, None)).collect();
        for (at, stretch) in self.basis.stretches.iter().enumerate() {
            if !over.iter().any(|window| lies(*stretch, *window)) {
                spans.push((*stretch, Some(at)));
            }
        }
        spans.sort_unstable_by_key(|(span, _)| span.start);
        let mut out = Vec::new();
        for (span, stretch) in spans {
            let sorts = self.sorts(span, stretch);
            for (at, lacking) in sorts.iter().enumerate() {
                let mut row = self.period(&Row { span, stretch, lacking: *lacking })?;
                if sorts.len() > 1 {
                    // Spans of one class do not overlap.
                    row.push(("class", text(at + 1)));
                }
                out.push(fields(row));
            }
        }
        Ok(out)
    }

    /// Which values the rows of a span lack: one sort, or several where the model has something of each.
    fn sorts(&self, span: Span, stretch: Option<usize>) -> Vec<u64> {
        let mut out: Vec<u64> = Vec::new();
        for (var, quantity) in self.basis.all() {
            let lacking = match quantity {
                Quantity::Total { stretch: own, lacking, .. } if Some(*own) == stretch => *lacking,
                Quantity::Across { window, lacking, .. } if stretch.is_none() && *window == span => *lacking,
                _ => continue,
            };
            let some = self.model.numbers.get(&var).is_some_and(|v| v.as_whole() != Some(0));
            if some && !out.contains(&lacking) {
                out.push(lacking);
            }
        }
        if out.is_empty() {
            out.push(0);
        }
        out.sort_unstable();
        out
    }

    /// Windows over which one period must lie.
    fn over_windows(&self) -> Result<Vec<Span>, String> {
        let mut out: Vec<Span> = Vec::new();
        for (var, quantity) in self.basis.all() {
            let Quantity::Across { window, .. } = quantity else { continue };
            let some = self.model.numbers.get(&var).is_some_and(|v| v.as_whole() != Some(0));
            if some && !out.contains(window) {
                out.push(*window);
            }
        }
        let split = self.basis.all().any(|(var, q)| match q {
            Quantity::Total { stretch, .. } => {
                let some = self.model.numbers.get(&var).is_some_and(|v| v.as_whole() != Some(0));
                some && out.iter().any(|window| lies(self.basis.stretches[*stretch], *window))
            }
            _ => false,
        });
        let meet = out.iter().any(|a| out.iter().any(|b| a != b && a.start <= b.end && b.start <= a.end));
        if split || meet {
            return Err("periods over several windows and within them would be needed".to_owned());
        }
        Ok(out)
    }

    /// A period over a span: over a stretch, by its place, or over a whole window.
    fn period(&self, own: &Row) -> Result<Vec<(&'static str, Form)>, String> {
        let span = own.span;
        let inside = |window: &Span| lies(span, *window);
        let broken = self.basis.all().any(|(var, q)| {
            matches!(q, Quantity::Whole(window) if inside(window) && window.end == span.end)
                && self.model.flags.get(&var) == Some(&false)
        });
        let missing = |column: Column| {
            self.basis.all().any(|(var, q)| {
                matches!(q, Quantity::Missing { column: own, window } if *own == column && inside(window))
                    && self.model.flags.get(&var) == Some(&true)
            })
        };
        let cells = self.cells(own)?;
        let cell = |column: Column| cells.get(&column).copied();
        // A day that no period covers.
        let end = if broken { span.end.plus_days(-1) } else { span.end };
        let mut row = vec![("start", text(span.start)), ("end", text(end))];
        for column in [Column::Payroll, Column::ContributionsDue, Column::ContributionsPaid] {
            if !missing(column) {
                row.push((column.name(), Form::Int(cell(column).unwrap_or(0))));
            }
        }
        if !missing(Column::Headcount) {
            let headcount = match cell(Column::Headcount) {
                Some(units) => Decimal::new(i128::from(units), HEADCOUNT_PLACES),
                None => self.headcount(&inside)?,
            };
            row.push(("headcount", text(headcount)));
        }
        if !missing(Column::MonthsInsured) {
            let months = cell(Column::MonthsInsured).unwrap_or_else(|| natural_months(span));
            row.push(("months_insured", Form::Int(months)));
        }
        let mut values: Vec<(String, Form)> = Vec::new();
        for value in self.plans.iter().flat_map(|plan| plan.values.iter().enumerate()) {
            let (at, value) = value;
            let column = Column::Value(at);
            if own.lacking & (1 << at) != 0 || missing(column) || values.iter().any(|v| v.0 == value.name) {
                continue;
            }
            let units = i128::from(cell(column).unwrap_or(0));
            values.push((value.name.clone(), text(Decimal::new(units, value.places))));
        }
        if !values.is_empty() {
            row.push(("values", Form::Map(values)));
        }
        Ok(row)
    }

    /// What the cells of a row are, in their least units: what is summed by itself is known, and where a product is, some of
    /// its factors are free.
    fn cells(&self, row: &Row) -> Result<BTreeMap<Column, i64>, String> {
        let mut out = BTreeMap::new();
        let mut products: Vec<(&Vec<Column>, &Quantity)> = Vec::new();
        for (_, quantity) in self.basis.all() {
            let columns = match quantity {
                Quantity::Total { columns, stretch, lacking }
                    if Some(*stretch) == row.stretch && *lacking == row.lacking =>
                {
                    columns
                }
                Quantity::Across { columns, window, lacking }
                    if row.stretch.is_none() && *window == row.span && *lacking == row.lacking =>
                {
                    columns
                }
                _ => continue,
            };
            match columns.as_slice() {
                [column] if self.value(quantity).is_some() => {
                    out.insert(*column, self.whole(quantity)?);
                }
                [_] => {}
                _ if self.value(quantity).is_some() => products.push((columns, quantity)),
                _ => {}
            }
        }
        for (columns, quantity) in products {
            let sum = self.whole(quantity)?;
            let mut known = 1_i64;
            let mut free: Vec<Column> = Vec::new();
            for column in columns {
                match out.get(column) {
                    Some(value) => known = known.checked_mul(*value).ok_or("a product beyond its limits")?,
                    None if !free.contains(column) => free.push(*column),
                    None => return Err("a square of a value would be needed".to_owned()),
                }
            }
            let none = || format!("no row has {columns:?} of {sum}");
            // Amounts and people take what is asked; months and values are natural ones, or 1.
            free.sort_by_key(|column| !(amount(*column) || *column == Column::Headcount));
            let Some(first) = free.first().copied() else {
                if known == sum { continue } else { return Err(none()) }
            };
            for other in &free[1..] {
                let natural = if *other == Column::MonthsInsured { natural_months(row.span) } else { 1 };
                let natural = if known != 0 && sum % (known * natural) == 0 { natural } else { 1 };
                out.insert(*other, natural);
                known *= natural;
            }
            if sum == 0 {
                out.insert(first, 0);
            } else if known != 0 && sum % known == 0 {
                out.insert(first, sum / known);
            } else {
                return Err(none());
            }
        }
        Ok(out)
    }

    fn headcount(&self, inside: &dyn Fn(&Span) -> bool) -> Result<Decimal, String> {
        let average = self.basis.all().find_map(|(var, q)| match q {
            Quantity::Average { column: Column::Headcount, window } if inside(window) => {
                self.model.numbers.get(&var)
            }
            _ => None,
        });
        let Some(value) = average else { return Ok(Decimal::new(i128::from(HEADCOUNT), 0)) };
        let units = Rational {
            num: &value.num * num_bigint::BigInt::from(10_i64.pow(HEADCOUNT_PLACES)),
            den: value.den.clone(),
        };
        let units = units.as_whole().ok_or_else(|| format!("no headcount is {}/{}", value.num, value.den))?;
        Ok(Decimal::new(units, HEADCOUNT_PLACES))
    }
}

fn natural_months(span: Span) -> i64 {
    i64::from(span.start.whole_months_to(span.end.plus_days(1)).max(1))
}
