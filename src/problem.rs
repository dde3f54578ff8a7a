//! What can stand in the way of a change or an answer, in the domain's terms. `rpc::status` makes statuses of it, and the
//! command line takes its sentences from there.

use crate::store::StoreError;
use floatrate_engine::Bilingual;
use floatrate_engine::record::{Date, Violation};
use std::borrow::Cow;

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
    /// Somebody else runs the cycle, or has taken it over: its id, who, until when.
    Running(String, String, String),
    /// The run of the cycle was stopped; it can be gone on with.
    Stopped(String),
    /// A second person is needed: what for, and who the first was.
    SamePerson(String, String),
    /// Nobody vouches for the name of whoever approves what is law: the cycle and its plan.
    NotVerified(String, String),
    /// Items of the cycle are open: its id, how many.
    OpenItems(String, i64),
    /// No employer is kept of the region.
    NoEmployers(String),
    /// Every employer of the cycle is left out.
    NothingToPublish(String),
    /// The database.
    Store(StoreError),
}

/// One thing that is wrong with a field of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// Path of the field in the request, such as `record.periods[0].payroll`.
    pub field: String,
    /// Stable code, in snake case; sent in capitals.
    pub reason: Cow<'static, str>,
    /// A sentence: what is wrong, how to mend it.
    pub message: Bilingual,
}

impl Field {
    /// A field that is wrong.
    #[must_use]
    pub fn new(
        field: impl Into<String>,
        reason: &'static str,
        en: impl Into<String>,
        zh: impl Into<String>,
    ) -> Self {
        let message = Bilingual { zh: zh.into(), en: en.into() };
        Self { field: field.into(), reason: reason.into(), message }
    }

    /// A field that is left out and may not be.
    #[must_use]
    pub fn missing(field: &str) -> Self {
        Self::new(field, "missing_field", format!("{field} is missing"), format!("缺少 {field}"))
    }

    /// The day that a field gives; another text is a fault.
    pub fn day(field: &str, given: &str, faults: &mut Vec<Self>) -> Option<Date> {
        let parsed = given.parse::<Date>();
        if let Err(why) = &parsed {
            let (en, zh) =
                (format!("\"{given}\" is {why}"), format!("“{given}”不是有效日期，应写成 YYYY-MM-DD"));
            faults.push(Self::new(field, "not_a_date", en, zh));
        }
        parsed.ok()
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
    /// A rate cycle.
    Cycle,
    /// An employer of a cycle that a person must decide on.
    ReviewItem,
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
            Self::Cycle => ["cycle", "年度费率浮动"],
            Self::ReviewItem => ["review item", "待复核单位"],
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
