//! Whether a mutant is the plan in other words.

use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::checked::Checked;
use floatrate_engine::proof::{Difference, difference};
use floatrate_engine::record::{Date, Declared};

/// Years that rating dates are compared in: beyond them a plan without a last year goes on as before.
const YEARS: std::ops::Range<i32> = 1990..2100;

/// Why a mutant is not shown to give the plan's result for every record on every date; None where it is.
pub fn otherwise(plan: &Plan, mutant: &Plan, declared: &Declared) -> Option<String> {
    let (a, b) = (&plan.checked, &mutant.checked);
    if dates(a) != dates(b) {
        return Some("it rates on other dates".to_owned());
    }
    if a.rating.as_ref().map(|r| r.valid_months) != b.rating.as_ref().map(|r| r.valid_months) {
        return Some("rates hold for another time".to_owned());
    }
    for date in asked(a).into_iter().chain(asked(b)) {
        match difference(plan, mutant, date, declared) {
            Difference::None => {}
            Difference::Unknown(why) => return Some(why),
            Difference::Shown(pair) => {
                let [one, two] = *pair;
                let rate = |w: &floatrate_engine::proof::Witness| format!("{:?}", w.outcome.verdict.rate);
                return Some(format!(
                    "{} on {date}: {} against {}",
                    one.record.employer.id,
                    rate(&one),
                    rate(&two)
                ));
            }
        }
    }
    None
}

fn dates(plan: &Checked) -> Vec<Date> {
    let of = |year| plan.rating.as_ref().and_then(|r| Date::new(year, r.month, r.day));
    YEARS.filter_map(of).filter(|day| plan.rates_on(*day)).collect()
}

/// Rating dates between which the numbers of a plan do not change.
fn asked(plan: &Checked) -> Vec<Date> {
    let since = plan.params.iter().flat_map(|p| p.entries.iter().filter_map(|e| e.0));
    let mut out: Vec<Date> = since.filter_map(|day| plan.rating_date_from(day)).collect();
    out.extend(plan.first_rating_date());
    out.sort_unstable();
    out.dedup();
    out
}
