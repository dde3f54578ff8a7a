//! A run: every employer that a freeze holds fast is rated, chunk by chunk, on all processors. A chunk's results and how
//! far the run is are one transaction, so a run that was killed goes on where it stopped; its lease fences off a second.

use super::CHUNK;
use super::kept::{Counts, Rated, Signed, Standing, State, get, lock, step};
use super::rating::{Bench, Outcome};
use super::tally::Tally;
use crate::determination::Agency;
use crate::problem::Problem;
use crate::store::ledger::{Ledger, text};
use crate::store::tables::cycles;
use crate::store::tables::determinations::{self, Kept, digest_of};
use crate::store::tables::runs::{self, Item, RunChunk};
use crate::store::{Instant, StoreError, new_id, to_json};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::task::JoinHandle;

/// So long nobody else takes over a run that says nothing. Every chunk begins it anew.
pub const LEASE: Duration = Duration::from_secs(10);

/// How a run is done.
#[derive(Clone, Debug)]
pub struct Options {
    /// Chunks that are rated at once.
    pub threads: usize,
    /// See [`LEASE`].
    pub lease: Duration,
    /// Set, the run stops after the chunk that it is at, and can be gone on with.
    pub stop: Arc<AtomicBool>,
}

impl Default for Options {
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self { threads, lease: LEASE, stop: Arc::default() }
    }
}

/// How far a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Employers that are done.
    pub done: i64,
    /// Employers in all.
    pub of: i64,
}

/// A run that holds the lease. One that is dropped without [`finish`](Self::finish) holds it until it ends by itself.
#[derive(Debug)]
pub struct Runner {
    agency: Agency,
    options: Options,
    signature: String,
    standing: Standing,
    bench: Arc<Bench>,
    token: i64,
    of: i64,
}

/// Chunks that are being rated, in their order.
type Ahead = VecDeque<JoinHandle<Result<Vec<Outcome>, Problem>>>;

/// Rates every employer of a frozen cycle. A run that was broken off goes on; `tell` hears of every chunk.
///
/// # Errors
///
/// Those of [`begin`] and [`Runner::finish`].
pub async fn run(
    agency: &Agency,
    id: &str,
    signature: &str,
    options: &Options,
    tell: &mut (dyn FnMut(Progress) + Send),
) -> Result<Standing, Problem> {
    begin(agency, id, signature, options).await?.finish(tell).await
}

/// Takes the lease of a frozen cycle: from here on nobody else runs it.
///
/// # Errors
///
/// Somebody else runs it, it is in another state, its plan cannot be had, or the database fails.
pub async fn begin(agency: &Agency, id: &str, signature: &str, options: &Options) -> Result<Runner, Problem> {
    let standing = take(agency, id, signature, options).await?;
    let bench = match ready(agency, &standing).await {
        Ok(bench) => Arc::new(bench),
        Err(why) => {
            release(agency, id, standing.token).await;
            return Err(why);
        }
    };
    let of = bench.cycle.freeze()?.employers;
    let (agency, options, signature) = (agency.clone(), options.clone(), signature.to_owned());
    Ok(Runner { agency, options, signature, token: standing.token, standing, bench, of })
}

async fn ready(agency: &Agency, standing: &Standing) -> Result<Bench, Problem> {
    Ok(Bench::of(agency, standing).await?.with_supplied(&agency.db).await?)
}

/// Takes the lease, and gives a run that begins its batch.
async fn take(agency: &Agency, id: &str, signature: &str, options: &Options) -> Result<Standing, Problem> {
    let mut tx = agency.db.begin().await?;
    let mut standing = lock(&mut tx, id, "").await?;
    standing.cycle.needs(State::Frozen)?;
    if standing.running.now() {
        return Err(taken(&standing));
    }
    if standing.running.batch.is_empty() {
        standing.running.batch = new_id('b');
    }
    let (kept, until) = (standing.kept()?, until(options.lease));
    standing.token = cycles::take(&mut tx, &kept, signature, until, &kept.batch).await?;
    tx.commit().await?;
    (standing.running.runner, standing.running.expires_us) = (signature.to_owned(), until.0);
    Ok(standing)
}

/// Gives the lease back, so that the next one can begin at once. If this fails, the lease ends by itself.
async fn release(agency: &Agency, id: &str, token: i64) {
    if let Ok(mut tx) = agency.db.begin().await
        && cycles::release(&mut tx, id, token).await.is_ok()
    {
        let _ = tx.commit().await;
    }
}

fn until(lease: Duration) -> Instant {
    let now = Instant::now().0;
    Instant(now.saturating_add(i64::try_from(lease.as_micros()).unwrap_or(i64::MAX)))
}

fn taken(standing: &Standing) -> Problem {
    let (id, runner) = (standing.cycle.id.clone(), standing.running.runner.clone());
    Problem::Running(id, runner, Instant(standing.running.expires_us).rfc3339())
}

impl Runner {
    /// The cycle as it stood when the lease was taken.
    #[must_use]
    pub const fn standing(&self) -> &Standing {
        &self.standing
    }

    /// Rates every employer that is not done; `tell` hears of every chunk.
    ///
    /// # Errors
    ///
    /// Somebody else has taken the run over or given the cycle up, the run was stopped, or the database fails. What was
    /// done stays done, and the lease is given back.
    pub async fn finish(self, tell: &mut (dyn FnMut(Progress) + Send)) -> Result<Standing, Problem> {
        let mut ahead = Ahead::new();
        let done = self.chunks(&mut ahead, tell).await;
        // What is rated for a run that has ended is for nothing.
        ahead.iter().for_each(JoinHandle::abort);
        let ended = match done {
            Ok(()) => self.end().await,
            Err(why) => Err(why),
        };
        if ended.is_err() {
            release(&self.agency, &self.bench.cycle.id, self.token).await;
        }
        ended
    }

    fn batch(&self) -> &str {
        &self.standing.running.batch
    }

    async fn chunks(
        &self,
        ahead: &mut Ahead,
        tell: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<(), Problem> {
        let mut last = runs::last_chunk(&self.agency.db, self.batch()).await?;
        let mut next = last.as_ref().map_or(0, |chunk| chunk.last_pin);
        tell(Progress { done: next, of: self.of });
        self.fill(ahead, &mut next);
        while let Some(first) = ahead.pop_front() {
            let outcomes = first.await.map_err(|why| StoreError::broken(format!("a chunk: {why}")))??;
            if self.options.stop.load(Ordering::Relaxed) {
                return Err(Problem::Stopped(self.bench.cycle.id.clone()));
            }
            // The next one is rated while this one is kept.
            self.fill(ahead, &mut next);
            let chunk = self.keep(outcomes, last.as_ref()).await?;
            tell(Progress { done: chunk.last_pin, of: self.of });
            last = Some(chunk);
        }
        Ok(())
    }

    /// Begins to rate as many chunks as are rated at once.
    fn fill(&self, ahead: &mut Ahead, next: &mut i64) {
        while ahead.len() < self.options.threads.max(1) && *next < self.of {
            let to = (*next + CHUNK).min(self.of);
            ahead.push_back(self.rate((*next, to)));
            *next = to;
        }
    }

    /// Reads and rates a chunk, beside all others.
    fn rate(&self, range: (i64, i64)) -> JoinHandle<Result<Vec<Outcome>, Problem>> {
        let (db, bench) = (self.agency.db.clone(), Arc::clone(&self.bench));
        tokio::spawn(async move {
            let pinned = bench.pinned(&db, range).await?;
            if i64::try_from(pinned.len()) != Ok(range.1 - range.0) {
                let (found, of) = (pinned.len(), range.1 - range.0);
                return Err(StoreError::broken(format!("{found} of {of} pins after {}", range.0)).into());
            }
            let before = bench.before(&db, &pinned).await?;
            let rated = tokio::task::spawn_blocking(move || bench.rate(pinned, &before, None)).await;
            rated.map_err(|why| StoreError::broken(format!("a chunk: {why}")))?
        })
    }

    /// Keeps a chunk and how far the run is, if the lease is still ours.
    async fn keep(&self, outcomes: Vec<Outcome>, last: Option<&RunChunk>) -> Result<RunChunk, Problem> {
        let mut tally = Tally::default();
        let digests: Vec<[u8; 32]> =
            outcomes.iter().map(|o| *blake3::hash(o.row.result_digest.as_bytes()).as_bytes()).collect();
        let (mut rows, mut items): (Vec<Kept>, Vec<Item>) = Default::default();
        let first = last.map_or(1, |chunk| chunk.last_ordinal + 1);
        let last_pin = outcomes.last().map_or(0, |o| o.pin.ordinal);
        for outcome in outcomes {
            if outcome.row.status == "review" {
                items.push(item(outcome)?);
            } else {
                tally.line(&outcome.line);
                let place = first + i64::try_from(rows.len()).unwrap_or(0);
                rows.push(self.bench.determination(place, &outcome)?);
            }
        }
        let mut chunk = RunChunk {
            number: last.map_or(1, |chunk| chunk.number + 1),
            last_pin,
            last_ordinal: first - 1 + i64::try_from(rows.len()).unwrap_or(0),
            last_chunk: last.map_or(0, |chunk| chunk.last_chunk),
            digest: digest_of(runs::RESULTS_CHUNK_DIGEST, digests.iter()),
            items: runs::items_digest(self.batch(), &items),
            tally: to_json(&tally)?,
        };
        let mut tx = self.agency.db.begin().await?;
        let id = &self.bench.cycle.id;
        // First of all, and it locks the cycle's row: whoever has lost the lease writes nothing.
        if !cycles::advance(&mut tx, id, self.token, last_pin, until(self.options.lease)).await? {
            drop(tx);
            let standing = get(&self.agency.db, id).await?;
            standing.cycle.needs(State::Frozen)?;
            return Err(taken(&standing));
        }
        if !rows.is_empty() {
            chunk.last_chunk += 1;
            determinations::add_chunk(&mut tx, self.batch(), chunk.last_chunk, &rows).await?;
        }
        runs::add_items(&mut tx, self.batch(), &items).await?;
        runs::add_chunk(&mut tx, self.batch(), &chunk).await?;
        tx.commit().await?;
        Ok(chunk)
    }

    /// Every employer is rated: the cycle goes on.
    async fn end(&self) -> Result<Standing, Problem> {
        let mut tx = self.agency.db.begin().await?;
        let mut standing = lock(&mut tx, &self.bench.cycle.id, "").await?;
        standing.cycle.needs(State::Frozen)?;
        if standing.token != self.token {
            return Err(taken(&standing));
        }
        let chunks = runs::chunks(&mut tx, self.batch()).await?;
        let mut counts = Counts { employers: self.of, ..Counts::default() };
        for chunk in &chunks {
            let tally: Tally = super::report::read_tally(chunk)?;
            counts.kept += tally.kept;
            counts.rated += tally.employers() - tally.kept;
        }
        counts.review = counts.employers - counts.kept - counts.rated;
        let digest = digest_of(runs::RESULTS_DIGEST, chunks.iter().map(|chunk| &chunk.digest));
        let rows: Vec<[u8; 32]> = chunks.iter().map(|chunk| chunk.row_digest(self.batch())).collect();
        let kept = digest_of(runs::RUN_DIGEST, rows.iter());
        let mut ledger = Ledger::lock(&mut tx).await?;
        standing.cycle.state = State::Rated;
        standing.cycle.rated = Some(Rated {
            signed: Signed::new(&self.signature, ledger.at()),
            batch: self.batch().to_owned(),
            results_digest: text(&digest),
            kept_digest: text(&kept),
            counts,
        });
        step(&mut ledger, &mut standing, &self.signature, None).await?;
        tx.commit().await?;
        Ok(standing)
    }
}

fn item(outcome: Outcome) -> Result<Item, StoreError> {
    Ok(Item {
        ordinal: outcome.pin.ordinal,
        employer_id: outcome.pin.employer_id,
        record_version: outcome.pin.version,
        record_digest: outcome.pin.digest,
        region: outcome.region,
        result: to_json(&outcome.row)?,
        detail: to_json(&outcome.detail)?,
    })
}
