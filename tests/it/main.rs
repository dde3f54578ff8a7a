//! The integration tests: one binary, a module a behaviour.

mod agreement;
mod golden;
mod oracle;
