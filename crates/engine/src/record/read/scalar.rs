//! Single values: texts, dates, whole numbers, decimals. Each reader gives `None` for a field that was left out, and
//! for a bad one after recording what is wrong with it.

use super::path::{Report, quoted, seen};
use super::reader::Field;
use crate::limits::{
    AMOUNT_MAX, HEADCOUNT_BELOW, HEADCOUNT_PLACES, ID_CHARS_MAX, RATE_BELOW, RATE_PLACES, YEAR_MAX, YEAR_MIN,
};
use crate::number::{Decimal, DecimalError};
use crate::record::violation::{Expected, Limit, Problem, Shape, nearest};
use crate::record::{Amount, Date, Form, Headcount, Rate};

/// What a decimal may be, and the unit it is kept in.
#[derive(Clone, Copy)]
pub(super) struct Scale {
    /// Digits after the point that are allowed, at most `unit`.
    pub(super) places: u32,
    /// The value is kept in units of 10^-`unit`.
    pub(super) unit: u32,
    /// The value has to be below this whole number.
    pub(super) below: i64,
}

const RATE: Scale = Scale { places: RATE_PLACES, unit: RATE_PLACES, below: RATE_BELOW };
const HEADCOUNT: Scale = Scale { places: HEADCOUNT_PLACES, unit: HEADCOUNT_PLACES, below: HEADCOUNT_BELOW };

impl<'f> Field<'f, '_> {
    /// Any text without U+0000. `expected` names what the text stands for.
    pub(super) fn text(&self, expected: Expected, report: &mut Report) -> Option<&'f str> {
        match self.form? {
            Form::Text(text) if text.contains('\0') => {
                report.add(&self.path, Problem::ControlCharacter { character: '\0' })
            }
            Form::Text(text) => Some(text),
            other => report.wrong_type(&self.path, other, expected),
        }
    }

    /// A text of at most `max` characters.
    pub(super) fn text_up_to(&self, max: usize, report: &mut Report) -> Option<String> {
        let text = self.text(Expected::Text, report)?;
        // No text has more characters than bytes, so most need no counting.
        if text.len() > max {
            let chars = text.chars().count();
            if chars > max {
                return report.add(&self.path, Problem::TooLong { chars, max });
            }
        }
        Some(text.to_owned())
    }

    /// A key: not empty, no blanks around it, no control characters, at most [`ID_CHARS_MAX`] characters.
    pub(super) fn id(&self, report: &mut Report) -> Option<String> {
        let text = self.text(Expected::Text, report)?;
        if let Some(character) = text.chars().find(|c| c.is_control()) {
            return report.add(&self.path, Problem::ControlCharacter { character });
        }
        let trimmed = text.trim();
        if trimmed.is_empty() {
            return report.add(&self.path, Problem::Empty {});
        }
        if trimmed != text {
            return report.add(&self.path, Problem::SurroundingSpace { seen: quoted(text) });
        }
        self.text_up_to(ID_CHARS_MAX, report)
    }

    /// A code that `fits` its shape.
    pub(super) fn code(&self, shape: Shape, fits: fn(&[u8]) -> bool, report: &mut Report) -> Option<String> {
        let text = self.text(Expected::Text, report)?;
        if !fits(text.as_bytes()) {
            return report.add(&self.path, Problem::WrongForm { seen: quoted(text), shape });
        }
        Some(text.to_owned())
    }

    /// One of a closed list of values.
    pub(super) fn choice<T: Copy>(
        &self,
        all: &'static [T],
        name: fn(T) -> &'static str,
        report: &mut Report,
    ) -> Option<T> {
        let text = self.text(Expected::Text, report)?;
        let found = all.iter().copied().find(|value| name(*value) == text);
        if found.is_none() {
            let known: Vec<_> = all.iter().map(|value| name(*value)).collect();
            let near = nearest(text, known.iter().copied());
            return report.add(&self.path, Problem::UnknownValue { seen: quoted(text), near, known });
        }
        found
    }

    /// A day from [`YEAR_MIN`] to [`YEAR_MAX`].
    pub(super) fn date(&self, report: &mut Report) -> Option<Date> {
        let text = self.text(Expected::Date, report)?;
        let Ok(date) = text.parse::<Date>() else {
            return report.add(&self.path, Problem::NotADate { seen: quoted(text) });
        };
        if !(YEAR_MIN..=YEAR_MAX).contains(&date.year()) {
            return report.add(&self.path, Problem::DateOutOfRange { seen: date });
        }
        Some(date)
    }

    /// A whole number from 0 to `max`.
    pub(super) fn whole(&self, max: i64, expected: Expected, report: &mut Report) -> Option<i64> {
        match self.form? {
            Form::Int(value) if *value < 0 => {
                report.add(&self.path, Problem::Negative { seen: value.to_string() })
            }
            Form::Int(value) if *value > max => {
                let (seen, limit) = (value.to_string(), Limit::Max(max));
                report.add(&self.path, Problem::TooLarge { seen, limit })
            }
            Form::Int(value) => Some(*value),
            form @ Form::Inexact(text) => {
                let seen = seen(form);
                let problem = match beyond_i64(text) {
                    Some(true) => Problem::Negative { seen },
                    Some(false) => Problem::TooLarge { seen, limit: Limit::Max(max) },
                    None => Problem::NotAWholeNumber { seen, expected },
                };
                report.add(&self.path, problem)
            }
            other => report.wrong_type(&self.path, other, expected),
        }
    }

    /// An amount in the minor unit.
    pub(super) fn amount(&self, report: &mut Report) -> Option<Amount> {
        self.whole(AMOUNT_MAX, Expected::Amount, report).map(Amount)
    }

    /// A rate, ratio or tier.
    pub(super) fn rate(&self, report: &mut Report) -> Option<Rate> {
        self.decimal(RATE, report).map(Rate)
    }

    /// An average headcount.
    pub(super) fn headcount(&self, report: &mut Report) -> Option<Headcount> {
        self.decimal(HEADCOUNT, report).map(Headcount)
    }

    /// A decimal as text, or an integer, in units of 10^-`scale.unit`. Nothing is rounded.
    pub(super) fn decimal(&self, scale: Scale, report: &mut Report) -> Option<i64> {
        let form = self.form?;
        let limit = Limit::Below(scale.below);
        let parsed = match form {
            Form::Int(value) => Decimal::new(i128::from(*value), 0),
            Form::Inexact(text) => {
                let seen = seen(form);
                let problem = match beyond_i64(text) {
                    Some(true) => Problem::Negative { seen },
                    Some(false) => Problem::TooLarge { seen, limit },
                    None => Problem::InexactNumber { seen },
                };
                return report.add(&self.path, problem);
            }
            _ => {
                let text = self.text(Expected::Decimal, report)?;
                match text.parse::<Decimal>() {
                    Ok(parsed) => parsed,
                    Err(DecimalError::Form) => {
                        return report.add(&self.path, Problem::NotADecimal { seen: quoted(text) });
                    }
                    Err(DecimalError::TooLong) => {
                        return report.add(&self.path, too_long(text, scale));
                    }
                }
            }
        };
        if parsed.mantissa() < 0 {
            return report.add(&self.path, Problem::Negative { seen: seen(form) });
        }
        if parsed.places() > scale.places {
            let (seen, places) = (seen(form), scale.places);
            return report.add(&self.path, Problem::TooManyDigits { seen, places });
        }
        let units = parsed.units(scale.unit).filter(|units| {
            // A value at the limit has more units than any below it; both fit i128 by the limits' sizes.
            i128::from(*units) < i128::from(scale.below) * 10_i128.pow(scale.unit)
        });
        if units.is_none() {
            return report.add(&self.path, Problem::TooLarge { seen: seen(form), limit });
        }
        units
    }
}

/// Of a whole number that is too large for `i64`, whether it is negative; `None` for anything else.
fn beyond_i64(text: &str) -> Option<bool> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let negative = digits.len() < text.len();
    let all_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    let is_whole = match digits.split_once('e') {
        None => !digits.is_empty() && all_digits(digits),
        // A JSON reader without room for so many digits hands them on in the form 1.5e23.
        Some((digits, exponent)) => {
            let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
            let is_number = !whole.is_empty() && all_digits(whole) && all_digits(fraction);
            is_number && exponent.parse().is_ok_and(|places: usize| places > 18 && places >= fraction.len())
        }
    };
    is_whole.then_some(negative)
}

/// What is wrong with a decimal of more digits than can be held: its whole part, or the part after the point.
fn too_long(text: &str, scale: Scale) -> Problem {
    let seen = quoted(text);
    let whole = text.split('.').next().unwrap_or(text);
    if whole.starts_with('-') {
        Problem::Negative { seen }
    } else if whole.trim_start_matches('0').len() > 19 {
        Problem::TooLarge { seen, limit: Limit::Below(scale.below) }
    } else {
        Problem::TooManyDigits { seen, places: scale.places }
    }
}
