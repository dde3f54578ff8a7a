//! Civil dates as day numbers.

use std::fmt;

/// A day of the Gregorian calendar, from 0001-01-01 to 9999-12-31. It has no time and no zone.
///
/// Parses and prints `YYYY-MM-DD`.
///
/// ```
/// use floatrate_engine::record::Date;
/// let day: Date = "2024-02-29".parse().unwrap();
/// assert_eq!(day.to_string(), "2024-02-29");
/// assert_eq!(day.plus_months(12).to_string(), "2025-02-28");
/// assert!("2023-02-29".parse::<Date>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(i32);

/// The text is not a day of the calendar in the form `YYYY-MM-DD`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotADate;

impl fmt::Display for NotADate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not a day of the calendar in the form YYYY-MM-DD")
    }
}

impl std::error::Error for NotADate {}

impl Date {
    /// The day of a year, month 1 to 12 and day of the month, if there is one.
    #[must_use]
    pub fn new(year: i32, month: u32, day: u32) -> Option<Self> {
        let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
        if !(1..=9999).contains(&year) {
            return None;
        }
        let date = time::Date::from_calendar_date(year, month, u8::try_from(day).ok()?).ok()?;
        Some(Self(date.to_julian_day()))
    }

    fn civil(self) -> time::Date {
        time::Date::from_julian_day(self.0).unwrap_or(time::Date::MAX)
    }

    /// Julian day number: differences of it are days.
    #[must_use]
    pub const fn day_number(self) -> i32 {
        self.0
    }

    /// The day of a Julian day number; stops at the calendar's ends.
    #[must_use]
    pub fn of_day_number(number: i32) -> Self {
        Self(0).plus_days(number)
    }

    /// The year.
    #[must_use]
    pub fn year(self) -> i32 {
        self.civil().year()
    }

    /// The month, 1 to 12.
    #[must_use]
    pub fn month(self) -> u32 {
        u32::from(u8::from(self.civil().month()))
    }

    /// The day of the month, 1 to 31.
    #[must_use]
    pub fn day(self) -> u32 {
        u32::from(self.civil().day())
    }

    /// The day of the week, 1 for Monday to 7 for Sunday, as ISO 8601 counts.
    #[must_use]
    pub const fn weekday(self) -> u32 {
        // Julian day 0 was a Monday.
        self.0.rem_euclid(7).unsigned_abs() + 1
    }

    /// Whether it is a Saturday or a Sunday.
    #[must_use]
    pub const fn is_weekend(self) -> bool {
        self.weekday() > 5
    }

    /// Months since the year 0: `year * 12 + month - 1`.
    #[must_use]
    pub fn month_number(self) -> i32 {
        let date = self.civil();
        date.year() * 12 + i32::from(u8::from(date.month())) - 1
    }

    /// The day after, or before for negative numbers; stops at the calendar's ends.
    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        let low = time::Date::MIN.to_julian_day().max(1_721_426);
        Self(self.0.saturating_add(days).clamp(low, time::Date::MAX.to_julian_day()))
    }

    /// The same day `months` later; where the month is shorter, its last day. Stops at the calendar's ends.
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let target = self.month_number().saturating_add(months).clamp(12, 9999 * 12 + 11);
        let (year, month) = (target.div_euclid(12), target.rem_euclid(12).unsigned_abs() + 1);
        (1..=self.day()).rev().find_map(|day| Self::new(year, month, day)).unwrap_or(self)
    }

    /// Whole months from this day to `later`: a part month does not count; negative when `later` is earlier.
    #[must_use]
    pub fn whole_months_to(self, later: Self) -> i32 {
        let (from, to) = (self.civil(), later.civil());
        let months = later.month_number() - self.month_number();
        match months {
            m if m > 0 && to.day() < from.day() => m - 1,
            m if m < 0 && to.day() > from.day() => m + 1,
            m => m,
        }
    }
}

impl std::str::FromStr for Date {
    type Err = NotADate;

    fn from_str(text: &str) -> Result<Self, NotADate> {
        let bytes = text.as_bytes();
        if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
            return Err(NotADate);
        }
        let number = |range: std::ops::Range<usize>| -> Option<u32> {
            bytes[range]
                .iter()
                .try_fold(0_u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')))
        };
        let parts = (number(0..4), number(5..7), number(8..10));
        let (Some(year), Some(month), Some(day)) = parts else { return Err(NotADate) };
        Self::new(i32::try_from(year).map_err(|_| NotADate)?, month, day).ok_or(NotADate)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = self.civil();
        write!(f, "{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_whole() {
        for (from, to, months) in [
            ("2023-01-01", "2024-01-01", 12),
            ("2023-01-02", "2024-01-01", 11),
            ("2023-01-31", "2023-02-28", 0),
            ("2023-01-31", "2023-03-01", 1),
            ("2024-01-01", "2023-01-01", -12),
            ("2024-01-01", "2023-01-02", -11),
            ("2023-05-05", "2023-05-05", 0),
        ] {
            assert_eq!(date(from).whole_months_to(date(to)), months, "{from} to {to}");
        }
    }

    #[test]
    fn days_of_the_week() {
        for (day, weekday) in [
            ("2024-02-29", 4),
            ("2025-01-01", 3),
            ("2026-11-21", 6),
            ("2026-11-22", 7),
            ("2026-11-23", 1),
            ("2000-01-01", 6),
            ("0001-01-01", 1),
            ("9999-12-31", 5),
        ] {
            assert_eq!(date(day).weekday(), weekday, "{day}");
            assert_eq!(date(day).is_weekend(), weekday >= 6, "{day}");
        }
    }

    #[test]
    fn only_days_of_the_calendar() {
        for bad in [
            "",
            "2023-2-01",
            "2023-13-01",
            "2023-00-10",
            "2023-02-30",
            "0000-01-01",
            "20230101",
            "2023/01/01",
        ] {
            assert!(bad.parse::<Date>().is_err(), "{bad:?}");
        }
        assert_eq!(date("2023-03-31").plus_months(-1), date("2023-02-28"));
        assert_eq!(date("2023-12-31").plus_days(1), date("2024-01-01"));
        assert_eq!(date("9999-12-31").plus_days(1), date("9999-12-31"));
    }
}
