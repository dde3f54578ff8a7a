//! Cells in an agency's units, dates and codes to those of the contract. Decimals are moved as text, so nothing is
//! ever rounded.

use super::super::columns::Target;
use floatrate_engine::Bilingual;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The unit that numbers are written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Yuan, of which a fen is a hundredth.
    Yuan,
    /// Ten thousand yuan.
    WanYuan,
    /// Per cent.
    Percent,
    /// Per mille.
    Permille,
}

impl Unit {
    pub(super) const NAMES: [(&'static str, Self); 4] = [
        ("yuan", Self::Yuan),
        ("wan_yuan", Self::WanYuan),
        ("percent", Self::Percent),
        ("permille", Self::Permille),
    ];

    /// Whether it is a unit of amounts.
    pub(super) fn is_money(self) -> bool {
        matches!(self, Self::Yuan | Self::WanYuan)
    }

    /// Places that the point moves to the right.
    fn shift(self) -> i32 {
        match self {
            Self::Yuan => 2,
            Self::WanYuan => 6,
            Self::Percent => -2,
            Self::Permille => -3,
        }
    }

    fn name(self) -> &'static str {
        Self::NAMES.iter().find(|(_, unit)| *unit == self).map_or("", |(name, _)| name)
    }
}

/// How dates are written. ISO dates are understood beside each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateForm {
    /// Eight digits.
    Day,
    /// Six digits for the first day of the month.
    MonthFirst,
    /// Six digits for the last day of the month.
    MonthLast,
}

/// What is done to the cells of a column. Never nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::exchange) struct Convert {
    codes: Option<Arc<BTreeMap<String, String>>>,
    unit: Option<Unit>,
    date: Option<DateForm>,
    /// Places that the field may have.
    places: u32,
}

impl Convert {
    pub(super) fn new(
        target: &Target,
        codes: Option<Arc<BTreeMap<String, String>>>,
        unit: Option<Unit>,
        date: Option<DateForm>,
    ) -> Option<Self> {
        let any = codes.is_some() || unit.is_some() || date.is_some();
        any.then(|| Self { codes, unit, date, places: target.places() })
    }

    /// Places after the point that a number of the source may have.
    pub(in crate::exchange) fn places(&self) -> u32 {
        let shift = self.unit.map_or(0, Unit::shift);
        u32::try_from(i64::from(self.places) + i64::from(shift)).unwrap_or(0)
    }

    /// The cell as the contract writes it.
    ///
    /// # Errors
    /// What was expected instead.
    pub(in crate::exchange) fn apply(&self, cell: &str) -> Result<String, Bilingual> {
        let mut cell = cell.trim().to_string();
        if let Some(codes) = &self.codes {
            cell = codes.get(&cell).cloned().ok_or_else(|| unknown(codes))?;
        }
        if let Some(unit) = self.unit {
            cell = shifted(&cell, unit.shift(), self.places).ok_or_else(|| {
                let (name, places) = (unit.name(), self.places());
                Bilingual {
                    en: format!("expected a decimal in {name} with at most {places} places"),
                    zh: format!("应为以 {name} 为单位、至多 {places} 位小数的数字"),
                }
            })?;
        }
        if let Some(form) = self.date {
            cell = dated(&cell, form).ok_or_else(|| {
                let form = if form == DateForm::Day { "yyyymmdd" } else { "yyyymm" };
                Bilingual {
                    en: format!("expected a date written {form} or yyyy-mm-dd"),
                    zh: format!("应为 {form} 或 yyyy-mm-dd 形式的日期"),
                }
            })?;
        }
        Ok(cell)
    }
}

fn unknown(codes: &BTreeMap<String, String>) -> Bilingual {
    /// Codes that a message names.
    const SHOWN: usize = 20;
    let mut names: Vec<&str> = codes.keys().map(String::as_str).take(SHOWN).collect();
    if codes.len() > SHOWN {
        names.push("…");
    }
    Bilingual {
        en: format!("the mapping's code table has {}", names.join(", ")),
        zh: format!("映射的代码表只有 {}", names.join("、")),
    }
}

/// A decimal with its point moved, or none where the text is no plain decimal or would have more than `places`.
pub(super) fn shifted(text: &str, shift: i32, places: u32) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|b| b.is_ascii_digit());
    // A number this long is refused by the record check in any unit.
    if whole.is_empty()
        || !is_digits(whole)
        || !is_digits(fraction)
        || digits.ends_with('.')
        || digits.len() > 100
    {
        return None;
    }
    let all = format!("{whole}{fraction}");
    let point = i64::try_from(whole.len()).ok()? + i64::from(shift);
    let (whole, fraction) = if let Ok(point) = usize::try_from(point) {
        let padded = format!("{all:0<point$}");
        let (whole, fraction) = padded.split_at(point);
        (whole.to_string(), fraction.to_string())
    } else {
        let zeros = usize::try_from(point.unsigned_abs()).ok()?;
        (String::new(), format!("{}{all}", "0".repeat(zeros)))
    };
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if fraction.len() > places as usize {
        return None;
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

/// A date as ISO text. Whether there is such a day is for the record check to say.
fn dated(text: &str, form: DateForm) -> Option<String> {
    let bytes = text.as_bytes();
    let digits =
        |from: usize, to: usize| text.get(from..to).filter(|t| t.bytes().all(|b| b.is_ascii_digit()));
    if bytes.len() == 10 && bytes[4] == b'-' && bytes[7] == b'-' {
        return Some(text.to_string());
    }
    let (year, month) = (digits(0, 4)?, digits(4, 6)?);
    let day = match (form, bytes.len()) {
        (DateForm::Day, 8) => digits(6, 8)?.to_string(),
        (DateForm::MonthFirst, 6) => "01".to_string(),
        (DateForm::MonthLast, 6) => last_day(year.parse().ok()?, month.parse().ok()?)?.to_string(),
        _ => return None,
    };
    Some(format!("{year}-{month}-{day}"))
}

fn last_day(year: u32, month: u32) -> Option<u32> {
    Some(match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(400) || (year.is_multiple_of(4) && !year.is_multiple_of(100)) => 29,
        2 => 28,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_move_the_point() {
        for (text, shift, places, expected) in [
            ("1234.56", 2, 0, Some("123456")),
            ("1234.5", 2, 0, Some("123450")),
            ("1234", 2, 0, Some("123400")),
            ("1234.560", 2, 0, Some("123456")),
            ("1234.567", 2, 0, None),
            ("0.01", 2, 0, Some("1")),
            ("0", 2, 0, Some("0")),
            ("0.00", 2, 0, Some("0")),
            ("-1.5", 2, 0, Some("-150")),
            ("-0", 2, 0, Some("0")),
            ("1.234567", 6, 0, Some("1234567")),
            ("1.9", -2, 12, Some("0.019")),
            ("19", -3, 12, Some("0.019")),
            ("100", -2, 12, Some("1")),
            ("0.0000000001", -2, 12, Some("0.000000000001")),
            ("0.00000000001", -2, 12, None),
            ("", 2, 0, None),
            (".5", 2, 0, None),
            ("5.", 2, 0, None),
            ("1,234.56", 2, 0, None),
            ("1e3", 2, 0, None),
            ("+1", 2, 0, None),
            ("１", 2, 0, None),
            ("1.2.3", 2, 0, None),
        ] {
            assert_eq!(shifted(text, shift, places).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn dates() {
        for (text, form, expected) in [
            ("20230504", DateForm::Day, Some("2023-05-04")),
            ("2023-05-04", DateForm::Day, Some("2023-05-04")),
            ("202305", DateForm::Day, None),
            ("202302", DateForm::MonthFirst, Some("2023-02-01")),
            ("202302", DateForm::MonthLast, Some("2023-02-28")),
            ("202402", DateForm::MonthLast, Some("2024-02-29")),
            ("190002", DateForm::MonthLast, Some("1900-02-28")),
            ("202304", DateForm::MonthLast, Some("2023-04-30")),
            ("202313", DateForm::MonthLast, None),
            ("20230504", DateForm::MonthLast, None),
            ("2023年5月", DateForm::MonthLast, None),
            ("二零二三", DateForm::Day, None),
            ("", DateForm::Day, None),
        ] {
            assert_eq!(dated(text, form).as_deref(), expected, "{text}");
        }
    }
}
