//! A checked plan, for one class on one rating date, as decision diagrams: the stages here, the formulas in [`formula`],
//! what they sum over the rows of a record in [`rows`].

mod formula;
mod lookups;
mod rows;
mod unknown;

use super::basis::Sort;
use super::diagram::{Diagrams, NO, Node, Op, YES};
use super::linear::TooLarge;
use super::world::Key;
use crate::number::Decimal;
use crate::plan::checked::{AssertKind, Change, Checked, Rows, Table, Term, TermKind};
use crate::plan::compiled::Span;
use crate::plan::source::Out;
use crate::record::Date;

/// Why a formula cannot be said exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Outside(pub String);

impl From<TooLarge> for Outside {
    fn from(_: TooLarge) -> Self {
        Self("the proof outgrew its limits: a number beyond 128 bits, or too many parts".to_owned())
    }
}

pub(super) type Said<T> = Result<T, Outside>;

/// What a formula is.
#[derive(Clone, Copy, Debug)]
enum Meant {
    /// A number, and where it is undefined.
    Number {
        value: Node,
        undefined: Node,
    },
    Truth(Node),
    Day(Day),
    /// A class, cause or outcome by its place, which is known.
    Place(i128),
    /// The count of the row of claims: 0, or more.
    Count {
        counted: bool,
    },
}

#[derive(Clone, Copy, Debug)]
enum Day {
    Known(Date),
    Insured { first: bool },
}

/// A plan as diagrams.
#[derive(Clone, Debug)]
pub(super) struct Meaning {
    /// Conditions of the gates.
    pub gates: Vec<Node>,
    /// Which of them keep.
    pub keeps: Vec<bool>,
    /// Where a built-in review is given.
    pub wrong: Node,
    /// Conditions of the rows, by table.
    pub rows: Vec<Vec<Node>>,
    /// Whether exactly one row holds, or under `first` any.
    pub tables_hold: Node,
    /// Each adjust: where it holds, what it changes, and what becomes of it.
    pub adjusts: Vec<(Node, Node, Node)>,
    /// The step before and after the ladder's limits.
    pub unclamped: Node,
    pub step: Node,
    /// Where the ladder has no tier for the step.
    pub no_tier: Node,
    /// Rate before floor and cap; floor; cap; rate.
    pub unlimited: Node,
    pub floor: Option<Node>,
    pub cap: Option<Node>,
    pub rate: Node,
    /// What stands where the result is kept.
    pub start: Node,
    /// Conditions of the assertions, as far as they have one: `only_where`, or `is` and `where`.
    pub asserted: Vec<(Node, Node)>,
}

impl Meaning {
    /// Where no gate ends early.
    pub fn past_gates(&self, d: &mut Diagrams<'_>) -> Node {
        let any = self.gates.iter().fold(NO, |any, gate| d.or(any, *gate));
        d.not(any)
    }

    /// Where tables are asked: no gate, no built-in review.
    pub fn asked(&self, d: &mut Diagrams<'_>) -> Node {
        let (past, right) = (self.past_gates(d), d.not(self.wrong));
        d.and(past, right)
    }

    /// Where the result is `rated`.
    pub fn rated(&self, d: &mut Diagrams<'_>) -> Node {
        let asked = self.asked(d);
        let has_tier = d.not(self.no_tier);
        let sound = d.and(self.tables_hold, has_tier);
        d.and(asked, sound)
    }

    /// Where the result is `kept`: the first gate that holds keeps.
    pub fn kept(&self, d: &mut Diagrams<'_>) -> Node {
        self.gates.iter().zip(&self.keeps).rev().fold(NO, |rest, (gate, keeps)| {
            let this = if *keeps { YES } else { NO };
            d.choose(*gate, this, rest)
        })
    }
}

/// What reading a plan needs.
pub(super) struct Reader<'a, 'd, 'b> {
    pub plan: &'a Checked,
    pub date: Date,
    /// Class and industry, which are fixed.
    pub key: &'a Key,
    pub windows: &'a [Vec<Span>],
    /// Whether what cannot be said exactly is a quantity of its own.
    pub loose: bool,
    pub d: &'d mut Diagrams<'b>,
    measures: Vec<Meant>,
    /// What the tables before give that are not ones of steps.
    given: Vec<Node>,
    /// The class that the stages see; from 1.
    class: Node,
    step: Node,
    tier: Node,
    start: Node,
    rate: Node,
}

impl<'a, 'd, 'b> Reader<'a, 'd, 'b> {
    pub fn new(
        plan: &'a Checked,
        date: Date,
        key: &'a Key,
        windows: &'a [Vec<Span>],
        loose: bool,
        d: &'d mut Diagrams<'b>,
    ) -> Self {
        let zero = d.whole(0);
        let class = d.whole(i128::from(key.class));
        Self {
            plan,
            date,
            key,
            windows,
            loose,
            d,
            measures: Vec::new(),
            given: Vec::new(),
            class,
            step: zero,
            tier: zero,
            start: zero,
            rate: zero,
        }
    }

    /// The conditions on claims, for each sort of claim: claims that all treat alike are of one kind.
    pub fn sorted_by(&mut self, sort: Sort) -> Said<Vec<Node>> {
        let mut out = Vec::new();
        for filter in claim_filters(self.plan) {
            let held = self.held(filter, &[], sort);
            out.push(if self.loose { held.unwrap_or(NO) } else { held? });
        }
        Ok(out)
    }

    /// Whether a condition on claims holds of a sort of them.
    fn held(&mut self, filter: &Term, bound: &[(usize, Span)], sort: Sort) -> Said<Node> {
        let mut own = true;
        filter.walk(&mut |t| {
            own &= !matches!(
                t.kind,
                TermKind::Measure(_)
                    | TermKind::Aggregate { .. }
                    | TermKind::Quantified { .. }
                    | TermKind::WindowStart(_)
                    | TermKind::WindowEnd(_)
                    | TermKind::Complete(_)
            );
        });
        if !own {
            return Err(Outside("a condition on claims that looks beyond the row and the facts".to_owned()));
        }
        self.truth(filter, bound, Some(sort))
    }

    /// The whole plan.
    pub fn meaning(&mut self) -> Said<Meaning> {
        let plan = self.plan;
        if !self.loose && plan.looks_at_injuries() {
            return Err(Outside("what single injuries derive".to_owned()));
        }
        let mut wrong = NO;
        for measure in &plan.measures {
            let meant = self.term(&measure.term, &[], None)?;
            if let (Meant::Number { undefined, .. }, true) = (meant, measure.review) {
                wrong = self.d.or(wrong, undefined);
            }
            self.measures.push(meant);
        }
        let gates = plan.gates.iter().map(|g| self.condition(&g.when)).collect::<Said<Vec<_>>>()?;
        let keeps = plan.gates.iter().map(|g| g.kept).collect();
        let (rows, tables_hold) = self.tables()?;
        let (mut adjusts, mut unclamped) = (vec![(NO, NO, NO); plan.adjusts.len()], self.step);
        for (at, adjust) in plan.adjusts.iter().enumerate() {
            match &adjust.change {
                Change::Step(step) => {
                    let (when, before) = (self.condition(&adjust.when)?, self.step);
                    let changed = self.number(step)?.0;
                    self.step = self.d.choose(when, changed, before);
                    adjusts[at] = (when, before, self.step);
                    unclamped = self.step;
                }
                Change::Class(class) => {
                    let (when, before) = (self.condition(&adjust.when)?, self.class);
                    let changed = self.number(class)?.0;
                    let (first, last) = (self.d.whole(1), self.d.whole(i128::from(plan.classes)));
                    let changed = self.d.extreme(changed, first, true)?;
                    let changed = self.d.extreme(changed, last, false)?;
                    self.class = self.d.choose(when, changed, before);
                    adjusts[at] = (when, before, self.class);
                }
                Change::Rate(_) => {}
            }
        }
        let (step, tier, no_tier) = self.ladder(unclamped)?;
        (self.step, self.tier) = (step, tier);
        self.start = self.number(&plan.outcome.start.term)?.0;
        self.rate = self.number(&plan.outcome.rate.term)?.0;
        for (at, adjust) in plan.adjusts.iter().enumerate() {
            if let Change::Rate(rate) = &adjust.change {
                let (when, before) = (self.condition(&adjust.when)?, self.rate);
                let changed = self.number(rate)?.0;
                self.rate = self.d.choose(when, changed, before);
                adjusts[at] = (when, before, self.rate);
            }
        }
        let unlimited = self.rate;
        let floor = plan.outcome.floor.as_ref().map(|f| self.number(&f.term)).transpose()?.map(|f| f.0);
        let cap = plan.outcome.cap.as_ref().map(|c| self.number(&c.term)).transpose()?.map(|c| c.0);
        let mut rate = unlimited;
        if let Some(floor) = floor {
            rate = self.d.extreme(rate, floor, true)?;
        }
        if let Some(cap) = cap {
            rate = self.d.extreme(rate, cap, false)?;
        }
        self.finish(rate)?;
        let asserted = self.asserted()?;
        let start = self.start;
        Ok(Meaning {
            gates,
            keeps,
            wrong,
            rows,
            tables_hold,
            adjusts,
            unclamped,
            step,
            no_tier,
            unlimited,
            floor,
            cap,
            rate,
            start,
            asserted,
        })
    }

    fn tables(&mut self) -> Said<(Vec<Vec<Node>>, Node)> {
        let plan = self.plan;
        let (mut all, mut hold) = (Vec::new(), YES);
        for table in &plan.tables {
            let rows = table.rows.iter().map(|r| self.condition(&r.when)).collect::<Said<Vec<_>>>()?;
            let mut step = self.d.whole(0);
            let (mut any, mut several) = (NO, NO);
            for (row, node) in table.rows.iter().zip(&rows).rev() {
                let this = self.d.whole(i128::from(row.step));
                step = self.d.choose(*node, this, step);
                let both = self.d.and(any, *node);
                several = self.d.or(several, both);
                any = self.d.or(any, *node);
            }
            self.step = self.d.apply(Op::Plus, self.step, step)?;
            let given = self.gives(table, &rows)?;
            self.given.push(given);
            hold = self.d.and(hold, any);
            if table.unique {
                let one = self.d.not(several);
                hold = self.d.and(hold, one);
            }
            all.push(rows);
        }
        Ok((all, hold))
    }

    /// What a table gives that is not one of steps.
    fn gives(&mut self, table: &Table, rows: &[Node]) -> Said<Node> {
        let mut given = self.d.whole(0);
        if table.out != Out::Step {
            for (row, node) in table.rows.iter().zip(rows).rev() {
                let this = self.decimal(row.gives)?;
                given = self.d.choose(*node, this, given);
            }
        }
        Ok(given)
    }

    /// What assertions see of a finished result.
    fn finish(&mut self, rate: Node) -> Said<()> {
        self.rate = rate;
        if self.plan.asserts.is_empty() {
            return Ok(());
        }
        if let Some(factor) = &self.plan.ladder.factor {
            self.tier = self.number(factor)?.0;
        } else if self.plan.ladder.derived
            && let Some(base) = self.plan.params.iter().position(|p| p.name == "base_rate")
        {
            let base = self.param(base, None)?;
            self.tier = self.d.apply(Op::Over, rate, base)?;
        }
        Ok(())
    }

    /// The step within the class's limits, its tier, and where it has none.
    fn ladder(&mut self, step: Node) -> Said<(Node, Node, Node)> {
        let ladder = &self.plan.ladder;
        let mut step = step;
        if !ladder.allowed.is_empty() {
            let low =
                self.by_class(|class| ladder.allowed.get(class).map(|a| Decimal::new(a.0.into(), 0)))?;
            let high =
                self.by_class(|class| ladder.allowed.get(class).map(|a| Decimal::new(a.1.into(), 0)))?;
            step = self.d.extreme(step, low, true)?;
            step = self.d.extreme(step, high, false)?;
        }
        let zero = self.d.whole(0);
        if ladder.derived {
            return Ok((step, zero, NO));
        }
        let (mut tier, mut has_tier) = (zero, NO);
        for (at, value) in &ladder.tiers {
            let (this, value) = (self.d.whole(i128::from(*at)), self.decimal(*value)?);
            let equal = self.d.apply(Op::Equal, step, this)?;
            tier = self.d.choose(equal, value, tier);
            has_tier = self.d.or(has_tier, equal);
        }
        let no_tier = self.d.not(has_tier);
        Ok((step, tier, no_tier))
    }

    fn asserted(&mut self) -> Said<Vec<(Node, Node)>> {
        let plan = self.plan;
        let mut out = Vec::new();
        for assert in &plan.asserts {
            out.push(match &assert.kind {
                AssertKind::Inert { .. } | AssertKind::Jump { .. } => (YES, YES),
                AssertKind::NotMonotone { only_where, .. } => (self.condition(only_where)?, YES),
                AssertKind::Identity { is, holds_where, .. } => {
                    let at = holds_where.as_ref().map_or(Ok(YES), |w| self.condition(w))?;
                    (self.condition(is)?, at)
                }
            });
        }
        Ok(out)
    }
}

/// The conditions on claims of a plan.
pub(super) fn claim_filters(plan: &Checked) -> Vec<&Term> {
    let mut out = Vec::new();
    for term in plan.terms() {
        term.walk(&mut |t| {
            if let TermKind::Aggregate { rows: Rows::Claims, filter: Some(filter), .. } = &t.kind {
                out.push(&**filter);
            }
        });
    }
    out
}
