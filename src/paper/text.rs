//! A document for a terminal.

use super::{Block, Document, Sentence, Table, shown};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

pub(super) fn print(document: &Document) -> String {
    let mut out = format!("{}\n{}\n\n", document.title, "=".repeat(document.title.width()));
    let _ = writeln!(out, "{} {}\n", if document.warning { "!!" } else { "--" }, document.notice);
    let width = document.head.iter().map(|(name, _)| name.width()).max().unwrap_or(0);
    for (name, value) in &document.head {
        let _ = writeln!(out, "{name}{}  {value}", " ".repeat(width - name.width()));
    }
    for (at, article) in document.articles.iter().enumerate() {
        let _ = writeln!(out, "\n{}  {}", document.number(at), article.heading);
        for block in &article.blocks {
            match block {
                Block::Sentence(sentence) => {
                    let _ = writeln!(out, "  {}", line(sentence));
                }
                Block::List(items) => {
                    for (at, item) in items.iter().enumerate() {
                        let _ = writeln!(out, "  ({}) {}", at + 1, line(item));
                    }
                }
                Block::Table(table) => draw(table, &mut out),
            }
        }
    }
    out
}

fn line(sentence: &Sentence) -> String {
    let mut out = sentence.text.clone();
    if !sentence.code.is_empty() {
        let _ = write!(out, "  {{{}}}", sentence.code);
    }
    if !sentence.cites.is_empty() {
        let _ = write!(out, "  [{}]", shown(&sentence.cites));
    }
    out
}

/// Columns stand under one another; the last is as long as it is.
fn draw(table: &Table, out: &mut String) {
    if !table.caption.is_empty() {
        let _ = writeln!(out, "  {}", table.caption);
    }
    let head = table.head.clone();
    let rows: Vec<Vec<String>> = std::iter::once(head)
        .chain(table.rows.iter().map(|row| row.iter().map(super::Cell::plain).collect()))
        .collect();
    let widths: Vec<usize> = (0..table.head.len())
        .map(|at| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max().unwrap_or(0))
        .collect();
    for (at, row) in rows.iter().enumerate() {
        let mut text = String::from("   ");
        for (cell, width) in row.iter().zip(&widths) {
            let _ = write!(text, " {cell}{} ", " ".repeat(width - cell.width()));
        }
        let _ = writeln!(out, "{}", text.trim_end());
        if at == 0 {
            let rules: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
            let _ = writeln!(out, "    {}", rules.join("  "));
        }
    }
}
