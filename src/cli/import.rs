//! `floatrate import`: records of any format into the database.

use super::database::{DatabaseArguments, stopped};
use super::officer::OfficerArguments;
use super::reading::{ReadingArguments, apart, lost, note, told};
use super::{Exit, Stop, output, runtime, tell};
use crate::employer::{self, Intake, Outcome};
use crate::exchange::{Fault, Input, Mapping, Reject, Rejects};
use crate::store::tables::records::NewRecord;
use crate::store::{Db, StoreError};
use clap::Args;
use floatrate_engine::Lang;
use floatrate_engine::record::Declared;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use tokio::runtime::Runtime;

#[derive(Args, Debug)]
#[command(
    after_help = "Each of FILES is JSON Lines, Parquet, XLSX, a folder with employers.csv, periods.csv and claims.csv, or the path of employers.csv with the others beside it; `-` is standard input as JSON Lines. Each is an import of its own, with an id under which the database keeps who brought it and what was rejected.\n\nA record that is kept already, field for field, changes nothing; another one becomes the employer's next version. So an import that broke off is simply run again, and a running server sees what came in at once.\n\nExamples:\n  floatrate import records.jsonl\n  floatrate import city-csv --dry-run\n  floatrate import extract.xlsx --mapping agency-codes --rejects rejects.jsonl\n  floatrate import 2024.parquet 2025.parquet --database postgres://db.example/floatrate --name zhang.wei\n\nExit status: 0 all kept; 1 some records were rejected, the others are kept; 2 a file, column or option is wrong; 3 the database or a file failed, and the message says what was kept."
)]
pub(super) struct ImportArguments {
    /// Files, folders of CSV, or `-`
    #[arg(required = true, value_name = "FILES")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    reading: ReadingArguments,
    /// Check only: no database is opened, and nothing is kept
    #[arg(long)]
    dry_run: bool,
    /// Where rejected records go; default the first 20 to standard error
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
    /// A folder of plans, whose facts and values are known, to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    #[command(flatten)]
    database: DatabaseArguments,
    #[command(flatten)]
    officer: OfficerArguments,
    /// The counts as one JSON object
    #[arg(long)]
    json: bool,
    /// No progress on standard error
    #[arg(long)]
    quiet: bool,
}

pub(super) fn run(arguments: &ImportArguments, lang: Lang) -> Result<Exit, Stop> {
    let signature = arguments.officer.signature(lang)?;
    for file in arguments.files.iter().filter(|file| !is_stdin(file)) {
        // Before anything of the first file is kept.
        std::fs::metadata(file).map_err(|why| Stop::file(&file.display().to_string(), &why))?;
        if let Some(rejects) = &arguments.rejects {
            apart(rejects, "FILES", file, lang)?;
        }
    }
    let mapping = arguments.reading.mapping(lang)?;
    let catalog =
        crate::plans::to_rate(arguments.plan_dir.as_deref()).map_err(|why| Stop::usage(why.text()))?;
    let runtime = runtime()?;
    let db = if arguments.dry_run { None } else { Some(runtime.block_on(arguments.database.open(lang))?) };
    let rejects = match &arguments.rejects {
        Some(path) => Rejects::to_file(path).map_err(|why| told(&why, lang))?,
        None => Rejects::to_stderr(),
    };
    let mut import = Import {
        arguments,
        declared: catalog.declared(),
        mapping: mapping.as_ref(),
        runtime: &runtime,
        db: db.as_ref(),
        signature: &signature,
        rejects,
        strays: 0,
        lang,
    };
    let mut outcomes = Vec::new();
    let mut broke = None;
    for file in &arguments.files {
        match import.take(file) {
            Ok((outcome, why)) => {
                outcomes.push((file.display().to_string(), outcome));
                broke = why;
            }
            Err(why) => broke = Some(why),
        }
        if broke.is_some() {
            break;
        }
    }
    let Import { rejects, strays, .. } = import;
    if let Some(db) = &db {
        runtime.block_on(db.close());
    }
    let rejected = rejects.finish(lang).map_err(|why| lost(&why))?;
    output::print(&if arguments.json {
        format!("{}\n", counts_json(&outcomes, arguments.dry_run))
    } else {
        counts(&outcomes, arguments.dry_run, lang)
    })?;
    if strays > 0 {
        tell(&match lang {
            Lang::Zh => format!(
                "警告：有{strays}行期间或案件不属于任何单位，可能有单位的记录少了案件。请更正后重新导入。"
            ),
            Lang::En => format!(
                "warning: {strays} rows of periods or claims belong to no employer, so some employer's record may lack a claim. Mend the rows and import again."
            ),
        });
    }
    match broke {
        Some(why) => Err(why),
        None if rejected > 0 => Ok(Exit::Partly),
        None => Ok(Exit::Done),
    }
}

fn is_stdin(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// What goes through all files.
struct Import<'a> {
    arguments: &'a ImportArguments,
    declared: &'a Declared,
    mapping: Option<&'a Mapping>,
    runtime: &'a Runtime,
    /// None where it only checks.
    db: Option<&'a Db>,
    signature: &'a str,
    rejects: Rejects,
    /// Rows that belong to no employer.
    strays: u64,
    lang: Lang,
}

/// What a worker made of an input: what the database takes, and what people are told.
type Taken = (Result<NewRecord, employer::Reject>, Option<Reject>);

/// Why an import broke off.
enum Broke {
    /// The input, or the file of rejects.
    Input(Stop),
    /// The database.
    Store(StoreError),
}

impl From<Stop> for Broke {
    fn from(stop: Stop) -> Self {
        Self::Input(stop)
    }
}

impl Import<'_> {
    /// Imports a file. Where it broke off in the middle, what was kept comes with the reason.
    fn take(&mut self, file: &Path) -> Result<(Outcome, Option<Stop>), Stop> {
        let (lang, runtime, declared) = (self.lang, self.runtime, self.declared);
        let path = (!is_stdin(file)).then_some(file);
        let source = self.arguments.reading.open(path, self.mapping, lang)?;
        note(&source, lang);
        let name = path.map_or_else(|| "stdin".to_owned(), |path| path.display().to_string());
        let begun = runtime.block_on(Intake::begin(self.db, &name, self.signature));
        let mut intake = begun.map_err(|why| stopped(&why, lang))?;
        let bar = bar(self.arguments.quiet, &name, lang);
        let mut number = 0;
        let (rejects, strays) = (&mut self.rejects, &mut self.strays);
        let sink = |taken: Vec<Taken>| -> Result<(), Broke> {
            let mut records = Vec::with_capacity(taken.len());
            for (mut read, told) in taken {
                number += 1;
                if let Err(reject) = &mut read {
                    reject.number = number;
                }
                if let Some(told) = told {
                    *strays += u64::from(told.fault.reason == "unknown_employer");
                    bar.suspend(|| rejects.write(&told)).map_err(|why| lost(&why))?;
                }
                records.push(read);
            }
            bar.inc(u64::try_from(records.len()).unwrap_or(0));
            runtime
                .block_on(async {
                    for read in records {
                        intake.add(read).await?;
                    }
                    Ok(())
                })
                .map_err(Broke::Store)
        };
        let work = |inputs: Vec<Input>| inputs.iter().map(|input| taken(input, declared, lang)).collect();
        let read = self.arguments.reading.work_through(source, work, sink, lang);
        bar.finish_and_clear();
        let kept = intake.so_far().clone();
        let broke = match read {
            Err(Broke::Store(why)) => return Ok((kept.clone(), Some(broken_off(&name, &kept, &why, lang)))),
            Err(Broke::Input(why)) => Some(why),
            Ok(()) => None,
        };
        match runtime.block_on(intake.end(None)) {
            Ok((outcome, _)) => Ok((outcome, broke)),
            Err(why) => Ok((kept.clone(), Some(broken_off(&name, &kept, &why, lang)))),
        }
    }
}

/// Reads and checks an input; on any thread.
fn taken(input: &Input, declared: &Declared, lang: Lang) -> Taken {
    let form = match &input.form {
        Ok(form) => form,
        Err(broken) => {
            return (Err(employer::Reject::broken(0, broken)), Reject::of(input, Vec::new(), lang));
        }
    };
    let read = Intake::read(0, form, declared);
    let told = read.as_ref().err().and_then(|reject| {
        let faults = reject.violations.iter().map(|v| Fault {
            field: Some(v.field.clone()),
            reason: v.reason.clone(),
            message: if lang == Lang::Zh { v.zh.clone() } else { v.en.clone() },
        });
        Reject::of(input, faults.collect(), lang)
    });
    (read, told)
}

fn bar(quiet: bool, name: &str, lang: Lang) -> ProgressBar {
    if quiet {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    let template = match lang {
        Lang::Zh => "{spinner} {msg}：{human_pos} 条记录（每秒 {per_sec}）",
        Lang::En => "{spinner} {msg}: {human_pos} records ({per_sec})",
    };
    bar.set_style(
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_spinner()),
    );
    bar.set_message(name.to_owned());
    bar
}

/// The database failed in the middle.
fn broken_off(name: &str, kept: &Outcome, why: &StoreError, lang: Lang) -> Stop {
    let why = stopped(why, lang).message;
    let records = kept.created + kept.updated + kept.unchanged;
    Stop::failed(match lang {
        Lang::Zh => format!(
            "{name}：导入中断：{why}。此前的{records}条记录已保存（导入批次 {}）。再次运行同一命令即可，已保存的记录不会重复。",
            kept.id
        ),
        Lang::En => format!(
            "{name}: the import broke off: {why}. The {records} records before are kept (import {}). Run the same command again: what is kept already changes nothing.",
            kept.id
        ),
    })
}

fn counts(outcomes: &[(String, Outcome)], dry_run: bool, lang: Lang) -> String {
    let line = |(file, o): &(String, Outcome)| {
        let Outcome { id, created, updated, unchanged, rejected } = o;
        match (dry_run, lang) {
            (false, Lang::En) => format!(
                "{file}: {created} created, {updated} updated, {unchanged} unchanged, {rejected} rejected; import {id}\n"
            ),
            (false, Lang::Zh) => format!(
                "{file}：新增{created}，更新{updated}，未变{unchanged}，未通过{rejected}；导入批次 {id}\n"
            ),
            (true, Lang::En) => {
                format!("{file}: {unchanged} would be taken, {rejected} rejected; nothing was kept\n")
            }
            (true, Lang::Zh) => format!("{file}：可导入{unchanged}，未通过{rejected}；未保存任何记录\n"),
        }
    };
    outcomes.iter().map(line).collect()
}

/// The totals, and each file's counts. A check knows no database, so it tells no new records from known ones.
fn counts_json(outcomes: &[(String, Outcome)], dry_run: bool) -> Value {
    let sum = |of: fn(&Outcome) -> i64| outcomes.iter().map(|(_, o)| of(o)).sum::<i64>();
    let counts = |created: i64, updated: i64, unchanged: i64, rejected: i64| {
        if dry_run {
            json!({"accepted": unchanged, "rejected": rejected})
        } else {
            json!({"created": created, "updated": updated, "unchanged": unchanged, "rejected": rejected})
        }
    };
    let imports = outcomes.iter().map(|(file, o)| {
        let mut one = counts(o.created, o.updated, o.unchanged, o.rejected);
        one["file"] = file.as_str().into();
        if !dry_run {
            one["import_id"] = o.id.as_str().into();
        }
        one
    });
    let imports: Vec<Value> = imports.collect();
    let mut all = counts(sum(|o| o.created), sum(|o| o.updated), sum(|o| o.unchanged), sum(|o| o.rejected));
    all["dry_run"] = dry_run.into();
    all["imports"] = imports.into();
    all
}
