//! Formulas to typed terms. A mistake is noted and the other parts are typed all the same.

use super::names::{Meaning, Names};
use super::term::{Column, Relation, Rows, StageValue, Term, TermKind, Type, Unit};
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::number::Decimal;
use crate::plan::formula::{Expr, ExprKind, Interval, Op, Set};
use crate::plan::source::ParamType;

/// What a formula may see besides the plan's names.
#[derive(Clone, Default)]
pub(super) struct Scope {
    /// The rows that an aggregate stands at.
    pub rows: Option<Rows>,
    /// Names that stand for a window each, innermost last.
    pub bound: Vec<(String, usize)>,
    /// Values of the stages before.
    pub stage: &'static [StageValue],
    /// Whether sums over employers may stand there.
    pub employers: bool,
    /// How many tables, in the order of the plan, have given something.
    pub tables: usize,
}

impl Names<'_> {
    /// Types a formula that must have the type `ty`.
    pub fn expect(&mut self, expr: &Expr, scope: &Scope, ty: Type, what: &str) -> Option<Term> {
        let term = self.term(expr, scope)?;
        if term.ty == ty || (term.ty == Type::Literal && self.adapts(&term, ty)) {
            return Some(Term { ty, ..term });
        }
        let message = format!("{what} is {ty}, but this is {}", term.ty);
        self.complain("unit", term.span, message, format!("expected {ty}"));
        None
    }

    /// Whether a bare number can stand where `ty` is asked for.
    fn adapts(&self, term: &Term, ty: Type) -> bool {
        match ty {
            Type::Number(unit) if unit.money != 0 => is_zero(term),
            Type::Number(_) => true,
            Type::Class => matches!(term.kind, TermKind::Number(n) if n.places() == 0 && n.mantissa() >= 0),
            _ => false,
        }
    }

    pub fn term(&mut self, expr: &Expr, scope: &Scope) -> Option<Term> {
        let span = expr.span;
        let made = |kind, ty| Some(Term { kind, ty, span });
        match &expr.kind {
            ExprKind::Number(value, None) => made(TermKind::Number(*value), Type::Literal),
            ExprKind::Number(value, Some(currency)) => {
                let units = self.money(*value, currency, span)?;
                made(TermKind::Number(units), Type::Number(Unit::MONEY))
            }
            ExprKind::Date(date) => made(TermKind::Date(*date), Type::Date),
            ExprKind::Bool(value) => made(TermKind::Bool(*value), Type::Boolean),
            ExprKind::Name(name) => self.name(name, span, scope),
            ExprKind::Index(name, key) => self.index(name, key, span, scope),
            ExprKind::Call(name, arguments) => self.call(name, arguments, span, scope),
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate, span, scope),
            ExprKind::Quantified { all, variable, window, body } => {
                self.quantified(*all, variable, window, body, span, scope)
            }
            ExprKind::Negate(inner) => {
                let inner = self.term(inner, scope)?;
                if let TermKind::Number(value) = inner.kind {
                    return made(TermKind::Number(Decimal::new(-value.mantissa(), value.places())), inner.ty);
                }
                let zero = Term { kind: TermKind::Number(Decimal::ZERO), ty: inner.ty, span };
                let ty = self.number(&inner)?;
                made(TermKind::Subtract(Box::new(zero), Box::new(inner)), ty)
            }
            ExprKind::Not(inner) => {
                let inner = self.expect(inner, scope, Type::Boolean, "what follows `not`")?;
                made(TermKind::Not(Box::new(inner)), Type::Boolean)
            }
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right, span, scope),
            ExprKind::In { item, negated, set } => {
                let kind = self.membership(item, set, span, scope)?;
                let term = Term { kind, ty: Type::Boolean, span };
                if *negated { made(TermKind::Not(Box::new(term)), Type::Boolean) } else { Some(term) }
            }
            ExprKind::If(condition, yes, no) => {
                let condition = self.expect(condition, scope, Type::Boolean, "a condition");
                let (yes, no) = (self.term(yes, scope), self.term(no, scope));
                let (yes, no, ty) = self.same(yes?, no?, "the two branches of `if`")?;
                made(TermKind::If(Box::new(condition?), Box::new(yes), Box::new(no)), ty)
            }
        }
    }

    pub(super) fn number(&mut self, term: &Term) -> Option<Type> {
        if matches!(term.ty, Type::Number(_) | Type::Literal) {
            return Some(term.ty);
        }
        self.complain("type", term.span, format!("{} is not a number", term.ty), "expected a number");
        None
    }

    /// Gives two operands one type, bare numbers taking the other's unit.
    pub(super) fn same(&mut self, left: Term, right: Term, what: &str) -> Option<(Term, Term, Type)> {
        let ty = if left.ty == Type::Literal { right.ty } else { left.ty };
        let fits = |names: &Self, t: &Term| t.ty == ty || (t.ty == Type::Literal && names.adapts(t, ty));
        if fits(self, &left) && fits(self, &right) {
            if ty == Type::Class {
                [&left, &right].into_iter().for_each(|side| self.known_class(side));
            }
            return Some((Term { ty, ..left }, Term { ty, ..right }, ty));
        }
        let span = left.span.to(right.span);
        let message = format!("{what} have different units: {} and {}", left.ty, right.ty);
        let money = |t: &Term| matches!(t.ty, Type::Number(u) if u.money != 0);
        self.complain("unit", span, message, "expected one unit on both sides");
        if (money(&left) && right.ty == Type::Literal) || (money(&right) && left.ty == Type::Literal) {
            let help = format!("an amount carries its currency: `5000 {}`", self.currency);
            if let Some(last) = self.diagnostics.last_mut() {
                last.help = Some(help);
            }
        }
        None
    }

    /// Refuses a class that the plan does not have: a condition on it would hold always or never.
    fn known_class(&mut self, term: &Term) {
        if let TermKind::Number(class) = term.kind
            && self.classes > 0
            && !(1..=i128::from(self.classes)).contains(&class.mantissa())
        {
            let message = format!("{class} is not a class of this plan");
            self.complain("key", term.span, message, format!("expected 1 to {}", self.classes));
        }
    }

    fn binary(&mut self, op: Op, left: &Expr, right: &Expr, span: Span, scope: &Scope) -> Option<Term> {
        let made = |kind, ty| Some(Term { kind, ty, span });
        if matches!(op, Op::And | Op::Or) {
            let what = format!("each side of `{}`", op.sign());
            let left = self.expect(left, scope, Type::Boolean, &what);
            let right = self.expect(right, scope, Type::Boolean, &what);
            let (left, right) = (Box::new(left?), Box::new(right?));
            let kind = if op == Op::And { TermKind::And(left, right) } else { TermKind::Or(left, right) };
            return made(kind, Type::Boolean);
        }
        let left = self.term(left, scope);
        let right = match &left {
            Some(left) => self.beside(right, left.ty, scope),
            None => self.term(right, scope),
        };
        let (left, right) = (left?, right?);
        if matches!(op, Op::Multiply | Op::Divide) {
            return self.product(op, left, right, span);
        }
        let (left, right, ty) = self.same(left, right, &format!("the sides of `{}`", op.sign()))?;
        let (a, b) = (Box::new(left), Box::new(right));
        if matches!(op, Op::Add | Op::Subtract) {
            self.number(&a)?;
            return made(if op == Op::Add { TermKind::Add(a, b) } else { TermKind::Subtract(a, b) }, ty);
        }
        let ordered = matches!(ty, Type::Number(_) | Type::Literal | Type::Date | Type::Class);
        if !ordered && !matches!(op, Op::Equal | Op::NotEqual) {
            self.complain("type", span, format!("{ty} has no order"), "expected `=` or `!=`");
            return None;
        }
        let kind = match op {
            Op::Less => TermKind::Compare(Relation::Less, a, b),
            Op::LessEqual => TermKind::Compare(Relation::LessEqual, a, b),
            Op::Greater => TermKind::Compare(Relation::Less, b, a),
            Op::GreaterEqual => TermKind::Compare(Relation::LessEqual, b, a),
            Op::Equal => TermKind::Compare(Relation::Equal, a, b),
            _ => TermKind::Compare(Relation::NotEqual, a, b),
        };
        made(kind, Type::Boolean)
    }

    fn product(&mut self, op: Op, left: Term, right: Term, span: Span) -> Option<Term> {
        self.number(&left)?;
        self.number(&right)?;
        let unit = |ty: Type| if let Type::Number(unit) = ty { unit } else { Unit::RATIO };
        let (a, b) = (unit(left.ty), unit(right.ty));
        let combined = if op == Op::Multiply { a.times(b) } else { a.over(b) };
        let Some(combined) = combined else {
            let message = format!("{} {} {} has no meaning", left.ty, op.sign(), right.ty);
            self.complain("unit", span, message, "expected units that combine");
            return None;
        };
        let both_bare = left.ty == Type::Literal && right.ty == Type::Literal;
        let ty = if both_bare { Type::Literal } else { Type::Number(combined) };
        if op == Op::Divide && is_zero(&right) {
            self.complain("value", right.span, "this divides by 0", "expected another number");
            return None;
        }
        if op == Op::Divide && self.may_be_negative(&right) {
            self.complain(
                "value",
                right.span,
                "this divisor may be negative",
                "expected a value that is never below 0",
            );
            return None;
        }
        let (a, b) = (Box::new(left), Box::new(right));
        Some(Term {
            kind: if op == Op::Multiply { TermKind::Multiply(a, b) } else { TermKind::Divide(a, b) },
            ty,
            span,
        })
    }

    /// Whether a number could be below 0: everything in a record and a parameter is not.
    pub(super) fn may_be_negative(&self, term: &Term) -> bool {
        match &term.kind {
            TermKind::Number(n) => n.mantissa() < 0,
            TermKind::Subtract(..) | TermKind::MonthsSince(..) | TermKind::Stage(StageValue::Step) => true,
            TermKind::Measure(at) => self.measure_negative[*at],
            TermKind::Cell(_, Column::Derived(each, at)) => self.eaches[*each].columns[*at].negative,
            TermKind::Aggregate { column: Some(Column::Derived(each, at)), .. } => {
                self.eaches[*each].columns[*at].negative
            }
            TermKind::Portfolio(at) => self.portfolio[*at].negative,
            TermKind::Table(at) => {
                self.tables[*at].as_ref().is_some_and(|t| t.rows.iter().any(|r| r.gives.mantissa() < 0))
            }
            TermKind::Round { value, .. } | TermKind::EmployersSum(value) => self.may_be_negative(value),
            TermKind::Add(a, b)
            | TermKind::Multiply(a, b)
            | TermKind::Divide(a, b)
            | TermKind::If(_, a, b) => self.may_be_negative(a) || self.may_be_negative(b),
            TermKind::Min(terms) => terms.iter().any(|t| self.may_be_negative(t)),
            TermKind::Max(terms) => terms.iter().all(|t| self.may_be_negative(t)),
            _ => false,
        }
    }

    /// A term beside one of the type `ty`: industries and the choices of tables are words without a meaning of their
    /// own.
    fn beside(&mut self, expr: &Expr, ty: Type, scope: &Scope) -> Option<Term> {
        let ExprKind::Name(word) = &expr.kind else { return self.term(expr, scope) };
        let known: Vec<String> = match ty {
            Type::Industry => self.industries.to_vec(),
            Type::Choice(table) => self.tables[table].as_ref()?.choices.clone(),
            _ => return self.term(expr, scope),
        };
        let Some(at) = known.iter().position(|known| known == word) else {
            let message = format!("there is no {ty} `{word}`");
            let an = if ty == Type::Industry { "an" } else { "a" };
            let mut diagnostic =
                Diagnostic::at("name", expr.span, message, format!("expected {an} {ty} of the plan"));
            diagnostic.help =
                nearest(word, known.iter().map(String::as_str)).map(|near| format!("did you mean `{near}`?"));
            self.diagnostics.push(diagnostic);
            return None;
        };
        let kind = if ty == Type::Industry { TermKind::IndustryCode(at) } else { TermKind::Choice(at) };
        Some(Term { kind, ty, span: expr.span })
    }

    fn membership(&mut self, item: &Expr, set: &Set, span: Span, scope: &Scope) -> Option<TermKind> {
        let term = self.term(item, scope);
        match set {
            Set::Name(name) => {
                let term = term?;
                let (ty, what) = match term.ty {
                    Type::Industry => (ParamType::Industries, "parameter of type industries"),
                    _ => (ParamType::Causes, "parameter of type causes"),
                };
                let param = match self.by_name.get(&name.text).copied() {
                    Some(Meaning::Param(at)) if self.params[at].ty == ty => at,
                    _ => {
                        self.unknown(what, &name.text, name.span);
                        return None;
                    }
                };
                match term.ty {
                    Type::Cause => Some(TermKind::CauseIn(Box::new(term), param)),
                    Type::Industry => Some(TermKind::IndustryIn(param)),
                    other => {
                        let message = format!("{other} is not a cause");
                        self.complain("type", term.span, message, "expected `cause`");
                        None
                    }
                }
            }
            Set::Interval(interval) => self.inside(&term?, interval, scope).map(|t| t.kind),
            Set::List(items) => {
                let mut out: Option<Term> = None;
                let term = term?;
                for item in items {
                    let item = self.beside(item, term.ty, scope)?;
                    let (a, b, _) = self.same(term.clone(), item, "the value and the list")?;
                    let equal = Term {
                        kind: TermKind::Compare(Relation::Equal, Box::new(a), Box::new(b)),
                        ty: Type::Boolean,
                        span,
                    };
                    out = Some(match out {
                        None => equal,
                        Some(before) => Term {
                            kind: TermKind::Or(Box::new(before), Box::new(equal)),
                            ty: Type::Boolean,
                            span,
                        },
                    });
                }
                out.map(|t| t.kind)
            }
        }
    }

    /// The condition that `term` lies in an interval.
    pub(super) fn inside(&mut self, term: &Term, interval: &Interval, scope: &Scope) -> Option<Term> {
        let span = term.span;
        let made = |kind| Term { kind, ty: Type::Boolean, span };
        let mut conditions = Vec::new();
        if let (Some((low, true)), Some((high, true))) = (&interval.low, &interval.high)
            && (low == high || plain_number(low).is_some_and(|l| plain_number(high) == Some(l)))
        {
            let value = self.beside(low, term.ty, scope)?;
            let (a, b, _) = self.same(term.clone(), value, "the value and the cell")?;
            return Some(made(TermKind::Compare(Relation::Equal, Box::new(a), Box::new(b))));
        }
        let relation = |closed: bool| if closed { Relation::LessEqual } else { Relation::Less };
        if let Some((low, closed)) = &interval.low {
            let value = self.term(low, scope)?;
            let (a, b, _) = self.same(value, term.clone(), "the value and the interval")?;
            conditions.push(made(TermKind::Compare(relation(*closed), Box::new(a), Box::new(b))));
        }
        if let Some((high, closed)) = &interval.high {
            let value = self.term(high, scope)?;
            let (a, b, _) = self.same(term.clone(), value, "the value and the interval")?;
            conditions.push(made(TermKind::Compare(relation(*closed), Box::new(a), Box::new(b))));
        }
        let ends = [&interval.low, &interval.high].map(|e| e.as_ref().and_then(|(e, _)| plain_number(e)));
        if let [Some(low), Some(high)] = ends
            // Both ends included is one value; with either left out nothing is between.
            && high <= low
            && let Some((first, _)) = &interval.low
        {
            self.complain(
                "value",
                first.span,
                format!("the interval from {low} to {high} is empty"),
                "expected low before high",
            );
        }
        conditions.into_iter().reduce(|a, b| made(TermKind::And(Box::new(a), Box::new(b))))
    }
}

/// Whether a term is the number 0.
fn is_zero(term: &Term) -> bool {
    matches!(term.kind, TermKind::Number(n) if n == Decimal::ZERO)
}

fn plain_number(expr: &Expr) -> Option<Decimal> {
    match &expr.kind {
        ExprKind::Number(value, _) => Some(*value),
        ExprKind::Negate(inner) => plain_number(inner).map(|v| Decimal::new(-v.mantissa(), v.places())),
        _ => None,
    }
}
