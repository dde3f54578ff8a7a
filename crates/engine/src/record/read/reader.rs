//! A generic cursor over the maps and lists of a form.

use super::path::{Path, Report};
use crate::record::Form;
use crate::record::violation::{Expected, Problem, nearest};

/// The fields of a map whose names are fixed.
pub(super) struct Fields<'f, 'p, const N: usize> {
    path: &'p Path<'p>,
    names: &'static [&'static str; N],
    forms: [Option<&'f Form>; N],
}

/// One field: a place and, unless the field was left out, a value. [`Form::Null`] is the same as left out.
#[derive(Clone, Copy)]
pub(super) struct Field<'f, 'p> {
    pub(super) path: Path<'p>,
    pub(super) form: Option<&'f Form>,
}

impl<'f, 'p, const N: usize> Fields<'f, 'p, N> {
    /// Sorts the entries of `form` by `names`. Unknown and duplicate names are recorded and left out, of duplicates
    /// the first counts. `None` when `form` is not a map.
    pub(super) fn new(
        form: &'f Form,
        path: &'p Path<'p>,
        names: &'static [&'static str; N],
        report: &mut Report,
    ) -> Option<Self> {
        let Form::Map(entries) = form else {
            return report.wrong_type(path, form, Expected::Map);
        };
        let mut forms = [None; N];
        for (name, value) in entries {
            match names.iter().position(|known| known == name) {
                Some(at) if forms[at].is_none() => forms[at] = Some(value),
                Some(_) => report_at(report, path, name, Problem::DuplicateField {}),
                None => {
                    let near = nearest(name, names.iter().copied());
                    report_at(report, path, name, Problem::UnknownField { near, known: names });
                }
            }
        }
        Some(Self { path, names, forms })
    }

    /// The field `name`, one of the names given to [`Fields::new`].
    pub(super) fn get(&self, name: &'static str) -> Field<'f, 'p> {
        let at = self.names.iter().position(|known| *known == name);
        debug_assert!(at.is_some(), "{name} is read but not named");
        let form = at.and_then(|at| self.forms[at]).filter(|form| **form != Form::Null);
        Field { path: Path::Key(self.path, name), form }
    }
}

/// Records a problem of the entry `name` of the map at `path`; a name with U+0000 is refused for that first.
#[cold]
pub(super) fn report_at(report: &mut Report, path: &Path<'_>, name: &str, problem: Problem) {
    let problem = if name.contains('\0') { Problem::ControlCharacter { character: '\0' } } else { problem };
    report.add::<()>(&Path::Key(path, name), problem);
}

impl<'f> Field<'f, '_> {
    /// The field, having recorded a violation when it was left out.
    pub(super) fn required(self, report: &mut Report) -> Self {
        if self.form.is_none() {
            report.add::<()>(&self.path, Problem::MissingField {});
        }
        self
    }

    /// The rows of a list, none when the field was left out. A list with more than `max` rows is recorded and its
    /// rows are not looked at.
    pub(super) fn rows(self, max: usize, report: &mut Report) -> &'f [Form] {
        match self.form {
            None => &[],
            Some(Form::List(rows)) if rows.len() > max => {
                report.add::<()>(&self.path, Problem::TooManyRows { rows: rows.len(), max });
                &[]
            }
            Some(Form::List(rows)) => rows,
            Some(other) => {
                report.wrong_type::<()>(&self.path, other, Expected::List);
                &[]
            }
        }
    }

    /// The entries of a map whose names are not fixed, none when the field was left out.
    pub(super) fn entries(self, report: &mut Report) -> &'f [(String, Form)] {
        match self.form {
            None => &[],
            Some(Form::Map(entries)) => entries,
            Some(other) => {
                report.wrong_type::<()>(&self.path, other, Expected::Map);
                &[]
            }
        }
    }
}
