//! Employers' records as they are kept: versions that are never overwritten, how they come in, and how they pass from
//! one employer to another.

mod intake;
mod kept;
mod succession;
mod sum;

pub use intake::{Intake, Outcome, Reject, RejectedField, rejects};
pub use kept::{Body, etag};
pub use succession::{Kind, Policy, Succeeded, Succession, kept as kept_succession, stated, succeed};
