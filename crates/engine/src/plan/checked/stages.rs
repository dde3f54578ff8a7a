//! The stages of a plan: gates, tables, adjusts, ladder, outcome.

use super::names::Names;
use super::term::{StageValue, Term, TermKind, Type, Unit};
use super::typing::Scope;
use super::{Adjust, Change, Cited, Gate, Table, TableRow};
use crate::number::Decimal;
use crate::plan::formula::{Expr, ExprKind};
use crate::plan::source::{
    AdjustSource, ChangeSource, CitedFormula, GateSource, Gives, RowWhen, TableSource,
};

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
            span: source.name.span,
        })
    }

    /// Types a table; `at` is its place, which says what tables came before.
    pub(super) fn table(&mut self, source: &TableSource, at: usize) -> Option<Table> {
        let scope = Scope { tables: at, ..Scope::default() };
        let mut choices: Vec<String> = Vec::new();
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
                let (step, gives) = match &row.gives {
                    Gives::Step(step) => (*step, Decimal::ZERO),
                    Gives::Number(number) => (0, *number),
                    Gives::Choice(name) => {
                        let place = choices.iter().position(|c| *c == name.text).unwrap_or(choices.len());
                        if place == choices.len() {
                            choices.push(name.text.clone());
                        }
                        (0, Decimal::new(i128::try_from(place).unwrap_or(0), 0))
                    }
                };
                rows.push(TableRow {
                    when,
                    text,
                    cells,
                    step,
                    gives,
                    cite: row.cite.clone(),
                    span: row.span,
                });
            }
        }
        let columns = source.columns.iter().map(|c| c.text.clone()).collect();
        Some(Table {
            name: source.name.text.clone(),
            unique: source.unique,
            out: source.out,
            choices,
            columns,
            rows,
            span: source.name.span,
        })
    }

    pub(super) fn adjust(&mut self, source: &AdjustSource) -> Option<Adjust> {
        // A change of the rate comes after the rate's formula and sees what that saw.
        let stage: &[StageValue] = match &source.change {
            ChangeSource::Step(_) | ChangeSource::Class(_) => &[StageValue::Step],
            ChangeSource::Rate(_) => {
                &[StageValue::Step, StageValue::Tier, StageValue::Start, StageValue::Rate]
            }
        };
        let scope = Scope { stage, tables: self.tables.len(), ..Scope::default() };
        let when = self.expect(&source.when.expr, &scope, Type::Boolean, "the condition of an adjust");
        let (word, text) = match &source.change {
            ChangeSource::Step(formula) => ("step", &formula.text),
            ChangeSource::Rate(formula) => ("rate", &formula.text),
            ChangeSource::Class(formula) => ("class", &formula.text),
        };
        let text = format!("{} -> {word} = {text}", source.when.text);
        let change = match &source.change {
            ChangeSource::Step(formula) => {
                let step = self.expect(&formula.expr, &scope, Type::Number(Unit::STEPS), "the new step");
                if let Some(step) = &step {
                    self.whole_steps(step);
                }
                step.map(Change::Step)
            }
            ChangeSource::Rate(formula) => {
                let rate = self.expect(&formula.expr, &scope, Type::Number(Unit::RATE), "the new rate");
                if let Some(rate) = &rate {
                    self.finite(rate);
                }
                rate.map(Change::Rate)
            }
            ChangeSource::Class(formula) => {
                if self.classes == 0 {
                    self.complain("type", formula.expr.span, "the plan has no classes", "expected [class]");
                }
                let scope = Scope { stage: &[StageValue::Step, StageValue::Class], ..scope };
                let class = self.expect(&formula.expr, &scope, Type::Number(Unit::STEPS), "the new class");
                if let Some(class) = &class {
                    self.whole_steps(class);
                }
                class.map(Change::Class)
            }
        };
        Some(Adjust {
            name: source.name.text.clone(),
            kind: source.kind,
            title: source.title.clone(),
            when: when?,
            text,
            change: change?,
            cite: source.cite.clone(),
            span: source.name.span,
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
        let scope = Scope { stage, tables: self.tables.len(), ..Scope::default() };
        let term = self.expect(&source.is.expr, &scope, Type::Number(Unit::RATE), what)?;
        let span = source.is.expr.span;
        Some(Cited { term, text: source.is.text.clone(), cite: source.cite.clone(), span })
    }
}
