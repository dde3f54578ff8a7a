//! The database: SQLite in one file, or PostgreSQL. One interface, one code; SQL is written per dialect where the two
//! differ.
//!
//! Traps that are rules here: decimals travel inside canonical JSON, never in NUMERIC; digested bytes are BLOB and
//! BYTEA; text keys compare bytewise; instants are microseconds, days are day numbers. No column is ever null.
//!
//! *Invariants*: everything is only ever added, but for what says which is newest; every change is told by an entry of
//! the ledger in the same transaction; every statement prepares on both databases. (`store`)

mod bulk;
mod db;
mod error;
mod ids;
pub mod ledger;
mod migrations;
pub mod requests;
mod statement;
pub mod tables;

pub use bulk::Bulk;
pub use db::{Ask, Db, Row, Tx, Value};
pub use error::StoreError;
pub use ids::new_id;
pub use migrations::MIGRATIONS;
pub use statement::Statement;

use floatrate_engine::record::Date;

/// Microseconds of the Unix epoch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Instant(pub i64);

impl Instant {
    /// Now.
    #[must_use]
    pub fn now() -> Self {
        let nanos = time::OffsetDateTime::now_utc().unix_timestamp_nanos();
        Self(i64::try_from(nanos / 1000).unwrap_or(i64::MAX))
    }

    /// RFC 3339 in universal time, with microseconds.
    #[must_use]
    pub fn rfc3339(self) -> String {
        let nanos = i128::from(self.0) * 1000;
        let at = time::OffsetDateTime::from_unix_timestamp_nanos(nanos)
            .unwrap_or(time::OffsetDateTime::UNIX_EPOCH);
        let (date, clock) = (at.date(), at.time());
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
            date.year(),
            u8::from(date.month()),
            date.day(),
            clock.hour(),
            clock.minute(),
            clock.second(),
            clock.microsecond()
        )
    }

    /// The instant that a text in RFC 3339 names; None for another text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let format = &time::format_description::well_known::Rfc3339;
        let at = time::OffsetDateTime::parse(text, format).ok()?;
        i64::try_from(at.unix_timestamp_nanos().div_euclid(1000)).ok().map(Self)
    }

    /// Its day in universal time.
    #[must_use]
    pub fn day(self) -> Date {
        // The Unix epoch is the Julian day 2,440,588.
        let days = self.0.div_euclid(86_400_000_000);
        Date::of_day_number(2_440_588 + i32::try_from(days).unwrap_or(0))
    }
}

/// What is kept as JSON.
///
/// # Errors
///
/// A defect of ours: what is kept has a JSON.
pub fn to_json(what: &impl serde::Serialize) -> Result<Vec<u8>, StoreError> {
    serde_json::to_vec(what).map_err(|why| StoreError::broken(why.to_string()))
}

/// A day as it is kept, a Julian day number.
///
/// # Errors
///
/// The number is that of no day.
pub fn day(number: i64) -> Result<Date, StoreError> {
    let day = i32::try_from(number).map(Date::of_day_number);
    day.map_err(|_| StoreError::broken(format!("{number} is no day")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_written_and_read() {
        for (text, us) in [
            ("1970-01-01T00:00:00.000000Z", 0),
            ("2026-01-01T00:00:00.000001Z", 1_767_225_600_000_001),
            ("1969-12-31T23:59:59.999999Z", -1),
        ] {
            assert_eq!((Instant(us).rfc3339().as_str(), Instant::parse(text)), (text, Some(Instant(us))));
        }
        assert_eq!(Instant::parse("2026-01-01T08:00:00+08:00"), Some(Instant(1_767_225_600_000_000)));
        assert_eq!(Instant::parse("yesterday"), None);
        assert_eq!(Instant(1_767_225_600_000_000).day().to_string(), "2026-01-01");
        assert_eq!(Instant(1_767_225_599_999_999).day().to_string(), "2025-12-31");
    }

    #[test]
    fn days() {
        assert_eq!(day(2_461_042).unwrap().to_string(), "2026-01-01");
        assert!(day(i64::MAX).is_err());
    }
}
