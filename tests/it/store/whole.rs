//! That what is kept is whole: nothing half, nothing twice, nothing lost between.

use floatrate::store::ledger::hex;
use floatrate::store::ledger::{Entry, Head, entries};
use floatrate::store::tables::determinations::{
    self, BATCH_DIGEST, CHUNK_DIGEST, PublicationEntry, digest_of,
};
use floatrate::store::tables::records::{self, ChunkDigest, ChunkEntry};
use floatrate::store::{Db, Statement, Tx};

/// A statement that both databases read.
pub(crate) const fn statement(sql: &'static str) -> Statement {
    Statement { name: "test", sqlite: sql, postgres: sql }
}

/// Holds everything against everything.
pub(crate) async fn check(db: &Db) {
    let mut tx = db.snapshot().await.unwrap();
    let head = Head::read(&mut tx).await.unwrap();
    let entries = entries(&mut tx, 0, i64::MAX).await.unwrap();
    let (mut before, mut recorded, mut published) = ([0; 32], 0, 0);
    for (at, entry) in entries.iter().enumerate() {
        assert_eq!((entry.seq, entry.digest), (at as i64 + 1, entry.expected(&before)));
        before = entry.digest;
        match entry.kind.as_str() {
            "recorded" => recorded += chunk(&mut tx, entry).await,
            "published" => published += publication(&mut tx, entry, published).await,
            _ => {}
        }
    }
    assert_eq!((head.seq, head.digest, head.position), (entries.len() as i64, before, published));
    // No row that no entry tells of.
    assert_eq!(records::count(&mut tx).await.unwrap(), recorded);
    assert_eq!(records::stray(&mut tx).await.unwrap(), None);
    assert_eq!(determinations::stray(&mut tx).await.unwrap(), None);
    let gap = "SELECT employer_id FROM record GROUP BY employer_id HAVING count(*) <> max(version) OR min(version) <> 1";
    assert!(tx.all(statement(gap), &[]).await.unwrap().is_empty());
    let orphan = "SELECT employer_id FROM record WHERE employer_id NOT IN (SELECT id FROM employer)";
    assert!(tx.all(statement(orphan), &[]).await.unwrap().is_empty());
}

/// The versions of a chunk are those that its entry tells of; how many.
async fn chunk(tx: &mut Tx, entry: &Entry) -> i64 {
    let told: ChunkEntry = serde_json::from_slice(&entry.detail).unwrap();
    let rows = records::chunk(tx, &entry.subject, told.chunk).await.unwrap();
    let mut digest = ChunkDigest::default();
    for row in &rows {
        assert_eq!(row.digest, *blake3::hash(&row.body).as_bytes());
        digest.add(&row.employer_id, row.version, &row.region, &row.digest);
    }
    assert_eq!((rows.len() as i64, hex(&digest.done())), (told.count, told.digest));
    told.count
}

/// The determinations of a publication are those that its entry tells of; how many.
async fn publication(tx: &mut Tx, entry: &Entry, before: i64) -> i64 {
    let told: PublicationEntry = serde_json::from_slice(&entry.detail).unwrap();
    let publication = determinations::publication(&mut *tx, &entry.subject).await.unwrap().unwrap();
    assert_eq!((told.first_position, publication.first_position), (before + 1, before + 1));
    assert_eq!(
        (told.size, publication.size, publication.seq),
        (publication.size, publication.size, entry.seq)
    );
    let chunks = determinations::chunks(&mut *tx, &entry.subject).await.unwrap();
    assert_eq!(told.digest, hex(&digest_of(BATCH_DIGEST, chunks.iter().map(|c| &c.digest))));
    let mut next = 1;
    for chunk in chunks {
        assert_eq!(chunk.first_ordinal, next);
        let rows = determinations::of_batch(&mut *tx, &entry.subject, next - 1, chunk.size).await.unwrap();
        for (kept, digest) in &rows {
            assert_eq!((kept.ordinal, kept.digest(&entry.subject)), (next, *digest));
            next += 1;
        }
        assert_eq!(chunk.digest, digest_of(CHUNK_DIGEST, rows.iter().map(|(_, digest)| digest)));
    }
    assert_eq!(next - 1, told.size);
    told.size
}
