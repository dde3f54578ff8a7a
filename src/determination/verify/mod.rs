//! Whether everything that is kept fits: the chain, every row that it covers, and every result, rated again bit for bit.
//!
//! ```text
//!  ledger: numbers, digests, head ──> plan texts ──> entry by entry, in order ─────────> what follows from entries
//!                                                      intake    its row                  objections, consumers, refusals
//!                                                      recorded  its chunk of records     newest records
//!                                                      ended     its rejects              rows that no entry accounts for
//!                                                      published chunks, rows, replayed   cycles, decisions, runs
//!                                                      cycle     pins, runs, items        batches that nobody sees
//!                                                      decided   against the cycle
//! ```
//!
//! It reads one state of the database and stops at the first row that does not fit. The table `request` is outside: it
//! says what a call that is sent again is answered, is no ground of any result, and what its calls made is covered. So are
//! the lease of a run (`token`, `runner`, `expires_us` of a cycle), which says who may write next, and nothing of what was.
//!
//! *Invariants*: it writes nothing; memory does not grow with the number of records, pins or determinations.

mod chain;
mod cycles;
mod figures;
mod followed;
mod misfit;
mod published;
mod recorded;
pub(super) mod replayed;
mod texts;

pub use figures::{Figures, HeadFound, Report};
pub use misfit::{Fault, Misfit};

use super::raters::Raters;
use crate::store::ledger::{self, Kind};
use crate::store::{Db, StoreError, Tx};
use misfit::Located;

/// Entries, rows and records that are read at once.
const PAGE: i64 = 4_000;

/// What is carried from entry to entry.
struct Walk<'w> {
    tx: &'w mut Tx,
    raters: Raters,
    threads: usize,
    figures: Figures,
    followed: followed::Followed,
    cycles: cycles::Cycles,
    tell: &'w mut (dyn FnMut(&Figures) + Send),
}

impl Walk<'_> {
    fn tell(&mut self) {
        (self.tell)(&self.figures);
    }
}

/// Checks everything. `heads` are digests that were written down earlier; `tell` hears how far it is.
///
/// # Errors
///
/// The database does not answer. What does not fit is no error: the report says it.
pub async fn verify(
    db: &Db,
    heads: &[[u8; 32]],
    tell: &mut (dyn FnMut(&Figures) + Send),
) -> Result<Report, StoreError> {
    let (report, _) = walked(db, heads, None, tell).await?;
    Ok(report)
}

/// Checks the whole chain, and of the rows those of one rate cycle: its freezes, runs, items, decisions and publication.
/// None where nothing tells of such a cycle.
///
/// # Errors
///
/// As [`verify`].
pub async fn verify_cycle(
    db: &Db,
    cycle: &str,
    heads: &[[u8; 32]],
    tell: &mut (dyn FnMut(&Figures) + Send),
) -> Result<Option<Report>, StoreError> {
    let (report, known) = walked(db, heads, Some(cycle), tell).await?;
    Ok(known.then_some(report))
}

/// The report, and whether what was asked for is known.
async fn walked(
    db: &Db,
    heads: &[[u8; 32]],
    only: Option<&str>,
    tell: &mut (dyn FnMut(&Figures) + Send),
) -> Result<(Report, bool), StoreError> {
    let mut tx = db.snapshot().await?;
    let mut report = Report::new(heads);
    match everything(&mut tx, &mut report, only, tell).await {
        Ok(known) => return Ok((report, known)),
        Err(Fault::Misfit(misfit)) => report.misfit = Some(*misfit),
        Err(Fault::Store(why)) => return Err(why),
    }
    Ok((report, true))
}

async fn everything(
    tx: &mut Tx,
    report: &mut Report,
    only: Option<&str>,
    tell: &mut (dyn FnMut(&Figures) + Send),
) -> Result<bool, Fault> {
    chain::walk(tx, report).await?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut walk = Walk {
        tx,
        raters: Raters::default(),
        threads,
        figures: report.figures,
        followed: followed::Followed::default(),
        cycles: cycles::Cycles::default(),
        tell,
    };
    let done = match only {
        None => rows(&mut walk).await.map(|()| true),
        Some(cycle) => of_cycle(&mut walk, cycle).await,
    };
    report.figures = walk.figures;
    done
}

async fn rows(walk: &mut Walk<'_>) -> Result<(), Fault> {
    walk.tell();
    texts::walk(walk).await?;
    let mut after = 0;
    loop {
        let page = ledger::entries(walk.tx, after, PAGE).await.at("ledger", || format!("after {after}"))?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for entry in &page {
            match Kind::from_name(&entry.kind) {
                Some(Kind::Intake) => recorded::intake(walk, entry).await?,
                Some(Kind::Recorded) => recorded::chunk(walk, entry).await?,
                Some(Kind::Ended) => recorded::ended(walk, entry).await?,
                Some(Kind::Published) => published::batch(walk, entry).await?,
                Some(Kind::Cycle) => cycles::step(walk, entry).await?,
                Some(Kind::Decided) => cycles::decided(walk, entry)?,
                Some(kind) => walk.followed.entry(kind, entry)?,
                None => return Err(chain::unknown_kind(entry)),
            }
        }
        walk.tell();
    }
    recorded::rest(walk).await?;
    cycles::rest(walk).await?;
    published::rest(walk).await?;
    followed::compare(walk).await
}

/// The rows of one cycle; whether there is such a one.
async fn of_cycle(walk: &mut Walk<'_>, cycle: &str) -> Result<bool, Fault> {
    walk.tell();
    let mut after = 0;
    loop {
        let page = ledger::entries(walk.tx, after, PAGE).await.at("ledger", || format!("after {after}"))?;
        let Some(last) = page.last() else { break };
        after = last.seq;
        for entry in &page {
            match Kind::from_name(&entry.kind) {
                Some(Kind::Published) if walk.cycles.walked(&entry.subject).is_some() => {
                    published::batch(walk, entry).await?;
                }
                Some(Kind::Cycle) if entry.subject == cycle => cycles::step(walk, entry).await?,
                Some(Kind::Decided) if entry.subject == cycle => cycles::decided(walk, entry)?,
                _ => {}
            }
        }
        walk.tell();
    }
    cycles::rest_of(walk, cycle).await
}
