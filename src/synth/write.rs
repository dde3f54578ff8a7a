//! Files in the contract's formats. Each is written under a temporary name and appears when it is complete.

use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::columns::Rows;
use super::options::{SynthError, SynthOptions};
use super::record::{Facts, Record};

/// A format of the files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `records.jsonl`, one employer a line.
    Jsonl,
    /// `employers.csv`, `periods.csv` and `claims.csv`.
    Csv,
    /// `records.parquet`, one employer a row.
    Parquet,
}

/// What was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Summary {
    /// Employers.
    pub employers: u64,
    /// Rows of periods.
    pub periods: u64,
    /// Rows of claims.
    pub claims: u64,
    /// The files.
    pub files: Vec<PathBuf>,
}

/// Writes the employers of `options` into the folder `out_dir`, which is made if needed; files of the same names are
/// replaced. Memory does not grow with the number of employers.
///
/// # Errors
///
/// Options that do not pass [`SynthOptions::check`], or a file that cannot be written; then no file has changed,
/// unless the last step failed, giving them their names.
pub fn write(options: &SynthOptions, out_dir: &Path, format: Format) -> Result<Summary, SynthError> {
    write_with_progress(options, out_dir, format, |_| ())
}

/// [`write()`] that tells after each employer how many are done.
///
/// # Errors
///
/// As [`write()`].
pub fn write_with_progress(
    options: &SynthOptions,
    out_dir: &Path,
    format: Format,
    mut done: impl FnMut(u64),
) -> Result<Summary, SynthError> {
    options.check()?;
    std::fs::create_dir_all(out_dir).map_err(|cause| SynthError::file(out_dir, cause))?;
    let mut sink = match format {
        Format::Jsonl => Sink::Jsonl(Part::new(out_dir, "records.jsonl")?),
        Format::Csv => Sink::Csv(Box::new(Tables::new(out_dir)?)),
        Format::Parquet => Sink::Parquet(Box::new(Rows::new(out_dir)?)),
    };
    let mut summary = Summary { employers: 0, periods: 0, claims: 0, files: Vec::new() };
    for record in super::records(options) {
        sink.put(&record)?;
        summary.employers += 1;
        summary.periods += record.periods.len() as u64;
        summary.claims += record.claims.len() as u64;
        done(summary.employers);
    }
    // Everything is on disk before the first file gets its name.
    let parts = match sink {
        Sink::Jsonl(part) => vec![part.complete()?],
        Sink::Parquet(rows) => vec![rows.complete()?],
        Sink::Csv(tables) => {
            let Tables { employers, periods, claims } = *tables;
            vec![employers.complete()?, periods.complete()?, claims.complete()?]
        }
    };
    for (file, path) in parts {
        file.persist(&path).map_err(|cause| SynthError::file(&path, cause))?;
        summary.files.push(path);
    }
    Ok(summary)
}

/// A file on its way. Dropping it removes the temporary one.
pub(super) struct Part {
    pub(super) path: PathBuf,
    pub(super) out: BufWriter<NamedTempFile>,
}

impl Part {
    pub(super) fn new(out_dir: &Path, name: &str) -> Result<Self, SynthError> {
        let path = out_dir.join(name);
        // `make_in` opens the file itself, so that it gets ordinary permissions and not a secret's.
        let file = tempfile::Builder::new()
            .prefix(&format!(".{name}."))
            .suffix(".partial")
            .make_in(out_dir, |path| File::create_new(path))
            .map_err(|cause| SynthError::file(&path, cause))?;
        Ok(Self { path, out: BufWriter::with_capacity(1 << 16, file) })
    }

    pub(super) fn complete(self) -> Result<(NamedTempFile, PathBuf), SynthError> {
        let Self { path, out } = self;
        let file = out.into_inner().map_err(|cause| SynthError::file(&path, cause.into_error()))?;
        file.as_file().sync_all().map_err(|cause| SynthError::file(&path, cause))?;
        Ok((file, path))
    }
}

enum Sink {
    Jsonl(Part),
    Csv(Box<Tables>),
    Parquet(Box<Rows>),
}

impl Sink {
    fn put(&mut self, record: &Record) -> Result<(), SynthError> {
        match self {
            Self::Jsonl(Part { path, out }) => serde_json::to_writer(&mut *out, record)
                .map_err(std::io::Error::from)
                .and_then(|()| out.write_all(b"\n"))
                .map_err(|cause| SynthError::file(path, cause)),
            Self::Csv(tables) => tables.put(record),
            Self::Parquet(rows) => rows.put(record),
        }
    }
}

struct Tables {
    employers: Table,
    periods: Table,
    claims: Table,
}

/// The columns before the facts.
const EMPLOYER_COLUMNS: &str = "id,name,region,industry_standard,industry_code,risk_class,insured_since,first_insured,prior_rate,\
     prior_tier,prior_unlimited_rate";
const PERIOD_COLUMNS: &str =
    "employer_id,start,end,payroll,contributions_due,contributions_paid,headcount,months_insured";
const CLAIM_COLUMNS: &str = "employer_id,id,date,cause,outcome,count,paid_on,benefits_paid,reserve";

impl Tables {
    fn new(out_dir: &Path) -> Result<Self, SynthError> {
        let facts = Facts::default().texts().map(|(name, _)| format!(",facts_{name}")).concat();
        Ok(Self {
            employers: Table::new(out_dir, "employers.csv", &format!("{EMPLOYER_COLUMNS}{facts}"))?,
            periods: Table::new(out_dir, "periods.csv", PERIOD_COLUMNS)?,
            claims: Table::new(out_dir, "claims.csv", CLAIM_COLUMNS)?,
        })
    }

    fn put(&mut self, record: &Record) -> Result<(), SynthError> {
        let e = &record.employer;
        let prior = e.prior.as_ref();
        let row = [
            e.id.clone(),
            e.name.clone(),
            e.region.clone(),
            e.industry.standard.to_owned(),
            e.industry.code.clone(),
            shown(e.risk_class),
            e.insured_since.to_string(),
            shown(e.first_insured),
            shown(prior.map(|p| p.rate)),
            shown(prior.map(|p| p.tier)),
            shown(prior.map(|p| p.unlimited_rate)),
        ];
        self.employers.row(row.into_iter().chain(record.facts.texts().map(|(_, value)| value)))?;
        for p in &record.periods {
            self.periods.row([
                e.id.clone(),
                p.start.to_string(),
                p.end.to_string(),
                p.payroll.to_string(),
                p.contributions_due.to_string(),
                p.contributions_paid.to_string(),
                p.headcount.to_string(),
                p.months_insured.to_string(),
            ])?;
        }
        for c in &record.claims {
            self.claims.row([
                e.id.clone(),
                c.id.clone(),
                c.date.to_string(),
                c.cause.name().to_owned(),
                c.outcome.name().to_owned(),
                c.count.to_string(),
                shown(c.paid_on),
                c.benefits_paid.to_string(),
                c.reserve.to_string(),
            ])?;
        }
        Ok(())
    }
}

fn shown<T: ToString>(value: Option<T>) -> String {
    value.map(|v| v.to_string()).unwrap_or_default()
}

struct Table {
    path: PathBuf,
    rows: csv::Writer<BufWriter<NamedTempFile>>,
}

impl Table {
    fn new(out_dir: &Path, name: &str, columns: &str) -> Result<Self, SynthError> {
        let Part { path, out } = Part::new(out_dir, name)?;
        let mut table = Self { path, rows: csv::Writer::from_writer(out) };
        table.row(columns.split(',').map(str::to_owned))?;
        Ok(table)
    }

    fn row(&mut self, cells: impl IntoIterator<Item = String>) -> Result<(), SynthError> {
        self.rows.write_record(cells).map_err(|cause| SynthError::file(&self.path, cause))
    }

    fn complete(self) -> Result<(NamedTempFile, PathBuf), SynthError> {
        let Self { path, rows } = self;
        let out =
            rows.into_inner().map_err(|e| SynthError::file(&path, std::io::Error::other(e.to_string())))?;
        Part { path, out }.complete()
    }
}
