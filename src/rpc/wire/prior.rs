//! `Prior`.

use super::Fields;
use floatrate_engine::record::Form;
use floatrate_proto::floatrate::v1;

pub(super) fn prior(message: v1::Prior) -> Form {
    let v1::Prior { rate, tier, unlimited_rate } = message;
    Fields::new()
        .text("rate", rate)
        .optional_text("tier", tier)
        .optional_text("unlimited_rate", unlimited_rate)
        .done()
}
