//! A step by its tier: officers speak of tiers, decisions are kept as steps.

use super::kept::{State, get};
use super::rating::Bench;
use super::review::one;
use crate::determination::Agency;
use crate::problem::Problem;
use floatrate_engine::number::Decimal;

/// The step of a tier on the ladder of an item's class, by the plan that its cycle holds fast.
///
/// # Errors
///
/// There is no such cycle or item, the cycle is not rated, the class reaches no such tier, or those of the database.
pub async fn step_of_tier(agency: &Agency, id: &str, employer_id: &str, tier: &str) -> Result<i64, Problem> {
    let standing = get(&agency.db, id).await?;
    standing.cycle.needs(State::Rated)?;
    let (item, decision) = one(&agency.db, &standing, employer_id).await?;
    let bench = Bench::of(agency, &standing).await?;
    // A record that was supplied may be of another class.
    let of = (item.ordinal, employer_id, decision.version.max(item.record_version));
    let class = bench.rate_one(&agency.db, of, None).await?.row.risk_class;
    let steps = bench.loaded.plan()?.checked.ladder.steps(class);
    let wanted = tier.parse::<Decimal>().ok();
    if let Some((step, _)) = steps.iter().find(|(_, known)| Some(*known) == wanted) {
        return Ok(*step);
    }
    let known: Vec<String> = steps.iter().map(|(_, tier)| tier.to_string()).collect();
    let (en, zh) = match (known.as_slice(), class) {
        ([], _) => (
            format!("no tier can be set for {employer_id} by this plan: give the step"),
            format!("按本办法不能为 {employer_id} 设定档次系数：请给出档数"),
        ),
        (known, None) => (
            format!("\"{tier}\" is not a tier of this plan: {}", known.join(", ")),
            format!("“{tier}”不是本办法的档次系数：{}", known.join("、")),
        ),
        (known, Some(class)) => (
            format!("\"{tier}\" is not a tier that class {class} may reach: {}", known.join(", ")),
            format!("“{tier}”不是{class}类行业可用的档次系数：{}", known.join("、")),
        ),
    };
    Err(Problem::field("tier", "unknown_value", en, zh))
}
