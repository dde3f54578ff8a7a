//! `ReviewItem`, and what is decided on one.

use super::cycle::signature;
use super::rating_result;
use crate::cycle::{Choice, Decided, ReviewItem};
use floatrate_proto::floatrate::v1;

/// The message of an item.
#[must_use]
pub fn review_item(item: ReviewItem) -> v1::ReviewItem {
    let mut message = v1::ReviewItem {
        employer_id: item.employer_id,
        region: (!item.region.is_empty()).then_some(item.region),
        record_version: item.record_version,
        result: Some(rating_result(item.result)),
        state: item.state,
        etag: item.etag,
        ..v1::ReviewItem::default()
    };
    let Some(decided) = item.decided else { return message };
    let Decided { employer_id: _, version: _, state: _, choice, reason, signed, agreed, open_reasons } =
        decided;
    match choice {
        Choice::Record { version } => {
            "record".clone_into(&mut message.choice);
            message.supplied_version = version;
        }
        Choice::ByHand { step } => {
            "by_hand".clone_into(&mut message.choice);
            message.step = Some(step);
        }
        Choice::LeaveOut => "leave_out".clone_into(&mut message.choice),
    }
    message.decided = Some(signature(signed, &reason));
    message.agreed = agreed.map(|signed| signature(signed, ""));
    message.reason = reason;
    message.open_reasons = open_reasons;
    message
}
