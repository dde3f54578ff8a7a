//! The service and the command around `floatrate-engine`.

pub mod synth;
