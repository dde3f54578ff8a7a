//! A document as Markdown, with tables as GitHub draws them.

use super::{Block, Cell, Document, Sentence, Table, say, shown};
use std::fmt::Write;

pub(super) fn print(document: &Document) -> String {
    let mut out = format!("# {}\n\n", escape(&document.title));
    let mark = if document.warning { "> **⚠ " } else { "> **" };
    let _ = writeln!(out, "{mark}{}**\n", escape(&document.notice));
    for (name, value) in &document.head {
        let _ = writeln!(out, "- {}: {}", escape(name), escape(value));
    }
    for (at, article) in document.articles.iter().enumerate() {
        let _ = writeln!(out, "\n## {}  {}", document.number(at), escape(&article.heading));
        for block in &article.blocks {
            out.push('\n');
            match block {
                Block::Sentence(sentence) => {
                    let _ = writeln!(out, "{}", line(document, sentence));
                }
                Block::List(items) => {
                    for (at, item) in items.iter().enumerate() {
                        let _ = writeln!(out, "{}. {}", at + 1, line(document, item));
                    }
                }
                Block::Table(table) => draw(table, &mut out),
            }
        }
    }
    out
}

fn line(document: &Document, sentence: &Sentence) -> String {
    let mut out = escape(&sentence.text);
    if !sentence.code.is_empty() {
        let _ = write!(out, " {}", code(&sentence.code));
    }
    if !sentence.cites.is_empty() {
        let cites = escape(&shown(&sentence.cites));
        out.push_str(&say!(document.lang, " *（依据：{cites}）*", " *({cites})*"));
    }
    out
}

fn draw(table: &Table, out: &mut String) {
    if !table.caption.is_empty() {
        let _ = writeln!(out, "{}\n", escape(&table.caption));
    }
    let row = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    out.push_str(&row(table.head.iter().map(|h| escape(h)).collect()));
    out.push_str(&row(table.head.iter().map(|_| "---".to_owned()).collect()));
    for cells in &table.rows {
        let cells = cells.iter().map(|cell| match cell {
            // A vertical bar inside code would still end the cell.
            Cell::Code(text) if !text.is_empty() => code(&text.replace('|', "\\|")),
            other => escape(&other.plain()),
        });
        out.push_str(&row(cells.collect()));
    }
}

/// Code, fenced with more backticks than it holds.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let space = if longest > 0 { " " } else { "" };
    format!("{fence}{space}{text}{space}{fence}")
}

/// Text in which no letter means anything to Markdown or to HTML inside it.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' => out.extend(['\\', c]),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' | '\r' => out.push(' '),
            _ => out.push(c),
        }
    }
    out
}
