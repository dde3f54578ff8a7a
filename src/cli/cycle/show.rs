//! `floatrate cycle show`.

use super::{Place, details, reminders, shape, standing, statistics, tables};
use crate::cli::objection::calendar;
use crate::cli::officer::refused;
use crate::cli::serve::today;
use crate::cli::{Exit, Stop, output, tell};
use crate::cycle::{self, Report, Standing};
use crate::determination::Agency;
use crate::problem::Problem;
use crate::store::ledger::Head;
use crate::workdays::Calendar;
use clap::Args;
use floatrate_engine::Bilingual;
use floatrate_engine::Lang;
use floatrate_engine::plan::checked::Checked;
use reminders::Reminders;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::Arc;

#[derive(Args, Debug)]
#[command(
    after_help = "Contributions are those of a year: the payroll of the twelve months before the rating date times the rate, rounded half up to the fen for each employer. Employers that are open or left out count in no sum.\n\nExamples:\n  floatrate cycle show c01m2y8k3q9v7t5r4w6x8z0a1cd\n  floatrate cycle show c01m2… --details details.xlsx --statistics 72.xlsx --lang zh\n  floatrate cycle show c01m2… --json | jq .counts"
)]
pub(in crate::cli) struct ShowArguments {
    /// The cycle, by its id
    id: String,
    /// Every employer, CSV, XLSX or JSON Lines by the name's ending
    #[arg(long, value_name = "FILE")]
    details: Option<PathBuf>,
    /// The yearly statistic of 人社部发〔2015〕72号, CSV or XLSX by the name's ending
    #[arg(long, value_name = "FILE")]
    statistics: Option<PathBuf>,
    /// Days off and weekend days worked, as CSV, for what is due in working days
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// What there is to show.
struct Found {
    standing: Standing,
    report: Option<Report>,
    reminders: Reminders,
    notes: Vec<String>,
}

pub(super) fn run(arguments: &ShowArguments, lang: Lang) -> Result<Exit, Stop> {
    let days = arguments.calendar.as_deref().map(|path| calendar(path, lang)).transpose()?;
    if let Some(path) = &arguments.statistics {
        statistics::kind(path, lang)?;
    }
    let found = arguments
        .place
        .at(lang, async |agency, _| find(agency, arguments, &days.unwrap_or_default(), lang).await)?;
    output::print(&if arguments.place.json { json(&found) } else { text(&found, lang) })?;
    for note in &found.notes {
        tell(note);
    }
    Ok(Exit::Done)
}

async fn find(
    agency: &Agency,
    arguments: &ShowArguments,
    calendar: &Calendar,
    lang: Lang,
) -> Result<Found, Stop> {
    let told = |why: Problem| refused(why, lang);
    let id = &arguments.id;
    let standing = cycle::get(&agency.db, id).await.map_err(told)?;
    let date = standing.cycle.date().map_err(|why| told(why.into()))?;
    let plan = plan(agency, &standing).await.map_err(told)?;
    let reminders = plan.as_ref().map(|plan| Reminders::of(&plan.procedure, date, today(), calendar));
    let rated = standing.cycle.rated.is_some();
    let report = if rated { Some(cycle::report(agency, id).await.map_err(told)?) } else { None };
    let mut notes = Vec::new();
    if let Some(path) = &arguments.details {
        notes.push(details::write(agency, id, path, lang).await?);
    }
    if let Some(path) = &arguments.statistics {
        let Some(report) = &report else { return Err(told(not_rated(&standing))) };
        let head = Head::read(&agency.db).await.map_err(|why| told(why.into()))?;
        notes.push(statistic(report, plan.as_ref().map(|plan| &plan.title), &head, path, lang)?);
    }
    Ok(Found { standing, report, reminders: reminders.unwrap_or_default(), notes })
}

fn statistic(
    report: &Report,
    title: Option<&Bilingual>,
    head: &Head,
    path: &Path,
    lang: Lang,
) -> Result<String, Stop> {
    let rows = statistics::write(report, title, head, path, lang)?;
    Ok(details::noted(&path.display().to_string(), rows, head, lang))
}

fn not_rated(standing: &Standing) -> Problem {
    let (id, state) = (standing.cycle.id.clone(), standing.cycle.state.name().to_owned());
    Problem::State(crate::problem::What::Cycle, id, state, "rated")
}

/// The plan that the cycle holds fast, or that it would.
async fn plan(agency: &Agency, standing: &Standing) -> Result<Option<Arc<Checked>>, Problem> {
    if let Some(frozen) = &standing.cycle.frozen
        && let Some(text) = crate::store::ledger::unhex(&frozen.plan_text)
    {
        let loaded = agency.raters.kept(&agency.db, &text).await?;
        return Ok(Some(loaded.plan()?.checked.clone()));
    }
    Ok(agency.library.catalog.plan(&standing.cycle.plan).map(|plan| plan.checked.clone()))
}

fn json(found: &Found) -> String {
    let mut out = json!(shape::Cycle::of(&found.standing));
    out["report"] = found.report.as_ref().map_or(Value::Null, |report| json!(shape::ReportOf::of(report)));
    out["reminders"] = found.reminders.json();
    format!("{out}\n")
}

fn text(found: &Found, lang: Lang) -> String {
    let cycle = &found.standing.cycle;
    let mut out = standing::notice(cycle, lang);
    out += &standing::fields(&found.standing, lang);
    out += &found.reminders.text(lang);
    if let (Some(report), Some(rated)) = (&found.report, &cycle.rated) {
        out += &format!("\n{}\n", tables::counts(rated.counts, lang));
        out += &tables::sums(&report.tally, lang);
        out += &tables::rest(report, lang);
    }
    out
}
