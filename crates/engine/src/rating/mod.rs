//! Batch evaluation: records to columns to outcomes.

mod columns;
mod executor;
mod ranges;

pub use ranges::Width;
