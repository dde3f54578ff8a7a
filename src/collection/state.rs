//! Everything that was published, in memory: by employer for point look-ups, by position for the feed.
//!
//! What many determinations have in common, their terms, is kept once. Positions run from 1 without gaps, so a position
//! is a place in a list.

use super::change::{Change, Kind};
use crate::determination::{Span, Terms, newest_for};
use crate::store::tables::determinations::{self, Publication};
use crate::store::{Instant, StoreError, day};
use floatrate_engine::record::Date;
use std::collections::HashMap;
use std::sync::Arc;

/// A published determination.
#[derive(Clone, Debug)]
struct Held {
    span: Span,
    publication: u32,
    employer: u32,
    kind: Kind,
    /// Position of what it supersedes or withdraws; 0 for none.
    supersedes: i64,
    terms: Arc<Terms>,
}

/// Everything that was published up to a position.
#[derive(Debug, Default)]
pub struct State {
    /// By position, the first at 0.
    held: Vec<Held>,
    publications: Vec<Publication>,
    employers: HashMap<Arc<str>, u32>,
    /// Key and positions of each employer.
    of: Vec<(Arc<str>, Vec<i64>)>,
    terms: HashMap<Box<str>, Arc<Terms>>,
}

/// What a look-up found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The change whose rate holds on the day.
    Holds(Box<Change>),
    /// The newest for the day ended before it.
    Ended(Box<Change>),
    /// Nothing was published for the day, but something for later days.
    Later(Box<Change>),
    /// Nothing was published for the employer, as far as was known.
    Nothing,
}

/// A determination on its way into the state.
#[derive(Debug)]
pub struct Incoming {
    employer_id: String,
    from: i32,
    until: i32,
    terms: String,
}

impl Incoming {
    /// A row of the database.
    ///
    /// # Errors
    ///
    /// Its days are none.
    pub fn of(row: determinations::Terms) -> Result<Self, StoreError> {
        Ok(Self {
            employer_id: row.employer_id,
            from: day(row.from_day)?.day_number(),
            until: day(row.until_day)?.day_number(),
            terms: row.terms,
        })
    }
}

impl State {
    /// Position of the newest change; 0 for none.
    #[must_use]
    pub fn newest(&self) -> i64 {
        i64::try_from(self.held.len()).unwrap_or(i64::MAX)
    }

    /// Takes in what a publication made visible, or a part of it that follows what was taken in before.
    ///
    /// # Errors
    ///
    /// The rows are not those of the publication.
    pub fn add(&mut self, publication: &Publication, rows: Vec<Incoming>) -> Result<(), StoreError> {
        let known = self.publications.last().is_some_and(|last| last.batch == publication.batch);
        if !known {
            if publication.first_position != self.newest() + 1 {
                return Err(StoreError::broken(format!(
                    "position {} follows {}",
                    publication.first_position,
                    self.newest()
                )));
            }
            self.publications.push(publication.clone());
        }
        let number = u32::try_from(self.publications.len() - 1).unwrap_or(u32::MAX);
        for row in rows {
            let terms = self.terms(&row.terms)?;
            let employer = self.employer(&row.employer_id);
            let position = self.newest() + 1;
            let withdraws = self.withdrawn(employer, &terms.withdraws);
            let span = Span { position, from: row.from, until: row.until, withdraws };
            let before = self.find(employer, row.from, |_| true).map(|held| held.span.position);
            let kind = match before.and_then(|p| self.at(p)) {
                _ if withdraws != 0 => Kind::Withdrawn,
                None => Kind::New,
                Some(before) if before.terms.differs_in_charge_alone(&terms) => Kind::Reduction,
                Some(_) => Kind::Supersedes,
            };
            let supersedes = if withdraws != 0 { withdraws } else { before.unwrap_or(0) };
            self.held.push(Held { span, publication: number, employer, kind, supersedes, terms });
            if let Some((_, positions)) = self.of.get_mut(employer as usize) {
                positions.push(position);
            }
        }
        Ok(())
    }

    fn terms(&mut self, json: &str) -> Result<Arc<Terms>, StoreError> {
        if let Some(terms) = self.terms.get(json) {
            return Ok(Arc::clone(terms));
        }
        let terms = Arc::new(Terms::read(json)?);
        self.terms.insert(json.into(), Arc::clone(&terms));
        Ok(terms)
    }

    fn employer(&mut self, id: &str) -> u32 {
        if let Some(place) = self.employers.get(id) {
            return *place;
        }
        let (key, place) = (Arc::<str>::from(id), u32::try_from(self.of.len()).unwrap_or(u32::MAX));
        self.employers.insert(Arc::clone(&key), place);
        self.of.push((key, Vec::new()));
        place
    }

    /// Position of the employer's determination that is withdrawn; 0 for none.
    fn withdrawn(&self, employer: u32, id: &str) -> i64 {
        if id.is_empty() {
            return 0;
        }
        let found = self.of_employer(employer).find(|held| self.id(held) == id);
        found.map_or(0, |held| held.span.position)
    }

    fn id(&self, held: &Held) -> String {
        let publication = self.publications.get(held.publication as usize);
        publication.map_or_else(String::new, |p| {
            determinations::id(&p.batch, held.span.position - p.first_position + 1)
        })
    }

    /// Position of a determination's id; 0 where it is not published.
    #[must_use]
    pub fn position_of(&self, id: &str) -> i64 {
        let Some((batch, ordinal)) = determinations::place(id) else { return 0 };
        let found = self.publications.iter().rev().find(|p| p.batch == batch);
        found.filter(|p| ordinal <= p.size).map_or(0, |p| p.first_position + ordinal - 1)
    }

    fn at(&self, position: i64) -> Option<&Held> {
        self.held.get(usize::try_from(position.checked_sub(1)?).ok()?)
    }

    fn of_employer(&self, employer: u32) -> impl Iterator<Item = &Held> + Clone {
        let positions = self.of.get(employer as usize).map_or(&[][..], |(_, positions)| positions);
        positions.iter().filter_map(|position| self.at(*position))
    }

    /// The newest for a day of those that are known.
    fn find(&self, employer: u32, day: i32, known: impl Fn(&Held) -> bool + Copy) -> Option<&Held> {
        let held = self.of_employer(employer).filter(move |held| known(held));
        let at = newest_for(held.clone().map(|held| &held.span), day)?;
        let mut held = held;
        held.nth(at)
    }

    /// What holds for an employer on a day, as was known at an instant (now for None), up to a position.
    #[must_use]
    pub fn rate(&self, employer_id: &str, day: Date, known_at: Option<Instant>, newest: i64) -> Answer {
        let Some(employer) = self.employers.get(employer_id).copied() else { return Answer::Nothing };
        let published = |held: &Held| self.publications.get(held.publication as usize).map(|p| p.at);
        let known = |held: &Held| {
            held.span.position <= newest && known_at.is_none_or(|at| published(held).is_some_and(|p| p <= at))
        };
        if let Some(held) = self.find(employer, day.day_number(), known) {
            let change = Box::new(self.change(held));
            return if held.span.until >= day.day_number() {
                Answer::Holds(change)
            } else {
                Answer::Ended(change)
            };
        }
        let later = self.find(employer, i32::MAX, known);
        later.map_or(Answer::Nothing, |held| Answer::Later(Box::new(self.change(held))))
    }

    /// Changes after a position, so many at most.
    #[must_use]
    pub fn after(&self, position: i64, most: usize) -> Vec<Change> {
        let from = usize::try_from(position.max(0)).unwrap_or(usize::MAX).min(self.held.len());
        self.held[from..].iter().take(most).map(|held| self.change(held)).collect()
    }

    /// The change at a position.
    #[must_use]
    pub fn change_at(&self, position: i64) -> Option<Change> {
        self.at(position).map(|held| self.change(held))
    }

    fn change(&self, held: &Held) -> Change {
        let publication = self.publications.get(held.publication as usize);
        Change {
            id: self.id(held),
            position: held.span.position,
            kind: held.kind,
            employer_id: self
                .of
                .get(held.employer as usize)
                .map_or_else(|| Arc::from(""), |(key, _)| Arc::clone(key)),
            terms: Arc::clone(&held.terms),
            from: Date::of_day_number(held.span.from),
            until: Date::of_day_number(held.span.until),
            supersedes: self.at(held.supersedes).map_or_else(String::new, |held| self.id(held)),
            published_at: publication.map_or(Instant(0), |p| p.at),
        }
    }
}
