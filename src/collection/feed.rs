//! The state in memory, kept up with the database, for any number of readers.

use super::change::Change;
use super::state::{Answer, Incoming, State};
use crate::store::tables::determinations::{self, Publication};
use crate::store::{Db, Instant, StoreError};
use floatrate_engine::record::Date;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::{Mutex, watch};

/// How often the database is asked for what other processes have published.
pub const LOOK_EVERY: Duration = Duration::from_millis(250);
/// Publications that are asked for at once.
const PUBLICATIONS: i64 = 500;
/// Rows that are read at once, and taken in under one lock: so long does a look-up wait at most.
const ROWS: i64 = 5_000;

/// What was published. Clones share it.
#[derive(Clone, Debug)]
pub struct Feed {
    db: Db,
    state: Arc<RwLock<State>>,
    /// One catches up at a time; it holds how far.
    catching_up: Arc<Mutex<()>>,
    /// The newest position that readers see: a publication's rows come in piece by piece, and are seen all at once.
    visible: watch::Sender<i64>,
}

impl Feed {
    /// A feed of everything that is published now.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn open(db: Db) -> Result<Self, StoreError> {
        let feed =
            Self { db, state: Arc::default(), catching_up: Arc::default(), visible: watch::channel(0).0 };
        feed.catch_up().await?;
        Ok(feed)
    }

    /// Takes in what was published since. When it returns, what was published before it was called is seen.
    ///
    /// # Errors
    ///
    /// Those of the database; what was taken in before stays.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let _one = self.catching_up.lock().await;
        loop {
            let after = self.read(State::newest);
            // What was cut off in the middle goes on where it stopped.
            let visible = *self.visible.borrow();
            let publications = determinations::publications(&self.db, visible, PUBLICATIONS).await?;
            if publications.is_empty() {
                return Ok(());
            }
            for publication in &publications {
                self.take_in(publication, after).await?;
            }
        }
    }

    async fn take_in(&self, publication: &Publication, newest: i64) -> Result<(), StoreError> {
        let mut ordinal = (newest - publication.first_position + 1).max(0);
        while ordinal < publication.size {
            let rows = determinations::terms(&self.db, &publication.batch, ordinal, ROWS).await?;
            let Some(last) = rows.last() else {
                return Err(StoreError::broken(format!("batch {} is incomplete", publication.batch)));
            };
            let next = last.ordinal;
            let rows = rows.into_iter().map(Incoming::of).collect::<Result<Vec<_>, _>>()?;
            self.state.write().unwrap_or_else(PoisonError::into_inner).add(publication, rows)?;
            ordinal = next;
        }
        self.visible.send_replace(publication.first_position + publication.size - 1);
        Ok(())
    }

    /// Keeps up with other processes, for ever. A database that does not answer is asked again.
    pub async fn follow(self) {
        let mut told = false;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            match self.catch_up().await {
                Ok(()) => told = false,
                Err(why) if !told => {
                    tracing::error!(%why, "the change feed cannot keep up");
                    told = true;
                }
                Err(_) => {}
            }
        }
    }

    fn read<T>(&self, of: impl FnOnce(&State) -> T) -> T {
        of(&self.state.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Position of the newest change; 0 for none.
    #[must_use]
    pub fn newest(&self) -> i64 {
        *self.visible.borrow()
    }

    /// What holds for an employer on a day, as was known at an instant; as is known now for None.
    #[must_use]
    pub fn rate(&self, employer_id: &str, day: Date, known_at: Option<Instant>) -> Answer {
        let newest = self.newest();
        self.read(|state| state.rate(employer_id, day, known_at, newest))
    }

    /// Changes after a position, so many at most.
    #[must_use]
    pub fn after(&self, position: i64, most: usize) -> Vec<Change> {
        let ready = usize::try_from(self.newest().saturating_sub(position.max(0))).unwrap_or(0);
        self.read(|state| state.after(position, most.min(ready)))
    }

    /// The change at a position.
    #[must_use]
    pub fn change_at(&self, position: i64) -> Option<Change> {
        if position > self.newest() { None } else { self.read(|state| state.change_at(position)) }
    }

    /// The change of a determination.
    #[must_use]
    pub fn change_of(&self, id: &str) -> Option<Change> {
        self.change_at(self.read(|state| state.position_of(id)))
    }

    /// Tells of every newer position.
    #[must_use]
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.visible.subscribe()
    }

    /// The database behind it.
    #[must_use]
    pub const fn db(&self) -> &Db {
        &self.db
    }
}
