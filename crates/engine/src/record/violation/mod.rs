//! What can be wrong with a form, as data; the sentences are made on demand, in either language.

mod en;
mod near;
mod zh;

use super::Date;
use crate::Lang;

pub(super) use near::nearest;

/// Values in messages are cut to this many characters.
const SEEN_CHARS_MAX: usize = 60;

/// One thing that is wrong with a form, and where.
///
/// ```
/// use floatrate_engine::{Lang, record::{Declared, Form, Record}};
/// let violations = Record::from_form(&Form::Map(vec![]), &Declared::default()).unwrap_err();
/// assert_eq!(violations[0].field, "employer");
/// assert_eq!(violations[0].reason(), "missing_field");
/// assert_eq!(violations[0].message(Lang::En), "employer is required and was left out: add it");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// Path of the field, such as `periods[0].payroll`; rows count from 0. Empty for the record as a whole.
    pub field: String,
    /// What is wrong there.
    pub problem: Problem,
}

impl Violation {
    /// Every code that [`Violation::reason`] can give.
    pub const REASONS: &'static [&'static str] = Problem::REASONS;

    /// The stable code of the problem, in snake case.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        self.problem.reason()
    }

    /// One sentence for people: the value, what was expected, how to mend it.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        match lang {
            Lang::En => en::message(self),
            Lang::Zh => zh::message(self),
        }
    }
}

macro_rules! problems {
    ($(#[$doc:meta])* $name:ident {
        $($(#[$vdoc:meta])* $variant:ident { $($(#[$fdoc:meta])* $field:ident: $type:ty,)* } = $reason:literal,)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum $name {
            $($(#[$vdoc])* #[doc = concat!("Reason `", $reason, "`.")] $variant { $($(#[$fdoc])* $field: $type,)* },)*
        }

        impl $name {
            /// The codes of all problems, in the order of the enum.
            pub const REASONS: &'static [&'static str] = &[$($reason,)*];

            /// The stable code of the problem, in snake case.
            #[must_use]
            pub const fn reason(&self) -> &'static str {
                match self { $(Self::$variant { .. } => $reason,)* }
            }
        }
    };
}

problems! {
    /// What is wrong with a field. `seen` is the value as a person would write it in JSON, shortened to 60 characters.
    Problem {
        /// No field of that name is known at that place.
        UnknownField {
            /// The name that was probably meant.
            near: Option<String>,
            /// The names that are known there.
            known: &'static [&'static str],
        } = "unknown_field",
        /// The name stands twice in one map.
        DuplicateField {} = "duplicate_field",
        /// A required field was left out, or is null.
        MissingField {} = "missing_field",
        /// The value is of another kind, such as a text in place of a list.
        WrongType {
            /// The value.
            seen: String,
            /// What belongs there.
            expected: Expected,
        } = "wrong_type",
        /// A number with a fraction or an exponent in place of a whole one.
        NotAWholeNumber {
            /// The value.
            seen: String,
            /// What belongs there.
            expected: Expected,
        } = "not_a_whole_number",
        /// A bare number with a fraction or an exponent in place of a decimal text.
        InexactNumber {
            /// The value.
            seen: String,
        } = "inexact_number",
        /// Below zero.
        Negative {
            /// The value.
            seen: String,
        } = "negative",
        /// Below the smallest value.
        TooSmall {
            /// The value.
            seen: String,
            /// The smallest value.
            min: i64,
        } = "too_small",
        /// Above the largest value.
        TooLarge {
            /// The value.
            seen: String,
            /// The largest value, or the whole number that the value has to stay below.
            limit: Limit,
        } = "too_large",
        /// More digits after the point than are kept.
        TooManyDigits {
            /// The value.
            seen: String,
            /// Digits after the point that are allowed.
            places: u32,
        } = "too_many_digits",
        /// Not a decimal number of the form `digits(.digits)?`.
        NotADecimal {
            /// The value.
            seen: String,
        } = "not_a_decimal",
        /// Not a day of the calendar in the form `YYYY-MM-DD`.
        NotADate {
            /// The value.
            seen: String,
        } = "not_a_date",
        /// A day outside [`limits::YEAR_MIN`](crate::limits::YEAR_MIN) to
        /// [`limits::YEAR_MAX`](crate::limits::YEAR_MAX).
        DateOutOfRange {
            /// The value.
            seen: Date,
        } = "date_out_of_range",
        /// Not one of a closed list of values.
        UnknownValue {
            /// The value.
            seen: String,
            /// The value that was probably meant.
            near: Option<String>,
            /// The values that are known.
            known: Vec<&'static str>,
        } = "unknown_value",
        /// A code that does not have the form of its kind.
        WrongForm {
            /// The value.
            seen: String,
            /// The form.
            shape: Shape,
        } = "wrong_form",
        /// A text without characters, or of blanks only.
        Empty {} = "empty",
        /// A text with too many characters.
        TooLong {
            /// Its characters.
            chars: usize,
            /// Characters allowed.
            max: usize,
        } = "too_long",
        /// U+0000 in any text or name, or another control character in an id.
        ControlCharacter {
            /// The first such character.
            character: char,
        } = "control_character",
        /// Blanks before or after an id.
        SurroundingSpace {
            /// The value.
            seen: String,
        } = "surrounding_space",
        /// A span ends before it starts.
        EndBeforeStart {
            /// First day.
            start: Date,
            /// Last day.
            end: Date,
        } = "end_before_start",
        /// `first_insured` is later than `insured_since`.
        FirstAfterInsuredSince {
            /// First day of any insurance.
            first_insured: Date,
            /// First day of the present insurance.
            insured_since: Date,
        } = "first_after_insured_since",
        /// A period shares days with an earlier row of the same class.
        OverlappingPeriods {
            /// The earlier row of the input, from 0.
            row: usize,
            /// First day that both have.
            from: Date,
            /// Last day that both have.
            to: Date,
        } = "overlapping_periods",
        /// A span of a fact shares days with an earlier row of it.
        OverlappingSpans {
            /// The earlier row of the input, from 0.
            row: usize,
        } = "overlapping_spans",
        /// More months insured than the span touches.
        TooManyMonths {
            /// Months insured.
            months: i64,
            /// Calendar months that the span touches.
            max: i64,
        } = "too_many_months",
        /// A fact or period value that no loaded plan declares.
        UnknownFact {
            /// The name that was probably meant.
            near: Option<String>,
        } = "unknown_fact",
        /// A list with too many rows; its rows are not looked at.
        TooManyRows {
            /// Rows of the list.
            rows: usize,
            /// Rows allowed.
            max: usize,
        } = "too_many_rows",
        /// So many violations that the others are not told.
        TooManyViolations {
            /// Violations told, with this one.
            max: usize,
        } = "too_many_violations",
    }
}

/// The kind of value that belongs in a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A text.
    Text,
    /// An integer in the currency's minor unit.
    Amount,
    /// An integer.
    WholeNumber,
    /// A decimal as text.
    Decimal,
    /// A day as text.
    Date,
    /// `true` or `false`.
    Boolean,
    /// A list.
    List,
    /// Named fields.
    Map,
}

/// The form that a code has to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Six digits (GB/T 2260).
    Region,
    /// The edition of an industry standard: `[a-z0-9_-]{1,16}`.
    Standard,
    /// A code of GB/T 4754: two to four digits.
    IndustryGb,
    /// A code of another standard: `[a-z0-9_]{1,64}`.
    IndustryOther,
}

/// An upper limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The largest value allowed.
    Max(i64),
    /// The value has to be less than this.
    Below(i64),
}

/// `text` without control characters and cut to [`SEEN_CHARS_MAX`], for messages and paths.
pub(super) fn shorten(text: &str) -> String {
    let mut shown = String::new();
    for (n, c) in text.chars().enumerate() {
        if n == SEEN_CHARS_MAX {
            shown.push('…');
            break;
        }
        if c.is_control() { shown.extend(c.escape_unicode()) } else { shown.push(c) }
    }
    shown
}
