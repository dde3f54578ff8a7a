//! Rate cycles as the ledger tells of them.
//!
//! A freeze is held against its pins, the end of a run against its chunks, determinations and items, which are rated again,
//! an approval against the decisions and what they came to, a publication against the batch. At the end the rows that say
//! what is newest are held against the newest entries, and rows that no entry accounts for are told.
//!
//! The sums of a chunk (`tally`) are not computed again: they are covered by the digest over the chunk's row, and that by
//! the run's entry. What a result of before was (`prior`) is covered by digests too, and goes into rating again as it is.

mod approval;
mod freeze;
mod ground;
mod order;
mod rest;
mod run;
mod said;

pub(super) use rest::{rest, rest_of};

use super::chain::detail;
use super::misfit::Located;
use super::{Fault, Misfit, Walk};
use crate::store::ledger::{Entry, hex, parse};
use crate::store::tables::determinations::{self, PublicationEntry};
use crate::store::tables::runs::Decision;
use order::Step;
use said::{Decided, Said, same_person};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Display;

/// What entries say so far of cycles. It grows with their number and that of the decisions, never with employers.
#[derive(Default)]
pub(super) struct Cycles {
    known: BTreeMap<String, Known>,
    /// Of each cycle and employer the newest decision.
    decisions: BTreeMap<(String, String), Newest>,
    /// Runs by their batches.
    runs: BTreeMap<String, Run>,
}

/// The newest entries about a cycle.
struct Known {
    said: Said,
    value: Value,
    /// Digest of what the newest step said.
    body: [u8; 32],
    /// Number of the newest entry, step or decision.
    seq: i64,
}

/// The newest decision on an employer of a cycle.
struct Newest {
    seq: i64,
    body: [u8; 32],
    version: i64,
}

/// A run that was walked through.
struct Run {
    cycle: String,
    /// Its last chunk of determinations.
    chunk: i64,
    /// Its last determination.
    ordinal: i64,
    /// Its last pin.
    pin: i64,
}

impl Cycles {
    /// The last chunk of determinations that was walked through of a cycle's batch; None for the batch of no cycle.
    pub(super) fn walked(&self, batch: &str) -> Option<i64> {
        self.runs.get(batch).map(|run| run.chunk)
    }
}

fn wrong(entry: &Entry, field: &str, found: impl Display, expected: impl Display) -> Fault {
    Misfit::differs("ledger", entry.seq.to_string(), field, found, expected).into()
}

/// A step of a cycle.
pub(super) async fn step(walk: &mut Walk<'_>, entry: &Entry) -> Result<(), Fault> {
    let (said, value): (Said, Value) = (detail(entry)?, detail(entry)?);
    if said.id != entry.subject {
        return Err(wrong(entry, "detail.id", &said.id, &entry.subject));
    }
    let before = walk.cycles.known.remove(&entry.subject);
    let old = before.as_ref().map(|known| (&known.said, &known.value));
    match order::step(old, (&said, &value), entry)? {
        Step::Frozen => freeze::frozen(walk, entry, old.map(|(said, _)| said), &said).await?,
        Step::Rated => run::rated(walk, entry, &said).await?,
        Step::Approved => approval::approved(walk, entry, &said).await?,
        Step::Published => published(walk, entry, &said).await?,
        Step::Created | Step::Returned | Step::Closed | Step::Cancelled => {}
    }
    let known = Known { said, value, body: *blake3::hash(&entry.detail).as_bytes(), seq: entry.seq };
    walk.cycles.known.insert(entry.subject.clone(), known);
    walk.tell();
    Ok(())
}

/// A decision on an employer of a cycle.
pub(super) fn decided(walk: &mut Walk<'_>, entry: &Entry) -> Result<(), Fault> {
    let said: Decided = detail(entry)?;
    let rated = walk.cycles.known.get_mut(&entry.subject).filter(|known| known.said.state == "rated");
    let Some(known) = rated else { return Err(wrong(entry, "subject", &entry.subject, "a rated cycle")) };
    known.seq = entry.seq;
    let other_person = |signed: &said::Signed| !same_person(&signed.by, &said.signed.by);
    let fits = match (said.choice.as_str(), said.state.as_str()) {
        ("record", "open" | "resolved") => said.agreed.is_none() && said.record_version == said.version,
        ("leave_out", "resolved") | ("by_hand", "proposed") => said.agreed.is_none(),
        ("by_hand", "resolved") => said.agreed.as_ref().is_some_and(other_person),
        _ => false,
    };
    if !fits {
        let found = format!("{} and {}", said.choice, said.state);
        return Err(wrong(entry, "detail.state", found, "a decision that persons may take"));
    }
    let signed = said.agreed.as_ref().unwrap_or(&said.signed);
    if signed.by != entry.signature {
        return Err(wrong(entry, "detail.signed.by", &signed.by, &entry.signature));
    }
    let newest =
        Newest { seq: entry.seq, body: *blake3::hash(&entry.detail).as_bytes(), version: said.version };
    walk.cycles.decisions.insert((entry.subject.clone(), said.employer_id), newest);
    Ok(())
}

/// A batch becomes visible; how many of its chunks were walked through with their cycle.
pub(super) fn publication(walk: &mut Walk<'_>, entry: &Entry, said: &PublicationEntry) -> Result<i64, Fault> {
    let Some(run) = walk.cycles.runs.get(&entry.subject) else { return Ok(0) };
    let approved = walk.cycles.known.get(&run.cycle).filter(|known| known.said.state == "approved");
    let approved = approved.and_then(|known| known.said.approved.as_ref());
    let batch = |of: &Said| of.rated.as_ref().is_some_and(|rated| rated.batch == entry.subject);
    let own = walk.cycles.known.get(&run.cycle).is_some_and(|known| batch(&known.said));
    let Some(approved) = approved.filter(|_| own) else {
        let expected = format!("a batch that was approved in the cycle {}", run.cycle);
        return Err(wrong(entry, "subject", &entry.subject, expected));
    };
    let digest = parse(&approved.digest).map(|digest| hex(&digest));
    if digest.as_deref() != Some(said.digest.as_str()) {
        return Err(wrong(entry, "detail.digest", &said.digest, &approved.digest));
    }
    Ok(run.chunk)
}

/// The cycle says that it was published: so says the batch, in the entry before.
async fn published(walk: &mut Walk<'_>, entry: &Entry, said: &Said) -> Result<(), Fault> {
    let batch = said.rated.as_ref().map_or("", |rated| rated.batch.as_str());
    let row = determinations::publication(&mut *walk.tx, batch).await;
    let row = row.at("publication", || batch.to_owned())?;
    let row = row.ok_or_else(|| Misfit::missing("publication", batch, &format!("ledger {}", entry.seq)))?;
    if row.seq != entry.seq - 1 {
        return Err(wrong(entry, "seq", entry.seq, format!("{}, after the publication", row.seq + 1)));
    }
    let first = said.published.as_ref().map_or(0, |published| published.first_position);
    if first != row.first_position {
        return Err(wrong(entry, "detail.published.first_position", first, row.first_position));
    }
    Ok(())
}

/// A row of the table of decisions against the newest entry.
fn decision(row: &Decision, newest: Option<&Newest>) -> Result<(), Misfit> {
    let key = format!("{} {}", row.cycle, row.employer_id);
    let Some(newest) = newest else { return Err(Misfit::stray("decision", key)) };
    let differs = |field: &str, found: String, expected: String| {
        Err(Misfit::differs("decision", key.clone(), field, found, expected))
    };
    if row.seq != newest.seq {
        return differs("seq", row.seq.to_string(), newest.seq.to_string());
    }
    if *blake3::hash(&row.body).as_bytes() != newest.body {
        return differs("body", "something else".to_owned(), format!("what ledger {} says", newest.seq));
    }
    let said: Decided = serde_json::from_slice(&row.body)
        .map_err(|why| Misfit::new("decision", key.clone(), "body", &why.to_string(), &why.to_string()))?;
    if row.version != said.version {
        return differs("version", row.version.to_string(), said.version.to_string());
    }
    if row.state != said.state {
        return differs("state", row.state.clone(), said.state);
    }
    Ok(())
}
