//! Mistakes of an examples file, each with its line.

use crate::diagnostic::{Span, nearest};
use crate::plan::formula::Name;
use crate::plan::source::{Kind, Node};

/// Mistakes with their lines.
pub(super) struct Mistakes<'t> {
    text: &'t str,
    pub told: Vec<String>,
}

impl<'t> Mistakes<'t> {
    pub const fn of(text: &'t str) -> Self {
        Self { text, told: Vec::new() }
    }

    /// The line of a place, from 1.
    pub fn line(&self, span: Span) -> usize {
        let before = self.text.as_bytes().iter().take(span.start as usize);
        before.filter(|byte| **byte == b'\n').count() + 1
    }

    pub fn tell(&mut self, span: Span, message: impl AsRef<str>) {
        self.told.push(format!("line {}: {}", self.line(span), message.as_ref()));
    }

    /// A field that nobody knows, with the one that may be meant.
    pub fn unknown(&mut self, what: &str, key: &Name, known: &[&str]) {
        let near = nearest(&key.text, known.iter().copied());
        let help = near.map_or_else(
            || format!("it may have {}", known.join(", ")),
            |near| format!("did you mean `{near}`?"),
        );
        self.tell(key.span, format!("{what} has no field `{}`; {help}", key.text));
    }
}

pub(super) fn field<'a>(node: &'a Node, name: &str) -> Option<&'a Node> {
    match &node.kind {
        Kind::Table(entries) => entries.iter().find(|(key, _)| key.text == name).map(|(_, value)| value),
        _ => None,
    }
}

pub(super) fn text(node: Option<&Node>) -> Option<&str> {
    match &node?.kind {
        Kind::Text(text, _) => Some(text),
        _ => None,
    }
}
