//! A plan for one rating date: a program of nodes over columns.
//!
//! Every node is an integer column or a boolean column. A number of the plan is `num / den × 10^-scale`, all integers,
//! so nothing is ever rounded; comparisons cross-multiply. Equal nodes are made once. The values of the nodes after a
//! run are the trace from which explanations are made.

#![allow(missing_docs, reason = "the operations are what their names say")]

mod build;
mod by_hand;
mod each;
mod lower;
mod portfolio;
mod probe;
mod quantity;
mod stages;
mod watch;
mod windows;

pub use portfolio::{Frozen, frozen};
pub use probe::{Probe, Question};
pub use quantity::Quantity;
pub use stages::{compile, compile_asking, compile_asserted, compile_by_hand};
pub use windows::Span;
pub(crate) use windows::resolve as resolve_windows;

use super::checked::{Checked, Column, PriorPart, Rows};
use crate::number::Rounding;
use crate::record::Date;
use std::sync::Arc;

/// A node's number.
pub type Id = usize;

/// What a node runs over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Extent {
    /// One value for all.
    Scalar,
    /// One value an employer.
    Employers,
    /// One value a period.
    Periods,
    /// One value a row of claims.
    Claims,
    /// One value an injury: rows of claims with one id are one.
    Injuries,
    /// One value an accident: injuries with one event are one.
    Accidents,
}

impl Extent {
    /// Whether there are several values an employer.
    #[must_use]
    pub const fn is_rows(self) -> bool {
        matches!(self, Self::Periods | Self::Claims | Self::Injuries | Self::Accidents)
    }
}

/// A column that is read from records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Input {
    /// Risk class, from 1. A number.
    Class,
    /// Day number. A number.
    InsuredSince,
    /// Day number. A number.
    FirstInsured,
    /// A fact of the plan as of the rating date, in units of its places. A number.
    Fact(usize),
    /// Whether the record has the fact. A boolean.
    FactGiven(usize),
    /// A boolean fact. A boolean.
    Flag(usize),
    /// A part of the prior result, in units of 10^-12. A number.
    Prior(PriorPart),
    /// Whether the record has it. A boolean.
    PriorGiven(PriorPart),
    /// A column of rows. A number: amounts in minor units, headcounts in 10^-6, days as day numbers, causes and
    /// outcomes as their place in the contract's list.
    Cell(Column),
    /// Whether a row lacks it. A boolean.
    Missing(Column),
    /// A column of injuries. A number: money and counts are those of all rows of the injury, the rest is that of its
    /// first row.
    Injury(Column),
    /// The first day of an accident. A number.
    AccidentDate,
    /// Class of a period or injury, by its place among the plan's classes of rows, which is behind them where it is
    /// none. A number.
    RowClass(Extent),
    /// Industry, by its place among the plan's. A number.
    Industry,
    /// First day of a period that no earlier period covers. A number.
    FreshStart,
}

/// An operation. Operands come before their users.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// A number known at compile time.
    Const(i128),
    /// A boolean known at compile time.
    Bool(bool),
    /// A column of the records.
    Input(Input),
    /// An employer's value at each of its rows.
    Spread(Id),
    Add(Id, Id),
    Subtract(Id, Id),
    Multiply(Id, Id),
    Min(Id, Id),
    Max(Id, Id),
    /// Of numbers.
    Select(Id, Id, Id),
    /// `values[operand - first]`.
    Lookup(Id, i128, Arc<[i128]>),
    /// Sum of a value over the rows of an extent that the mask lets through, for each employer or accident.
    Sum(Id, Id, Extent),
    /// Least common multiple of divisors over the rows that the mask lets through; a divisor of 0 counts as 1.
    Common(Id, Id, Extent),
    /// Sum of quotients over the rows that the mask lets through, over their common multiple: numerator, divisor,
    /// mask, multiple.
    SumOver(Id, Id, Id, Id, Extent),
    /// A quotient made whole; 0 where the divisor is 0.
    Round(Id, Id, Rounding),
    /// Whole months between two day numbers.
    Months(Id, Id),
    Equal(Id, Id),
    Less(Id, Id),
    LessEqual(Id, Id),
    And(Id, Id),
    Or(Id, Id),
    Not(Id),
    /// Whether bit `operand` of the set is 1.
    InSet(Id, u64),
    /// Whether any row of an extent is true, for each employer or accident.
    Any(Id, Extent),
}

impl Op {
    /// Calls `see` with each operand.
    fn operands(&self, mut see: impl FnMut(Id)) {
        match *self {
            Self::Const(_) | Self::Bool(_) | Self::Input(_) => {}
            Self::Spread(a) | Self::Lookup(a, ..) | Self::Not(a) | Self::InSet(a, _) | Self::Any(a, _) => {
                see(a)
            }
            Self::Add(a, b)
            | Self::Subtract(a, b)
            | Self::Multiply(a, b)
            | Self::Min(a, b)
            | Self::Max(a, b)
            | Self::Sum(a, b, _)
            | Self::Common(a, b, _)
            | Self::Round(a, b, _)
            | Self::Months(a, b)
            | Self::Equal(a, b)
            | Self::Less(a, b)
            | Self::LessEqual(a, b)
            | Self::And(a, b)
            | Self::Or(a, b) => [a, b].into_iter().for_each(see),
            Self::Select(a, b, c) => [a, b, c].into_iter().for_each(see),
            Self::SumOver(a, b, c, d, _) => [a, b, c, d].into_iter().for_each(see),
        }
    }
}

/// A node.
#[derive(Clone, Debug)]
pub struct Node {
    /// What it does.
    pub op: Op,
    /// What it runs over.
    pub extent: Extent,
}

/// A compiled plan.
#[derive(Clone, Debug)]
pub struct Program {
    /// The plan.
    pub plan: Arc<Checked>,
    /// The date that it is compiled for.
    pub rating_date: Date,
    /// blake3 of the resolved plan's meaning.
    pub plan_digest: [u8; 32],
    /// Operands before users.
    pub nodes: Vec<Node>,
    /// Each window of the plan on this date; several where it is split.
    pub windows: Vec<Vec<Span>>,
    /// Conditions of the gates.
    pub gates: Vec<Id>,
    /// What the conditions of gates, rows and adjusts look at, for explanations.
    pub watches: Watches,
    /// Conditions of the built-in reviews, in the order in which they are listed.
    pub reviews: Vec<Review>,
    /// The step that a person set in place of the rules, as it was set.
    pub by_hand: Option<i64>,
    /// What makes a review although a person set the step; empty where none did.
    pub left_open: Vec<Review>,
    /// Whether some window that must be whole is not.
    pub broken_window: Id,
    /// Rows made of rows, in the plan's order, for explanations.
    pub eaches: Vec<EachNodes>,
    /// Portfolio values that the program was compiled with, in the plan's order.
    pub portfolio: Vec<Frozen>,
    /// What the sums over employers of the portfolio values add up, in the order of their formulas.
    pub employer_sums: Vec<Quantity>,
    /// Measures, in the plan's order.
    pub measures: Vec<MeasureSlot>,
    /// Tables, in the plan's order.
    pub tables: Vec<TableSlot>,
    /// Adjusts, in the plan's order. Class rules of the step are over the step that a person set, where one did.
    pub adjusts: Vec<AdjustSlot>,
    /// Step after the last adjust, or the step that a person set after the last class rule.
    pub unclamped_step: Id,
    /// Step after the ladder's limits; 0 where the result is kept or to review.
    pub step: Id,
    /// Risk class after the last adjust.
    pub class: Id,
    /// Tier.
    pub tier: Quantity,
    /// Base rate of the employer's class.
    pub base_rate: Quantity,
    /// The rate that the result starts from: base or prior.
    pub start: Quantity,
    /// What the rate's formula gives, before adjusts of the rate.
    pub moved_rate: Quantity,
    /// Rate before floor and cap.
    pub unlimited_rate: Quantity,
    /// The floor, if there is one.
    pub floor: Option<Quantity>,
    /// The cap, if there is one.
    pub cap: Option<Quantity>,
    /// Rate after floor and cap.
    pub rate: Quantity,
    /// Charged rates by the day from which they hold.
    pub charged: Vec<(Date, Quantity)>,
}

impl Program {
    /// The last day on which a rate of this rating date holds.
    #[must_use]
    pub fn valid_through(&self) -> Date {
        let months = self.plan.rating.as_ref().map_or(12, |r| r.valid_months);
        self.rating_date.plus_months(i32::try_from(months).unwrap_or(12)).plus_days(-1)
    }
}

/// What conditions look at: for each gate, each row of each table, and each adjust.
#[derive(Clone, Debug, Default)]
pub struct Watches {
    /// Of the gates.
    pub gates: Vec<Vec<Watch>>,
    /// Of the rows of the tables.
    pub rows: Vec<Vec<Vec<Watch>>>,
    /// Of the adjusts.
    pub adjusts: Vec<Vec<Watch>>,
}

/// A value that a condition looks at.
#[derive(Clone, Debug)]
pub struct Watch {
    /// Its formula in the language's words.
    pub text: String,
    /// Whether it is an amount in minor units.
    pub money: bool,
    /// Its nodes.
    pub slot: MeasureSlot,
}

/// A built-in review.
#[derive(Clone, Debug)]
pub struct Review {
    /// Its reason.
    pub why: ReviewWhy,
    /// When it is given.
    pub when: Id,
}

/// Why a person must decide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReviewWhy {
    /// A period lies partly in a window.
    Straddled,
    /// An insured day of a window is not covered.
    Incomplete,
    /// A period lacks a value that the plan reads.
    MissingCell(Column),
    /// A row has a class that no parameter of the plan knows.
    UnknownRowClass(Rows),
    /// An injury is a group, and the plan looks at single ones.
    Grouped,
    /// The record lacks a fact that the plan requires.
    MissingFact(usize),
    /// A measure divides by 0.
    Undefined(usize),
    /// No row of a table holds.
    NoRow(usize),
    /// Several rows of a table hold whose hit policy is unique.
    SeveralRows(usize),
    /// The step is one that the ladder has no tier for.
    NoTier,
}

/// The nodes of a value that people read.
#[derive(Clone, Debug)]
pub enum MeasureSlot {
    /// A number, and what it lacks where it has none.
    Number(Quantity),
    /// A condition.
    Boolean(Id),
    /// A day.
    Date(Id),
}

/// The nodes of an `each`.
#[derive(Clone, Debug)]
pub struct EachNodes {
    /// What it runs over.
    pub extent: Extent,
    /// Which rows there are.
    pub mask: Id,
    /// Its columns.
    pub columns: Vec<MeasureSlot>,
}

/// The nodes of a table.
#[derive(Clone, Debug)]
pub struct TableSlot {
    /// Whether each row's condition holds.
    pub rows: Vec<Id>,
    /// The step of the row that is hit; 0 where the table is not one of steps.
    pub step: Id,
}

/// The nodes of an adjust.
#[derive(Clone, Debug)]
pub struct AdjustSlot {
    /// Whether its condition holds.
    pub when: Id,
    /// What it changes.
    pub change: ChangeSlot,
}

/// The nodes of what an adjust changes.
#[derive(Clone, Copy, Debug)]
pub enum ChangeSlot {
    /// The step before and after.
    Step(Id, Id),
    /// The rate before and after.
    Rate(Quantity, Quantity),
    /// The class before and after.
    Class(Id, Id),
}
