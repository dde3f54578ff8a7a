//! `floatrate objection`: what employers object to, and what became of it.

use super::database::{DatabaseArguments, block_on};
use super::determination::found;
use super::officer::{OfficerArguments, agency, refused};
use super::serve::today;
use super::text::{Fields, table};
use super::{Exit, Stop, output, tell};
use crate::determination::Agency;
use crate::determination::objection::{self, Filing, Objection, Standing};
use crate::problem::Problem;
use crate::workdays::Calendar;
use clap::{Args, Subcommand};
use floatrate_engine::Lang;
use floatrate_engine::plan::source::ObjectionDays;
use serde::Serialize;
use serde_json::json;
use std::path::{Path, PathBuf};

/// Objections that are asked for at once.
const PAGE: i64 = 1_000;

#[derive(Subcommand, Debug)]
pub(super) enum ObjectionCommand {
    /// Take in an employer's objection to a determination
    File(FileArguments),
    /// Uphold or reject an objection
    Decide(DecideArguments),
    /// Objections with their deadlines
    List(ListArguments),
}

#[derive(Args, Debug)]
#[command(
    after_help = "The days for filing and deciding are the plan's, counted in working days. Public holidays and the weekends worked for them are arranged anew each year, so they come from --calendar; without it weekends alone are counted, and that is said. The id goes to standard output.\n\nExamples:\n  floatrate objection file b01m2y8k3q9v7t5r4w6x8z0a1cd-1 --reason 'claim 2023-17 is another employer\\'s' --notified-on 2026-01-12 --calendar holidays.csv\n  floatrate objection file b01m2… --reason … --accept-late 'the notice was delivered to the old address'\n\nThe calendar:\n  # years = 2026..2026\n  date,kind\n  2026-01-01,holiday\n  2026-01-04,workday"
)]
pub(super) struct FileArguments {
    /// The determination, by its id
    determination: String,
    /// Why the employer objects
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Day on which the employer filed; default today
    #[arg(long, value_name = "DATE")]
    filed_on: Option<String>,
    /// Day on which the employer had the notice, from which the time runs; default the day of publication
    #[arg(long, value_name = "DATE")]
    notified_on: Option<String>,
    /// Why an objection is taken that comes too late; without it such a one is refused
    #[arg(long, value_name = "REASON")]
    accept_late: Option<String>,
    /// Days off and weekend days worked, as CSV
    #[arg(long, value_name = "FILE")]
    calendar: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArguments,
    #[command(flatten)]
    officer: OfficerArguments,
    /// The objection as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "An upheld objection is answered by a new determination:\n  floatrate determination create --cause objection --objection ID …\n\nExamples:\n  floatrate objection decide o01m2y8k3q9v7t5r4w6x8z0a1cd --upheld --reason 'the claim belongs to 91510400…'\n  floatrate objection decide o01m2y8k3q9v7t5r4w6x8z0a1cd --rejected --reason 'the injury is recorded rightly'"
)]
pub(super) struct DecideArguments {
    /// The objection, by its id
    id: String,
    /// The employer is right: a new determination is due
    #[arg(long, required_unless_present = "rejected", conflicts_with = "rejected")]
    upheld: bool,
    /// The determination stands
    #[arg(long)]
    rejected: bool,
    /// Why; kept and shown
    #[arg(long, value_name = "TEXT")]
    reason: String,
    #[command(flatten)]
    database: DatabaseArguments,
    #[command(flatten)]
    officer: OfficerArguments,
    /// The objection as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  floatrate objection list --state filed\n  floatrate objection list --employer 91510400MA6212342W --json"
)]
pub(super) struct ListArguments {
    /// Only those in this state
    #[arg(long, value_parser = ["filed", "upheld", "rejected", "redetermined"])]
    state: Option<String>,
    /// Only this employer's
    #[arg(long, value_name = "ID")]
    employer: Option<String>,
    /// Only those of this pooling area and the areas within it
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    #[command(flatten)]
    database: DatabaseArguments,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

/// An objection as JSON.
#[derive(Serialize)]
struct Shown<'o> {
    #[serde(flatten)]
    objection: &'o Objection,
    etag: &'o str,
}

impl<'o> From<&'o Standing> for Shown<'o> {
    fn from(standing: &'o Standing) -> Self {
        Self { objection: &standing.objection, etag: &standing.etag }
    }
}

pub(super) fn run(command: &ObjectionCommand, lang: Lang) -> Result<Exit, Stop> {
    match command {
        ObjectionCommand::File(arguments) => file(arguments, lang),
        ObjectionCommand::Decide(arguments) => decide(arguments, lang),
        ObjectionCommand::List(arguments) => list(arguments, lang),
    }
}

fn file(arguments: &FileArguments, lang: Lang) -> Result<Exit, Stop> {
    let signature = arguments.officer.signature(lang)?;
    let calendar = arguments.calendar.as_deref().map(|path| calendar(path, lang)).transpose()?;
    let text = |option: &Option<String>| option.clone().unwrap_or_default();
    let filing = Filing {
        determination_id: arguments.determination.clone(),
        reason: arguments.reason.clone(),
        filed_on: text(&arguments.filed_on),
        notified_on: text(&arguments.notified_on),
        accept_late: text(&arguments.accept_late),
    };
    let (standing, stated) = block_on(async {
        let agency = agency(arguments.database.existing(lang).await?, None)?;
        let calendar = calendar.unwrap_or_default();
        let filed = objection::file(&agency, &filing, &calendar, today(), &signature, None).await;
        let filed = filed.map_err(|why| refused(why, lang))?;
        let stated = stated(&agency, &filing.determination_id, lang).await?;
        agency.db.close().await;
        Ok((filed, stated))
    })?;
    shown(&standing, arguments.json, lang)?;
    for sentence in deadlines(&standing.objection, stated, lang) {
        tell(&sentence);
    }
    Ok(Exit::Done)
}

/// What the plan of a determination says of the time for objections.
async fn stated(agency: &Agency, id: &str, lang: Lang) -> Result<Option<ObjectionDays>, Stop> {
    let published = found(&agency.db, id, lang).await?;
    let loaded = agency.raters.kept(&agency.db, &published.kept.plan_text).await;
    let loaded = loaded.map_err(|why| refused(why.into(), lang))?;
    let plan = loaded.plan().map_err(|why| refused(why.into(), lang))?;
    Ok(plan.checked.procedure.objection_days.as_ref().map(|stated| stated.is))
}

/// What an officer has to know of an objection's deadlines.
fn deadlines(o: &Objection, stated: Option<ObjectionDays>, lang: Lang) -> Vec<String> {
    let zh = lang == Lang::Zh;
    let mut out = Vec::new();
    out.push(match (stated, zh) {
        (Some(ObjectionDays::Announced), true) => {
            "异议截止日由经办机构另行公告，未计算期限：请自行核对是否逾期".to_owned()
        }
        (Some(ObjectionDays::Announced), false) => {
            "the agency announces the last day for objections itself, so none was computed: see for yourself whether this one is late"
                .to_owned()
        }
        (None, true) => "办法未规定异议期限".to_owned(),
        (None, false) => "the plan states no time for objections".to_owned(),
        (Some(ObjectionDays::Working(_)), true) if o.late => format!("逾期：异议期限至 {}", o.file_by),
        (Some(ObjectionDays::Working(_)), false) if o.late => {
            format!("late: the time for objections ended on {}", o.file_by)
        }
        (Some(ObjectionDays::Working(_)), true) => format!("异议期限至 {}", o.file_by),
        (Some(ObjectionDays::Working(_)), false) => format!("the time for objections ends on {}", o.file_by),
    });
    if !o.decide_by.is_empty() {
        out.push(if zh {
            format!("应于 {} 前作出决定", o.decide_by)
        } else {
            format!("decide it by {}", o.decide_by)
        });
    }
    if !o.uncertain_years.is_empty() {
        let years: Vec<String> = o.uncertain_years.iter().map(ToString::to_string).collect();
        let years = years.join(if zh { "、" } else { ", " });
        out.push(if zh {
            format!("{years}年的节假日安排未知，期限只按周末推算，并不确定：请用 --calendar 给出日历")
        } else {
            format!(
                "the public holidays of {years} are not known, so these days are counted by weekends alone and are not certain: give --calendar"
            )
        });
    }
    out
}

/// The calendar of a file.
pub(super) fn calendar(path: &Path, lang: Lang) -> Result<Calendar, Stop> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|why| Stop::file(&name, &why))?;
    Calendar::parse(&text).map_err(|mistakes| {
        let lines: Vec<String> = mistakes.iter().map(|m| format!("{name}: {}", m.text(lang))).collect();
        Stop::usage(lines.join("\n"))
    })
}

fn decide(arguments: &DecideArguments, lang: Lang) -> Result<Exit, Stop> {
    let signature = arguments.officer.signature(lang)?;
    let standing = block_on(async {
        let agency = agency(arguments.database.existing(lang).await?, None)?;
        let (id, upheld) = (&arguments.id, arguments.upheld);
        let decided = objection::decide(&agency, id, upheld, &arguments.reason, "", &signature, None).await;
        agency.db.close().await;
        decided.map_err(|why| refused(why, lang))
    })?;
    shown(&standing, arguments.json, lang)?;
    if arguments.upheld {
        let (id, employer) = (&standing.objection.id, &standing.objection.employer_id);
        let next = format!(
            "floatrate determination create --employer {employer} --cause objection --objection {id} …"
        );
        tell(&match lang {
            Lang::Zh => format!("接下来重新核定：{next}"),
            Lang::En => format!("next, determine anew: {next}"),
        });
    }
    Ok(Exit::Done)
}

/// The id to standard output and the rest to people; or all of it as JSON.
fn shown(standing: &Standing, as_json: bool, lang: Lang) -> Result<(), Stop> {
    if as_json {
        return output::print(&format!("{}\n", json!(Shown::from(standing))));
    }
    let o = &standing.objection;
    output::print(&format!("{}\n", o.id))?;
    let mut fields = Fields::default();
    fields.add("employer", "用人单位", &o.employer_id);
    fields.add("determination", "费率核定", &o.determination_id);
    fields.add("state", "状态", &o.state);
    fields.add("filed on", "提出日期", &o.filed_on);
    fields.add("reason", "理由", &o.reason);
    fields.add("taken late because", "逾期受理的理由", &o.accept_late);
    fields.add("filed by", "登记人", &o.filed_by);
    fields.add("decision", "决定理由", &o.decision_reason);
    fields.add("decided by", "决定人", &o.decided_by);
    tell(&fields.text(lang));
    Ok(())
}

fn list(arguments: &ListArguments, lang: Lang) -> Result<Exit, Stop> {
    let all = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let text = |option: &Option<String>| option.clone().unwrap_or_default();
        let (state, employer) = (text(&arguments.state), text(&arguments.employer));
        let mut all: Vec<Standing> = Vec::new();
        loop {
            let after = all.last().map_or_else(String::new, |last| last.objection.id.clone());
            let page =
                objection::page(&db, &after, arguments.region.as_deref(), &state, &employer, PAGE).await;
            let page = page.map_err(|why| refused(Problem::Store(why), lang))?;
            if page.is_empty() {
                break;
            }
            all.extend(page);
        }
        db.close().await;
        Ok(all)
    })?;
    if arguments.json {
        let all: Vec<Shown<'_>> = all.iter().map(Shown::from).collect();
        output::print(&format!("{}\n", json!({ "objections": all })))?;
        return Ok(Exit::Done);
    }
    let head = match lang {
        Lang::En => {
            ["id", "employer", "determination", "state", "filed on", "file by", "decide by", "answered by"]
        }
        Lang::Zh => ["编号", "用人单位", "费率核定", "状态", "提出日期", "异议期限", "决定期限", "重新核定"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for Standing { objection: o, .. } in &all {
        let unsure = if o.uncertain_years.is_empty() { "" } else { "?" };
        let day = |day: &str| if day.is_empty() { "-".to_owned() } else { format!("{day}{unsure}") };
        rows.push(vec![
            o.id.clone(),
            o.employer_id.clone(),
            o.determination_id.clone(),
            o.state.clone(),
            o.filed_on.clone(),
            day(&o.file_by),
            day(&o.decide_by),
            o.redetermination_id.clone(),
        ]);
    }
    output::print(&table(&rows))?;
    if all.iter().any(|s| !s.objection.uncertain_years.is_empty()) {
        tell(match lang {
            Lang::Zh => "带“?”的期限未计入节假日安排，并不确定",
            Lang::En => "days with `?` were counted without the year's public holidays, and are not certain",
        });
    }
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deadlines_say_what_is_not_certain() {
        let objection = |text: &str| -> Objection {
            let all = r#"{"id":"o","determination_id":"b-1","employer_id":"A","region":"","state":"filed","filed_on":"2026-01-20",
                "file_by":"2026-01-23","late":false,"accept_late":"","decide_by":"2026-02-10","uncertain_years":[2026],"reason":"r",
                "filed_by":"x","decision_reason":"","decided_by":"","redetermination_id":""}"#;
            let mut value: serde_json::Value = serde_json::from_str(all).unwrap();
            let more: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).unwrap();
            value.as_object_mut().unwrap().extend(more);
            serde_json::from_value(value).unwrap()
        };
        for (stated, text, lines, parts, zh) in [
            (
                Some(ObjectionDays::Working(10)),
                "{}",
                3,
                &["ends on 2026-01-23", "by 2026-02-10", "holidays of 2026"][..],
                "节假日",
            ),
            (
                Some(ObjectionDays::Working(10)),
                r#"{"late":true,"uncertain_years":[]}"#,
                2,
                &["late: "],
                "逾期",
            ),
            (
                Some(ObjectionDays::Announced),
                r#"{"file_by":"","decide_by":"","uncertain_years":[]}"#,
                1,
                &["announces"],
                "公告",
            ),
            (None, r#"{"file_by":"","decide_by":"","uncertain_years":[]}"#, 1, &["states no time"], "未规定"),
        ] {
            let found = deadlines(&objection(text), stated, Lang::En);
            let all = found.join("\n");
            assert!(found.len() == lines && parts.iter().all(|part| all.contains(part)), "{all}");
            assert!(deadlines(&objection(text), stated, Lang::Zh).join("\n").contains(zh));
        }
    }
}
