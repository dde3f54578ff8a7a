//! Sign rules: which way a formula moves when one raw fact of a record grows worse. Sound, and far from complete.
//!
//! What diagrams cannot say exactly is a quantity of its own there (`meaning/unknown.rs`). Fairness needs to know of it only
//! whether it can fall, rise or stay; bounds need to know whether it can be below 0. Both are read off the formula: sums,
//! products with factors that are not negative, quotients by what does not move, the smaller and the larger, rounding.
//! An injury more stands alone and has no money yet; an injury of graver outcome keeps its money.

mod compare;
mod identity;
mod jump;
mod ratio;
mod slopes;

pub(super) use jump::jumps;

use super::fairness::gravity;
use crate::plan::checked::{
    AggregateKind, Change, Checked, Column, Over, ParamValue, Raw, Relation, Rows, StageValue, Term,
    TermKind, Type, WindowRef,
};
use crate::plan::source::Worse;
use crate::record::ClaimOutcome;

/// Which way a value moves when the raw fact grows worse; of a condition, up is from false to true.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trend {
    Same,
    Up,
    Down,
    Any,
}

impl Trend {
    /// Of a value that moves as two parts together.
    fn with(self, other: Self) -> Self {
        match (self, other) {
            (Self::Same, x) | (x, Self::Same) => x,
            (a, b) if a == b => a,
            _ => Self::Any,
        }
    }

    const fn turned(self) -> Self {
        match self {
            Self::Up => Self::Down,
            Self::Down => Self::Up,
            other => other,
        }
    }

    /// Whether it never falls.
    const fn rises(self) -> bool {
        matches!(self, Self::Same | Self::Up)
    }

    const fn falls(self) -> bool {
        matches!(self, Self::Same | Self::Down)
    }
}

/// The outcomes of the injury that grows graver.
#[derive(Clone, Copy)]
struct Case {
    from: ClaimOutcome,
    to: ClaimOutcome,
}

/// Sign rules for one raw fact; without one, of the values alone.
#[derive(Clone)]
pub(super) struct Signs<'p> {
    plan: &'p Checked,
    raw: Option<Raw>,
    /// Conditions that do not hold of the better record.
    not: Vec<&'p Term>,
    case: Option<Case>,
    /// The window of the rows that are looked at.
    window: Option<WindowRef>,
    /// Whether no gate holds.
    past_gates: bool,
}

impl<'p> Signs<'p> {
    pub const fn of_values(plan: &'p Checked) -> Self {
        Self { plan, raw: None, not: Vec::new(), case: None, window: None, past_gates: true }
    }

    pub const fn of_raw(plan: &'p Checked, raw: Raw, not: Vec<&'p Term>) -> Self {
        Self { plan, raw: Some(raw), not, case: None, window: None, past_gates: true }
    }

    /// The rules for one formula: what a gate itself looks at is asked before it is known that no gate holds.
    pub fn about(&self, term: &Term) -> Self {
        let text = self.plan.print(term);
        let mut in_gates = false;
        for gate in &self.plan.gates {
            self.parts(&gate.when, &mut |t| {
                let alike = std::mem::discriminant(&t.kind) == std::mem::discriminant(&term.kind);
                in_gates |= alike && self.plan.print(t) == text;
            });
        }
        Self { past_gates: !in_gates, ..self.clone() }
    }

    /// Which way a formula of an employer or of a row moves.
    pub fn trend(&self, term: &'p Term) -> Trend {
        match self.by_rules(term) {
            Trend::Any if matches!(term.ty, Type::Number(_) | Type::Literal) => {
                self.by_outcome(term).unwrap_or_else(|| self.by_slope(term))
            }
            known => known,
        }
    }

    fn by_rules(&self, term: &'p Term) -> Trend {
        match &term.kind {
            TermKind::Fact(at) if self.raw == Some(Raw::Fact(*at)) => match self.plan.facts[*at].worse {
                Worse::More => Trend::Up,
                Worse::Less => Trend::Down,
                Worse::Neither => Trend::Any,
            },
            TermKind::Measure(at) => self.trend(&self.plan.measures[*at].term),
            TermKind::Stage(StageValue::Start) => self.trend(&self.plan.outcome.start.term),
            TermKind::Stage(_) | TermKind::EmployersSum(_) => Trend::Any,
            TermKind::Class | TermKind::Param { class: None, .. } if self.class_changes() => Trend::Any,
            TermKind::Table(at) => {
                let rows = &self.plan.tables[*at].rows;
                if rows.iter().all(|r| self.trend(&r.when) == Trend::Same) { Trend::Same } else { Trend::Any }
            }
            TermKind::Cell(rows, column) => self.cell(*rows, *column),
            TermKind::Aggregate { kind, rows, column, window, filter } => {
                let of = Self { window: Some(*window), ..self.clone() };
                of.aggregate(*kind, *rows, *column, filter.as_deref())
            }
            TermKind::Quantified { body, .. } => self.trend(body),
            TermKind::Add(a, b) | TermKind::And(a, b) | TermKind::Or(a, b) => {
                self.trend(a).with(self.trend(b))
            }
            TermKind::Subtract(a, b) => self.trend(a).with(self.trend(b).turned()),
            TermKind::Not(a) => self.trend(a).turned(),
            TermKind::Multiply(a, b) => self.product(a, b),
            TermKind::Divide(a, b) => match (self.trend(a), self.trend(b)) {
                (above, Trend::Same) => above,
                (above, below) if self.not_negative(a) => {
                    if above.rises() && below == Trend::Down {
                        Trend::Up
                    } else if above.falls() && below == Trend::Up {
                        Trend::Down
                    } else {
                        Trend::Any
                    }
                }
                _ => Trend::Any,
            },
            TermKind::Min(all) | TermKind::Max(all) => {
                all.iter().fold(Trend::Same, |trend, each| trend.with(self.trend(each)))
            }
            TermKind::Round { value, .. } => self.trend(value),
            TermKind::Range { param, at } => match self.trend(at) {
                Trend::Same => Trend::Same,
                moved => self.along_ranges(*param, moved),
            },
            TermKind::If(condition, yes, no) => self.choice(condition, yes, no),
            TermKind::Compare(relation, a, b) => self.comparison(*relation, a, b),
            TermKind::MonthsSince(a, b) => {
                if self.trend(a) == Trend::Same && self.trend(b) == Trend::Same {
                    Trend::Same
                } else {
                    Trend::Any
                }
            }
            _ => Trend::Same,
        }
    }

    /// Whether a value may be undefined for one of two records and not for the other.
    pub fn gap_moves(&self, term: &'p Term) -> bool {
        let mut moves = false;
        self.parts(term, &mut |t| {
            moves |= match &t.kind {
                TermKind::Divide(_, b) => self.trend(b) != Trend::Same,
                TermKind::Range { at, .. } => self.trend(at) != Trend::Same,
                TermKind::If(condition, ..) => self.trend(condition) != Trend::Same,
                TermKind::Aggregate { kind: AggregateKind::Average, .. } => self.trend(t) != Trend::Same,
                _ => false,
            };
        });
        moves
    }

    /// Whether a value can be undefined at all.
    pub fn has_gaps(&self, term: &'p Term) -> bool {
        let mut has = false;
        self.parts(term, &mut |t| {
            has |= match &t.kind {
                TermKind::Divide(_, b) => !matches!(b.kind, TermKind::Number(_)),
                TermKind::Range { .. } | TermKind::Stage(_) => true,
                TermKind::RowParam { param, .. } => self.plan.params[*param].on_row,
                TermKind::Aggregate { kind, window, rows, .. } => {
                    let review = match window {
                        WindowRef::Of(at) => self.plan.windows[*at].source.review,
                        WindowRef::Bound(_) => false,
                    };
                    *kind == AggregateKind::Average || (!review && *rows != Rows::Claims)
                }
                _ => false,
            };
        });
        has
    }

    /// A formula with the measures and the columns of rows that it is made of.
    fn parts(&self, term: &'p Term, visit: &mut impl FnMut(&'p Term)) {
        let mut open = vec![term];
        let mut seen: Vec<*const Term> = Vec::new();
        while let Some(next) = open.pop() {
            if seen.contains(&std::ptr::from_ref(next)) {
                continue;
            }
            seen.push(std::ptr::from_ref(next));
            next.walk(&mut |t| {
                visit(t);
                match &t.kind {
                    TermKind::Measure(at) => open.push(&self.plan.measures[*at].term),
                    TermKind::Cell(_, Column::Derived(each, at))
                    | TermKind::Aggregate { column: Some(Column::Derived(each, at)), .. } => {
                        open.push(&self.plan.eaches[*each].columns[*at].term);
                    }
                    _ => {}
                }
                if let TermKind::Aggregate { rows: Rows::Each(each), .. } = &t.kind {
                    open.extend(&self.plan.eaches[*each].filter);
                }
            });
        }
    }

    fn class_changes(&self) -> bool {
        self.plan.adjusts.iter().any(|a| matches!(a.change, Change::Class(_)))
    }

    /// A column of the row that is looked at.
    fn cell(&self, rows: Rows, column: Column) -> Trend {
        match column {
            Column::Derived(each, at) => {
                let trend = self.trend(&self.plan.eaches[each].columns[at].term);
                match rows {
                    // The sum over the injuries of an accident.
                    Rows::Each(own) if own != each && self.rows_move(each) != Trend::Same => Trend::Any,
                    _ => trend,
                }
            }
            Column::BenefitsPaid if self.raw == Some(Raw::Benefits) => Trend::Up,
            Column::Outcome if self.raw == Some(Raw::Outcome) => Trend::Any,
            _ => Trend::Same,
        }
    }

    /// Whether the rows of an `each` become more or fewer.
    fn rows_move(&self, each: usize) -> Trend {
        let below = match self.plan.eaches[each].over {
            Over::Each(below) => self.rows_move(below),
            _ => Trend::Same,
        };
        self.plan.eaches[each].filter.as_ref().map_or(below, |filter| below.with(self.trend(filter)))
    }

    fn of_periods(&self, rows: Rows) -> bool {
        match rows {
            Rows::Periods => true,
            Rows::Claims => false,
            Rows::Each(at) => self.plan.eaches[at].over == Over::Periods,
        }
    }

    /// What an aggregate does where one row of claims grows worse, or one more is there.
    fn aggregate(
        &self,
        kind: AggregateKind,
        rows: Rows,
        column: Option<Column>,
        filter: Option<&'p Term>,
    ) -> Trend {
        if self.raw == Some(Raw::Outcome) && self.case.is_none() && !self.of_periods(rows) {
            let mut trend = Trend::Same;
            for (from, to) in graver() {
                let case = Self { case: Some(Case { from, to }), ..self.clone() };
                trend = trend.with(case.aggregate(kind, rows, column, filter));
            }
            return trend;
        }
        let mut moved = filter.map_or(Trend::Same, |filter| self.trend(filter));
        if let Rows::Each(each) = rows {
            moved = moved.with(self.rows_move(each));
        }
        let more = self.raw == Some(Raw::Count) && !self.of_periods(rows);
        let Some(column) = column else {
            return if more { moved.with(Trend::Up) } else { moved };
        };
        let value = self.cell(rows, column);
        let not_negative = self.column_not_negative(column);
        let trend = match (kind, moved, value) {
            (AggregateKind::Average, Trend::Same, Trend::Same) if !more => Trend::Same,
            (AggregateKind::Average, ..) => Trend::Any,
            (_, Trend::Same, value) => value,
            (_, Trend::Up, value) if not_negative && value.rises() => Trend::Up,
            (_, Trend::Down, value) if not_negative && value.falls() => Trend::Down,
            _ => Trend::Any,
        };
        match (more, not_negative) {
            (false, _) => trend,
            (true, true) => trend.with(Trend::Up),
            (true, false) => Trend::Any,
        }
    }

    fn product(&self, a: &'p Term, b: &'p Term) -> Trend {
        let (of_a, of_b) = (self.trend(a), self.trend(b));
        match (of_a, of_b) {
            (Trend::Same, Trend::Same) => Trend::Same,
            (Trend::Same, moved) if self.not_negative(a) => moved,
            (moved, Trend::Same) if self.not_negative(b) => moved,
            (a_moved, b_moved) if a_moved == b_moved && self.not_negative(a) && self.not_negative(b) => {
                a_moved
            }
            _ => Trend::Any,
        }
    }

    fn comparison(&self, relation: Relation, a: &'p Term, b: &'p Term) -> Trend {
        if let (Some(before), Some(after)) =
            self.known_cases(|outcome| known_comparison(relation, a, b, outcome))
        {
            return match (before, after) {
                (false, true) => Trend::Up,
                (true, false) => Trend::Down,
                _ => Trend::Same,
            };
        }
        let (of_a, of_b) = (self.trend(a), self.trend(b));
        match relation {
            _ if of_a == Trend::Same && of_b == Trend::Same => Trend::Same,
            Relation::Less | Relation::LessEqual if of_a.falls() && of_b.rises() => Trend::Up,
            Relation::Less | Relation::LessEqual if of_a.rises() && of_b.falls() => Trend::Down,
            _ => Trend::Any,
        }
    }

    /// What is known before and after the injury grew graver.
    fn known_cases(&self, known: impl Fn(ClaimOutcome) -> Option<bool>) -> (Option<bool>, Option<bool>) {
        self.case.map_or((None, None), |case| (known(case.from), known(case.to)))
    }

    fn choice(&self, condition: &'p Term, yes: &'p Term, no: &'p Term) -> Trend {
        if let (Some(before), Some(after)) = self.known_cases(|outcome| known(condition, outcome))
            && let Some(case) = self.case
        {
            let branch = |holds: bool, outcome| at_outcome(if holds { yes } else { no }, outcome);
            let (from, to) = (branch(before, case.from), branch(after, case.to));
            let (of_from, of_to) = (self.trend(from), self.trend(to));
            return if self.same(from, to) {
                of_from.with(of_to)
            } else if self.at_most(from, to) && (of_from.rises() || of_to.rises()) {
                Trend::Up
            } else if self.at_most(to, from) && (of_from.falls() || of_to.falls()) {
                Trend::Down
            } else {
                Trend::Any
            };
        }
        let both = self.trend(yes).with(self.trend(no));
        match self.trend(condition) {
            Trend::Same => both,
            Trend::Up if both.rises() && self.at_most(no, yes) => Trend::Up,
            Trend::Up if both.falls() && self.at_most(yes, no) => Trend::Down,
            Trend::Down if both.rises() && self.at_most(yes, no) => Trend::Up,
            Trend::Down
                if both.falls() && (self.at_most(no, yes) || self.at_most_where(condition, no, yes)) =>
            {
                Trend::Down
            }
            Trend::Down
                if both.rises()
                    && (self.meets_at_bound(condition, yes, no)
                        || self.apart_at_bound(condition, yes, no)) =>
            {
                Trend::Up
            }
            _ => Trend::Any,
        }
    }

    /// Whether the branch below a bound is at most the bound, and the one above it at least what is compared.
    fn apart_at_bound(&self, condition: &'p Term, yes: &'p Term, no: &'p Term) -> bool {
        match &condition.kind {
            TermKind::Compare(Relation::Less | Relation::LessEqual, value, bound) => {
                self.at_most(yes, bound) && self.at_most(value, no)
            }
            _ => false,
        }
    }

    /// Whether what is looked up by range moves one way with what it is looked up at. Outside the ranges it is undefined.
    fn along_ranges(&self, param: usize, moved: Trend) -> Trend {
        let all = self.plan.params[param].entries.iter().map(|entry| match &entry.1 {
            ParamValue::Ranges(ranges) => {
                let ordered = |rising: bool| {
                    ranges.windows(2).all(|pair| {
                        let difference = pair[1].value.mantissa() * scale(&pair[0].value)
                            - pair[0].value.mantissa() * scale(&pair[1].value);
                        if rising { difference >= 0 } else { difference <= 0 }
                    })
                };
                match (ordered(true), ordered(false)) {
                    (true, _) => moved,
                    (_, true) => moved.turned(),
                    _ => Trend::Any,
                }
            }
            _ => Trend::Any,
        });
        all.fold(Trend::Same, Trend::with)
    }
}

const fn scale(value: &crate::number::Decimal) -> i128 {
    10_i128.pow(value.places())
}

/// Every outcome with each that is graver.
fn graver() -> impl Iterator<Item = (ClaimOutcome, ClaimOutcome)> {
    ClaimOutcome::ALL.iter().flat_map(|from| {
        let graver = ClaimOutcome::ALL.iter().filter(|to| gravity(**to) > gravity(*from));
        graver.map(|to| (*from, *to))
    })
}

/// Whether a condition on the outcome of a row holds for one.
fn known(condition: &Term, outcome: ClaimOutcome) -> Option<bool> {
    match &condition.kind {
        TermKind::Bool(value) => Some(*value),
        TermKind::Not(a) => known(a, outcome).map(|value| !value),
        TermKind::And(a, b) => match (known(a, outcome), known(b, outcome)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        TermKind::Or(a, b) => match (known(a, outcome), known(b, outcome)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        TermKind::Compare(relation, a, b) => known_comparison(*relation, a, b, outcome),
        _ => None,
    }
}

fn known_comparison(relation: Relation, a: &Term, b: &Term, outcome: ClaimOutcome) -> Option<bool> {
    let named = match (&a.kind, &b.kind) {
        (TermKind::Cell(_, Column::Outcome), TermKind::Outcome(named))
        | (TermKind::Outcome(named), TermKind::Cell(_, Column::Outcome)) => *named,
        _ => return None,
    };
    match relation {
        Relation::Equal => Some(named == outcome),
        Relation::NotEqual => Some(named != outcome),
        _ => None,
    }
}

/// A formula without the choices that an outcome makes.
fn at_outcome(term: &Term, outcome: ClaimOutcome) -> &Term {
    match &term.kind {
        TermKind::If(condition, yes, no) => match known(condition, outcome) {
            Some(true) => at_outcome(yes, outcome),
            Some(false) => at_outcome(no, outcome),
            None => term,
        },
        _ => term,
    }
}
