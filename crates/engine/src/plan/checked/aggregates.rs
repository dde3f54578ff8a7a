//! Sums, averages and searches over rows.

use super::Over;
use super::names::{Meaning, Names};
use super::term::{AggregateKind, Column, Rows, Term, TermKind, Type, Unit};
use super::typing::Scope;
use crate::diagnostic::Span;
use crate::plan::formula::Aggregate;

impl Names<'_> {
    pub(super) fn aggregate(&mut self, source: &Aggregate, span: Span, scope: &Scope) -> Option<Term> {
        if scope.rows.is_some() {
            self.complain(
                "formula",
                span,
                "a sum over rows cannot stand inside another",
                "expected a value of the row",
            );
            return None;
        }
        if source.rows.text == "employers" {
            return self.employers(source, span, scope);
        }
        if scope.employers {
            let message = "a portfolio value looks at employers, not at rows of one";
            self.complain("formula", span, message, "expected sum(employers.MEASURE)");
            return None;
        }
        let rows = match source.rows.text.as_str() {
            "claims" => Rows::Claims,
            "periods" => Rows::Periods,
            other if self.broken.contains(other) => return None,
            other => match self.by_name.get(other).copied() {
                Some(Meaning::Each(at)) => {
                    self.each(at, source.rows.span)?;
                    Rows::Each(at)
                }
                _ => {
                    let message = format!("there are no rows `{other}`");
                    self.complain("name", source.rows.span, message, "expected claims or periods");
                    return None;
                }
            },
        };
        let window = match &source.window {
            Some(window) => self.window(window, scope),
            None => {
                let message = format!("`{}` does not say in which window", source.function.text);
                self.complain("formula", span, message, "expected `in` and a window");
                None
            }
        };
        let filter = source.filter.as_ref().map(|f| {
            let inner = Scope { rows: Some(rows), bound: scope.bound.clone(), ..Scope::default() };
            self.expect(f, &inner, Type::Boolean, "what follows `where`")
        });
        let (kind, column) = self.function(source, rows)?;
        let ty = match (kind, column) {
            (AggregateKind::Any, _) => Type::Boolean,
            (_, Some((_, ty))) => ty,
            (_, None) => Type::Number(Unit::PEOPLE),
        };
        let filter = match filter {
            None => None,
            Some(typed) => Some(Box::new(typed?)),
        };
        let column = column.map(|c| c.0);
        Some(Term { kind: TermKind::Aggregate { kind, rows, column, window: window?, filter }, ty, span })
    }

    fn function(
        &mut self,
        source: &Aggregate,
        rows: Rows,
    ) -> Option<(AggregateKind, Option<(Column, Type)>)> {
        let column = match &source.column {
            None => None,
            Some(name) => {
                let known = self.column(rows, &name.text);
                if known.is_none() {
                    let names = self.column_names(rows);
                    let message = format!("{} have no column `{}`", source.rows.text, name.text);
                    self.complain(
                        "name",
                        name.span,
                        message,
                        format!("expected one of {}", names.join(", ")),
                    );
                }
                Some(known?)
            }
        };
        let function = &source.function;
        let summed = matches!(column, Some((_, Type::Number(_))));
        match (function.text.as_str(), rows) {
            ("sum", _) if summed => Some((AggregateKind::Sum, column)),
            ("average", Rows::Periods) if summed => Some((AggregateKind::Average, column)),
            ("count", Rows::Each(at)) if column.is_none() && self.eaches[at].over != Over::Claims => {
                Some((AggregateKind::Rows, None))
            }
            ("count", Rows::Claims | Rows::Each(_)) if column.is_none() => {
                Some((AggregateKind::Sum, Some((Column::Count, Type::Number(Unit::PEOPLE)))))
            }
            ("any", _) if column.is_none() => Some((AggregateKind::Any, None)),
            _ => {
                let message = format!("`{}` cannot be taken of this", function.text);
                let expected = "expected sum(rows.amount in W), average(periods.number in W), count(claims in W) or any(rows in W)";
                self.complain("formula", function.span, message, expected);
                None
            }
        }
    }
}
