//! Rows made of rows, to nodes.

use super::build::Builder;
use super::lower::{Lower, Value};
use super::{EachNodes, Extent, Id, Input, MeasureSlot, Quantity, Span};
use crate::number::Decimal;
use crate::plan::checked::{Column, Over, ParamValue, Relation, Rows, Term, TermKind, Type};
use crate::record::Date;

/// The nodes of an `each`.
#[derive(Clone, Debug)]
pub(super) struct EachSlot {
    /// Which rows there are.
    mask: Id,
    /// The columns lowered so far.
    columns: Vec<Value>,
}

impl Lower<'_> {
    /// What the rows of an `each` run over.
    fn extent(&self, each: usize) -> Extent {
        match self.plan.eaches[each].over {
            Over::Periods => Extent::Periods,
            Over::Claims => Extent::Injuries,
            Over::Each(_) => Extent::Accidents,
        }
    }

    /// Lowers an `each`, if it was not yet. The measures that it uses are lowered already.
    fn each(&mut self, at: usize) -> Id {
        if let Some(slot) = &self.eaches[at] {
            return slot.mask;
        }
        let plan = self.plan;
        let always = self.builder.boolean(true);
        self.eaches[at] = Some(EachSlot { mask: always, columns: Vec::new() });
        for column in &plan.eaches[at].columns {
            let value = self.term(&column.term, &[]);
            if let Some(slot) = &mut self.eaches[at] {
                slot.columns.push(value);
            }
        }
        let mut mask = plan.eaches[at].filter.as_ref().map_or(always, |filter| self.boolean(filter, &[]));
        if let Over::Each(below) = plan.eaches[at].over {
            // An accident of which no injury is looked at is none.
            let members = self.each(below);
            let any = self.builder.any_into(members, Extent::Injuries, Extent::Accidents);
            mask = self.builder.and(mask, any);
        }
        if let Some(slot) = &mut self.eaches[at] {
            slot.mask = mask;
        }
        mask
    }

    /// The nodes of every `each`, for explanations.
    pub(super) fn each_nodes(&mut self) -> Vec<EachNodes> {
        let plan = self.plan;
        let mut out = Vec::new();
        for (at, each) in plan.eaches.iter().enumerate() {
            self.each(at);
            let slot = self.eaches[at].clone();
            let Some(EachSlot { mask, columns }) = slot else { continue };
            let extent = self.extent(at);
            let slots = columns.into_iter().zip(&each.columns).map(|(v, c)| v.slot(c.term.ty));
            let columns = slots.map(|slot| self.builder.spread_slot(slot, extent)).collect();
            out.push(EachNodes { extent, mask: self.builder.spread(mask, extent), columns });
        }
        out
    }

    /// A column at the row of `rows`.
    pub(super) fn cell(&mut self, rows: Rows, column: Column, ty: Type) -> Value {
        let each = match rows {
            Rows::Periods => return self.period_cell(column, ty),
            Rows::Claims => {
                return Value::of_type(ty, self.builder.input(Input::Cell(column))).scaled(column);
            }
            Rows::Each(at) => at,
        };
        match (self.plan.eaches[each].over, column) {
            (_, Column::Derived(of, at)) if of == each => {
                self.each(of);
                let known = self.eaches[of].as_ref().and_then(|slot| slot.columns.get(at)).copied();
                known.unwrap_or_else(|| Value::Number(self.builder.decimal(Decimal::ZERO)))
            }
            (Over::Periods, column) => self.period_cell(column, ty),
            (Over::Claims, column) => Value::of_type(ty, self.builder.input(Input::Injury(column))),
            (Over::Each(_), Column::ClaimDate) => Value::Plain(self.builder.input(Input::AccidentDate)),
            (Over::Each(below), column) => {
                let mask = self.each(below);
                let Value::Number(value) = self.cell(Rows::Each(below), column, ty) else {
                    return Value::Number(self.builder.decimal(Decimal::ZERO));
                };
                Value::Number(self.builder.total(value, mask, Extent::Injuries, Extent::Accidents))
            }
        }
    }

    /// A column of a period; what a record lacks of a declared value comes from its default.
    fn period_cell(&mut self, column: Column, ty: Type) -> Value {
        let plan = self.plan;
        let Column::Value(at) = column else {
            return Value::of_type(ty, self.builder.input(Input::Cell(column))).scaled(column);
        };
        let places = i32::try_from(plan.values[at].places).unwrap_or(0);
        let given = Quantity::of(self.builder.input(Input::Cell(column)), places);
        let Some(default) = &plan.values[at].default else { return Value::Number(given) };
        let instead = self.quantity(default, &[]);
        let lacks = self.builder.input(Input::Missing(column));
        Value::Number(self.builder.choose(lacks, instead, given))
    }

    /// Whether a period lacks a column and what stands for it.
    pub(super) fn lacks(&mut self, column: Column) -> Id {
        let plan = self.plan;
        let mut lacks = self.builder.input(Input::Missing(column));
        if let Column::Value(at) = column
            && let Some(default) = &plan.values[at].default
        {
            let mut needs = self.builder.boolean(false);
            let mut columns = Vec::new();
            plan.needs_of(default, &mut columns);
            for column in columns {
                let missing = self.builder.input(Input::Missing(column));
                needs = self.builder.or(needs, missing);
            }
            lacks = self.builder.and(lacks, needs);
        }
        lacks
    }

    /// The rows of `rows` that lie in a window, and what they run over. Money of claims lies there by its payment.
    pub(super) fn rows_in(&mut self, rows: Rows, column: Option<Column>, span: Span) -> (Id, Extent) {
        match rows {
            Rows::Periods => (self.builder.period_in(span), Extent::Periods),
            Rows::Claims => {
                let money = matches!(column, Some(Column::BenefitsPaid | Column::Reserve));
                let placed_by = if money { Column::PaidOn } else { Column::ClaimDate };
                (self.builder.day_in(span, Input::Cell(placed_by)), Extent::Claims)
            }
            Rows::Each(at) => {
                let there = self.each(at);
                let extent = self.extent(at);
                let inside = match extent {
                    Extent::Injuries => self.builder.day_in(span, Input::Injury(Column::ClaimDate)),
                    Extent::Accidents => self.builder.day_in(span, Input::AccidentDate),
                    _ => self.builder.period_in(span),
                };
                (self.builder.and(there, inside), extent)
            }
        }
    }

    /// A parameter at a row: by the row's class, by its first day, or both.
    pub(super) fn row_param(&mut self, param: usize, each: usize) -> Quantity {
        let plan = self.plan;
        let param = &plan.params[param];
        if !param.on_row {
            let value = param.on(self.rating_date).cloned();
            return self.row_value(value.as_ref(), each);
        }
        let day = match self.extent(each) {
            Extent::Injuries => Input::Injury(Column::ClaimDate),
            Extent::Accidents => Input::AccidentDate,
            _ => Input::Cell(Column::PeriodStart),
        };
        let mut out: Option<Quantity> = None;
        for (from, value, ..) in &param.entries {
            let value = self.row_value(Some(value), each);
            let date = self.builder.input(day);
            let from = self.builder.day(from.unwrap_or(Date::of_day_number(0)));
            let holds = self.builder.less_equal(from, date);
            out = Some(match out {
                None => Quantity { undefined: Some(self.builder.not(holds)), ..value },
                Some(before) => self.builder.choose(holds, value, before),
            });
        }
        out.unwrap_or_else(|| self.builder.decimal(Decimal::ZERO))
    }

    fn row_value(&mut self, value: Option<&ParamValue>, each: usize) -> Quantity {
        match value {
            Some(ParamValue::ByRowClass(values)) => {
                let key = self.builder.input(Input::RowClass(self.extent(each)));
                // A class that the plan does not know is reviewed; it stands behind the others.
                let all: Vec<_> = values.iter().copied().chain([Decimal::ZERO]).collect();
                self.builder.by_key(key, 0, &all)
            }
            Some(ParamValue::One(value)) => self.builder.decimal(*value),
            _ => self.builder.decimal(Decimal::ZERO),
        }
    }

    /// Whether a row in some window of the plan has a class that no parameter knows, for periods and for injuries.
    pub(super) fn unknown_row_class(&mut self) -> Vec<(Rows, Id)> {
        let plan = self.plan;
        let mut out: Vec<(Rows, Id)> = Vec::new();
        for (at, each) in plan.eaches.iter().enumerate() {
            let mut asked = false;
            for column in &each.columns {
                column.term.walk(&mut |t| {
                    asked |= matches!(t.kind, TermKind::RowParam { param, .. } if plan.params[param].key.is_some());
                });
            }
            if !asked {
                continue;
            }
            let rows = if self.extent(at) == Extent::Periods { Rows::Periods } else { Rows::Claims };
            let key = self.builder.input(Input::RowClass(self.extent(at)));
            let count = self.builder.constant(i128::try_from(plan.row_classes.len()).unwrap_or(0));
            let unknown = self.builder.equal(key, count);
            let found = self.somewhere(Rows::Each(at), unknown);
            out.push((rows, found));
        }
        out
    }

    /// Whether an injury in some window of the plan is a group, where the plan looks at single injuries.
    pub(super) fn grouped(&mut self) -> Option<Id> {
        let plan = self.plan;
        let at = plan.eaches.iter().position(|e| e.over == Over::Claims)?;
        let count = self.builder.input(Input::Injury(Column::Count));
        let one = self.builder.constant(1);
        let several = self.builder.less(one, count);
        Some(self.somewhere(Rows::Each(at), several))
    }

    /// Whether a condition holds for some row in some window of the plan.
    fn somewhere(&mut self, rows: Rows, condition: Id) -> Id {
        let mut found = self.builder.boolean(false);
        for span in self.windows.iter().flatten().copied().collect::<Vec<_>>() {
            let (inside, extent) = self.rows_in(rows, None, span);
            let both = self.builder.and(inside, condition);
            let any = self.builder.any_of(both, extent);
            found = self.builder.or(found, any);
        }
        found
    }

    /// A parameter looked up by range; undefined outside.
    pub(super) fn range(&mut self, param: usize, at: &Term, bound: &[(usize, Span)]) -> Quantity {
        let at = self.quantity(at, bound);
        let Some(ParamValue::Ranges(ranges)) = self.plan.params[param].on(self.rating_date) else {
            return self.builder.decimal(Decimal::ZERO);
        };
        let mut out = self.builder.decimal(Decimal::ZERO);
        let mut covered = self.builder.boolean(false);
        let relation = |closed: bool| if closed { Relation::LessEqual } else { Relation::Less };
        for range in ranges.iter().rev() {
            let mut inside = self.builder.boolean(true);
            if let Some((low, closed)) = range.low {
                let low = self.builder.decimal(low);
                let above = self.builder.relation(relation(closed), low, at);
                inside = self.builder.and(inside, above);
            }
            if let Some((high, closed)) = range.high {
                let high = self.builder.decimal(high);
                let below = self.builder.relation(relation(closed), at, high);
                inside = self.builder.and(inside, below);
            }
            if let Some(undefined) = at.undefined {
                let defined = self.builder.not(undefined);
                inside = self.builder.and(inside, defined);
            }
            let value = self.builder.decimal(range.value);
            out = self.builder.choose(inside, value, out);
            covered = self.builder.or(covered, inside);
        }
        let outside = self.builder.not(covered);
        let undefined = if self.builder.known_boolean(outside) == Some(false) { None } else { Some(outside) };
        Quantity { undefined, missing: at.missing, ..out }
    }
}

impl Builder {
    /// A value that may be the employer's, at the rows of an extent.
    fn spread_slot(&mut self, slot: MeasureSlot, rows: Extent) -> MeasureSlot {
        match slot {
            MeasureSlot::Boolean(id) => MeasureSlot::Boolean(self.spread(id, rows)),
            MeasureSlot::Date(id) => MeasureSlot::Date(self.spread(id, rows)),
            MeasureSlot::Number(q) => MeasureSlot::Number(Quantity {
                num: self.spread(q.num, rows),
                den: q.den.map(|id| self.spread(id, rows)),
                undefined: q.undefined.map(|id| self.spread(id, rows)),
                missing: q.missing.map(|id| self.spread(id, rows)),
                ..q
            }),
        }
    }

    /// Whether any of an employer's rows is true.
    pub fn any_of(&mut self, mask: Id, from: Extent) -> Id {
        self.any_into(mask, from, Extent::Employers)
    }

    /// The sum of a quantity over the rows of `from` that the mask lets through, for each row of `into`.
    pub fn total(&mut self, value: Quantity, mask: Id, from: Extent, into: Extent) -> Quantity {
        let gap = |builder: &mut Self, gap: Option<Id>| {
            gap.map(|gap| {
                let here = builder.and(mask, gap);
                builder.any_into(here, from, into)
            })
        };
        let (undefined, missing) = (gap(self, value.undefined), gap(self, value.missing));
        let by_row = value.den.is_some_and(|den| self.nodes[den].extent == from);
        let (num, den) = match value.den {
            Some(den) if by_row => {
                let common = self.common_divisor(den, mask, from, into);
                (self.sum_over(value.num, den, mask, common, from, into), Some(common))
            }
            den => (self.sum_into(value.num, mask, from, into), den),
        };
        Quantity { num, den, scale: value.scale, undefined, missing }
    }
}
