//! What the examples beside a plan reach: rows, bounds, gates, adjusts, limits, classes.
//!
//! A plan's examples are its only witness that somebody worked out by hand what must come of it. An *item* is one thing
//! that an example has to reach; [`cover`] lists all items of a plan with the examples that reach each.

mod advice;
mod bounds;
mod items;
mod reach;
mod steps;

use super::catalog::Plan;
use crate::record::Declared;

/// What of a plan an item is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A row of a table.
    Row,
    /// A number that a condition compares with.
    Bound,
    /// An early end.
    Gate,
    /// A change of the step or rate.
    Adjust,
    /// What a class may reach, the floor, the cap.
    Limit,
    /// A risk class.
    Class,
}

impl Kind {
    /// Every kind, in the order of reports.
    pub const ALL: [Self; 6] = [Self::Row, Self::Bound, Self::Gate, Self::Adjust, Self::Limit, Self::Class];

    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Row => "rows",
            Self::Bound => "bounds",
            Self::Gate => "gates",
            Self::Adjust => "adjusts",
            Self::Limit => "limits",
            Self::Class => "classes",
        }
    }
}

/// Which case of a part an example has to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Case {
    /// The row decides; the class is rated.
    Hit,
    /// The value is below the bound by at most one unit.
    Below,
    /// The value is the bound.
    At,
    /// The value is above the bound by at most one unit.
    Above,
    /// The gate ends the rating; the adjust or limit changes the result.
    Acts,
    /// The adjust's condition holds, and it changes nothing.
    Unchanged,
    /// The condition does not hold; the limit changes nothing.
    Not,
}

impl Case {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::Below => "just below",
            Self::At => "at",
            Self::Above => "just above",
            Self::Acts => "acts",
            Self::Unchanged => "holds without change",
            Self::Not => "does not act",
        }
    }
}

/// One thing that an example has to reach.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// What it is about.
    pub kind: Kind,
    /// The part, as reasons name it: `band:payout_ratio:2`, `veto:arrears`, `band: payout_ratio 0.5`.
    pub name: String,
    /// The case of it.
    pub case: Case,
    /// The examples that reach it.
    pub by: Vec<String>,
    /// The assertion that says, and proves, that no record can reach it.
    pub exempt: Option<String>,
    /// Values of an example that would reach it; empty where one does.
    pub advice: String,
}

impl Item {
    /// Whether an example is still to be written.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.by.is_empty() && self.exempt.is_none()
    }
}

/// What the examples of a plan reach. Empty for a plan that rates nobody.
///
/// # Errors
///
/// A sentence, when the plan does not compile for the date of an example.
pub fn cover(plan: &Plan, declared: &Declared) -> Result<Vec<Item>, String> {
    if plan.checked.rating.is_none() {
        return Ok(Vec::new());
    }
    let bounds = bounds::bounds(&plan.checked);
    let mut items = items::items(&plan.checked, &bounds);
    let seen = reach::reach(plan, declared, &bounds)?;
    for item in &mut items {
        item.item.by = seen.reached.get(&item.key).cloned().unwrap_or_default();
    }
    for item in &mut items {
        if item.item.is_missing() {
            item.item.advice = advice::advice(&plan.checked, item, &bounds, &seen);
        }
    }
    Ok(items.into_iter().map(|i| i.item).collect())
}
