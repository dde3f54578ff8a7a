//! A decimal number as text gives it: an integer and a number of places.

use std::fmt;

/// An exact decimal: `mantissa / 10^places`. Two decimals are equal when they are the same number, so the stored form
/// is canonical: no trailing zeros after the point, and zero has no sign and no places.
///
/// Parses and prints `-?digits(.digits)?`; there is no exponent, no leading `+` and no grouping.
///
/// ```
/// use floatrate_engine::number::Decimal;
/// let rate: Decimal = "0.0190".parse().unwrap();
/// assert_eq!(rate.to_string(), "0.019");
/// assert_eq!((rate.mantissa(), rate.places()), (19, 3));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Decimal {
    mantissa: i128,
    places: u32,
}

/// Why a text is not a decimal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// The text does not have the form `-?digits(.digits)?`.
    Form,
    /// More than 38 digits.
    TooLong,
}

impl fmt::Display for DecimalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form => "not a decimal number like 0.019",
            Self::TooLong => "more digits than a decimal can hold",
        })
    }
}

impl std::error::Error for DecimalError {}

impl Decimal {
    /// Zero.
    pub const ZERO: Self = Self { mantissa: 0, places: 0 };
    /// One.
    pub const ONE: Self = Self { mantissa: 1, places: 0 };

    /// `mantissa / 10^places`, made canonical.
    #[must_use]
    pub const fn new(mut mantissa: i128, mut places: u32) -> Self {
        if places > 0 && mantissa >= i64::MIN as i128 && mantissa <= i64::MAX as i128 {
            // Division is many times faster in 64 bits, and every rate fits them.
            let mut small = mantissa as i64;
            while places > 0 && small % 10 == 0 {
                small /= 10;
                places -= 1;
            }
            return Self { mantissa: small as i128, places };
        }
        while places > 0 && mantissa % 10 == 0 {
            mantissa /= 10;
            places -= 1;
        }
        Self { mantissa, places }
    }

    /// The integer whose `places`-th tenth part this is.
    #[must_use]
    pub const fn mantissa(self) -> i128 {
        self.mantissa
    }

    /// Digits after the point.
    #[must_use]
    pub const fn places(self) -> u32 {
        self.places
    }

    /// `self + other`; None where it does not fit.
    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        let places = self.places.max(other.places);
        let scaled = |d: Self| d.mantissa.checked_mul(10_i128.checked_pow(places - d.places)?);
        Some(Self::new(scaled(self)?.checked_add(scaled(other)?)?, places))
    }

    /// The number of units of `10^-places`, or `None` when it has more places or does not fit `i64`.
    #[must_use]
    pub fn units(self, places: u32) -> Option<i64> {
        let factor = 10_i128.checked_pow(places.checked_sub(self.places)?)?;
        i64::try_from(self.mantissa.checked_mul(factor)?).ok()
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let places = self.places.max(other.places);
        let scaled = |d: &Self| d.mantissa.checked_mul(10_i128.checked_pow(places - d.places)?);
        match (scaled(self), scaled(other)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => {
                let wide = |d: &Self| {
                    num_bigint::BigInt::from(d.mantissa) * num_bigint::BigInt::from(10).pow(places - d.places)
                };
                wide(self).cmp(&wide(other))
            }
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl std::str::FromStr for Decimal {
    type Err = DecimalError;

    fn from_str(text: &str) -> Result<Self, DecimalError> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, fraction) = match digits.split_once('.') {
            Some((_, "")) => return Err(DecimalError::Form),
            Some(parts) => parts,
            None => (digits, ""),
        };
        if whole.is_empty() {
            return Err(DecimalError::Form);
        }
        let mut mantissa = 0_i128;
        for byte in whole.bytes().chain(fraction.bytes()) {
            if !byte.is_ascii_digit() {
                return Err(DecimalError::Form);
            }
            mantissa = mantissa
                .checked_mul(10)
                .and_then(|m| m.checked_add(i128::from(byte - b'0')))
                .ok_or(DecimalError::TooLong)?;
        }
        let places = u32::try_from(fraction.len()).map_err(|_| DecimalError::TooLong)?;
        Ok(Self::new(if negative { -mantissa } else { mantissa }, places))
    }
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.mantissa < 0 { "-" } else { "" };
        let digits = self.mantissa.unsigned_abs().to_string();
        let places = self.places as usize;
        if places == 0 {
            return write!(f, "{sign}{digits}");
        }
        let padded = format!("{digits:0>width$}", width = places + 1);
        let (whole, fraction) = padded.split_at(padded.len() - places);
        write!(f, "{sign}{whole}.{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_number_agree() {
        for (text, shown) in [
            ("0", "0"),
            ("-0", "0"),
            ("0.0", "0"),
            ("1.50", "1.5"),
            ("-0.019", "-0.019"),
            ("00012", "12"),
            ("999999999999999999.999999999999", "999999999999999999.999999999999"),
        ] {
            assert_eq!(text.parse::<Decimal>().map(|d| d.to_string()), Ok(shown.to_owned()), "{text}");
        }
        for bad in
            ["", "-", ".", "1.", ".5", "+1", "1e3", "1,000", " 1", "1 ", "１", "0x1", "--1", "1.2.3", "NaN"]
        {
            assert_eq!(bad.parse::<Decimal>(), Err(DecimalError::Form), "{bad:?}");
        }
        assert_eq!("9".repeat(39).parse::<Decimal>(), Err(DecimalError::TooLong));
    }

    #[test]
    fn order_is_exact() {
        let number = |text: &str| text.parse::<Decimal>().unwrap();
        let rising = [
            "-99999999999999999999999999999999999999",
            "-1",
            "-0.5",
            "0",
            "0.000000000001",
            "0.1",
            "0.11",
            "2",
            "12345678901234567890123456789",
            "12345678901234567890123456789.5",
        ];
        for pair in rising.windows(2) {
            assert!(number(pair[0]) < number(pair[1]), "{pair:?}");
        }
        assert_eq!(number("1.0").cmp(&number("1")), std::cmp::Ordering::Equal);
    }

    #[test]
    fn units_never_round() {
        let rate: Decimal = "0.019".parse().unwrap();
        assert_eq!(rate.units(12), Some(19_000_000_000));
        assert_eq!(rate.units(2), None);
        assert_eq!("1000000000".parse::<Decimal>().unwrap().units(12), None);
    }
}
