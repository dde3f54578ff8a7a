//! The stages of a plan: gates, tables, adjusts, ladder, outcome.

use super::names::Names;
use super::term::{StageValue, Term, TermKind, Type, Unit};
use super::typing::Scope;
use super::{Adjust, Cited, Gate, Ladder, Table, TableRow};
use crate::plan::formula::{Expr, ExprKind};
use crate::plan::source::{AdjustSource, CitedFormula, GateSource, LadderSource, RowWhen, TableSource};

impl Names<'_> {
    pub(super) fn gate(&mut self, source: &GateSource) -> Option<Gate> {
        let when =
            self.expect(&source.when.expr, &Scope::default(), Type::Boolean, "the condition of a gate")?;
        Some(Gate {
            name: source.name.text.clone(),
            title: source.title.clone(),
            when,
            text: source.when.text.clone(),
            kept: source.kept,
            cite: source.cite.clone(),
        })
    }

    pub(super) fn table(&mut self, source: &TableSource) -> Option<Table> {
        let scope = Scope::default();
        let columns: Vec<Option<Term>> = source
            .columns
            .iter()
            .map(|name| {
                let expr = Expr { kind: ExprKind::Name(name.text.clone()), span: name.span };
                self.term(&expr, &scope)
            })
            .collect();
        let mut rows = Vec::new();
        for row in &source.rows {
            let (when, text) = match &row.when {
                RowWhen::If(formula) => (
                    self.expect(&formula.expr, &scope, Type::Boolean, "the condition of a row"),
                    formula.text.clone(),
                ),
                RowWhen::Otherwise => (
                    Some(Term { kind: TermKind::Bool(true), ty: Type::Boolean, span: row.span }),
                    "otherwise".to_owned(),
                ),
                RowWhen::Cells(cells) => {
                    let mut conditions = Vec::new();
                    let mut words = Vec::new();
                    for (at, (cell, text)) in cells.iter().enumerate() {
                        words.push(format!("{} {}", source.columns[at].text, text.text));
                        let Some(column) = &columns[at] else { continue };
                        let column = Term { span: text.span, ..column.clone() };
                        let parts: Option<Vec<Term>> =
                            cell.iter().map(|interval| self.inside(&column, interval, &scope)).collect();
                        conditions.push(parts.map(|parts| {
                            parts.into_iter().reduce(|a, b| {
                                let span = a.span;
                                Term { kind: TermKind::Or(Box::new(a), Box::new(b)), ty: Type::Boolean, span }
                            })
                        }));
                    }
                    let always = Term { kind: TermKind::Bool(true), ty: Type::Boolean, span: row.span };
                    let when = conditions.into_iter().collect::<Option<Vec<_>>>().map(|conditions| {
                        conditions.into_iter().flatten().reduce(|a, b| {
                            let span = a.span;
                            Term { kind: TermKind::And(Box::new(a), Box::new(b)), ty: Type::Boolean, span }
                        })
                    });
                    (when.map(|w| w.unwrap_or(always)), words.join(", "))
                }
            };
            if let Some(when) = when {
                let cells = match &row.when {
                    RowWhen::Cells(cells) => cells.iter().map(|(_, text)| text.text.clone()).collect(),
                    RowWhen::If(_) | RowWhen::Otherwise => Vec::new(),
                };
                rows.push(TableRow { when, text, cells, step: row.step, cite: row.cite.clone() });
            }
        }
        let columns = source.columns.iter().map(|c| c.text.clone()).collect();
        Some(Table { name: source.name.text.clone(), unique: source.unique, columns, rows })
    }

    pub(super) fn adjust(&mut self, source: &AdjustSource) -> Option<Adjust> {
        let scope = Scope { stage: &[StageValue::Step], ..Scope::default() };
        let when = self.expect(&source.when.expr, &scope, Type::Boolean, "the condition of an adjust");
        let step = self.expect(&source.step.expr, &scope, Type::Number(Unit::STEPS), "the new step");
        if let Some(step) = &step {
            self.whole_steps(step);
        }
        Some(Adjust {
            name: source.name.text.clone(),
            kind: source.kind,
            title: source.title.clone(),
            when: when?,
            text: format!("{} -> step = {}", source.when.text, source.step.text),
            step: step?,
            cite: source.cite.clone(),
        })
    }

    /// A step is whole, so its formula has no fractions and no quotients.
    fn whole_steps(&mut self, term: &Term) {
        match &term.kind {
            TermKind::Number(n) if n.places() > 0 => {
                self.complain(
                    "value",
                    term.span,
                    format!("{n} is not whole"),
                    "expected a whole number of steps",
                );
            }
            TermKind::Divide(..) => {
                self.complain(
                    "value",
                    term.span,
                    "a quotient may not be whole",
                    "expected a whole number of steps",
                );
            }
            TermKind::Add(a, b)
            | TermKind::Subtract(a, b)
            | TermKind::Multiply(a, b)
            | TermKind::If(_, a, b) => {
                self.whole_steps(a);
                self.whole_steps(b);
            }
            TermKind::Min(terms) | TermKind::Max(terms) => terms.iter().for_each(|t| self.whole_steps(t)),
            _ => {}
        }
    }

    pub(super) fn cited(
        &mut self,
        source: &CitedFormula,
        stage: &'static [StageValue],
        what: &str,
    ) -> Option<Cited> {
        let scope = Scope { stage, ..Scope::default() };
        let term = self.expect(&source.is.expr, &scope, Type::Number(Unit::RATE), what)?;
        Some(Cited { term, text: source.is.text.clone(), cite: source.cite.clone() })
    }

    pub(super) fn ladder(&mut self, source: &LadderSource) -> Option<Ladder> {
        let Some((lowest, _)) = source.tiers.first().copied() else {
            self.complain(
                "missing",
                source.span,
                "[ladder] has no tiers",
                "expected `tiers = { 0 = \"1\" }`",
            );
            return None;
        };
        let mut sound = true;
        for pair in source.tiers.windows(2) {
            let [(step, tier), (next_step, next_tier)] = pair else { continue };
            if *next_step != step + 1 {
                let message = format!("the ladder has a gap between the steps {step} and {next_step}");
                self.complain("order", source.span, message, "expected steps without gaps");
                sound = false;
            }
            if tier >= next_tier {
                let message =
                    format!("the tier {next_tier} of step {next_step} is not above {tier} of step {step}");
                self.complain("order", source.span, message, "expected strictly rising tiers");
                sound = false;
            }
        }
        let highest = source.tiers.last().map_or(lowest, |t| t.0);
        let at_zero = source.tiers.iter().find(|t| t.0 == 0).map(|t| t.1);
        if at_zero != Some(crate::number::Decimal::ONE) {
            self.complain("value", source.span, "step 0 is not at tier 1", "expected `0 = \"1\"`");
            sound = false;
        }
        // Without `allowed` every step is open to all.
        let unlimited = source.allowed.is_empty().then_some((lowest, highest));
        let mut allowed = vec![unlimited; usize::from(self.classes)];
        if self.classes == 0 {
            return sound.then(|| Ladder {
                lowest,
                tiers: source.tiers.iter().map(|t| t.1).collect(),
                allowed: Vec::new(),
                cite: source.cite.clone(),
            });
        }
        for (span, [from, to, low, high]) in &source.allowed {
            if *low < lowest || *high > highest || *low > 0 || *high < 0 {
                let message = format!("the steps {low} to {high} are not on the ladder around 0");
                self.complain(
                    "range",
                    *span,
                    message,
                    format!("expected within {lowest} to {highest}, with 0 inside"),
                );
                sound = false;
            }
            for class in *from..=*to {
                match usize::try_from(class - 1).ok().and_then(|at| allowed.get_mut(at)) {
                    Some(slot @ None) => *slot = Some((*low, *high)),
                    Some(Some(_)) => {
                        self.complain("range", *span, format!("class {class} stands twice"), "expected once");
                        sound = false;
                    }
                    None => {
                        let message = format!("class {class} is not a class of this plan");
                        self.complain("range", *span, message, format!("expected 1 to {}", self.classes));
                        sound = false;
                        break;
                    }
                }
            }
        }
        if let Some(class) = allowed.iter().position(Option::is_none)
            && sound
        {
            let message = format!("the ladder does not say what class {} may reach", class + 1);
            let last = source.allowed.last().map_or(source.span, |allowed| allowed.0);
            self.complain("missing", last, message, "expected another entry beside this");
        }
        let allowed = allowed.into_iter().collect::<Option<Vec<_>>>()?;
        let tiers = source.tiers.iter().map(|t| t.1).collect();
        Some(Ladder { lowest, tiers, allowed, cite: source.cite.clone() })
    }
}
