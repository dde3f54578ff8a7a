//! `round`: the only rounding there is.

use super::minor_places;
use super::names::Names;
use super::term::{Term, TermKind, Type};
use super::typing::Scope;
use crate::diagnostic::Span;
use crate::number::Rounding;
use crate::plan::formula::{Expr, ExprKind};

/// Most places that a plan rounds to.
const PLACES_MAX: i128 = 12;

impl Names<'_> {
    /// `round(value, places, mode)`.
    pub(super) fn round(&mut self, arguments: &[Expr], span: Span, scope: &Scope) -> Option<Term> {
        let [value, places, mode] = arguments else {
            let message = format!("`round` is given {} arguments", arguments.len());
            self.complain("formula", span, message, "expected round(value, places, mode)");
            return None;
        };
        let value = self.term(value, scope);
        let to = match &places.kind {
            ExprKind::Number(n, None) if n.places() == 0 && (0..=PLACES_MAX).contains(&n.mantissa()) => {
                i32::try_from(n.mantissa()).ok()
            }
            _ => None,
        };
        if to.is_none() {
            let expected = format!("expected a whole number from 0 to {PLACES_MAX}");
            self.complain("value", places.span, "this is no number of places", expected);
        }
        let named = |word: &String| Rounding::ALL.into_iter().find(|mode| mode.name() == word.as_str());
        let how = if let ExprKind::Name(word) = &mode.kind { named(word) } else { None };
        if how.is_none() {
            let expected = "expected half_up, half_even, down or up";
            self.complain("value", mode.span, "this is no way to round", expected);
        }
        let value = value?;
        let ty = self.number(&value)?;
        let minor = match ty {
            Type::Number(unit) if unit.money != 0 => i32::try_from(minor_places(self.currency)).unwrap_or(0),
            _ => 0,
        };
        let kind = TermKind::Round { value: Box::new(value), places: to? - minor, mode: how? };
        Some(Term { kind, ty, span })
    }
}
