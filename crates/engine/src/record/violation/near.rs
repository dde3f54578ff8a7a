//! The known name that a misspelt one was probably meant to be.

/// Longer names are not compared: the work is the product of the lengths, and nobody mistypes so long a name.
const CHARS_MAX: usize = 64;

/// The nearest of `known` to `name`, if one is near enough to be worth proposing; the first of equals.
///
/// Case, `_`, `-` and blanks do not count, so `insuredSince` finds `insured_since`. Otherwise up to a third of the
/// letters may differ.
pub(in crate::record) fn nearest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    if name.chars().nth(CHARS_MAX).is_some() {
        return None;
    }
    let plain = letters(name);
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let distance = distance(&plain, &letters(candidate));
        if distance <= plain.len() / 3 && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate.to_owned())
}

fn letters(name: &str) -> Vec<char> {
    name.chars()
        .filter(|c| !matches!(c, '_' | '-') && !c.is_whitespace())
        .flat_map(char::to_lowercase)
        .collect()
}

/// Insertions, deletions and replacements between `a` and `b` (Levenshtein), one row of the table at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn proposes_only_what_is_near() {
        let known = ["payroll", "insured_since", "insured", "end"];
        for (name, expected) in [
            ("payrol", Some("payroll")),
            ("insuredSince", Some("insured_since")),
            ("INSURED-SINCE", Some("insured_since")),
            ("ende", Some("end")),
            ("benefits", None),
            ("", None),
            ("工资", None),
        ] {
            assert_eq!(nearest(name, known).as_deref(), expected, "{name:?}");
        }
        assert_eq!(nearest(&"p".repeat(1_000_000), known), None);
    }
}
