//! JSON Lines: reading lines, and apart from it parsing them.

use super::limits::{BATCH_BYTES, BATCH_ITEMS, LINE_BYTES_MAX};
use super::{Broken, Charset, Input, Place, json, personal};
use std::io::{self, BufRead, Read};

/// One line as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Counted from 1.
    pub number: u64,
    /// The bytes with their line end, or none where there are more than the limit.
    pub bytes: Option<Vec<u8>>,
}

/// The lines of a stream, from [`open`](super::open). Any line end will do, or none at the end of the input.
///
/// Of a line over the limit no more than the limit is ever held; the rest is skipped as it streams by.
pub struct Lines<R> {
    input: R,
    number: u64,
    buffer: Vec<u8>,
    bytes_max: usize,
}

impl<R: BufRead> Lines<R> {
    /// Lines of at most [`LINE_BYTES_MAX`] bytes.
    pub fn new(input: R) -> Self {
        Self::with_limit(input, LINE_BYTES_MAX)
    }

    pub(super) fn with_limit(input: R, bytes_max: usize) -> Self {
        Self { input, number: 0, buffer: Vec::new(), bytes_max }
    }

    /// The next line, blank or not.
    pub(super) fn read(&mut self) -> io::Result<Option<Line>> {
        self.buffer.clear();
        // Room for the limit and a line end of two bytes.
        let room = self.bytes_max as u64 + 2;
        if self.input.by_ref().take(room).read_until(b'\n', &mut self.buffer)? == 0 {
            return Ok(None);
        }
        self.number += 1;
        if content(&self.buffer).len() <= self.bytes_max {
            // The line leaves as a copy of its own size; the buffer stays.
            return Ok(Some(Line { number: self.number, bytes: Some(self.buffer.clone()) }));
        }
        if self.buffer.last() != Some(&b'\n') {
            self.input.skip_until(b'\n')?;
        }
        self.buffer = Vec::new();
        Ok(Some(Line { number: self.number, bytes: None }))
    }

    /// The lines in batches for workers, of [`BATCH_ITEMS`] lines or [`BATCH_BYTES`].
    pub fn batches(mut self) -> impl Iterator<Item = io::Result<Vec<Line>>> {
        let mut failed = None;
        std::iter::from_fn(move || {
            if let Some(error) = failed.take() {
                return Some(Err(error));
            }
            let (mut batch, mut bytes) = (Vec::new(), 0);
            while batch.len() < BATCH_ITEMS && bytes < BATCH_BYTES {
                match self.next() {
                    Some(Ok(line)) => {
                        bytes += line.bytes.as_ref().map_or(0, Vec::len);
                        batch.push(line);
                    }
                    // What was read before the failure still counts.
                    Some(Err(error)) if batch.is_empty() => return Some(Err(error)),
                    Some(Err(error)) => {
                        failed = Some(error);
                        break;
                    }
                    None => break,
                }
            }
            (!batch.is_empty()).then_some(Ok(batch))
        })
    }
}

/// A line without its end.
pub(super) fn content(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Gives the lines that are not blank.
impl<R: BufRead> Iterator for Lines<R> {
    type Item = io::Result<Line>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.read().transpose()? {
                Ok(line) if line.bytes.as_ref().is_some_and(|b| b.trim_ascii().is_empty()) => {}
                other => return Some(other),
            }
        }
    }
}

/// Parses a line. Pure, so lines can be parsed on many threads.
#[must_use]
pub fn parse(line: &Line, charset: Charset) -> Input {
    let form = match &line.bytes {
        None => Err(Broken::too_large(LINE_BYTES_MAX)),
        Some(bytes) => charset.decode(content(bytes)).and_then(|text| json::parse(&text)),
    };
    let place = Place { file: None, line: line.number };
    personal::screened(Input { place, form, periods: Vec::new(), claims: Vec::new() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Encoding, open};
    use proptest::prelude::*;

    /// Line number, and the reason or `ok`.
    fn read(bytes: &[u8], encoding: Encoding) -> Vec<(u64, &'static str)> {
        let (charset, input) = open(bytes, encoding, "test").unwrap();
        let lines = Lines::new(input).map(|line| parse(&line.unwrap(), charset));
        lines.map(|i| (i.place.line, i.form.map_or_else(|b| b.reason, |_| "ok"))).collect()
    }

    #[test]
    fn lines_and_their_faults() {
        for (bytes, expected) in [
            (b"".as_slice(), vec![]),
            (b"\n \r\n\t\n", vec![]),
            (b"{}", vec![(1, "ok")]),
            (b"\xEF\xBB\xBF{}\r\n\r\n{}\n", vec![(1, "ok"), (3, "ok")]),
            (b"{}\n{\n{}", vec![(1, "ok"), (2, "not_json"), (3, "ok")]),
            (b"{}\n\"\xE4\xB8\"\n{}\n", vec![(1, "ok"), (2, "not_utf8"), (3, "ok")]),
            (b"{}\n\"\xE4\xB8", vec![(1, "ok"), (2, "not_utf8")]),
        ] {
            assert_eq!(read(bytes, Encoding::Utf8), expected, "{:?}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn gb18030_lines() {
        let text = "{\"employer\":{\"name\":\"攀枝花钢铁㛹𠮷\"}}\n";
        let (bytes, _, _) = encoding_rs::GB18030.encode(text);
        let bytes = [&bytes, b"\"\xC5".as_slice()].concat();
        assert_eq!(read(&bytes, Encoding::Auto), [(1, "ok"), (2, "not_gb18030")]);
        let line = Line { number: 1, bytes: Some(bytes[..bytes.len() - 2].to_vec()) };
        assert_eq!(parse(&line, Charset::Gb18030).form, json::parse(text));
    }

    #[test]
    fn a_long_line_does_not_take_memory() {
        let long = io::repeat(b'x').take(200 << 20);
        let input = io::BufReader::new(b"{}\n".chain(long).chain(b"\n{}".as_slice()));
        let mut lines = Lines::new(input);
        let mut found = Vec::new();
        while let Some(line) = lines.read().unwrap() {
            assert!(lines.buffer.capacity() <= 2 * LINE_BYTES_MAX + 64);
            found.push((line.number, parse(&line, Charset::Utf8).form.map_err(|b| b.reason).is_ok()));
            if line.bytes.is_none() {
                let broken = parse(&line, Charset::Utf8).form.unwrap_err();
                assert_eq!(broken.reason, "too_large");
                assert!(broken.message.en.contains("67108864") && broken.message.zh.contains("67108864"));
            }
        }
        assert_eq!(found, [(1, true), (2, false), (3, true)]);
    }

    #[test]
    fn the_limit_is_exact() {
        let fits =
            |text: &str| Lines::with_limit(text.as_bytes(), 3).next().unwrap().unwrap().bytes.is_some();
        for (text, expected) in [
            ("123", true),
            ("123\n", true),
            ("123\r\n", true),
            ("1234", false),
            ("1234\n", false),
            ("1234\r\n", false),
            ("12345\r\n", false),
        ] {
            assert_eq!(fits(text), expected, "{text:?}");
        }
        let numbers = Lines::with_limit(b"12345\r\n1\n1234\n12".as_slice(), 3).map(|l| l.unwrap().number);
        assert_eq!(numbers.collect::<Vec<_>>(), [1, 2, 3, 4]);
    }

    #[test]
    fn batches_hold_every_line() {
        let text = "{}\n".repeat(BATCH_ITEMS * 2 + 1);
        let sizes: Vec<_> = Lines::new(text.as_bytes()).batches().map(|b| b.unwrap().len()).collect();
        assert_eq!(sizes, [BATCH_ITEMS, BATCH_ITEMS, 1]);
    }

    proptest! {
        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            for encoding in [Encoding::Auto, Encoding::Utf8, Encoding::Gb18030] {
                if let Ok((charset, input)) = open(bytes.as_slice(), encoding, "test") {
                    for line in Lines::new(input) {
                        let _ = parse(&line.unwrap(), charset);
                    }
                }
            }
        }
    }
}
