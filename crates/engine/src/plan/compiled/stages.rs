//! The stages of a plan to nodes, ending in the program.

use super::build::Builder;
use super::by_hand::Before;
use super::lower::{Lower, Value, stage_key};
use super::{
    AdjustSlot, ChangeSlot, Frozen, Id, Input, MeasureSlot, Probe, Program, Quantity, Question, Review,
    ReviewWhy, Span, TableSlot, windows,
};
use crate::limits::NODES_MAX;
use crate::number::Decimal;
use crate::plan::checked::{Adjust, Assert, AssertKind, Change, Checked, Cited, StageValue, Table, Term};
use crate::plan::source::{AdjustKind, Out, ReductionMode};
use crate::record::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Compiles a plan for a rating date. Whether the plan rates on that date is the caller's to know.
///
/// # Errors
///
/// A sentence, when a parameter has no value on that date or the program exceeds a limit.
pub fn compile(
    plan: &Arc<Checked>,
    rating_date: Date,
    plan_digest: [u8; 32],
    portfolio: &[Frozen],
) -> Result<Program, String> {
    compile_asking(plan, rating_date, plan_digest, portfolio, &[]).map(|(program, _)| program)
}

/// Compiles a plan for a rating date, with the nodes that answer questions about it: for each question its probes.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_asking(
    plan: &Arc<Checked>,
    rating_date: Date,
    plan_digest: [u8; 32],
    portfolio: &[Frozen],
    questions: &[Question<'_>],
) -> Result<(Program, Vec<Vec<Probe>>), String> {
    compile_all(plan, rating_date, plan_digest, portfolio, &Wanted { questions, ..Wanted::default() })
        .map(|(program, probes, _)| (program, probes))
}

/// Compiles a plan for a rating date, with the nodes of its assertions: for each what it says, and where. Those that speak
/// of no result are true everywhere.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_asserted(
    plan: &Arc<Checked>,
    rating_date: Date,
    plan_digest: [u8; 32],
    portfolio: &[Frozen],
) -> Result<(Program, Vec<(Id, Id)>), String> {
    compile_all(plan, rating_date, plan_digest, portfolio, &Wanted { asserted: true, ..Wanted::default() })
        .map(|(program, _, asserted)| (program, asserted))
}

/// Compiles a plan for a rating date and a step that a person set: everything after the step is computed as always. The
/// class rules of the step and the ladder's limits bind it, so the step of the result may be another.
///
/// # Errors
///
/// As [`compile`], and when the plan has no tiers.
pub fn compile_by_hand(
    plan: &Arc<Checked>,
    rating_date: Date,
    plan_digest: [u8; 32],
    portfolio: &[Frozen],
    step: i64,
) -> Result<Program, String> {
    if plan.ladder.tiers.is_empty() {
        return Err(format!("{} has no tiers, so no step can be set by hand", plan.id));
    }
    let wanted = Wanted { by_hand: Some(step), ..Wanted::default() };
    compile_all(plan, rating_date, plan_digest, portfolio, &wanted).map(|(program, ..)| program)
}

/// What is asked of a program besides results.
#[derive(Clone, Copy, Default)]
struct Wanted<'a> {
    /// Questions about the plan.
    questions: &'a [Question<'a>],
    /// Whether the assertions are lowered.
    asserted: bool,
    /// The step that a person set.
    by_hand: Option<i64>,
}

/// A program, the probes of the questions, and the nodes of the assertions.
type Compiled = (Program, Vec<Vec<Probe>>, Vec<(Id, Id)>);

fn compile_all(
    plan: &Arc<Checked>,
    rating_date: Date,
    plan_digest: [u8; 32],
    portfolio: &[Frozen],
    wanted: &Wanted<'_>,
) -> Result<Compiled, String> {
    for param in &plan.params {
        if param.entries.iter().all(|e| e.0.is_some_and(|from| from > rating_date)) {
            return Err(format!("parameter `{}` has no value on {rating_date}", param.name));
        }
    }
    if let Some(value) = plan.portfolio.get(portfolio.len()) {
        return Err(format!("{} needs the portfolio value `{}`, which is not given", plan.id, value.name));
    }
    let windows = windows::resolve(&plan.windows, rating_date);
    let mut lower = Lower::new(plan, rating_date, &windows, portfolio);
    let own_class = lower.class;
    let measures = lower.measures();
    let employer_sums = lower.employer_sums();
    let eaches = lower.each_nodes();
    let gates: Vec<Id> = plan.gates.iter().map(|g| lower.condition(&g.when)).collect();
    let tables = lower.tables();
    let mut step = lower.builder.constant(0);
    for (_, slot) in &tables {
        step = lower.builder.add(step, slot.step);
    }
    let mut set = wanted.by_hand.map(|step| lower.step_by_hand(step));
    let step_slots = lower.adjusts(&mut step, set.as_mut());
    let unclamped_step = step;
    let (broken_window, mut reviews) = lower.reviews(&measures, &tables);
    let step = lower.clamp(unclamped_step);
    reviews.extend(lower.no_tier(step, &reviews));
    let (mut unclamped_step, mut step, mut left_open) = (unclamped_step, step, Vec::new());
    if let (Some(by_hand), Some(set)) = (wanted.by_hand, set) {
        (unclamped_step, step) = (set, lower.clamp(set));
        let before = Before { measures: &measures, tables: &tables };
        left_open = lower.left_open(by_hand, step, &reviews, before);
    }
    let ends: Vec<Id> = match wanted.by_hand {
        None => gates.iter().copied().chain(reviews.iter().map(|r| r.when)).collect(),
        Some(_) => left_open.iter().map(|r| r.when).collect(),
    };
    let never = lower.builder.boolean(false);
    let early = ends.into_iter().reduce(|all, id| lower.builder.or(all, id)).unwrap_or(never);
    let zero = lower.builder.constant(0);
    let step = lower.builder.select(early, zero, step);
    let base_rate = lower.base_rate();
    let moved_tier = lower.ladder_tier(step);
    let rates = lower.rates(step, moved_tier, early);
    let tier = lower.tier(moved_tier, early, &rates);
    let charged = lower.charged(step, moved_tier, early, rates.rate);
    let adjusts = in_order(plan, step_slots, &rates.adjusts);
    let asserted = if wanted.asserted { lower.asserted(step, tier, &rates) } else { Vec::new() };
    let class = lower.class;
    lower.class = own_class;
    let watches = lower.watches();
    let probes = wanted.questions.iter().map(|question| lower.probes(question)).collect();
    let builder = lower.builder;
    if builder.nodes.len() > NODES_MAX {
        return Err(format!("the compiled plan has {} nodes; the limit is {NODES_MAX}", builder.nodes.len()));
    }
    if builder.overflowed {
        return Err("a number of the plan does not fit 128 bits".to_owned());
    }
    let program = Program {
        plan: Arc::clone(plan),
        rating_date,
        plan_digest,
        nodes: builder.nodes,
        windows,
        gates,
        watches,
        reviews,
        by_hand: wanted.by_hand,
        left_open,
        broken_window,
        eaches,
        portfolio: portfolio.to_vec(),
        employer_sums,
        measures,
        tables: tables.into_iter().map(|(_, slot)| slot).collect(),
        adjusts,
        unclamped_step,
        step,
        class,
        tier,
        base_rate,
        start: rates.start,
        moved_rate: rates.moved,
        unlimited_rate: rates.unlimited,
        floor: rates.floor,
        cap: rates.cap,
        rate: rates.rate,
        charged,
    };
    Ok((program, probes, asserted))
}

/// The slots of all adjusts in the plan's order, from those of the step and those of the rate.
fn in_order(plan: &Checked, steps: Vec<AdjustSlot>, rates: &[AdjustSlot]) -> Vec<AdjustSlot> {
    let (mut steps, mut rates) = (steps.into_iter(), rates.iter().cloned());
    let slot = |change: &Change| match change {
        Change::Step(_) | Change::Class(_) => steps.next(),
        Change::Rate(_) => rates.next(),
    };
    plan.adjusts.iter().map(|a| &a.change).filter_map(slot).collect()
}

/// The nodes of the rate.
pub(super) struct Rates {
    pub start: Quantity,
    pub moved: Quantity,
    pub adjusts: Vec<AdjustSlot>,
    pub unlimited: Quantity,
    pub floor: Option<Quantity>,
    pub cap: Option<Quantity>,
    pub rate: Quantity,
}

impl<'a> Lower<'a> {
    pub(super) fn new(
        plan: &'a Checked,
        rating_date: Date,
        windows: &'a [Vec<Span>],
        portfolio: &'a [Frozen],
    ) -> Self {
        let mut builder = Builder::default();
        let class = builder.input(Input::Class);
        Self {
            plan,
            rating_date,
            windows,
            builder,
            measures: Vec::new(),
            stage: BTreeMap::new(),
            base_factor: None,
            missing: Vec::new(),
            class,
            eaches: vec![None; plan.eaches.len()],
            given: Vec::new(),
            portfolio,
            totals: [].iter(),
            employers: 0,
        }
    }
}

impl Lower<'_> {
    /// Each table with the nodes that count its hits.
    fn tables(&mut self) -> Vec<(Option<Id>, TableSlot)> {
        let plan = self.plan;
        let mut out = Vec::new();
        for table in &plan.tables {
            let rows: Vec<Id> = table.rows.iter().map(|r| self.condition(&r.when)).collect();
            let mut step = self.builder.constant(0);
            let mut hits = table.unique.then(|| self.builder.constant(0));
            for (row, id) in table.rows.iter().zip(&rows).rev() {
                let this = self.builder.constant(i128::from(row.step));
                step = self.builder.select(*id, this, step);
                if let Some(count) = hits {
                    let (one, zero) = (self.builder.constant(1), self.builder.constant(0));
                    let hit = self.builder.select(*id, one, zero);
                    hits = Some(self.builder.add(count, hit));
                }
            }
            let given = self.gives(table, &rows);
            self.given.push(given);
            out.push((hits, TableSlot { rows, step }));
        }
        out
    }

    /// What a table gives that is not one of steps: the value of the row that is hit.
    fn gives(&mut self, table: &Table, rows: &[Id]) -> Value {
        let scale = table.rows.iter().map(|r| r.gives.places()).max().unwrap_or(0);
        let mut out = self.builder.constant(0);
        for (row, id) in table.rows.iter().zip(rows).rev() {
            let units = row.gives.mantissa() * 10_i128.pow(scale - row.gives.places());
            let this = self.builder.constant(units);
            out = self.builder.select(*id, this, out);
        }
        match table.out {
            Out::Choice => Value::Plain(out),
            _ => Value::Number(Quantity::of(out, i32::try_from(scale).unwrap_or(0))),
        }
    }

    /// The class that a formula gives, within the plan's classes.
    fn changed_class(&mut self, formula: &Term) -> Id {
        let before = Quantity::of(self.class, 0);
        self.stage.insert(stage_key(StageValue::Class), before);
        let changed = self.number(formula).num;
        let (first, last) = (self.builder.constant(1), self.builder.constant(i128::from(self.plan.classes)));
        let changed = self.builder.max(changed, first);
        self.builder.min(changed, last)
    }

    /// The adjusts of the step and of the class. Those that bind a step that a person set run over that one too, and
    /// their slots are the ones of that run.
    fn adjusts(&mut self, step: &mut Id, mut set: Option<&mut Id>) -> Vec<AdjustSlot> {
        let plan = self.plan;
        let mut out = Vec::new();
        for adjust in &plan.adjusts {
            let slot = match &adjust.change {
                Change::Rate(_) => continue,
                Change::Step(formula) => {
                    let slot = self.step_adjust(adjust, formula, step);
                    match set.as_deref_mut().filter(|_| adjust.kind == AdjustKind::ClassRule) {
                        Some(set) => self.step_adjust(adjust, formula, set),
                        None => slot,
                    }
                }
                Change::Class(formula) => {
                    self.stage.insert(stage_key(StageValue::Step), Quantity::of(*step, 0));
                    let when = self.condition(&adjust.when);
                    let (own, changed) = (self.class, self.changed_class(formula));
                    self.class = self.builder.select(when, changed, own);
                    AdjustSlot { when, change: ChangeSlot::Class(own, self.class) }
                }
            };
            out.push(slot);
        }
        out
    }

    /// An adjust of the step, over a step.
    fn step_adjust(&mut self, adjust: &Adjust, formula: &Term, step: &mut Id) -> AdjustSlot {
        let before = *step;
        self.stage.insert(stage_key(StageValue::Step), Quantity::of(before, 0));
        let when = self.condition(&adjust.when);
        let changed = self.number(formula).num;
        *step = self.builder.select(when, changed, before);
        AdjustSlot { when, change: ChangeSlot::Step(before, *step) }
    }

    /// The adjusts of the rate, which run after its formula.
    fn rate_adjusts(&mut self, rate: &mut Quantity) -> Vec<AdjustSlot> {
        let plan = self.plan;
        let mut out = Vec::new();
        for adjust in &plan.adjusts {
            let Change::Rate(formula) = &adjust.change else { continue };
            let before = *rate;
            self.stage.insert(stage_key(StageValue::Rate), before);
            let when = self.condition(&adjust.when);
            let changed = self.number(formula);
            *rate = self.builder.choose(when, changed, before);
            out.push(AdjustSlot { when, change: ChangeSlot::Rate(before, *rate) });
        }
        out
    }

    fn reviews(&mut self, measures: &[MeasureSlot], tables: &[(Option<Id>, TableSlot)]) -> (Id, Vec<Review>) {
        let plan = self.plan;
        let (mut straddled, mut incomplete) = (self.builder.boolean(false), self.builder.boolean(false));
        for (window, spans) in plan.windows.iter().zip(self.windows) {
            for span in spans.iter().filter(|_| window.source.review) {
                let (a, b) = (self.builder.straddled(*span), self.builder.incomplete(*span));
                straddled = self.builder.or(straddled, a);
                incomplete = self.builder.or(incomplete, b);
            }
        }
        let broken = self.builder.or(straddled, incomplete);
        let mut reviews = vec![
            Review { why: ReviewWhy::Straddled, when: straddled },
            Review { why: ReviewWhy::Incomplete, when: incomplete },
        ];
        // One reason a column, in the order of the record's fields.
        let mut missing: Vec<Review> = Vec::new();
        let mut cells = std::mem::take(&mut self.missing);
        cells.sort_unstable_by_key(|(column, _)| *column);
        for (column, when) in cells {
            match missing.last_mut() {
                Some(Review { why: ReviewWhy::MissingCell(last), when: all }) if *last == column => {
                    *all = self.builder.or(*all, when);
                }
                _ => missing.push(Review { why: ReviewWhy::MissingCell(column), when }),
            }
        }
        reviews.extend(missing);
        for (rows, when) in self.unknown_row_class() {
            reviews.push(Review { why: ReviewWhy::UnknownRowClass(rows), when });
        }
        reviews.extend(self.grouped().map(|when| Review { why: ReviewWhy::Grouped, when }));
        for at in (0..plan.facts.len()).filter(|at| plan.facts[*at].required) {
            let given = self.builder.input(Input::FactGiven(at));
            let when = self.builder.not(given);
            reviews.push(Review { why: ReviewWhy::MissingFact(at), when });
        }
        for (at, slot) in measures.iter().enumerate().filter(|(at, _)| plan.measures[*at].review) {
            let MeasureSlot::Number(Quantity { undefined: Some(undefined), missing, .. }) = slot else {
                continue;
            };
            // A measure that only uses another's quotient has nothing of its own to say.
            let said = (0..at).any(|earlier| {
                plan.measures[earlier].review
                    && matches!(&measures[earlier], MeasureSlot::Number(q) if q.undefined == Some(*undefined))
            });
            if said {
                continue;
            }
            let when = match missing {
                None => *undefined,
                Some(missing) => {
                    let known = self.builder.not(*missing);
                    self.builder.and(*undefined, known)
                }
            };
            reviews.push(Review { why: ReviewWhy::Undefined(at), when });
        }
        // Rows that do not hold because something above is wrong are not the table's fault.
        let wrong = reviews.iter().fold(None, |all: Option<Id>, review| {
            Some(all.map_or(review.when, |all| self.builder.or(all, review.when)))
        });
        for (at, (hits, slot)) in tables.iter().enumerate() {
            let any = slot
                .rows
                .iter()
                .fold(None, |all: Option<Id>, id| Some(all.map_or(*id, |all| self.builder.or(all, *id))));
            let mut conditions = Vec::new();
            if let Some(any) = any {
                conditions.push((ReviewWhy::NoRow(at), self.builder.not(any)));
            }
            if let Some(hits) = hits {
                let one = self.builder.constant(1);
                conditions.push((ReviewWhy::SeveralRows(at), self.builder.less(one, *hits)));
            }
            for (why, mut when) in conditions {
                if let Some(wrong) = wrong {
                    let right = self.builder.not(wrong);
                    when = self.builder.and(when, right);
                }
                if self.builder.known_boolean(when) != Some(false) {
                    reviews.push(Review { why, when });
                }
            }
        }
        (broken, reviews)
    }

    /// The step within what the class may reach.
    pub(super) fn clamp(&mut self, step: Id) -> Id {
        let allowed = &self.plan.ladder.allowed;
        if allowed.is_empty() {
            return step;
        }
        let class = self.class;
        let low = self.builder.lookup(class, 1, allowed.iter().map(|a| i128::from(a.0)).collect());
        let high = self.builder.lookup(class, 1, allowed.iter().map(|a| i128::from(a.1)).collect());
        let step = self.builder.max(step, low);
        self.builder.min(step, high)
    }

    /// The review of a step that the ladder has no tier for. What is wrong before it is not the ladder's fault.
    pub(super) fn no_tier(&mut self, step: Id, others: &[Review]) -> Option<Review> {
        let mut none = self.builder.boolean(false);
        for gap in self.plan.ladder.gaps() {
            let gap = self.builder.constant(i128::from(gap));
            let here = self.builder.equal(step, gap);
            none = self.builder.or(none, here);
        }
        // Where every step is open to all, tables may give one beyond the ladder's ends.
        if let ([(lowest, _), .., (highest, _)], true) =
            (self.plan.ladder.tiers.as_slice(), self.plan.ladder.allowed.is_empty())
        {
            let (lowest, highest) =
                (self.builder.constant(i128::from(*lowest)), self.builder.constant(i128::from(*highest)));
            for beyond in [self.builder.less(step, lowest), self.builder.less(highest, step)] {
                none = self.builder.or(none, beyond);
            }
        }
        if self.builder.known_boolean(none) == Some(false) {
            return None;
        }
        for other in others {
            let right = self.builder.not(other.when);
            none = self.builder.and(none, right);
        }
        Some(Review { why: ReviewWhy::NoTier, when: none })
    }

    /// What the ladder multiplies the start with; 1 where it is derived.
    pub(super) fn ladder_tier(&mut self, step: Id) -> Quantity {
        let ladder = &self.plan.ladder;
        let Some((lowest, _)) = ladder.tiers.first() else { return self.builder.decimal(Decimal::ONE) };
        let highest = ladder.tiers.last().map_or(*lowest, |t| t.0);
        // A step without a tier is a review, which stands at step 0.
        let tiers = (*lowest..=highest).map(|step| ladder.tier(step).unwrap_or(Decimal::ONE));
        self.builder.by_key(step, i128::from(*lowest), &tiers.collect::<Vec<_>>())
    }

    /// The tier of the result: rate over base rate on a derived ladder and for who stays at a start other than the
    /// base, otherwise the ladder's.
    pub(super) fn tier(&mut self, ladder: Quantity, early: Id, rates: &Rates) -> Quantity {
        let plan = self.plan;
        if let Some(factor) = &plan.ladder.factor {
            self.stage.insert(stage_key(StageValue::Rate), rates.rate);
            let tier = self.number(factor);
            if !plan.outcome.start.is_base_rate(&plan.params) {
                return tier;
            }
            let one = self.builder.decimal(Decimal::ONE);
            return self.builder.choose(early, one, tier);
        }
        if self.plan.ladder.derived {
            return self.over_base(rates.rate);
        }
        if self.plan.outcome.start.is_base_rate(&self.plan.params) {
            return ladder;
        }
        let stays = self.over_base(rates.start);
        self.builder.choose(early, stays, ladder)
    }

    /// A rate over the base rate of the employer's class. The check has made sure that it is a finite decimal.
    fn over_base(&mut self, rate: Quantity) -> Quantity {
        let inverses = self.plan.inverse_base_rates(self.rating_date);
        let inverse = match inverses.as_slice() {
            [one] => self.builder.decimal(*one),
            _ if self.plan.classes == 0 => {
                let key = self.builder.input(Input::Industry);
                self.builder.by_key(key, 0, &inverses)
            }
            _ => self.builder.by_key(self.class, 1, &inverses),
        };
        self.builder.product(rate, inverse)
    }

    pub(super) fn rates(&mut self, step: Id, tier: Quantity, early: Id) -> Rates {
        let outcome = &self.plan.outcome;
        let start = self.number(&outcome.start.term);
        self.stage.insert(stage_key(StageValue::Step), Quantity::of(step, 0));
        self.stage.insert(stage_key(StageValue::Tier), tier);
        self.stage.insert(stage_key(StageValue::Start), start);
        let moved = self.number(&outcome.rate.term);
        let mut adjusted = moved;
        let adjusts = self.rate_adjusts(&mut adjusted);
        let unlimited = self.builder.choose(early, start, adjusted);
        let mut limited = unlimited;
        let limit = |lower: &mut Self, cited: &Option<Cited>| cited.as_ref().map(|c| lower.number(&c.term));
        let (floor, cap) = (limit(self, &outcome.floor), limit(self, &outcome.cap));
        if let Some(floor) = floor {
            limited = self.builder.extreme(limited, floor, true);
        }
        if let Some(cap) = cap {
            limited = self.builder.extreme(limited, cap, false);
        }
        // Kept and review stand at the start, limits or not.
        let rate = self.builder.choose(early, start, limited);
        Rates { start, moved, adjusts, unlimited, floor, cap, rate }
    }

    /// What the assertions say of a finished result, and where.
    fn asserted(&mut self, step: Id, tier: Quantity, rates: &Rates) -> Vec<(Id, Id)> {
        let plan = self.plan;
        self.stage.insert(stage_key(StageValue::Step), Quantity::of(step, 0));
        self.stage.insert(stage_key(StageValue::Tier), tier);
        self.stage.insert(stage_key(StageValue::Start), rates.start);
        self.stage.insert(stage_key(StageValue::Rate), rates.rate);
        let always = self.builder.boolean(true);
        let one = |lower: &mut Self, assert: &Assert| match &assert.kind {
            AssertKind::Inert { .. } | AssertKind::Jump { .. } => (always, always),
            AssertKind::NotMonotone { only_where, .. } => (lower.condition(only_where), always),
            AssertKind::Identity { is, holds_where, .. } => {
                let place = holds_where.as_ref().map_or(always, |place| lower.condition(place));
                (lower.condition(is), place)
            }
        };
        plan.asserts.iter().map(|assert| one(self, assert)).collect()
    }

    /// The charged rates: one for each stretch of the rating year with its own reductions.
    pub(super) fn charged(
        &mut self,
        step: Id,
        tier: Quantity,
        early: Id,
        rate: Quantity,
    ) -> Vec<(Date, Quantity)> {
        let plan = self.plan;
        let first = self.rating_date;
        let valid = plan.rating.as_ref().map_or(12, |r| r.valid_months);
        let last = first.plus_months(i32::try_from(valid).unwrap_or(12)).plus_days(-1);
        let mut days = vec![first];
        for reduction in &plan.reductions {
            days.extend(
                [reduction.from, reduction.to.plus_days(1)].into_iter().filter(|d| first < *d && *d <= last),
            );
        }
        days.sort_unstable();
        days.dedup();
        days.into_iter()
            .map(|day| {
                let reduction = plan.reductions.iter().find(|r| r.from <= day && day <= r.to);
                let Some(reduction) = reduction else { return (day, rate) };
                let one = 10_i128.pow(reduction.cut.places());
                let left = Decimal::new(one - reduction.cut.mantissa(), reduction.cut.places());
                let charged = match reduction.mode {
                    ReductionMode::OnBase => {
                        self.base_factor = Some(left);
                        let cut = self.rates(step, tier, early).rate;
                        self.base_factor = None;
                        cut
                    }
                    ReductionMode::OnCurrent | ReductionMode::ExcludeClass1 => {
                        let left = self.builder.decimal(left);
                        let cut = self.builder.product(rate, left);
                        if reduction.mode == ReductionMode::OnCurrent {
                            return (day, cut);
                        }
                        let (class, one) = (self.class, self.builder.constant(1));
                        let class_1 = self.builder.equal(class, one);
                        self.builder.choose(class_1, rate, cut)
                    }
                };
                (day, charged)
            })
            .collect()
    }
}
