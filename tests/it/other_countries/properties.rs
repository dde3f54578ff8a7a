//! What holds of the split plan for any rating values and losses. A wrong denominator, as in several published imitations,
//! fails the first of these.

use super::world::{Answer, World, child, claim, employer};
use crate::oracle::ratio::Ratio;
use proptest::collection::vec;
use proptest::prelude::{Strategy, TestCaseError, prop_assert, prop_assert_eq};
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use serde_json::{Value, json};

/// Cents. The split point of the ratings of 2023.
const SPLIT: i64 = 1_850_000;
const MILLION: u128 = 1_000_000;
/// Facts are below a thousand million.
const LARGEST: i64 = 999_999_999;

/// A millionth as the text of a share.
fn millionths(share: u32) -> String {
    Decimal::new(i64::from(share), 6).normalize().to_string()
}

struct Employer {
    /// Expected losses in cents, and the primary share in millionths, class by class.
    rows: Vec<(i64, u32)>,
    /// Incurred, in cents.
    claims: Vec<i64>,
    /// In millionths.
    weight: u32,
    /// In cents.
    ballast: i64,
}

impl Employer {
    /// The mod of 2023, with a limit of claims that holds nobody: the highest that a fact can be.
    fn rate(&self, world: &World) -> Answer {
        self.rate_by(world, "us-ncci")
    }

    fn rate_by(&self, world: &World, plan: &str) -> Answer {
        let periods = self.rows.iter().enumerate().map(|(at, (expected, share))| {
            // A rate of 100 dollars per 100 of payroll: what is expected is the payroll.
            json!({
                "start": "2019-01-01", "end": "2021-12-31", "class": (8000 + at).to_string(), "payroll": expected,
                "months_insured": 36, "values": { "expected_loss_rate": "100", "d_ratio": millionths(*share) },
            })
        });
        let claims: Vec<Value> = self
            .claims
            .iter()
            .enumerate()
            .map(|(at, paid)| claim(at, "2020-05-02", "temporary", *paid))
            .collect();
        let facts = json!({
            "weight": millionths(self.weight), "ballast": self.ballast.to_string(),
            "accident_limit": LARGEST.to_string(), "state_g": "1",
        });
        world.rate(plan, "2023-01-01", &employer(periods.collect(), claims, facts))
    }
}

/// Runs a property in one world, which takes longer to make than a case to rate.
fn holds<S: Strategy>(strategy: S, property: impl Fn(&World, S::Value) -> Result<(), TestCaseError>) {
    let world = World::shipped();
    let mut runner = TestRunner::new(Config { failure_persistence: None, ..Config::with_cases(400) });
    runner.run(&strategy, |value| property(&world, value)).unwrap_or_else(|why| panic!("{why}"));
}

fn share() -> std::ops::RangeInclusive<u32> {
    0..=1_000_000
}

#[test]
fn losses_as_expected_give_one() {
    let excess = vec(0..30_000_000_i64, 1..6);
    holds((excess, share(), 0..LARGEST), |world, (excess, weight, ballast)| {
        // Every claim has its whole primary part; one class expects those, the other what is above.
        let claims: Vec<i64> = excess.iter().map(|above| SPLIT + above).collect();
        let rows = vec![(SPLIT * claims.len() as i64, 1_000_000), (excess.iter().sum(), 0)];
        let answer = Employer { rows, claims, weight, ballast }.rate(world);
        prop_assert_eq!(answer.measures["raw_mod"].as_str(), "1");
        prop_assert_eq!(answer.rate.as_deref(), Some("1"));
        Ok(())
    });
}

/// The denominators of published imitations. The first property tells each of them from the plan.
#[test]
fn a_wrong_denominator_does_not_give_one() {
    let wrong = [
        ("primary", "expected_primary_losses + ballast"),
        ("excess", "expected_excess_losses + ballast"),
        ("unweighted", "expected_primary_losses + weight * expected_excess_losses + ballast"),
    ];
    let children = wrong.map(|(name, denominator)| {
        let losses = "actual_primary_losses + weight * actual_excess_losses";
        let is = format!(
            "({losses} + (1 - weight) * expected_excess_losses + ballast) / max({denominator}, 0 USD)"
        );
        let title = "title = { zh = \"取整前\", en = \"before rounding\" }";
        child("us-ncci", name, &format!("[measure.raw_mod]\n{title}\nis = \"{is}\"\nundefined = \"review\""))
    });
    let world = World::with(children);
    let rows = vec![(2 * SPLIT, 1_000_000), (7_000_000, 0)];
    let claims = vec![SPLIT + 3_000_000, SPLIT + 4_000_000];
    let employer = Employer { rows, claims, weight: 200_000, ballast: 30_000_000 };
    assert_eq!(employer.rate(&world).measures["raw_mod"], "1");
    for (name, _) in wrong {
        let answer = employer.rate_by(&world, &format!("us-ncci-{name}"));
        assert_ne!(answer.measures["raw_mod"], "1", "{name}");
    }
}

#[test]
fn without_losses_it_is_the_stabilizing_value_over_k() {
    let rows = vec((1..1_000_000_000_i64, share()), 1..4);
    holds((rows, share(), 0..LARGEST), |world, (rows, weight, ballast)| {
        let wide = |amount: i64| u128::try_from(amount).expect("not negative");
        let (one, other) = (MILLION, |share: u32| MILLION - u128::from(share));
        let expected: u128 = rows.iter().map(|(e, _)| wide(*e)).sum();
        let excess: u128 = rows.iter().map(|(e, share)| wide(*e) * other(*share)).sum();
        let stabilizing = excess * other(weight) + wide(ballast) * one * one;
        let ratio =
            Ratio::new(stabilizing, (expected + wide(ballast)) * one * one).expect("something is expected");
        let answer = Employer { rows, claims: Vec::new(), weight, ballast }.rate(world);
        prop_assert_eq!(&answer.measures["raw_mod"], &ratio.text());
        prop_assert_eq!(&answer.measures["loss_free_mod"], &ratio.text());
        Ok(())
    });
}

#[test]
fn it_is_linear_in_a_claim_below_and_above_the_split() {
    // Expected losses and ballast make a power of ten together, so that the mod is a finite decimal and differences are
    // exact.
    let others = vec(0..40_000_000_i64, 0..6);
    let claims = (others, 0..SPLIT / 2, 0..SPLIT / 4, 0..LARGEST / 4, 1..LARGEST / 4);
    holds(((1..1_000_000_i64, share(), share(), 6..9_u32), claims), |world, (values, claims)| {
        let ((expected, d_ratio, weight, power), (others, low, low_step, high, high_step)) = (values, claims);
        let whole = 10_i64.pow(power);
        let mod_at = |paid: i64| {
            let claims = others.iter().copied().chain([paid]).collect();
            let rows = vec![(expected, d_ratio)];
            Employer { rows, claims, weight, ballast: whole - expected }.rate(world).measure("raw_mod")
        };
        for (from, step, weight) in [(low, low_step, 1_000_000), (SPLIT + high, high_step, i64::from(weight))]
        {
            let at = |n: i64| mod_at(from + n * step).expect("a finite decimal");
            let (first, second, third) = (at(0), at(1), at(2));
            prop_assert_eq!(third - second, second - first, "from {}, in steps of {}", from, step);
            let slope = Decimal::new(weight, 6) * Decimal::from(step) / Decimal::from(whole);
            prop_assert_eq!(second - first, slope);
        }
        Ok(())
    });
}

#[test]
fn without_end_of_ballast_it_is_one() {
    // Losses of a size that the largest ballast outweighs by more than the rounding to two places.
    let rows = vec((1..500_000_i64, share()), 1..4);
    let claims = vec(0..4_000_000_i64, 0..2);
    holds((rows, claims, share()), |world, (rows, claims, weight)| {
        let mut before = Decimal::MAX;
        for ballast in (2..9).map(|power| 10_i64.pow(power)).chain([LARGEST]) {
            let answer = Employer { rows: rows.clone(), claims: claims.clone(), weight, ballast }.rate(world);
            // What is cut off after 18 places can make a distance seem longer by as much.
            let distance = (answer.near("raw_mod").expect("a mod") - Decimal::ONE).abs();
            prop_assert!(
                distance <= before + Decimal::new(1, 18),
                "{} with a ballast of {}",
                distance,
                ballast
            );
            before = distance;
        }
        prop_assert!(before < Decimal::new(5, 3));
        let largest = Employer { rows, claims, weight, ballast: LARGEST }.rate(world);
        prop_assert_eq!(largest.measures["indicated_mod"].as_str(), "1");
        Ok(())
    });
}
