//! A plan as written: sections with spans, formulas parsed, names not yet resolved.

#![allow(missing_docs, reason = "the fields bear the names that docs/plan-language.md explains")]

mod fields;
mod merge;
mod param;
mod procedure;
mod read;
mod region;
mod rows;
mod stages;
mod timetable;
mod tree;

pub use merge::{merge, order_tables};
pub use procedure::{ObjectionDays, Procedure, Stated, Succession, working_days};
pub use read::read_plan;
pub use region::{read_not_encoded, read_region_table};
pub use timetable::{DayOfYear, Due, Handling, Timed};
pub use tree::{Kind, Node, read as read_tree};

use super::formula::{Expr, Interval, Name};
use crate::Bilingual;
use crate::diagnostic::Span;
use crate::number::Decimal;
use crate::record::Date;
use std::collections::BTreeSet;

/// A text of a plan file.
#[derive(Clone, Debug)]
pub struct Text {
    /// The text.
    pub text: String,
    /// Where it is, with its quotes.
    pub span: Span,
    /// The byte of its first character, where no escape hides it.
    pub start: Option<u32>,
}

impl Text {
    /// The span of the bytes `from..to` of the text.
    #[must_use]
    pub fn part(&self, from: usize, to: usize) -> Span {
        let at = |start: u32, p: usize| start.saturating_add(u32::try_from(p).unwrap_or(u32::MAX));
        self.start.map_or(self.span, |s| Span { file: self.span.file, start: at(s, from), end: at(s, to) })
    }
}

/// The articles that a part of a plan rests on, each as `source article`.
#[derive(Clone, Debug, Default)]
pub struct Cite(pub Vec<Name>);

/// A formula with its text, which explanations show.
#[derive(Clone, Debug)]
pub struct Formula {
    /// The tree.
    pub expr: Expr,
    /// As written.
    pub text: String,
}

/// How binding a plan is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// In force.
    Enacted,
    /// Proposed.
    Draft,
    /// Made up in part, to show or to try.
    Illustrative,
}

impl Status {
    /// The name in plans and flags.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Enacted => "enacted",
            Self::Draft => "draft",
            Self::Illustrative => "illustrative",
        }
    }
}

/// A plan file, or after [`merge`] a chain of them.
#[derive(Clone, Debug)]
pub struct PlanSource {
    pub id: Name,
    pub extends: Option<Name>,
    pub region: Option<Text>,
    pub title: Bilingual,
    pub status: Status,
    pub reviewed_through: Option<Date>,
    pub currency: Option<Name>,
    pub rating: Option<RatingSource>,
    pub sources: Vec<DocumentSource>,
    pub clauses: Vec<ClauseSource>,
    pub facts: Vec<FactSource>,
    pub values: Vec<ValueSource>,
    pub params: Vec<ParamSource>,
    pub windows: Vec<WindowSource>,
    pub eaches: Vec<EachSource>,
    pub portfolio: Vec<PortfolioSource>,
    pub measures: Vec<MeasureSource>,
    pub gates: Vec<GateSource>,
    pub tables: Vec<TableSource>,
    pub adjusts: Vec<AdjustSource>,
    pub class: Option<ClassSource>,
    pub industry: Option<IndustrySource>,
    pub ladder: Option<LadderSource>,
    pub outcome: OutcomeSource,
    pub reductions: Vec<ReductionSource>,
    pub asserts: Vec<AssertSource>,
    pub procedure: Procedure,
    /// Names, and sections in brackets, of parts that could not be read. What refers to them is not a mistake of its
    /// own.
    pub broken: BTreeSet<String>,
}

#[derive(Clone, Debug)]
pub struct RatingSource {
    pub span: Span,
    pub month: u32,
    pub day: u32,
    pub years: Years,
    pub first: i32,
    pub last: Option<i32>,
    pub valid_months: u32,
    /// Why days between the version before and this one have no plan.
    pub gap_before: Option<Bilingual>,
    pub cite: Cite,
}

/// The years that have a rating date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Years {
    /// Every year.
    Every,
    /// Odd years.
    Odd,
    /// Even years.
    Even,
}

#[derive(Clone, Debug)]
pub struct DocumentSource {
    pub name: Name,
    pub title: Bilingual,
    pub number: Option<String>,
    pub date: Option<Date>,
    pub official: bool,
    pub address: Option<String>,
}

/// What a plan says of a clause of its documents.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Parts of the plan cite it.
    Encoded,
    /// Left out, with the reason.
    NotEncoded,
    /// Not about rates.
    OutOfScope,
}

#[derive(Clone, Debug)]
pub struct ClauseSource {
    pub cite: Name,
    pub says: Bilingual,
    pub verdict: Verdict,
    pub why: Option<Bilingual>,
}

/// The type of a declared fact, or of a value of each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FactType {
    Boolean,
    /// A bare number, such as a grade.
    Number,
    Ratio,
    Rate,
    Months,
    People,
    Money,
}

/// Which way of a fact is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worse {
    More,
    Less,
    Neither,
}

#[derive(Clone, Debug)]
pub struct FactSource {
    pub name: Name,
    pub ty: FactType,
    pub title: Bilingual,
    pub worse: Worse,
    pub places: u32,
    pub required: bool,
    pub cite: Cite,
}

impl FactType {
    /// The name in plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Number => "number",
            Self::Ratio => "ratio",
            Self::Rate => "rate",
            Self::Months => "months",
            Self::People => "people",
            Self::Money => "money",
        }
    }
}

/// A value that periods may hold.
#[derive(Clone, Debug)]
pub struct ValueSource {
    pub name: Name,
    pub ty: FactType,
    pub title: Bilingual,
    pub worse: Worse,
    pub places: u32,
    /// What a row that lacks it has instead.
    pub default: Option<Formula>,
    pub cite: Cite,
}

/// The type of a parameter or of a portfolio value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamType {
    Rate,
    Ratio,
    /// A bare number, such as dollars an hour.
    Number,
    Months,
    People,
    Money,
    Causes,
    Industries,
}

/// What a parameter is looked up with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// The employer's risk class; in a plan without classes the class of a row.
    Class,
    /// The employer's industry.
    Industry,
}

#[derive(Clone, Debug)]
pub struct ParamSource {
    pub name: Name,
    pub ty: ParamType,
    pub key: Option<Key>,
    /// Whether the entry is that of a row's first day, not of the rating date.
    pub on_row: bool,
    /// Entries by the day they are in force from; None: always.
    pub entries: Vec<ParamEntry>,
}

#[derive(Clone, Debug)]
pub struct ParamEntry {
    pub span: Span,
    pub from: Option<Date>,
    pub value: ParamValue,
    pub cite: Cite,
}

#[derive(Clone, Debug)]
pub enum ParamValue {
    One(Formula),
    Keyed(Vec<(Name, Formula)>),
    Ranges(Vec<RangeSource>),
    /// Causes or industries.
    Words(Vec<Text>),
}

/// A value for an interval of what a parameter is looked up with.
#[derive(Clone, Debug)]
pub struct RangeSource {
    pub interval: Interval,
    pub value: Formula,
    pub span: Span,
}

/// Where a window lies.
#[derive(Clone, Debug)]
pub enum WindowPlace {
    /// Ends on a day of a year before the rating date's.
    Ends { month: u32, day: u32, years_before: i32 },
    /// Ends on the day before another begins.
    Before(Text),
}

#[derive(Clone, Debug)]
pub struct WindowSource {
    pub name: Name,
    pub months: u32,
    pub place: WindowPlace,
    pub split_years: bool,
    pub review: bool,
    pub cite: Cite,
}

/// Rows made of rows.
#[derive(Clone, Debug)]
pub struct EachSource {
    pub name: Name,
    /// `claims`, `periods`, or another `each`, whose injuries of one accident become one row.
    pub over: Text,
    pub by_event: bool,
    pub filter: Option<Formula>,
    pub columns: Vec<DerivedSource>,
}

/// A column that a row derives.
#[derive(Clone, Debug)]
pub struct DerivedSource {
    pub name: Name,
    pub is: Formula,
    pub cite: Cite,
}

/// A value over all employers.
#[derive(Clone, Debug)]
pub struct PortfolioSource {
    pub name: Name,
    pub title: Option<Bilingual>,
    pub is: PortfolioIs,
    pub cite: Cite,
}

/// Where a portfolio value comes from.
#[derive(Clone, Debug)]
pub enum PortfolioIs {
    /// Whoever rates brings it.
    Given(ParamType),
    /// A first pass over the employers.
    Computed(Formula),
}

#[derive(Clone, Debug)]
pub struct MeasureSource {
    pub name: Name,
    pub title: Option<Bilingual>,
    pub shown: bool,
    pub is: Formula,
    pub review: bool,
    pub cite: Cite,
}

#[derive(Clone, Debug)]
pub struct GateSource {
    pub name: Name,
    pub title: Bilingual,
    pub when: Formula,
    pub kept: bool,
    pub cite: Cite,
}

#[derive(Clone, Debug)]
pub struct TableSource {
    pub name: Name,
    pub unique: bool,
    pub out: Out,
    pub columns: Vec<Name>,
    pub rows: Vec<RowSource>,
    pub cite: Option<Cite>,
}

/// What the rows of a table give.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Out {
    /// A part of the step.
    Step,
    /// A ratio, written in per cent.
    Percent,
    Rate,
    /// One of the names in its rows.
    Choice,
}

impl Out {
    /// The word in plans, also the field of a row.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Step => "step",
            Self::Percent => "percent",
            Self::Rate => "rate",
            Self::Choice => "choice",
        }
    }
}

/// What a row gives.
#[derive(Clone, Debug)]
pub enum Gives {
    Step(i64),
    /// Of a percent table already a ratio.
    Number(Decimal),
    Choice(Name),
}

impl Gives {
    /// As people read it: steps with their sign.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Step(step) => format!("{step:+}"),
            Self::Number(number) => number.to_string(),
            Self::Choice(name) => name.text.clone(),
        }
    }
}

#[derive(Clone, Debug)]
pub struct RowSource {
    pub span: Span,
    pub when: RowWhen,
    pub gives: Gives,
    pub cite: Cite,
}

/// When a row of a table holds.
#[derive(Clone, Debug)]
pub enum RowWhen {
    /// One cell a column: any of the intervals; an empty list is any value. With the text of each cell.
    Cells(Vec<(Vec<Interval>, Text)>),
    /// A condition.
    If(Formula),
    /// Always.
    Otherwise,
}

/// The order of adjusts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdjustKind {
    Overlay,
    Veto,
    ClassRule,
}

impl AdjustKind {
    /// The name in plans and reasons.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Overlay => "overlay",
            Self::Veto => "veto",
            Self::ClassRule => "class_rule",
        }
    }
}

#[derive(Clone, Debug)]
pub struct AdjustSource {
    pub name: Name,
    pub kind: AdjustKind,
    pub title: Bilingual,
    pub when: Formula,
    pub change: ChangeSource,
    pub cite: Cite,
}

/// What an adjust changes, with the formula of the new value.
#[derive(Clone, Debug)]
pub enum ChangeSource {
    Step(Formula),
    Rate(Formula),
    Class(Formula),
}

/// A claim on the plan that the proofs must confirm.
#[derive(Clone, Debug)]
pub struct AssertSource {
    pub name: Name,
    pub kind: AssertKindSource,
    pub cite: Cite,
}

#[derive(Clone, Debug)]
pub enum AssertKindSource {
    Inert { of: Text },
    NotMonotone { raw: Text, only_where: Formula },
    Identity { is: Formula, holds_where: Option<Formula> },
    Jump { raw: Text, of: Text, only_where: Formula },
}

#[derive(Clone, Debug)]
pub struct ClassSource {
    pub count: u8,
    pub map: Vec<ClassMapSource>,
    pub cite: Cite,
}

/// The standard whose industry codes a plan names.
#[derive(Clone, Debug)]
pub struct IndustrySource {
    pub standard: String,
    pub cite: Cite,
}

/// The industries of one edition of a standard.
#[derive(Clone, Debug)]
pub struct ClassMapSource {
    pub standard: String,
    /// Class by division, sorted; several where the division has no clean answer, none where it is new.
    pub divisions: Vec<(String, Vec<u8>)>,
}

#[derive(Clone, Debug)]
pub struct LadderSource {
    pub span: Span,
    pub tiers: Vec<(i64, Decimal)>,
    /// The tier is read off the result; there are no tiers of its own.
    pub derived: bool,
    /// What the tier of a derived ladder is; without it the rate over the base rate.
    pub factor: Option<Formula>,
    /// Classes from, to; steps from, to.
    pub allowed: Vec<(Span, [i64; 4])>,
    pub cite: Cite,
}

#[derive(Clone, Debug, Default)]
pub struct OutcomeSource {
    pub start: Option<CitedFormula>,
    pub rate: Option<CitedFormula>,
    pub floor: Option<CitedFormula>,
    pub cap: Option<CitedFormula>,
}

#[derive(Clone, Debug)]
pub struct CitedFormula {
    pub is: Formula,
    pub cite: Cite,
}

/// What a temporary reduction cuts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReductionMode {
    /// The rate after the floor; the floor is not applied again.
    OnCurrent,
    /// The base, before tiers; a floor that is a class's base moves with it.
    OnBase,
    /// The rate after the floor, of all classes but 1.
    ExcludeClass1,
}

impl ReductionMode {
    /// The name in plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::OnCurrent => "on_current",
            Self::OnBase => "on_base",
            Self::ExcludeClass1 => "exclude_class_1",
        }
    }
}

#[derive(Clone, Debug)]
pub struct ReductionSource {
    pub span: Span,
    pub from: Date,
    pub to: Date,
    pub cut: Decimal,
    pub mode: ReductionMode,
    pub cite: Cite,
}

/// A region's table of reductions, for the plans that have none of their own.
#[derive(Clone, Debug)]
pub struct RegionTable {
    pub region: Text,
    pub documents: Vec<DocumentSource>,
    pub clauses: Vec<ClauseSource>,
    pub reductions: Vec<ReductionSource>,
    pub frames: Vec<FrameSource>,
    /// Names of parts that could not be read.
    pub broken: BTreeSet<String>,
}

/// A cut that depends on how long the fund's reserve lasts. It says what may be cut and cuts nothing by itself.
#[derive(Clone, Debug)]
pub struct FrameSource {
    pub span: Span,
    pub from: Date,
    pub to: Date,
    pub cut: Decimal,
    /// An interval of months, as written.
    pub reserve_months: String,
    pub cite: Cite,
}

/// A region whose rule is known to be there, and that no plan encodes.
#[derive(Clone, Debug)]
pub struct NotEncoded {
    /// The id that a plan of it would have, or a working one.
    pub id: String,
    pub region: String,
    pub title: Bilingual,
    /// Document number.
    pub document: Option<String>,
    pub address: Option<String>,
    pub known: Bilingual,
    pub missing: Bilingual,
}
