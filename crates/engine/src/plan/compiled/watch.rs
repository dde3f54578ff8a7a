//! What the conditions of a plan look at: the values that an explanation shows beside them.

use super::lower::{Lower, stage_key};
use super::{Watch, Watches};
use crate::plan::checked::{StageValue, Term, TermKind, Type};

impl Lower<'_> {
    pub(super) fn watches(&mut self) -> Watches {
        let plan = self.plan;
        // A condition that names the step is shown without it: each adjust shows what it was before and after.
        for value in [StageValue::Step, StageValue::Tier, StageValue::Start, StageValue::Rate] {
            self.stage.remove(&stage_key(value));
        }
        let gates = plan.gates.iter().map(|g| self.watch(&g.when)).collect();
        let rows = plan.tables.iter().map(|t| t.rows.iter().map(|r| self.watch(&r.when)).collect()).collect();
        let adjusts = plan.adjusts.iter().map(|a| self.watch(&a.when)).collect();
        Watches { gates, rows, adjusts }
    }

    fn watch(&mut self, term: &Term) -> Vec<Watch> {
        let mut out = Vec::new();
        self.collect(term, &mut out);
        out
    }

    /// The sides of comparisons that are not plain numbers, and what is true or false by itself.
    fn collect(&mut self, term: &Term, out: &mut Vec<Watch>) {
        match &term.kind {
            TermKind::And(a, b) | TermKind::Or(a, b) => {
                self.collect(a, out);
                self.collect(b, out);
            }
            TermKind::Not(a) => self.collect(a, out),
            TermKind::Compare(_, a, b) => {
                self.keep(a, out);
                self.keep(b, out);
            }
            TermKind::Bool(_) => {}
            _ => self.keep(term, out),
        }
    }

    fn keep(&mut self, term: &Term, out: &mut Vec<Watch>) {
        let word = matches!(term.ty, Type::Industry | Type::Choice(_));
        let plain = word || matches!(term.kind, TermKind::Number(_) | TermKind::Date(_) | TermKind::Stage(_));
        let text = self.plan.print(term);
        if plain || out.iter().any(|w: &Watch| w.text == text) {
            return;
        }
        let slot = self.term(term, &[]).slot(term.ty);
        out.push(Watch { text, money: self.plan.is_money(term), slot });
    }
}
