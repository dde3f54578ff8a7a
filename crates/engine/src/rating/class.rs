//! The risk class of an employer.

use super::outcome::Reason;
use crate::plan::checked::Checked;
use crate::record::Record;

/// An employer's class: the given one, otherwise the industry's.
///
/// # Errors
///
/// The reason for a review when there is no class.
pub(super) fn class_of(plan: &Checked, record: &Record) -> Result<u8, Reason> {
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
