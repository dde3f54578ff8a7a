//! `floatrate plan`: for rule authors.

use super::{Exit, Stop, check, cover, diff, load, output, plan, show};
use crate::paper::{Format, document};
use clap::{Args, Subcommand, ValueEnum};
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::{Bilingual, Lang};
use serde_json::json;
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
pub(super) enum PlanCommand {
    /// Every plan: id, region, status, rating dates
    List(ListArguments),
    /// One plan as a document: what it reads, measures and decides, article by article
    Show(ShowArguments),
    /// Whether plans are sound: syntax, names, types, units, citations, which one a region and date pick; and proofs: no
    /// gap, no overlap, nothing that never acts, no reward for a worse record
    #[command(
        after_help = "Exit status 1: a mistake, or a claim that is refuted. An undecided claim is no mistake."
    )]
    Check(check::CheckArguments),
    /// Whether the examples beside plans come out as written
    Test(check::TestArguments),
    /// Which rows, bounds, gates, adjusts, limits and classes no example reaches
    Cover(cover::CoverArguments),
    /// What changed between two versions, in words, with an employer whose result each change changes
    Diff(diff::DiffArguments),
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
    /// The plan: its id, or the path of its folder
    id: String,
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    /// How the document is laid out; HTML is one printable file that loads nothing
    #[arg(long, value_enum, default_value_t = FormatArgument::Text)]
    format: FormatArgument,
    /// The parts as JSON instead
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArgument {
    Text,
    Markdown,
    Html,
}

impl From<FormatArgument> for Format {
    fn from(format: FormatArgument) -> Self {
        match format {
            FormatArgument::Text => Self::Text,
            FormatArgument::Markdown => Self::Markdown,
            FormatArgument::Html => Self::Html,
        }
    }
}

pub(super) fn run(command: &PlanCommand, lang: Lang) -> Result<Exit, Stop> {
    match command {
        PlanCommand::List(arguments) => list(arguments, lang),
        PlanCommand::Show(arguments) => {
            let (catalog, id) = check::found(&arguments.id, arguments.plan_dir.as_deref())?;
            let plan = plan(&catalog, &id, lang)?;
            output::print(&if arguments.json {
                format!("{:#}\n", show::json(plan))
            } else {
                document(plan, lang).print(arguments.format.into())
            })?;
            Ok(Exit::Done)
        }
        PlanCommand::Check(arguments) => check::check(arguments, lang),
        PlanCommand::Test(arguments) => check::test(arguments, lang),
        PlanCommand::Cover(arguments) => cover::run(arguments, lang),
        PlanCommand::Diff(arguments) => diff::run(arguments, lang),
    }
}

fn list(arguments: &ListArguments, lang: Lang) -> Result<Exit, Stop> {
    let catalog = load(arguments.plan_dir.as_deref())?;
    if arguments.json {
        let plans = catalog.plans().map(|p| &p.checked).map(|p| {
            json!({"id": p.id, "region": p.region, "status": p.status.name(), "rating_dates": p.rating.is_some().then(|| p.schedule()), "title": {"zh": p.title.zh, "en": p.title.en}})
        });
        let both = |text: &Bilingual| json!({"zh": text.zh, "en": text.en});
        let others = catalog.not_encoded().iter().map(|r| {
            json!({"id": r.id, "region": r.region, "status": "not_encoded", "rating_dates": null, "title": both(&r.title), "document": r.document, "known": both(&r.known), "missing": both(&r.missing)})
        });
        output::print(&format!("{:#}\n", plans.chain(others).collect::<serde_json::Value>()))?;
        return Ok(Exit::Done);
    }
    let mut out = String::new();
    for plan in catalog.plans().map(|p| &p.checked) {
        let dates = if plan.rating.is_some() { plan.schedule() } else { "-".to_owned() };
        line(&mut out, [&plan.id, &plan.region, plan.status.name(), &dates, plan.title.pick(lang)]);
    }
    not_encoded(&catalog, lang, &mut out);
    output::print(&out)?;
    Ok(Exit::Done)
}

/// Regions whose rules are known to be there, a line each, with what is missing.
fn not_encoded(catalog: &Catalog, lang: Lang, out: &mut String) {
    let lacks = if lang == Lang::Zh { "缺：" } else { "missing: " };
    for region in catalog.not_encoded() {
        let document = region.document.as_ref().map_or_else(String::new, |d| format!(" {d}"));
        let (title, missing) = (region.title.pick(lang), region.missing.pick(lang));
        let title = format!("{title}{document}; {lacks}{missing}");
        line(out, [&region.id, &region.region, "not encoded", "-", &title]);
    }
}

fn line(out: &mut String, [id, region, status, dates, title]: [&str; 5]) {
    let _ = writeln!(out, "{id:<16} {region} {status:<12} {dates:<34} {title}");
}
