//! `Record`.

use super::{Fields, claim, employer, fact, period};
use floatrate_engine::record::Form;
use floatrate_proto::floatrate::v1;

/// The form of a record, for the engine's reader.
///
/// ```
/// use floatrate::rpc::wire;
/// use floatrate_engine::record::{Declared, Record};
/// use floatrate_proto::floatrate::v1;
/// let employer = v1::Employer { id: "A".into(), insured_since: "2015-3-1".into(), ..Default::default() };
/// let message = v1::Record { employer: Some(employer), ..Default::default() };
/// let violations = Record::from_form(&wire::record(message), &Declared::default()).unwrap_err();
/// assert_eq!((violations[0].field.as_str(), violations[0].reason()), ("employer.insured_since", "not_a_date"));
/// ```
#[must_use]
pub fn record(message: v1::Record) -> Form {
    let v1::Record { employer, periods, claims, facts } = message;
    Fields::new()
        .form("employer", employer.map(employer::employer))
        .list("periods", periods.into_iter().map(period::period).collect())
        .list("claims", claims.into_iter().map(claim::claim).collect())
        .map(
            "facts",
            facts.into_iter().filter_map(|(name, value)| Some((name, fact::value(value)?))).collect(),
        )
        .done()
}
