//! `floatrate demo`: a synthetic city in a database of its own, its whole rate cycle, and then the service on it.

mod call;
mod city;
mod served;

use super::cycle::standing::notice;
use super::cycle::tables::sums;
use super::database::stopped;
use super::rate::{compile, summary};
use super::{Exit, Stop, output, plan, runtime, tell};
use crate::config::DatabaseUrl;
use crate::determination::Agency;
use crate::employer::Intake;
use crate::exchange::{Input, Place, json};
use crate::rate::{Desk, Explain, Tally};
use crate::store::Db;
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
    after_help = "The city is invented and the plan's bands are illustrative: the numbers show the program, not Panzhihua.\n\nThe city is kept in a database that goes at the end, or in --database. After the result it serves gRPC and HTTP on this machine alone, and prints calls to try, until Ctrl-C or SIGTERM; then the exit status is 0. In a script, wait for the line `grpc ADDRESS` on standard output, or give --no-serve."
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
    /// Keep the city in this database, a file of SQLite or a PostgreSQL URL; default a file that goes at the end
    #[arg(long, value_name = "URL")]
    database: Option<String>,
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

/// Where the city is kept. A folder of its own goes with it.
struct Home {
    url: DatabaseUrl,
    _folder: Option<tempfile::TempDir>,
}

impl Home {
    fn of(named: Option<&str>) -> Result<Self, Stop> {
        if let Some(named) = named {
            return Ok(Self { url: DatabaseUrl::parse(named).map_err(Stop::usage)?, _folder: None });
        }
        let folder =
            tempfile::tempdir().map_err(|why| Stop::failed(format!("a folder for the database: {why}")))?;
        let file = folder.path().join("floatrate.db");
        let url = DatabaseUrl::parse(&file.to_string_lossy()).map_err(Stop::failed)?;
        Ok(Self { url, _folder: Some(folder) })
    }
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
    let home = Home::of(arguments.database.as_deref())?;
    let runtime = runtime()?;
    let db = runtime.block_on(Db::open(home.url.reveal())).map_err(|why| stopped(&why, lang))?;
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
    let intake = runtime.block_on(Intake::begin(Some(&db), "demo", "demo (self-declared)"));
    let mut intake = intake.map_err(|why| stopped(&why, lang))?;
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
        let kept = runtime.block_on(async {
            for form in inputs.iter().filter_map(|input| input.form.as_ref().ok()) {
                intake.add(Intake::read(0, form, catalog.declared())).await?;
            }
            Ok(())
        });
        kept.map_err(|why| stopped(&why, lang))?;
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
    runtime.block_on(intake.end(None)).map_err(|why| stopped(&why, lang))?;
    output::print(&(summary(&tally, lang) + "\n"))?;
    if options.employers == 0 {
        tell(match lang {
            Lang::Zh => "城市中没有用人单位，不进行年度费率浮动",
            Lang::En => "nobody is in the city, so there is no rate cycle to run and nothing to serve",
        });
        return Ok(Exit::Done);
    }
    let ran = runtime.block_on(async {
        let library = crate::plans::library_to_rate(None).map_err(|why| Stop::usage(why.text()))?;
        let agency = Agency::new(db.clone(), Arc::new(library));
        let ran = city::run(&agency, &options.region, lang).await;
        db.close().await;
        ran
    })?;
    let mut out = told(&ran, lang);
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
    let cycle = &ran.standing.cycle.id;
    out += if lang == Lang::Zh { "\n接下来可以试：\n" } else { "\nWhat to try next:\n" };
    for line in [
        "floatrate plan show cn-510400-2021",
        "floatrate synth --employers 1000 --region 510400 --out city",
        "floatrate rate --plan cn-510400-2021 --rating-date 2026-01-01 --input city/records.jsonl --explain rules --output results.jsonl",
        "floatrate rate --plan cn-510400-2021 --rating-date 2026-01-01 --input city/records.jsonl --explain full --lang zh --output letters.jsonl",
    ] {
        let _ = writeln!(out, "  {line}");
    }
    if !arguments.no_serve || arguments.database.is_some() {
        // An address with a password is shown to nobody.
        let at = if home.url.is_postgres() {
            "\"$FLOATRATE_DATABASE\"".to_owned()
        } else {
            call::quoted(home.url.reveal())
        };
        let employer = example.as_ref().and_then(|shown| shown.record["employer"]["id"].as_str());
        let _ = writeln!(out, "  floatrate cycle show {cycle} --database {at}");
        let _ = writeln!(out, "  floatrate cycle review {cycle} --database {at}");
        if let Some(employer) = employer {
            let _ = writeln!(out, "  floatrate determination list --employer {employer} --database {at}");
        }
        let _ = writeln!(out, "  floatrate verify --database {at}");
    }
    output::print(&out)?;
    if arguments.no_serve {
        return Ok(Exit::Done);
    }
    let addresses = [arguments.listen.as_deref(), arguments.console.as_deref()];
    served::serve_city(addresses, home.url, plans, example.as_ref(), lang)
}

/// What the cycle came to.
fn told(ran: &city::Ran, lang: Lang) -> String {
    let cycle = &ran.standing.cycle;
    let mut out = notice(cycle, lang);
    let (id, by_hand, left_out) = (&cycle.id, ran.by_hand, ran.left_out);
    let published = cycle.published.is_some();
    let _ = match (lang, published) {
        (Lang::Zh, true) => writeln!(
            out,
            "年度费率浮动 {id}：人工设定{by_hand}户（两人），列为不核定{left_out}户；由另一人批准并公布"
        ),
        (Lang::En, true) => writeln!(
            out,
            "Rate cycle {id}: {by_hand} employers were set by hand, by two persons, and {left_out} left out by name; a second person approved and published it"
        ),
        (Lang::Zh, false) => writeln!(out, "年度费率浮动 {id}：{left_out}户均列为不核定，无可公布"),
        (Lang::En, false) => {
            writeln!(
                out,
                "Rate cycle {id}: all {left_out} employers are left out by name; nothing is published"
            )
        }
    };
    out + &sums(&ran.report.tally, lang) + "\n"
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
