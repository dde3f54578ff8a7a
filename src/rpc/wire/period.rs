//! `Period`.

use super::Fields;
use floatrate_engine::record::Form;
use floatrate_proto::floatrate::v1;

pub(super) fn period(message: v1::Period) -> Form {
    let v1::Period {
        start,
        end,
        class,
        payroll,
        contributions_due,
        contributions_paid,
        headcount,
        months_insured,
        values,
    } = message;
    Fields::new()
        .text("start", start)
        .text("end", end)
        .optional_text("class", class)
        .number("payroll", payroll)
        .number("contributions_due", contributions_due)
        .number("contributions_paid", contributions_paid)
        .optional_text("headcount", headcount)
        .number("months_insured", months_insured)
        .map("values", values.into_iter().map(|(name, value)| (name, Form::Text(value))).collect())
        .done()
}
