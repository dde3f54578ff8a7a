//! `floatrate rate`: records from a file or standard input to results, without a database.

mod portfolio;

use super::output::{Output, broken};
use super::{Exit, Stop, plan, tell};
use crate::exchange::results::ResultRow;
use crate::exchange::{self, Encoding, Error, Input, Rejects, csv, jsonl};
use crate::pipeline::ordered;
use crate::rate::{Desk, Explain, Rated, Tally};
use clap::{Args, ValueEnum};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::compiled::{Frozen, Program};
use floatrate_engine::record::Date;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Rows of CSV that are handed to a thread at once.
const CSV_GROUPS: usize = 512;

#[derive(Args, Debug)]
#[command(
    after_help = "Input is JSON Lines, one employer a line; or CSV: a folder with employers.csv, periods.csv and claims.csv, or the path of employers.csv with the others beside it.\n\nExamples:\n  floatrate rate --plan cn-510400-2021 --rating-date 2026-01-01 --input records.jsonl --output results.jsonl\n  floatrate rate --plan cn-320000-2023 --input csv-folder --format csv --rejects rejects.jsonl\n  head -1 records.jsonl | floatrate rate --plan cn-510400-2021 --explain rules --lang zh\n\nA record with a mistake is rejected with its line, field and reason, and the others are rated; the exit status is then 1."
)]
pub(super) struct RateArguments {
    /// The rating plan, by its id (see `floatrate plan list`)
    #[arg(long, value_name = "ID")]
    plan: String,
    /// First day of the rates; default the plan's first rating date on or after today, printed
    #[arg(long, value_name = "DATE")]
    rating_date: Option<String>,
    /// Records: a JSON Lines file, employers.csv, or a folder of CSV files; default standard input
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
    /// Text encoding of the input; default UTF-8 for JSON Lines, found by itself for CSV
    #[arg(long, value_enum)]
    encoding: Option<EncodingArgument>,
    /// Threads that rate; default all processors
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum EncodingArgument {
    Auto,
    #[value(name = "utf-8")]
    Utf8,
    Gb18030,
}

pub(super) fn run(arguments: &RateArguments, lang: Lang) -> Result<Exit, Stop> {
    let explain = match arguments.explain {
        ExplainArgument::None => Explain::None,
        ExplainArgument::Rules => Explain::Rules,
        ExplainArgument::Full => Explain::Full,
    };
    if arguments.format == Format::Parquet {
        return Err(Stop::usage(match lang {
            Lang::Zh => "--format parquet 不在本版本内，请用 jsonl 或 csv",
            Lang::En => "--format parquet is not part of this release; use jsonl or csv",
        }));
    }
    let catalog =
        crate::plans::to_rate(arguments.plan_dir.as_deref()).map_err(|why| Stop::usage(why.text()))?;
    let plan = plan(&catalog, &arguments.plan, lang)?;
    if arguments.plan_dir.is_some() {
        crate::plans::proved(&catalog, std::iter::once(plan)).map_err(|why| Stop::usage(why.text()))?;
    }
    let date = rating_date(plan, arguments.rating_date.as_deref(), lang)?;
    let portfolio = portfolio::values(arguments, plan, catalog.declared(), date, lang)?;
    let program = compiled(plan, date, &portfolio, lang)?;
    let desk = Desk::new(Arc::new(program), catalog.declared().clone(), explain, lang);
    refuse_overwriting(arguments, lang)?;
    let mut output = Output::open(arguments.output.as_deref())?;
    let rejects = match &arguments.rejects {
        Some(path) => Rejects::to_file(path).map_err(|why| told(&why, lang))?,
        None => Rejects::to_stderr(),
    };
    let mut sink =
        Sink { output: &mut output, format: arguments.format, rejects, tally: Tally::default(), strays: 0 };
    sink.header()?;
    let work = |inputs: Vec<Input>| sink_bytes(desk.rate(&inputs), arguments.format);
    read(arguments, false, work, |out| sink.take(out?), lang)?;
    let Sink { rejects, mut tally, strays, .. } = sink;
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
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| path.to_path_buf());
    let is_file = |path: &Path| std::fs::metadata(path).map_or(true, |known| known.is_file());
    let others = [("--input", &arguments.input), ("--output", &arguments.output)];
    for (option, path) in others {
        if path.as_ref().is_some_and(|path| real(path) == real(rejects) && is_file(path)) {
            let file = rejects.display();
            return Err(Stop::usage(match lang {
                Lang::Zh => format!("--rejects 与 {option} 是同一个文件 {file}：请另取文件名"),
                Lang::En => format!("--rejects and {option} are the same file {file}: give it another name"),
            }));
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

fn told(why: &Error, lang: Lang) -> Stop {
    let exit = match why {
        Error::Usage(_) => Exit::Usage,
        Error::Io { what, source } => Stop::file(what, source).exit,
    };
    Stop { exit, message: why.message(lang) }
}

/// Reads the input, works on it on many threads, and hands what comes out to the sink in order. A first pass says
/// nothing that the second will say again.
fn read<O: Send>(
    arguments: &RateArguments,
    first_pass: bool,
    work: impl Fn(Vec<Input>) -> O + Sync,
    sink: impl FnMut(O) -> Result<(), Stop>,
    lang: Lang,
) -> Result<(), Stop> {
    let threads = arguments.threads.map_or_else(
        || std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        |n| n.clamp(1, 256),
    );
    let encoding = |default| match arguments.encoding {
        None => default,
        Some(EncodingArgument::Auto) => Encoding::Auto,
        Some(EncodingArgument::Utf8) => Encoding::Utf8,
        Some(EncodingArgument::Gb18030) => Encoding::Gb18030,
    };
    let told = |why: Error| told(&why, lang);
    let is_csv = |p: &Path| p.is_dir() || p.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    match &arguments.input {
        Some(path) if is_csv(path) => {
            let mut groups = csv::Groups::open(path, encoding(Encoding::Auto)).map_err(told)?;
            if !groups.has_claims() && !first_pass {
                tell(match lang {
                    Lang::Zh => "注意：没有 claims.csv，所有用人单位按无工伤、无待遇支付核定",
                    Lang::En => {
                        "note: there is no claims.csv, so every employer counts as free of injuries and benefits"
                    }
                });
            }
            let layout = groups.layout();
            let source = std::iter::from_fn(|| chunk_of(&mut groups));
            let work =
                |chunk: Vec<csv::Group>| work(chunk.iter().flat_map(|group| layout.parse(group)).collect());
            ordered(threads, source.map(|c| c.map_err(told)), work, sink)
        }
        input => {
            let (name, reader): (String, Box<dyn Read + Send>) = match input {
                None => ("stdin".to_owned(), Box::new(io::stdin())),
                Some(path) => {
                    let file =
                        File::open(path).map_err(|why| told(Error::io(path.display().to_string())(why)))?;
                    (path.display().to_string(), Box::new(file))
                }
            };
            let reader = BufReader::with_capacity(1 << 16, reader);
            let (charset, reader) = exchange::open(reader, encoding(Encoding::Utf8), &name).map_err(told)?;
            let batches = jsonl::Lines::new(reader).batches();
            let source = batches.map(|b| b.map_err(|why| told(Error::io(name.clone())(why))));
            let work = |lines: Vec<jsonl::Line>| {
                work(lines.iter().map(|line| jsonl::parse(line, charset)).collect())
            };
            ordered(threads, source, work, sink)
        }
    }
}

/// The next rows of CSV, or the error that ends them.
fn chunk_of(groups: &mut csv::Groups) -> Option<Result<Vec<csv::Group>, Error>> {
    let mut chunk = Vec::new();
    for group in groups.by_ref().take(CSV_GROUPS) {
        match group {
            Ok(group) => chunk.push(group),
            Err(why) => return Some(Err(why)),
        }
    }
    (!chunk.is_empty()).then_some(Ok(chunk))
}

/// Results as bytes, made on the thread that rated them.
fn sink_bytes(rated: Rated, format: Format) -> Result<(Vec<u8>, Rated), Stop> {
    let mut bytes = Vec::new();
    if format == Format::Csv {
        let mut writer = ::csv::Writer::from_writer(&mut bytes);
        for row in &rated.results {
            writer.write_record(row.csv()).map_err(|why| Stop::failed(why.to_string()))?;
        }
        writer.flush().map_err(|why| Stop::failed(why.to_string()))?;
        drop(writer);
    } else {
        for row in &rated.results {
            serde_json::to_writer(&mut bytes, row).map_err(|why| Stop::failed(why.to_string()))?;
            bytes.push(b'\n');
        }
    }
    Ok((bytes, rated))
}

/// Rejects go nowhere else, so where nobody takes them the command has failed, even on a closed pipe.
fn lost(why: &io::Error) -> Stop {
    Stop::failed(format!("rejects: {why}"))
}

/// Takes chunks in the order of the input.
struct Sink<'a> {
    output: &'a mut Output,
    format: Format,
    rejects: Rejects,
    tally: Tally,
    /// Rows that belong to no employer.
    strays: u64,
}

impl Sink<'_> {
    fn header(&mut self) -> Result<(), Stop> {
        if self.format == Format::Csv {
            let line = ResultRow::COLUMNS.join(",") + "\n";
            self.output.write_all(line.as_bytes()).map_err(|why| broken(&why, "output"))?;
        }
        Ok(())
    }

    fn take(&mut self, (bytes, rated): (Vec<u8>, Rated)) -> Result<(), Stop> {
        self.output.write_all(&bytes).map_err(|why| broken(&why, "output"))?;
        self.tally.add(&rated);
        let strays = rated.rejects.iter().filter(|r| r.fault.reason == "unknown_employer").count();
        self.strays += u64::try_from(strays).unwrap_or(u64::MAX);
        rated.rejects.iter().try_for_each(|r| self.rejects.write(r)).map_err(|why| lost(&why))
    }
}
