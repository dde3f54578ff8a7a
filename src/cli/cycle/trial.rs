//! `floatrate cycle run --try`: another plan on what a cycle holds fast. Nothing is written to the database.

use super::details::Lines;
use super::run::{Bar, RunArguments};
use super::{On, shape, tables};
use crate::cli::officer::refused;
use crate::cli::rate::portfolio_of_file;
use crate::cli::{Exit, Stop, output, tell};
use crate::cycle::{Line, trial};
use floatrate_engine::Lang;
use serde_json::json;

pub(super) fn run(arguments: &RunArguments, plan: &str, lang: Lang) -> Result<Exit, Stop> {
    let values = arguments.portfolio.as_deref().map(|path| portfolio_of_file(path, lang));
    let values = values.transpose()?.unwrap_or_default();
    let mut lines = arguments.output.as_deref().map(|path| Lines::open(path, lang)).transpose()?;
    let On { id, place } = &arguments.on;
    let (counts, tally, status) = place.at(lang, async |agency, _| {
        let status = agency.library.catalog.plan(plan).map(|plan| plan.checked.status.name().to_owned());
        let mut bar = Bar::new(arguments.quiet, lang);
        let mut failed = None;
        let mut each = |line: Line| {
            if let (Some(lines), None) = (&mut lines, &failed) {
                failed = lines.add(&line, None).err();
            }
        };
        let done = trial(agency, id, plan, &values, &mut each, &mut |progress| bar.tell(progress)).await;
        bar.end();
        let (counts, tally) = done.map_err(|why| refused(why, lang))?;
        failed.map_or(Ok((counts, tally, status.unwrap_or_default())), Err)
    })?;
    if let Some(lines) = lines {
        lines.finish()?;
    }
    if place.json {
        let mut out = json!(shape::ReportOf::tried(plan, Some(counts), &tally));
        out["cycle_id"] = id.as_str().into();
        out["tried_plan_status"] = status.as_str().into();
        output::print(&format!("{out}\n"))?;
    } else {
        let head = match lang {
            Lang::Zh => format!(
                "试算：{id} 的单位和记录，按办法 {plan}（{}）\n{}\n",
                super::standing::plan_status(&status, lang),
                tables::counts(counts, lang)
            ),
            Lang::En => format!(
                "A trial: the employers and records of {id} under the plan {plan} ({status})\n{}\n",
                tables::counts(counts, lang)
            ),
        };
        output::print(&(head + &tables::sums(&tally, lang)))?;
    }
    tell(match lang {
        Lang::Zh => "试算未写入数据库，年度浮动未变；待复核的单位不计入合计",
        Lang::En => {
            "a trial: nothing was written, and the cycle is as it was; employers for review count in no sum"
        }
    });
    Ok(Exit::Done)
}
