//! `floatrate determination create`.

use super::shown::Shown;
use crate::cli::database::{DatabaseArguments, block_on};
use crate::cli::officer::{OfficerArguments, agency, refused, tell_dry};
use crate::cli::rate::portfolio_of_file;
use crate::cli::{Exit, Stop, output, tell};
use crate::determination::{Order, create};
use clap::Args;
use floatrate_engine::Lang;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "The record is the employer's newest, or the version that is named. The id goes to standard output, what was made to standard error. A result that a person must decide (`review`) is refused.\n\nExamples:\n  floatrate determination create --employer 91510400MA6212342W --rating-date 2026-01-01 --cause new_employer --dry-run\n  floatrate determination create --employer 91510400MA6212342W --plan cn-510400-2021 --rating-date 2026-01-01 \\\n    --cause redetermination --note 'benefits of 2023 corrected' --accept-illustrative 'trial run of 2026'\n  floatrate determination create --employer 91510400MA6212342W --rating-date 2026-01-01 --cause objection --objection o01m2…"
)]
pub(in crate::cli) struct CreateArguments {
    /// The employer, by its id
    #[arg(long, value_name = "ID")]
    employer: String,
    /// First day of the rate; one of the plan's rating dates
    #[arg(long, value_name = "DATE")]
    rating_date: String,
    /// Why: new_employer, class_change, redetermination, objection, reduction, succession or annual
    #[arg(long, value_name = "CAUSE")]
    cause: String,
    /// The rating plan; default the enacted plan of the employer's region on the rating date
    #[arg(long, value_name = "ID")]
    plan: Option<String>,
    /// First day for which the result holds, not before the rating date; default the rating date
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    /// Version of the record; default the newest
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..))]
    record_version: Option<i64>,
    /// Your own words; kept and shown
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// Why the result of a plan that is not enacted is published all the same
    #[arg(long, value_name = "REASON")]
    accept_illustrative: Option<String>,
    /// The upheld objection that it answers, with the cause `objection`
    #[arg(long, value_name = "ID")]
    objection: Option<String>,
    /// Values over all employers that the plan reads, as JSON {"name": "0.5"}
    #[arg(long, value_name = "FILE")]
    portfolio: Option<PathBuf>,
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    /// Check only, and show what would be made
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    database: DatabaseArguments,
    #[command(flatten)]
    officer: OfficerArguments,
    /// The determination as one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &CreateArguments, lang: Lang) -> Result<Exit, Stop> {
    let signature = arguments.officer.signature(lang)?;
    let portfolio = arguments.portfolio.as_deref().map(|path| portfolio_of_file(path, lang));
    let text = |option: &Option<String>| option.clone().unwrap_or_default();
    let order = Order {
        employer_id: arguments.employer.clone(),
        plan: text(&arguments.plan),
        rating_date: arguments.rating_date.clone(),
        from: text(&arguments.from),
        record_version: arguments.record_version.unwrap_or(0),
        cause: arguments.cause.clone(),
        note: text(&arguments.note),
        portfolio: portfolio.transpose()?.unwrap_or_default(),
        accept_illustrative: text(&arguments.accept_illustrative),
        objection_id: text(&arguments.objection),
        etag: String::new(),
        validate_only: arguments.dry_run,
    };
    let (id, shown) = block_on(async {
        let agency = agency(arguments.database.existing(lang).await?, arguments.plan_dir.as_deref())?;
        let made = create(&agency, &order, &signature, None).await.map_err(|why| refused(why, lang))?;
        let id = made.id.clone();
        let shown = if arguments.dry_run {
            Shown::made(made)
        } else {
            Shown::of(&agency.db, &super::found(&agency.db, &id, lang).await?).await
        };
        agency.db.close().await;
        Ok((id, shown.map_err(|why| refused(why, lang))?))
    })?;
    match (arguments.json, arguments.dry_run) {
        (true, _) => output::print(&format!("{}\n", shown.json(None)))?,
        (false, true) => output::print(&shown.text(lang))?,
        (false, false) => {
            output::print(&format!("{id}\n"))?;
            tell(&shown.text(lang));
        }
    }
    if arguments.dry_run {
        tell_dry(lang);
    }
    Ok(Exit::Done)
}
