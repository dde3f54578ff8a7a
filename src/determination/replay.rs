//! Replaying a determination: rated again from the kept plan and record, compared bit for bit, and explained.

use super::agency::Agency;
use super::compare::{Difference, of_json};
use super::detail::{Detail, detail_of};
use super::raters::{By, Loaded};
use crate::employer::Body;
use crate::exchange::results::ResultRow;
use crate::problem::Problem;
use crate::rate::Explain;
use crate::store::tables::determinations::Kept;
use crate::store::tables::records;
use crate::store::{StoreError, to_json};
use floatrate_engine::Lang;
use floatrate_engine::record::{Date, Record};
use serde_json::Value;

/// What rating again gave.
#[derive(Clone, Debug)]
pub struct Replayed {
    /// Digest of the kept result.
    pub kept_digest: String,
    /// Digest of the result now.
    pub replayed_digest: String,
    /// What differs; empty where every bit is the same. The engine's version is no difference.
    pub differences: Vec<Difference>,
}

/// Rates a determination again.
///
/// # Errors
///
/// What it rests on is missing or is not what its digests say, or those of the database.
pub async fn replay(agency: &Agency, kept: &Kept) -> Result<Replayed, Problem> {
    let row = explained(agency, kept, Explain::None, Lang::En).await?;
    compared(&kept.result, &row).map_err(Into::into)
}

/// The result of rating again, explained.
///
/// # Errors
///
/// As [`replay`].
pub async fn explained(
    agency: &Agency,
    kept: &Kept,
    explain: Explain,
    lang: Lang,
) -> Result<ResultRow, Problem> {
    let found = records::record(&agency.db, &kept.employer_id, kept.record_version).await?;
    let (_, body) = found.ok_or_else(|| StoreError::broken("the record of a determination is missing"))?;
    let loaded = agency.raters.kept(&agency.db, &kept.plan_text).await?;
    rated(kept, &body, &loaded, explain, lang)
}

/// Rates again from a record's body and a plan at hand.
///
/// # Errors
///
/// As [`replay`].
pub(crate) fn rated(
    kept: &Kept,
    body: &[u8],
    loaded: &Loaded,
    explain: Explain,
    lang: Lang,
) -> Result<ResultRow, Problem> {
    if *blake3::hash(body).as_bytes() != kept.record_digest {
        return Err(StoreError::broken("a record is not what its digest says").into());
    }
    let (mut record, _) = Body(body.to_vec()).record()?;
    let detail: Detail = detail_of(&kept.detail)?;
    detail.complete(&mut record)?;
    let date = rating_date(&kept.result)?;
    let records: [Record; 1] = [record];
    let rows = loaded.rate(
        date,
        By { portfolio: &detail.portfolio, hand: detail.step() },
        &records,
        explain,
        lang,
    )?;
    rows.into_iter().next().ok_or_else(|| StoreError::broken("no result").into())
}

pub(super) fn rating_date(result: &[u8]) -> Result<Date, StoreError> {
    let result = json(result)?;
    let date = result.get("rating_date").and_then(Value::as_str).and_then(|text| text.parse().ok());
    date.ok_or_else(|| StoreError::broken("a result has no rating date"))
}

/// A result as it is kept.
///
/// # Errors
///
/// The bytes are something else.
pub fn read_result(kept: &[u8]) -> Result<ResultRow, StoreError> {
    serde_json::from_slice(kept).map_err(|why| StoreError::broken(format!("a result: {why}")))
}

pub(super) fn json(bytes: &[u8]) -> Result<Value, StoreError> {
    serde_json::from_slice(bytes).map_err(|why| StoreError::broken(format!("a result: {why}")))
}

/// Holds a kept result against one of now.
pub(crate) fn compared(kept: &[u8], row: &ResultRow) -> Result<Replayed, StoreError> {
    let now = to_json(row)?;
    let digest = |value: &Value| value["result_digest"].as_str().unwrap_or_default().to_owned();
    let kept_value = json(kept)?;
    let mut replayed = Replayed {
        kept_digest: digest(&kept_value),
        replayed_digest: row.result_digest.clone(),
        differences: Vec::new(),
    };
    if now != kept {
        let mut now = json(&now)?;
        // A later release says its own version; everything else has to be the same.
        if let (Some(then), Some(now)) = (kept_value.get("engine_version"), now.get_mut("engine_version")) {
            *now = then.clone();
        }
        replayed.differences = of_json("result", &kept_value, &now);
    }
    Ok(replayed)
}
