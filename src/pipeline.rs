//! A bounded parallel pipeline that keeps order.
//!
//! ```text
//!           ┌─jobs──> worker ─┐ reply
//!  source ──┤         worker ─┤
//!           └─replies in order┴──> sink
//! ```
//!
//! Every item travels with the sending end of a channel of its own, whose receiving end waits in a bounded queue in
//! the order of the source. The sink takes the queue's head and waits for its answer, so order needs no sorting, and
//! the queue's bound is the bound of what is in flight. Whoever fails drops its end of a channel, which stops the
//! others one by one; nobody waits for a thread that is gone.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

/// Items in flight for each worker.
const AHEAD: usize = 2;

/// Runs `work` over the items of `source` on `threads` threads and hands the results to `sink` in the order of the
/// source. Items should be chunks, large enough that a channel's cost does not matter.
///
/// At most two items a thread and a few at the ends are in flight. With one thread everything runs on the
/// caller's.
///
/// # Errors
/// The first of `source` or `sink`. The results of the items before an error of the source reach the sink first.
///
/// # Panics
/// With the message of a panic in `source`, `work` or `sink`.
pub fn ordered<I: Send, O: Send, E: Send>(
    threads: usize,
    source: impl Iterator<Item = Result<I, E>> + Send,
    work: impl Fn(I) -> O + Sync,
    mut sink: impl FnMut(O) -> Result<(), E>,
) -> Result<(), E> {
    if threads <= 1 {
        return source.map(|item| item.map(&work)).try_for_each(|result| sink(result?));
    }
    let work = &work;
    thread::scope(|scope| {
        let (jobs, job_queue) = sync_channel::<(I, SyncSender<O>)>(threads);
        let (replies, reply_queue) = sync_channel::<Result<Receiver<O>, E>>(threads * AHEAD);
        // Only workers own the queue of jobs: when the last of them is gone, the source cannot wait for it.
        let job_queue = Arc::new(Mutex::new(job_queue));
        let mut handles: Vec<_> = (0..threads)
            .map(|_| {
                let job_queue = Arc::clone(&job_queue);
                scope.spawn(move || {
                    while let Some((item, reply)) = next(&job_queue) {
                        // The sink may be gone; then the next job will not come.
                        let _ = reply.send(work(item));
                    }
                })
            })
            .collect();
        drop(job_queue);
        handles.push(scope.spawn(move || {
            for item in source {
                let sent = match item {
                    Ok(item) => {
                        let (reply, answer) = sync_channel(1);
                        replies.send(Ok(answer)).is_ok() && jobs.send((item, reply)).is_ok()
                    }
                    Err(error) => {
                        let _ = replies.send(Err(error));
                        false
                    }
                };
                if !sent {
                    break;
                }
            }
        }));
        let mut drain = || {
            for reply in &reply_queue {
                // An answer that never comes means that its worker panicked, which shows when it is joined.
                let Ok(answer) = reply?.recv() else { break };
                sink(answer)?;
            }
            Ok(())
        };
        let result = drain();
        drop(reply_queue);
        for handle in handles {
            if let Err(panic) = handle.join() {
                resume_unwind(panic);
            }
        }
        result
    })
}

fn next<T>(queue: &Mutex<Receiver<T>>) -> Option<T> {
    // The lock covers the wait only, so a panic in `work` cannot poison it.
    queue.lock().unwrap_or_else(PoisonError::into_inner).recv().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    const THREADS: [usize; 4] = [0, 1, 2, 7];

    fn run(
        threads: usize,
        count: u64,
        work: impl Fn(u64) -> u64 + Sync,
        stop_at: Option<u64>,
    ) -> (Vec<u64>, Result<(), String>) {
        let mut out = Vec::new();
        let result = ordered(threads, (0..count).map(Ok), work, |item| {
            if stop_at == Some(item) {
                return Err(format!("sink {item}"));
            }
            out.push(item);
            Ok(())
        });
        (out, result)
    }

    #[test]
    fn order_is_kept() {
        for threads in THREADS {
            // Early items take longest.
            let slow = |item| {
                if item % 8 == 0 {
                    thread::sleep(Duration::from_millis(2));
                }
                item * 3
            };
            let (out, result) = run(threads, 300, slow, None);
            assert_eq!(result, Ok(()));
            assert!(out.iter().copied().eq((0..300).map(|n| n * 3)), "{threads} threads");
            assert_eq!(run(threads, 0, slow, None), (vec![], Ok(())));
        }
    }

    #[test]
    fn errors_stop_everything() {
        for threads in THREADS {
            let (out, result) = run(threads, u64::MAX, |n| n, Some(50));
            assert_eq!((out.len(), result), (50, Err("sink 50".to_string())));

            let source = (0..).map(|n| if n < 50 { Ok(n) } else { Err("source") });
            let mut out = Vec::new();
            let result = ordered(
                threads,
                source,
                |n| n,
                |n| {
                    out.push(n);
                    Ok(())
                },
            );
            assert_eq!((out.len(), result), (50, Err("source")));
        }
    }

    fn panic_text(run: impl FnOnce()) -> String {
        let panic = catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        panic.downcast_ref::<&str>().map(ToString::to_string).or(panic.downcast_ref().cloned()).unwrap()
    }

    #[test]
    fn panics_keep_their_message() {
        for threads in THREADS {
            let text = panic_text(|| {
                drop(run(threads, u64::MAX, |n| if n == 9 { panic!("at {n}") } else { n }, None))
            });
            assert_eq!(text, "at 9");
            // Every worker panics.
            let text = panic_text(|| drop(run(threads, u64::MAX, |_| panic!("all"), None)));
            assert_eq!(text, "all");
            let source = (0..u64::MAX).map(|n| if n == 9 { panic!("source") } else { Ok::<_, String>(n) });
            let text = panic_text(|| drop(ordered(threads, source, |n| n, |_| Ok(()))));
            assert_eq!(text, "source");
            let source = (0..u64::MAX).map(Ok::<_, String>);
            assert_eq!(panic_text(|| drop(ordered(threads, source, |n| n, |_| panic!("sink")))), "sink");
        }
    }

    #[test]
    fn little_is_in_flight() {
        let (made, threads) = (AtomicUsize::new(0), 3);
        let source = (0..500).map(|n| {
            made.fetch_add(1, Ordering::SeqCst);
            Ok::<_, ()>(n)
        });
        let mut taken = 0;
        let sink = |_| {
            thread::sleep(Duration::from_micros(200));
            taken += 1;
            // The queue, one in the sink's hand and one in the source's.
            assert!(made.load(Ordering::SeqCst) <= taken + threads * AHEAD + 2);
            Ok(())
        };
        assert_eq!(ordered(threads, source, |n| n, sink), Ok(()));
    }
}
