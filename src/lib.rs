//! The service and the command around `floatrate-engine`.

pub mod auth;
pub mod cli;
pub mod collection;
pub mod config;
pub mod cycle;
pub mod determination;
pub mod employer;
pub mod exchange;
pub mod nested;
pub mod outline;
pub mod paper;
pub mod pipeline;
pub mod plans;
pub mod portfolio;
pub mod problem;
pub mod rate;
pub mod rpc;
pub mod store;
pub mod synth;
pub mod workdays;
