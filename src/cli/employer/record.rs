//! A record for people: the employer's fields, and its periods, claims and facts as tables.

use crate::cli::text::table;
use floatrate_engine::Lang;
use floatrate_engine::record::Form;

/// The parts of a record with their headings.
const PARTS: [(&str, &str, &str); 2] = [("periods", "Periods", "缴费期间"), ("claims", "Claims", "工伤案件")];

/// The record.
pub(super) fn text(form: &Form, lang: Lang) -> String {
    let mut out = String::new();
    let title = |en: &str, zh: &str| format!("\n{}\n", if lang == Lang::Zh { zh } else { en });
    out += &title("Employer", "用人单位");
    out += &table(&leaves("", field(form, "employer")));
    for (name, en, zh) in PARTS {
        if let Form::List(rows) = field(form, name)
            && !rows.is_empty()
        {
            out += &title(en, zh);
            out += &table(&columns(rows));
        }
    }
    let facts = leaves("", field(form, "facts"));
    if !facts.is_empty() {
        out += &title("Facts", "事实");
        out += &table(&facts);
    }
    out
}

fn field<'f>(of: &'f Form, name: &str) -> &'f Form {
    let fields = if let Form::Map(fields) = of { fields.as_slice() } else { &[] };
    fields.iter().find(|(known, _)| known == name).map_or(&Form::Null, |(_, value)| value)
}

/// The names and values of everything below a form.
fn leaves(path: &str, form: &Form) -> Vec<Vec<String>> {
    match form {
        Form::Null => Vec::new(),
        Form::Map(fields) => fields
            .iter()
            .flat_map(|(name, value)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value)
            })
            .collect(),
        Form::Text(text) => vec![vec![path.to_owned(), text.clone()]],
        other => vec![vec![path.to_owned(), other.to_json()]],
    }
}

/// Rows under the names that any of them has, in the order in which they first stand.
fn columns(rows: &[Form]) -> Vec<Vec<String>> {
    let rows: Vec<Vec<Vec<String>>> = rows.iter().map(|row| leaves("", row)).collect();
    let mut names: Vec<&String> = Vec::new();
    for name in rows.iter().flatten().map(|leaf| &leaf[0]) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let head: Vec<String> = names.iter().map(|name| (*name).clone()).collect();
    let cell = |row: &[Vec<String>], name: &String| {
        row.iter().find(|leaf| leaf[0] == *name).map_or_else(String::new, |leaf| leaf[1].clone())
    };
    let body = rows.iter().map(|row| names.iter().map(|name| cell(row, name)).collect());
    std::iter::once(head).chain(body).collect()
}
