//! `floatrate cycle`: the annual rate cycle, one file a command or so.
//!
//! `shape` is what programs read, with the names of the messages of `CycleService`; `tables` and `standing` are what people
//! read. `details`, `statistics` and `items` are lists as files, `apply` takes one back.

mod apply;
mod create;
mod details;
mod freeze;
mod items;
mod list;
pub(in crate::cli) mod money;
mod reminders;
mod review;
pub(in crate::cli) mod run;
pub(in crate::cli) mod settle;
mod shape;
mod show;
pub(in crate::cli) mod standing;
mod statistics;
mod steps;
pub(in crate::cli) mod tables;
mod trial;

use super::database::{DatabaseArguments, block_on};
use super::officer::{OfficerArguments, agency, refused};
use super::{Exit, Stop, output, tell};
use crate::cycle::Standing;
use crate::determination::Agency;
use crate::problem::Problem;
use clap::{Args, Subcommand};
use floatrate_engine::Lang;
use std::path::PathBuf;

#[derive(Subcommand, Debug)]
#[command(
    after_help = "In order: create, freeze, run, review, approve (by a second person), publish, close. `docs/officer.md` walks through a year.\n\nExit status: 0 done; 1 done in part; 2 refused, and nothing was changed; 3 the database or a file failed, or another was faster."
)]
pub(super) enum CycleCommand {
    /// Begin the cycle of a region; its id goes to standard output
    Create(create::CreateArguments),
    /// Hold plan, records and the list of employers fast
    Freeze(freeze::FreezeArguments),
    /// Rate every employer; a run that was broken off goes on
    Run(run::RunArguments),
    /// How a cycle stands, what it does in counts and money, and what is due when
    Show(Box<show::ShowArguments>),
    /// The employers that a person must decide on, and the decisions
    Review(Box<review::ReviewArguments>),
    /// Agree as a second person: nothing changes any more
    Approve(On),
    /// Send a rated cycle back, to be frozen or run again; decisions stay
    Return(steps::ReasonArguments),
    /// Make everything of an approved cycle visible at once
    Publish(steps::PublishArguments),
    /// Say that nothing more is to be done with a published cycle
    Close(On),
    /// Give a cycle up before it is published
    Cancel(steps::ReasonArguments),
    /// Cycles in the order of their creation
    List(list::ListArguments),
}

/// Which cycle, where, and by whom.
#[derive(Args, Debug)]
pub(super) struct On {
    /// The cycle, by its id
    id: String,
    #[command(flatten)]
    place: Place,
}

/// Where, by which plans, and by whom.
#[derive(Args, Debug)]
pub(super) struct Place {
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArguments,
    #[command(flatten)]
    officer: OfficerArguments,
    /// As one JSON object on standard output
    #[arg(long)]
    json: bool,
}

impl Place {
    /// Does something at the database, by a signature.
    fn at<T>(&self, lang: Lang, work: impl AsyncFnOnce(&Agency, &str) -> Result<T, Stop>) -> Result<T, Stop> {
        let signature = self.officer.signature(lang)?;
        block_on(async {
            let agency = agency(self.database.existing(lang).await?, self.plan_dir.as_deref())?;
            let done = work(&agency, &signature).await;
            agency.db.close().await;
            done
        })
    }

    /// A step: the cycle as JSON, or what was done for people.
    fn step(
        &self,
        lang: Lang,
        work: impl AsyncFnOnce(&Agency, &str) -> Result<Standing, Problem>,
        said: impl FnOnce(&Standing) -> String,
    ) -> Result<Exit, Stop> {
        let standing = self.at(lang, async |agency, signature| {
            work(agency, signature).await.map_err(|why| refused(why, lang))
        })?;
        if self.json {
            output::print(&format!("{}\n", shape::json(&shape::Cycle::of(&standing))))?;
        }
        tell(&said(&standing));
        Ok(Exit::Done)
    }
}

pub(super) fn run(command: &CycleCommand, lang: Lang) -> Result<Exit, Stop> {
    match command {
        CycleCommand::Create(arguments) => create::run(arguments, lang),
        CycleCommand::Freeze(arguments) => freeze::run(arguments, lang),
        CycleCommand::Run(arguments) => run::run(arguments, lang),
        CycleCommand::Show(arguments) => show::run(arguments, lang),
        CycleCommand::Review(arguments) => review::run(arguments, lang),
        CycleCommand::Approve(on) => steps::approve(on, lang),
        CycleCommand::Return(arguments) => steps::give_back(arguments, lang),
        CycleCommand::Publish(arguments) => steps::publish(arguments, lang),
        CycleCommand::Close(on) => steps::close(on, lang),
        CycleCommand::Cancel(arguments) => steps::cancel(arguments, lang),
        CycleCommand::List(arguments) => list::run(arguments, lang),
    }
}
