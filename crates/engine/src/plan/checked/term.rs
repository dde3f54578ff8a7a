//! Typed formulas: every name resolved, every unit known.

#![allow(missing_docs, reason = "the variants bear the names that docs/plan-language.md explains")]

use crate::diagnostic::Span;
use crate::number::{Decimal, Rounding};
use crate::record::{Cause, ClaimOutcome, Date};
use std::fmt;

/// What a formula's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Type {
    /// A number with its unit.
    Number(Unit),
    /// A bare number, which takes the unit that its place asks for.
    Literal,
    /// True or false.
    Boolean,
    /// A day.
    Date,
    /// A risk class.
    Class,
    /// A cause of an injury.
    Cause,
    /// An outcome of an injury.
    Outcome,
    /// An industry.
    Industry,
    /// One of the names that a table gives.
    Choice(usize),
}

/// The unit of a number: powers of money, people and months, or none of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Unit {
    /// Power of money.
    pub money: i8,
    /// Power of people.
    pub people: i8,
    /// Power of months.
    pub months: i8,
    /// Which plain number it is, when all powers are 0.
    pub plain: Plain,
}

/// The plain numbers, which are not added to one another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Plain {
    /// A share or multiple.
    #[default]
    Ratio,
    /// A contribution rate.
    Rate,
    /// Steps on the ladder.
    Steps,
}

impl Unit {
    pub const RATIO: Self = Self { money: 0, people: 0, months: 0, plain: Plain::Ratio };
    pub const RATE: Self = Self { plain: Plain::Rate, ..Self::RATIO };
    pub const STEPS: Self = Self { plain: Plain::Steps, ..Self::RATIO };
    pub const MONEY: Self = Self { money: 1, ..Self::RATIO };
    pub const PEOPLE: Self = Self { people: 1, ..Self::RATIO };
    pub const MONTHS: Self = Self { months: 1, ..Self::RATIO };

    const fn has_powers(self) -> bool {
        self.money != 0 || self.people != 0 || self.months != 0
    }

    /// The unit of a product; None when it would square money. Steps count as a bare number.
    #[must_use]
    pub fn times(self, other: Self) -> Option<Self> {
        self.combine(other, 1)
    }

    /// The unit of a quotient.
    #[must_use]
    pub fn over(self, other: Self) -> Option<Self> {
        self.combine(other, -1)
    }

    fn combine(self, other: Self, sign: i8) -> Option<Self> {
        let power = |a: i8, b: i8| a.checked_add(b.checked_mul(sign)?).filter(|p| (-4..=4).contains(p));
        let mut unit = Self {
            money: power(self.money, other.money)?,
            people: power(self.people, other.people)?,
            months: power(self.months, other.months)?,
            plain: Plain::Ratio,
        };
        if unit.money > 1 {
            return None;
        }
        let rates = (self.plain == Plain::Rate, other.plain == Plain::Rate);
        if !unit.has_powers() && !self.has_powers() && !other.has_powers() {
            unit.plain = match (rates, sign) {
                ((true, false), _) => Plain::Rate,
                ((false, true), 1) => Plain::Rate,
                ((true, true), -1) | ((false, false), _) => Plain::Ratio,
                // A rate of a rate, or one over a rate, means nothing here.
                _ => return None,
            };
        }
        Some(unit)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.has_powers() {
            return f.write_str(match self.plain {
                Plain::Ratio => "ratio",
                Plain::Rate => "rate",
                Plain::Steps => "steps",
            });
        }
        let powers = [(self.money, "money"), (self.people, "people"), (self.months, "months")];
        let side = |sign: i8| {
            let words: Vec<&str> = powers
                .iter()
                .flat_map(|(power, word)| {
                    std::iter::repeat_n(*word, usize::from((power * sign).max(0).unsigned_abs()))
                })
                .collect();
            words.join("·")
        };
        match (side(1), side(-1)) {
            (above, below) if below.is_empty() => f.write_str(&above),
            (above, below) if above.is_empty() => write!(f, "1 per {below}"),
            (above, below) => write!(f, "{above} per {below}"),
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(unit) => unit.fmt(f),
            Self::Literal => f.write_str("a bare number"),
            Self::Boolean => f.write_str("boolean"),
            Self::Date => f.write_str("date"),
            Self::Class => f.write_str("class"),
            Self::Cause => f.write_str("cause"),
            Self::Outcome => f.write_str("outcome"),
            Self::Industry => f.write_str("industry"),
            Self::Choice(_) => f.write_str("choice"),
        }
    }
}

/// A typed formula.
#[derive(Clone, Debug)]
pub struct Term {
    /// What it is.
    pub kind: TermKind,
    /// What its value is.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
}

/// Rows of an employer's record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rows {
    /// Spans of insurance.
    Periods,
    /// Injuries and payments.
    Claims,
    /// Those of an `each`, by its place.
    Each(usize),
}

/// A column of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Column {
    PeriodStart,
    PeriodEnd,
    Payroll,
    ContributionsDue,
    ContributionsPaid,
    Headcount,
    MonthsInsured,
    ClaimDate,
    PaidOn,
    Cause,
    Outcome,
    Count,
    BenefitsPaid,
    Reserve,
    /// A declared value of periods, by its place.
    Value(usize),
    /// A column that an `each` derives, both by their places.
    Derived(usize, usize),
}

impl Column {
    /// Every column: rows, name, column, type.
    pub const ALL: [(Rows, &'static str, Self, Type); 14] = [
        (Rows::Periods, "start", Self::PeriodStart, Type::Date),
        (Rows::Periods, "end", Self::PeriodEnd, Type::Date),
        (Rows::Periods, "payroll", Self::Payroll, Type::Number(Unit::MONEY)),
        (Rows::Periods, "contributions_due", Self::ContributionsDue, Type::Number(Unit::MONEY)),
        (Rows::Periods, "contributions_paid", Self::ContributionsPaid, Type::Number(Unit::MONEY)),
        (Rows::Periods, "headcount", Self::Headcount, Type::Number(Unit::PEOPLE)),
        (Rows::Periods, "months_insured", Self::MonthsInsured, Type::Number(Unit::MONTHS)),
        (Rows::Claims, "date", Self::ClaimDate, Type::Date),
        (Rows::Claims, "paid_on", Self::PaidOn, Type::Date),
        (Rows::Claims, "cause", Self::Cause, Type::Cause),
        (Rows::Claims, "outcome", Self::Outcome, Type::Outcome),
        (Rows::Claims, "count", Self::Count, Type::Number(Unit::PEOPLE)),
        (Rows::Claims, "benefits_paid", Self::BenefitsPaid, Type::Number(Unit::MONEY)),
        (Rows::Claims, "reserve", Self::Reserve, Type::Number(Unit::MONEY)),
    ];

    /// The name in records and plans of a column that every record may have. See also `Checked::column_name`.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|c| c.2 == self).map_or("", |c| c.1)
    }

    /// Whether the record may leave it out.
    #[must_use]
    pub const fn may_be_missing(self) -> bool {
        matches!(
            self,
            Self::Payroll
                | Self::ContributionsDue
                | Self::ContributionsPaid
                | Self::Headcount
                | Self::MonthsInsured
                | Self::Value(_)
        )
    }
}

/// A window, or the one that a quantifier stands at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WindowRef {
    /// A window of the plan.
    Of(usize),
    /// The variable of the quantifier so many levels up.
    Bound(usize),
}

/// What a formula of a later stage may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageValue {
    /// Steps so far.
    Step,
    /// The ladder's tier.
    Tier,
    /// The rate that tiers multiply.
    Start,
    /// The rate before floor and cap; of a tier that is a formula, the final one.
    Rate,
    /// The class, as a whole number, in the formula that changes it.
    Class,
}

/// A part of the result before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriorPart {
    Rate,
    Tier,
    UnlimitedRate,
}

/// The functions that run over rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateKind {
    Sum,
    Average,
    Any,
    /// How many rows there are.
    Rows,
}

/// Order relations; `>` and `>=` are these with the sides exchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    Equal,
    NotEqual,
    Less,
    LessEqual,
}

/// The kinds of typed formula.
#[derive(Clone, Debug)]
pub enum TermKind {
    /// A number; money in minor units.
    Number(Decimal),
    Bool(bool),
    Date(Date),
    Cause(Cause),
    Outcome(ClaimOutcome),
    Fact(usize),
    Measure(usize),
    /// A parameter; the class that it is looked up with, or the employer's own.
    Param {
        param: usize,
        class: Option<u8>,
    },
    /// A parameter looked up with the class of a row, or dated by the row's first day.
    RowParam {
        param: usize,
        each: usize,
    },
    /// A parameter looked up by range.
    Range {
        param: usize,
        at: Box<Term>,
    },
    /// A portfolio value.
    Portfolio(usize),
    /// What a table gave that is not one of steps.
    Table(usize),
    /// One of the names that a table gives, by its place among them.
    Choice(usize),
    /// The employer's industry.
    Industry,
    /// An industry, by its place among the plan's.
    IndustryCode(usize),
    Class,
    InsuredSince,
    FirstInsured,
    Prior(PriorPart),
    Stage(StageValue),
    WindowStart(WindowRef),
    WindowEnd(WindowRef),
    Complete(WindowRef),
    /// Whole months from the first day to the day after the second.
    MonthsSince(Box<Term>, Box<Term>),
    /// A column of the row that an aggregate or an `each` stands at.
    Cell(Rows, Column),
    /// In a portfolio value: the sum of a value of each employer.
    EmployersSum(Box<Term>),
    /// In a portfolio value: how many employers there are.
    Employers,
    Aggregate {
        kind: AggregateKind,
        rows: Rows,
        column: Option<Column>,
        window: WindowRef,
        filter: Option<Box<Term>>,
    },
    Quantified {
        all: bool,
        window: usize,
        body: Box<Term>,
    },
    Add(Box<Term>, Box<Term>),
    Subtract(Box<Term>, Box<Term>),
    Multiply(Box<Term>, Box<Term>),
    Divide(Box<Term>, Box<Term>),
    Min(Vec<Term>),
    Max(Vec<Term>),
    If(Box<Term>, Box<Term>, Box<Term>),
    Compare(Relation, Box<Term>, Box<Term>),
    And(Box<Term>, Box<Term>),
    Or(Box<Term>, Box<Term>),
    Not(Box<Term>),
    /// The row's cause is in a parameter of type causes.
    CauseIn(Box<Term>, usize),
    /// The employer's industry is in a parameter of type industries.
    IndustryIn(usize),
    /// To so many decimal places; of money, places of its minor unit, which may be below 0.
    Round {
        value: Box<Term>,
        places: i32,
        mode: Rounding,
    },
}
