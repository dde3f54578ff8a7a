//! The integration tests: one binary, a module a behaviour.

mod agreement;
mod architecture;
mod cli;
mod conduct;
mod demo;
mod digests;
mod distances;
mod door;
mod drain;
mod fuzz;
mod golden;
mod guide;
mod mutation;
mod oracle;
mod portfolio;
mod process;
mod python;
mod refuted;
mod regions;
mod requests;
mod rpc;
mod seven_plans;
mod shipped;
mod tls;
mod wires;
mod worked_plans;
