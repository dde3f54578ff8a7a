//! A seeded search near the bounds, for claims that stay undecided. It can show a part acting and refute other claims, and
//! never prove one: what it does not find is told as *searched, not proved*, with how many employers were tried and the seed.

mod sketch;

use super::report::{Claim, Witness};
use super::shown::{falls, shows};
use super::world::keys;
use crate::number::Decimal;
use crate::plan::catalog::Plan;
use crate::plan::checked::{AssertKind, Checked, Raw, TermKind};
use crate::plan::compiled::{Frozen, Id, Span};
use crate::rating::{Chunk, Outcome, Rater, Status};
use crate::record::{Date, Declared, Record};
use sketch::Maker;
use std::sync::Arc;

/// Employers that are tried on a rating date, each beside a worse twin.
pub(super) const EMPLOYERS: u32 = 2_000;
/// Where the dice begin.
pub(super) const SEED: u64 = 1;
/// Portfolio values that employers are rated with, in 10^-6, rising.
const PORTFOLIO: [i128; 5] = [1_000, 10_000, 100_000, 500_000, 2_000_000];

/// Small numbers from a seed (splitmix64).
pub(super) struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (n.max(1) as u64)).unwrap_or(0)
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> Option<T> {
        of.get(self.below(of.len())).copied()
    }
}

/// The search of one rating date.
pub(super) struct Chance<'p> {
    pub plan: &'p Plan,
    pub declared: &'p Declared,
    pub date: Date,
    /// Time cut at the windows.
    pub stretches: Vec<Span>,
}

/// What the search found of a claim.
pub(super) struct Find {
    pub claim: Claim,
    /// Whether it shows a part or a declared exception; otherwise it refutes the claim.
    pub shows: bool,
    pub witnesses: Vec<Witness>,
}

/// The evaluator, with the nodes of the assertions.
struct Rated {
    rater: Rater,
    asserted: Vec<(Id, Id)>,
}

/// A pair of which the second is worse in one raw fact.
struct Pair<'c> {
    raw: Raw,
    records: [Record; 2],
    chunks: [(&'c Chunk<'c>, usize); 2],
    outcomes: [Outcome; 2],
}

impl Chance<'_> {
    /// Records that show a part acting, or refute another claim, with what the evaluator made of them.
    pub fn look(&self, claims: &[Claim]) -> Vec<Find> {
        let plan = &self.plan.checked;
        let Some(mut rated) = self.raters() else { return Vec::new() };
        let (mut dice, mut out) = (Dice(SEED), Vec::new());
        let maker = Maker {
            plan,
            declared: self.declared,
            keys: keys(&[plan], self.date),
            stretches: &self.stretches,
            bounds: bounds(plan),
        };
        for _ in 0..EMPLOYERS {
            let sketch = maker.sketch(&mut dice);
            let (mut raw, worse) = maker.worse(&sketch, &mut dice);
            let mut at = [dice.below(rated.len()); 2];
            // Now and then nothing is worse but a portfolio value.
            let portfolio = !plan.portfolio.is_empty() && dice.below(3) == 0;
            let second = if portfolio { sketch.clone() } else { worse };
            if portfolio {
                raw = Raw::Portfolio(0);
                at[1] = (at[0] + 1).min(rated.len() - 1);
            }
            let (Some(first), Some(second)) = (maker.record(&sketch), maker.record(&second)) else {
                continue;
            };
            let records = [first, second];
            if at[0] == at[1] {
                let asserted = rated[at[0]].asserted.clone();
                let chunk = rated[at[0]].rater.rate(&records);
                let outcomes = [chunk.outcome(0), chunk.outcome(1)];
                let chunks = [(&chunk, 0), (&chunk, 1)];
                self.see(
                    claims,
                    &Pair { raw, records: records.clone(), chunks, outcomes },
                    &asserted,
                    &mut out,
                );
            } else if let Ok([a, b]) = rated.get_disjoint_mut(at) {
                let [one, other] = &records;
                let (a_chunk, b_chunk) =
                    (a.rater.rate(std::slice::from_ref(one)), b.rater.rate(std::slice::from_ref(other)));
                let outcomes = [a_chunk.outcome(0), b_chunk.outcome(0)];
                let chunks = [(&a_chunk, 0), (&b_chunk, 0)];
                self.see(
                    claims,
                    &Pair { raw, records: records.clone(), chunks, outcomes },
                    &a.asserted,
                    &mut out,
                );
            }
        }
        out
    }

    /// One evaluator, or several where there are portfolio values.
    fn raters(&self) -> Option<Vec<Rated>> {
        let values = self.plan.checked.portfolio.len();
        let units = if values == 0 { &PORTFOLIO[..1] } else { &PORTFOLIO[..] };
        let with = |units: &i128| {
            let portfolio = vec![Frozen { num: *units, den: 1_000_000 }; values];
            let (program, asserted) = self.plan.compile_asserted(self.date, &portfolio).ok()?;
            Some(Rated { rater: Rater::new(Arc::new(program)), asserted })
        };
        units.iter().map(with).collect()
    }

    /// What a pair shows of the claims.
    fn see(&self, claims: &[Claim], pair: &Pair<'_>, asserted: &[(Id, Id)], out: &mut Vec<Find>) {
        let plan = &self.plan.checked;
        let lower = falls(&pair.outcomes[0], &pair.outcomes[1]);
        let holds = |id: Id| pair.chunks[0].0.holds(id, pair.chunks[0].1);
        // Whether an assertion says that the rate may fall here.
        let declared = |at: usize| {
            matches!(plan.asserts[at].kind, AssertKind::NotMonotone { raw, .. } if same(raw, pair.raw))
                && holds(asserted[at].0)
        };
        for claim in claims {
            let found = match *claim {
                Claim::Fair(raw) => {
                    let excused = || (0..plan.asserts.len()).any(declared);
                    (raw == pair.raw && lower && !excused()).then_some((false, 2))
                }
                Claim::Assertion(at) => match plan.asserts[at].kind {
                    AssertKind::NotMonotone { raw, .. } if same(raw, pair.raw) && lower => {
                        let excused = declared(at);
                        // Of raw facts, what falls elsewhere refutes that they are fair.
                        let elsewhere = matches!(raw, Raw::Portfolio(_));
                        (excused || elsewhere).then_some((excused, 2))
                    }
                    AssertKind::Identity { .. } => {
                        let rated = pair.outcomes[0].verdict.status == Status::Rated;
                        let broken = rated && holds(asserted[at].1) && !holds(asserted[at].0);
                        broken.then_some((false, 1))
                    }
                    _ => None,
                },
                claim => {
                    let shown = shows(claim, &pair.outcomes[0]) == Some(true);
                    shown.then_some((matches!(claim, Claim::Acts(_)), 1))
                }
            };
            let Some((shows, records)) = found else { continue };
            if out.iter().any(|known| known.claim == *claim && known.shows == shows) {
                continue;
            }
            let witnesses = (0..records).map(|at| Witness {
                rating_date: self.date,
                portfolio: pair.chunks[at].0.program().portfolio.clone(),
                record: pair.records[at].clone(),
                outcome: pair.outcomes[at].clone(),
            });
            out.push(Find { claim: *claim, shows, witnesses: witnesses.collect() });
        }
    }
}

/// Whether two raw facts are the same; all portfolio values grow together.
fn same(a: Raw, b: Raw) -> bool {
    a == b || matches!((a, b), (Raw::Portfolio(_), Raw::Portfolio(_)))
}

/// Numbers that the plan's formulas and parameters name.
fn bounds(plan: &Checked) -> Vec<Decimal> {
    let mut out = vec![Decimal::ONE];
    for term in plan.terms() {
        term.walk(&mut |t| {
            if let TermKind::Number(value) = t.kind {
                out.push(value);
            }
        });
    }
    out
}
