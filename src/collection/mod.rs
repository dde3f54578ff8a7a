//! The collection system's side (征缴系统): which rate holds for an employer on a day, and what changed.
//!
//! Both are answered from memory, from what was published and nothing else. The database is asked when something was
//! published, and to acknowledge.

mod acknowledge;
mod change;
mod feed;
mod state;

#[cfg(test)]
mod tests;

pub use acknowledge::{
    Acknowledged, AcknowledgedEntry, Refused, ResolvedEntry, acknowledge, consumer, resolve,
};
pub use change::{Change, Kind};
pub use feed::{Feed, LOOK_EVERY};
pub use state::Answer;
