//! A checked plan, for one class on one rating date, as decision diagrams.

use super::basis::{MONTHS_MOST, Quantity, Sort};
use super::diagram::{Diagrams, NO, Node, Op, Value, YES};
use super::linear::{Linear, TooLarge};
use crate::number::Decimal;
use crate::plan::checked::{
    AggregateKind, Change, Checked, Column, ParamValue, PriorPart, Relation, Rows, StageValue, Term,
    TermKind, Type, WindowRef,
};
use crate::plan::compiled::Span;
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
    /// From 1.
    pub class: u8,
    pub windows: &'a [Vec<Span>],
    pub d: &'d mut Diagrams<'b>,
    measures: Vec<Meant>,
    step: Node,
    tier: Node,
    start: Node,
    rate: Node,
}

impl<'a, 'd, 'b> Reader<'a, 'd, 'b> {
    pub fn new(
        plan: &'a Checked,
        date: Date,
        class: u8,
        windows: &'a [Vec<Span>],
        d: &'d mut Diagrams<'b>,
    ) -> Self {
        let zero = d.whole(0);
        Self {
            plan,
            date,
            class,
            windows,
            d,
            measures: Vec::new(),
            step: zero,
            tier: zero,
            start: zero,
            rate: zero,
        }
    }

    /// The conditions on claims, for each sort of claim: claims that all treat alike are of one kind.
    pub fn sorted_by(&mut self, sort: Sort) -> Said<Vec<Node>> {
        let mut filters = Vec::new();
        for term in self.plan.terms() {
            claim_filters(term, &mut filters);
        }
        for filter in &filters {
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
                return Err(Outside(
                    "a condition on claims that looks beyond the row and the facts".to_owned(),
                ));
            }
        }
        filters.into_iter().map(|f| self.truth(f, &[], Some(sort))).collect()
    }

    /// The whole plan.
    pub fn meaning(&mut self) -> Said<Meaning> {
        let plan = self.plan;
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
            if let Change::Step(step) = &adjust.change {
                let (when, before) = (self.condition(&adjust.when)?, self.step);
                let changed = self.number(step)?.0;
                self.step = self.d.choose(when, changed, before);
                adjusts[at] = (when, before, self.step);
                unclamped = self.step;
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
            hold = self.d.and(hold, any);
            if table.unique {
                let one = self.d.not(several);
                hold = self.d.and(hold, one);
            }
            all.push(rows);
        }
        Ok((all, hold))
    }

    /// The step within the class's limits, its tier, and where it has none.
    fn ladder(&mut self, step: Node) -> Said<(Node, Node, Node)> {
        let ladder = &self.plan.ladder;
        let mut step = step;
        if let Some((low, high)) = ladder.allowed.get(usize::from(self.class) - 1) {
            let (low, high) = (self.d.whole(i128::from(*low)), self.d.whole(i128::from(*high)));
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
        use crate::plan::checked::AssertKind;
        let plan = self.plan;
        let mut out = Vec::new();
        for assert in &plan.asserts {
            out.push(match &assert.kind {
                AssertKind::Inert { .. } => (YES, YES),
                AssertKind::NotMonotone { only_where, .. } => (self.condition(only_where)?, YES),
                AssertKind::Identity { is, holds_where, .. } => {
                    let at = holds_where.as_ref().map_or(Ok(YES), |w| self.condition(w))?;
                    (self.condition(is)?, at)
                }
            });
        }
        Ok(out)
    }

    fn condition(&mut self, term: &Term) -> Said<Node> {
        self.truth(term, &[], None)
    }

    /// A number and where it is undefined.
    fn number(&mut self, term: &Term) -> Said<(Node, Node)> {
        self.quantity(term, &[], None)
    }

    fn truth(&mut self, term: &Term, bound: &[(usize, Span)], row: Option<Sort>) -> Said<Node> {
        match self.term(term, bound, row)? {
            Meant::Truth(node) => Ok(node),
            other => Err(Outside(format!("{other:?} is no condition"))),
        }
    }

    fn quantity(&mut self, term: &Term, bound: &[(usize, Span)], row: Option<Sort>) -> Said<(Node, Node)> {
        match self.term(term, bound, row)? {
            Meant::Number { value, undefined } => Ok((value, undefined)),
            Meant::Place(place) => Ok((self.d.whole(place), NO)),
            Meant::Day(Day::Known(day)) => Ok((self.d.whole(i128::from(day.day_number())), NO)),
            Meant::Day(Day::Insured { first }) => Ok((self.var(Quantity::Day { first }, 1), NO)),
            Meant::Truth(_) | Meant::Count { .. } => Err(Outside("a condition is no number".to_owned())),
        }
    }

    /// A quantity in units of `1 / per`.
    fn var(&mut self, quantity: Quantity, per: i128) -> Node {
        let var = self.d.basis.var(quantity);
        self.d.number(Value { num: Linear::variable(var), den: Linear::constant(per) })
    }

    fn flag(&mut self, quantity: Quantity) -> Node {
        let var = self.d.basis.var(quantity);
        self.d.flag(var)
    }

    fn decimal(&mut self, value: Decimal) -> Said<Node> {
        let den = 10_i128.checked_pow(value.places()).ok_or(TooLarge)?;
        Ok(self.d.number(Value { num: Linear::constant(value.mantissa()), den: Linear::constant(den) }))
    }

    fn sum_of(&mut self, quantities: Vec<(Quantity, Node)>) -> Said<Node> {
        let zero = self.d.whole(0);
        let mut certain = Linear::constant(0);
        let mut sum = zero;
        for (quantity, when) in quantities {
            let var = self.d.basis.var(quantity);
            match when {
                NO => {}
                YES => certain = certain.plus(1, &Linear::variable(var))?,
                _ => {
                    let value = self.d.number(Value { num: Linear::variable(var), den: Linear::constant(1) });
                    let value = self.d.choose(when, value, zero);
                    sum = self.d.apply(Op::Plus, sum, value)?;
                }
            }
        }
        let certain = self.d.number(Value { num: certain, den: Linear::constant(1) });
        Ok(self.d.apply(Op::Plus, certain, sum)?)
    }

    fn span(&self, window: WindowRef, bound: &[(usize, Span)]) -> (usize, Span) {
        match window {
            WindowRef::Of(at) => (at, self.windows[at][0]),
            WindowRef::Bound(up) => bound[bound.len() - 1 - up],
        }
    }

    fn term(&mut self, term: &Term, bound: &[(usize, Span)], row: Option<Sort>) -> Said<Meant> {
        let plan = self.plan;
        let number = |value| Meant::Number { value, undefined: NO };
        Ok(match &term.kind {
            TermKind::Number(value) if term.ty == Type::Class => Meant::Place(value.mantissa()),
            TermKind::Number(value) => number(self.decimal(*value)?),
            TermKind::Bool(value) => Meant::Truth(if *value { YES } else { NO }),
            TermKind::Date(date) => Meant::Day(Day::Known(*date)),
            TermKind::Cause(cause) => Meant::Place(i128::from(cause.place())),
            TermKind::Outcome(outcome) => Meant::Place(i128::from(outcome.place())),
            TermKind::Fact(at) => {
                let fact = &plan.facts[*at];
                let name = fact.name.text.clone();
                if term.ty == Type::Boolean {
                    return Ok(Meant::Truth(self.flag(Quantity::Flag(name))));
                }
                let per = 10_i128.checked_pow(fact.places).ok_or(TooLarge)?;
                number(self.var(Quantity::Fact(name), per))
            }
            TermKind::Measure(at) => self.measures[*at],
            TermKind::Param { param, class } => number(self.param(*param, class.unwrap_or(self.class))?),
            TermKind::Class => Meant::Place(i128::from(self.class)),
            TermKind::InsuredSince => Meant::Day(Day::Insured { first: false }),
            TermKind::FirstInsured => Meant::Day(Day::Insured { first: true }),
            TermKind::Prior(part) => number(self.prior(*part)?),
            TermKind::Stage(StageValue::Step) => number(self.step),
            TermKind::Stage(StageValue::Tier) => number(self.tier),
            TermKind::Stage(StageValue::Start) => number(self.start),
            TermKind::Stage(StageValue::Rate) => number(self.rate),
            TermKind::WindowStart(window) => Meant::Day(Day::Known(self.span(*window, bound).1.start)),
            TermKind::WindowEnd(window) => Meant::Day(Day::Known(self.span(*window, bound).1.end)),
            TermKind::Complete(window) => {
                let (at, span) = self.span(*window, bound);
                Meant::Truth(self.complete(at, span))
            }
            TermKind::MonthsSince(from, to) => {
                let (from, to) = (self.term(from, bound, row)?, self.term(to, bound, row)?);
                number(self.months(from, to)?)
            }
            TermKind::Cell(column) => cell(*column, row)?,
            TermKind::Aggregate { kind, rows, column, window, filter } => {
                let (at, span) = self.span(*window, bound);
                match rows {
                    Rows::Claims => self.claims(*kind, *column, span, filter.as_deref(), bound)?,
                    Rows::Periods => self.periods(*kind, *column, at, span, filter.is_some())?,
                }
            }
            TermKind::Quantified { all, window, body } => {
                let mut out = if *all { YES } else { NO };
                for span in self.windows[*window].clone() {
                    let inner = [bound, &[(*window, span)]].concat();
                    let holds = self.truth(body, &inner, row)?;
                    out = if *all { self.d.and(out, holds) } else { self.d.or(out, holds) };
                }
                Meant::Truth(out)
            }
            TermKind::Add(a, b) => self.two(Op::Plus, a, b, bound, row)?,
            TermKind::Subtract(a, b) => self.two(Op::Minus, a, b, bound, row)?,
            TermKind::Multiply(a, b) => self.two(Op::Times, a, b, bound, row)?,
            TermKind::Divide(a, b) => self.two(Op::Over, a, b, bound, row)?,
            TermKind::Min(all) | TermKind::Max(all) => {
                let larger = matches!(term.kind, TermKind::Max(_));
                let mut out: Option<(Node, Node)> = None;
                for each in all {
                    let (value, undefined) = self.quantity(each, bound, row)?;
                    out = Some(match out {
                        None => (value, undefined),
                        Some((known, gap)) => {
                            (self.d.extreme(known, value, larger)?, self.d.or(gap, undefined))
                        }
                    });
                }
                let (value, undefined) = out.ok_or_else(|| Outside("an empty min or max".to_owned()))?;
                Meant::Number { value, undefined }
            }
            TermKind::If(condition, yes, no) => {
                let condition = self.truth(condition, bound, row)?;
                match (self.term(yes, bound, row)?, self.term(no, bound, row)?) {
                    (Meant::Truth(yes), Meant::Truth(no)) => Meant::Truth(self.d.choose(condition, yes, no)),
                    (Meant::Number { value: a, undefined: x }, Meant::Number { value: b, undefined: y }) => {
                        let value = self.d.choose(condition, a, b);
                        Meant::Number { value, undefined: self.d.choose(condition, x, y) }
                    }
                    _ => return Err(Outside("an `if` between days, causes or outcomes".to_owned())),
                }
            }
            TermKind::Compare(relation, a, b) => {
                let (a, b) = (self.term(a, bound, row)?, self.term(b, bound, row)?);
                Meant::Truth(self.compare(*relation, a, b)?)
            }
            TermKind::And(a, b) => {
                let (a, b) = (self.truth(a, bound, row)?, self.truth(b, bound, row)?);
                Meant::Truth(self.d.and(a, b))
            }
            TermKind::Or(a, b) => {
                let (a, b) = (self.truth(a, bound, row)?, self.truth(b, bound, row)?);
                Meant::Truth(self.d.or(a, b))
            }
            TermKind::Not(a) => {
                let a = self.truth(a, bound, row)?;
                Meant::Truth(self.d.not(a))
            }
            TermKind::CauseIn(item, param) => {
                let Meant::Place(place) = self.term(item, bound, row)? else {
                    return Err(Outside("a cause outside a condition on claims".to_owned()));
                };
                let inside = match plan.params[*param].on(self.date) {
                    Some(ParamValue::Causes(causes)) => causes.iter().any(|c| i128::from(c.place()) == place),
                    _ => false,
                };
                Meant::Truth(if inside { YES } else { NO })
            }
        })
    }

    fn two(&mut self, op: Op, a: &Term, b: &Term, bound: &[(usize, Span)], row: Option<Sort>) -> Said<Meant> {
        let ((a, a_gap), (b, b_gap)) = (self.quantity(a, bound, row)?, self.quantity(b, bound, row)?);
        let mut undefined = self.d.or(a_gap, b_gap);
        let mut divisor = b;
        if op == Op::Over {
            let zero = self.d.whole(0);
            let by_zero = self.d.apply(Op::Equal, b, zero)?;
            undefined = self.d.or(undefined, by_zero);
            // Where the divisor is 0 any number will do.
            let one = self.d.whole(1);
            divisor = self.d.choose(by_zero, one, b);
        }
        Ok(Meant::Number { value: self.d.apply(op, a, divisor)?, undefined })
    }

    fn compare(&mut self, relation: Relation, a: Meant, b: Meant) -> Said<Node> {
        let known = |x: i128, y: i128| {
            let holds = match relation {
                Relation::Equal => x == y,
                Relation::NotEqual => x != y,
                Relation::Less => x < y,
                Relation::LessEqual => x <= y,
            };
            if holds { YES } else { NO }
        };
        let (x, y) = match (a, b) {
            (Meant::Truth(a), Meant::Truth(b)) => {
                let not_b = self.d.not(b);
                let equal = self.d.choose(a, b, not_b);
                return Ok(if relation == Relation::NotEqual { self.d.not(equal) } else { equal });
            }
            (Meant::Place(a), Meant::Place(b)) => return Ok(known(a, b)),
            (Meant::Count { counted }, other) | (other, Meant::Count { counted }) => {
                return self.count_against(relation, counted, matches!(a, Meant::Count { .. }), other);
            }
            (Meant::Day(Day::Known(a)), Meant::Day(Day::Known(b))) => {
                return Ok(known(i128::from(a.day_number()), i128::from(b.day_number())));
            }
            (a, b) => (self.as_number(a)?, self.as_number(b)?),
        };
        let op = match relation {
            Relation::Equal | Relation::NotEqual => Op::Equal,
            Relation::Less => Op::Less,
            Relation::LessEqual => Op::LessEqual,
        };
        let mut holds = self.d.apply(op, x.0, y.0)?;
        if relation == Relation::NotEqual {
            holds = self.d.not(holds);
        }
        let undefined = self.d.or(x.1, y.1);
        let defined = self.d.not(undefined);
        Ok(self.d.and(defined, holds))
    }

    fn as_number(&mut self, meant: Meant) -> Said<(Node, Node)> {
        match meant {
            Meant::Number { value, undefined } => Ok((value, undefined)),
            Meant::Day(Day::Known(day)) => Ok((self.d.whole(i128::from(day.day_number())), NO)),
            Meant::Day(Day::Insured { first }) => Ok((self.var(Quantity::Day { first }, 1), NO)),
            Meant::Place(place) => Ok((self.d.whole(place), NO)),
            Meant::Truth(_) | Meant::Count { .. } => Err(Outside("a comparison of a condition".to_owned())),
        }
    }

    /// The count of a row beside 0; other counts tell rows apart that are one sort here.
    fn count_against(&mut self, relation: Relation, counted: bool, first: bool, other: Meant) -> Said<Node> {
        let (value, _) = self.as_number(other)?;
        let zero = self.d.value(value).and_then(Value::known).is_some_and(|(num, _)| num == 0);
        if !zero {
            return Err(Outside("a condition on the count of a row other than above 0".to_owned()));
        }
        let holds = match (relation, first) {
            (Relation::Equal, _) => !counted,
            (Relation::NotEqual, _) | (Relation::Less, false) => counted,
            (Relation::Less, true) => false,
            (Relation::LessEqual, true) => !counted,
            (Relation::LessEqual, false) => true,
        };
        Ok(if holds { YES } else { NO })
    }

    fn param(&mut self, param: usize, class: u8) -> Said<Node> {
        match self.plan.params[param].on(self.date) {
            Some(ParamValue::One(value)) => self.decimal(*value),
            Some(ParamValue::ByClass(values)) => self.decimal(values[usize::from(class) - 1]),
            _ => Err(Outside(format!("parameter `{}` is no number", self.plan.params[param].name))),
        }
    }

    fn prior(&mut self, part: PriorPart) -> Said<Node> {
        let given = self.flag(Quantity::PriorGiven(part));
        let value = self.var(Quantity::Prior(part), 10_i128.pow(crate::limits::RATE_PLACES));
        let base = self.plan.params.iter().position(|p| p.name == "base_rate");
        let instead = match base {
            Some(base) if part != PriorPart::Tier => self.param(base, self.class)?,
            _ => self.d.whole(1),
        };
        Ok(self.d.choose(given, value, instead))
    }

    fn months(&mut self, from: Meant, to: Meant) -> Said<Node> {
        match (from, to) {
            (Meant::Day(Day::Known(from)), Meant::Day(Day::Known(to))) => {
                Ok(self.d.whole(i128::from(from.whole_months_to(to.plus_days(1)))))
            }
            (Meant::Day(Day::Insured { first }), Meant::Day(Day::Known(to))) => {
                let short = self.d.basis.var(Quantity::Short { first, until: to.plus_days(1) });
                let num = Linear { terms: vec![(short, -1)], constant: MONTHS_MOST };
                Ok(self.d.number(Value { num, den: Linear::constant(1) }))
            }
            _ => Err(Outside("months up to a day of the record".to_owned())),
        }
    }

    /// Whether a column of a window may be missing without a review.
    fn may_be_missing(&self, column: Column, window: usize, span: Span) -> bool {
        column.may_be_missing()
            && !self.plan.windows[window].source.review
            && !self.plan.windows.iter().zip(self.windows).enumerate().any(|(at, (w, spans))| {
                w.source.review && spans.contains(&span) && self.plan.reads(column, at)
            })
    }

    fn missing(&mut self, column: Column, window: usize, span: Span) -> Node {
        if self.may_be_missing(column, window, span) {
            self.flag(Quantity::Missing { column, window: span })
        } else {
            NO
        }
    }

    fn complete(&mut self, window: usize, span: Span) -> Node {
        let reviewed = self
            .plan
            .windows
            .iter()
            .zip(self.windows)
            .any(|(w, spans)| w.source.review && spans.contains(&span));
        let mut out = if reviewed { YES } else { self.flag(Quantity::Whole(span)) };
        for (rows, _, column, _) in Column::ALL {
            if rows == Rows::Periods && self.plan.reads(column, window) {
                let missing = self.missing(column, window, span);
                let there = self.d.not(missing);
                out = self.d.and(out, there);
            }
        }
        out
    }

    fn claims(
        &mut self,
        kind: AggregateKind,
        column: Option<Column>,
        span: Span,
        filter: Option<&Term>,
        bound: &[(usize, Span)],
    ) -> Said<Meant> {
        let mut held = Vec::new();
        for at in 0..self.d.basis.kinds.len() {
            let sort = self.d.basis.kinds[at][0];
            held.push(filter.map_or(Ok(YES), |f| self.truth(f, bound, Some(sort)))?);
        }
        let mut quantities = Vec::new();
        for stretch in self.d.basis.within(span) {
            for (kind, when) in held.iter().enumerate().filter(|(_, when)| **when != NO) {
                let sorts = &self.d.basis.kinds[kind];
                let (counted, paid) = (sorts.iter().any(|s| s.counted), sorts.iter().any(|s| !s.counted));
                match column {
                    Some(column @ (Column::BenefitsPaid | Column::Reserve)) => {
                        quantities.push((Quantity::Money { column, stretch, kind }, *when));
                    }
                    Some(Column::Count) if counted => {
                        quantities.push((Quantity::Injuries { stretch, kind }, *when))
                    }
                    Some(Column::Count) => {}
                    Some(_) => {
                        return Err(Outside(
                            "a sum of a column of claims other than money or count".to_owned(),
                        ));
                    }
                    None => {
                        if counted {
                            quantities.push((Quantity::Injuries { stretch, kind }, *when));
                        }
                        if paid {
                            quantities.push((Quantity::Payments { stretch, kind }, *when));
                        }
                    }
                }
            }
        }
        let value = self.sum_of(quantities)?;
        match kind {
            AggregateKind::Sum => Ok(Meant::Number { value, undefined: NO }),
            AggregateKind::Any => {
                let zero = self.d.whole(0);
                Ok(Meant::Truth(self.d.apply(Op::Less, zero, value)?))
            }
            AggregateKind::Average => Err(Outside("an average over claims".to_owned())),
        }
    }

    fn total(&mut self, column: Column, span: Span) -> Said<Node> {
        let stretches = self.d.basis.within(span);
        let mut quantities: Vec<(Quantity, Node)> =
            stretches.iter().map(|stretch| (Quantity::Total { column, stretch: *stretch }, YES)).collect();
        if stretches.len() > 1 {
            quantities.push((Quantity::Across { column, window: span }, YES));
        }
        let value = self.sum_of(quantities)?;
        if column != Column::Headcount {
            return Ok(value);
        }
        // Headcounts are counted in 10^-6.
        let per = self.decimal(Decimal::new(1, crate::limits::HEADCOUNT_PLACES))?;
        Ok(self.d.apply(Op::Times, value, per)?)
    }

    fn periods(
        &mut self,
        kind: AggregateKind,
        column: Option<Column>,
        window: usize,
        span: Span,
        filtered: bool,
    ) -> Said<Meant> {
        let Some(column) = column.filter(|_| !filtered && kind != AggregateKind::Any) else {
            return Err(Outside("a condition on periods".to_owned()));
        };
        let mut undefined = self.missing(column, window, span);
        if kind == AggregateKind::Sum {
            return Ok(Meant::Number { value: self.total(column, span)?, undefined });
        }
        let lacks_months = self.missing(Column::MonthsInsured, window, span);
        let (months, zero) = (self.total(Column::MonthsInsured, span)?, self.d.whole(0));
        let no_months = self.d.apply(Op::Equal, months, zero)?;
        for gap in [lacks_months, no_months] {
            undefined = self.d.or(undefined, gap);
        }
        Ok(Meant::Number { value: self.var(Quantity::Average { column, window: span }, 1), undefined })
    }
}

fn cell(column: Column, row: Option<Sort>) -> Said<Meant> {
    match (column, row) {
        (Column::Cause, Some(sort)) => Ok(Meant::Place(i128::from(sort.cause.place()))),
        (Column::Outcome, Some(sort)) => Ok(Meant::Place(i128::from(sort.outcome.place()))),
        (Column::Count, Some(sort)) => Ok(Meant::Count { counted: sort.counted }),
        _ => Err(Outside(format!("a condition on the column `{}` of a row", column.name()))),
    }
}

fn claim_filters<'t>(term: &'t Term, out: &mut Vec<&'t Term>) {
    term.walk(&mut |t| {
        if let TermKind::Aggregate { rows: Rows::Claims, filter: Some(filter), .. } = &t.kind {
            out.push(filter);
        }
    });
}
