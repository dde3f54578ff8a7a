//! Reads the timetable of `[procedure]`: until when the agency does what in a rating year.

use super::Cite;
use super::fields::Fields;
use super::tree::{Kind, Node};
use crate::Bilingual;
use crate::diagnostic::{Diagnostic, Span};
use crate::limits::PROCEDURE_DAYS_MAX;
use crate::record::Date;
use std::collections::BTreeSet;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// What is done, in the order in which it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Handling {
    /// The agency asks for the data.
    DataRequested,
    /// Who has the data hands them over.
    DataHandedOver,
    /// Tier and rate of every employer are fixed.
    RatesFixed,
    /// The notices (告知书) go out.
    NoticesSent,
}

impl Handling {
    /// Every one, in order.
    pub const ALL: [Self; 4] =
        [Self::DataRequested, Self::DataHandedOver, Self::RatesFixed, Self::NoticesSent];

    /// The name in plans.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DataRequested => "data_requested",
            Self::DataHandedOver => "data_handed_over",
            Self::RatesFixed => "rates_fixed",
            Self::NoticesSent => "notices_sent",
        }
    }

    /// What people call it.
    #[must_use]
    pub fn title(self) -> Bilingual {
        let (zh, en) = match self {
            Self::DataRequested => ("提出数据需求", "data are asked for"),
            Self::DataHandedOver => ("提取并移交数据", "data are handed over"),
            Self::RatesFixed => ("核定费率档次和费率", "tiers and rates are fixed"),
            Self::NoticesSent => ("发出费率浮动告知书", "notices are sent"),
        };
        Bilingual { zh: zh.to_owned(), en: en.to_owned() }
    }
}

/// A day of the year of the rating date, or of a year before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayOfYear {
    /// 1 to 12.
    pub month: u32,
    /// None is the month's last day.
    pub day: Option<u32>,
    /// 0 is the year of the rating date, -1 the year before it.
    pub year: i32,
}

impl DayOfYear {
    /// The day, for a rating date. The year of a rating date is never at the calendar's ends.
    #[must_use]
    pub fn of(self, rating_date: Date) -> Date {
        let year = rating_date.year() + self.year;
        let end = || Some(Date::new(year, self.month, 1)?.plus_months(1).plus_days(-1));
        self.day.map_or_else(end, |day| Date::new(year, self.month, day)).unwrap_or(rating_date)
    }

    /// What comes later has the larger one.
    const fn order(self) -> (i32, u32, u32) {
        let day = match self.day {
            Some(day) => day,
            None => 31,
        };
        (self.year, self.month, day)
    }

    /// The day in words, without "by" or "from".
    fn words(self) -> Bilingual {
        let month = usize::try_from(self.month).ok().and_then(|m| MONTHS.get(m.checked_sub(1)?));
        let month = month.copied().unwrap_or_default();
        let (zh, en) = match self.day {
            Some(day) => (format!("{}月{day}日", self.month), format!("{day} {month}")),
            None => (format!("{}月底", self.month), format!("the end of {month}")),
        };
        let (zh_year, en_year) = match self.year {
            0 => ("费率年度", "of the rating year"),
            _ => ("费率年度的上一年", "of the year before the rating year"),
        };
        Bilingual { zh: format!("{zh_year}{zh}"), en: format!("{en} {en_year}") }
    }
}

/// Until when something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// On this day or before.
    By(DayOfYear),
    /// In the first so many working days from this day on, which is one of them if it is worked.
    Within {
        /// The first day that may count.
        from: DayOfYear,
        /// Working days.
        working_days: u32,
    },
}

impl Due {
    /// The day that stands in the plan.
    const fn day(self) -> DayOfYear {
        match self {
            Self::By(day) | Self::Within { from: day, .. } => day,
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> Bilingual {
        let day = self.day().words();
        match self {
            Self::By(_) => Bilingual { zh: format!("{}前", day.zh), en: format!("by {}", day.en) },
            Self::Within { working_days, .. } => {
                let days = super::working_days(working_days);
                Bilingual {
                    zh: format!("{}起{}内", day.zh, days.zh),
                    en: format!("within {} from {}", days.en, day.en),
                }
            }
        }
    }
}

/// A line of the timetable, with its articles.
#[derive(Clone, Debug)]
pub struct Timed {
    /// What is done.
    pub what: Handling,
    /// Until when.
    pub due: Due,
    pub cite: Cite,
    /// Where it stands.
    pub span: Span,
}

/// Reads the timetable: each handling once, in order. An empty list says that a parent's does not hold here.
pub(super) fn timetable(f: &mut Fields<'_, '_>, broken: &mut BTreeSet<String>) -> Option<Vec<Timed>> {
    let node = f.node("timetable")?;
    let Kind::List(items) = &node.kind else {
        if !matches!(node.kind, Kind::Broken) {
            let message = format!("`timetable` of [procedure] is {}", node.kind.shown());
            f.complain("kind", node.span, message, "expected [[procedure.timetable]]");
        }
        broken.insert("[procedure.timetable]".to_owned());
        return None;
    };
    let mut out: Vec<Timed> = Vec::new();
    for item in items {
        let Some(line) = line(item, f.diagnostics) else {
            broken.insert("[procedure.timetable]".to_owned());
            continue;
        };
        if let Some(before) = out.iter().find(|before| before.what >= line.what) {
            let (name, other) = (line.what.name(), before.what.name());
            let (message, expected) = if before.what == line.what {
                (format!("`{name}` stands twice in the timetable"), "expected once".to_owned())
            } else {
                (format!("`{name}` stands behind `{other}`"), format!("expected before `{other}`"))
            };
            f.complain("order", line.span, message, &expected);
        } else if let Some(before) = out.last().filter(|b| b.due.day().order() > line.due.day().order()) {
            let message = format!("`{}` is due before `{}`", line.what.name(), before.what.name());
            f.complain("order", line.span, message, "expected no earlier day");
        }
        out.push(line);
    }
    Some(out)
}

fn line(node: &Node, d: &mut Vec<Diagnostic>) -> Option<Timed> {
    let mut f = Fields::of(node, "[[procedure.timetable]]", d);
    f.need_text("what");
    let what = f.choice("what", &Handling::ALL.map(|h| (h.name(), h)));
    let year = f.int("year", -1..=0);
    let year = if f.has("year") { year } else { Some(0) };
    let year = year.and_then(|year| i32::try_from(year).ok());
    let due = due(&mut f, year);
    let span = f.node("what").map_or(node.span, |what| what.span);
    let cite = f.cite(None);
    f.finish();
    Some(Timed { what: what?, due: due?, cite: cite?, span })
}

/// `by`, or `from` and `working_days`.
fn due(f: &mut Fields<'_, '_>, year: Option<i32>) -> Option<Due> {
    let (by, from, days) = (f.has("by"), f.has("from"), f.has("working_days"));
    if f.is_hollow() {
        return None;
    }
    match (by, from || days) {
        (true, false) => Some(Due::By(day(f, "by", year)?)),
        (false, true) => {
            f.need("from");
            let from = day(f, "from", year);
            let days = f.need_int("working_days", 1..=i64::from(PROCEDURE_DAYS_MAX));
            let days = days.and_then(|days| u32::try_from(days).ok());
            Some(Due::Within { from: from?, working_days: days? })
        }
        _ => {
            for key in ["by", "from", "working_days"] {
                f.node(key);
            }
            let message = "a line of the timetable needs either `by`, or `from` and `working_days`";
            let head = Span { end: f.span.end.min(f.span.start + 1), ..f.span };
            f.complain("missing", head, message, "expected one of the two");
            None
        }
    }
}

/// A day of every year, or a month's last.
fn day(f: &mut Fields<'_, '_>, key: &'static str, year: Option<i32>) -> Option<DayOfYear> {
    let text = f.text(key)?;
    let end = text.text.strip_suffix("-end");
    // 02-29 does not exist every year: the end of February is written as such.
    let date = format!("2023-{}", end.map_or_else(|| text.text.clone(), |month| format!("{month}-01")));
    let Ok(date) = date.parse::<Date>() else {
        let message = format!("`{key}` of [[procedure.timetable]] is \"{}\"", text.text);
        f.complain("value", text.span, message, "expected a day of every year, as \"01-05\", or \"02-end\"");
        return None;
    };
    Some(DayOfYear { month: date.month(), day: end.is_none().then(|| date.day()), year: year? })
}
