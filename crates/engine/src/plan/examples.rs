//! Examples beside a plan: a record and what must come of it.

use super::catalog::{Plan, examples};
use super::source::{Kind, Node};
use crate::rating::{Outcome, Rater};
use crate::record::{Date, Declared, Form, Record};
use std::sync::Arc;

/// What became of an example.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The example's name.
    pub name: String,
    /// What differs from what is written; none when all is as expected.
    pub mistakes: Vec<String>,
}

/// Runs the examples of a plan.
#[must_use]
pub fn run(plan: &Plan, declared: &Declared) -> Vec<Report> {
    let Some(tree) = &plan.examples else { return Vec::new() };
    let mut out: Vec<Report> = examples(tree).iter().map(|node| one(plan, declared, node)).collect();
    if out.is_empty() {
        let mistakes = vec!["examples.toml has no [[example]]".to_owned()];
        out.push(Report { name: "examples.toml".to_owned(), mistakes });
    }
    out
}

fn field<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    match &node.kind {
        Kind::Table(entries) => entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value),
        _ => None,
    }
}

fn text(node: Option<&Node>) -> Option<&str> {
    match &node?.kind {
        Kind::Text(text, _) => Some(text),
        _ => None,
    }
}

fn one(plan: &Plan, declared: &Declared, node: &Node) -> Report {
    let name = text(field(node, "name")).unwrap_or("(without a name)").to_owned();
    Report { name, mistakes: rate(plan, declared, node).unwrap_or_else(|mistakes| mistakes) }
}

/// What differs from what is written; an error where it cannot be rated at all.
fn rate(plan: &Plan, declared: &Declared, node: &Node) -> Result<Vec<String>, Vec<String>> {
    let known = ["name", "says", "cite", "rating_date", "record", "expect"];
    if let Kind::Table(entries) = &node.kind
        && let Some((key, _)) = entries.iter().find(|(key, _)| !known.contains(&key.text.as_str()))
    {
        return Err(vec![format!("an example has no field `{}`; it has {}", key.text, known.join(", "))]);
    }
    let date = text(field(node, "rating_date")).and_then(|t| t.parse::<Date>().ok());
    let date = date.ok_or_else(|| vec!["`rating_date` is missing or not a day".to_owned()])?;
    let (Some(record), Some(expect)) = (field(node, "record"), field(node, "expect")) else {
        return Err(vec!["`record` or `expect` is missing".to_owned()]);
    };
    let record = Record::from_form(&record.to_form(), declared).map_err(|violations| {
        violations.iter().map(|v| format!("{}: {}", v.field, v.message(crate::Lang::En))).collect::<Vec<_>>()
    })?;
    let program = plan.compile(date).map_err(|why| vec![why])?;
    let mut rater = Rater::new(Arc::new(program));
    let records = [record];
    let chunk = rater.rate(&records);
    let Kind::Table(expected) = &expect.kind else { return Err(vec!["`expect` is not a table".to_owned()]) };
    let outcome = chunk.outcome(0);
    Ok(expected
        .iter()
        .filter_map(|(key, value)| differs(plan, &outcome, &key.text, &value.to_form()))
        .collect())
}

/// One expected field against the result.
fn differs(plan: &Plan, outcome: &Outcome, key: &str, expected: &Form) -> Option<String> {
    let texts = |items: Vec<String>| Form::List(items.into_iter().map(Form::Text).collect());
    let decimal = |d: Option<crate::number::Decimal>| d.map_or(Form::Null, |d| Form::Text(d.to_string()));
    let v = &outcome.verdict;
    let checked = &plan.checked;
    let actual = match key {
        "status" => Form::Text(v.status.name().to_owned()),
        "step" => Form::Int(v.step),
        "risk_class" => v.risk_class.map_or(Form::Null, |c| Form::Int(i64::from(c))),
        "base_rate" => decimal(v.base_rate),
        "tier" => decimal(v.tier),
        "rate" => decimal(v.rate),
        "unlimited_rate" => decimal(v.unlimited_rate),
        "reasons" => texts(outcome.reasons.iter().map(|r| r.name(checked)).collect()),
        "assumed" => texts(outcome.assumed.clone()),
        "flags" => texts(outcome.flags.iter().map(|f| f.name()).collect()),
        "charged" => texts(outcome.charged.iter().map(|(from, rate)| format!("{from} {rate}")).collect()),
        "measures" => {
            let shown =
                outcome.measures.iter().map(|(name, value)| (name.clone(), Form::Text(value.clone())));
            Form::Map(shown.collect())
        }
        _ => return Some(format!("`expect` has no field `{key}`")),
    };
    (actual != *expected).then(|| format!("{key}: expected {}, got {}", shown(expected), shown(&actual)))
}

/// A value as an author would write it.
fn shown(form: &Form) -> String {
    match form {
        Form::Null => "nothing".to_owned(),
        Form::Bool(value) => value.to_string(),
        Form::Int(value) => value.to_string(),
        Form::Inexact(text) => text.clone(),
        Form::Text(text) => format!("\"{text}\""),
        Form::List(items) => format!("[{}]", items.iter().map(shown).collect::<Vec<_>>().join(", ")),
        Form::Map(entries) => {
            let entries: Vec<String> =
                entries.iter().map(|(key, value)| format!("{key} = {}", shown(value))).collect();
            format!("{{ {} }}", entries.join(", "))
        }
    }
}
