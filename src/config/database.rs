//! The database's address, which may hold a password and so is shown nowhere.

use std::fmt;

/// The file where nothing else is said.
const DEFAULT: &str = "floatrate.db";

/// Address of the database: a PostgreSQL URL, or a file of SQLite, with or without `sqlite:` before it.
///
/// ```
/// use floatrate::config::DatabaseUrl;
/// let url = DatabaseUrl::parse("postgres://floatrate:secret@db.example/rates").unwrap();
/// assert_eq!(format!("{url:?}"), "postgres://…");
/// assert_eq!(format!("{:?}", DatabaseUrl::default()), "sqlite:…");
/// assert_eq!(DatabaseUrl::default().reveal(), "floatrate.db");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// Takes an address.
    ///
    /// # Errors
    ///
    /// It is empty, or of a database that is not spoken to. The sentence shows the kind alone.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() || text.chars().any(char::is_control) {
            return Err("the database's address is empty or holds control characters".to_owned());
        }
        match text.split_once("://") {
            Some(("postgres" | "postgresql" | "sqlite", _)) | None => Ok(Self(text.to_owned())),
            Some(_) => Err(
                "the database's address begins with an unknown kind: expected postgres://, postgresql://, sqlite: or the path of a file"
                    .to_owned(),
            ),
        }
    }

    /// The address, for whoever connects. It may hold a password: it is for no log and no message.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether it is PostgreSQL's; otherwise it is a file of SQLite.
    #[must_use]
    pub fn is_postgres(&self) -> bool {
        self.0.starts_with("postgres://") || self.0.starts_with("postgresql://")
    }
}

impl Default for DatabaseUrl {
    fn default() -> Self {
        Self(DEFAULT.to_owned())
    }
}

/// The kind alone.
impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_postgres() { "postgres://…" } else { "sqlite:…" })
    }
}
