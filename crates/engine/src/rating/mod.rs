//! Batch evaluation: records to columns to outcomes.

mod class;
mod columns;
mod executor;
mod outcome;
mod ranges;
mod run;

pub use outcome::{Flag, Outcome, Reason, Status, Verdict};
pub use ranges::Width;
pub use run::{Chunk, Rater};
