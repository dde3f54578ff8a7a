//! Assertions: claims on the plan that the proofs must confirm. Here their names and types are checked.

use super::names::{Meaning, Names};
use super::typing::Scope;
use super::{Adjust, Assert, AssertKind, Gate, Part, Raw, Rows, StageValue, Table, Term, Type};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::plan::source::{AssertKindSource, AssertSource, Formula, PlanSource, Text};

/// The parts of a plan that an assertion may name.
pub(super) struct Parts<'a> {
    pub gates: &'a [Gate],
    pub tables: &'a [Table],
    pub adjusts: &'a [Adjust],
    pub plan: &'a PlanSource,
}

/// What a record holds more or less of, besides facts.
const RAW: [(&str, Raw); 3] =
    [("claims.benefits_paid", Raw::Benefits), ("claims.count", Raw::Count), ("claims.outcome", Raw::Outcome)];

impl Names<'_> {
    pub(super) fn asserts(&mut self, sources: &[AssertSource], parts: &Parts<'_>) -> Vec<Assert> {
        // An assertion speaks of finished results, where a derived tier is known.
        let derived = std::mem::take(&mut self.derived);
        let out = sources.iter().filter_map(|source| self.assert(source, parts)).collect();
        self.derived = derived;
        out
    }

    fn assert(&mut self, source: &AssertSource, parts: &Parts<'_>) -> Option<Assert> {
        let kind = match &source.kind {
            AssertKindSource::Inert { of } => AssertKind::Inert { of: self.part(of, parts)? },
            AssertKindSource::NotMonotone { raw, only_where } => {
                let scope = Scope::default();
                let term = self.expect(&only_where.expr, &scope, Type::Boolean, "`only_where`");
                let raw = self.raw(raw);
                AssertKind::NotMonotone { raw: raw?, only_where: term?, text: only_where.text.clone() }
            }
            AssertKindSource::Identity { is, holds_where } => {
                let text = match holds_where {
                    Some(holds_where) => format!("{} where {}", is.text, holds_where.text),
                    None => is.text.clone(),
                };
                let is = self.finished(is, "an identity");
                let holds_where = match holds_where {
                    Some(formula) => Some(self.finished(formula, "`where`")?),
                    None => None,
                };
                AssertKind::Identity { is: is?, holds_where, text }
            }
            AssertKindSource::Jump { raw, of, only_where } => self.jump(raw, of, only_where)?,
        };
        Some(Assert {
            name: source.name.text.clone(),
            kind,
            span: source.name.span,
            cite: source.cite.clone(),
        })
    }

    /// A jump of a derived column. `in` is a column of the same rows, or of the claims that they are made of.
    fn jump(&mut self, raw: &Text, of: &Text, only_where: &Formula) -> Option<AssertKind> {
        let (rows, column) = of.text.split_once('.').unwrap_or((of.text.as_str(), ""));
        let each = self.each_sources.iter().position(|e| e.name.text == rows);
        let Some(each) = each else {
            self.unknown("each", rows, of.span);
            return None;
        };
        self.each(each, of.span)?;
        let own = Rows::Each(each);
        let input =
            raw.text.split_once('.').filter(|(of, _)| *of == rows || *of == "claims").map(|(_, name)| name);
        let mut numeric = |text: &Text, name: Option<&str>| {
            let found = name.and_then(|name| self.column(own, name));
            let found = found.filter(|(_, ty)| matches!(ty, Type::Number(_) | Type::Literal));
            if found.is_none() {
                let message = format!("\"{}\" is no number of the rows `{rows}`", text.text);
                let expected = format!("expected \"{rows}.COLUMN\"");
                self.complain("name", text.span, message, expected);
            }
            found.map(|(column, _)| column)
        };
        let (input, of) = (numeric(raw, input), numeric(of, Some(column)));
        let scope = Scope { rows: Some(own), ..Scope::default() };
        let term = self.expect(&only_where.expr, &scope, Type::Boolean, "`only_where`")?;
        let text = only_where.text.clone();
        Some(AssertKind::Jump { each, input: input?, of: of?, only_where: term, text })
    }

    /// A condition on a finished result.
    fn finished(&mut self, formula: &Formula, what: &str) -> Option<Term> {
        let stage = &[StageValue::Step, StageValue::Tier, StageValue::Start, StageValue::Rate];
        let scope = Scope { stage, tables: self.tables.len(), ..Scope::default() };
        self.expect(&formula.expr, &scope, Type::Boolean, what)
    }

    fn raw(&mut self, text: &Text) -> Option<Raw> {
        if let Some((_, raw)) = RAW.iter().find(|(name, _)| *name == text.text) {
            return Some(*raw);
        }
        match self.by_name.get(&text.text).copied() {
            Some(Meaning::Fact(at)) => return Some(Raw::Fact(at)),
            Some(Meaning::Portfolio(at)) => return self.portfolio_value(at, text.span).map(Raw::Portfolio),
            _ => {}
        }
        if !self.broken.contains(&text.text) {
            let message = format!("\"{}\" is nothing that a record holds more or less of", text.text);
            let known =
                RAW.iter().map(|(name, _)| *name).chain(self.facts.iter().map(|f| f.name.text.as_str()));
            let near = nearest(&text.text, known);
            let expected =
                "expected claims.benefits_paid, claims.count, claims.outcome, a fact or a portfolio value";
            let mut diagnostic = Diagnostic::at("name", text.span, message, expected);
            diagnostic.help = near.map(|near| format!("did you mean `{near}`?"));
            self.diagnostics.push(diagnostic);
        }
        None
    }

    /// The part that `gate.NAME`, `table.NAME:ROW`, `adjust.NAME`, `outcome.floor`, `outcome.cap` or `ladder` names.
    fn part(&mut self, text: &Text, parts: &Parts<'_>) -> Option<Part> {
        let (kind, name) = text.text.split_once('.').unwrap_or((text.text.as_str(), ""));
        let outcome = &parts.plan.outcome;
        match (kind, name) {
            ("ladder", "") if parts.plan.ladder.is_some() => Some(Part::Ladder),
            ("outcome", "floor") if outcome.floor.is_some() => Some(Part::Floor),
            ("outcome", "cap") if outcome.cap.is_some() => Some(Part::Cap),
            ("gate", name) => {
                let at = parts.gates.iter().position(|g| g.name == name);
                self.found(at, text, name, parts.gates.iter().map(|g| g.name.as_str())).map(Part::Gate)
            }
            ("adjust", name) => {
                let at = parts.adjusts.iter().position(|a| a.name == name);
                self.found(at, text, name, parts.adjusts.iter().map(|a| a.name.as_str())).map(Part::Adjust)
            }
            ("table", name) => {
                let (name, row) = name.split_once(':').unwrap_or((name, ""));
                let at = parts.tables.iter().position(|t| t.name == name);
                let table = self.found(at, text, name, parts.tables.iter().map(|t| t.name.as_str()))?;
                let rows = parts.tables[table].rows.len();
                let place = row.parse::<usize>().ok().filter(|place| (1..=rows).contains(place));
                if place.is_none() {
                    let message = format!("table `{name}` has no row \"{row}\"");
                    self.complain(
                        "name",
                        text.span,
                        message,
                        format!("expected \"table.{name}:1\" to :{rows}"),
                    );
                }
                Some(Part::Row { table, row: place? - 1 })
            }
            ("ladder", "") | ("outcome", "floor" | "cap") => {
                let section = format!("[{}]", text.text);
                if !self.broken.contains(&section) {
                    self.complain(
                        "name",
                        text.span,
                        format!("the plan has no {section}"),
                        "expected a part of it",
                    );
                }
                None
            }
            _ => {
                let message = format!("\"{}\" is no part of a plan", text.text);
                let expected = "expected \"gate.NAME\", \"table.NAME:3\", \"adjust.NAME\", \"outcome.floor\", \"outcome.cap\" or \"ladder\"";
                self.complain("name", text.span, message, expected);
                None
            }
        }
    }

    /// The place of a named part, or a word that there is none of that name.
    fn found<'n>(
        &mut self,
        at: Option<usize>,
        text: &Text,
        name: &str,
        known: impl Iterator<Item = &'n str>,
    ) -> Option<usize> {
        if at.is_none() && !self.broken.contains(name) {
            let kind = text.text.split('.').next().unwrap_or_default();
            let span: Span = text.span;
            let mut diagnostic = Diagnostic::at(
                "name",
                span,
                format!("there is no {kind} `{name}`"),
                format!("expected the name of {} {kind}", if kind == "adjust" { "an" } else { "a" }),
            );
            diagnostic.help = nearest(name, known).map(|near| format!("did you mean `{near}`?"));
            self.diagnostics.push(diagnostic);
        }
        at
    }
}
