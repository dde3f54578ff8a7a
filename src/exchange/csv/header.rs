//! A table's header: each column's target, or everything that is wrong with it at once.

use crate::exchange::columns::{Kind, Table, Target, target};
use crate::exchange::mapping::{Convert, Mapping};
use crate::exchange::{Error, personal};

/// What a column holds, and how its cells are read.
#[derive(Clone, Debug)]
pub(in crate::exchange) struct Column {
    /// As the file calls it.
    pub(in crate::exchange) name: String,
    pub(in crate::exchange) target: Target,
    pub(in crate::exchange) kind: Kind,
    /// What a mapping does to its cells.
    pub(in crate::exchange) convert: Option<Convert>,
}

impl Column {
    /// Places after the point that a number in the file may have.
    pub(in crate::exchange) fn places(&self) -> u32 {
        self.convert.as_ref().map_or_else(|| self.target.places(), Convert::places)
    }
}

/// The columns of one file, in order, and behind them those of a mapping's constants.
#[derive(Clone, Debug, Default)]
pub(in crate::exchange) struct Header {
    pub(in crate::exchange) columns: Vec<Column>,
    /// Cells of the last columns, the same in every row.
    pub(in crate::exchange) constants: Vec<String>,
    /// Position of the employer's id.
    pub(in crate::exchange) key: usize,
}

impl Header {
    /// Reads the names of `table`'s columns in the file called `what`.
    pub(in crate::exchange) fn new(
        table: Table,
        names: &[String],
        what: &str,
        mapping: Option<&Mapping>,
    ) -> Result<Self, Error> {
        let (mut en, mut zh) = (Vec::new(), Vec::new());
        let mut columns: Vec<Column> = Vec::new();
        let column =
            |name: &str, target: Target, kind| Column { name: name.to_string(), target, kind, convert: None };
        for (index, name) in names.iter().enumerate() {
            let (name, number) = (name.trim(), index + 1);
            if personal::is_personal(name) {
                let told = personal::told(&[format!("`{name}`")]);
                en.push(format!("column {number} {}", told.en));
                zh.push(format!("第 {number} 列 {}", told.zh));
                columns.push(column(name, Target::Ignored, Kind::Text));
                continue;
            }
            let found = match mapping {
                Some(mapping) => mapping
                    .column(table, name)
                    .map(|m| Column { convert: m.convert, ..column(name, m.target, m.kind) }),
                None => target(table, name).map(|(target, kind)| column(name, target, kind)),
            };
            let Some(found) = found else {
                let near = nearest(table, name);
                en.push(format!("column {number} `{name}` is unknown (did you mean {}?)", near.join(", ")));
                zh.push(format!("第 {number} 列“{name}”无法识别（是否为 {}？）", near.join("、")));
                // A column that is passed over keeps the positions of the others right; the header is refused anyway.
                columns.push(column(name, Target::Ignored, Kind::Text));
                continue;
            };
            let same = |known: &Column| known.target == found.target && found.target != Target::Ignored;
            if let Some(first) = columns.iter().position(same) {
                let first = first + 1;
                en.push(format!("column {number} `{name}` says the same as column {first}"));
                zh.push(format!("第 {number} 列“{name}”与第 {first} 列重复"));
            }
            columns.push(found);
        }
        let mut constants = Vec::new();
        for (target, kind, cell) in mapping.into_iter().flat_map(|mapping| mapping.constants(table)) {
            let name = target.name(table);
            if let Some(first) = columns.iter().position(|known| known.target == target) {
                let first = first + 1;
                en.push(format!("the mapping's constant `{name}` says the same as column {first}"));
                zh.push(format!("映射中的常量“{name}”与第 {first} 列重复"));
            }
            columns.push(column(&name, target, kind));
            constants.push(cell.to_string());
        }
        let position = |name| columns.iter().position(|known| known.target == Target::Field(name));
        for field in table.fields().iter().filter(|f| f.required && position(f.name).is_none()) {
            let name = field.name;
            let chinese = field.aliases.iter().find(|alias| !alias.is_ascii()).copied().unwrap_or(name);
            en.push(format!("column `{name}` is missing"));
            zh.push(format!("缺少列“{name}”（{chinese}）"));
        }
        let key = position("id").filter(|_| table == Table::Employers).or(position("employer_id"));
        match key {
            Some(key) if en.is_empty() => Ok(Self { columns, constants, key }),
            _ => {
                Err(Error::usage(format!("{what}: {}", en.join("; ")), format!("{what}：{}", zh.join("；"))))
            }
        }
    }

    /// How many cells a row of the file has.
    pub(in crate::exchange) fn width(&self) -> usize {
        self.columns.len() - self.constants.len()
    }

    /// Whether employers carry their periods in columns of years.
    pub(in crate::exchange) fn is_wide(&self) -> bool {
        self.columns.iter().any(|column| matches!(column.target, Target::Wide(..)))
    }
}

/// The known names that are nearest to `name`, at most three.
fn nearest(table: Table, name: &str) -> Vec<&'static str> {
    // A year's column is compared by its field, so that `payrol_2023` finds `payroll`.
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit()).trim_end_matches('_');
    let wide = (table == Table::Employers && base != name).then_some(Table::Periods);
    let known = [Some(table), wide].into_iter().flatten().flat_map(|table| table.fields());
    let mut ranked: Vec<_> = known
        .flat_map(|field| field.aliases.iter().chain([&field.name]).map(move |alias| (field.name, alias)))
        .map(|(field, alias)| (distance(base, alias), field))
        .collect();
    ranked.sort_unstable();
    let mut names = Vec::new();
    for (_, name) in ranked {
        if !names.contains(&name) && names.len() < 3 {
            names.push(name);
        }
    }
    names
}

/// Number of characters to insert, delete or replace to get from one text to the other (Levenshtein).
fn distance(from: &str, to: &str) -> usize {
    // A name of a header that is an essay is as far away as anything.
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().take(100).enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use floatrate_engine::Lang;

    fn header(table: Table, names: &str) -> Result<Header, Error> {
        Header::new(table, &names.split(',').map(str::to_string).collect::<Vec<_>>(), table.file(), None)
    }

    #[test]
    fn good_headers() {
        let found = header(Table::Employers, "单位名称, id ,insured_since,payroll_2023").unwrap();
        assert_eq!((found.key, found.is_wide(), found.columns.len()), (1, true, 4));
        let found = header(Table::Claims, "id,统一社会信用代码,date,认定依据,伤情").unwrap();
        assert_eq!((found.key, found.is_wide()), (1, false));
    }

    #[test]
    fn everything_wrong_is_named() {
        let error = header(Table::Employers, "id,nmae,insured_since,payrol_2023,单位编号").unwrap_err();
        let text = error.message(Lang::En);
        assert!(text.starts_with("employers.csv: column 2 `nmae` is unknown (did you mean name"), "{text}");
        assert!(text.contains("; column 4 `payrol_2023` is unknown (did you mean payroll"), "{text}");
        assert!(text.ends_with("; column 5 `单位编号` says the same as column 1"), "{text}");
        let error = header(Table::Claims, "employer_id,id,date").unwrap_err();
        assert_eq!(error.to_string(), "claims.csv: column `cause` is missing; column `outcome` is missing");
        assert!(error.message(Lang::Zh).contains("缺少列“cause”（认定依据）"));
    }

    #[test]
    fn distances() {
        for (from, to, expected) in
            [("", "abc", 3), ("abc", "", 3), ("nmae", "name", 2), ("payrol", "payroll", 1)]
        {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }
}
