//! On which days a plan rates and its rates hold, and that region and date pick one plan.

use super::checked::Checked;
use super::source::Years;
use crate::diagnostic::{Diagnostic, Span};
use crate::record::Date;
use std::collections::BTreeMap;

impl Checked {
    /// Whether a date is one of the plan's rating dates.
    #[must_use]
    pub fn rates_on(&self, date: Date) -> bool {
        self.rating.as_ref().is_some_and(|r| {
            (date.month(), date.day()) == (r.month, r.day)
                && date.year() >= r.first
                && r.last.is_none_or(|last| date.year() <= last)
                && match r.years {
                    Years::Every => true,
                    Years::Odd => date.year() % 2 == 1,
                    Years::Even => date.year() % 2 == 0,
                }
        })
    }

    /// The plan's first rating date on or after a day.
    #[must_use]
    pub fn rating_date_from(&self, day: Date) -> Option<Date> {
        let r = self.rating.as_ref()?;
        let first = day.year().max(r.first);
        (first..=first.saturating_add(3))
            .filter_map(|year| Date::new(year, r.month, r.day))
            .find(|date| *date >= day && self.rates_on(*date))
    }

    /// The plan's first rating date.
    #[must_use]
    pub fn first_rating_date(&self) -> Option<Date> {
        self.rating_date_from(Date::new(1, 1, 1)?)
    }

    /// The last day on which a rate of this plan holds, when the plan has a last rating date.
    #[must_use]
    pub fn last_valid_day(&self) -> Option<Date> {
        let r = self.rating.as_ref()?;
        let last = r.last?;
        let date = (r.first..=last)
            .rev()
            .filter_map(|y| Date::new(y, r.month, r.day))
            .find(|d| self.rates_on(*d))?;
        Some(date.plus_months(i32::try_from(r.valid_months).unwrap_or(0)).plus_days(-1))
    }

    /// The rating dates in words.
    #[must_use]
    pub fn schedule(&self) -> String {
        let Some(r) = &self.rating else { return "no date".to_owned() };
        let years = match r.years {
            Years::Every => "of every year",
            Years::Odd => "of odd years",
            Years::Even => "of even years",
        };
        let last = r.last.map_or_else(String::new, |last| format!(" to {last}"));
        format!("{:02}-{:02} {years} from {}{last}", r.month, r.day, r.first)
    }
}

/// Enacted plans with the places of their ids: of one region's, no two begin on one day, and no day between two versions
/// is without a plan unless the later one says so.
pub(super) fn one_plan_a_day(enacted: &[(&Checked, Span)], diagnostics: &mut Vec<Diagnostic>) {
    let mut regions: BTreeMap<&str, Vec<(Date, &Checked, Span)>> = BTreeMap::new();
    for (plan, span) in enacted {
        if let Some(first) = plan.first_rating_date() {
            regions.entry(&plan.region).or_default().push((first, plan, *span));
        }
    }
    for (region, mut versions) in regions {
        versions.sort_by_key(|(first, plan, _)| (*first, plan.id.clone()));
        for pair in versions.windows(2) {
            let [(first, earlier, there), (next, later, here)] = pair else { continue };
            if first == next {
                let message = format!("`{}` and `{}` both rate {region} from {next}", earlier.id, later.id);
                diagnostics.push(
                    Diagnostic::at("select", *here, message, "one of the two")
                        .also(*there, "the other")
                        .help("make one of them draft or illustrative, or give them different first years"),
                );
                continue;
            }
            let said = later.rating.as_ref().is_some_and(|r| r.gap_before.is_some());
            if let Some(last) = earlier.last_valid_day().filter(|last| last.plus_days(1) < *next && !said) {
                let from = last.plus_days(1);
                let message = format!("no plan of {region} holds from {from} to {}", next.plus_days(-1));
                diagnostics.push(
                    Diagnostic::at("select", *here, message, format!("expected a plan for {from}"))
                        .also(*there, "its last rates end before")
                        .help("mend `last` or `valid_months` of the earlier plan or `first` of this one; if the law leaves these days open, say why in [rating] gap_before = { zh = \"…\", en = \"…\" }"),
                );
            }
        }
    }
}
