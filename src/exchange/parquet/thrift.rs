//! Headers of pages and the footer, as far as limits need them: Thrift's compact protocol, read without keeping anything.

use std::io::{self, ErrorKind, Read};

/// Deepest nesting of a header.
const DEPTH_MAX: usize = 32;

/// What a page's header says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct PageHeader {
    /// Bytes of the header itself.
    pub(super) header_bytes: u64,
    pub(super) unpacked_bytes: u64,
    pub(super) packed_bytes: u64,
    /// Values, nulls and empty lists included; entries of a dictionary.
    pub(super) values: u64,
    pub(super) is_dictionary: bool,
    /// Bytes at the front that are never packed: the levels of a page of the second version.
    pub(super) plain_bytes: u64,
    /// Whether the rest is packed, where its column is.
    pub(super) is_packed: bool,
}

/// Reads the header at the start of `input`, which the caller bounds.
pub(super) fn page_header(input: impl Read) -> io::Result<PageHeader> {
    let mut reader = Compact { input, read: 0 };
    let mut fields = [None; 3];
    let (mut values, mut is_dictionary, mut is_packed) = (0, false, true);
    let mut levels = [0; 2];
    reader.structure(&mut Vec::new(), &mut |path, value| match path {
        [field @ 1..=3] => fields[usize::try_from(*field).unwrap_or(1) - 1] = Some(value),
        [5 | 8, 1] => values = value,
        [7, 1] => (values, is_dictionary) = (value, true),
        [8, field @ 5..=6] => levels[usize::try_from(*field).unwrap_or(5) - 5] = value,
        [8, 7] => is_packed = value != 0,
        _ => {}
    })?;
    let [Some(kind), Some(unpacked), Some(packed)] = fields else {
        return Err(wrong("a header lacks its sizes"));
    };
    let size = |value: i64| {
        u64::try_from(value)
            .ok()
            .filter(|size| i32::try_from(*size).is_ok())
            .ok_or_else(|| wrong("a size is negative"))
    };
    Ok(PageHeader {
        header_bytes: reader.read,
        unpacked_bytes: size(unpacked)?,
        packed_bytes: size(packed)?,
        values: size(values)?,
        is_dictionary: is_dictionary || kind == 2,
        plain_bytes: size(levels[0])? + size(levels[1])?,
        is_packed,
    })
}

/// How many columns of a footer's schema have columns within. No column lies deeper than that.
pub(super) fn groups(footer: &[u8]) -> io::Result<u64> {
    let mut groups = 0;
    let mut reader = Compact { input: footer, read: 0 };
    // The schema is the second field, a list; the fifth field of each column is the number of those within.
    reader.structure(&mut Vec::new(), &mut |path, value| {
        groups += u64::from(*path == [2, 0, 5] && value > 0)
    })?;
    Ok(groups)
}

fn wrong(why: &'static str) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, why)
}

struct Compact<R> {
    input: R,
    read: u64,
}

impl<R: Read> Compact<R> {
    fn byte(&mut self) -> io::Result<u8> {
        let mut byte = [0];
        self.input.read_exact(&mut byte)?;
        self.read += 1;
        Ok(byte[0])
    }

    fn varint(&mut self) -> io::Result<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7F).wrapping_shl(shift);
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        Err(wrong("a number has too many bytes"))
    }

    fn number(&mut self) -> io::Result<i64> {
        let raw = self.varint()?;
        // Zigzag: the lowest bit is the sign.
        let half = i64::try_from(raw >> 1).map_err(|_| wrong("a number is too large"))?;
        Ok(if raw & 1 == 0 { half } else { !half })
    }

    /// Tells of every number in the fields of a structure, with the path of field ids that leads to it.
    fn structure(&mut self, path: &mut Vec<i16>, tell: &mut dyn FnMut(&[i16], i64)) -> io::Result<()> {
        let mut id: i16 = 0;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Ok(());
            }
            id = match head >> 4 {
                0 => i16::try_from(self.number()?).map_err(|_| wrong("a field's id is too large"))?,
                delta => {
                    id.checked_add(i16::from(delta)).ok_or_else(|| wrong("a field's id is too large"))?
                }
            };
            path.push(id);
            self.value(head & 0x0F, path, tell)?;
            path.pop();
        }
    }

    fn value(&mut self, kind: u8, path: &mut Vec<i16>, tell: &mut dyn FnMut(&[i16], i64)) -> io::Result<()> {
        if path.len() > DEPTH_MAX {
            return Err(wrong("a header is nested too deeply"));
        }
        match kind {
            1 | 2 => {
                tell(path, i64::from(kind == 1));
                Ok(())
            }
            3 => self.byte().map(drop),
            4..=6 => {
                let number = self.number()?;
                tell(path, number);
                Ok(())
            }
            7 => self.skip(8),
            8 => {
                let bytes = self.varint()?;
                self.skip(bytes)
            }
            9 | 10 => {
                let head = self.byte()?;
                let count = match head >> 4 {
                    15 => self.varint()?,
                    count => u64::from(count),
                };
                path.push(0);
                for _ in 0..count {
                    match head & 0x0F {
                        // In a list even a boolean has a byte, so the input bounds the count.
                        1 | 2 => self.byte().map(drop)?,
                        kind => self.value(kind, path, tell)?,
                    }
                }
                path.pop();
                Ok(())
            }
            12 => self.structure(path, tell),
            _ => Err(wrong("a header has a field of an unknown kind")),
        }
    }

    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.input.by_ref().take(bytes), &mut io::sink())?;
        self.read += skipped;
        if skipped == bytes { Ok(()) } else { Err(ErrorKind::UnexpectedEof.into()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn headers() {
        // type 0, unpacked 300, packed 100, data page with 5 values and a list of structures behind it.
        let bytes =
            [0x15, 0, 0x15, 0xD8, 0x04, 0x15, 0xC8, 0x01, 0x2C, 0x15, 10, 0x19, 0x1C, 0x15, 2, 0, 0, 0, 99];
        let header = page_header(bytes.as_slice()).unwrap();
        let expected = PageHeader {
            header_bytes: 18,
            unpacked_bytes: 300,
            packed_bytes: 100,
            values: 5,
            is_dictionary: false,
            plain_bytes: 0,
            is_packed: true,
        };
        assert_eq!(header, expected);
        for cut in 0..18 {
            assert!(page_header(&bytes[..cut]).is_err(), "{cut}");
        }
        assert!(page_header([0x1C; 100].as_slice()).unwrap_err().to_string().contains("nested"));
        assert!(
            page_header([0x15, 0, 0x15, 1, 0x15, 0, 0].as_slice())
                .unwrap_err()
                .to_string()
                .contains("negative")
        );
    }

    proptest! {
        #[test]
        fn never_panics(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = page_header(bytes.as_slice());
            let _ = groups(&bytes);
        }
    }
}
