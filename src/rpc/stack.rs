//! What every call passes before it reaches a service: the transport with its limits, and the layers.

use super::caller::AccessLayer;
use super::drain::{DrainLayer, Draining};
use super::identity::IdentityLayer;
use super::metrics::Metrics;
use super::watch::WatchLayer;
use crate::config::Limits;
use std::sync::Arc;
use std::time::Duration;
use tonic::transport::Server as Transport;
use tower::ServiceBuilder;
use tower::layer::util::{Identity as NoLayer, Stack};

/// The layers' type, innermost first.
pub type Layers = Stack<DrainLayer, Stack<AccessLayer, Stack<IdentityLayer, Stack<WatchLayer, NoLayer>>>>;

/// The layers that every call passes, outermost first. This order is the architecture; a test holds it.
///
/// The limit on work in flight is not among them: the services keep it, because a cheap call need not wait for rating.
/// So is the [`Deadline`](super::deadline::Deadline) of a stream, whose work goes on after the first answer.
pub fn stack(metrics: &Arc<Metrics>, identity: IdentityLayer, draining: &Draining) -> Layers {
    ServiceBuilder::new()
        // Request id, deadline, log line, metrics. First, so that nothing is refused unseen, and so that the time for
        // receiving a message counts too.
        .layer(WatchLayer::new(Arc::clone(metrics)))
        // Who calls. Before all that knows anything: who is not let in learns nothing, not even that we are draining.
        .layer(identity)
        // Whether it may, by role and method. Before anything is read or looked up, so that a refusal tells nothing; the
        // regions, which stand in the message, are the services' to ask about.
        .layer(AccessLayer)
        // Nothing new on the way down. Last, so that what it lets pass is only held up by the service itself.
        .layer(DrainLayer::new(draining.clone()))
        .into_inner()
}

/// A transport with all its limits and the `stack`, to which services are added.
#[must_use]
pub fn transport(
    limits: &Limits,
    metrics: &Arc<Metrics>,
    identity: IdentityLayer,
    draining: &Draining,
) -> Transport<Stack<Layers, NoLayer>> {
    Transport::builder()
        .http2_keepalive_interval(Some(limits.keepalive))
        .http2_keepalive_timeout(Some(Duration::from_secs(20)))
        .http2_max_pending_accept_reset_streams(Some(64))
        .http2_max_header_list_size(Some(16 << 10))
        .max_concurrent_streams(Some(256))
        // A stream whose answers nobody reads holds its own window, not the whole connection's.
        .initial_stream_window_size(Some(256 << 10))
        .initial_connection_window_size(Some(4 << 20))
        .max_connection_age(limits.connection_age)
        .layer(stack(metrics, identity, draining))
}

#[cfg(test)]
mod tests {
    use super::super::deadline::Deadline;
    use super::*;
    use crate::auth::{Caller, Directory};
    use http::{Request, Response};
    use std::convert::Infallible;
    use tokio::net::{TcpListener, TcpStream};
    use tonic::body::Body;
    use tonic::transport::server::{Connected, TcpConnectInfo};
    use tonic::{Code, Status};
    use tonic_types::StatusExt;
    use tower::{Layer, Service, ServiceExt};

    const METHOD: &str = "/floatrate.v1.RatingService/RateEmployer";

    async fn loopback() -> TcpConnectInfo {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        listener.accept().await.unwrap().0.connect_info()
    }

    /// What a call through the whole stack gets, from a service that takes two seconds: the code, the reason, and
    /// whether the request id came back. The service itself is reached only with all that the layers give.
    async fn called(
        metrics: &Arc<Metrics>,
        draining: &Draining,
        path: &str,
        from: Option<TcpConnectInfo>,
        timeout: &str,
    ) -> (Code, Option<String>) {
        let service = tower::service_fn(|request: Request<Body>| async move {
            let open = request.uri().path().starts_with("/grpc.");
            let caller = (!open).then(|| Caller::self_declared(None, Some("auditor")).unwrap());
            assert_eq!(request.extensions().get::<Caller>(), caller.as_ref());
            assert!(request.extensions().get::<Deadline>().is_some());
            assert_eq!(request.headers()["x-request-id"], "mine");
            tokio::time::sleep(Duration::from_secs(2)).await;
            Ok::<_, Infallible>(Response::new(Body::empty()))
        });
        let mut request = Request::post(path).header("x-request-id", "mine").header("grpc-timeout", timeout);
        request = request.header("x-floatrate-role", "auditor");
        if let Some(from) = from {
            request = request.extension(from);
        }
        let identity = IdentityLayer::new(Arc::new(Directory::default()), || 0);
        let mut service = stack(metrics, identity, draining).layer(service);
        let request = request.body(Body::empty()).unwrap();
        let answer = service.ready().await.unwrap().call(request).await.unwrap();
        assert_eq!(answer.headers()["x-request-id"], "mine");
        let status = Status::from_header_map(answer.headers()).unwrap_or_else(|| Status::ok(""));
        (status.code(), status.get_details_error_info().map(|info| info.reason))
    }

    /// Each layer is told from its neighbours by a call that both would answer.
    #[tokio::test(start_paused = true)]
    async fn the_order_is_watch_identity_access_drain() {
        let (metrics, draining) = (Arc::new(Metrics::default()), Draining::default());
        let here = loopback().await;
        let reason = |code, reason: &str| (code, Some(reason.to_owned()));
        assert_eq!(called(&metrics, &draining, METHOD, Some(here.clone()), "5S").await, (Code::Ok, None));
        // The deadline, on a clock that only the test moves.
        assert_eq!(
            called(&metrics, &draining, METHOD, Some(here.clone()), "1S").await,
            reason(Code::DeadlineExceeded, "DEADLINE_EXCEEDED")
        );
        let stranger = reason(Code::Unauthenticated, "UNAUTHENTICATED");
        assert_eq!(called(&metrics, &draining, METHOD, None, "5S").await, stranger);
        // Identity stands before access: who is not known does not learn what it might not do.
        const CHANGE: &str = "/floatrate.v1.EmployerService/ImportRecords";
        let denied = reason(Code::PermissionDenied, "PERMISSION_DENIED");
        assert_eq!(called(&metrics, &draining, CHANGE, Some(here.clone()), "5S").await, denied);
        assert_eq!(called(&metrics, &draining, CHANGE, None, "5S").await, stranger);
        let nothing = "/floatrate.v1.EmployerService/Nothing";
        assert_eq!(
            called(&metrics, &draining, nothing, Some(here.clone()), "5S").await,
            reason(Code::Unimplemented, "UNKNOWN_METHOD")
        );
        draining.begin();
        // Access stands before the drain.
        assert_eq!(called(&metrics, &draining, CHANGE, Some(here.clone()), "5S").await, denied);
        assert_eq!(
            called(&metrics, &draining, METHOD, Some(here.clone()), "5S").await,
            reason(Code::Unavailable, "DRAINING")
        );
        // Identity stands before the drain.
        assert_eq!(called(&metrics, &draining, METHOD, None, "5S").await, stranger);
        // Health goes on.
        let health = called(&metrics, &draining, "/grpc.health.v1.Health/Check", Some(here), "5S").await;
        assert_eq!(health, (Code::Ok, None));
        // The watch stands before all: every refusal is counted.
        let page = metrics.page(0);
        for (code, count) in [("DeadlineExceeded", 1), ("Unauthenticated", 2), ("Unavailable", 1)] {
            let line = format!(
                "floatrate_calls_total{{method=\"floatrate.v1.RatingService/RateEmployer\",code=\"{code}\"}} {count}"
            );
            assert!(page.contains(&line), "{line}\n{page}");
        }
        assert_eq!(metrics.open(), 0);
    }
}
