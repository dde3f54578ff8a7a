//! Linear expressions over the quantities of a record, with whole coefficients.

use std::collections::BTreeMap;

/// A quantity of a record, by its place in the [`Basis`](super::basis::Basis).
pub(super) type Var = usize;

/// A number left 128 bits, or a diagram its limit: the proof stops there and says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TooLarge;

/// `Σ coefficient × quantity + constant`. Terms are sorted by quantity and none is 0.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Linear {
    pub terms: Vec<(Var, i128)>,
    pub constant: i128,
}

impl Linear {
    pub const fn constant(value: i128) -> Self {
        Self { terms: Vec::new(), constant: value }
    }

    pub fn variable(var: Var) -> Self {
        Self { terms: vec![(var, 1)], constant: 0 }
    }

    /// Its value, if no quantity is in it.
    pub fn known(&self) -> Option<i128> {
        self.terms.is_empty().then_some(self.constant)
    }

    pub fn coefficient(&self, var: Var) -> i128 {
        self.terms.iter().find(|t| t.0 == var).map_or(0, |t| t.1)
    }

    pub fn scale(&self, factor: i128) -> Result<Self, TooLarge> {
        Self::constant(0).plus(factor, self)
    }

    /// `self + factor × other`.
    pub fn plus(&self, factor: i128, other: &Self) -> Result<Self, TooLarge> {
        let mut sum: BTreeMap<Var, i128> = self.terms.iter().copied().collect();
        let times = |c: i128| c.checked_mul(factor).ok_or(TooLarge);
        for (var, c) in &other.terms {
            let slot = sum.entry(*var).or_insert(0);
            *slot = slot.checked_add(times(*c)?).ok_or(TooLarge)?;
        }
        let constant = self.constant.checked_add(times(other.constant)?).ok_or(TooLarge)?;
        Ok(Self { terms: sum.into_iter().filter(|t| t.1 != 0).collect(), constant })
    }

    /// The greatest whole number that divides every coefficient; 0 if there is none.
    pub fn content(&self) -> i128 {
        self.terms.iter().fold(0, |g, t| gcd(g, t.1))
    }

    /// Divides every number of the expression, which the divisor divides.
    pub fn divided(&self, divisor: i128) -> Self {
        Self {
            terms: self.terms.iter().map(|(v, c)| (*v, c / divisor)).collect(),
            constant: self.constant / divisor,
        }
    }
}

/// Greatest common divisor, not negative.
pub(super) const fn gcd(a: i128, b: i128) -> i128 {
    let (mut a, mut b) = (a.unsigned_abs(), b.unsigned_abs());
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_drop_what_cancels() {
        let x = Linear::variable(0).plus(3, &Linear::variable(2)).unwrap();
        let y = x.plus(-1, &Linear::variable(0)).unwrap().plus(1, &Linear::constant(5)).unwrap();
        assert_eq!(y, Linear { terms: vec![(2, 3)], constant: 5 });
        assert_eq!(y.scale(i128::MAX), Err(TooLarge));
    }

    #[test]
    fn the_content_divides() {
        let x = Linear { terms: vec![(0, 6), (1, -9)], constant: 12 };
        assert_eq!(x.content(), 3);
        assert_eq!(x.divided(3), Linear { terms: vec![(0, 2), (1, -3)], constant: 4 });
        assert_eq!(gcd(i128::MIN + 1, 0), i128::MAX);
    }
}
