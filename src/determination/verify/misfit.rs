//! A row that does not fit.

use crate::store::StoreError;
use floatrate_engine::Bilingual;
use std::fmt::Display;

/// A row that does not fit, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Misfit {
    /// Table, or part of a dossier.
    pub table: &'static str,
    /// Key of the row.
    pub key: String,
    /// Column, or path below it; empty where the whole row does not fit.
    pub field: String,
    /// What is there and what was expected.
    pub says: Bilingual,
}

impl Misfit {
    /// A row that does not fit for a reason.
    #[must_use]
    pub fn new(table: &'static str, key: impl Into<String>, field: &str, en: &str, zh: &str) -> Self {
        let says = Bilingual { en: en.to_owned(), zh: zh.to_owned() };
        Self { table, key: key.into(), field: field.to_owned(), says }
    }

    /// A field that holds something else than expected.
    #[must_use]
    pub fn differs(
        table: &'static str,
        key: impl Into<String>,
        field: &str,
        found: impl Display,
        expected: impl Display,
    ) -> Self {
        let (en, zh) = (format!("is {found}, expected {expected}"), format!("为 {found}，应为 {expected}"));
        Self::new(table, key, field, &en, &zh)
    }

    /// A row that is not there; `of` says what tells of it.
    #[must_use]
    pub fn missing(table: &'static str, key: impl Into<String>, of: &str) -> Self {
        Self::new(table, key, "", &format!("is missing; {of} tells of it"), &format!("缺失；{of} 载有此行"))
    }

    /// A row that nothing accounts for.
    #[must_use]
    pub fn stray(table: &'static str, key: impl Into<String>) -> Self {
        Self::new(table, key, "", "is there, and the ledger accounts for no such row", "存在此行，但账本未载")
    }
}

/// What ends a walk.
#[derive(Debug)]
pub enum Fault {
    /// A row does not fit.
    Misfit(Box<Misfit>),
    /// The database does not answer.
    Store(StoreError),
}

impl From<Misfit> for Fault {
    fn from(misfit: Misfit) -> Self {
        Self::Misfit(Box::new(misfit))
    }
}

/// What cannot be read does not fit: the place is added where it is known.
pub(super) trait Located<T> {
    /// As read from rows of a table.
    fn at(self, table: &'static str, key: impl FnOnce() -> String) -> Result<T, Fault>;
}

impl<T> Located<T> for Result<T, StoreError> {
    fn at(self, table: &'static str, key: impl FnOnce() -> String) -> Result<T, Fault> {
        self.map_err(|why| match why {
            StoreError::Broken(why) => {
                let (en, zh) = (format!("cannot be read: {why}"), format!("无法读取：{why}"));
                Misfit::new(table, key(), "", &en, &zh).into()
            }
            other => Fault::Store(other),
        })
    }
}
