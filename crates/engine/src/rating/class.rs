//! The risk class and the industry of an employer.

use super::outcome::Reason;
use crate::plan::checked::Checked;
use crate::record::{Claim, Record};

/// Where each employer of a chunk stands in the plan.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Its risk class, 0 in a plan without classes; or the reason for a review when its class or industry is not known.
    pub classes: Vec<Result<u8, Reason>>,
    /// Its industry, by its place among the plan's; empty in a plan that looks at none.
    pub industries: Vec<usize>,
}

impl Places {
    /// Looks up a chunk. What a plan does not look at costs nothing.
    pub fn fill(&mut self, plan: &Checked, records: &[Record]) {
        self.classes.clear();
        if plan.classes == 0 {
            self.classes.resize(records.len(), Ok(0));
        } else {
            self.classes.extend(records.iter().map(|r| class_of(plan, r)));
        }
        self.industries.clear();
        if let Some((standard, codes)) = &plan.industries {
            for (record, class) in records.iter().zip(&mut self.classes) {
                let industry = industry_of(standard, codes, record);
                self.industries.push(industry.unwrap_or(0));
                if industry.is_none() && class.is_ok() {
                    *class = Err(Reason::IndustryUnknown);
                }
            }
        }
        if plan.looks_at_injuries() {
            for (record, class) in records.iter().zip(&mut self.classes) {
                if class.is_ok() && !fits(record) {
                    *class = Err(Reason::MoneyTooLarge);
                }
            }
        }
    }
}

/// Whether the money of all claims together fits a column, and so that of each injury.
fn fits(record: &Record) -> bool {
    let total = |of: fn(&Claim) -> i64| record.claims.iter().map(|c| i128::from(of(c))).sum::<i128>();
    let sums = [total(|c| c.benefits_paid.0), total(|c| c.reserve.0), total(|c| c.count)];
    sums.into_iter().all(|sum| i64::try_from(sum).is_ok())
}

fn industry_of(standard: &str, codes: &[String], record: &Record) -> Option<usize> {
    let industry = record.employer.industry.as_ref().filter(|i| i.standard == standard)?;
    codes.binary_search(&industry.code).ok()
}

/// An employer's class: the given one, otherwise the industry's.
fn class_of(plan: &Checked, record: &Record) -> Result<u8, Reason> {
    if let Some(given) = record.employer.risk_class {
        return if (1..=plan.classes).contains(&given.0) { Ok(given.0) } else { Err(Reason::ClassUnknown) };
    }
    match mapped(plan, record) {
        Some([class]) => Ok(*class),
        Some(_) => Err(Reason::ClassAmbiguous),
        None => Err(Reason::ClassUnknown),
    }
}

/// Whether the given class is not the industry's. An industry without a clean class differs from none.
pub(super) fn class_differs(plan: &Checked, record: &Record) -> bool {
    matches!((record.employer.risk_class, mapped(plan, record)), (Some(given), Some([class])) if given.0 != *class)
}

/// The classes of the industry: one, or none or several where its division has no clean answer.
fn mapped<'a>(plan: &'a Checked, record: &Record) -> Option<&'a [u8]> {
    let industry = record.employer.industry.as_ref()?;
    let map = plan.class_maps.iter().find(|m| m.standard == industry.standard)?;
    let find = |code: &str| map.divisions.binary_search_by(|(known, _)| known.as_str().cmp(code)).ok();
    let place = find(&industry.code).or_else(|| find(industry.code.get(..2)?))?;
    Some(map.divisions[place].1.as_slice())
}
