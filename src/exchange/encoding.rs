//! UTF-8 and GB18030.
//!
//! Lines and cells are split as bytes and decoded afterwards, so a bad sequence spoils its own line and no other.
//! That is sound in both encodings: in GB18030 the second and fourth bytes of a character are 0x30 to 0x39, 0x40 to
//! 0x7E or 0x80 to 0xFE, and the third 0x81 to 0xFE, hence never a line feed (0x0A), a carriage return (0x0D), a
//! quotation mark (0x22) or a comma (0x2C).

use super::limits::DETECT_BYTES;
use super::{Broken, Error};
use encoding_rs::GB18030;
use std::borrow::Cow;
use std::io::{BufRead, BufReader, Cursor, Read};

/// The encoding that a user asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Encoding {
    /// Decided once a file, from a byte order mark or else its first [`DETECT_BYTES`]: of the lines there with
    /// bytes outside ASCII, GB18030 where most are not UTF-8, otherwise UTF-8. So one damaged line in a UTF-8 file
    /// is refused alone. In a file with a single such line the guess can be wrong; then name the encoding.
    #[default]
    Auto,
    /// UTF-8, with or without a byte order mark.
    Utf8,
    /// GB18030, of which GBK and GB2312 are parts.
    Gb18030,
}

/// The encoding of one file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Charset {
    /// UTF-8.
    Utf8,
    /// GB18030.
    Gb18030,
}

impl Charset {
    /// The text of a line or cell. Nothing is replaced: a sequence that is no character is an error.
    ///
    /// # Errors
    /// `not_utf8` or `not_gb18030`.
    pub fn decode(self, bytes: &[u8]) -> Result<Cow<'_, str>, Broken> {
        match self {
            Self::Utf8 => std::str::from_utf8(bytes).map(Cow::Borrowed).map_err(|error| {
                let at = error.valid_up_to() + 1;
                Broken::new(
                    "not_utf8",
                    format!("byte {at} is not valid UTF-8"),
                    format!("第 {at} 字节不是有效的 UTF-8"),
                )
            }),
            Self::Gb18030 => {
                GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(|| {
                    Broken::new("not_gb18030", "the text is not valid GB18030", "文本不是有效的 GB18030")
                })
            }
        }
    }

    /// The text with bad sequences replaced; only to find the employer of a line that is refused anyway.
    pub(super) fn decode_lossy(self, bytes: &[u8]) -> Cow<'_, str> {
        match self {
            Self::Utf8 => String::from_utf8_lossy(bytes),
            Self::Gb18030 => GB18030.decode_without_bom_handling(bytes).0,
        }
    }
}

/// Opens a stream: decides its encoding and takes the byte order mark away.
///
/// With [`Encoding::Auto`] it waits for [`DETECT_BYTES`] or the end of the input, so that the decision does not
/// depend on how a pipe cuts its writes.
///
/// # Errors
/// The system's, or [`Error::Usage`] for UTF-16.
pub fn open<R: Read>(
    mut input: R,
    encoding: Encoding,
    what: &str,
) -> Result<(Charset, impl BufRead + use<R>), Error> {
    // Four bytes hold any byte order mark; an encoding that is named needs no more, so it does not hold up a pipe.
    let look = if encoding == Encoding::Auto { DETECT_BYTES } else { 4 };
    let mut head = Vec::with_capacity(look);
    input.by_ref().take(look as u64).read_to_end(&mut head).map_err(Error::io(what))?;
    let (charset, mark) = match head.as_slice() {
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] => {
            return Err(Error::usage(
                format!("{what} is UTF-16; save it as UTF-8 or GB18030"),
                format!("{what} 为 UTF-16 编码，请另存为 UTF-8 或 GB18030"),
            ));
        }
        [0xEF, 0xBB, 0xBF, ..] if encoding != Encoding::Gb18030 => (Charset::Utf8, 3),
        [0x84, 0x31, 0x95, 0x33, ..] if encoding != Encoding::Utf8 => (Charset::Gb18030, 4),
        _ => match encoding {
            Encoding::Auto => (detect(&head, head.len() == look), 0),
            Encoding::Utf8 => (Charset::Utf8, 0),
            Encoding::Gb18030 => (Charset::Gb18030, 0),
        },
    };
    let mut head = Cursor::new(head);
    head.set_position(mark);
    Ok((charset, BufReader::with_capacity(DETECT_BYTES, head.chain(input))))
}

/// The encoding of text; `cut` says that it may end in the middle of a character.
fn detect(head: &[u8], cut: bool) -> Charset {
    let (mut good, mut bad) = (0_usize, 0_usize);
    let mut lines = head.split(|&b| b == b'\n').peekable();
    while let Some(line) = lines.next() {
        match std::str::from_utf8(line) {
            _ if line.is_ascii() => {}
            Ok(_) => good += 1,
            // `error_len` is none where the text ends within a character that began well.
            Err(error) if error.error_len().is_none() && cut && lines.peek().is_none() => good += 1,
            Err(_) => bad += 1,
        }
    }
    if bad > good { Charset::Gb18030 } else { Charset::Utf8 }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The names end in characters of two bytes, of four bytes within the basic plane, and beyond it.
    const NAMES: &str = "攀枝花钢铁集团有限公司\n四川㛹䶮矿业\n𠮷𡋾机械厂\n";

    fn gb18030(text: &str) -> Vec<u8> {
        let (bytes, _, unmappable) = GB18030.encode(text);
        assert!(!unmappable);
        bytes.into_owned()
    }

    fn opened(bytes: &[u8], encoding: Encoding) -> (Charset, Vec<u8>) {
        let (charset, mut input) = open(bytes, encoding, "test").unwrap();
        let mut rest = Vec::new();
        input.read_to_end(&mut rest).unwrap();
        (charset, rest)
    }

    #[test]
    fn decides_a_file() {
        use Charset::{Gb18030, Utf8};
        let gb = gb18030(NAMES);
        assert!(gb.windows(4).any(|w| w[1].is_ascii_digit() && w[3].is_ascii_digit() && w[0] >= 0x81));
        let damaged = [NAMES.as_bytes(), b"x\xE4\xB8\n"].concat();
        for (bytes, expected) in [
            (b"".as_slice(), Utf8),
            (b"id,name\n", Utf8),
            (NAMES.as_bytes(), Utf8),
            (&damaged, Utf8),
            (&gb, Gb18030),
            (&[b"id,name\n".as_slice(), &gb].concat(), Gb18030),
        ] {
            assert_eq!(opened(bytes, Encoding::Auto), (expected, bytes.to_vec()));
        }
        assert_eq!(Gb18030.decode(&gb).unwrap(), NAMES);
    }

    #[test]
    fn marks_are_taken_away() {
        for (bytes, encoding, charset) in [
            (b"\xEF\xBB\xBFa".as_slice(), Encoding::Auto, Charset::Utf8),
            (b"\xEF\xBB\xBFa", Encoding::Utf8, Charset::Utf8),
            (b"\x84\x31\x95\x33a", Encoding::Auto, Charset::Gb18030),
            (b"\x84\x31\x95\x33a", Encoding::Gb18030, Charset::Gb18030),
        ] {
            assert_eq!(opened(bytes, encoding), (charset, b"a".to_vec()));
        }
        assert!(matches!(open(b"\xFF\xFEa\0".as_slice(), Encoding::Auto, "f"), Err(Error::Usage(_))));
    }

    #[test]
    fn the_cut_may_fall_into_a_character() {
        let text = format!("{}{}", "a".repeat(DETECT_BYTES - 1), "攀枝花");
        assert_eq!(opened(text.as_bytes(), Encoding::Auto), (Charset::Utf8, text.into_bytes()));
    }

    #[test]
    fn bad_sequences_are_not_replaced() {
        assert_eq!(Charset::Utf8.decode(b"ab\xE4\xB8").unwrap_err().reason, "not_utf8");
        let gb = gb18030("花𠮷");
        for cut in [1, 3, 4, 5] {
            assert_eq!(Charset::Gb18030.decode(&gb[..cut]).unwrap_err().reason, "not_gb18030", "{cut}");
        }
    }
}
