//! Making a dossier from the database, in one state of it.

use super::shape::{Dossier, Entry, Head, Other, Proof, Record, Row, Succession, Text, VERSION};
use crate::determination::found::found;
use crate::exchange::results::ENGINE_VERSION;
use crate::problem::Problem;
use crate::store::ledger::{self, text};
use crate::store::tables::determinations::{self, Published};
use crate::store::tables::{objections as kept_objections, records};
use crate::store::{Db, StoreError, Tx, day};

/// Everything that a visible determination rests on.
///
/// # Errors
///
/// There is none of that id, something that it rests on is missing, or those of the database.
pub async fn dossier(db: &Db, id: &str) -> Result<Dossier, Problem> {
    let mut tx = db.snapshot().await?;
    let published = found(&mut tx, id).await?;
    let kept = &published.kept;
    let all = determinations::of_employer(&mut tx, &kept.employer_id).await?;
    let mut dossier = Dossier {
        floatrate_dossier: VERSION,
        engine_version: ENGINE_VERSION.to_owned(),
        determination: row(&published)?,
        record: record(&mut tx, kept).await?,
        plan_text: plan_text(&mut tx, &kept.plan_text).await?,
        proof: proof(&mut tx, &published).await?,
        successions: successions(&mut tx, &kept.employer_id, kept.record_version).await?,
        others: all.iter().filter(|other| other.id() != id).map(other).collect::<Result<_, _>>()?,
        objections: objections(&mut tx, &kept.employer_id).await?,
        head: head(&mut tx).await?,
        digest: String::new(),
    };
    dossier.digest = dossier.made_digest();
    Ok(dossier)
}

fn utf8(bytes: &[u8]) -> Result<String, StoreError> {
    String::from_utf8(bytes.to_vec()).map_err(|_| StoreError::broken("a text is not UTF-8"))
}

fn row(published: &Published) -> Result<Row, StoreError> {
    let kept = &published.kept;
    Ok(Row {
        id: published.id(),
        batch: published.batch.clone(),
        ordinal: kept.ordinal,
        employer_id: kept.employer_id.clone(),
        record_version: kept.record_version,
        record_digest: text(&kept.record_digest),
        plan_text: text(&kept.plan_text),
        from: day(kept.from_day)?.to_string(),
        until: day(kept.until_day)?.to_string(),
        terms: kept.terms.clone(),
        result: utf8(&kept.result)?,
        detail: utf8(&kept.detail)?,
        digest: text(&published.digest),
        position: published.position,
        published_at: published.at.rfc3339(),
        signature: published.signature.clone(),
    })
}

async fn record(tx: &mut Tx, kept: &determinations::Kept) -> Result<Record, StoreError> {
    let found = records::record(tx, &kept.employer_id, kept.record_version).await?;
    let (version, body) =
        found.ok_or_else(|| StoreError::broken("the record of a determination is missing"))?;
    Ok(Record {
        version: version.version,
        origin: version.origin,
        at: version.at.rfc3339(),
        signature: version.signature,
        digest: text(&version.digest),
        body: utf8(&body)?,
    })
}

async fn plan_text(tx: &mut Tx, digest: &[u8; 32]) -> Result<Text, StoreError> {
    let found = determinations::plan_text(tx, digest).await?;
    let (plan, body) = found.ok_or_else(|| StoreError::broken("a plan's text is missing"))?;
    Ok(Text { plan, digest: text(digest), body: utf8(&body)? })
}

async fn proof(tx: &mut Tx, published: &Published) -> Result<Proof, StoreError> {
    let chunks = determinations::chunks(&mut *tx, &published.batch).await?;
    let ordinal = published.kept.ordinal;
    let chunk = chunks.iter().find(|c| (c.first_ordinal..c.first_ordinal + c.size).contains(&ordinal));
    let chunk = chunk.ok_or_else(|| StoreError::broken("a determination stands in no chunk"))?;
    let rows =
        determinations::of_batch(&mut *tx, &published.batch, chunk.first_ordinal - 1, chunk.size).await?;
    let seq = published.seq;
    let entries = ledger::entries(tx, (seq - 2).max(0), 2).await?;
    let entry = entries.iter().find(|e| e.seq == seq);
    let entry = entry.ok_or_else(|| StoreError::broken(format!("entry {seq} is missing")))?;
    let previous = entries.iter().find(|e| e.seq == seq - 1).map_or([0; 32], |e| e.digest);
    Ok(Proof {
        first_ordinal: chunk.first_ordinal,
        rows: rows.iter().map(|(_, digest)| text(digest)).collect(),
        chunk: chunk.number,
        chunks: chunks.iter().map(|c| text(&c.digest)).collect(),
        previous: text(&previous),
        entry: Entry {
            seq,
            at_us: entry.at.0,
            kind: entry.kind.clone(),
            subject: entry.subject.clone(),
            signature: entry.signature.clone(),
            detail: utf8(&entry.detail)?,
            digest: text(&entry.digest),
        },
    })
}

/// The successions behind a version of a record, the oldest first.
async fn successions(tx: &mut Tx, employer_id: &str, version: i64) -> Result<Vec<Succession>, StoreError> {
    let mut out = Vec::new();
    let versions = records::versions(&mut *tx, employer_id, version.saturating_add(1), i64::MAX).await?;
    for version in versions.into_iter().rev() {
        let Some(id) = version.origin.strip_prefix("succession:") else { continue };
        let Some(row) = records::intake(&mut *tx, id).await? else { continue };
        out.push(Succession {
            id: id.to_owned(),
            version: version.version,
            at: row.at.rfc3339(),
            signature: row.signature,
            says: value(&row.detail)?,
        });
    }
    Ok(out)
}

fn other(published: &Published) -> Result<Other, StoreError> {
    Ok(Other {
        id: published.id(),
        position: published.position,
        published_at: published.at.rfc3339(),
        from: day(published.kept.from_day)?.to_string(),
        until: day(published.kept.until_day)?.to_string(),
        terms: value(published.kept.terms.as_bytes())?,
        digest: text(&published.digest),
    })
}

async fn objections(tx: &mut Tx, employer_id: &str) -> Result<Vec<serde_json::Value>, StoreError> {
    kept_objections::page(tx, "", None, "", employer_id, i64::MAX)
        .await?
        .iter()
        .map(|kept| value(&kept.body))
        .collect()
}

fn value(bytes: &[u8]) -> Result<serde_json::Value, StoreError> {
    serde_json::from_slice(bytes).map_err(|why| StoreError::broken(why.to_string()))
}

async fn head(tx: &mut Tx) -> Result<Head, StoreError> {
    let head = ledger::Head::read(tx).await?;
    Ok(Head { seq: head.seq, digest: head.text(), at: head.at.rfc3339() })
}
