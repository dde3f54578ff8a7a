//! Formulas as diagrams.

use super::{Day, Meant, Outside, Reader, Said};
use crate::number::Decimal;
use crate::plan::checked::{
    Column, Over, ParamValue, Relation, Rows, StageValue, Term, TermKind, Type, WindowRef,
};
use crate::plan::compiled::Span;
use crate::proof::basis::{MONTHS_MOST, Quantity, Sort};
use crate::proof::diagram::{NO, Node, Op, Value, YES};
use crate::proof::linear::{Linear, TooLarge};

impl Reader<'_, '_, '_> {
    pub(super) fn condition(&mut self, term: &Term) -> Said<Node> {
        self.truth(term, &[], None)
    }

    /// A number and where it is undefined.
    pub(super) fn number(&mut self, term: &Term) -> Said<(Node, Node)> {
        self.quantity(term, &[], None)
    }

    pub(super) fn truth(&mut self, term: &Term, bound: &[(usize, Span)], row: Option<Sort>) -> Said<Node> {
        match self.term(term, bound, row)? {
            Meant::Truth(node) => Ok(node),
            other => Err(Outside(format!("{other:?} is no condition"))),
        }
    }

    pub(super) fn quantity(
        &mut self,
        term: &Term,
        bound: &[(usize, Span)],
        row: Option<Sort>,
    ) -> Said<(Node, Node)> {
        match self.term(term, bound, row)? {
            Meant::Number { value, undefined } => Ok((value, undefined)),
            Meant::Place(place) => Ok((self.d.whole(place), NO)),
            Meant::Day(Day::Known(day)) => Ok((self.d.whole(i128::from(day.day_number())), NO)),
            Meant::Day(Day::Insured { first }) => Ok((self.var(Quantity::Day { first }, 1), NO)),
            Meant::Truth(_) | Meant::Count { .. } => Err(Outside("a condition is no number".to_owned())),
        }
    }

    /// A quantity in units of `1 / per`.
    pub(super) fn var(&mut self, quantity: Quantity, per: i128) -> Node {
        let var = self.d.basis.var(quantity);
        self.d.number(Value { num: Linear::variable(var), den: Linear::constant(per) })
    }

    pub(super) fn flag(&mut self, quantity: Quantity) -> Node {
        let var = self.d.basis.var(quantity);
        self.d.flag(var)
    }

    pub(super) fn decimal(&mut self, value: Decimal) -> Said<Node> {
        let den = 10_i128.checked_pow(value.places()).ok_or(TooLarge)?;
        Ok(self.d.number(Value { num: Linear::constant(value.mantissa()), den: Linear::constant(den) }))
    }

    pub(super) fn sum_of(&mut self, quantities: Vec<(Quantity, Node)>) -> Said<Node> {
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

    pub(super) fn span(&self, window: WindowRef, bound: &[(usize, Span)]) -> (usize, Span) {
        match window {
            WindowRef::Of(at) => (at, self.windows[at][0]),
            WindowRef::Bound(up) => bound[bound.len() - 1 - up],
        }
    }

    pub(super) fn term(&mut self, term: &Term, bound: &[(usize, Span)], row: Option<Sort>) -> Said<Meant> {
        match self.exactly(term, bound, row) {
            Err(why) if self.loose && row.is_none() => self.unknown(term, bound, why),
            said => said,
        }
    }

    fn exactly(&mut self, term: &Term, bound: &[(usize, Span)], row: Option<Sort>) -> Said<Meant> {
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
            TermKind::Param { param, class } => number(self.param(*param, *class)?),
            TermKind::Class | TermKind::Stage(StageValue::Class) => number(self.class),
            TermKind::RowParam { .. } => {
                return Err(Outside("a parameter looked up by a row".to_owned()));
            }
            TermKind::Range { param, at } => {
                let (value, undefined) = self.range(*param, at, bound, row)?;
                Meant::Number { value, undefined }
            }
            TermKind::Portfolio(at) => {
                number(self.var(Quantity::Portfolio(plan.portfolio[*at].name.clone()), 1_000_000))
            }
            TermKind::EmployersSum(_) | TermKind::Employers => {
                return Err(Outside("a sum over employers".to_owned()));
            }
            TermKind::Table(at) => number(self.given[*at]),
            TermKind::Choice(at) | TermKind::IndustryCode(at) => {
                Meant::Place(i128::try_from(*at).map_err(|_| TooLarge)?)
            }
            TermKind::Industry => {
                let place = self.key.place(plan).and_then(|at| i128::try_from(at).ok());
                Meant::Place(place.ok_or_else(|| Outside("an unknown industry".to_owned()))?)
            }
            TermKind::IndustryIn(param) => Meant::Truth(self.industry_in(*param)),
            TermKind::Round { value, places, mode } => {
                let (value, undefined) = self.quantity(value, bound, row)?;
                Meant::Number { value: self.rounded(value, *places, *mode)?, undefined }
            }
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
            TermKind::Cell(_, column) => cell(*column, row)?,
            TermKind::Aggregate { kind, rows, column, window, filter } => {
                let (at, span) = self.span(*window, bound);
                match rows {
                    Rows::Claims => self.claims(*kind, *column, span, filter.as_deref(), bound)?,
                    Rows::Each(each) if plan.eaches[*each].over != Over::Periods => {
                        return Err(Outside("what single injuries derive".to_owned()));
                    }
                    rows => self.periods(*kind, *rows, *column, at, span, filter.is_some())?,
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
                    (
                        a @ (Meant::Place(_) | Meant::Number { .. }),
                        b @ (Meant::Place(_) | Meant::Number { .. }),
                    ) => {
                        let ((a, x), (b, y)) = (self.as_number(a)?, self.as_number(b)?);
                        let value = self.d.choose(condition, a, b);
                        Meant::Number { value, undefined: self.d.choose(condition, x, y) }
                    }
                    _ => return Err(Outside("an `if` between days".to_owned())),
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

    pub(super) fn two(
        &mut self,
        op: Op,
        a: &Term,
        b: &Term,
        bound: &[(usize, Span)],
        row: Option<Sort>,
    ) -> Said<Meant> {
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

    pub(super) fn compare(&mut self, relation: Relation, a: Meant, b: Meant) -> Said<Node> {
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

    pub(super) fn as_number(&mut self, meant: Meant) -> Said<(Node, Node)> {
        match meant {
            Meant::Number { value, undefined } => Ok((value, undefined)),
            Meant::Day(Day::Known(day)) => Ok((self.d.whole(i128::from(day.day_number())), NO)),
            Meant::Day(Day::Insured { first }) => Ok((self.var(Quantity::Day { first }, 1), NO)),
            Meant::Place(place) => Ok((self.d.whole(place), NO)),
            Meant::Truth(_) | Meant::Count { .. } => Err(Outside("a comparison of a condition".to_owned())),
        }
    }

    /// The count of a row beside a number below 1; other numbers tell rows apart that are one sort here.
    pub(super) fn count_against(
        &mut self,
        relation: Relation,
        counted: bool,
        first: bool,
        other: Meant,
    ) -> Said<Node> {
        let (value, _) = self.as_number(other)?;
        // From 0 to below 1 every count of an injury is on one side, and that of a payment on the other or at it.
        let bound = self.d.value(value).and_then(Value::known).filter(|(num, den)| 0 <= *num && num < den);
        let Some((num, _)) = bound else {
            return Err(Outside("a condition on the count of a row other than above 0".to_owned()));
        };
        let at = !counted && num == 0;
        let above = counted;
        let holds = match (relation, first) {
            (Relation::Equal, _) => at,
            (Relation::NotEqual, _) => !at,
            (Relation::Less, true) => !at && !above,
            (Relation::LessEqual, true) => !above,
            (Relation::Less, false) => above,
            (Relation::LessEqual, false) => at || above,
        };
        Ok(if holds { YES } else { NO })
    }

    pub(super) fn months(&mut self, from: Meant, to: Meant) -> Said<Node> {
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
}

fn cell(column: Column, row: Option<Sort>) -> Said<Meant> {
    match (column, row) {
        (Column::Cause, Some(sort)) => Ok(Meant::Place(i128::from(sort.cause.place()))),
        (Column::Outcome, Some(sort)) => Ok(Meant::Place(i128::from(sort.outcome.place()))),
        (Column::Count, Some(sort)) => Ok(Meant::Count { counted: sort.counted }),
        _ => Err(Outside(format!("a condition on the column `{}` of a row", column.name()))),
    }
}
