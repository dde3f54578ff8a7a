//! Reading a table of a plan file field by field: each mistake is noted, and reading goes on.

use super::tree::{Kind, Node};
use super::{Cite, Formula, Text};
use crate::Bilingual;
use crate::diagnostic::{Diagnostic, Span, nearest};
use crate::limits::PLAN_NUMBER_PLACES_MAX;
use crate::number::Decimal;
use crate::plan::formula::{self, Name};
use crate::record::Date;
use std::str::FromStr;

/// The fields of one table. [`Fields::finish`] refuses those that nobody asked for.
pub(super) struct Fields<'a, 'd> {
    entries: &'a [(Name, Node)],
    asked: Vec<&'static str>,
    what: String,
    /// It is no table at all: that is the mistake, not each field that it lacks.
    hollow: bool,
    /// Where the table is.
    pub span: Span,
    pub diagnostics: &'d mut Vec<Diagnostic>,
}

impl<'a, 'd> Fields<'a, 'd> {
    /// The fields of `node`; a diagnostic and no fields when it is not a table. `what` names it in messages.
    pub fn of(node: &'a Node, what: impl Into<String>, diagnostics: &'d mut Vec<Diagnostic>) -> Self {
        let what = what.into();
        let entries = if let Kind::Table(entries) = &node.kind {
            entries.as_slice()
        } else {
            if !matches!(node.kind, Kind::Broken) {
                let message = format!("{what} is {}, not a table", node.kind.shown());
                diagnostics.push(Diagnostic::at("kind", node.span, message, "expected a table"));
            }
            &[]
        };
        let hollow = !matches!(node.kind, Kind::Table(_));
        Self { entries, asked: Vec::new(), what, hollow, span: node.span, diagnostics }
    }

    /// Notes a mistake.
    pub fn complain(&mut self, code: &'static str, span: Span, message: impl Into<String>, expected: &str) {
        self.diagnostics.push(Diagnostic::at(code, span, message, expected));
    }

    pub fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        self.asked.push(key);
        self.entries.iter().find(|(name, _)| name.text == key).map(|(_, node)| node)
    }

    /// Whether there is no table to complain about.
    pub const fn is_hollow(&self) -> bool {
        self.hollow
    }

    fn missing(&mut self, key: &str) {
        if self.hollow {
            return;
        }
        let message = format!("{} has no `{key}`", self.what);
        let head = Span { end: self.span.end.min(self.span.start + 1), ..self.span };
        self.diagnostics.push(Diagnostic::at("missing", head, message, format!("expected `{key} = …` here")));
    }

    fn wrong(&mut self, key: &str, node: &Node, expected: &str) {
        if matches!(node.kind, Kind::Broken) {
            return;
        }
        let message = format!("`{key}` of {} is {}", self.what, node.kind.shown());
        self.complain("kind", node.span, message, &format!("expected {expected}"));
    }

    pub fn text(&mut self, key: &'static str) -> Option<Text> {
        let node = self.node(key)?;
        match &node.kind {
            Kind::Text(text, start) => Some(Text { text: text.clone(), span: node.span, start: *start }),
            _ => {
                self.wrong(key, node, "a text in quotes");
                None
            }
        }
    }

    pub fn need_text(&mut self, key: &'static str) -> Option<Text> {
        if self.has(key) { self.text(key) } else { self.lacks(key) }
    }

    pub fn has(&self, key: &str) -> bool {
        self.entries.iter().any(|(name, _)| name.text == key)
    }

    /// Notes it when the field is missing.
    pub fn need(&mut self, key: &'static str) -> Option<()> {
        if self.has(key) { Some(()) } else { self.lacks(key) }
    }

    fn lacks<T>(&mut self, key: &'static str) -> Option<T> {
        self.asked.push(key);
        self.missing(key);
        None
    }

    pub fn int(&mut self, key: &'static str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        let node = self.node(key)?;
        match node.kind {
            Kind::Int(int) if range.contains(&int) => Some(int),
            Kind::Int(int) => {
                let message = format!("`{key}` of {} is {int}", self.what);
                let expected = if range.start() == range.end() {
                    format!("expected {}", range.start())
                } else {
                    format!("expected {} to {}", range.start(), range.end())
                };
                self.complain("range", node.span, message, &expected);
                None
            }
            _ => {
                self.wrong(key, node, "a whole number");
                None
            }
        }
    }

    pub fn need_int(&mut self, key: &'static str, range: std::ops::RangeInclusive<i64>) -> Option<i64> {
        if self.has(key) { self.int(key, range) } else { self.lacks(key) }
    }

    pub fn boolean(&mut self, key: &'static str) -> Option<bool> {
        let node = self.node(key)?;
        if let Kind::Bool(value) = node.kind {
            return Some(value);
        }
        self.wrong(key, node, "true or false");
        None
    }

    pub fn list(&mut self, key: &'static str) -> &'a [Node] {
        match self.node(key) {
            None => &[],
            Some(Node { kind: Kind::List(items), .. }) => items,
            Some(node) => {
                self.wrong(key, node, "a list");
                &[]
            }
        }
    }

    pub fn table(&mut self, key: &'static str) -> &'a [(Name, Node)] {
        match self.node(key) {
            None => &[],
            Some(Node { kind: Kind::Table(entries), .. }) => entries,
            Some(node) => {
                self.wrong(key, node, "a table");
                &[]
            }
        }
    }

    /// A text that reads as `T`, such as a date.
    pub fn parsed<T: FromStr>(&mut self, key: &'static str, expected: &str) -> Option<T> {
        let text = self.text(key)?;
        let value = text.text.parse().ok();
        if value.is_none() {
            let message = format!("`{key}` of {} is \"{}\"", self.what, text.text);
            self.complain("value", text.span, message, &format!("expected {expected}"));
        }
        value
    }

    pub fn date(&mut self, key: &'static str) -> Option<Date> {
        self.parsed(key, "a day like \"2026-01-31\"")
    }

    pub fn bilingual(&mut self, key: &'static str) -> Option<Bilingual> {
        let node = self.node(key)?;
        let mut fields = Fields::of(node, format!("`{key}`"), self.diagnostics);
        let (zh, en) = (fields.need_text("zh"), fields.need_text("en"));
        fields.finish();
        Some(Bilingual { zh: zh?.text, en: en?.text })
    }

    pub fn need_bilingual(&mut self, key: &'static str) -> Option<Bilingual> {
        if self.has(key) { self.bilingual(key) } else { self.lacks(key) }
    }

    /// One of the listed words, which must be there.
    pub fn choice_of(&mut self, key: &'static str, words: &[&'static str]) -> Option<Text> {
        self.need(key)?;
        let choices: Vec<(&str, ())> = words.iter().map(|word| (*word, ())).collect();
        self.choice(key, &choices)?;
        self.text(key)
    }

    /// One of the listed words, with its meaning.
    pub fn choice<T: Copy>(&mut self, key: &'static str, choices: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let hit = choices.iter().find(|(word, _)| *word == text.text).map(|(_, value)| *value);
        if hit.is_none() {
            let words: Vec<String> = choices.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            let message = format!("`{key}` of {} is \"{}\"", self.what, text.text);
            self.complain("value", text.span, message, &format!("expected {}", words.join(" or ")));
        }
        hit
    }

    /// The citations of this table; `inherited` are those of the table around it.
    pub fn cite(&mut self, inherited: Option<&Cite>) -> Option<Cite> {
        if !self.has("cite") {
            if inherited.is_none() && !self.hollow {
                self.asked.push("cite");
                let message = format!("{} cites no article", self.what);
                let head = Span { end: self.span.end.min(self.span.start + 1), ..self.span };
                self.diagnostics.push(
                    Diagnostic::at("cite", head, message, "expected `cite = \"source article\"`")
                        .help("name the source and the article that this comes from, as the ledger of clauses lists them"),
                );
            }
            return inherited.cloned();
        }
        let text = self.text("cite")?;
        let mut cite = Cite::default();
        let mut at = 0;
        for part in text.text.split(';') {
            let lead = part.len() - part.trim_start().len();
            let span = text.part(at + lead, at + lead + part.trim().len());
            cite.0.push(Name { text: part.trim().to_owned(), span });
            at += part.len() + 1;
        }
        Some(cite)
    }

    pub fn formula(&mut self, key: &'static str) -> Option<Formula> {
        let node = self.node(key)?;
        // A bare whole number or boolean is a formula too.
        let text = match &node.kind {
            Kind::Text(text, start) => Text { text: text.clone(), span: node.span, start: *start },
            Kind::Int(int) => Text { text: int.to_string(), span: node.span, start: Some(node.span.start) },
            Kind::Bool(value) => {
                Text { text: value.to_string(), span: node.span, start: Some(node.span.start) }
            }
            _ => {
                self.wrong(key, node, "a formula in quotes");
                return None;
            }
        };
        match formula::parse(&text.text, text.span, text.start) {
            Ok(expr) => Some(Formula { expr, text: text.text }),
            Err(diagnostic) => {
                self.diagnostics.push(diagnostic);
                None
            }
        }
    }

    pub fn need_formula(&mut self, key: &'static str) -> Option<Formula> {
        if self.has(key) { self.formula(key) } else { self.lacks(key) }
    }

    /// An exact number: text, or a TOML whole number.
    pub fn decimal(&mut self, key: &'static str) -> Option<Decimal> {
        let node = self.node(key)?;
        if let Kind::Int(int) = node.kind {
            return Some(Decimal::new(i128::from(int), 0));
        }
        let value = self.parsed(key, "a number as text like \"0.5\"")?;
        self.within_limits(key, node.span, value)
    }

    /// Refuses a number with more places or digits than a plan may have.
    pub fn within_limits(&mut self, key: &str, span: Span, value: Decimal) -> Option<Decimal> {
        if value.places() <= PLAN_NUMBER_PLACES_MAX && !formula::too_large(value) {
            return Some(value);
        }
        let message = format!("`{key}` of {} is {value}", self.what);
        let expected = format!("expected a number below 10^18 with at most {PLAN_NUMBER_PLACES_MAX} places");
        self.complain("limit", span, message, &expected);
        None
    }

    pub fn need_decimal(&mut self, key: &'static str) -> Option<Decimal> {
        if self.has(key) { self.decimal(key) } else { self.lacks(key) }
    }

    /// The fields that nobody has asked for, such as a table row's columns.
    pub fn rest(&mut self) -> Vec<&'a (Name, Node)> {
        self.entries.iter().filter(|(name, _)| !self.asked.contains(&name.text.as_str())).collect()
    }

    /// Lets the fields be that nobody has asked for by name: they were read through [`Fields::rest`].
    pub fn allow_rest(&mut self) {
        self.entries = &[];
    }

    /// Refuses the fields that nobody has asked for.
    pub fn finish(mut self) {
        for (name, _) in self.rest() {
            let message = format!("{} has no field `{}`", self.what, name.text);
            let mut known: Vec<&str> = Vec::new();
            for key in &self.asked {
                if !known.contains(key) {
                    known.push(key);
                }
            }
            let expected = format!("expected one of {}", known.join(", "));
            let mut diagnostic = Diagnostic::at("unknown", name.span, message, expected);
            if let Some(known) = nearest(&name.text, self.asked.iter().copied()) {
                diagnostic = diagnostic.help(format!("did you mean `{known}`?"));
            }
            self.diagnostics.push(diagnostic);
        }
    }
}
