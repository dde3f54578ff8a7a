//! The annual rate cycle (年度费率浮动): every employer of a region rated once, reviewed, approved by a second person, and
//! published in one instant.
//!
//! ```text
//!  draft ──freeze──> frozen ──run──> rated ──approve──> approved ──publish──> published ──close──> closed
//!                      ^ └─freeze again  │
//!                      └────return───────┘            cancelled: from every state before published
//! ```
//!
//! Every step is one transaction with an entry of the ledger that says everything of the cycle as it then stands. Between
//! steps a run writes chunk by chunk, fenced by a lease; what it writes nobody sees until the one row of the publication.
//!
//! *Invariants*: a frozen cycle gives the same results on every database, with any number of threads, however often it was
//! killed; nothing is approved with open items, and nobody approves what is its own; a reader sees none or all. (`cycle`)

mod before;
mod details;
mod kept;
mod line;
mod rating;
mod report;
mod review;
mod run;
mod settled;
mod steps;
mod tally;
mod tier;
mod trial;

pub use before::Before;
pub use details::{Detailed, details};
pub use kept::{
    Approved, Cancelled, Counts, Cycle, Frozen, Published, Rated, Returned, Running, Signed, Standing, State,
    get, illustrative_reason, page,
};
pub use line::Line;
pub use report::{Report, Totals, report};
pub use review::{Choice, Decided, Resolution, ReviewItem, item, items, resolve};
pub use run::{LEASE, Options, Progress, Runner, begin, run};
pub use steps::{Order, approve, cancel, close, create, freeze, give_back, publish};
pub use tally::{Cell, LOOKS, Look, Mover, Tally};
pub use tier::step_of_tier;
pub use trial::trial;

/// Employers of a chunk. Part of what a digest means: the same for every run.
const CHUNK: i64 = 2_000;
