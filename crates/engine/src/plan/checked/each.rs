//! `each`: rows made of rows.

use super::names::{MeasureState, Names};
use super::term::{Column, Rows, TermKind, Type, Unit};
use super::typing::Scope;
use super::{Derived, Over, PeriodValue};
use crate::diagnostic::Span;
use crate::plan::source::{FactType, ValueSource};

impl Names<'_> {
    /// Types an `each`, if it was not yet. None where it has a mistake, which is told where it stands.
    pub(super) fn each(&mut self, at: usize, span: Span) -> Option<()> {
        match self.each_state[at] {
            MeasureState::Done(_) => return Some(()),
            MeasureState::Failed => return None,
            MeasureState::Open => {
                let name = self.each_sources[at].name.text.clone();
                let message = format!("`each.{name}` is computed from itself");
                self.complain("circle", span, message, "in a circle here");
                return None;
            }
            MeasureState::Untouched => {}
        }
        self.each_state[at] = MeasureState::Open;
        let typed = self.each_parts(at);
        self.each_state[at] = if typed.is_some() { MeasureState::Done(at) } else { MeasureState::Failed };
        typed
    }

    /// A value of periods with the default of a row that lacks it.
    pub(super) fn period_value(&mut self, source: &ValueSource) -> PeriodValue {
        let scope = Scope { rows: Some(Rows::Periods), ..Scope::default() };
        let default = source.default.as_ref().and_then(|formula| {
            let what = format!("the default of `{}`", source.name.text);
            let term = self.expect(&formula.expr, &scope, fact_type(source.ty), &what)?;
            let mut circle = false;
            term.walk(&mut |t| circle |= matches!(t.kind, TermKind::Cell(_, Column::Value(_))));
            if circle {
                let message =
                    format!("the default of `{}` reads a value that may be lacking itself", source.name.text);
                self.complain("circle", term.span, message, "expected fields of every period and parameters");
            }
            Some(term)
        });
        PeriodValue {
            name: source.name.text.clone(),
            ty: source.ty,
            title: source.title.clone(),
            worse: source.worse,
            places: source.places,
            default,
            cite: source.cite.clone(),
            span: source.name.span,
        }
    }

    fn each_parts(&mut self, at: usize) -> Option<()> {
        let source = &self.each_sources[at];
        let over = self.over(at)?;
        self.eaches[at].over = over;
        let scope = Scope { rows: Some(Rows::Each(at)), ..Scope::default() };
        let mut sound = true;
        if let Some(filter) = &source.filter {
            let typed = self.expect(&filter.expr, &scope, Type::Boolean, "what follows `where`");
            sound &= typed.is_some();
            self.eaches[at].filter = typed;
        }
        for column in &source.columns {
            if self.base_column(Rows::Each(at), &column.name.text).is_some() {
                let message = format!(
                    "the rows of `{}` have a column `{}` already",
                    source.name.text, column.name.text
                );
                self.complain("name", column.name.span, message, "expected another name");
            }
            let term = self.term(&column.is.expr, &scope);
            let Some(term) = term.filter(|t| matches!(t.ty, Type::Number(_) | Type::Boolean | Type::Literal))
            else {
                sound = false;
                continue;
            };
            let negative = self.may_be_negative(&term);
            self.eaches[at].columns.push(Derived {
                name: column.name.text.clone(),
                term,
                text: column.is.text.clone(),
                cite: column.cite.clone(),
                span: column.name.span,
                negative,
            });
        }
        sound.then_some(())
    }

    fn over(&mut self, at: usize) -> Option<Over> {
        let source = &self.each_sources[at];
        let below = match source.over.text.as_str() {
            "periods" => Over::Periods,
            "claims" => Over::Claims,
            other => match self.each_sources.iter().position(|e| e.name.text == other) {
                Some(below) => Over::Each(below),
                None => {
                    self.unknown("rows", other, source.over.span);
                    return None;
                }
            },
        };
        match (below, source.by_event) {
            (Over::Each(below), true) => {
                self.each(below, source.over.span)?;
                if self.eaches[below].over != Over::Claims {
                    let message = format!("the rows of `{}` are no injuries", source.over.text);
                    self.complain("value", source.over.span, message, "expected an `each` over claims");
                    return None;
                }
                Some(Over::Each(below))
            }
            (Over::Each(_), false) => {
                let message =
                    format!("`each.{}` does not say what it makes of the rows below", source.name.text);
                self.complain("missing", source.over.span, message, "expected `by = \"event\"`");
                None
            }
            (_, true) => {
                let message = "the injuries of an accident are joined over another `each`";
                self.complain(
                    "value",
                    source.over.span,
                    message,
                    "expected the name of an `each` over claims",
                );
                None
            }
            (below, false) => Some(below),
        }
    }

    /// A column of rows: derived, of the rows below, or of the record.
    pub(super) fn column(&self, rows: Rows, name: &str) -> Option<(Column, Type)> {
        if let Rows::Each(at) = rows
            && let Some(place) = self.eaches[at].columns.iter().position(|c| c.name == name)
        {
            return Some((Column::Derived(at, place), self.eaches[at].columns[place].term.ty));
        }
        self.base_column(rows, name)
    }

    fn base_column(&self, rows: Rows, name: &str) -> Option<(Column, Type)> {
        match rows {
            Rows::Claims => of_record(Rows::Claims, name),
            Rows::Periods => of_record(Rows::Periods, name).or_else(|| {
                let at = self.values.iter().position(|v| v.name.text == name)?;
                Some((Column::Value(at), fact_type(self.values[at].ty)))
            }),
            Rows::Each(at) => match self.eaches[at].over {
                Over::Periods => self.base_column(Rows::Periods, name),
                Over::Claims => of_record(Rows::Claims, name).filter(|c| c.0 != Column::PaidOn),
                Over::Each(below) => {
                    let columns = &self.eaches[below].columns;
                    let place = columns.iter().position(|c| c.name == name);
                    let place = place.filter(|at| matches!(columns[*at].term.ty, Type::Number(_)));
                    place.map(|place| (Column::Derived(below, place), columns[place].term.ty)).or_else(|| {
                        let summed = ["date", "count", "benefits_paid", "reserve"].contains(&name);
                        of_record(Rows::Claims, name).filter(|_| summed)
                    })
                }
            },
        }
    }

    /// The names of the columns of rows.
    pub(super) fn column_names(&self, rows: Rows) -> Vec<String> {
        let mut out: Vec<String> = Column::ALL
            .iter()
            .map(|c| c.1.to_owned())
            .chain(self.values.iter().map(|v| v.name.text.clone()))
            .chain(self.eaches.iter().flat_map(|e| e.columns.iter().map(|c| c.name.clone())))
            .filter(|name| self.column(rows, name).is_some())
            .collect();
        out.dedup();
        out
    }
}

fn of_record(rows: Rows, name: &str) -> Option<(Column, Type)> {
    Column::ALL.into_iter().find(|c| c.0 == rows && c.1 == name).map(|c| (c.2, c.3))
}

/// The type of a fact's or period value's number.
pub(super) fn fact_type(ty: FactType) -> Type {
    match ty {
        FactType::Boolean => Type::Boolean,
        FactType::Number | FactType::Ratio => Type::Number(Unit::RATIO),
        FactType::Rate => Type::Number(Unit::RATE),
        FactType::Months => Type::Number(Unit::MONTHS),
        FactType::People => Type::Number(Unit::PEOPLE),
        FactType::Money => Type::Number(Unit::MONEY),
    }
}
