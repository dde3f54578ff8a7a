//! Every limit of reading and writing files, in one place. What exceeds a limit is refused by name, never cut off.

/// Largest line of JSON Lines, in bytes without its end.
pub const LINE_BYTES_MAX: usize = 64 << 20;
/// Largest row of a CSV file, in bytes. Also how far an unclosed quotation mark is followed.
pub const ROW_BYTES_MAX: usize = 1 << 20;
/// Bytes at the start of a file that [`Encoding::Auto`](super::Encoding::Auto) looks at.
pub const DETECT_BYTES: usize = 64 << 10;
/// Lines handed to a worker at once.
pub const BATCH_ITEMS: usize = 256;
/// Bytes after which a batch is handed over even with fewer lines.
pub const BATCH_BYTES: usize = 1 << 20;
/// CSV input is split into partitions of about so many bytes, each small enough for memory.
pub const PARTITION_BYTES: u64 = 32 << 20;
/// Most partitions: each is an open temporary file, and systems commonly allow 256 open files.
pub const PARTITIONS_MAX: usize = 200;
/// Bytes of one partition kept in memory before it goes to disk, where there are several.
pub const SPOOL_BYTES: usize = 64 << 10;
/// Rejects shown on standard error where no rejects file is named.
pub const REJECTS_SHOWN: u64 = 20;
/// Largest mapping file, in bytes.
pub const MAPPING_BYTES_MAX: u64 = 1 << 20;
/// Largest XLSX file, in bytes.
pub const XLSX_FILE_BYTES_MAX: u64 = 512 << 20;
/// Most bytes that all parts of an XLSX file may have when unpacked.
pub const XLSX_BYTES_MAX: u64 = 2 << 30;
/// Most bytes that the parts of an XLSX file that are read whole (texts, styles, names) may have when unpacked.
pub const XLSX_WHOLE_BYTES_MAX: u64 = 256 << 20;
/// Most times that a part of an XLSX file may grow when it is unpacked. Sheets of like rows reach about 50.
pub const XLSX_RATIO_MAX: u64 = 200;
/// Parts smaller than this may grow by any factor: a few like lines do.
pub const XLSX_RATIO_FROM_BYTES: u64 = 1 << 20;
/// Most parts of an XLSX file.
pub const XLSX_ENTRIES_MAX: usize = 2_000;
/// Most columns of a sheet.
pub const XLSX_COLUMNS_MAX: u32 = 2_000;
/// Longest text or tag of a part of an XLSX file, in bytes. A cell holds 32,767 characters at most.
pub const XLSX_TEXT_BYTES_MAX: u64 = 1 << 20;
/// Largest footer of a Parquet file, in bytes.
pub const PARQUET_FOOTER_BYTES_MAX: u64 = 16 << 20;
/// Most columns of a Parquet file that have columns within.
pub const PARQUET_GROUPS_MAX: u64 = 1_000;
/// Largest header of a Parquet page, in bytes.
pub const PARQUET_HEADER_BYTES_MAX: u64 = 4 << 20;
/// Largest page of a Parquet file, in bytes, packed or not. Writers make pages of about 1 MiB.
pub const PARQUET_PAGE_BYTES_MAX: u64 = 64 << 20;
/// Most bytes of Parquet pages that are open at once: of every column its largest, and its dictionary.
pub const PARQUET_OPEN_BYTES_MAX: u64 = 512 << 20;
/// Most unpacked bytes of a row group of a Parquet file.
pub const PARQUET_GROUP_BYTES_MAX: u64 = 1 << 30;
/// Most values of the columns in lists of a row group of a Parquet file: a million employers with three periods each.
pub const PARQUET_GROUP_VALUES_MAX: u64 = 1 << 26;
/// Values in lists that a batch of Parquet rows is made for, by the mean of its row group.
pub const PARQUET_BATCH_VALUES: u64 = 1 << 17;
/// Unpacked bytes that a batch of Parquet rows is made for, by the mean of its row group.
pub const PARQUET_BATCH_BYTES: u64 = 8 << 20;
/// Periods and claims that are handed to a worker at once, unless one employer has more.
pub const PARQUET_BATCH_ITEMS: usize = 4096;
