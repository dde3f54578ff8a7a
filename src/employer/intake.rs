//! Taking records in, chunk by chunk. A chunk is kept whole or not at all, and a record that is kept already changes
//! nothing, so an import that broke off is simply done again.

use super::kept::Body;
use crate::exchange::Broken;
use crate::problem::Problem;
use crate::store::requests::Request;
use crate::store::tables::records::{self, Counts, NewRecord};
use crate::store::{Db, StoreError, new_id, to_json};
use floatrate_engine::record::{Declared, Form, Record, Violation};
use serde::{Deserialize, Serialize};

/// Records of a chunk.
const CHUNK_RECORDS: usize = 4_000;
/// Bytes of a chunk's records.
const CHUNK_BYTES: usize = 16 << 20;
/// How often a chunk is tried when other writers are faster.
const TRIES: u32 = 20;
/// Rejects of one import that are kept; beyond them only their number.
pub const REJECTS_MAX: usize = 10_000;

/// What was rejected.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Reject {
    /// Number of the item.
    pub number: i64,
    /// Key of the employer, as far as it could be read.
    pub employer_id: String,
    /// Every violation.
    pub violations: Vec<RejectedField>,
}

/// A violation of a rejected item.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RejectedField {
    /// Path of the field.
    pub field: String,
    /// Stable word.
    pub reason: String,
    /// Sentence.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

impl Reject {
    /// A reject for a record of a region that is not the caller's.
    #[must_use]
    pub fn elsewhere(number: i64, employer_id: &str) -> Self {
        let violation = RejectedField {
            field: "employer.region".to_owned(),
            reason: "not_your_region".to_owned(),
            en: "the record's region is not one of the caller's".to_owned(),
            zh: "该记录的统筹地区不在调用方的管辖范围内".to_owned(),
        };
        Self { number, employer_id: employer_id.to_owned(), violations: vec![violation] }
    }

    /// A reject for what could not be turned into a form.
    #[must_use]
    pub fn broken(number: i64, broken: &Broken) -> Self {
        let violation = RejectedField {
            field: broken.field.clone().unwrap_or_default(),
            reason: broken.reason.to_owned(),
            en: broken.message.en.clone(),
            zh: broken.message.zh.clone(),
        };
        let employer_id = broken.employer_id.clone().unwrap_or_default();
        Self { number, employer_id, violations: vec![violation] }
    }

    /// A reject for a record's violations.
    #[must_use]
    pub fn of(number: i64, form: &Form, violations: &[Violation]) -> Self {
        use floatrate_engine::Lang;
        let employer_id = crate::exchange::json::employer_id(form).unwrap_or_default().to_owned();
        let violations = violations.iter().map(|v| RejectedField {
            field: v.field.clone(),
            reason: v.reason().to_owned(),
            en: v.message(Lang::En),
            zh: v.message(Lang::Zh),
        });
        Self { number, employer_id, violations: violations.collect() }
    }
}

/// What became of an import.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Outcome {
    /// Id of the import.
    pub id: String,
    /// Records of unknown employers.
    pub created: i64,
    /// New versions of known employers' records.
    pub updated: i64,
    /// Records that were kept already.
    pub unchanged: i64,
    /// Items that were rejected.
    pub rejected: i64,
}

/// An import in progress.
#[derive(Debug)]
pub struct Intake {
    /// None where it only checks.
    db: Option<Db>,
    signature: String,
    chunk: Vec<NewRecord>,
    bytes: usize,
    chunks: i64,
    outcome: Outcome,
    /// Items so far.
    items: i64,
    /// Each with its place among the items, since numbers are the caller's and need not differ.
    rejects: Vec<(i64, Reject)>,
}

impl Intake {
    /// Begins an import; `source` says in words where the records come from. Without a database it only checks.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn begin(db: Option<&Db>, source: &str, signature: &str) -> Result<Self, StoreError> {
        let id = new_id('i');
        if let Some(db) = db {
            let detail = serde_json::json!({ "source": source }).to_string();
            let mut tx = db.begin().await?;
            let row = records::add_intake(&mut tx, &id, "import", signature, detail.as_bytes()).await?;
            row.enter(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(Self {
            db: db.cloned(),
            signature: signature.to_owned(),
            chunk: Vec::new(),
            bytes: 0,
            chunks: 0,
            outcome: Outcome { id, ..Outcome::default() },
            items: 0,
            rejects: Vec::new(),
        })
    }

    /// What was kept and rejected so far.
    #[must_use]
    pub const fn so_far(&self) -> &Outcome {
        &self.outcome
    }

    /// Reads a record from its form: what `add` takes, or the reject. Pure, so that many threads can do it.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it.
    pub fn read(number: i64, form: &Form, declared: &Declared) -> Result<NewRecord, Reject> {
        match Record::from_form(form, declared) {
            Ok(record) => Ok(Body::of(&record, declared).keep(&record)),
            Err(violations) => Err(Reject::of(number, form, &violations)),
        }
    }

    /// Takes a record, or notes a reject. A full chunk is kept at once.
    ///
    /// # Errors
    ///
    /// Those of the database; what was kept before stays.
    pub async fn add(&mut self, read: Result<NewRecord, Reject>) -> Result<(), StoreError> {
        self.items += 1;
        match read {
            Ok(record) => {
                self.bytes += record.body.len();
                self.chunk.push(record);
                if self.chunk.len() >= CHUNK_RECORDS || self.bytes >= CHUNK_BYTES {
                    self.keep().await?;
                }
            }
            Err(reject) => {
                self.outcome.rejected += 1;
                if self.rejects.len() < REJECTS_MAX {
                    self.rejects.push((self.items, reject));
                }
            }
        }
        Ok(())
    }

    async fn keep(&mut self) -> Result<(), StoreError> {
        let chunk = std::mem::take(&mut self.chunk);
        self.bytes = 0;
        let Some(db) = &self.db else {
            self.outcome.unchanged += i64::try_from(chunk.len()).unwrap_or(i64::MAX);
            return Ok(());
        };
        if chunk.is_empty() {
            return Ok(());
        }
        let mut tried = 0;
        let counts = loop {
            tried += 1;
            match self.try_keep(db, &chunk).await {
                Err(StoreError::Conflict) if tried < TRIES => {}
                other => break other?,
            }
        };
        let Counts { created, updated, unchanged } = counts;
        self.chunks += 1;
        self.outcome.created += created;
        self.outcome.updated += updated;
        self.outcome.unchanged += unchanged;
        Ok(())
    }

    async fn try_keep(&self, db: &Db, chunk: &[NewRecord]) -> Result<Counts, StoreError> {
        let mut tx = db.begin().await?;
        let (id, number) = (&self.outcome.id, self.chunks + 1);
        let counts = records::add_chunk_as(&mut tx, id, number, &self.signature, chunk).await?;
        tx.commit().await?;
        Ok(counts)
    }

    /// Keeps what is left and the rejects, and remembers the request, if it has an id.
    ///
    /// # Errors
    ///
    /// Those of the database; what was kept before stays.
    pub async fn end(mut self, request: Option<&Request>) -> Result<(Outcome, Vec<Reject>), StoreError> {
        self.keep().await?;
        if let Some(db) = &self.db {
            let mut tx = db.begin().await?;
            let kept = self.rejects.iter().map(|(place, reject)| {
                let detail = to_json(reject)?;
                Ok((*place, reject.employer_id.clone(), detail))
            });
            let kept = kept.collect::<Result<Vec<_>, StoreError>>()?;
            records::add_rejects(&mut tx, &self.outcome.id, &kept).await?;
            let Outcome { id, created, updated, unchanged, rejected } = &self.outcome;
            let counts = Counts { created: *created, updated: *updated, unchanged: *unchanged };
            records::end_intake(&mut tx, id, &self.signature, counts, *rejected, &kept).await?;
            if let Some(request) = request {
                let answer = serde_json::to_string(&self.outcome);
                request.done(&mut tx, &answer.map_err(|why| StoreError::broken(why.to_string()))?).await?;
            }
            tx.commit().await?;
        }
        Ok((self.outcome, self.rejects.into_iter().map(|(_, reject)| reject).collect()))
    }
}

/// Rejects of an import after a place, in the order of its items, each with its place.
///
/// # Errors
///
/// There is no such import, or those of the database.
pub async fn rejects(db: &Db, id: &str, after: i64, most: i64) -> Result<Vec<(i64, Reject)>, Problem> {
    use crate::problem::What;
    if !matches!(records::intake(db, id).await?, Some(row) if row.kind == "import") {
        return Err(Problem::NotFound(What::Import, id.to_owned()));
    }
    let rows = records::rejects(db, id, after, most).await?;
    let read = |(place, _, detail): (i64, String, Vec<u8>)| {
        let reject = serde_json::from_slice(&detail);
        Ok((place, reject.map_err(|why| StoreError::broken(format!("a reject: {why}")))?))
    };
    rows.into_iter().map(read).collect()
}
