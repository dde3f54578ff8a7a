//! The one handle on either database: values in, rows out.
//!
//! A layer of our own, because transactions that also copy rows in bulk need the driver's own connection, which sqlx's
//! `Any` hides. It knows three types, text, whole numbers and bytes, and those are all that the tables have.

use super::StoreError;
use super::migrations::{MIGRATIONS, migrator};
use super::statement::Statement;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions, PgRow};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Column, Postgres, Row as _, Sqlite, Transaction};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Longest wait for a connection, and of SQLite for its one writer.
const WAIT: Duration = Duration::from_secs(30);
/// Longest wait for PostgreSQL: one that refuses connections is asked again until then.
const WAIT_POSTGRES: Duration = Duration::from_secs(10);
/// Most connections to PostgreSQL.
const CONNECTIONS_MAX: u32 = 12;

/// A value of a parameter.
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// A whole number.
    Int(i64),
    /// Bytes.
    Bytes(&'a [u8]),
}

impl<'a> From<&'a str> for Value<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(text)
    }
}

impl<'a> From<&'a String> for Value<'a> {
    fn from(text: &'a String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl<'a> From<&'a [u8]> for Value<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Self::Bytes(bytes)
    }
}

impl<'a> From<&'a [u8; 32]> for Value<'a> {
    fn from(digest: &'a [u8; 32]) -> Self {
        Self::Bytes(digest)
    }
}

/// An open database. Clones share it.
#[derive(Clone, Debug)]
pub struct Db(Pool);

#[derive(Clone, Debug)]
enum Pool {
    /// Writers of this process wait for their turn before they take a connection: those that wait inside SQLite would
    /// leave readers without any, and it does not serve them in order.
    Sqlite(SqlitePool, Arc<Semaphore>),
    Postgres(PgPool),
}

/// A transaction that writes. Dropped, it changes nothing.
#[derive(Debug)]
pub struct Tx(
    pub(super) Open,
    #[expect(dead_code, reason = "held until the end")] Option<OwnedSemaphorePermit>,
);

#[derive(Debug)]
pub(super) enum Open {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// A row that was read; columns count from 0.
#[derive(Debug)]
pub struct Row(Read);

#[derive(Debug)]
enum Read {
    Sqlite(SqliteRow),
    Postgres(PgRow),
}

/// What statements are asked of: the database as it is, or a transaction. A function that only reads is written once for
/// both.
pub trait Ask: Sized + Send {
    /// The rows that a statement finds.
    fn all(
        self,
        statement: Statement,
        values: &[Value<'_>],
    ) -> impl Future<Output = Result<Vec<Row>, StoreError>> + Send;

    /// The row that a statement finds, if there is one.
    fn one(
        self,
        statement: Statement,
        values: &[Value<'_>],
    ) -> impl Future<Output = Result<Option<Row>, StoreError>> + Send;
}

impl Ask for &Db {
    async fn all(self, statement: Statement, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.all(statement, values).await
    }

    async fn one(self, statement: Statement, values: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        self.one(statement, values).await
    }
}

impl Ask for &mut Tx {
    async fn all(self, statement: Statement, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        self.all(statement, values).await
    }

    async fn one(self, statement: Statement, values: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        self.one(statement, values).await
    }
}

/// A query with its values bound, and then a method of it on an executor.
macro_rules! ask {
    ($sql:expr, $values:expr, $executor:expr, $method:ident) => {{
        let mut query = sqlx::query($sql);
        for value in $values {
            query = match *value {
                Value::Text(text) => query.bind(text),
                Value::Int(number) => query.bind(number),
                Value::Bytes(bytes) => query.bind(bytes),
            };
        }
        query.$method($executor).await
    }};
}

impl Db {
    /// Opens the database that a text names and brings its tables up to date: a path or `sqlite:` and a path, or a
    /// `postgres://` address.
    ///
    /// # Errors
    ///
    /// It cannot be reached or read, or a newer release has changed it. The message does not repeat the address.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_at(url, i64::MAX).await
    }

    /// As [`open`](Self::open), with the tables of an older release: its migrations up to this one. For tests.
    ///
    /// # Errors
    ///
    /// As [`open`](Self::open).
    pub async fn open_at(url: &str, up_to: i64) -> Result<Self, StoreError> {
        let migrated = |why: sqlx::migrate::MigrateError| match why {
            sqlx::migrate::MigrateError::VersionMissing(number) => StoreError::Broken(format!(
                "it has migration {number}, and this release knows {} only: use the newer release",
                MIGRATIONS.len()
            )),
            sqlx::migrate::MigrateError::Execute(why) => StoreError::from(why),
            other => StoreError::Broken(other.to_string()),
        };
        if url.starts_with("postgres:") || url.starts_with("postgresql:") {
            let options = PgConnectOptions::from_str(url)
                .map_err(|_| StoreError::broken("the address is not one of PostgreSQL"))?
                .application_name("floatrate");
            let pool = PgPoolOptions::new().max_connections(CONNECTIONS_MAX).acquire_timeout(WAIT_POSTGRES);
            let pool = pool.connect_with(options).await?;
            // Not `run`: what it asks of a connection's lifetime would make every caller a future that cannot be sent.
            let mut connection = pool.acquire().await?;
            migrator(true, up_to).run_direct(None, &mut *connection, false).await.map_err(migrated)?;
            drop(connection);
            return Ok(Self(Pool::Postgres(pool)));
        }
        let path = url.strip_prefix("sqlite:").unwrap_or(url);
        let path = path.strip_prefix("//").unwrap_or(path);
        if path.contains("://") {
            return Err(StoreError::broken("the address is neither a path nor one of PostgreSQL"));
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A published rate outlives the machine's power.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(WAIT)
            .pragma("cache_size", "-65536");
        let pool = SqlitePoolOptions::new().max_connections(8).acquire_timeout(WAIT);
        let pool = pool.connect_with(options).await?;
        // In one transaction that writes: of several processes that open a new file, one makes its tables.
        let mut tx = pool.begin_with("BEGIN IMMEDIATE").await?;
        migrator(false, up_to).run_direct(None, &mut *tx, false).await.map_err(migrated)?;
        tx.commit().await?;
        Ok(Self(Pool::Sqlite(pool, Arc::new(Semaphore::new(1)))))
    }

    /// Whether it is PostgreSQL.
    #[must_use]
    pub const fn is_postgres(&self) -> bool {
        matches!(self.0, Pool::Postgres(_))
    }

    /// Closes every connection.
    pub async fn close(&self) {
        match &self.0 {
            Pool::Sqlite(pool, _) => pool.close().await,
            Pool::Postgres(pool) => pool.close().await,
        }
    }

    /// Begins a transaction that writes. SQLite has one writer at a time, which others wait for.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn begin(&self) -> Result<Tx, StoreError> {
        Ok(match &self.0 {
            Pool::Sqlite(pool, turns) => {
                let turn = tokio::time::timeout(WAIT, Arc::clone(turns).acquire_owned()).await;
                let late = || StoreError::Unavailable("other writers take too long".to_owned());
                let turn = turn.ok().and_then(Result::ok).ok_or_else(late)?;
                Tx(Open::Sqlite(pool.begin_with("BEGIN IMMEDIATE").await?), Some(turn))
            }
            Pool::Postgres(pool) => Tx(Open::Postgres(pool.begin().await?), None),
        })
    }

    /// Begins a transaction that reads one state of the whole database.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn snapshot(&self) -> Result<Tx, StoreError> {
        let open = match &self.0 {
            Pool::Sqlite(pool, _) => Open::Sqlite(pool.begin_with("BEGIN").await?),
            Pool::Postgres(pool) => {
                Open::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?)
            }
        };
        Ok(Tx(open, None))
    }

    /// The rows that a statement finds.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn all(&self, statement: Statement, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        Ok(match &self.0 {
            Pool::Sqlite(pool, _) => sqlite(ask!(statement.sqlite, values, pool, fetch_all)?),
            Pool::Postgres(pool) => postgres(ask!(statement.postgres, values, pool, fetch_all)?),
        })
    }

    /// The row that a statement finds, if there is one.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn one(&self, statement: Statement, values: &[Value<'_>]) -> Result<Option<Row>, StoreError> {
        Ok(match &self.0 {
            Pool::Sqlite(pool, _) => {
                ask!(statement.sqlite, values, pool, fetch_optional)?.map(|row| Row(Read::Sqlite(row)))
            }
            Pool::Postgres(pool) => {
                ask!(statement.postgres, values, pool, fetch_optional)?.map(|row| Row(Read::Postgres(row)))
            }
        })
    }

    /// Prepares a statement without running it.
    ///
    /// # Errors
    ///
    /// The database does not understand it.
    pub async fn prepare(&self, statement: Statement) -> Result<(), StoreError> {
        use sqlx::{Executor, SqlSafeStr};
        match &self.0 {
            Pool::Sqlite(pool, _) => drop(pool.prepare(statement.sqlite.into_sql_str()).await?),
            Pool::Postgres(pool) => drop(pool.prepare(statement.postgres.into_sql_str()).await?),
        }
        Ok(())
    }
}

fn sqlite(rows: Vec<SqliteRow>) -> Vec<Row> {
    rows.into_iter().map(|row| Row(Read::Sqlite(row))).collect()
}

fn postgres(rows: Vec<PgRow>) -> Vec<Row> {
    rows.into_iter().map(|row| Row(Read::Postgres(row))).collect()
}

impl Tx {
    /// Runs a statement; how many rows it changed.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn run(&mut self, statement: Statement, values: &[Value<'_>]) -> Result<u64, StoreError> {
        Ok(match &mut self.0 {
            Open::Sqlite(tx) => ask!(statement.sqlite, values, &mut **tx, execute)?.rows_affected(),
            Open::Postgres(tx) => ask!(statement.postgres, values, &mut **tx, execute)?.rows_affected(),
        })
    }

    /// The rows that a statement finds.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn all(&mut self, statement: Statement, values: &[Value<'_>]) -> Result<Vec<Row>, StoreError> {
        Ok(match &mut self.0 {
            Open::Sqlite(tx) => sqlite(ask!(statement.sqlite, values, &mut **tx, fetch_all)?),
            Open::Postgres(tx) => postgres(ask!(statement.postgres, values, &mut **tx, fetch_all)?),
        })
    }

    /// The row that a statement finds, if there is one.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn one(
        &mut self,
        statement: Statement,
        values: &[Value<'_>],
    ) -> Result<Option<Row>, StoreError> {
        Ok(self.all(statement, values).await?.into_iter().next())
    }

    /// Makes everything since [`Db::begin`] last.
    ///
    /// # Errors
    ///
    /// Those of the database; then nothing is changed.
    pub async fn commit(self) -> Result<(), StoreError> {
        match self.0 {
            Open::Sqlite(tx) => tx.commit().await?,
            Open::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }
}

/// A column of a row, in the type that the caller wants.
macro_rules! column {
    ($row:expr, $at:expr) => {
        match &$row.0 {
            Read::Sqlite(row) => row.try_get($at).map_err(StoreError::from),
            Read::Postgres(row) => row.try_get($at).map_err(StoreError::from),
        }
    };
}

impl Row {
    /// A text.
    ///
    /// # Errors
    ///
    /// The column is of another type.
    pub fn text(&self, at: usize) -> Result<String, StoreError> {
        column!(self, at)
    }

    /// A whole number.
    ///
    /// # Errors
    ///
    /// The column is of another type.
    pub fn int(&self, at: usize) -> Result<i64, StoreError> {
        column!(self, at)
    }

    /// Bytes.
    ///
    /// # Errors
    ///
    /// The column is of another type.
    pub fn bytes(&self, at: usize) -> Result<Vec<u8>, StoreError> {
        column!(self, at)
    }

    /// A digest.
    ///
    /// # Errors
    ///
    /// The column does not hold 32 bytes.
    pub fn digest(&self, at: usize) -> Result<[u8; 32], StoreError> {
        let bytes = self.bytes(at)?;
        let found = bytes.len();
        bytes.try_into().map_err(|_| {
            StoreError::broken(format!("{}: {found} bytes where a digest has 32", self.name(at)))
        })
    }

    fn name(&self, at: usize) -> String {
        match &self.0 {
            Read::Sqlite(row) => row.columns().get(at).map_or_else(String::new, |c| c.name().to_owned()),
            Read::Postgres(row) => row.columns().get(at).map_or_else(String::new, |c| c.name().to_owned()),
        }
    }
}
