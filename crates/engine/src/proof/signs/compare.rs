//! What is never below 0, and what is never above something else.

use super::{Signs, at_outcome, known};
use crate::number::Decimal;
use crate::plan::checked::{Column, ParamValue, Relation, Rows, StageValue, Term, TermKind, Type};

/// How deep a comparison looks into formulas.
const DEPTH_MAX: u32 = 10;

impl<'p> Signs<'p> {
    /// Whether a number is never below 0.
    pub fn not_negative(&self, term: &'p Term) -> bool {
        self.is_not_negative(term, DEPTH_MAX)
    }

    /// Whether a number is never above another.
    pub(super) fn at_most(&self, a: &'p Term, b: &'p Term) -> bool {
        self.is_at_most(a, b, DEPTH_MAX)
    }

    /// Whether two formulas are one.
    pub(super) fn same(&self, a: &Term, b: &Term) -> bool {
        let alike = std::mem::discriminant(&a.kind) == std::mem::discriminant(&b.kind);
        std::ptr::eq(a, b) || (alike && self.plan.print(a) == self.plan.print(b))
    }

    pub(super) fn column_not_negative(&self, column: Column) -> bool {
        match column {
            Column::Derived(each, at) => self.not_negative(&self.plan.eaches[each].columns[at].term),
            _ => true,
        }
    }

    fn is_not_negative(&self, term: &'p Term, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let own = |t: &'p Term| self.is_not_negative(t, depth);
        match &term.kind {
            TermKind::Number(value) => value.mantissa() >= 0,
            TermKind::Param { param, .. }
            | TermKind::RowParam { param, .. }
            | TermKind::Range { param, .. } => self.plan.params[*param]
                .entries
                .iter()
                .all(|entry| smallest(&entry.1).is_some_and(|v| v.mantissa() >= 0)),
            TermKind::Measure(at) => own(&self.plan.measures[*at].term),
            TermKind::Cell(_, Column::Derived(each, at)) => own(&self.plan.eaches[*each].columns[*at].term),
            TermKind::Aggregate { column: Some(Column::Derived(each, at)), window, .. } => {
                let of = Self { window: Some(*window), ..self.clone() };
                of.is_not_negative(&self.plan.eaches[*each].columns[*at].term, depth)
            }
            TermKind::Portfolio(at) => !self.plan.portfolio[*at].negative,
            TermKind::Table(at) => self.plan.tables[*at].rows.iter().all(|r| r.gives.mantissa() >= 0),
            TermKind::Stage(StageValue::Start) => own(&self.plan.outcome.start.term),
            TermKind::Stage(StageValue::Tier | StageValue::Class) => true,
            TermKind::Stage(_) | TermKind::MonthsSince(..) | TermKind::EmployersSum(_) => false,
            TermKind::If(_, a, b) => own(a) && own(b),
            TermKind::Add(a, b) | TermKind::Multiply(a, b) | TermKind::Divide(a, b) => {
                (own(a) && own(b)) || self.quotient_not_negative(term)
            }
            TermKind::Subtract(a, b) => {
                self.is_at_most(b, a, depth)
                    || self.difference_not_negative(a, b)
                    || self.quotient_not_negative(term)
            }
            TermKind::Min(all) => all.iter().all(own),
            TermKind::Max(all) => all.iter().any(own),
            TermKind::Round { value, .. } => own(value),
            _ => true,
        }
    }

    fn is_at_most(&self, a: &'p Term, b: &'p Term, depth: u32) -> bool {
        let Some(depth) = depth.checked_sub(1) else { return false };
        let le = |a: &'p Term, b: &'p Term| self.is_at_most(a, b, depth);
        if self.same(a, b) || self.excluded_above(a, b) {
            return true;
        }
        if let (Some(low), Some(high)) = (self.largest(a, depth), self.least(b))
            && less_equal(low, high)
        {
            return true;
        }
        let by_a = match &a.kind {
            TermKind::Number(value) if value.mantissa() == 0 => self.is_not_negative(b, depth),
            TermKind::Measure(at) => le(&self.plan.measures[*at].term, b),
            TermKind::Cell(_, Column::Derived(each, at)) => le(&self.plan.eaches[*each].columns[*at].term, b),
            TermKind::Min(all) => all.iter().any(|x| le(x, b)),
            TermKind::Max(all) => all.iter().all(|x| le(x, b)),
            TermKind::If(_, x, y) => le(x, b) && le(y, b),
            TermKind::Subtract(x, y) => self.is_not_negative(y, depth) && le(x, b),
            TermKind::Multiply(x, y) => [(x, y), (y, x)].into_iter().any(|(part, whole)| {
                self.largest(part, depth).is_some_and(|most| less_equal(most, Decimal::ONE))
                    && self.is_not_negative(whole, depth)
                    && le(whole, b)
            }),
            _ => false,
        };
        by_a || match &b.kind {
            TermKind::Measure(at) => le(a, &self.plan.measures[*at].term),
            TermKind::Cell(_, Column::Derived(each, at)) => le(a, &self.plan.eaches[*each].columns[*at].term),
            TermKind::Max(all) => all.iter().any(|y| le(a, y)),
            TermKind::Min(all) => all.iter().all(|y| le(a, y)),
            TermKind::If(_, x, y) => le(a, x) && le(a, y),
            TermKind::Add(x, y) => {
                (le(a, x) && self.is_not_negative(y, depth)) || (le(a, y) && self.is_not_negative(x, depth))
            }
            _ => false,
        }
    }

    /// A number that a value is never above.
    fn largest(&self, term: &'p Term, depth: u32) -> Option<Decimal> {
        let depth = depth.checked_sub(1)?;
        match &term.kind {
            TermKind::Number(value) => Some(*value),
            TermKind::Param { param, .. }
            | TermKind::RowParam { param, .. }
            | TermKind::Range { param, .. } => {
                let entries = &self.plan.params[*param].entries;
                entries.iter().map(|entry| largest(&entry.1)).try_fold(None::<Decimal>, |most, value| {
                    let value = value?;
                    Some(Some(most.map_or(value, |most| if less_equal(most, value) { value } else { most })))
                })?
            }
            TermKind::Fact(at) => self.gated(*at),
            TermKind::Cell(_, column @ Column::Value(_)) => self.gated_cell(*column),
            TermKind::Measure(at) => self.largest(&self.plan.measures[*at].term, depth),
            TermKind::If(_, a, b) => {
                let (a, b) = (self.largest(a, depth)?, self.largest(b, depth)?);
                Some(if less_equal(a, b) { b } else { a })
            }
            TermKind::Min(all) => all.iter().find_map(|t| self.largest(t, depth)),
            // A part over the whole.
            TermKind::Divide(a, b) => self.is_at_most(a, b, depth).then_some(Decimal::ONE),
            _ => None,
        }
    }

    fn least(&self, term: &Term) -> Option<Decimal> {
        match &term.kind {
            TermKind::Number(value) => Some(*value),
            TermKind::Param { param, .. } => {
                let entries = &self.plan.params[*param].entries;
                entries.iter().map(|entry| smallest(&entry.1)).try_fold(None::<Decimal>, |least, value| {
                    let value = value?;
                    Some(Some(
                        least.map_or(value, |least| if less_equal(least, value) { least } else { value }),
                    ))
                })?
            }
            _ => None,
        }
    }

    /// The number above which a gate ends early.
    pub(super) fn gated(&self, fact: usize) -> Option<Decimal> {
        if !self.past_gates {
            return None;
        }
        let mut out: Option<Decimal> = None;
        for gate in &self.plan.gates {
            let mut open = vec![&gate.when];
            while let Some(condition) = open.pop() {
                match &condition.kind {
                    TermKind::Or(a, b) => open.extend([&**a, &**b]),
                    TermKind::Compare(Relation::Less | Relation::LessEqual, bound, value) => {
                        if let (TermKind::Number(bound), TermKind::Fact(own)) = (&bound.kind, &value.kind)
                            && *own == fact
                        {
                            out =
                                Some(out.map_or(*bound, |most| {
                                    if less_equal(*bound, most) { *bound } else { most }
                                }));
                        }
                    }
                    _ => {}
                }
            }
        }
        out
    }

    /// The number above which a value of some row in the window makes a gate end early.
    fn gated_cell(&self, own: Column) -> Option<Decimal> {
        if !self.past_gates {
            return None;
        }
        self.plan.gates.iter().find_map(|gate| {
            let TermKind::Aggregate { rows, column: None, window, filter: Some(filter), .. } =
                &gate.when.kind
            else {
                return None;
            };
            let all = !matches!(rows, Rows::Each(each) if self.plan.eaches[*each].filter.is_some());
            match &filter.kind {
                TermKind::Compare(Relation::Less | Relation::LessEqual, bound, value)
                    if all && self.window == Some(*window) =>
                {
                    match (&bound.kind, &value.kind) {
                        (TermKind::Number(bound), TermKind::Cell(_, column)) if *column == own => {
                            Some(*bound)
                        }
                        _ => None,
                    }
                }
                _ => None,
            }
        })
    }

    /// Whether a condition that does not hold of the better record says that a value of the row is not above another.
    fn excluded_above(&self, a: &Term, b: &Term) -> bool {
        let Some(case) = self.case else { return false };
        self.not.iter().any(|condition| {
            let TermKind::Aggregate { rows, column: None, window, filter: Some(filter), .. } =
                &condition.kind
            else {
                return false;
            };
            if matches!(rows, Rows::Each(each) if self.plan.eaches[*each].filter.is_some()) {
                return false;
            }
            let mut open = vec![&**filter];
            let (mut above, mut others) = (None, true);
            while let Some(part) = open.pop() {
                match &part.kind {
                    TermKind::And(x, y) => open.extend([&**x, &**y]),
                    TermKind::Compare(Relation::Less | Relation::LessEqual, bound, value)
                        if matches!(value.ty, Type::Number(_)) && above.is_none() =>
                    {
                        above = Some((value, bound));
                    }
                    _ => others &= known(part, case.from) == Some(true),
                }
            }
            let Some((value, bound)) = above.filter(|_| others && self.window == Some(*window)) else {
                return false;
            };
            let expanded = match value.kind {
                TermKind::Cell(_, Column::Derived(each, at)) => {
                    at_outcome(&self.plan.eaches[each].columns[at].term, case.from)
                }
                _ => value,
            };
            (self.same(a, value) || self.same(a, expanded)) && self.same(b, bound)
        })
    }
}

fn less_equal(a: Decimal, b: Decimal) -> bool {
    let scale = |d: Decimal| 10_i128.pow(d.places());
    match (a.mantissa().checked_mul(scale(b)), b.mantissa().checked_mul(scale(a))) {
        (Some(a), Some(b)) => a <= b,
        _ => false,
    }
}

fn values(value: &ParamValue) -> Vec<Decimal> {
    match value {
        ParamValue::One(value) => vec![*value],
        ParamValue::ByClass(values) | ParamValue::ByIndustry(values) | ParamValue::ByRowClass(values) => {
            values.clone()
        }
        ParamValue::Ranges(ranges) => ranges.iter().map(|range| range.value).collect(),
        ParamValue::Causes(_) | ParamValue::Industries(_) => Vec::new(),
    }
}

fn smallest(value: &ParamValue) -> Option<Decimal> {
    values(value).into_iter().reduce(|a, b| if less_equal(a, b) { a } else { b })
}

fn largest(value: &ParamValue) -> Option<Decimal> {
    values(value).into_iter().reduce(|a, b| if less_equal(a, b) { b } else { a })
}
