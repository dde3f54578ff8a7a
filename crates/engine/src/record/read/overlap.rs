//! Rows of dated values that share days.

use crate::record::Date;

/// The days of one row of a list.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// Row of the input, from 0.
    pub(super) row: usize,
    /// First day.
    pub(super) from: Date,
    /// Last day, not before `from`.
    pub(super) to: Date,
}

/// Two rows that share days.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Overlap {
    /// The row that stands later in the input.
    pub(super) later: usize,
    /// The row that stands earlier in the input.
    pub(super) earlier: usize,
    /// First day that both have.
    pub(super) from: Date,
    /// Last day that both have.
    pub(super) to: Date,
}

/// Overlaps among `spans`, which are sorted by `from`: at most one for each later row, so that a year laid over its
/// own months is one mistake and not twelve. Empty if and only if no two rows share a day.
pub(super) fn overlaps(spans: impl IntoIterator<Item = Span>) -> Vec<Overlap> {
    let mut found: Vec<Overlap> = Vec::new();
    let mut longest: Option<Span> = None;
    for span in spans {
        let Some(before) = longest else {
            longest = Some(span);
            continue;
        };
        if span.from <= before.to {
            let (later, earlier) = (span.row.max(before.row), span.row.min(before.row));
            found.push(Overlap { later, earlier, from: span.from, to: span.to.min(before.to) });
        }
        if span.to > before.to {
            longest = Some(span);
        }
    }
    found.sort_by_key(|o| (o.later, o.earlier));
    found.dedup_by_key(|o| o.later);
    found
}

#[cfg(test)]
mod tests {
    use super::{Overlap, Span, overlaps};
    use crate::record::Date;

    fn date(day: u32) -> Date {
        Date::new(2024, 1, day).unwrap()
    }

    #[test]
    fn one_for_each_later_row() {
        // (row, from, to) in the order of `from`; then (later, earlier).
        for (spans, expected) in [
            (&[(0, 1, 2), (1, 3, 4)][..], &[][..]),
            (&[(0, 1, 2), (1, 2, 4)], &[(1, 0)]),
            (&[(1, 1, 2), (0, 2, 4)], &[(1, 0)]),
            (&[(0, 1, 9), (1, 2, 3), (2, 4, 5)], &[(1, 0), (2, 0)]),
            (&[(2, 1, 9), (0, 2, 3), (1, 4, 5)], &[(2, 0)]),
            (&[(0, 1, 9), (1, 2, 3), (2, 9, 9), (3, 10, 10)], &[(1, 0), (2, 0)]),
            (&[(0, 1, 1), (1, 1, 1), (2, 1, 1)], &[(1, 0), (2, 0)]),
        ] {
            let rows = spans.iter().map(|&(row, from, to)| Span { row, from: date(from), to: date(to) });
            let found: Vec<_> = overlaps(rows).iter().map(|o| (o.later, o.earlier)).collect();
            assert_eq!(found, expected, "{spans:?}");
        }
        let pair =
            [Span { row: 0, from: date(1), to: date(9) }, Span { row: 1, from: date(3), to: date(12) }];
        let shared = Overlap { later: 1, earlier: 0, from: date(3), to: date(9) };
        assert_eq!(overlaps(pair), [shared]);
    }
}
