//! Spreadsheets run a cell that starts with `= + - @` as a formula. Exported text gets a `'` in front of it.
//!
//! Only for text columns: a negative number in a numeric column is written as it is.

use std::borrow::Cow;

/// Whether a cell acts as a formula once the `'`s before it are taken away. Counting those too keeps the pair
/// [`escape`] and [`unescape`] exact for a text that itself starts with `'=`.
fn is_formula(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(['=', '+', '-', '@'])
}

/// The text as it is exported.
#[must_use]
pub fn escape(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

/// The text of an exported cell; the inverse of [`escape`].
#[must_use]
pub fn unescape(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|text| is_formula(text)).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_are_escaped() {
        for (text, cell) in [
            ("=1+1", "'=1+1"),
            ("+86", "'+86"),
            ("-", "'-"),
            ("@x", "'@x"),
            ("'=1", "''=1"),
            ("攀枝花", "攀枝花"),
            ("'tis", "'tis"),
            ("", ""),
            ("a=1", "a=1"),
        ] {
            assert_eq!(escape(text), cell);
            assert_eq!(unescape(cell), text);
        }
    }

    proptest! {
        #[test]
        fn unescape_undoes_escape(text in "['=+@a-]{0,5}") {
            let cell = escape(&text);
            prop_assert!(!cell.starts_with(['=', '+', '-', '@']));
            prop_assert_eq!(unescape(&cell), text.as_str());
        }
    }
}
