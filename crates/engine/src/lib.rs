//! The pure core of floatrate.
//!
//! ```text
//!  plan files ──source──> checked ──> compiled ──┐
//!                 └─ diagnostics                  ├──> outcome ──> explanation, receipt
//!  record forms ──record──────────────────────────┘
//! ```
//!
//! A plan's text is read into a [`plan`] *source* with spans, *checked* for names, types and units, and *compiled*
//! for one rating date into a program over columns. [`proof`] shows of a checked plan that it has no hole and rewards no
//! worse record, or finds an employer that falls into it. [`rating`] runs that program over chunks of [`record`]s and
//! gives outcomes. [`explain`] makes words from the same program's node values, [`receipt`] makes the digests.
//!
//! Nothing in this crate knows a clock, randomness, a file, a network, a database, a wire format or a floating
//! point number: given the same texts and records it gives the same answers for ever.

pub mod diagnostic;
pub mod diff;
pub mod explain;
pub mod limits;
pub mod number;
pub mod plan;
pub mod proof;
pub mod rating;
pub mod receipt;
pub mod record;

/// The two languages that floatrate speaks to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Lang {
    /// English.
    #[default]
    En,
    /// Chinese.
    Zh,
}

/// A text in both languages. Plans carry titles this way; `pick` never fails.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Bilingual {
    /// Chinese text.
    pub zh: String,
    /// English text.
    pub en: String,
}

impl Bilingual {
    /// The text in `lang`.
    #[must_use]
    pub fn pick(&self, lang: Lang) -> &str {
        match lang {
            Lang::En => &self.en,
            Lang::Zh => &self.zh,
        }
    }
}
