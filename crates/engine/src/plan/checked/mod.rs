//! A plan with every name resolved, every unit checked and every number cited. It does not depend on a date.

#![allow(missing_docs, reason = "the fields bear the names that docs/plan-language.md explains")]

mod aggregates;
mod assemble;
mod asserts;
mod constant;
mod each;
mod finite;
mod ladder;
mod ledger;
mod names;
mod portfolio;
mod print;
mod resolve;
mod rounding;
mod stages;
mod term;
mod typing;
mod walk;

pub use assemble::check;
pub use constant::minor_places;
pub use ledger::check_region_table;
pub use term::{
    AggregateKind, Column, PriorPart, Relation, Rows, StageValue, Term, TermKind, Type, Unit, WindowRef,
};

use super::source::{
    AdjustKind, Cite, ClassMapSource, ClauseSource, DocumentSource, FactSource, FactType, FrameSource, Key,
    Out, ParamType, Procedure, RatingSource, ReductionSource, Status, WindowSource,
};
use crate::Bilingual;
use crate::diagnostic::Span;
use crate::number::Decimal;
use crate::record::{Cause, Date};

/// A checked plan.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The plan's id.
    pub id: String,
    /// The ids of its parents, nearest first.
    pub parents: Vec<String>,
    /// The region it is for.
    pub region: String,
    /// Its title.
    pub title: Bilingual,
    /// How binding it is.
    pub status: Status,
    /// The day on which the text was last compared with its sources.
    pub reviewed_through: Option<Date>,
    /// ISO 4217 code of its amounts.
    pub currency: String,
    /// When it rates; None when it only serves to be extended.
    pub rating: Option<RatingSource>,
    /// The documents it cites.
    pub documents: Vec<DocumentSource>,
    /// The ledger.
    pub clauses: Vec<ClauseSource>,
    /// Declared facts.
    pub facts: Vec<FactSource>,
    /// Declared values of periods.
    pub values: Vec<PeriodValue>,
    /// The standard of the industries that the plan names, and their codes, sorted.
    pub industries: Option<(String, Vec<String>)>,
    /// Classes of rows that parameters are looked up with, sorted.
    pub row_classes: Vec<String>,
    /// Rows made of rows.
    pub eaches: Vec<Each>,
    /// Values over all employers.
    pub portfolio: Vec<Portfolio>,
    /// Parameters.
    pub params: Vec<Param>,
    /// Windows.
    pub windows: Vec<Window>,
    /// Measures, each after those that it uses.
    pub measures: Vec<Measure>,
    /// Number of risk classes; 0 where the plan has none.
    pub classes: u8,
    /// Industries to classes, by edition of the standard.
    pub class_maps: Vec<ClassMapSource>,
    /// Articles of the class map.
    pub class_cite: Cite,
    /// Early ends.
    pub gates: Vec<Gate>,
    /// Tables.
    pub tables: Vec<Table>,
    /// Changes, in the order in which they act.
    pub adjusts: Vec<Adjust>,
    /// Steps to tiers.
    pub ladder: Ladder,
    /// The rate.
    pub outcome: Outcome,
    /// Temporary reductions: the plan's own, otherwise those of its region's table.
    pub reductions: Vec<ReductionSource>,
    /// What higher levels allow to be cut, by the reserve of the fund; it is shown and cuts nothing.
    pub frames: Vec<FrameSource>,
    /// Properties that the proofs must confirm.
    pub asserts: Vec<Assert>,
    /// Timetable, deadlines, and what becomes of a record on succession. Nothing of it is compiled or proved.
    pub procedure: Procedure,
}

impl Checked {
    /// The name of a column, as plans write it.
    #[must_use]
    pub fn column_name(&self, column: Column) -> &str {
        match column {
            Column::Value(at) => &self.values[at].name,
            Column::Derived(each, at) => &self.eaches[each].columns[at].name,
            other => other.name(),
        }
    }

    /// Whether it looks at single injuries, not only at sums over claims.
    #[must_use]
    pub fn looks_at_injuries(&self) -> bool {
        self.eaches.iter().any(|e| e.over == Over::Claims)
    }

    /// The name of rows.
    #[must_use]
    pub fn rows_name(&self, rows: Rows) -> &str {
        match rows {
            Rows::Periods => "periods",
            Rows::Claims => "claims",
            Rows::Each(at) => &self.eaches[at].name,
        }
    }
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: ParamType,
    /// What it is looked up with.
    pub key: Option<Key>,
    /// Whether the entry is that of a row's first day.
    pub on_row: bool,
    /// Whether its ranges, if it has any, are amounts.
    pub by_money: bool,
    /// Entries by the day from which they are in force (None: always), each with where its value stands.
    pub entries: Vec<(Option<Date>, ParamValue, Cite, Span)>,
    /// Where its name stands.
    pub span: Span,
}

impl Param {
    /// Whether it is looked up by range.
    #[must_use]
    pub fn is_ranged(&self) -> bool {
        self.entries.iter().any(|e| matches!(e.1, ParamValue::Ranges(_)))
    }

    /// Whether it is looked up with a row: by the row's class in a plan without classes, or by its first day.
    #[must_use]
    pub fn is_of_rows(&self, classes: u8) -> bool {
        self.on_row || (self.key == Some(Key::Class) && classes == 0)
    }

    /// The value in force on a date.
    #[must_use]
    pub fn on(&self, date: Date) -> Option<&ParamValue> {
        self.entries.iter().rev().find(|e| e.0.is_none_or(|from| from <= date)).map(|e| &e.1)
    }
}

/// The value of a parameter.
#[derive(Clone, Debug)]
pub enum ParamValue {
    /// One number.
    One(Decimal),
    /// A number for each class, class 1 first.
    ByClass(Vec<Decimal>),
    /// A number for each of the plan's industries.
    ByIndustry(Vec<Decimal>),
    /// A number for each class of rows.
    ByRowClass(Vec<Decimal>),
    /// A number for each range, rising.
    Ranges(Vec<Range>),
    /// Causes.
    Causes(Vec<Cause>),
    /// Industries, by their places among the plan's.
    Industries(Vec<usize>),
}

/// A range of what a parameter is looked up with; an end that is left out is open for ever.
#[derive(Clone, Debug)]
pub struct Range {
    /// Low end and whether it belongs to the range; money in minor units.
    pub low: Option<(Decimal, bool)>,
    /// High end and whether it belongs to the range.
    pub high: Option<(Decimal, bool)>,
    /// The value there.
    pub value: Decimal,
}

impl std::fmt::Display for Range {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.low, &self.high) {
            (Some((low, a)), Some((high, b))) => {
                let (open, close) = (if *a { '[' } else { '(' }, if *b { ']' } else { ')' });
                write!(f, "{open}{low}..{high}{close}")
            }
            (Some((low, closed)), None) => write!(f, "{} {low}", if *closed { ">=" } else { ">" }),
            (None, Some((high, closed))) => write!(f, "{} {high}", if *closed { "<=" } else { "<" }),
            (None, None) => f.write_str("-"),
        }
    }
}

/// A value that periods may hold.
#[derive(Clone, Debug)]
pub struct PeriodValue {
    pub name: String,
    pub ty: FactType,
    pub title: Bilingual,
    pub worse: super::source::Worse,
    /// Most places after the point.
    pub places: u32,
    /// What a row that lacks it has instead.
    pub default: Option<Term>,
    pub cite: Cite,
    pub span: Span,
}

/// Rows made of rows.
#[derive(Clone, Debug)]
pub struct Each {
    pub name: String,
    pub over: Over,
    /// Which rows there are.
    pub filter: Option<Term>,
    /// Each sees the row and the columns before it.
    pub columns: Vec<Derived>,
    pub span: Span,
}

impl Portfolio {
    /// Whether whoever rates must bring it.
    #[must_use]
    pub const fn must_be_given(&self) -> bool {
        self.is.is_none()
    }
}

/// What an `each` runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// Periods.
    Periods,
    /// Injuries: rows of claims with one id are one.
    Claims,
    /// The accidents of another `each`.
    Each(usize),
}

/// A column that a row derives.
#[derive(Clone, Debug)]
pub struct Derived {
    pub name: String,
    pub term: Term,
    pub text: String,
    pub cite: Cite,
    pub span: Span,
    /// Whether it could be below 0.
    pub negative: bool,
}

/// A value over all employers.
#[derive(Clone, Debug)]
pub struct Portfolio {
    pub name: String,
    pub title: Option<Bilingual>,
    pub ty: Type,
    /// Its formula over all employers; None: whoever rates brings it.
    pub is: Option<Term>,
    pub text: String,
    pub cite: Cite,
    pub span: Span,
    /// Whether it could be below 0.
    pub negative: bool,
}

/// A window with the one that it lies before resolved.
#[derive(Clone, Debug)]
pub struct Window {
    /// As written.
    pub source: WindowSource,
    /// The window that this one lies before.
    pub before: Option<usize>,
    /// Where its name stands.
    pub span: Span,
}

/// A measure.
#[derive(Clone, Debug)]
pub struct Measure {
    /// Its name.
    pub name: String,
    /// Its title.
    pub title: Option<Bilingual>,
    /// Whether results show it.
    pub shown: bool,
    /// Its formula.
    pub term: Term,
    /// The formula as written.
    pub text: String,
    /// Whether undefined gives `review`.
    pub review: bool,
    /// Its articles.
    pub cite: Cite,
    /// Where its name stands.
    pub span: Span,
}

/// An early end.
#[derive(Clone, Debug)]
pub struct Gate {
    pub name: String,
    pub title: Bilingual,
    pub when: Term,
    pub text: String,
    /// `kept`, otherwise `review`.
    pub kept: bool,
    pub cite: Cite,
    /// Where its name stands.
    pub span: Span,
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub unique: bool,
    /// What its rows give.
    pub out: Out,
    /// The names that a table of choices gives, as they first stand.
    pub choices: Vec<String>,
    /// Names of the columns; none when the rows have conditions.
    pub columns: Vec<String>,
    pub rows: Vec<TableRow>,
    /// Where its name stands.
    pub span: Span,
}

/// A row of a table.
#[derive(Clone, Debug)]
pub struct TableRow {
    /// When it holds.
    pub when: Term,
    /// As an author wrote it.
    pub text: String,
    /// The text of each cell; none where the row has a condition.
    pub cells: Vec<String>,
    /// The step that it gives; 0 where the table is not one of steps.
    pub step: i64,
    /// The ratio or rate that it gives, or the place of its choice among the table's.
    pub gives: Decimal,
    pub cite: Cite,
    /// Where the row stands.
    pub span: Span,
}

/// A change of the step or of the rate.
#[derive(Clone, Debug)]
pub struct Adjust {
    pub name: String,
    pub kind: AdjustKind,
    pub title: Bilingual,
    pub when: Term,
    pub text: String,
    pub change: Change,
    pub cite: Cite,
    /// Where its name stands.
    pub span: Span,
}

/// What an adjust changes, with the new value.
#[derive(Clone, Debug)]
pub enum Change {
    /// The step, before the ladder.
    Step(Term),
    /// The rate, after `outcome.rate` and before floor and cap.
    Rate(Term),
    /// The class that the stages after it see: a whole number, kept within the plan's classes.
    Class(Term),
}

impl Change {
    /// The formula of the new value.
    #[must_use]
    pub const fn term(&self) -> &Term {
        let (Self::Step(term) | Self::Rate(term) | Self::Class(term)) = self;
        term
    }
}

/// Steps to tiers.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Tiers by step, both rising; a step between two others may have none. Empty where the ladder is derived.
    pub tiers: Vec<(i64, Decimal)>,
    /// Lowest and highest step of each class, class 1 first. Empty: a derived ladder that limits no step.
    pub allowed: Vec<(i64, i64)>,
    /// The tier is read off the result, and steps are whatever the tables give.
    pub derived: bool,
    /// What a derived tier is; without it the rate over the base rate.
    pub factor: Option<Term>,
    pub cite: Cite,
    /// Where its tiers stand, or the word that says that they are derived.
    pub span: Span,
}

impl Ladder {
    /// The tier of a step, where the ladder has one.
    #[must_use]
    pub fn tier(&self, step: i64) -> Option<Decimal> {
        self.tiers.iter().find(|t| t.0 == step).map(|t| t.1)
    }

    /// The steps that a class may reach, with their tiers, both rising: every step with a tier in a plan without classes
    /// (`class` is None), none on a derived ladder or where the plan has no such class.
    #[must_use]
    pub fn steps(&self, class: Option<u8>) -> Vec<(i64, Decimal)> {
        let reach = match (class, self.allowed.is_empty()) {
            (None, true) => Some((i64::MIN, i64::MAX)),
            (Some(class), false) => {
                usize::from(class).checked_sub(1).and_then(|at| self.allowed.get(at).copied())
            }
            _ => None,
        };
        let within = |step: i64| reach.is_some_and(|(low, high)| low <= step && step <= high);
        self.tiers.iter().copied().filter(|(step, _)| within(*step)).collect()
    }

    /// The steps between the lowest and the highest that have no tier.
    #[must_use]
    pub fn gaps(&self) -> Vec<i64> {
        let between = |pair: &[(i64, Decimal)]| (pair[0].0 + 1..pair[1].0).collect::<Vec<_>>();
        self.tiers.windows(2).flat_map(between).collect()
    }
}

/// The formulas of the rate.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub start: Cited,
    pub rate: Cited,
    pub floor: Option<Cited>,
    pub cap: Option<Cited>,
}

/// A formula with its articles.
#[derive(Clone, Debug)]
pub struct Cited {
    pub term: Term,
    pub text: String,
    pub cite: Cite,
    /// Where the formula stands.
    pub span: Span,
}

impl Cited {
    /// Whether the formula is the base rate of the employer's class and nothing else.
    #[must_use]
    pub fn is_base_rate(&self, params: &[Param]) -> bool {
        matches!(self.term.kind, TermKind::Param { param, class: None } if params[param].name == "base_rate")
    }
}

/// A property that the proofs must confirm. It changes no result.
#[derive(Clone, Debug)]
pub struct Assert {
    pub name: String,
    pub kind: AssertKind,
    /// Where its name stands.
    pub span: Span,
    pub cite: Cite,
}

/// What an assertion says.
#[derive(Clone, Debug)]
pub enum AssertKind {
    /// A part that never changes a result.
    Inert { of: Part },
    /// More of a raw fact lowers the rate from some record where the condition holds, and from no other.
    NotMonotone { raw: Raw, only_where: Term, text: String },
    /// What holds on every record, or on those where a condition does.
    Identity { is: Term, holds_where: Option<Term>, text: String },
    /// One unit more of a row's input moves a derived column by over a unit from some row where the condition holds,
    /// and from no other.
    Jump { each: usize, input: Column, of: Column, only_where: Term, text: String },
}

/// A part of a plan that can change a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// `gate.NAME`, by its place.
    Gate(usize),
    /// `table.NAME:ROW`, both from 0.
    Row { table: usize, row: usize },
    /// `adjust.NAME`, by its place in the order in which they act.
    Adjust(usize),
    /// `outcome.floor`.
    Floor,
    /// `outcome.cap`.
    Cap,
    /// `ladder`: what each class may reach.
    Ladder,
}

/// What a record holds more or less of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Raw {
    /// `claims.benefits_paid`.
    Benefits,
    /// `claims.count`.
    Count,
    /// `claims.outcome`: a graver one is worse.
    Outcome,
    /// A fact, by its place.
    Fact(usize),
    /// A portfolio value, by its place.
    Portfolio(usize),
}
