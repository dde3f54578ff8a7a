//! The employer, its industry, and the result of the cycle before.

use super::path::Report;
use super::reader::{Field, Fields};
use crate::limits::{CLASS_MAX, NAME_CHARS_MAX};
use crate::record::violation::{Expected, Problem, Shape};
use crate::record::{Employer, Industry, Prior, RiskClass};

const NAMES: [&str; 8] =
    ["id", "name", "region", "industry", "risk_class", "insured_since", "first_insured", "prior"];
const INDUSTRY_NAMES: [&str; 2] = ["standard", "code"];
const PRIOR_NAMES: [&str; 3] = ["rate", "tier", "unlimited_rate"];

/// Longest name of an industry standard's edition, in bytes of ASCII.
const STANDARD_BYTES_MAX: usize = 16;
/// Longest industry code of a standard other than GB/T 4754, in bytes of ASCII.
const CODE_BYTES_MAX: usize = 64;

/// Reads the employer. `None` after a violation in a required field, or when it was left out.
pub(super) fn employer(field: &Field<'_, '_>, report: &mut Report) -> Option<Employer> {
    let fields = Fields::new(field.form?, &field.path, &NAMES, report)?;
    let id = fields.get("id").required(report).id(report);
    let name = fields.get("name").text_up_to(NAME_CHARS_MAX, report);
    let region = fields.get("region").code(Shape::Region, is_region, report);
    let industry = industry(&fields.get("industry"), report);
    let risk_class = risk_class(&fields.get("risk_class"), report);
    let insured_since = fields.get("insured_since").required(report).date(report);
    let first = fields.get("first_insured");
    let first_insured = first.date(report);
    if let (Some(first_insured), Some(insured_since)) = (first_insured, insured_since)
        && first_insured > insured_since
    {
        let problem = Problem::FirstAfterInsuredSince { first_insured, insured_since };
        report.add::<()>(&first.path, problem);
    }
    let prior = prior(&fields.get("prior"), report);
    let (id, insured_since) = (id?, insured_since?);
    let first_insured = first_insured.unwrap_or(insured_since);
    Some(Employer { id, name, region, industry, risk_class, insured_since, first_insured, prior })
}

fn risk_class(field: &Field<'_, '_>, report: &mut Report) -> Option<RiskClass> {
    let class = field.whole(i64::from(CLASS_MAX), Expected::WholeNumber, report)?;
    if class == 0 {
        return report.add(&field.path, Problem::TooSmall { seen: class.to_string(), min: 1 });
    }
    u8::try_from(class).ok().map(RiskClass)
}

fn industry(field: &Field<'_, '_>, report: &mut Report) -> Option<Industry> {
    let fields = Fields::new(field.form?, &field.path, &INDUSTRY_NAMES, report)?;
    let standard = fields.get("standard").required(report).code(Shape::Standard, is_standard, report);
    let code = fields.get("code").required(report);
    let code = match standard.as_deref() {
        Some("2011" | "2017") => code.code(Shape::IndustryGb, is_gb_code, report),
        Some(_) => code.code(Shape::IndustryOther, is_other_code, report),
        // Without a standard nobody knows which form the code should have.
        None => code.text(Expected::Text, report).map(str::to_owned),
    };
    Some(Industry { standard: standard?, code: code? })
}

fn prior(field: &Field<'_, '_>, report: &mut Report) -> Option<Prior> {
    let fields = Fields::new(field.form?, &field.path, &PRIOR_NAMES, report)?;
    let rate = fields.get("rate").required(report).rate(report);
    let tier = fields.get("tier").rate(report);
    let unlimited_rate = fields.get("unlimited_rate").rate(report);
    Some(Prior { rate: rate?, tier, unlimited_rate })
}

fn is_region(code: &[u8]) -> bool {
    code.len() == 6 && code.iter().all(u8::is_ascii_digit)
}

fn is_gb_code(code: &[u8]) -> bool {
    (2..=4).contains(&code.len()) && code.iter().all(u8::is_ascii_digit)
}

fn is_word(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_')
}

fn is_standard(code: &[u8]) -> bool {
    (1..=STANDARD_BYTES_MAX).contains(&code.len()) && code.iter().all(|b| is_word(*b) || *b == b'-')
}

fn is_other_code(code: &[u8]) -> bool {
    (1..=CODE_BYTES_MAX).contains(&code.len()) && code.iter().all(|b| is_word(*b))
}
