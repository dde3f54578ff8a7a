//! The way down: what calls are told that come while the server drains, and how long it waits for the others.

use super::metrics::Metrics;
use super::status::Refusal;
use crate::config::Limits;
use http::{Request, Response};
use std::future::{Future, Ready, ready};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until};
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};

/// When to come back to a server that is going down: by then another one stands in its place.
pub(super) const RETRY_AFTER: Duration = Duration::from_secs(1);

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every call had ended.
    Drained,
    /// The deadline came first; so many calls, and runs of cycles, were cut off.
    CutOff(i64),
}

impl Ended {
    /// The end of calls and of runs, of which so many are left.
    pub(super) fn and(self, runs: usize) -> Self {
        let runs = i64::try_from(runs).unwrap_or(i64::MAX);
        match self {
            Self::Drained if runs == 0 => Self::Drained,
            Self::Drained => Self::CutOff(runs),
            Self::CutOff(calls) => Self::CutOff(calls.saturating_add(runs)),
        }
    }
}

/// Whether the server is on its way down. Clones tell the same.
#[derive(Clone, Debug, Default)]
pub struct Draining(Arc<watch::Sender<bool>>);

impl Draining {
    /// The way down has begun.
    pub fn begin(&self) {
        self.0.send_replace(true);
    }

    /// Whether it has.
    #[must_use]
    pub fn is_set(&self) -> bool {
        *self.0.borrow()
    }

    /// Ready when it has.
    pub async fn begun(&self) {
        // The sender lives as long as this does.
        let _ = self.0.subscribe().wait_for(|begun| *begun).await;
    }
}

/// Makes services that take no new calls on the way down. Health and reflection go on: who asks has to be told.
#[derive(Clone, Debug)]
pub struct DrainLayer(Draining);

impl DrainLayer {
    /// A layer that looks at `draining`.
    #[must_use]
    pub const fn new(draining: Draining) -> Self {
        Self(draining)
    }
}

impl<S> Layer<S> for DrainLayer {
    type Service = Drain<S>;

    fn layer(&self, inner: S) -> Drain<S> {
        Drain { inner, draining: self.0.clone() }
    }
}

/// A service that takes no new calls on the way down.
#[derive(Clone, Debug)]
pub struct Drain<S> {
    inner: S,
    draining: Draining,
}

impl<S> Service<Request<Body>> for Drain<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = OrRefused<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        if self.draining.is_set() && !request.uri().path().starts_with("/grpc.") {
            return OrRefused::refused(Refusal::draining(RETRY_AFTER));
        }
        OrRefused::Called(Box::pin(self.inner.call(request)))
    }
}

/// The answer of a service, or a refusal by a layer before it.
#[derive(Debug)]
pub enum OrRefused<F, E> {
    /// The service was called.
    Called(Pin<Box<F>>),
    /// It was not.
    Refused(Ready<Result<Response<Body>, E>>),
}

impl<F, E> OrRefused<F, E> {
    /// A refusal.
    pub(super) fn refused(why: Refusal) -> Self {
        Self::Refused(ready(Ok(Status::from(why).into_http())))
    }
}

impl<F: Future<Output = Result<Response<Body>, E>>, E> Future for OrRefused<F, E> {
    type Output = Result<Response<Body>, E>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        match &mut *self {
            Self::Called(call) => call.as_mut().poll(context),
            Self::Refused(answer) => Pin::new(answer).poll(context),
        }
    }
}

/// Waits for a server to end. For the time of the notice everything stays open, so that whoever looks at health sees it
/// before connections close and late calls are told; then `close` is awaited; then calls in flight have the rest of
/// the drain's time.
///
/// # Errors
///
/// Those of the server.
pub(super) async fn drained<E>(
    serve: impl Future<Output = Result<(), E>>,
    metrics: &Metrics,
    limits: &Limits,
    close: impl Future<Output = ()>,
) -> Result<Ended, E> {
    tokio::pin!(serve);
    let deadline = Instant::now() + limits.drain;
    tokio::select! {
        served = &mut serve => return served.map(|()| Ended::Drained),
        () = sleep(limits.notice.min(limits.drain / 2)) => {}
    }
    close.await;
    tokio::select! {
        served = &mut serve => served.map(|()| Ended::Drained),
        () = without_calls(metrics) => Ok(Ended::Drained),
        () = sleep_until(deadline) => Ok(match metrics.open() {
            0 => Ended::Drained,
            calls => Ended::CutOff(calls),
        }),
    }
}

/// Ready when there was no call for a while: what is left are connections that never finished their greeting, or that
/// do not close. The while is for the last answers to leave.
async fn without_calls(metrics: &Metrics) {
    let mut still = 0;
    while still < 20 {
        sleep(Duration::from_millis(50)).await;
        still = if metrics.open() == 0 { still + 1 } else { 0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use std::convert::Infallible;
    use tonic::Code;

    const SECOND: Duration = Duration::from_secs(1);

    /// How a server whose port never closes by itself ends: one call that takes so long, on a clock that only the test
    /// moves.
    async fn ends(call: Duration, notice: Duration, drain: Duration) -> (Ended, Duration, Duration) {
        let limits = Limits { notice, drain, ..Config::default().limits };
        let metrics = Arc::new(Metrics::default());
        metrics.begin();
        let calling = Arc::clone(&metrics);
        tokio::spawn(async move {
            sleep(call).await;
            calling.end("a/B", Code::Ok, call);
        });
        let start = Instant::now();
        let mut closed = Duration::MAX;
        let serve = std::future::pending::<Result<(), Infallible>>();
        let ended = drained(serve, &metrics, &limits, async { closed = start.elapsed() }).await.unwrap();
        (ended, closed, start.elapsed())
    }

    #[tokio::test(start_paused = true)]
    async fn connections_close_after_the_notice_and_calls_have_the_rest() {
        let (ended, closed, took) = ends(7 * SECOND, SECOND, 20 * SECOND).await;
        assert_eq!((ended, closed.as_secs()), (Ended::Drained, 1));
        assert!((8..9).contains(&took.as_secs()), "{took:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn the_deadline_counts_from_the_signal_and_tells_what_it_cut_off() {
        let (ended, _, took) = ends(30 * SECOND, SECOND, 20 * SECOND).await;
        assert_eq!((ended, took.as_secs()), (Ended::CutOff(1), 20));
        // A notice that would take all the time leaves half of it.
        let (ended, closed, took) = ends(SECOND / 2, 60 * SECOND, 4 * SECOND).await;
        assert_eq!((ended, closed.as_secs()), (Ended::Drained, 2));
        assert!(took < 4 * SECOND, "{took:?}");
        let (ended, closed, took) = ends(SECOND, SECOND, Duration::ZERO).await;
        assert_eq!((ended, closed.as_millis()), (Ended::CutOff(1), 0));
        assert!(took < SECOND / 10, "{took:?}");
    }
}
