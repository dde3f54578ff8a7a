//! What can stand in the way of a change or an answer, in the domain's terms. `rpc::status` makes statuses of it, and the
//! command line takes its sentences from there.

use crate::store::StoreError;
use floatrate_engine::record::Violation;

/// Why something was not done. Nothing was changed then.
#[derive(Debug)]
pub enum Problem {
    /// The record has violations.
    Record(Vec<Violation>),
    /// Fields are missing or malformed: all of them.
    Fields(Vec<Field>),
    /// Nothing of that id is kept.
    NotFound(What, String),
    /// No published rate holds.
    Unpublished {
        /// Key of the employer.
        employer_id: String,
        /// The day asked for.
        date: String,
        /// The last day of the newest for the day, if that ended.
        ended_on: Option<String>,
        /// The first day of one that begins later.
        begins_on: Option<String>,
    },
    /// The result needs a person's decision.
    Review(Vec<String>),
    /// The plan is a draft or illustrative: plan and status.
    NotEnacted(String, String),
    /// What the request builds on has changed.
    Stale(What, String),
    /// The request id was used for another request.
    RequestIdReused(String),
    /// Something is in another state: what, its id, its state, the state that is needed.
    State(What, String, String, &'static str),
    /// The time for objections ended on this day.
    ObjectionLate(String),
    /// Records cannot be put together; why, in English and Chinese.
    NotMerged(String, String),
    /// No such plan.
    PlanNotFound(String),
    /// The plan only serves to be extended.
    PlanRatesNobody(String),
    /// The plan does not rate on the date: plan, date, its dates.
    NotARatingDate(String, String, String),
    /// No enacted plan rates the region on the date.
    NoPlan(String, String),
    /// The plan reads values over all employers that are not given: plan and their names.
    PortfolioMissing(String, Vec<String>),
    /// The database.
    Store(StoreError),
}

/// A field that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Its path in the request.
    pub field: String,
    /// A stable word.
    pub reason: &'static str,
    /// What is wrong and what was expected.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

impl Field {
    /// A field that is wrong.
    #[must_use]
    pub fn new(field: &str, reason: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { field: field.to_owned(), reason, en: en.into(), zh: zh.into() }
    }

    /// A field that is left out and may not be.
    #[must_use]
    pub fn missing(field: &str) -> Self {
        Self::new(field, "missing_field", format!("{field} is missing"), format!("缺少 {field}"))
    }
}

/// Kinds of things that have ids.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// An employer.
    Employer,
    /// A version of a record.
    RecordVersion,
    /// An import.
    Import,
    /// A determination.
    Determination,
    /// An objection.
    Objection,
    /// A refused change.
    RefusedChange,
}

impl What {
    /// The word in messages, English and Chinese.
    #[must_use]
    pub const fn words(self) -> [&'static str; 2] {
        match self {
            Self::Employer => ["employer", "用人单位"],
            Self::RecordVersion => ["record version", "记录版本"],
            Self::Import => ["import", "导入批次"],
            Self::Determination => ["determination", "费率核定"],
            Self::Objection => ["objection", "异议"],
            Self::RefusedChange => ["refused change", "被拒变更"],
        }
    }
}

impl From<StoreError> for Problem {
    fn from(why: StoreError) -> Self {
        Self::Store(why)
    }
}

impl Problem {
    /// One wrong field.
    #[must_use]
    pub fn field(field: &str, reason: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Fields(vec![Field::new(field, reason, en, zh)])
    }
}
