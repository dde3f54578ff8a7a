//! Parquet: records with the nesting of JSON, one employer a row, read batch by batch.
//!
//! ```text
//!  footer ──schema::check──> columns      a row group ──pages::size──> limits
//!                     └──────> Reader ──rows──> Rows::parse ──> Input { form }
//! ```
//!
//! No size that the file declares is believed before its pages' headers were counted. Rows are numbered from 1
//! through the file, and what is wrong with one touches no other; a damaged page ends the file.

mod forms;
mod pages;
mod schema;
mod thrift;

pub use forms::Rows;

use super::Error;
use super::guard::guarded;
use super::limits::{
    BATCH_ITEMS, PARQUET_BATCH_BYTES, PARQUET_BATCH_ITEMS, PARQUET_BATCH_VALUES, PARQUET_FOOTER_BYTES_MAX,
    PARQUET_GROUPS_MAX,
};
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder,
};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// The rows of a file, in batches for workers.
pub struct Reader {
    what: String,
    file: File,
    metadata: ArrowReaderMetadata,
    has_claims: bool,
    /// Row groups that were opened.
    groups: usize,
    current: Option<ParquetRecordBatchReader>,
    /// Rows read so far.
    rows: u64,
    ready: VecDeque<Rows>,
    ended: bool,
}

impl Reader {
    /// Opens a file and checks its columns.
    ///
    /// # Errors
    /// No Parquet file, one over a limit, columns that are unknown or of a wrong type, and the system's.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let what = path.display().to_string();
        let file = File::open(path).map_err(Error::io(&what))?;
        Self::new(file, what)
    }

    fn new(mut file: File, what: String) -> Result<Self, Error> {
        footer(&mut file, &what)?;
        let metadata = guarded(|| {
            // The types come from the columns themselves, whatever a writer noted beside them.
            let options = || ArrowReaderOptions::new().with_skip_arrow_metadata(true);
            let found = ArrowReaderMetadata::load(&file, options()).map_err(|why| wrong(&what, why))?;
            let schema = schema::check(found.schema(), &what)?;
            ArrowReaderMetadata::try_new(found.metadata().clone(), options().with_schema(schema))
                .map_err(|why| wrong(&what, why))
        });
        let metadata = metadata.ok_or_else(|| damaged(&what))??;
        let has_claims = metadata.schema().fields().find("claims").is_some();
        Ok(Self {
            what,
            file,
            metadata,
            has_claims,
            groups: 0,
            current: None,
            rows: 0,
            ready: VecDeque::new(),
            ended: false,
        })
    }

    /// Whether there is a column of claims. Without one every employer counts as free of injuries: say so.
    #[must_use]
    pub fn has_claims(&self) -> bool {
        self.has_claims
    }

    fn read(&mut self) -> Result<Option<Rows>, Error> {
        loop {
            if let Some(rows) = self.ready.pop_front() {
                return Ok(Some(rows));
            }
            let Some(current) = &mut self.current else {
                if self.groups == self.metadata.metadata().num_row_groups() {
                    return Ok(None);
                }
                self.current = Some(self.group(self.groups)?);
                self.groups += 1;
                continue;
            };
            let (first, what) = (self.rows + 1, &self.what);
            let Some(batch) = guarded(|| current.next()) else { return Err(damaged(what)) };
            let Some(batch) = batch else {
                self.current = None;
                continue;
            };
            let batch = batch.map_err(|why| {
                Error::usage(
                    format!("{what} cannot be read from row {first} on: {why}"),
                    format!("{what} 自第 {first} 行起无法读取：{why}"),
                )
            })?;
            self.rows += batch.num_rows() as u64;
            self.ready = Rows { batch, first }.split(PARQUET_BATCH_ITEMS, BATCH_ITEMS).into();
        }
    }

    fn group(&self, index: usize) -> Result<ParquetRecordBatchReader, Error> {
        let what = format!("{}, row group {}", self.what, index + 1);
        let group = self.metadata.metadata().row_group(index);
        let size =
            guarded(|| pages::size(&self.file, group, &what)).unwrap_or_else(|| Err(damaged(&what)))?;
        let rows =
            u64::try_from(group.num_rows()).map_err(|_| wrong(&what, "its number of rows is negative"))?;
        let portion = |most: u64, all: u64| rows.saturating_mul(most) / all.max(1);
        let batch = portion(PARQUET_BATCH_VALUES, size.listed).min(portion(PARQUET_BATCH_BYTES, size.bytes));
        let batch = usize::try_from(batch).unwrap_or(BATCH_ITEMS).clamp(1, BATCH_ITEMS);
        let file = self.file.try_clone().map_err(Error::io(&what))?;
        let built = guarded(|| {
            ParquetRecordBatchReaderBuilder::new_with_metadata(file, self.metadata.clone())
                .with_row_groups(vec![index])
                .with_batch_size(batch)
                .build()
        });
        built.ok_or_else(|| damaged(&what))?.map_err(|why| wrong(&what, why))
    }
}

impl Iterator for Reader {
    type Item = Result<Rows, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.ended {
            return None;
        }
        let next = self.read().transpose();
        // Behind an error nothing can be trusted.
        self.ended = !matches!(next, Some(Ok(_)));
        next
    }
}

/// The size of the footer, before anything is made of it.
fn footer(file: &mut File, what: &str) -> Result<(), Error> {
    let length = file.metadata().map_err(Error::io(what))?.len();
    let mut tail = [0; 8];
    if length < 12 {
        return Err(wrong(what, format!("it has {length} bytes, which hold no Parquet")));
    }
    file.seek(SeekFrom::Start(length - 8)).map_err(Error::io(what))?;
    file.read_exact(&mut tail).map_err(Error::io(what))?;
    let [a, b, c, d, mark @ ..] = tail;
    if &mark == b"PARE" {
        return Err(wrong(what, "it is encrypted"));
    }
    if &mark != b"PAR1" {
        return Err(wrong(what, "it does not end with the mark PAR1"));
    }
    let footer = u64::from(u32::from_le_bytes([a, b, c, d]));
    if footer > PARQUET_FOOTER_BYTES_MAX {
        return Err(over(what, "bytes of footer", "字节（文件尾）", footer, PARQUET_FOOTER_BYTES_MAX));
    }
    let Some(start) = (length - 8).checked_sub(footer) else {
        return Err(wrong(what, format!("its footer of {footer} bytes is larger than the file")));
    };
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(start)).map_err(Error::io(what))?;
    file.take(footer).read_to_end(&mut bytes).map_err(Error::io(what))?;
    // The library follows nested columns by recursion, however deep they go.
    let groups =
        thrift::groups(&bytes).map_err(|why| wrong(what, format!("its footer cannot be read: {why}")))?;
    if groups > PARQUET_GROUPS_MAX {
        return Err(over(what, "nested columns", "个嵌套列", groups, PARQUET_GROUPS_MAX));
    }
    Ok(())
}

fn wrong(what: &str, why: impl std::fmt::Display) -> Error {
    Error::usage(
        format!("{what} is not a readable Parquet file: {why}"),
        format!("{what} 不是可读的 Parquet 文件：{why}"),
    )
}

fn damaged(what: &str) -> Error {
    wrong(what, "its parts contradict each other")
}

fn over(what: &str, en: &str, zh: &str, found: u64, most: u64) -> Error {
    Error::usage(
        format!("{what}: {found} {en}, and the limit is {most}"),
        format!("{what}：{found}{zh}，上限为 {most}"),
    )
}

#[cfg(test)]
mod tests;
