//! Runs a compiled plan over chunks of records and reads results out of the trace.

use super::class::{Places, class_differs};
use super::columns::{Columns, fact};
use super::executor::Buffers;
use super::outcome::{Flag, Outcome, Reason, Status, Verdict};
use super::ranges::{Width, width};
use crate::limits::MEASURE_PLACES;
use crate::number::{Decimal, Fraction, Integer};
use crate::plan::compiled::{ChangeSlot, Extent, Id, MeasureSlot, Program, Quantity, Review};
use crate::plan::source::{AdjustKind, Out, Status as PlanStatus};
use crate::record::{Date, Record, UsccCheck, uscc_check};
use num_bigint::BigInt;
use std::sync::Arc;

/// Rates chunks of records under one compiled plan, reusing its buffers.
///
/// A chunk may have any size; results do not depend on it, nor on the width that is computed in.
#[derive(Debug)]
pub struct Rater {
    program: Arc<Program>,
    narrowest: Width,
    columns: Columns,
    places: Places,
    keys: Vec<u8>,
    w64: Buffers<i64>,
    w128: Buffers<i128>,
    big: Buffers<BigInt>,
    width: Width,
}

impl Rater {
    /// A rater of a compiled plan.
    #[must_use]
    pub fn new(program: Arc<Program>) -> Self {
        Self {
            program,
            narrowest: Width::W64,
            columns: Columns::default(),
            places: Places::default(),
            keys: Vec::new(),
            w64: Buffers::default(),
            w128: Buffers::default(),
            big: Buffers::default(),
            width: Width::W64,
        }
    }

    /// The compiled plan.
    #[must_use]
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// Computes in at least this width, whatever the ranges allow: the slower paths must give the same results.
    #[must_use]
    pub fn at_least(mut self, width: Width) -> Self {
        self.narrowest = width;
        self
    }

    /// Rates a chunk. The values of every node stay until the next call.
    pub fn rate<'a>(&'a mut self, records: &'a [Record]) -> Chunk<'a> {
        let program = Arc::clone(&self.program);
        self.places.fill(&program.plan, records);
        self.keys.clear();
        // Without a class the program runs as for class 1, and the result says that there is none.
        self.keys.extend(self.places.classes.iter().map(|c| c.unwrap_or(1)));
        self.columns.fill(&program, records, &self.keys, &self.places.industries);
        self.width = width(&program, &self.columns).max(self.narrowest);
        match self.width {
            Width::W64 => self.w64.run(&program, &self.columns),
            Width::W128 => self.w128.run(&program, &self.columns),
            Width::Big => self.big.run(&program, &self.columns),
        }
        Chunk { rater: self, records }
    }
}

/// A rated chunk: results and traces by the place of the record.
#[derive(Clone, Copy, Debug)]
pub struct Chunk<'a> {
    rater: &'a Rater,
    records: &'a [Record],
}

impl<'a> Chunk<'a> {
    /// The compiled plan.
    #[must_use]
    pub fn program(&self) -> &'a Program {
        &self.rater.program
    }

    /// The record at a place.
    #[must_use]
    pub fn record(&self, at: usize) -> &'a Record {
        &self.records[at]
    }

    /// The width that the chunk was computed in.
    #[must_use]
    pub fn width(&self) -> Width {
        self.rater.width
    }

    /// Whether a condition of the program holds.
    #[must_use]
    pub fn holds(&self, id: Id, at: usize) -> bool {
        let program = self.program();
        match self.rater.width {
            Width::W64 => self.rater.w64.boolean(program, id, at),
            Width::W128 => self.rater.w128.boolean(program, id, at),
            Width::Big => self.rater.big.boolean(program, id, at),
        }
    }

    fn whole(&self, id: Id, at: usize) -> Option<i128> {
        let program = self.program();
        match self.rater.width {
            Width::W64 => Some(i128::from(*self.rater.w64.number(program, id, at))),
            Width::W128 => Some(*self.rater.w128.number(program, id, at)),
            Width::Big => i128::try_from(self.rater.big.number(program, id, at)).ok(),
        }
    }

    pub(super) fn wide(&self, id: Id, at: usize) -> BigInt {
        let program = self.program();
        match self.rater.width {
            Width::W64 => self.rater.w64.number(program, id, at).wide(),
            Width::W128 => self.rater.w128.number(program, id, at).wide(),
            Width::Big => self.rater.big.number(program, id, at).wide(),
        }
    }

    /// A whole number of the program that is known to be small: a step, a day, a class.
    #[must_use]
    pub fn small(&self, id: Id, at: usize) -> i64 {
        self.whole(id, at).and_then(|v| i64::try_from(v).ok()).unwrap_or(0)
    }

    /// A quantity that is a finite decimal, as rates and tiers are.
    pub(crate) fn decimal(&self, quantity: Quantity, at: usize) -> Option<Decimal> {
        let num = self.whole(quantity.num, at)?;
        match u32::try_from(quantity.scale) {
            Ok(places) => Some(Decimal::new(num, places)),
            Err(_) => {
                Some(Decimal::new(num.checked_mul(10_i128.checked_pow(quantity.scale.unsigned_abs())?)?, 0))
            }
        }
    }

    /// A quantity as a fraction; None where it is undefined.
    #[must_use]
    pub fn fraction(&self, quantity: Quantity, at: usize) -> Option<Fraction> {
        if quantity.undefined.is_some_and(|id| self.holds(id, at)) {
            return None;
        }
        let den = quantity.den.map_or_else(|| BigInt::from(1), |id| self.wide(id, at));
        Fraction::new(self.wide(quantity.num, at), den, quantity.scale)
    }

    /// Whether the employer has a class and an industry where the plan asks for one.
    #[must_use]
    pub fn has_place(&self, at: usize) -> bool {
        self.rater.places.classes[at].is_ok()
    }

    /// The risk class of the record, before any rule moves it.
    pub(crate) fn own_class(&self, at: usize) -> Option<u8> {
        self.rater.places.classes[at].ok().filter(|class| *class > 0)
    }

    /// The rows of an extent that belong to an employer.
    pub(crate) fn rows(&self, extent: Extent, at: usize) -> std::ops::Range<usize> {
        self.rater.columns.rows_of(extent, Extent::Employers, at)
    }

    /// What a row is called in a letter: the days of a period, the id of an injury, the ids of an accident's injuries.
    pub(crate) fn row_label(&self, extent: Extent, row: usize) -> String {
        self.rater.columns.label(self.records, extent, row)
    }

    /// What became of the employer, by the early ends alone.
    fn status(&self, at: usize) -> Status {
        let program = self.program();
        if self.rater.places.classes[at].is_err() {
            return Status::Review;
        }
        if program.by_hand.is_some() {
            return if self.held(&program.left_open, at).is_empty() { Status::Rated } else { Status::Review };
        }
        if let Some(gate) = program.gates.iter().position(|id| self.holds(*id, at)) {
            return if program.plan.gates[gate].kept { Status::Kept } else { Status::Review };
        }
        if program.reviews.iter().any(|r| self.holds(r.when, at)) { Status::Review } else { Status::Rated }
    }

    /// The numbers of the result at a place.
    #[must_use]
    pub fn verdict(&self, at: usize) -> Verdict {
        let program = self.program();
        let status = self.status(at);
        if self.rater.places.classes[at].is_err() {
            return Verdict {
                status,
                step: 0,
                risk_class: None,
                base_rate: None,
                tier: None,
                unlimited_rate: None,
                rate: None,
            };
        }
        let class = u8::try_from(self.small(program.class, at)).ok().filter(|_| program.plan.classes > 0);
        let rate = self.decimal(program.rate, at);
        Verdict {
            status: if rate.is_none() { Status::Review } else { status },
            step: self.small(program.step, at),
            risk_class: class,
            base_rate: self.decimal(program.base_rate, at),
            tier: self.decimal(program.tier, at),
            unlimited_rate: self.decimal(program.unlimited_rate, at),
            rate,
        }
    }

    /// The row of each table that was hit.
    #[must_use]
    pub fn row_hit(&self, table: usize, at: usize) -> Option<usize> {
        self.program().tables[table].rows.iter().position(|id| self.holds(*id, at))
    }

    /// Why, in order of precedence, and the changes of the step.
    #[must_use]
    pub fn reasons(&self, at: usize) -> (Vec<Reason>, Vec<(Reason, i64)>) {
        let program = self.program();
        if let Err(reason) = self.rater.places.classes[at] {
            return (vec![reason], Vec::new());
        }
        let early = self.early_ends(at);
        let mut components = Vec::new();
        if let Some(step) = program.by_hand {
            let left_open = self.held(&program.left_open, at);
            if !left_open.is_empty() {
                return (left_open, Vec::new());
            }
            components.push((Reason::ByHand, step));
            components.extend(early.into_iter().map(|reason| (reason, 0)));
        } else if !early.is_empty() {
            return (early, Vec::new());
        }
        for table in (0..program.tables.len()).filter(|table| self.decides(*table)) {
            if let Some(row) = self.row_hit(table, at) {
                components.push((Reason::Row { table, row }, program.plan.tables[table].rows[row].step));
            }
        }
        for (place, adjust) in program.adjusts.iter().enumerate() {
            let (of_step, before, after) = match adjust.change {
                ChangeSlot::Step(before, after) if self.binds(place) => (true, before, after),
                ChangeSlot::Class(before, after) => (false, before, after),
                _ => continue,
            };
            let change = self.small(after, at) - self.small(before, at);
            if change != 0 {
                components.push((Reason::Adjust(place), if of_step { change } else { 0 }));
            }
        }
        let change = self.small(program.step, at) - self.small(program.unclamped_step, at);
        if change != 0 {
            components.push((Reason::Ladder, change));
        }
        let mut reasons: Vec<Reason> = components.iter().map(|c| c.0).collect();
        components.retain(|(reason, _)| self.is_of_step(*reason));
        for (place, adjust) in program.adjusts.iter().enumerate() {
            let ChangeSlot::Rate(before, after) = adjust.change else { continue };
            if self.decimal(before, at) != self.decimal(after, at) {
                reasons.push(Reason::Adjust(place));
            }
        }
        let (unlimited, rate) = (self.decimal(program.unlimited_rate, at), self.decimal(program.rate, at));
        match (unlimited, rate) {
            (Some(unlimited), Some(rate)) if unlimited != rate => {
                let raised = program.floor.and_then(|f| self.decimal(f, at)) == Some(rate);
                reasons.push(if raised { Reason::Floor } else { Reason::Cap });
            }
            (Some(_), Some(_)) => {}
            _ => return (vec![Reason::RateTooLarge], Vec::new()),
        }
        (reasons, components)
    }

    /// The reviews of a list that hold.
    fn held(&self, reviews: &[Review], at: usize) -> Vec<Reason> {
        let held = reviews.iter().filter(|review| self.holds(review.when, at));
        held.map(|review| Reason::of_review(&review.why)).collect()
    }

    /// What ends the rules early: the first gate that holds, otherwise every built-in review that does.
    fn early_ends(&self, at: usize) -> Vec<Reason> {
        let program = self.program();
        match program.gates.iter().position(|id| self.holds(*id, at)) {
            Some(gate) => vec![Reason::Gate(gate)],
            None => self.held(&program.reviews, at),
        }
    }

    /// Whether the result is made of what a table gives: a step that a person set leaves none to tables.
    pub(crate) fn decides(&self, table: usize) -> bool {
        let program = self.program();
        program.by_hand.is_none() || program.plan.tables[table].out != Out::Step
    }

    /// Whether an adjust of the step is part of the result: of a step that a person set only class rules are.
    pub(crate) fn binds(&self, adjust: usize) -> bool {
        let program = self.program();
        program.by_hand.is_none() || program.plan.adjusts[adjust].kind == AdjustKind::ClassRule
    }

    /// Whether what gave a reason is of the step: a table of something else and a change of the class are not.
    fn is_of_step(&self, reason: Reason) -> bool {
        let program = self.program();
        match reason {
            Reason::ByHand | Reason::Ladder => true,
            Reason::Row { table, .. } => program.plan.tables[table].out == Out::Step,
            Reason::Adjust(at) => matches!(program.adjusts[at].change, ChangeSlot::Step(..)),
            _ => false,
        }
    }

    /// Shown measures by name: a decimal, or true or false. Empty where a window is broken or no class is known.
    #[must_use]
    pub fn measures(&self, at: usize) -> Vec<(String, String)> {
        let program = self.program();
        if self.rater.places.classes[at].is_err() || self.holds(program.broken_window, at) {
            return Vec::new();
        }
        let mut out = Vec::new();
        for (measure, slot) in program.plan.measures.iter().zip(&program.measures) {
            if !measure.shown {
                continue;
            }
            let value = match slot {
                MeasureSlot::Boolean(id) => Some(self.holds(*id, at).to_string()),
                MeasureSlot::Date(id) => {
                    i32::try_from(self.small(*id, at)).ok().map(|d| Date::of_day_number(d).to_string())
                }
                MeasureSlot::Number(quantity) if quantity.missing.is_some_and(|id| self.holds(id, at)) => {
                    None
                }
                MeasureSlot::Number(quantity) => {
                    self.fraction(*quantity, at).map(|f| f.decimal(MEASURE_PLACES))
                }
            };
            out.extend(value.map(|value| (measure.name.clone(), value)));
        }
        out.sort_unstable();
        out
    }

    /// Charged rates by the day from which they hold; neighbours that are equal are one.
    #[must_use]
    pub fn charged(&self, at: usize) -> Vec<(Date, Decimal)> {
        if self.rater.places.classes[at].is_err() {
            return Vec::new();
        }
        let rates = self.program().charged.iter();
        let mut out: Vec<_> = rates.filter_map(|(from, q)| Some((*from, self.decimal(*q, at)?))).collect();
        out.dedup_by(|later, earlier| later.1 == earlier.1);
        out
    }

    /// Facts of the plan that the record lacks as of the rating date, by name.
    #[must_use]
    pub fn assumed(&self, at: usize) -> Vec<String> {
        let program = self.program();
        let lacks = |place: &usize| fact(program, self.record(at), *place).is_none();
        let places = (0..program.plan.facts.len()).filter(lacks);
        let mut out: Vec<String> = places.map(|place| program.plan.facts[place].name.text.clone()).collect();
        out.sort_unstable();
        out
    }

    /// Warnings that stand beside the result.
    #[must_use]
    pub fn flags(&self, at: usize) -> Vec<Flag> {
        let program = self.program();
        let mut out = Vec::new();
        match program.plan.status {
            PlanStatus::Illustrative => out.push(Flag::Illustrative),
            PlanStatus::Draft => out.push(Flag::Draft),
            PlanStatus::Enacted => {}
        }
        out.extend(
            program.plan.reviewed_through.filter(|d| *d < program.rating_date).map(Flag::ReviewedThrough),
        );
        if class_differs(&program.plan, self.record(at)) {
            out.push(Flag::RiskClassDiffers);
        }
        if uscc_check(&self.record(at).employer.id) == UsccCheck::WrongCheckDigit {
            out.push(Flag::UsccCheckDigit);
        }
        out
    }

    /// Everything that the result says.
    #[must_use]
    pub fn outcome(&self, at: usize) -> Outcome {
        let (reasons, components) = self.reasons(at);
        Outcome {
            employer_id: self.record(at).employer.id.clone(),
            verdict: self.verdict(at),
            charged: self.charged(at),
            components,
            reasons,
            measures: self.measures(at),
            flags: self.flags(at),
            assumed: self.assumed(at),
        }
    }
}
