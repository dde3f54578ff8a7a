//! Rejects: one JSON object a line, to a file or the first few to standard error.

use super::limits::REJECTS_SHOWN;
use super::{Error, Input};
use floatrate_engine::Lang;
use serde::Serialize;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// What is wrong with one field of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Path of the field; none where the line as a whole is meant.
    pub field: Option<String>,
    /// Stable name of the reason, for programs.
    pub reason: String,
    /// What was found and expected, for people.
    pub message: String,
}

/// A record that is not rated.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reject {
    /// Line, counted from 1; of CSV the row that the first fault is in.
    pub line: u64,
    /// Key of the employer, where it can be read.
    pub employer_id: Option<String>,
    /// The first fault.
    #[serde(flatten)]
    pub fault: Fault,
    /// Further faults of the same record.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub more: Vec<Fault>,
    /// File name, for input of several files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
}

impl Reject {
    /// The reject of `input` for what is wrong with its line, or else for `faults`; none where there is neither.
    #[must_use]
    pub fn of(input: &Input, faults: Vec<Fault>, lang: Lang) -> Option<Self> {
        let mut faults = faults.into_iter();
        let fault = match &input.form {
            Ok(_) => faults.next()?,
            Err(broken) => Fault {
                field: broken.field.clone(),
                reason: broken.reason.to_string(),
                message: broken.message.pick(lang).to_string(),
            },
        };
        let place = input.place_of(fault.field.as_deref().unwrap_or_default());
        Some(Self {
            line: place.line,
            employer_id: input.employer_id().map(str::to_string),
            fault,
            more: faults.collect(),
            file: place.file.as_deref().map(str::to_string),
        })
    }
}

/// Takes rejects and counts them.
pub struct Rejects {
    out: Box<dyn Write + Send>,
    shown_max: u64,
    count: u64,
}

impl Rejects {
    /// All rejects, to a new file.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn to_file(path: &Path) -> Result<Self, Error> {
        let file = File::create(path).map_err(Error::io(path.display().to_string()))?;
        Ok(Self::new(Box::new(BufWriter::new(file)), u64::MAX))
    }

    /// The first [`REJECTS_SHOWN`], to standard error.
    #[must_use]
    pub fn to_stderr() -> Self {
        Self::new(Box::new(io::stderr()), REJECTS_SHOWN)
    }

    /// The first `shown_max` rejects to `out`.
    #[must_use]
    pub fn new(out: Box<dyn Write + Send>, shown_max: u64) -> Self {
        Self { out, shown_max, count: 0 }
    }

    /// Takes one.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, reject: &Reject) -> io::Result<()> {
        self.count += 1;
        if self.count > self.shown_max {
            return Ok(());
        }
        let mut line = serde_json::to_vec(reject)?;
        line.push(b'\n');
        self.out.write_all(&line)
    }

    /// How many were taken so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Says how many were not shown, and gives the number taken.
    ///
    /// # Errors
    /// They cannot be written out.
    pub fn finish(mut self, lang: Lang) -> io::Result<u64> {
        let hidden = self.count.saturating_sub(self.shown_max);
        if hidden > 0 {
            match lang {
                Lang::En => writeln!(self.out, "and {hidden} more rejects; --rejects F keeps them all")?,
                Lang::Zh => {
                    writeln!(self.out, "另有 {hidden} 条未通过记录未显示；用 --rejects F 可全部保存")?
                }
            }
        }
        self.out.flush()?;
        Ok(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Charset, jsonl};
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Shared(Arc<Mutex<Vec<u8>>>);

    impl Write for Shared {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn input(text: &str) -> Input {
        jsonl::parse(&jsonl::Line { number: 7, bytes: Some(text.into()) }, Charset::Utf8)
    }

    fn fault(field: &str) -> Fault {
        Fault { field: Some(field.into()), reason: "negative".into(), message: "-1 is negative".into() }
    }

    #[test]
    fn one_object_a_line() {
        let record = input(r#"{"employer":{"id":"A"}}"#);
        assert_eq!(Reject::of(&record, vec![], Lang::En), None);
        let reject = Reject::of(&record, vec![fault("a"), fault("b")], Lang::En).unwrap();
        assert_eq!(
            serde_json::to_string(&reject).unwrap(),
            r#"{"line":7,"employer_id":"A","field":"a","reason":"negative","message":"-1 is negative","#
                .to_string()
                + r#""more":[{"field":"b","reason":"negative","message":"-1 is negative"}]}"#
        );
        let reject = Reject::of(&input("{"), vec![], Lang::Zh).unwrap();
        let text = serde_json::to_string(&reject).unwrap();
        assert!(
            text.starts_with(
                r#"{"line":7,"employer_id":null,"field":null,"reason":"not_json","message":"不是"#
            )
        );
    }

    #[test]
    fn the_rest_is_counted() {
        for (taken, lines) in [(2, 2), (3, 3), (5, 4)] {
            let out = Shared::default();
            let mut rejects = Rejects::new(Box::new(out.clone()), 3);
            let reject = Reject::of(&input("{"), vec![], Lang::En).unwrap();
            for _ in 0..taken {
                rejects.write(&reject).unwrap();
            }
            assert_eq!(rejects.finish(Lang::En).unwrap(), taken);
            let text = String::from_utf8(out.0.lock().unwrap().clone()).unwrap();
            assert_eq!(text.lines().count(), lines);
            assert_eq!(text.contains("and 2 more rejects; --rejects F keeps them all"), taken == 5);
        }
    }
}
