//! What runs of cycles leave behind: their chunks, the employers that a person must decide on, and the decisions.

use super::determinations::digest_of;
use crate::store::ledger::Hasher;
use crate::store::statement::statements;
use crate::store::{Ask, Bulk, Row, StoreError, Tx, Value};

statements! {
    ADD_CHUNK = "INSERT INTO run_chunk (batch, number, last_pin, last_ordinal, last_chunk, digest, items, tally, row_digest) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
    LAST_CHUNK = "SELECT number, last_pin, last_ordinal, last_chunk, digest, items, tally FROM run_chunk WHERE batch = $1 ORDER BY number DESC LIMIT 1";
    CHUNKS = "SELECT number, last_pin, last_ordinal, last_chunk, digest, items, tally FROM run_chunk WHERE batch = $1 ORDER BY number";
    ITEMS = "SELECT i.ordinal, i.employer_id, i.record_version, i.record_digest, i.region, i.result, i.detail, COALESCE(d.state, 'open'), COALESCE(d.version, 0), COALESCE(d.seq, 0), COALESCE(d.body, x'') FROM review_item i LEFT JOIN decision d ON d.cycle = $1 AND d.employer_id = i.employer_id AND d.version >= i.record_version WHERE i.batch = $2 AND i.ordinal > $3 AND (COALESCE(d.state, 'open') = $4 OR $4 = '') AND (i.employer_id = $5 OR $5 = '') ORDER BY i.ordinal LIMIT $6",
        postgres "SELECT i.ordinal, i.employer_id, i.record_version, i.record_digest, i.region, i.result, i.detail, COALESCE(d.state, 'open'), COALESCE(d.version, 0), COALESCE(d.seq, 0), COALESCE(d.body, ''::bytea) FROM review_item i LEFT JOIN decision d ON d.cycle = $1 AND d.employer_id = i.employer_id AND d.version >= i.record_version WHERE i.batch = $2 AND i.ordinal > $3 AND (COALESCE(d.state, 'open') = $4 OR $4 = '') AND (i.employer_id = $5 OR $5 = '') ORDER BY i.ordinal LIMIT $6";
    STATES = "SELECT COALESCE(d.state, 'open'), count(*) FROM review_item i LEFT JOIN decision d ON d.cycle = $1 AND d.employer_id = i.employer_id AND d.version >= i.record_version WHERE i.batch = $2 GROUP BY 1 ORDER BY 1";
    DECIDE = "INSERT INTO decision (cycle, employer_id, version, state, seq, body) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (cycle, employer_id) DO UPDATE SET version = excluded.version, state = excluded.state, seq = excluded.seq, body = excluded.body";
    DECISIONS = "SELECT cycle, employer_id, version, state, seq, body FROM decision WHERE cycle = $1 ORDER BY employer_id";
}

const ITEMS_NEW: Bulk = Bulk {
    into: "review_item (batch, ordinal, employer_id, record_version, record_digest, region, result, detail, digest)",
    columns: 9,
};

/// What the digests over results of a chunk and of a run are begun with. A chunk's is over the hashes of its employers'
/// `result_digest`, in the order of the pins; a run's over its chunks'.
pub const RESULTS_CHUNK_DIGEST: &str = "floatrate results chunk 1";
/// See [`RESULTS_CHUNK_DIGEST`].
pub const RESULTS_DIGEST: &str = "floatrate results 1";

/// What the digest over everything that a run kept beside its determinations is begun with: over its chunks' rows.
pub const RUN_DIGEST: &str = "floatrate run 1";
/// What the digest over the items of a chunk is begun with.
pub const ITEMS_DIGEST: &str = "floatrate items 1";

/// A chunk that a run has done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunChunk {
    /// Its number, from 1.
    pub number: i64,
    /// Its last pin.
    pub last_pin: i64,
    /// The newest determination of the batch.
    pub last_ordinal: i64,
    /// The newest chunk of the batch.
    pub last_chunk: i64,
    /// Digest over the results of all its employers.
    pub digest: [u8; 32],
    /// Digest over its items'.
    pub items: [u8; 32],
    /// Sums over its determinations, JSON.
    pub tally: Vec<u8>,
}

impl RunChunk {
    /// The digest over everything that is kept of the chunk in its row.
    #[must_use]
    pub fn row_digest(&self, batch: &str) -> [u8; 32] {
        let Self { number, last_pin, last_ordinal, last_chunk, digest, items, tally } = self;
        let mut hasher = Hasher::new("floatrate run chunk 1");
        hasher.bytes(batch.as_bytes());
        for number in [number, last_pin, last_ordinal, last_chunk] {
            hasher.int(*number);
        }
        for bytes in [&digest[..], items, tally] {
            hasher.bytes(bytes);
        }
        hasher.done()
    }

    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            number: row.int(0)?,
            last_pin: row.int(1)?,
            last_ordinal: row.int(2)?,
            last_chunk: row.int(3)?,
            digest: row.digest(4)?,
            items: row.digest(5)?,
            tally: row.bytes(6)?,
        })
    }
}

/// Adds a chunk.
///
/// # Errors
///
/// [`StoreError::Conflict`] where it is there.
pub async fn add_chunk(tx: &mut Tx, batch: &str, chunk: &RunChunk) -> Result<(), StoreError> {
    let row_digest = chunk.row_digest(batch);
    let values = [
        batch.into(),
        chunk.number.into(),
        chunk.last_pin.into(),
        chunk.last_ordinal.into(),
        chunk.last_chunk.into(),
        (&chunk.digest).into(),
        (&chunk.items).into(),
        chunk.tally.as_slice().into(),
        (&row_digest).into(),
    ];
    tx.run(ADD_CHUNK, &values).await.map(drop)
}

/// The newest chunk of a run.
///
/// # Errors
///
/// Those of the database.
pub async fn last_chunk(ask: impl Ask, batch: &str) -> Result<Option<RunChunk>, StoreError> {
    ask.one(LAST_CHUNK, &[batch.into()]).await?.as_ref().map(RunChunk::of).transpose()
}

/// The chunks of a run, in order.
///
/// # Errors
///
/// Those of the database.
pub async fn chunks(ask: impl Ask, batch: &str) -> Result<Vec<RunChunk>, StoreError> {
    ask.all(CHUNKS, &[batch.into()]).await?.iter().map(RunChunk::of).collect()
}

/// An employer that a person must decide on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its pin's place.
    pub ordinal: i64,
    /// Key of the employer.
    pub employer_id: String,
    /// Version of the record that was rated.
    pub record_version: i64,
    /// Its digest.
    pub record_digest: [u8; 32],
    /// The record's region, or empty.
    pub region: String,
    /// The result with its stand-in rate, a line of JSON.
    pub result: Vec<u8>,
    /// How it was made, JSON.
    pub detail: Vec<u8>,
}

impl Item {
    /// The digest over everything that is kept.
    #[must_use]
    pub fn digest(&self, batch: &str) -> [u8; 32] {
        let Self { ordinal, employer_id, record_version, record_digest, region, result, detail } = self;
        let mut hasher = Hasher::new("floatrate review item 1");
        hasher.bytes(batch.as_bytes());
        hasher.int(*ordinal);
        hasher.bytes(employer_id.as_bytes());
        hasher.int(*record_version);
        hasher.bytes(record_digest);
        for bytes in [region.as_bytes(), result, detail] {
            hasher.bytes(bytes);
        }
        hasher.done()
    }

    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            ordinal: row.int(0)?,
            employer_id: row.text(1)?,
            record_version: row.int(2)?,
            record_digest: row.digest(3)?,
            region: row.text(4)?,
            result: row.bytes(5)?,
            detail: row.bytes(6)?,
        })
    }
}

/// The digest over the items of a chunk.
#[must_use]
pub fn items_digest(batch: &str, items: &[Item]) -> [u8; 32] {
    let digests: Vec<[u8; 32]> = items.iter().map(|item| item.digest(batch)).collect();
    digest_of(ITEMS_DIGEST, digests.iter())
}

/// Adds employers that a person must decide on.
///
/// # Errors
///
/// Those of the database.
pub async fn add_items(tx: &mut Tx, batch: &str, items: &[Item]) -> Result<(), StoreError> {
    let mut values = Vec::with_capacity(items.len() * ITEMS_NEW.columns);
    let digests: Vec<[u8; 32]> = items.iter().map(|item| item.digest(batch)).collect();
    for (item, digest) in items.iter().zip(&digests) {
        values.extend([
            Value::Text(batch),
            Value::Int(item.ordinal),
            Value::Text(&item.employer_id),
            Value::Int(item.record_version),
            Value::Bytes(&item.record_digest),
            Value::Text(&item.region),
            Value::Bytes(&item.result),
            Value::Bytes(&item.detail),
            Value::Bytes(digest),
        ]);
    }
    tx.insert(ITEMS_NEW, &values).await
}

/// What was decided on an employer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The cycle.
    pub cycle: String,
    /// Key of the employer.
    pub employer_id: String,
    /// Version of the record that it stands on; 0 while nothing was decided.
    pub version: i64,
    /// `open`, `proposed` or `resolved`.
    pub state: String,
    /// Number of the ledger's entry.
    pub seq: i64,
    /// What, JSON; empty while nothing was decided.
    pub body: Vec<u8>,
}

/// Which items are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wanted<'a> {
    /// Those after this place.
    pub after: i64,
    /// Those in this state; all where empty.
    pub state: &'a str,
    /// That of this employer; all where empty.
    pub employer_id: &'a str,
}

/// Items of a run with what was decided on them.
///
/// # Errors
///
/// Those of the database.
pub async fn items(
    ask: impl Ask,
    cycle: &str,
    batch: &str,
    wanted: Wanted<'_>,
    most: i64,
) -> Result<Vec<(Item, Decision)>, StoreError> {
    let values = [
        cycle.into(),
        batch.into(),
        wanted.after.into(),
        wanted.state.into(),
        wanted.employer_id.into(),
        most.into(),
    ];
    let rows = ask.all(ITEMS, &values).await?;
    let of = |row: &Row| {
        let item = Item::of(row)?;
        let decision = Decision {
            cycle: cycle.to_owned(),
            employer_id: item.employer_id.clone(),
            state: row.text(7)?,
            version: row.int(8)?,
            seq: row.int(9)?,
            body: row.bytes(10)?,
        };
        Ok((item, decision))
    };
    rows.iter().map(of).collect()
}

/// How many items of a run are in each state.
///
/// # Errors
///
/// Those of the database.
pub async fn states(ask: impl Ask, cycle: &str, batch: &str) -> Result<Vec<(String, i64)>, StoreError> {
    let rows = ask.all(STATES, &[cycle.into(), batch.into()]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, row.int(1)?))).collect()
}

/// Keeps what was decided; an earlier decision on the employer is in the ledger.
///
/// # Errors
///
/// Those of the database.
pub async fn decide(tx: &mut Tx, decision: &Decision) -> Result<(), StoreError> {
    let values = [
        (&decision.cycle).into(),
        (&decision.employer_id).into(),
        decision.version.into(),
        (&decision.state).into(),
        decision.seq.into(),
        decision.body.as_slice().into(),
    ];
    tx.run(DECIDE, &values).await.map(drop)
}

impl Decision {
    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            cycle: row.text(0)?,
            employer_id: row.text(1)?,
            version: row.int(2)?,
            state: row.text(3)?,
            seq: row.int(4)?,
            body: row.bytes(5)?,
        })
    }
}

/// The decisions of a cycle, by employer.
///
/// # Errors
///
/// Those of the database.
pub async fn decisions(ask: impl Ask, cycle: &str) -> Result<Vec<Decision>, StoreError> {
    ask.all(DECISIONS, &[cycle.into()]).await?.iter().map(Decision::of).collect()
}
