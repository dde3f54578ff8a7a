//! Fractions of any size, for what people read: measures as decimals and as numerator over denominator.

use num_bigint::{BigInt, BigUint, Sign};

/// `num / den` in lowest terms, with a positive denominator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fraction {
    num: BigInt,
    den: BigInt,
}

fn gcd(a: &BigInt, b: &BigInt) -> BigInt {
    let (mut a, mut b) = (a.magnitude().clone(), b.magnitude().clone());
    while b != BigUint::ZERO {
        let rest = &a % &b;
        a = std::mem::replace(&mut b, rest);
    }
    BigInt::from(a)
}

impl Fraction {
    /// `num / den × 10^-scale`; None when the denominator is 0.
    #[must_use]
    pub fn new(num: BigInt, den: BigInt, scale: i32) -> Option<Self> {
        if den.sign() == Sign::NoSign {
            return None;
        }
        let shift = BigInt::from(10).pow(scale.unsigned_abs());
        let (num, den) = if scale >= 0 { (num, den * shift) } else { (num * shift, den) };
        let (num, den) = if den.sign() == Sign::Minus { (-num, -den) } else { (num, den) };
        let shared = gcd(&num, &den);
        Some(if shared.sign() == Sign::NoSign {
            Self { num, den }
        } else {
            Self { num: num / &shared, den: den / shared }
        })
    }

    /// 0.
    #[must_use]
    pub fn zero() -> Self {
        Self { num: BigInt::from(0), den: BigInt::from(1) }
    }

    /// `self + other`.
    #[must_use]
    pub fn plus(&self, other: &Self) -> Self {
        let num = &self.num * &other.den + &other.num * &self.den;
        Self::new(num, &self.den * &other.den, 0).unwrap_or_else(Self::zero)
    }

    /// Numerator in lowest terms.
    #[must_use]
    pub const fn num(&self) -> &BigInt {
        &self.num
    }

    /// Denominator in lowest terms, positive.
    #[must_use]
    pub const fn den(&self) -> &BigInt {
        &self.den
    }

    /// As a decimal: exact where a finite one exists, otherwise `places` digits after the point, truncated, and `…`.
    ///
    /// ```
    /// use floatrate_engine::number::Fraction;
    /// let third = Fraction::new(1.into(), 3.into(), 0).unwrap();
    /// assert_eq!(third.decimal(4), "0.3333…");
    /// assert_eq!(Fraction::new(3.into(), 8.into(), 0).unwrap().decimal(2), "0.375");
    /// ```
    #[must_use]
    pub fn decimal(&self, places: u32) -> String {
        let (finite, digits) = match self.finite_places() {
            Some(needed) => (true, needed),
            None => (false, places),
        };
        let scaled = self.num.magnitude() * BigUint::from(10_u32).pow(digits) / self.den.magnitude();
        let text = scaled.to_string();
        let padded = format!("{text:0>width$}", width = digits as usize + 1);
        let (whole, fraction) = padded.split_at(padded.len() - digits as usize);
        let sign = if self.num.sign() == Sign::Minus { "-" } else { "" };
        let point = if fraction.is_empty() { "" } else { "." };
        let tail = if finite { "" } else { "…" };
        format!("{sign}{whole}{point}{fraction}{tail}")
    }

    /// Places that the finite decimal needs; None when there is none.
    fn finite_places(&self) -> Option<u32> {
        let mut den = self.den.magnitude().clone();
        let mut count = |prime: u32| {
            let mut times = 0_u32;
            while &den % prime == BigUint::ZERO {
                den /= prime;
                times += 1;
            }
            times
        };
        let needed = count(2).max(count(5));
        (den == BigUint::from(1_u32)).then_some(needed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact_or_say_that_they_are_not() {
        for (num, den, scale, shown) in [
            (1, 2, 0, "0.5"),
            (-1, 8, 0, "-0.125"),
            (0, 7, 0, "0"),
            (2, 3, 0, "0.666666666666666666…"),
            (1, 1, 1, "0.1"),
            (152, 1, 4, "0.0152"),
            (7, 7, -2, "100"),
            (1, 1_000_000_007, 0, "0.000000000999999993…"),
        ] {
            let fraction = Fraction::new(BigInt::from(num), BigInt::from(den), scale).unwrap();
            assert_eq!(fraction.decimal(18), shown);
        }
        assert_eq!(Fraction::new(1.into(), 0.into(), 0), None);
    }
}
