//! Rate cycles as they stand, who runs them, and what their freezes hold fast.

use crate::store::ledger::Hasher;
use crate::store::statement::statements;
use crate::store::{Ask, Instant, Row, StoreError, Tx};

/// Pins that are read at once.
const PINS_AT_ONCE: i64 = 10_000;

statements! {
    ADD = "INSERT INTO cycle (id, region, rating_day, state, seq, body, batch, done, token, runner, expires_us) VALUES ($1, $2, $3, $4, $5, $6, '', 0, 0, '', 0)";
    CHANGE = "UPDATE cycle SET state = $2, seq = $3, body = $4, batch = $5, done = $6, token = token + 1, runner = '', expires_us = 0 WHERE id = $1 AND seq = $7";
    ONE = "SELECT id, region, rating_day, state, seq, body, batch, done, token, runner, expires_us FROM cycle WHERE id = $1";
    LOCK = "SELECT id, region, rating_day, state, seq, body, batch, done, token, runner, expires_us FROM cycle WHERE id = $1",
        postgres "SELECT id, region, rating_day, state, seq, body, batch, done, token, runner, expires_us FROM cycle WHERE id = $1 FOR UPDATE";
    PAGE = "SELECT id, region, rating_day, state, seq, body, batch, done, token, runner, expires_us FROM cycle WHERE id > $1 AND region >= $2 AND region < $3 AND (state = $4 OR $4 = '') ORDER BY id LIMIT $5";
    TAKE = "UPDATE cycle SET token = token + 1, runner = $2, expires_us = $3, batch = $4 WHERE id = $1 AND token = $5";
    ADVANCE = "UPDATE cycle SET done = $3, expires_us = $4 WHERE id = $1 AND token = $2";
    RELEASE = "UPDATE cycle SET runner = '', expires_us = 0 WHERE id = $1 AND token = $2";
    PIN = "INSERT INTO pin (cycle, freeze_number, ordinal, employer_id, version, digest) SELECT $1, CAST($2 AS BIGINT), row_number() OVER (ORDER BY id), id, version, digest FROM employer WHERE region >= $3 AND region < $4 AND region <> ''",
        postgres "INSERT INTO pin (cycle, freeze_number, ordinal, employer_id, version, digest) SELECT $1::text, $2::bigint, row_number() OVER (ORDER BY id), id, version, digest FROM employer WHERE region >= $3 AND region < $4 AND region <> ''";
    PINS = "SELECT ordinal, employer_id, version, digest FROM pin WHERE cycle = $1 AND freeze_number = $2 AND ordinal > $3 AND ordinal <= $4 ORDER BY ordinal";
    PINNED = "SELECT p.ordinal, p.employer_id, p.version, p.digest, r.region, r.body FROM pin p JOIN record r ON r.employer_id = p.employer_id AND r.version = p.version WHERE p.cycle = $1 AND p.freeze_number = $2 AND p.ordinal > $3 AND p.ordinal <= $4 ORDER BY p.ordinal";
    NOWHERE = "SELECT count(*) FROM employer WHERE region = ''";
}

/// A cycle as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// Its region.
    pub region: String,
    /// Its rating date, a Julian day number.
    pub rating_day: i64,
    /// Its state.
    pub state: String,
    /// Number of the ledger's entry that brought it here.
    pub seq: i64,
    /// Everything else that is settled, JSON.
    pub body: Vec<u8>,
    /// Batch of the newest run, or empty.
    pub batch: String,
    /// Employers that the run has done.
    pub done: i64,
    /// Whoever writes for a run shows this number; it grows with every lease and every step.
    pub token: i64,
    /// Who runs it, or empty.
    pub runner: String,
    /// Until when nobody else may.
    pub expires: Instant,
}

impl Kept {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text(0)?,
            region: row.text(1)?,
            rating_day: row.int(2)?,
            state: row.text(3)?,
            seq: row.int(4)?,
            body: row.bytes(5)?,
            batch: row.text(6)?,
            done: row.int(7)?,
            token: row.int(8)?,
            runner: row.text(9)?,
            expires: Instant(row.int(10)?),
        })
    }
}

/// Adds a cycle.
///
/// # Errors
///
/// Those of the database.
pub async fn add(tx: &mut Tx, kept: &Kept) -> Result<(), StoreError> {
    let values = [
        (&kept.id).into(),
        (&kept.region).into(),
        kept.rating_day.into(),
        (&kept.state).into(),
        kept.seq.into(),
        kept.body.as_slice().into(),
    ];
    tx.run(ADD, &values).await.map(drop)
}

/// Brings a cycle to another entry of the ledger, from the entry `before`. A run that is under way is fenced off.
///
/// # Errors
///
/// [`StoreError::Conflict`] where it stands at another entry.
pub async fn change(tx: &mut Tx, kept: &Kept, before: i64) -> Result<(), StoreError> {
    let values = [
        (&kept.id).into(),
        (&kept.state).into(),
        kept.seq.into(),
        kept.body.as_slice().into(),
        (&kept.batch).into(),
        kept.done.into(),
        before.into(),
    ];
    if tx.run(CHANGE, &values).await? == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// A cycle.
///
/// # Errors
///
/// Those of the database.
pub async fn one(ask: impl Ask, id: &str) -> Result<Option<Kept>, StoreError> {
    ask.one(ONE, &[id.into()]).await?.as_ref().map(Kept::of).transpose()
}

/// A cycle that nobody else changes until the transaction ends.
///
/// # Errors
///
/// Those of the database.
pub async fn lock(tx: &mut Tx, id: &str) -> Result<Option<Kept>, StoreError> {
    tx.one(LOCK, &[id.into()]).await?.as_ref().map(Kept::of).transpose()
}

/// Cycles after one, of a region and the areas within it (all for None) and a state (all where empty).
///
/// # Errors
///
/// Those of the database.
pub async fn page(
    ask: impl Ask,
    after: &str,
    region: Option<&str>,
    state: &str,
    most: i64,
) -> Result<Vec<Kept>, StoreError> {
    let (from, to) = region.map_or((String::new(), "~".to_owned()), super::region_range);
    let values = [after.into(), (&from).into(), (&to).into(), state.into(), most.into()];
    ask.all(PAGE, &values).await?.iter().map(Kept::of).collect()
}

/// Takes the lease of a cycle that was read with a token; the token of the lease.
///
/// # Errors
///
/// [`StoreError::Conflict`] where somebody was faster.
pub async fn take(
    tx: &mut Tx,
    kept: &Kept,
    runner: &str,
    expires: Instant,
    batch: &str,
) -> Result<i64, StoreError> {
    let values = [(&kept.id).into(), runner.into(), expires.0.into(), batch.into(), kept.token.into()];
    if tx.run(TAKE, &values).await? == 1 { Ok(kept.token + 1) } else { Err(StoreError::Conflict) }
}

/// Says how far a run is, and holds the lease for longer; false where the lease is another's by now.
///
/// # Errors
///
/// Those of the database.
pub async fn advance(
    tx: &mut Tx,
    id: &str,
    token: i64,
    done: i64,
    expires: Instant,
) -> Result<bool, StoreError> {
    let values = [id.into(), token.into(), done.into(), expires.0.into()];
    Ok(tx.run(ADVANCE, &values).await? == 1)
}

/// Gives the lease back.
///
/// # Errors
///
/// Those of the database.
pub async fn release(tx: &mut Tx, id: &str, token: i64) -> Result<(), StoreError> {
    tx.run(RELEASE, &[id.into(), token.into()]).await.map(drop)
}

/// An employer that a freeze holds fast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// Its place, from 1 in the order of the ids.
    pub ordinal: i64,
    /// Key of the employer.
    pub employer_id: String,
    /// Version of its record.
    pub version: i64,
    /// Digest of that version.
    pub digest: [u8; 32],
}

impl Pin {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            ordinal: row.int(0)?,
            employer_id: row.text(1)?,
            version: row.int(2)?,
            digest: row.digest(3)?,
        })
    }
}

/// Holds every employer of a region and the areas within it fast, each with its newest record; how many these are.
///
/// # Errors
///
/// Those of the database.
pub async fn pin(tx: &mut Tx, cycle: &str, freeze: i64, region: &str) -> Result<i64, StoreError> {
    let (from, to) = super::region_range(region);
    let pinned = tx.run(PIN, &[cycle.into(), freeze.into(), (&from).into(), (&to).into()]).await?;
    Ok(i64::try_from(pinned).unwrap_or(i64::MAX))
}

/// Pins after a place up to another, in order.
///
/// # Errors
///
/// Those of the database.
pub async fn pins(
    ask: impl Ask,
    cycle: &str,
    freeze: i64,
    (after, to): (i64, i64),
) -> Result<Vec<Pin>, StoreError> {
    let values = [cycle.into(), freeze.into(), after.into(), to.into()];
    ask.all(PINS, &values).await?.iter().map(Pin::of).collect()
}

/// The digest over the employers of a freeze and the versions of their records.
///
/// # Errors
///
/// Those of the database.
pub async fn pins_digest(
    tx: &mut Tx,
    cycle: &str,
    freeze: i64,
    employers: i64,
) -> Result<[u8; 32], StoreError> {
    let mut hasher = Hasher::new("floatrate pins 1");
    let mut after = 0;
    while after < employers {
        let to = (after + PINS_AT_ONCE).min(employers);
        for pin in pins(&mut *tx, cycle, freeze, (after, to)).await? {
            hasher.int(pin.ordinal);
            hasher.bytes(pin.employer_id.as_bytes());
            hasher.int(pin.version);
            hasher.bytes(&pin.digest);
        }
        after = to;
    }
    Ok(hasher.done())
}

/// A pin with the record that it names.
#[derive(Clone, Debug)]
pub struct Pinned {
    /// The pin.
    pub pin: Pin,
    /// Region of the record, or empty.
    pub region: String,
    /// The record's body.
    pub body: Vec<u8>,
}

/// The same with their records.
///
/// # Errors
///
/// Those of the database.
pub async fn pinned(
    ask: impl Ask,
    cycle: &str,
    freeze: i64,
    (after, to): (i64, i64),
) -> Result<Vec<Pinned>, StoreError> {
    let values = [cycle.into(), freeze.into(), after.into(), to.into()];
    let rows = ask.all(PINNED, &values).await?;
    let pinned = |row: &Row| Ok(Pinned { pin: Pin::of(row)?, region: row.text(4)?, body: row.bytes(5)? });
    rows.iter().map(pinned).collect()
}

/// Employers whose record names no region: they are in no region's cycle.
///
/// # Errors
///
/// Those of the database.
pub async fn nowhere(ask: impl Ask) -> Result<i64, StoreError> {
    ask.one(NOWHERE, &[]).await?.map_or(Ok(0), |row| row.int(0))
}
