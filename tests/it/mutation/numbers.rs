//! The numbers of a plan's files, with the bytes that they stand at.

use floatrate_engine::diagnostic::FileId;
use floatrate_engine::plan::source::{Kind, Node, read_tree};
use std::ops::Range;

/// A number as it stands in a file.
#[derive(Clone, Debug)]
pub struct Number {
    /// Where its digits are, with the sign.
    pub bytes: Range<usize>,
    /// What it looks like.
    pub form: Form,
    /// Whether it stands inside a text, where a number may have places.
    pub in_text: bool,
}

/// What a number looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// `36`, `-2`, `0.5`.
    Plain,
    /// `2024-12-31`.
    Date,
    /// `09-30`.
    MonthDay,
}

/// Sections whose numbers are names of documents and what documents say, and keys of the header that name the plan.
const NAMING: [&str; 9] =
    ["source", "clause", "id", "extends", "region", "title", "status", "reviewed_through", "currency"];
/// Fields that are read by people or name something.
const WORDS: [&str; 12] = [
    "cite", "title", "name", "says", "why", "csv", "code", "standard", "number", "address", "known",
    "missing",
];

/// Every number of a file of TOML that says how employers are rated.
pub fn of_toml(text: &str) -> Vec<Number> {
    let mut mistakes = Vec::new();
    let tree = read_tree(text, FileId(0), &mut mistakes);
    assert!(mistakes.is_empty(), "{mistakes:?}");
    let mut out = Vec::new();
    let Kind::Table(sections) = &tree.kind else { panic!("a file of TOML is a table") };
    for (key, node) in sections.iter().filter(|(key, _)| !NAMING.contains(&key.text.as_str())) {
        walk(text, &key.text, node, &mut out);
    }
    out.sort_by_key(|number| number.bytes.start);
    out
}

fn walk(text: &str, key: &str, node: &Node, out: &mut Vec<Number>) {
    let span = node.span.start as usize..node.span.end as usize;
    match &node.kind {
        Kind::Int(_) => out.push(Number { bytes: span, form: Form::Plain, in_text: false }),
        Kind::Text(..) => tokens(text, span, out),
        Kind::List(items) => items.iter().for_each(|item| walk(text, key, item, out)),
        Kind::Table(entries) => {
            for (name, value) in entries.iter().filter(|(name, _)| !WORDS.contains(&name.text.as_str())) {
                // Classes and steps are keys.
                if ["values", "tiers"].contains(&key) {
                    tokens(text, name.span.start as usize..name.span.end as usize, out);
                }
                walk(text, &name.text, value, out);
            }
        }
        Kind::Bool(_) | Kind::Broken => {}
    }
}

/// Every number of a table as CSV, the heading left out.
pub fn of_csv(text: &str) -> Vec<Number> {
    let mut out = Vec::new();
    let heading = text.find('\n').map_or(text.len(), |at| at + 1);
    tokens(text, heading..text.len(), &mut out);
    out
}

/// The numbers of a stretch of text: digits that belong to no word.
fn tokens(text: &str, within: Range<usize>, out: &mut Vec<Number>) {
    let bytes = text.as_bytes();
    let mut at = within.start;
    while at < within.end {
        if !bytes[at].is_ascii_digit() {
            at += 1;
            continue;
        }
        let from = at;
        let word = from > 0 && (bytes[from - 1].is_ascii_alphabetic() || bytes[from - 1] == b'_');
        while at < within.end && bytes[at].is_ascii_digit() {
            at += 1;
        }
        let digit = |at: usize| at < within.end && bytes[at].is_ascii_digit();
        let mut form = Form::Plain;
        if at < within.end && bytes[at] == b'.' && digit(at + 1) {
            at += 1;
            while digit(at) {
                at += 1;
            }
        } else if !word {
            let dashed = |length: usize| {
                let end = from + length;
                end <= within.end && text[from..end].bytes().all(|b| b.is_ascii_digit() || b == b'-')
            };
            if at - from == 4 && dashed(10) {
                (form, at) = (Form::Date, from + 10);
            } else if at - from == 2 && dashed(5) && bytes[from + 2] == b'-' {
                (form, at) = (Form::MonthDay, from + 5);
            }
        }
        if word {
            continue;
        }
        // A minus belongs to the number where nothing stands before it that it could be taken from.
        let signed = from > within.start
            && bytes[from - 1] == b'-'
            && (from - 1 == within.start || b"([,.\"{ =".contains(&bytes[from - 2]));
        let from = if signed && form == Form::Plain { from - 1 } else { from };
        out.push(Number { bytes: from..at, form, in_text: true });
    }
}
