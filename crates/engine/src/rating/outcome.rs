//! Results and their reasons.

use crate::number::Decimal;
use crate::plan::checked::{Checked, Column, Rows};
use crate::plan::compiled::ReviewWhy;
use crate::record::Date;

/// What became of an employer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Moved or confirmed.
    Rated,
    /// Not eligible this time: the base or prior rate stands.
    Kept,
    /// A person must decide; the rate is a stand-in.
    Review,
}

impl Status {
    /// The name in results.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rated => "rated",
            Self::Kept => "kept",
            Self::Review => "review",
        }
    }
}

/// Why a result is what it is. The variants stand in their order of precedence: the first of the early ends decides
/// alone, except that all built-in reviews are listed together; a rated result lists the rows that were hit, then the
/// adjusts that changed the step, the ladder's limit, the adjusts that changed the rate, and floor or cap. Where a person
/// set the step, early ends decide nothing: those that held are listed behind [`Reason::ByHand`], in place of rows and
/// adjusts of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reason {
    /// The risk class is not given and the industry is not known, or it is not a class of the plan.
    ClassUnknown,
    /// The industry has no clean class and none is given.
    ClassAmbiguous,
    /// The industry is not given, is of another standard, or is none of the plan's.
    IndustryUnknown,
    /// The money of an injury has more digits than a column holds.
    MoneyTooLarge,
    /// A row has a class that no parameter of the plan knows.
    UnknownRowClass(Rows),
    /// An injury is a group, and the plan looks at single ones.
    Grouped,
    /// A person set the step. The gate or the reviews that held follow, then what changed the result.
    ByHand,
    /// A gate of the plan, by its place.
    Gate(usize),
    /// A period lies partly in a window.
    Straddled,
    /// An insured day of a window is not covered by a period.
    Incomplete,
    /// A period lacks a value that the plan reads.
    MissingCell(Column),
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
    /// The rate has more digits than a decimal holds.
    RateTooLarge,
    /// The row of a table that was hit, from 0.
    Row {
        /// The table's place.
        table: usize,
        /// The row's place.
        row: usize,
    },
    /// An adjust that changed the step or the rate, by its place.
    Adjust(usize),
    /// The ladder's limit for the class changed the step.
    Ladder,
    /// The floor raised the rate.
    Floor,
    /// The cap lowered the rate.
    Cap,
}

impl Reason {
    pub(crate) fn of_review(why: &ReviewWhy) -> Self {
        match *why {
            ReviewWhy::Straddled => Self::Straddled,
            ReviewWhy::Incomplete => Self::Incomplete,
            ReviewWhy::MissingCell(column) => Self::MissingCell(column),
            ReviewWhy::MissingFact(at) => Self::MissingFact(at),
            ReviewWhy::UnknownRowClass(rows) => Self::UnknownRowClass(rows),
            ReviewWhy::Grouped => Self::Grouped,
            ReviewWhy::Undefined(at) => Self::Undefined(at),
            ReviewWhy::NoRow(at) => Self::NoRow(at),
            ReviewWhy::SeveralRows(at) => Self::SeveralRows(at),
            ReviewWhy::NoTier => Self::NoTier,
        }
    }

    /// The name in results: stable, in plan's terms.
    #[must_use]
    pub fn name(self, plan: &Checked) -> String {
        match self {
            Self::ClassUnknown => "risk_class:unknown".to_owned(),
            Self::ClassAmbiguous => "risk_class:ambiguous".to_owned(),
            Self::ByHand => "by_hand".to_owned(),
            Self::Gate(at) => plan.gates[at].name.clone(),
            Self::Straddled => "window:straddled".to_owned(),
            Self::Incomplete => "window:incomplete".to_owned(),
            Self::MoneyTooLarge => "claims:too_large".to_owned(),
            Self::IndustryUnknown => "industry:unknown".to_owned(),
            Self::UnknownRowClass(rows) => format!("{}.class:unknown", plan.rows_name(rows)),
            Self::Grouped => "claims:grouped".to_owned(),
            Self::MissingCell(column) => format!("periods.{}:missing", plan.column_name(column)),
            Self::MissingFact(at) => format!("facts.{}:missing", plan.facts[at].name.text),
            Self::Undefined(at) => format!("{}:undefined", plan.measures[at].name),
            Self::NoRow(at) => format!("{}:no_row", plan.tables[at].name),
            Self::SeveralRows(at) => format!("{}:several_rows", plan.tables[at].name),
            Self::NoTier => "ladder:no_tier".to_owned(),
            Self::RateTooLarge => "rate:too_large".to_owned(),
            Self::Row { table, row } => {
                let table = &plan.tables[table];
                match table.columns.as_slice() {
                    [column] => format!("{}:{column}:{}", table.name, row + 1),
                    _ => format!("{}:{}", table.name, row + 1),
                }
            }
            Self::Adjust(at) => format!("{}:{}", plan.adjusts[at].kind.name(), plan.adjusts[at].name),
            Self::Ladder => "ladder:class".to_owned(),
            Self::Floor => "limit:floor".to_owned(),
            Self::Cap => "limit:cap".to_owned(),
        }
    }
}

/// The numbers of a result. Rates are fractions of wages. None where no class is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What became of the employer.
    pub status: Status,
    /// Steps moved; 0 for `kept` and `review`.
    pub step: i64,
    /// Risk class, after every adjust; None also in a plan without classes.
    pub risk_class: Option<u8>,
    /// Base rate of the class.
    pub base_rate: Option<Decimal>,
    /// Multiple of the base rate.
    pub tier: Option<Decimal>,
    /// Rate before floor and cap.
    pub unlimited_rate: Option<Decimal>,
    /// Rate after floor and cap.
    pub rate: Option<Decimal>,
}

/// A warning that stands beside a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flag {
    /// The plan is made up in part.
    Illustrative,
    /// The plan is proposed.
    Draft,
    /// The plan was last compared with its sources before the rating date.
    ReviewedThrough(Date),
    /// The given class is not the industry's.
    RiskClassDiffers,
    /// The id has the form of a unified social credit code, but its check digit is wrong.
    UsccCheckDigit,
}

impl Flag {
    /// The name in results.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Illustrative => "illustrative".to_owned(),
            Self::Draft => "draft".to_owned(),
            Self::ReviewedThrough(date) => format!("reviewed_through:{date}"),
            Self::RiskClassDiffers => "risk_class_differs".to_owned(),
            Self::UsccCheckDigit => "uscc_check_digit".to_owned(),
        }
    }
}

/// Everything that a result says of one employer, in the plan's own places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// Key of the employer.
    pub employer_id: String,
    /// The numbers.
    pub verdict: Verdict,
    /// Charged rates by the day from which they hold.
    pub charged: Vec<(Date, Decimal)>,
    /// Changes of the step in their order; they add up to the verdict's step.
    pub components: Vec<(Reason, i64)>,
    /// Why, in order of precedence.
    pub reasons: Vec<Reason>,
    /// Shown measures by name, as decimals.
    pub measures: Vec<(String, String)>,
    /// Warnings.
    pub flags: Vec<Flag>,
    /// Facts of the plan that the record lacks and that count as false or 0, by name.
    pub assumed: Vec<String>,
}
