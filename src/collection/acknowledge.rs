//! Consumers acknowledge changes; what they refuse is the officers' work list.

use super::feed::Feed;
use crate::problem::{Field, Problem, What};
use crate::store::ledger::{Kind, Ledger};
use crate::store::tables::collection::{self, Refusal};
use crate::store::{StoreError, Tx, to_json};

pub use crate::store::tables::collection::{AcknowledgedEntry, Refused, ResolvedEntry};

/// Longest name of a consumer.
const NAME_MAX: usize = 64;

/// A consumer's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Acknowledged {
    /// Its cursor.
    pub cursor: i64,
    /// Its open refusals.
    pub open_refusals: i64,
}

/// Checks the name of a consumer.
///
/// # Errors
///
/// It is none.
pub fn consumer(name: &str) -> Result<(), Problem> {
    let good = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if (1..=NAME_MAX).contains(&name.len()) && name.chars().all(good) {
        return Ok(());
    }
    Err(Problem::field(
        "consumer",
        "unknown_value",
        format!("expected 1 to {NAME_MAX} letters, digits, `-`, `_` or `.`"),
        format!("应为1至{NAME_MAX}个字母、数字或 - _ ."),
    ))
}

/// Moves a consumer's cursor. The same acknowledgement again changes nothing.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn acknowledge(
    feed: &Feed,
    name: &str,
    cursor: i64,
    refused: &[Refused],
    signature: &str,
) -> Result<Acknowledged, Problem> {
    consumer(name)?;
    let mut tx = feed.db().begin().await?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    let before = collection::cursor(&mut *ledger.tx, name).await?;
    let newest = ledger.head().position;
    if cursor == before && already(ledger.tx, name, refused).await? {
        drop(tx);
        return state(feed, name).await;
    }
    let mut faults = Vec::new();
    if cursor < before || cursor > newest {
        faults.push(Field::new(
            "cursor",
            "out_of_range",
            format!("{cursor} is not from {before}, the acknowledged cursor, to {newest}, the newest change"),
            format!("{cursor} 不在已确认位置 {before} 与最新变更 {newest} 之间"),
        ));
    }
    for (at, one) in refused.iter().enumerate() {
        if one.position <= before || one.position > cursor {
            faults.push(Field::new(
                format!("refused[{at}].position"),
                "out_of_range",
                format!("{} is not among the changes after {before} up to {cursor}", one.position),
                format!("{} 不在本次确认的变更（{before} 之后至 {cursor}）之内", one.position),
            ));
        }
        if one.reason.trim().is_empty() {
            faults.push(Field::missing(&format!("refused[{at}].reason")));
        }
        if refused[..at].iter().any(|other| other.position == one.position) {
            faults.push(Field::new(
                format!("refused[{at}].position"),
                "duplicate",
                format!("{} stands there twice", one.position),
                format!("{} 重复出现", one.position),
            ));
        }
    }
    if !faults.is_empty() {
        return Err(Problem::Fields(faults));
    }
    let entry = AcknowledgedEntry { before, cursor, refused: refused.to_vec() };
    let detail = to_json(&entry)?;
    ledger.add(Kind::Acknowledged, name, signature, &detail, 0).await?;
    let at = ledger.at();
    collection::move_cursor(ledger.tx, name, cursor).await?;
    for one in refused {
        collection::refuse(ledger.tx, name, one.position, &one.reason, at).await?;
    }
    tx.commit().await?;
    state(feed, name).await
}

/// Whether all these were refused before. Read in the transaction: it would wait for a second connection while all
/// others wait for its lock.
async fn already(tx: &mut Tx, name: &str, refused: &[Refused]) -> Result<bool, StoreError> {
    for one in refused {
        if collection::refusal(&mut *tx, name, one.position).await?.is_none() {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn state(feed: &Feed, name: &str) -> Result<Acknowledged, Problem> {
    let cursor = collection::cursor(feed.db(), name).await?;
    Ok(Acknowledged { cursor, open_refusals: collection::open_refusals(feed.db(), name).await? })
}

/// Takes a refused change off the work list.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn resolve(
    feed: &Feed,
    name: &str,
    position: i64,
    resolution: &str,
    signature: &str,
) -> Result<Refusal, Problem> {
    if resolution.trim().is_empty() {
        return Err(Problem::Fields(vec![Field::missing("resolution")]));
    }
    let id = format!("{name} {position}");
    let missing = || Problem::NotFound(What::RefusedChange, id.clone());
    let known = collection::refusal(feed.db(), name, position).await?.ok_or_else(missing)?;
    if known.resolution == resolution && known.resolved_by == signature {
        return Ok(known);
    }
    let mut tx = feed.db().begin().await?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    if !collection::resolve(ledger.tx, name, position, resolution, signature).await? {
        return Err(Problem::State(What::RefusedChange, id, "resolved".into(), "open"));
    }
    let entry = ResolvedEntry { position, resolution: resolution.to_owned() };
    let detail = to_json(&entry)?;
    ledger.add(Kind::Resolved, name, signature, &detail, 0).await?;
    tx.commit().await?;
    collection::refusal(feed.db(), name, position).await?.ok_or_else(missing)
}
