//! Records as Parquet, with the nesting of JSON.

use super::options::SynthError;
use super::record::Record;
use super::write::Part;
use crate::nested::{self, column, list, structure, texts};
use arrow_schema::{DataType, Schema, SchemaRef};
use parquet::arrow::ArrowWriter;
use std::io::BufWriter;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Records as rows of Parquet.
pub(super) struct Rows {
    path: PathBuf,
    schema: SchemaRef,
    waiting: Vec<serde_json::Value>,
    writer: ArrowWriter<BufWriter<NamedTempFile>>,
}

/// Records that are made columns at once.
const ROWS: usize = 1000;

impl Rows {
    pub(super) fn new(out_dir: &Path) -> Result<Self, SynthError> {
        let Part { path, out } = Part::new(out_dir, "records.parquet")?;
        let schema = schema();
        let writer = nested::writer(out, Arc::clone(&schema))
            .map_err(|cause| SynthError::file(&path, std::io::Error::other(cause)))?;
        Ok(Self { path, schema, waiting: Vec::with_capacity(ROWS), writer })
    }

    pub(super) fn put(&mut self, record: &Record) -> Result<(), SynthError> {
        let mut value = serde_json::to_value(record)
            .map_err(|cause| SynthError::file(&self.path, std::io::Error::from(cause)))?;
        // A map has values of one type.
        value["facts"] = record.facts.texts().into_iter().filter(|(_, text)| !text.is_empty()).collect();
        self.waiting.push(value);
        if self.waiting.len() >= ROWS { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<(), SynthError> {
        let failed = |cause| SynthError::file(&self.path, std::io::Error::other(cause));
        let batch = nested::batch(&self.schema, &self.waiting).map_err(|why| failed(why.into()))?;
        self.waiting.clear();
        self.writer.write(&batch).map_err(failed)
    }

    pub(super) fn complete(mut self) -> Result<(NamedTempFile, PathBuf), SynthError> {
        self.flush()?;
        let Self { path, writer, .. } = self;
        let out =
            writer.into_inner().map_err(|cause| SynthError::file(&path, std::io::Error::other(cause)))?;
        Part { path, out }.complete()
    }
}

/// The columns of records: the nesting of JSON.
fn schema() -> SchemaRef {
    let text = |name: &str| column(name, DataType::Utf8);
    let number = |name: &str| column(name, DataType::Int64);
    let date = |name: &str| column(name, DataType::Date32);
    let employer = structure(vec![
        text("id"),
        text("name"),
        text("region"),
        column("industry", structure(vec![text("standard"), text("code")])),
        number("risk_class"),
        date("insured_since"),
        date("first_insured"),
        column("prior", structure(vec![text("rate"), text("tier"), text("unlimited_rate")])),
    ]);
    let period = structure(vec![
        date("start"),
        date("end"),
        number("payroll"),
        number("contributions_due"),
        number("contributions_paid"),
        text("headcount"),
        number("months_insured"),
    ]);
    let claim = structure(vec![
        text("id"),
        date("date"),
        text("cause"),
        text("outcome"),
        number("count"),
        date("paid_on"),
        number("benefits_paid"),
        number("reserve"),
    ]);
    Arc::new(Schema::new(vec![
        column("employer", employer),
        column("periods", list(period)),
        column("claims", list(claim)),
        column("facts", texts()),
    ]))
}
