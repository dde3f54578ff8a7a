//! `floatrate cycle run`.

use super::{On, shape, tables};
use crate::cli::officer::refused;
use crate::cli::serve::signal;
use crate::cli::{Exit, Stop, output, tell};
use crate::cycle::{Options, Progress, Standing, get, run as rate};
use crate::determination::Agency;
use crate::problem::Problem;
use crate::store::Instant;
use clap::Args;
use floatrate_engine::Lang;
use indicatif::{ProgressBar, ProgressStyle};
use std::io::IsTerminal;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a lease that may have been left behind is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(250);

#[derive(Args, Debug)]
#[command(
    after_help = "Every employer of the frozen cycle is rated, chunk by chunk. Ctrl-C or SIGTERM stops it after the chunk that it is at; the same command goes on where it stopped, after a crash too: a killed run's lease ends after some seconds, which are waited for. Results do not depend on threads or breaks: the digest at the end is the same.\n\n--try rates the same employers under another plan, such as a draft of --plan-dir, and writes nothing.\n\nExamples:\n  floatrate cycle run c01m2y8k3q9v7t5r4w6x8z0a1cd\n  floatrate cycle run c01m2… --plan-dir drafts --try cn-510400-2021 --output lines.csv\n\nExit status: 0 done; 1 stopped, to be gone on with; 2 refused; 3 the database failed, or somebody else runs it."
)]
pub(in crate::cli) struct RunArguments {
    #[command(flatten)]
    pub(super) on: On,
    /// Chunks that are rated at once; default all processors
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(super) threads: Option<u16>,
    /// Try this plan instead; nothing is written to the database
    #[arg(long = "try", value_name = "PLAN")]
    pub(super) plan: Option<String>,
    /// Each employer of the trial, CSV or JSON Lines by the name's ending
    #[arg(long, value_name = "FILE", requires = "plan")]
    pub(super) output: Option<PathBuf>,
    /// Values over all employers that the tried plan reads, as JSON {"name": "0.5"}
    #[arg(long, value_name = "FILE", requires = "plan")]
    pub(super) portfolio: Option<PathBuf>,
    /// No progress on standard error
    #[arg(long)]
    pub(super) quiet: bool,
}

pub(super) fn run(arguments: &RunArguments, lang: Lang) -> Result<Exit, Stop> {
    if let Some(plan) = &arguments.plan {
        return super::trial::run(arguments, plan, lang);
    }
    let On { id, place } = &arguments.on;
    let standing = place.at(lang, async |agency, signature| {
        let threads = arguments.threads.map(usize::from);
        rated(agency, id, signature, threads, arguments.quiet, lang).await
    })?;
    if place.json {
        output::print(&format!("{}\n", shape::json(&shape::Cycle::of(&standing))))?;
    }
    tell(&done(&standing, lang));
    Ok(Exit::Done)
}

/// Runs a cycle with progress; a signal stops it after the chunk that it is at.
pub(in crate::cli) async fn rated(
    agency: &Agency,
    id: &str,
    signature: &str,
    threads: Option<usize>,
    quiet: bool,
    lang: Lang,
) -> Result<Standing, Stop> {
    let stop = Arc::new(AtomicBool::new(false));
    let (down, flag) = (signal()?, Arc::clone(&stop));
    let waiting = tokio::spawn(async move {
        down.await;
        flag.store(true, Ordering::Relaxed);
    });
    let mut options = Options { stop, ..Options::default() };
    options.threads = threads.unwrap_or(options.threads);
    let mut bar = Bar::new(quiet, lang);
    let mut done = rate(agency, id, signature, &options, &mut |progress| bar.tell(progress)).await;
    if let Err(Problem::Running(_, runner, until)) = &done
        && left_behind(agency, id, runner, until, lang).await
    {
        done = rate(agency, id, signature, &options, &mut |progress| bar.tell(progress)).await;
    }
    bar.end();
    waiting.abort();
    done.map_err(|why| match why {
        Problem::Stopped(_) => Stop {
            exit: Exit::Partly,
            message: match lang {
                Lang::Zh => format!("已中止，已完成的部分保留。继续：floatrate cycle run {id}"),
                Lang::En => format!("stopped; what was done stays done. To go on: floatrate cycle run {id}"),
            },
        },
        other => refused(other, lang),
    })
}

/// Waits for the end of another's lease; false as soon as it is held for longer, because then its runner is at work. Who was
/// killed leaves a lease behind that nobody holds.
async fn left_behind(agency: &Agency, id: &str, runner: &str, until: &str, lang: Lang) -> bool {
    let Some(end) = Instant::parse(until) else { return false };
    tell(&match lang {
        Lang::Zh => format!("{runner} 的运行占用至 {until}，等候其结束或确认仍在运行"),
        Lang::En => format!("{runner} holds the run until {until}; waiting whether it is still at work"),
    });
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        match get(&agency.db, id).await {
            Ok(standing) if standing.running.expires_us > end.0 => return false,
            Ok(standing) if standing.running.now() => {}
            _ => return true,
        }
    }
}

/// What a run came to.
pub(in crate::cli) fn result(standing: &Standing, lang: Lang) -> String {
    let Some(rated) = &standing.cycle.rated else { return String::new() };
    let (counts, digest) = (tables::counts(rated.counts, lang), &rated.results_digest);
    let notice = super::standing::notice(&standing.cycle, lang);
    match lang {
        Lang::Zh => format!("{notice}{counts}\n结果摘要 {digest}"),
        Lang::En => format!("{notice}{counts}\nresults {digest}"),
    }
}

/// The same, and what comes next.
fn done(standing: &Standing, lang: Lang) -> String {
    let (id, result) = (&standing.cycle.id, result(standing, lang));
    let review = standing.cycle.rated.as_ref().is_some_and(|rated| rated.counts.review > 0);
    let next = if review { "review" } else { "approve" };
    match lang {
        Lang::Zh => format!("{result}\n接下来：floatrate cycle show {id}，floatrate cycle {next} {id}"),
        Lang::En => format!("{result}\nnext: floatrate cycle show {id}, floatrate cycle {next} {id}"),
    }
}

/// Progress on standard error: a bar, or lines where that is no terminal.
pub(in crate::cli) struct Bar {
    bar: Option<ProgressBar>,
    /// Tenths that were told.
    told: i64,
    quiet: bool,
    lang: Lang,
}

impl Bar {
    pub(in crate::cli) fn new(quiet: bool, lang: Lang) -> Self {
        let bar = (!quiet && std::io::stderr().is_terminal()).then(|| {
            let bar = ProgressBar::new(0);
            let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} ({per_sec}, {eta})");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Self { bar, told: -1, quiet, lang }
    }

    pub(in crate::cli) fn tell(&mut self, progress: Progress) {
        let Progress { done, of } = progress;
        if let Some(bar) = &self.bar {
            bar.set_length(of.try_into().unwrap_or(0));
            bar.set_position(done.try_into().unwrap_or(0));
            return;
        }
        let tenth = done.saturating_mul(10).checked_div(of).unwrap_or(10);
        if !self.quiet && tenth > self.told {
            self.told = tenth;
            tell(&match self.lang {
                Lang::Zh => format!("{done}/{of}户"),
                Lang::En => format!("{done} of {of} employers"),
            });
        }
    }

    pub(in crate::cli) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
