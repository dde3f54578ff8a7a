//! Results in words, made on demand from the values that a rating left behind: a letter that an officer could sign.
//!
//! Nothing is computed here that the program did not compute, so an explanation cannot drift from its result.

mod distances;
mod each;
mod record;
mod reviews;
mod rules;
mod sources;
mod values;

pub use sources::cause;

use crate::Lang;
use crate::plan::source::Cite;
use crate::rating::Chunk;

/// A result in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The language of the texts.
    pub lang: Lang,
    /// In the order of the rules.
    pub paragraphs: Vec<Paragraph>,
}

/// One step of the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph {
    /// What it is about: `plan`, `class`, `window`, `record`, `portfolio`, `rows`, `measure`, `gate`, `by_hand`, `review`, `table`,
    /// `adjust`, `ladder`, `rate`, `charged`, `assumed`, `articles` or `sensitivity`.
    pub topic: &'static str,
    /// Sentences.
    pub text: String,
    /// The articles that the step rests on, as `source article`.
    pub cites: Vec<String>,
}

/// Explains the result at a place of a rated chunk.
#[must_use]
pub fn explain(chunk: &Chunk<'_>, at: usize, lang: Lang) -> Explanation {
    let mut letter = Letter { chunk, at, lang, paragraphs: Vec::new() };
    letter.plan();
    letter.class();
    if chunk.has_place(at) {
        letter.windows();
        letter.rows();
        letter.portfolio();
        letter.derived();
        letter.measures();
        letter.gates();
        letter.by_hand();
        letter.reviews();
        letter.tables();
        letter.adjusts();
        letter.rate();
        letter.charged();
    }
    letter.assumed();
    letter.articles();
    Explanation { lang, paragraphs: letter.paragraphs }
}

/// An explanation being written.
struct Letter<'a, 'c> {
    chunk: &'a Chunk<'c>,
    at: usize,
    lang: Lang,
    paragraphs: Vec<Paragraph>,
}

impl Letter<'_, '_> {
    fn add(&mut self, topic: &'static str, text: String, cite: &Cite) {
        let mut cites: Vec<String> = cite.0.iter().map(|c| c.text.clone()).collect();
        cites.dedup();
        self.paragraphs.push(Paragraph { topic, text, cites });
    }
}

/// A sentence in the letter's language.
macro_rules! say {
    ($lang:expr, $zh:literal, $en:literal $(, $($arg:tt)*)?) => {
        match $lang {
            $crate::Lang::Zh => format!($zh $(, $($arg)*)?),
            $crate::Lang::En => format!($en $(, $($arg)*)?),
        }
    };
}
use say;

impl Explanation {
    /// The letter as plain text, the articles of each step in brackets.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = String::new();
        for paragraph in &self.paragraphs {
            out.push_str(&paragraph.text);
            if !paragraph.cites.is_empty() {
                out.push_str(&say!(self.lang, "[依据：{}]", " [{}]", paragraph.cites.join("; ")));
            }
            out.push('\n');
        }
        out
    }
}
