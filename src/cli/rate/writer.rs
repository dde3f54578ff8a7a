//! Results in their format: made on the threads that rated, written in the order of the input.

use super::Format;
use crate::cli::Stop;
use crate::cli::output::{Output, broken};
use crate::exchange::results::ResultRow;
use crate::nested;
use crate::rate::Rated;
use arrow_array::RecordBatch;
use parquet::arrow::ArrowWriter;
use parquet::errors::ParquetError;
use std::io::{self, Write};

/// The results of a chunk as they are written.
pub(super) enum Portion {
    Bytes(Vec<u8>),
    Columns(RecordBatch),
}

impl Portion {
    /// The results of a chunk in a format, and the chunk.
    pub(super) fn of(rated: Rated, format: Format) -> Result<(Self, Rated), Stop> {
        let failed = |why: &dyn std::fmt::Display| Stop::failed(why.to_string());
        let mut bytes = Vec::new();
        match format {
            Format::Csv => {
                let mut writer = csv::Writer::from_writer(&mut bytes);
                for row in &rated.results {
                    writer.write_record(row.csv()).map_err(|why| failed(&why))?;
                }
                writer.flush().map_err(|why| failed(&why))?;
            }
            Format::Jsonl => {
                for row in &rated.results {
                    serde_json::to_writer(&mut bytes, row).map_err(|why| failed(&why))?;
                    bytes.push(b'\n');
                }
            }
            Format::Parquet => {
                let columns = ResultRow::columns(&rated.results).map_err(|why| failed(&why))?;
                return Ok((Self::Columns(columns), rated));
            }
        }
        Ok((Self::Bytes(bytes), rated))
    }
}

/// An output in a format.
pub(super) enum Writer {
    Text(Output),
    Parquet(Box<ArrowWriter<Output>>),
}

impl Writer {
    /// Starts the output: a header for CSV.
    pub(super) fn open(mut output: Output, format: Format) -> Result<Self, Stop> {
        match format {
            Format::Jsonl => {}
            Format::Csv => {
                let line = ResultRow::COLUMNS.join(",") + "\n";
                output.write_all(line.as_bytes()).map_err(|why| broken(&why, "output"))?;
            }
            Format::Parquet => {
                let writer = nested::writer(output, ResultRow::schema()).map_err(lost)?;
                return Ok(Self::Parquet(Box::new(writer)));
            }
        }
        Ok(Self::Text(output))
    }

    pub(super) fn write(&mut self, portion: &Portion) -> Result<(), Stop> {
        match (self, portion) {
            (Self::Text(output), Portion::Bytes(bytes)) => {
                output.write_all(bytes).map_err(|why| broken(&why, "output"))
            }
            (Self::Parquet(writer), Portion::Columns(columns)) => writer.write(columns).map_err(lost),
            _ => Err(Stop::failed("results of two formats")),
        }
    }

    /// Gives a file its name; until then a file of that name is untouched.
    pub(super) fn finish(self) -> Result<(), Stop> {
        match self {
            Self::Text(output) => output.finish(),
            Self::Parquet(writer) => writer.into_inner().map_err(lost)?.finish(),
        }
    }
}

/// The system's error within the library's.
fn lost(why: ParquetError) -> Stop {
    if let ParquetError::External(cause) = &why
        && let Some(cause) = cause.downcast_ref::<io::Error>()
    {
        return broken(cause, "output");
    }
    Stop::failed(format!("output: {why}"))
}
