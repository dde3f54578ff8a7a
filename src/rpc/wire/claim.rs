//! `Claim`.

use super::Fields;
use floatrate_engine::record::Form;
use floatrate_proto::floatrate::v1;

pub(super) fn claim(message: v1::Claim) -> Form {
    let v1::Claim { id, event, class, date, cause, outcome, count, paid_on, benefits_paid, reserve } =
        message;
    Fields::new()
        .text("id", id)
        .optional_text("event", event)
        .optional_text("class", class)
        .text("date", date)
        .text("cause", cause)
        .text("outcome", outcome)
        .number("count", count)
        .optional_text("paid_on", paid_on)
        .number("benefits_paid", benefits_paid)
        .number("reserve", reserve)
        .done()
}
