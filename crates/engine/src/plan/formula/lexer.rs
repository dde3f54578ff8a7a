//! Formulas to tokens.

use crate::diagnostic::{Diagnostic, FileId, Span};
use crate::limits::PLAN_NUMBER_BELOW;
use crate::number::Decimal;
use crate::record::Date;

/// A token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(Decimal),
    Date(Date),
    Word(String),
    Sign(&'static str),
    End,
}

impl Token {
    /// As a message names it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Number(n) => format!("`{n}`"),
            Self::Date(d) => format!("`{d}`"),
            Self::Word(w) => format!("`{w}`"),
            Self::Sign(s) => format!("`{s}`"),
            Self::End => "the end of the formula".to_owned(),
        }
    }
}

/// Longer signs first, so that `<=` is not `<` and `=`.
const SIGNS: [&str; 18] =
    ["..", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "(", ")", "[", "]", ",", ".", ":"];

/// Signs of other languages, and what they are here.
const FOREIGN: [(&str, &str); 4] = [("==", "="), ("<>", "!="), ("=>", ">="), ("=<", "<=")];

/// Where a formula's text stands in its file.
#[derive(Clone, Copy)]
pub(super) struct Place {
    pub file: FileId,
    /// Byte of the formula's first character; None when escapes hide it, then the whole span is shown.
    pub start: Option<u32>,
    pub whole: Span,
}

impl Place {
    fn span(self, from: usize, to: usize) -> Span {
        match self.start {
            Some(start) => {
                let at = |p: usize| start.saturating_add(u32::try_from(p).unwrap_or(u32::MAX));
                Span { file: self.file, start: at(from), end: at(to) }
            }
            None => self.whole,
        }
    }
}

pub(super) fn tokens(text: &str, place: Place) -> Result<Vec<(Token, Span)>, Diagnostic> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let rest = &text[at..];
        let (token, length) = if c.is_ascii_digit() {
            number_or_date(rest).map_err(|(length, message, help)| {
                Diagnostic::at("formula", place.span(at, at + length), message, "expected a number")
                    .help(help)
            })?
        } else if c.is_ascii_alphabetic() || c == '_' {
            let length = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(rest.len());
            (Token::Word(rest[..length].to_owned()), length)
        } else if let Some((foreign, ours)) = FOREIGN.iter().find(|(foreign, _)| rest.starts_with(foreign)) {
            let message = format!("`{foreign}` has no meaning in a formula");
            let span = place.span(at, at + foreign.len());
            return Err(Diagnostic::at("formula", span, message, "expected an operator")
                .help(format!("write `{ours}`")));
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            (Token::Sign(sign), sign.len())
        } else {
            let help = match c {
                '≤' => "write `<=`".to_owned(),
                '≥' => "write `>=`".to_owned(),
                '≠' => "write `!=`".to_owned(),
                '%' | '％' => "write percent as a fraction: 50 % is 0.5".to_owned(),
                '&' => "write `and`".to_owned(),
                '|' => "write `or`".to_owned(),
                '!' => "write `not`, or `!=`".to_owned(),
                '×' => "write `*`".to_owned(),
                '÷' => "write `/`".to_owned(),
                '"' | '\'' | '“' | '”' | '‘' | '’' => {
                    "causes and outcomes are written without quotes: `cause = commuting`".to_owned()
                }
                '、' | '。' => "use the ASCII sign".to_owned(),
                // Full-width forms stand in Unicode as their ASCII signs do, this far further on.
                '！'..='～' => {
                    let ascii = char::from_u32(u32::from(c) - 0xfee0).unwrap_or(' ');
                    format!("use the ASCII sign `{ascii}`")
                }
                _ => "see the grammar in docs/plan-language.md".to_owned(),
            };
            let span = place.span(at, at + c.len_utf8());
            return Err(Diagnostic::at(
                "formula",
                span,
                format!("`{c}` has no meaning in a formula"),
                "expected a name, number or operator",
            )
            .help(help));
        };
        out.push((token, place.span(at, at + length)));
        at += length;
    }
    out.push((Token::End, place.span(text.len(), text.len())));
    Ok(out)
}

type NumberError = (usize, String, &'static str);

fn number_or_date(rest: &str) -> Result<(Token, usize), NumberError> {
    let bytes = rest.as_bytes();
    let digit = |p: usize| bytes.get(p).is_some_and(u8::is_ascii_digit);
    let is_date = (0..10).all(|p| if p == 4 || p == 7 { bytes.get(p) == Some(&b'-') } else { digit(p) });
    if is_date {
        return match rest[..10].parse::<Date>() {
            Ok(date) => Ok((Token::Date(date), 10)),
            Err(why) => Err((10, format!("`{}` is {why}", &rest[..10]), "write a day as 2026-01-31")),
        };
    }
    let mut length = 0;
    while digit(length) {
        length += 1;
    }
    // A point belongs to the number only before a digit, so that `(0..0.5]` is an interval.
    if bytes.get(length) == Some(&b'.') && digit(length + 1) {
        length += 1;
        while digit(length) {
            length += 1;
        }
    }
    match rest[..length].parse::<Decimal>() {
        Ok(value) if too_large(value) => {
            Err((length, format!("{value} is too large; the limit is 10^18"), "shorten the number"))
        }
        Ok(value) if value.places() <= crate::limits::PLAN_NUMBER_PLACES_MAX => {
            Ok((Token::Number(value), length))
        }
        Ok(value) => Err((
            length,
            format!(
                "{value} has {} places; the limit is {}",
                value.places(),
                crate::limits::PLAN_NUMBER_PLACES_MAX
            ),
            "shorten the number, or write it as a quotient",
        )),
        Err(why) => Err((length, format!("`{}` is {why}", &rest[..length]), "shorten the number")),
    }
}

/// Whether a number is beyond what a plan may say.
#[must_use]
pub fn too_large(value: Decimal) -> bool {
    let below = 10_i128.checked_pow(value.places()).and_then(|one| one.checked_mul(PLAN_NUMBER_BELOW));
    below.is_some_and(|below| value.mantissa().unsigned_abs() >= below.unsigned_abs())
}
