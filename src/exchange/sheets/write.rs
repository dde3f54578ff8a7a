//! A list, row by row, to a file.

use super::Kind;
use crate::exchange::escape;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// Whole numbers below are exact in a workbook: 2 to the power of 53.
const EXACT_BELOW: u128 = 1 << 53;

/// What a cell holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words, which a spreadsheet must not take for a formula.
    Text(String),
    /// An exact decimal, a date or a digest: as it is.
    Plain(String),
    /// A whole number: a number in a workbook as long as that is exact.
    Whole(i128),
    /// Nothing.
    Empty,
}

impl Cell {
    /// Words.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Something exact that is known, or nothing.
    #[must_use]
    pub fn known(text: Option<&str>) -> Self {
        text.map_or(Self::Empty, |text| Self::Plain(text.to_owned()))
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) => escape(text).into_owned(),
            Self::Plain(text) => text.clone(),
            Self::Whole(number) => number.to_string(),
            Self::Empty => String::new(),
        }
    }
}

/// A list being written.
pub enum Writer {
    /// As text.
    Csv(Vec<u8>),
    /// As a workbook with one sheet, and its next row.
    Xlsx(Box<Workbook>, u32),
}

impl Writer {
    /// A list. CSV with Chinese words gets a byte order mark, by which spreadsheets know it for UTF-8.
    ///
    /// # Errors
    ///
    /// What the library says.
    pub fn new(kind: Kind, chinese: bool) -> Result<Self, String> {
        match kind {
            Kind::Csv => Ok(Self::Csv(if chinese { "\u{feff}".into() } else { Vec::new() })),
            Kind::Xlsx => {
                let mut book = Workbook::new();
                // No instant: the same list is the same file.
                let epoch = rust_xlsxwriter::ExcelDateTime::from_ymd(2000, 1, 1).map_err(told)?;
                book.set_properties(&rust_xlsxwriter::DocProperties::new().set_creation_datetime(&epoch));
                book.add_worksheet_with_constant_memory().map_err(told)?;
                Ok(Self::Xlsx(Box::new(book), 0))
            }
        }
    }

    /// The names of the columns.
    ///
    /// # Errors
    ///
    /// What the library says.
    pub fn header(&mut self, names: &[&str]) -> Result<(), String> {
        if let Self::Xlsx(book, row) = self {
            let sheet = book.worksheet_from_index(0).map_err(told)?;
            sheet.set_freeze_panes(*row + 1, 0).map_err(told)?;
            for (column, name) in (0..).zip(names) {
                sheet.set_column_width(column, 16).map_err(told)?;
                sheet
                    .write_string_with_format(*row, column, *name, &Format::new().set_bold())
                    .map_err(told)?;
            }
            *row += 1;
            return Ok(());
        }
        let cells: Vec<Cell> = names.iter().map(|name| Cell::text(*name)).collect();
        self.row(&cells)
    }

    /// A row.
    ///
    /// # Errors
    ///
    /// A workbook holds no more rows, or what the library says.
    pub fn row(&mut self, cells: &[Cell]) -> Result<(), String> {
        match self {
            Self::Csv(out) => {
                let mut line = csv::WriterBuilder::new().from_writer(Vec::new());
                line.write_record(cells.iter().map(Cell::shown)).map_err(|why| why.to_string())?;
                out.extend(line.into_inner().map_err(|why| why.to_string())?);
            }
            Self::Xlsx(book, row) => {
                let sheet = book.worksheet_from_index(0).map_err(told)?;
                for (column, cell) in (0..).zip(cells) {
                    match cell {
                        Cell::Empty => continue,
                        Cell::Whole(number) if number.unsigned_abs() < EXACT_BELOW => {
                            let number = i64::try_from(*number).map_err(|why| why.to_string())?;
                            sheet.write(*row, column, number).map_err(told)?;
                        }
                        other => {
                            sheet.write_string(*row, column, other.shown()).map_err(told)?;
                        }
                    }
                }
                *row += 1;
            }
        }
        Ok(())
    }

    /// What can be written out already.
    pub fn ready(&mut self) -> Vec<u8> {
        match self {
            Self::Csv(out) => std::mem::take(out),
            Self::Xlsx(..) => Vec::new(),
        }
    }

    /// The rest of the file.
    ///
    /// # Errors
    ///
    /// What the library says.
    pub fn finish(self) -> Result<Vec<u8>, String> {
        match self {
            Self::Csv(out) => Ok(out),
            Self::Xlsx(mut book, _) => book.save_to_buffer().map_err(told),
        }
    }
}

fn told(why: XlsxError) -> String {
    why.to_string()
}
