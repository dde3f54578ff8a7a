//! What the evaluator's results show of a claim: only that is believed.

use super::report::Claim;
use crate::plan::checked::Part;
use crate::rating::{Outcome, Reason, Status};

/// Whether a result shows a part acting, or that another claim is not so; None where results have no words for it.
pub(super) fn shows(claim: Claim, outcome: &Outcome) -> Option<bool> {
    let says = |reason: Reason| Some(outcome.reasons.contains(&reason));
    match claim {
        Claim::NoGap(at) => says(Reason::NoRow(at)),
        Claim::NoOverlap(at) => says(Reason::SeveralRows(at)),
        Claim::EveryStepHasTier => says(Reason::NoTier),
        Claim::Acts(Part::Gate(at)) => says(Reason::Gate(at)),
        Claim::Acts(Part::Row { table, row }) => says(Reason::Row { table, row }),
        Claim::Acts(Part::Adjust(at)) => says(Reason::Adjust(at)),
        Claim::Acts(Part::Ladder) => says(Reason::Ladder),
        Claim::Acts(Part::Floor) => says(Reason::Floor),
        Claim::Acts(Part::Cap) => says(Reason::Cap),
        Claim::NotNegative => Some(outcome.verdict.rate.is_some_and(|rate| rate.mantissa() < 0)),
        Claim::LimitsAgree | Claim::Assertion(_) | Claim::Fair(_) => None,
    }
}

/// Whether both results would be published and the worse record has the lower rate.
pub(super) fn falls(better: &Outcome, worse: &Outcome) -> bool {
    let published = |o: &Outcome| o.verdict.status != Status::Review;
    published(better)
        && published(worse)
        && matches!((better.verdict.rate, worse.verdict.rate), (Some(b), Some(w)) if b > w)
}
