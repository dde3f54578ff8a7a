//! Exact rational arithmetic on nodes.

use super::Id;
use super::build::Builder;
use crate::number::{Decimal, Rounding};
use crate::plan::checked::Relation;

/// A number of the plan: `num / den × 10^-scale`.
#[derive(Clone, Copy, Debug)]
pub struct Quantity {
    /// Numerator.
    pub num: Id,
    /// Denominator, never negative; None is 1.
    pub den: Option<Id>,
    /// Decimal places.
    pub scale: i32,
    /// Where this holds there is no value: something divides by 0, or an ignored window lacks a value.
    pub undefined: Option<Id>,
    /// Where this holds the value lacks an input of a window that must be whole.
    pub missing: Option<Id>,
}

impl Quantity {
    /// An integer node with so many decimal places.
    pub(super) const fn of(num: Id, scale: i32) -> Self {
        Self { num, den: None, scale, undefined: None, missing: None }
    }
}

fn power(exponent: i32) -> Option<i128> {
    10_i128.checked_pow(u32::try_from(exponent).ok()?)
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a.abs() } else { gcd(b, a % b) }
}

impl Builder {
    pub fn decimal(&mut self, value: Decimal) -> Quantity {
        let num = self.constant(value.mantissa());
        Quantity::of(num, i32::try_from(value.places()).unwrap_or(0))
    }

    /// A number for each key, the first for the key `first`.
    pub fn by_key(&mut self, key: Id, first: i128, values: &[Decimal]) -> Quantity {
        let scale = values.iter().map(|v| v.places()).max().unwrap_or(0);
        let units = values.iter().map(|v| v.mantissa() * 10_i128.pow(scale - v.places())).collect();
        Quantity::of(self.lookup(key, first, units), i32::try_from(scale).unwrap_or(0))
    }

    /// A quantity to so many decimal places, which may be below 0.
    pub fn rounded(&mut self, value: Quantity, places: i32, mode: Rounding) -> Quantity {
        let one = self.constant(1);
        let den = value.den.unwrap_or(one);
        let (num, den) = if places >= value.scale {
            (self.scaled(value.num, places - value.scale), den)
        } else {
            (value.num, self.scaled(den, value.scale - places))
        };
        Quantity { num: self.round(num, den, mode), den: None, scale: places, ..value }
    }

    fn scaled(&mut self, id: Id, exponent: i32) -> Id {
        let factor = power(exponent);
        self.overflowed |= factor.is_none();
        self.times(id, factor.unwrap_or(1))
    }

    fn either(&mut self, a: Option<Id>, b: Option<Id>) -> Option<Id> {
        match (a, b) {
            (Some(a), Some(b)) => Some(self.or(a, b)),
            (a, b) => a.or(b),
        }
    }

    fn with_gaps(&mut self, quantity: Quantity, a: Quantity, b: Quantity) -> Quantity {
        let undefined = self.either(a.undefined, b.undefined);
        let missing = self.either(a.missing, b.missing);
        let undefined = self.either(quantity.undefined, undefined);
        Quantity { undefined, missing, ..quantity }
    }

    /// Brings two quantities to one denominator and scale, so that their numerators can be added or compared.
    fn common(&mut self, a: Quantity, b: Quantity) -> (Id, Id, Option<Id>, i32) {
        let scale = a.scale.max(b.scale);
        let (mut x, mut y) = (self.scaled(a.num, scale - a.scale), self.scaled(b.num, scale - b.scale));
        let den = match (a.den, b.den) {
            (None, None) => None,
            (Some(d), None) => {
                y = self.multiply(y, d);
                Some(d)
            }
            (None, Some(d)) => {
                x = self.multiply(x, d);
                Some(d)
            }
            (Some(d), Some(e)) if d == e => Some(d),
            (Some(d), Some(e)) => {
                x = self.multiply(x, e);
                y = self.multiply(y, d);
                Some(self.multiply(d, e))
            }
        };
        (x, y, den, scale)
    }

    pub fn plus(&mut self, a: Quantity, b: Quantity) -> Quantity {
        let (x, y, den, scale) = self.common(a, b);
        let num = self.add(x, y);
        self.with_gaps(Quantity { den, ..Quantity::of(num, scale) }, a, b)
    }

    pub fn minus(&mut self, a: Quantity, b: Quantity) -> Quantity {
        let (x, y, den, scale) = self.common(a, b);
        let num = self.subtract(x, y);
        self.with_gaps(Quantity { den, ..Quantity::of(num, scale) }, a, b)
    }

    pub fn product(&mut self, a: Quantity, b: Quantity) -> Quantity {
        let num = self.multiply(a.num, b.num);
        let den = match (a.den, b.den) {
            (Some(d), Some(e)) => Some(self.multiply(d, e)),
            (d, e) => d.or(e),
        };
        self.with_gaps(Quantity { den, ..Quantity::of(num, a.scale + b.scale) }, a, b)
    }

    /// `a / b`; undefined where `b` is 0. The caller has made sure that `b` is never negative.
    pub fn quotient(&mut self, a: Quantity, b: Quantity) -> Quantity {
        if let (Some(divisor), None) = (self.known_number(b.num), b.den)
            && let Some((factor, places)) = reciprocal(divisor)
        {
            let num = self.times(a.num, factor);
            return Quantity { num, scale: a.scale - b.scale + places, ..a };
        }
        // a.num/a.den / (b.num/b.den) = a.num·b.den / (a.den·b.num)
        let num = b.den.map_or(a.num, |d| self.multiply(a.num, d));
        let den = a.den.map_or(b.num, |d| self.multiply(d, b.num));
        let zero = self.constant(0);
        let by_zero = self.equal(b.num, zero);
        let undefined = if self.known_boolean(by_zero) == Some(false) { None } else { Some(by_zero) };
        self.with_gaps(
            Quantity { num, den: Some(den), scale: a.scale - b.scale, undefined, missing: None },
            a,
            b,
        )
    }

    /// The smaller or larger of two; both must be defined for it to be.
    pub fn extreme(&mut self, a: Quantity, b: Quantity, larger: bool) -> Quantity {
        let (x, y, den, scale) = self.common(a, b);
        let num = if larger { self.max(x, y) } else { self.min(x, y) };
        self.with_gaps(Quantity { den, ..Quantity::of(num, scale) }, a, b)
    }

    /// One of two, with only the gaps of the one that is taken.
    pub fn choose(&mut self, condition: Id, a: Quantity, b: Quantity) -> Quantity {
        // Each keeps its own denominator: that of the other may be 0.
        let scale = a.scale.max(b.scale);
        let (x, y) = (self.scaled(a.num, scale - a.scale), self.scaled(b.num, scale - b.scale));
        let num = self.select(condition, x, y);
        let den = (a.den != b.den).then(|| {
            let one = self.constant(1);
            self.select(condition, a.den.unwrap_or(one), b.den.unwrap_or(one))
        });
        let den = den.or(a.den);
        let gap = |builder: &mut Self, a: Option<Id>, b: Option<Id>| {
            if a.is_none() && b.is_none() {
                return None;
            }
            let never = builder.boolean(false);
            let otherwise = builder.not(condition);
            let in_a = builder.and(condition, a.unwrap_or(never));
            let in_b = builder.and(otherwise, b.unwrap_or(never));
            Some(builder.or(in_a, in_b))
        };
        let undefined = gap(self, a.undefined, b.undefined);
        let missing = gap(self, a.missing, b.missing);
        Quantity { num, den, scale, undefined, missing }
    }

    /// A comparison by cross-multiplication; false where a side is undefined.
    pub fn relation(&mut self, relation: Relation, a: Quantity, b: Quantity) -> Id {
        let scale = a.scale.max(b.scale);
        let (left, right) = (self.side(a, b.den, scale - a.scale), self.side(b, a.den, scale - b.scale));
        // Both sides may share a constant factor, such as 10^4 against 5000: the smaller numbers stay in 64 bits.
        let shared = gcd(left.0, right.0).max(1);
        let (x, y) = (self.times(left.1, left.0 / shared), self.times(right.1, right.0 / shared));
        let holds = match relation {
            Relation::Equal => self.equal(x, y),
            Relation::NotEqual => {
                let equal = self.equal(x, y);
                self.not(equal)
            }
            Relation::Less => self.less(x, y),
            Relation::LessEqual => self.less_equal(x, y),
        };
        match self.either(a.undefined, b.undefined) {
            None => holds,
            Some(undefined) => {
                let defined = self.not(undefined);
                self.and(defined, holds)
            }
        }
    }

    /// One side of a comparison as a constant factor and a node.
    fn side(&mut self, own: Quantity, other_den: Option<Id>, exponent: i32) -> (i128, Id) {
        let factor = power(exponent);
        self.overflowed |= factor.is_none();
        let factor = factor.unwrap_or(1);
        match (self.known_number(own.num), other_den) {
            (Some(0), _) => (0, self.constant(0)),
            (Some(number), den) => {
                let factor = factor.checked_mul(number);
                self.overflowed |= factor.is_none();
                let one = self.constant(1);
                (factor.unwrap_or(1), den.unwrap_or(one))
            }
            (None, None) => (factor, own.num),
            (None, Some(den)) => (factor, self.multiply(own.num, den)),
        }
    }
}

/// `1 / divisor` as `factor × 10^-places`, where it is finite.
fn reciprocal(divisor: i128) -> Option<(i128, i32)> {
    (0..=12).find_map(|places| {
        let one = power(places)?;
        (divisor > 0 && one % divisor == 0).then(|| (one / divisor, places))
    })
}
