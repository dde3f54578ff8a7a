//! `floatrate rate`: records from a file or standard input to results, without a database.

use super::output::{Output, broken};
use super::{Exit, Stop, load, plan};
use crate::exchange::results::ResultRow;
use crate::exchange::{self, Encoding, Error, Input, Rejects, csv, jsonl};
use crate::pipeline::ordered;
use crate::rate::{Desk, Explain, Rated, Tally};
use clap::{Args, ValueEnum};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::compiled::Program;
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
    /// Values over all employers that a plan needs
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
        ExplainArgument::Full => {
            return Err(Stop::usage(
                "--explain full (distances to the next tier) is not part of this release; use --explain rules",
            ));
        }
    };
    if arguments.format == Format::Parquet {
        return Err(Stop::usage("--format parquet is not part of this release; use jsonl or csv"));
    }
    if arguments.portfolio.is_some() {
        return Err(Stop::usage("--portfolio: no plan of this release reads values over all employers"));
    }
    let catalog = load(arguments.plan_dir.as_deref())?;
    let program = compile(plan(&catalog, &arguments.plan, lang)?, arguments.rating_date.as_deref(), lang)?;
    let desk = Desk::new(Arc::new(program), catalog.declared().clone(), explain, lang);
    let mut output = Output::open(arguments.output.as_deref())?;
    let rejects = match &arguments.rejects {
        Some(path) => Rejects::to_file(path).map_err(|why| Stop::failed(why.message(lang)))?,
        None => Rejects::to_stderr(),
    };
    let mut sink = Sink { output: &mut output, format: arguments.format, rejects, tally: Tally::default() };
    sink.header()?;
    read(arguments, &desk, &mut sink, lang)?;
    let Sink { rejects, mut tally, .. } = sink;
    tally.rejected = rejects.finish(lang).map_err(|why| broken(&why, "rejects"))?;
    output.finish()?;
    if !arguments.quiet {
        eprint!("{}", summary(&tally, lang));
    }
    Ok(if tally.rejected > 0 { Exit::Partly } else { Exit::Done })
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
    tally.table(lang) + &line
}

/// Compiles a plan for the date asked for, or its next one, which is then printed.
pub(super) fn compile(plan: &Plan, date: Option<&str>, lang: Lang) -> Result<Program, Stop> {
    let checked = &plan.checked;
    let date = match date {
        Some(text) => {
            text.parse::<Date>().map_err(|why| Stop::usage(format!("--rating-date {text}: {why}")))?
        }
        None => {
            let now = time::OffsetDateTime::now_utc().date();
            let today = Date::new(now.year(), u32::from(u8::from(now.month())), u32::from(now.day()));
            let next = today.and_then(|day| checked.rating_date_from(day)).ok_or_else(|| {
                Stop::usage(format!(
                    "{} has no rating date on or after today; it rates on {}. Name one with --rating-date",
                    checked.id,
                    checked.schedule()
                ))
            })?;
            match lang {
                Lang::Zh => eprintln!("费率生效日：{next}"),
                Lang::En => eprintln!("rating date: {next}"),
            }
            next
        }
    };
    plan.compile(date).map_err(Stop::usage)
}

/// Reads the input, rates it on many threads, and hands results to the sink in order.
fn read(arguments: &RateArguments, desk: &Desk, sink: &mut Sink<'_>, lang: Lang) -> Result<(), Stop> {
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
    let told = |why: Error| match &why {
        Error::Usage(_) => Stop::usage(why.message(lang)),
        Error::Io { .. } => Stop::failed(why.message(lang)),
    };
    let is_csv = |p: &Path| p.is_dir() || p.extension().is_some_and(|e| e.eq_ignore_ascii_case("csv"));
    match &arguments.input {
        Some(path) if is_csv(path) => {
            let mut groups = csv::Groups::open(path, encoding(Encoding::Auto)).map_err(told)?;
            if !groups.has_claims() {
                eprintln!(
                    "{}",
                    match lang {
                        Lang::Zh => "注意：没有 claims.csv，所有用人单位按无工伤、无待遇支付核定",
                        Lang::En =>
                            "note: there is no claims.csv, so every employer counts as free of injuries and benefits",
                    }
                );
            }
            let layout = groups.layout();
            let source = std::iter::from_fn(|| chunk_of(&mut groups));
            let work = |chunk: Vec<csv::Group>| {
                let inputs: Vec<Input> = chunk.iter().flat_map(|group| layout.parse(group)).collect();
                sink_bytes(desk.rate(&inputs), arguments.format)
            };
            ordered(threads, source.map(|c| c.map_err(told)), work, |out| sink.take(out?))
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
                let inputs: Vec<Input> = lines.iter().map(|line| jsonl::parse(line, charset)).collect();
                sink_bytes(desk.rate(&inputs), arguments.format)
            };
            ordered(threads, source, work, |out| sink.take(out?))
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

/// Takes chunks in the order of the input.
struct Sink<'a> {
    output: &'a mut Output,
    format: Format,
    rejects: Rejects,
    tally: Tally,
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
        rated.verdicts.iter().for_each(|v| self.tally.add(v));
        rated.rejects.iter().try_for_each(|r| self.rejects.write(r)).map_err(|why| broken(&why, "rejects"))
    }
}
