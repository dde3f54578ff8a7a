//! What everything that an agency does stands on: its database and its plans.

use super::raters::Raters;
use crate::plans::Library;
use crate::store::Db;
use std::sync::Arc;

/// The database and the plans. Clones share them.
#[derive(Clone, Debug)]
pub struct Agency {
    /// The database.
    pub db: Db,
    /// The plans that are loaded now.
    pub library: Arc<Library>,
    /// Plans compiled from kept texts.
    pub raters: Arc<Raters>,
}

impl Agency {
    /// An agency with a database and plans.
    #[must_use]
    pub fn new(db: Db, library: Arc<Library>) -> Self {
        Self { db, library, raters: Arc::default() }
    }
}
