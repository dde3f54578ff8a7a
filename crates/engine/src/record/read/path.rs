//! Where the reader stands, and what it has found wrong.

use std::fmt::Write as _;

use crate::limits::VIOLATIONS_MAX;
use crate::record::Form;
use crate::record::violation::{Expected, Problem, Violation, shorten};

/// A place in a form. It lives on the stack and is only written out when a violation is recorded, because nearly
/// every record is good.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    /// The record as a whole.
    Root,
    /// A named field of a map.
    Key(&'p Path<'p>, &'p str),
    /// A row of a list, from 0.
    Row(&'p Path<'p>, usize),
}

impl Path<'_> {
    fn write(&self, out: &mut String) {
        match self {
            Self::Root => {}
            Self::Key(parent, name) => {
                parent.write(out);
                if !out.is_empty() {
                    out.push('.');
                }
                out.push_str(&shorten(name));
            }
            Self::Row(parent, row) => {
                parent.write(out);
                // Writing to a String cannot fail.
                let _ = write!(out, "[{row}]");
            }
        }
    }
}

/// The violations found so far.
#[derive(Default)]
pub(super) struct Report {
    pub(super) violations: Vec<Violation>,
}

impl Report {
    /// Records a problem. Gives `None`, so that a reader can end with it.
    #[cold]
    pub(super) fn add<T>(&mut self, path: &Path<'_>, problem: Problem) -> Option<T> {
        let room = VIOLATIONS_MAX.saturating_sub(self.violations.len());
        if room == 1 {
            let problem = Problem::TooManyViolations { max: VIOLATIONS_MAX };
            self.violations.push(Violation { field: String::new(), problem });
        }
        if room <= 1 {
            return None;
        }
        let mut field = String::new();
        path.write(&mut field);
        self.violations.push(Violation { field, problem });
        None
    }

    /// Records that `form` is of another kind than `expected`; a text with U+0000 is refused for that first.
    #[cold]
    pub(super) fn wrong_type<T>(&mut self, path: &Path<'_>, form: &Form, expected: Expected) -> Option<T> {
        match form {
            Form::Text(text) if text.contains('\0') => {
                self.add(path, Problem::ControlCharacter { character: '\0' })
            }
            _ => self.add(path, Problem::WrongType { seen: seen(form), expected }),
        }
    }
}

/// The value as a person would write it in JSON, shortened.
pub(super) fn seen(form: &Form) -> String {
    match form {
        Form::Null => "null".to_owned(),
        Form::Bool(value) => value.to_string(),
        Form::Int(value) => value.to_string(),
        Form::Inexact(text) => shorten(text),
        Form::Text(text) => quoted(text),
        Form::List(_) => "[…]".to_owned(),
        Form::Map(_) => "{…}".to_owned(),
    }
}

/// The text in quotes, shortened.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shorten(text))
}
