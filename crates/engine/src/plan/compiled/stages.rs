//! The stages of a plan to nodes, ending in the program.

use super::build::Builder;
use super::lower::{Lower, stage_key};
use super::{AdjustSlot, Id, Input, MeasureSlot, Program, Quantity, Review, ReviewWhy, TableSlot, windows};
use crate::limits::NODES_MAX;
use crate::number::Decimal;
use crate::plan::checked::{Checked, Cited, StageValue};
use crate::plan::source::ReductionMode;
use crate::record::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Compiles a plan for a rating date. Whether the plan rates on that date is the caller's to know.
///
/// # Errors
///
/// A sentence, when a parameter has no value on that date or the program exceeds a limit.
pub fn compile(plan: &Arc<Checked>, rating_date: Date, plan_digest: [u8; 32]) -> Result<Program, String> {
    for param in &plan.params {
        if param.entries.iter().all(|e| e.0.is_some_and(|from| from > rating_date)) {
            return Err(format!("parameter `{}` has no value on {rating_date}", param.name));
        }
    }
    let windows = windows::resolve(&plan.windows, rating_date);
    let mut lower = Lower {
        plan,
        rating_date,
        windows: &windows,
        builder: Builder::default(),
        measures: Vec::new(),
        stage: BTreeMap::new(),
        base_factor: None,
        missing: Vec::new(),
    };
    let measures = lower.measures();
    let gates: Vec<Id> = plan.gates.iter().map(|g| lower.condition(&g.when)).collect();
    let tables = lower.tables();
    let mut step = lower.builder.constant(0);
    for (_, slot) in &tables {
        step = lower.builder.add(step, slot.step);
    }
    let adjusts = lower.adjusts(&mut step);
    let unclamped_step = step;
    let (broken_window, reviews) = lower.reviews(&measures, &tables);
    let early = gates
        .iter()
        .chain(reviews.iter().map(|r| &r.when))
        .fold(None, |all, id| Some(all.map_or(*id, |all| lower.builder.or(all, *id))));
    let never = lower.builder.boolean(false);
    let early = early.unwrap_or(never);
    let step = lower.clamp(unclamped_step);
    let zero = lower.builder.constant(0);
    let step = lower.builder.select(early, zero, step);
    let tier = lower.tier(step);
    let base_rate = lower.base_rate();
    let rates = lower.rates(step, tier, early);
    let charged = lower.charged(step, tier, early, rates.rate);
    let watches = lower.watches();
    let builder = lower.builder;
    if builder.nodes.len() > NODES_MAX {
        return Err(format!("the compiled plan has {} nodes; the limit is {NODES_MAX}", builder.nodes.len()));
    }
    if builder.overflowed {
        return Err("a number of the plan does not fit 128 bits".to_owned());
    }
    Ok(Program {
        plan: Arc::clone(plan),
        rating_date,
        plan_digest,
        nodes: builder.nodes,
        windows,
        gates,
        watches,
        reviews,
        broken_window,
        measures,
        tables: tables.into_iter().map(|(_, slot)| slot).collect(),
        adjusts,
        unclamped_step,
        step,
        tier,
        base_rate,
        unlimited_rate: rates.unlimited,
        floor: rates.floor,
        cap: rates.cap,
        rate: rates.rate,
        charged,
    })
}

/// The nodes of the rate.
struct Rates {
    unlimited: Quantity,
    floor: Option<Quantity>,
    cap: Option<Quantity>,
    rate: Quantity,
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
            out.push((hits, TableSlot { rows, step }));
        }
        out
    }

    fn adjusts(&mut self, step: &mut Id) -> Vec<AdjustSlot> {
        let plan = self.plan;
        let mut out = Vec::new();
        for adjust in &plan.adjusts {
            let before = *step;
            self.stage.insert(stage_key(StageValue::Step), Quantity::of(before, 0));
            let when = self.condition(&adjust.when);
            let changed = self.number(&adjust.step).num;
            *step = self.builder.select(when, changed, before);
            out.push(AdjustSlot { when, before, after: *step });
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
    fn clamp(&mut self, step: Id) -> Id {
        let allowed = &self.plan.ladder.allowed;
        let class = self.builder.input(Input::Class);
        let low = self.builder.lookup(class, 1, allowed.iter().map(|a| i128::from(a.0)).collect());
        let high = self.builder.lookup(class, 1, allowed.iter().map(|a| i128::from(a.1)).collect());
        let step = self.builder.max(step, low);
        self.builder.min(step, high)
    }

    fn tier(&mut self, step: Id) -> Quantity {
        let ladder = &self.plan.ladder;
        let scale = ladder.tiers.iter().map(|t| t.places()).max().unwrap_or(0);
        let units = ladder.tiers.iter().map(|t| t.mantissa() * 10_i128.pow(scale - t.places())).collect();
        let num = self.builder.lookup(step, i128::from(ladder.lowest), units);
        Quantity::of(num, i32::try_from(scale).unwrap_or(0))
    }

    fn rates(&mut self, step: Id, tier: Quantity, early: Id) -> Rates {
        let outcome = &self.plan.outcome;
        let start = self.number(&outcome.start.term);
        self.stage.insert(stage_key(StageValue::Step), Quantity::of(step, 0));
        self.stage.insert(stage_key(StageValue::Tier), tier);
        self.stage.insert(stage_key(StageValue::Start), start);
        let moved = self.number(&outcome.rate.term);
        let unlimited = self.builder.choose(early, start, moved);
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
        Rates { unlimited, floor, cap, rate }
    }

    /// The charged rates: one for each stretch of the rating year with its own reductions.
    fn charged(&mut self, step: Id, tier: Quantity, early: Id, rate: Quantity) -> Vec<(Date, Quantity)> {
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
                        let (class, one) = (self.builder.input(Input::Class), self.builder.constant(1));
                        let class_1 = self.builder.equal(class, one);
                        self.builder.choose(class_1, rate, cut)
                    }
                };
                (day, charged)
            })
            .collect()
    }
}
