//! Every message to a rule author: span, caption, help, and the article concerned.
//!
//! Reading a plan collects diagnostics and goes on, so an author sees all mistakes of a plan in one go.

mod render;

/// A plan file's number within [`Files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u16);

/// A stretch of a plan file, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// First byte.
    pub start: u32,
    /// Byte after the last.
    pub end: u32,
}

impl Span {
    /// From here to the end of `other`, in the same file.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }
}

/// The plan files that diagnostics point into.
#[derive(Clone, Debug, Default)]
pub struct Files(Vec<(String, String)>);

impl Files {
    /// Adds a file by the path that messages show.
    pub fn add(&mut self, path: &str, text: &str) -> FileId {
        let id = FileId(u16::try_from(self.0.len()).unwrap_or(u16::MAX));
        self.0.push((path.to_owned(), text.to_owned()));
        id
    }

    /// The path of a file.
    #[must_use]
    pub fn path(&self, id: FileId) -> &str {
        self.0.get(usize::from(id.0)).map_or("?", |f| &f.0)
    }

    /// The text of a file.
    #[must_use]
    pub fn text(&self, id: FileId) -> &str {
        self.0.get(usize::from(id.0)).map_or("", |f| &f.1)
    }
}

/// One mistake of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Stable name of the kind of mistake.
    pub code: &'static str,
    /// One sentence: what is wrong, with the value.
    pub message: String,
    /// Where, with what was expected there. None where the mistake has no place in a file.
    pub place: Option<(Span, String)>,
    /// Another place that explains it.
    pub also: Option<(Span, String)>,
    /// How to mend it.
    pub help: Option<String>,
    /// The article that the faulty part encodes.
    pub article: Option<String>,
}

impl Diagnostic {
    /// A mistake at a place; `expected` is the caption under the caret.
    #[must_use]
    pub fn at(
        code: &'static str,
        span: Span,
        message: impl Into<String>,
        expected: impl Into<String>,
    ) -> Self {
        Self {
            code,
            message: message.into(),
            place: Some((span, expected.into())),
            also: None,
            help: None,
            article: None,
        }
    }

    /// A mistake of a folder or of plans together.
    #[must_use]
    pub fn overall(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), place: None, also: None, help: None, article: None }
    }

    /// Adds how to mend it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Adds another place that explains it.
    #[must_use]
    pub fn also(mut self, span: Span, caption: impl Into<String>) -> Self {
        self.also = Some((span, caption.into()));
        self
    }
}

/// The name among `known` that is nearest to `name`, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    known
        .into_iter()
        .map(|k| (edit_distance(name, k), k))
        .filter(|(d, k)| *d * 3 <= k.chars().count().max(3))
        .min()
        .map(|(_, k)| k)
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let here = (corner + usize::from(ca != *cb)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], here);
        }
    }
    row[b.len()]
}
