//! Diagnostics as text, the way compilers show them.

use super::{Diagnostic, Files, Span};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

impl Files {
    /// Line and column of a byte, both from 1; columns count characters.
    #[must_use]
    pub fn position(&self, span: Span) -> (usize, usize) {
        let text = self.text(span.file);
        let before = &text[..floor_boundary(text, span.start as usize)];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        (line, column)
    }

    /// A diagnostic with its source line, caret, help and article.
    #[must_use]
    pub fn render(&self, diagnostic: &Diagnostic) -> String {
        let mut out = format!("error[{}]: {}\n", diagnostic.code, diagnostic.message);
        if let Some((span, caption)) = &diagnostic.place {
            self.excerpt(&mut out, *span, caption, "-->", '^');
        }
        if let Some((span, caption)) = &diagnostic.also {
            self.excerpt(&mut out, *span, caption, ":::", '-');
        }
        if let Some(help) = &diagnostic.help {
            let _ = writeln!(out, "  = help: {help}");
        }
        if let Some(article) = &diagnostic.article {
            let _ = writeln!(out, "  = article: {article}");
        }
        for note in &diagnostic.notes {
            let _ = writeln!(out, "  = {note}");
        }
        out
    }

    fn excerpt(&self, out: &mut String, span: Span, caption: &str, arrow: &str, mark: char) {
        let text = self.text(span.file);
        let (line, column) = self.position(span);
        let start = floor_boundary(text, span.start as usize);
        let from = text[..start].rfind('\n').map_or(0, |p| p + 1);
        let to = text[start..].find('\n').map_or(text.len(), |p| start + p);
        let source = text[from..to].trim_end();
        let end = floor_boundary(text, span.end as usize).clamp(start, to);
        // A line may be a whole table; show the neighbourhood of the mistake only.
        let (shown, offset) = window(source, start - from, end - from);
        // A tab is as wide as the terminal likes, and would move the caret.
        let shown = shown.replace(|c: char| c.is_ascii_control(), " ");
        let pad = shown[..offset].width();
        let width = text[start..end].trim_end().width().clamp(1, shown[offset..].width().max(1));
        let gutter = line.to_string();
        let blank = " ".repeat(gutter.len());
        let _ = writeln!(out, "{blank}{arrow} {}:{line}:{column}", self.path(span.file));
        let _ = writeln!(out, "{blank} |\n{gutter} | {shown}");
        let marks = mark.to_string().repeat(width);
        let _ = writeln!(out, "{}", format!("{blank} | {}{marks} {caption}", " ".repeat(pad)).trim_end());
    }
}

/// The part of a long line around the bytes `start..end`, and where `start` is in it.
fn window(line: &str, start: usize, end: usize) -> (String, usize) {
    const AROUND: usize = 60;
    if line.len() <= 140 {
        return (line.to_owned(), start.min(line.len()));
    }
    let from = floor_boundary(line, start.saturating_sub(AROUND));
    let to =
        floor_boundary(line, end.saturating_add(AROUND).min(line.len()).min(start + 3 * AROUND)).max(from);
    let lead = if from > 0 { "…" } else { "" };
    let tail = if to < line.len() { "…" } else { "" };
    (format!("{lead}{}{tail}", &line[from..to]), lead.len() + start.min(to) - from)
}

fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}
