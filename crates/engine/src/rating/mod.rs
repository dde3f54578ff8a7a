//! Batch evaluation: records to columns to outcomes.

mod class;
mod columns;
mod executor;
mod injuries;
mod outcome;
mod portfolio;
mod ranges;
mod run;
mod sensitivity;

pub use outcome::{Flag, Outcome, Reason, Status, Verdict};
pub use portfolio::FirstPass;
pub use ranges::Width;
pub use run::{Chunk, Rater};
pub use sensitivity::{Distance, Quantity};
