//! What the ledger says of an intake: that it is there with this content, and how an import ended.

use super::records::Counts;
use crate::store::ledger::{Hasher, Kind, Ledger, hex};
use crate::store::{Instant, StoreError, Tx, to_json};
use serde::{Deserialize, Serialize};

/// An intake as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeRow {
    /// Its id.
    pub id: String,
    /// `import` or `succession`.
    pub kind: String,
    /// When.
    pub at: Instant,
    /// Who.
    pub signature: String,
    /// The rest, JSON.
    pub detail: Vec<u8>,
}

/// A reject as it is kept: number of the item, key of the employer, the rest.
pub type RejectRow = (i64, String, Vec<u8>);

/// What the ledger says of an intake.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IntakeEntry {
    /// Digest of its row.
    pub digest: String,
}

/// What the ledger says of an import's end.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndedEntry {
    /// Records of unknown employers.
    pub created: i64,
    /// New versions of known employers' records.
    pub updated: i64,
    /// Records that were kept already.
    pub unchanged: i64,
    /// Items that were rejected.
    pub rejected: i64,
    /// Rejects that are kept.
    pub rejects: i64,
    /// Their digest.
    pub digest: String,
}

impl IntakeRow {
    /// The digest over everything that is kept.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        let mut hasher = Hasher::new("floatrate intake 1");
        hasher.bytes(self.id.as_bytes());
        hasher.bytes(self.kind.as_bytes());
        hasher.int(self.at.0);
        hasher.bytes(self.signature.as_bytes());
        hasher.bytes(&self.detail);
        hasher.done()
    }

    /// Tells the ledger of it, late in the transaction that added it: everybody waits for the ledger.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn enter(&self, tx: &mut Tx) -> Result<(), StoreError> {
        let entry = IntakeEntry { digest: hex(&self.digest()) };
        add(tx, Kind::Intake, &self.id, &self.signature, &entry).await
    }
}

/// The digest of an import's rejects, by their number.
#[derive(Debug)]
pub struct RejectsDigest(Hasher);

impl Default for RejectsDigest {
    fn default() -> Self {
        Self(Hasher::new("floatrate rejects 1"))
    }
}

impl RejectsDigest {
    /// Adds a reject.
    pub fn add(&mut self, (number, employer_id, detail): &RejectRow) {
        self.0.int(*number);
        self.0.bytes(employer_id.as_bytes());
        self.0.bytes(detail);
    }

    /// The digest.
    #[must_use]
    pub fn done(&self) -> [u8; 32] {
        self.0.done()
    }
}

/// Tells the ledger how an import ended, with the rejects that are kept.
///
/// # Errors
///
/// Those of the database.
pub async fn end_intake(
    tx: &mut Tx,
    id: &str,
    signature: &str,
    counts: Counts,
    rejected: i64,
    rejects: &[RejectRow],
) -> Result<(), StoreError> {
    let mut digest = RejectsDigest::default();
    let mut order: Vec<&RejectRow> = rejects.iter().collect();
    order.sort_by_key(|(number, ..)| *number);
    order.into_iter().for_each(|reject| digest.add(reject));
    let Counts { created, updated, unchanged } = counts;
    let kept = i64::try_from(rejects.len()).unwrap_or(i64::MAX);
    let digest = hex(&digest.done());
    let entry = EndedEntry { created, updated, unchanged, rejected, rejects: kept, digest };
    add(tx, Kind::Ended, id, signature, &entry).await
}

async fn add(
    tx: &mut Tx,
    kind: Kind,
    id: &str,
    signature: &str,
    entry: &impl Serialize,
) -> Result<(), StoreError> {
    let detail = to_json(entry)?;
    Ledger::lock(tx).await?.add(kind, id, signature, &detail, 0).await.map(drop)
}
