//! Runs of cycles in this process: begun by a call, and going on after its answer.

use super::status::Refusal;
use crate::cycle::{self, Options, Progress, Standing};
use crate::determination::Agency;
use crate::problem::Problem;
use crate::store::StoreError;
use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::{Mutex, watch};
use tokio::time::{Instant, timeout_at};
use tonic::Status;

/// The runs of a server. Clones tell the same.
#[derive(Clone, Debug)]
pub struct Runs(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    /// Every run stops after the chunk that it is at.
    stop: Arc<AtomicBool>,
    /// How far each cycle's run is. A receiver whose sender is gone is that of a run that has ended.
    going: watch::Sender<BTreeMap<String, watch::Receiver<Progress>>>,
    /// One run is begun at a time, so that nobody meets one that holds its lease and is not among them yet.
    beginning: Mutex<()>,
}

impl Default for Runs {
    fn default() -> Self {
        let going = watch::Sender::new(BTreeMap::new());
        Self(Arc::new(Inner { stop: Arc::default(), going, beginning: Mutex::default() }))
    }
}

impl Runs {
    /// How far the run of a cycle is; None where it is not run here.
    #[must_use]
    pub fn progress(&self, id: &str) -> Option<watch::Receiver<Progress>> {
        self.0.going.borrow().get(id).cloned()
    }

    /// Begins the run of a cycle; the cycle, being run. One that is run here already goes on.
    ///
    /// # Errors
    ///
    /// It is run elsewhere, it is in another state, or the database fails.
    pub async fn begin(&self, agency: &Agency, id: &str, signature: &str) -> Result<Standing, Problem> {
        let (runs, agency, id, signature) =
            (self.clone(), agency.clone(), id.to_owned(), signature.to_owned());
        // A task of its own: a caller that leaves must not leave a lease behind that nobody runs under.
        let begun = tokio::spawn(async move { runs.begun(agency, id, signature).await }).await;
        begun.map_err(|why| StoreError::broken(format!("a run: {why}")))?
    }

    async fn begun(&self, agency: Agency, id: String, signature: String) -> Result<Standing, Problem> {
        let _one = self.0.beginning.lock().await;
        if self.progress(&id).is_some() {
            return cycle::get(&agency.db, &id).await;
        }
        // One processor is left to calls: whoever asks for a rate does not wait for the rating of a city.
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get).saturating_sub(1).max(1);
        let options = Options { threads, stop: Arc::clone(&self.0.stop), ..Options::default() };
        let runner = match cycle::begin(&agency, &id, &signature, &options).await {
            // Another server was faster by a hair.
            Err(Problem::Store(StoreError::Conflict)) => {
                cycle::begin(&agency, &id, &signature, &options).await?
            }
            begun => begun?,
        };
        let standing = runner.standing().clone();
        let (tell, told) = watch::channel(Progress::default());
        self.0.going.send_modify(|going| drop(going.insert(id.clone(), told)));
        let going = Going { runs: self.clone(), id: id.clone() };
        tokio::spawn(async move {
            // First of all: whatever becomes of the run, it is no longer among them.
            let _going = going;
            tracing::info!(cycle = %id, threads, "run begun");
            match runner
                .finish(&mut |progress| {
                    let _ = tell.send_replace(progress);
                })
                .await
            {
                Ok(_) => tracing::info!(cycle = %id, "run ended: rated"),
                Err(why) => {
                    // What is wrong inside is logged where the refusal is made.
                    let why = Status::from(Refusal::from(why));
                    tracing::warn!(cycle = %id, why = why.message(), "run ended");
                }
            }
        });
        Ok(standing)
    }

    /// Tells every run, also those that are begun from now on, to stop after its chunk.
    pub fn stop(&self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }

    /// Waits until no run is left, but not beyond a deadline; how many are left.
    pub async fn ended(&self, deadline: Instant) -> usize {
        let mut going = self.0.going.subscribe();
        // The sender lives as long as this does.
        let _ = timeout_at(deadline, going.wait_for(BTreeMap::is_empty)).await;
        going.borrow().len()
    }
}

/// A run that is among those of its server until this is dropped.
#[derive(Debug)]
struct Going {
    runs: Runs,
    id: String,
}

impl Drop for Going {
    fn drop(&mut self) {
        self.runs.0.going.send_modify(|going| drop(going.remove(&self.id)));
    }
}
