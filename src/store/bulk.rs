//! Many rows at once, by each database's fast path: `COPY … FROM STDIN BINARY`, or inserts of many rows.

use super::StoreError;
use super::db::{Open, Tx, Value};
use sqlx::AssertSqlSafe;

/// Parameters of one insert of SQLite; it takes 32,766, and past some hundred rows nothing is gained.
const PARAMETERS_MAX: usize = 2_000;
/// Bytes that are sent at once.
const SEND_BYTES: usize = 1 << 20;

/// A table and the columns that rows are given in.
#[derive(Clone, Copy, Debug)]
pub struct Bulk {
    /// Table and columns, as in `record (employer_id, version)`.
    pub into: &'static str,
    /// Number of columns.
    pub columns: usize,
}

impl Tx {
    /// Adds rows: `values` has them one after the other, each with all columns.
    ///
    /// # Errors
    ///
    /// Those of the database. A key that is there already is [`StoreError::Conflict`].
    pub async fn insert(&mut self, bulk: Bulk, values: &[Value<'_>]) -> Result<(), StoreError> {
        debug_assert_eq!(values.len() % bulk.columns, 0);
        if values.is_empty() {
            return Ok(());
        }
        match &mut self.0 {
            Open::Sqlite(tx) => {
                let most = (PARAMETERS_MAX / bulk.columns).max(1) * bulk.columns;
                for part in values.chunks(most) {
                    let mut query = sqlx::query(AssertSqlSafe(insert(bulk, part.len() / bulk.columns)));
                    for value in part {
                        query = match *value {
                            Value::Text(text) => query.bind(text),
                            Value::Int(number) => query.bind(number),
                            Value::Bytes(bytes) => query.bind(bytes),
                        };
                    }
                    query.execute(&mut **tx).await?;
                }
            }
            Open::Postgres(tx) => {
                let statement = format!("COPY {} FROM STDIN (FORMAT binary)", bulk.into);
                let mut copy = tx.copy_in_raw(&statement).await?;
                let mut out = b"PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0".to_vec();
                let columns = i16::try_from(bulk.columns).unwrap_or(i16::MAX).to_be_bytes();
                for row in values.chunks(bulk.columns) {
                    out.extend_from_slice(&columns);
                    for value in row {
                        match *value {
                            Value::Text(text) => field(&mut out, text.as_bytes())?,
                            Value::Int(number) => field(&mut out, &number.to_be_bytes())?,
                            Value::Bytes(bytes) => field(&mut out, bytes)?,
                        }
                    }
                    if out.len() >= SEND_BYTES {
                        copy.send(std::mem::take(&mut out)).await?;
                    }
                }
                out.extend_from_slice(&(-1_i16).to_be_bytes());
                copy.send(out).await?;
                copy.finish().await?;
            }
        }
        Ok(())
    }
}

/// A field of PostgreSQL's binary format: its length and its bytes.
fn field(out: &mut Vec<u8>, bytes: &[u8]) -> Result<(), StoreError> {
    let length = i32::try_from(bytes.len()).map_err(|_| StoreError::broken("a value of 2 GiB"))?;
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
    Ok(())
}

/// An insert of so many rows. Few texts are made: all parts but the last have one size.
fn insert(bulk: Bulk, rows: usize) -> String {
    let row = format!("({})", vec!["?"; bulk.columns].join(","));
    format!("INSERT INTO {} VALUES {}", bulk.into, vec![row.as_str(); rows].join(","))
}
