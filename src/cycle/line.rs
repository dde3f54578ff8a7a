//! One employer of a cycle as its report counts it.

use crate::determination::{Detail, rate};
use crate::exchange::results::ResultRow;
use crate::store::StoreError;
use floatrate_engine::record::{Date, Rate, Record};
use serde::Serialize;

/// Units of a rate in one.
const WHOLE: i128 = 1_000_000_000_000;

/// An employer before and after.
///
/// The *contribution* is what a year's payroll costs at a rate: payroll x rate, rounded half up to the minor unit, because
/// an employer pays whole minor units. The payroll is that of the periods that lie wholly within the twelve months before
/// the rating date. The rate is the one that the record gives as the prior, or what was published before, or the base.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Line {
    /// Key of the employer.
    pub employer_id: String,
    /// The record's region, or empty.
    pub region: String,
    /// `rated`, `kept`, `review` or `left_out`.
    pub status: String,
    /// Whether two persons set the step.
    pub by_hand: bool,
    /// Risk class; None where none is known.
    pub risk_class: Option<u8>,
    /// Risk class of what was published before.
    pub class_before: Option<u8>,
    /// Base rate.
    pub base_rate: Option<String>,
    /// Tier before: `1` without a prior, empty where only a rate is known.
    pub tier_before: String,
    /// Rate before; None where nothing is known.
    pub rate_before: Option<String>,
    /// Tier after; empty where none is known.
    pub tier: String,
    /// Rate after.
    pub rate: Option<String>,
    /// A year's payroll in minor units; None where the record has no period in that year.
    pub payroll: Option<i64>,
    /// Contribution of the year at the rate before, in minor units.
    pub contribution_before: i64,
    /// The same at the rate after.
    pub contribution: i64,
    /// Average headcount of the year, in millionths; None where it is not known.
    #[serde(skip)]
    pub headcount: Option<i64>,
    /// The same of the year before.
    #[serde(skip)]
    pub headcount_before: Option<i64>,
    /// Benefits over contributions are more than 10.
    #[serde(skip)]
    pub high_ratio: bool,
    /// Why the result is what it is.
    pub reasons: Vec<String>,
}

impl Line {
    /// The line of a result.
    ///
    /// # Errors
    ///
    /// A rate of the result is none.
    pub fn of(record: &Record, row: &ResultRow, detail: &Detail, date: Date) -> Result<Self, StoreError> {
        let year =
            |back: i32| (date.plus_months(-12 * back), date.plus_months(-12 * (back - 1)).plus_days(-1));
        let payroll = sum(record, year(1), |p| p.payroll.map(|a| i128::from(a.0)));
        let payroll = payroll.and_then(|sum| i64::try_from(sum).ok());
        let base = row.base_rate.as_deref().map(rate).transpose()?;
        let after = row.rate.as_deref().map(rate).transpose()?;
        let given = record.employer.prior.as_ref();
        let before = given.map(|prior| prior.rate).or(base);
        let tier_before = match given {
            None => "1".to_owned(),
            Some(prior) => match prior.tier {
                Some(tier) => text(tier),
                None if Some(prior.rate) == base => "1".to_owned(),
                None => String::new(),
            },
        };
        Ok(Self {
            employer_id: row.employer_id.clone(),
            region: record.employer.region.clone().unwrap_or_default(),
            status: row.status.to_string(),
            by_hand: detail.by_hand.is_some(),
            risk_class: row.risk_class,
            class_before: detail.prior.as_ref().and_then(|prior| prior.risk_class),
            base_rate: row.base_rate.clone(),
            tier_before,
            rate_before: before.map(text),
            tier: row.tier.clone().unwrap_or_default(),
            rate: row.rate.clone(),
            payroll,
            contribution_before: contribution(payroll, before),
            contribution: contribution(payroll, after),
            headcount: headcount(record, year(1)),
            headcount_before: headcount(record, year(2)),
            high_ratio: high_ratio(record),
            reasons: row.reasons.clone(),
        })
    }

    /// By how much the contribution changes, in minor units.
    #[must_use]
    pub const fn change(&self) -> i64 {
        self.contribution - self.contribution_before
    }
}

/// A rate as results show it.
fn text(rate: Rate) -> String {
    floatrate_engine::number::Decimal::new(i128::from(rate.0), 12).to_string()
}

/// Payroll x rate, rounded half up to the minor unit. A payroll has at most 18 digits and a rate is far below 1,000.
fn contribution(payroll: Option<i64>, rate: Option<Rate>) -> i64 {
    let (Some(payroll), Some(rate)) = (payroll, rate) else { return 0 };
    let exact = i128::from(payroll) * i128::from(rate.0);
    i64::try_from((exact + WHOLE / 2).div_euclid(WHOLE)).unwrap_or(i64::MAX)
}

/// The sum over the periods that lie within days; None where there is none that says it.
fn sum(
    record: &Record,
    (from, to): (Date, Date),
    of: impl Fn(&floatrate_engine::record::Period) -> Option<i128>,
) -> Option<i128> {
    let within = record.periods.iter().filter(|p| from <= p.start && p.end <= to);
    within.filter_map(of).reduce(|a, b| a + b)
}

/// The average headcount over the periods within days, weighted by their months.
fn headcount(record: &Record, days: (Date, Date)) -> Option<i64> {
    let months = |p: &floatrate_engine::record::Period| i128::from(p.months_insured.unwrap_or(0));
    let people = sum(record, days, |p| p.headcount.map(|h| i128::from(h.0) * months(p)))?;
    let months = sum(record, days, |p| p.headcount.map(|_| months(p)))?;
    i64::try_from(people.checked_div(months)?).ok()
}

/// Whether benefits over contributions of the whole record are more than 10.
fn high_ratio(record: &Record) -> bool {
    let paid: i128 =
        record.periods.iter().filter_map(|p| p.contributions_paid).map(|a| i128::from(a.0)).sum();
    let benefits: i128 = record.claims.iter().map(|c| i128::from(c.benefits_paid.0)).sum();
    paid > 0 && benefits > 10 * paid
}
