//! Formulas as written: text to a tree with spans. Names are not resolved here.

mod lexer;
mod parser;
mod walk;

pub use lexer::too_large;
pub use parser::{RESERVED, parse, parse_cell};

use crate::diagnostic::Span;
use crate::number::Decimal;
use crate::record::Date;

/// A formula with the place it stands at.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Where it is.
    pub span: Span,
}

/// A name with the place it stands at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it is.
    pub span: Span,
}

/// The kinds of formula.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// A number; money carries its currency.
    Number(Decimal, Option<Name>),
    /// A day.
    Date(Date),
    /// `true` or `false`.
    Bool(bool),
    /// A name, or two joined by a point.
    Name(String),
    /// A parameter looked up with a key.
    Index(Name, Box<Expr>),
    /// A function.
    Call(Name, Vec<Expr>),
    /// `sum(claims.benefits_paid in now where …)`.
    Aggregate(Box<Aggregate>),
    /// `all(y in W: …)`.
    Quantified {
        /// `all` or `any`.
        all: bool,
        /// The name that stands for each window.
        variable: Name,
        /// The list of windows.
        window: Name,
        /// What must hold.
        body: Box<Expr>,
    },
    /// `- x`.
    Negate(Box<Expr>),
    /// `not x`.
    Not(Box<Expr>),
    /// `x op y`.
    Binary(Op, Box<Expr>, Box<Expr>),
    /// `x in set`, `x not in set`.
    In {
        /// What is looked for.
        item: Box<Expr>,
        /// `not in`.
        negated: bool,
        /// Where.
        set: Set,
    },
    /// `if c then x else y`.
    If(Box<Expr>, Box<Expr>, Box<Expr>),
}

/// A sum, count, average or search over rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Aggregate {
    /// `sum`, `average`, `count` or `any`.
    pub function: Name,
    /// `claims` or `periods`.
    pub rows: Name,
    /// The column, where the function needs one.
    pub column: Option<Name>,
    /// The window; a portfolio value sums over all employers and has none.
    pub window: Option<Name>,
    /// Which rows.
    pub filter: Option<Expr>,
}

/// What follows `in`.
#[derive(Clone, Debug, PartialEq)]
pub enum Set {
    /// A parameter.
    Name(Name),
    /// An interval.
    Interval(Box<Interval>),
    /// A list of values.
    List(Vec<Expr>),
}

/// An interval; an end that is left out is open for ever.
#[derive(Clone, Debug, PartialEq)]
pub struct Interval {
    /// Low end and whether it belongs to the interval.
    pub low: Option<(Expr, bool)>,
    /// High end and whether it belongs to the interval.
    pub high: Option<(Expr, bool)>,
}

/// The operators of two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `and`
    And,
    /// `or`
    Or,
}

impl Op {
    /// As written.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::And => "and",
            Self::Or => "or",
        }
    }
}
