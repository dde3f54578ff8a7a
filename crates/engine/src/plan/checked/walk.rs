//! Going through every formula of a plan.

use super::term::{AggregateKind, Column, Rows, Term, TermKind, WindowRef};
use super::{AssertKind, Change, Checked};

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
            TermKind::Not(a) | TermKind::CauseIn(a, _) | TermKind::Quantified { body: a, .. } => {
                a.walk(visit)
            }
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
        out.extend(self.gates.iter().map(|g| &g.when));
        out.extend(self.tables.iter().flat_map(|t| t.rows.iter().map(|r| &r.when)));
        for adjust in &self.adjusts {
            let (Change::Step(change) | Change::Rate(change)) = &adjust.change;
            out.extend([&adjust.when, change]);
        }
        let outcome = &self.outcome;
        out.extend([&outcome.start, &outcome.rate].into_iter().map(|c| &c.term));
        out.extend([&outcome.floor, &outcome.cap].into_iter().flatten().map(|c| &c.term));
        for assert in &self.asserts {
            match &assert.kind {
                AssertKind::Inert { .. } => {}
                AssertKind::NotMonotone { only_where, .. } => out.push(only_where),
                AssertKind::Identity { is, holds_where, .. } => {
                    out.push(is);
                    out.extend(holds_where);
                }
            }
        }
        out
    }

    /// Whether some formula reads a column of periods in a window, by its place.
    #[must_use]
    pub fn reads(&self, column: Column, window: usize) -> bool {
        let mut found = false;
        for term in self.terms() {
            term.walk(&mut |t| {
                let TermKind::Aggregate { kind, rows: Rows::Periods, column: Some(own), window: of, .. } =
                    &t.kind
                else {
                    return;
                };
                let same =
                    *own == column || (*kind == AggregateKind::Average && column == Column::MonthsInsured);
                // A quantifier's window is some split window of the plan; taking every one is on the safe side.
                let here = match of {
                    WindowRef::Of(at) => *at == window,
                    WindowRef::Bound(_) => self.windows[window].source.split_years,
                };
                found |= same && here;
            });
        }
        found
    }
}
