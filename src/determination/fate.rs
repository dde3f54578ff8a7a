//! What became of a determination, by the one rule of which holds: on which days it holds, and what took its place.

use super::holding::{Span, newest_for};
use super::terms::Terms;
use crate::store::tables::determinations::Published;
use crate::store::{Db, StoreError, day};
use floatrate_engine::record::Date;
use std::collections::BTreeSet;

/// What became of a determination, as far as is known now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// Id of the determination whose place it took at its publication, or empty.
    pub supersedes: String,
    /// Id of the withdrawal, or empty.
    pub withdrawn_by: String,
    /// First and last days of the stretches for which it holds.
    pub holds: Vec<(Date, Date)>,
    /// Ids of those that hold on its other days.
    pub superseded_by: Vec<String>,
}

impl Fate {
    /// The fate of a determination.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn of(db: &Db, published: &Published) -> Result<Self, StoreError> {
        let all = crate::store::tables::determinations::of_employer(db, &published.kept.employer_id).await?;
        Self::among(&all, published.position)
    }

    /// The fate of the determination at a position among all of its employer's, in the order of their positions.
    ///
    /// # Errors
    ///
    /// What is kept is not what it should be.
    pub fn among(all: &[Published], position: i64) -> Result<Self, StoreError> {
        let spans = all.iter().map(|p| span(p, all)).collect::<Result<Vec<_>, _>>()?;
        let ids: Vec<String> = all.iter().map(Published::id).collect();
        Ok(fate(&spans, &ids, position))
    }
}

fn span(published: &Published, all: &[Published]) -> Result<Span, StoreError> {
    let terms = Terms::read(&published.kept.terms)?;
    let withdraws = match terms.withdraws.as_str() {
        "" => 0,
        id => all.iter().find(|other| other.id() == id).map_or(0, |other| other.position),
    };
    let (from, until) = (day(published.kept.from_day)?, day(published.kept.until_day)?);
    let (from, until) = (from.day_number(), until.day_number());
    Ok(Span { position: published.position, from, until, withdraws })
}

fn fate(spans: &[Span], ids: &[String], position: i64) -> Fate {
    let Some(at) = spans.iter().position(|s| s.position == position) else { return Fate::default() };
    let (own, mut out) = (spans[at], Fate::default());
    if own.withdraws != 0 {
        return out;
    }
    let before = spans[..at].iter();
    out.supersedes = newest_for(before, own.from).map_or_else(String::new, |place| ids[place].clone());
    if let Some(place) = spans.iter().position(|s| s.withdraws == position) {
        out.withdrawn_by.clone_from(&ids[place]);
        return out;
    }
    // Who holds can only change where a determination begins.
    let begins = spans.iter().map(|s| s.from).filter(|day| (own.from + 1..=own.until).contains(day));
    let cuts: BTreeSet<i32> = begins.chain([own.from, own.until + 1]).collect();
    let cuts: Vec<i32> = cuts.into_iter().collect();
    for pair in cuts.windows(2) {
        let (first, last) = (Date::of_day_number(pair[0]), Date::of_day_number(pair[1] - 1));
        match newest_for(spans.iter(), pair[0]) {
            Some(place) if place == at => match out.holds.last_mut() {
                Some((_, end)) if end.plus_days(1) == first => *end = last,
                _ => out.holds.push((first, last)),
            },
            Some(place) if !out.superseded_by.contains(&ids[place]) => {
                out.superseded_by.push(ids[place].clone());
            }
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A day of this century: the calendar ends before small numbers.
    const DAY: i32 = 2_460_000;

    #[test]
    fn what_became_of_each() {
        // A year, a class change in its middle, a correction of the year, the next year, its withdrawal.
        let all = "1 10 19 0; 2 15 19 0; 3 10 19 0; 4 20 29 0; 5 20 29 4; 6 30 39 0";
        let spans: Vec<Span> = all
            .split(';')
            .map(|s| {
                let n: Vec<i32> = s.split_whitespace().map(|n| n.parse().unwrap()).collect();
                Span { position: n[0].into(), from: DAY + n[1], until: DAY + n[2], withdraws: n[3].into() }
            })
            .collect();
        let ids: Vec<String> = spans.iter().map(|s| s.position.to_string()).collect();
        // Position, what it supersedes, who withdrew it, its days, who has the others.
        for (position, supersedes, withdrawn_by, holds, superseded_by) in [
            (1, "", "", "", "3 2"),
            (2, "1", "", "15-19", ""),
            (3, "1", "", "10-14", "2"),
            (4, "2", "5", "", ""),
            (5, "", "", "", ""),
            (6, "2", "", "30-39", ""),
        ] {
            let found = fate(&spans, &ids, position);
            let days: Vec<String> = found
                .holds
                .iter()
                .map(|(from, until)| format!("{}-{}", from.day_number() - DAY, until.day_number() - DAY))
                .collect();
            assert_eq!(
                (&*found.supersedes, &*found.withdrawn_by, &*days.join(" "), &*found.superseded_by.join(" ")),
                (supersedes, withdrawn_by, holds, superseded_by),
                "{position}"
            );
        }
    }

    /// Day by day it is what the rule says.
    #[test]
    fn the_days_are_those_of_the_rule() {
        let mut seed = 7_u64;
        let mut next = move |below: u64| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) % below
        };
        for _ in 0..500 {
            let mut spans: Vec<Span> = Vec::new();
            for position in 1..=8_i64 {
                let old = spans.get(usize::try_from(next(16)).unwrap()).copied();
                let free = |s: &Span| s.withdraws == 0 && !spans.iter().any(|o| o.withdraws == s.position);
                let withdrawn = old.filter(free);
                let from = DAY + i32::try_from(next(12)).unwrap();
                let until = from + i32::try_from(next(6)).unwrap();
                spans.push(withdrawn.map_or(Span { position, from, until, withdraws: 0 }, |s| Span {
                    position,
                    withdraws: s.position,
                    ..s
                }));
            }
            let ids: Vec<String> = spans.iter().map(|s| s.position.to_string()).collect();
            for (at, span) in spans.iter().enumerate() {
                let found = fate(&spans, &ids, span.position);
                for day in span.from..=span.until {
                    let held = found
                        .holds
                        .iter()
                        .any(|(from, until)| (from.day_number()..=until.day_number()).contains(&day));
                    assert_eq!(held, newest_for(spans.iter(), day) == Some(at), "{spans:?} {span:?} {day}");
                }
            }
        }
    }
}
