//! A batch of determinations on its way to publication: chunks that nobody sees, then one row that shows all.

use super::detail::Detail;
use super::plan_text::PlanText;
use super::terms::Terms;
use crate::exchange::results::ResultRow;
use crate::store::ledger::Ledger;
use crate::store::tables::determinations::{self, Kept, Publication};
use crate::store::{Db, StoreError, Tx, new_id, to_json};
use floatrate_engine::record::Date;

/// Determinations of a chunk.
const CHUNK_ROWS: usize = 2_000;

/// What becomes a determination.
#[derive(Clone, Debug)]
pub struct New<'a> {
    /// The result.
    pub row: &'a ResultRow,
    /// Version of the record that it rests on.
    pub record_version: i64,
    /// Its digest.
    pub record_digest: [u8; 32],
    /// The record's region, or empty.
    pub region: &'a str,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// How it was made.
    pub detail: &'a Detail,
}

/// A batch being written.
#[derive(Debug)]
pub struct Batch {
    id: String,
    rows: Vec<Kept>,
    next: i64,
    chunk: i64,
}

impl Default for Batch {
    fn default() -> Self {
        Self { id: new_id('b'), rows: Vec::new(), next: 1, chunk: 1 }
    }
}

impl Batch {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Adds a determination under a plan's text, and writes a full chunk at once.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn add(&mut self, db: &Db, text: &PlanText, new: &New<'_>) -> Result<(), StoreError> {
        self.rows.push(kept(self.next, text.digest, new)?);
        self.next += 1;
        if self.rows.len() >= CHUNK_ROWS {
            let mut tx = db.begin().await?;
            determinations::add_plan_text(&mut tx, &text.digest, &text.plan, &text.body).await?;
            self.write(&mut tx).await?;
            tx.commit().await?;
        }
        Ok(())
    }

    async fn write(&mut self, tx: &mut Tx) -> Result<(), StoreError> {
        determinations::add_chunk(tx, &self.id, self.chunk, &self.rows).await?;
        self.chunk += 1;
        self.rows.clear();
        Ok(())
    }

    /// Adds the last determination of a batch in a transaction of the caller's.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub(super) async fn add_in(
        &mut self,
        tx: &mut Tx,
        text: &PlanText,
        new: &New<'_>,
    ) -> Result<String, StoreError> {
        determinations::add_plan_text(tx, &text.digest, &text.plan, &text.body).await?;
        self.rows.push(kept(self.next, text.digest, new)?);
        let id = determinations::id(&self.id, self.next);
        self.next += 1;
        self.write(tx).await?;
        Ok(id)
    }

    /// Writes what is left and makes all visible at once.
    ///
    /// # Errors
    ///
    /// Those of the database; then nothing of the batch is visible.
    pub async fn publish(
        mut self,
        db: &Db,
        texts: &[&PlanText],
        signature: &str,
    ) -> Result<Publication, StoreError> {
        let mut tx = db.begin().await?;
        for text in texts {
            determinations::add_plan_text(&mut tx, &text.digest, &text.plan, &text.body).await?;
        }
        if !self.rows.is_empty() {
            self.write(&mut tx).await?;
        }
        let mut ledger = Ledger::lock(&mut tx).await?;
        let publication = determinations::publish(&mut ledger, &self.id, signature).await?;
        if publication.size != self.next - 1 {
            let (size, added) = (publication.size, self.next - 1);
            return Err(StoreError::broken(format!(
                "batch {} has {size} of {added} determinations",
                self.id
            )));
        }
        tx.commit().await?;
        Ok(publication)
    }
}

/// A determination as it is kept, at a place of its batch.
///
/// # Errors
///
/// A defect of ours: it has a JSON.
pub fn kept(ordinal: i64, plan_text: [u8; 32], new: &New<'_>) -> Result<Kept, StoreError> {
    let terms = Terms::of(new.row, &new.detail.cause, new.region, &new.detail.withdraws);
    Ok(Kept {
        ordinal,
        employer_id: new.row.employer_id.clone(),
        record_version: new.record_version,
        record_digest: new.record_digest,
        plan_text,
        from_day: i64::from(new.from.day_number()),
        until_day: i64::from(new.until.day_number()),
        terms: terms.json(),
        result: to_json(new.row)?,
        detail: to_json(new.detail)?,
    })
}
