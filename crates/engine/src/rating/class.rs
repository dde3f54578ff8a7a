//! The risk class of an employer.

use super::outcome::Reason;
use crate::plan::checked::Checked;
use crate::record::{Industry, Record};

/// An employer's class, and whether the industry's differs.
///
/// # Errors
///
/// The reason for a review when there is no class.
pub(super) fn class_of(plan: &Checked, record: &Record) -> Result<(u8, bool), Reason> {
    let mapped = record.employer.industry.as_ref().and_then(|industry| mapped(plan, industry));
    if let Some(given) = record.employer.risk_class {
        let differs = matches!(mapped, Some([one]) if *one != given.0);
        return if (1..=plan.classes).contains(&given.0) {
            Ok((given.0, differs))
        } else {
            Err(Reason::ClassUnknown)
        };
    }
    match mapped {
        Some([class]) => Ok((*class, false)),
        Some(_) => Err(Reason::ClassAmbiguous),
        None => Err(Reason::ClassUnknown),
    }
}

/// The classes of an industry: one, or none or several where its division has no clean answer.
fn mapped<'a>(plan: &'a Checked, industry: &Industry) -> Option<&'a [u8]> {
    let map = plan.class_maps.iter().find(|m| m.standard == industry.standard)?;
    let exact = map.divisions.iter().find(|(code, _)| *code == industry.code);
    let division = industry.code.get(..2);
    let hit = exact.or_else(|| map.divisions.iter().find(|(code, _)| Some(code.as_str()) == division));
    hit.map(|(_, classes)| classes.as_slice())
}
