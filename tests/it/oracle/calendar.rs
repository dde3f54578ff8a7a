//! Days as plain numbers, counted by hand: day 1 is 0001-01-01 of the Gregorian calendar.

use std::sync::OnceLock;

/// Both ends belong to the span.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub first: i64,
    pub last: i64,
}

impl Span {
    pub fn holds(self, day: i64) -> bool {
        self.first <= day && day <= self.last
    }

    pub fn holds_all_of(self, other: Span) -> bool {
        self.holds(other.first) && self.holds(other.last)
    }

    pub fn touches(self, other: Span) -> bool {
        self.first <= other.last && other.first <= self.last
    }
}

fn is_leap(year: i64) -> bool {
    (year % 4 == 0 && year % 100 != 0) || year % 400 == 0
}

fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if is_leap(year) => 29,
        2 => 28,
        _ => 31,
    }
}

/// The number of a civil date.
pub fn day(year: i64, month: i64, day_of_month: i64) -> i64 {
    assert!(year >= 1 && (1..=12).contains(&month), "{year}-{month}");
    assert!((1..=days_in_month(year, month)).contains(&day_of_month), "{year}-{month}-{day_of_month}");
    let before = year - 1;
    let mut number = before * 365 + before / 4 - before / 100 + before / 400;
    for m in 1..month {
        number += days_in_month(year, m);
    }
    number + day_of_month
}

/// Year, month and day of month of a day's number.
pub fn civil(number: i64) -> (i64, i64, i64) {
    let mut year = number / 366 + 1;
    while day(year + 1, 1, 1) <= number {
        year += 1;
    }
    let mut month = 1;
    while month < 12 && day(year, month + 1, 1) <= number {
        month += 1;
    }
    (year, month, number - day(year, month, 1) + 1)
}

/// Reads `2024-02-29`.
pub fn read(text: &str) -> i64 {
    let parts: Vec<i64> = text.split('-').map(|part| part.parse().expect("a date has numbers")).collect();
    assert!(text.len() == 10 && parts.len() == 3, "a date is year-month-day, not {text:?}");
    day(parts[0], parts[1], parts[2])
}

/// Writes `2024-02-29`. The years that records fall in are written once, since generators write millions of dates.
pub fn text(number: i64) -> String {
    static WRITTEN: OnceLock<Vec<String>> = OnceLock::new();
    let first = day(1980, 1, 1);
    let written = WRITTEN.get_or_init(|| (first..day(2040, 1, 1)).map(write).collect());
    let at = usize::try_from(number - first).ok();
    at.and_then(|at| written.get(at)).cloned().unwrap_or_else(|| write(number))
}

fn write(number: i64) -> String {
    let (year, month, day_of_month) = civil(number);
    format!("{year:04}-{month:02}-{day_of_month:02}")
}

/// The same day of the month some months later or earlier, or that month's last day.
pub fn add_months(number: i64, months: i64) -> i64 {
    let (year, month, day_of_month) = civil(number);
    let count = year * 12 + (month - 1) + months;
    let (year, month) = (count / 12, count % 12 + 1);
    day(year, month, day_of_month.min(days_in_month(year, month)))
}

/// Whole months between two days, negative when `to` lies before `from`: a part month does not
/// count, and 1 January to the next 1 January is 12.
pub fn whole_months(from: i64, to: i64) -> i64 {
    let (from_year, from_month, from_day) = civil(from);
    let (to_year, to_month, to_day) = civil(to);
    let months = (to_year - from_year) * 12 + (to_month - from_month);
    if to_day < from_day { months - 1 } else { months }
}

#[test]
fn days_are_counted_like_the_calendar() {
    assert_eq!(day(1, 1, 1), 1);
    assert_eq!(day(1970, 1, 1), 719_163);
    assert_eq!(day(2000, 3, 1) - day(2000, 2, 28), 2);
    assert_eq!(day(1900, 3, 1) - day(1900, 2, 28), 1);
    let mut expected = day(1995, 12, 31);
    for year in 1996..2030 {
        for month in 1..=12 {
            for day_of_month in 1..=days_in_month(year, month) {
                expected += 1;
                assert_eq!(day(year, month, day_of_month), expected);
                assert_eq!(civil(expected), (year, month, day_of_month));
                assert_eq!(read(&text(expected)), expected);
            }
        }
    }
}

#[test]
fn a_part_month_does_not_count() {
    let months = |from, to| whole_months(read(from), read(to));
    assert_eq!(months("2023-01-01", "2024-01-01"), 12);
    assert_eq!(months("2023-01-02", "2024-01-01"), 11);
    assert_eq!(months("2022-10-01", "2024-10-01"), 24);
    assert_eq!(months("2023-01-31", "2023-03-01"), 1);
    assert_eq!(months("2024-03-01", "2024-01-01"), -2);
    assert_eq!(text(add_months(read("2024-01-31"), 1)), "2024-02-29");
    assert_eq!(text(add_months(read("2024-01-15"), -12)), "2023-01-15");
}
