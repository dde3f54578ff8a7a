//! From the measures to the step, plan by plan, in the words of decisions.md, "By plan": bands, vetoes,
//! class rules. What is left is the rate ([`super::rates`]).

use rust_decimal::Decimal;
use serde_json::Value;

use crate::oracle::calendar::{read, whole_months};
use crate::oracle::facts::{is_true, number};
use crate::oracle::plans::Plan;
use crate::oracle::ratio::Ratio;
use crate::oracle::tally::{Tally, rows, text};

/// All that the rules look at.
pub struct Case<'a> {
    pub plan: Plan,
    pub rating_date: &'a str,
    pub record: &'a Value,
    pub class: u8,
    pub now: &'a Tally,
    pub payout: Ratio,
}

/// The step, and whether a veto held it.
pub struct Step {
    pub step: i64,
    pub is_vetoed: bool,
}

impl Step {
    fn of(step: i64) -> Step {
        Step { step, is_vetoed: false }
    }

    /// "Turns a downward step into 0."
    fn vetoed_if(self, holds: bool) -> Step {
        if holds && self.step < 0 { Step { step: 0, is_vetoed: true } } else { self }
    }

    fn never_down(self) -> Step {
        Step { step: self.step.max(0), ..self }
    }

    fn only_down(self) -> Step {
        Step { step: self.step.min(0), ..self }
    }

    fn not_floated(self) -> Step {
        Step { step: 0, ..self }
    }
}

impl Case<'_> {
    pub fn step(&self) -> Step {
        match self.plan {
            Plan::Shenyang => self.shenyang(),
            Plan::Hainan => self.hainan(),
            Plan::Yantai => self.yantai(),
            Plan::Zhengzhou => self.zhengzhou(),
            Plan::Huainan => self.huainan(),
            Plan::Puyang => self.puyang(),
            Plan::U1 => self.u1(),
            Plan::U2 => self.u2(),
            Plan::Panzhihua | Plan::Shenzhen | Plan::Jiangsu => panic!("not a yearly plan"),
        }
    }

    /// The step of the first bound, in hundredths, that the ratio does not exceed.
    fn up_to(&self, bounds: &[(u128, i64)], above: i64) -> i64 {
        for (hundredths, step) in bounds {
            if !self.payout.is_above(*hundredths) {
                return *step;
            }
        }
        above
    }

    fn holds(&self, fact: &str) -> bool {
        is_true(self.record, self.rating_date, fact)
    }

    fn number(&self, fact: &str) -> Decimal {
        number(self.record, self.rating_date, fact)
    }

    fn has_arrears(&self) -> bool {
        self.number("arrears_months") > Decimal::ZERO
    }

    /// The ratio is 0 in each year of the look-back.
    fn is_zero_in_each_year(&self) -> bool {
        let mut years = self.plan.look_back(self.rating_date).into_iter();
        years.all(|year| Tally::of(self.plan, self.record, year).is_without_benefits(self.plan, self.class))
    }

    fn is_insured_for(&self, months: i64) -> bool {
        let (window, _) = self.plan.windows(self.rating_date);
        let since = read(text(&self.record["employer"]["insured_since"]));
        whole_months(since, window.last + 1) >= months
    }

    /// 0: -2; (0, 0.5]: -1; (0.5, 1.3]: 0; (1.3, 1.5]: +1; above: +2. Arrears, concealed payroll, fraud. Class 8 only
    /// down.
    fn shenyang(&self) -> Step {
        let step = Step::of(self.up_to(&[(0, -2), (50, -1), (130, 0), (150, 1)], 2));
        let step =
            step.vetoed_if(self.has_arrears() || self.holds("concealed_payroll") || self.holds("fraud"));
        if self.class == 8 { step.only_down() } else { step }
    }

    fn hainan(&self) -> Step {
        let ratio = self.payout;
        let is_barred = self.has_arrears() || self.holds("fraud") || self.holds("concealed_payroll");
        let step = if self.now.deaths >= 3 || self.now.diseases >= 3 || self.holds("blacklisted") {
            2
        } else if ratio.is_above(400) {
            1
        } else if ratio.is_above(200) && self.holds("relief_available") {
            -1
        } else if ratio.is_at_least(200) {
            0
        } else if self.is_zero_in_each_year() && self.is_insured_for(60) && !is_barred {
            -2
        } else {
            -1
        };
        if self.class == 1 { Step::of(step).never_down() } else { Step::of(step) }
    }

    /// 0: -2; (0, 0.1]: -1; (0.1, 1]: 0; (1, 1.5]: +1; above: +2. Class 1 is not floated.
    fn yantai(&self) -> Step {
        let step = Step::of(self.up_to(&[(0, -2), (10, -1), (100, 0), (150, 1)], 2));
        let is_barred = self.has_arrears()
            || self.holds("concealed_payroll")
            || self.holds("fraud")
            || self.now.deaths > 0
            || self.now.contributions_fen < 5_000 * 100;
        let step = step.vetoed_if(is_barred);
        if self.class == 1 { step.not_floated() } else { step }
    }

    /// Up to 0.5: -2; (0.5, 1]: 0; above: +1.
    fn zhengzhou(&self) -> Step {
        let three = Decimal::from(3);
        let is_barred = self.number("max_deaths_one_event") >= three
            || self.number("arrears_months") >= three
            || self.holds("fraud");
        Step::of(self.up_to(&[(50, -2), (100, 0)], 1)).vetoed_if(is_barred)
    }

    /// Under 0.2: -2; [0.2, 0.6): -1; [0.6, 0.8): 0; [0.8, 1.2): +1; 1.2 and above: +2. Class 1 is not floated.
    fn huainan(&self) -> Step {
        let ratio = self.payout;
        let step = if ratio.is_at_least(120) {
            2
        } else if ratio.is_at_least(80) {
            1
        } else if ratio.is_at_least(60) {
            0
        } else if ratio.is_at_least(20) {
            -1
        } else {
            -2
        };
        if self.class == 1 { Step::of(step).not_floated() } else { Step::of(step) }
    }

    /// Increments: (1, 2]: 1; (2, 3]: 2; (3, 4]: 3; (4, 5]: 4; above: 5. -1 stands for the x 0.8.
    fn puyang(&self) -> Step {
        let step = self.up_to(&[(100, 0), (200, 1), (300, 2), (400, 3), (500, 4)], 5);
        let is_lowered = self.is_zero_in_each_year() && self.is_insured_for(36);
        let step = Step::of(if is_lowered { -1 } else { step });
        if self.class == 1 { step.not_floated() } else { step }
    }

    /// Up to 0.1: -2; (0.1, 0.5]: -1; (0.5, 1]: 0; (1, 1.2]: +1; above: +2. Class 1: above 1.2: +2, else 0.
    fn u1(&self) -> Step {
        if self.class == 1 {
            return Step::of(self.up_to(&[(120, 0)], 2));
        }
        Step::of(self.up_to(&[(10, -2), (50, -1), (100, 0), (120, 1)], 2))
    }

    /// Without a new injury: up to 1.2: -1, above: 0. With one: up to 1.2: 0; (1.2, 3]: +1; above: +2. Classes 1 and 2
    /// are not floated.
    fn u2(&self) -> Step {
        let (window, _) = self.plan.windows(self.rating_date);
        let has_new_injury = rows(self.record, "claims").any(|claim| {
            claim["count"].as_u64().expect("a claim has a count") > 0
                && window.holds(read(text(&claim["date"])))
        });
        let step =
            if has_new_injury { self.up_to(&[(120, 0), (300, 1)], 2) } else { self.up_to(&[(120, -1)], 0) };
        if self.class <= 2 { Step::of(step).not_floated() } else { Step::of(step) }
    }
}
