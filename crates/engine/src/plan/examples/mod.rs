//! Examples beside a plan: a record, whole or in the short form, and what must come of it.

mod expect;
mod lines;
mod short;

use super::catalog::{Plan, examples};
use super::compiled::{Frozen, Program};
use super::source::{Kind, Node};
use crate::rating::Rater;
use crate::record::{Date, Declared, Record};
use lines::Mistakes;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What became of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The example's name.
    pub name: String,
    /// What differs from what is written, each with its line; none when all is as expected.
    pub mistakes: Vec<String>,
}

/// An example that can be rated.
#[derive(Clone, Debug)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Its line in `examples.toml`, from 1.
    pub line: usize,
    /// The plan for its rating date.
    pub program: Arc<Program>,
    /// Its record; a short form is written out.
    pub record: Record,
}

/// The plan for each rating date, made when an example first asks for it.
type Programs = BTreeMap<(Date, Vec<Frozen>), Result<Arc<Program>, String>>;

/// Runs the examples of a plan.
#[must_use]
pub fn run(plan: &Plan, declared: &Declared) -> Vec<Report> {
    let Some(tree) = &plan.examples else { return Vec::new() };
    let mut programs = Programs::new();
    let mut out: Vec<Report> =
        examples(tree).iter().map(|node| one(plan, declared, node, &mut programs)).collect();
    if out.is_empty() {
        let mistakes = vec!["examples.toml has no [[example]]".to_owned()];
        out.push(Report { name: "examples.toml".to_owned(), mistakes });
    }
    out
}

/// Whether all examples come out as written. It stops at the first that does not.
#[must_use]
pub fn pass(plan: &Plan, declared: &Declared) -> bool {
    let mut programs = Programs::new();
    let mut nodes = plan.examples.iter().flat_map(examples);
    nodes.all(|node| one(plan, declared, node, &mut programs).mistakes.is_empty())
}

/// The examples of a plan that can be rated, for whoever wants to know what they reach.
#[must_use]
pub fn cases(plan: &Plan, declared: &Declared) -> Vec<Case> {
    let nodes = plan.examples.iter().flat_map(examples);
    let nodes = nodes.filter(|node| lines::field(node, "rates").is_none());
    let mut programs = Programs::new();
    let mut read = |node| case(plan, declared, node, &mut programs, &mut Mistakes::of(&plan.examples_text));
    nodes.filter_map(&mut read).collect()
}

fn one(plan: &Plan, declared: &Declared, node: &Node, programs: &mut Programs) -> Report {
    let mut mistakes = Mistakes::of(&plan.examples_text);
    if let Some(rates) = lines::field(node, "rates") {
        without_a_rate(plan, node, rates, &mut mistakes);
        return Report { name: name(node), mistakes: mistakes.told };
    }
    let expect = lines::field(node, "expect");
    if expect.is_none() {
        mistakes.tell(node.span, "`expect` is missing");
    }
    let case = case(plan, declared, node, programs, &mut mistakes);
    if let (Some(case), Some(expect)) = (&case, expect) {
        let mut rater = Rater::new(Arc::clone(&case.program));
        let records = [case.record.clone()];
        let outcome = rater.rate(&records).outcome(0);
        expect::compare(&case.program, &outcome, expect, &mut mistakes);
    }
    Report { name: name(node), mistakes: mistakes.told }
}

/// An example that says that the plan does not rate on a date.
fn without_a_rate(plan: &Plan, node: &Node, rates: &Node, mistakes: &mut Mistakes<'_>) {
    let date = lines::text(lines::field(node, "rating_date")).and_then(|t| t.parse::<Date>().ok());
    match date {
        _ if !matches!(rates.kind, Kind::Bool(false)) => {
            mistakes.tell(rates.span, "expected `rates = false`")
        }
        None => mistakes.tell(node.span, "`rating_date` is missing or not a day"),
        Some(date) if plan.checked.rates_on(date) => {
            mistakes.tell(node.span, format!("the plan rates on {date}"));
        }
        Some(_) => {}
    }
    for other in ["record", "short", "expect"] {
        if lines::field(node, other).is_some() {
            mistakes.tell(node.span, format!("an example with `rates = false` has no `{other}`"));
        }
    }
}

/// The portfolio values that an example gives, in the plan's order.
fn portfolio(plan: &Plan, node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Vec<Frozen>> {
    let given = lines::field(node, "portfolio");
    let entries = match given.map(|g| &g.kind) {
        Some(Kind::Table(entries)) => entries.as_slice(),
        None => &[],
        Some(_) => {
            mistakes.tell(node.span, "`portfolio` is a table like { average = \"0.5\" }");
            return None;
        }
    };
    let known: Vec<&str> = plan.checked.portfolio.iter().map(|p| p.name.as_str()).collect();
    for (name, _) in entries.iter().filter(|(name, _)| !known.contains(&name.text.as_str())) {
        mistakes.unknown("`portfolio`", name, &known);
    }
    let mut out = Vec::new();
    for name in &known {
        let value = entries.iter().find(|(key, _)| key.text == *name).map(|(_, value)| value);
        let read = lines::text(value).map(str::parse::<Frozen>);
        match read {
            Some(Ok(value)) => out.push(value),
            Some(Err(why)) => mistakes.tell(value.map_or(node.span, |v| v.span), format!("`{name}`: {why}")),
            None => {
                let span = value.or(given).map_or(node.span, |v| v.span);
                mistakes
                    .tell(span, format!("the portfolio value `{name}` is missing, or no text like \"0.5\""));
            }
        }
    }
    (out.len() == known.len()).then_some(out)
}

fn name(node: &Node) -> String {
    lines::text(lines::field(node, "name")).unwrap_or("(without a name)").to_owned()
}

fn case(
    plan: &Plan,
    declared: &Declared,
    node: &Node,
    programs: &mut Programs,
    mistakes: &mut Mistakes<'_>,
) -> Option<Case> {
    const KNOWN: [&str; 9] =
        ["name", "says", "cite", "rating_date", "record", "short", "expect", "rates", "portfolio"];
    let Kind::Table(entries) = &node.kind else {
        mistakes.tell(node.span, "an example is a table");
        return None;
    };
    for (key, _) in entries.iter().filter(|(key, _)| !KNOWN.contains(&key.text.as_str())) {
        mistakes.unknown("an example", key, &KNOWN);
    }
    let date = lines::field(node, "rating_date");
    let Some(rating_date) = lines::text(date).and_then(|t| t.parse::<Date>().ok()) else {
        mistakes.tell(date.map_or(node.span, |d| d.span), "`rating_date` is missing or not a day");
        return None;
    };
    let portfolio = portfolio(plan, node, mistakes)?;
    let compiled = programs
        .entry((rating_date, portfolio.clone()))
        .or_insert_with(|| plan.compile_with(rating_date, &portfolio).map(Arc::new));
    let program = match compiled.clone() {
        Ok(program) => program,
        Err(why) => {
            mistakes.tell(date.map_or(node.span, |d| d.span), why);
            return None;
        }
    };
    let (form, span) = match (lines::field(node, "record"), lines::field(node, "short")) {
        (Some(record), None) => (record.to_form(), record.span),
        (None, Some(short)) => (short::expand(&program, short, mistakes)?, short.span),
        _ => {
            mistakes.tell(node.span, "an example has either `record` or `short`");
            return None;
        }
    };
    match Record::from_form(&form, declared) {
        Ok(record) => Some(Case { name: name(node), line: mistakes.line(node.span), program, record }),
        Err(violations) => {
            for violation in violations {
                let message = format!("{}: {}", violation.field, violation.message(crate::Lang::En));
                mistakes.tell(span, message);
            }
            None
        }
    }
}
