//! What an item comes to under the decision on it.

use super::rating::{Bench, Outcome};
use super::review::{Choice, Decided};
use crate::determination::Agency;
use crate::problem::Problem;
use crate::store::tables::runs::{Decision, Item};

/// An item as it would be published.
#[derive(Debug)]
pub(super) enum Settled {
    /// A person must still decide.
    Open,
    /// Left out by name.
    LeftOut,
    /// Rated under the supplied record, or by hand.
    Outcome(Box<Outcome>),
}

/// What an item comes to. It is rated here and now, by the plan and the version that are held fast.
pub(super) async fn settled(
    agency: &Agency,
    bench: &Bench,
    item: &Item,
    decision: &Decision,
) -> Result<Settled, Problem> {
    if decision.state != "resolved" {
        return Ok(Settled::Open);
    }
    let decided = Decided::read(&decision.body)?;
    let by_hand = match &decided.choice {
        Choice::LeaveOut => return Ok(Settled::LeftOut),
        Choice::Record { .. } => None,
        Choice::ByHand { .. } => decided.by_hand(),
    };
    let of = (item.ordinal, item.employer_id.as_str(), decision.version.max(item.record_version));
    let outcome = bench.rate_one(&agency.db, of, by_hand.as_ref()).await?;
    // A decision on an earlier freeze need not settle what this one gives.
    Ok(if outcome.row.status == "review" { Settled::Open } else { Settled::Outcome(Box::new(outcome)) })
}
