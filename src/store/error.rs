//! What can go wrong with a database.

use std::fmt;

/// Why the database did not do what it was asked.
#[derive(Debug)]
pub enum StoreError {
    /// It cannot be reached, is full, or is too slow. Trying again may help.
    Unavailable(String),
    /// Another writer was faster; nothing was changed.
    Conflict,
    /// What is kept is not what it should be, or a defect of ours.
    Broken(String),
}

impl StoreError {
    pub(crate) fn broken(why: impl Into<String>) -> Self {
        Self::Broken(why.into())
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unavailable(why) => write!(f, "the database does not answer: {why}"),
            Self::Conflict => f.write_str("another writer was faster"),
            Self::Broken(why) => write!(f, "the database holds something unexpected: {why}"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<sqlx::Error> for StoreError {
    fn from(why: sqlx::Error) -> Self {
        use sqlx::Error as E;
        match &why {
            E::Database(of) if of.is_unique_violation() => Self::Conflict,
            E::Database(of) => {
                let code = of.code().unwrap_or_default();
                // PostgreSQL: serialization failure, deadlock.
                if code == "40001" || code == "40P01" {
                    return Self::Conflict;
                }
                // PostgreSQL: connection, resources, operator intervention, cannot connect now; SQLite: busy, locked,
                // read only, I/O, full, cannot open, with their extended codes.
                let sqlite = code.parse::<u32>().is_ok_and(|n| [5, 6, 8, 10, 13, 14].contains(&(n & 0xff)))
                    && code.len() != 5;
                let postgres =
                    code.len() == 5 && ["08", "53", "57", "58"].iter().any(|class| code.starts_with(class));
                if sqlite || postgres {
                    Self::Unavailable(of.message().to_owned())
                } else {
                    Self::Broken(format!("{} ({code})", of.message()))
                }
            }
            E::Io(_) | E::PoolTimedOut | E::PoolClosed | E::WorkerCrashed | E::Tls(_) | E::Protocol(_) => {
                Self::Unavailable(why.to_string())
            }
            _ => Self::Broken(why.to_string()),
        }
    }
}
