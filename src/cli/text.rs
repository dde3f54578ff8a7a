//! What commands show to people: fields under one another, and tables.

use floatrate_engine::Lang;
use unicode_width::UnicodeWidthStr;

/// Fields with their names in both languages; those that are empty are left out.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<([&'static str; 2], String)>);

impl Fields {
    /// Adds a field.
    pub(super) fn add(&mut self, en: &'static str, zh: &'static str, value: impl Into<String>) {
        let value = value.into();
        if !value.is_empty() {
            self.0.push(([en, zh], value));
        }
    }

    /// One a line, the values under one another.
    pub(super) fn text(&self, lang: Lang) -> String {
        let at = usize::from(lang == Lang::Zh);
        let rows: Vec<Vec<String>> =
            self.0.iter().map(|(names, value)| vec![names[at].to_owned(), value.clone()]).collect();
        table(&rows)
    }
}

/// Rows whose columns stand under one another, two blanks apart; control characters are left out.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let clean = |cell: &String| cell.chars().filter(|c| !c.is_control()).collect::<String>();
    let rows: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(clean).collect()).collect();
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.width()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
    let mut out = String::new();
    for row in &rows {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            line += cell;
            line += &" ".repeat(width + 2 - cell.width());
        }
        out += line.trim_end();
        out.push('\n');
    }
    out
}

/// Puts a field that is JSON already at the end of an object.
pub(super) fn spliced(object: &str, name: &str, json: &str) -> String {
    let open = object.strip_suffix('}').unwrap_or(object);
    let comma = if open.ends_with('{') { "" } else { "," };
    format!("{open}{comma}\"{name}\":{json}}}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_stand_under_one_another() {
        let rows = [["单位", "x"], ["a", "b\u{1b}"], ["", ""]].map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "单位  x\na     b\n\n");
        let mut fields = Fields::default();
        fields.add("rate", "费率", "0.01");
        fields.add("note", "备注", "");
        assert_eq!(
            (fields.text(Lang::En), fields.text(Lang::Zh)),
            ("rate  0.01\n".into(), "费率  0.01\n".into())
        );
    }

    #[test]
    fn a_field_is_put_at_the_end() {
        for (object, expected) in [("{}", r#"{"b":[1]}"#), (r#"{"a":2}"#, r#"{"a":2,"b":[1]}"#)] {
            assert_eq!(spliced(object, "b", "[1]"), expected);
        }
    }
}
