//! `floatrate export dossier`: one determination for an auditor.

use crate::cli::database::{DatabaseArguments, block_on, stopped};
use crate::cli::officer::refused;
use crate::cli::output::{self, Output};
use crate::cli::{Exit, Stop, tell};
use crate::cycle;
use crate::determination::{self, ByHand, Detail};
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
    let (dossier, more) = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let dossier = determination::dossier(&db, &arguments.id).await.map_err(|why| refused(why, lang))?;
        let detail = determination::detail_of(dossier.determination.detail.as_bytes());
        let detail = detail.map_err(|why| stopped(&why, lang))?;
        let reason = cycle::illustrative_reason(&db, &detail.cycle).await;
        let more = more(&detail, &reason.map_err(|why| stopped(&why, lang))?, lang);
        db.close().await;
        Ok((dossier, more))
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
    for line in more {
        tell(&line);
    }
    Ok(Exit::Done)
}

/// Of a determination of a rate cycle: which, why its plan was used, and who set the step.
fn more(detail: &Detail, reason: &str, lang: Lang) -> Vec<String> {
    let zh = lang == Lang::Zh;
    let mut out = Vec::new();
    if !detail.cycle.is_empty() {
        let id = &detail.cycle;
        out.push(if zh { format!("年度浮动 {id}") } else { format!("rate cycle {id}") });
    }
    if !reason.is_empty() {
        out.push(if zh {
            format!("办法并非法定依据，仍予公布的理由：{reason}")
        } else {
            format!("the plan is not the law there; published all the same because: {reason}")
        });
    }
    if let Some(ByHand { step, reason, proposed_by, agreed_by }) = &detail.by_hand {
        out.push(if zh {
            format!("人工设定 {step} 档：{reason}；提出人 {proposed_by}，同意人 {agreed_by}")
        } else {
            format!("step {step} set by hand: {reason}; proposed by {proposed_by}, agreed by {agreed_by}")
        });
    }
    out
}
