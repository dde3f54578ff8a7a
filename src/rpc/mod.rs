//! gRPC: wire types in, domain types out, and domain errors to statuses.
//!
//! *Invariant*: wire types stay in here; statuses are made in [`status`] and nowhere else. (`architecture`)

pub mod caller;
mod collection_service;
mod cycle_service;
mod cycle_watch;
mod deadline;
mod desks;
mod determination_service;
mod drain;
mod employer_service;
mod identity;
mod metrics;
mod page;
mod plan_service;
mod pool;
mod rating_service;
mod request;
mod runs;
mod server;
mod stack;
pub mod status;
mod watch;
pub mod wire;

pub use caller::AccessLayer;
pub use collection_service::Collection;
pub use cycle_service::Cycles;
pub use desks::Desks;
pub use determination_service::Determinations;
pub use drain::{DrainLayer, Draining, Ended};
pub use employer_service::Employers;
pub use identity::{IdentityLayer, NAME, ROLE};
pub use metrics::Metrics;
pub use plan_service::Plans;
pub use pool::{Pool, PoolError, Stop};
pub use rating_service::{BATCH_EXPLAINED_MAX, BATCH_MAX, Rating};
pub use runs::Runs;
pub use server::{ServeError, Server};
pub use stack::{Layers, transport};
pub use watch::{REQUEST_ID, WatchLayer};

use crate::collection::Feed;
use crate::determination::Agency;
use crate::workdays::Calendar;
use floatrate_engine::record::Date;
use std::time::Duration;
use tonic::Status;

/// When to come back after a refusal for overload.
const RETRY_AFTER: Duration = Duration::from_millis(200);

/// What all services stand behind: compiled plans, the pool that rates, and what day it is.
#[derive(Debug)]
pub struct Door {
    /// Compiled plans.
    pub desks: Desks,
    /// The database and the plans.
    pub agency: Agency,
    /// What was published.
    pub feed: Feed,
    /// Days off and weekend days worked, for deadlines.
    pub calendar: Calendar,
    /// Where rating runs.
    pub pool: Pool,
    /// The day, asked for when a call names no rating date.
    pub clock: fn() -> Date,
}

impl Door {
    fn today(&self) -> Date {
        (self.clock)()
    }
}

/// Work that gave no answer.
fn overloaded(why: PoolError) -> status::Refusal {
    match why {
        PoolError::Overloaded => status::Refusal::overloaded(RETRY_AFTER),
        PoolError::Broken => status::Refusal::internal(""),
    }
}

/// The same as a status.
fn refused(why: PoolError) -> Status {
    overloaded(why).into()
}

/// A mistake of ours; the panic stands in the log.
fn internal() -> Status {
    status::Refusal::internal("").into()
}
