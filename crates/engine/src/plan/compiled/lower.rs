//! Typed formulas to nodes.

use super::build::Builder;
use super::each::EachSlot;
use super::{Extent, Frozen, Id, Input, MeasureSlot, Quantity, Span};
use crate::limits::{HEADCOUNT_PLACES, RATE_PLACES};
use crate::number::Decimal;
use crate::plan::checked::{
    AggregateKind, Checked, Column, ParamValue, PriorPart, Relation, Rows, StageValue, Term, TermKind, Type,
    Unit, WindowRef,
};
use crate::record::Date;
use std::collections::BTreeMap;

/// The nodes of a formula's value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    Number(Quantity),
    Boolean(Id),
    /// A day, class, cause or outcome: a plain integer.
    Plain(Id),
}

impl Value {
    pub fn of_type(ty: Type, id: Id) -> Self {
        match ty {
            Type::Boolean => Self::Boolean(id),
            Type::Number(_) | Type::Literal => Self::Number(Quantity::of(id, 0)),
            _ => Self::Plain(id),
        }
    }
}

/// What lowering needs besides the nodes made so far.
pub(super) struct Lower<'a> {
    pub plan: &'a Checked,
    pub rating_date: Date,
    pub windows: &'a [Vec<Span>],
    pub builder: Builder,
    pub measures: Vec<Value>,
    /// Values of the stages before.
    pub stage: BTreeMap<u8, Quantity>,
    /// Share of the base rate that a temporary reduction leaves, while a cut rate is lowered.
    pub base_factor: Option<Decimal>,
    /// Windows and columns whose missing cells are to be reviewed, in the order of first use.
    pub missing: Vec<(Column, Id)>,
    /// The class that the stages see.
    pub class: Id,
    /// Each `each`, once it is lowered.
    pub eaches: Vec<Option<EachSlot>>,
    /// What the tables before gave that are not ones of steps.
    pub given: Vec<Value>,
    /// Portfolio values.
    pub portfolio: &'a [Frozen],
    /// Sums over employers, by the order in which formulas name them, and how many employers there are: while portfolio
    /// values are computed.
    pub totals: std::slice::Iter<'a, Frozen>,
    pub employers: i128,
}

impl Lower<'_> {
    pub fn number(&mut self, term: &Term) -> Quantity {
        match self.term(term, &[]) {
            Value::Number(quantity) => quantity,
            Value::Boolean(id) | Value::Plain(id) => Quantity::of(id, 0),
        }
    }

    pub fn condition(&mut self, term: &Term) -> Id {
        self.boolean(term, &[])
    }

    pub fn boolean(&mut self, term: &Term, bound: &[(usize, Span)]) -> Id {
        match self.term(term, bound) {
            Value::Boolean(id) | Value::Plain(id) => id,
            Value::Number(quantity) => quantity.num,
        }
    }

    pub fn quantity(&mut self, term: &Term, bound: &[(usize, Span)]) -> Quantity {
        match self.term(term, bound) {
            Value::Number(quantity) => quantity,
            Value::Boolean(id) | Value::Plain(id) => Quantity::of(id, 0),
        }
    }

    /// `bound` are the windows that quantifiers stand at, innermost last.
    pub fn term(&mut self, term: &Term, bound: &[(usize, Span)]) -> Value {
        let plan = self.plan;
        match &term.kind {
            TermKind::Number(value) if matches!(term.ty, Type::Class) => {
                Value::Plain(self.builder.constant(value.mantissa()))
            }
            TermKind::Number(value) => Value::Number(self.builder.decimal(*value)),
            TermKind::Bool(value) => Value::Boolean(self.builder.boolean(*value)),
            TermKind::Date(date) => Value::Plain(self.builder.day(*date)),
            TermKind::Cause(cause) => Value::Plain(self.builder.constant(i128::from(cause.place()))),
            TermKind::Outcome(outcome) => Value::Plain(self.builder.constant(i128::from(outcome.place()))),
            TermKind::Fact(at) if term.ty == Type::Boolean => {
                Value::Boolean(self.builder.input(Input::Flag(*at)))
            }
            TermKind::Fact(at) => {
                let places = i32::try_from(plan.facts[*at].places).unwrap_or(0);
                Value::Number(Quantity::of(self.builder.input(Input::Fact(*at)), places))
            }
            TermKind::Measure(at) => self.measures[*at],
            TermKind::Param { param, class } => Value::Number(self.param(*param, *class)),
            TermKind::RowParam { param, each } => Value::Number(self.row_param(*param, *each)),
            TermKind::Range { param, at } => Value::Number(self.range(*param, at, bound)),
            TermKind::Portfolio(at) => {
                let frozen = self.portfolio.get(*at).copied().unwrap_or_default();
                Value::Number(self.builder.frozen(frozen))
            }
            TermKind::EmployersSum(_) => {
                let total = self.totals.next().copied().unwrap_or_default();
                Value::Number(self.builder.frozen(total))
            }
            TermKind::Employers => {
                let count = self.builder.constant(self.employers);
                Value::Number(Quantity::of(count, 0))
            }
            TermKind::Table(at) => {
                let known = self.given.get(*at).copied();
                known.unwrap_or_else(|| Value::Number(self.builder.decimal(Decimal::ZERO)))
            }
            TermKind::Choice(at) | TermKind::IndustryCode(at) => {
                Value::Plain(self.builder.constant(i128::try_from(*at).unwrap_or(0)))
            }
            TermKind::Industry => Value::Plain(self.builder.input(Input::Industry)),
            TermKind::IndustryIn(param) => {
                let places = match self.entry(*param).cloned() {
                    Some(ParamValue::Industries(places)) => places,
                    _ => Vec::new(),
                };
                let codes = plan.industries.as_ref().map_or(0, |(_, codes)| codes.len());
                let inside = (0..codes).map(|at| i128::from(places.contains(&at))).collect();
                let key = self.builder.input(Input::Industry);
                let (inside, one) = (self.builder.lookup(key, 0, inside), self.builder.constant(1));
                Value::Boolean(self.builder.equal(inside, one))
            }
            TermKind::Round { value, places, mode } => {
                let value = self.quantity(value, bound);
                Value::Number(self.builder.rounded(value, *places, *mode))
            }
            TermKind::Class => Value::Plain(self.class),
            TermKind::InsuredSince => Value::Plain(self.builder.input(Input::InsuredSince)),
            TermKind::FirstInsured => Value::Plain(self.builder.input(Input::FirstInsured)),
            TermKind::Prior(part) => Value::Number(self.prior(*part)),
            TermKind::Stage(value) => {
                let known = self.stage.get(&stage_key(*value)).copied();
                Value::Number(known.unwrap_or_else(|| self.builder.decimal(Decimal::ZERO)))
            }
            TermKind::WindowStart(window) => {
                let span = self.span(*window, bound).1;
                Value::Plain(self.builder.day(span.start))
            }
            TermKind::WindowEnd(window) => {
                let span = self.span(*window, bound).1;
                Value::Plain(self.builder.day(span.end))
            }
            TermKind::Complete(window) => {
                let (at, span) = self.span(*window, bound);
                let (straddled, incomplete) = (self.builder.straddled(span), self.builder.incomplete(span));
                let broken = self.builder.or(straddled, incomplete);
                let missing = self.missing_anywhere(at, span);
                let broken = self.builder.or(broken, missing);
                Value::Boolean(self.builder.not(broken))
            }
            TermKind::MonthsSince(from, to) => {
                let (from, to) = (self.boolean(from, bound), self.boolean(to, bound));
                let one = self.builder.constant(1);
                let after = self.builder.add(to, one);
                Value::Number(Quantity::of(self.builder.months(from, after), 0))
            }
            TermKind::Cell(rows, column) => self.cell(*rows, *column, term.ty),
            TermKind::Aggregate { kind, rows, column, window, filter } => {
                self.aggregate(*kind, *rows, *column, *window, filter.as_deref(), bound)
            }
            TermKind::Quantified { all, window, body } => {
                let mut out = self.builder.boolean(*all);
                for span in self.windows[*window].clone() {
                    let mut inner = bound.to_vec();
                    inner.push((*window, span));
                    let holds = self.boolean(body, &inner);
                    out = if *all { self.builder.and(out, holds) } else { self.builder.or(out, holds) };
                }
                Value::Boolean(out)
            }
            TermKind::Add(a, b) => self.two(a, b, bound, Builder::plus),
            TermKind::Subtract(a, b) => self.two(a, b, bound, Builder::minus),
            TermKind::Multiply(a, b) => self.two(a, b, bound, Builder::product),
            TermKind::Divide(a, b) => self.two(a, b, bound, Builder::quotient),
            TermKind::Min(terms) | TermKind::Max(terms) => {
                let larger = matches!(term.kind, TermKind::Max(_));
                let mut quantities =
                    terms.iter().map(|t| self.quantity(t, bound)).collect::<Vec<_>>().into_iter();
                let first = quantities.next();
                let folded =
                    first.map(|first| quantities.fold(first, |a, b| self.builder.extreme(a, b, larger)));
                Value::Number(folded.unwrap_or_else(|| self.builder.decimal(Decimal::ZERO)))
            }
            TermKind::If(condition, yes, no) => {
                let condition = self.boolean(condition, bound);
                if let Type::Number(_) | Type::Literal = term.ty {
                    let (yes, no) = (self.quantity(yes, bound), self.quantity(no, bound));
                    return Value::Number(self.builder.choose(condition, yes, no));
                }
                let (yes, no) = (self.boolean(yes, bound), self.boolean(no, bound));
                if term.ty != Type::Boolean {
                    return Value::Plain(self.builder.select(condition, yes, no));
                }
                let otherwise = self.builder.not(condition);
                let (yes, no) = (self.builder.and(condition, yes), self.builder.and(otherwise, no));
                Value::Boolean(self.builder.or(yes, no))
            }
            TermKind::Compare(relation, a, b) => {
                let (a, b) = (self.term(a, bound), self.term(b, bound));
                Value::Boolean(self.compare(*relation, a, b))
            }
            TermKind::And(a, b) => {
                let (a, b) = (self.boolean(a, bound), self.boolean(b, bound));
                Value::Boolean(self.builder.and(a, b))
            }
            TermKind::Or(a, b) => {
                let (a, b) = (self.boolean(a, bound), self.boolean(b, bound));
                Value::Boolean(self.builder.or(a, b))
            }
            TermKind::Not(a) => {
                let a = self.boolean(a, bound);
                Value::Boolean(self.builder.not(a))
            }
            TermKind::CauseIn(item, param) => {
                let item = self.boolean(item, bound);
                let bits = match self.entry(*param) {
                    Some(ParamValue::Causes(causes)) => {
                        causes.iter().fold(0_u64, |bits, c| bits | 1 << c.place())
                    }
                    _ => 0,
                };
                Value::Boolean(self.builder.in_set(item, bits))
            }
        }
    }

    fn two(
        &mut self,
        a: &Term,
        b: &Term,
        bound: &[(usize, Span)],
        op: fn(&mut Builder, Quantity, Quantity) -> Quantity,
    ) -> Value {
        let (a, b) = (self.quantity(a, bound), self.quantity(b, bound));
        Value::Number(op(&mut self.builder, a, b))
    }

    fn compare(&mut self, relation: Relation, a: Value, b: Value) -> Id {
        if let (Value::Boolean(a), Value::Boolean(b)) = (a, b) {
            let (not_a, not_b) = (self.builder.not(a), self.builder.not(b));
            let (both, neither) = (self.builder.and(a, b), self.builder.and(not_a, not_b));
            let equal = self.builder.or(both, neither);
            return if relation == Relation::NotEqual { self.builder.not(equal) } else { equal };
        }
        let quantity = |v| match v {
            Value::Number(quantity) => quantity,
            Value::Boolean(id) | Value::Plain(id) => Quantity::of(id, 0),
        };
        self.builder.relation(relation, quantity(a), quantity(b))
    }

    fn span(&self, window: WindowRef, bound: &[(usize, Span)]) -> (usize, Span) {
        match window {
            WindowRef::Of(at) => (at, self.windows[at][0]),
            WindowRef::Bound(up) => bound[bound.len() - 1 - up],
        }
    }

    /// The entry of a parameter in force on the rating date.
    fn entry(&self, param: usize) -> Option<&ParamValue> {
        self.plan.params[param].on(self.rating_date)
    }

    fn param(&mut self, param: usize, class: Option<u8>) -> Quantity {
        let quantity = match self.entry(param).cloned() {
            Some(ParamValue::One(value)) => self.builder.decimal(value),
            Some(ParamValue::ByClass(values)) => match class {
                Some(class) => self.builder.decimal(values[usize::from(class) - 1]),
                None => self.builder.by_key(self.class, 1, &values),
            },
            Some(ParamValue::ByIndustry(values)) => {
                let key = self.builder.input(Input::Industry);
                self.builder.by_key(key, 0, &values)
            }
            _ => self.builder.decimal(Decimal::ZERO),
        };
        match self.base_factor {
            Some(factor) if self.plan.params[param].name == "base_rate" => {
                let factor = self.builder.decimal(factor);
                self.builder.product(quantity, factor)
            }
            _ => quantity,
        }
    }

    /// The base rate of the employer's class.
    pub fn base_rate(&mut self) -> Quantity {
        match self.plan.params.iter().position(|p| p.name == "base_rate") {
            Some(at) => self.param(at, None),
            None => self.builder.decimal(Decimal::ZERO),
        }
    }

    fn prior(&mut self, part: PriorPart) -> Quantity {
        let given = self.builder.input(Input::PriorGiven(part));
        let value =
            Quantity::of(self.builder.input(Input::Prior(part)), i32::try_from(RATE_PLACES).unwrap_or(0));
        let instead =
            if part == PriorPart::Tier { self.builder.decimal(Decimal::ONE) } else { self.base_rate() };
        self.builder.choose(given, value, instead)
    }

    /// Whether any cell that the plan reads in a window is missing.
    fn missing_anywhere(&mut self, window: usize, span: Span) -> Id {
        let all = Column::ALL.iter().map(|c| c.2).chain((0..self.plan.values.len()).map(Column::Value));
        let columns: Vec<Column> =
            all.filter(|column| column.may_be_missing() && self.plan.reads(*column, window)).collect();
        let mut out = self.builder.boolean(false);
        for column in columns {
            let missing = self.missing_cell(column, span);
            out = self.builder.or(out, missing);
        }
        out
    }

    fn missing_cell(&mut self, column: Column, span: Span) -> Id {
        let inside = self.builder.period_in(span);
        let lacks = self.lacks(column);
        let both = self.builder.and(inside, lacks);
        self.builder.any(both, Extent::Periods)
    }

    fn aggregate(
        &mut self,
        kind: AggregateKind,
        rows: Rows,
        column: Option<Column>,
        window: WindowRef,
        filter: Option<&Term>,
        bound: &[(usize, Span)],
    ) -> Value {
        let (window, span) = self.span(window, bound);
        let (mut mask, extent) = self.rows_in(rows, column, span);
        if let Some(filter) = filter {
            let holds = self.boolean(filter, bound);
            mask = self.builder.and(mask, holds);
        }
        let Some(column) = column else {
            if kind == AggregateKind::Rows {
                let one = self.builder.constant(1);
                return Value::Number(Quantity::of(self.builder.sum(one, mask, extent), 0));
            }
            return Value::Boolean(self.builder.any(mask, extent));
        };
        let ty = Type::Number(Unit::RATIO);
        let Value::Number(cell) = self.cell(rows, column, ty) else {
            return Value::Number(self.builder.decimal(Decimal::ZERO));
        };
        let mut quantity = if kind == AggregateKind::Average {
            let months = Quantity::of(self.builder.input(Input::Cell(Column::MonthsInsured)), 0);
            let weighted = self.builder.product(cell, months);
            let above = self.builder.total(weighted, mask, extent, Extent::Employers);
            let below = self.builder.total(months, mask, extent, Extent::Employers);
            self.builder.quotient(above, below)
        } else {
            self.builder.total(cell, mask, extent, Extent::Employers)
        };
        let read = self.plan.lacking(kind, rows, Some(column), filter);
        for column in read {
            let missing = self.missing_cell(column, span);
            if self.plan.windows[window].source.review {
                if !self.missing.contains(&(column, missing)) {
                    self.missing.push((column, missing));
                }
                let known = quantity.missing;
                quantity.missing = Some(known.map_or(missing, |k| self.builder.or(k, missing)));
            } else {
                let known = quantity.undefined;
                quantity.undefined = Some(known.map_or(missing, |k| self.builder.or(k, missing)));
            }
        }
        Value::Number(quantity)
    }

    /// Lowers the plan's measures.
    pub fn measures(&mut self) -> Vec<MeasureSlot> {
        let plan = self.plan;
        let mut out = Vec::new();
        for measure in &plan.measures {
            let value = self.term(&measure.term, &[]);
            self.measures.push(value);
            out.push(value.slot(measure.term.ty));
        }
        out
    }
}

impl Value {
    /// The nodes as people read them.
    pub fn slot(self, ty: Type) -> MeasureSlot {
        match self {
            Self::Number(quantity) => MeasureSlot::Number(quantity),
            Self::Boolean(id) => MeasureSlot::Boolean(id),
            Self::Plain(id) if ty == Type::Date => MeasureSlot::Date(id),
            Self::Plain(id) => MeasureSlot::Number(Quantity::of(id, 0)),
        }
    }

    /// A cell's number with the places that the column is read in.
    pub fn scaled(self, column: Column) -> Self {
        match self {
            Self::Number(quantity) => Self::Number(Quantity { scale: places(column), ..quantity }),
            other => other,
        }
    }
}

/// Places after the point of a column's units.
fn places(column: Column) -> i32 {
    if column == Column::Headcount { i32::try_from(HEADCOUNT_PLACES).unwrap_or(0) } else { 0 }
}

pub(super) const fn stage_key(value: StageValue) -> u8 {
    match value {
        StageValue::Step => 0,
        StageValue::Tier => 1,
        StageValue::Start => 2,
        StageValue::Rate => 3,
        StageValue::Class => 4,
    }
}
