//! XLSX: the sheets employers, periods and claims, or a single sheet of employers with columns of years, read as the
//! CSV files of the same names.
//!
//! Cells become the text that CSV would have and go the way of CSV from there: columns, aliases, rows of nobody and
//! everything else are the same. What a cell cannot say exactly breaks its row.

pub(super) mod archive;
pub(super) mod cell;

use super::columns::Table;
use super::csv::Groups;
use super::csv::forms::Flaw;
use super::csv::header::Header;
use super::csv::spool::{Row, Splitter, partitions};
use super::guard::guarded;
use super::limits::{ROW_BYTES_MAX, XLSX_COLUMNS_MAX};
use super::{Error, Mapping};
use calamine::{DataRef, Reader, Xlsx};
use std::io::{Read, Seek};
use std::path::Path;
use std::sync::Arc;

/// Other names of the sheets, by [`Table`].
const CHINESE: [&[&str]; 3] = [&["单位", "用人单位"], &["考核期", "缴费"], &["工伤案件", "案件"]];

/// The employers of a workbook, in the order of their sheet.
///
/// # Errors
/// No workbook, one over a limit, sheets or columns that are unknown or missing, and the system's.
pub fn open(path: &Path, mapping: Option<&Mapping>) -> Result<Groups, Error> {
    let what = path.display().to_string();
    let file = std::fs::File::open(path).map_err(Error::io(&what))?;
    let name = path.file_name().map_or_else(|| what.clone(), |name| name.to_string_lossy().into_owned());
    read(std::io::BufReader::new(file), &name, mapping, archive::LIMITS)
}

fn read(
    mut input: impl Read + Seek,
    what: &str,
    mapping: Option<&Mapping>,
    limits: archive::Limits,
) -> Result<Groups, Error> {
    archive::check(&mut input, what, limits)?;
    let bytes = input.seek(std::io::SeekFrom::End(0)).map_err(Error::io(what))?;
    input.rewind().map_err(Error::io(what))?;
    guarded(|| workbook(input, bytes, what, mapping))
        .unwrap_or_else(|| Err(damaged(what, "its parts contradict each other")))
}

pub(super) fn damaged(what: &str, why: impl std::fmt::Display) -> Error {
    Error::usage(
        format!("{what} is not a readable XLSX workbook: {why}"),
        format!("{what} 不是可读的 XLSX 工作簿：{why}"),
    )
}

fn workbook(
    input: impl Read + Seek,
    bytes: u64,
    what: &str,
    mapping: Option<&Mapping>,
) -> Result<Groups, Error> {
    let mut book = Xlsx::new(input).map_err(|why| damaged(what, why))?;
    let sheets = sheets(&mut book, what)?;
    // Rows are several times larger than what they are packed into.
    let mut splitter = Splitter::new(partitions(bytes.saturating_mul(8)));
    let files = Table::ALL.map(|table| {
        let sheet = sheets[table as usize].as_deref().unwrap_or(table.name());
        Arc::<str>::from(format!("{what}:{sheet}"))
    });
    let mut headers = [Header::default(), Header::default(), Header::default()];
    for table in Table::ALL {
        if let Some(sheet) = &sheets[table as usize] {
            headers[table as usize] =
                rows(&mut book, sheet, table, &files[table as usize], mapping, &mut splitter)?;
        }
    }
    if sheets[Table::Periods as usize].is_none() && !headers[0].is_wide() {
        return Err(Error::usage(
            format!(
                "{what} has no sheet `periods`, nor columns of years among the employers, such as payroll_2023"
            ),
            format!("{what} 没有“考核期”工作表，单位表中也没有按年的列，如 payroll_2023"),
        ));
    }
    let has_claims = sheets[Table::Claims as usize].is_some();
    Groups::merged(files, headers, splitter, has_claims)
}

/// The name of each table's sheet. A sheet that is no table's must be empty: a second sheet of claims that nobody
/// reads would make rates too low.
fn sheets<R: Read + Seek>(book: &mut Xlsx<R>, what: &str) -> Result<[Option<String>; 3], Error> {
    let names = book.sheet_names();
    let mut found: [Option<String>; 3] = [None, None, None];
    let mut others = Vec::new();
    let (mut en, mut zh) = (Vec::new(), Vec::new());
    for name in &names {
        let lower = name.trim().to_lowercase();
        let table = Table::ALL
            .into_iter()
            .find(|table| table.name() == lower || CHINESE[*table as usize].contains(&lower.as_str()));
        match table {
            None => others.push(name.clone()),
            Some(table) => {
                if let Some(first) = found[table as usize].replace(name.clone()) {
                    en.push(format!("the sheets `{first}` and `{name}` are both of {}", table.name()));
                    zh.push(format!("工作表“{first}”与“{name}”重复"));
                }
            }
        }
    }
    others.retain(|name| !is_empty(book, name));
    if found.iter().all(Option::is_none) && others.len() == 1 {
        // A single sheet is that of the employers, whatever it is called.
        found[0] = others.pop();
    }
    for name in &others {
        en.push(format!(
            "the sheet `{name}` is unknown: name it employers, periods or claims, or take it out"
        ));
        zh.push(format!("工作表“{name}”无法识别：请命名为单位、考核期或工伤案件，或将其删除"));
    }
    if found[0].is_none() {
        en.push("there is no sheet `employers`".to_string());
        zh.push("没有“单位”工作表".to_string());
    }
    if en.is_empty() {
        return Ok(found);
    }
    Err(Error::usage(format!("{what}: {}", en.join("; ")), format!("{what}：{}", zh.join("；"))))
}

/// Whether a sheet has no cell with a value; a chart has none.
fn is_empty<R: Read + Seek>(book: &mut Xlsx<R>, name: &str) -> bool {
    let Ok(mut cells) = book.worksheet_cells_reader(name) else { return true };
    loop {
        match cells.next_cell() {
            Ok(Some(cell)) if matches!(cell.get_value(), DataRef::Empty) => {}
            Ok(None) => return true,
            _ => return false,
        }
    }
}

/// Hands the rows of a sheet to the splitter.
fn rows<R: Read + Seek>(
    book: &mut Xlsx<R>,
    sheet: &str,
    table: Table,
    what: &str,
    mapping: Option<&Mapping>,
    splitter: &mut Splitter,
) -> Result<Header, Error> {
    let mut cells = book.worksheet_cells_reader(sheet).map_err(|why| damaged(what, why))?;
    let mut header: Option<Header> = None;
    let mut line: Line = Line::default();
    let mut last = None;
    loop {
        let next = cells.next_cell().map_err(|why| damaged(what, why))?;
        let at = next.as_ref().map(calamine::Cell::get_position);
        if let (Some(at), Some(last)) = (at, last)
            && at <= last
        {
            let (this, before) = (cell::address(at.0, at.1), cell::address(last.0, last.1));
            return Err(damaged(what, format!("the cell {this} comes after {before}")));
        }
        if last.is_some_and(|last: (u32, u32)| at.is_none_or(|at| at.0 != last.0)) {
            let row = std::mem::take(&mut line);
            match &header {
                None if row.is_blank() => {}
                None => header = Some(Header::new(table, &row.names(), what, mapping)?),
                Some(header) => {
                    let number = last.map_or(0, |last| u64::from(last.0)) + 1;
                    if let Some(row) = row.finish(table, number, header) {
                        splitter.push(row).map_err(Error::io("temporary files"))?;
                    }
                }
            }
        }
        let Some(next) = next else { break };
        last = at;
        line.push(next.get_position(), next.get_value(), header.as_ref(), what)?;
    }
    header.map_or_else(|| Header::new(table, &[], what, mapping), Ok)
}

/// The cells of a row so far.
#[derive(Default)]
struct Line {
    cells: Vec<String>,
    bytes: usize,
    en: Vec<String>,
    zh: Vec<String>,
}

impl Line {
    fn push(
        &mut self,
        (row, column): (u32, u32),
        value: &DataRef<'_>,
        header: Option<&Header>,
        what: &str,
    ) -> Result<(), Error> {
        if matches!(value, DataRef::Empty) {
            return Ok(());
        }
        if column >= XLSX_COLUMNS_MAX {
            let at = cell::address(row, column);
            return Err(Error::usage(
                format!("{what}: the cell {at} is beyond the limit of {XLSX_COLUMNS_MAX} columns"),
                format!("{what}：单元格 {at} 超出 {XLSX_COLUMNS_MAX} 列的上限"),
            ));
        }
        let at = usize::try_from(column).unwrap_or(usize::MAX);
        let known = header.and_then(|header| header.columns.get(at).filter(|_| at < header.width()));
        // Nothing can be wrong with a column that is passed over.
        let ignored = known.is_some_and(|known| known.target == super::columns::Target::Ignored);
        let text = match cell::text(value, known.map_or(0, super::csv::header::Column::places)) {
            Ok(text) => text,
            Err(_) if ignored => String::new(),
            Err(why) => {
                let address = cell::address(row, column);
                let name = known.map_or("", |known| known.name.as_str());
                self.en.push(format!("{what}, cell {address} (`{name}`) {}", why.en));
                self.zh.push(format!("{what} 单元格 {address}（“{name}”）{}", why.zh));
                String::new()
            }
        };
        self.bytes += text.len() + 3;
        if self.bytes <= ROW_BYTES_MAX {
            if self.cells.len() <= at {
                self.cells.resize(at + 1, String::new());
            }
            self.cells[at] = text;
        }
        Ok(())
    }

    fn is_blank(&self) -> bool {
        self.en.is_empty() && self.cells.iter().all(|cell| cell.trim().is_empty())
    }

    /// The names of the columns, without blank ones at the end.
    fn names(&self) -> Vec<String> {
        let last = self.cells.iter().rposition(|cell| !cell.trim().is_empty());
        self.cells[..last.map_or(0, |last| last + 1)].to_vec()
    }

    fn finish(mut self, table: Table, line: u64, header: &Header) -> Option<Row> {
        if self.is_blank() {
            return None;
        }
        let expected = header.width();
        let found = self.cells.iter().rposition(|cell| !cell.trim().is_empty()).map_or(0, |last| last + 1);
        self.cells.resize(expected.max(found), String::new());
        let flaw = if self.bytes > ROW_BYTES_MAX {
            Some(Flaw::TooLarge)
        } else if !self.en.is_empty() {
            Some(Flaw::Sheet { en: self.en.join("; "), zh: self.zh.join("；") })
        } else if found > expected {
            Some(Flaw::Cells { found, expected })
        } else {
            None
        };
        let key = self.cells.get(header.key).map_or("", |cell| super::unescape(cell)).to_string();
        let quoted = |cell: &String| {
            if cell.contains(['"', ',', '\n', '\r']) || cell.trim() != cell {
                format!("\"{}\"", cell.replace('"', "\"\""))
            } else {
                cell.clone()
            }
        };
        let text = match &flaw {
            Some(_) => String::new(),
            None => self.cells.iter().map(quoted).collect::<Vec<_>>().join(","),
        };
        Some(Row { position: 0, table, line, key, text, flaw })
    }
}

#[cfg(test)]
mod tests;
