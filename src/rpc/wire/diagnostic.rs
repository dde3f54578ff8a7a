//! `Diagnostic`.

use floatrate_engine::diagnostic::{Diagnostic, Files};
use floatrate_proto::floatrate::v1;

/// The message of a plan's mistake, with its place in `files`.
#[must_use]
pub fn diagnostic(diagnostic: &Diagnostic, files: &Files) -> v1::Diagnostic {
    // `also` is a second place that explains the first; the rendered text shows it.
    let Diagnostic { code, message, place, also: _, help, article, notes } = diagnostic;
    let mut out = v1::Diagnostic {
        code: (*code).to_owned(),
        message: message.clone(),
        help: help.clone().unwrap_or_default(),
        article: article.clone().unwrap_or_default(),
        notes: notes.clone(),
        ..Default::default()
    };
    if let Some((span, expected)) = place {
        let (line, column) = files.position(*span);
        // The limit of a plan file's bytes is far below i32.
        let small = |n: usize| i32::try_from(n).unwrap_or(i32::MAX);
        files.path(span.file).clone_into(&mut out.file);
        (out.line, out.column) = (small(line), small(column));
        out.expected.clone_from(expected);
    }
    out
}
