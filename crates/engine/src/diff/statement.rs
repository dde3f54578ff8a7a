//! Statements, and the changes between two lists of them.

use super::alone::Apply;
use super::words::{Noun, said};
use super::{Change, Effect, Kind};
use crate::Bilingual;
use crate::plan::source::Cite;

/// One number, formula or word of a plan under its name.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    pub section: &'static str,
    /// The part in the section.
    pub name: String,
    /// The part in words.
    pub part: Noun,
    /// What of the part.
    pub field: String,
    /// The same in words.
    pub what: Bilingual,
    pub value: Bilingual,
    pub cites: Vec<String>,
    pub apply: Apply,
}

pub(super) fn both(zh: impl Into<String>, en: impl Into<String>) -> Bilingual {
    Bilingual { zh: zh.into(), en: en.into() }
}

/// The same text in both languages.
pub(super) fn same(text: impl ToString) -> Bilingual {
    let text = text.to_string();
    Bilingual { zh: text.clone(), en: text }
}

pub(super) fn cites(cite: &Cite) -> Vec<String> {
    let mut out: Vec<String> = cite.0.iter().map(|c| c.text.clone()).collect();
    out.dedup();
    out
}

impl Statement {
    fn is(&self, other: &Self) -> bool {
        (self.section, &self.name, &self.field) == (other.section, &other.name, &other.field)
    }

    fn of_one_part(&self, other: &Self) -> bool {
        (self.section, &self.name) == (other.section, &other.name)
    }
}

/// The changes between two lists, in the order of the second; what went stands where it was.
pub(super) fn changes(a: Vec<Statement>, b: Vec<Statement>) -> Vec<Change> {
    let mut out = Vec::new();
    let sections: Vec<&'static str> = {
        let mut all: Vec<&'static str> = a.iter().chain(&b).map(|s| s.section).collect();
        all.sort_by_key(|section| super::words::order(section));
        all.dedup();
        all
    };
    for section in sections {
        let of = |list: &[Statement]| -> Vec<Statement> {
            list.iter().filter(|s| s.section == section).cloned().collect()
        };
        section_changes(&of(&a), &of(&b), &mut out);
    }
    out
}

fn section_changes(a: &[Statement], b: &[Statement], out: &mut Vec<Change>) {
    let mut told: Vec<&Statement> = Vec::new();
    for (list, other, kind) in [(b, a, Kind::Added), (a, b, Kind::Removed)] {
        for statement in list {
            if told.iter().any(|t| t.of_one_part(statement)) {
                continue;
            }
            if other.iter().all(|o| !o.of_one_part(statement)) {
                // A part that came or went is one change, not one for each of its fields.
                told.push(statement);
                let fields: Vec<&Statement> = list.iter().filter(|s| s.of_one_part(statement)).collect();
                out.push(whole(&fields, kind));
                continue;
            }
            match (other.iter().find(|o| o.is(statement)), kind) {
                (Some(old), Kind::Added) if old.value != statement.value => {
                    out.push(change(statement, Some(old), Some(statement), Kind::Changed));
                }
                (None, Kind::Added) => out.push(change(statement, None, Some(statement), kind)),
                (None, _) => out.push(change(statement, Some(statement), None, kind)),
                _ => {}
            }
        }
    }
}

fn change(of: &Statement, old: Option<&Statement>, new: Option<&Statement>, kind: Kind) -> Change {
    let (old, new) = (old.map(|s| s.value.clone()), new.map(|s| s.value.clone()));
    Change {
        section: of.section,
        name: of.name.clone(),
        field: of.field.clone(),
        kind,
        says: said(&of.part, Some(&of.what), old.as_ref(), new.as_ref()),
        old,
        new,
        cites: of.cites.clone(),
        effect: Effect::Outside,
        apply: of.apply.clone(),
    }
}

/// A part that came or went, with all its fields.
fn whole(fields: &[&Statement], kind: Kind) -> Change {
    let Some(first) = fields.first() else { unreachable!("a part has a statement") };
    let list = |pick: fn(&Bilingual) -> &str, between: &str, colon: &str| {
        let parts = fields.iter().map(|s| format!("{}{colon}{}", pick(&s.what), pick(&s.value)));
        parts.collect::<Vec<_>>().join(between)
    };
    let value = both(list(|b| &b.zh, "；", "："), list(|b| &b.en, "; ", ": "));
    let (old, new) = if kind == Kind::Added { (None, Some(value)) } else { (Some(value), None) };
    let matters = fields.iter().map(|s| &s.apply).find(|apply| **apply != Apply::Outside);
    Change {
        section: first.section,
        name: first.name.clone(),
        field: String::new(),
        kind,
        says: said(&first.part, None, old.as_ref(), new.as_ref()),
        old,
        new,
        cites: first.cites.clone(),
        effect: Effect::Outside,
        // One value of many would not make a part come or go.
        apply: matters.map_or(Apply::Outside, |apply| match apply {
            Apply::Dates => Apply::Dates,
            _ => Apply::Part { section: first.section, name: first.name.clone() },
        }),
    }
}
