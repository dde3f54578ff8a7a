//! What a name, an index or a call in a formula means.

use super::each::fact_type;
use super::names::{Meaning, MeasureState, Names};
use super::term::{PriorPart, StageValue, Term, TermKind, Type, Unit, WindowRef};
use super::typing::Scope;
use super::{Measure, Rows};
use crate::diagnostic::Span;
use crate::limits::{MEASURE_DEPTH_MAX, QUANTIFIED_WINDOWS_MAX};
use crate::number::Decimal;
use crate::plan::formula::{Expr, ExprKind, Name};
use crate::plan::source::{Key, Out, ParamType};
use crate::record::{Cause, ClaimOutcome};

impl Names<'_> {
    pub(super) fn name(&mut self, name: &str, span: Span, scope: &Scope) -> Option<Term> {
        let made = |kind, ty| Some(Term { kind, ty, span });
        if let Some(rows) = scope.rows
            && let Some((column, ty)) = self.column(rows, name)
        {
            return made(TermKind::Cell(rows, column), ty);
        }
        let stage = |value| scope.stage.contains(&value);
        match name {
            "insured_since" => return made(TermKind::InsuredSince, Type::Date),
            "first_insured" => return made(TermKind::FirstInsured, Type::Date),
            "class" if scope.rows.is_none() && !stage(StageValue::Class) => {
                return made(TermKind::Class, Type::Class);
            }
            "prior.rate" => return made(TermKind::Prior(PriorPart::Rate), Type::Number(Unit::RATE)),
            "prior.unlimited_rate" => {
                return made(TermKind::Prior(PriorPart::UnlimitedRate), Type::Number(Unit::RATE));
            }
            "industry" => return made(TermKind::Industry, Type::Industry),
            "class" if stage(StageValue::Class) => {
                return made(TermKind::Stage(StageValue::Class), Type::Number(Unit::STEPS));
            }
            "prior.tier" => return made(TermKind::Prior(PriorPart::Tier), Type::Number(Unit::RATIO)),
            "step" if stage(StageValue::Step) => {
                return made(TermKind::Stage(StageValue::Step), Type::Number(Unit::STEPS));
            }
            "tier" if stage(StageValue::Tier) && self.derived => {
                let message = "the ladder is derived: the tier is the rate over the base rate";
                self.complain("stage", span, message, "not known yet");
                return None;
            }
            "tier" if stage(StageValue::Tier) => {
                return made(TermKind::Stage(StageValue::Tier), Type::Number(Unit::RATIO));
            }
            "start" if stage(StageValue::Start) => {
                return made(TermKind::Stage(StageValue::Start), Type::Number(Unit::RATE));
            }
            "rate" if stage(StageValue::Rate) => {
                return made(TermKind::Stage(StageValue::Rate), Type::Number(Unit::RATE));
            }
            "step" | "tier" | "start" | "rate" => {
                self.complain("stage", span, format!("`{name}` is not known at this stage"), "not known yet");
                return None;
            }
            _ => {}
        }
        if let Some(cause) = Cause::from_name(name) {
            return made(TermKind::Cause(cause), Type::Cause);
        }
        if let Some(outcome) = ClaimOutcome::from_name(name) {
            return made(TermKind::Outcome(outcome), Type::Outcome);
        }
        match self.by_name.get(name).copied() {
            Some(Meaning::Fact(at)) => made(TermKind::Fact(at), fact_type(self.facts[at].ty)),
            Some(Meaning::Param(at)) => {
                let ty = self.param_type(at, span)?;
                self.param(at, span, scope).and_then(|kind| made(kind, ty))
            }
            Some(Meaning::Portfolio(at)) => {
                let place = self.portfolio_value(at, span)?;
                let ty = self.portfolio[place].ty;
                made(TermKind::Portfolio(place), ty)
            }
            Some(Meaning::Table(at)) if at >= scope.tables => {
                let message = format!("what table `{name}` gives is not known at this stage");
                self.complain("stage", span, message, "not known yet");
                None
            }
            Some(Meaning::Table(at)) => {
                let ty = match self.tables[at].as_ref()?.out {
                    Out::Rate => Type::Number(Unit::RATE),
                    Out::Choice => Type::Choice(at),
                    Out::Step | Out::Percent => Type::Number(Unit::RATIO),
                };
                made(TermKind::Table(at), ty)
            }
            Some(Meaning::Value) => {
                let message = format!("`{name}` is a value of each period");
                self.complain(
                    "type",
                    span,
                    message,
                    format!("expected sum(periods.{name} in W), or a formula of a row"),
                );
                None
            }
            Some(Meaning::Each(_)) => {
                let message = format!("`{name}` are rows, not a value");
                self.complain("type", span, message, format!("expected sum({name}.COLUMN in W)"));
                None
            }
            Some(Meaning::Measure(at)) => {
                let place = self.measure(at, span)?;
                let ty = self.measures[place].term.ty;
                made(TermKind::Measure(place), ty)
            }
            Some(Meaning::Window(_)) => {
                self.complain("type", span, format!("`{name}` is a window, not a value"), "expected a value");
                None
            }
            None => {
                self.unknown("name", name, span);
                None
            }
        }
    }

    /// How a parameter is read where its name stands alone.
    fn param(&mut self, at: usize, span: Span, scope: &Scope) -> Option<TermKind> {
        let param = &self.params[at];
        let name = param.name.clone();
        if param.is_of_rows(self.classes) {
            let Some(Rows::Each(each)) = scope.rows else {
                let message = format!("`{name}` is looked up with a row");
                self.complain("type", span, message, "expected in a column of an `each`");
                return None;
            };
            return Some(TermKind::RowParam { param: at, each });
        }
        if param.is_ranged() {
            let message = format!("`{name}` is looked up at a value");
            self.complain("type", span, message, format!("expected `{name}[…]`"));
            return None;
        }
        Some(TermKind::Param { param: at, class: None })
    }

    pub(super) fn param_type(&mut self, at: usize, span: Span) -> Option<Type> {
        let ty = self.number_type(self.params[at].ty);
        if ty.is_none() {
            let (words, after) = match self.params[at].ty {
                ParamType::Causes => ("causes", "cause"),
                _ => ("industries", "industry"),
            };
            let message = format!("this parameter is a set of {words}");
            self.complain("type", span, message, format!("expected after `{after} in`"));
        }
        ty
    }

    /// The type of a parameter's number; None of a set.
    pub(super) fn number_type(&self, ty: ParamType) -> Option<Type> {
        Some(Type::Number(match ty {
            ParamType::Rate => Unit::RATE,
            ParamType::Ratio | ParamType::Number => Unit::RATIO,
            ParamType::Months => Unit::MONTHS,
            ParamType::People => Unit::PEOPLE,
            ParamType::Money => Unit::MONEY,
            ParamType::Causes | ParamType::Industries => return None,
        }))
    }

    pub(super) fn index(&mut self, name: &Name, key: &Expr, span: Span, scope: &Scope) -> Option<Term> {
        let Some(Meaning::Param(param)) = self.by_name.get(&name.text).copied() else {
            self.unknown("parameter", &name.text, name.span);
            return None;
        };
        let ty = self.param_type(param, name.span)?;
        if self.params[param].is_ranged() {
            let by_money = self.params[param].by_money;
            let at = self.term(key, scope)?;
            let model = if by_money { Type::Number(Unit::MONEY) } else { Type::Literal };
            let fits = match at.ty {
                Type::Literal => !by_money,
                Type::Number(unit) => by_money == (unit == Unit::MONEY),
                _ => false,
            };
            if !fits {
                let message = format!("`{}` is looked up at {model}, but this is {}", name.text, at.ty);
                self.complain("unit", key.span, message, format!("expected {model}"));
                return None;
            }
            return Some(Term { kind: TermKind::Range { param, at: Box::new(at) }, ty, span });
        }
        if self.params[param].key != Some(Key::Class) || self.classes == 0 {
            self.complain("type", name.span, format!("`{}` has no key", name.text), "expected no brackets");
            return None;
        }
        let class = match &key.kind {
            ExprKind::Number(n, None) if n.places() == 0 => u8::try_from(n.mantissa()).ok(),
            ExprKind::Name(n) if n == "class" => {
                return Some(Term { kind: TermKind::Param { param, class: None }, ty, span });
            }
            _ => None,
        };
        let class = class.filter(|c| (1..=self.classes).contains(c));
        if class.is_none() && self.classes > 0 {
            let expected = format!("expected `class` or 1 to {}", self.classes);
            self.complain("key", key.span, "this is not a class", expected);
        }
        Some(Term { kind: TermKind::Param { param, class: Some(class?) }, ty, span })
    }

    pub(super) fn call(
        &mut self,
        name: &Name,
        arguments: &[Expr],
        span: Span,
        scope: &Scope,
    ) -> Option<Term> {
        let made = |kind, ty| Some(Term { kind, ty, span });
        let count = |n: usize| arguments.len() == n;
        match name.text.as_str() {
            "min" | "max" if arguments.len() >= 2 => {
                let typed: Vec<_> = arguments.iter().map(|a| self.term(a, scope)).collect();
                let mut terms = typed.into_iter().collect::<Option<Vec<_>>>()?;
                let known = terms.iter().find(|t| t.ty != Type::Literal).map_or(Type::Literal, |t| t.ty);
                for term in &mut terms {
                    self.number(term)?;
                    let model = Term { kind: TermKind::Number(Decimal::ZERO), ty: known, span: term.span };
                    let (fitted, ..) =
                        self.same(term.clone(), model, &format!("the arguments of `{}`", name.text))?;
                    *term = fitted;
                }
                made(if name.text == "min" { TermKind::Min(terms) } else { TermKind::Max(terms) }, known)
            }
            "months_since" if count(2) => {
                let from =
                    self.expect(&arguments[0], scope, Type::Date, "the first argument of `months_since`");
                let to =
                    self.expect(&arguments[1], scope, Type::Date, "the second argument of `months_since`");
                made(TermKind::MonthsSince(Box::new(from?), Box::new(to?)), Type::Number(Unit::MONTHS))
            }
            "start" | "end" | "complete" if count(1) => {
                let window = self.window_argument(&arguments[0], scope)?;
                match name.text.as_str() {
                    "start" => made(TermKind::WindowStart(window), Type::Date),
                    "end" => made(TermKind::WindowEnd(window), Type::Date),
                    _ => made(TermKind::Complete(window), Type::Boolean),
                }
            }
            "round" => self.round(arguments, span, scope),
            "min" | "max" | "months_since" | "start" | "end" | "complete" => {
                let given = match arguments.len() {
                    1 => "1 argument".to_owned(),
                    n => format!("{n} arguments"),
                };
                let expected = match name.text.as_str() {
                    "min" | "max" => "expected two or more",
                    "months_since" => "expected two days",
                    _ => "expected one window",
                };
                self.complain("formula", span, format!("`{}` is given {given}", name.text), expected);
                None
            }
            _ => {
                let message = format!("there is no function `{}`", name.text);
                self.complain(
                    "name",
                    name.span,
                    message,
                    "expected min, max, round, months_since, start, end or complete",
                );
                None
            }
        }
    }

    pub(super) fn window_argument(&mut self, expr: &Expr, scope: &Scope) -> Option<WindowRef> {
        match &expr.kind {
            ExprKind::Name(name) => self.window(&Name { text: name.clone(), span: expr.span }, scope),
            _ => {
                self.complain("type", expr.span, "this is not a window", "expected the name of a window");
                None
            }
        }
    }

    /// A window, or a name that stands for one.
    pub(super) fn window(&mut self, name: &Name, scope: &Scope) -> Option<WindowRef> {
        if let Some(at) = scope.bound.iter().rev().position(|(bound, _)| *bound == name.text) {
            return Some(WindowRef::Bound(at));
        }
        match self.by_name.get(&name.text).copied() {
            Some(Meaning::Window(at)) if self.windows[at].source.split_years => {
                let message = format!("`{}` is a list of windows", name.text);
                self.complain("type", name.span, message, "expected one window; use `all(y in …: …)`");
                None
            }
            Some(Meaning::Window(at)) => Some(WindowRef::Of(at)),
            _ => {
                self.unknown("window", &name.text, name.span);
                None
            }
        }
    }

    pub(super) fn quantified(
        &mut self,
        all: bool,
        variable: &Name,
        window: &Name,
        body: &Expr,
        span: Span,
        scope: &Scope,
    ) -> Option<Term> {
        let Some(Meaning::Window(at)) = self.by_name.get(&window.text).copied() else {
            self.unknown("window", &window.text, window.span);
            return None;
        };
        if self.by_name.contains_key(&variable.text) {
            self.complain(
                "name",
                variable.span,
                format!("`{}` means something already", variable.text),
                "expected a new name",
            );
            return None;
        }
        let years = |at: usize| {
            let source = &self.windows[at].source;
            if source.split_years { source.months as usize / 12 } else { 1 }
        };
        let turns: usize = scope.bound.iter().map(|(_, at)| years(*at)).product::<usize>() * years(at);
        if turns > QUANTIFIED_WINDOWS_MAX {
            let message =
                format!("this takes {turns} windows in turn; the limit is {QUANTIFIED_WINDOWS_MAX}");
            self.complain("limit", span, message, "too many windows");
            return None;
        }
        let mut inner = scope.clone();
        inner.bound.push((variable.text.clone(), at));
        let body = self.expect(body, &inner, Type::Boolean, "what must hold in each window")?;
        Some(Term {
            kind: TermKind::Quantified { all, window: at, body: Box::new(body) },
            ty: Type::Boolean,
            span,
        })
    }

    /// The typed measure of a source, typed now if it was not yet.
    pub(super) fn measure(&mut self, at: usize, span: Span) -> Option<usize> {
        match self.measure_state[at] {
            MeasureState::Done(place) => return Some(place),
            MeasureState::Failed => return None,
            MeasureState::Open => {
                let name = self.measure_sources[at].name.text.clone();
                self.complain(
                    "circle",
                    span,
                    format!("measure `{name}` is computed from itself"),
                    "in a circle here",
                );
                return None;
            }
            MeasureState::Untouched => {}
        }
        if self.measure_depth >= MEASURE_DEPTH_MAX {
            let message = format!("more than {MEASURE_DEPTH_MAX} measures are computed one from the other");
            self.complain("limit", span, message, "too deep here");
            self.measure_state[at] = MeasureState::Failed;
            return None;
        }
        self.measure_state[at] = MeasureState::Open;
        let source = &self.measure_sources[at];
        self.measure_depth += 1;
        let typed = self.term(&source.is.expr, &Scope::default());
        self.measure_depth -= 1;
        let Some(term) = typed else {
            self.measure_state[at] = MeasureState::Failed;
            return None;
        };
        let negative = self.may_be_negative(&term);
        self.measure_negative.push(negative);
        self.note_portfolio(&term);
        self.measures.push(Measure {
            name: source.name.text.clone(),
            title: source.title.clone(),
            shown: source.shown,
            term,
            text: source.is.text.clone(),
            review: source.review,
            cite: source.cite.clone(),
            span: source.name.span,
        });
        let place = self.measures.len() - 1;
        self.measure_state[at] = MeasureState::Done(place);
        Some(place)
    }
}
