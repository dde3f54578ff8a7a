//! The quantities of a record that plans look at, each known only by its bounds.
//!
//! Claims are told apart only as far as the plans' conditions on them do: a *kind* is a set of causes and outcomes that
//! every condition treats alike. Time is cut where a window begins or ends: a *stretch* lies in every window or outside
//! it. Money and injuries of one kind in one stretch are one quantity; whatever a plan sums is a sum of these. An average
//! is a quantity of its own, and so is a product of two quantities: of those only the sign is known.

use super::feasible::Bounds;
use super::linear::{Linear, Var};
use crate::limits::AMOUNT_MAX;
use crate::plan::checked::{Column, PriorPart};
use crate::plan::compiled::Span;
use crate::record::{Cause, ClaimOutcome, Date};
use std::collections::BTreeMap;

/// A quantity of a record.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Quantity {
    /// Money of claims of a kind, paid in a stretch; minor units.
    Money { column: Column, stretch: usize, kind: usize },
    /// Injuries of a kind in a stretch.
    Injuries { stretch: usize, kind: usize },
    /// Rows of claims of a kind in a stretch that are further payments.
    Payments { stretch: usize, kind: usize },
    /// Sum of a column over the periods within a stretch.
    Total { column: Column, stretch: usize },
    /// Sum of a column over periods that lie in a window, but in no stretch of it.
    Across { column: Column, window: Span },
    /// Average of a column over a window, weighted by months.
    Average { column: Column, window: Span },
    /// Whether a window lacks a value of a column.
    Missing { column: Column, window: Span },
    /// Whether every insured day of a window is covered and nothing straddles it.
    Whole(Span),
    /// A fact, in units of its places.
    Fact(String),
    /// A fact of two values.
    Flag(String),
    /// By how many whole months the time from the day of (first) insurance to a day falls short of [`MONTHS_MOST`].
    Short { first: bool, until: Date },
    /// The day of (first) insurance.
    Day { first: bool },
    /// A part of the prior result, in 10^-12.
    Prior(PriorPart),
    /// Whether the record has it.
    PriorGiven(PriorPart),
    /// A product of two quantities, neither negative.
    Product(Linear, Linear),
    /// How much more of something, at least one unit; of money or of something else.
    More { money: bool },
    /// By how much a product grows, or what it becomes: of that only the sign is known.
    Change(Var),
}

/// Claims that every condition treats alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Copy)]
pub(super) struct Sort {
    pub cause: Cause,
    pub outcome: ClaimOutcome,
    /// Injuries; otherwise further payments.
    pub counted: bool,
}

impl Sort {
    pub fn all() -> impl Iterator<Item = Self> {
        Cause::ALL.iter().flat_map(|cause| {
            ClaimOutcome::ALL.iter().flat_map(|outcome| {
                [true, false].map(|counted| Self { cause: *cause, outcome: *outcome, counted })
            })
        })
    }
}

/// The quantities of a proof.
#[derive(Clone, Debug, Default)]
pub(super) struct Basis {
    quantities: Vec<Quantity>,
    places: BTreeMap<Quantity, Var>,
    /// Time, cut at every window's ends; only what lies in some window.
    pub stretches: Vec<Span>,
    /// Kinds of claims.
    pub kinds: Vec<Vec<Sort>>,
}

impl Basis {
    /// Time cut by windows.
    pub fn of(windows: impl Iterator<Item = Span>) -> Self {
        let windows: Vec<Span> = windows.collect();
        let mut cuts: Vec<Date> = windows.iter().flat_map(|w| [w.start, w.end.plus_days(1)]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let pieces = cuts.windows(2).map(|pair| Span { start: pair[0], end: pair[1].plus_days(-1) });
        let stretches =
            pieces.filter(|p| windows.iter().any(|w| w.start <= p.start && p.end <= w.end)).collect();
        Self { stretches, ..Self::default() }
    }

    pub fn var(&mut self, quantity: Quantity) -> Var {
        if let Some(var) = self.places.get(&quantity) {
            return *var;
        }
        self.places.insert(quantity.clone(), self.quantities.len());
        self.quantities.push(quantity);
        self.quantities.len() - 1
    }

    pub fn find(&self, quantity: &Quantity) -> Option<Var> {
        self.places.get(quantity).copied()
    }

    pub fn quantity(&self, var: Var) -> &Quantity {
        &self.quantities[var]
    }

    pub fn all(&self) -> impl Iterator<Item = (Var, &Quantity)> {
        self.quantities.iter().enumerate()
    }

    pub fn product(&mut self, a: &Linear, b: &Linear) -> Var {
        self.var(Quantity::Product(a.clone(), b.clone()))
    }

    /// The stretches of a window.
    pub fn within(&self, window: Span) -> Vec<usize> {
        let inside = |s: &Span| window.start <= s.start && s.end <= window.end;
        (0..self.stretches.len()).filter(|at| inside(&self.stretches[*at])).collect()
    }

    /// What every record obeys: whoever was first insured before the present insurance was so for no fewer months, and of
    /// two days the later is no fewer months away. Each expression is at most 0.
    pub fn laws(&self) -> Vec<Linear> {
        let times: Vec<(Var, bool, Date)> = self
            .all()
            .filter_map(|(var, q)| match q {
                Quantity::Short { first, until } => Some((var, *first, *until)),
                _ => None,
            })
            .collect();
        let mut out = Vec::new();
        let at_most = |a: Var, b: Var, constant: i128| {
            let mut terms = vec![(a, 1), (b, -1)];
            terms.sort_unstable();
            Linear { terms, constant }
        };
        for (short, short_first, until) in &times {
            for (long, long_first, later) in &times {
                if short == long || short_first > long_first || until > later {
                    continue;
                }
                if short_first == long_first && until.day() == later.day() {
                    // The same day of the month: the difference is known.
                    let apart = i128::from(later.month_number() - until.month_number());
                    out.push(at_most(*long, *short, apart));
                    out.push(at_most(*short, *long, -apart));
                } else {
                    out.push(at_most(*long, *short, 0));
                }
            }
        }
        out
    }
}

/// Nobody is insured for longer: seventy-five years.
pub(super) const MONTHS_MOST: i128 = 900;
/// Nobody is insured later than twenty-five years after the day that counts.
const MONTHS_AFTER: i128 = 300;

impl Bounds for Basis {
    fn least(&self, var: Var) -> i128 {
        match self.quantities[var] {
            Quantity::More { .. } => 1,
            _ => 0,
        }
    }

    fn most(&self, var: Var) -> Option<i128> {
        match self.quantities[var] {
            Quantity::Short { .. } => Some(MONTHS_MOST + MONTHS_AFTER),
            Quantity::Money { .. } | Quantity::Total { .. } | Quantity::Prior(_) => {
                Some(i128::from(AMOUNT_MAX))
            }
            Quantity::Day { .. } => Some(5_000_000),
            _ => None,
        }
    }

    fn whole(&self, var: Var) -> bool {
        !matches!(
            self.quantities[var],
            Quantity::Average { .. } | Quantity::Product(..) | Quantity::Change(_)
        )
    }
}
