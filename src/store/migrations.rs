//! Migrations, in order. One that a release has carried out is never changed: its digest is checked.

use sqlx::SqlStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use std::borrow::Cow;

/// Number, what it does, and its text for SQLite and PostgreSQL.
pub const MIGRATIONS: &[(i64, &str, &str, &str)] = &[
    (1, "start", include_str!("sqlite/0001_start.sql"), include_str!("postgres/0001_start.sql")),
    (2, "cycle", include_str!("sqlite/0002_cycle.sql"), include_str!("postgres/0002_cycle.sql")),
];

/// The migrations of one dialect, up to a number.
pub(super) fn migrator(postgres: bool, up_to: i64) -> Migrator {
    let migrations = MIGRATIONS.iter().filter(|(number, ..)| *number <= up_to).map(
        |(number, name, for_sqlite, for_postgres)| {
            let sql = if postgres { for_postgres } else { for_sqlite };
            let (name, kind) = (Cow::Borrowed(*name), MigrationType::Simple);
            Migration::new(*number, name, kind, SqlStr::from_static(sql), false)
        },
    );
    Migrator::with_migrations(migrations.collect())
}
