//! Determinations (费率核定): results that last. They are only ever added; which of an employer's holds on a day follows
//! from their dates and the order of their publication.

mod agency;
mod batch;
mod compare;
mod create;
mod detail;
mod dossier;
mod fate;
mod found;
mod holding;
pub mod objection;
mod plan_text;
mod raters;
mod replay;
mod terms;
mod verify;

pub use agency::Agency;
pub use batch::{Batch, New, kept};
pub use compare::{Difference, differences, record_history};
pub use create::{Made, Order, Withdrawal, create, withdraw};
pub use detail::{ByHand, Cause, Detail, Prior, detail_of, rate};
pub use dossier::{Checked, Dossier, check as check_dossier, dossier};
pub use fate::Fate;
pub use found::{answered, found};
pub use holding::{Span, newest_for};
pub use plan_text::PlanText;
pub use raters::{By, Loaded, Raters};
pub use replay::{Replayed, explained, read_result, replay};
pub use terms::{Charged, Terms};
pub use verify::{Figures, HeadFound, Misfit, Report, verify, verify_cycle};
