//! Reads `[procedure]`: timetable and deadlines of the handling, and what becomes of a record on succession. No rate depends on it.

use super::Cite;
use super::fields::Fields;
use super::timetable::{Timed, timetable};
use super::tree::{Kind, Node};
use crate::Bilingual;
use crate::diagnostic::{Diagnostic, Span};
use crate::limits::PROCEDURE_DAYS_MAX;
use std::collections::BTreeSet;

/// What a region says of the handling of a rate. No rate depends on it; what it leaves out an officer states.
#[derive(Clone, Debug, Default)]
pub struct Procedure {
    /// Until when the agency does what in a rating year, in order; empty where a plan says that its parent's does not hold.
    pub timetable: Option<Vec<Timed>>,
    /// Until when an employer may object.
    pub objection_days: Option<Stated<ObjectionDays>>,
    /// Working days in which the agency decides on an objection, the first of them after the day on which it came in.
    pub redetermination_days: Option<Stated<u32>>,
    /// What becomes of a record when employers merge, split or are taken over.
    pub succession: Option<Stated<Succession>>,
}

/// Something that a document states, with its articles.
#[derive(Clone, Debug)]
pub struct Stated<T> {
    pub is: T,
    pub cite: Cite,
    /// Where it stands.
    pub span: Span,
}

/// Until when an employer may object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectionDays {
    /// So many working days, the first of them after the day of the notice.
    Working(u32),
    /// Until a day that the agency announces each time: no deadline can be computed.
    Announced,
}

impl ObjectionDays {
    /// The word of plans for [`ObjectionDays::Announced`].
    pub const ANNOUNCED: &str = "announced";

    /// The working days; None where the agency announces the last day.
    #[must_use]
    pub const fn working(self) -> Option<u32> {
        match self {
            Self::Working(days) => Some(days),
            Self::Announced => None,
        }
    }
}

/// What becomes of a record on succession (合并、分立).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Succession {
    /// The records of all who were before are added up.
    MergeSum,
    /// Only the record of the employer that goes on counts.
    SurvivorOnly,
    /// The successor counts as newly insured and stands at the base rate.
    NewAtBase,
}

impl Succession {
    /// Every one, in the order of documents.
    pub const ALL: [Self; 3] = [Self::MergeSum, Self::SurvivorOnly, Self::NewAtBase];

    /// The name in plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MergeSum => "merge_sum",
            Self::SurvivorOnly => "survivor_only",
            Self::NewAtBase => "new_at_base",
        }
    }
}

/// A number of working days in words.
#[must_use]
pub fn working_days(days: u32) -> Bilingual {
    let noun = if days == 1 { "day" } else { "days" };
    Bilingual { zh: format!("{days}个工作日"), en: format!("{days} working {noun}") }
}

/// Reads the section. What of it could not be read is left out and named in `broken`.
pub(super) fn procedure(node: &Node, d: &mut Vec<Diagnostic>, broken: &mut BTreeSet<String>) -> Procedure {
    let mut f = Fields::of(node, "[procedure]", d);
    let procedure = Procedure {
        timetable: timetable(&mut f, broken),
        objection_days: stated(&mut f, "objection_days", broken, objection_days),
        redetermination_days: stated(&mut f, "redetermination_days", broken, |f| {
            f.need_int("is", 1..=i64::from(PROCEDURE_DAYS_MAX)).and_then(|days| u32::try_from(days).ok())
        }),
        succession: stated(&mut f, "succession", broken, |f| {
            f.need_text("is");
            f.choice("is", &Succession::ALL.map(|s| (s.name(), s)))
        }),
    };
    f.finish();
    procedure
}

fn stated<T>(
    f: &mut Fields<'_, '_>,
    key: &'static str,
    broken: &mut BTreeSet<String>,
    read: impl FnOnce(&mut Fields<'_, '_>) -> Option<T>,
) -> Option<Stated<T>> {
    let node = f.node(key)?;
    let mut g = Fields::of(node, format!("[procedure.{key}]"), f.diagnostics);
    let is = read(&mut g);
    let span = g.node("is").map_or(node.span, |is| is.span);
    let cite = g.cite(None);
    g.finish();
    let stated = is.zip(cite).map(|(is, cite)| Stated { is, cite, span });
    if stated.is_none() {
        broken.insert(format!("[procedure.{key}]"));
    }
    stated
}

/// A number of working days, or the word for a day that the agency announces.
fn objection_days(f: &mut Fields<'_, '_>) -> Option<ObjectionDays> {
    f.need("is")?;
    let node = f.node("is")?;
    match &node.kind {
        Kind::Text(text, _) if text == ObjectionDays::ANNOUNCED => Some(ObjectionDays::Announced),
        Kind::Text(text, _) => {
            let message = format!("`is` of [procedure.objection_days] is \"{text}\"");
            let expected = format!(
                "expected a number of working days, 1 to {PROCEDURE_DAYS_MAX}, or \"{}\"",
                ObjectionDays::ANNOUNCED
            );
            f.complain("value", node.span, message, &expected);
            None
        }
        _ => {
            let days = f.int("is", 1..=i64::from(PROCEDURE_DAYS_MAX))?;
            u32::try_from(days).ok().map(ObjectionDays::Working)
        }
    }
}
