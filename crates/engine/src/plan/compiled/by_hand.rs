//! A step that a person set: the same nodes of the rate over it.
//!
//! What the law says of a class binds whoever sets the step: the class rules of the step run over it, then the ladder's
//! limits. Overlays and vetoes do not: weighing what they weigh is what the person did.
//!
//! Gates and reviews are lowered as always, so that a result can say what stood before; they end nothing. What the
//! rate itself reads must be known all the same: a rate that needs a missing fact is no surer because its step is. Only
//! a condition over a broken window or a quotient without value is not so here, as everywhere in the language: whoever
//! sets a step has seen the record, and most records of that kind cannot be mended.

use super::lower::Lower;
use super::stages::Rates;
use super::{Id, Input, MeasureSlot, Node, Op, Quantity, Review, ReviewWhy, TableSlot};
use crate::plan::checked::Checked;
use crate::plan::source::Out;

/// The stages before the rate, which reviews speak of.
#[derive(Clone, Copy)]
pub(super) struct Before<'a> {
    pub measures: &'a [MeasureSlot],
    pub tables: &'a [(Option<Id>, TableSlot)],
}

impl Lower<'_> {
    /// The step as it was set; 0 where the ladder has no tier for it.
    pub(super) fn step_by_hand(&mut self, step: i64) -> Id {
        let step = if self.plan.ladder.tier(step).is_some() { step } else { 0 };
        self.builder.constant(i128::from(step))
    }

    /// What no step settles: the ladder has no tier for it or for what class rules make of it, or the numbers of the
    /// result read what a review calls wrong. `step` is the one within the ladder's limits.
    pub(super) fn left_open(
        &mut self,
        by_hand: i64,
        step: Id,
        reviews: &[Review],
        before: Before<'_>,
    ) -> Vec<Review> {
        let roots = self.roots(step);
        let nodes = &self.builder.nodes;
        let reading = Reading { nodes, all: read(nodes, &roots, true), numbers: read(nodes, &roots, false) };
        let reads = |review: &&Review| reading.reads(&review.why, before, self.plan);
        let mut left: Vec<Review> = reviews.iter().filter(reads).cloned().collect();
        let no_tier = if self.plan.ladder.tier(by_hand).is_none() {
            Some(Review { why: ReviewWhy::NoTier, when: self.builder.boolean(true) })
        } else {
            self.no_tier(step, &left)
        };
        left.extend(no_tier);
        left
    }

    /// The nodes of the result where nothing ends early: its numbers, and where they have no value.
    fn roots(&mut self, step: Id) -> Vec<Id> {
        let never = self.builder.boolean(false);
        let base = self.base_rate();
        let moved_tier = self.ladder_tier(step);
        let rates = self.rates(step, moved_tier, never);
        let tier = self.tier(moved_tier, never, &rates);
        let charged = self.charged(step, moved_tier, never, rates.rate);
        let Rates { start, moved, adjusts: _, unlimited, floor, cap, rate } = rates;
        let limits = floor.into_iter().chain(cap);
        let all = [base, tier, start, moved, unlimited, rate].into_iter().chain(limits);
        let all = all.chain(charged.into_iter().map(|(_, rate)| rate));
        all.flat_map(ids).chain([self.class]).collect()
    }
}

fn ids(q: Quantity) -> impl Iterator<Item = Id> {
    [Some(q.num), q.den, q.undefined].into_iter().flatten()
}

/// Which nodes the roots are made of; `conditions` says whether what only chooses between two numbers is one of them.
fn read(nodes: &[Node], roots: &[Id], conditions: bool) -> Vec<bool> {
    let mut open = roots.to_vec();
    let mut read = vec![false; nodes.len()];
    while let Some(id) = open.pop() {
        if std::mem::replace(&mut read[id], true) {
            continue;
        }
        match nodes[id].op {
            Op::Select(_, a, b) if !conditions => open.extend([a, b]),
            ref op => op.operands(|operand| open.push(operand)),
        }
    }
    read
}

/// What the numbers of a result are made of.
struct Reading<'a> {
    nodes: &'a [Node],
    /// Everything.
    all: Vec<bool>,
    /// Without what only chooses between two numbers.
    numbers: Vec<bool>,
}

impl Reading<'_> {
    /// Whether something is read that a review calls wrong.
    fn reads(&self, why: &ReviewWhy, before: Before<'_>, plan: &Checked) -> bool {
        let known = |id: Id| matches!(self.nodes[id].op, Op::Const(_) | Op::Bool(_));
        let any = |read: &[bool], id: Id| !known(id) && read[id];
        let inputs = |wrong: &dyn Fn(Input) -> bool| {
            let mut read = self.nodes.iter().zip(&self.all).filter(|(_, read)| **read);
            read.any(|(node, _)| matches!(node.op, Op::Input(input) if wrong(input)))
        };
        match *why {
            ReviewWhy::Straddled | ReviewWhy::Incomplete => {
                self.nodes.iter().zip(&self.numbers).any(|(node, read)| *read && node.extent.is_rows())
            }
            ReviewWhy::MissingCell(column) => inputs(
                &|input| matches!(input, Input::Cell(c) | Input::Missing(c) | Input::Injury(c) if c == column),
            ),
            ReviewWhy::UnknownRowClass(_) => inputs(&|input| matches!(input, Input::RowClass(_))),
            ReviewWhy::Grouped => inputs(&|input| matches!(input, Input::Injury(_) | Input::AccidentDate)),
            ReviewWhy::MissingFact(at) => inputs(
                &|input| matches!(input, Input::Fact(a) | Input::Flag(a) | Input::FactGiven(a) if a == at),
            ),
            ReviewWhy::Undefined(at) => match before.measures[at] {
                MeasureSlot::Number(q) => ids(q).any(|id| any(&self.numbers, id)),
                MeasureSlot::Boolean(_) | MeasureSlot::Date(_) => false,
            },
            // What the step would have been is decided; what another table gives is not.
            ReviewWhy::NoRow(at) | ReviewWhy::SeveralRows(at) => {
                let rows = &before.tables[at].1.rows;
                plan.tables[at].out != Out::Step && rows.iter().any(|id| any(&self.all, *id))
            }
            ReviewWhy::NoTier => false,
        }
    }
}
