//! `floatrate export rates`: the change feed as a file.

use super::{Out, told};
use crate::cli::database::{DatabaseArguments, block_on, stopped};
use crate::cli::{Exit, Stop};
use crate::collection::Feed;
use crate::store::ledger::Head;
use clap::Args;
use floatrate_engine::Lang;
use std::path::PathBuf;

/// Changes that are written at once.
const PAGE: usize = 1_000;

#[derive(Args, Debug)]
#[command(
    after_help = "One JSON object a line, in the order of publication, with the fields of the message RateChange. The last position is told on standard error; the next file goes on with --after.\n\nExamples:\n  floatrate export rates --output rates.jsonl\n  floatrate export rates --after 10000 --output rates-2.jsonl"
)]
pub(in crate::cli) struct RatesArguments {
    /// Only changes after this position
    #[arg(long, value_name = "POSITION", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    after: i64,
    /// The file; it appears when it is complete. Default standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArguments,
}

pub(super) fn run(arguments: &RatesArguments, lang: Lang) -> Result<Exit, Stop> {
    let (feed, head) = block_on(async {
        let db = arguments.database.existing(lang).await?;
        // The feed first: what it holds is then below the head.
        let feed = Feed::open(db.clone()).await.map_err(|why| stopped(&why, lang))?;
        let head = Head::read(&db).await.map_err(|why| stopped(&why, lang))?;
        db.close().await;
        Ok((feed, head))
    })?;
    if arguments.after > feed.newest() {
        let (after, newest) = (arguments.after, feed.newest());
        return Err(Stop::usage(match lang {
            Lang::Zh => format!("--after {after} 大于最新变更的序号 {newest}：是否指错了数据库？"),
            Lang::En => {
                format!("--after {after} is past the newest position {newest}: is this the right database?")
            }
        }));
    }
    let mut out = Out::open(arguments.output.as_ref())?;
    let (mut position, mut lines) = (arguments.after, 0_u64);
    loop {
        let changes = feed.after(position, PAGE);
        let Some(last) = changes.last() else { break };
        position = last.position;
        for change in &changes {
            out.line(&change.json())?;
            lines += 1;
        }
    }
    out.output.finish()?;
    told(lines, position, &head, lang);
    Ok(Exit::Done)
}
