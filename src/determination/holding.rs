//! Which determination holds: the one rule, for the database and for memory.
//!
//! On a day, of the determinations that were published and not withdrawn, the one with the latest first day not after it
//! holds, and of several with one first day the one published last. A later one supersedes from its first day on; what
//! was superseded does not come back when the later one ends. What was known at an instant is found by leaving out what
//! was published after it, so a correction of the past keeps both answers.

/// What the rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Position in the change feed.
    pub position: i64,
    /// First day, a Julian day number.
    pub from: i32,
    /// Last day.
    pub until: i32,
    /// Position of the determination that it withdraws; 0 for none.
    pub withdraws: i64,
}

/// The place of the newest determination for a day among those of one employer that are known, whether or not it has
/// ended before that day.
pub fn newest_for<'s>(spans: impl Iterator<Item = &'s Span> + Clone, day: i32) -> Option<usize> {
    let withdrawn = |position: i64| spans.clone().any(|s| s.withdraws == position);
    spans
        .clone()
        .enumerate()
        .filter(|(_, s)| s.withdraws == 0 && s.from <= day && !withdrawn(s.position))
        .max_by_key(|(_, s)| (s.from, s.position))
        .map(|(at, _)| at)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Spans as `position from until withdraws`, days and who is found on each.
    fn found(spans: &str, day: i32, known: i64) -> Option<(i64, bool)> {
        let spans: Vec<Span> = spans
            .split(';')
            .map(|s| {
                let n: Vec<i32> = s.split_whitespace().map(|n| n.parse().unwrap()).collect();
                Span { position: n[0].into(), from: n[1], until: n[2], withdraws: n[3].into() }
            })
            .filter(|s| s.position <= known)
            .collect();
        newest_for(spans.iter(), day).map(|at| (spans[at].position, spans[at].until >= day))
    }

    #[test]
    fn what_holds_on_a_day() {
        // A year, a class change in its middle, a correction of the year, the next year, its withdrawal.
        let all = "1 10 19 0; 2 15 19 0; 3 10 19 0; 4 20 29 0; 5 20 29 4";
        for (day, known, expected) in [
            (9, 5, None),
            (10, 1, Some((1, true))),
            (14, 2, Some((1, true))),
            (15, 2, Some((2, true))),
            (14, 3, Some((3, true))),
            (15, 3, Some((2, true))),
            (20, 3, Some((2, false))),
            (20, 4, Some((4, true))),
            (20, 5, Some((2, false))),
        ] {
            assert_eq!(found(all, day, known), expected, "day {day}, known {known}");
        }
    }
}
