//! `floatrate export dossier`: one determination for an auditor.

use crate::cli::database::{DatabaseArguments, block_on};
use crate::cli::officer::refused;
use crate::cli::output::{self, Output};
use crate::cli::{Exit, Stop, tell};
use crate::determination;
use clap::Args;
use floatrate_engine::Lang;
use std::io::Write;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "The file is checked without a database: floatrate verify --dossier FILE\n\nExamples:\n  floatrate export dossier b01m2y8k3q9v7t5r4w6x8z0a1cd-17 --output dossier.json\n  floatrate verify --dossier dossier.json"
)]
pub(in crate::cli) struct DossierArguments {
    /// The determination, by its id
    id: String,
    #[command(flatten)]
    database: DatabaseArguments,
    /// The file; it appears when it is complete. Default standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

pub(super) fn run(arguments: &DossierArguments, lang: Lang) -> Result<Exit, Stop> {
    let dossier = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let made = determination::dossier(&db, &arguments.id).await;
        db.close().await;
        made.map_err(|why| refused(why, lang))
    })?;
    let name =
        arguments.output.as_ref().map_or_else(|| "stdout".to_owned(), |path| path.display().to_string());
    let mut out = Output::open(arguments.output.as_deref())?;
    let mut text = serde_json::to_vec_pretty(&dossier).map_err(|why| Stop::failed(why.to_string()))?;
    text.push(b'\n');
    out.write_all(&text).map_err(|why| output::broken(&why, &name))?;
    out.finish()?;
    let (file, head) = (&dossier.digest, &dossier.proof.entry.digest);
    tell(&match lang {
        Lang::Zh => format!("卷宗摘要 {file}；公布时的账本摘要 {head}"),
        Lang::En => format!("dossier {file}; ledger head at publication {head}"),
    });
    Ok(Exit::Done)
}
