//! `Cycle`, its state and its signatures.

use crate::cycle::{Cancelled, Counts, Returned, Signed, Standing, State};
use crate::rpc::status::FieldFault;
use crate::store::Instant;
use floatrate_proto::floatrate::v1;

/// The message of a cycle as it stands.
#[must_use]
pub fn cycle(standing: Standing) -> v1::Cycle {
    let runner = if standing.running.now() { standing.running.runner } else { String::new() };
    let cycle = standing.cycle;
    let mut message = v1::Cycle {
        id: cycle.id,
        region: cycle.region,
        plan: cycle.plan,
        rating_date: cycle.rating_date,
        state: state(cycle.state).into(),
        etag: standing.etag,
        created: Some(signature(cycle.created, "")),
        returned: cycle
            .returned
            .into_iter()
            .map(|Returned { signed, reason }| signature(signed, &reason))
            .collect(),
        closed: cycle.closed.map(|signed| signature(signed, "")),
        cancelled: cycle.cancelled.map(|Cancelled { signed, reason }| signature(signed, &reason)),
        done: standing.running.done,
        runner,
        ..v1::Cycle::default()
    };
    if let Some(frozen) = cycle.frozen {
        message.frozen = Some(signature(frozen.signed, ""));
        message.plan_status = frozen.plan_status;
        message.plan_digest = frozen.plan_digest;
        message.portfolio = frozen.portfolio;
        message.employers = frozen.employers;
        message.pins_digest = frozen.pins_digest;
        message.without_region = frozen.without_region;
    }
    if let Some(rated) = cycle.rated {
        message.rated = Some(signature(rated.signed, ""));
        message.results_digest = rated.results_digest;
        message.counts = Some(counts(rated.counts));
    }
    if let Some(approved) = cycle.approved {
        message.approved = Some(signature(approved.signed, ""));
        message.determinations = approved.determinations;
        message.by_hand = approved.by_hand;
        message.left_out = approved.left_out;
    }
    if let Some(published) = cycle.published {
        message.published = Some(signature(published.signed, &published.accept_illustrative));
        message.first_position = published.first_position;
    }
    message
}

pub(super) fn signature(signed: Signed, reason: &str) -> v1::CycleSignature {
    let Signed { by, at_us } = signed;
    v1::CycleSignature { by, at: Instant(at_us).rfc3339(), reason: reason.to_owned() }
}

pub(super) fn counts(counts: Counts) -> v1::CycleCounts {
    let Counts { employers, rated, kept, review } = counts;
    v1::CycleCounts { employers, rated, kept, review }
}

const fn state(state: State) -> v1::CycleState {
    match state {
        State::Draft => v1::CycleState::Draft,
        State::Frozen => v1::CycleState::Frozen,
        State::Rated => v1::CycleState::Rated,
        State::Approved => v1::CycleState::Approved,
        State::Published => v1::CycleState::Published,
        State::Closed => v1::CycleState::Closed,
        State::Cancelled => v1::CycleState::Cancelled,
    }
}

/// The state that a filter names, by its name in the store; empty where it names none.
///
/// # Errors
///
/// The number is no state.
pub fn state_asked(given: i32) -> Result<&'static str, FieldFault> {
    if given == i32::from(v1::CycleState::Unspecified) {
        return Ok("");
    }
    let found = State::ALL.into_iter().find(|known| i32::from(state(*known)) == given);
    found.map(State::name).ok_or_else(|| {
        let en = format!("{given} is not a value of CycleState");
        let zh = format!("{given} 不是 CycleState 的取值");
        FieldFault::new("state", "unknown_value", en, zh)
    })
}
