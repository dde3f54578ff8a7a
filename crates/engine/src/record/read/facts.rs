//! Facts and period values: names and kinds that plans declare.

use std::collections::BTreeMap;

use super::overlap::{Span, overlaps};
use super::path::{Path, Report, quoted};
use super::reader::{Field, Fields, report_at};
use super::scalar::Scale;
use crate::limits::{FACT_SPANS_MAX, VALUE_BELOW, VALUE_PLACES};
use crate::record::violation::{Expected, Problem, nearest};
use crate::record::{Date, Declared, Fact, FactKind, FactSpan, Form, Number};

const SPAN_NAMES: [&str; 3] = ["from", "to", "value"];

/// What is true of a boolean fact, in units of a number.
const TRUE: Number = Number(10_i64.pow(VALUE_PLACES));

/// Reads the facts, sorted by name. A fact that is null or an empty list is left out.
pub(super) fn facts(field: Field<'_, '_>, declared: &Declared, report: &mut Report) -> Vec<Fact> {
    let known = declared_entries(field, &declared.facts, report);
    let mut facts = Vec::with_capacity(known.len());
    for (name, form, kind) in known {
        let field = Field { path: Path::Key(&field.path, name), form: Some(form) };
        let spans = match form {
            Form::List(_) => spans(field, kind, report),
            _ => value(&field, kind, report)
                .map_or_else(Vec::new, |value| vec![FactSpan { from: None, to: None, value }]),
        };
        if !spans.is_empty() {
            facts.push(Fact { name: name.to_owned(), spans });
        }
    }
    facts
}

/// The entries of a map whose names are declared, sorted by name, without those that are null. Undeclared and
/// duplicate names are recorded and left out, of duplicates the first counts.
pub(super) fn declared_entries<'f>(
    field: Field<'f, '_>,
    declared: &BTreeMap<String, FactKind>,
    report: &mut Report,
) -> Vec<(&'f str, &'f Form, FactKind)> {
    let entries = field.entries(report);
    let mut known = Vec::with_capacity(entries.len());
    for (name, form) in entries {
        if let Some(kind) = declared.get(name) {
            known.push((name.as_str(), form, *kind));
        } else {
            let near = nearest(name, declared.keys().map(String::as_str));
            report_at(report, &field.path, name, Problem::UnknownFact { near });
        }
    }
    known.sort_by_key(|(name, ..)| *name);
    known.dedup_by(|later, kept| {
        let same = later.0 == kept.0;
        if same {
            report_at(report, &field.path, later.0, Problem::DuplicateField {});
        }
        same
    });
    known.retain(|(_, form, _)| **form != Form::Null);
    known
}

/// A single value of a declared kind.
pub(super) fn value(field: &Field<'_, '_>, kind: FactKind, report: &mut Report) -> Option<Number> {
    match kind {
        FactKind::Number { places } => {
            let places = places.min(VALUE_PLACES);
            field.decimal(Scale { places, unit: VALUE_PLACES, below: VALUE_BELOW }, report).map(Number)
        }
        FactKind::Boolean => {
            let yes = match field.form? {
                Form::Bool(yes) => *yes,
                _ => match field.text(Expected::Boolean, report)? {
                    "true" => true,
                    "false" => false,
                    other => {
                        let known = vec!["true", "false"];
                        let near = nearest(other, known.iter().copied());
                        let problem = Problem::UnknownValue { seen: quoted(other), near, known };
                        return report.add(&field.path, problem);
                    }
                },
            };
            Some(if yes { TRUE } else { Number(0) })
        }
    }
}

/// The dated values of a fact, sorted by their first day.
fn spans(field: Field<'_, '_>, kind: FactKind, report: &mut Report) -> Vec<FactSpan> {
    let forms = field.rows(FACT_SPANS_MAX, report);
    let mut days = Vec::with_capacity(forms.len());
    let mut spans = Vec::with_capacity(forms.len());
    for (row, form) in forms.iter().enumerate() {
        let path = Path::Row(&field.path, row);
        let Some(fields) = Fields::new(form, &path, &SPAN_NAMES, report) else { continue };
        let found = fields.get("value").required(report);
        let found = value(&found, kind, report);
        let (from_field, to_field) = (fields.get("from"), fields.get("to"));
        let (from, to) = (from_field.date(report), to_field.date(report));
        let unreadable = |date: Option<Date>, field: &Field<'_, '_>| date.is_none() && field.form.is_some();
        if unreadable(from, &from_field) || unreadable(to, &to_field) {
            continue;
        }
        if let (Some(start), Some(end)) = (from, to)
            && end < start
        {
            report.add::<()>(&to_field.path, Problem::EndBeforeStart { start, end });
            continue;
        }
        // An open end lies beyond every day that a record may hold.
        let (low, high) = (Date::new(1, 1, 1), Date::new(9999, 12, 31));
        if let (Some(from), Some(to)) = (from.or(low), to.or(high)) {
            days.push(Span { row, from, to });
        }
        // A row with a bad value still takes its days, so that what it overlaps is told too.
        spans.extend(found.map(|value| FactSpan { from, to, value }));
    }
    days.sort_by_key(|span| span.from);
    for found in overlaps(days) {
        report.add::<()>(
            &Path::Row(&field.path, found.later),
            Problem::OverlappingSpans { row: found.earlier },
        );
    }
    spans.sort_by_key(|span| span.from);
    spans
}
