//! Exact arithmetic: decimals as scaled integers, and the number types that the executor is generic over.
//!
//! There is no floating point here and no implicit rounding. An operation that does not fit is an error or is done
//! in arbitrary precision; it never wraps.

mod decimal;

pub use decimal::{Decimal, DecimalError};
