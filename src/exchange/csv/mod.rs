//! CSV: `employers.csv`, `periods.csv` and `claims.csv` to the forms that JSON Lines gives, in the order of
//! employers.csv.
//!
//! - Columns are the record's field names, flattened with `_` (`industry_code`, `prior_tier`,
//!   `facts_arrears_months`, `values_hours_worked`), or what agencies call them (缴费工资总额). Unknown, repeated
//!   and missing columns refuse the file.
//! - An employer's columns of years (`payroll_2023`) are one period a calendar year. They add to periods.csv; where
//!   both say something of one year, the record check finds the overlap.
//! - An empty cell leaves the field out. A row without text is passed over.
//! - periods.csv may be missing where employers.csv has columns of years; claims.csv may be missing, which
//!   [`Groups::has_claims`] tells, for nobody should be rated without claims unawares.

pub(super) mod forms;
pub(super) mod header;
pub(super) mod rows;
pub(super) mod spool;

pub use forms::Layout;

use super::{Charset, Encoding, Error, Mapping, open};
use crate::exchange::columns::Table;
use forms::Flaw;
use header::Header;
use rows::{RawRow, RowFault, Rows};
use spool::{Merge, Row, Splitter};
use std::fs::File;
use std::io::BufRead;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The rows of one employer, or a single row that belongs to none, for [`Layout::parse`].
#[derive(Clone, Debug)]
pub struct Group {
    rows: Vec<Row>,
}

/// The employers of CSV files, in the order of employers.csv; rows of no employer come last.
pub struct Groups {
    layout: Arc<Layout>,
    merge: Merge,
    has_claims: bool,
}

impl Groups {
    /// Reads the files into temporary ones. `path` is a folder, or the file of employers with the others beside it.
    ///
    /// # Errors
    /// Missing files, columns that are unknown or missing, and the system's.
    pub fn open(path: &Path, encoding: Encoding, mapping: Option<&Mapping>) -> Result<Self, Error> {
        Self::open_in(path, encoding, mapping, None)
    }

    fn open_in(
        path: &Path,
        encoding: Encoding,
        mapping: Option<&Mapping>,
        partitions: Option<usize>,
    ) -> Result<Self, Error> {
        let employers = if path.is_dir() { path.join(Table::Employers.file()) } else { path.to_path_buf() };
        let beside =
            |table: Table| Some(employers.with_file_name(table.file())).filter(|path| path.is_file());
        let (periods, claims) = (beside(Table::Periods), beside(Table::Claims));
        let sizes = [Some(&employers), periods.as_ref(), claims.as_ref()].into_iter().flatten();
        let bytes = sizes.filter_map(|path| path.metadata().ok()).map(|m| m.len()).sum();
        let mut splitter = Splitter::new(partitions.unwrap_or_else(|| spool::partitions(bytes)));
        let mut read = |table, path: Option<&PathBuf>| match path {
            Some(path) => read(table, path, encoding, mapping, &mut splitter),
            None => Ok(Header::default()),
        };
        let headers = [
            read(Table::Employers, Some(&employers))?,
            read(Table::Periods, periods.as_ref())?,
            read(Table::Claims, claims.as_ref())?,
        ];
        if periods.is_none() && !headers[0].is_wide() {
            let what = employers.display();
            return Err(Error::usage(
                format!("no periods.csv beside {what}, nor columns of years in it, such as payroll_2023"),
                format!("{what} 旁没有 periods.csv，其中也没有按年的列，如 payroll_2023"),
            ));
        }
        let files = Table::ALL.map(|table| name(table, &employers));
        Self::merged(files, headers, splitter, claims.is_some())
    }

    /// The employers of the rows that a splitter took.
    pub(super) fn merged(
        files: [Arc<str>; 3],
        headers: [Header; 3],
        splitter: Splitter,
        has_claims: bool,
    ) -> Result<Self, Error> {
        let layout = Arc::new(Layout { files, headers });
        let merge = splitter.merge().map_err(Error::io("temporary files"))?;
        Ok(Self { layout, merge, has_claims })
    }

    /// The headers, to parse the groups with.
    #[must_use]
    pub fn layout(&self) -> Arc<Layout> {
        Arc::clone(&self.layout)
    }

    /// Whether there was a claims.csv. Without one every employer counts as free of injuries: say so.
    #[must_use]
    pub fn has_claims(&self) -> bool {
        self.has_claims
    }
}

impl Iterator for Groups {
    type Item = Result<Group, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.merge.group() {
            Ok(rows) if rows.is_empty() => None,
            Ok(rows) => Some(Ok(Group { rows })),
            Err(error) => Some(Err(Error::io("temporary files")(error))),
        }
    }
}

/// The name that rejects show: that of the file itself, where the user chose it.
fn name(table: Table, employers: &Path) -> Arc<str> {
    match employers.file_name().and_then(|name| name.to_str()) {
        Some(name) if table == Table::Employers => name.into(),
        _ => table.file().into(),
    }
}

/// Hands the rows of a file to the splitter.
fn read(
    table: Table,
    path: &PathBuf,
    encoding: Encoding,
    mapping: Option<&Mapping>,
    splitter: &mut Splitter,
) -> Result<Header, Error> {
    let what = path.display().to_string();
    let file = File::open(path).map_err(Error::io(&what))?;
    let (charset, input) = open(file, encoding, &what)?;
    rows_of(table, input, charset, &what, mapping, splitter)
}

fn rows_of(
    table: Table,
    input: impl BufRead,
    charset: Charset,
    what: &str,
    mapping: Option<&Mapping>,
    splitter: &mut Splitter,
) -> Result<Header, Error> {
    let mut rows = Rows::new(input);
    let names = rows.next().transpose().map_err(Error::io(what))?.map(|row| row.cells).unwrap_or_default();
    let names: Vec<String> = names.iter().map(|cell| charset.decode_lossy(cell).into_owned()).collect();
    let header = Header::new(table, &names, what, mapping)?;
    for row in rows {
        let row = decode(table, row.map_err(Error::io(what))?, &header, charset);
        splitter.push(row).map_err(Error::io("temporary files"))?;
    }
    Ok(header)
}

fn decode(table: Table, row: RawRow, header: &Header, charset: Charset) -> Row {
    let key = row.cells.get(header.key).map(|cell| charset.decode_lossy(cell)).unwrap_or_default();
    let key = super::unescape(&key).to_string();
    let (found, expected) = (row.cells.len(), header.width());
    let text = match row.fault {
        Some(RowFault::TooLarge) => Err(Flaw::TooLarge),
        Some(RowFault::Unclosed) => Err(Flaw::Unclosed),
        None if found != expected => Err(Flaw::Cells { found, expected }),
        None => charset.decode(&row.bytes).map_err(|_| Flaw::not_text(charset)),
    };
    let (text, flaw) = match text {
        Ok(text) => (text.into_owned(), None),
        Err(flaw) => (String::new(), Some(flaw)),
    };
    Row { position: 0, table, line: row.line, key, text, flaw }
}

#[cfg(test)]
mod tests;
