//! Typed formulas back to the language's text, for explanations.

use super::term::{AggregateKind, PriorPart, Relation, StageValue, Term, TermKind, WindowRef};
use super::{Checked, minor_places};
use crate::number::Decimal;

impl Checked {
    /// A formula in the language's own words.
    #[must_use]
    pub fn print(&self, term: &Term) -> String {
        let p = |t: &Term| self.print(t);
        let inner = |t: &Term| match t.kind {
            TermKind::Add(..)
            | TermKind::Subtract(..)
            | TermKind::Multiply(..)
            | TermKind::Divide(..)
            | TermKind::Compare(..)
            | TermKind::And(..)
            | TermKind::Or(..)
            | TermKind::If(..) => format!("({})", p(t)),
            _ => p(t),
        };
        let two = |a: &Term, sign: &str, b: &Term| format!("{} {sign} {}", inner(a), inner(b));
        let list = |terms: &[Term]| terms.iter().map(p).collect::<Vec<_>>().join(", ");
        match &term.kind {
            TermKind::Number(value) if self.is_money(term) && *value != Decimal::ZERO => {
                let places = minor_places(&self.currency);
                format!("{} {}", Decimal::new(value.mantissa(), places + value.places()), self.currency)
            }
            TermKind::Number(value) => value.to_string(),
            TermKind::Bool(value) => value.to_string(),
            TermKind::Date(date) => date.to_string(),
            TermKind::Cause(cause) => cause.name().to_owned(),
            TermKind::Outcome(outcome) => outcome.name().to_owned(),
            TermKind::Fact(at) => self.facts[*at].name.text.clone(),
            TermKind::Measure(at) => self.measures[*at].name.clone(),
            TermKind::Param { param, class: None } => self.params[*param].name.clone(),
            TermKind::Param { param, class: Some(class) } => format!("{}[{class}]", self.params[*param].name),
            TermKind::RowParam { param, .. } => self.params[*param].name.clone(),
            TermKind::Range { param, at } => format!("{}[{}]", self.params[*param].name, p(at)),
            TermKind::Portfolio(at) => self.portfolio[*at].name.clone(),
            TermKind::Table(at) => self.tables[*at].name.clone(),
            TermKind::Choice(at) => match term.ty {
                super::Type::Choice(table) => self.tables[table].choices[*at].clone(),
                _ => String::new(),
            },
            TermKind::Industry => "industry".to_owned(),
            TermKind::IndustryCode(at) => {
                self.industries.as_ref().map_or_else(String::new, |(_, codes)| codes[*at].clone())
            }
            TermKind::Class | TermKind::Stage(StageValue::Class) => "class".to_owned(),
            TermKind::InsuredSince => "insured_since".to_owned(),
            TermKind::FirstInsured => "first_insured".to_owned(),
            TermKind::Prior(PriorPart::Rate) => "prior.rate".to_owned(),
            TermKind::Prior(PriorPart::Tier) => "prior.tier".to_owned(),
            TermKind::Prior(PriorPart::UnlimitedRate) => "prior.unlimited_rate".to_owned(),
            TermKind::Stage(StageValue::Step) => "step".to_owned(),
            TermKind::Stage(StageValue::Tier) => "tier".to_owned(),
            TermKind::Stage(StageValue::Start) => "start".to_owned(),
            TermKind::Stage(StageValue::Rate) => "rate".to_owned(),
            TermKind::WindowStart(window) => format!("start({})", self.window_name(*window)),
            TermKind::WindowEnd(window) => format!("end({})", self.window_name(*window)),
            TermKind::Complete(window) => format!("complete({})", self.window_name(*window)),
            TermKind::MonthsSince(a, b) => format!("months_since({}, {})", p(a), p(b)),
            TermKind::Cell(_, column) => self.column_name(*column).to_owned(),
            TermKind::EmployersSum(value) => format!("sum(employers.{})", p(value)),
            TermKind::Employers => "count(employers)".to_owned(),
            TermKind::Aggregate { kind, rows, column, window, filter } => {
                let function = match kind {
                    AggregateKind::Sum => "sum",
                    AggregateKind::Average => "average",
                    AggregateKind::Any => "any",
                    AggregateKind::Rows => "count",
                };
                let rows = self.rows_name(*rows);
                let column = column.map_or_else(String::new, |c| format!(".{}", self.column_name(c)));
                let filter = filter.as_ref().map_or_else(String::new, |f| format!(" where {}", p(f)));
                format!("{function}({rows}{column} in {}{filter})", self.window_name(*window))
            }
            TermKind::Quantified { all, window, body } => {
                let word = if *all { "all" } else { "any" };
                format!("{word}(y in {}: {})", self.windows[*window].source.name.text, p(body))
            }
            TermKind::Add(a, b) => two(a, "+", b),
            TermKind::Subtract(a, b) => two(a, "-", b),
            TermKind::Multiply(a, b) => two(a, "*", b),
            TermKind::Divide(a, b) => two(a, "/", b),
            TermKind::Min(terms) => format!("min({})", list(terms)),
            TermKind::Max(terms) => format!("max({})", list(terms)),
            TermKind::If(c, a, b) => format!("if {} then {} else {}", p(c), p(a), p(b)),
            TermKind::Compare(Relation::Equal, a, b) => two(a, "=", b),
            TermKind::Compare(Relation::NotEqual, a, b) => two(a, "!=", b),
            TermKind::Compare(Relation::Less, a, b) => two(a, "<", b),
            TermKind::Compare(Relation::LessEqual, a, b) => two(a, "<=", b),
            TermKind::And(a, b) => two(a, "and", b),
            TermKind::Or(a, b) => two(a, "or", b),
            TermKind::Not(a) => format!("not {}", inner(a)),
            TermKind::CauseIn(item, param) => format!("{} in {}", p(item), self.params[*param].name),
            TermKind::IndustryIn(param) => format!("industry in {}", self.params[*param].name),
            TermKind::Round { value, places, mode } => {
                let major = if self.is_money(term) {
                    i32::try_from(minor_places(&self.currency)).unwrap_or(0)
                } else {
                    0
                };
                format!("round({}, {}, {})", p(value), places + major, mode.name())
            }
        }
    }

    /// Whether a term is an amount.
    #[must_use]
    pub fn is_money(&self, term: &Term) -> bool {
        matches!(term.ty, super::Type::Number(unit) if unit == super::Unit::MONEY)
    }

    fn window_name(&self, window: WindowRef) -> &str {
        match window {
            WindowRef::Of(at) => &self.windows[at].source.name.text,
            WindowRef::Bound(_) => "y",
        }
    }
}
