//! Windows on a rating date, and the nodes of lying in one.

use super::build::Builder;
use super::{Extent, Id, Input};
use crate::plan::checked::{Column, Window};
use crate::plan::source::WindowPlace;
use crate::record::Date;

/// A window's first and last day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First day.
    pub start: Date,
    /// Last day.
    pub end: Date,
}

impl Span {
    fn ending(end: Date, months: u32) -> Self {
        let after = end.plus_days(1);
        Self { start: after.plus_months(-i32::try_from(months).unwrap_or(0)), end }
    }

    /// A window that ends on a day of every year. One of whole years begins on the day after that day of an earlier
    /// year, also where 29 February is between: each day lies in one year's window.
    fn ending_on(end: Date, months: u32) -> Self {
        if !months.is_multiple_of(12) {
            return Self::ending(end, months);
        }
        let earlier = end.plus_months(-i32::try_from(months).unwrap_or(0));
        Self { start: earlier.plus_days(1), end }
    }
}

/// The windows of a plan on a rating date, each a list of one or, where it is split, of its years.
pub(crate) fn resolve(windows: &[Window], rating_date: Date) -> Vec<Vec<Span>> {
    let whole = |window: &Window| -> Span {
        let months = window.source.months;
        match (&window.source.place, window.before) {
            (WindowPlace::Ends { month, day, years_before }, _) => {
                let year = rating_date.year() - years_before;
                Span::ending_on(Date::new(year, *month, *day).unwrap_or(rating_date), months)
            }
            (WindowPlace::Before(_), Some(other)) => {
                let next = &windows[other];
                let end = match &next.source.place {
                    WindowPlace::Ends { month, day, years_before } => {
                        let year = rating_date.year() - years_before;
                        Date::new(year, *month, *day).unwrap_or(rating_date)
                    }
                    WindowPlace::Before(_) => rating_date,
                };
                Span::ending(Span::ending_on(end, next.source.months).start.plus_days(-1), months)
            }
            (WindowPlace::Before(_), None) => Span::ending(rating_date, months),
        }
    };
    windows
        .iter()
        .map(|window| {
            let span = whole(window);
            if !window.source.split_years {
                return vec![span];
            }
            let years = i32::try_from(window.source.months / 12).unwrap_or(0);
            if matches!(window.source.place, WindowPlace::Ends { .. }) {
                let ends = (0..years).rev().map(|y| span.end.plus_months(-12 * y));
                return ends.map(|end| Span::ending_on(end, 12)).collect();
            }
            (0..years)
                .map(|y| Span {
                    start: span.start.plus_months(12 * y),
                    end: span.start.plus_months(12 * (y + 1)).plus_days(-1),
                })
                .collect()
        })
        .collect()
}

impl Builder {
    pub fn day(&mut self, date: Date) -> Id {
        self.constant(i128::from(date.day_number()))
    }

    /// Whether a row lies in the window by one of its days.
    pub fn day_in(&mut self, span: Span, day: Input) -> Id {
        let (start, end) = (self.day(span.start), self.day(span.end));
        let date = self.input(day);
        let (after, before) = (self.less_equal(start, date), self.less_equal(date, end));
        self.and(after, before)
    }

    /// Whether all days of a period lie in the window.
    pub fn period_in(&mut self, span: Span) -> Id {
        let (start, end) = (self.day(span.start), self.day(span.end));
        let (first, last) =
            (self.input(Input::Cell(Column::PeriodStart)), self.input(Input::Cell(Column::PeriodEnd)));
        let (after, before) = (self.less_equal(start, first), self.less_equal(last, end));
        self.and(after, before)
    }

    /// Whether some period lies partly in the window.
    pub fn straddled(&mut self, span: Span) -> Id {
        let (start, end) = (self.day(span.start), self.day(span.end));
        let (first, last) =
            (self.input(Input::Cell(Column::PeriodStart)), self.input(Input::Cell(Column::PeriodEnd)));
        let (begins_in_time, ends_in_time) = (self.less_equal(first, end), self.less_equal(start, last));
        let touches = self.and(begins_in_time, ends_in_time);
        let inside = self.period_in(span);
        let outside = self.not(inside);
        let partly = self.and(touches, outside);
        self.any(partly, Extent::Periods)
    }

    /// Whether some insured day of the window is covered by no period.
    ///
    /// `FreshStart` is the first day of a period that no earlier one covers, so the covered days of all periods add up
    /// without counting a day twice.
    pub fn incomplete(&mut self, span: Span) -> Id {
        let (start, end) = (self.day(span.start), self.day(span.end));
        let (zero, one) = (self.constant(0), self.constant(1));
        let insured_since = self.input(Input::InsuredSince);
        let from = self.max(insured_since, start);
        let days = self.subtract(end, from);
        let days = self.add(days, one);
        let needed = self.max(days, zero);
        let (fresh, last) = (self.input(Input::FreshStart), self.input(Input::Cell(Column::PeriodEnd)));
        let (row_from, row_to) = (self.max(fresh, from), self.min(last, end));
        let row_days = self.subtract(row_to, row_from);
        let row_days = self.add(row_days, one);
        let covered = self.max(row_days, zero);
        let always = self.boolean(true);
        let covered = self.sum(covered, always, Extent::Periods);
        self.less(covered, needed)
    }
}
