//! Documents for people: a plan as a regulation. What stands in a document is decided once, in [`Document`]; each
//! format is one file that only lays it out.
//!
//! ```text
//!  plan ──plan──> Document ──┬──text──────> terminal
//!                            ├──markdown──> review in a repository
//!                            └──html──────> a printer, a lawyer
//! ```

mod html;
mod markdown;
mod plan;
mod text;

#[cfg(test)]
mod tests;

pub use plan::document;

use floatrate_engine::Lang;

/// A sentence in the document's language.
macro_rules! say {
    ($lang:expr, $zh:literal, $en:literal $(, $($arg:tt)*)?) => {
        match $lang {
            floatrate_engine::Lang::Zh => format!($zh $(, $($arg)*)?),
            floatrate_engine::Lang::En => format!($en $(, $($arg)*)?),
        }
    };
}
use say;

/// A document before it has a format. Texts are plain: each format escapes them in its own way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The language of the texts.
    pub lang: Lang,
    /// The title.
    pub title: String,
    /// What must be seen before anything else: how binding the document is.
    pub notice: String,
    /// Whether the notice is a warning.
    pub warning: bool,
    /// Name and value of what identifies the document.
    pub head: Vec<(String, String)>,
    /// Articles, numbered from 1 in this order.
    pub articles: Vec<Article>,
}

/// An article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Article {
    /// Its heading, without its number.
    pub heading: String,
    /// What it says.
    pub blocks: Vec<Block>,
}

/// A part of an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Block {
    /// A paragraph.
    Sentence(Sentence),
    /// Items of a numbered list.
    List(Vec<Sentence>),
    /// A drawn table.
    Table(Table),
}

/// A sentence with what it rests on.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Sentence {
    /// In words.
    pub text: String,
    /// The formula that the engine computes, as the plan writes it; empty where there is none.
    pub code: String,
    /// Clauses of the ledger.
    pub cites: Vec<Citation>,
}

/// A clause that a sentence rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Citation {
    /// As `source article`.
    pub clause: String,
    /// Whether its document was only seen in a copy.
    pub copy: bool,
}

/// A table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Headings of the columns.
    pub head: Vec<String>,
    /// Rows of cells, as many as there are headings.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// A clause by its name, that citations point to; only in the ledger.
    Clause(String),
    /// A formula or a name of the language.
    Code(String),
    /// Clauses.
    Cites(Vec<Citation>),
}

/// The formats of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// For a terminal.
    Text,
    /// Markdown with tables as GitHub draws them.
    Markdown,
    /// One file of HTML: no scripts, nothing loaded, printable.
    Html,
}

impl Document {
    /// The document in a format.
    #[must_use]
    pub fn print(&self, format: Format) -> String {
        match format {
            Format::Text => text::print(self),
            Format::Markdown => markdown::print(self),
            Format::Html => html::print(self),
        }
    }

    /// The number of an article as its heading shows it.
    fn number(&self, at: usize) -> String {
        say!(
            self.lang,
            "第{}条",
            "Article {}",
            if self.lang == Lang::Zh { chinese(at + 1) } else { (at + 1).to_string() }
        )
    }

    /// The mark of a clause whose document was only seen in a copy.
    const COPY: &'static str = "†";
}

impl Sentence {
    fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    fn code(mut self, code: impl Into<String>) -> Self {
        self.code = code.into();
        self
    }

    fn cites(mut self, cites: Vec<Citation>) -> Self {
        self.cites = cites;
        self
    }
}

impl Citation {
    /// The clause with the mark of a copy.
    fn shown(&self) -> String {
        format!("{}{}", self.clause, if self.copy { Document::COPY } else { "" })
    }
}

/// A number of an article as Chinese regulations write it, up to 99.
fn chinese(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |n: usize| DIGITS.get(n).copied().unwrap_or("?");
    match number {
        0..=9 => digit(number).to_owned(),
        10..=19 => format!("十{}", digit(number - 10)),
        _ => format!("{}十{}", digit(number / 10), digit(number % 10)),
    }
}

/// Citations in one line.
fn shown(cites: &[Citation]) -> String {
    cites.iter().map(Citation::shown).collect::<Vec<_>>().join("; ")
}

impl Cell {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// What stands in the cell, without a format.
    fn plain(&self) -> String {
        match self {
            Self::Text(text) | Self::Clause(text) | Self::Code(text) => text.clone(),
            Self::Cites(cites) => shown(cites),
        }
    }
}
