//! A seeded search near the bounds, for claims that stay undecided. It can show a part acting and refute other claims, and
//! never prove one: what it does not find is told as *searched, not proved*, with how many employers were tried and the seed.

use super::report::{Claim, Witness};
use super::shown::{falls, shows};
use crate::number::Decimal;
use crate::plan::checked::{Checked, Raw, TermKind};
use crate::plan::compiled::Span;
use crate::plan::source::{FactType, Worse};
use crate::rating::Rater;
use crate::record::{Cause, ClaimOutcome, Date, Declared, Form, Record};

/// Employers that are tried on a rating date, each beside a worse twin.
pub(super) const EMPLOYERS: u32 = 2_000;
/// Where the dice begin.
pub(super) const SEED: u64 = 1;

/// Small numbers from a seed (splitmix64).
struct Dice(u64);

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

/// What is known of an employer before it becomes a record.
#[derive(Clone)]
struct Sketch {
    class: u8,
    months: i32,
    paid: Vec<i64>,
    headcount: i64,
    /// By stretch: cause, outcome, count, benefits.
    claims: Vec<(usize, Cause, ClaimOutcome, i64, i64)>,
    facts: Vec<i64>,
}

/// The search of one rating date.
pub(super) struct Chance<'p> {
    pub plan: &'p Checked,
    pub declared: &'p Declared,
    pub date: Date,
    /// Time cut at the windows.
    pub stretches: Vec<Span>,
}

impl Chance<'_> {
    /// Records that show a part acting, or refute another claim, with what the evaluator made of them.
    pub fn look(&self, claims: &[Claim], rater: &mut Rater) -> Vec<(Claim, Vec<Witness>)> {
        let mut dice = Dice(SEED);
        let bounds = self.bounds();
        let mut out: Vec<(Claim, Vec<Witness>)> = Vec::new();
        for _ in 0..EMPLOYERS {
            let sketch = self.sketch(&mut dice, &bounds);
            let (raw, worse) = self.worse(&sketch, &mut dice);
            let (Some(first), Some(second)) = (self.record(&sketch), self.record(&worse)) else { continue };
            let records = [first, second];
            let chunk = rater.rate(&records);
            let outcomes = [chunk.outcome(0), chunk.outcome(1)];
            for claim in claims {
                let pair = *claim == Claim::Fair(raw);
                let found = if pair {
                    falls(&outcomes[0], &outcomes[1])
                } else {
                    shows(*claim, &outcomes[0]) == Some(true)
                };
                if found && out.iter().all(|(known, _)| known != claim) {
                    let shown = if pair { 2 } else { 1 };
                    let witnesses = (0..shown).map(|at| Witness {
                        rating_date: self.date,
                        portfolio: chunk.program().portfolio.clone(),
                        record: records[at].clone(),
                        outcome: outcomes[at].clone(),
                    });
                    out.push((*claim, witnesses.collect()));
                }
            }
        }
        out
    }

    /// Numbers that the plan's formulas name.
    fn bounds(&self) -> Vec<Decimal> {
        let mut out = vec![Decimal::ONE];
        for term in self.plan.terms() {
            term.walk(&mut |t| {
                if let TermKind::Number(value) = t.kind {
                    out.push(value);
                }
            });
        }
        out
    }

    fn sketch(&self, dice: &mut Dice, bounds: &[Decimal]) -> Sketch {
        let stretches = self.stretches.len();
        let paid: Vec<i64> = (0..stretches)
            .map(|_| dice.pick(&[0, 1, 100, 40_000, 1_000_000, 250_000_000]).unwrap_or(0))
            .collect();
        let mut claims = Vec::new();
        for _ in 0..dice.below(4) {
            let at = dice.below(stretches);
            let beside = [0, 1, -1][dice.below(3)];
            // Near a bound of a ratio, or near an amount that the plan names.
            let bound = dice.pick(bounds).unwrap_or(Decimal::ONE);
            let base = if dice.below(2) == 0 { paid.get(at).copied().unwrap_or(0) } else { 1 };
            let scaled =
                i128::from(base).checked_mul(bound.mantissa()).map(|n| n / 10_i128.pow(bound.places()));
            let benefits = scaled
                .and_then(|n| i64::try_from(n).ok())
                .unwrap_or(0)
                .saturating_add(beside)
                .clamp(0, 1 << 50);
            let (cause, outcome) = (dice.pick(Cause::ALL), dice.pick(ClaimOutcome::ALL));
            let count = i64::try_from(dice.below(4)).unwrap_or(0);
            claims.extend(cause.zip(outcome).map(|(cause, outcome)| (at, cause, outcome, count, benefits)));
        }
        let facts = self.plan.facts.iter().map(|_| i64::try_from(dice.below(5)).unwrap_or(0)).collect();
        Sketch {
            class: u8::try_from(dice.below(usize::from(self.plan.classes))).unwrap_or(0) + 1,
            months: [6, 11, 12, 24, 36, 120][dice.below(6)],
            paid,
            headcount: [1, 10, 100, 1_000][dice.below(4)],
            claims,
            facts,
        }
    }

    /// A worse twin, and in what it is worse.
    fn worse(&self, sketch: &Sketch, dice: &mut Dice) -> (Raw, Sketch) {
        let mut worse = sketch.clone();
        let graded: Vec<usize> =
            (0..self.plan.facts.len()).filter(|at| self.plan.facts[*at].worse != Worse::Neither).collect();
        if let Some(fact) = dice.pick(&graded).filter(|_| dice.below(2) == 0) {
            let by = if self.plan.facts[fact].worse == Worse::More { 1 } else { -1 };
            worse.facts[fact] = (worse.facts[fact] + by).max(0);
            return (Raw::Fact(fact), worse);
        }
        let at = dice.below(worse.claims.len());
        match (worse.claims.get_mut(at), dice.below(2)) {
            (Some(claim), 0) => {
                claim.4 += [1, 10_000, 100_000_000][dice.below(3)];
                (Raw::Benefits, worse)
            }
            (Some(claim), _) => {
                claim.3 += 1;
                (Raw::Count, worse)
            }
            (None, _) => (Raw::Count, worse),
        }
    }

    fn record(&self, sketch: &Sketch) -> Option<Record> {
        let text = |text: &dyn ToString| Form::Text(text.to_string());
        let map = |fields: Vec<(&str, Form)>| {
            Form::Map(fields.into_iter().map(|(name, form)| (name.to_owned(), form)).collect())
        };
        let last = self.stretches.last()?.end;
        let periods = self.stretches.iter().zip(&sketch.paid).map(|(span, paid)| {
            let months = span.start.whole_months_to(span.end.plus_days(1)).max(1);
            map(vec![
                ("start", text(&span.start)),
                ("end", text(&span.end)),
                ("payroll", Form::Int(paid.saturating_mul(50))),
                ("contributions_due", Form::Int(*paid)),
                ("contributions_paid", Form::Int(*paid)),
                ("headcount", text(&sketch.headcount)),
                ("months_insured", Form::Int(i64::from(months))),
            ])
        });
        let claims =
            sketch.claims.iter().enumerate().map(|(at, (stretch, cause, outcome, count, benefits))| {
                map(vec![
                    ("id", text(&(at + 1))),
                    ("date", text(&self.stretches[*stretch].end)),
                    ("cause", text(&cause.name())),
                    ("outcome", text(&outcome.name())),
                    ("count", Form::Int(*count)),
                    ("benefits_paid", Form::Int(*benefits)),
                ])
            });
        let facts = self.plan.facts.iter().zip(&sketch.facts).map(|(fact, value)| {
            let boolean = fact.ty == FactType::Boolean;
            (fact.name.text.clone(), if boolean { Form::Bool(*value > 1) } else { text(value) })
        });
        let form = map(vec![
            (
                "employer",
                map(vec![
                    ("id", Form::Text("WITNESS".to_owned())),
                    ("risk_class", Form::Int(i64::from(sketch.class))),
                    ("insured_since", text(&last.plus_days(1).plus_months(-sketch.months))),
                ]),
            ),
            ("periods", Form::List(periods.collect())),
            ("claims", Form::List(claims.collect())),
            ("facts", Form::Map(facts.collect())),
        ]);
        Record::from_form(&form, self.declared).ok()
    }
}
