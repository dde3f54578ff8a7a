//! Trying another plan on a frozen cycle without touching it.

use super::CHUNK;
use super::kept::{Counts, State, get};
use super::line::Line;
use super::rating::Bench;
use super::run::Progress;
use super::steps::values_given;
use super::tally::Tally;
use crate::determination::Agency;
use crate::problem::Problem;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Rates every employer that a cycle holds fast under another plan of the library, and adds up what it would do. Nothing is
/// written. `each` hears of every employer, `tell` of every chunk. Employers that a person must decide on are counted apart.
///
/// # Errors
///
/// There is no such cycle or plan, the cycle is not frozen, the plan does not rate on its date, or those of the database.
pub async fn trial(
    agency: &Agency,
    id: &str,
    plan: &str,
    values: &BTreeMap<String, String>,
    each: &mut (dyn FnMut(Line) + Send),
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<(Counts, Tally), Problem> {
    let standing = get(&agency.db, id).await?;
    let past = [State::Frozen, State::Rated, State::Approved, State::Published, State::Closed];
    if !past.contains(&standing.cycle.state) {
        return Err(standing.cycle.elsewhere("frozen"));
    }
    let mut bench = Bench::of(agency, &standing).await?.with_supplied(&agency.db).await?;
    let text = agency.raters.text(&agency.library, plan)?;
    bench.loaded = agency.raters.of_text(&text)?;
    values_given(&bench.loaded.plan()?.checked, values)?;
    if let Some(frozen) = &mut bench.cycle.frozen {
        frozen.portfolio.clone_from(values);
    }
    let of = bench.cycle.freeze()?.employers;
    let bench = Arc::new(bench);
    let (mut counts, mut tally, mut after) =
        (Counts { employers: of, ..Counts::default() }, Tally::default(), 0);
    tell(Progress { done: 0, of });
    while after < of {
        let to = (after + CHUNK).min(of);
        let pinned = bench.pinned(&agency.db, (after, to)).await?;
        let before = bench.before(&agency.db, &pinned).await?;
        let rating = Arc::clone(&bench);
        let rated = tokio::task::spawn_blocking(move || rating.rate(pinned, &before, None)).await;
        let rated = rated.map_err(|why| crate::store::StoreError::broken(format!("a chunk: {why}")))??;
        for outcome in rated {
            match outcome.line.status.as_str() {
                "review" => counts.review += 1,
                status => {
                    if status == "kept" {
                        counts.kept += 1;
                    } else {
                        counts.rated += 1;
                    }
                    tally.line(&outcome.line);
                }
            }
            each(outcome.line);
        }
        after = to;
        tell(Progress { done: after, of });
    }
    Ok((counts, tally))
}
