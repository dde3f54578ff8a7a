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
    /// Further lines: the employer that shows it.
    pub notes: Vec<String>,
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
            notes: Vec::new(),
        }
    }

    /// A mistake of a folder or of plans together.
    #[must_use]
    pub fn overall(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
            place: None,
            also: None,
            help: None,
            article: None,
            notes: Vec::new(),
        }
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

/// Longer names are not compared: whoever mistypes them sees it without help.
const NAME_MAX: usize = 100;

/// The name among `known` that is nearest to `name`, if one is near enough to be meant.
#[must_use]
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > NAME_MAX {
        return None;
    }
    known
        .into_iter()
        .filter(|k| k.len() <= NAME_MAX)
        .map(|k| (edit_distance(name, k), k))
        .filter(|(d, k)| *d * 3 <= k.chars().count().max(3))
        .min()
        .map(|(_, k)| k)
}

/// Letters to change, insert, delete or exchange with their neighbour.
fn edit_distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let changed = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = changed.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}
