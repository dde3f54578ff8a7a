//! A bounded pool for CPU work beside the async threads.
//!
//! Async threads only move bytes; rating runs here. A permit stands for one piece of work, from being taken in until it
//! has really ended, so that the number of permits bounds memory and the wait of everybody. When the caller goes away
//! (cancelled, or past its deadline) its work is told to stop and gives its permit back at the next look.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};

type Job = Box<dyn FnOnce() + Send>;

/// The pool. Its threads end when it is dropped and their work is done.
#[derive(Debug)]
pub struct Pool {
    jobs: Sender<Job>,
    permits: Arc<Semaphore>,
    size: usize,
}

/// Tells work that nobody waits for it any more.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    /// Whether to stop.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Sets [`Stop`] when the caller's future is dropped.
struct StopWhenGone(Stop);

impl Drop for StopWhenGone {
    fn drop(&mut self) {
        self.0.0.store(true, Ordering::Relaxed);
    }
}

/// Why work gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolError {
    /// All permits are taken.
    Overloaded,
    /// The work panicked; the message went to the log.
    Broken,
}

impl Pool {
    /// A pool of so many threads that takes in so many pieces of work at once.
    ///
    /// # Errors
    ///
    /// The system gives no threads.
    pub fn new(threads: usize, in_flight: usize) -> std::io::Result<Self> {
        let (jobs, queue) = channel::<Job>();
        let queue = Arc::new(Mutex::new(queue));
        for number in 0..threads.max(1) {
            let queue = Arc::clone(&queue);
            thread::Builder::new().name(format!("rating-{number}")).spawn(move || work_off(&queue))?;
        }
        Ok(Self { jobs, permits: Arc::new(Semaphore::new(in_flight.max(1))), size: in_flight.max(1) })
    }

    /// Pieces of work that have not ended.
    #[must_use]
    pub fn in_flight(&self) -> usize {
        self.size - self.permits.available_permits()
    }

    /// Runs work if there is room now.
    ///
    /// # Errors
    ///
    /// No room, or the work panicked.
    pub async fn try_run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Stop) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let permit = Arc::clone(&self.permits).try_acquire_owned().map_err(|_| PoolError::Overloaded)?;
        self.run_with(permit, work).await
    }

    /// Runs work when there is room: for streams, whose sender then waits too.
    ///
    /// # Errors
    ///
    /// The work panicked.
    pub async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Stop) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| PoolError::Overloaded)?;
        self.run_with(permit, work).await
    }

    async fn run_with<T: Send + 'static>(
        &self,
        permit: OwnedSemaphorePermit,
        work: impl FnOnce(&Stop) -> T + Send + 'static,
    ) -> Result<T, PoolError> {
        let stop = Stop::default();
        let gone = StopWhenGone(stop.clone());
        let (answer, waiting) = oneshot::channel();
        let job = Box::new(move || {
            // A caller that left while its work was queued costs nothing.
            if !stop.is_set() {
                let done = catch_unwind(AssertUnwindSafe(|| work(&stop)));
                let _ = answer.send(done.map_err(|_| PoolError::Broken));
            }
            drop(permit);
        });
        if self.jobs.send(job).is_err() {
            return Err(PoolError::Broken);
        }
        let answer = waiting.await.unwrap_or(Err(PoolError::Broken));
        drop(gone);
        answer
    }
}

fn work_off(queue: &Mutex<Receiver<Job>>) {
    loop {
        let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        match job {
            Ok(job) => job(),
            Err(_) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn a_full_pool_refuses_and_recovers() {
        let pool = Arc::new(Pool::new(1, 2).unwrap());
        let (open, gate) = channel::<()>();
        let busy = {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.try_run(move |_| gate.recv().is_ok()).await })
        };
        let queued = {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move { pool.try_run(|_| 2).await })
        };
        while pool.in_flight() < 2 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.try_run(|_| 3).await, Err(PoolError::Overloaded));
        open.send(()).unwrap();
        assert_eq!(busy.await.unwrap(), Ok(true));
        assert_eq!(queued.await.unwrap(), Ok(2));
        while pool.in_flight() > 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(pool.try_run(|_| 3).await, Ok(3));
    }

    #[tokio::test]
    async fn work_stops_when_its_caller_is_gone() {
        let pool = Arc::new(Pool::new(1, 1).unwrap());
        let (started, running) = channel();
        let call = {
            let pool = Arc::clone(&pool);
            tokio::spawn(async move {
                pool.run(move |stop| {
                    started.send(()).unwrap();
                    while !stop.is_set() {
                        thread::sleep(Duration::from_millis(1));
                    }
                })
                .await
            })
        };
        tokio::task::spawn_blocking(move || running.recv().unwrap()).await.unwrap();
        assert_eq!(pool.in_flight(), 1);
        call.abort();
        while pool.in_flight() > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    #[tokio::test]
    async fn a_panic_is_an_error_and_the_pool_lives_on() {
        let pool = Pool::new(1, 1).unwrap();
        let broken = pool.run(|_| -> u8 { panic!("for the test") }).await;
        assert_eq!(broken, Err(PoolError::Broken));
        assert_eq!(pool.run(|_| 1).await, Ok(1));
    }
}
