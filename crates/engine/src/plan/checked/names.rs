//! The names that a formula may use, and where each was declared.

use super::{Each, Measure, Param, Portfolio, Table, Window};
use crate::diagnostic::{Diagnostic, FileId, Span, nearest};
use crate::plan::formula::{Name, RESERVED};
use crate::plan::source::{
    EachSource, FactSource, MeasureSource, Out, PlanSource, PortfolioSource, ValueSource,
};
use crate::record::{Cause, ClaimOutcome};
use std::collections::{BTreeMap, BTreeSet};

/// What a name means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Fact(usize),
    Param(usize),
    Window(usize),
    Measure(usize),
    /// A value of periods: it is read in rows only.
    Value,
    Each(usize),
    Portfolio(usize),
    Table(usize),
}

/// Names with a fixed meaning; a plan cannot declare them.
pub(super) const BUILT_IN: [&str; 11] = [
    "class",
    "industry",
    "insured_since",
    "first_insured",
    "step",
    "tier",
    "start",
    "rate",
    "periods",
    "claims",
    "employers",
];

/// Everything that formulas of a plan can refer to. Measures are filled in as they are typed.
pub(super) struct Names<'a> {
    pub by_name: BTreeMap<String, Meaning>,
    /// Names of parts that could not be read: what is wrong with them is told where they stand.
    pub broken: &'a BTreeSet<String>,
    pub facts: &'a [FactSource],
    pub params: &'a [Param],
    pub windows: &'a [Window],
    pub measure_sources: &'a [MeasureSource],
    pub currency: &'a str,
    pub classes: u8,
    /// Codes of the industries that the plan names, sorted.
    pub industries: &'a [String],
    pub values: &'a [ValueSource],
    pub each_sources: &'a [EachSource],
    /// Each is whole once its state is `Done`.
    pub eaches: Vec<Each>,
    pub each_state: Vec<MeasureState>,
    pub portfolio_sources: &'a [PortfolioSource],
    pub portfolio: Vec<Portfolio>,
    pub portfolio_state: Vec<MeasureState>,
    /// Tables typed so far, by the place of their source; None where one has a mistake or is not typed yet.
    pub tables: Vec<Option<Table>>,
    /// Whether a portfolio value goes into each typed measure.
    pub measure_portfolio: Vec<bool>,
    /// Typed measures in the order of use, and the place of each source among them.
    pub measures: Vec<Measure>,
    pub measure_state: Vec<MeasureState>,
    /// Whether each typed measure could be below 0.
    pub measure_negative: Vec<bool>,
    /// How many measures are open.
    pub measure_depth: usize,
    /// Whether the tier is computed from the rate, so that no formula of the rate may name it.
    pub derived: bool,
    pub diagnostics: Vec<Diagnostic>,
}

/// How far a measure has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MeasureState {
    Untouched,
    /// Its formula is being typed: to meet it again is a circle.
    Open,
    /// Its place among the typed measures.
    Done(usize),
    Failed,
}

impl Names<'_> {
    /// Notes an unknown name, with the nearest known one.
    pub fn unknown(&mut self, what: &str, name: &str, span: Span) {
        if self.broken.contains(name) {
            return;
        }
        if let Some(meaning) = self.by_name.get(name) {
            let is = match meaning {
                Meaning::Fact(_) => "fact",
                Meaning::Param(_) => "parameter",
                Meaning::Window(_) => "window",
                Meaning::Measure(_) => "measure",
                Meaning::Value => "value of periods",
                Meaning::Each(_) => "each",
                Meaning::Portfolio(_) => "portfolio value",
                Meaning::Table(_) => "table",
            };
            let message = format!("`{name}` is a {is}, not a {what}");
            self.complain("type", span, message, format!("expected a {what}"));
            return;
        }
        let words = Cause::ALL.iter().map(|c| c.name()).chain(ClaimOutcome::ALL.iter().map(|o| o.name()));
        let known: Vec<String> = self
            .by_name
            .keys()
            .cloned()
            .chain(BUILT_IN.into_iter().chain(words).map(str::to_owned))
            .collect();
        let mut diagnostic = Diagnostic::at(
            "name",
            span,
            format!("there is no {what} `{name}`"),
            format!("expected a {what}"),
        );
        if let Some(near) = nearest(name, known.iter().map(String::as_str)) {
            diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
        }
        self.diagnostics.push(diagnostic);
    }

    /// Notes a mistake.
    pub fn complain(
        &mut self,
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) {
        self.diagnostics.push(Diagnostic::at(code, span, message, expected));
    }
}

/// Collects the names of a plan; a name that is declared twice is a mistake.
pub(super) fn declared(
    plan: &PlanSource,
    own: FileId,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Meaning> {
    let mut out: BTreeMap<String, (Meaning, Span)> = BTreeMap::new();
    let mut add = |name: &Name, meaning: Meaning| {
        let fixed = BUILT_IN.contains(&name.text.as_str())
            || RESERVED.contains(&name.text.as_str())
            || Cause::from_name(&name.text).is_some()
            || ClaimOutcome::from_name(&name.text).is_some();
        if fixed {
            let message = format!("`{}` has a fixed meaning in the language", name.text);
            diagnostics.push(Diagnostic::at("name", name.span, message, "expected another name"));
        } else if let Some((_, first)) = out.get(&name.text) {
            let message = format!("`{}` means two things", name.text);
            // A parent's name stands already; the mistake is in the plan that extends it.
            let (again, first) =
                if name.span.file != own { (*first, name.span) } else { (name.span, *first) };
            diagnostics.push(
                Diagnostic::at("name", again, message, "declared again here")
                    .also(first, "first declared here"),
            );
        } else {
            out.insert(name.text.clone(), (meaning, name.span));
        }
    };
    plan.facts.iter().enumerate().for_each(|(i, x)| add(&x.name, Meaning::Fact(i)));
    plan.params.iter().enumerate().for_each(|(i, x)| add(&x.name, Meaning::Param(i)));
    plan.windows.iter().enumerate().for_each(|(i, x)| add(&x.name, Meaning::Window(i)));
    plan.measures.iter().enumerate().for_each(|(i, x)| add(&x.name, Meaning::Measure(i)));
    plan.values.iter().for_each(|x| add(&x.name, Meaning::Value));
    plan.eaches.iter().enumerate().for_each(|(i, x)| add(&x.name, Meaning::Each(i)));
    plan.portfolio.iter().enumerate().for_each(|(i, x)| add(&x.name, Meaning::Portfolio(i)));
    let tables = plan.tables.iter().enumerate().filter(|(_, x)| x.out != Out::Step);
    tables.for_each(|(i, x)| add(&x.name, Meaning::Table(i)));
    out.into_iter().map(|(name, (meaning, _))| (name, meaning)).collect()
}
