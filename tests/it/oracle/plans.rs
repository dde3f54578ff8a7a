//! What the three rated plans fix: window, base rates, causes left out, facts (decisions.md, "By plan").

use super::calendar::{Span, add_months, civil, day, read};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// `cn-510400-2021`
    Panzhihua,
    /// `cn-440300-2018`
    Shenzhen,
    /// `cn-320000-2023`
    Jiangsu,
}

pub const PANZHIHUA: &str = "cn-510400-2021";
pub const SHENZHEN: &str = "cn-440300-2018";
pub const JIANGSU: &str = "cn-320000-2023";

/// Causes that count neither in Panzhihua nor in Shenzhen.
pub const LEFT_OUT: [&str; 6] =
    ["commuting", "sudden_illness", "rescue", "epidemic_duty", "military_relapse", "away_on_duty"];

impl Plan {
    pub fn named(id: &str) -> Plan {
        match id {
            PANZHIHUA => Plan::Panzhihua,
            SHENZHEN => Plan::Shenzhen,
            JIANGSU => Plan::Jiangsu,
            _ => panic!("the oracle knows no plan {id:?}"),
        }
    }

    /// The window that a rating date places, and the one of equal length before it, which only
    /// Jiangsu looks at.
    pub fn windows(self, rating_date: &str) -> (Span, Span) {
        let (year, month, day_of_month) = civil(read(rating_date));
        let (end, months) = match (self, month, day_of_month) {
            (Plan::Panzhihua, 1, 1) => (day(year, 1, 1), 36),
            (Plan::Shenzhen, 3, 1) if [2018, 2020, 2022].contains(&year) => (day(year, 1, 1), 24),
            (Plan::Jiangsu, 1, 1) if year >= 2025 && year % 2 == 1 => (day(year - 1, 10, 1), 24),
            _ => panic!("{rating_date} is no rating date of {self:?}"),
        };
        let start = add_months(end, -months);
        let earlier_start = add_months(start, -months);
        (Span { first: start, last: end - 1 }, Span { first: earlier_start, last: start - 1 })
    }

    /// Hundredths of a per cent of wages, class 1 to 8: 人社部发〔2015〕71号, and Shenzhen's own
    /// table from 2016-07-01 to 2022-06-30.
    pub fn base_basis_points(self) -> [i64; 8] {
        match self {
            Plan::Shenzhen => [14, 28, 49, 63, 66, 78, 96, 114],
            Plan::Panzhihua | Plan::Jiangsu => [20, 40, 70, 90, 110, 130, 160, 190],
        }
    }

    pub fn counts_benefits_of(self, cause: &str) -> bool {
        self == Plan::Jiangsu || !LEFT_OUT.contains(&cause)
    }

    /// The facts that the plan reads, by name.
    pub fn facts(self) -> &'static [&'static str] {
        match self {
            Plan::Panzhihua => {
                &["arrears_months", "blacklisted", "concealed_payroll", "fraud", "uncorrected_hazard"]
            }
            Plan::Shenzhen => &["safety_certificate_grade", "safety_certificate_used"],
            Plan::Jiangsu => &[],
        }
    }

    /// Whole months of insurance below which the rate is kept at base.
    pub fn least_months(self) -> i64 {
        match self {
            Plan::Panzhihua => 36,
            Plan::Shenzhen | Plan::Jiangsu => 24,
        }
    }
}

#[test]
fn windows_lie_where_the_decisions_place_them() {
    let span = |first, last| Span { first: read(first), last: read(last) };
    let now = |plan: Plan, date| plan.windows(date).0;
    assert_eq!(now(Plan::Panzhihua, "2026-01-01"), span("2023-01-01", "2025-12-31"));
    assert_eq!(now(Plan::Shenzhen, "2022-03-01"), span("2020-01-01", "2021-12-31"));
    assert_eq!(
        Plan::Jiangsu.windows("2025-01-01"),
        (span("2022-10-01", "2024-09-30"), span("2020-10-01", "2022-09-30"))
    );
}
