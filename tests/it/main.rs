//! The integration tests: one binary, a module a behaviour.

mod agreement;
mod architecture;
mod cli;
mod conduct;
mod digests;
mod distances;
mod door;
mod fuzz;
mod golden;
mod mutation;
mod oracle;
mod python;
mod refuted;
mod rpc;
mod worked_plans;
