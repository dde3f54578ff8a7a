//! The contract's JSON shape: field names and their order are those of the record format.

use floatrate_engine::number::Decimal;
use floatrate_engine::record::{Cause, ClaimOutcome, Date};
use serde::{Serialize, Serializer};

/// One employer's record. Serialises to one line of the record format. Amounts are fen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Record {
    /// The insured unit.
    pub employer: Employer,
    /// Calendar years, in order.
    pub periods: Vec<Period>,
    /// Injuries and further payments, by year of the injury.
    pub claims: Vec<Claim>,
    /// Declared facts.
    pub facts: Facts,
}

/// The insured unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Employer {
    /// Unified social credit code with right check digits.
    pub id: String,
    /// An invented name that says so.
    pub name: String,
    /// Pooling area.
    pub region: String,
    /// Division of GB/T 4754.
    pub industry: Industry,
    /// Risk class 1 to 8 where the agency has decided one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk_class: Option<u8>,
    /// First day of the present insurance.
    #[serde(serialize_with = "text")]
    pub insured_since: Date,
    /// First day of any insurance, where it differs.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_text")]
    pub first_insured: Option<Date>,
    /// The result of the cycle before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prior: Option<Prior>,
}

/// A code of an edition of GB/T 4754.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Industry {
    /// `2011` or `2017`.
    pub standard: &'static str,
    /// Division, two digits.
    pub code: String,
}

/// The result of the cycle before: base rate x tier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Prior {
    /// Rate as a fraction of the payroll.
    #[serde(serialize_with = "text")]
    pub rate: Decimal,
    /// Rate / base rate.
    #[serde(serialize_with = "text")]
    pub tier: Decimal,
    /// The rate before floor and cap.
    #[serde(serialize_with = "text")]
    pub unlimited_rate: Decimal,
}

/// A span of insurance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Period {
    /// First day.
    #[serde(serialize_with = "text")]
    pub start: Date,
    /// Last day.
    #[serde(serialize_with = "text")]
    pub end: Date,
    /// Wages, fen.
    pub payroll: u64,
    /// Contributions due, fen.
    pub contributions_due: u64,
    /// Contributions paid, fen.
    pub contributions_paid: u64,
    /// Average number of insured people, in quarters of a person.
    #[serde(serialize_with = "text")]
    pub headcount: Decimal,
    /// Months insured; 0 is a gap.
    pub months_insured: u32,
}

/// An injury, or with `count` 0 a further payment for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Year and number: rows with one id are one injury.
    pub id: String,
    /// Day of the injury.
    #[serde(serialize_with = "text")]
    pub date: Date,
    /// Legal ground.
    #[serde(serialize_with = "cause")]
    pub cause: Cause,
    /// How it ended.
    #[serde(serialize_with = "outcome")]
    pub outcome: ClaimOutcome,
    /// 1, or 0 for a further payment.
    pub count: u32,
    /// Day of the payment; none while nothing is paid.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_text")]
    pub paid_on: Option<Date>,
    /// Benefits paid, fen.
    pub benefits_paid: u64,
    /// Benefits still to be paid, fen.
    pub reserve: u64,
}

/// Facts that the Chinese plans declare; each may be left out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Facts {
    /// Months of unpaid contributions.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_text")]
    pub arrears_months: Option<u64>,
    /// On the list of dishonest employers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blacklisted: Option<bool>,
    /// Declared less than the wages paid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub concealed_payroll: Option<bool>,
    /// Obtained benefits by fraud.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fraud: Option<bool>,
    /// Did not put a hazard right in time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uncorrected_hazard: Option<bool>,
    /// Grade of the safety standardisation certificate, 1 the best, 0 none.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "optional_text")]
    pub safety_certificate_grade: Option<u64>,
    /// The certificate has already lowered a rate.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub safety_certificate_used: Option<bool>,
}

impl Facts {
    /// Names and values as text, in the order of the fields; an empty text where a fact is left out.
    pub(super) fn texts(&self) -> [(&'static str, String); 7] {
        fn shown<T: ToString>(value: Option<T>) -> String {
            value.map(|v| v.to_string()).unwrap_or_default()
        }
        [
            ("arrears_months", shown(self.arrears_months)),
            ("blacklisted", shown(self.blacklisted)),
            ("concealed_payroll", shown(self.concealed_payroll)),
            ("fraud", shown(self.fraud)),
            ("uncorrected_hazard", shown(self.uncorrected_hazard)),
            ("safety_certificate_grade", shown(self.safety_certificate_grade)),
            ("safety_certificate_used", shown(self.safety_certificate_used)),
        ]
    }
}

fn text<S: Serializer>(value: &impl std::fmt::Display, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(value)
}

fn optional_text<S: Serializer>(
    value: &Option<impl std::fmt::Display>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => serializer.collect_str(value),
        None => serializer.serialize_none(),
    }
}

fn cause<S: Serializer>(value: &Cause, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.name())
}

fn outcome<S: Serializer>(value: &ClaimOutcome, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(value.name())
}
