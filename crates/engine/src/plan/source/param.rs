//! Reads parameters: single numbers, numbers by key, by range, by day, and sets of words.

use super::fields::Fields;
use super::read::head;
use super::tree::{Kind, Node};
use super::{Formula, Key, ParamEntry, ParamSource, ParamType, ParamValue, RangeSource, Text};
use crate::diagnostic::{Diagnostic, Span};
use crate::limits::TABLE_ROWS_MAX;
use crate::plan::formula::{self, Interval, Name};

pub(super) const TYPES: [(&str, ParamType); 8] = [
    ("rate", ParamType::Rate),
    ("ratio", ParamType::Ratio),
    ("number", ParamType::Number),
    ("months", ParamType::Months),
    ("people", ParamType::People),
    ("money", ParamType::Money),
    ("causes", ParamType::Causes),
    ("industries", ParamType::Industries),
];

impl ParamType {
    /// Whether it is a set of words, not a number.
    #[must_use]
    pub const fn is_set(self) -> bool {
        matches!(self, Self::Causes | Self::Industries)
    }
}

/// The texts of the tables beside a plan.
pub(super) type Tables<'t, 'f> = &'t dyn Fn(&str) -> Option<&'f str>;

/// What a parameter's value depends on, besides the day.
struct Shape<'t, 'f> {
    ty: Option<ParamType>,
    key: Option<Key>,
    tables: Tables<'t, 'f>,
}

/// Reads a parameter.
pub(super) fn param<'f>(
    name: &Name,
    node: &Node,
    tables: Tables<'_, 'f>,
    d: &mut Vec<Diagnostic>,
) -> Option<ParamSource> {
    let mut f = Fields::of(node, format!("parameter `{}`", name.text), d);
    f.need_text("type");
    let ty = f.choice("type", &TYPES);
    let key = key(&mut f);
    let on_row = f.choice("on", &[("row", true)]).unwrap_or(false);
    let shape = Shape { ty, key, tables };
    let cite = if f.has("cite") || !f.has("dated") { f.cite(None) } else { None };
    let mut entries = Vec::new();
    if f.has("dated") {
        let items = f.list("dated");
        if items.is_empty() {
            let message = format!("`{}` has no value", name.text);
            f.complain("missing", head(node.span), message, "expected `dated = [ … ]` with an entry");
        }
        for item in items {
            let mut g = Fields::of(item, format!("an entry of `{}`", name.text), f.diagnostics);
            g.need_text("from");
            let from = g.date("from");
            let value = value(&mut g, &shape);
            let cite = g.cite(cite.as_ref());
            g.finish();
            if let (Some(from), Some(value), Some(cite)) = (from, value, cite) {
                entries.push(ParamEntry { span: item.span, from: Some(from), value, cite });
            }
        }
        if !entries.windows(2).all(|pair| pair[0].from < pair[1].from) {
            let message = format!("the dates of `{}` do not rise", name.text);
            f.complain("order", name.span, message, "expected the earliest first");
        }
    } else {
        if on_row {
            let message = format!("`{}` is that of a row's day, but it has no days", name.text);
            f.complain("missing", name.span, message, "expected `dated = [ … ]`");
        }
        if let (Some(value), Some(cite)) = (value(&mut f, &shape), cite) {
            let at = ["value", "values", "ranges", "csv"].into_iter().find_map(|key| f.node(key));
            entries.push(ParamEntry {
                span: at.map_or(name.span, |node| node.span),
                from: None,
                value,
                cite,
            });
        }
    }
    f.finish();
    let ty = ty?;
    (!entries.is_empty()).then(|| ParamSource { name: name.clone(), ty, key, on_row, entries })
}

fn key(f: &mut Fields<'_, '_>) -> Option<Key> {
    let keys = f.list("keys");
    let mut found = None;
    for (at, key) in keys.iter().enumerate() {
        match &key.kind {
            Kind::Text(text, _) if text == "class" && at == 0 => found = Some(Key::Class),
            Kind::Text(text, _) if text == "industry" && at == 0 => found = Some(Key::Industry),
            _ => {
                let message = "a parameter is looked up by class or by industry";
                f.complain("key", key.span, message, "expected [\"class\"] or [\"industry\"]");
            }
        }
    }
    found
}

fn value(f: &mut Fields<'_, '_>, shape: &Shape<'_, '_>) -> Option<ParamValue> {
    if shape.ty.is_some_and(ParamType::is_set) {
        f.need("values")?;
        return Some(ParamValue::Words(words(f)));
    }
    if f.has("ranges") {
        if shape.key.is_some() {
            let at = f.node("ranges").map_or(f.span, |node| node.span);
            f.complain("value", at, "a parameter has keys or ranges, not both", "expected one of the two");
        }
        return ranges(f, shape).map(ParamValue::Ranges);
    }
    let columns: &[&str] = match shape.key {
        None => &["value"],
        Some(Key::Class) => &["class", "value"],
        Some(Key::Industry) => &["industry", "value"],
    };
    if f.has("csv") {
        let file = f.text("csv")?;
        let mut rows = table(f, &file, columns, shape.tables)?.into_iter();
        if shape.key.is_some() {
            let keyed = rows.map(|mut row| {
                let value = row.pop();
                Some((Name { text: row.pop()?, span: file.span }, number(f, &value?, file.span)?))
            });
            return keyed.collect::<Option<Vec<_>>>().map(ParamValue::Keyed);
        }
        return match (rows.next(), rows.next()) {
            (Some(row), None) => number(f, row.first()?, file.span).map(ParamValue::One),
            _ => {
                let message = format!("{} has not one value", file.text);
                f.complain("csv", file.span, message, "expected the column `value` and one line");
                None
            }
        };
    }
    if shape.key.is_none() {
        return f.need_formula("value").map(ParamValue::One);
    }
    f.need("values")?;
    let mut out = Vec::new();
    for (key, node) in f.table("values") {
        let text = match &node.kind {
            Kind::Text(text, start) => (text.clone(), *start),
            Kind::Int(int) => (int.to_string(), Some(node.span.start)),
            Kind::Broken => continue,
            _ => {
                let message = format!("`{}` is {}", key.text, node.kind.shown());
                f.complain("kind", node.span, message, "expected a number as text");
                continue;
            }
        };
        match formula::parse(&text.0, node.span, text.1) {
            Ok(expr) => out.push((key.clone(), Formula { expr, text: text.0 })),
            Err(diagnostic) => f.diagnostics.push(diagnostic),
        }
    }
    Some(ParamValue::Keyed(out))
}

fn words(f: &mut Fields<'_, '_>) -> Vec<Text> {
    let mut out = Vec::new();
    for item in f.list("values") {
        match &item.kind {
            Kind::Text(text, start) => out.push(Text { text: text.clone(), span: item.span, start: *start }),
            Kind::Broken => {}
            _ => {
                let message = format!("a word of a set is {}", item.kind.shown());
                f.complain("kind", item.span, message, "expected a word in quotes");
            }
        }
    }
    out
}

fn ranges(f: &mut Fields<'_, '_>, shape: &Shape<'_, '_>) -> Option<Vec<RangeSource>> {
    if let Some(Node { kind: Kind::Text(..), .. }) = f.node("ranges") {
        let file = f.text("ranges")?;
        let rows = table(f, &file, &["from", "value"], shape.tables)?;
        let mut ends = Vec::new();
        for row in &rows {
            ends.push((number(f, row.first()?, file.span)?, number(f, row.get(1)?, file.span)?));
        }
        let next = ends.iter().skip(1).map(|(from, _)| Some((from.expr.clone(), false))).chain([None]);
        let highs: Vec<_> = next.collect();
        let made = ends.into_iter().zip(highs).map(|((from, value), high)| RangeSource {
            interval: Interval { low: Some((from.expr, true)), high },
            value,
            span: file.span,
        });
        return Some(made.collect());
    }
    let items = f.list("ranges");
    let mut out = Vec::new();
    for item in items {
        let mut g = Fields::of(item, "a range", f.diagnostics);
        let (within, value) = (g.need_text("in"), g.need_formula("value"));
        g.finish();
        let (Some(within), Some(value)) = (within, value) else { continue };
        match formula::parse_cell(&within.text, within.span, within.start) {
            Ok(mut cell) if cell.len() == 1 => {
                out.extend(cell.pop().map(|interval| RangeSource { interval, value, span: item.span }));
            }
            Ok(_) => {
                let message = format!("\"{}\" is not one interval", within.text);
                f.complain("value", within.span, message, "expected \"[0..5)\" or \">= 5\"");
            }
            Err(diagnostic) => f.diagnostics.push(diagnostic),
        }
    }
    if out.is_empty() && items.is_empty() {
        f.complain("missing", head(f.span), "there is no range", "expected `ranges = [ { in, value } ]`");
    }
    Some(out)
}

/// A number of a CSV table.
fn number(f: &mut Fields<'_, '_>, text: &str, span: Span) -> Option<Formula> {
    match formula::parse(text, span, None) {
        Ok(expr) => Some(Formula { expr, text: text.to_owned() }),
        Err(mut diagnostic) => {
            diagnostic.message = format!("\"{text}\": {}", diagnostic.message);
            f.diagnostics.push(diagnostic);
            None
        }
    }
}

/// The lines of a CSV table, each with the cells of `columns`.
fn table(
    f: &mut Fields<'_, '_>,
    file: &Text,
    columns: &[&str],
    tables: Tables<'_, '_>,
) -> Option<Vec<Vec<String>>> {
    let Some(text) = tables(&file.text) else {
        let message = format!("there is no file \"{}\" beside the plan", file.text);
        f.complain("file", file.span, message, "expected a CSV file");
        return None;
    };
    match lines(text, columns) {
        Ok(rows) => Some(rows),
        Err(problems) => {
            for problem in problems {
                f.complain("csv", file.span, format!("{}: {problem}", file.text), "in this file");
            }
            None
        }
    }
}

fn lines(text: &str, columns: &[&str]) -> Result<Vec<Vec<String>>, Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|why| vec![why.to_string()])?.clone();
    if header.iter().ne(columns.iter().copied()) {
        return Err(vec![format!("its columns are not `{}`", columns.join(","))]);
    }
    let (mut out, mut problems) = (Vec::new(), Vec::new());
    for record in reader.records() {
        match record {
            Ok(record) => out.push(record.iter().map(str::to_owned).collect()),
            Err(why) => problems.push(why.to_string()),
        }
        if out.len() > TABLE_ROWS_MAX {
            return Err(vec![format!("it has more than {TABLE_ROWS_MAX} lines")]);
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}
