//! A plan with every name resolved, every unit checked and every number cited. It does not depend on a date.

#![allow(missing_docs, reason = "the fields bear the names that docs/plan-language.md explains")]

mod aggregates;
mod assemble;
mod constant;
mod ledger;
mod names;
mod print;
mod resolve;
mod stages;
mod term;
mod typing;

pub use assemble::check;
pub use constant::minor_places;
pub use term::{
    AggregateKind, Column, PriorPart, Relation, Rows, StageValue, Term, TermKind, Type, Unit, WindowRef,
};

use super::source::{
    AdjustKind, Cite, ClassMapSource, ClauseSource, DocumentSource, FactSource, ParamType, RatingSource,
    ReductionSource, Status, WindowSource,
};
use crate::Bilingual;
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
    /// Parameters.
    pub params: Vec<Param>,
    /// Windows.
    pub windows: Vec<Window>,
    /// Measures, each after those that it uses.
    pub measures: Vec<Measure>,
    /// Number of risk classes.
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
    /// Temporary reductions.
    pub reductions: Vec<ReductionSource>,
}

/// A parameter.
#[derive(Clone, Debug)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: ParamType,
    /// Whether the class is its key.
    pub keyed: bool,
    /// Entries by the day from which they are in force; None: always.
    pub entries: Vec<(Option<Date>, ParamValue, Cite)>,
}

impl Param {
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
    /// Causes.
    Causes(Vec<Cause>),
}

/// A window with the one that it lies before resolved.
#[derive(Clone, Debug)]
pub struct Window {
    /// As written.
    pub source: WindowSource,
    /// The window that this one lies before.
    pub before: Option<usize>,
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
}

/// A table that gives steps.
#[derive(Clone, Debug)]
pub struct Table {
    pub name: String,
    pub unique: bool,
    /// Names of the columns; none when the rows have conditions.
    pub columns: Vec<String>,
    pub rows: Vec<TableRow>,
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
    pub step: i64,
    pub cite: Cite,
}

/// A change of the step.
#[derive(Clone, Debug)]
pub struct Adjust {
    pub name: String,
    pub kind: AdjustKind,
    pub title: Bilingual,
    pub when: Term,
    pub text: String,
    pub step: Term,
    pub cite: Cite,
}

/// Steps to tiers.
#[derive(Clone, Debug)]
pub struct Ladder {
    /// Tier by step, rising without gaps; the first entry's step.
    pub lowest: i64,
    pub tiers: Vec<Decimal>,
    /// Lowest and highest step of each class, class 1 first.
    pub allowed: Vec<(i64, i64)>,
    pub cite: Cite,
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
}
