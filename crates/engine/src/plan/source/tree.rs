//! TOML text to an owned tree with spans. Floats and other things that a plan must not hold are refused here.

use crate::diagnostic::{Diagnostic, FileId, Span};
use crate::plan::formula::Name;
use crate::record::Form;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Most TOML errors of one file that are told.
const TOML_ERRORS_SHOWN: usize = 5;

/// A value of a plan file.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it is.
    pub kind: Kind,
    /// Where it is.
    pub span: Span,
}

/// The kinds of value that a plan file may hold.
#[derive(Clone, Debug)]
pub enum Kind {
    /// A text, and the byte of its first character where no escape hides it.
    Text(String, Option<u32>),
    /// A whole number.
    Int(i64),
    /// A boolean.
    Bool(bool),
    /// A list.
    List(Vec<Node>),
    /// Named values, in the order of the file.
    Table(Vec<(Name, Node)>),
    /// A value that a plan must not hold, such as a float; a diagnostic has told of it.
    Broken,
}

impl Kind {
    /// As a message names it.
    #[must_use]
    pub const fn shown(&self) -> &'static str {
        match self {
            Self::Text(..) => "a text",
            Self::Int(_) => "a whole number",
            Self::Bool(_) => "a boolean",
            Self::List(_) => "a list",
            Self::Table(_) => "a table",
            Self::Broken => "no value of a plan",
        }
    }
}

/// Reads a file. The tree holds what could be read, so that later checks find further mistakes.
pub fn read(text: &str, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Node {
    let whole = span(file, &(0..text.len()));
    if text.len() > crate::limits::PLAN_FILE_BYTES_MAX {
        let message =
            format!("the file has {} bytes; the limit is {}", text.len(), crate::limits::PLAN_FILE_BYTES_MAX);
        diagnostics.push(Diagnostic::at("limit", span(file, &(0..1)), message, "too large"));
        return Node { kind: Kind::Table(Vec::new()), span: whole };
    }
    let (table, errors) = DeTable::parse_recoverable(text);
    // One forgotten quotation mark makes TOML of the rest; what comes after the first few is about that.
    for error in errors.into_iter().take(TOML_ERRORS_SHOWN) {
        let at = error.span().unwrap_or(0..0);
        diagnostics.push(Diagnostic::at(
            "toml",
            span(file, &at),
            "the text is not TOML",
            error.message().replace('\n', "; "),
        ));
    }
    let mut reader = Reader { text, file, diagnostics };
    Node { kind: Kind::Table(reader.table(table.get_ref())), span: whole }
}

fn span(file: FileId, range: &std::ops::Range<usize>) -> Span {
    let at = |p: usize| u32::try_from(p).unwrap_or(u32::MAX);
    Span { file, start: at(range.start), end: at(range.end) }
}

struct Reader<'a> {
    text: &'a str,
    file: FileId,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn table(&mut self, table: &DeTable<'_>) -> Vec<(Name, Node)> {
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(key, _)| key.span().start);
        let mut out = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let name = Name { text: key.get_ref().to_string(), span: span(self.file, &key.span()) };
            out.push((name, self.value(value)));
        }
        out
    }

    fn value(&mut self, value: &Spanned<DeValue<'_>>) -> Node {
        let at = span(self.file, &value.span());
        let kind = match value.get_ref() {
            DeValue::String(text) => Kind::Text(text.to_string(), self.first_byte(text, &value.span())),
            DeValue::Boolean(b) => Kind::Bool(*b),
            DeValue::Integer(int) => match i64::from_str_radix(int.as_str(), int.radix()) {
                Ok(int) => Kind::Int(int),
                Err(_) => {
                    let message = format!("{} is too large for a whole number", int.as_str());
                    self.diagnostics.push(Diagnostic::at(
                        "number",
                        at,
                        message,
                        "expected at most 9223372036854775807",
                    ));
                    Kind::Broken
                }
            },
            DeValue::Float(float) => {
                let message =
                    format!("{} is a binary floating point number, which is not exact", float.as_str());
                let help = format!("write \"{}\"", float.as_str());
                self.diagnostics
                    .push(Diagnostic::at("float", at, message, "expected a number as text").help(help));
                Kind::Broken
            }
            DeValue::Datetime(date) => {
                let help = format!("write \"{date}\"");
                self.diagnostics.push(
                    Diagnostic::at("date", at, "a date is written as text", "expected text").help(help),
                );
                Kind::Broken
            }
            DeValue::Array(items) => Kind::List(items.iter().map(|item| self.value(item)).collect()),
            DeValue::Table(table) => Kind::Table(self.table(table)),
        };
        Node { kind, span: at }
    }

    /// Where a text's first character stands, unless escapes make its bytes differ from the file's.
    fn first_byte(&self, value: &str, range: &std::ops::Range<usize>) -> Option<u32> {
        let raw = self.text.get(range.clone())?;
        let quotes = ["\"\"\"", "'''", "\"", "'"].into_iter().find(|q| raw.starts_with(q))?;
        let mut start = range.start + quotes.len();
        // TOML drops the line end right after the three quotes.
        if quotes.len() == 3 {
            start += self.text[start..]
                .chars()
                .take_while(|c| matches!(c, '\r' | '\n'))
                .count()
                .min(if self.text[start..].starts_with("\r\n") { 2 } else { 1 });
        }
        let inner = self.text.get(start..range.end.checked_sub(quotes.len())?)?;
        (inner == value).then(|| u32::try_from(start).ok()).flatten()
    }
}

impl Node {
    /// The tree as a record's form, for examples beside a plan.
    #[must_use]
    pub fn to_form(&self) -> Form {
        match &self.kind {
            Kind::Text(text, _) => Form::Text(text.clone()),
            Kind::Int(int) => Form::Int(*int),
            Kind::Bool(b) => Form::Bool(*b),
            Kind::Broken => Form::Null,
            Kind::List(items) => Form::List(items.iter().map(Self::to_form).collect()),
            Kind::Table(entries) => {
                Form::Map(entries.iter().map(|(key, value)| (key.text.clone(), value.to_form())).collect())
            }
        }
    }

    /// Appends the tree's meaning: keys sorted, no spans, no layout. `skip` leaves out keys of this table.
    pub fn digest_bytes(&self, skip: &[&str], out: &mut Vec<u8>) {
        fn text(out: &mut Vec<u8>, tag: u8, text: &str) {
            out.push(tag);
            out.extend_from_slice(&(text.len() as u64).to_le_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        match &self.kind {
            Kind::Text(value, _) => text(out, 1, value),
            Kind::Int(value) => text(out, 2, &value.to_string()),
            Kind::Bool(value) => out.extend_from_slice(&[3, u8::from(*value)]),
            Kind::Broken => out.push(7),
            Kind::List(items) => {
                out.push(4);
                out.extend_from_slice(&(items.len() as u64).to_le_bytes());
                items.iter().for_each(|item| item.digest_bytes(&[], out));
            }
            Kind::Table(entries) => {
                let mut sorted: Vec<_> =
                    entries.iter().filter(|(key, _)| !skip.contains(&key.text.as_str())).collect();
                sorted.sort_by(|a, b| a.0.text.cmp(&b.0.text));
                out.push(5);
                out.extend_from_slice(&(sorted.len() as u64).to_le_bytes());
                for (key, value) in sorted {
                    text(out, 6, &key.text);
                    value.digest_bytes(&[], out);
                }
            }
        }
    }
}
