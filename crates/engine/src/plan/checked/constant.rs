//! Numbers that must be known without a record: parameters.

use super::names::Names;
use super::{Param, ParamValue, Range};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::number::Decimal;
use crate::plan::formula::{Expr, ExprKind, Name};
use crate::plan::source::{
    Key, ParamEntry, ParamSource, ParamType, ParamValue as Written, PlanSource, RangeSource,
};
use crate::record::Cause;
use std::collections::BTreeSet;

/// Places of a currency's minor unit after the point.
#[must_use]
pub fn minor_places(currency: &str) -> u32 {
    if currency == "JPY" { 0 } else { 2 }
}

/// Money as written, in whole minor units.
pub(super) fn minor_units(value: Decimal, currency: &str) -> Option<Decimal> {
    value.units(minor_places(currency)).map(|units| Decimal::new(i128::from(units), 0))
}

/// What parameters of a plan are looked up with.
#[derive(Debug, Default)]
pub(super) struct Keys {
    /// Number of risk classes; 0 where the plan has none.
    pub classes: u8,
    /// Codes of industries, sorted.
    pub industries: Vec<String>,
    /// Classes of rows, sorted.
    pub row_classes: Vec<String>,
}

impl Keys {
    /// The keys of a plan: industries and classes of rows are those that its parameters name.
    pub fn of(plan: &PlanSource) -> Self {
        let classes = plan.class.as_ref().map_or(0, |c| c.count);
        let named = |key: Key| {
            let params = plan.params.iter().filter(move |p| p.key == Some(key));
            let values = params.flat_map(|p| p.entries.iter().map(|e| &e.value));
            let words =
                values.filter_map(|v| if let Written::Keyed(entries) = v { Some(entries) } else { None });
            words.flatten().map(|(name, _)| name.text.clone()).collect::<BTreeSet<String>>()
        };
        let mut industries = named(Key::Industry);
        if industries.is_empty() {
            let sets = plan.params.iter().filter(|p| p.ty == ParamType::Industries);
            for entry in sets.flat_map(|p| &p.entries) {
                if let Written::Words(words) = &entry.value {
                    industries.extend(words.iter().map(|w| w.text.clone()));
                }
            }
        }
        let row_classes = if classes == 0 { named(Key::Class) } else { BTreeSet::new() };
        Self {
            classes,
            industries: industries.into_iter().collect(),
            row_classes: row_classes.into_iter().collect(),
        }
    }
}

/// A parameter with its values.
pub(super) fn param(
    source: &ParamSource,
    keys: &Keys,
    currency: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Param {
    let mut entries = Vec::new();
    let mut by_money = false;
    for entry in &source.entries {
        if let Written::Ranges(ranges) = &entry.value {
            let ends = ranges.iter().flat_map(|r| [&r.interval.low, &r.interval.high]).flatten();
            by_money |= ends.into_iter().any(|(end, _)| matches!(end.kind, ExprKind::Number(_, Some(_))));
        }
        if let Some(value) = param_value(source, entry, keys, currency, diagnostics) {
            entries.push((entry.from, value, entry.cite.clone(), entry.span));
        }
    }
    Param {
        name: source.name.text.clone(),
        ty: source.ty,
        key: source.key,
        on_row: source.on_row,
        by_money,
        entries,
        span: source.name.span,
    }
}

fn param_value(
    source: &ParamSource,
    entry: &ParamEntry,
    keys: &Keys,
    currency: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ParamValue> {
    match &entry.value {
        Written::One(formula) => number(&formula.expr, source.ty, currency, diagnostics).map(ParamValue::One),
        Written::Keyed(entries) => {
            let mut known: Vec<String> = (1..=keys.classes).map(|c| c.to_string()).collect();
            let (what, expected) = match source.key {
                Some(Key::Industry) => {
                    known.clone_from(&keys.industries);
                    ("an industry", "expected one that every parameter of the plan has".to_owned())
                }
                _ if keys.classes == 0 => {
                    known.clone_from(&keys.row_classes);
                    ("a class", String::new())
                }
                _ => ("a class", format!("expected 1 to {}", keys.classes)),
            };
            let mut values = vec![None; known.len()];
            for (at, (key, formula)) in entries.iter().enumerate() {
                if entries[..at].iter().any(|(before, _)| before.text == key.text) {
                    let message = format!("`{}` stands twice", key.text);
                    diagnostics.push(Diagnostic::at("key", key.span, message, "expected once"));
                }
                match known.iter().position(|known| *known == key.text) {
                    Some(at) => values[at] = number(&formula.expr, source.ty, currency, diagnostics),
                    None => {
                        let message = format!("`{}` is not {what} of this plan", key.text);
                        diagnostics.push(Diagnostic::at("key", key.span, message, expected.clone()));
                    }
                }
            }
            let given = |name: &&String| entries.iter().all(|(key, _)| key.text != **name);
            let missing: Vec<&str> = known.iter().filter(given).map(String::as_str).collect();
            if !missing.is_empty() {
                let what = what.trim_start_matches("an ").trim_start_matches("a ");
                let message =
                    format!("`{}` has no value for {what} {}", source.name.text, missing.join(", "));
                let expected = format!("expected one for every {what}");
                diagnostics.push(Diagnostic::at("key", source.name.span, message, expected));
            }
            let values = values.into_iter().collect::<Option<Vec<_>>>()?;
            Some(match source.key {
                Some(Key::Industry) => ParamValue::ByIndustry(values),
                _ if keys.classes == 0 => ParamValue::ByRowClass(values),
                _ => ParamValue::ByClass(values),
            })
        }
        Written::Ranges(sources) => ranges(source, sources, currency, diagnostics).map(ParamValue::Ranges),
        Written::Words(texts) if source.ty == ParamType::Industries => {
            let mut places = Vec::new();
            for text in texts {
                match keys.industries.binary_search(&text.text) {
                    Ok(at) => places.push(at),
                    Err(_) => {
                        let message = format!("\"{}\" is not an industry of this plan", text.text);
                        let mut diagnostic = Diagnostic::at(
                            "value",
                            text.span,
                            message,
                            "expected one that its parameters have",
                        );
                        diagnostic.help = nearest(&text.text, keys.industries.iter().map(String::as_str))
                            .map(|near| format!("did you mean `{near}`?"));
                        diagnostics.push(diagnostic);
                    }
                }
            }
            Some(ParamValue::Industries(places))
        }
        Written::Words(texts) => {
            let mut causes = Vec::new();
            for text in texts {
                match Cause::from_name(&text.text) {
                    Some(cause) => causes.push(cause),
                    None => {
                        let known: Vec<&str> = Cause::ALL.iter().map(|c| c.name()).collect();
                        let message = format!("\"{}\" is not a cause", text.text);
                        let expected = format!("expected one of {}", known.join(", "));
                        diagnostics.push(Diagnostic::at("value", text.span, message, expected));
                    }
                }
            }
            Some(ParamValue::Causes(causes))
        }
    }
}

/// Ranges that rise and do not overlap.
fn ranges(
    source: &ParamSource,
    sources: &[RangeSource],
    currency: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<Vec<Range>> {
    let mut sound = true;
    let mut out: Vec<(Range, Span)> = Vec::new();
    let mut end = |end: &Option<(Expr, bool)>, diagnostics: &mut Vec<Diagnostic>| {
        let (expr, closed) = end.as_ref()?;
        let ty = if matches!(expr.kind, ExprKind::Number(_, Some(_))) {
            ParamType::Money
        } else {
            ParamType::Number
        };
        let value = number(expr, ty, currency, diagnostics);
        sound &= value.is_some();
        value.map(|value| (value, *closed))
    };
    let mut whole = true;
    for range in sources {
        let (low, high) = (end(&range.interval.low, diagnostics), end(&range.interval.high, diagnostics));
        let value = number(&range.value.expr, source.ty, currency, diagnostics);
        whole &= value.is_some();
        out.extend(value.map(|value| (Range { low, high, value }, range.span)));
    }
    let money = |range: &RangeSource| {
        let ends = [&range.interval.low, &range.interval.high];
        let money = |e: &&(Expr, bool)| matches!(e.0.kind, ExprKind::Number(_, Some(_)));
        let zero = |e: &&(Expr, bool)| matches!(e.0.kind, ExprKind::Number(n, None) if n == Decimal::ZERO);
        let named: Vec<&(Expr, bool)> = ends.into_iter().flatten().filter(|e| !zero(e)).collect();
        (!named.is_empty()).then(|| named.iter().filter(|e| money(e)).count() == named.len())
    };
    let kinds: Vec<bool> = sources.iter().filter_map(money).collect();
    if kinds.windows(2).any(|pair| pair[0] != pair[1]) {
        let message = format!("some ranges of `{}` are amounts, others are not", source.name.text);
        diagnostics.push(Diagnostic::at("unit", source.name.span, message, "expected one unit"));
        whole = false;
    }
    for pair in out.windows(2) {
        let [(below, _), (above, span)] = pair else { continue };
        let apart = match (below.high, above.low) {
            (Some((high, closed)), Some((low, open))) => high < low || (high == low && !(closed && open)),
            _ => false,
        };
        if !apart && sound {
            let message = format!("this range of `{}` does not lie above the one before", source.name.text);
            diagnostics.push(Diagnostic::at("order", *span, message, "expected rising ranges"));
            whole = false;
        }
    }
    (sound && whole).then(|| out.into_iter().map(|(range, _)| range).collect())
}

/// A number of a parameter's type.
fn number(expr: &Expr, ty: ParamType, currency: &str, diagnostics: &mut Vec<Diagnostic>) -> Option<Decimal> {
    let mut fail = |span: Span, message: String, expected: &str| {
        diagnostics.push(Diagnostic::at("value", span, message, expected.to_owned()));
        None
    };
    match (&expr.kind, ty) {
        (ExprKind::Number(value, Some(given)), ParamType::Money) if given.text == currency => {
            match minor_units(*value, currency) {
                Some(units) => Some(units),
                None => fail(
                    expr.span,
                    format!("{value} {currency} is not whole in the minor unit, or too large"),
                    "expected fewer digits",
                ),
            }
        }
        (ExprKind::Number(_, Some(given)), ParamType::Money) => fail(
            given.span,
            format!("the plan's currency is {currency}, not {}", given.text),
            "another currency here",
        ),
        (ExprKind::Number(_, Some(given)), _) => {
            fail(given.span, "only money has a currency".to_owned(), "expected a number alone")
        }
        (ExprKind::Negate(_), _) => {
            fail(expr.span, "a parameter is never below 0".to_owned(), "expected a number from 0")
        }
        (ExprKind::Number(..), ParamType::Money) => {
            fail(expr.span, "money needs its currency".to_owned(), "expected an amount like \"5000 CNY\"")
        }
        (ExprKind::Number(value, None), ParamType::Months | ParamType::People) if value.places() > 0 => {
            fail(expr.span, format!("{value} is not whole"), "expected a whole number")
        }
        (ExprKind::Number(value, None), _) => Some(*value),
        _ => fail(expr.span, "a parameter is a number, not a formula".to_owned(), "expected a number"),
    }
}

impl Names<'_> {
    /// Money of a formula in minor units.
    pub(super) fn money(&mut self, value: Decimal, written: &Name, span: Span) -> Option<Decimal> {
        let currency = written.text.as_str();
        if currency != self.currency {
            let message = format!("the plan's currency is {}, not {currency}", self.currency);
            self.complain("unit", written.span, message, "another currency here");
            return None;
        }
        let units = minor_units(value, currency);
        if units.is_none() {
            self.complain(
                "value",
                span,
                format!("{value} {currency} is not whole in the minor unit, or too large"),
                "expected fewer digits",
            );
        }
        units
    }
}
