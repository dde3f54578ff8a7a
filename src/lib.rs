//! The service and the command around `floatrate-engine`.

pub mod cli;
pub mod config;
pub mod exchange;
pub mod nested;
pub mod outline;
pub mod paper;
pub mod pipeline;
pub mod plans;
pub mod portfolio;
pub mod rate;
pub mod rpc;
pub mod synth;
