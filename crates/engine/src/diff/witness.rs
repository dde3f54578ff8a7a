//! Records on which a change makes a difference.

use super::alone::{Apply, alone};
use super::{Change, Effect, Side, Version, Witness};
use crate::plan::checked::Checked;
use crate::plan::compiled::{Program, compile};
use crate::plan::examples;
use crate::rating::{Chunk, Outcome, Rater};
use crate::record::{Date, Record};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A record to try, with where it comes from.
#[derive(Clone, Debug)]
struct Candidate {
    from: String,
    record: Record,
}

/// The records to try, by the rating date that they were made for.
type Candidates = BTreeMap<Date, Vec<Candidate>>;

/// Where records to try come from: the examples of both plans.
fn candidates(a: Version<'_>, b: Version<'_>) -> Candidates {
    let mut out = Candidates::new();
    for version in [a, b] {
        for case in examples::cases(version.plan, version.declared) {
            let from = format!("example {} of {}", case.name, version.plan.checked.id);
            let date = case.program.rating_date;
            out.entry(date).or_default().push(Candidate { from, record: case.record });
        }
    }
    out
}

/// Finds what each change does.
pub(super) fn find(a: Version<'_>, b: Version<'_>, changes: &mut [Change]) {
    if changes.iter().all(|c| matches!(c.apply, Apply::Outside | Apply::Dates)) {
        changes.iter_mut().filter(|c| c.apply == Apply::Dates).for_each(|c| c.effect = Effect::Dates);
        return;
    }
    let candidates = candidates(a, b);
    let tried = candidates.values().map(Vec::len).sum();
    for change in changes {
        change.effect = match change.apply {
            Apply::Outside => Effect::Outside,
            Apply::Dates => Effect::Dates,
            _ => effect(a, b, change, &candidates, tried),
        };
    }
}

fn effect(a: Version<'_>, b: Version<'_>, change: &Change, candidates: &Candidates, tried: usize) -> Effect {
    let (first, second) = (&a.plan.checked, &b.plan.checked);
    // The change made in the first plan, and where that is no plan or shows nothing, unmade in the second.
    let made = alone(&a.plan.source, &b.plan.source, &change.apply).map(|made| with_tables(made, first));
    if let Some(made) = &made
        && let Some(witness) = differ(first, made, candidates, true)
    {
        return Effect::Witness(Box::new(witness));
    }
    let unmade = alone(&b.plan.source, &a.plan.source, &change.apply.back());
    let unmade = unmade.map(|unmade| with_tables(unmade, second));
    if let Some(unmade) = &unmade
        && let Some(witness) = differ(unmade, second, candidates, true)
    {
        return Effect::Witness(Box::new(witness));
    }
    if made.is_some() || unmade.is_some() {
        return Effect::None { tried };
    }
    match differ(first, second, candidates, false) {
        Some(witness) => Effect::Witness(Box::new(witness)),
        None => Effect::NotAlone { tried },
    }
}

/// A copy keeps what its plan has from its region's table.
fn with_tables(mut copy: Checked, of: &Checked) -> Checked {
    if copy.reductions.is_empty() {
        copy.reductions.clone_from(&of.reductions);
    }
    copy
}

/// The first record that two plans treat differently.
fn differ(before: &Checked, after: &Checked, candidates: &Candidates, alone: bool) -> Option<Witness> {
    let (before, after) = (Arc::new(before.clone()), Arc::new(after.clone()));
    for (date, list) in candidates {
        let (Some(one), Some(two)) = (program(&before, *date), program(&after, *date)) else { continue };
        let (mut one, mut two) = (Rater::new(Arc::new(one)), Rater::new(Arc::new(two)));
        let records: Vec<Record> = list.iter().map(|c| c.record.clone()).collect();
        let (one, two) = (one.rate(&records), two.rate(&records));
        let differs =
            |at: &usize| one.verdict(*at) != two.verdict(*at) || one.charged(*at) != two.charged(*at);
        if let Some(at) = (0..records.len()).find(differs) {
            return Some(Witness {
                from: list[at].from.clone(),
                rating_date: *date,
                record: records[at].clone(),
                before: side(&one, at, &before),
                after: side(&two, at, &after),
                alone,
            });
        }
    }
    None
}

fn program(plan: &Arc<Checked>, date: Date) -> Option<Program> {
    plan.rates_on(date).then(|| compile(plan, date, [0; 32]).ok()).flatten()
}

fn side(chunk: &Chunk<'_>, at: usize, plan: &Checked) -> Side {
    let outcome: Outcome = chunk.outcome(at);
    let reasons = outcome.reasons.iter().map(|r| r.name(plan)).collect();
    Side { outcome, reasons }
}
