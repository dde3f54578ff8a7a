//! `floatrate determination show`: a determination, explained by rating it again.

use super::found;
use super::shown::Shown;
use crate::cli::database::{DatabaseArguments, block_on};
use crate::cli::officer::{agency, refused};
use crate::cli::text::spliced;
use crate::cli::{Exit, Stop, output, tell};
use crate::determination::{Difference, differences, explained, read_result, record_history};
use crate::exchange::results::ResultRow;
use crate::rate::Explain;
use clap::{Args, ValueEnum};
use floatrate_engine::Lang;
use serde_json::{Value, json};
use std::fmt::Write;

#[derive(Args, Debug)]
#[command(
    after_help = "The explanation comes from rating the kept record again under the kept text of the plan. Should the result differ from what is kept, that is said, and the exit status is 1.\n\nExamples:\n  floatrate determination show b01m2y8k3q9v7t5r4w6x8z0a1cd-1\n  floatrate determination show b01m2y8k3q9v7t5r4w6x8z0a1cd-1 --explain full --lang zh\n  floatrate determination show b01m2y8k3q9v7t5r4w6x8z0a1cd-1 --compare-with b01m1a… --json"
)]
pub(in crate::cli) struct ShowArguments {
    /// The determination, by its id
    id: String,
    /// How much to explain
    #[arg(long, value_enum, default_value_t = ExplainArgument::Rules)]
    explain: ExplainArgument,
    /// Another determination of the employer: what differs from it, in the records and the results
    #[arg(long, value_name = "ID")]
    compare_with: Option<String>,
    #[command(flatten)]
    database: DatabaseArguments,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExplainArgument {
    None,
    Rules,
    Full,
}

/// What is shown beside the determination's fields.
struct More {
    row: Option<ResultRow>,
    history: Vec<String>,
    differences: Option<Vec<Difference>>,
}

pub(super) fn run(arguments: &ShowArguments, lang: Lang) -> Result<Exit, Stop> {
    let explain = match arguments.explain {
        ExplainArgument::None => None,
        ExplainArgument::Rules => Some(Explain::Rules),
        ExplainArgument::Full => Some(Explain::Full),
    };
    let (shown, kept, more) = block_on(async {
        let agency = agency(arguments.database.existing(lang).await?, None)?;
        let published = found(&agency.db, &arguments.id, lang).await?;
        let (employer, version) = (&published.kept.employer_id, published.kept.record_version);
        let shown = Shown::of(&agency.db, &published).await.map_err(|why| refused(why, lang))?;
        let row = match explain {
            None => None,
            Some(explain) => {
                let row = explained(&agency, &published.kept, explain, lang).await;
                Some(row.map_err(|why| refused(why, lang))?)
            }
        };
        let history = record_history(&agency, employer, version, lang).await;
        let history = history.map_err(|why| refused(why.into(), lang))?;
        let mut more = More { row, history, differences: None };
        if let Some(id) = &arguments.compare_with {
            let other = found(&agency.db, id, lang).await?;
            if other.kept.employer_id != *employer {
                return Err(Stop::usage(match lang {
                    Lang::Zh => format!("--compare-with：{id} 不是同一单位的核定"),
                    Lang::En => format!("--compare-with: {id} is another employer's"),
                }));
            }
            let found = differences(&agency, &other, &published).await;
            more.differences = Some(found.map_err(|why| refused(why.into(), lang))?);
        }
        agency.db.close().await;
        let kept = read_result(&published.kept.result).map_err(|why| refused(why.into(), lang))?;
        Ok((shown, kept.result_digest, more))
    })?;
    if arguments.json {
        output::print(&json(&shown, &more)?)?;
    } else {
        output::print(&text(&shown, &more, arguments.compare_with.as_deref(), lang))?;
    }
    let again = more.row.as_ref().map(|row| row.result_digest.as_str());
    if again.is_some_and(|digest| kept != digest) {
        tell(match lang {
            Lang::Zh => {
                "警告：重新核定的结果与保存的不同，以上说明不是保存结果的说明；请运行 floatrate verify"
            }
            Lang::En => {
                "warning: rating again gives another result than the kept one, so this explanation is not of the kept one; run floatrate verify"
            }
        });
        return Ok(Exit::Partly);
    }
    Ok(Exit::Done)
}

fn json(shown: &Shown, more: &More) -> Result<String, Stop> {
    let failed = |why: serde_json::Error| Stop::failed(why.to_string());
    let row = more.row.as_ref().map(serde_json::to_string).transpose().map_err(failed)?;
    let mut out = shown.json(row.as_deref());
    out = spliced(&out, "record_history", &json!(more.history).to_string());
    if let Some(found) = &more.differences {
        let found = found.iter().map(|d| json!({"path": d.path, "before": d.before, "after": d.after}));
        out = spliced(&out, "differences", &Value::Array(found.collect()).to_string());
    }
    Ok(out + "\n")
}

fn text(shown: &Shown, more: &More, other: Option<&str>, lang: Lang) -> String {
    let mut out = shown.text(lang);
    let zh = lang == Lang::Zh;
    if let Some(words) = more.row.as_ref().and_then(|row| row.explanation.as_ref()) {
        out += if zh { "\n说明\n" } else { "\nWhy\n" };
        for paragraph in &words.paragraphs {
            let cites = paragraph.cites.join("; ");
            let cites = if cites.is_empty() { String::new() } else { format!("  [{cites}]") };
            let _ = writeln!(out, "  {}{cites}", paragraph.text);
        }
    }
    if !more.history.is_empty() {
        out += if zh { "\n记录的来历\n" } else { "\nHow the record came about\n" };
        for sentence in &more.history {
            let _ = writeln!(out, "  {sentence}");
        }
    }
    if let (Some(found), Some(other)) = (&more.differences, other) {
        let _ = if zh {
            writeln!(out, "\n与 {other} 的不同")
        } else {
            writeln!(out, "\nWhat differs from {other}")
        };
        if found.is_empty() {
            out += if zh { "  没有\n" } else { "  nothing\n" };
        }
        for Difference { path, before, after } in found {
            let side = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
            let _ = writeln!(out, "  {path}: {} -> {}", side(before), side(after));
        }
    }
    out
}
