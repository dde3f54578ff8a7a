//! The rows of a CSV file (RFC 4180): cells with commas, quotation marks and line ends inside quotation marks.
//!
//! Written here and not taken from a library because a row has to be bounded: after a quotation mark that is never
//! closed a CSV reader takes the rest of the file for one cell. Here such a row is refused and reading goes on at
//! the next line.

use super::super::jsonl::{Line, Lines, content};
use super::super::limits::ROW_BYTES_MAX;
use std::collections::VecDeque;
use std::io::{self, BufRead};

/// A row before decoding.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RawRow {
    /// Line that the row starts on, counted from 1.
    pub(super) line: u64,
    pub(super) cells: Vec<Vec<u8>>,
    pub(super) fault: Option<RowFault>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RowFault {
    /// A quotation mark is not closed before the end of the file or the limit.
    Unclosed,
    /// The row's first line is over the limit; its cells are unknown.
    TooLarge,
}

/// The rows of a stream, without those that have no text in any cell.
pub(super) struct Rows<R> {
    lines: Lines<R>,
    /// Lines that were read while looking for the end of a quotation and turned out not to belong to it.
    pending: VecDeque<Line>,
    row_bytes_max: usize,
}

impl<R: BufRead> Rows<R> {
    pub(super) fn new(input: R) -> Self {
        Self::with_limit(input, ROW_BYTES_MAX)
    }

    fn with_limit(input: R, row_bytes_max: usize) -> Self {
        Self { lines: Lines::with_limit(input, row_bytes_max), pending: VecDeque::new(), row_bytes_max }
    }

    fn line(&mut self) -> io::Result<Option<Line>> {
        match self.pending.pop_front() {
            Some(line) => Ok(Some(line)),
            None => self.lines.read(),
        }
    }

    fn row(&mut self) -> io::Result<Option<RawRow>> {
        let Some(Line { number: line, bytes }) = self.line()? else { return Ok(None) };
        let Some(first) = bytes else {
            return Ok(Some(RawRow { line, cells: Vec::new(), fault: Some(RowFault::TooLarge) }));
        };
        let mut splitter = Splitter::default();
        splitter.push(&first);
        let (mut further, mut bytes) = (VecDeque::new(), first.len());
        while splitter.quoted() {
            let next = self.line()?;
            let text = next.as_ref().and_then(|line| line.bytes.as_deref());
            bytes += text.map_or(0, <[u8]>::len);
            let text = text.filter(|_| bytes <= self.row_bytes_max);
            let goes_on = text.map(|text| splitter.push(text)).is_some();
            further.extend(next);
            if !goes_on {
                further.append(&mut self.pending);
                self.pending = further;
                let mut splitter = Splitter::default();
                splitter.push(&first);
                return Ok(Some(RawRow { line, cells: splitter.finish(), fault: Some(RowFault::Unclosed) }));
            }
        }
        Ok(Some(RawRow { line, cells: splitter.finish(), fault: None }))
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

/// Splits the lines of one row into cells.
#[derive(Default)]
struct Splitter {
    cells: Vec<Vec<u8>>,
    cell: Vec<u8>,
    state: State,
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
                (_, _) => {
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
            ("a\n\n,,\n \nb", vec![good(1, "a"), good(5, "b")]),
            ("\"x,\"\"y\"\"\r\nz\",1\nb,2", vec![good(1, "x,\"y\"\r\nz|1"), good(3, "b|2")]),
            ("a\"b,\"c\"d", vec![good(1, "a\"b|cd")]),
            // The quotation on line 1 is never closed; lines 2 and 3 are not lost.
            ("\"a,1\nb,2\nc,3", vec![bad(1, "a,1\n", RowFault::Unclosed), good(2, "b|2"), good(3, "c|3")]),
            ("x,\"\n\"\"\"y\"\nz\n", vec![good(1, "x|\n\"y\""), good(3, "z")]),
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
        /// Where every quotation is closed, the cells are those of the `csv` library.
        #[test]
        fn agrees_with_the_library(text in "[ab,\"\n]{0,40}") {
            let mut library = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
            let expected: Vec<String> = library
                .records()
                .map(|r| r.unwrap().iter().collect::<Vec<_>>().join("|"))
                .filter(|cells| !cells.trim_matches(['|', '\n']).is_empty())
                .collect();
            let found = rows(&text, 1000);
            prop_assume!(found.iter().all(|r| r.2.is_none()));
            let found: Vec<_> = found.into_iter().map(|r| r.1).filter(|c| !c.trim_matches(['|', '\n']).is_empty()).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Rows::with_limit(bytes.as_slice(), 20).all(|row| row.is_ok()));
        }
    }
}
