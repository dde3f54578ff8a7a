//! `Determination`, `Difference` and `Objection`.

use super::rating_result;
use crate::determination::objection::{Objection, Standing};
use crate::determination::{ByHand, Detail, Difference, Made, read_result};
use crate::store::tables::determinations::Published;
use crate::store::{StoreError, day, ledger};
use floatrate_proto::floatrate::v1;

/// The message of a published determination; what it supersedes is the caller's to know.
///
/// # Errors
///
/// What is kept is not what it should be.
pub fn determination(
    published: &Published,
    detail: &Detail,
    region: &str,
    supersedes: &str,
) -> Result<v1::Determination, StoreError> {
    let kept = &published.kept;
    Ok(v1::Determination {
        id: published.id(),
        result: Some(rating_result(read_result(&kept.result)?)),
        record_version: kept.record_version,
        from: day(kept.from_day)?.to_string(),
        until: day(kept.until_day)?.to_string(),
        cause: detail.cause.clone(),
        note: detail.note.clone(),
        published_at: published.at.rfc3339(),
        published_by: published.signature.clone(),
        position: published.position,
        supersedes: supersedes.to_owned(),
        withdraws: detail.withdraws.clone(),
        ledger_head: ledger::text(&published.head),
        illustrative_reason: detail.illustrative.clone(),
        region: (!region.is_empty()).then(|| region.to_owned()),
        cycle_id: detail.cycle.clone(),
        by_hand: detail.by_hand.clone().map(by_hand),
        prior_determination: detail.prior.as_ref().map_or_else(String::new, |p| p.determination.clone()),
    })
}

fn by_hand(by_hand: ByHand) -> v1::ByHand {
    let ByHand { step, reason, proposed_by, agreed_by } = by_hand;
    v1::ByHand { step, reason, proposed_by, agreed_by }
}

/// The message of a determination that was only checked.
#[must_use]
pub fn made(made: Made) -> v1::Determination {
    v1::Determination {
        id: made.id,
        record_version: made.record_version,
        from: made.from.to_string(),
        until: made.until.to_string(),
        cause: made.detail.cause,
        note: made.detail.note,
        illustrative_reason: made.detail.illustrative,
        region: (!made.region.is_empty()).then_some(made.region),
        result: Some(rating_result(made.row)),
        ..v1::Determination::default()
    }
}

/// The message of a difference.
#[must_use]
pub fn difference(difference: Difference) -> v1::Difference {
    let Difference { path, before, after } = difference;
    v1::Difference { path, before, after }
}

/// The message of an objection.
#[must_use]
pub fn objection(standing: Standing) -> v1::Objection {
    let Standing { objection, etag } = standing;
    let Objection {
        id,
        determination_id,
        employer_id,
        region: _,
        state,
        filed_on,
        file_by,
        late,
        accept_late: _,
        decide_by,
        uncertain_years,
        reason,
        filed_by,
        decision_reason,
        decided_by,
        redetermination_id,
    } = objection;
    v1::Objection {
        id,
        determination_id,
        employer_id,
        state,
        filed_on,
        file_by,
        late,
        decide_by,
        reason,
        decision_reason,
        redetermination_id,
        etag,
        uncertain_years,
        filed_by,
        decided_by,
    }
}
