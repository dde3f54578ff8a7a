//! How far an employer is from the next tier on each side: in benefits, injuries and deaths, exactly.
//!
//! A change is a row of claims more, on the last day of the window: a work accident with so many fen and no injury, so
//! many injuries, or so many deaths. Less is a row below zero, as far down as what is counted. Between two changes at
//! which no comparison of the program turns, nothing of the result changes; so the turning points are computed from
//! the two sides of every comparison, and only they are tried, with their neighbours. A plan without tiers has none to
//! reach: there the next hundredth of the factor is looked for.

use super::outcome::{Status, Verdict};
use super::run::{Chunk, Rater};
use crate::limits::{AMOUNT_MAX, COUNT_MAX};
use crate::number::Decimal;
use crate::plan::compiled::{Extent, Op, Program};
use crate::plan::source::Out;
use crate::record::{Amount, Cause, Claim, ClaimOutcome, Date, Record};
use num_bigint::BigInt;

/// Most injuries that are added one by one, in a plan that looks at single ones.
const SINGLE_MAX: i64 = 64;

/// What is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    /// The counted benefits alone, in minor units.
    Benefits,
    /// Injuries at work that heal, without benefits.
    Injuries,
    /// Deaths at work, without benefits.
    Deaths,
}

impl Quantity {
    /// Every quantity.
    pub const ALL: [Self; 3] = [Self::Benefits, Self::Injuries, Self::Deaths];

    /// The name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Benefits => "benefits",
            Self::Injuries => "injuries",
            Self::Deaths => "deaths",
        }
    }

    const fn most(self) -> i64 {
        match self {
            Self::Benefits => AMOUNT_MAX,
            Self::Injuries | Self::Deaths => COUNT_MAX,
        }
    }

    /// The row that makes the change.
    fn row(self, change: i64, day: Date) -> Claim {
        let money = self == Self::Benefits;
        Claim {
            id: String::new(),
            event: None,
            class: None,
            date: day,
            cause: Cause::WorkAccident,
            outcome: if self == Self::Deaths { ClaimOutcome::Fatal } else { ClaimOutcome::Temporary },
            count: if money { 0 } else { change },
            paid_on: day,
            benefits_paid: Amount(if money { change } else { 0 }),
            reserve: Amount(0),
        }
    }
}

/// The nearest change that reaches another tier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Distance {
    /// What is changed.
    pub quantity: Quantity,
    /// Whether the tier reached is above the employer's.
    pub above: bool,
    /// Change in minor units or people, below 0 for less.
    pub change: i64,
    /// Step reached.
    pub step: i64,
    /// Tier reached.
    pub tier: Decimal,
    /// Rate there.
    pub rate: Decimal,
}

impl Rater {
    /// The distances of a record: for each quantity the nearest change that reaches a tier above and below, where one
    /// does. None where the result is kept or to review: it stands on no tier of its own. Empty where a person set the
    /// step: it does not go by what is counted.
    ///
    /// What an earlier call of [`Rater::rate`] left behind is replaced.
    pub fn distances(&mut self, record: &Record) -> Option<Vec<Distance>> {
        let base = self.rate(std::slice::from_ref(record)).verdict(0);
        let (Status::Rated, Some(tier)) = (base.status, base.tier) else { return None };
        let program = self.program();
        if program.by_hand.is_some() {
            return Some(Vec::new());
        }
        let mut windows = program.plan.windows.iter().zip(&program.windows).filter(|(w, _)| w.source.review);
        let day = windows.next().and_then(|(_, spans)| spans.last()).map(|span| span.end)?;
        let single = program.plan.looks_at_injuries();
        let without_tiers = program.plan.tables.iter().all(|t| t.out != Out::Step);
        let mut out = Vec::new();
        for quantity in Quantity::ALL {
            let changed = |change: i64| {
                let mut record = record.clone();
                if single && quantity != Quantity::Benefits {
                    for number in 0..change {
                        let mut row = quantity.row(1, day);
                        row.id = format!("+{number}");
                        record.claims.push(row);
                    }
                } else {
                    record.claims.push(quantity.row(change, day));
                }
                record
            };
            if without_tiers {
                let most =
                    if single && quantity != Quantity::Benefits { SINGLE_MAX } else { quantity.most() };
                for above in [true, false] {
                    out.extend(self.next_factor(quantity, &changed, tier, above, most));
                }
                continue;
            }
            let changes = self.turning_points(quantity, &changed);
            let records: Vec<Record> = changes.iter().map(|c| changed(*c)).collect();
            let chunk = self.rate(&records);
            let tried: Vec<(i64, Verdict)> =
                changes.iter().enumerate().map(|(at, c)| (*c, chunk.verdict(at))).collect();
            for above in [true, false] {
                let beyond = |v: &Verdict| {
                    v.status == Status::Rated
                        && v.tier.is_some_and(|t| if above { tier < t } else { t < tier })
                };
                let reached =
                    tried.iter().filter(|(_, v)| beyond(v)).min_by_key(|(c, _)| (c.unsigned_abs(), *c));
                if let Some((change, Verdict { step, tier: Some(tier), rate: Some(rate), .. })) = reached {
                    out.push(Distance {
                        quantity,
                        above,
                        change: *change,
                        step: *step,
                        tier: *tier,
                        rate: *rate,
                    });
                }
            }
        }
        Some(out)
    }

    /// In a plan without tiers: the least addition that moves the factor by a hundredth or more to one side. One unit
    /// less does not. Where a factor does not move one way all along, a smaller addition may exist further on a way
    /// that this search does not go; less than there is cannot be told of single injuries, so only additions are tried.
    fn next_factor(
        &mut self,
        quantity: Quantity,
        changed: &dyn Fn(i64) -> Record,
        tier: Decimal,
        above: bool,
        most: i64,
    ) -> Option<Distance> {
        let hundredth = Decimal::new(1, 2);
        let mut verdict = |change: i64| self.rate(&[changed(change)]).verdict(0);
        let beyond = |verdict: &Verdict| {
            let moved = if above {
                verdict.tier.and_then(|t| tier.plus(hundredth).map(|bound| t >= bound))
            } else {
                verdict.tier.and_then(|t| t.plus(hundredth).map(|bound| bound <= tier))
            };
            verdict.status == Status::Rated && moved == Some(true)
        };
        let (mut low, mut high) = (0, 1);
        while !beyond(&verdict(high)) {
            if high == most {
                return None;
            }
            low = high;
            high = high.saturating_mul(2).min(most);
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if beyond(&verdict(middle)) { high = middle } else { low = middle }
        }
        let Verdict { step, tier: Some(tier), rate: Some(rate), .. } = verdict(high) else { return None };
        Some(Distance { quantity, above, change: high, step, tier, rate })
    }

    /// The changes at which some comparison of the program may turn, and their neighbours.
    fn turning_points(&mut self, quantity: Quantity, changed: &dyn Fn(i64) -> Record) -> Vec<i64> {
        let records = [changed(0), changed(1)];
        let chunk = self.rate(&records);
        let least = -least_counted(&chunk, quantity);
        let mut out = Vec::new();
        for node in &chunk.program().nodes {
            let (Op::Equal(a, b) | Op::Less(a, b) | Op::LessEqual(a, b)) = node.op else { continue };
            if node.extent != Extent::Employers {
                continue;
            }
            // Both sides are straight lines of the change: their difference turns sign at most once.
            let difference = |at: usize| chunk.wide(a, at) - chunk.wide(b, at);
            let (here, slope) = (difference(0), difference(1) - difference(0));
            if slope == BigInt::ZERO {
                continue;
            }
            let Ok(turn) = i64::try_from(-here / slope) else { continue };
            out.extend((-1..=1).filter_map(|near| turn.checked_add(near)));
        }
        out.extend([-1, 1]);
        out.retain(|c| (least..=quantity.most()).contains(c) && *c != 0);
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// What is counted of a quantity: the least of the sums that the change moves.
fn least_counted(chunk: &Chunk<'_>, quantity: Quantity) -> i64 {
    let program: &Program = chunk.program();
    let sums = program.nodes.iter().enumerate().filter(|(_, node)| matches!(node.op, Op::Sum(..)));
    let moved = sums.filter_map(|(id, _)| {
        let (before, after) = (chunk.wide(id, 0), chunk.wide(id, 1));
        (after - &before == BigInt::from(1)).then(|| i64::try_from(before).unwrap_or(i64::MAX))
    });
    moved.min().unwrap_or(0).clamp(0, quantity.most())
}
