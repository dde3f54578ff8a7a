//! What each rated plan fixes: rating dates, windows, base rates, causes left out, facts (decisions.md,
//! "By plan").

use super::calendar::{Span, add_months, civil, day, read};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    Panzhihua,
    Shenzhen,
    Jiangsu,
    Shenyang,
    Hainan,
    Yantai,
    Zhengzhou,
    Huainan,
    Puyang,
    U1,
    U2,
}

pub const PANZHIHUA: &str = "cn-510400-2021";
pub const SHENZHEN: &str = "cn-440300-2018";
pub const JIANGSU: &str = "cn-320000-2023";
pub const SHENYANG: &str = "cn-210100-2020";
pub const HAINAN: &str = "cn-460000-2017";
pub const YANTAI: &str = "cn-370600-2013";
pub const ZHENGZHOU: &str = "cn-410100-2015";
pub const HUAINAN: &str = "cn-340400-2012";
pub const PUYANG: &str = "cn-410900-2012";
pub const U1: &str = "cn-sample-u1";
pub const U2: &str = "cn-sample-u2";

/// Causes that count neither in Panzhihua nor in Shenzhen.
pub const LEFT_OUT: [&str; 6] =
    ["commuting", "sudden_illness", "rescue", "epidemic_duty", "military_relapse", "away_on_duty"];

/// What benefits are divided by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denominator {
    ContributionsPaid,
    PayrollAtBase,
}

impl Plan {
    pub fn named(id: &str) -> Plan {
        match id {
            PANZHIHUA => Plan::Panzhihua,
            SHENZHEN => Plan::Shenzhen,
            JIANGSU => Plan::Jiangsu,
            SHENYANG => Plan::Shenyang,
            HAINAN => Plan::Hainan,
            YANTAI => Plan::Yantai,
            ZHENGZHOU => Plan::Zhengzhou,
            HUAINAN => Plan::Huainan,
            PUYANG => Plan::Puyang,
            U1 => Plan::U1,
            U2 => Plan::U2,
            _ => panic!("the oracle knows no plan {id:?}"),
        }
    }

    /// The plans whose rows, vetoes and rules have names that decisions.md does not fix, and whose
    /// windows are calendar years.
    pub fn is_yearly(self) -> bool {
        !matches!(self, Plan::Panzhihua | Plan::Shenzhen | Plan::Jiangsu)
    }

    /// The window that a rating date places, and the one of equal length before it, which only
    /// Jiangsu looks at.
    pub fn windows(self, rating_date: &str) -> (Span, Span) {
        let (year, month, day_of_month) = civil(read(rating_date));
        let new_year = day(year, 1, 1);
        let (end, months) = match (self, month, day_of_month) {
            (Plan::Panzhihua, 1, 1) => (new_year, 36),
            (Plan::Shenzhen, 3, 1) if [2018, 2020, 2022].contains(&year) => (new_year, 24),
            (Plan::Jiangsu, 1, 1) if year >= 2025 && year % 2 == 1 => (day(year - 1, 10, 1), 24),
            (Plan::Shenyang, 1, 1) => (new_year, 24),
            (Plan::Hainan, 1, 1) if (2018..=2022).contains(&year) => (new_year, 12),
            (Plan::Zhengzhou, 7, 1) => (new_year, 12),
            (Plan::Yantai | Plan::Huainan | Plan::Puyang | Plan::U1 | Plan::U2, 1, 1) => (new_year, 12),
            _ => panic!("{rating_date} is no rating date of {self:?}"),
        };
        let start = add_months(end, -months);
        let earlier_start = add_months(start, -months);
        (Span { first: start, last: end - 1 }, Span { first: earlier_start, last: start - 1 })
    }

    /// The calendar years of the look-back, the window's own last; none where a plan has no look-back.
    pub fn look_back(self, rating_date: &str) -> Vec<Span> {
        let years = match self {
            Plan::Hainan => 5,
            Plan::Puyang => 3,
            _ => 0,
        };
        let (rating_year, _, _) = civil(read(rating_date));
        let mut spans = Vec::new();
        for year in rating_year - years..rating_year {
            spans.push(Span { first: day(year, 1, 1), last: day(year, 12, 31) });
        }
        spans
    }

    /// Hundredths of a per cent of wages, class 1 to the last: 人社部发〔2015〕71号, Shenzhen's and
    /// Hainan's own tables, and the three classes of 劳社部发〔2003〕29号.
    pub fn base_basis_points(self) -> &'static [i64] {
        match self {
            Plan::Shenzhen => &[14, 28, 49, 63, 66, 78, 96, 114],
            Plan::Hainan => &[20, 40, 70, 80, 90, 100, 120, 150],
            Plan::Panzhihua | Plan::Jiangsu | Plan::Shenyang | Plan::U1 | Plan::U2 => {
                &[20, 40, 70, 90, 110, 130, 160, 190]
            }
            Plan::Yantai | Plan::Huainan | Plan::Puyang => &[50, 100, 200],
            Plan::Zhengzhou => &[40, 90, 180],
        }
    }

    /// 8, or 3: then the class must be given.
    pub fn class_count(self) -> u8 {
        self.base_basis_points().len() as u8
    }

    pub fn denominator(self) -> Denominator {
        match self {
            Plan::Hainan | Plan::Huainan => Denominator::PayrollAtBase,
            _ => Denominator::ContributionsPaid,
        }
    }

    pub fn counts_benefits_of(self, cause: &str) -> bool {
        !matches!(self, Plan::Panzhihua | Plan::Shenzhen) || !LEFT_OUT.contains(&cause)
    }

    /// The facts that the plan reads, by name.
    pub fn facts(self) -> &'static [&'static str] {
        match self {
            Plan::Panzhihua => {
                &["arrears_months", "blacklisted", "concealed_payroll", "fraud", "uncorrected_hazard"]
            }
            Plan::Shenzhen => &["safety_certificate_grade", "safety_certificate_used"],
            Plan::Shenyang | Plan::Yantai => &["arrears_months", "concealed_payroll", "fraud"],
            Plan::Hainan => {
                &["arrears_months", "blacklisted", "concealed_payroll", "fraud", "relief_available"]
            }
            Plan::Zhengzhou => &["arrears_months", "fraud", "max_deaths_one_event"],
            Plan::U1 => &["safety_certificate_grade"],
            Plan::Jiangsu | Plan::Huainan | Plan::Puyang | Plan::U2 => &[],
        }
    }

    /// Whole months of insurance below which the rate is kept at base; 0 where none are asked for.
    pub fn least_months(self) -> i64 {
        match self {
            Plan::Panzhihua => 36,
            Plan::Shenzhen | Plan::Jiangsu | Plan::Shenyang => 24,
            Plan::Yantai | Plan::Zhengzhou | Plan::U1 | Plan::U2 => 12,
            Plan::Hainan | Plan::Huainan | Plan::Puyang => 0,
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
    assert_eq!(now(Plan::Shenyang, "2021-01-01"), span("2019-01-01", "2020-12-31"));
    assert_eq!(now(Plan::Zhengzhou, "2016-07-01"), span("2015-01-01", "2015-12-31"));
    assert_eq!(now(Plan::U2, "2025-01-01"), span("2024-01-01", "2024-12-31"));
    let years = Plan::Hainan.look_back("2021-01-01");
    assert_eq!((years.len(), years[0]), (5, span("2016-01-01", "2016-12-31")));
    assert_eq!(years[4], now(Plan::Hainan, "2021-01-01"));
    let years = Plan::Puyang.look_back("2015-01-01");
    assert_eq!((years.len(), years[0]), (3, span("2012-01-01", "2012-12-31")));
    assert_eq!(years[2], now(Plan::Puyang, "2015-01-01"));
}
