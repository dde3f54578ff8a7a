//! The service and the command around `floatrate-engine`.

pub mod exchange;
pub mod pipeline;
