//! One way into every format: a file by its name's ending, or standard input.
//!
//! ```text
//!  path ──Source::open──> batches, one after another ──Parser::parse, on many threads──> inputs in order
//! ```

use super::{Charset, Encoding, Error, Input, Mapping, csv, jsonl, open, parquet, xlsx};
use floatrate_engine::Bilingual;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// Employers of tables that are handed to a thread at once.
const GROUPS: usize = 512;

/// How a file is to be read, beside what its name says.
#[derive(Clone, Copy, Debug, Default)]
pub struct Options<'m> {
    /// Encoding of text; by default UTF-8 for JSON Lines, found by itself for CSV.
    pub encoding: Option<Encoding>,
    /// An agency's names, codes and units.
    pub mapping: Option<&'m Mapping>,
}

/// Records of any format, in batches that [`Parser::parse`] turns into inputs.
pub struct Source {
    batches: Box<dyn Iterator<Item = Result<Batch, Error>> + Send>,
    parser: Parser,
    /// Where claims would stand, where there are none.
    lacks: Option<&'static str>,
}

/// What a source read at once.
#[derive(Debug)]
pub struct Batch(Kind);

#[derive(Debug)]
enum Kind {
    Lines(Vec<jsonl::Line>),
    Groups(Vec<csv::Group>),
    Rows(parquet::Rows),
}

/// Turns batches into inputs. Pure, so batches can be parsed on many threads.
#[derive(Clone, Debug)]
pub struct Parser {
    charset: Charset,
    layout: Option<Arc<csv::Layout>>,
}

impl Parser {
    /// The inputs of a batch, in the order of the file.
    #[must_use]
    pub fn parse(&self, batch: &Batch) -> Vec<Input> {
        match &batch.0 {
            Kind::Lines(lines) => lines.iter().map(|line| jsonl::parse(line, self.charset)).collect(),
            Kind::Groups(groups) => {
                let layout = self.layout.iter();
                layout.flat_map(|layout| groups.iter().flat_map(|group| layout.parse(group))).collect()
            }
            Kind::Rows(rows) => rows.parse(),
        }
    }
}

impl Source {
    /// Opens standard input as JSON Lines, or a file by the ending of its name: `.csv` with its siblings, or a folder
    /// of them; `.xlsx`; `.parquet`; anything else is JSON Lines.
    ///
    /// # Errors
    /// What the file is not, and the system's.
    pub fn open(path: Option<&Path>, options: &Options<'_>) -> Result<Self, Error> {
        let ending = |ending: &str| {
            path.is_some_and(|p| p.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending)))
        };
        let text = options.encoding;
        let only_text = |format: &str| match text {
            None => Ok(()),
            Some(_) => Err(Error::usage(
                format!("--encoding is for text, and {format} is none"),
                format!("--encoding 只用于文本文件，{format} 不是文本"),
            )),
        };
        match path {
            Some(path) if path.is_dir() || ending("csv") => {
                let encoding = text.unwrap_or(Encoding::Auto);
                Ok(Self::of_groups(csv::Groups::open(path, encoding, options.mapping)?, "claims.csv"))
            }
            Some(path) if ending("xlsx") => {
                only_text("XLSX")?;
                Ok(Self::of_groups(xlsx::open(path, options.mapping)?, "sheet claims"))
            }
            Some(path) if ["xls", "xlsm", "xlsb", "ods", "et"].iter().any(|e| ending(e)) => {
                let file = path.display();
                Err(Error::usage(
                    format!("{file}: of spreadsheets only .xlsx is read; save it as one"),
                    format!("{file}：电子表格只支持 .xlsx，请另存为该格式"),
                ))
            }
            Some(path) if ending("parquet") => {
                only_text("Parquet")?;
                not_mapped(options, "Parquet")?;
                let batches = parquet::Reader::open(path)?;
                let lacks = (!batches.has_claims()).then_some("column claims");
                Ok(Self {
                    batches: Box::new(batches.map(|rows| rows.map(|rows| Batch(Kind::Rows(rows))))),
                    parser: Parser { charset: Charset::Utf8, layout: None },
                    lacks,
                })
            }
            _ => {
                not_mapped(options, "JSON Lines")?;
                Self::of_lines(path, text.unwrap_or(Encoding::Utf8))
            }
        }
    }

    fn of_lines(path: Option<&Path>, encoding: Encoding) -> Result<Self, Error> {
        let (name, reader): (String, Box<dyn Read + Send>) = match path {
            None => ("stdin".to_owned(), Box::new(io::stdin())),
            Some(path) => {
                let name = path.display().to_string();
                let file = File::open(path).map_err(Error::io(&name))?;
                (name, Box::new(file))
            }
        };
        let reader = BufReader::with_capacity(1 << 16, reader);
        let (charset, reader) = open(reader, encoding, &name)?;
        let batches = jsonl::Lines::new(reader).batches();
        let batches =
            batches.map(move |batch| batch.map(|b| Batch(Kind::Lines(b))).map_err(Error::io(name.clone())));
        let parser = Parser { charset, layout: None };
        Ok(Self { batches: Box::new(batches), parser, lacks: None })
    }

    fn of_groups(mut groups: csv::Groups, claims: &'static str) -> Self {
        let layout = groups.layout();
        let lacks = (!groups.has_claims()).then_some(claims);
        let batches = std::iter::from_fn(move || chunk_of(&mut groups));
        Self {
            batches: Box::new(batches),
            parser: Parser { charset: Charset::Utf8, layout: Some(layout) },
            lacks,
        }
    }

    /// Parses the batches.
    #[must_use]
    pub fn parser(&self) -> Parser {
        self.parser.clone()
    }

    /// What people should know of the input as a whole.
    #[must_use]
    pub fn note(&self) -> Option<Bilingual> {
        self.lacks.map(|claims| Bilingual {
            zh: format!("注意：没有 {claims}，所有用人单位按无工伤、无待遇支付核定"),
            en: format!(
                "note: there is no {claims}, so every employer counts as free of injuries and benefits"
            ),
        })
    }
}

impl Iterator for Source {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        self.batches.next()
    }
}

/// The fields of these have their names; a mapping is for tables with columns.
fn not_mapped(options: &Options<'_>, format: &str) -> Result<(), Error> {
    match options.mapping {
        None => Ok(()),
        Some(_) => Err(Error::usage(
            format!("a mapping is for the columns of CSV and XLSX, and the input is {format}"),
            format!("映射文件用于 CSV 与 XLSX 的列，而输入为 {format}"),
        )),
    }
}

/// The next employers, or the error that ends them.
fn chunk_of(groups: &mut csv::Groups) -> Option<Result<Batch, Error>> {
    let mut chunk = Vec::new();
    for group in groups.by_ref().take(GROUPS) {
        match group {
            Ok(group) => chunk.push(group),
            Err(why) => return Some(Err(why)),
        }
    }
    (!chunk.is_empty()).then_some(Ok(Batch(Kind::Groups(chunk))))
}
