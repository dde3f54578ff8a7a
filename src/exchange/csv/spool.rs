//! Rows in temporary files, and merging them back into order.
//!
//! Every row gets its employer's position in employers.csv. The rows of an employer fall into one partition by a
//! hash of its id, whose rows fit into memory; there the periods and claims find their employer and take over its
//! position. Partitions sorted by position are then merged, so memory depends on the number and size of partitions
//! and never on the size of the input.

use super::forms::Flaw;
use crate::exchange::columns::Table;
use crate::exchange::limits::{PARTITION_BYTES, PARTITIONS_MAX, SPOOL_BYTES};
use floatrate_engine::limits::{CLAIMS_MAX, PERIODS_MAX};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BinaryHeap, HashMap};
use std::hash::{Hash, Hasher};
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, Write};
use tempfile::{SpooledTempFile, spooled_tempfile};

/// What rows are sorted by: position, table, line.
type Order = (u64, Table, u64);

/// The position of rows that belong to no employer: behind all others.
const NOBODY: u64 = u64::MAX;

/// A row as text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::exchange) struct Row {
    /// Position of the employer's row in employers.csv, from 0.
    pub(in crate::exchange) position: u64,
    pub(in crate::exchange) table: Table,
    /// Line in its file, from 1.
    pub(in crate::exchange) line: u64,
    /// The employer's id, as far as it can be read.
    pub(in crate::exchange) key: String,
    /// The row as it stands in the file; splitting it into cells is left to [`Layout::parse`](super::Layout::parse).
    pub(in crate::exchange) text: String,
    pub(in crate::exchange) flaw: Option<Flaw>,
}

impl Row {
    fn order(&self) -> Order {
        (self.position, self.table, self.line)
    }
}

/// How many partitions an input of that many bytes is split into.
pub(in crate::exchange) fn partitions(bytes: u64) -> usize {
    usize::try_from(bytes / PARTITION_BYTES + 1).unwrap_or(PARTITIONS_MAX).min(PARTITIONS_MAX)
}

/// A temporary file of rows; it stays in memory while it is small and vanishes with the process.
struct Spool(BufWriter<SpooledTempFile>);

impl Spool {
    fn new(partitions: usize) -> Self {
        let memory = if partitions == 1 {
            usize::try_from(PARTITION_BYTES).unwrap_or(usize::MAX)
        } else {
            SPOOL_BYTES
        };
        Self(BufWriter::new(spooled_tempfile(memory)))
    }

    fn push(&mut self, row: &Row) -> io::Result<()> {
        serde_json::to_writer(&mut self.0, row)?;
        self.0.write_all(b"\n")
    }

    fn read(self) -> io::Result<Spooled> {
        let mut file = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Spooled { input: Box::new(BufReader::new(file)), line: String::new() })
    }
}

/// The rows of a temporary file.
struct Spooled {
    input: Box<dyn BufRead + Send>,
    line: String,
}

impl Spooled {
    fn next(&mut self) -> io::Result<Option<Row>> {
        self.line.clear();
        if self.input.by_ref().read_line(&mut self.line)? == 0 {
            return Ok(None);
        }
        Ok(Some(serde_json::from_str(&self.line)?))
    }
}

/// Takes the rows of all tables, employers first.
pub(in crate::exchange) struct Splitter {
    spools: Vec<Spool>,
    employers: u64,
}

impl Splitter {
    pub(in crate::exchange) fn new(partitions: usize) -> Self {
        Self { spools: (0..partitions).map(|_| Spool::new(partitions)).collect(), employers: 0 }
    }

    pub(in crate::exchange) fn push(&mut self, mut row: Row) -> io::Result<()> {
        if row.table == Table::Employers {
            row.position = self.employers;
            self.employers += 1;
        }
        let mut hasher = DefaultHasher::new();
        row.key.hash(&mut hasher);
        let partition = hasher.finish() % self.spools.len() as u64;
        self.spools[usize::try_from(partition).unwrap_or(0)].push(&row)
    }

    /// Sorts each partition by employer and starts the merge.
    pub(in crate::exchange) fn merge(self) -> io::Result<Merge> {
        let count = self.spools.len();
        let mut sorted = Vec::with_capacity(count);
        for spool in self.spools {
            let mut out = Spool::new(count);
            for row in place(spool.read()?)? {
                out.push(&row)?;
            }
            sorted.push(out.read()?);
        }
        Merge::new(sorted)
    }
}

/// Gives the rows of one partition their employer's position, and sorts them by it.
fn place(mut rows: Spooled) -> io::Result<Vec<Row>> {
    struct Seen {
        position: u64,
        line: u64,
        periods: usize,
        claims: usize,
    }
    let mut employers: HashMap<String, Seen> = HashMap::new();
    let mut placed = Vec::new();
    while let Some(mut row) = rows.next()? {
        let known = employers.get_mut(&row.key);
        match (row.table, known) {
            // A damaged row may show no id, or a part of one, so it stands for nobody and doubles nobody.
            (Table::Employers, _) if row.key.is_empty() => {}
            (Table::Employers, Some(first)) => {
                row.flaw.get_or_insert(Flaw::Duplicate { first: first.line });
            }
            (Table::Employers, None) => {
                let seen = Seen { position: row.position, line: row.line, periods: 0, claims: 0 };
                employers.insert(row.key.clone(), seen);
            }
            (_, None) => {
                row.position = NOBODY;
                row.flaw.get_or_insert(Flaw::Unknown);
            }
            (table, Some(employer)) => {
                row.position = employer.position;
                let (count, most) = match table {
                    Table::Claims => (&mut employer.claims, CLAIMS_MAX),
                    _ => (&mut employer.periods, PERIODS_MAX),
                };
                *count += 1;
                // One row too many is enough for the record check to refuse the record; the rest would only fill
                // memory.
                if *count > most + 1 && row.flaw.is_none() {
                    continue;
                }
            }
        }
        placed.push(row);
    }
    placed.sort_by_key(Row::order);
    Ok(placed)
}

/// The rows of all partitions in order.
pub(in crate::exchange) struct Merge {
    partitions: Vec<Spooled>,
    heads: Vec<Option<Row>>,
    order: BinaryHeap<Reverse<(Order, usize)>>,
}

impl Merge {
    fn new(partitions: Vec<Spooled>) -> io::Result<Self> {
        let count = partitions.len();
        let mut merge =
            Self { partitions, heads: vec![None; count], order: BinaryHeap::with_capacity(count) };
        (0..count).try_for_each(|partition| merge.fill(partition)).map(|()| merge)
    }

    fn fill(&mut self, partition: usize) -> io::Result<()> {
        if let Some(row) = self.partitions[partition].next()? {
            self.order.push(Reverse((row.order(), partition)));
            self.heads[partition] = Some(row);
        }
        Ok(())
    }

    /// The next row, where it has the same employer as `position` says or that is none.
    fn next(&mut self, position: Option<u64>) -> io::Result<Option<Row>> {
        let Some(Reverse((order, partition))) = self.order.peek().copied() else { return Ok(None) };
        if position.is_some_and(|position| position != order.0 || position == NOBODY) {
            return Ok(None);
        }
        self.order.pop();
        let row = self.heads[partition].take();
        self.fill(partition)?;
        Ok(row)
    }

    /// The rows of the next employer, its own first; a row of nobody stands alone.
    pub(in crate::exchange) fn group(&mut self) -> io::Result<Vec<Row>> {
        let mut rows = Vec::from_iter(self.next(None)?);
        if let Some(position) = rows.first().map(|row| row.position) {
            while let Some(row) = self.next(Some(position))? {
                rows.push(row);
            }
        }
        Ok(rows)
    }
}
