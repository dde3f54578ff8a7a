//! Exact arithmetic: decimals as scaled integers, fractions, and the integers that the executor is generic over.
//!
//! There is no floating point here and no implicit rounding. An operation that does not fit is an error or is done
//! in arbitrary precision; it never wraps.

mod arithmetic;
mod decimal;
mod fraction;
mod rounding;

pub use arithmetic::Integer;
pub use decimal::{Decimal, DecimalError};
pub use fraction::Fraction;
pub use rounding::Rounding;
