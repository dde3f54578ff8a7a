//! Records on which a change makes a difference, or the proof that there are none.

use super::alone::{Apply, alone};
use super::statement::both;
use super::{Change, Effect, Side, Version, Witness};
use crate::Bilingual;
use crate::plan::catalog::Plan;
use crate::plan::compiled::Program;
use crate::plan::examples;
use crate::proof::{Difference, difference, samples};
use crate::rating::{Chunk, Outcome, Rater};
use crate::record::{Date, Declared, Industry, Record};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record to try, with where it comes from.
#[derive(Clone, Debug)]
struct Candidate {
    from: Bilingual,
    record: Record,
}

/// The records to try with the rating date that they were made for, in the order of preference.
type Candidates = Vec<(Date, Vec<Candidate>)>;

/// What the changes are tried with.
struct Trial<'a> {
    a: &'a Plan,
    b: &'a Plan,
    /// The facts of both folders.
    declared: Declared,
    candidates: Candidates,
}

/// Where records to try come from: the examples of both plans, and records at the bounds of both.
fn candidates(a: Version<'_>, b: Version<'_>, declared: &Declared) -> Candidates {
    let mut out = Candidates::new();
    for version in [a, b] {
        let id = &version.plan.checked.id;
        let mut by_date: BTreeMap<Date, Vec<Candidate>> = BTreeMap::new();
        for case in examples::cases(version.plan, version.declared) {
            let name = case.name;
            let from = both(format!("{id} 的例子 {name}"), format!("example {name} of {id}"));
            let date = case.program.rating_date;
            by_date.entry(date).or_default().push(Candidate { from, record: case.record });
        }
        out.extend(by_date);
    }
    for version in [a, b] {
        let id = &version.plan.checked.id;
        for date in dates(version.plan) {
            let found = samples(version.plan, date, declared).into_iter();
            let from = both(format!("{id} 的界限"), format!("a bound of {id}"));
            out.push((date, found.map(|record| Candidate { from: from.clone(), record }).collect()));
        }
    }
    out
}

/// Rating dates between which the numbers of a plan do not change.
fn dates(plan: &Plan) -> Vec<Date> {
    let p = &plan.checked;
    let since = p.params.iter().flat_map(|param| param.entries.iter().filter_map(|e| e.0));
    let mut out: Vec<Date> = since.filter_map(|day| p.rating_date_from(day)).collect();
    out.extend(p.first_rating_date());
    out.retain(|day| p.rates_on(*day));
    out.sort_unstable();
    out.dedup();
    out
}

/// Finds what each change does.
pub(super) fn find(a: Version<'_>, b: Version<'_>, changes: &mut [Change]) {
    let matters = |c: &&mut Change| !matches!(c.apply, Apply::Outside | Apply::Dates);
    changes.iter_mut().filter(|c| c.apply == Apply::Dates).for_each(|c| c.effect = Effect::Dates);
    if !changes.iter_mut().any(|c| matters(&c)) {
        return;
    }
    let mut declared = a.declared.clone();
    declared.facts.extend(b.declared.facts.clone());
    let candidates = candidates(a, b, &declared);
    let trial = Trial { a: a.plan, b: b.plan, declared, candidates };
    for change in changes.iter_mut().filter(matters) {
        change.effect = trial.effect(change);
    }
}

impl Trial<'_> {
    fn effect(&self, change: &Change) -> Effect {
        let own = division(&change.apply, &self.candidates);
        let candidates = own.as_ref().unwrap_or(&self.candidates);
        let tried = candidates.iter().map(|(_, list)| list.len()).sum();
        // The change made in the first plan, and where that is no plan or shows nothing, unmade in the second.
        let made = alone(self.a, self.b, &change.apply);
        let unmade = alone(self.b, self.a, &change.apply.back());
        let pairs = [made.as_ref().map(|made| (self.a, made)), unmade.as_ref().map(|un| (un, self.b))];
        for (before, after) in pairs.into_iter().flatten() {
            if let Some(witness) = differ(before, after, candidates, true) {
                return Effect::Witness(Box::new(witness));
            }
        }
        let Some((before, after)) = pairs.into_iter().flatten().next() else {
            return match differ(self.a, self.b, candidates, false) {
                Some(witness) => Effect::Witness(Box::new(witness)),
                None => Effect::NotAlone { tried },
            };
        };
        match self.proved(before, after) {
            Proof::Equal => Effect::None { tried, proved: true },
            Proof::Shown(witness) => Effect::Witness(witness),
            Proof::Open => Effect::None { tried, proved: false },
        }
    }

    /// Whether two plans treat every employer alike, on each stretch of time with its own numbers.
    fn proved(&self, before: &Plan, after: &Plan) -> Proof {
        let months = |p: &Plan| p.checked.rating.as_ref().map(|r| r.valid_months);
        // How long a rate is charged is not part of what is proved.
        let mut equal = months(before) == months(after);
        let mut days = [dates(before), dates(after)].concat();
        days.sort_unstable();
        days.dedup();
        for day in days {
            match difference(before, after, day, &self.declared) {
                Difference::None => {}
                Difference::Unknown(_) => equal = false,
                Difference::Shown(pair) => {
                    let [one, _] = *pair;
                    let from = both("证明给出的记录", "found by the proof");
                    let found = Candidate { from, record: one.record };
                    let candidates = vec![(one.rating_date, vec![found])];
                    if let Some(witness) = differ(before, after, &candidates, true) {
                        return Proof::Shown(Box::new(witness));
                    }
                    equal = false;
                }
            }
        }
        if equal { Proof::Equal } else { Proof::Open }
    }
}

/// What a proof says of two plans.
enum Proof {
    Equal,
    Shown(Box<Witness>),
    Open,
}

/// The records of an industry whose class changed: those that there are, moved to it.
fn division(apply: &Apply, candidates: &Candidates) -> Option<Candidates> {
    let Apply::Division { standard, code } = apply else { return None };
    let moved = |candidate: &Candidate| {
        let mut record = candidate.record.clone();
        record.employer.risk_class = None;
        record.employer.industry = Some(Industry { standard: standard.clone(), code: code.clone() });
        let from = both(
            format!("{}（改为该行业）", candidate.from.zh),
            format!("{}, moved to the industry", candidate.from.en),
        );
        Candidate { from, record }
    };
    Some(candidates.iter().map(|(date, list)| (*date, list.iter().map(moved).collect())).collect())
}

/// The first record that two plans treat differently, rather one whose rate is another than one whose way there is.
fn differ(before: &Plan, after: &Plan, candidates: &Candidates, alone: bool) -> Option<Witness> {
    let mut found = None;
    for (date, list) in candidates {
        let (Some(one), Some(two)) = (program(before, *date), program(after, *date)) else { continue };
        let (mut one, mut two) = (Rater::new(Arc::new(one)), Rater::new(Arc::new(two)));
        let records: Vec<Record> = list.iter().map(|c| c.record.clone()).collect();
        let (one, two) = (one.rate(&records), two.rate(&records));
        let charged = |at: &usize| {
            let (a, b) = (one.verdict(*at), two.verdict(*at));
            (a.status, a.rate) != (b.status, b.rate) || one.charged(*at) != two.charged(*at)
        };
        let otherwise = |at: &usize| one.verdict(*at) != two.verdict(*at);
        let by_rate = (0..records.len()).find(charged);
        let Some(at) = by_rate.or_else(|| (0..records.len()).find(otherwise)) else { continue };
        if by_rate.is_none() && found.is_some() {
            continue;
        }
        found = Some(Witness {
            from: list[at].from.clone(),
            rating_date: *date,
            record: records[at].clone(),
            before: side(&one, at, before),
            after: side(&two, at, after),
            alone,
        });
        if by_rate.is_some() {
            break;
        }
    }
    found
}

fn program(plan: &Plan, date: Date) -> Option<Program> {
    plan.compile_for_first_pass(date).ok()
}

fn side(chunk: &Chunk<'_>, at: usize, plan: &Plan) -> Side {
    let outcome: Outcome = chunk.outcome(at);
    let reasons = outcome.reasons.iter().map(|r| r.name(&plan.checked)).collect();
    Side { outcome, reasons }
}
