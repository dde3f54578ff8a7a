//! Going through every formula of a plan.

use super::term::{AggregateKind, Column, Rows, Term, TermKind, WindowRef};
use super::{AssertKind, Checked, Over};

impl Term {
    /// Calls `visit` with the term and everything in it.
    pub fn walk<'t>(&'t self, visit: &mut impl FnMut(&'t Self)) {
        visit(self);
        match &self.kind {
            TermKind::Add(a, b)
            | TermKind::Subtract(a, b)
            | TermKind::Multiply(a, b)
            | TermKind::Divide(a, b)
            | TermKind::Compare(_, a, b)
            | TermKind::And(a, b)
            | TermKind::Or(a, b)
            | TermKind::MonthsSince(a, b) => {
                a.walk(visit);
                b.walk(visit);
            }
            TermKind::If(a, b, c) => [a, b, c].into_iter().for_each(|t| t.walk(visit)),
            TermKind::Not(a)
            | TermKind::CauseIn(a, _)
            | TermKind::Quantified { body: a, .. }
            | TermKind::Range { at: a, .. }
            | TermKind::EmployersSum(a)
            | TermKind::Round { value: a, .. } => a.walk(visit),
            TermKind::Aggregate { filter: Some(filter), .. } => filter.walk(visit),
            TermKind::Min(all) | TermKind::Max(all) => all.iter().for_each(|t| t.walk(visit)),
            _ => {}
        }
    }
}

impl Checked {
    /// Every formula of the plan: measures, gates, rows, adjusts, outcome, assertions.
    #[must_use]
    pub fn terms(&self) -> Vec<&Term> {
        let mut out: Vec<&Term> = self.measures.iter().map(|m| &m.term).collect();
        out.extend(self.values.iter().filter_map(|v| v.default.as_ref()));
        for each in &self.eaches {
            out.extend(each.filter.iter().chain(each.columns.iter().map(|c| &c.term)));
        }
        out.extend(self.portfolio.iter().filter_map(|p| p.is.as_ref()));
        out.extend(self.gates.iter().map(|g| &g.when));
        out.extend(self.tables.iter().flat_map(|t| t.rows.iter().map(|r| &r.when)));
        for adjust in &self.adjusts {
            out.extend([&adjust.when, adjust.change.term()]);
        }
        out.extend(&self.ladder.factor);
        let outcome = &self.outcome;
        out.extend([&outcome.start, &outcome.rate].into_iter().map(|c| &c.term));
        out.extend([&outcome.floor, &outcome.cap].into_iter().flatten().map(|c| &c.term));
        for assert in &self.asserts {
            match &assert.kind {
                AssertKind::Inert { .. } => {}
                AssertKind::NotMonotone { only_where, .. } | AssertKind::Jump { only_where, .. } => {
                    out.push(only_where);
                }
                AssertKind::Identity { is, holds_where, .. } => {
                    out.push(is);
                    out.extend(holds_where);
                }
            }
        }
        out
    }

    /// Whether some formula rounds.
    #[must_use]
    pub fn rounds(&self) -> bool {
        let mut found = false;
        for term in self.terms() {
            term.walk(&mut |t| found |= matches!(t.kind, TermKind::Round { .. }));
        }
        found
    }

    /// Whether some formula reads a column of periods in a window, by its place.
    #[must_use]
    pub fn reads(&self, column: Column, window: usize) -> bool {
        let mut found = false;
        for term in self.terms() {
            term.walk(&mut |t| {
                let TermKind::Aggregate { kind, rows, column: own, window: of, filter } = &t.kind else {
                    return;
                };
                // A quantifier's window is some split window of the plan; taking every one is on the safe side.
                let here = match of {
                    WindowRef::Of(at) => *at == window,
                    WindowRef::Bound(_) => self.windows[window].source.split_years,
                };
                found |= here && self.lacking(*kind, *rows, *own, filter.as_deref()).contains(&column);
            });
        }
        found
    }

    /// The columns of periods that a record may lack and that an aggregate needs.
    #[must_use]
    pub fn lacking(
        &self,
        kind: AggregateKind,
        rows: Rows,
        column: Option<Column>,
        filter: Option<&Term>,
    ) -> Vec<Column> {
        let mut out = Vec::new();
        if rows == Rows::Periods || matches!(rows, Rows::Each(at) if self.eaches[at].over == Over::Periods) {
            column.into_iter().for_each(|column| self.needs(column, &mut out));
            if kind == AggregateKind::Average {
                self.needs(Column::MonthsInsured, &mut out);
            }
            let each = if let Rows::Each(at) = rows { self.eaches[at].filter.as_ref() } else { None };
            [filter, each].into_iter().flatten().for_each(|term| self.needs_of(term, &mut out));
        }
        out
    }

    fn needs(&self, column: Column, out: &mut Vec<Column>) {
        if let Column::Derived(each, at) = column {
            return self.needs_of(&self.eaches[each].columns[at].term, out);
        }
        if column.may_be_missing() && !out.contains(&column) {
            out.push(column);
        }
    }

    /// The columns of periods that a formula of a row reads and that a record may lack.
    pub fn needs_of(&self, term: &Term, out: &mut Vec<Column>) {
        term.walk(&mut |t| {
            if let TermKind::Cell(_, column) = &t.kind {
                self.needs(*column, out);
            }
        });
    }
}
