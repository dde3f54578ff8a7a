//! `floatrate demo`: a synthetic city, rated in front of you and then served.

mod call;
mod served;

use super::rate::{compile, summary};
use super::{Exit, Stop, output, plan};
use crate::exchange::{Input, Place, json};
use crate::rate::{Desk, Explain, Tally};
use crate::synth::{SynthOptions, employer};
use clap::Args;
use floatrate_engine::Lang;
use floatrate_engine::rating::Status;
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Write;
use std::sync::Arc;

const PLAN: &str = "cn-510400-2021";
const RATING_DATE: &str = "2026-01-01";
const CHUNK: u64 = 500;
/// Rows of claims that fit on a screen.
const CLAIMS_FEW: usize = 4;

#[derive(Args, Debug)]
#[command(
    after_help = "The city is invented and the plan's bands are illustrative: the numbers show the program, not Panzhihua.\n\nAfter the result it serves gRPC and HTTP on this machine alone, and prints calls to try, until Ctrl-C or SIGTERM; then the exit status is 0. In a script, wait for the line `grpc ADDRESS` on standard output, or give --no-serve."
)]
pub(super) struct DemoArguments {
    /// Number of employers of the city
    #[arg(long, default_value_t = 10_000)]
    employers: u64,
    /// Seed; another seed is another city
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// End after the result, without serving
    #[arg(long, conflicts_with_all = ["listen", "console"])]
    no_serve: bool,
    /// Address of gRPC, on this machine; default 127.0.0.1:50051, or a free port where that is taken
    #[arg(long, value_name = "ADDR")]
    listen: Option<String>,
    /// Address of HTTP, on this machine; default 127.0.0.1:8080, or a free port where that is taken
    #[arg(long, value_name = "ADDR")]
    console: Option<String>,
}

/// The employer that is explained, and can be asked for again.
struct Shown {
    /// Its record, as in JSON Lines.
    record: serde_json::Value,
    /// What came out.
    rate: Option<String>,
    result_digest: String,
}

pub(super) fn run(arguments: &DemoArguments, lang: Lang) -> Result<Exit, Stop> {
    let plans = crate::plans::library(None).map_err(|why| Stop::usage(why.text()))?;
    let catalog = &plans.catalog;
    let chosen = plan(catalog, PLAN, lang)?;
    let program = Arc::new(compile(chosen, Some(RATING_DATE), lang)?);
    let options = SynthOptions {
        employers: arguments.employers,
        seed: arguments.seed,
        region: chosen.checked.region.clone(),
        first_year: 2023,
        last_year: 2025,
    };
    options.check().map_err(|why| Stop::usage(why.to_string()))?;
    let title = chosen.checked.title.pick(lang);
    output::print(&match lang {
        Lang::Zh => format!(
            "虚构城市：{}户用人单位（种子{}），按《{title}》核定自{RATING_DATE}起的费率。规则含示例内容，结果不具效力。\n\n",
            options.employers, options.seed
        ),
        Lang::En => format!(
            "A synthetic city: {} employers (seed {}), rated from {RATING_DATE} under {title}.\nThe plan is illustrative: its bands are not law, and neither are these results.\n\n",
            options.employers, options.seed
        ),
    })?;
    let desk = Desk::new(Arc::clone(&program), catalog.declared().clone(), Explain::None, lang);
    let bar = ProgressBar::new(options.employers);
    bar.set_style(
        ProgressStyle::with_template("{bar:40} {pos}/{len}").unwrap_or_else(|_| ProgressStyle::default_bar()),
    );
    let mut tally = Tally::default();
    let mut shown: Option<(u8, u64)> = None;
    for first in (0..options.employers).step_by(CHUNK as usize) {
        let indexes = first..options.employers.min(first + CHUNK);
        let inputs: Vec<Input> = indexes.clone().map(|index| input(&options, index)).collect();
        let rated = desk.rate(&inputs);
        if let Some(reject) = rated.rejects.first() {
            return Err(Stop::failed(format!("a synthetic record was rejected: {}", reject.fault.message)));
        }
        tally.add(&rated);
        for (verdict, index) in rated.verdicts.iter().zip(indexes) {
            // The first employer that was moved for what it cost says most about the rules, and one with few claims
            // gives a call that people can read; where there is none, any will do.
            let fit = match (verdict.status, verdict.step) {
                (Status::Rated, -1 | 1) if employer(&options, index).claims.len() <= CLAIMS_FEW => 2,
                (Status::Rated, -1 | 1) => 1,
                _ => 0,
            };
            if shown.is_none_or(|(best, _)| fit > best) {
                shown = Some((fit, index));
            }
        }
        bar.inc(inputs.len() as u64);
    }
    bar.finish_and_clear();
    let mut out = summary(&tally, lang) + "\n";
    let mut example = None;
    if let Some((_, index)) = shown {
        let desk = Desk::new(program, catalog.declared().clone(), Explain::Rules, lang);
        let rated = desk.rate(&[input(&options, index)]);
        out += if lang == Lang::Zh {
            "其中一户的核定说明：\n\n"
        } else {
            "One of them, explained:\n\n"
        };
        for row in rated.results {
            for paragraph in row.explanation.iter().flat_map(|w| &w.paragraphs) {
                let cites = if paragraph.cites.is_empty() {
                    String::new()
                } else {
                    format!("  [{}]", paragraph.cites.join("; "))
                };
                let _ = writeln!(out, "  {}{cites}", paragraph.text);
            }
            let record = serde_json::to_value(employer(&options, index)).unwrap_or_default();
            example = Some(Shown { record, rate: row.rate, result_digest: row.result_digest });
        }
    }
    out += if lang == Lang::Zh { "\n接下来可以试：\n" } else { "\nWhat to try next:\n" };
    for line in [
        "floatrate plan show cn-510400-2021",
        "floatrate synth --employers 1000 --region 510400 --out city",
        "floatrate rate --plan cn-510400-2021 --rating-date 2026-01-01 --input city/records.jsonl --explain rules --output results.jsonl",
        "floatrate rate --plan cn-510400-2021 --rating-date 2026-01-01 --input city/records.jsonl --explain full --lang zh --output letters.jsonl",
    ] {
        let _ = writeln!(out, "  {line}");
    }
    output::print(&out)?;
    if arguments.no_serve {
        return Ok(Exit::Done);
    }
    let addresses = [arguments.listen.as_deref(), arguments.console.as_deref()];
    served::serve_city(addresses, plans, example.as_ref(), lang)
}

/// A synthetic employer by the same path as any other record.
fn input(options: &SynthOptions, index: u64) -> Input {
    let text = serde_json::to_string(&employer(options, index)).unwrap_or_default();
    Input {
        place: Place { file: None, line: index + 1 },
        form: json::parse(&text),
        periods: Vec::new(),
        claims: Vec::new(),
    }
}
