//! The quantities of a record that plans look at, each known only by its bounds.
//!
//! Claims are told apart only as far as the plans' conditions on them do: a *kind* is a set of causes and outcomes that
//! every condition treats alike. Time is cut where a window begins or ends: a *stretch* lies in every window or outside
//! it. Money and injuries of one kind in one stretch are one quantity; whatever a plan sums is a sum of these. An average
//! is a quantity of its own, and so is a product of two quantities: of those only the sign is known.

use super::diagram::Replacement;
use super::feasible::{Bounds, Condition};
use super::linear::{Linear, TooLarge, Var};
use crate::limits::AMOUNT_MAX;
use crate::number::Rounding;
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
    /// Sum over the periods within a stretch of a column, or of a product of columns, among the rows that lack the declared
    /// values whose bits are set; in the least units of the columns.
    Total { columns: Vec<Column>, stretch: usize, lacking: u64 },
    /// The same over periods that lie in a window, but in no stretch of it.
    Across { columns: Vec<Column>, window: Span, lacking: u64 },
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
    /// A portfolio value by its name, in 10^-6, above 0.
    Portfolio(String),
    /// A quotient that is not negative, made whole.
    Rounded { num: Linear, den: i128, mode: Rounding },
    /// A number that cannot be said exactly, by its formula and the windows that quantifiers stand at; of one that may be
    /// below 0 also what is taken off.
    Unknown { text: String, spans: Vec<Span>, below: bool },
    /// Whether such a number is undefined.
    Gap { text: String, spans: Vec<Span> },
    /// A condition that cannot be said exactly.
    Unsaid { text: String, spans: Vec<Span> },
    /// What a quantity of two values turns into.
    Turn(Var),
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

    /// Whether a product is one only as long as portfolio values are not fixed.
    pub fn by_portfolio(&self, var: Var) -> bool {
        let fixed = |factor: &Linear| {
            factor.terms.iter().all(|t| matches!(self.quantities[t.0], Quantity::Portfolio(_)))
        };
        matches!(&self.quantities[var], Quantity::Product(a, b) if fixed(a) || fixed(b))
    }

    /// What stands in the place of quantities once portfolio values are fixed, all at so many units.
    pub fn fixed(&self, units: i128) -> Result<Replacement, TooLarge> {
        let mut out = Replacement::default();
        for (var, quantity) in self.all() {
            let by = match quantity {
                Quantity::Portfolio(_) => Linear::constant(units),
                Quantity::Product(a, b) => match (out.linear(a)?, out.linear(b)?) {
                    (a, b) if a.known().is_some() => b.scale(a.constant)?,
                    (a, b) if b.known().is_some() => a.scale(b.constant)?,
                    _ => continue,
                },
                _ => continue,
            };
            out.numbers.push((var, by));
        }
        Ok(out)
    }

    /// The stretches of a window.
    pub fn within(&self, window: Span) -> Vec<usize> {
        let inside = |s: &Span| window.start <= s.start && s.end <= window.end;
        (0..self.stretches.len()).filter(|at| inside(&self.stretches[*at])).collect()
    }

    /// What every record obeys: whoever was first insured before the present insurance was so for no fewer months, of two
    /// days the later is no fewer months away, portfolio values are above 0, and what is rounded is beside what it is
    /// rounded from.
    pub fn laws(&self) -> Vec<Condition> {
        let mut out = self.months();
        for (var, quantity) in self.all() {
            match quantity {
                Quantity::Portfolio(_) => {
                    let expression = Linear { terms: vec![(var, -1)], constant: 0 };
                    out.push(Condition { expression, strict: true });
                }
                Quantity::Rounded { num, den, mode } => {
                    // What does not fit 128 bits is left out: the quantity is then free.
                    out.extend(self.rounding(var, num, *den, *mode).unwrap_or_default());
                }
                _ => {}
            }
        }
        out
    }

    /// What a rounded quotient is beside.
    fn rounding(
        &self,
        var: Var,
        num: &Linear,
        den: i128,
        mode: Rounding,
    ) -> Result<Vec<Condition>, TooLarge> {
        let rounded = |c: i128| Linear::variable(var).scale(c);
        let double = den.checked_mul(2).ok_or(TooLarge)?;
        // low ≤ 0 and high ≤ 0, either strict.
        let (low, high) = match mode {
            Rounding::HalfUp | Rounding::HalfEven => {
                let (twice, own) = (num.scale(2)?, rounded(double)?);
                let low = own.plus(-1, &twice)?.plus(-1, &Linear::constant(den))?;
                let high = twice.plus(-1, &own)?.plus(-1, &Linear::constant(den))?;
                ((low, false), (high, mode == Rounding::HalfUp))
            }
            Rounding::Down => {
                let own = rounded(den)?;
                ((own.plus(-1, num)?, false), (num.plus(-1, &own)?.plus(-1, &Linear::constant(den))?, true))
            }
            Rounding::Up => {
                let own = rounded(den)?;
                ((own.plus(-1, num)?.plus(-1, &Linear::constant(den))?, true), (num.plus(-1, &own)?, false))
            }
        };
        Ok([low, high].into_iter().map(|(expression, strict)| self.tightened(expression, strict)).collect())
    }

    /// A strict condition on whole quantities is one that is not.
    fn tightened(&self, mut expression: Linear, strict: bool) -> Condition {
        let whole = expression.terms.iter().all(|t| self.whole(t.0));
        if strict && whole {
            expression.constant += 1;
            return Condition { expression, strict: false };
        }
        Condition { expression, strict }
    }

    fn months(&self) -> Vec<Condition> {
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
            Condition { expression: Linear { terms, constant }, strict: false }
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
            Quantity::Money { .. } | Quantity::Prior(_) => Some(i128::from(AMOUNT_MAX)),
            Quantity::Total { ref columns, .. } if columns.len() == 1 => Some(i128::from(AMOUNT_MAX)),
            Quantity::Day { .. } => Some(5_000_000),
            _ => None,
        }
    }

    fn whole(&self, var: Var) -> bool {
        !matches!(
            self.quantities[var],
            Quantity::Average { .. }
                | Quantity::Product(..)
                | Quantity::Change(_)
                | Quantity::Portfolio(_)
                | Quantity::Unknown { .. }
        )
    }
}
