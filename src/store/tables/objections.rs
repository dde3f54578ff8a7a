//! Objections as they stand; how they came to is in the ledger.

use crate::store::statement::statements;
use crate::store::{Ask, Row, StoreError, Tx};

statements! {
    ADD = "INSERT INTO objection (id, employer_id, region, state, seq, body) VALUES ($1, $2, $3, $4, $5, $6)";
    CHANGE = "UPDATE objection SET state = $2, seq = $3, body = $4 WHERE id = $1 AND seq = $5";
    ONE = "SELECT id, employer_id, region, state, seq, body FROM objection WHERE id = $1";
    PAGE = "SELECT id, employer_id, region, state, seq, body FROM objection WHERE id > $1 AND region >= $2 AND region < $3 AND (state = $4 OR $4 = '') AND (employer_id = $5 OR $5 = '') ORDER BY id LIMIT $6";
}

/// An objection as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: String,
    /// Key of the employer.
    pub employer_id: String,
    /// Region of the record, or empty.
    pub region: String,
    /// Its state.
    pub state: String,
    /// Number of the ledger's entry that brought it here.
    pub seq: i64,
    /// Everything else, JSON.
    pub body: Vec<u8>,
}

impl Kept {
    pub(super) fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            id: row.text(0)?,
            employer_id: row.text(1)?,
            region: row.text(2)?,
            state: row.text(3)?,
            seq: row.int(4)?,
            body: row.bytes(5)?,
        })
    }
}

/// Adds an objection.
///
/// # Errors
///
/// Those of the database.
pub async fn add(tx: &mut Tx, kept: &Kept) -> Result<(), StoreError> {
    let values = [
        (&kept.id).into(),
        (&kept.employer_id).into(),
        (&kept.region).into(),
        (&kept.state).into(),
        kept.seq.into(),
        kept.body.as_slice().into(),
    ];
    tx.run(ADD, &values).await.map(drop)
}

/// Brings an objection into another state, from the entry `before`.
///
/// # Errors
///
/// [`StoreError::Conflict`] where it stands at another entry.
pub async fn change(tx: &mut Tx, kept: &Kept, before: i64) -> Result<(), StoreError> {
    let values = [
        (&kept.id).into(),
        (&kept.state).into(),
        kept.seq.into(),
        kept.body.as_slice().into(),
        before.into(),
    ];
    if tx.run(CHANGE, &values).await? == 1 { Ok(()) } else { Err(StoreError::Conflict) }
}

/// An objection.
///
/// # Errors
///
/// Those of the database.
pub async fn one(ask: impl Ask, id: &str) -> Result<Option<Kept>, StoreError> {
    ask.one(ONE, &[id.into()]).await?.as_ref().map(Kept::of).transpose()
}

/// Objections after one, of a region (all for None), a state and an employer (all where empty).
///
/// # Errors
///
/// Those of the database.
pub async fn page(
    ask: impl Ask,
    after: &str,
    region: Option<&str>,
    state: &str,
    employer_id: &str,
    most: i64,
) -> Result<Vec<Kept>, StoreError> {
    let (from, to) = region.map_or((String::new(), "~".to_owned()), super::region_range);
    let values = [after.into(), (&from).into(), (&to).into(), state.into(), employer_id.into(), most.into()];
    ask.all(PAGE, &values).await?.iter().map(Kept::of).collect()
}
