//! Numbers that must be known without a record: parameters.

use super::names::Names;
use super::{Param, ParamValue};
use crate::diagnostic::{Diagnostic, Span};
use crate::number::Decimal;
use crate::plan::formula::{Expr, ExprKind, Name};
use crate::plan::source::{ParamEntry, ParamSource, ParamType, ParamValue as Written};
use crate::record::Cause;

/// Places of a currency's minor unit after the point.
#[must_use]
pub fn minor_places(currency: &str) -> u32 {
    if currency == "JPY" { 0 } else { 2 }
}

/// Money as written, in whole minor units.
pub(super) fn minor_units(value: Decimal, currency: &str) -> Option<Decimal> {
    value.units(minor_places(currency)).map(|units| Decimal::new(i128::from(units), 0))
}

/// A parameter with its values.
pub(super) fn param(
    source: &ParamSource,
    classes: u8,
    currency: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Param {
    let mut entries = Vec::new();
    for entry in &source.entries {
        if let Some(value) = param_value(source, entry, classes, currency, diagnostics) {
            entries.push((entry.from, value, entry.cite.clone(), entry.span));
        }
    }
    Param {
        name: source.name.text.clone(),
        ty: source.ty,
        keyed: source.keyed_by_class,
        entries,
        span: source.name.span,
    }
}

fn param_value(
    source: &ParamSource,
    entry: &ParamEntry,
    classes: u8,
    currency: &str,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<ParamValue> {
    match &entry.value {
        Written::One(formula) => number(&formula.expr, source.ty, currency, diagnostics).map(ParamValue::One),
        Written::Keyed(entries) => {
            // Without [class] there is nothing to compare with; that it is missing is told elsewhere.
            if classes == 0 {
                return Some(ParamValue::ByClass(Vec::new()));
            }
            let mut by_class = vec![None; usize::from(classes)];
            for (key, formula) in entries {
                let class = key.text.parse::<usize>().ok();
                let class = class.filter(|c| (1..=by_class.len()).contains(c) && c.to_string() == key.text);
                match class {
                    Some(class) => {
                        by_class[class - 1] = number(&formula.expr, source.ty, currency, diagnostics)
                    }
                    None => {
                        let message = format!("`{}` is not a class of this plan", key.text);
                        let expected = format!("expected 1 to {classes}");
                        diagnostics.push(Diagnostic::at("key", key.span, message, expected));
                    }
                }
            }
            let given = |c: &usize| entries.iter().all(|(key, _)| key.text != c.to_string());
            let missing: Vec<String> =
                (1..=usize::from(classes)).filter(given).map(|c| c.to_string()).collect();
            if !missing.is_empty() {
                let message = format!("`{}` has no value for class {}", source.name.text, missing.join(", "));
                diagnostics.push(Diagnostic::at(
                    "key",
                    source.name.span,
                    message,
                    "expected one for every class",
                ));
            }
            by_class.into_iter().collect::<Option<Vec<_>>>().map(ParamValue::ByClass)
        }
        Written::Causes(texts) => {
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
