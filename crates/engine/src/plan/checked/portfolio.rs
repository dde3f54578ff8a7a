//! Values over all employers.

use super::Portfolio;
use super::names::{Meaning, MeasureState, Names};
use super::term::{Term, TermKind, Type, Unit};
use super::typing::Scope;
use crate::diagnostic::Span;
use crate::plan::formula::Aggregate;
use crate::plan::source::PortfolioIs;

impl Names<'_> {
    /// The place of a portfolio value, typed now if it was not yet.
    pub(super) fn portfolio_value(&mut self, at: usize, span: Span) -> Option<usize> {
        match self.portfolio_state[at] {
            MeasureState::Done(place) => return Some(place),
            MeasureState::Failed => return None,
            MeasureState::Open => {
                let name = self.portfolio_sources[at].name.text.clone();
                let message = format!("portfolio value `{name}` is computed from itself");
                self.complain("circle", span, message, "in a circle here");
                return None;
            }
            MeasureState::Untouched => {}
        }
        self.portfolio_state[at] = MeasureState::Open;
        let source = &self.portfolio_sources[at];
        let (term, ty, text) = match &source.is {
            PortfolioIs::Given(ty) => (None, self.number_type(*ty), String::new()),
            PortfolioIs::Computed(formula) => {
                let scope = Scope { employers: true, ..Scope::default() };
                let term = self.term(&formula.expr, &scope);
                let ty = term.as_ref().and_then(|t| self.number(t));
                (term, ty, formula.text.clone())
            }
        };
        let computed = matches!(source.is, PortfolioIs::Computed(_));
        let Some(ty) = ty.filter(|_| term.is_some() || !computed) else {
            self.portfolio_state[at] = MeasureState::Failed;
            return None;
        };
        let negative = term.as_ref().is_some_and(|t| self.may_be_negative(t));
        self.portfolio.push(Portfolio {
            name: source.name.text.clone(),
            title: source.title.clone(),
            ty,
            is: term,
            text,
            cite: source.cite.clone(),
            span: source.name.span,
            negative,
        });
        let place = self.portfolio.len() - 1;
        self.portfolio_state[at] = MeasureState::Done(place);
        Some(place)
    }

    /// `sum(employers.NAME)` or `count(employers)`.
    pub(super) fn employers(&mut self, source: &Aggregate, span: Span, scope: &Scope) -> Option<Term> {
        if !scope.employers {
            let message = "only a portfolio value looks at all employers";
            self.complain("formula", source.rows.span, message, "expected in [portfolio.NAME]");
            return None;
        }
        let plain = source.window.is_none() && source.filter.is_none();
        match (source.function.text.as_str(), &source.column) {
            ("count", None) if plain => {
                Some(Term { kind: TermKind::Employers, ty: Type::Number(Unit::PEOPLE), span })
            }
            ("sum", Some(column)) if plain => {
                let known = self.by_name.get(&column.text).copied();
                if !matches!(known, Some(Meaning::Measure(_) | Meaning::Fact(_))) {
                    self.unknown("measure or fact", &column.text, column.span);
                    return None;
                }
                let value = self.name(&column.text, column.span, &Scope::default())?;
                let ty = self.number(&value)?;
                if self.needs_portfolio(&value) {
                    let message = format!("`{}` depends on a portfolio value itself", column.text);
                    self.complain("circle", column.span, message, "expected a measure of the record alone");
                    return None;
                }
                Some(Term { kind: TermKind::EmployersSum(Box::new(value)), ty, span })
            }
            _ => {
                let message = format!("`{}` cannot be taken of employers so", source.function.text);
                let expected = "expected sum(employers.MEASURE) or count(employers)";
                self.complain("formula", source.function.span, message, expected);
                None
            }
        }
    }

    /// Whether a portfolio value goes into a term.
    fn needs_portfolio(&self, term: &Term) -> bool {
        let mut found = false;
        term.walk(&mut |t| match &t.kind {
            TermKind::Portfolio(_) => found = true,
            TermKind::Measure(at) => found |= self.measure_portfolio[*at],
            TermKind::Aggregate { rows: super::Rows::Each(at), .. } => {
                let each = &self.eaches[*at];
                let mut terms = each.filter.iter().chain(each.columns.iter().map(|c| &c.term));
                found |= terms.any(|t| self.needs_portfolio(t));
            }
            _ => {}
        });
        found
    }

    /// Notes of the measure just typed whether a portfolio value goes into it.
    pub(super) fn note_portfolio(&mut self, term: &Term) {
        let needs = self.needs_portfolio(term);
        self.measure_portfolio.push(needs);
    }
}
