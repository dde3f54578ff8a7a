//! The integration tests: one binary, a module a behaviour.

mod agreement;
mod digests;
mod distances;
mod oracle;
