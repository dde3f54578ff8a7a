//! Records in and out of files: JSON Lines and CSV, in UTF-8 or GB18030.
//!
//! ```text
//!  bytes ──jsonl::Lines──> raw lines ───jsonl::parse────┐
//!  files ──csv::Groups───> raw rows ──csv::Layout::parse┴──> Input { form } ──> the engine's record check
//! ```
//!
//! Reading is sequential and cheap; parsing is a pure function of what was read, so it runs on many threads. Memory
//! is flat in the size of the input, and whatever is wrong with one line is an [`Input`] like any other, so it can
//! never stop the good ones. Nothing here knows a plan or judges a record.

mod columns;
pub mod csv;
mod encoding;
mod escape;
pub mod guard;
pub mod json;
pub mod jsonl;
pub mod limits;
pub mod mapping;
pub mod parquet;
pub mod personal;
mod rejects;
pub mod results;
pub mod sheets;
pub mod source;
pub mod xlsx;

pub use encoding::{Charset, Encoding, open};
pub use escape::{escape, unescape};
pub use mapping::Mapping;
pub use rejects::{Fault, Reject, Rejects};
pub use source::{Batch, Parser, Source};

use floatrate_engine::record::Form;
use floatrate_engine::{Bilingual, Lang};
use std::fmt;
use std::io;
use std::sync::Arc;

/// One record of the input, or what is wrong with its line.
#[derive(Clone, Debug, PartialEq)]
pub struct Input {
    /// Line and, for CSV, file.
    pub place: Place,
    /// The record's form.
    pub form: Result<Form, Broken>,
    /// For CSV, the rows that the form's periods came from, in order.
    pub periods: Vec<Place>,
    /// For CSV, the rows that the form's claims came from, in order.
    pub claims: Vec<Place>,
}

/// Where something was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// File name, for input of several files.
    pub file: Option<Arc<str>>,
    /// Line, counted from 1.
    pub line: u64,
}

impl Input {
    /// Key of the employer, as far as it can be read.
    #[must_use]
    pub fn employer_id(&self) -> Option<&str> {
        match &self.form {
            Ok(form) => json::employer_id(form),
            Err(broken) => broken.employer_id.as_deref(),
        }
    }

    /// Where the field of a violation was read: for `claims[2].date` of CSV the row of the third claim.
    #[must_use]
    pub fn place_of(&self, field: &str) -> &Place {
        let row = |name: &str, places: &'_ [Place]| -> Option<usize> {
            let index: usize =
                field.strip_prefix(name)?.strip_prefix('[')?.split(']').next()?.parse().ok()?;
            (index < places.len()).then_some(index)
        };
        if let Some(index) = row("periods", &self.periods) {
            return &self.periods[index];
        }
        if let Some(index) = row("claims", &self.claims) {
            return &self.claims[index];
        }
        &self.place
    }
}

/// Why a line could not be turned into a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broken {
    /// One of the names listed in [`Broken::REASONS`].
    pub reason: &'static str,
    /// What was found and what was expected. It never repeats the line.
    pub message: Bilingual,
    /// Key of the employer, where the line still shows it.
    pub employer_id: Option<String>,
    /// Path of the field, where one is meant.
    pub field: Option<String>,
}

impl Broken {
    /// Every reason.
    pub const REASONS: &'static [&'static str] = &[
        "not_json",
        "not_utf8",
        "not_gb18030",
        "too_large",
        "cell_count",
        "unclosed_quote",
        "duplicate_employer",
        "unknown_employer",
        "bad_cell",
        "not_mapped",
        "personal_data",
    ];

    pub(crate) fn new(reason: &'static str, en: impl Into<String>, zh: impl Into<String>) -> Self {
        debug_assert!(Self::REASONS.contains(&reason));
        Self { reason, message: Bilingual { zh: zh.into(), en: en.into() }, employer_id: None, field: None }
    }

    pub(crate) fn too_large(bytes_max: usize) -> Self {
        Self::new(
            "too_large",
            format!("the line is longer than the limit of {bytes_max} bytes"),
            format!("该行超过上限 {bytes_max} 字节"),
        )
    }
}

/// Why a whole input cannot be read.
#[derive(Debug)]
pub enum Error {
    /// The input is not what was asked for: wrong columns, a missing file, another encoding. Exit status 2.
    Usage(Bilingual),
    /// The system refused; `what` names the file.
    Io {
        /// File or stream.
        what: String,
        /// The system's error.
        source: io::Error,
    },
}

impl Error {
    pub(crate) fn usage(en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self::Usage(Bilingual { zh: zh.into(), en: en.into() })
    }

    /// Adds the name of the file to a system's error.
    pub fn io(what: impl Into<String>) -> impl FnOnce(io::Error) -> Self {
        let what = what.into();
        move |source| Self::Io { what, source }
    }

    /// The message to people.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match self {
            Self::Usage(message) => message.pick(lang).to_string(),
            Self::Io { what, source } => match lang {
                Lang::En => format!("{what}: {source}"),
                Lang::Zh => format!("{what}：读写失败（{source}）"),
            },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message(Lang::En))
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Usage(_) => None,
            Self::Io { source, .. } => Some(source),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn violations_point_to_their_rows() {
        let place = |file: &str, line| Place { file: Some(file.into()), line };
        let input = Input {
            place: place("employers.csv", 2),
            form: Ok(Form::Null),
            periods: vec![place("periods.csv", 7)],
            claims: vec![place("claims.csv", 3), place("claims.csv", 9)],
        };
        for (field, file, line) in [
            ("claims[1].date", "claims.csv", 9),
            ("claims[2].date", "employers.csv", 2),
            ("claims", "employers.csv", 2),
            ("periods[0]", "periods.csv", 7),
            ("employer.id", "employers.csv", 2),
        ] {
            assert_eq!(input.place_of(field), &place(file, line), "{field}");
        }
    }
}
