//! Which numbers are finite decimals: a rate that never ends could not be charged, nor a tier be written.

use super::names::Names;
use super::{AggregateKind, Checked, Column, ParamValue, Term, TermKind};
use crate::diagnostic::{Diagnostic, Span};
use crate::number::Decimal;
use crate::record::Date;
use std::collections::BTreeSet;

/// Whether 1 over the number is a finite decimal: it has no prime factors but 2 and 5.
fn ends(number: Decimal) -> bool {
    let mut rest = number.mantissa().unsigned_abs();
    for prime in [2, 5] {
        while rest > 0 && rest.is_multiple_of(prime) {
            rest /= prime;
        }
    }
    rest == 1
}

/// 1 over a number, where it is a finite decimal.
fn inverse(number: Decimal) -> Option<Decimal> {
    let mantissa = number.mantissa();
    // 10^places / mantissa, with as many zeros as it takes to divide.
    (0..=36).find_map(|zeros| {
        let one = 10_i128.checked_pow(zeros)?;
        let divides = ends(number) && one % mantissa == 0;
        let shift = || 10_i128.checked_pow(number.places().checked_sub(zeros)?);
        divides.then(|| match shift() {
            Some(shift) => Decimal::new(one / mantissa * shift, 0),
            None => Decimal::new(one / mantissa, zeros.saturating_sub(number.places())),
        })
    })
}

impl Checked {
    /// 1 over the base rate on a date: of each class, class 1 first, of each industry, or the only one. 0 where that is
    /// no finite decimal.
    #[must_use]
    pub fn inverse_base_rates(&self, date: Date) -> Vec<Decimal> {
        let rates = self.params.iter().find(|p| p.name == "base_rate").and_then(|p| p.on(date));
        let rates = match rates {
            Some(ParamValue::ByClass(rates) | ParamValue::ByIndustry(rates)) => rates.clone(),
            Some(ParamValue::One(rate)) => vec![*rate],
            _ => Vec::new(),
        };
        rates.iter().map(|rate| inverse(*rate).unwrap_or(Decimal::ZERO)).collect()
    }
}

impl Names<'_> {
    /// A rate is a finite decimal, so its formula divides by nothing but numbers like 2, 5 and 10.
    pub(super) fn finite(&mut self, term: &Term) {
        self.finite_through(term, None, &mut BTreeSet::new(), &mut BTreeSet::new());
    }

    /// `through` is where the outcome names the measure that `term` belongs to.
    fn finite_through(
        &mut self,
        term: &Term,
        through: Option<Span>,
        seen: &mut BTreeSet<usize>,
        columns: &mut BTreeSet<(usize, usize)>,
    ) {
        let mut tell = |at: Span, expected: &str| {
            let mut diagnostic = Diagnostic::at(
                "value",
                through.unwrap_or(at),
                "the rate may have no finite decimal",
                expected,
            );
            if through.is_some() {
                diagnostic = diagnostic.also(at, "because of this");
            }
            self.diagnostics.push(diagnostic);
        };
        match &term.kind {
            TermKind::Divide(a, b) => {
                if !matches!(b.kind, TermKind::Number(n) if ends(n)) {
                    tell(b.span, "expected a multiplication, or `round`");
                }
                self.finite_through(a, through, seen, columns);
            }
            TermKind::Portfolio(_) => tell(term.span, "expected `round`"),
            TermKind::Aggregate { column: Some(Column::Derived(each, at)), .. }
            | TermKind::Cell(_, Column::Derived(each, at))
                if columns.insert((*each, *at)) =>
            {
                let column = self.eaches[*each].columns[*at].term.clone();
                self.finite_through(&column, through.or(Some(term.span)), seen, columns);
            }
            // Each once: measures of measures could be very many paths.
            TermKind::Measure(at) if seen.insert(*at) => {
                let measure = self.measures[*at].term.clone();
                self.finite_through(&measure, through.or(Some(term.span)), seen, columns);
            }
            TermKind::Aggregate { kind: AggregateKind::Average, .. } => {
                tell(term.span, "expected no average, or `round`");
            }
            TermKind::Add(a, b)
            | TermKind::Subtract(a, b)
            | TermKind::Multiply(a, b)
            | TermKind::If(_, a, b) => {
                self.finite_through(a, through, seen, columns);
                self.finite_through(b, through, seen, columns);
            }
            TermKind::Min(terms) | TermKind::Max(terms) => {
                terms.iter().for_each(|t| self.finite_through(t, through, seen, columns));
            }
            _ => {}
        }
    }

    /// Where a tier is a rate over the base rate, the base rates must divide.
    pub(super) fn finite_tiers(&mut self, because: Span) {
        let Some(param) = self.params.iter().find(|p| p.name == "base_rate") else { return };
        for (_, value, _, span) in &param.entries {
            let rates: Vec<(String, Decimal)> = match value {
                ParamValue::ByClass(rates) => rates
                    .iter()
                    .enumerate()
                    .map(|(at, r)| (format!(", that of class {},", at + 1), *r))
                    .collect(),
                ParamValue::ByIndustry(rates) => {
                    let named = self.industries.iter().zip(rates);
                    named.map(|(code, rate)| (format!(", that of {code},"), *rate)).collect()
                }
                ParamValue::One(rate) => vec![(",".to_owned(), *rate)],
                _ => continue,
            };
            for (whose, rate) in rates.iter().filter(|(_, rate)| !ends(*rate)) {
                let message = format!(
                    "the tier is a rate over the base rate; over {rate}{whose} it may have no finite decimal"
                );
                self.diagnostics.push(
                    Diagnostic::at("value", *span, message, "expected base rates of factors 2 and 5 only")
                        .also(because, "the tier is computed because of this"),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverses_are_exact() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        for (given, expected) in [
            ("0.005", "200"),
            ("0.02", "50"),
            ("0.0125", "80"),
            ("0.8", "1.25"),
            ("20", "0.05"),
            ("0.0000000125", "80000000"),
        ] {
            assert_eq!(inverse(number(given)), Some(number(expected)), "{given}");
        }
        for given in ["0", "0.007", "0.009", "3"] {
            assert_eq!(inverse(number(given)), None, "{given}");
        }
    }
}
