//! What a number is changed to.

use super::numbers::{Form, Number};
use floatrate_engine::number::Decimal;
use floatrate_engine::record::Date;

/// The texts that a number is changed to, one at a time.
pub fn of(number: &Number, text: &str) -> Vec<String> {
    let mut out = match number.form {
        Form::Date => dates(text),
        Form::MonthDay => month_days(text),
        Form::Plain => plain(text, number.in_text),
    };
    out.retain(|new| new != text);
    out.dedup();
    out
}

/// One unit of the last place more and less; where a number may have places, a ten-thousandth of that unit more and
/// less; and the other sign.
fn plain(text: &str, in_text: bool) -> Vec<String> {
    let Ok(number) = text.parse::<Decimal>() else { panic!("{text} is not a number") };
    let places = u32::try_from(text.split_once('.').map_or(0, |(_, digits)| digits.len())).unwrap();
    let scaled = |places: u32| number.mantissa() * 10_i128.pow(places - number.places());
    let units = scaled(places);
    let mut out = vec![shown(units + 1, places), shown(units - 1, places)];
    if in_text {
        let fine = scaled(places + 4);
        out.extend([shown(fine + 1, places + 4), shown(fine - 1, places + 4)]);
    }
    if units != 0 && places == 0 {
        out.push(shown(-units, places));
    }
    out
}

fn shown(mantissa: i128, places: u32) -> String {
    Decimal::new(mantissa, places).to_string()
}

fn dates(text: &str) -> Vec<String> {
    let date: Date = text.parse().unwrap();
    [1, -1].map(|days| date.plus_days(days).to_string()).to_vec()
}

/// The day before and after, and the same day of the months before and after.
fn month_days(text: &str) -> Vec<String> {
    let date: Date = format!("2023-{text}").parse().unwrap();
    [date.plus_days(1), date.plus_days(-1), date.plus_months(1), date.plus_months(-1)]
        .map(|date| date.to_string()[5..].to_owned())
        .to_vec()
}
