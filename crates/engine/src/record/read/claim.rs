//! Rows of claims.

use super::path::{Path, Report};
use super::reader::{Field, Fields};
use crate::limits::{CLAIMS_MAX, COUNT_MAX};
use crate::record::violation::Expected;
use crate::record::{Amount, Cause, Claim, ClaimOutcome, Form};

const NAMES: [&str; 10] =
    ["id", "event", "class", "date", "cause", "outcome", "count", "paid_on", "benefits_paid", "reserve"];

/// Reads the claims and sorts them by id, then date, then the order of the input. Rows with a violation in a
/// required field are left out, having been recorded.
pub(super) fn claims(field: Field<'_, '_>, report: &mut Report) -> Vec<Claim> {
    let forms = field.rows(CLAIMS_MAX, report);
    let mut claims = Vec::with_capacity(forms.len());
    for (row, form) in forms.iter().enumerate() {
        claims.extend(claim(form, &Path::Row(&field.path, row), report));
    }
    claims.sort_by(|a, b| (&a.id, a.date).cmp(&(&b.id, b.date)));
    claims
}

fn claim(form: &Form, path: &Path<'_>, report: &mut Report) -> Option<Claim> {
    let fields = Fields::new(form, path, &NAMES, report)?;
    let id = fields.get("id").required(report).id(report);
    let event = fields.get("event").id(report);
    let class = fields.get("class").id(report);
    let date = fields.get("date").required(report).date(report);
    let cause = fields.get("cause").required(report).choice(Cause::ALL, Cause::name, report);
    let outcome =
        fields.get("outcome").required(report).choice(ClaimOutcome::ALL, ClaimOutcome::name, report);
    let count = fields.get("count").whole(COUNT_MAX, Expected::WholeNumber, report);
    let paid_on = fields.get("paid_on").date(report);
    let benefits_paid = fields.get("benefits_paid").required(report).amount(report);
    let reserve = fields.get("reserve").amount(report);
    let date = date?;
    Some(Claim {
        id: id?,
        event,
        class,
        date,
        cause: cause?,
        outcome: outcome?,
        count: count.unwrap_or(1),
        paid_on: paid_on.unwrap_or(date),
        benefits_paid: benefits_paid?,
        reserve: reserve.unwrap_or(Amount(0)),
    })
}
