//! gRPC: wire types in, domain types out.
//!
//! *Invariant*: wire types stay in here.

pub mod wire;
