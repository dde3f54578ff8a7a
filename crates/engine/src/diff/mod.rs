//! What changed between two versions of a plan: part by part, in words, with an employer whose result each change
//! changes.
//!
//! Both plans are taken apart into *statements*, each one number, formula or word under a name. Statements of one name
//! that differ are a change; rows of tables are matched first, so that a row that was put in between is one change and
//! not many. A change that can matter is then made alone, in a copy of one of the plans, and records are tried on both.

mod alone;
mod parts;
mod statement;
mod tables;
mod witness;
mod words;

use crate::Bilingual;
use crate::plan::catalog::Plan;
use crate::rating::Outcome;
use crate::record::{Date, Declared, Record};
use alone::Apply;

/// Whether a statement is in both plans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// In both, and not the same.
    Changed,
    /// In the second alone.
    Added,
    /// In the first alone.
    Removed,
}

impl Kind {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::Added => "added",
            Self::Removed => "removed",
        }
    }
}

/// One change.
#[derive(Clone, Debug)]
pub struct Change {
    /// The section of the plan, such as `table`.
    pub section: &'static str,
    /// The part in it.
    pub name: String,
    /// What of the part, such as `months`; empty for the whole part.
    pub field: String,
    /// Whether it changed, came or went.
    pub kind: Kind,
    /// What it was; None where it came.
    pub old: Option<Bilingual>,
    /// What it is; None where it went.
    pub new: Option<Bilingual>,
    /// The change as a sentence.
    pub says: Bilingual,
    /// The clauses that it rests on, in the second plan if it is there.
    pub cites: Vec<String>,
    /// What it does to results.
    pub effect: Effect,
    apply: Apply,
}

/// What a change does to results.
#[derive(Clone, Debug)]
pub enum Effect {
    /// It stands outside of what is computed: titles, sources, the ledger, status, the procedure.
    Outside,
    /// It moves the rating dates.
    Dates,
    /// An employer whose result it changes.
    Witness(Box<Witness>),
    /// No record that was tried is treated differently.
    None {
        /// How many were tried.
        tried: usize,
        /// Whether it is proved of every record without straddled periods and missing values.
        proved: bool,
    },
    /// It cannot be made alone, and on no record that was tried do the plans differ.
    NotAlone {
        /// How many were tried.
        tried: usize,
    },
}

impl Effect {
    /// The name in reports.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Outside => "outside",
            Self::Dates => "dates",
            Self::Witness(_) => "witness",
            Self::None { proved: true, .. } => "none",
            Self::None { .. } => "none_found",
            Self::NotAlone { .. } => "not_alone",
        }
    }

    /// The employer, where there is one.
    #[must_use]
    pub fn witness(&self) -> Option<&Witness> {
        match self {
            Self::Witness(witness) => Some(witness),
            _ => None,
        }
    }
}

/// An employer with both results.
#[derive(Clone, Debug)]
pub struct Witness {
    /// Where the record comes from: `example NAME of PLAN`, or how it was found.
    pub from: Bilingual,
    /// The rating date.
    pub rating_date: Date,
    /// The record.
    pub record: Record,
    /// The result before the change.
    pub before: Side,
    /// The result after it.
    pub after: Side,
    /// Whether this change alone was made; otherwise the two results are those of the two plans.
    pub alone: bool,
}

/// A result with its reasons by name.
#[derive(Clone, Debug)]
pub struct Side {
    /// The result.
    pub outcome: Outcome,
    /// Its reasons, as the plan that gave it names them.
    pub reasons: Vec<String>,
}

/// A plan with the facts that records of its folder may hold.
#[derive(Clone, Copy, Debug)]
pub struct Version<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// What its catalog declares.
    pub declared: &'a Declared,
}

/// The changes from `a` to `b`, in the order of a plan's sections.
#[must_use]
pub fn diff(a: Version<'_>, b: Version<'_>) -> Vec<Change> {
    let mut changes = statement::changes(parts::statements(a.plan), parts::statements(b.plan));
    let at = changes.iter().position(|c| words::order(c.section) > words::order("table"));
    let at = at.unwrap_or(changes.len());
    let rows = tables::changes(a.plan, b.plan);
    changes.splice(at..at, rows);
    witness::find(a, b, &mut changes);
    changes
}
