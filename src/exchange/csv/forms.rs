//! The rows of one employer to a form, the same that a line of JSON gives.

use super::super::personal::screened;
use super::super::{Broken, Charset, Input, Place, limits::ROW_BYTES_MAX, unescape};
use super::header::{Column, Header};
use super::rows::split;
use super::spool::Row;
use crate::exchange::columns::{Kind, Table, Target};
use floatrate_engine::limits::ID_CHARS_MAX;
use floatrate_engine::record::Form;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Characters of a cell that a message repeats.
const CELL_CHARS_SHOWN: usize = 60;

/// What is wrong with a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::exchange) enum Flaw {
    NotUtf8,
    NotGb18030,
    TooLarge,
    Unclosed,
    Cells {
        found: usize,
        expected: usize,
    },
    /// An employer's second row; the first is on that line.
    Duplicate {
        first: u64,
    },
    /// A period or claim of nobody.
    Unknown,
    /// Cells of a sheet that cannot be read exactly; what is wrong with each.
    Sheet {
        en: String,
        zh: String,
    },
}

impl Flaw {
    pub(in crate::exchange) fn not_text(charset: Charset) -> Self {
        match charset {
            Charset::Utf8 => Self::NotUtf8,
            Charset::Gb18030 => Self::NotGb18030,
        }
    }

    fn broken(&self, employers: &str) -> Broken {
        match self {
            Self::NotUtf8 => Broken::new("not_utf8", "a cell is not valid UTF-8", "单元格不是有效的 UTF-8"),
            Self::NotGb18030 => {
                Broken::new("not_gb18030", "a cell is not valid GB18030", "单元格不是有效的 GB18030")
            }
            Self::TooLarge => Broken::too_large(ROW_BYTES_MAX),
            Self::Unclosed => Broken::new("unclosed_quote", "a quotation mark is not closed", "引号没有闭合"),
            Self::Cells { found, expected } => Broken::new(
                "cell_count",
                format!("the row has {found} cells, the header {expected}"),
                format!("该行有 {found} 个单元格，表头有 {expected} 个"),
            ),
            Self::Duplicate { first } => Broken::new(
                "duplicate_employer",
                format!("each employer has one row, and that of this one is on line {first}"),
                format!("每个单位只能有一行，该单位已在第 {first} 行出现"),
            ),
            Self::Unknown => Broken::new(
                "unknown_employer",
                format!("{employers} has no row of this employer"),
                format!("{employers} 中没有该单位"),
            ),
            Self::Sheet { en, zh } => Broken::new("bad_cell", en, zh),
        }
    }
}

/// The headers of the three files; turns rows into forms.
#[derive(Clone, Debug)]
pub struct Layout {
    /// Names of the files, by [`Table`].
    pub(in crate::exchange) files: [Arc<str>; 3],
    /// Columns of the files, by [`Table`].
    pub(in crate::exchange) headers: [Header; 3],
}

impl Layout {
    /// The input of one group: one form, or each of its damaged rows. An employer with a damaged row has no form,
    /// because a rate without one of its claims would be wrong. Pure, so groups can be parsed on many threads.
    #[must_use]
    pub fn parse(&self, group: &super::Group) -> Vec<Input> {
        let input = |place, form| Input { place, form, periods: Vec::new(), claims: Vec::new() };
        let mut rows = Vec::with_capacity(group.rows.len());
        let mut damaged = Vec::new();
        for row in &group.rows {
            let cells = match &row.flaw {
                Some(flaw) => Err(flaw.broken(&self.files[Table::Employers as usize])),
                None => cells(self.header(row.table), row),
            };
            match cells {
                Ok(cells) => rows.push((row, cells)),
                Err(broken) => {
                    let id = Some(row.key.clone())
                        .filter(|id| !id.is_empty() && id.chars().count() <= ID_CHARS_MAX);
                    damaged.push(input(self.place(row), Err(Broken { employer_id: id, ..broken })));
                }
            }
        }
        if !damaged.is_empty() {
            return damaged;
        }
        let Some(((first, first_cells), others)) = rows.split_first() else { return damaged };
        let place = self.place(first);
        let mut record = Builder::default();
        self.employer(first, first_cells, &mut record);
        for (row, cells) in others {
            let columns = self.header(row.table).columns.iter().map(|column| (&column.target, column.kind));
            let fields = Form::Map(record_fields(columns, cells));
            let (forms, places) = match row.table {
                Table::Claims => (&mut record.claims, &mut record.claim_places),
                _ => (&mut record.periods, &mut record.period_places),
            };
            forms.push(fields);
            places.push(self.place(row));
        }
        vec![screened(record.input(place))]
    }

    fn header(&self, table: Table) -> &Header {
        &self.headers[table as usize]
    }

    fn place(&self, row: &Row) -> Place {
        Place { file: Some(Arc::clone(&self.files[row.table as usize])), line: row.line }
    }

    fn employer(&self, row: &Row, cells: &[String], record: &mut Builder) {
        let mut years: BTreeMap<i32, Vec<(&Target, Kind, &str)>> = BTreeMap::new();
        for (Column { target, kind, .. }, cell) in self.header(Table::Employers).columns.iter().zip(cells) {
            match target {
                _ if cell.is_empty() => {}
                Target::Ignored => {}
                Target::Wide(year, target) => years.entry(*year).or_default().push((target, *kind, cell)),
                Target::Named(name) => record.facts.push((name.clone(), value(*kind, cell))),
                Target::Field(name) => {
                    let nested = [("industry_", &mut record.industry), ("prior_", &mut record.prior)];
                    let nested =
                        nested.into_iter().find_map(|(prefix, map)| Some((name.strip_prefix(prefix)?, map)));
                    let (name, map) = nested.unwrap_or((name, &mut record.employer));
                    map.push((name.to_string(), value(*kind, cell)));
                }
            }
        }
        for (year, cells) in years {
            let day = |month_day: &str| Form::Text(format!("{year}-{month_day}"));
            let mut fields = vec![("start".to_string(), day("01-01")), ("end".to_string(), day("12-31"))];
            let columns = cells.iter().map(|(target, kind, _)| (*target, *kind));
            fields.extend(record_fields(columns, cells.iter().map(|(_, _, cell)| cell)));
            record.periods.push(Form::Map(fields));
            record.period_places.push(self.place(row));
        }
    }
}

/// The cells of a row, which was text as a whole, so its cells are; then the constants. Cells that a mapping cannot
/// convert break the row, all at once.
fn cells(header: &Header, row: &Row) -> Result<Vec<String>, Broken> {
    let split = split(row.text.as_bytes());
    let mut cells: Vec<String> =
        split.into_iter().map(|cell| String::from_utf8_lossy(&cell).into_owned()).collect();
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    for (Column { name, convert, .. }, cell) in header.columns.iter().zip(&mut cells) {
        let Some(convert) = convert.as_ref().filter(|_| !cell.is_empty()) else { continue };
        match convert.apply(unescape(cell)) {
            Ok(converted) => *cell = converted,
            Err(why) => {
                let shown: String = cell.chars().take(CELL_CHARS_SHOWN).collect();
                en.push(format!("column `{name}` has `{shown}`: {}", why.en));
                zh.push(format!("列“{name}”的值“{shown}”有误：{}", why.zh));
            }
        }
    }
    if !en.is_empty() {
        return Err(Broken::new("not_mapped", en.join("; "), zh.join("；")));
    }
    cells.extend(header.constants.iter().cloned());
    Ok(cells)
}

/// The fields of a period or claim without its key.
fn record_fields<'t, T: AsRef<str>>(
    columns: impl IntoIterator<Item = (&'t Target, Kind)>,
    cells: impl IntoIterator<Item = T>,
) -> Vec<(String, Form)> {
    let (mut fields, mut values) = (Vec::new(), Vec::new());
    for ((target, kind), cell) in columns.into_iter().zip(cells) {
        let cell = cell.as_ref();
        match target {
            Target::Field("employer_id") => {}
            _ if cell.is_empty() => {}
            Target::Field(name) => fields.push((name.to_string(), value(kind, cell))),
            Target::Named(name) => values.push((name.clone(), value(kind, cell))),
            Target::Wide(..) | Target::Ignored => {}
        }
    }
    if !values.is_empty() {
        fields.push(("values".to_string(), Form::Map(values)));
    }
    fields
}

fn value(kind: Kind, cell: &str) -> Form {
    let text = || Form::Text(unescape(cell).to_string());
    match kind {
        Kind::Text => text(),
        // A number written in any other way, such as `1,000` or `007`, is left to the record check, which names it.
        Kind::Int => match cell.parse::<i64>() {
            Ok(number) if number.to_string() == cell => Form::Int(number),
            _ => Form::Text(cell.to_string()),
        },
        Kind::Value => match cell {
            "是" => Form::Text("true".to_string()),
            "否" => Form::Text("false".to_string()),
            _ if cell.eq_ignore_ascii_case("true") => Form::Text("true".to_string()),
            _ if cell.eq_ignore_ascii_case("false") => Form::Text("false".to_string()),
            _ => text(),
        },
    }
}

/// The parts of a record's form.
#[derive(Default)]
struct Builder {
    employer: Vec<(String, Form)>,
    industry: Vec<(String, Form)>,
    prior: Vec<(String, Form)>,
    facts: Vec<(String, Form)>,
    periods: Vec<Form>,
    period_places: Vec<Place>,
    claims: Vec<Form>,
    claim_places: Vec<Place>,
}

impl Builder {
    fn input(mut self, place: Place) -> Input {
        for (name, fields) in [("industry", self.industry), ("prior", self.prior)] {
            if !fields.is_empty() {
                self.employer.push((name.to_string(), Form::Map(fields)));
            }
        }
        let form = Form::Map(vec![
            ("employer".to_string(), Form::Map(self.employer)),
            ("periods".to_string(), Form::List(self.periods)),
            ("claims".to_string(), Form::List(self.claims)),
            ("facts".to_string(), Form::Map(self.facts)),
        ]);
        Input { place, form: Ok(form), periods: self.period_places, claims: self.claim_places }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_by_kind() {
        let text = |text: &str| Form::Text(text.to_string());
        for (kind, cell, expected) in [
            (Kind::Int, "0", Form::Int(0)),
            (Kind::Int, "-5", Form::Int(-5)),
            (Kind::Int, "007", text("007")),
            (Kind::Int, "+1", text("+1")),
            (Kind::Int, "-0", text("-0")),
            (Kind::Int, "1.5", text("1.5")),
            (Kind::Int, "9223372036854775808", text("9223372036854775808")),
            (Kind::Text, "06", text("06")),
            (Kind::Text, "'=HYPERLINK()", text("=HYPERLINK()")),
            (Kind::Text, "true", text("true")),
            (Kind::Value, "TRUE", text("true")),
            (Kind::Value, "否", text("false")),
            (Kind::Value, "2.5", text("2.5")),
        ] {
            assert_eq!(value(kind, cell), expected, "{cell}");
        }
    }
}
