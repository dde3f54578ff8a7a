//! What a cycle does: counts and money before and after, from the sums that its run left behind and the decisions.

use super::kept::{Cycle, Standing, State, get};
use super::rating::Bench;
use super::settled::{Settled, settled};
use super::tally::{Cell, Tally};
use crate::determination::Agency;
use crate::problem::Problem;
use crate::store::tables::cycles;
use crate::store::tables::runs::{self, RunChunk, Wanted};
use crate::store::{Db, StoreError};
use std::collections::BTreeMap;

/// Items and cycles that are read at once.
const PAGE: i64 = 1_000;

/// Sums for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
pub struct Totals {
    /// Employers with a result that would be published.
    pub employers: i64,
    /// Their payroll of a year, in minor units.
    pub payroll: i128,
    /// Their contributions of that year at the rates before.
    pub before: i128,
    /// The same at the rates after.
    pub after: i128,
    /// Rates that rise.
    pub up: i64,
    /// Rates that fall.
    pub down: i64,
    /// Rates that are confirmed.
    pub unchanged: i64,
    /// Employers that were not eligible.
    pub kept: i64,
}

impl Totals {
    /// The totals of sums.
    #[must_use]
    pub fn of(tally: &Tally) -> Self {
        let Cell { employers, payroll, before, after } = tally.sum(|_| true);
        let Tally { up, down, unchanged, kept, .. } = tally;
        Self { employers, payroll, before, after, up: *up, down: *down, unchanged: *unchanged, kept: *kept }
    }
}

/// The report of a cycle.
#[derive(Clone, Debug)]
pub struct Report {
    /// The cycle.
    pub cycle: Cycle,
    /// Sums over everybody who has a result: by the rules, by a supplied record, or by hand.
    pub tally: Tally,
    /// Items by state: `open`, `proposed`, `resolved`.
    pub items: BTreeMap<String, i64>,
    /// Open items by their reasons.
    pub open_reasons: BTreeMap<String, i64>,
    /// Employers that are left out by name.
    pub left_out: Vec<String>,
    /// The last published cycle of the region before this one, and its totals.
    pub last: Option<(Cycle, Totals)>,
}

/// The report of a cycle that was rated.
///
/// # Errors
///
/// There is none of that id, it was not rated, or those of the database.
pub async fn report(agency: &Agency, id: &str) -> Result<Report, Problem> {
    let standing = get(&agency.db, id).await?;
    if standing.cycle.rated.is_none() {
        return Err(standing.cycle.elsewhere("rated"));
    }
    let mut report = of_run(agency, &standing).await?;
    if let Some(last) = last(&agency.db, &standing.cycle).await? {
        let totals = Totals::of(&of_run(agency, &last).await?.tally);
        report.last = Some((last.cycle, totals));
    }
    Ok(report)
}

async fn of_run(agency: &Agency, standing: &Standing) -> Result<Report, Problem> {
    let (id, batch) = (&standing.cycle.id, &standing.running.batch);
    let mut tally = Tally::default();
    for chunk in runs::chunks(&agency.db, batch).await? {
        tally.add(read_tally(&chunk)?);
    }
    let items = runs::states(&agency.db, id, batch).await?.into_iter().collect();
    let mut report = Report {
        cycle: standing.cycle.clone(),
        tally,
        items,
        open_reasons: BTreeMap::new(),
        left_out: Vec::new(),
        last: None,
    };
    let bench = Bench::of(agency, standing).await?;
    let mut after = 0;
    loop {
        let page = runs::items(&agency.db, id, batch, Wanted { after, ..Wanted::default() }, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok(report) };
        after = last.ordinal;
        for (item, decision) in &page {
            match settled(agency, &bench, item, decision).await? {
                Settled::Open => {
                    for reason in crate::determination::read_result(&item.result)?.reasons {
                        *report.open_reasons.entry(reason).or_default() += 1;
                    }
                }
                Settled::LeftOut => report.left_out.push(item.employer_id.clone()),
                Settled::Outcome(outcome) => report.tally.line(&outcome.line),
            }
        }
    }
}

/// The sums of a chunk.
pub(super) fn read_tally(chunk: &RunChunk) -> Result<Tally, StoreError> {
    serde_json::from_slice(&chunk.tally).map_err(|why| StoreError::broken(format!("sums of a chunk: {why}")))
}

/// The last published cycle of the same region before a cycle.
async fn last(db: &Db, cycle: &Cycle) -> Result<Option<Standing>, StoreError> {
    let (mut after, mut found): (String, Option<Standing>) = Default::default();
    loop {
        let page = cycles::page(db, &after, Some(&cycle.region), "", PAGE).await?;
        let Some(end) = page.last() else { return Ok(found) };
        after.clone_from(&end.id);
        for kept in page {
            let other = Standing::of(kept)?;
            let published = matches!(other.cycle.state, State::Published | State::Closed);
            let before = other.cycle.region == cycle.region && other.cycle.rating_date < cycle.rating_date;
            let later = found.as_ref().is_none_or(|best| best.cycle.rating_date <= other.cycle.rating_date);
            if published && before && later {
                found = Some(other);
            }
        }
    }
}
