//! `floatrate plan`: for rule authors.

use super::{Exit, Stop, check, load, output, plan, show};
use clap::{Args, Subcommand};
use floatrate_engine::Lang;
use serde_json::json;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(super) enum PlanCommand {
    /// Every plan: id, region, status, rating dates
    List(ListArguments),
    /// One plan: what it reads, measures and decides, with the article beside each part
    Show(ShowArguments),
    /// Whether plans are sound: syntax, names, types, units, citations, and which one a region and date pick
    Check(check::CheckArguments),
    /// Whether the examples beside plans come out as written
    Test(check::CheckArguments),
}

#[derive(Args, Debug)]
pub(super) struct ListArguments {
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
pub(super) struct ShowArguments {
    /// The plan
    id: String,
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &PlanCommand, lang: Lang) -> Result<Exit, Stop> {
    match command {
        PlanCommand::List(arguments) => list(arguments, lang),
        PlanCommand::Show(arguments) => {
            let catalog = load(arguments.plan_dir.as_deref())?;
            let plan = plan(&catalog, &arguments.id, lang)?;
            output::print(&if arguments.json {
                format!("{:#}\n", show::json(plan))
            } else {
                show::text(plan, lang)
            })?;
            Ok(Exit::Done)
        }
        PlanCommand::Check(arguments) => check::check(arguments, lang),
        PlanCommand::Test(arguments) => check::test(arguments, lang),
    }
}

fn list(arguments: &ListArguments, lang: Lang) -> Result<Exit, Stop> {
    let catalog = load(arguments.plan_dir.as_deref())?;
    if arguments.json {
        let plans = catalog.plans().map(|p| &p.checked).map(|p| {
            json!({"id": p.id, "region": p.region, "status": p.status.name(), "rating_dates": p.rating.is_some().then(|| p.schedule()), "title": {"zh": p.title.zh, "en": p.title.en}})
        });
        output::print(&format!("{:#}\n", serde_json::Value::Array(plans.collect())))?;
        return Ok(Exit::Done);
    }
    let mut out = String::new();
    for plan in catalog.plans().map(|p| &p.checked) {
        let dates = if plan.rating.is_some() { plan.schedule() } else { "-".to_owned() };
        let _ = writeln!(
            out,
            "{:<16} {} {:<12} {:<34} {}",
            plan.id,
            plan.region,
            plan.status.name(),
            dates,
            plan.title.pick(lang)
        );
    }
    output::print(&out)?;
    Ok(Exit::Done)
}
