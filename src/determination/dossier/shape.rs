//! The file's form. Texts that digests are taken over stand in it as they are kept.

use serde::{Deserialize, Serialize};

/// Version of the form.
pub const VERSION: u32 = 1;

/// A dossier.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dossier {
    /// Version of the form.
    pub floatrate_dossier: u32,
    /// Release that wrote it.
    pub engine_version: String,
    /// The determination.
    pub determination: Row,
    /// The record that it rests on.
    pub record: Record,
    /// The text of the plan.
    pub plan_text: Text,
    /// That it stands in the ledger.
    pub proof: Proof,
    /// Told, not proved: the successions that the record came about by, the oldest first.
    pub successions: Vec<Succession>,
    /// Told, not proved: the employer's other determinations, in the order of publication.
    pub others: Vec<Other>,
    /// Told, not proved: objections to any of the employer's determinations.
    pub objections: Vec<serde_json::Value>,
    /// Told, not proved: the newest entry of the ledger when the dossier was written.
    pub head: Head,
    /// Digest of all this, as JSON without white space and with this field empty.
    pub digest: String,
}

/// A determination, column by column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id.
    pub id: String,
    /// Id of the batch.
    pub batch: String,
    /// Place in the batch.
    pub ordinal: i64,
    /// Key of the employer.
    pub employer_id: String,
    /// Version of the record.
    pub record_version: i64,
    /// Digest of the record.
    pub record_digest: String,
    /// Digest of the plan's text.
    pub plan_text: String,
    /// First day, ISO.
    pub from: String,
    /// Last day, ISO.
    pub until: String,
    /// What the collection system was told.
    pub terms: String,
    /// The result line.
    pub result: String,
    /// How it was made.
    pub detail: String,
    /// Digest of the row.
    pub digest: String,
    /// Position in the change feed.
    pub position: i64,
    /// When it became visible.
    pub published_at: String,
    /// Who made it so.
    pub signature: String,
}

/// A record version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// Version.
    pub version: i64,
    /// `import:` or `succession:` and an id; told, not proved, as are the next two.
    pub origin: String,
    /// When it came in.
    pub at: String,
    /// Who brought it.
    pub signature: String,
    /// Digest of the body.
    pub digest: String,
    /// The record's canonical JSON.
    pub body: String,
}

/// A plan's text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    /// Id of the plan.
    pub plan: String,
    /// Digest of the body.
    pub digest: String,
    /// The files as JSON, texts by their path.
    pub body: String,
}

/// Where the row stands in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proof {
    /// Place of the chunk's first row in the batch.
    pub first_ordinal: i64,
    /// Digests of all rows of the chunk, in order.
    pub rows: Vec<String>,
    /// Number of the chunk, from 1.
    pub chunk: i64,
    /// Digests of all chunks of the batch, in order.
    pub chunks: Vec<String>,
    /// Digest of the entry before.
    pub previous: String,
    /// The entry of the publication.
    pub entry: Entry,
}

/// An entry of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Its number.
    pub seq: i64,
    /// Microseconds of the Unix epoch.
    pub at_us: i64,
    /// `published`.
    pub kind: String,
    /// Id of the batch.
    pub subject: String,
    /// Who.
    pub signature: String,
    /// The rest, JSON.
    pub detail: String,
    /// Its digest: the head at publication.
    pub digest: String,
}

/// A succession.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Succession {
    /// Its id.
    pub id: String,
    /// The version that came of it.
    pub version: i64,
    /// When.
    pub at: String,
    /// Who.
    pub signature: String,
    /// What it was.
    pub says: serde_json::Value,
}

/// Another determination of the employer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// Its id.
    pub id: String,
    /// Position in the change feed.
    pub position: i64,
    /// When it became visible.
    pub published_at: String,
    /// First day, ISO.
    pub from: String,
    /// Last day, ISO.
    pub until: String,
    /// What the collection system was told, with its cause and what it withdraws.
    pub terms: serde_json::Value,
    /// Digest of the row.
    pub digest: String,
}

/// A newest entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// Its number.
    pub seq: i64,
    /// Its digest.
    pub digest: String,
    /// When.
    pub at: String,
}

impl Dossier {
    /// The digest of everything else.
    #[must_use]
    pub fn made_digest(&self) -> String {
        let rest = Self { digest: String::new(), ..self.clone() };
        // Texts, numbers and lists alone: this cannot fail.
        let bytes = serde_json::to_vec(&rest).unwrap_or_default();
        crate::store::ledger::text(blake3::hash(&bytes).as_bytes())
    }
}
