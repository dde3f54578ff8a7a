//! The integration tests: one binary, a module a behaviour.

mod agreement;
mod fuzz;
mod golden;
mod oracle;
mod worked_plans;
