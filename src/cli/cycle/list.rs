//! `floatrate cycle list`.

use super::shape;
use super::standing::{plan, state_name};
use crate::cli::database::{DatabaseArguments, block_on};
use crate::cli::officer::refused;
use crate::cli::text::table;
use crate::cli::{Exit, Stop, output};
use crate::cycle::{Standing, State, page};
use crate::problem::Problem;
use clap::Args;
use floatrate_engine::Lang;
use serde_json::json;

/// Cycles that are asked for at once.
const PAGE: i64 = 1_000;

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  floatrate cycle list --region 510400\n  floatrate cycle list --state rated --json"
)]
pub(in crate::cli) struct ListArguments {
    /// Only those of this pooling area and the areas within it
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// Only those in this state
    #[arg(long, value_parser = State::ALL.map(State::name))]
    state: Option<String>,
    #[command(flatten)]
    database: DatabaseArguments,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &ListArguments, lang: Lang) -> Result<Exit, Stop> {
    let all = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let state = arguments.state.as_deref().unwrap_or_default();
        let mut all: Vec<Standing> = Vec::new();
        loop {
            let after = all.last().map_or_else(String::new, |last| last.cycle.id.clone());
            let page = page(&db, &after, arguments.region.as_deref(), state, PAGE).await;
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
        let all: Vec<_> = all.iter().map(shape::Cycle::of).collect();
        output::print(&format!("{}\n", json!({ "cycles": all })))?;
        return Ok(Exit::Done);
    }
    output::print(&text(&all, lang))?;
    Ok(Exit::Done)
}

fn text(all: &[Standing], lang: Lang) -> String {
    let head = match lang {
        Lang::En => ["id", "region", "plan", "rating date", "state", "employers", "for review", "created by"],
        Lang::Zh => ["编号", "统筹地区", "办法", "费率生效日", "状态", "户数", "待复核", "创建人"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for Standing { cycle, .. } in all {
        let employers = cycle.frozen.as_ref().map_or_else(|| "-".to_owned(), |f| f.employers.to_string());
        let review = cycle.rated.as_ref().map_or_else(|| "-".to_owned(), |r| r.counts.review.to_string());
        rows.push(vec![
            cycle.id.clone(),
            cycle.region.clone(),
            plan(cycle, lang),
            cycle.rating_date.clone(),
            state_name(cycle.state, lang).to_owned(),
            employers,
            review,
            cycle.created.by.clone(),
        ]);
    }
    table(&rows)
}
