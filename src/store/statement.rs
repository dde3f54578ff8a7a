//! Statements as constants, with their text in both dialects.

/// A statement. Parameters are `$1`, `$2` and so on, which both databases read.
#[derive(Clone, Copy, Debug)]
pub struct Statement {
    /// For messages and the test that prepares it.
    pub name: &'static str,
    /// For SQLite.
    pub sqlite: &'static str,
    /// For PostgreSQL.
    pub postgres: &'static str,
}

/// Declares statements and the list of all of them, which a test prepares on both databases.
macro_rules! statements {
    ($($name:ident = $sql:literal $(, postgres $postgres:literal)?;)+) => {
        $(pub(crate) const $name: $crate::store::Statement = $crate::store::Statement {
            name: stringify!($name),
            sqlite: $sql,
            postgres: statements!(@pick $sql $(, $postgres)?),
        };)+
        /// All of them.
        pub const STATEMENTS: &[$crate::store::Statement] = &[$($name),+];
    };
    (@pick $sql:literal) => { $sql };
    (@pick $sql:literal, $postgres:literal) => { $postgres };
}

pub(crate) use statements;
