//! Unified social credit codes (统一社会信用代码, GB 32100-2015; `china.md` 4.4).

use super::options::EMPLOYERS_MAX;
use super::random;

/// The 31 characters, by value: no I, O, S, V, Z.
const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3^(i-1) mod 31.
const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// Weights of the inner organisation code (GB 11714).
const INNER_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// The 18th character of a unified social credit code, from the first 17; `None` where they are not 17 characters
/// of the code's alphabet. `(31 - sum of value x 3^(i-1) mod 31) mod 31`, GB 32100-2015.
///
/// ```
/// use floatrate::synth::check_digit;
/// assert_eq!(check_digit("91510400MA6212342"), Some('W'));
/// assert_eq!(check_digit("91510400MA6200026"), Some('0'));
/// assert_eq!(check_digit("91510400MA621234O"), None);
/// ```
#[must_use]
pub fn check_digit(first_17: &str) -> Option<char> {
    if first_17.len() != WEIGHTS.len() {
        return None;
    }
    let sum = first_17
        .bytes()
        .zip(WEIGHTS)
        .try_fold(0, |sum, (byte, weight)| Some(sum + ALPHABET.iter().position(|b| *b == byte)? * weight))?;
    Some(char::from(ALPHABET[(31 - sum % 31) % 31]))
}

/// The check character of an organisation code (GB 11714): letters count from A = 10.
fn inner_check(body: &[u8]) -> char {
    let value = |byte: u8| char::from(byte).to_digit(36).unwrap_or(0);
    let sum: u32 = body.iter().zip(INNER_WEIGHTS).map(|(byte, weight)| value(*byte) * weight).sum();
    match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from(b'0' + digit as u8),
    }
}

/// The code of employer `index`: `kind` is registering department and entity type (`91` an enterprise), `series` the
/// two letters that begin its organisation code. Codes of one seed never repeat: the serial number is multiplied by
/// a number coprime to 31, which permutes them.
pub(super) fn code(kind: &str, region: &str, series: &str, seed: u64, index: u64) -> String {
    let shift = random::of_seed(seed) % EMPLOYERS_MAX;
    let mut serial = ((index % EMPLOYERS_MAX) * 123_456_789 + shift) % EMPLOYERS_MAX;
    let mut digits = [0_u8; 6];
    for digit in digits.iter_mut().rev() {
        *digit = ALPHABET[(serial % 31) as usize];
        serial /= 31;
    }
    let mut body = series.to_owned();
    body.extend(digits.map(char::from));
    let inner = inner_check(body.as_bytes());
    let mut code = format!("{kind}{region}{body}{inner}");
    code.extend(check_digit(&code));
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_of_known_codes() {
        for code in [
            "91350100M000100Y43",
            "91110000101623741K",
            "911101066976941872",
            "91510400MA6212342W",
            "91510400MA62000260",
            "91510400MA620043XY",
        ] {
            assert_eq!(check_digit(&code[..17]), code.chars().last(), "{code}");
            let inner = inner_check(&code.as_bytes()[8..16]);
            assert_eq!(Some(inner), code.chars().nth(16), "{code}");
        }
        for wrong in ["91350211M0000XUF46", "91310115MA1H8R7C6D"] {
            assert_ne!(check_digit(&wrong[..17]), wrong.chars().last(), "{wrong}");
        }
        assert_eq!((check_digit(""), check_digit("一二三四五六")), (None, None));
    }
}
