//! `floatrate cycle freeze`.

use super::On;
use crate::cli::rate::portfolio_of_file;
use crate::cli::{Exit, Stop, tell};
use crate::cycle::{Standing, freeze};
use crate::determination::Agency;
use clap::Args;
use floatrate_engine::Lang;
use floatrate_engine::plan::regions::wider;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "Holds fast the text of the plan, the newest record of every employer of the region, and the published rates of before. What is imported later changes nothing; a frozen cycle may be frozen anew, and then what a run had done is dropped.\n\nExample:\n  floatrate cycle freeze c01m2y8k3q9v7t5r4w6x8z0a1cd"
)]
pub(in crate::cli) struct FreezeArguments {
    #[command(flatten)]
    on: On,
    /// Values over all employers that the plan reads, as JSON {"name": "0.5"}
    #[arg(long, value_name = "FILE")]
    portfolio: Option<PathBuf>,
}

pub(super) fn run(arguments: &FreezeArguments, lang: Lang) -> Result<Exit, Stop> {
    let values = arguments.portfolio.as_deref().map(|path| portfolio_of_file(path, lang));
    let values = values.transpose()?.unwrap_or_default();
    let id = &arguments.on.id;
    let mut of = String::new();
    let frozen = async |agency: &Agency, signature: &str| {
        let standing = freeze(agency, id, &values, "", signature, None).await?;
        let plan = agency.library.catalog.plan(&standing.cycle.plan);
        of = plan.map(|plan| plan.checked.region.clone()).unwrap_or_default();
        Ok(standing)
    };
    let mut elsewhere = String::new();
    let exit = arguments.on.place.step(lang, frozen, |standing| {
        elsewhere.clone_from(&standing.cycle.region);
        said(standing, lang)
    })?;
    if !of.is_empty() && !wider(&elsewhere).contains(&of) {
        tell(&match lang {
            Lang::Zh => format!(
                "注意：该办法适用于统筹地区 {of}，并不覆盖 {elsewhere}：它在该地不是法定依据，公布时须说明理由"
            ),
            Lang::En => format!(
                "warning: the plan is for region {of}, which does not cover {elsewhere}: it is not the law there, and its publication needs a reason"
            ),
        });
    }
    Ok(exit)
}

fn said(standing: &Standing, lang: Lang) -> String {
    let cycle = &standing.cycle;
    let Some(frozen) = &cycle.frozen else { return String::new() };
    let (id, plan, employers, nowhere) = (&cycle.id, &cycle.plan, frozen.employers, frozen.without_region);
    let status = super::standing::plan_status(&frozen.plan_status, lang);
    let mut out = match lang {
        Lang::Zh => format!("{id}：已冻结{employers}户及办法 {plan}（{status}）"),
        Lang::En => format!("{id}: {employers} employers and the plan {plan} ({status}) are held fast"),
    };
    if nowhere > 0 {
        out += &match lang {
            Lang::Zh => format!(
                "\n注意：数据库中有{nowhere}户的记录没有统筹地区，不在任何年度浮动中：请补上地区后重新导入并再次冻结"
            ),
            Lang::En => format!(
                "\nwarning: the records of {nowhere} employers of the database name no region, so they are in no cycle: import them with it, and freeze again"
            ),
        };
    }
    out += &match lang {
        Lang::Zh => format!("\n接下来：floatrate cycle run {id}"),
        Lang::En => format!("\nnext: floatrate cycle run {id}"),
    };
    out
}
