//! Japan's merit system read a second time, from the tables of the rule alone: whole numbers, no code of the engine, no word
//! of the plan. The engine must agree with it on records that crowd its bounds.

use super::merit_records::{Claim, Works};
use super::world::World;
use crate::oracle::ratio::Ratio;
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Logging,
    Construction,
    Other,
}

/// An industry of the rule's first table: its rate in units of 0.1 permil, and the first adjustment rate in hundredths.
#[derive(Clone, Copy, Debug)]
pub struct Industry {
    pub code: &'static str,
    pub rate: u128,
    pub factor: u128,
    pub kind: Kind,
}

/// The non-work rate of 0.6 permil, in units of 0.1 permil.
pub const NON_WORK: u128 = 6;

/// Upper ends of the rows in per cent; the last row has none.
const ENDS: [u128; 16] = [10, 20, 30, 40, 50, 60, 70, 75, 85, 90, 100, 110, 120, 130, 140, 150];
/// a / 5 by row: all but logging, logging, and the smaller bundled works.
const GENERAL: [i64; 17] = [-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8];
const LOGGING: [i64; 17] = [-7, -6, -5, -4, -3, -2, -2, -1, 0, 1, 2, 2, 3, 4, 5, 6, 7];
const REDUCED: [i64; 17] = [-6, -5, -4, -3, -3, -2, -2, -1, 0, 1, 2, 2, 3, 3, 4, 5, 6];
/// The special merit has a row more at either end.
const SPECIAL_ENDS: [u128; 18] =
    [5, 10, 20, 30, 40, 50, 60, 70, 75, 85, 90, 100, 110, 120, 130, 140, 150, 160];
const SPECIAL: [i64; 19] = [-9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/// What must come out. The measure is left out where nobody rates.
#[derive(Debug, PartialEq, Eq)]
pub struct Expected {
    pub status: &'static str,
    pub step: i64,
    pub tier: String,
    pub rate: String,
    pub ratio: Option<String>,
}

fn stands(works: &Works, status: &'static str) -> Expected {
    let rate = Ratio::new(works.industry.rate, 10_000).expect("not 0").text();
    Expected { status, step: 0, tier: "1".to_owned(), rate, ratio: None }
}

pub fn rate(works: &Works) -> Expected {
    if works.months_insured() < 36 {
        return stands(works, "kept");
    }
    // A year that is known and too small decides, whatever is missing.
    if !works.known_years().all(|year| is_large(works, year.headcount_halves, year.due)) {
        return stands(works, "kept");
    }
    if works.lacks_a_year() {
        return stands(works, "review");
    }
    let Some(ratio) = balance_ratio(works) else { return stands(works, "review") };
    let (numerator, denominator) = ratio;
    let (ends, steps) = table(works);
    let row = ends.iter().position(|end| numerator * 100 <= denominator * end).unwrap_or(ends.len());
    let step = steps[row];
    let tier = u128::try_from(100 + 5 * step).expect("above 0");
    let rate = (works.industry.rate - NON_WORK) * tier + NON_WORK * 100;
    let text = |n, d| Ratio::new(n, d).expect("not 0").text();
    Expected {
        status: "rated",
        step,
        tier: text(tier, 100),
        rate: text(rate, 1_000_000),
        ratio: Some(text(numerator, denominator)),
    }
}

/// The three tests of size, one of which each year must pass. The headcount is the mean of two half-years.
fn is_large(works: &Works, halves: [u128; 2], due: u128) -> bool {
    let twice = halves[0] + halves[1];
    let product = twice * (works.industry.rate - NON_WORK);
    let bundled = works.industry.kind != Kind::Other && due >= 400_000;
    twice >= 200 || twice >= 40 && product >= 8_000 || bundled
}

fn table(works: &Works) -> (&'static [u128], &'static [i64]) {
    let small = works.years.iter().any(|year| year.due >= 400_000 && year.due < 1_000_000);
    match works.industry.kind {
        Kind::Other if works.special => (&SPECIAL_ENDS, &SPECIAL),
        Kind::Other => (&ENDS, &GENERAL),
        Kind::Logging | Kind::Construction if small => (&ENDS, &REDUCED),
        Kind::Logging => (&ENDS, &LOGGING),
        Kind::Construction => (&ENDS, &GENERAL),
    }
}

/// Benefits over (premiums less their non-work part) x the adjustment rate; none over 0.
fn balance_ratio(works: &Works) -> Option<(u128, u128)> {
    let counted = |claim: &&Claim| claim.counts && claim.inside;
    let benefits: u128 = works.claims.iter().filter(counted).map(|claim| claim.paid).sum();
    // In units of a yen over the industry's rate, so that a share at the non-work rate is whole.
    let rate = works.industry.rate;
    let premiums: u128 = works.years.iter().map(|year| year.due * rate).sum();
    let shares: u128 =
        works.years.iter().map(|year| year.non_work.map_or(year.due * NON_WORK, |part| part * rate)).sum();
    let denominator = premiums.saturating_sub(shares) * works.industry.factor;
    (denominator > 0).then_some((benefits * rate * 100, denominator))
}

#[test]
fn the_engine_agrees_on_generated_records() {
    const SEED: u64 = 20_261_125;
    let world = World::shipped();
    let mut seen = BTreeMap::new();
    for number in 0..4_000 {
        let works = Works::drawn(SEED, number);
        let (value, expected) = (works.record(), rate(&works));
        let answer = world.rate("jp-merit-2025", &format!("{}-04-01", works.rating_year), &value);
        let engine = Expected {
            status: answer.status,
            step: answer.step,
            tier: answer.tier.clone().expect("a tier"),
            rate: answer.rate.clone().expect("a rate"),
            ratio: answer.measures.get("payout_ratio").cloned().filter(|_| answer.status == "rated"),
        };
        assert_eq!(engine, expected, "seed {SEED}, record {number}: {:?}\n{value}", answer.reasons);
        *seen.entry((expected.status, expected.step)).or_insert(0) += 1;
    }
    // Every step of every table, and every other end, is among them.
    let steps: Vec<i64> =
        seen.keys().filter(|(status, _)| *status == "rated").map(|(_, step)| *step).collect();
    assert_eq!(steps, (-9..=9).collect::<Vec<_>>(), "{seen:?}");
    assert!(seen[&("kept", 0)] > 100 && seen[&("review", 0)] > 30, "{seen:?}");
}
