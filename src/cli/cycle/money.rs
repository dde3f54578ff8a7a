//! Amounts and shares as people read them, exactly: integers alone.

use floatrate_engine::number::Decimal;
use std::cmp::Ordering;

/// Minor units as yuan with fen, such as `-1,234.05`.
pub(in crate::cli) fn yuan(fen: i128) -> String {
    let plain = plain_yuan(fen);
    let (sign, digits) = plain.strip_prefix('-').map_or(("", plain.as_str()), |digits| ("-", digits));
    let (whole, fen) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut out = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    format!("{sign}{out}.{fen}")
}

/// The same without commas, for files.
pub(in crate::cli) fn plain_yuan(fen: i128) -> String {
    let (sign, units) = (if fen < 0 { "-" } else { "" }, fen.unsigned_abs());
    format!("{sign}{}.{:02}", units / 100, units % 100)
}

/// The same with a sign, for changes.
pub(in crate::cli) fn change(fen: i128) -> String {
    if fen > 0 { format!("+{}", yuan(fen)) } else { yuan(fen) }
}

/// A part of a whole in percent, rounded half up (away from 0) to 0.01 %; `-` of nothing.
pub(in crate::cli) fn percent(part: i128, whole: i128) -> String {
    if whole == 0 {
        return "-".to_owned();
    }
    let (top, bottom) = (part.unsigned_abs(), whole.unsigned_abs());
    // Sums of money have at most 18 digits an employer, and far fewer than 10^12 employers.
    let hundredths = top.saturating_mul(20_000).saturating_add(bottom) / bottom.saturating_mul(2);
    let sign = if hundredths > 0 && (part < 0) != (whole < 0) { "-" } else { "" };
    format!("{sign}{}.{:02} %", hundredths / 100, hundredths % 100)
}

/// The same of a change: with its sign.
pub(in crate::cli) fn percent_change(part: i128, whole: i128) -> String {
    let text = percent(part, whole);
    if part > 0 && whole > 0 && text != "0.00 %" { format!("+{text}") } else { text }
}

/// Tiers by their size; what is no number comes first.
pub(super) fn by_size(one: &str, other: &str) -> Ordering {
    let number = |text: &str| text.parse::<Decimal>().ok();
    number(one).cmp(&number(other)).then_with(|| one.cmp(other))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_shares_are_exact() {
        for (fen, expected) in [
            (0, "0.00"),
            (5, "0.05"),
            (-5, "-0.05"),
            (123_456, "1,234.56"),
            (-123_456_789, "-1,234,567.89"),
            (99_999, "999.99"),
            (i128::from(i64::MAX) * 10, "922,337,203,685,477,580.70"),
        ] {
            assert_eq!(yuan(fen), expected);
        }
        for (part, whole, expected) in [
            (1, 3, "33.33 %"),
            (2, 3, "66.67 %"),
            (1, 20_000, "0.01 %"),
            (1, 20_001, "0.00 %"),
            (-1, 3, "-33.33 %"),
            (-1, 20_001, "0.00 %"),
            (5, 0, "-"),
            (7, 7, "100.00 %"),
        ] {
            assert_eq!(percent(part, whole), expected, "{part} of {whole}");
        }
        assert_eq!((change(1), change(-1), change(0)), ("+0.01".into(), "-0.01".into(), "0.00".into()));
        assert_eq!(
            (percent_change(1, 3), percent_change(0, 3), percent_change(-1, 3)),
            ("+33.33 %".into(), "0.00 %".into(), "-33.33 %".into())
        );
        let mut tiers = ["1", "0.5", "", "1.2", "0.8", "10"];
        tiers.sort_by(|a, b| by_size(a, b));
        assert_eq!(tiers, ["", "0.5", "0.8", "1", "1.2", "10"]);
    }
}
