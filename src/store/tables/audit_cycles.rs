//! What only `verify` asks of rate cycles: rows with their digests, and rows that nothing else accounts for.

use super::runs::{Decision, Item, RunChunk};
use crate::store::statement::statements;
use crate::store::{StoreError, Tx};

statements! {
    PIN_COUNT = "SELECT count(*) FROM pin WHERE cycle = $1 AND freeze_number = $2";
    ODD_PIN = "SELECT p.ordinal FROM pin p LEFT JOIN record r ON r.employer_id = p.employer_id AND r.version = p.version AND r.digest = p.digest WHERE p.cycle = $1 AND p.freeze_number = $2 AND r.employer_id IS NULL ORDER BY p.ordinal LIMIT 1";
    NEXT_FREEZE = "SELECT cycle, freeze_number FROM pin WHERE (cycle, freeze_number) > ($1, $2) ORDER BY cycle, freeze_number LIMIT 1";
    NEXT_CHUNK = "SELECT number, last_pin, last_ordinal, last_chunk, digest, items, tally, row_digest FROM run_chunk WHERE batch = $1 AND number > $2 ORDER BY number LIMIT 1";
    NEXT_RUN = "SELECT batch FROM run_chunk WHERE batch > $1 ORDER BY batch LIMIT 1";
    ITEMS_WITHIN = "SELECT ordinal, employer_id, record_version, record_digest, region, result, detail, digest FROM review_item WHERE batch = $1 AND ordinal > $2 AND ordinal <= $3 ORDER BY ordinal";
    ITEM_COUNT = "SELECT count(*) FROM review_item WHERE batch = $1";
    NEXT_ITEMS = "SELECT batch FROM review_item WHERE batch > $1 ORDER BY batch LIMIT 1";
    DECISIONS_AFTER = "SELECT cycle, employer_id, version, state, seq, body FROM decision WHERE (cycle, employer_id) > ($1, $2) ORDER BY cycle, employer_id LIMIT $3";
}

/// How many pins a freeze has.
///
/// # Errors
///
/// Those of the database.
pub async fn pin_count(tx: &mut Tx, cycle: &str, freeze: i64) -> Result<i64, StoreError> {
    tx.one(PIN_COUNT, &[cycle.into(), freeze.into()]).await?.map_or(Ok(0), |row| row.int(0))
}

/// The place of a pin that names no record that is kept.
///
/// # Errors
///
/// Those of the database.
pub async fn odd_pin(tx: &mut Tx, cycle: &str, freeze: i64) -> Result<Option<i64>, StoreError> {
    tx.one(ODD_PIN, &[cycle.into(), freeze.into()]).await?.map(|row| row.int(0)).transpose()
}

/// The next freeze of which there are pins, by cycle and number. It jumps over the pins of each.
///
/// # Errors
///
/// Those of the database.
pub async fn next_freeze(
    tx: &mut Tx,
    (cycle, freeze): (&str, i64),
) -> Result<Option<(String, i64)>, StoreError> {
    let row = tx.one(NEXT_FREEZE, &[cycle.into(), freeze.into()]).await?;
    row.map(|row| Ok((row.text(0)?, row.int(1)?))).transpose()
}

/// The chunk of a run after a number, with the kept digest over its row.
///
/// # Errors
///
/// Those of the database.
pub async fn next_chunk(
    tx: &mut Tx,
    batch: &str,
    after: i64,
) -> Result<Option<(RunChunk, [u8; 32])>, StoreError> {
    let row = tx.one(NEXT_CHUNK, &[batch.into(), after.into()]).await?;
    row.map(|row| Ok((RunChunk::of(&row)?, row.digest(7)?))).transpose()
}

/// The next batch of which there are chunks of a run.
///
/// # Errors
///
/// Those of the database.
pub async fn next_run(tx: &mut Tx, after: &str) -> Result<Option<String>, StoreError> {
    tx.one(NEXT_RUN, &[after.into()]).await?.map(|row| row.text(0)).transpose()
}

/// Items of a run after a pin up to another, with their kept digests.
///
/// # Errors
///
/// Those of the database.
pub async fn items_within(
    tx: &mut Tx,
    batch: &str,
    (after, to): (i64, i64),
) -> Result<Vec<(Item, [u8; 32])>, StoreError> {
    let rows = tx.all(ITEMS_WITHIN, &[batch.into(), after.into(), to.into()]).await?;
    rows.iter().map(|row| Ok((Item::of(row)?, row.digest(7)?))).collect()
}

/// How many items a run has.
///
/// # Errors
///
/// Those of the database.
pub async fn item_count(tx: &mut Tx, batch: &str) -> Result<i64, StoreError> {
    tx.one(ITEM_COUNT, &[batch.into()]).await?.map_or(Ok(0), |row| row.int(0))
}

/// The next batch of which there are items.
///
/// # Errors
///
/// Those of the database.
pub async fn next_items(tx: &mut Tx, after: &str) -> Result<Option<String>, StoreError> {
    tx.one(NEXT_ITEMS, &[after.into()]).await?.map(|row| row.text(0)).transpose()
}

/// Decisions after a cycle and an employer, in order.
///
/// # Errors
///
/// Those of the database.
pub async fn decisions_after(
    tx: &mut Tx,
    (cycle, employer_id): (&str, &str),
    most: i64,
) -> Result<Vec<Decision>, StoreError> {
    let rows = tx.all(DECISIONS_AFTER, &[cycle.into(), employer_id.into(), most.into()]).await?;
    rows.iter().map(Decision::of).collect()
}
