//! gRPC: wire types in, domain types out, and domain errors to statuses.
//!
//! *Invariant*: wire types stay in here; statuses are made in [`status`] and nowhere else.

pub mod status;
pub mod wire;
