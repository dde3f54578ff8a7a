//! What still holds of a plan that diagrams cannot say exactly: totality by construction, and bounds from the final
//! limits. Each is a look at the plan's shape, sound and far from complete.

use super::report::{Claim, Guarantee};
use crate::plan::checked::{Checked, Cited, ParamValue, TermKind};

/// The guarantee that the plan's shape alone gives a claim, if it does.
pub(super) fn by_shape(plan: &Checked, claim: Claim) -> Option<Guarantee> {
    match claim {
        // A table that ends with `otherwise` has a row for everybody.
        Claim::NoGap(at) => {
            let last = plan.tables[at].rows.last()?;
            matches!(last.when.kind, TermKind::Bool(true)).then_some(Guarantee::Construction)
        }
        // Steps are kept between two ends, and every step between them has a tier.
        Claim::EveryStepHasTier => {
            (plan.ladder.gaps().is_empty() && !plan.ladder.allowed.is_empty()).then_some(Guarantee::Limits)
        }
        // A floor that is a number of 0 or more.
        Claim::NotNegative => {
            let (floor, cap) = (plan.outcome.floor.as_ref()?, plan.outcome.cap.as_ref());
            (not_negative(plan, floor) && cap.is_none_or(|cap| not_negative(plan, cap)))
                .then_some(Guarantee::Limits)
        }
        _ => None,
    }
}

/// Whether a formula is a number, or a parameter all of whose numbers are 0 or more.
fn not_negative(plan: &Checked, cited: &Cited) -> bool {
    match &cited.term.kind {
        TermKind::Number(value) => value.mantissa() >= 0,
        TermKind::Param { param, .. } => plan.params[*param].entries.iter().all(|entry| match &entry.1 {
            ParamValue::One(value) => value.mantissa() >= 0,
            ParamValue::ByClass(values) | ParamValue::ByIndustry(values) | ParamValue::ByRowClass(values) => {
                values.iter().all(|value| value.mantissa() >= 0)
            }
            ParamValue::Ranges(_) | ParamValue::Causes(_) | ParamValue::Industries(_) => false,
        }),
        _ => false,
    }
}
