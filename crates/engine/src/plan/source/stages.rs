//! Reads the stages: gate, table, adjust, ladder, outcome; and what is asserted of them.

use super::fields::Fields;
use super::read::{check_name, head};
use super::tree::{Kind, Node};
use super::{
    AdjustKind, AdjustSource, AssertKindSource, AssertSource, ChangeSource, CitedFormula, GateSource, Gives,
    LadderSource, Out, OutcomeSource, RowSource, RowWhen, TableSource, Text,
};
use crate::diagnostic::Diagnostic;
use crate::limits::{TABLE_COLUMNS_MAX, TABLE_ROWS_MAX};
use crate::number::Decimal;
use crate::plan::formula::{self, Interval, Name};
use std::collections::BTreeSet;

fn name(f: &mut Fields<'_, '_>) -> Option<Name> {
    let text = f.need_text("name")?;
    let name = Name { text: text.text, span: text.span };
    check_name(&name, f.diagnostics);
    Some(name)
}

pub(super) fn gate(node: &Node, d: &mut Vec<Diagnostic>) -> Option<GateSource> {
    let mut f = Fields::of(node, "a gate", d);
    let name = name(&mut f);
    let title = f.need_bilingual("title");
    let when = f.need_formula("when");
    f.need_text("gives");
    let kept = f.choice("gives", &[("kept", true), ("review", false)]);
    let cite = f.cite(None);
    f.finish();
    Some(GateSource { name: name?, title: title.unwrap_or_default(), when: when?, kept: kept?, cite: cite? })
}

pub(super) fn table(name: &Name, node: &Node, d: &mut Vec<Diagnostic>) -> Option<TableSource> {
    let mut f = Fields::of(node, format!("table `{}`", name.text), d);
    f.need_text("hit");
    let unique = f.choice("hit", &[("unique", true), ("first", false)]);
    f.need_text("out");
    let out = f.choice("out", &[Out::Step, Out::Percent, Out::Rate, Out::Choice].map(|o| (o.name(), o)));
    let Some(out) = out else {
        // What its rows give is not known.
        f.allow_rest();
        f.finish();
        return None;
    };
    let cite = if f.has("cite") { f.cite(None) } else { None };
    let items = f.list("row");
    if items.is_empty() && f.node("row").is_none_or(|row| matches!(row.kind, Kind::List(_))) {
        f.complain(
            "missing",
            head(node.span),
            format!("table `{}` has no rows", name.text),
            "expected `row = [ … ]`",
        );
    }
    if items.len() > TABLE_ROWS_MAX {
        let message =
            format!("table `{}` has {} rows; the limit is {TABLE_ROWS_MAX}", name.text, items.len());
        f.complain("limit", head(node.span), message, "too many rows");
    }
    let columns = columns(items, out);
    if columns.len() > TABLE_COLUMNS_MAX {
        let message =
            format!("table `{}` has {} columns; the limit is {TABLE_COLUMNS_MAX}", name.text, columns.len());
        f.complain("limit", head(node.span), message, "too many columns");
        return None;
    }
    let mut rows = Vec::new();
    for (number, item) in items.iter().enumerate() {
        let mut g = Fields::of(item, format!("row {} of `{}`", number + 1, name.text), f.diagnostics);
        let gives = gives(&mut g, out);
        let row_cite = g.cite(cite.as_ref());
        let condition = if g.has("if") { g.formula("if").map(RowWhen::If) } else { None };
        let otherwise = g.boolean("otherwise");
        let when = match (condition, otherwise) {
            (Some(when), None) => Some(when),
            (None, Some(true)) => Some(RowWhen::Otherwise),
            (None, None) if !columns.is_empty() && !g.has("if") => cells(&mut g, &columns),
            (None, None) if g.has("if") => None,
            (None, None) if g.is_hollow() => None,
            (Some(_), Some(_)) => {
                let message = format!("row {} of `{}` says twice when it holds", number + 1, name.text);
                g.complain("value", item.span, message, "expected `if` or `otherwise`, not both");
                None
            }
            _ => {
                let message = format!("row {} of `{}` does not say when it holds", number + 1, name.text);
                g.complain(
                    "missing",
                    item.span,
                    message,
                    "expected columns, `if = \"…\"` or `otherwise = true`",
                );
                None
            }
        };
        if matches!(when, Some(RowWhen::Otherwise)) && number + 1 != items.len() {
            let message =
                format!("row {} of `{}` holds always, so the rows after it cannot", number + 1, name.text);
            g.complain("order", item.span, message, "expected as the last row");
        }
        if matches!(when, Some(RowWhen::Otherwise)) && unique == Some(true) {
            let message = format!(
                "`otherwise` in `{}`, whose hit policy is unique, holds beside other rows",
                name.text
            );
            g.complain("value", item.span, message, "expected conditions, or hit = \"first\"");
        }
        g.finish();
        if let (Some(gives), Some(cite), Some(when)) = (gives, row_cite, when) {
            rows.push(RowSource { span: item.span, when, gives, cite });
        }
    }
    f.finish();
    Some(TableSource { name: name.clone(), unique: unique?, out, columns, rows, cite })
}

/// What a row gives.
fn gives(g: &mut Fields<'_, '_>, out: Out) -> Option<Gives> {
    match out {
        Out::Step => g.need_int("step", -1000..=1000).map(Gives::Step),
        Out::Percent => {
            let percent = g.need_decimal("percent")?;
            Some(Gives::Number(Decimal::new(percent.mantissa(), percent.places() + 2)))
        }
        Out::Rate => g.need_decimal("rate").map(Gives::Number),
        Out::Choice => {
            let text = g.need_text("choice")?;
            let name = Name { text: text.text, span: text.span };
            check_name(&name, g.diagnostics);
            Some(Gives::Choice(name))
        }
    }
}

/// The columns of a table: every field of any row that is not one of a row's own.
fn columns(items: &[Node], out_field: Out) -> Vec<Name> {
    let mut out: Vec<Name> = Vec::new();
    for item in items {
        let Kind::Table(entries) = &item.kind else { continue };
        for (name, _) in entries {
            let own = [out_field.name(), "cite", "if", "otherwise"].contains(&name.text.as_str());
            if !own && out.iter().all(|n| n.text != name.text) {
                out.push(name.clone());
            }
        }
    }
    out
}

fn cells(g: &mut Fields<'_, '_>, columns: &[Name]) -> Option<RowWhen> {
    let given = g.rest();
    let mut out = Vec::new();
    for column in columns {
        let Some((_, node)) = given.iter().find(|(name, _)| name.text == column.text) else {
            let message = format!("the row has no cell for `{}`", column.text);
            g.complain("missing", head(g.span), message, "expected a cell; write \"-\" for any value");
            continue;
        };
        let text = match &node.kind {
            Kind::Text(text, start) => Text { text: text.clone(), span: node.span, start: *start },
            Kind::Int(int) => Text { text: int.to_string(), span: node.span, start: Some(node.span.start) },
            Kind::Bool(value) => {
                Text { text: value.to_string(), span: node.span, start: Some(node.span.start) }
            }
            Kind::Broken => continue,
            _ => {
                g.complain(
                    "kind",
                    node.span,
                    format!("a cell is {}", node.kind.shown()),
                    "expected \"(0..0.5]\", \"> 1\", \"0\" or \"-\"",
                );
                continue;
            }
        };
        match formula::parse_cell(&text.text, text.span, text.start) {
            Ok(cell) => out.push((cell, text)),
            Err(diagnostic) => g.diagnostics.push(diagnostic),
        }
    }
    // The columns were read above without being asked for by name; `finish` need not refuse them.
    g.allow_rest();
    (out.len() == columns.len()).then_some(RowWhen::Cells(out))
}

pub(super) fn adjust(node: &Node, d: &mut Vec<Diagnostic>) -> Option<AdjustSource> {
    let mut f = Fields::of(node, "an adjust", d);
    let name = name(&mut f);
    f.need_text("kind");
    let kinds = [AdjustKind::Overlay, AdjustKind::Veto, AdjustKind::ClassRule].map(|k| (k.name(), k));
    let kind = f.choice("kind", &kinds);
    let title = f.need_bilingual("title");
    let when = f.need_formula("when");
    let given: Vec<&'static str> = ["step", "rate", "class"].into_iter().filter(|key| f.has(key)).collect();
    let change = match given.as_slice() {
        ["step"] => f.formula("step").map(ChangeSource::Step),
        ["rate"] => f.formula("rate").map(ChangeSource::Rate),
        ["class"] => f.formula("class").map(ChangeSource::Class),
        [] => {
            ["step", "rate", "class"].into_iter().for_each(|key| {
                f.node(key);
            });
            if !f.is_hollow() {
                let message = "an adjust changes neither the step nor the rate nor the class";
                let expected = "expected `step = \"…\"`, `rate = \"…\"` or `class = \"…\"`";
                f.complain("missing", head(node.span), message, expected);
            }
            None
        }
        [.., last] => {
            let at = f.node(last).map_or(node.span, |last| last.span);
            given.iter().for_each(|key| {
                f.node(key);
            });
            f.complain("value", at, "an adjust changes one thing", "expected one of step, rate and class");
            None
        }
    };
    let cite = f.cite(None);
    f.finish();
    Some(AdjustSource {
        name: name?,
        kind: kind?,
        title: title.unwrap_or_default(),
        when: when?,
        change: change?,
        cite: cite?,
    })
}

pub(super) fn ladder(node: &Node, d: &mut Vec<Diagnostic>) -> Option<LadderSource> {
    let mut f = Fields::of(node, "[ladder]", d);
    let mut tiers = Vec::new();
    let factor = match f.node("derived") {
        Some(Node { kind: Kind::Text(..), .. }) => Some(f.formula("derived")?),
        _ => None,
    };
    let derived = factor.is_some() || f.boolean("derived").unwrap_or(false);
    let at = if derived { f.node("derived") } else { f.node("tiers") };
    let span = at.map_or_else(|| head(node.span), |at| at.span);
    if derived && let Some(tiers) = f.node("tiers") {
        let message = "a derived ladder has no tiers of its own: the tier is the rate over the base rate";
        f.complain("value", tiers.span, message, "expected `tiers` or `derived = true`");
    }
    for (key, value) in f.table("tiers") {
        let step = key.text.parse::<i64>().ok().filter(|s| (-1000..=1000).contains(s));
        let tier = match &value.kind {
            Kind::Text(text, _) => text.parse().ok(),
            Kind::Int(int) => Some(Decimal::new(i128::from(*int), 0)),
            _ => None,
        };
        match (step, tier) {
            (Some(_), Some(tier)) if tier.mantissa() < 0 => {
                let message = format!("the tier {tier} is below 0");
                f.complain("range", value.span, message, "expected a multiple of the start");
            }
            (Some(step), Some(tier)) => {
                tiers.extend(f.within_limits("tiers", value.span, tier).map(|tier| (step, tier)));
            }
            (None, _) => f.complain(
                "value",
                key.span,
                format!("`{}` is not a step", key.text),
                "expected a whole number like -2",
            ),
            (_, None) if matches!(value.kind, Kind::Broken) => {}
            (_, None) => f.complain("value", value.span, "a tier is a number as text", "expected \"0.8\""),
        }
    }
    tiers.sort_unstable_by_key(|(step, _)| *step);
    let mut allowed = Vec::new();
    for item in f.list("allowed") {
        let mut g = Fields::of(item, "`allowed`", f.diagnostics);
        let bounds = [g.need_text("class"), g.need_text("steps")];
        g.finish();
        let [Some(class), Some(steps)] = bounds else { continue };
        let ranges = [class, steps].map(|text| {
            let range =
                formula::parse_cell(&text.text, text.span, text.start).ok().and_then(|c| whole_range(&c));
            if range.is_none() {
                let message = format!("\"{}\" is not a range of whole numbers", text.text);
                f.complain("value", text.span, message, "expected \"2\" or \"[2..8]\"");
            }
            range
        });
        if let [Some(class), Some(steps)] = ranges {
            allowed.push((item.span, [class.0, class.1, steps.0, steps.1]));
        }
    }
    let cite = f.cite(None);
    f.finish();
    Some(LadderSource { span, tiers, derived, factor, allowed, cite: cite? })
}

fn whole_range(cell: &[Interval]) -> Option<(i64, i64)> {
    fn whole(expr: &formula::Expr) -> Option<i64> {
        match &expr.kind {
            formula::ExprKind::Number(n, None) if n.places() == 0 => i64::try_from(n.mantissa()).ok(),
            formula::ExprKind::Negate(inner) => whole(inner).map(|n| -n),
            _ => None,
        }
    }
    match cell {
        [Interval { low: Some((low, true)), high: Some((high, true)) }] => {
            let range = (whole(low)?, whole(high)?);
            (range.0 <= range.1).then_some(range)
        }
        _ => None,
    }
}

pub(super) fn outcome(node: &Node, d: &mut Vec<Diagnostic>, broken: &mut BTreeSet<String>) -> OutcomeSource {
    let mut f = Fields::of(node, "[outcome]", d);
    let mut out = OutcomeSource::default();
    for (key, place) in
        [("start", &mut out.start), ("rate", &mut out.rate), ("floor", &mut out.floor), ("cap", &mut out.cap)]
    {
        let Some(node) = f.node(key) else { continue };
        let mut g = Fields::of(node, format!("[outcome.{key}]"), f.diagnostics);
        let is = g.need_formula("is");
        let cite = g.cite(None);
        g.finish();
        *place = is.zip(cite).map(|(is, cite)| CitedFormula { is, cite });
        if place.is_none() {
            broken.insert(format!("[outcome.{key}]"));
        }
    }
    f.finish();
    out
}

pub(super) fn assert(node: &Node, d: &mut Vec<Diagnostic>) -> Option<AssertSource> {
    let mut f = Fields::of(node, "an assertion", d);
    let name = name(&mut f);
    let kind = f.choice_of("kind", &["inert", "not_monotone", "identity", "jump"]);
    let kind = match kind.as_ref().map(|k| k.text.as_str()) {
        Some("inert") => f.need_text("of").map(|of| AssertKindSource::Inert { of }),
        Some("not_monotone") => {
            let (raw, only_where) = (f.need_text("in"), f.need_formula("only_where"));
            raw.zip(only_where).map(|(raw, only_where)| AssertKindSource::NotMonotone { raw, only_where })
        }
        Some("identity") => {
            let (is, holds_where) = (f.need_formula("is"), f.formula("where"));
            let read = !f.has("where") || holds_where.is_some();
            is.filter(|_| read).map(|is| AssertKindSource::Identity { is, holds_where })
        }
        Some("jump") => {
            let (raw, of, only_where) = (f.need_text("in"), f.need_text("of"), f.need_formula("only_where"));
            let parts = raw.zip(of).zip(only_where);
            parts.map(|((raw, of), only_where)| AssertKindSource::Jump { raw, of, only_where })
        }
        _ => {
            // Its other fields belong to a kind that is not known.
            return None;
        }
    };
    let cite = f.cite(None);
    f.finish();
    Some(AssertSource { name: name?, kind: kind?, cite: cite? })
}
