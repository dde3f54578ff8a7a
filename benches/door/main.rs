//! How fast the door is, against an echo with the same messages behind the same transport and layers, in the same run.
//!
//! `cargo bench --bench door` first lets callers go as fast as they can (each sends when it has its answer), the door and
//! the echo in turn, and takes the best round of each; then it sends at half of what the door has reached, on a clock
//! that does not wait for answers, to the one and to the other. The ratios are what matters: absolute numbers differ
//! from machine to machine. `-- --quick` shows that it runs; its numbers mean nothing.

mod echo;
mod load;

use floatrate_proto::floatrate::v1;
use load::{Load, Target};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

fn main() {
    let quick = std::env::args().any(|a| a == "--quick" || a == "--test");
    let (rounds, time) = if quick { (1, Duration::from_millis(200)) } else { (5, Duration::from_secs(2)) };
    // Servers and callers on threads of their own, as in life.
    let (servers, callers) = (threads(), threads());
    let (door, echo) = servers.block_on(echo::serve());
    callers.block_on(async {
        let (door, echo) = (Target::connect(door).await, Target::connect(echo).await);
        for load in [Load::Unary, Load::Batch, Load::Stream] {
            compare(load, &door, &echo, rounds, time).await;
        }
    });
}

fn threads() -> Runtime {
    Builder::new_multi_thread().enable_all().build().unwrap()
}

async fn compare(load: Load, door: &Target, echo: &Target, rounds: usize, time: Duration) {
    let (mut most, mut most_echo) = (0.0_f64, 0.0_f64);
    for _ in 0..rounds {
        most = most.max(load.as_fast_as_it_goes(door, time).await);
        most_echo = most_echo.max(load.as_fast_as_it_goes(echo, time).await);
    }
    let name = load.name();
    println!("{name}: {most:.0} employers/s, echo {most_echo:.0}; echo / door {:.2}", most_echo / most);
    let half = most / 2.0;
    let time = time * u32::try_from(rounds).unwrap();
    let (ours, theirs) = (load.at(half, door, time).await, load.at(half, echo, time).await);
    for (name, part) in [("p50", 0.5), ("p99", 0.99)] {
        let (ours, theirs) = (quantile(&ours, part), quantile(&theirs, part));
        let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
        println!("  {name} at {half:.0} employers/s: {ours:.2?}, echo {theirs:.2?}; door / echo {ratio:.2}");
    }
}

/// The time within which that part of the calls was answered.
fn quantile(sorted: &[Duration], part: f64) -> Duration {
    assert!(!sorted.is_empty(), "nothing was answered");
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a place in a list"
    )]
    let at = ((sorted.len() - 1) as f64 * part).round() as usize;
    sorted[at]
}

/// An employer with three years and three injuries.
fn record(number: u64) -> v1::Record {
    let year = |year: u64| v1::Period {
        start: format!("{year}-01-01"),
        end: format!("{year}-12-31"),
        payroll: Some(123_400_000),
        contributions_due: Some(2_344_600),
        contributions_paid: Some(2_344_600),
        headcount: Some("400".into()),
        months_insured: Some(12),
        ..Default::default()
    };
    let claim = |year: u64| v1::Claim {
        id: format!("{year}-17"),
        date: format!("{year}-05-04"),
        cause: "work_accident".into(),
        outcome: "disability_7".into(),
        paid_on: Some(format!("{year}-08-01")),
        benefits_paid: Some(i64::try_from(number % 97).unwrap() * 20_000),
        ..Default::default()
    };
    let decimal = v1::FactValue { kind: Some(v1::fact_value::Kind::Decimal("0".into())) };
    v1::Record {
        employer: Some(v1::Employer {
            id: format!("9151040{number:011}"),
            region: Some("510400".into()),
            risk_class: Some(8),
            insured_since: "2015-03-01".into(),
            prior: Some(v1::Prior { rate: "0.019".into(), ..Default::default() }),
            ..Default::default()
        }),
        periods: (2023..2026).map(year).collect(),
        claims: (2023..2026).map(claim).collect(),
        facts: [("arrears_months".to_owned(), decimal)].into(),
    }
}
