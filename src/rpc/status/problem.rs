//! The domain's problems as refusals.

use super::{ErrorReason, RETRY_AFTER, Refusal};
use crate::problem::{Problem, What};
use crate::store::StoreError;

impl Refusal {
    /// Something that is not kept, or not where the caller may look.
    #[must_use]
    pub fn not_found(what: What, id: &str) -> Self {
        Self::about(ErrorReason::NotFound, what, id, &[])
    }

    fn about(reason: ErrorReason, what: What, id: &str, more: &[(&'static str, &str)]) -> Self {
        let [en, zh] = what.words();
        let mut metadata = vec![("kind", en), ("id", id)];
        metadata.extend(more);
        Self { zh: vec![("kind", zh.to_owned())], ..Self::new(reason, &metadata) }
    }
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        use ErrorReason as R;
        match problem {
            Problem::Record(violations) => Self::invalid_record("record", &violations),
            Problem::Fields(fields) => Self::invalid_request(fields),
            Problem::NotFound(what, id) => Self::not_found(what, &id),
            Problem::Unpublished { employer_id, date, ended_on, begins_on } => {
                let day = |day: Option<String>| day.unwrap_or_else(|| "-".to_owned());
                let (ended_on, begins_on) = (day(ended_on), day(begins_on));
                let metadata = [
                    ("employer", &*employer_id),
                    ("date", &*date),
                    ("ended_on", &*ended_on),
                    ("begins_on", &*begins_on),
                ];
                Self::new(R::RateUnpublished, &metadata)
            }
            Problem::Review(reasons) => Self::new(R::ReviewPending, &[("reasons", &reasons.join(", "))]),
            Problem::NotEnacted(plan, status) => {
                Self::new(R::PlanNotEnacted, &[("plan", &plan), ("plan_status", &status)])
            }
            Problem::Stale(what, id) => Self::about(R::StaleEtag, what, &id, &[]),
            Problem::RequestIdReused(id) => {
                Self::new(R::RequestIdReused, &[("request_id", &id)]).field("request_id")
            }
            Problem::State(what, id, state, needed) => {
                Self::about(R::WrongState, what, &id, &[("state", &state), ("needed", needed)])
            }
            Problem::ObjectionLate(file_by) => Self::new(R::ObjectionLate, &[("file_by", &file_by)]),
            Problem::NotMerged(en, zh) => {
                // Our own sentence, which is shown whole.
                let metadata = vec![("why", en)];
                Self { metadata, zh: vec![("why", zh)], ..Self::new(R::RecordsNotMerged, &[]) }
            }
            Problem::PlanNotFound(plan) => Self::plan_not_found(&plan),
            Problem::PlanRatesNobody(plan) => Self::plan_rates_nobody(&plan),
            Problem::NotARatingDate(plan, date, schedule) => {
                Self::not_a_rating_date("rating_date", &plan, &date, &schedule)
            }
            Problem::NoPlan(region, date) => {
                Self::new(R::NoPlanForRegion, &[("region", &region), ("rating_date", &date)])
            }
            Problem::PortfolioMissing(plan, values) => {
                let values: Vec<&str> = values.iter().map(String::as_str).collect();
                Self::portfolio_missing(&plan, &values)
            }
            Problem::Running(id, runner, until) => {
                Self::new(R::AlreadyRunning, &[("cycle", &id), ("runner", &runner), ("until", &until)])
            }
            Problem::Stopped(id) => Self::new(R::RunStopped, &[("cycle", &id)]),
            Problem::SamePerson(id, who) => Self::new(R::SamePerson, &[("id", &id), ("first", &who)]),
            Problem::NotVerified(id, plan) => Self::new(R::NotVerified, &[("cycle", &id), ("plan", &plan)]),
            Problem::OpenItems(id, open) => {
                Self::new(R::OpenReviewItems, &[("cycle", &id), ("open", &open.to_string())])
            }
            Problem::NoEmployers(region) => Self::new(R::NoEmployers, &[("region", &region)]),
            Problem::NothingToPublish(id) => Self::new(R::NothingToPublish, &[("cycle", &id)]),
            Problem::Store(why) => why.into(),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(why: StoreError) -> Self {
        match why {
            StoreError::Unavailable(why) => {
                tracing::error!(%why, "the database does not answer");
                Self::retry(ErrorReason::DatabaseUnavailable, RETRY_AFTER)
            }
            StoreError::Conflict => Self::about(ErrorReason::StaleEtag, What::Employer, "-", &[]),
            StoreError::Broken(why) => {
                tracing::error!(%why, "the database holds something unexpected");
                Self::internal("")
            }
        }
    }
}
