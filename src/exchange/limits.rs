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
