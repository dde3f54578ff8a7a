//! Whether everything that is kept fits: the chain, every row that it covers, and every result, rated again bit for bit.
//!
//! ```text
//!  ledger: numbers, digests, head ──> plan texts ──> entry by entry, in order ─────────> what follows from entries
//!                                                      intake    its row                  objections, consumers, refusals
//!                                                      recorded  its chunk of records     newest records
//!                                                      ended     its rejects              rows that no entry accounts for
//!                                                      published chunks, rows, replayed   batches that nobody sees
//! ```
//!
//! It reads one state of the database and stops at the first row that does not fit. The table `request` is outside: it
//! says what a call that is sent again is answered, is no ground of any result, and what its calls made is covered.
//!
//! *Invariants*: it writes nothing; memory does not grow with the number of records or determinations.

mod chain;
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
    let mut tx = db.snapshot().await?;
    let mut report = Report::new(heads);
    match everything(&mut tx, &mut report, tell).await {
        Ok(()) => {}
        Err(Fault::Misfit(misfit)) => report.misfit = Some(*misfit),
        Err(Fault::Store(why)) => return Err(why),
    }
    Ok(report)
}

async fn everything(
    tx: &mut Tx,
    report: &mut Report,
    tell: &mut (dyn FnMut(&Figures) + Send),
) -> Result<(), Fault> {
    chain::walk(tx, report).await?;
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let mut walk = Walk {
        tx,
        raters: Raters::default(),
        threads,
        figures: report.figures,
        followed: followed::Followed::default(),
        tell,
    };
    let done = rows(&mut walk).await;
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
                Some(kind) => walk.followed.entry(kind, entry)?,
                None => return Err(chain::unknown_kind(entry)),
            }
        }
        walk.tell();
    }
    recorded::rest(walk).await?;
    published::rest(walk).await?;
    followed::compare(walk).await
}
