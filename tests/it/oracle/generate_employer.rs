//! The head of a generated record: who, which class, insured since when.

use serde_json::{Value, json};

use super::calendar::{Span, text};
use super::dice::Dice;
use super::plans::Plan;

pub struct InsuredDates {
    pub insured_since: i64,
    pub first_insured: Option<i64>,
}

/// Around the bounds of insured time: the first day of a window is exactly enough, the next is a
/// day short.
pub fn insured_dates(
    dice: &mut Dice,
    plan: Plan,
    rating_day: i64,
    now: Span,
    earlier: Span,
    is_odd: bool,
) -> InsuredDates {
    let long_ago = earlier.first - dice.between(0, 4000);
    let insured_since = match (is_odd, plan, dice.below(8)) {
        (true, _, 0..=2) => now.first + 1,
        (true, _, 3) => now.first,
        (true, _, 4) => dice.between(now.last + 1, rating_day),
        (true, _, 5) => earlier.first + 1,
        (true, _, _) => dice.between(now.first + 1, now.last),
        (false, Plan::Jiangsu, 0 | 1) => earlier.first,
        (false, Plan::Jiangsu, 2) => earlier.first + 1,
        (false, Plan::Jiangsu, 3) => dice.between(earlier.first, now.first),
        (false, Plan::Jiangsu, 4) => now.first,
        (false, Plan::Jiangsu, 5) => dice.between(now.first + 1, now.last),
        (false, _, 6) => now.first,
        (false, _, 7) => now.first - dice.between(1, 400),
        (false, _, _) => long_ago,
    };
    let before = insured_since - dice.between(0, 2000);
    let first_insured = match dice.below(6) {
        0 => Some(now.first + 1),
        1 => Some(now.first),
        2 => Some(before),
        3 => Some(insured_since),
        _ => None,
    };
    let mut first_insured = first_insured.map(|day| day.min(insured_since));
    if !is_odd && plan == Plan::Jiangsu && insured_since > now.first {
        first_insured = Some(first_insured.unwrap_or(now.first).min(now.first));
    }
    InsuredDates { insured_since, first_insured }
}

pub fn employer(dice: &mut Dice, plan: &str, i: u64, dates: &InsuredDates, is_odd_class: bool) -> Value {
    let region = &plan[3..9];
    let mut employer = json!({
        "id": credit_code(region, i),
        "name": format!("样本{i}"),
        "region": region,
        "insured_since": text(dates.insured_since),
    });
    if let Some(first_insured) = dates.first_insured {
        employer["first_insured"] = json!(text(first_insured));
    }
    let oddity = if is_odd_class { dice.below(3) } else { 3 };
    let standard = if dice.one_in(2) { "2011" } else { "2017" };
    let (standard, division) = match oddity {
        0 => ("2017", dice.pick(&["59", "79"])),
        1 => dice.pick(&[("2011", "97"), ("2017", "98"), ("2017", "00"), ("2011", "99")]),
        _ => (standard, DIVISIONS[dice.below(DIVISIONS.len() as u64) as usize]),
    };
    let further_digits = dice.pick(&["", "", "1", "2", "20", "11"]);
    employer["industry"] = json!({"standard": standard, "code": format!("{division}{further_digits}")});
    if oddity == 2 {
        employer["risk_class"] = json!(9);
    } else if (oddity == 3 && dice.one_in(2)) || (oddity < 2 && dice.one_in(4)) {
        employer["risk_class"] = json!(dice.between(1, 8));
    }
    if dice.one_in(2) {
        let (rate, tier) = dice.pick(&[("0.019", "1"), ("0.0095", "0.5"), ("0.0108", "1.2"), ("0.002", "1")]);
        employer["prior"] = json!({"rate": rate, "tier": tier, "unlimited_rate": rate});
    }
    employer
}

/// Divisions that have a class in both standards, the rarer classes more often than their share.
pub const DIVISIONS: [&str; 24] = [
    "01", "02", "04", "06", "07", "08", "09", "10", "12", "13", "18", "25", "26", "39", "47", "49", "51",
    "54", "58", "65", "66", "82", "90", "94",
];

/// A unified social credit code with correct check characters (GB 32100-2015, GB 11714).
pub fn credit_code(region: &str, i: u64) -> String {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    let organisation = format!("MA{:06}", i % 1_000_000);
    let mut sum = 0;
    for (character, weight) in organisation.chars().zip([3, 7, 9, 10, 5, 8, 4, 2]) {
        sum += character.to_digit(36).expect("a letter or digit") * weight;
    }
    let inner = match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        check => char::from_digit(check, 10).expect("a digit"),
    };
    let mut code = format!("91{region}{organisation}{inner}");
    let (mut sum, mut weight) = (0, 1);
    for character in code.bytes() {
        sum += ALPHABET.iter().position(|&known| known == character).expect("in the alphabet") * weight;
        weight = weight * 3 % 31;
    }
    code.push(char::from(ALPHABET[(31 - sum % 31) % 31]));
    code
}

#[test]
pub fn credit_codes_have_correct_check_characters() {
    // The synthetic codes of china.md section 4.4.
    assert_eq!(credit_code("510400", 621_234), "91510400MA6212342W");
    assert_eq!(credit_code("510400", 620_002), "91510400MA62000260");
    assert_eq!(credit_code("510400", 620_043), "91510400MA620043XY");
}
