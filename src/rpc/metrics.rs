//! Counts for operators, in the text form that Prometheus reads.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tonic::Code;

/// Upper bounds of the buckets of durations, in microseconds.
const BUCKETS_US: [u128; 10] =
    [500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 500_000, 2_000_000, 10_000_000];
/// Methods that are told apart; further ones, which only a hostile caller makes up, are counted together.
const METHODS_MAX: usize = 64;

/// Counts of calls.
#[derive(Debug, Default)]
pub struct Metrics {
    open: AtomicI64,
    ended: Mutex<BTreeMap<String, Ended>>,
}

#[derive(Debug, Default)]
struct Ended {
    codes: BTreeMap<i32, u64>,
    buckets: [u64; BUCKETS_US.len()],
    count: u64,
    sum_us: u128,
}

impl Metrics {
    /// A call has begun.
    pub fn begin(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// A call has ended.
    pub fn end(&self, method: &str, code: Code, took: Duration) {
        self.open.fetch_sub(1, Ordering::Relaxed);
        let mut ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        let name = if ended.len() < METHODS_MAX || ended.contains_key(method) { method } else { "other" };
        let entry = ended.entry(name.to_owned()).or_default();
        *entry.codes.entry(i32::from(code)).or_default() += 1;
        let us = took.as_micros();
        if let Some(at) = BUCKETS_US.iter().position(|bound| us <= *bound) {
            entry.buckets[at] += 1;
        }
        entry.count += 1;
        entry.sum_us += us;
    }

    /// Calls that have begun and not ended.
    #[must_use]
    pub fn open(&self) -> i64 {
        self.open.load(Ordering::Relaxed)
    }

    /// The page. `in_flight` are the pieces of work in the pool.
    #[must_use]
    pub fn page(&self, in_flight: usize) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "# HELP floatrate_work_in_flight Pieces of rating work in the pool.");
        let _ = writeln!(out, "# TYPE floatrate_work_in_flight gauge\nfloatrate_work_in_flight {in_flight}");
        let _ = writeln!(out, "# HELP floatrate_calls_open Calls that have begun and not ended.");
        let _ = writeln!(out, "# TYPE floatrate_calls_open gauge\nfloatrate_calls_open {}", self.open());
        let _ =
            writeln!(out, "# HELP floatrate_calls_total Calls that have ended, by method and status code.");
        let _ = writeln!(out, "# TYPE floatrate_calls_total counter");
        let ended = self.ended.lock().unwrap_or_else(PoisonError::into_inner);
        for (method, entry) in ended.iter() {
            for (code, count) in &entry.codes {
                let code = Code::from(*code);
                let _ = writeln!(out, "floatrate_calls_total{{method={method:?},code=\"{code:?}\"}} {count}");
            }
        }
        let _ = writeln!(
            out,
            "# HELP floatrate_call_microseconds Time from the first byte of a call to its status."
        );
        let _ = writeln!(out, "# TYPE floatrate_call_microseconds histogram");
        for (method, entry) in ended.iter() {
            let mut below = 0;
            for (bound, count) in BUCKETS_US.iter().zip(entry.buckets) {
                below += count;
                let _ = writeln!(
                    out,
                    "floatrate_call_microseconds_bucket{{method={method:?},le=\"{bound}\"}} {below}"
                );
            }
            let _ = writeln!(
                out,
                "floatrate_call_microseconds_bucket{{method={method:?},le=\"+Inf\"}} {}",
                entry.count
            );
            let _ = writeln!(out, "floatrate_call_microseconds_sum{{method={method:?}}} {}", entry.sum_us);
            let _ = writeln!(out, "floatrate_call_microseconds_count{{method={method:?}}} {}", entry.count);
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_counts() {
        let metrics = Metrics::default();
        for (code, us) in [(Code::Ok, 400), (Code::Ok, 3_000), (Code::InvalidArgument, 20_000_000)] {
            metrics.begin();
            metrics.end("a/B", code, Duration::from_micros(us));
        }
        metrics.begin();
        let page = metrics.page(2);
        for line in [
            "floatrate_work_in_flight 2",
            "floatrate_calls_open 1",
            "floatrate_calls_total{method=\"a/B\",code=\"Ok\"} 2",
            "floatrate_calls_total{method=\"a/B\",code=\"InvalidArgument\"} 1",
            "floatrate_call_microseconds_bucket{method=\"a/B\",le=\"500\"} 1",
            "floatrate_call_microseconds_bucket{method=\"a/B\",le=\"10000000\"} 2",
            "floatrate_call_microseconds_bucket{method=\"a/B\",le=\"+Inf\"} 3",
        ] {
            assert!(page.lines().any(|l| l == line), "{line}\n{page}");
        }
    }

    #[test]
    fn made_up_methods_do_not_fill_memory() {
        let metrics = Metrics::default();
        (0..1000).for_each(|n| metrics.end(&format!("m{n}"), Code::Unimplemented, Duration::ZERO));
        assert!(metrics.ended.lock().unwrap().len() <= METHODS_MAX + 1);
    }
}
