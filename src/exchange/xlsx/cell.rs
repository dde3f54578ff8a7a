//! A cell as the text that a CSV file would have in its place, or what is wrong with it.
//!
//! A workbook keeps numbers as binary floating point. Of the decimals that stand for the same one, the shortest is
//! what the cell shows and what somebody typed; where even that has more places than the column may have, the cell
//! holds the traces of a computation, and which number was meant is not for a program to say.

use calamine::{DataRef, ExcelDateTime};
use floatrate_engine::Bilingual;

/// Whole numbers from here on are not exact in a workbook: 2 to the power of 53.
const EXACT_BELOW: u64 = 1 << 53;

/// The text of a cell in a column of numbers with so many places.
pub(in crate::exchange) fn text(cell: &DataRef<'_>, places: u32) -> Result<String, Bilingual> {
    match cell {
        DataRef::Empty => Ok(String::new()),
        DataRef::String(text) => Ok(text.clone()),
        DataRef::SharedString(text) => Ok((*text).to_string()),
        DataRef::Bool(yes) => Ok(yes.to_string()),
        DataRef::Int(number) => Ok(number.to_string()),
        DataRef::Float(number) => decimal(&format!("{number:?}"), places),
        DataRef::DateTime(time) => date(time),
        DataRef::DateTimeIso(text) => iso(text),
        DataRef::DurationIso(_) => Err(duration()),
        DataRef::Error(error) => Err(told(format!("is the error {error}"), format!("为错误值 {error}"))),
    }
}

fn told(en: impl Into<String>, zh: impl Into<String>) -> Bilingual {
    Bilingual { en: en.into(), zh: zh.into() }
}

/// The shortest text of a number, perhaps with an exponent, as a plain decimal.
fn decimal(shortest: &str, places: u32) -> Result<String, Bilingual> {
    let wrong = || {
        told(
            format!(
                "is {shortest}, which is not a decimal of at most {places} places: round it in the workbook, or write it as text"
            ),
            format!("的值 {shortest} 超出该列的 {places} 位小数：请在表中先行舍入，或改为文本"),
        )
    };
    let (mantissa, exponent) = shortest.split_once('e').unwrap_or((shortest, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent: i64 = exponent.parse().map_err(|_| wrong())?;
    let digits = format!("{whole}{fraction}");
    if !digits.bytes().all(|b| b.is_ascii_digit()) || exponent.abs() > 400 {
        return Err(wrong());
    }
    let point = i64::try_from(whole.len()).map_err(|_| wrong())? + exponent;
    let (whole, fraction) = match usize::try_from(point) {
        Ok(point) => {
            let padded = format!("{digits:0<point$}");
            let (whole, fraction) = padded.split_at(point);
            (whole.to_string(), fraction.to_string())
        }
        Err(_) => {
            let zeros = usize::try_from(point.unsigned_abs()).map_err(|_| wrong())?;
            (String::new(), format!("{}{digits}", "0".repeat(zeros)))
        }
    };
    let (whole, fraction) = (whole.trim_start_matches('0'), fraction.trim_end_matches('0'));
    if fraction.len() > places as usize {
        return Err(wrong());
    }
    let whole = if whole.is_empty() { "0" } else { whole };
    if whole.parse::<u64>().map_or(true, |number| number >= EXACT_BELOW) {
        return Err(told(
            format!(
                "is a number from {EXACT_BELOW} on, which a workbook does not keep exactly: write it as text"
            ),
            format!("的数值不小于 {EXACT_BELOW}，工作簿无法精确保存：请改为文本"),
        ));
    }
    let sign = if whole == "0" && fraction.is_empty() { "" } else { sign };
    Ok(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

fn duration() -> Bilingual {
    told("is a duration, and no column holds one", "为时长，没有任何列使用时长")
}

fn date(time: &ExcelDateTime) -> Result<String, Bilingual> {
    if !time.is_datetime() {
        return Err(duration());
    }
    let serial = time.as_f64();
    if serial.fract() != 0.0 {
        return Err(with_time());
    }
    let (year, month, day, ..) = time.to_ymd_hms_milli();
    // Spreadsheets take 1900 for a leap year, so programs differ over its first two months; and what lies outside
    // their calendar is moved to its ends.
    let known = serial > 60.0 || (year >= 1904 && serial >= 0.0);
    if !known || serial >= 2_958_466.0 {
        return Err(told(
            "is a date outside 1900-03-01 to 9999-12-31: write it as text",
            "的日期不在 1900-03-01 至 9999-12-31 之间：请改为文本",
        ));
    }
    Ok(format!("{year:04}-{month:02}-{day:02}"))
}

fn iso(text: &str) -> Result<String, Bilingual> {
    let (date, time) = text.split_once('T').unwrap_or((text, ""));
    let midnight = time.trim_end_matches('Z').chars().all(|c| matches!(c, '0' | ':' | '.'));
    if midnight { Ok(date.to_string()) } else { Err(with_time()) }
}

fn with_time() -> Bilingual {
    told("is a date with a time of day: write the date alone", "的日期带有时间：请只写日期")
}

/// The name of a cell as spreadsheets show it, such as C7. Counted from 0.
pub(in crate::exchange) fn address(row: u32, column: u32) -> String {
    let (mut letters, mut rest) = (String::new(), u64::from(column) + 1);
    while rest > 0 {
        let letter = u8::try_from((rest - 1) % 26).unwrap_or(0);
        letters.insert(0, char::from(b'A' + letter));
        rest = (rest - 1) / 26;
    }
    format!("{letters}{}", u64::from(row) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::{CellErrorType, ExcelDateTimeType};

    #[test]
    fn numbers() {
        for (number, places, expected) in [
            (0.0, 0, Some("0")),
            (-0.0, 0, Some("0")),
            (123400000.0, 0, Some("123400000")),
            (-5.0, 0, Some("-5")),
            (9007199254740991.0, 0, Some("9007199254740991")),
            (9007199254740992.0, 0, None),
            (1e300, 0, None),
            (1.5, 0, None),
            (400.5, 6, Some("400.5")),
            (0.019, 12, Some("0.019")),
            (0.1 + 0.2, 12, None),
            (0.1 + 0.2, 17, Some("0.30000000000000004")),
            (1e-7, 9, Some("0.0000001")),
            (1e-10, 9, None),
            (1234.56, 2, Some("1234.56")),
            (f64::NAN, 9, None),
            (f64::INFINITY, 9, None),
        ] {
            assert_eq!(text(&DataRef::Float(number), places).ok().as_deref(), expected, "{number}");
        }
        let told = text(&DataRef::Float(0.1 + 0.2), 12).unwrap_err();
        assert!(told.en.contains("0.30000000000000004") && told.en.contains("12 places"), "{}", told.en);
    }

    #[test]
    fn other_cells() {
        let serial = |value, is_1904| {
            text(&DataRef::DateTime(ExcelDateTime::new(value, ExcelDateTimeType::DateTime, is_1904)), 0).ok()
        };
        for (value, is_1904, expected) in [
            (45050.0, false, Some("2023-05-04")),
            (45050.5, false, None),
            (61.0, false, Some("1900-03-01")),
            (60.0, false, None),
            (-1.0, false, None),
            (1e300, false, None),
            (f64::NAN, false, None),
            (43588.0, true, Some("2023-05-04")),
        ] {
            assert_eq!(serial(value, is_1904).as_deref(), expected, "{value}");
        }
        let length = ExcelDateTime::new(1.0, ExcelDateTimeType::TimeDelta, false);
        assert!(text(&DataRef::DateTime(length), 0).is_err());
        assert_eq!(text(&DataRef::Bool(true), 0).unwrap(), "true");
        assert_eq!(text(&DataRef::DateTimeIso("2023-05-04T00:00:00".into()), 0).unwrap(), "2023-05-04");
        assert!(text(&DataRef::DateTimeIso("2023-05-04T08:00:00".into()), 0).is_err());
        let error = text(&DataRef::Error(CellErrorType::NA), 0).unwrap_err();
        assert_eq!(error.en, "is the error #N/A");
    }

    #[test]
    fn addresses() {
        for (row, column, expected) in
            [(6, 2, "C7"), (0, 0, "A1"), (0, 25, "Z1"), (0, 26, "AA1"), (9, 701, "ZZ10"), (0, 702, "AAA1")]
        {
            assert_eq!(address(row, column), expected);
        }
    }
}
