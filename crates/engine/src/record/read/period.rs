//! Periods.

use super::facts::value;
use super::overlap::{Span, overlaps};
use super::path::{Path, Report};
use super::reader::{Field, Fields};
use crate::limits::PERIODS_MAX;
use crate::record::violation::{Expected, Problem};
use crate::record::{Declared, Form, Number, Period};

const NAMES: [&str; 9] = [
    "start",
    "end",
    "class",
    "payroll",
    "contributions_due",
    "contributions_paid",
    "headcount",
    "months_insured",
    "values",
];

/// Reads the periods and sorts them by start, then class. Rows without a good span or class are left out, having
/// been recorded.
pub(super) fn periods(field: Field<'_, '_>, declared: &Declared, report: &mut Report) -> Vec<Period> {
    let forms = field.rows(PERIODS_MAX, report);
    let mut rows = Vec::with_capacity(forms.len());
    let mut periods = Vec::with_capacity(forms.len());
    for (row, form) in forms.iter().enumerate() {
        if let Some(period) = period(form, &Path::Row(&field.path, row), declared, report) {
            rows.push(row);
            periods.push(period);
        }
    }
    // Nearly every record comes in order and with one class: then there is nothing to sort and nothing overlaps.
    if !periods.windows(2).all(|p| p[0].class == p[1].class && p[0].end < p[1].start) {
        find_overlaps(&field.path, &periods, &rows, report);
        periods.sort_by(|a, b| (a.start, &a.class).cmp(&(b.start, &b.class)));
    }
    periods
}

fn find_overlaps(path: &Path<'_>, periods: &[Period], rows: &[usize], report: &mut Report) {
    let mut sorted: Vec<(&Period, usize)> = periods.iter().zip(rows.iter().copied()).collect();
    sorted.sort_by(|(a, _), (b, _)| (&a.class, a.start).cmp(&(&b.class, b.start)));
    for of_one_class in sorted.chunk_by(|(a, _), (b, _)| a.class == b.class) {
        let spans = of_one_class.iter().map(|(p, row)| Span { row: *row, from: p.start, to: p.end });
        for found in overlaps(spans) {
            let problem = Problem::OverlappingPeriods { row: found.earlier, from: found.from, to: found.to };
            report.add::<()>(&Path::Row(path, found.later), problem);
        }
    }
}

fn period(form: &Form, path: &Path<'_>, declared: &Declared, report: &mut Report) -> Option<Period> {
    let fields = Fields::new(form, path, &NAMES, report)?;
    let start = fields.get("start").required(report).date(report);
    let end_field = fields.get("end").required(report);
    let end = end_field.date(report);
    let mut span = start.zip(end);
    if let Some((start, end)) = span
        && end < start
    {
        span = report.add(&end_field.path, Problem::EndBeforeStart { start, end });
    }
    let class_field = fields.get("class");
    let class = class_field.id(report);
    let payroll = fields.get("payroll").amount(report);
    let contributions_due = fields.get("contributions_due").amount(report);
    let contributions_paid = fields.get("contributions_paid").amount(report);
    let headcount = fields.get("headcount").headcount(report);
    let months_touched = span.map(|(start, end)| i64::from(end.month_number() - start.month_number()) + 1);
    let months_insured = months_insured(&fields.get("months_insured"), months_touched, report);
    let values = values(fields.get("values"), declared, report);
    if class.is_none() && class_field.form.is_some() {
        // Of a row whose class is unreadable nobody knows what it overlaps.
        return None;
    }
    let (start, end) = span?;
    Some(Period {
        start,
        end,
        class,
        payroll,
        contributions_due,
        contributions_paid,
        headcount,
        months_insured,
        values,
    })
}

/// Months insured, at most the calendar months `touched` by the span where that is known.
fn months_insured(field: &Field<'_, '_>, touched: Option<i64>, report: &mut Report) -> Option<u32> {
    let months = field.whole(i64::from(u32::MAX), Expected::WholeNumber, report)?;
    if let Some(max) = touched
        && months > max
    {
        return report.add(&field.path, Problem::TooManyMonths { months, max });
    }
    u32::try_from(months).ok()
}

fn values(field: Field<'_, '_>, declared: &Declared, report: &mut Report) -> Vec<(String, Number)> {
    let known = super::facts::declared_entries(field, &declared.values, report);
    let mut values = Vec::with_capacity(known.len());
    for (name, form, kind) in known {
        let field = Field { path: Path::Key(&field.path, name), form: Some(form) };
        if let Some(number) = value(&field, kind, report) {
            values.push((name.to_owned(), number));
        }
    }
    values
}
