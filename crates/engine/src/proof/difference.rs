//! Whether two plans treat every employer alike, and the employers that stand at a plan's bounds.

use super::diagram::{Diagrams, NO, Node, Op, Question};
use super::meaning::{Meaning, Outside, Said};
use super::report::Witness;
use super::search::{Found, Search};
use super::witness::{record, rounded};
use super::world::{Ground, Key};
use crate::limits::SEARCH_STEPS_MAX;
use crate::plan::catalog::Plan;
use crate::plan::checked::Checked;
use crate::rating::{Rater, Verdict};
use crate::record::{Date, Declared, Record};
use std::sync::Arc;

/// What becomes of the same employers under two plans.
#[derive(Clone, Debug)]
pub enum Difference {
    /// Every record has the same status, step and rates under both, as long as no period straddles a window and nothing is
    /// missing.
    None,
    /// A record that they treat differently, with both results.
    Shown(Box<[Witness; 2]>),
    /// Neither could be shown, and why.
    Unknown(String),
}

/// Compares two plans on a rating date of both. `declared` names the facts of both.
#[must_use]
pub fn difference(a: &Plan, b: &Plan, date: Date, declared: &Declared) -> Difference {
    match compare(a, b, date, declared) {
        Ok(difference) => difference,
        Err(Outside(why)) => Difference::Unknown(why),
    }
}

fn compare(a: &Plan, b: &Plan, date: Date, declared: &Declared) -> Said<Difference> {
    let plans = [a, b];
    let mut raters = Vec::new();
    for plan in plans {
        raters.push(Rater::new(Arc::new(plan.compile_for_first_pass(date).map_err(Outside)?)));
    }
    // That plans are alike is shown for every portfolio value; where they differ depends on which it is.
    let by_portfolio = plans.iter().any(|plan| !plan.checked.portfolio.is_empty());
    let ground = Ground::of(vec![&a.checked, &b.checked], date, false)?;
    let mut doubt = beside(&ground, &a.checked, &b.checked);
    for key in ground.keys() {
        let mut basis = ground.basis();
        let mut d = Diagrams::new(&mut basis);
        let meanings = ground.meanings(&key, &mut d)?;
        let goal = differs(&meanings[0], &meanings[1], &mut d)?;
        match Search::of_steps(SEARCH_STEPS_MAX).find(&d, goal) {
            Found::Nothing => {}
            Found::Unknown => doubt = doubt.or_else(|| Some("conditions too entangled to solve".to_owned())),
            Found::Record(_) if by_portfolio => {
                doubt = doubt
                    .or_else(|| Some("they differ for some portfolio value, which is not given".to_owned()));
            }
            Found::Record(model) => {
                let model = rounded(&model, d.basis);
                let made = record(&model, d.basis, &ground.plans, &key, declared);
                match made.map(|record| witnesses(&mut raters, date, &record)) {
                    Ok(Some(pair)) => return Ok(Difference::Shown(Box::new(pair))),
                    Ok(None) => {
                        doubt =
                            doubt.or_else(|| Some("the record that was found is treated alike".to_owned()));
                    }
                    Err(why) => doubt = doubt.or(Some(why)),
                }
            }
        }
    }
    Ok(doubt.map_or(Difference::None, Difference::Unknown))
}

/// What the diagrams do not hold: windows that must be whole, required facts, class maps and reductions.
fn beside(ground: &Ground<'_>, a: &Checked, b: &Checked) -> Option<String> {
    let required = |p: &Checked| {
        let mut names: Vec<String> =
            p.facts.iter().filter(|f| f.required).map(|f| f.name.text.clone()).collect();
        names.sort();
        names
    };
    let maps = |p: &Checked| {
        p.class_maps.iter().map(|m| (m.standard.clone(), format!("{:?}", m.divisions))).collect::<Vec<_>>()
    };
    let reductions = |p: &Checked| {
        p.reductions.iter().map(|r| (r.from, r.to, r.cut, format!("{:?}", r.mode))).collect::<Vec<_>>()
    };
    let differ = [
        (ground.reviewed(0) != ground.reviewed(1), "the windows that must be whole differ"),
        (required(a) != required(b), "the required facts differ"),
        (a.classes != b.classes, "the classes differ"),
        (maps(a) != maps(b), "the class maps differ"),
        (reductions(a) != reductions(b), "the temporary reductions differ"),
    ];
    differ.into_iter().find(|d| d.0).map(|d| d.1.to_owned())
}

/// Where status, step or rates differ.
fn differs(a: &Meaning, b: &Meaning, d: &mut Diagrams<'_>) -> Said<Node> {
    let (rated_a, rated_b) = (a.rated(d), b.rated(d));
    let (kept_a, kept_b) = (a.kept(d), b.kept(d));
    let mut out = NO;
    for (x, y) in [(rated_a, rated_b), (kept_a, kept_b)] {
        let not_y = d.not(y);
        let either = d.choose(x, not_y, y);
        out = d.or(out, either);
    }
    let both_rated = d.and(rated_a, rated_b);
    for (x, y) in [(a.step, b.step), (a.unlimited, b.unlimited), (a.rate, b.rate)] {
        let same = d.apply(Op::Equal, x, y)?;
        let other = d.choose(same, NO, both_rated);
        out = d.or(out, other);
    }
    let both_kept = d.and(kept_a, kept_b);
    let same = d.apply(Op::Equal, a.start, b.start)?;
    let other = d.choose(same, NO, both_kept);
    let out = d.or(out, other);
    d.within_limits()?;
    Ok(out)
}

fn witnesses(raters: &mut [Rater], date: Date, record: &Record) -> Option<[Witness; 2]> {
    let rate = |rater: &mut Rater| {
        let records = [record.clone()];
        let outcome = rater.rate(&records).outcome(0);
        Witness { rating_date: date, portfolio: Vec::new(), record: record.clone(), outcome }
    };
    let [a, b] = raters else { return None };
    let pair = [rate(a), rate(b)];
    let seen = |v: &Verdict| (v.status, v.step, v.unlimited_rate, v.rate);
    (seen(&pair[0].outcome.verdict) != seen(&pair[1].outcome.verdict)).then_some(pair)
}

/// Records that stand at the bounds of a plan: for each class, each condition just met and just not, each fact both ways.
///
/// They are made where a result is rated, so that the bound decides and nothing before it. A plan outside the linear
/// fragment gives those that could be made.
#[must_use]
pub fn samples(plan: &Plan, date: Date, declared: &Declared) -> Vec<Record> {
    let mut out = Vec::new();
    let Ok(ground) = Ground::of(vec![&plan.checked], date, false) else { return out };
    for key in ground.keys() {
        let mut basis = ground.basis();
        let mut d = Diagrams::new(&mut basis);
        let Ok(goals) = at_bounds(&ground, &key, &mut d) else { continue };
        let mut search = Search::of_steps(SEARCH_STEPS_MAX);
        for goal in goals {
            if let Found::Record(model) = search.find(&d, goal) {
                let model = rounded(&model, d.basis);
                let made = record(&model, d.basis, &ground.plans, &key, declared);
                out.extend(made.into_iter().filter(|r| !out.contains(r)).collect::<Vec<_>>());
            }
        }
    }
    out
}

fn at_bounds(ground: &Ground<'_>, key: &Key, d: &mut Diagrams<'_>) -> Said<Vec<Node>> {
    let meaning = ground.meanings(key, d)?.remove(0);
    let rated = meaning.rated(d);
    let mut goals = vec![rated, meaning.kept(d)];
    for question in d.questions().to_vec() {
        match question {
            Question::Flag(var) => {
                let flag = d.flag(var);
                let not = d.not(flag);
                goals.extend([d.and(rated, flag), d.and(rated, not)]);
            }
            Question::Condition(condition) => {
                for by in [0, -1, 1] {
                    let mut moved = condition.expression.clone();
                    moved.constant = moved.constant.saturating_add(by);
                    let at_most = d.condition(&moved, false)?;
                    let turned = moved.scale(-1)?;
                    let at_least = d.condition(&turned, false)?;
                    let at = d.and(at_most, at_least);
                    goals.push(d.and(rated, at));
                }
            }
        }
    }
    d.within_limits()?;
    goals.retain(|goal| *goal != NO);
    Ok(goals)
}
