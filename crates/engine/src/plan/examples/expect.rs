//! What an example expects, against the result.

use super::lines::Mistakes;
use crate::diagnostic::nearest;
use crate::number::Decimal;
use crate::plan::checked::Checked;
use crate::plan::compiled::Program;
use crate::plan::source::{Kind, Node};
use crate::rating::{Outcome, Reason};
use crate::record::Form;

const KNOWN: [&str; 15] = [
    "status",
    "step",
    "risk_class",
    "base_rate",
    "tier",
    "rate",
    "unlimited_rate",
    "reasons",
    "hits",
    "misses",
    "assumed",
    "flags",
    "charged",
    "valid_through",
    "measures",
];

/// Tells of every expected field that the result does not have so.
pub(super) fn compare(program: &Program, outcome: &Outcome, expect: &Node, mistakes: &mut Mistakes<'_>) {
    let Kind::Table(expected) = &expect.kind else {
        return mistakes.tell(expect.span, "`expect` is not a table");
    };
    let plan = &program.plan;
    for (key, value) in expected {
        match key.text.as_str() {
            "hits" => rows(plan, outcome, value, true, mistakes),
            "misses" => rows(plan, outcome, value, false, mistakes),
            _ => match actual(program, outcome, &key.text) {
                None => mistakes.unknown("`expect`", key, &KNOWN),
                Some(actual) => {
                    let expected = value.to_form();
                    if actual != expected {
                        let (expected, actual) = (shown(&expected), shown(&actual));
                        mistakes.tell(key.span, format!("{}: expected {expected}, got {actual}", key.text));
                    }
                }
            },
        }
    }
}

/// A field of the result.
fn actual(program: &Program, outcome: &Outcome, key: &str) -> Option<Form> {
    let texts = |items: Vec<String>| Form::List(items.into_iter().map(Form::Text).collect());
    let decimal = |d: Option<Decimal>| d.map_or(Form::Null, |d| Form::Text(d.to_string()));
    let (plan, v) = (&program.plan, &outcome.verdict);
    Some(match key {
        "status" => Form::Text(v.status.name().to_owned()),
        "step" => Form::Int(v.step),
        "risk_class" => v.risk_class.map_or(Form::Null, |c| Form::Int(i64::from(c))),
        "base_rate" => decimal(v.base_rate),
        "tier" => decimal(v.tier),
        "rate" => decimal(v.rate),
        "unlimited_rate" => decimal(v.unlimited_rate),
        "reasons" => texts(outcome.reasons.iter().map(|r| r.name(plan)).collect()),
        "assumed" => texts(outcome.assumed.clone()),
        "flags" => texts(outcome.flags.iter().map(|f| f.name()).collect()),
        "charged" => texts(outcome.charged.iter().map(|(from, rate)| format!("{from} {rate}")).collect()),
        "valid_through" => Form::Text(program.valid_through().to_string()),
        "measures" => {
            let shown =
                outcome.measures.iter().map(|(name, value)| (name.clone(), Form::Text(value.clone())));
            Form::Map(shown.collect())
        }
        _ => return None,
    })
}

/// The names of everything that can decide a result: rows as `TABLE:ROW`, gates, adjusts as `KIND:NAME`, limits.
fn deciders(plan: &Checked) -> Vec<(String, Reason)> {
    let gates = (0..plan.gates.len()).map(|at| (plan.gates[at].name.clone(), Reason::Gate(at)));
    let rows = plan.tables.iter().enumerate().flat_map(|(table, t)| {
        (0..t.rows.len()).map(move |row| (format!("{}:{}", t.name, row + 1), Reason::Row { table, row }))
    });
    let adjusts = (0..plan.adjusts.len()).map(Reason::Adjust);
    let limits = [Reason::Ladder, Reason::Floor, Reason::Cap];
    let named = adjusts.chain(limits).map(|reason| (reason.name(plan), reason));
    gates.chain(rows).chain(named).collect()
}

/// Tells of each name of a list that did not decide the result, or that did.
fn rows(plan: &Checked, outcome: &Outcome, list: &Node, hit: bool, mistakes: &mut Mistakes<'_>) {
    let Kind::List(items) = &list.kind else {
        return mistakes.tell(list.span, "`hits` and `misses` are lists like [\"band:2\"]");
    };
    let known = deciders(plan);
    for item in items {
        let Kind::Text(name, _) = &item.kind else {
            mistakes.tell(item.span, "a row is named by a text like \"band:2\"");
            continue;
        };
        let Some((_, reason)) = known.iter().find(|(known, _)| known == name) else {
            let near = nearest(name, known.iter().map(|(known, _)| known.as_str()));
            let help = near.map_or_else(String::new, |near| format!("; did you mean \"{near}\"?"));
            mistakes.tell(item.span, format!("nothing of the plan is named \"{name}\"{help}"));
            continue;
        };
        if outcome.reasons.contains(reason) != hit {
            let what =
                if hit { "expected to decide, and did not" } else { "expected not to decide, and did" };
            let reasons: Vec<String> = outcome.reasons.iter().map(|r| r.name(plan)).collect();
            mistakes.tell(item.span, format!("{name}: {what}; the reasons are {}", reasons.join(", ")));
        }
    }
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
