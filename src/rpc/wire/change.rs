//! `RateChange`.

use crate::collection::{Change, Kind};
use floatrate_proto::floatrate::v1;

/// The message of a change.
#[must_use]
pub fn rate_change(change: &Change) -> v1::RateChange {
    let terms = &change.terms;
    let kind = match change.kind {
        Kind::New => v1::ChangeKind::New,
        Kind::Supersedes => v1::ChangeKind::Supersedes,
        Kind::Withdrawn => v1::ChangeKind::Withdrawn,
        Kind::Reduction => v1::ChangeKind::Reduction,
    };
    v1::RateChange {
        id: change.id.clone(),
        position: change.position,
        kind: kind.into(),
        employer_id: change.employer_id.to_string(),
        region: (!terms.region.is_empty()).then(|| terms.region.clone()),
        risk_class: terms.risk_class.map(i32::from),
        base_rate: terms.base_rate.clone(),
        tier: terms.tier.clone(),
        rate: terms.rate.clone(),
        charged: terms
            .charged
            .iter()
            .map(|c| v1::ChargedRate { from: c.from.clone(), rate: c.rate.clone() })
            .collect(),
        from: change.from.to_string(),
        until: change.until.to_string(),
        cause: terms.cause.clone(),
        supersedes: change.supersedes.clone(),
        plan: terms.plan.clone(),
        flags: terms.flags.clone(),
        published_at: change.published_at.rfc3339(),
    }
}
