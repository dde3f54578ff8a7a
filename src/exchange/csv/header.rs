//! A table's header: each column's target, or everything that is wrong with it at once.

use super::super::Error;
use super::columns::{Kind, Table, Target, target};

/// The columns of one file, in order.
#[derive(Clone, Debug)]
pub(super) struct Header {
    pub(super) columns: Vec<(Target, Kind)>,
    /// Position of the employer's id.
    pub(super) key: usize,
}

impl Header {
    /// Reads the names of `table`'s columns in the file called `what`.
    pub(super) fn new(table: Table, names: &[String], what: &str) -> Result<Self, Error> {
        let (mut en, mut zh) = (Vec::new(), Vec::new());
        let mut columns: Vec<(Target, Kind)> = Vec::new();
        // A position that has no target keeps the positions of the others right; the header is refused anyway.
        let nothing = || (Target::Named(String::new()), Kind::Text);
        for (index, name) in names.iter().enumerate() {
            let (name, number) = (name.trim(), index + 1);
            let Some(column) = target(table, name) else {
                let near = nearest(table, name);
                en.push(format!("column {number} `{name}` is unknown (did you mean {}?)", near.join(", ")));
                zh.push(format!("第 {number} 列“{name}”无法识别（是否为 {}？）", near.join("、")));
                columns.push(nothing());
                continue;
            };
            if let Some(first) = columns.iter().position(|(known, _)| *known == column.0) {
                let first = first + 1;
                en.push(format!("column {number} `{name}` says the same as column {first}"));
                zh.push(format!("第 {number} 列“{name}”与第 {first} 列重复"));
            }
            columns.push(column);
        }
        let position = |name| columns.iter().position(|(known, _)| *known == Target::Field(name));
        for field in table.fields().iter().filter(|f| f.required && position(f.name).is_none()) {
            let name = field.name;
            let chinese = field.aliases.iter().find(|alias| !alias.is_ascii()).copied().unwrap_or(name);
            en.push(format!("column `{name}` is missing"));
            zh.push(format!("缺少列“{name}”（{chinese}）"));
        }
        let key = position("id").filter(|_| table == Table::Employers).or(position("employer_id"));
        match key {
            Some(key) if en.is_empty() => Ok(Self { columns, key }),
            _ => {
                Err(Error::usage(format!("{what}: {}", en.join("; ")), format!("{what}：{}", zh.join("；"))))
            }
        }
    }

    /// Whether employers carry their periods in columns of years.
    pub(super) fn is_wide(&self) -> bool {
        self.columns.iter().any(|(target, _)| matches!(target, Target::Wide(..)))
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
        Header::new(table, &names.split(',').map(str::to_string).collect::<Vec<_>>(), table.file())
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
