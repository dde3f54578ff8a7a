//! `floatrate cycle review`: the work list, one decision, or a spreadsheet of decisions.

use super::settle::{Wanted, settle, told};
use super::{Place, apply, items, shape};
use crate::cli::officer::refused;
use crate::cli::{Exit, Stop, output, tell};
use clap::{ArgGroup, Args};
use floatrate_engine::Lang;
use serde_json::json;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    group = ArgGroup::new("decision").args(["record_version", "tier", "step", "leave_out", "agree"]),
    after_help = "Three ways to decide: supply the missing facts (import the corrected record, then --record-version newest), set the tier by hand (another person must --agree), or leave the employer out of this cycle by name. A decision may be changed until the cycle is approved.\n\nWith a spreadsheet: --output writes the list, an officer fills in the columns `decision` (record, tier, step, leave_out, agree), `value` and `reason`, and --apply takes it back. Mistakes are told by row, right rows are applied, and the file can be applied again.\n\nExamples:\n  floatrate cycle review c01m2… --state open\n  floatrate cycle review c01m2… --employer 91510400MA6212342W --record-version newest --reason 'payroll of 2024 handed in'\n  floatrate cycle review c01m2… --employer 91510400MA6212342W --tier 1 --reason 'no contributions in two years'\n  floatrate cycle review c01m2… --employer 91510400MA6212342W --agree --name li.na\n  floatrate cycle review c01m2… --output list.xlsx\n  floatrate cycle review c01m2… --apply list.xlsx\n\nExit status: 0 done; 1 rows of the spreadsheet were refused; 2 refused; 3 the database or a file failed."
)]
pub(in crate::cli) struct ReviewArguments {
    /// The cycle, by its id
    id: String,
    /// Only those in this state
    #[arg(long, value_parser = ["open", "proposed", "resolved"], conflicts_with_all = ["employer", "apply"])]
    state: Option<String>,
    /// The list as a spreadsheet to fill in, CSV or XLSX by the name's ending
    #[arg(long, value_name = "FILE", conflicts_with_all = ["employer", "apply"])]
    output: Option<PathBuf>,
    /// Decide on this employer
    #[arg(long, value_name = "ID", requires = "decision")]
    employer: Option<String>,
    /// Rate it by this later version of its record, or `newest`
    #[arg(long, value_name = "N", value_parser = version, requires = "employer")]
    record_version: Option<i64>,
    /// Set its tier by hand, such as 0.8; another person must agree
    #[arg(long, value_name = "TIER", requires = "employer")]
    tier: Option<String>,
    /// Set its step by hand, such as -1
    #[arg(long, value_name = "STEP", allow_negative_numbers = true, requires = "employer")]
    step: Option<i64>,
    /// Leave it out of this cycle
    #[arg(long, requires = "employer")]
    leave_out: bool,
    /// Agree to the step that another person proposed
    #[arg(long, requires = "employer", conflicts_with = "reason")]
    agree: bool,
    /// Why; kept and shown
    #[arg(long, value_name = "TEXT", requires = "employer")]
    reason: Option<String>,
    /// Apply a filled-in spreadsheet
    #[arg(long, value_name = "FILE", conflicts_with = "employer")]
    apply: Option<PathBuf>,
    #[command(flatten)]
    place: Place,
}

/// A version of a record; 0 stands for the newest.
fn version(text: &str) -> Result<i64, String> {
    match text.parse() {
        _ if text == "newest" => Ok(0),
        Ok(version) if version > 0 => Ok(version),
        _ => Err("expected a version from 1 on, or `newest`".to_owned()),
    }
}

impl ReviewArguments {
    fn wanted(&self) -> Option<Wanted> {
        match self {
            Self { record_version: Some(version), .. } => Some(Wanted::Record(*version)),
            Self { tier: Some(tier), .. } => Some(Wanted::Tier(tier.clone())),
            Self { step: Some(step), .. } => Some(Wanted::Step(*step)),
            Self { leave_out: true, .. } => Some(Wanted::LeaveOut),
            Self { agree: true, .. } => Some(Wanted::Agree),
            _ => None,
        }
    }
}

pub(super) fn run(arguments: &ReviewArguments, lang: Lang) -> Result<Exit, Stop> {
    if let (Some(employer), Some(wanted)) = (&arguments.employer, arguments.wanted()) {
        return decide(arguments, employer, &wanted, lang);
    }
    if let Some(path) = &arguments.apply {
        let rows = apply::sheet(path, lang)?;
        let applied = arguments.place.at(lang, async |agency, signature| {
            apply::apply(agency, &arguments.id, rows, signature, lang).await
        })?;
        if arguments.place.json {
            output::print(&format!("{}\n", shape::json(&applied)))?;
        }
        tell(&applied.text(lang));
        return Ok(applied.exit());
    }
    list(arguments, lang)
}

fn decide(arguments: &ReviewArguments, employer: &str, wanted: &Wanted, lang: Lang) -> Result<Exit, Stop> {
    let ReviewArguments { id, place, .. } = arguments;
    let reason = arguments.reason.as_deref().unwrap_or_default();
    let item = place.at(lang, async |agency, signature| {
        let item = settle(agency, id, employer, (wanted, reason), "", signature).await;
        item.map_err(|why| refused(why, lang))
    })?;
    if place.json {
        output::print(&format!("{}\n", shape::json(&shape::Item::from(&item))))?;
    }
    tell(&told(&item, lang));
    Ok(Exit::Done)
}

fn list(arguments: &ReviewArguments, lang: Lang) -> Result<Exit, Stop> {
    let ReviewArguments { id, place, state, .. } = arguments;
    let all = place.at(lang, async |agency, _| {
        let all = items::all(agency, id, state.as_deref().unwrap_or_default()).await;
        all.map_err(|why| refused(why, lang))
    })?;
    if let Some(path) = &arguments.output {
        items::write(id, &all, path, lang)?;
        let (n, name) = (all.len(), path.display());
        tell(&match lang {
            Lang::Zh => format!(
                "{name}：{n}户。请填写“决定”（补充记录、档次、档数、不核定、同意）、“值”和“理由”，然后 floatrate cycle review {id} --apply {name}"
            ),
            Lang::En => format!(
                "{name}: {n} employers. Fill in `decision` (record, tier, step, leave_out, agree), `value` and `reason`, then floatrate cycle review {id} --apply {name}"
            ),
        });
    }
    if place.json {
        let all: Vec<_> = all.iter().map(shape::Item::from).collect();
        output::print(&format!("{}\n", json!({ "items": all })))?;
    } else if arguments.output.is_none() {
        output::print(&items::text(&all, lang))?;
    }
    Ok(Exit::Done)
}
