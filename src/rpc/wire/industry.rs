//! `Industry`.

use super::Fields;
use floatrate_engine::record::Form;
use floatrate_proto::floatrate::v1;

pub(super) fn industry(message: v1::Industry) -> Form {
    let v1::Industry { standard, code } = message;
    Fields::new().text("standard", standard).text("code", code).done()
}
