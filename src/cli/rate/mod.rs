//! `floatrate rate`: records from a file or standard input to results, without a database.

mod portfolio;
mod writer;

use super::output::Output;
use super::reading::{ReadingArguments, apart, lost, note, told};
use super::{Exit, Stop, plan, tell};
use crate::exchange::{Input, Mapping, Rejects};
use crate::rate::{Desk, Explain, Rated, Tally};
use clap::{Args, ValueEnum};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::compiled::{Frozen, Program};
use floatrate_engine::record::Date;
pub(super) use portfolio::of_file as portfolio_of_file;
use std::path::PathBuf;
use std::sync::Arc;
use writer::{Portion, Writer};

#[derive(Args, Debug)]
#[command(
    after_help = "Input is JSON Lines, one employer a line; Parquet with the same nesting; CSV: a folder with employers.csv, periods.csv and claims.csv, or the path of employers.csv with the others beside it; or XLSX with the sheets employers, periods and claims. The name's ending decides (.parquet, .csv, .xlsx).\n\nExamples:\n  floatrate rate --plan cn-510400-2021 --rating-date 2026-01-01 --input records.jsonl --output results.jsonl\n  floatrate rate --plan cn-320000-2023 --input csv-folder --format csv --rejects rejects.jsonl\n  head -1 records.jsonl | floatrate rate --plan cn-510400-2021 --explain rules --lang zh\n\nA record with a mistake is rejected with its line, field and reason, and the others are rated; the exit status is then 1."
)]
pub(super) struct RateArguments {
    /// The rating plan, by its id (see `floatrate plan list`)
    #[arg(long, value_name = "ID")]
    plan: String,
    /// First day of the rates; default the plan's first rating date on or after today, printed
    #[arg(long, value_name = "DATE")]
    rating_date: Option<String>,
    /// Records: a file of JSON Lines, .parquet or .xlsx, employers.csv, or a folder of CSV files; default standard input as JSON
    /// Lines
    #[arg(long, value_name = "FILE")]
    input: Option<PathBuf>,
    /// Results; the file appears when it is complete. Default standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Form of the results
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Add why: which rules led to each result
    #[arg(long, value_enum, default_value_t = ExplainArgument::None)]
    explain: ExplainArgument,
    /// Where rejected records go; default the first 20 to standard error
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    /// Values over all employers that a plan reads, as JSON {"name": "0.5"}; those that the plan computes come from a first
    /// pass over the input where the file does not give them
    #[arg(long, value_name = "FILE")]
    portfolio: Option<PathBuf>,
    #[command(flatten)]
    reading: ReadingArguments,
    /// No summary on standard error
    #[arg(long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
    Parquet,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum ExplainArgument {
    None,
    Rules,
    Full,
}

pub(super) fn run(arguments: &RateArguments, lang: Lang) -> Result<Exit, Stop> {
    let explain = match arguments.explain {
        ExplainArgument::None => Explain::None,
        ExplainArgument::Rules => Explain::Rules,
        ExplainArgument::Full => Explain::Full,
    };
    let catalog =
        crate::plans::to_rate(arguments.plan_dir.as_deref()).map_err(|why| Stop::usage(why.text()))?;
    let plan = plan(&catalog, &arguments.plan, lang)?;
    if arguments.plan_dir.is_some() {
        crate::plans::proved(&catalog, std::iter::once(plan)).map_err(|why| Stop::usage(why.text()))?;
    }
    let date = rating_date(plan, arguments.rating_date.as_deref(), lang)?;
    let mapping = arguments.reading.mapping(lang)?;
    let portfolio = portfolio::values(arguments, mapping.as_ref(), plan, catalog.declared(), date, lang)?;
    let program = compiled(plan, date, &portfolio, lang)?;
    let desk = Desk::new(Arc::new(program), catalog.declared().clone(), explain, lang);
    refuse_overwriting(arguments, lang)?;
    let output = Writer::open(Output::open(arguments.output.as_deref())?, arguments.format)?;
    let rejects = match &arguments.rejects {
        Some(path) => Rejects::to_file(path).map_err(|why| told(&why, lang))?,
        None => Rejects::to_stderr(),
    };
    let mut sink = Sink { output, rejects, tally: Tally::default(), strays: 0 };
    let work = |inputs: Vec<Input>| Portion::of(desk.rate(&inputs), arguments.format);
    read(arguments, mapping.as_ref(), false, work, |out| sink.take(out?), lang)?;
    let Sink { output, rejects, mut tally, strays } = sink;
    tally.rejected = rejects.finish(lang).map_err(|why| lost(&why))?;
    output.finish()?;
    if !arguments.quiet {
        tell(&summary(&tally, lang));
    }
    if strays > 0 {
        // Said even when the summary is not wanted: some employer may lack a claim, and its rate would be too low.
        tell(&match lang {
            Lang::Zh => format!(
                "警告：有{strays}行期间或案件不属于任何单位，可能有单位少算案件、费率偏低。更正并重新核定之前，全部结果不得使用。"
            ),
            Lang::En => format!(
                "warning: {strays} rows of periods or claims belong to no employer, so some employer may lack a claim and its rate be too low. Do not use any of these results before the rows are mended and rated again."
            ),
        });
    }
    if let (Some(path), true, false) = (&arguments.rejects, tally.rejected > 0, arguments.quiet) {
        tell(&match lang {
            Lang::Zh => format!("未通过的记录见 {}", path.display()),
            Lang::En => format!("the rejected records are in {}", path.display()),
        });
    }
    Ok(if tally.rejected > 0 { Exit::Partly } else { Exit::Done })
}

/// Rejects are written while records are read and results made, so they need a file of their own.
fn refuse_overwriting(arguments: &RateArguments, lang: Lang) -> Result<(), Stop> {
    let Some(rejects) = &arguments.rejects else { return Ok(()) };
    for (option, path) in [("--input", &arguments.input), ("--output", &arguments.output)] {
        if let Some(path) = path {
            apart(rejects, option, path, lang)?;
        }
    }
    Ok(())
}

/// The table of results, and what to know beside it.
pub(super) fn summary(tally: &Tally, lang: Lang) -> String {
    let [rated, kept, review] = tally.counts();
    let rejected = tally.rejected;
    let line = match lang {
        Lang::Zh => format!(
            "共{}户：核定{rated}，保持{kept}，复核{review}；未通过记录{rejected}条\n",
            rated + kept + review
        ),
        Lang::En => format!(
            "{} employers: {rated} rated, {kept} kept, {review} for review; {rejected} records rejected\n",
            rated + kept + review
        ),
    };
    tally.table(lang) + &line + &tally.why(lang)
}

/// Compiles a plan for the date asked for, or its next one, which is then printed.
pub(super) fn compile(plan: &Plan, date: Option<&str>, lang: Lang) -> Result<Program, Stop> {
    compiled(plan, rating_date(plan, date, lang)?, &[], lang)
}

/// The date asked for, or the plan's next one, which is then printed.
fn rating_date(plan: &Plan, date: Option<&str>, lang: Lang) -> Result<Date, Stop> {
    let checked = &plan.checked;
    if let Some(text) = date {
        return text.parse::<Date>().map_err(|why| {
            Stop::usage(match lang {
                Lang::Zh => format!("--rating-date {text} 不是有效日期：应写成 YYYY-MM-DD"),
                Lang::En => format!("--rating-date {text}: {why}"),
            })
        });
    }
    let next = checked.rating_date_from(super::serve::today()).ok_or_else(|| {
        let (id, schedule) = (&checked.id, checked.schedule());
        Stop::usage(match lang {
            Lang::Zh => format!("{id} 今日起已无费率生效日（{schedule}）；请用 --rating-date 指定"),
            Lang::En => format!(
                "{id} has no rating date on or after today; it rates on {schedule}. Name one with --rating-date"
            ),
        })
    })?;
    match lang {
        Lang::Zh => tell(&format!("费率生效日：{next}")),
        Lang::En => tell(&format!("rating date: {next}")),
    }
    Ok(next)
}

fn compiled(plan: &Plan, date: Date, portfolio: &[Frozen], lang: Lang) -> Result<Program, Stop> {
    let checked = &plan.checked;
    plan.compile_with(date, portfolio).map_err(|why| {
        Stop::usage(match lang {
            Lang::Zh if checked.rating.is_none() => {
                format!("{} 只供其他规则引用，本身不核定费率", checked.id)
            }
            Lang::Zh if !checked.rates_on(date) => {
                format!("{date} 不是 {} 的费率生效日；其生效日：{}", checked.id, checked.schedule())
            }
            _ => why,
        })
    })
}

/// Reads the input, works on it on many threads, and hands what comes out to the sink in order. A first pass says
/// nothing that the second will say again.
fn read<O: Send>(
    arguments: &RateArguments,
    mapping: Option<&Mapping>,
    first_pass: bool,
    work: impl Fn(Vec<Input>) -> O + Sync,
    sink: impl FnMut(O) -> Result<(), Stop>,
    lang: Lang,
) -> Result<(), Stop> {
    let source = arguments.reading.open(arguments.input.as_deref(), mapping, lang)?;
    if !first_pass {
        note(&source, lang);
    }
    arguments.reading.work_through(source, work, sink, lang)
}

/// Takes chunks in the order of the input.
struct Sink {
    output: Writer,
    rejects: Rejects,
    tally: Tally,
    /// Rows that belong to no employer.
    strays: u64,
}

impl Sink {
    fn take(&mut self, (portion, rated): (Portion, Rated)) -> Result<(), Stop> {
        self.output.write(&portion)?;
        self.tally.add(&rated);
        let strays = rated.rejects.iter().filter(|r| r.fault.reason == "unknown_employer").count();
        self.strays += u64::try_from(strays).unwrap_or(u64::MAX);
        rated.rejects.iter().try_for_each(|r| self.rejects.write(r)).map_err(|why| lost(&why))
    }
}
