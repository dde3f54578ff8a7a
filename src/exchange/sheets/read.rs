//! A list, row by row, as text.

use super::Kind;
use crate::exchange::csv::rows::{RowFault, Rows};
use crate::exchange::guard::guarded;
use crate::exchange::limits::XLSX_COLUMNS_MAX;
use crate::exchange::xlsx::{archive, cell, damaged};
use crate::exchange::{Encoding, Error, open, unescape};
use calamine::{DataRef, Reader, Xlsx};
use floatrate_engine::Bilingual;
use std::fs::File;
use std::io::{BufReader, Seek};
use std::path::Path;

/// Places of a number in a cell.
const PLACES: u32 = 12;

/// A row that has text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Its number as the program that shows the file counts it, from 1.
    pub number: u64,
    /// The cells, without blanks at their ends; or what is wrong with the row.
    pub cells: Result<Vec<String>, Bilingual>,
}

/// The rows of a list that have text, the header among them.
///
/// # Errors
///
/// No list that can be read, or the system's.
pub fn read(path: &Path, kind: Kind) -> Result<Vec<Row>, Error> {
    let what = path.display().to_string();
    let file = File::open(path).map_err(Error::io(&what))?;
    match kind {
        Kind::Csv => csv(file, &what),
        Kind::Xlsx => {
            let mut input = BufReader::new(file);
            archive::check(&mut input, &what, archive::LIMITS)?;
            input.rewind().map_err(Error::io(&what))?;
            guarded(|| xlsx(input, &what))
                .unwrap_or_else(|| Err(damaged(&what, "its parts contradict each other")))
        }
    }
}

fn csv(file: File, what: &str) -> Result<Vec<Row>, Error> {
    let (charset, input) = open(file, Encoding::Auto, what)?;
    let mut out = Vec::new();
    for row in Rows::new(input) {
        let row = row.map_err(Error::io(what))?;
        let told = |en: &str, zh: &str| Bilingual { en: en.to_owned(), zh: zh.to_owned() };
        let cells = match row.fault {
            Some(RowFault::Unclosed) => Err(told("a quotation mark is not closed", "引号未闭合")),
            Some(RowFault::TooLarge) => Err(told("the row is too long", "该行过长")),
            None => row
                .cells
                .iter()
                .map(|bytes| match charset.decode(bytes) {
                    Ok(text) => Ok(unescape(text.trim()).to_owned()),
                    Err(broken) => Err(broken.message),
                })
                .collect(),
        };
        out.push(Row { number: row.line, cells });
    }
    Ok(out)
}

fn xlsx(input: BufReader<File>, what: &str) -> Result<Vec<Row>, Error> {
    let mut book = Xlsx::new(input).map_err(|why| damaged(what, why))?;
    let Some(sheet) = book.sheet_names().into_iter().next() else {
        return Err(damaged(what, "it has no sheet"));
    };
    let mut cells = book.worksheet_cells_reader(&sheet).map_err(|why| damaged(what, why))?;
    let mut out: Vec<Row> = Vec::new();
    while let Some(next) = cells.next_cell().map_err(|why| damaged(what, why))? {
        let (row, column) = next.get_position();
        if matches!(next.get_value(), DataRef::Empty) {
            continue;
        }
        if column >= XLSX_COLUMNS_MAX {
            let at = cell::address(row, column);
            return Err(Error::usage(
                format!("{what}: the cell {at} is beyond the limit of {XLSX_COLUMNS_MAX} columns"),
                format!("{what}：单元格 {at} 超出 {XLSX_COLUMNS_MAX} 列的上限"),
            ));
        }
        let number = u64::from(row) + 1;
        if out.last().is_none_or(|last| last.number < number) {
            out.push(Row { number, cells: Ok(Vec::new()) });
        }
        let Some(last) = out.last_mut() else { continue };
        match (cell::text(next.get_value(), PLACES), &mut last.cells) {
            (Ok(text), Ok(cells)) => {
                let at = usize::try_from(column).unwrap_or(0);
                if cells.len() <= at {
                    cells.resize(at + 1, String::new());
                }
                cells[at] = unescape(text.trim()).to_owned();
            }
            (Err(why), Ok(_)) => {
                let at = cell::address(row, column);
                let (en, zh) = (format!("the cell {at} {}", why.en), format!("单元格 {at} {}", why.zh));
                last.cells = Err(Bilingual { en, zh });
            }
            (_, Err(_)) => {}
        }
    }
    out.retain(|row| row.cells.as_ref().map_or(true, |cells| cells.iter().any(|cell| !cell.is_empty())));
    Ok(out)
}
