//! Consumers of the change feed, and the changes that they refused.

use crate::store::statement::statements;
use crate::store::{Ask, Db, Instant, Row, StoreError, Tx};
use serde::{Deserialize, Serialize};

statements! {
    CONSUMER = "SELECT position FROM consumer WHERE name = $1";
    CONSUMERS = "SELECT name, position FROM consumer ORDER BY name";
    MOVE_CONSUMER = "INSERT INTO consumer (name, position) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET position = excluded.position";
    ADD_REFUSAL = "INSERT INTO refusal (consumer, position, reason, at_us, resolution, resolved_by) VALUES ($1, $2, $3, $4, '', '')";
    REFUSAL = "SELECT consumer, position, reason, at_us, resolution, resolved_by FROM refusal WHERE consumer = $1 AND position = $2";
    REFUSALS = "SELECT consumer, position, reason, at_us, resolution, resolved_by FROM refusal WHERE (consumer > $1 OR (consumer = $1 AND position > $2)) AND (resolution = '' OR $3 = 1) ORDER BY consumer, position LIMIT $4";
    OPEN_REFUSALS = "SELECT count(*) FROM refusal WHERE consumer = $1 AND resolution = ''";
    RESOLVE = "UPDATE refusal SET resolution = $3, resolved_by = $4 WHERE consumer = $1 AND position = $2 AND resolution = ''";
}

/// A refused change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Name of the consumer.
    pub consumer: String,
    /// Position of the change.
    pub position: i64,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Instant,
    /// What was done, or empty.
    pub resolution: String,
    /// Who did it, or empty.
    pub resolved_by: String,
}

/// A change that a consumer refuses.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Its position.
    pub position: i64,
    /// Why.
    pub reason: String,
}

/// What the ledger says of an acknowledgement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcknowledgedEntry {
    /// The cursor before.
    pub before: i64,
    /// The cursor now.
    pub cursor: i64,
    /// What was refused in between.
    pub refused: Vec<Refused>,
}

/// What the ledger says of a resolved refusal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResolvedEntry {
    /// Position of the change.
    pub position: i64,
    /// What was done.
    pub resolution: String,
}

impl Refusal {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            consumer: row.text(0)?,
            position: row.int(1)?,
            reason: row.text(2)?,
            at: Instant(row.int(3)?),
            resolution: row.text(4)?,
            resolved_by: row.text(5)?,
        })
    }
}

/// A consumer's acknowledged cursor; 0 for one that never acknowledged.
///
/// # Errors
///
/// Those of the database.
pub async fn cursor(ask: impl Ask, consumer: &str) -> Result<i64, StoreError> {
    ask.one(CONSUMER, &[consumer.into()]).await?.map_or(Ok(0), |row| row.int(0))
}

/// Every consumer with its cursor.
///
/// # Errors
///
/// Those of the database.
pub async fn consumers(tx: &mut Tx) -> Result<Vec<(String, i64)>, StoreError> {
    tx.all(CONSUMERS, &[]).await?.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// Moves a consumer's cursor.
///
/// # Errors
///
/// Those of the database.
pub async fn move_cursor(tx: &mut Tx, consumer: &str, position: i64) -> Result<(), StoreError> {
    tx.run(MOVE_CONSUMER, &[consumer.into(), position.into()]).await.map(drop)
}

/// Keeps a refusal.
///
/// # Errors
///
/// Those of the database.
pub async fn refuse(
    tx: &mut Tx,
    consumer: &str,
    position: i64,
    reason: &str,
    at: Instant,
) -> Result<(), StoreError> {
    let values = [consumer.into(), position.into(), reason.into(), at.0.into()];
    tx.run(ADD_REFUSAL, &values).await.map(drop)
}

/// A refusal.
///
/// # Errors
///
/// Those of the database.
pub async fn refusal(ask: impl Ask, consumer: &str, position: i64) -> Result<Option<Refusal>, StoreError> {
    let row = ask.one(REFUSAL, &[consumer.into(), position.into()]).await?;
    row.as_ref().map(Refusal::of).transpose()
}

/// Refusals after a consumer and position; resolved ones too where asked.
///
/// # Errors
///
/// Those of the database.
pub async fn refusals(
    ask: impl Ask,
    after: (&str, i64),
    resolved: bool,
    most: i64,
) -> Result<Vec<Refusal>, StoreError> {
    let values = [after.0.into(), after.1.into(), i64::from(resolved).into(), most.into()];
    ask.all(REFUSALS, &values).await?.iter().map(Refusal::of).collect()
}

/// How many of a consumer's refusals are open.
///
/// # Errors
///
/// Those of the database.
pub async fn open_refusals(db: &Db, consumer: &str) -> Result<i64, StoreError> {
    db.one(OPEN_REFUSALS, &[consumer.into()]).await?.map_or(Ok(0), |row| row.int(0))
}

/// Resolves an open refusal; whether there was one.
///
/// # Errors
///
/// Those of the database.
pub async fn resolve(
    tx: &mut Tx,
    consumer: &str,
    position: i64,
    resolution: &str,
    signature: &str,
) -> Result<bool, StoreError> {
    let values = [consumer.into(), position.into(), resolution.into(), signature.into()];
    Ok(tx.run(RESOLVE, &values).await? == 1)
}
