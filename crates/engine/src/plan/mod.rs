//! Rating plans: `source` as written, `checked` for names, types and units, `compiled` for one rating date.

pub mod catalog;
pub mod checked;
pub mod compiled;
pub mod cover;
pub mod examples;
pub mod formula;
pub mod regions;
mod schedule;
pub mod source;
