//! A document as one HTML file: no scripts, nothing loaded from elsewhere, and it prints well.

use super::{Block, Cell, Citation, Document, Sentence, Table, say};
use floatrate_engine::Lang;
use std::fmt::Write;

/// Black on white, a serif face for the text of a rule, and colour only where it warns.
const STYLE: &str = include_str!("document.css");

pub(super) fn print(document: &Document) -> String {
    let lang = if document.lang == Lang::Zh { "zh-CN" } else { "en" };
    let title = escape(&document.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<header>\n<h1>{title}</h1>\n"
    );
    let class = if document.warning { " class=\"notice warning\"" } else { " class=\"notice\"" };
    let _ = writeln!(out, "<p{class}>{}</p>", escape(&document.notice));
    out.push_str("<dl>\n");
    for (name, value) in &document.head {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape(name), escape(value));
    }
    out.push_str("</dl>\n</header>\n");
    for (at, article) in document.articles.iter().enumerate() {
        let number = document.number(at);
        let _ = writeln!(
            out,
            "<section id=\"article-{}\">\n<h2><span class=\"number\">{number}</span> {}</h2>",
            at + 1,
            escape(&article.heading)
        );
        for block in &article.blocks {
            match block {
                Block::Sentence(sentence) => {
                    let _ = writeln!(out, "<p>{}</p>", line(document, sentence));
                }
                Block::List(items) => {
                    out.push_str("<ol>\n");
                    for item in items {
                        let _ = writeln!(out, "<li>{}</li>", line(document, item));
                    }
                    out.push_str("</ol>\n");
                }
                Block::Table(table) => draw(table, &mut out),
            }
        }
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn line(document: &Document, sentence: &Sentence) -> String {
    let mut out = escape(&sentence.text);
    if !sentence.code.is_empty() {
        let _ = write!(out, " <code>{}</code>", escape(&sentence.code));
    }
    if !sentence.cites.is_empty() {
        let cites = cites(&sentence.cites);
        let _ = write!(
            out,
            " <span class=\"cite\">{}</span>",
            say!(document.lang, "〔依据：{cites}〕", "[{cites}]")
        );
    }
    out
}

/// Links to the clauses in the ledger.
fn cites(cites: &[Citation]) -> String {
    let link = |c: &Citation| format!("<a href=\"#{}\">{}</a>", anchor(&c.clause), escape(&c.shown()));
    cites.iter().map(link).collect::<Vec<_>>().join("; ")
}

fn draw(table: &Table, out: &mut String) {
    out.push_str("<table>\n");
    if !table.caption.is_empty() {
        let _ = writeln!(out, "<caption>{}</caption>", escape(&table.caption));
    }
    let head: Vec<String> =
        table.head.iter().map(|h| format!("<th scope=\"col\">{}</th>", escape(h))).collect();
    let _ = writeln!(out, "<thead>\n<tr>{}</tr>\n</thead>\n<tbody>", head.concat());
    for row in &table.rows {
        let cells = row.iter().map(|cell| match cell {
            Cell::Text(text) => format!("<td>{}</td>", escape(text)),
            Cell::Clause(name) => {
                format!("<td id=\"{}\"><code>{}</code></td>", anchor(name), escape(name))
            }
            Cell::Code(text) if text.is_empty() => "<td></td>".to_owned(),
            Cell::Code(text) => format!("<td><code>{}</code></td>", escape(text)),
            Cell::Cites(list) => format!("<td class=\"cite\">{}</td>", cites(list)),
        });
        let _ = writeln!(out, "<tr>{}</tr>", cells.collect::<String>());
    }
    out.push_str("</tbody>\n</table>\n");
}

/// The id of a clause: letters that need no escape in an address, all others by their number.
fn anchor(clause: &str) -> String {
    let mut out = String::from("clause-");
    for c in clause.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' => out.push(c),
            other => {
                let _ = write!(out, "-{:x}-", u32::from(other));
            }
        }
    }
    out
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            _ => out.push(c),
        }
    }
    out
}
