//! A workbook is a zip archive. Before anything is made of its parts they are unpacked once into nothing, so that
//! what they hold is known, whatever the archive says of them.

use super::super::Error;
use super::super::limits::{
    XLSX_BYTES_MAX, XLSX_ENTRIES_MAX, XLSX_FILE_BYTES_MAX, XLSX_RATIO_FROM_BYTES, XLSX_RATIO_MAX,
    XLSX_TEXT_BYTES_MAX, XLSX_WHOLE_BYTES_MAX,
};
use std::io::{Read, Seek, SeekFrom};
use zip::ZipArchive;

/// The limits, which tests make small.
#[derive(Clone, Copy, Debug)]
pub(in crate::exchange) struct Limits {
    pub(in crate::exchange) file_bytes: u64,
    pub(in crate::exchange) bytes: u64,
    pub(in crate::exchange) whole_bytes: u64,
    pub(in crate::exchange) text_bytes: u64,
    pub(in crate::exchange) entries: usize,
}

pub(in crate::exchange) const LIMITS: Limits = Limits {
    file_bytes: XLSX_FILE_BYTES_MAX,
    bytes: XLSX_BYTES_MAX,
    whole_bytes: XLSX_WHOLE_BYTES_MAX,
    text_bytes: XLSX_TEXT_BYTES_MAX,
    entries: XLSX_ENTRIES_MAX,
};

/// Unpacks every part of the archive, keeping nothing.
///
/// # Errors
/// What is no archive, or which limit is exceeded by how much.
pub(in crate::exchange) fn check(
    mut input: impl Read + Seek,
    what: &str,
    limits: Limits,
) -> Result<(), Error> {
    let size = input.seek(SeekFrom::End(0)).map_err(Error::io(what))?;
    if size > limits.file_bytes {
        return Err(over(what, "", "bytes", "字节", size, limits.file_bytes));
    }
    input.rewind().map_err(Error::io(what))?;
    let mut archive = ZipArchive::new(input).map_err(|why| damaged(what, &why))?;
    if archive.len() > limits.entries {
        let (found, most) = (archive.len() as u64, limits.entries as u64);
        return Err(over(what, "", "parts", "个部分", found, most));
    }
    let (mut total, mut whole) = (0, 0);
    for index in 0..archive.len() {
        let part = archive.by_index(index).map_err(|why| damaged(what, &why))?;
        let name = part.name().map_err(|why| damaged(what, &why))?;
        let (name, packed) = (name.chars().take(100).collect::<String>(), part.compressed_size());
        // A part is followed no further than any limit allows.
        let room = limits.bytes - total;
        let (bytes, text) = count(part.take(room + 1), limits.text_bytes)
            .map_err(|why| damaged(what, &zip::result::ZipError::Io(why)))?;
        let Some(bytes) = bytes else {
            return Err(over(what, &name, "bytes of one text", "字节（单个文本）", text, limits.text_bytes));
        };
        if bytes > room {
            return Err(over(what, &name, "unpacked bytes", "字节（解压后）", total + bytes, limits.bytes));
        }
        total += bytes;
        if bytes > XLSX_RATIO_FROM_BYTES && bytes / packed.max(1) > XLSX_RATIO_MAX {
            return Err(over(
                what,
                &name,
                "times its packed size",
                "倍压缩比",
                bytes / packed.max(1),
                XLSX_RATIO_MAX,
            ));
        }
        // Sheets are read cell by cell; all else is read whole.
        if !name.starts_with("xl/worksheets/sheet") {
            whole += bytes;
        }
        if whole > limits.whole_bytes {
            return Err(over(
                what,
                &name,
                "unpacked bytes of texts",
                "字节（文本解压后）",
                whole,
                limits.whole_bytes,
            ));
        }
    }
    Ok(())
}

/// The number of bytes, or none where the XML in them has a text or tag over the limit; then its length so far.
fn count(mut part: impl Read, text_max: u64) -> std::io::Result<(Option<u64>, u64)> {
    let mut buffer = vec![0; 64 << 10];
    let (mut bytes, mut text) = (0, 0);
    loop {
        let read = match part.read(&mut buffer) {
            Ok(0) => return Ok((Some(bytes), text)),
            Ok(read) => read,
            Err(why) if why.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(why) => return Err(why),
        };
        bytes += read as u64;
        for run in buffer[..read].split_inclusive(|&byte| byte == b'<') {
            text += run.len() as u64;
            if text > text_max {
                return Ok((None, text));
            }
            if run.last() == Some(&b'<') {
                text = 0;
            }
        }
    }
}

fn damaged(what: &str, why: &zip::result::ZipError) -> Error {
    Error::usage(
        format!("{what} is not a readable XLSX workbook: {why}"),
        format!("{what} 不是可读的 XLSX 工作簿：{why}"),
    )
}

fn over(what: &str, part: &str, en: &str, zh: &str, found: u64, most: u64) -> Error {
    let place = if part.is_empty() { what.to_string() } else { format!("{what}, part `{part}`") };
    Error::usage(
        format!("{place}: {found} {en}, and the limit is {most}"),
        format!("{place}：{found}{zh}，上限为 {most}"),
    )
}
