//! Requests that change something, remembered with their answers: one that is sent again is answered again, and does
//! nothing twice.

use super::ledger::Hasher;
use super::statement::statements;
use super::{Db, Instant, StoreError, Tx};

statements! {
    FIND = "SELECT fingerprint, answer FROM request WHERE id = $1";
    ADD = "INSERT INTO request (id, fingerprint, answer, at_us) VALUES ($1, $2, $3, $4)";
}

/// A request as the caller named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The caller's id.
    pub id: String,
    /// What it asked, and who.
    pub fingerprint: [u8; 32],
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// Nothing: carry it out.
    New,
    /// It was carried out; the id of what it made.
    Done(String),
    /// Its id was used for another request.
    Reused,
}

impl Request {
    /// A request by its id, method, caller and content.
    #[must_use]
    pub fn new(id: &str, method: &str, caller: &str, content: &[u8]) -> Self {
        let mut hasher = Hasher::new("floatrate request 1");
        for part in [method.as_bytes(), caller.as_bytes(), content] {
            hasher.bytes(part);
        }
        Self { id: id.to_owned(), fingerprint: hasher.done() }
    }

    /// What is known of it.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn known(&self, db: &Db) -> Result<Known, StoreError> {
        Ok(match db.one(FIND, &[(&self.id).into()]).await? {
            None => Known::New,
            Some(row) if row.digest(0)? == self.fingerprint => Known::Done(row.text(1)?),
            Some(_) => Known::Reused,
        })
    }

    /// Remembers what it made, in the transaction that made it. If another call with the same id was faster, that is a
    /// [`StoreError::Conflict`], and nothing is made twice.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn done(&self, tx: &mut Tx, answer: &str) -> Result<(), StoreError> {
        let values = [(&self.id).into(), (&self.fingerprint).into(), answer.into(), Instant::now().0.into()];
        tx.run(ADD, &values).await.map(drop)
    }
}
