//! `floatrate determination`: make, show, withdraw and list determinations between cycles.

mod create;
mod list;
mod show;
mod shown;

use super::database::{DatabaseArguments, block_on};
use super::officer::{OfficerArguments, agency, refused};
use super::{Exit, Stop, output, tell};
use crate::determination::{Withdrawal, withdraw};
use crate::store::Db;
use crate::store::tables::determinations::Published;
use clap::{Args, Subcommand};
use floatrate_engine::Lang;

#[derive(Subcommand, Debug)]
pub(super) enum DeterminationCommand {
    /// Rate an employer by its kept record, and publish the result
    Create(Box<create::CreateArguments>),
    /// A determination: its result, why, what it replaced, and whether it still holds
    Show(show::ShowArguments),
    /// Withdraw a published determination; it stays in the record, and no longer holds
    Withdraw(WithdrawArguments),
    /// Published determinations of an employer, or the newest of all
    List(list::ListArguments),
}

#[derive(Args, Debug)]
#[command(
    after_help = "The withdrawal is published as an entry of its own, which the collection system reads; the determination that held before comes back. Its id goes to standard output.\n\nExample:\n  floatrate determination withdraw b01m2y8k3q9v7t5r4w6x8z0a1cd-1 --reason 'contributions of 2024 were posted twice'"
)]
pub(super) struct WithdrawArguments {
    /// The determination, by its id
    id: String,
    /// Why; kept and shown
    #[arg(long, value_name = "REASON")]
    reason: String,
    #[command(flatten)]
    database: DatabaseArguments,
    #[command(flatten)]
    officer: OfficerArguments,
    /// The withdrawal as one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &DeterminationCommand, lang: Lang) -> Result<Exit, Stop> {
    match command {
        DeterminationCommand::Create(arguments) => create::run(arguments, lang),
        DeterminationCommand::Show(arguments) => show::run(arguments, lang),
        DeterminationCommand::Withdraw(arguments) => run_withdraw(arguments, lang),
        DeterminationCommand::List(arguments) => list::run(arguments, lang),
    }
}

fn run_withdraw(arguments: &WithdrawArguments, lang: Lang) -> Result<Exit, Stop> {
    let signature = arguments.officer.signature(lang)?;
    let (id, json) = block_on(async {
        let agency = agency(arguments.database.existing(lang).await?, None)?;
        let withdrawal = Withdrawal { id: arguments.id.clone(), reason: arguments.reason.clone() };
        let id = withdraw(&agency, &withdrawal, &signature, None).await.map_err(|why| refused(why, lang))?;
        let made = found(&agency.db, &id, lang).await?;
        let shown = shown::Shown::of(&agency.db, &made).await.map_err(|why| refused(why, lang))?;
        agency.db.close().await;
        Ok((id, shown.json(None)))
    })?;
    if arguments.json {
        output::print(&format!("{json}\n"))?;
    } else {
        output::print(&format!("{id}\n"))?;
        tell(&match lang {
            Lang::Zh => format!("已撤销 {}；撤销的编号为 {id}", arguments.id),
            Lang::En => format!("{} is withdrawn, by {id}", arguments.id),
        });
    }
    Ok(Exit::Done)
}

/// A published determination by its id.
pub(super) async fn found(db: &Db, id: &str, lang: Lang) -> Result<Published, Stop> {
    crate::determination::found(db, id).await.map_err(|why| refused(why, lang))
}
