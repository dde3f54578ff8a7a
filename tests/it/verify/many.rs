//! Many determinations under three versions of a plan: 20,000, or as many as `FLOATRATE_DETERMINATIONS` says.

use super::verified;
use super::world::World;
use std::time::Instant;

#[tokio::test]
async fn many_determinations_are_rated_again() {
    let count: u64 = std::env::var("FLOATRATE_DETERMINATIONS").map_or(20_000, |count| count.parse().unwrap());
    let begun = Instant::now();
    // Some employers need a person's decision and are left out.
    let world = World::of_employers(count.div_ceil(3) * 102 / 100).await;
    let (made, begun) = (begun.elapsed(), Instant::now());
    let report = verified(&world.db, &[]).await;
    assert!(report.fits(), "{report:?}");
    let figures = report.figures;
    assert_eq!((figures.plan_texts, figures.replayed), (3, figures.determinations));
    assert!(figures.determinations.unsigned_abs() >= count, "{figures:?}");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default().to_owned();
    eprintln!("made in {made:?}, verified in {:?}: {figures:?} {peak}", begun.elapsed());
}
