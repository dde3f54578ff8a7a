//! `floatrate export determinations`: published results with when and for which days.

use super::{Out, told};
use crate::cli::database::{DatabaseArguments, block_on, stopped};
use crate::cli::{Exit, Stop};
use crate::cycle::illustrative_reason;
use crate::determination::{ByHand, Detail, detail_of, read_result};
use crate::exchange::escape;
use crate::exchange::results::ResultRow;
use crate::store::ledger::Head;
use crate::store::tables::determinations::{self, Kept, Publication};
use crate::store::{Db, StoreError, day};
use clap::{Args, ValueEnum};
use floatrate_engine::Lang;
use serde::Serialize;
use std::path::PathBuf;

/// Rows that are read at once.
const ROWS: i64 = 2_000;
/// Publications that are asked for at once.
const PUBLICATIONS: i64 = 500;
/// The columns before those of a result.
const COLUMNS: [&str; 12] = [
    "id",
    "position",
    "from",
    "until",
    "published_at",
    "cause",
    "withdraws",
    "record_version",
    "cycle_id",
    "illustrative_reason",
    "by_hand_reason",
    "by_hand_persons",
];

#[derive(Args, Debug)]
#[command(
    after_help = "Each line is the published result, bit for bit, behind the determination's id, position, first and last day, instant of publication, cause, for a withdrawal the id of what it withdraws, and for a determination of a rate cycle the cycle's id, why a plan that is not the law was used, and a step that two persons set. Determinations that were superseded or withdrawn since are there too; which one holds on a day, GetRate and `floatrate determination show` say.\n\nExamples:\n  floatrate export determinations --output determinations.jsonl\n  floatrate export determinations --format csv --output determinations.csv"
)]
pub(in crate::cli) struct DeterminationsArguments {
    /// The file; it appears when it is complete. Default standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Form of the file
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    #[command(flatten)]
    database: DatabaseArguments,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Jsonl,
    Csv,
}

pub(super) fn run(arguments: &DeterminationsArguments, lang: Lang) -> Result<Exit, Stop> {
    let mut out = Out::open(arguments.output.as_ref())?;
    let (lines, head) = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let exported = export(&db, &mut out, arguments.format).await;
        db.close().await;
        exported.map_err(|why| match why {
            Broke::Stop(stop) => stop,
            Broke::Store(why) => stopped(&why, lang),
        })
    })?;
    out.output.finish()?;
    told(lines, head.position, &head, lang);
    Ok(Exit::Done)
}

/// Why an export broke off.
enum Broke {
    Stop(Stop),
    Store(StoreError),
}

impl From<Stop> for Broke {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<StoreError> for Broke {
    fn from(why: StoreError) -> Self {
        Self::Store(why)
    }
}

/// Writes everything up to the head of one moment.
async fn export(db: &Db, out: &mut Out, format: Format) -> Result<(u64, Head), Broke> {
    let mut tx = db.snapshot().await?;
    let head = Head::read(&mut tx).await?;
    if format == Format::Csv {
        let columns: Vec<&str> = COLUMNS.iter().chain(&ResultRow::COLUMNS).copied().collect();
        out.write(&row(&columns)?)?;
    }
    let (mut position, mut lines) = (0, 0_u64);
    while position < head.position {
        let publications = determinations::publications(db, position, PUBLICATIONS).await?;
        if publications.is_empty() {
            return Err(StoreError::broken(format!("nothing follows position {position}")).into());
        }
        for publication in publications.iter().filter(|p| p.first_position <= head.position) {
            let mut ordinal = 0;
            // A batch is of one cycle, or of none.
            let mut reason: Option<(String, String)> = None;
            while ordinal < publication.size {
                let rows = determinations::of_batch(&mut tx, &publication.batch, ordinal, ROWS).await?;
                let Some((last, _)) = rows.last() else {
                    let batch = &publication.batch;
                    return Err(StoreError::broken(format!("batch {batch} is incomplete")).into());
                };
                ordinal = last.ordinal;
                for (kept, _) in &rows {
                    let detail = detail_of(&kept.detail)?;
                    if reason.as_ref().is_none_or(|(cycle, _)| *cycle != detail.cycle) {
                        let why = illustrative_reason(&mut tx, &detail.cycle).await?;
                        reason = Some((detail.cycle.clone(), why));
                    }
                    let why = reason.as_ref().map_or("", |(_, why)| why);
                    out.write(&line(publication, kept, detail, why, format)?)?;
                    lines += 1;
                }
            }
        }
        position = publications.last().map_or(head.position, |last| last.first_position + last.size - 1);
    }
    Ok((lines, head))
}

/// What stands before a result.
#[derive(Serialize)]
struct Before {
    id: String,
    position: i64,
    from: String,
    until: String,
    published_at: String,
    cause: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    withdraws: String,
    record_version: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    cycle_id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    illustrative_reason: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    by_hand: Option<ByHand>,
}

fn line(
    publication: &Publication,
    kept: &Kept,
    detail: Detail,
    reason: &str,
    format: Format,
) -> Result<Vec<u8>, Broke> {
    let own = detail.illustrative;
    let before = Before {
        id: determinations::id(&publication.batch, kept.ordinal),
        position: publication.first_position + kept.ordinal - 1,
        from: day(kept.from_day)?.to_string(),
        until: day(kept.until_day)?.to_string(),
        published_at: publication.at.rfc3339(),
        cause: detail.cause,
        withdraws: detail.withdraws,
        record_version: kept.record_version,
        cycle_id: detail.cycle,
        illustrative_reason: if own.is_empty() { reason.to_owned() } else { own },
        by_hand: detail.by_hand,
    };
    let result =
        std::str::from_utf8(&kept.result).map_err(|_| StoreError::broken("a result is not UTF-8"))?;
    if format == Format::Csv {
        let b = before;
        let hand = b.by_hand.as_ref();
        let persons = hand.map(|hand| format!("{} + {}", hand.proposed_by, hand.agreed_by));
        let said = |text: Option<&str>| escape(text.unwrap_or_default()).into_owned();
        let own = [
            b.id.clone(),
            b.position.to_string(),
            b.from.clone(),
            b.until.clone(),
            b.published_at.clone(),
            b.cause.clone(),
            b.withdraws.clone(),
            b.record_version.to_string(),
            b.cycle_id.clone(),
            said(Some(&b.illustrative_reason)),
            said(hand.map(|hand| hand.reason.as_str())),
            said(persons.as_deref()),
        ];
        let cells: Vec<String> = own.into_iter().chain(read_result(&kept.result)?.csv()).collect();
        return Ok(row(&cells.iter().map(String::as_str).collect::<Vec<_>>())?);
    }
    let fields = serde_json::to_string(&before).map_err(|why| StoreError::broken(why.to_string()))?;
    let (Some(fields), Some(result)) = (fields.strip_suffix('}'), result.strip_prefix('{')) else {
        return Err(StoreError::broken("a result is no JSON object").into());
    };
    Ok(format!("{fields},{result}\n").into_bytes())
}

/// A row of CSV.
fn row(cells: &[&str]) -> Result<Vec<u8>, Stop> {
    let failed = |why: String| Stop::failed(format!("csv: {why}"));
    let mut writer = csv::WriterBuilder::new().from_writer(Vec::new());
    writer.write_record(cells).map_err(|why| failed(why.to_string()))?;
    writer.into_inner().map_err(|why| failed(why.to_string()))
}
