//! The command line: one file a command. Data goes to standard output, messages to people to standard error.

mod access;
mod check;
mod cover;
mod cycle;
mod database;
mod demo;
mod determination;
mod diff;
mod employer;
mod export;
mod import;
mod objection;
mod officer;
mod output;
mod plan;
mod prove;
mod rate;
mod reading;
mod serve;
mod show;
mod synth;
mod text;
mod verify;

use crate::plans::{Library, PlanError};
use clap::{Parser, Subcommand, ValueEnum};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Catalog;
use std::io::{ErrorKind, Write};
use std::panic;
use std::path::Path;
use std::process::ExitCode;
use tokio::runtime::Runtime;

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Everything is done.
    Done,
    /// Done, but some records were rejected or checks failed.
    Partly,
    /// Wrong usage, plan or configuration.
    Usage,
    /// A file, database or network failed.
    Failed,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Partly => 1,
            Exit::Usage => 2,
            Exit::Failed => 3,
        })
    }
}

/// A command's end with what to tell people.
pub struct Stop {
    exit: Exit,
    message: String,
}

impl Stop {
    fn usage(message: impl Into<String>) -> Self {
        Self { exit: Exit::Usage, message: message.into() }
    }

    fn failed(message: impl Into<String>) -> Self {
        Self { exit: Exit::Failed, message: message.into() }
    }

    /// A file that was named and cannot be opened: a name of nothing is wrong usage, the rest is the system's failure.
    fn file(name: &str, why: &std::io::Error) -> Self {
        let exit = match why.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory => Exit::Usage,
            _ => Exit::Failed,
        };
        Self { exit, message: format!("{name}: {why}") }
    }
}

/// Says something to people. Where nobody can hear it, that is no reason to stop.
fn tell(message: &str) {
    let _ = writeln!(std::io::stderr(), "{}", message.trim_end());
}

/// Rates employers' work-injury insurance contributions by their record: exactly, and with the article behind every
/// step.
#[derive(Parser, Debug)]
#[command(
    name = "floatrate",
    version,
    arg_required_else_help = true,
    after_help = "Try:\n  floatrate demo\n  floatrate plan list\n  floatrate rate --plan cn-510400-2021 --rating-date 2026-01-01 --input records.jsonl --explain rules\n\nExit status: 0 done; 1 done, but records were rejected or checks failed; 2 wrong usage, plan or configuration; 3 a file, database or network failed."
)]
struct Arguments {
    /// Language of messages and explanations; default from the locale
    #[arg(long, global = true, value_enum)]
    lang: Option<LangArgument>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LangArgument {
    Zh,
    En,
}

#[derive(Subcommand, Debug)]
enum Command {
    /// Show which role may call what
    Access(access::AccessArguments),
    /// The annual rate cycle: every employer of a region rated, reviewed, approved by a second person, and published
    #[command(subcommand)]
    Cycle(cycle::CycleCommand),
    /// Make a synthetic city, rate it, show the result, and serve it
    Demo(demo::DemoArguments),
    /// Make, show, withdraw and list determinations
    #[command(subcommand)]
    Determination(determination::DeterminationCommand),
    /// Show employers' records and their versions; record mergers, splits and other successions
    #[command(subcommand)]
    Employer(employer::EmployerCommand),
    /// Get things out of the database
    #[command(subcommand)]
    Export(export::ExportCommand),
    /// Take records into the database
    Import(Box<import::ImportArguments>),
    /// File, decide and list objections
    #[command(subcommand)]
    Objection(objection::ObjectionCommand),
    /// Rate records from a file or standard input
    Rate(Box<rate::RateArguments>),
    /// List, show, check and test rating plans
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    /// Serve rating over gRPC
    Serve(serve::ServeArguments),
    /// Make synthetic records with realistic skew
    Synth(synth::SynthArguments),
    /// Check the ledger, every row and every result, or a dossier
    Verify(verify::VerifyArguments),
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    let lang = match arguments.lang {
        Some(LangArgument::Zh) => Lang::Zh,
        Some(LangArgument::En) => Lang::En,
        None => locale(),
    };
    // What nobody foresaw is told in a sentence and ends with a status of the contract.
    panic::set_hook(Box::new(|why| {
        // A library's panic over a damaged file is told as what is wrong with the file.
        if !crate::exchange::guard::is_guarded() {
            tell(&format!("internal error, please report it: {why}"));
        }
    }));
    let command = || match &arguments.command {
        Command::Access(a) => access::run(a, lang),
        Command::Cycle(a) => cycle::run(a, lang),
        Command::Demo(a) => demo::run(a, lang),
        Command::Determination(a) => determination::run(a, lang),
        Command::Employer(a) => employer::run(a, lang),
        Command::Export(a) => export::run(a, lang),
        Command::Import(a) => import::run(a, lang),
        Command::Objection(a) => objection::run(a, lang),
        Command::Rate(a) => rate::run(a, lang),
        Command::Plan(a) => plan::run(a, lang),
        Command::Serve(a) => serve::run(a, lang),
        Command::Synth(a) => synth::run(a, lang),
        Command::Verify(a) => verify::run(a, lang),
    };
    let ended = panic::catch_unwind(command).unwrap_or_else(|_| Err(Stop::failed("")));
    match ended {
        Ok(exit) => exit.into(),
        Err(stop) => {
            if !stop.message.is_empty() {
                tell(&stop.message);
            }
            stop.exit.into()
        }
    }
}

/// The language of the first locale variable that is set.
fn locale() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(|name| std::env::var(name).ok());
    match set.into_iter().find(|value| !value.is_empty()) {
        Some(value) if value.starts_with("zh") => Lang::Zh,
        _ => Lang::En,
    }
}

/// Loads the plans of a folder, or those that come with floatrate.
fn load(folder: Option<&Path>) -> Result<Catalog, Stop> {
    crate::plans::load(folder).map_err(|why| Stop::usage(why.text()))
}

/// Plans that were loaded; those of a folder are proved before they make a rate.
fn proved(library: Result<Library, PlanError>, folder: Option<&Path>) -> Result<Library, Stop> {
    let library = library.map_err(|why| Stop::usage(why.text()))?;
    if folder.is_some() {
        let catalog = &library.catalog;
        crate::plans::proved(catalog, catalog.plans()).map_err(|why| Stop::usage(why.text()))?;
    }
    Ok(library)
}

/// The threads of a command that waits for the database or serves.
fn runtime() -> Result<Runtime, Stop> {
    let made = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    made.map_err(|why| Stop::failed(format!("threads: {why}")))
}

/// A plan by its id.
fn plan<'c>(
    catalog: &'c Catalog,
    id: &str,
    lang: Lang,
) -> Result<&'c floatrate_engine::plan::catalog::Plan, Stop> {
    catalog.plan(id).ok_or_else(|| {
        let known: Vec<&str> = catalog.plans().map(|p| p.checked.id.as_str()).collect();
        let near = floatrate_engine::diagnostic::nearest(id, known.iter().copied());
        Stop::usage(match (lang, near) {
            (Lang::Zh, Some(near)) => format!("没有办法“{id}”；可用：{}（最接近：{near}）", known.join("、")),
            (Lang::Zh, None) => format!("没有办法“{id}”；可用：{}", known.join("、")),
            (Lang::En, Some(near)) => {
                format!("there is no plan `{id}`; there are {} (nearest: {near})", known.join(", "))
            }
            (Lang::En, None) => format!("there is no plan `{id}`; there are {}", known.join(", ")),
        })
    })
}
