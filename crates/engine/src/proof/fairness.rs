//! Fairness: whether a worse record can have a lower rate, all else equal.
//!
//! A direction makes one raw fact worse: more money of one kind in one stretch of time, one more injury, a graver
//! outcome, a declared fact the way that its `worse` says. The worse record is the same diagrams with the direction put
//! in; a record where the rate falls is a refutation.

use super::basis::{Basis, Quantity};
use super::diagram::{Diagrams, NO, Node, Op, Replacement, Turn};
use super::linear::{Linear, TooLarge, Var};
use super::meaning::{Meaning, Said};
use super::signs::{Signs, Trend};
use crate::plan::checked::{AssertKind, Checked, Raw, Term};
use crate::plan::source::{FactType, Worse};
use crate::record::{Cause, ClaimOutcome};
use std::collections::BTreeMap;

/// A way to make a record worse.
#[derive(Clone, Debug)]
pub(super) struct Direction {
    pub raw: Raw,
    /// What the better record has in the place of a quantity.
    better: Replacement,
    /// What the worse one has.
    worse: Replacement,
    /// What must hold of the better record for the direction to be there.
    needs: Option<Linear>,
}

/// The raw facts whose worsening a plan must not reward.
pub(super) fn raws(plan: &Checked) -> Vec<Raw> {
    let mut out = vec![Raw::Benefits, Raw::Count, Raw::Outcome];
    let graded = |at: &usize| plan.facts[*at].worse != Worse::Neither;
    out.extend((0..plan.facts.len()).filter(graded).map(Raw::Fact));
    out
}

/// Every direction that the diagrams can feel.
pub(super) fn directions(
    plan: &Checked,
    basis: &mut Basis,
    loose: Option<&mut Trends>,
) -> Said<Vec<Direction>> {
    let mut out = Vec::new();
    let felt: Vec<(Var, Quantity)> = basis.all().map(|(var, q)| (var, q.clone())).collect();
    let more = [false, true].map(|money| basis.var(Quantity::More { money }));
    let plus =
        |var: Var, money: bool| Linear::variable(var).plus(1, &Linear::variable(more[usize::from(money)]));
    for (var, quantity) in &felt {
        let raw = match quantity {
            Quantity::Money { .. } => Raw::Benefits,
            Quantity::Injuries { .. } => Raw::Count,
            Quantity::Fact(name) | Quantity::Flag(name) => {
                let Some(at) = plan.facts.iter().position(|f| f.name.text == *name) else { continue };
                let fact = &plan.facts[at];
                let (better, worse) = if fact.ty == FactType::Boolean {
                    let is =
                        |value: bool| Replacement { flags: vec![(*var, value)], ..Replacement::default() };
                    (is(false), is(true))
                } else {
                    let grown =
                        Replacement { numbers: vec![(*var, plus(*var, false)?)], ..Replacement::default() };
                    (Replacement::default(), grown)
                };
                let (better, worse) = match fact.worse {
                    Worse::More => (better, worse),
                    Worse::Less => (worse, better),
                    Worse::Neither => continue,
                };
                out.push(Direction { raw: Raw::Fact(at), better, worse, needs: None });
                continue;
            }
            _ => continue,
        };
        let grown = plus(*var, raw == Raw::Benefits)?;
        let worse = Replacement { numbers: vec![(*var, grown)], ..Replacement::default() };
        out.push(Direction { raw, better: Replacement::default(), worse, needs: None });
    }
    out.extend(graver(basis, &felt)?);
    if let Some(known) = loose {
        // What only formulas feel that cannot be said exactly.
        let alone = |raw| Direction {
            raw,
            better: Replacement::default(),
            worse: Replacement::default(),
            needs: None,
        };
        out.extend(raws(plan).into_iter().map(alone));
        let terms = terms_by_text(plan);
        for direction in &mut out {
            move_unknowns(plan, &terms, basis, &felt, direction, known)?;
        }
    }
    for direction in &mut out {
        grow_products(basis, &felt, direction)?;
    }
    Ok(out)
}

/// What sign rules say of formulas, by the raw fact and the text: which way it moves, and whether it may become undefined.
pub(super) type Trends = BTreeMap<(String, String), (Trend, bool)>;

/// Every formula of a plan and all in it, by its text.
fn terms_by_text(plan: &Checked) -> BTreeMap<String, &Term> {
    let mut out = BTreeMap::new();
    for term in plan.terms() {
        term.walk(&mut |t| {
            out.entry(plan.print(t)).or_insert(t);
        });
    }
    out
}

/// What sign rules say of the numbers and conditions that cannot be said exactly. Where an exception is declared, it does
/// not hold of the better record: what it covers is not asked about.
fn move_unknowns<'p>(
    plan: &'p Checked,
    terms: &BTreeMap<String, &'p Term>,
    basis: &mut Basis,
    felt: &[(Var, Quantity)],
    direction: &mut Direction,
    known: &mut Trends,
) -> Said<()> {
    let excepted = plan.asserts.iter().filter_map(|assert| match &assert.kind {
        AssertKind::NotMonotone { raw, only_where, .. } if *raw == direction.raw => Some(only_where),
        _ => None,
    });
    let signs = Signs::of_raw(plan, direction.raw, excepted.collect());
    let raw = direction.raw.name(plan);
    let mut trend = |text: &String| {
        let key = (raw.clone(), text.clone());
        *known.entry(key).or_insert_with(|| {
            terms.get(text).map_or((Trend::Any, true), |term| {
                let signs = signs.about(term);
                (signs.trend(term), signs.gap_moves(term))
            })
        })
    };
    for (var, quantity) in felt {
        match quantity {
            Quantity::Unknown { text, spans, below } => {
                let trend = trend(text).0;
                let other = Quantity::Unknown { text: text.clone(), spans: spans.clone(), below: !below };
                let alone = basis.find(&other).is_none();
                let change = Linear::variable(basis.var(Quantity::Change(*var)));
                let more = Linear::variable(*var).plus(1, &change)?;
                match (trend, *below) {
                    (Trend::Any, _) => direction.worse.numbers.push((*var, change)),
                    (Trend::Up, false) | (Trend::Down, true) => direction.worse.numbers.push((*var, more)),
                    (Trend::Down, false) if alone => direction.better.numbers.push((*var, more)),
                    _ => {}
                }
            }
            Quantity::Gap { text, .. } | Quantity::Unsaid { text, .. } => {
                let gap = matches!(quantity, Quantity::Gap { .. });
                let turn = match (gap, trend(text)) {
                    (true, (_, false)) | (false, (Trend::Same, _)) => continue,
                    (false, (Trend::Up, _)) => Turn::Up,
                    (false, (Trend::Down, _)) => Turn::Down,
                    _ => Turn::Any,
                };
                let other = basis.var(Quantity::Turn(*var));
                direction.worse.turns.push((*var, turn, other));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gravity of an outcome: the more the graver.
pub(super) fn gravity(outcome: ClaimOutcome) -> usize {
    match outcome {
        ClaimOutcome::MedicalOnly => 0,
        ClaimOutcome::Temporary => 1,
        ClaimOutcome::Fatal => 12,
        // Grade 10 is the lightest.
        grade => 2 + (usize::from(ClaimOutcome::Disability10.place()) - usize::from(grade.place())),
    }
}

/// One injury without benefits that ends more gravely.
fn graver(basis: &Basis, felt: &[(Var, Quantity)]) -> Result<Vec<Direction>, TooLarge> {
    let mut out = Vec::new();
    for (lighter, quantity) in felt {
        let Quantity::Injuries { stretch, kind } = quantity else { continue };
        for (other, sorts) in basis.kinds.iter().enumerate().filter(|(other, _)| other != kind) {
            let Some(heavier) = basis.find(&Quantity::Injuries { stretch: *stretch, kind: other }) else {
                continue;
            };
            let can = Cause::ALL.iter().any(|cause| {
                let of = |sorts: &[super::basis::Sort]| {
                    sorts
                        .iter()
                        .filter(|s| s.counted && s.cause == *cause)
                        .map(|s| gravity(s.outcome))
                        .collect::<Vec<_>>()
                };
                let (from, to) = (of(&basis.kinds[*kind]), of(sorts));
                from.iter().min().is_some_and(|from| to.iter().any(|to| to > from))
            });
            if can {
                let one = |var: Var, by: i128| Linear::variable(var).plus(by, &Linear::constant(1));
                let numbers = vec![(*lighter, one(*lighter, -1)?), (heavier, one(heavier, 1)?)];
                let worse = Replacement { numbers, ..Replacement::default() };
                let needs = Linear { terms: vec![(*lighter, -1)], constant: 1 };
                out.push(Direction {
                    raw: Raw::Outcome,
                    better: Replacement::default(),
                    worse,
                    needs: Some(needs),
                });
            }
        }
    }
    Ok(out)
}

/// Of a product only the sign of its change is known: it grows by something where a factor grows. What is rounded is
/// rounded from something else.
fn grow_products(basis: &mut Basis, felt: &[(Var, Quantity)], direction: &mut Direction) -> Said<()> {
    for (var, quantity) in felt {
        if let Quantity::Rounded { num, den, mode } = quantity {
            for side in [&mut direction.better, &mut direction.worse] {
                let moved = side.linear(num)?;
                if moved != *num {
                    let other = basis.var(Quantity::Rounded { num: moved, den: *den, mode: *mode });
                    side.numbers.push((*var, Linear::variable(other)));
                }
            }
        }
        let Quantity::Product(a, b) = quantity else { continue };
        for side in [&mut direction.better, &mut direction.worse] {
            let moved =
                |factor: &Linear| side.numbers.iter().any(|(shifted, _)| factor.coefficient(*shifted) != 0);
            if moved(a) || moved(b) {
                let rises = side.numbers.iter().all(|(shifted, by)| {
                    let felt = [a, b].iter().any(|f| f.coefficient(*shifted) != 0);
                    let up =
                        by.terms.iter().all(|t| t.1 > 0) && by.constant >= 0 && by.coefficient(*shifted) > 0;
                    !felt || (up && [a, b].iter().all(|f| f.coefficient(*shifted) >= 0))
                });
                let change = basis.var(Quantity::Change(*var));
                let grown = if rises {
                    Linear::variable(*var).plus(1, &Linear::variable(change))?
                } else {
                    Linear::variable(change)
                };
                side.numbers.push((*var, grown));
            }
        }
    }
    Ok(())
}

/// What is compared: the rate of a result that would be published, and where there is one.
pub(super) struct Compared {
    rate: Node,
    published: Node,
}

impl Compared {
    pub fn of(meaning: &Meaning, d: &mut Diagrams<'_>) -> Self {
        let (rated, kept) = (meaning.rated(d), meaning.kept(d));
        let published = d.or(rated, kept);
        let rate = d.choose(kept, meaning.start, meaning.rate);
        Self { rate, published }
    }

    /// Better records whose worse twin has a lower rate.
    pub fn lowered(&self, direction: &Direction, d: &mut Diagrams<'_>) -> Result<Node, TooLarge> {
        let (better, worse) = (&direction.better, &direction.worse);
        let rates = (d.replaced(self.rate, better)?, d.replaced(self.rate, worse)?);
        if rates.0 == rates.1 {
            return Ok(NO);
        }
        let lower = d.apply(Op::Less, rates.1, rates.0)?;
        let (one, other) = (d.replaced(self.published, better)?, d.replaced(self.published, worse)?);
        let both = d.and(one, other);
        let mut out = d.and(lower, both);
        if let Some(needs) = &direction.needs {
            let there = d.condition(needs, false)?;
            out = d.and(out, there);
        }
        Ok(out)
    }
}

impl Direction {
    /// A condition of the better record.
    pub fn at_better(&self, node: Node, d: &mut Diagrams<'_>) -> Result<Node, TooLarge> {
        d.replaced(node, &self.better)
    }

    /// The two records of a model: what it gives quantities in the better and in the worse record.
    pub fn twins(&self, model: &super::search::Model, basis: &Basis) -> [super::search::Model; 2] {
        [&self.better, &self.worse].map(|side| side.applied(model, basis))
    }
}
