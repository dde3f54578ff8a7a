//! Everything that the examples of a plan have to reach.

use super::bounds::{Bound, inert, may_be_negative};
use super::steps::{after, decided, flow};
use super::{Case, Item, Kind};
use crate::number::Decimal;
use crate::plan::checked::{Change, Checked, Part, Term, TermKind};
use crate::record::Date;

/// What an item is about, by its place in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Row(usize, usize),
    /// The bound's place, the class and the stretch of time that its value is for.
    Bound(usize, Option<u8>, usize),
    Gate(usize),
    Adjust(usize),
    Ladder,
    Floor,
    Cap,
    Class(u8),
}

/// An item with what it is about.
#[derive(Clone, Debug)]
pub(super) struct Keyed {
    pub key: (Key, Case),
    pub item: Item,
}

/// Every item of a plan.
pub(super) fn items(plan: &Checked, bounds: &[Bound<'_>]) -> Vec<Keyed> {
    let mut list = List { plan, out: Vec::new() };
    list.rows();
    for (at, bound) in bounds.iter().enumerate() {
        list.bound(at, bound);
    }
    list.gates();
    list.adjusts();
    list.limits();
    for class in 1..=plan.classes {
        list.add(Kind::Class, Key::Class(class), Case::Hit, format!("class {class}"), None);
    }
    list.out
}

struct List<'a> {
    plan: &'a Checked,
    out: Vec<Keyed>,
}

impl List<'_> {
    fn add(&mut self, kind: Kind, key: Key, case: Case, name: String, exempt: Option<String>) {
        let item = Item { kind, name, case, by: Vec::new(), exempt, advice: String::new() };
        self.out.push(Keyed { key: (key, case), item });
    }

    fn rows(&mut self) {
        for (at, table) in self.plan.tables.iter().enumerate() {
            for row in 0..table.rows.len() {
                let name = match table.columns.as_slice() {
                    [column] => format!("{}:{column}:{}", table.name, row + 1),
                    _ => format!("{}:{}", table.name, row + 1),
                };
                let exempt = inert(self.plan, |part| *part == Part::Row { table: at, row });
                self.add(Kind::Row, Key::Row(at, row), Case::Hit, name, exempt);
            }
        }
    }

    fn bound(&mut self, at: usize, bound: &Bound<'_>) {
        let classes: Vec<Option<u8>> =
            if bound.by_class { (1..=self.plan.classes).map(Some).collect() } else { vec![None] };
        let named = matches!(bound.question.bound.kind, TermKind::Param { .. });
        for era in 0..bound.eras.len() {
            let Some(day) = self.rating_day(bound, era) else { continue };
            for class in &classes {
                let number = bound.number(self.plan, *class, day);
                let mut name = format!("{}: {} {}", self.place(bound), bound.value_text, bound.bound_text);
                if let Some(class) = class {
                    name.push_str(&format!(" of class {class}"));
                }
                if let (true, Some(number)) = (named, number) {
                    name.push_str(&format!(" ({number})"));
                }
                if bound.eras.len() > 1
                    && let Some(from) = bound.eras[era]
                {
                    name.push_str(&format!(" from {from}"));
                }
                // Nothing is below 0 unless the formula subtracts.
                let lowest = number.is_some_and(|n| n <= Decimal::ZERO)
                    && !may_be_negative(self.plan, bound.question.value);
                let exempt = bound.exempt(self.plan);
                for case in [Case::Below, Case::At, Case::Above] {
                    if case == Case::Below && lowest {
                        continue;
                    }
                    self.add(Kind::Bound, Key::Bound(at, *class, era), case, name.clone(), exempt.clone());
                }
            }
        }
    }

    /// The first rating date on which a bound has the value of a stretch of time.
    fn rating_day(&self, bound: &Bound<'_>, era: usize) -> Option<Date> {
        let first = self.plan.first_rating_date()?;
        let day = bound.eras[era].map_or(Some(first), |from| self.plan.rating_date_from(from))?;
        let next = bound.eras.get(era + 1).copied().flatten();
        next.is_none_or(|next| day < next).then_some(day)
    }

    fn place(&self, bound: &Bound<'_>) -> String {
        use super::bounds::Place;
        match bound.place {
            Place::Gate(at) => format!("gate {}", self.plan.gates[at].name),
            Place::Table(at) => format!("table {}", self.plan.tables[at].name),
            Place::Adjust(at) => {
                let adjust = &self.plan.adjusts[at];
                format!("{} {}", adjust.kind.name(), adjust.name)
            }
            Place::Measure(at) => format!("measure {}", self.plan.measures[at].name),
        }
    }

    fn gates(&mut self) {
        for (at, gate) in self.plan.gates.iter().enumerate() {
            let exempt = inert(self.plan, |part| *part == Part::Gate(at));
            self.add(Kind::Gate, Key::Gate(at), Case::Acts, gate.name.clone(), exempt);
            self.add(Kind::Gate, Key::Gate(at), Case::Not, gate.name.clone(), None);
        }
    }

    fn adjusts(&mut self) {
        let classes: Vec<u8> = (1..=self.plan.classes.max(1)).collect();
        let flows: Vec<_> = classes.iter().map(|class| flow(self.plan, *class)).collect();
        for (at, adjust) in self.plan.adjusts.iter().enumerate() {
            let name = format!("{}:{}", adjust.kind.name(), adjust.name);
            let exempt = inert(self.plan, |part| *part == Part::Adjust(at));
            let (mut stays, mut fails) = (false, false);
            for (class, flow) in classes.iter().zip(&flows) {
                let holds = decided(self.plan, &adjust.when, *class);
                fails |= holds != Some(true);
                if holds == Some(false) {
                    continue;
                }
                stays |= match &adjust.change {
                    Change::Rate(term) | Change::Class(term) => chooses(term),
                    Change::Step(term) => flow.before[at].as_ref().is_none_or(|steps| {
                        let same = |step: &i64| {
                            after(self.plan, term, *step, *class).is_none_or(|new| new.contains(step))
                        };
                        steps.iter().any(same)
                    }),
                };
            }
            self.add(Kind::Adjust, Key::Adjust(at), Case::Acts, name.clone(), exempt.clone());
            if stays {
                self.add(Kind::Adjust, Key::Adjust(at), Case::Unchanged, name.clone(), exempt);
            }
            if fails {
                self.add(Kind::Adjust, Key::Adjust(at), Case::Not, name, None);
            }
        }
    }

    fn limits(&mut self) {
        let allowed = &self.plan.ladder.allowed;
        let leaves = allowed.iter().zip(1..).any(|((low, high), class)| {
            flow(self.plan, class).end.is_none_or(|steps| steps.iter().any(|s| s < low || s > high))
        });
        let exempt = inert(self.plan, |part| *part == Part::Ladder);
        // Where no step of any class leaves its range, there is nothing to show.
        if !allowed.is_empty() && (leaves || exempt.is_some()) {
            self.add(Kind::Limit, Key::Ladder, Case::Acts, "ladder:class".to_owned(), exempt);
            self.add(Kind::Limit, Key::Ladder, Case::Not, "ladder:class".to_owned(), None);
        }
        for (there, key, part, name) in [
            (self.plan.outcome.floor.is_some(), Key::Floor, Part::Floor, "limit:floor"),
            (self.plan.outcome.cap.is_some(), Key::Cap, Part::Cap, "limit:cap"),
        ] {
            if there {
                let exempt = inert(self.plan, |p| *p == part);
                self.add(Kind::Limit, key, Case::Acts, name.to_owned(), exempt);
                self.add(Kind::Limit, key, Case::Not, name.to_owned(), None);
            }
        }
    }
}

/// Whether a formula of the rate chooses between values, so that it can give the rate that was there.
fn chooses(term: &Term) -> bool {
    match &term.kind {
        TermKind::Min(_) | TermKind::Max(_) | TermKind::If(..) => true,
        TermKind::Add(a, b)
        | TermKind::Subtract(a, b)
        | TermKind::Multiply(a, b)
        | TermKind::Divide(a, b) => chooses(a) || chooses(b),
        _ => false,
    }
}
