//! `floatrate cycle create`.

use super::Place;
use crate::cli::officer::refused;
use crate::cli::{Exit, Stop, output, tell};
use crate::cycle::{Order, create};
use clap::Args;
use floatrate_engine::Lang;

#[derive(Args, Debug)]
#[command(
    after_help = "Nothing is rated and nothing is held fast yet. Whoever creates a cycle does not approve it.\n\nExample:\n  cycle=$(floatrate cycle create --region 510400 --plan cn-510400-2021 --rating-date 2026-01-01)\n  floatrate cycle freeze $cycle && floatrate cycle run $cycle"
)]
pub(in crate::cli) struct CreateArguments {
    /// The pooling area, six digits; the areas within it are in the cycle too
    #[arg(long, value_name = "CODE")]
    region: String,
    /// The rating plan
    #[arg(long, value_name = "ID")]
    plan: String,
    /// First day of the rates; one of the plan's rating dates
    #[arg(long, value_name = "DATE")]
    rating_date: String,
    #[command(flatten)]
    place: Place,
}

pub(super) fn run(arguments: &CreateArguments, lang: Lang) -> Result<Exit, Stop> {
    let CreateArguments { region, plan, rating_date, place } = arguments;
    let order = Order { region: region.clone(), plan: plan.clone(), rating_date: rating_date.clone() };
    let standing = place.at(lang, async |agency, signature| {
        create(agency, &order, signature, None).await.map_err(|why| refused(why, lang))
    })?;
    let id = &standing.cycle.id;
    output::print(&if place.json {
        format!("{}\n", super::shape::json(&super::shape::Cycle::of(&standing)))
    } else {
        format!("{id}\n")
    })?;
    tell(&match lang {
        Lang::Zh => format!("接下来冻结数据：floatrate cycle freeze {id}"),
        Lang::En => format!("next, hold its data fast: floatrate cycle freeze {id}"),
    });
    Ok(Exit::Done)
}
