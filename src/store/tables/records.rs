//! Employers, the versions of their records, and how they came in.

use crate::store::ledger::{Hasher, Kind, Ledger, hex};
use crate::store::statement::statements;
use crate::store::{Ask, Bulk, Db, Instant, Row, StoreError, Tx, Value, to_json};
use std::collections::HashMap;

pub use super::intakes::{EndedEntry, IntakeEntry, IntakeRow, RejectRow, RejectsDigest, end_intake};

statements! {
    HEADS = "SELECT id, version, digest FROM employer WHERE id IN (SELECT value FROM json_each($1))",
        postgres "SELECT id, version, digest FROM employer WHERE id IN (SELECT json_array_elements_text($1::json)) ORDER BY id FOR UPDATE";
    MOVE_HEADS = "UPDATE employer SET version = u.value ->> 'n', region = u.value ->> 'r', digest = unhex(u.value ->> 'd') FROM json_each($1) AS u WHERE employer.id = u.value ->> 'i' AND employer.version = u.value ->> 'v'",
        postgres "UPDATE employer SET version = u.n, region = u.r, digest = decode(u.d, 'hex') FROM json_to_recordset($1::json) AS u (i text, v bigint, n bigint, r text, d text) WHERE id = u.i AND version = u.v";
    EMPLOYER = "SELECT version, region, digest FROM employer WHERE id = $1";
    EMPLOYERS = "SELECT e.id, r.version, r.region, r.digest, r.intake, i.kind, i.at_us, i.signature FROM employer e JOIN record r ON r.employer_id = e.id AND r.version = e.version JOIN intake i ON i.id = r.intake WHERE e.id > $1 AND e.region >= $2 AND e.region < $3 ORDER BY e.id LIMIT $4";
    RECORD = "SELECT r.employer_id, r.version, r.region, r.digest, r.intake, i.kind, i.at_us, i.signature, r.body FROM record r JOIN intake i ON i.id = r.intake WHERE r.employer_id = $1 AND r.version = $2";
    VERSIONS = "SELECT r.employer_id, r.version, r.region, r.digest, r.intake, i.kind, i.at_us, i.signature FROM record r JOIN intake i ON i.id = r.intake WHERE r.employer_id = $1 AND r.version < $2 ORDER BY r.version DESC LIMIT $3";
    BODIES = "SELECT e.id, r.version, r.digest, r.body, r.region FROM employer e JOIN record r ON r.employer_id = e.id AND r.version = e.version WHERE e.id > $1 AND e.region >= $2 AND e.region < $3 ORDER BY e.id LIMIT $4";
    ADD_INTAKE = "INSERT INTO intake (id, kind, at_us, signature, detail) VALUES ($1, $2, $3, $4, $5)";
    INTAKE = "SELECT kind, at_us, signature, detail FROM intake WHERE id = $1";
    CHUNK_ROWS = "SELECT employer_id, version, digest, body, region FROM record WHERE intake = $1 AND chunk = $2 ORDER BY employer_id, version";
    NEXT_CHUNK = "SELECT coalesce(max(chunk), 0) + 1 FROM record WHERE intake = $1";
    ADD_REJECT = "INSERT INTO reject (intake, number, employer_id, detail) VALUES ($1, $2, $3, $4)";
    REJECTS = "SELECT number, employer_id, detail FROM reject WHERE intake = $1 AND number > $2 ORDER BY number LIMIT $3";
    STRAY_EMPLOYER = "SELECT e.id FROM employer e LEFT JOIN record r ON r.employer_id = e.id AND r.version = e.version AND r.digest = e.digest AND r.region = e.region WHERE r.employer_id IS NULL OR EXISTS (SELECT 1 FROM record n WHERE n.employer_id = e.id AND n.version > e.version) ORDER BY e.id LIMIT 1";
    RECORD_COUNT = "SELECT count(*) FROM record";
}

const RECORDS: Bulk =
    Bulk { into: "record (employer_id, version, region, digest, body, intake, chunk)", columns: 7 };
const EMPLOYERS_NEW: Bulk = Bulk { into: "employer (id, version, region, digest)", columns: 4 };

/// A record to keep.
#[derive(Clone, Debug)]
pub struct NewRecord {
    /// Key of the employer.
    pub employer_id: String,
    /// Region, or empty.
    pub region: String,
    /// Canonical JSON.
    pub body: Vec<u8>,
    /// Digest of `body`.
    pub digest: [u8; 32],
}

/// A version of a record that is kept.
#[derive(Clone, Debug)]
pub struct Version {
    /// Key of the employer.
    pub employer_id: String,
    /// Number, from 1.
    pub version: i64,
    /// Region, or empty.
    pub region: String,
    /// Digest of the body.
    pub digest: [u8; 32],
    /// `import:` or `succession:` and the intake's id.
    pub origin: String,
    /// When it came in.
    pub at: Instant,
    /// Who brought it.
    pub signature: String,
}

impl Version {
    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            employer_id: row.text(0)?,
            version: row.int(1)?,
            region: row.text(2)?,
            digest: row.digest(3)?,
            origin: format!("{}:{}", row.text(5)?, row.text(4)?),
            at: Instant(row.int(6)?),
            signature: row.text(7)?,
        })
    }
}

/// What keeping records did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Records of unknown employers.
    pub created: i64,
    /// New versions of known employers' records.
    pub updated: i64,
    /// Records that were kept already.
    pub unchanged: i64,
}

/// The digest of a chunk of records, sorted by employer and version.
#[derive(Debug)]
pub struct ChunkDigest(Hasher);

impl Default for ChunkDigest {
    fn default() -> Self {
        Self(Hasher::new("floatrate records 1"))
    }
}

impl ChunkDigest {
    /// Adds a version.
    pub fn add(&mut self, employer_id: &str, version: i64, region: &str, digest: &[u8; 32]) {
        self.0.bytes(employer_id.as_bytes());
        self.0.int(version);
        self.0.bytes(region.as_bytes());
        self.0.bytes(digest);
    }

    /// The digest.
    #[must_use]
    pub fn done(&self) -> [u8; 32] {
        self.0.done()
    }
}

/// What the ledger says of a chunk of records.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub struct ChunkEntry {
    /// Number of the chunk in its intake, from 1.
    pub chunk: i64,
    /// Versions in it.
    pub count: i64,
    /// Their digest.
    pub digest: String,
}

/// Adds an intake. [`IntakeRow::enter`] tells the ledger, in the same transaction.
///
/// # Errors
///
/// Those of the database.
pub async fn add_intake(
    tx: &mut Tx,
    id: &str,
    kind: &str,
    signature: &str,
    detail: &[u8],
) -> Result<IntakeRow, StoreError> {
    let (at, detail) = (Instant::now(), detail.to_vec());
    let values = [id.into(), kind.into(), at.0.into(), signature.into(), detail.as_slice().into()];
    tx.run(ADD_INTAKE, &values).await?;
    Ok(IntakeRow { id: id.to_owned(), kind: kind.to_owned(), at, signature: signature.to_owned(), detail })
}

/// An intake.
///
/// # Errors
///
/// Those of the database.
pub async fn intake(ask: impl Ask, id: &str) -> Result<Option<IntakeRow>, StoreError> {
    let row = ask.one(INTAKE, &[id.into()]).await?;
    let read = |row: Row| {
        Ok(IntakeRow {
            id: id.to_owned(),
            kind: row.text(0)?,
            at: Instant(row.int(1)?),
            signature: row.text(2)?,
            detail: row.bytes(3)?,
        })
    };
    row.map(read).transpose()
}

/// Keeps a chunk of records: those whose content is not the newest already become new versions. The caller's
/// transaction adds the ledger's entry last, since everybody waits for it.
///
/// # Errors
///
/// [`StoreError::Conflict`] where another writer was faster: nothing of the transaction counts; do it again.
pub async fn add_chunk(
    tx: &mut Tx,
    intake: &str,
    signature: &str,
    records: &[NewRecord],
) -> Result<Counts, StoreError> {
    let chunk = tx.one(NEXT_CHUNK, &[intake.into()]).await?.map_or(Ok(1), |row| row.int(0))?;
    add_chunk_as(tx, intake, chunk, signature, records).await
}

/// As [`add_chunk`], for a caller that counts the intake's chunks itself.
///
/// # Errors
///
/// As [`add_chunk`].
pub async fn add_chunk_as(
    tx: &mut Tx,
    intake: &str,
    chunk: i64,
    signature: &str,
    records: &[NewRecord],
) -> Result<Counts, StoreError> {
    // In the order of the employers: writers that meet wait for one another in one order.
    let mut order: Vec<&NewRecord> = records.iter().collect();
    order.sort_by(|a, b| a.employer_id.cmp(&b.employer_id));
    let known = lock(tx, order.iter().map(|record| record.employer_id.as_str())).await?;
    let mut counts = Counts::default();
    let mut rows = Vec::new();
    let (mut created, mut moved) = (Vec::new(), Vec::new());
    for same in order.chunk_by(|a, b| a.employer_id == b.employer_id) {
        let id = &same[0].employer_id;
        let before = known.get(id);
        let mut newest = before.copied();
        for record in same {
            if newest.is_some_and(|(_, digest)| digest == record.digest) {
                counts.unchanged += 1;
                continue;
            }
            let version = newest.map_or(1, |(version, _)| version + 1);
            if version == 1 {
                counts.created += 1
            } else {
                counts.updated += 1
            }
            newest = Some((version, record.digest));
            rows.push((version, *record));
        }
        let Some((version, digest)) = newest.filter(|n| Some(n) != before) else { continue };
        let Some((_, last)) = rows.last() else { continue };
        match before {
            None => created.push((version, *last)),
            Some((old, _)) => moved.push(serde_json::json!({
                "i": id, "v": old, "n": version, "r": last.region, "d": hex(&digest),
            })),
        }
    }
    if rows.is_empty() {
        return Ok(counts);
    }
    let mut digest = ChunkDigest::default();
    let mut values: Vec<Value<'_>> = Vec::with_capacity(rows.len() * RECORDS.columns);
    for (version, record) in &rows {
        digest.add(&record.employer_id, *version, &record.region, &record.digest);
        values.extend([
            Value::Text(&record.employer_id),
            Value::Int(*version),
            Value::Text(&record.region),
            Value::Bytes(&record.digest),
            Value::Bytes(&record.body),
            Value::Text(intake),
            Value::Int(chunk),
        ]);
    }
    tx.insert(RECORDS, &values).await?;
    let new = created.iter().flat_map(|(version, record)| {
        [
            Value::Text(&record.employer_id),
            Value::Int(*version),
            Value::Text(&record.region),
            Value::Bytes(&record.digest),
        ]
    });
    tx.insert(EMPLOYERS_NEW, &new.collect::<Vec<_>>()).await?;
    if !moved.is_empty() {
        let count = moved.len() as u64;
        let moved = serde_json::Value::Array(moved).to_string();
        if tx.run(MOVE_HEADS, &[(&moved).into()]).await? != count {
            return Err(StoreError::Conflict);
        }
    }
    let count = i64::try_from(rows.len()).unwrap_or(i64::MAX);
    let entry = ChunkEntry { chunk, count, digest: hex(&digest.done()) };
    let detail = to_json(&entry)?;
    Ledger::lock(tx).await?.add(Kind::Recorded, intake, signature, &detail, 0).await?;
    Ok(counts)
}

/// Number and digest of an employer's newest version.
pub type Newest = (i64, [u8; 32]);

/// Newest version and digest of those of the employers that are known; nobody else changes them until the transaction
/// ends. Without the lock, writers that meet would find one another's versions again and again, and one might never win.
///
/// # Errors
///
/// Those of the database.
pub async fn lock(
    tx: &mut Tx,
    ids: impl Iterator<Item = &str>,
) -> Result<HashMap<String, Newest>, StoreError> {
    let ids: Vec<&str> = ids.collect();
    let ids = serde_json::to_string(&ids).map_err(|why| StoreError::broken(why.to_string()))?;
    let rows = tx.all(HEADS, &[(&ids).into()]).await?;
    rows.iter().map(|row| Ok((row.text(0)?, (row.int(1)?, row.digest(2)?)))).collect()
}

/// Newest version, region and digest of an employer.
///
/// # Errors
///
/// Those of the database.
pub async fn employer(ask: impl Ask, id: &str) -> Result<Option<(i64, String, [u8; 32])>, StoreError> {
    let row = ask.one(EMPLOYER, &[id.into()]).await?;
    row.map(|row| Ok((row.int(0)?, row.text(1)?, row.digest(2)?))).transpose()
}

/// A version of a record with its body.
///
/// # Errors
///
/// Those of the database.
pub async fn record(ask: impl Ask, id: &str, version: i64) -> Result<Option<(Version, Vec<u8>)>, StoreError> {
    let row = ask.one(RECORD, &[id.into(), version.into()]).await?;
    row.map(|row| Ok((Version::of(&row)?, row.bytes(8)?))).transpose()
}

/// Versions of a record before one, the newest first.
///
/// # Errors
///
/// Those of the database.
pub async fn versions(ask: impl Ask, id: &str, before: i64, most: i64) -> Result<Vec<Version>, StoreError> {
    let rows = ask.all(VERSIONS, &[id.into(), before.into(), most.into()]).await?;
    rows.iter().map(Version::of).collect()
}

/// Employers after one by their ids, of a region and the areas within it; of all for None.
///
/// # Errors
///
/// Those of the database.
pub async fn page(db: &Db, region: Option<&str>, after: &str, most: i64) -> Result<Vec<Version>, StoreError> {
    let (from, to) = region.map_or((String::new(), "~".to_owned()), super::region_range);
    let rows = db.all(EMPLOYERS, &[after.into(), (&from).into(), (&to).into(), most.into()]).await?;
    rows.iter().map(Version::of).collect()
}

/// Newest records after an employer by id: id, version, digest, body, region.
///
/// # Errors
///
/// Those of the database.
pub async fn bodies(
    db: &Db,
    region: Option<&str>,
    after: &str,
    most: i64,
) -> Result<Vec<(String, i64, [u8; 32], Vec<u8>, String)>, StoreError> {
    let (from, to) = region.map_or((String::new(), "~".to_owned()), super::region_range);
    let rows = db.all(BODIES, &[after.into(), (&from).into(), (&to).into(), most.into()]).await?;
    rows.iter().map(|r| Ok((r.text(0)?, r.int(1)?, r.digest(2)?, r.bytes(3)?, r.text(4)?))).collect()
}

/// Keeps rejects of an import: place among its items, employer, detail.
///
/// # Errors
///
/// Those of the database.
pub async fn add_rejects(tx: &mut Tx, intake: &str, rejects: &[RejectRow]) -> Result<(), StoreError> {
    for (number, employer_id, detail) in rejects {
        let values = [intake.into(), (*number).into(), employer_id.into(), detail.as_slice().into()];
        tx.run(ADD_REJECT, &values).await?;
    }
    Ok(())
}

/// Rejects of an import after a place.
///
/// # Errors
///
/// Those of the database.
pub async fn rejects(
    ask: impl Ask,
    intake: &str,
    after: i64,
    most: i64,
) -> Result<Vec<RejectRow>, StoreError> {
    let rows = ask.all(REJECTS, &[intake.into(), after.into(), most.into()]).await?;
    rows.iter().map(reject).collect()
}

fn reject(row: &Row) -> Result<RejectRow, StoreError> {
    Ok((row.int(0)?, row.text(1)?, row.bytes(2)?))
}

/// A record version as `verify` reads it.
#[derive(Clone, Debug)]
pub struct Kept {
    /// Key of the employer.
    pub employer_id: String,
    /// Version.
    pub version: i64,
    /// Digest of the body, as kept.
    pub digest: [u8; 32],
    /// The body.
    pub body: Vec<u8>,
    /// Region, or empty.
    pub region: String,
}

/// The versions of a chunk, by employer and version.
///
/// # Errors
///
/// Those of the database.
pub async fn chunk(tx: &mut Tx, intake: &str, chunk: i64) -> Result<Vec<Kept>, StoreError> {
    let rows = tx.all(CHUNK_ROWS, &[intake.into(), chunk.into()]).await?;
    let kept = |row: &Row| {
        Ok(Kept {
            employer_id: row.text(0)?,
            version: row.int(1)?,
            digest: row.digest(2)?,
            body: row.bytes(3)?,
            region: row.text(4)?,
        })
    };
    rows.iter().map(kept).collect()
}

/// How many versions there are.
///
/// # Errors
///
/// Those of the database.
pub async fn count(tx: &mut Tx) -> Result<i64, StoreError> {
    tx.one(RECORD_COUNT, &[]).await?.map_or(Ok(0), |row| row.int(0))
}

/// An employer whose row does not say its newest record.
///
/// # Errors
///
/// Those of the database.
pub async fn stray(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    tx.one(STRAY_EMPLOYER, &[]).await?.map(|row| row.text(0)).transpose()
}
