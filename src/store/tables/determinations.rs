//! Determinations in batches, their chunks, and the publications that make them visible.

use crate::store::ledger::{Hasher, Kind, Ledger, hex};
use crate::store::statement::statements;
use crate::store::{Ask, Bulk, Db, Instant, Row, StoreError, Tx, Value, to_json};

statements! {
    ADD_CHUNK = "INSERT INTO chunk (batch, number, first_ordinal, size, digest) VALUES ($1, $2, $3, $4, $5)";
    CHUNKS = "SELECT number, first_ordinal, size, digest FROM chunk WHERE batch = $1 ORDER BY number";
    ADD_PUBLICATION = "INSERT INTO publication (first_position, batch, size, seq, at_us, signature) VALUES ($1, $2, $3, $4, $5, $6)";
    PUBLICATION = "SELECT first_position, batch, size, seq, at_us, signature FROM publication WHERE batch = $1";
    PUBLICATIONS = "SELECT first_position, batch, size, seq, at_us, signature FROM publication WHERE first_position > $1 ORDER BY first_position LIMIT $2";
    DETERMINATION = "SELECT d.batch, d.ordinal, d.employer_id, d.record_version, d.record_digest, d.plan_text, d.from_day, d.until_day, d.terms, d.result, d.detail, d.digest, p.first_position + d.ordinal - 1, p.at_us, p.signature, p.seq, l.digest FROM determination d JOIN publication p ON p.batch = d.batch JOIN ledger l ON l.seq = p.seq WHERE d.batch = $1 AND d.ordinal = $2";
    OF_EMPLOYER = "SELECT d.batch, d.ordinal, d.employer_id, d.record_version, d.record_digest, d.plan_text, d.from_day, d.until_day, d.terms, d.result, d.detail, d.digest, p.first_position + d.ordinal - 1, p.at_us, p.signature, p.seq, l.digest FROM determination d JOIN publication p ON p.batch = d.batch JOIN ledger l ON l.seq = p.seq WHERE d.employer_id = $1 ORDER BY p.first_position + d.ordinal - 1";
    OF_EMPLOYERS = "SELECT d.employer_id, d.batch, d.ordinal, p.first_position + d.ordinal - 1, d.from_day, d.until_day, d.terms, d.result FROM determination d JOIN publication p ON p.batch = d.batch WHERE d.employer_id IN (SELECT value FROM json_each($1)) AND p.first_position + d.ordinal - 1 <= $2 ORDER BY d.employer_id, p.first_position + d.ordinal - 1",
        postgres "SELECT d.employer_id, d.batch, d.ordinal, p.first_position + d.ordinal - 1, d.from_day, d.until_day, d.terms, d.result FROM determination d JOIN publication p ON p.batch = d.batch WHERE d.employer_id IN (SELECT json_array_elements_text($1::json)) AND p.first_position + d.ordinal - 1 <= $2 ORDER BY d.employer_id, p.first_position + d.ordinal - 1";
    OF_BATCH = "SELECT ordinal, employer_id, record_version, record_digest, plan_text, from_day, until_day, terms, result, detail, digest FROM determination WHERE batch = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3";
    TERMS = "SELECT ordinal, employer_id, from_day, until_day, terms FROM determination WHERE batch = $1 AND ordinal > $2 ORDER BY ordinal LIMIT $3";
    WITHDRAWN = "SELECT d.terms FROM determination d JOIN publication p ON p.batch = d.batch WHERE d.employer_id = $1";
    UNPUBLISHED = "SELECT DISTINCT c.batch FROM chunk c LEFT JOIN publication p ON p.batch = c.batch WHERE p.batch IS NULL ORDER BY c.batch";
    STRAY = "SELECT d.batch, d.ordinal FROM determination d LEFT JOIN chunk c ON c.batch = d.batch AND d.ordinal >= c.first_ordinal AND d.ordinal < c.first_ordinal + c.size WHERE c.batch IS NULL ORDER BY d.batch, d.ordinal LIMIT 1";
    PLAN_TEXT = "SELECT plan, body FROM plan_text WHERE digest = $1";
    PLAN_TEXTS = "SELECT digest, plan, body FROM plan_text ORDER BY digest";
    ADD_PLAN_TEXT = "INSERT INTO plan_text (digest, plan, body) VALUES ($1, $2, $3) ON CONFLICT (digest) DO NOTHING";
}

const DETERMINATIONS: Bulk = Bulk {
    into: "determination (batch, ordinal, employer_id, record_version, record_digest, plan_text, from_day, until_day, terms, result, detail, digest)",
    columns: 12,
};

/// A determination as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Place in its batch, from 1.
    pub ordinal: i64,
    /// Key of the employer.
    pub employer_id: String,
    /// Version of the record that it rests on.
    pub record_version: i64,
    /// Digest of that record.
    pub record_digest: [u8; 32],
    /// Digest of the plan's text.
    pub plan_text: [u8; 32],
    /// First day, a Julian day number.
    pub from_day: i64,
    /// Last day.
    pub until_day: i64,
    /// What the collection system is told, canonical JSON.
    pub terms: String,
    /// The result line, without its line end.
    pub result: Vec<u8>,
    /// How it was made, JSON.
    pub detail: Vec<u8>,
}

impl Kept {
    /// The digest over everything that is kept.
    #[must_use]
    pub fn digest(&self, batch: &str) -> [u8; 32] {
        let Self {
            ordinal,
            employer_id,
            record_version,
            record_digest,
            plan_text,
            from_day,
            until_day,
            terms,
            result,
            detail,
        } = self;
        let mut hasher = Hasher::new("floatrate determination 1");
        hasher.bytes(batch.as_bytes());
        hasher.int(*ordinal);
        hasher.bytes(employer_id.as_bytes());
        hasher.int(*record_version);
        hasher.bytes(record_digest);
        hasher.bytes(plan_text);
        hasher.int(*from_day);
        hasher.int(*until_day);
        for bytes in [terms.as_bytes(), result, detail] {
            hasher.bytes(bytes);
        }
        hasher.done()
    }

    fn of(row: &Row, at: usize) -> Result<Self, StoreError> {
        Ok(Self {
            ordinal: row.int(at)?,
            employer_id: row.text(at + 1)?,
            record_version: row.int(at + 2)?,
            record_digest: row.digest(at + 3)?,
            plan_text: row.digest(at + 4)?,
            from_day: row.int(at + 5)?,
            until_day: row.int(at + 6)?,
            terms: row.text(at + 7)?,
            result: row.bytes(at + 8)?,
            detail: row.bytes(at + 9)?,
        })
    }
}

/// A determination that is visible.
#[derive(Clone, Debug)]
pub struct Published {
    /// Id of its batch.
    pub batch: String,
    /// What is kept.
    pub kept: Kept,
    /// The digest that is kept.
    pub digest: [u8; 32],
    /// Position in the change feed.
    pub position: i64,
    /// When it became visible.
    pub at: Instant,
    /// Who made it so.
    pub signature: String,
    /// Number of the ledger's entry.
    pub seq: i64,
    /// Its digest: the head at publication.
    pub head: [u8; 32],
}

impl Published {
    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            batch: row.text(0)?,
            kept: Kept::of(row, 1)?,
            digest: row.digest(11)?,
            position: row.int(12)?,
            at: Instant(row.int(13)?),
            signature: row.text(14)?,
            seq: row.int(15)?,
            head: row.digest(16)?,
        })
    }

    /// Id of the determination.
    #[must_use]
    pub fn id(&self) -> String {
        id(&self.batch, self.kept.ordinal)
    }
}

/// The id of a determination: its batch and its place in it.
#[must_use]
pub fn id(batch: &str, ordinal: i64) -> String {
    format!("{batch}-{ordinal}")
}

/// Batch and place of an id; None for what is no id.
#[must_use]
pub fn place(id: &str) -> Option<(&str, i64)> {
    let (batch, ordinal) = id.rsplit_once('-')?;
    let canonical = !batch.is_empty() && !batch.contains('-') && ordinal.bytes().all(|b| b.is_ascii_digit());
    (canonical && !ordinal.starts_with('0')).then(|| Some((batch, ordinal.parse().ok()?)))?
}

/// A row of the table of chunks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Number, from 1.
    pub number: i64,
    /// Place of its first determination.
    pub first_ordinal: i64,
    /// Determinations in it.
    pub size: i64,
    /// Digest over theirs.
    pub digest: [u8; 32],
}

/// A row of the table of publications.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Publication {
    /// Position of the first determination.
    pub first_position: i64,
    /// Id of the batch.
    pub batch: String,
    /// Determinations in it.
    pub size: i64,
    /// Number of the ledger's entry.
    pub seq: i64,
    /// When.
    pub at: Instant,
    /// Who.
    pub signature: String,
}

impl Publication {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            first_position: row.int(0)?,
            batch: row.text(1)?,
            size: row.int(2)?,
            seq: row.int(3)?,
            at: Instant(row.int(4)?),
            signature: row.text(5)?,
        })
    }
}

/// What the ledger says of a publication.
#[derive(Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct PublicationEntry {
    /// Position of the first determination.
    pub first_position: i64,
    /// Determinations in the batch.
    pub size: i64,
    /// Digest over the chunks' digests.
    pub digest: String,
}

/// The digest over digests.
#[must_use]
pub fn digest_of<'d>(what: &str, digests: impl Iterator<Item = &'d [u8; 32]>) -> [u8; 32] {
    let mut hasher = Hasher::new(what);
    digests.for_each(|digest| hasher.bytes(digest));
    hasher.done()
}

/// What chunks' and publications' digests are begun with.
pub const CHUNK_DIGEST: &str = "floatrate chunk 1";
/// See [`CHUNK_DIGEST`].
pub const BATCH_DIGEST: &str = "floatrate batch 1";

/// Adds a chunk of determinations, whose places follow one another, to a batch. Nobody sees them yet.
///
/// # Errors
///
/// [`StoreError::Conflict`] where the batch has a chunk of that number.
pub async fn add_chunk(tx: &mut Tx, batch: &str, number: i64, rows: &[Kept]) -> Result<(), StoreError> {
    let digests: Vec<[u8; 32]> = rows.iter().map(|row| row.digest(batch)).collect();
    let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * DETERMINATIONS.columns);
    for (row, digest) in rows.iter().zip(&digests) {
        values.extend([
            Value::Text(batch),
            Value::Int(row.ordinal),
            Value::Text(&row.employer_id),
            Value::Int(row.record_version),
            Value::Bytes(&row.record_digest),
            Value::Bytes(&row.plan_text),
            Value::Int(row.from_day),
            Value::Int(row.until_day),
            Value::Text(&row.terms),
            Value::Bytes(&row.result),
            Value::Bytes(&row.detail),
            Value::Bytes(digest),
        ]);
    }
    let Some(first) = rows.first() else { return Ok(()) };
    let digest = digest_of(CHUNK_DIGEST, digests.iter());
    let size = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    // The chunk's row comes first: a second writer of the same chunk waits here and is refused.
    let chunk = [batch.into(), number.into(), first.ordinal.into(), size.into(), (&digest).into()];
    tx.run(ADD_CHUNK, &chunk).await?;
    tx.insert(DETERMINATIONS, &values).await
}

/// Makes a batch visible: one row, in the transaction that adds the ledger's entry.
///
/// # Errors
///
/// [`StoreError::Conflict`] where it is visible already.
pub async fn publish(
    ledger: &mut Ledger<'_>,
    batch: &str,
    signature: &str,
) -> Result<Publication, StoreError> {
    let chunks = chunks(&mut *ledger.tx, batch).await?;
    let size = chunks.iter().map(|c| c.size).sum();
    let digest = digest_of(BATCH_DIGEST, chunks.iter().map(|c| &c.digest));
    let first_position = ledger.head().position + 1;
    let entry = PublicationEntry { first_position, size, digest: hex(&digest) };
    let detail = to_json(&entry)?;
    ledger.add(Kind::Published, batch, signature, &detail, size).await?;
    let publication = Publication {
        first_position,
        batch: batch.to_owned(),
        size,
        seq: ledger.head().seq,
        at: ledger.at(),
        signature: signature.to_owned(),
    };
    let values = [
        first_position.into(),
        batch.into(),
        size.into(),
        publication.seq.into(),
        publication.at.0.into(),
        signature.into(),
    ];
    ledger.tx.run(ADD_PUBLICATION, &values).await?;
    Ok(publication)
}

/// The chunks of a batch, in order.
///
/// # Errors
///
/// Those of the database.
pub async fn chunks(ask: impl Ask, batch: &str) -> Result<Vec<Chunk>, StoreError> {
    let rows = ask.all(CHUNKS, &[batch.into()]).await?;
    let chunk = |row: &Row| {
        Ok(Chunk {
            number: row.int(0)?,
            first_ordinal: row.int(1)?,
            size: row.int(2)?,
            digest: row.digest(3)?,
        })
    };
    rows.iter().map(chunk).collect()
}

/// A visible determination.
///
/// # Errors
///
/// Those of the database.
pub async fn published(ask: impl Ask, batch: &str, ordinal: i64) -> Result<Option<Published>, StoreError> {
    let row = ask.one(DETERMINATION, &[batch.into(), ordinal.into()]).await?;
    row.as_ref().map(Published::of).transpose()
}

/// The visible determinations of an employer, in the order of their positions.
///
/// # Errors
///
/// Those of the database.
pub async fn of_employer(ask: impl Ask, employer_id: &str) -> Result<Vec<Published>, StoreError> {
    ask.all(OF_EMPLOYER, &[employer_id.into()]).await?.iter().map(Published::of).collect()
}

/// Determinations of a batch after a place, visible or not, with their kept digests.
///
/// # Errors
///
/// Those of the database.
pub async fn of_batch(
    ask: impl Ask,
    batch: &str,
    after: i64,
    most: i64,
) -> Result<Vec<(Kept, [u8; 32])>, StoreError> {
    let rows = ask.all(OF_BATCH, &[batch.into(), after.into(), most.into()]).await?;
    rows.iter().map(|row| Ok((Kept::of(row, 0)?, row.digest(10)?))).collect()
}

/// Whether a visible determination of the employer withdraws this one.
///
/// # Errors
///
/// Those of the database.
pub async fn withdrawn_in(tx: &mut Tx, employer_id: &str, id: &str) -> Result<bool, StoreError> {
    for row in tx.all(WITHDRAWN, &[employer_id.into()]).await? {
        let terms: serde_json::Value =
            serde_json::from_str(&row.text(0)?).map_err(|why| StoreError::broken(format!("terms: {why}")))?;
        if terms["withdraws"] == id {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What a later cycle needs of a determination.
#[derive(Clone, Debug)]
pub struct Earlier {
    /// Key of the employer.
    pub employer_id: String,
    /// Id of the determination.
    pub id: String,
    /// Position in the change feed.
    pub position: i64,
    /// First day.
    pub from_day: i64,
    /// Last day.
    pub until_day: i64,
    /// What the collection system is told.
    pub terms: String,
    /// The result line.
    pub result: Vec<u8>,
}

/// The determinations of employers up to a position of the change feed, employer by employer, in order.
///
/// # Errors
///
/// Those of the database.
pub async fn of_employers(db: &Db, employers: &[&str], position: i64) -> Result<Vec<Earlier>, StoreError> {
    let asked = serde_json::to_string(employers).map_err(|why| StoreError::broken(why.to_string()))?;
    let rows = db.all(OF_EMPLOYERS, &[(&asked).into(), position.into()]).await?;
    let earlier = |row: &Row| {
        Ok(Earlier {
            employer_id: row.text(0)?,
            id: id(&row.text(1)?, row.int(2)?),
            position: row.int(3)?,
            from_day: row.int(4)?,
            until_day: row.int(5)?,
            terms: row.text(6)?,
            result: row.bytes(7)?,
        })
    };
    rows.iter().map(earlier).collect()
}

/// What the change feed needs of a determination.
#[derive(Clone, Debug)]
pub struct Terms {
    /// Place in its batch.
    pub ordinal: i64,
    /// Key of the employer.
    pub employer_id: String,
    /// First day.
    pub from_day: i64,
    /// Last day.
    pub until_day: i64,
    /// What the collection system is told.
    pub terms: String,
}

/// The same of determinations of a batch after a place.
///
/// # Errors
///
/// Those of the database.
pub async fn terms(db: &Db, batch: &str, after: i64, most: i64) -> Result<Vec<Terms>, StoreError> {
    let rows = db.all(TERMS, &[batch.into(), after.into(), most.into()]).await?;
    let terms = |row: &Row| {
        Ok(Terms {
            ordinal: row.int(0)?,
            employer_id: row.text(1)?,
            from_day: row.int(2)?,
            until_day: row.int(3)?,
            terms: row.text(4)?,
        })
    };
    rows.iter().map(terms).collect()
}

/// The publication of a batch.
///
/// # Errors
///
/// Those of the database.
pub async fn publication(ask: impl Ask, batch: &str) -> Result<Option<Publication>, StoreError> {
    ask.one(PUBLICATION, &[batch.into()]).await?.as_ref().map(Publication::of).transpose()
}

/// Publications that begin after a position, in order.
///
/// # Errors
///
/// Those of the database.
pub async fn publications(db: &Db, after: i64, most: i64) -> Result<Vec<Publication>, StoreError> {
    db.all(PUBLICATIONS, &[after.into(), most.into()]).await?.iter().map(Publication::of).collect()
}

/// Batches that are not visible.
///
/// # Errors
///
/// Those of the database.
pub async fn unpublished(tx: &mut Tx) -> Result<Vec<String>, StoreError> {
    tx.all(UNPUBLISHED, &[]).await?.iter().map(|row| row.text(0)).collect()
}

/// A determination that no chunk counts.
///
/// # Errors
///
/// Those of the database.
pub async fn stray(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    let row = tx.one(STRAY, &[]).await?;
    row.map(|row| Ok(id(&row.text(0)?, row.int(1)?))).transpose()
}

/// Keeps a plan's text, once.
///
/// # Errors
///
/// Those of the database.
pub async fn add_plan_text(
    tx: &mut Tx,
    digest: &[u8; 32],
    plan: &str,
    body: &[u8],
) -> Result<(), StoreError> {
    tx.run(ADD_PLAN_TEXT, &[digest.into(), plan.into(), body.into()]).await.map(drop)
}

/// Plan id and text by digest.
///
/// # Errors
///
/// Those of the database.
pub async fn plan_text(ask: impl Ask, digest: &[u8; 32]) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    let row = ask.one(PLAN_TEXT, &[digest.into()]).await?;
    row.map(|row| Ok((row.text(0)?, row.bytes(1)?))).transpose()
}

/// Every plan text: digest, plan id, text.
///
/// # Errors
///
/// Those of the database.
pub async fn plan_texts(tx: &mut Tx) -> Result<Vec<([u8; 32], String, Vec<u8>)>, StoreError> {
    let rows = tx.all(PLAN_TEXTS, &[]).await?;
    rows.iter().map(|row| Ok((row.digest(0)?, row.text(1)?, row.bytes(2)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::{id, place};

    #[test]
    fn ids_and_places() {
        assert_eq!(place(&id("b01", 7)), Some(("b01", 7)));
        for wrong in ["", "b01", "-1", "b-", "b-0", "b-01", "b--1", "b-1x", "b-99999999999999999999"] {
            assert_eq!(place(wrong), None, "{wrong}");
        }
    }
}
