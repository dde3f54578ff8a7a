//! Every employer of a cycle, one by one: what the report adds up.

use super::kept::{Standing, get};
use super::line::Line;
use super::rating::Bench;
use super::settled::{Settled, settled};
use crate::determination::{Agency, Detail, detail_of, read_result};
use crate::employer::Body;
use crate::problem::Problem;
use crate::store::tables::determinations::{self, Kept};
use crate::store::tables::{audit, runs};
use crate::store::{Db, StoreError};

/// Employers that are read at once.
const PAGE: i64 = 2_000;

/// An employer of a cycle.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Detailed {
    /// Id of the determination; empty for an item that has none yet, or never will.
    pub determination_id: String,
    /// What the report counts.
    #[serde(flatten)]
    pub line: Line,
}

/// Tells of every employer of a cycle: first those that the rules decided, then the items, each in the order of the ids.
/// An item that is open or left out is told with its stand-in, and counts in no sum.
///
/// # Errors
///
/// There is none of that id, it was not rated, the database fails, or `tell` does.
pub async fn details<E: From<Problem>>(
    agency: &Agency,
    id: &str,
    tell: &mut (dyn FnMut(Detailed) -> Result<(), E> + Send),
) -> Result<(), E> {
    let standing = get(&agency.db, id).await?;
    if standing.cycle.rated.is_none() {
        return Err(standing.cycle.elsewhere("rated").into());
    }
    let batch = &standing.running.batch;
    let last = runs::last_chunk(&agency.db, batch).await.map_err(Problem::from)?;
    let rules = last.map_or(0, |chunk| chunk.last_ordinal);
    let mut after = 0;
    while after < rules {
        let most = PAGE.min(rules - after);
        let page = determinations::of_batch(&agency.db, batch, after, most).await.map_err(Problem::from)?;
        let Some((end, _)) = page.last() else { break };
        after = end.ordinal;
        for line in lines(&agency.db, &standing, batch, &page).await? {
            tell(line)?;
        }
    }
    let bench = Bench::of(agency, &standing).await?;
    let (mut after, mut place) = (0, rules);
    loop {
        let wanted = runs::Wanted { after, ..runs::Wanted::default() };
        let page = runs::items(&agency.db, id, batch, wanted, PAGE).await.map_err(Problem::from)?;
        let Some((end, _)) = page.last() else { return Ok(()) };
        after = end.ordinal;
        for (item, decision) in &page {
            let (line, counts) = match settled(agency, &bench, item, decision).await? {
                Settled::Outcome(outcome) => (outcome.line, true),
                open => {
                    let of = (item.ordinal, item.employer_id.as_str(), item.record_version);
                    let mut line = bench.rate_one(&agency.db, of, None).await?.line;
                    if matches!(open, Settled::LeftOut) {
                        line.status = "left_out".to_owned();
                    }
                    (line, false)
                }
            };
            place += i64::from(counts);
            let known = counts && standing.cycle.approved.is_some();
            let determination_id = if known { determinations::id(batch, place) } else { String::new() };
            tell(Detailed { determination_id, line })?;
        }
    }
}

async fn lines(
    db: &Db,
    standing: &Standing,
    batch: &str,
    page: &[(Kept, [u8; 32])],
) -> Result<Vec<Detailed>, Problem> {
    let keys: Vec<(&str, i64)> =
        page.iter().map(|(kept, _)| (kept.employer_id.as_str(), kept.record_version)).collect();
    let records = audit::records(db, &keys).await?;
    let date = standing.cycle.date()?;
    let mut out = Vec::with_capacity(page.len());
    for ((kept, _), record) in page.iter().zip(records) {
        let record = record.ok_or_else(|| StoreError::broken("the record of a determination is missing"))?;
        let (mut record, _) = Body(record.body).record()?;
        let detail: Detail = detail_of(&kept.detail)?;
        detail.complete(&mut record)?;
        let line = Line::of(&record, &read_result(&kept.result)?, &detail, date)?;
        out.push(Detailed { determination_id: determinations::id(batch, kept.ordinal), line });
    }
    Ok(out)
}
