//! Values over all employers: frozen numbers that a program is compiled with, and how they come about.
//!
//! A first pass runs a program that was compiled with any numbers, adds up [`Program::employer_sums`] over all
//! employers, and gives the sums to [`frozen`]. Its formulas are lowered like every other; with the sums as constants
//! they are computed while they are lowered, so there is no second evaluator.

use super::build::Builder;
use super::lower::Lower;
use super::{Id, Quantity, windows};
use crate::number::{Decimal, Fraction};
use crate::plan::checked::{Checked, TermKind};
use crate::record::Date;
use std::sync::Arc;

/// A portfolio value: `num / den`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Frozen {
    /// Numerator; money in minor units.
    pub num: i128,
    /// Denominator, above 0.
    pub den: i128,
}

impl Default for Frozen {
    fn default() -> Self {
        Self { num: 0, den: 1 }
    }
}

/// Prints a decimal where a finite one exists, otherwise `num/den`.
impl std::fmt::Display for Frozen {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let decimal = self.fraction().decimal(0);
        if decimal.ends_with('…') { write!(f, "{}/{}", self.num, self.den) } else { f.write_str(&decimal) }
    }
}

/// Reads what it prints: `0.5` or `1/3`, from 0.
impl std::str::FromStr for Frozen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let expected =
            || format!("\"{text}\" is no number like \"0.5\" or \"1/3\", from 0, of at most 128 bits");
        let number = |text: &str| text.parse::<Decimal>().ok().filter(|_| !text.starts_with('-'));
        let whole = |text: &str| number(text).filter(|_| !text.contains('.'));
        let pair = match text.split_once('/') {
            Some((num, den)) => whole(num).zip(whole(den)),
            None => number(text).zip(Some(Decimal::ONE)),
        };
        let fraction = pair.and_then(|(num, den)| {
            let places = i32::try_from(num.places()).ok()?;
            Fraction::new(num.mantissa().into(), den.mantissa().into(), places)
        });
        fraction.as_ref().and_then(Self::of).ok_or_else(expected)
    }
}

impl Frozen {
    /// A fraction; None where it does not fit.
    #[must_use]
    pub fn of(fraction: &Fraction) -> Option<Self> {
        Some(Self { num: i128::try_from(fraction.num()).ok()?, den: i128::try_from(fraction.den()).ok()? })
    }

    /// As a fraction.
    ///
    /// # Panics
    ///
    /// Never: the denominator is above 0.
    #[must_use]
    pub fn fraction(self) -> Fraction {
        Fraction::new(self.num.into(), self.den.into(), 0).expect("the denominator is above 0")
    }
}

/// The portfolio values of a plan. `given` are those that whoever rates brings, by the place of the value; the others
/// are computed from the sums over all employers, in the order of [`Program::employer_sums`](super::Program), and the
/// number of employers.
///
/// # Errors
///
/// A sentence for each value that is not there, is undefined or does not fit 128 bits.
pub fn frozen(
    plan: &Arc<Checked>,
    rating_date: Date,
    given: &[Option<Frozen>],
    sums: &[Frozen],
    employers: u64,
) -> Result<Vec<Frozen>, Vec<String>> {
    let windows = windows::resolve(&plan.windows, rating_date);
    let mut known: Vec<Frozen> = Vec::new();
    let mut problems = Vec::new();
    let mut rest = sums;
    for (at, value) in plan.portfolio.iter().enumerate() {
        let own = value.is.as_ref().map_or(0, |term| {
            let mut sums = 0;
            term.walk(&mut |t| sums += usize::from(matches!(t.kind, TermKind::EmployersSum(_))));
            sums
        });
        let (own, later) = rest.split_at(own.min(rest.len()));
        rest = later;
        let found = match (given.get(at).copied().flatten(), &value.is) {
            (Some(given), _) => Ok(given),
            (None, None) => Err(format!("`{}` is not given", value.name)),
            (None, Some(term)) => {
                let before = known.clone();
                let mut lower = Lower::new(plan, rating_date, &windows, &before);
                lower.totals = own.iter();
                lower.employers = i128::from(employers);
                let quantity = lower.number(term);
                let constant = lower.builder.constant_of(quantity);
                if lower.builder.overflowed {
                    Err(format!("`{}` does not fit 128 bits; round what it adds up", value.name))
                } else {
                    constant.ok_or_else(|| format!("`{}` divides by 0 over these employers", value.name))
                }
            }
        };
        known.push(found.unwrap_or_else(|problem| {
            problems.push(problem);
            Frozen::default()
        }));
    }
    if problems.is_empty() { Ok(known) } else { Err(problems) }
}

impl Lower<'_> {
    /// What the portfolio values add up over all employers.
    pub(super) fn employer_sums(&mut self) -> Vec<Quantity> {
        let plan = self.plan;
        let mut terms = Vec::new();
        for value in plan.portfolio.iter().filter_map(|p| p.is.as_ref()) {
            value.walk(&mut |t| {
                if let TermKind::EmployersSum(inner) = &t.kind {
                    terms.push(inner.as_ref());
                }
            });
        }
        terms.into_iter().map(|term| self.number(term)).collect()
    }
}

impl Builder {
    /// A frozen number.
    pub fn frozen(&mut self, value: Frozen) -> Quantity {
        let (num, den) = (self.constant(value.num), self.constant(value.den));
        let (num, den) = (Quantity::of(num, 0), Quantity::of(den, 0));
        self.quotient(num, den)
    }

    /// The number of a quantity that is known while it is lowered.
    fn constant_of(&self, value: Quantity) -> Option<Frozen> {
        let known = |id: Id| self.known_number(id);
        let undefined = value.undefined.is_some_and(|id| self.known_boolean(id) != Some(false));
        let (num, den) = (known(value.num)?, value.den.map_or(Some(1), known)?);
        let fraction = Fraction::new(num.into(), den.into(), value.scale)?;
        if undefined { None } else { Frozen::of(&fraction) }
    }
}

#[cfg(test)]
mod tests {
    use super::Frozen;

    #[test]
    fn text_and_back() {
        for (text, num, den) in
            [("0.5", 1, 2), ("1/3", 1, 3), ("2/6", 1, 3), ("0", 0, 1), ("12", 12, 1), ("0.0250", 1, 40)]
        {
            let read: Frozen = text.parse().unwrap();
            assert_eq!((read.num, read.den), (num, den), "{text}");
            assert_eq!(read.to_string().parse::<Frozen>(), Ok(read));
        }
        for text in [
            "",
            "-1",
            "1/0",
            "1/-3",
            ".5",
            "5.",
            "1.2.3",
            "abc",
            "1e3",
            "9999999999999999999999999999999999999999",
        ] {
            assert!(text.parse::<Frozen>().is_err(), "{text}");
        }
    }
}
