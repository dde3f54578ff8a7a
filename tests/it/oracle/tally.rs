//! What one window holds: sums over its rows, and what is wrong with them (decisions.md, "For all" 1 to 3).

use serde_json::Value;

use super::calendar::{Span, read};
use super::plans::{Denominator, Plan};
use super::ratio::Ratio;

pub struct Tally {
    pub is_straddled: bool,
    pub is_incomplete: bool,
    pub lacks_contributions: bool,
    pub lacks_payroll: bool,
    pub lacks_headcount: bool,
    pub lacks_months: bool,
    pub contributions_fen: u128,
    pub payroll_fen: u128,
    pub months: u128,
    /// Headcount in millionths x months.
    pub headcount_months_micro: u128,
    pub benefits_fen: u128,
    pub injuries: u128,
    /// Deaths by work_accident.
    pub work_deaths: u128,
    /// Deaths by any cause.
    pub deaths: u128,
    pub diseases: u128,
}

impl Tally {
    pub fn of(plan: Plan, record: &Value, window: Span) -> Tally {
        let mut tally = Tally {
            is_straddled: false,
            is_incomplete: false,
            lacks_contributions: false,
            lacks_payroll: false,
            lacks_headcount: false,
            lacks_months: false,
            contributions_fen: 0,
            payroll_fen: 0,
            months: 0,
            headcount_months_micro: 0,
            benefits_fen: 0,
            injuries: 0,
            work_deaths: 0,
            deaths: 0,
            diseases: 0,
        };
        let insured_since = read(text(&record["employer"]["insured_since"]));
        // One entry for each day of the window; the days before joining need no cover.
        let mut is_covered: Vec<bool> = (window.first..=window.last).map(|day| day < insured_since).collect();
        for period in rows(record, "periods") {
            let span = Span { first: read(text(&period["start"])), last: read(text(&period["end"])) };
            if !window.touches(span) {
                continue;
            }
            for day in span.first.max(window.first)..=span.last.min(window.last) {
                is_covered[(day - window.first) as usize] = true;
            }
            if window.holds_all_of(span) {
                tally.add_period(period);
            } else {
                tally.is_straddled = true;
            }
        }
        tally.is_incomplete = is_covered.contains(&false);
        for claim in rows(record, "claims") {
            tally.add_claim(plan, claim, window);
        }
        tally
    }

    fn add_period(&mut self, period: &Value) {
        match whole(&period["contributions_paid"]) {
            Some(fen) => self.contributions_fen += fen,
            None => self.lacks_contributions = true,
        }
        match whole(&period["payroll"]) {
            Some(fen) => self.payroll_fen += fen,
            None => self.lacks_payroll = true,
        }
        let headcount_micro = period["headcount"].as_str().map(micro);
        let months = whole(&period["months_insured"]);
        self.lacks_headcount |= headcount_micro.is_none();
        self.lacks_months |= months.is_none();
        if let (Some(headcount_micro), Some(months)) = (headcount_micro, months) {
            self.months += months;
            self.headcount_months_micro += headcount_micro * months;
        }
    }

    fn add_claim(&mut self, plan: Plan, claim: &Value, window: Span) {
        let date = read(text(&claim["date"]));
        let paid_on = claim["paid_on"].as_str().map_or(date, read);
        let cause = text(&claim["cause"]);
        let count = whole(&claim["count"]).expect("a claim has a count");
        if window.holds(paid_on) && plan.counts_benefits_of(cause) {
            self.benefits_fen += whole(&claim["benefits_paid"]).expect("a claim has benefits");
        }
        if window.holds(date) {
            self.injuries += count;
            if cause == "work_accident" && claim["outcome"] == "fatal" {
                self.work_deaths += count;
            }
            if claim["outcome"] == "fatal" {
                self.deaths += count;
            }
            if cause == "occupational_disease" {
                self.diseases += count;
            }
        }
    }

    /// Benefits / denominator; none when that is 0 or not known.
    pub fn payout_ratio(&self, plan: Plan, class: u8) -> Option<Ratio> {
        match plan.denominator() {
            Denominator::ContributionsPaid if self.lacks_contributions => None,
            Denominator::ContributionsPaid => Ratio::new(self.benefits_fen, self.contributions_fen),
            Denominator::PayrollAtBase if self.lacks_payroll => None,
            Denominator::PayrollAtBase => {
                // Payroll x basis points / 10,000, with the division on the other side.
                let basis_points = plan.base_basis_points()[usize::from(class) - 1] as u128;
                let numerator = self.benefits_fen.checked_mul(10_000).expect("benefits fit");
                Ratio::new(numerator, self.payroll_fen.checked_mul(basis_points).expect("payroll fits"))
            }
        }
    }

    /// Injuries / average headcount by months, not annualised; none when it is 0 or not known.
    pub fn injury_rate(&self) -> Option<Ratio> {
        if self.lacks_headcount || self.lacks_months {
            return None;
        }
        let numerator = self.injuries.checked_mul(self.months).and_then(|n| n.checked_mul(1_000_000));
        Ratio::new(numerator.expect("injuries x months fit"), self.headcount_months_micro)
    }

    /// Whether an earlier window counts as one without benefits: everything known, and the ratio 0.
    pub fn is_without_benefits(&self, plan: Plan, class: u8) -> bool {
        !self.is_straddled
            && !self.is_incomplete
            && self.payout_ratio(plan, class).is_some_and(Ratio::is_zero)
    }

    /// The same, and without injuries.
    pub fn is_clean(&self, plan: Plan, class: u8) -> bool {
        self.is_without_benefits(plan, class) && self.injury_rate().is_some_and(Ratio::is_zero)
    }
}

/// The rows of a list; a list left out is empty.
pub fn rows<'a>(record: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    record[name].as_array().into_iter().flatten()
}

pub fn text(value: &Value) -> &str {
    value.as_str().expect("the field is text")
}

fn whole(value: &Value) -> Option<u128> {
    if value.is_null() {
        return None;
    }
    Some(u128::from(value.as_u64().expect("the field is a whole number from 0")))
}

/// Millionths of a headcount such as `33.333333`.
fn micro(text: &str) -> u128 {
    let (whole, places) = text.split_once('.').unwrap_or((text, ""));
    assert!(places.len() <= 6, "a headcount has up to 6 places, not {text}");
    format!("{whole}{places:0<6}").parse().expect("a headcount has digits")
}

#[test]
fn headcounts_are_read_to_the_millionth() {
    assert_eq!(micro("400"), 400_000_000);
    assert_eq!(micro("0.000001"), 1);
    assert_eq!(micro("33.5"), 33_500_000);
}
