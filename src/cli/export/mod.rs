//! `floatrate export`: out of the database, one file a subcommand.

mod determinations;
mod dossier;
mod rates;

use super::output::{Output, broken};
use super::{Exit, Stop, tell};
use crate::store::ledger::Head;
use clap::Subcommand;
use floatrate_engine::Lang;
use std::io::Write;
use std::path::{Path, PathBuf};

#[derive(Subcommand, Debug)]
pub(super) enum ExportCommand {
    /// The change feed for the collection system: every published rate and withdrawal, in order
    Rates(rates::RatesArguments),
    /// Every published determination with its whole result
    Determinations(determinations::DeterminationsArguments),
    /// Everything that a determination rests on, in one file for an auditor
    Dossier(dossier::DossierArguments),
}

pub(super) fn run(command: &ExportCommand, lang: Lang) -> Result<Exit, Stop> {
    match command {
        ExportCommand::Rates(arguments) => rates::run(arguments, lang),
        ExportCommand::Determinations(arguments) => determinations::run(arguments, lang),
        ExportCommand::Dossier(arguments) => dossier::run(arguments, lang),
    }
}

/// The output of an export with its name.
struct Out {
    output: Output,
    name: String,
}

impl Out {
    fn open(path: Option<&PathBuf>) -> Result<Self, Stop> {
        let name = path.map_or_else(|| "stdout".to_owned(), |path| path.display().to_string());
        Ok(Self { output: Output::open(path.map(|path| -> &Path { path }))?, name })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.output.write_all(bytes).map_err(|why| broken(&why, &self.name))
    }

    fn line(&mut self, line: &str) -> Result<(), Stop> {
        self.write(line.as_bytes())?;
        self.write(b"\n")
    }
}

/// Says how many lines there are, up to where they go, and the head of the ledger to keep.
fn told(lines: u64, position: i64, head: &Head, lang: Lang) {
    tell(&match lang {
        Lang::Zh => format!(
            "{lines}行；最后一条变更的序号为 {position}\n账本摘要 {}，第 {} 条：请保存，日后可用 `floatrate verify --head` 核对",
            head.text(),
            head.seq
        ),
        Lang::En => format!(
            "{lines} lines; the last position is {position}\nledger head {} at entry {}: keep it, `floatrate verify --head` checks it",
            head.text(),
            head.seq
        ),
    });
}
