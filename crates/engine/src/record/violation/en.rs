//! The English sentences.

use super::{Expected, Limit, Problem, Shape, Violation};
use crate::limits::{YEAR_MAX, YEAR_MIN};

pub(super) fn message(violation: &Violation) -> String {
    let field = violation.field.as_str();
    match &violation.problem {
        Problem::UnknownField { near: Some(near), .. } => {
            format!("there is no field {field}: did you mean {near}?")
        }
        Problem::UnknownField { near: None, known } => {
            format!("there is no field {field}: remove it, or use one of {}", known.join(", "))
        }
        Problem::DuplicateField {} => format!("{field} is given twice: keep one"),
        Problem::MissingField {} => format!("{field} is required and was left out: add it"),
        Problem::WrongType { seen, expected } => format!("{seen} is not {}", kind(*expected)),
        Problem::NotAWholeNumber { seen, expected } => {
            format!("{seen} is not a whole number: write {}", kind(*expected))
        }
        Problem::InexactNumber { seen } => {
            format!(
                "{seen} is a bare number that readers may take for a binary float: write it as text, \"0.019\""
            )
        }
        Problem::Negative { seen } => format!("{seen} is negative: write 0 or more"),
        Problem::TooSmall { seen, min } => format!("{seen} is too small: write {min} or more"),
        Problem::TooLarge { seen, limit: Limit::Max(max) } => {
            format!("{seen} is too large: write {max} at most")
        }
        Problem::TooLarge { seen, limit: Limit::Below(below) } => {
            format!("{seen} is too large: write less than {below}")
        }
        Problem::TooManyDigits { seen, places: 0 } => {
            format!("{seen} has digits after the point: write a whole number, such as \"2\"")
        }
        Problem::TooManyDigits { seen, places } => {
            format!("{seen} has too many digits after the point: round it yourself to {places} at most")
        }
        Problem::NotADecimal { seen } => {
            format!("{seen} is not a decimal number: write {}", kind(Expected::Decimal))
        }
        Problem::NotADate { seen } => {
            format!("{seen} is not a day of the calendar: write YYYY-MM-DD, such as \"2024-02-29\"")
        }
        Problem::DateOutOfRange { seen } => {
            format!("{seen} is out of range: write a year from {YEAR_MIN} to {YEAR_MAX}")
        }
        Problem::UnknownValue { seen, near: Some(near), .. } => {
            format!("{seen} is not a known value: did you mean \"{near}\"?")
        }
        Problem::UnknownValue { seen, near: None, known } => {
            format!("{seen} is not a known value: write one of {}", known.join(", "))
        }
        Problem::WrongForm { seen, shape } => format!("{seen} is not {}", form(*shape)),
        Problem::Empty {} => {
            format!("{field} is empty: write a text, or leave the field out if it is optional")
        }
        Problem::TooLong { chars, max } => {
            format!("a text of {chars} characters is too long: write {max} at most")
        }
        Problem::ControlCharacter { character } => {
            format!("{field} holds the control character U+{:04X}: remove it", u32::from(*character))
        }
        Problem::SurroundingSpace { seen } => format!("{seen} begins or ends with a blank: remove it"),
        Problem::EndBeforeStart { start, end } => {
            format!("the last day {end} is before the first day {start}: correct one of them")
        }
        Problem::FirstAfterInsuredSince { first_insured, insured_since } => format!(
            "{first_insured} is after insured_since {insured_since}: the first insurance cannot begin after \
             the present one, so correct one of them"
        ),
        Problem::OverlappingPeriods { row, from, to } => format!(
            "{from} to {to} also lies in periods[{row}]: the periods of one class may not share a day, so \
             remove or shorten one"
        ),
        Problem::OverlappingSpans { row } => {
            format!("this span shares days with row [{row}] of the same fact: remove or shorten one")
        }
        Problem::TooManyMonths { months, max } => {
            format!(
                "{months} months insured are more than the {max} calendar months of the span: write {max} at most"
            )
        }
        Problem::UnknownFact { near: Some(near) } => {
            format!("no loaded plan declares {field}: did you mean {near}?")
        }
        Problem::UnknownFact { near: None } => {
            format!("no loaded plan declares {field}: remove it, or load the plan that declares it")
        }
        Problem::TooManyRows { rows, max } => format!("{rows} rows are too many: {max} are allowed"),
        Problem::TooManyViolations { max } => {
            format!("there are {max} mistakes or more: mend those told so far, then the others are told")
        }
    }
}

const fn kind(expected: Expected) -> &'static str {
    match expected {
        Expected::Text => "a text: write it in quotes, such as \"510400\"",
        Expected::Amount => "an integer in the minor unit (fen, cents, yen), such as 123400 and not 1234.00",
        Expected::WholeNumber => "an integer without quotes, such as 12",
        Expected::Decimal => "a decimal as text, such as \"0.019\"",
        Expected::Date => "a day as text: write YYYY-MM-DD, such as \"2024-02-29\"",
        Expected::Boolean => "true or false",
        Expected::List => "a list: write [ ... ]",
        Expected::Map => "a group of named fields: write { ... }",
    }
}

const fn form(shape: Shape) -> &'static str {
    match shape {
        Shape::Region => "a region code: write six digits (GB/T 2260), such as \"510400\"",
        Shape::Standard => {
            "the edition of a standard: write 1 to 16 of a-z, 0-9, _ and -, such as \"2017\" or \"jp\""
        }
        Shape::IndustryGb => "an industry code of GB/T 4754: write two to four digits, such as \"06\"",
        Shape::IndustryOther => "an industry code: write 1 to 64 of a-z, 0-9 and _, such as \"buildings\"",
    }
}
