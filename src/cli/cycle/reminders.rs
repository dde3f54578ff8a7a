//! What is due when in the year of a cycle, by its plan. Working days are counted by a calendar; of a year that it does not
//! know by weekends alone, and that is said.

use crate::cli::text::table;
use crate::workdays::Calendar;
use floatrate_engine::plan::source::{Cite, Due, ObjectionDays, Procedure, Timed};
use floatrate_engine::record::Date;
use floatrate_engine::{Bilingual, Lang};
use serde_json::{Value, json};
use std::fmt::Write;

/// A line of the timetable, with its day.
#[derive(Debug)]
struct Step {
    name: &'static str,
    title: Bilingual,
    /// The last day.
    by: Date,
    past: bool,
    /// Years whose holidays are not known.
    uncertain_years: Vec<i32>,
    cite: Vec<String>,
}

/// Days, and times that run from a notice or an objection.
#[derive(Debug, Default)]
pub(super) struct Reminders {
    steps: Vec<Step>,
    objection: Option<(ObjectionDays, Vec<String>)>,
    redetermination: Option<(u32, Vec<String>)>,
}

fn cites(cite: &Cite) -> Vec<String> {
    cite.0.iter().map(|cite| cite.text.clone()).collect()
}

impl Step {
    fn of(line: &Timed, date: Date, today: Date, calendar: &Calendar) -> Self {
        let (by, uncertain_years) = match line.due {
            Due::By(day) => (day.of(date), Vec::new()),
            Due::Within { from, working_days } => {
                // The first day may be one of them.
                let eve = from.of(date).plus_days(-1);
                let deadline = calendar.add_working_days(eve, working_days);
                (deadline.date, deadline.uncertain_years)
            }
        };
        let (name, title, past) = (line.what.name(), line.what.title(), by < today);
        Self { name, title, by, past, uncertain_years, cite: cites(&line.cite) }
    }
}

impl Reminders {
    /// What a plan says for a rating date.
    pub(super) fn of(procedure: &Procedure, date: Date, today: Date, calendar: &Calendar) -> Self {
        let lines = procedure.timetable.iter().flatten();
        Self {
            steps: lines.map(|line| Step::of(line, date, today, calendar)).collect(),
            objection: procedure.objection_days.as_ref().map(|stated| (stated.is, cites(&stated.cite))),
            redetermination: procedure.redetermination_days.as_ref().map(|s| (s.is, cites(&s.cite))),
        }
    }

    pub(super) fn json(&self) -> Value {
        let step = |s: &Step| {
            json!({
                "step": s.name, "by": s.by.to_string(), "past": s.past,
                "uncertain_years": s.uncertain_years, "cite": s.cite,
            })
        };
        let objection = self.objection.as_ref().map(|(days, cite)| {
            let days = days.working().map_or_else(|| json!(ObjectionDays::ANNOUNCED), |days| json!(days));
            json!({ "working_days": days, "cite": cite })
        });
        let redetermination =
            self.redetermination.as_ref().map(|(days, cite)| json!({ "working_days": days, "cite": cite }));
        json!({
            "timetable": self.steps.iter().map(step).collect::<Vec<_>>(),
            "objection": objection,
            "redetermination": redetermination,
        })
    }

    pub(super) fn text(&self, lang: Lang) -> String {
        let zh = lang == Lang::Zh;
        let mut rows = Vec::new();
        for step in &self.steps {
            let unsure = if step.uncertain_years.is_empty() { "" } else { "?" };
            let past = match (step.past, zh) {
                (true, true) => "已过",
                (true, false) => "past",
                (false, _) => "",
            };
            let (by, title) = (format!("{}{unsure}", step.by), step.title.pick(lang).to_owned());
            rows.push(vec![by, title, past.to_owned()]);
        }
        let days =
            |days: u32| if zh { format!("{days}个工作日") } else { format!("{days} working days") };
        if let Some((stated, _)) = &self.objection {
            let when = match (stated.working(), zh) {
                (Some(n), _) => days(n),
                (None, true) => "另行公告".to_owned(),
                (None, false) => "announced".to_owned(),
            };
            let what = if zh { "收到告知书后提出异议" } else { "to object, from the notice" };
            rows.push(vec![when, what.to_owned(), String::new()]);
        }
        if let Some((n, _)) = &self.redetermination {
            let what =
                if zh { "收到异议后重新核定" } else { "to determine anew, from the objection" };
            rows.push(vec![days(*n), what.to_owned(), String::new()]);
        }
        if rows.is_empty() {
            return String::new();
        }
        let mut out = String::from(if zh { "\n办理时限\n" } else { "\nDue\n" });
        for line in table(&rows).lines() {
            let _ = writeln!(out, "  {line}");
        }
        if self.steps.iter().any(|step| !step.uncertain_years.is_empty()) {
            out += if zh {
                "  带“?”的日期未计入节假日安排，并不确定：请用 --calendar 给出日历\n"
            } else {
                "  days with `?` are counted by weekends alone and are not certain: give --calendar\n"
            };
        }
        out
    }
}
