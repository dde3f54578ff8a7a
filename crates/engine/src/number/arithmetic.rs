//! The integers that the executor is generic over: 64 bits where a chunk's ranges fit, 128 bits where they need it,
//! arbitrary precision where even those could overflow. One executor, never a second evaluator.

use num_bigint::BigInt;

/// An integer of some width. The caller has shown by ranges that no operation leaves the width.
pub trait Integer: Clone + Ord + Send {
    /// The integer; the caller has shown that it fits.
    fn of(value: i128) -> Self;
    /// `self + other`.
    fn plus(&self, other: &Self) -> Self;
    /// `self - other`.
    fn minus(&self, other: &Self) -> Self;
    /// `self × other`.
    fn times(&self, other: &Self) -> Self;
    /// `self / other` towards 0, and the rest; `other` is above 0.
    fn divide(&self, other: &Self) -> (Self, Self);
    /// As `i64`, for days, classes and steps, which always fit.
    fn small(&self) -> i64;
    /// With all digits.
    fn wide(&self) -> BigInt;
}

impl Integer for i64 {
    fn of(value: i128) -> Self {
        Self::try_from(value).expect("the chunk's ranges fit 64 bits")
    }
    fn plus(&self, other: &Self) -> Self {
        self + other
    }
    fn minus(&self, other: &Self) -> Self {
        self - other
    }
    fn times(&self, other: &Self) -> Self {
        self * other
    }
    fn divide(&self, other: &Self) -> (Self, Self) {
        (self / other, self % other)
    }
    fn small(&self) -> i64 {
        *self
    }
    fn wide(&self) -> BigInt {
        BigInt::from(*self)
    }
}

impl Integer for i128 {
    fn of(value: i128) -> Self {
        value
    }
    fn plus(&self, other: &Self) -> Self {
        self + other
    }
    fn minus(&self, other: &Self) -> Self {
        self - other
    }
    fn times(&self, other: &Self) -> Self {
        self * other
    }
    fn divide(&self, other: &Self) -> (Self, Self) {
        (self / other, self % other)
    }
    fn small(&self) -> i64 {
        i64::try_from(*self).expect("days, classes and steps are small")
    }
    fn wide(&self) -> BigInt {
        BigInt::from(*self)
    }
}

impl Integer for BigInt {
    fn of(value: i128) -> Self {
        Self::from(value)
    }
    fn plus(&self, other: &Self) -> Self {
        self + other
    }
    fn minus(&self, other: &Self) -> Self {
        self - other
    }
    fn times(&self, other: &Self) -> Self {
        self * other
    }
    fn divide(&self, other: &Self) -> (Self, Self) {
        (self / other, self % other)
    }
    fn small(&self) -> i64 {
        i64::try_from(self).expect("days, classes and steps are small")
    }
    fn wide(&self) -> BigInt {
        self.clone()
    }
}
