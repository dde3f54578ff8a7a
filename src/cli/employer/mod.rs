//! `floatrate employer`: records as they are kept, their versions, and how they pass from one employer to another.

mod record;
mod succeed;

use super::database::{DatabaseArguments, block_on};
use super::officer::refused;
use super::text::{Fields, spliced, table};
use super::{Exit, Stop, output};
use crate::employer::{Body, etag};
use crate::problem::{Problem, What};
use crate::store::Db;
use crate::store::ledger;
use crate::store::tables::records::{self, Version};
use clap::{Args, Subcommand};
use floatrate_engine::Lang;
use serde_json::{Value, json};

/// Versions that are asked for at once.
const PAGE: i64 = 1_000;

#[derive(Subcommand, Debug)]
pub(super) enum EmployerCommand {
    /// An employer's record as it is kept: the newest version, or an earlier one
    Show(ShowArguments),
    /// Every version of an employer's record: when it came, from where, by whom
    Versions(VersionsArguments),
    /// Record a merger, split, renaming, change of risk class or move
    Succeed(Box<succeed::SucceedArguments>),
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  floatrate employer show 91510400MA6212342W\n  floatrate employer show 91510400MA6212342W --version 1 --json"
)]
pub(super) struct ShowArguments {
    /// The employer, by its id
    id: String,
    /// The version of the record, from 1; default the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    version: Option<i64>,
    #[command(flatten)]
    database: DatabaseArguments,
    /// As one JSON object; `record` is the line to import
    #[arg(long)]
    json: bool,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  floatrate employer versions 91510400MA6212342W\n  floatrate employer versions 91510400MA6212342W --json"
)]
pub(super) struct VersionsArguments {
    /// The employer, by its id
    id: String,
    #[command(flatten)]
    database: DatabaseArguments,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(command: &EmployerCommand, lang: Lang) -> Result<Exit, Stop> {
    match command {
        EmployerCommand::Show(arguments) => show(arguments, lang),
        EmployerCommand::Versions(arguments) => versions(arguments, lang),
        EmployerCommand::Succeed(arguments) => succeed::run(arguments, lang),
    }
}

/// The fields of the message `EmployerRecord`, but for the record.
fn json_of(version: &Version) -> Value {
    json!({
        "id": version.employer_id,
        "version": version.version,
        "digest": ledger::text(&version.digest),
        "recorded_at": version.at.rfc3339(),
        "recorded_by": version.signature,
        "origin": version.origin,
        "region": version.region,
    })
}

async fn newest(db: &Db, id: &str) -> Result<(i64, [u8; 32]), Problem> {
    let found = records::employer(db, id).await?;
    let found = found.map(|(version, _, digest)| (version, digest));
    found.ok_or_else(|| Problem::NotFound(What::Employer, id.to_owned()))
}

async fn version(db: &Db, id: &str, number: i64) -> Result<(Version, Body), Problem> {
    let found = records::record(db, id, number).await?;
    let missing = || Problem::NotFound(What::RecordVersion, format!("{number} of {id}"));
    found.map(|(version, body)| (version, Body(body))).ok_or_else(missing)
}

fn show(arguments: &ShowArguments, lang: Lang) -> Result<Exit, Stop> {
    let (newest, kept, body) = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let found = async {
            let newest = newest(&db, &arguments.id).await?;
            let (kept, body) = version(&db, &arguments.id, arguments.version.unwrap_or(newest.0)).await?;
            Ok::<_, Problem>((newest, kept, body))
        };
        let found = found.await.map_err(|why| refused(why, lang));
        db.close().await;
        found
    })?;
    let form = body.form().map_err(|why| refused(why.into(), lang))?;
    if arguments.json {
        let mut fields = json_of(&kept);
        fields["etag"] = etag(newest.0, &newest.1).into();
        output::print(&(spliced(&fields.to_string(), "record", &form.to_json()) + "\n"))?;
        return Ok(Exit::Done);
    }
    let mut fields = Fields::default();
    fields.add("version", "版本", format!("{} / {}", kept.version, newest.0));
    fields.add("recorded at", "登记时间", kept.at.rfc3339());
    fields.add("recorded by", "登记人", &kept.signature);
    fields.add("origin", "来源", &kept.origin);
    fields.add("digest", "摘要值", ledger::text(&kept.digest));
    output::print(&(fields.text(lang) + &record::text(&form, lang)))?;
    Ok(Exit::Done)
}

fn versions(arguments: &VersionsArguments, lang: Lang) -> Result<Exit, Stop> {
    let all = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let found = async {
            newest(&db, &arguments.id).await?;
            let mut all: Vec<Version> = Vec::new();
            loop {
                let before = all.last().map_or(i64::MAX, |last| last.version);
                let page = records::versions(&db, &arguments.id, before, PAGE).await?;
                if page.is_empty() {
                    return Ok::<_, Problem>(all);
                }
                all.extend(page);
            }
        };
        let found = found.await.map_err(|why| refused(why, lang));
        db.close().await;
        found
    })?;
    output::print(&if arguments.json {
        format!("{}\n", json!({ "versions": all.iter().map(json_of).collect::<Vec<_>>() }))
    } else {
        listed(&all, lang)
    })?;
    Ok(Exit::Done)
}

/// Versions as a table.
fn listed(versions: &[Version], lang: Lang) -> String {
    let head = match lang {
        Lang::En => ["employer", "version", "region", "recorded at", "origin", "recorded by"],
        Lang::Zh => ["用人单位", "版本", "统筹地区", "登记时间", "来源", "登记人"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(versions.iter().map(|v| {
        vec![
            v.employer_id.clone(),
            v.version.to_string(),
            v.region.clone(),
            v.at.rfc3339(),
            v.origin.clone(),
            v.signature.clone(),
        ]
    }));
    table(&rows)
}
