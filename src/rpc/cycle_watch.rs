//! Watching a cycle: each message is the cycle as it stands, so a slow reader misses steps between and nothing else.

use super::Door;
use super::drain::{Draining, RETRY_AFTER};
use super::runs::Runs;
use super::status::Refusal;
use super::wire;
use crate::cycle;
use floatrate_proto::floatrate::v1;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tonic::Status;

/// How often the cycle's row is looked at: runs of other processes tell by it alone, and so do steps.
const LOOK: Duration = Duration::from_millis(500);

/// Who watches what.
#[derive(Debug)]
pub(super) struct Watching {
    pub door: Arc<Door>,
    pub runs: Runs,
    pub draining: Draining,
    pub id: String,
}

impl Watching {
    /// Tells of the cycle now and of every change, until it has told that nobody runs it.
    pub async fn tell(
        self,
        answers: &mpsc::Sender<Result<v1::WatchCycleResponse, Status>>,
    ) -> Result<(), Status> {
        let mut told: Option<v1::Cycle> = None;
        loop {
            // Room first: what is read is sent, not held.
            let Ok(room) = answers.reserve().await else { return Ok(()) };
            // Before the row is read: what happens after that is seen.
            let mut here = self.runs.progress(&self.id);
            if let Some(here) = &mut here {
                here.mark_unchanged();
            }
            let standing = cycle::get(&self.door.agency.db, &self.id).await.map_err(Refusal::from)?;
            let is_run = here.is_some() || standing.running.now();
            let cycle = wire::cycle(standing);
            if told.as_ref() != Some(&cycle) {
                room.send(Ok(v1::WatchCycleResponse { cycle: Some(cycle.clone()) }));
                told = Some(cycle);
            }
            if !is_run {
                return Ok(());
            }
            let changed = async {
                match &mut here {
                    // An error is the run's end, which is a change too.
                    Some(here) => drop(here.changed().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = answers.closed() => return Ok(()),
                // A run of this process stops by itself, and its last word is waited for.
                () = self.draining.begun(), if self.runs.progress(&self.id).is_none() => {
                    return Err(Refusal::draining(RETRY_AFTER).into());
                }
                () = changed => {}
                () = tokio::time::sleep(LOOK) => {}
            }
        }
    }
}
