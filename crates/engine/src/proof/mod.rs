//! Proofs about checked plans: no gap, no overlap, nothing that can never act, no result off the ladder, and no reward
//! for a worse record.
//!
//! ```text
//!  checked plan ──meaning──> decision diagrams over linear conditions ──claims──> goals
//!                                                                                   │
//!  report <── verdict <── evaluator <── witness record <── model <── search ────────┘
//!                                                            linear arithmetic
//! ```
//!
//! For each class or industry and each rating date on which the plan's numbers differ, the plan becomes diagrams
//! (`diagram.rs`): questions about the quantities (`basis.rs`) of a record that end in steps and rates. A claim is a diagram
//! that must be false for every record. The search (`search.rs`) walks it with exact linear arithmetic (`feasible.rs`), which
//! is complete: either no record can do it, or it finds one. What it finds becomes a record (`witness/`) that the evaluator
//! rates before anybody sees it, so a wrong proof cannot accuse a plan; that it does not acquit one wrongly is tested against
//! enumeration.
//!
//! Where a formula cannot be said exactly, it is a quantity of its own, moved by sign rules (`signs/`): verdicts are then
//! sound, not complete. What is still open may follow from the plan's shape (`weaker.rs`); the rest is searched (`chance/`)
//! near the bounds with a seed, and without a find it is *undecided*.

mod basis;
mod chance;
mod check;
mod diagram;
mod difference;
mod fairness;
mod feasible;
mod linear;
mod meaning;
mod message;
mod report;
mod search;
mod shown;
mod signs;
mod tableau;
mod weaker;
mod witness;
mod world;

pub use check::check;
pub use difference::{Difference, difference, samples};
pub use report::{Claim, Finding, Guarantee, Refutation, Report, Verdict, Witness};
