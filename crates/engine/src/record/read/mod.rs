//! From a form to a record. Every reader goes on after a violation, so that all are listed at once; a reader that
//! cannot give its value gives `None`, and the record is refused because something was recorded.

mod claim;
mod employer;
mod facts;
mod overlap;
mod path;
mod period;
mod reader;
mod scalar;

use self::path::{Path, Report};
use self::reader::Fields;
use super::{Declared, Form, Record, Violation};

const NAMES: [&str; 4] = ["employer", "periods", "claims", "facts"];

impl Record {
    /// Reads a record from its form: checks everything, fills in defaults, sorts periods, claims, facts and values.
    ///
    /// `declared` holds the facts and period values of all loaded plans. The units are those of [`Record`]'s types;
    /// nothing is rounded.
    ///
    /// # Errors
    ///
    /// All violations of the form, at least one. A field with several mistakes is listed with the first of them; of a
    /// duplicate field the first counts and the others are not looked into; nor are unknown fields, nor the rows of a
    /// list that is too long. From [`VIOLATIONS_MAX`](crate::limits::VIOLATIONS_MAX) on, the last says that there are
    /// more.
    pub fn from_form(form: &Form, declared: &Declared) -> Result<Self, Vec<Violation>> {
        let mut report = Report::default();
        let record = read(form, declared, &mut report);
        match record {
            Some(record) if report.violations.is_empty() => Ok(record),
            _ => Err(report.violations),
        }
    }
}

fn read(form: &Form, declared: &Declared, report: &mut Report) -> Option<Record> {
    let fields = Fields::new(form, &Path::Root, &NAMES, report)?;
    let employer = employer::employer(&fields.get("employer").required(report), report);
    let periods = period::periods(fields.get("periods"), declared, report);
    let claims = claim::claims(fields.get("claims"), report);
    let facts = facts::facts(fields.get("facts"), declared, report);
    Some(Record { employer: employer?, periods, claims, facts })
}
