//! What only `verify` asks: rows that nothing else accounts for, and rows by the hundred.

use super::records::Kept;
use crate::store::statement::statements;
use crate::store::{Ask, Statement, StoreError, Tx};

statements! {
    RECORDS = "SELECT k.value ->> 'n', r.employer_id, r.version, r.digest, r.body, r.region FROM json_each($1) AS k CROSS JOIN record r WHERE r.employer_id = k.value ->> 'i' AND r.version = k.value ->> 'v'",
        postgres "SELECT k.n, r.employer_id, r.version, r.digest, r.body, r.region FROM json_to_recordset($1::json) AS k (n bigint, i text, v bigint) JOIN record r ON r.employer_id = k.i AND r.version = k.v";
    PLAN_TEXT_DIGESTS = "SELECT digest FROM plan_text ORDER BY digest";
    STRAY_RECORD = "SELECT r.employer_id || ' version ' || r.version FROM record r LEFT JOIN intake i ON i.id = r.intake WHERE i.id IS NULL ORDER BY r.employer_id, r.version LIMIT 1";
    OUTSIDE_RECORD = "SELECT r.employer_id || ' version ' || r.version FROM record r WHERE r.intake = $1 AND r.chunk NOT IN (SELECT CAST(l.detail AS TEXT) ->> 'chunk' FROM ledger l WHERE l.kind = 'recorded' AND l.subject = r.intake) ORDER BY r.employer_id, r.version LIMIT 1",
        postgres "SELECT r.employer_id || ' version ' || r.version FROM record r WHERE r.intake = $1 AND r.chunk NOT IN (SELECT (convert_from(l.detail, 'UTF8')::json ->> 'chunk')::bigint FROM ledger l WHERE l.kind = 'recorded' AND l.subject = r.intake) ORDER BY r.employer_id, r.version LIMIT 1";
    GAP = "SELECT employer_id FROM record GROUP BY employer_id HAVING count(*) <> max(version) OR min(version) <> 1 ORDER BY employer_id LIMIT 1";
    HEADLESS = "SELECT r.employer_id FROM record r LEFT JOIN employer e ON e.id = r.employer_id WHERE e.id IS NULL ORDER BY r.employer_id LIMIT 1";
    STRAY_INTAKE = "SELECT i.id FROM intake i LEFT JOIN ledger l ON l.subject = i.id AND l.kind = 'intake' WHERE l.seq IS NULL ORDER BY i.id LIMIT 1";
    STRAY_REJECT = "SELECT j.intake || ' number ' || j.number FROM reject j LEFT JOIN ledger l ON l.subject = j.intake AND l.kind = 'ended' WHERE l.seq IS NULL ORDER BY j.intake, j.number LIMIT 1";
    STRAY_PUBLICATION = "SELECT p.batch FROM publication p LEFT JOIN ledger l ON l.seq = p.seq AND l.subject = p.batch AND l.kind = 'published' WHERE l.seq IS NULL ORDER BY p.first_position LIMIT 1";
}

/// Versions of records by employer and version, in that order; None for one that is not kept.
///
/// # Errors
///
/// Those of the database.
pub async fn records(ask: impl Ask, keys: &[(&str, i64)]) -> Result<Vec<Option<Kept>>, StoreError> {
    let asked: Vec<_> = keys
        .iter()
        .enumerate()
        .map(|(n, (id, version))| serde_json::json!({ "n": n, "i": id, "v": version }))
        .collect();
    let asked = serde_json::Value::Array(asked).to_string();
    let mut out: Vec<Option<Kept>> = keys.iter().map(|_| None).collect();
    for row in ask.all(RECORDS, &[(&asked).into()]).await? {
        let place = usize::try_from(row.int(0)?).ok().and_then(|n| out.get_mut(n));
        let place = place.ok_or_else(|| StoreError::broken("a record that was not asked for"))?;
        *place = Some(Kept {
            employer_id: row.text(1)?,
            version: row.int(2)?,
            digest: row.digest(3)?,
            body: row.bytes(4)?,
            region: row.text(5)?,
        });
    }
    Ok(out)
}

/// The digests of all plan texts.
///
/// # Errors
///
/// Those of the database.
pub async fn plan_text_digests(tx: &mut Tx) -> Result<Vec<[u8; 32]>, StoreError> {
    tx.all(PLAN_TEXT_DIGESTS, &[]).await?.iter().map(|row| row.digest(0)).collect()
}

/// A record version of an intake that is none.
///
/// # Errors
///
/// Those of the database.
pub async fn stray_record(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    first(tx, STRAY_RECORD).await
}

/// A record version of an intake in a chunk that the ledger does not know.
///
/// # Errors
///
/// Those of the database.
pub async fn outside_record(tx: &mut Tx, intake: &str) -> Result<Option<String>, StoreError> {
    tx.one(OUTSIDE_RECORD, &[intake.into()]).await?.map(|row| row.text(0)).transpose()
}

/// An employer of whose record a version is missing between the first and the newest.
///
/// # Errors
///
/// Those of the database.
pub async fn gap(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    first(tx, GAP).await
}

/// An employer with a record and without the row that says which is newest.
///
/// # Errors
///
/// Those of the database.
pub async fn headless(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    first(tx, HEADLESS).await
}

/// An intake that the ledger does not know.
///
/// # Errors
///
/// Those of the database.
pub async fn stray_intake(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    first(tx, STRAY_INTAKE).await
}

/// A reject of an import that the ledger does not know or has not seen end.
///
/// # Errors
///
/// Those of the database.
pub async fn stray_reject(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    first(tx, STRAY_REJECT).await
}

/// A publication that the ledger does not know.
///
/// # Errors
///
/// Those of the database.
pub async fn stray_publication(tx: &mut Tx) -> Result<Option<String>, StoreError> {
    first(tx, STRAY_PUBLICATION).await
}

async fn first(tx: &mut Tx, statement: Statement) -> Result<Option<String>, StoreError> {
    tx.one(statement, &[]).await?.map(|row| row.text(0)).transpose()
}
