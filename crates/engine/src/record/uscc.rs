//! The unified social credit code (统一社会信用代码, GB 32100-2015).

/// Whether an employer's id is a unified social credit code. Real registers hold a few codes whose check digit is
/// wrong, so a failing check is a flag for people and never a reason to refuse a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsccCheck {
    /// The id does not have the form of a code: it is some other key.
    NotACode,
    /// A code whose check digit agrees.
    Valid,
    /// The form of a code, but another check digit.
    WrongCheckDigit,
}

/// Characters of a code; the index is the value (GB 32100-2015, table 3). I, O, S, V and Z are not used.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Checks the form and the check digit of `id`: with weights 3^(i-1) mod 31 of the first 17 characters, the 18th is
/// 31 less the weighted sum mod 31, where 31 counts as 0.
///
/// ```
/// use floatrate_engine::record::{UsccCheck, uscc_check};
/// assert_eq!(uscc_check("91510400MA6212342W"), UsccCheck::Valid);
/// assert_eq!(uscc_check("91510400MA6212342X"), UsccCheck::WrongCheckDigit);
/// assert_eq!(uscc_check("plant-7"), UsccCheck::NotACode);
/// ```
#[must_use]
pub fn uscc_check(id: &str) -> UsccCheck {
    let bytes = id.as_bytes();
    // The third to eighth characters are the area of registration, digits only.
    if bytes.len() != 18 || !bytes[2..8].iter().all(u8::is_ascii_digit) {
        return UsccCheck::NotACode;
    }
    // The check character has the weight 1, not 3^17, so that the total of a valid code is a multiple of 31; in that
    // form the remainder 0 needs no case of its own.
    let (mut total, mut weight) = (0, 1);
    for (at, byte) in bytes.iter().enumerate() {
        let Some(value) = ALPHABET.iter().position(|c| c == byte) else { return UsccCheck::NotACode };
        total += value * if at == 17 { 1 } else { weight };
        weight = weight * 3 % 31;
    }
    if total % 31 == 0 { UsccCheck::Valid } else { UsccCheck::WrongCheckDigit }
}

#[cfg(test)]
mod tests {
    use super::{ALPHABET, UsccCheck, uscc_check};

    #[test]
    fn codes() {
        for (id, expected) in [
            ("91350100M000100Y43", UsccCheck::Valid),
            ("91110000101623741K", UsccCheck::Valid),
            ("911101066976941872", UsccCheck::Valid),
            ("91350211M0000XUF46", UsccCheck::WrongCheckDigit),
            ("91350211M0000XUF4R", UsccCheck::Valid),
            ("91310115MA1H8R7C6D", UsccCheck::WrongCheckDigit),
            ("91310115MA1H8R7C67", UsccCheck::Valid),
            ("91510400MA6212342W", UsccCheck::Valid),
            ("91510400MA62000260", UsccCheck::Valid),
            ("91510400MA620043XY", UsccCheck::Valid),
            ("", UsccCheck::NotACode),
            ("91510400MA6212342", UsccCheck::NotACode),
            ("91510400MA6212342WW", UsccCheck::NotACode),
            ("91510400ma6212342w", UsccCheck::NotACode),
            ("9151040AMA6212342W", UsccCheck::NotACode),
            ("91510400MA62I2342W", UsccCheck::NotACode),
            ("91510400MA621234统", UsccCheck::NotACode),
            ("９1510400MA6212342", UsccCheck::NotACode),
        ] {
            assert_eq!(uscc_check(id), expected, "{id:?}");
        }
    }

    /// Every single character replaced by another is noticed, as 31 is prime.
    #[test]
    fn one_wrong_character_is_always_noticed() {
        let code = b"91510400MA6212342W";
        for at in 0..18 {
            for other in ALPHABET {
                let mut changed = code.to_vec();
                changed[at] = *other;
                let changed = String::from_utf8(changed).unwrap();
                assert_eq!(uscc_check(&changed) == UsccCheck::Valid, *other == code[at], "{changed}");
            }
        }
    }
}
