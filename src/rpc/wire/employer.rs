//! `Employer`.

use super::{Fields, industry, prior};
use floatrate_engine::record::Form;
use floatrate_proto::floatrate::v1;

pub(super) fn employer(message: v1::Employer) -> Form {
    let v1::Employer { id, name, region, industry, risk_class, insured_since, first_insured, prior } =
        message;
    Fields::new()
        .text("id", id)
        .optional_text("name", name)
        .optional_text("region", region)
        .form("industry", industry.map(industry::industry))
        .number("risk_class", risk_class)
        .text("insured_since", insured_since)
        .optional_text("first_insured", first_insured)
        .form("prior", prior.map(prior::prior))
        .done()
}
