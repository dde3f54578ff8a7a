//! Lists for people, in and out: CSV, or the first sheet of a workbook.
//!
//! What a cell holds is the same text in both. A workbook keeps numbers as binary fractions, so a whole number below 2^53
//! is written as a number, which is exact, and everything else that is exact as text: amounts with places, rates, tiers.

mod read;
mod write;

pub use read::{Row, read};
pub use write::{Cell, Writer};

use std::path::Path;

/// Form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Comma-separated values.
    Csv,
    /// A workbook.
    Xlsx,
}

impl Kind {
    /// The form that a file's ending names.
    #[must_use]
    pub fn of(path: &Path) -> Option<Self> {
        let ending = path.extension()?.to_str()?.to_ascii_lowercase();
        match ending.as_str() {
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
