//! `floatrate synth`: synthetic records.

use super::{Exit, Stop, output, tell};
use crate::synth::{Format, SynthOptions, write};
use clap::{Args, ValueEnum};
use floatrate_engine::Lang;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "The same options give the same bytes. The employers are invented; their skew (sizes, injuries, benefits) follows published figures.\n\nExample:\n  floatrate synth --employers 10000 --seed 1 --region 510400 --out city\n  floatrate rate --plan cn-510400-2021 --rating-date 2026-01-01 --input city/records.jsonl --output results.jsonl"
)]
pub(super) struct SynthArguments {
    /// Number of employers
    #[arg(long)]
    employers: u64,
    /// Seed; another seed is another city
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Pooling area, six digits
    #[arg(long, default_value = "510400")]
    region: String,
    /// Folder to write to; it is made if needed
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Form of the files
    #[arg(long, value_enum, default_value_t = FormatArgument::Jsonl)]
    format: FormatArgument,
    /// First calendar year of the record
    #[arg(long, default_value_t = 2023)]
    first_year: i32,
    /// Last calendar year of the record
    #[arg(long, default_value_t = 2025)]
    last_year: i32,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FormatArgument {
    Jsonl,
    Csv,
    Parquet,
}

pub(super) fn run(arguments: &SynthArguments, lang: Lang) -> Result<Exit, Stop> {
    let options = SynthOptions {
        employers: arguments.employers,
        seed: arguments.seed,
        region: arguments.region.clone(),
        first_year: arguments.first_year,
        last_year: arguments.last_year,
    };
    let format = match arguments.format {
        FormatArgument::Jsonl => Format::Jsonl,
        FormatArgument::Csv => Format::Csv,
        FormatArgument::Parquet => Format::Parquet,
    };
    let summary = write(&options, &arguments.out, format).map_err(|why| {
        if why.is_usage() {
            return Stop::usage(why.to_string());
        }
        let cause = std::error::Error::source(&why).map_or_else(String::new, |cause| format!(": {cause}"));
        Stop::failed(format!("{why}{cause}"))
    })?;
    let (employers, periods, claims) = (summary.employers, summary.periods, summary.claims);
    match lang {
        Lang::Zh => {
            tell(&format!("已生成虚构用人单位{employers}户、缴费期间{periods}条、工伤记录{claims}条："));
        }
        Lang::En => {
            tell(&format!("made {employers} synthetic employers, {periods} periods, {claims} claims:"))
        }
    }
    let files: Vec<String> = summary.files.iter().map(|file| format!("{}\n", file.display())).collect();
    output::print(&files.concat())?;
    Ok(Exit::Done)
}
