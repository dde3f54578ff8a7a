//! The rows of a CSV file (RFC 4180): cells with commas, quotation marks and line ends inside quotation marks.
//!
//! Written here and not taken from a library because a row has to be bounded: after a quotation mark that is never
//! closed a CSV reader takes the rest of the file for one cell. Here such a row is refused and reading goes on at
//! the next line.

use super::super::jsonl::{Line, Lines, content};
use super::super::limits::ROW_BYTES_MAX;
use std::collections::VecDeque;
use std::io::{self, BufRead};

/// A row before decoding, whole and in cells.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::exchange) struct RawRow {
    /// Line that the row starts on, counted from 1.
    pub(in crate::exchange) line: u64,
    pub(in crate::exchange) bytes: Vec<u8>,
    pub(in crate::exchange) cells: Vec<Vec<u8>>,
    pub(in crate::exchange) fault: Option<RowFault>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::exchange) enum RowFault {
    /// A quotation mark is not closed before the end of the file or the limit, or only where another row's begins.
    Unclosed,
    /// The row's first line is over the limit; its cells are unknown.
    TooLarge,
}

/// The rows of a stream, without those that have no text in any cell.
pub(in crate::exchange) struct Rows<R> {
    lines: Lines<R>,
    /// Lines that were read while looking for the end of a quotation and turned out not to belong to it.
    pending: VecDeque<Line>,
    row_bytes_max: usize,
    /// Number of cells of the first row.
    width: Option<usize>,
}

impl<R: BufRead> Rows<R> {
    pub(in crate::exchange) fn new(input: R) -> Self {
        Self::with_limit(input, ROW_BYTES_MAX)
    }

    fn with_limit(input: R, row_bytes_max: usize) -> Self {
        Self {
            lines: Lines::with_limit(input, row_bytes_max),
            pending: VecDeque::new(),
            row_bytes_max,
            width: None,
        }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.pending.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.read(),
        }
    }

    fn row(&mut self) -> io::Result<Option<RawRow>> {
        let Some(Line { number: line, bytes }) = self.line()? else { return Ok(None) };
        let Some(mut bytes) = bytes else {
            return Ok(Some(RawRow {
                line,
                bytes: Vec::new(),
                cells: Vec::new(),
                fault: Some(RowFault::TooLarge),
            }));
        };
        let mut splitter = Splitter::default();
        splitter.push(&bytes);
        let (mut further, first) = (VecDeque::new(), bytes.len());
        while splitter.quoted() {
            let next = self.line()?;
            let text = next.as_ref().and_then(|line| line.bytes.as_deref());
            let text = text.filter(|text| bytes.len() + text.len() <= self.row_bytes_max);
            if let Some(text) = text {
                splitter.push(text);
                bytes.extend_from_slice(text);
            }
            let goes_on = text.is_some();
            further.extend(next);
            if !goes_on {
                break;
            }
        }
        let closed = !splitter.quoted();
        let sloppy = splitter.sloppy;
        let cells = splitter.finish();
        let width = *self.width.get_or_insert(cells.len());
        // A stray quotation mark may find its close in the opening of a later row's. Those lines must not be lost
        // with it, so a row of several lines has to be well-formed.
        if closed && (further.is_empty() || (cells.len() == width && !sloppy)) {
            return Ok(Some(RawRow { line, bytes, cells, fault: None }));
        }
        further.append(&mut self.pending);
        self.pending = further;
        bytes.truncate(first);
        let cells = split(&bytes);
        Ok(Some(RawRow { line, bytes, cells, fault: Some(RowFault::Unclosed) }))
    }
}

impl<R: BufRead> Iterator for Rows<R> {
    type Item = io::Result<RawRow>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.row().transpose()? {
                // Spreadsheets leave rows of bare commas behind a table.
                Ok(row) if row.fault.is_none() && row.cells.iter().all(|c| c.trim_ascii().is_empty()) => {}
                other => return Some(other),
            }
        }
    }
}

/// The cells of a row.
pub(super) fn split(row: &[u8]) -> Vec<Vec<u8>> {
    let mut splitter = Splitter::default();
    row.split_inclusive(|&byte| byte == b'\n').for_each(|line| splitter.push(line));
    splitter.finish()
}

/// Splits the lines of one row into cells.
#[derive(Default)]
struct Splitter {
    cells: Vec<Vec<u8>>,
    cell: Vec<u8>,
    state: State,
    /// Whether something stands between a closing quotation mark and the comma.
    sloppy: bool,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum State {
    #[default]
    Start,
    Plain,
    Quoted,
    /// After a quotation mark within a quotation: its end, or the first half of a doubled one.
    Closing,
}

impl Splitter {
    fn quoted(&self) -> bool {
        self.state == State::Quoted
    }

    fn push(&mut self, line: &[u8]) {
        let text = content(line);
        for &byte in text {
            self.state = match (self.state, byte) {
                (State::Start, b'"') => State::Quoted,
                (State::Quoted, b'"') => State::Closing,
                (State::Quoted, _) => {
                    self.cell.push(byte);
                    State::Quoted
                }
                (State::Closing, b'"') => {
                    self.cell.push(byte);
                    State::Quoted
                }
                (_, b',') => {
                    self.cells.push(std::mem::take(&mut self.cell));
                    State::Start
                }
                (before, _) => {
                    self.sloppy |= before == State::Closing;
                    self.cell.push(byte);
                    State::Plain
                }
            };
        }
        if self.quoted() {
            self.cell.extend_from_slice(&line[text.len()..]);
        }
    }

    fn finish(mut self) -> Vec<Vec<u8>> {
        self.cells.push(self.cell);
        self.cells
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str, limit: usize) -> Vec<(u64, String, Option<RowFault>)> {
        let show = |row: RawRow| {
            assert_eq!(
                split(&row.bytes),
                if row.bytes.is_empty() { vec![vec![]] } else { row.cells.clone() }
            );
            let cells: Vec<_> = row.cells.iter().map(|c| String::from_utf8_lossy(c)).collect();
            (row.line, cells.join("|"), row.fault)
        };
        Rows::with_limit(text.as_bytes(), limit).map(|row| show(row.unwrap())).collect()
    }

    #[test]
    fn quotation_and_line_numbers() {
        let good = |line, cells: &str| (line, cells.to_string(), None);
        let bad = |line, cells: &str, fault| (line, cells.to_string(), Some(fault));
        for (text, expected) in [
            ("", vec![]),
            ("a,b\r\nc,", vec![good(1, "a|b"), good(2, "c|")]),
            (
                "a,b\n\"c,1\nd,2\n\"e\",3\n",
                vec![good(1, "a|b"), bad(2, "c,1\n", RowFault::Unclosed), good(3, "d|2"), good(4, "e|3")],
            ),
            ("a\n\n,,\n \nb", vec![good(1, "a"), good(5, "b")]),
            ("\"x,\"\"y\"\"\r\nz\",1\nb,2", vec![good(1, "x,\"y\"\r\nz|1"), good(3, "b|2")]),
            ("a\"b,\"c\"d", vec![good(1, "a\"b|cd")]),
            // The quotation on line 1 is never closed; lines 2 and 3 are not lost.
            ("\"a,1\nb,2\nc,3", vec![bad(1, "a,1\n", RowFault::Unclosed), good(2, "b|2"), good(3, "c|3")]),
            ("x,\"\n\"\"\"y\"\nz\n", vec![bad(1, "x|\n", RowFault::Unclosed), good(2, "\"y"), good(3, "z")]),
            ("1234567890123456789012345\na\n", vec![bad(1, "", RowFault::TooLarge), good(2, "a")]),
            (
                "\"a\n23456789012345678901\nb\n",
                vec![bad(1, "a\n", RowFault::Unclosed), good(2, "23456789012345678901"), good(3, "b")],
            ),
        ] {
            assert_eq!(rows(text, 20), expected, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn reads_what_the_library_writes(table in prop::collection::vec(prop::collection::vec("[ab,\"\r\n]{0,4}", 3), 0..6)) {
            let mut writer = csv::Writer::from_writer(Vec::new());
            table.iter().for_each(|row| writer.write_record(row).unwrap());
            let text = String::from_utf8(writer.into_inner().unwrap()).unwrap();
            let blank = |row: &Vec<String>| row.iter().all(|cell| cell.trim().is_empty());
            let expected: Vec<_> = table.iter().filter(|row| !blank(row)).map(|row| (row.join("|"), None)).collect();
            let found: Vec<_> = rows(&text, 1000).into_iter().map(|(_, cells, fault)| (cells, fault)).collect();
            prop_assert_eq!(found, expected);
        }

        /// A single line with quotation marks anywhere.
        #[test]
        fn agrees_with_the_library(text in "x,[ab,\"]{0,20}") {
            let mut library = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
            let expected = library.records().next().unwrap().unwrap().iter().collect::<Vec<_>>().join("|");
            let found = rows(&text, 1000);
            prop_assert!(found == [(1, expected.clone(), None)] || found == [(1, expected, Some(RowFault::Unclosed))]);
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Rows::with_limit(bytes.as_slice(), 20).all(|row| row.is_ok()));
        }
    }
}
