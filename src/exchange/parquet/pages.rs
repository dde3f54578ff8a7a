//! What a row group will take before any of it is read: every page's header is looked at, so that no declared count
//! or size has to be believed.

use super::thrift::{PageHeader, page_header};
use super::{over, wrong};
use crate::exchange::Error;
use crate::exchange::limits::{
    PARQUET_GROUP_BYTES_MAX, PARQUET_GROUP_VALUES_MAX, PARQUET_HEADER_BYTES_MAX, PARQUET_OPEN_BYTES_MAX,
    PARQUET_PAGE_BYTES_MAX,
};
use flate2::read::MultiGzDecoder;
use parquet::basic::Compression;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom, copy, sink};

/// What the pages of a row group hold.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Size {
    /// Unpacked bytes.
    pub(super) bytes: u64,
    /// Values of columns in lists.
    pub(super) listed: u64,
    /// Bytes of the pages that are open at once, one a column with its dictionary.
    open: u64,
}

/// Looks at every page of a row group.
pub(super) fn size(file: &File, group: &RowGroupMetaData, what: &str) -> Result<Size, Error> {
    let mut size = Size::default();
    let length = file.metadata().map_err(Error::io(what))?.len();
    for column in group.columns() {
        let name = column.column_path().string();
        let what = format!("{what}, column `{name}`");
        column_size(file, length, column, &what, &mut size)?;
        if size.open > PARQUET_OPEN_BYTES_MAX {
            return Err(over(
                &what,
                "bytes of pages open at once",
                "字节（同时打开的页）",
                size.open,
                PARQUET_OPEN_BYTES_MAX,
            ));
        }
    }
    Ok(size)
}

fn column_size(
    file: &File,
    length: u64,
    column: &ColumnChunkMetaData,
    what: &str,
    size: &mut Size,
) -> Result<(), Error> {
    let broken = |why: std::io::Error| wrong(what, format!("a page's header cannot be read: {why}"));
    let offsets = [Some(column.data_page_offset()), column.dictionary_page_offset()];
    if column.compressed_size() < 0 || offsets.into_iter().flatten().any(|offset| offset < 0) {
        return Err(wrong(what, "an offset or size is negative"));
    }
    let (start, bytes) = column.byte_range();
    let end = start.checked_add(bytes).filter(|end| *end <= length);
    let Some(end) = end else { return Err(wrong(what, "its pages lie beyond the end of the file")) };
    let mut input = BufReader::with_capacity(1 << 12, file);
    input.seek(SeekFrom::Start(start)).map_err(Error::io(what))?;
    let (mut at, mut values, mut dictionary, mut largest) = (start, 0_u64, 0, 0);
    while at < end {
        let header =
            page_header(input.by_ref().take(PARQUET_HEADER_BYTES_MAX.min(end - at))).map_err(broken)?;
        let PageHeader { header_bytes, unpacked_bytes, packed_bytes, .. } = header;
        at += header_bytes + packed_bytes;
        if at > end {
            return Err(wrong(what, "a page is larger than its column"));
        }
        for bytes in [unpacked_bytes, packed_bytes] {
            if bytes > PARQUET_PAGE_BYTES_MAX {
                return Err(over(what, "bytes of one page", "字节（单页）", bytes, PARQUET_PAGE_BYTES_MAX));
            }
        }
        if is_gzip(column) && header.is_packed {
            unpacks(input.by_ref().take(packed_bytes), &header, what)?;
        } else {
            let skip = i64::try_from(packed_bytes).unwrap_or(i64::MAX);
            input.seek_relative(skip).map_err(Error::io(what))?;
        }
        size.bytes += unpacked_bytes;
        if size.bytes > PARQUET_GROUP_BYTES_MAX {
            return Err(over(
                what,
                "unpacked bytes of one row group",
                "字节（单个行组解压后）",
                size.bytes,
                PARQUET_GROUP_BYTES_MAX,
            ));
        }
        if header.is_dictionary {
            // An entry takes memory beside its bytes.
            dictionary = unpacked_bytes.max(header.values.saturating_mul(16));
        } else {
            values += header.values;
            largest = largest.max(unpacked_bytes);
        }
        if column.column_descr().max_rep_level() > 0 && !header.is_dictionary {
            size.listed += header.values;
            if size.listed > PARQUET_GROUP_VALUES_MAX {
                return Err(over(
                    what,
                    "values in lists of one row group",
                    "个列表值（单个行组）",
                    size.listed,
                    PARQUET_GROUP_VALUES_MAX,
                ));
            }
        }
    }
    size.open += dictionary + largest;
    if i64::try_from(values).ok() != Some(column.num_values()) {
        let declared = column.num_values();
        return Err(wrong(what, format!("its pages have {values} values, and {declared} are declared")));
    }
    Ok(())
}

fn is_gzip(column: &ColumnChunkMetaData) -> bool {
    matches!(column.compression(), Compression::GZIP(_))
}

/// The library unpacks a gzip page to its end, however far that is, so it is tried here first.
fn unpacks(mut page: impl Read, header: &PageHeader, what: &str) -> Result<(), Error> {
    let declared = header.unpacked_bytes.saturating_sub(header.plain_bytes);
    copy(&mut page.by_ref().take(header.plain_bytes), &mut sink()).map_err(Error::io(what))?;
    // A page of nulls alone has nothing packed.
    if declared > 0 {
        let mut unpacked = MultiGzDecoder::new(&mut page).take(declared + 1);
        let found = copy(&mut unpacked, &mut sink())
            .map_err(|why| wrong(what, format!("a page cannot be unpacked: {why}")))?;
        if found > declared {
            let why = format!("a page unpacks to more than the {declared} bytes that it declares");
            return Err(wrong(what, why));
        }
    }
    copy(&mut page, &mut sink()).map_err(Error::io(what)).map(drop)
}
