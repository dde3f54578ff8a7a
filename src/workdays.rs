//! Working days, with the days off and the weekend days worked as data.
//!
//! China's holidays and the weekends that are worked for them (调休) are arranged anew each year, so nothing of them is
//! built in. A calendar says which years it knows; a deadline that looks at another year is counted by weekends alone
//! and names that year, so that nobody presents it as certain.
//!
//! The text of a calendar is CSV. Lines that begin with `#` are remarks, but for the one that names the years:
//!
//! ```text
//! # years = 2025..2026
//! date,kind
//! 2025-01-01,holiday
//! 2025-01-26,workday
//! ```
//!
//! `holiday` is a day from Monday to Friday that is off, `workday` a Saturday or Sunday that is worked. Both ends of the
//! years belong to them, and each year has a line at least: a year without any is not known, but forgotten.

use floatrate_engine::limits::{YEAR_MAX, YEAR_MIN};
use floatrate_engine::record::Date;
use floatrate_engine::{Bilingual, Lang};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Largest text of a calendar, in bytes.
pub const CALENDAR_BYTES_MAX: usize = 1 << 20;
/// Most mistakes told of one calendar; a last one says that there are more.
pub const CALENDAR_MISTAKES_MAX: usize = 100;

/// What makes a day other than its day of the week does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// A day from Monday to Friday that is off.
    Holiday,
    /// A Saturday or Sunday that is worked.
    Workday,
}

/// The days off and the weekend days worked of some years. Without any ([`Calendar::default`]) it knows no year.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Calendar {
    /// First and last year that it knows.
    years: Option<(i32, i32)>,
    days: BTreeMap<Date, Kind>,
}

/// The last day of a stretch of working days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deadline {
    /// The day.
    pub date: Date,
    /// Years that were counted by weekends alone, rising: the calendar does not know them. The day is only certain when
    /// there are none.
    pub uncertain_years: Vec<i32>,
}

impl Deadline {
    /// Whether the calendar knows every year that was counted in.
    #[must_use]
    pub const fn is_certain(&self) -> bool {
        self.uncertain_years.is_empty()
    }
}

/// A mistake in the text of a calendar. Prints in English with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    /// The line, from 1; of what is missing altogether the first.
    pub line: usize,
    /// What stands there and what was expected, without the line.
    pub message: Bilingual,
}

impl Mistake {
    fn new(line: usize, zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { line, message: Bilingual { zh: zh.into(), en: en.into() } }
    }

    /// The message with its line.
    #[must_use]
    pub fn text(&self, lang: Lang) -> String {
        let message = self.message.pick(lang);
        match lang {
            Lang::Zh => format!("第{}行：{message}", self.line),
            Lang::En => format!("line {}: {message}", self.line),
        }
    }
}

impl std::fmt::Display for Mistake {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text(Lang::En))
    }
}

impl Calendar {
    /// Reads a calendar.
    ///
    /// # Errors
    ///
    /// Every mistake of the text, by line.
    pub fn parse(text: &str) -> Result<Self, Vec<Mistake>> {
        if text.len() > CALENDAR_BYTES_MAX {
            let (is, most) = (text.len(), CALENDAR_BYTES_MAX);
            return Err(vec![Mistake::new(
                1,
                format!("日历有{is}字节，上限为{most}字节"),
                format!("the calendar has {is} bytes; the limit is {most}"),
            )]);
        }
        let mut reader = Reader::default();
        for (at, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            reader.line(at + 1, line.trim());
        }
        reader.finish()
    }

    /// The years that it knows; none where it is the empty one.
    #[must_use]
    pub fn years(&self) -> Option<RangeInclusive<i32>> {
        self.years.map(|(first, last)| first..=last)
    }

    /// Whether it knows a year.
    #[must_use]
    pub fn covers(&self, year: i32) -> bool {
        self.years().is_some_and(|years| years.contains(&year))
    }

    /// Whether a day is worked; in a year that it does not know, every day from Monday to Friday.
    #[must_use]
    pub fn is_working_day(&self, day: Date) -> bool {
        self.days.get(&day).map_or(!day.is_weekend(), |kind| *kind == Kind::Workday)
    }

    /// The last of so many working days, the first of them after `from`. With `days` 0 it is `from` itself, worked or not.
    /// It stops at 9999-12-31, which is uncertain.
    #[must_use]
    pub fn add_working_days(&self, from: Date, days: u32) -> Deadline {
        let mut out = Deadline { date: from, uncertain_years: Vec::new() };
        let mut left = days;
        while left > 0 {
            let next = out.date.plus_days(1);
            let year = next.year();
            if !self.covers(year) && out.uncertain_years.last() != Some(&year) {
                out.uncertain_years.push(year);
            }
            if next == out.date {
                break;
            }
            out.date = next;
            left -= u32::from(self.is_working_day(next));
        }
        out
    }
}

/// Reads line by line and keeps what is wrong.
#[derive(Default)]
struct Reader {
    /// The line that names the years, and the years where they could be read.
    years: Option<(usize, Option<(i32, i32)>)>,
    /// The line of the heading.
    heading: Option<usize>,
    /// Each day with its line.
    days: BTreeMap<Date, (usize, Kind)>,
    mistakes: Vec<Mistake>,
}

impl Reader {
    fn wrong(&mut self, line: usize, zh: impl Into<String>, en: impl Into<String>) {
        self.mistakes.push(Mistake::new(line, zh, en));
    }

    fn line(&mut self, at: usize, line: &str) {
        if let Some(remark) = line.strip_prefix('#') {
            if let Some((key, value)) = remark.split_once('=')
                && key.trim() == "years"
            {
                self.read_years(at, value.trim());
            }
        } else if line.is_empty() {
        } else if self.heading.is_none() {
            self.heading = Some(at);
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            if fields != ["date", "kind"] {
                self.wrong(
                    at,
                    format!("表头为“{line}”，应为“date,kind”"),
                    format!("the heading is \"{line}\"; expected \"date,kind\""),
                );
            }
        } else {
            self.row(at, line);
        }
    }

    fn read_years(&mut self, at: usize, value: &str) {
        if let Some((first, _)) = self.years {
            self.wrong(
                at,
                format!("重复声明年份，第{first}行已声明"),
                format!("the years stand twice; line {first} has them"),
            );
            return;
        }
        let (first, last) = value.split_once("..").unwrap_or((value, value));
        let years = year(first.trim()).zip(year(last.trim())).filter(|(first, last)| first <= last);
        if years.is_none() {
            self.wrong(
                at,
                format!("年份为“{value}”，应为{YEAR_MIN}至{YEAR_MAX}之间的“2025..2026”或“2025”"),
                format!(
                    "the years are \"{value}\"; expected {YEAR_MIN} to {YEAR_MAX}, like 2025..2026 or 2025"
                ),
            );
        }
        self.years = Some((at, years));
    }

    fn row(&mut self, at: usize, line: &str) {
        let fields: Vec<&str> = line.split(',').map(str::trim).collect();
        let &[date, kind] = fields.as_slice() else {
            self.wrong(
                at,
                format!("“{line}”应为两栏：日期、类型"),
                format!("the line is \"{line}\"; expected two fields, a day and its kind"),
            );
            return;
        };
        let day: Option<Date> = date.parse().ok();
        if day.is_none() {
            self.wrong(
                at,
                format!("日期为“{date}”，应为形如2025-01-31的日期"),
                format!("the day is \"{date}\"; expected a day like 2025-01-31"),
            );
        }
        let kind = match kind {
            "holiday" => Some(Kind::Holiday),
            "workday" => Some(Kind::Workday),
            _ => {
                self.wrong(
                    at,
                    format!("类型为“{kind}”，应为holiday（休息）或workday（上班）"),
                    format!("the kind is \"{kind}\"; expected holiday or workday"),
                );
                None
            }
        };
        let Some(day) = day else { return };
        if let Some((first, _)) = self.days.get(&day) {
            let first = *first;
            self.wrong(
                at,
                format!("{day}重复，第{first}行已有"),
                format!("{day} stands twice; line {first} has it"),
            );
            return;
        }
        let Some(kind) = kind else { return };
        self.days.insert(day, (at, kind));
        match (kind, day.is_weekend()) {
            (Kind::Holiday, true) => self.wrong(
                at,
                format!("{day}是周末，本就休息；holiday应为周一至周五的休息日"),
                format!("{day} is a weekend day and off anyway; expected a holiday from Monday to Friday"),
            ),
            (Kind::Workday, false) => self.wrong(
                at,
                format!("{day}是周一至周五，本就上班；workday应为上班的周末"),
                format!("{day} is no weekend day and worked anyway; expected a workday on a weekend"),
            ),
            _ => {}
        }
    }

    fn finish(mut self) -> Result<Calendar, Vec<Mistake>> {
        if self.years.is_none() {
            self.wrong(
                1,
                "未声明年份，应有一行“# years = 2025..2026”",
                "the years are missing; expected a line \"# years = 2025..2026\"",
            );
        }
        if self.heading.is_none() {
            self.wrong(
                1,
                "缺表头，应有一行“date,kind”",
                "the heading is missing; expected a line \"date,kind\"",
            );
        }
        if let Some((line, Some((first, last)))) = self.years {
            let outside = self.days.iter().filter(|(day, _)| !(first..=last).contains(&day.year()));
            let outside = outside.map(|(day, (at, _))| {
                Mistake::new(
                    *at,
                    format!("{day}不在第{line}行声明的年份{first}至{last}内"),
                    format!("{day} is outside of the years {first} to {last} that line {line} names"),
                )
            });
            self.mistakes.extend(outside.collect::<Vec<_>>());
            // Where a line could not be read, it may be the one that is missing.
            if self.mistakes.is_empty() {
                let has_day = |year: &i32| self.days.keys().any(|day| day.year() == *year);
                let bare = (first..=last).filter(|year| !has_day(year)).map(|year| {
                    Mistake::new(
                        line,
                        format!("声明了{year}年，但没有该年的任何日期"),
                        format!("the year {year} is named, but none of its days stands here; expected one at least"),
                    )
                });
                self.mistakes = bare.collect();
            }
        }
        if self.mistakes.is_empty() {
            let years = self.years.and_then(|(_, years)| years);
            let days = self.days.into_iter().map(|(day, (_, kind))| (day, kind)).collect();
            return Ok(Calendar { years, days });
        }
        self.mistakes.sort_by_key(|mistake| mistake.line);
        let more = self.mistakes.len().saturating_sub(CALENDAR_MISTAKES_MAX);
        if more > 0 {
            self.mistakes.truncate(CALENDAR_MISTAKES_MAX);
            let line = self.mistakes.last().map_or(1, |mistake| mistake.line);
            self.wrong(line, format!("另有{more}处错误"), format!("and {more} more mistakes"));
        }
        Err(self.mistakes)
    }
}

/// A year of four digits within the limits of dates of records.
fn year(text: &str) -> Option<i32> {
    let digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|year| digits && (YEAR_MIN..=YEAR_MAX).contains(year))
}

#[cfg(test)]
mod tests;
