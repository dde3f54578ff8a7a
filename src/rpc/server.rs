//! The server: ports, the stack, health, and the way down.

use super::metrics::Metrics;
use super::plan_service::Plans;
use super::pool::Pool;
use super::rating_service::Rating;
use super::watch::WatchLayer;
use super::{Desks, Door};
use crate::config::{Config, Limits, Tls};
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::record::Date;
use floatrate_proto::FILE_DESCRIPTOR_SET;
use floatrate_proto::floatrate::v1::plan_service_server::PlanServiceServer;
use floatrate_proto::floatrate::v1::rating_service_server::RatingServiceServer;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, Server as Transport, ServerTlsConfig};
use tonic_health::server::HealthReporter;
use tower::layer::util::{Identity as NoLayer, Stack};

/// Why the service could not start or go on.
#[derive(Debug)]
pub struct ServeError(pub String);

impl ServeError {
    fn of(what: impl std::fmt::Display) -> impl FnOnce(Box<dyn std::error::Error + Send + Sync>) -> Self {
        move |why| {
            // tonic's errors say "transport error" and keep the reason one level down.
            let deepest = std::iter::successors(Some(&*why as &dyn std::error::Error), |e| e.source()).last();
            Self(format!("{what}: {}", deepest.map_or_else(|| why.to_string(), ToString::to_string)))
        }
    }
}

/// How the service ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// Every call had ended.
    Drained,
    /// The deadline came first; so many calls were cut off.
    CutOff(i64),
}

/// A server with its ports bound.
#[derive(Debug)]
pub struct Server {
    door: Arc<Door>,
    metrics: Arc<Metrics>,
    grpc: TcpListener,
    console: TcpListener,
    tls: Option<ServerTlsConfig>,
    limits: Limits,
}

/// The layers that every call passes, outermost first. This order is the architecture; a test holds it.
///
/// 1. [`WatchLayer`]: request id, deadline, log line, metrics. Outermost, so that nothing is refused unseen, and so
///    that the time for receiving a message counts too.
///
/// The place for identity is after it, before any service: who is not let in learns nothing about what exists.
/// The limit on work in flight is kept by the services, because a cheap call need not wait for rating; so is the
/// [`Deadline`](super::deadline::Deadline) of a stream, whose work goes on after the first answer.
fn stack(metrics: &Arc<Metrics>) -> Stack<WatchLayer, NoLayer> {
    Stack::new(WatchLayer::new(Arc::clone(metrics)), NoLayer::new())
}

impl Server {
    /// Binds the ports.
    ///
    /// # Errors
    ///
    /// A port is taken, a certificate cannot be read, or there are no threads.
    pub async fn bind(config: &Config, catalog: Catalog, clock: fn() -> Date) -> Result<Self, ServeError> {
        let bind = |address: SocketAddr| async move {
            TcpListener::bind(address).await.map_err(|why| ServeError(format!("{address}: {why}")))
        };
        let limits = config.limits.clone();
        let pool = Pool::new(limits.threads, limits.in_flight)
            .map_err(|why| ServeError(format!("threads for rating: {why}")))?;
        let tls = config.tls.as_ref().map(certificates).transpose()?;
        Ok(Self {
            door: Arc::new(Door { desks: Desks::new(catalog), pool, clock }),
            metrics: Arc::default(),
            grpc: bind(config.listen).await?,
            console: bind(config.console).await?,
            tls,
            limits,
        })
    }

    /// The addresses of gRPC and HTTP, with the ports that the system gave.
    ///
    /// # Errors
    ///
    /// The system does not say.
    pub fn addresses(&self) -> std::io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.grpc.local_addr()?, self.console.local_addr()?))
    }

    /// Serves until `down` is ready; then says NOT_SERVING, takes no new connections, and waits for calls in flight up
    /// to the drain deadline.
    ///
    /// # Errors
    ///
    /// A port fails.
    pub async fn run(self, down: impl Future<Output = ()> + Send) -> Result<Ended, ServeError> {
        let (mut health, health_service) = tonic_health::server::health_reporter();
        serving(&health, true).await;
        let (stop, stopped) = watch::channel(false);
        let console = tokio::spawn(console(
            self.console,
            Arc::clone(&self.metrics),
            Arc::clone(&self.door),
            stopped.clone(),
        ));
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
                .include_reflection_service(false)
                .with_service_name("floatrate.v1.RatingService")
                .with_service_name("floatrate.v1.PlanService")
        };
        let wrong = |why: tonic_reflection::server::Error| ServeError(format!("reflection: {why}"));
        let (v1, v1alpha) =
            (reflection().build_v1().map_err(wrong)?, reflection().build_v1alpha().map_err(wrong)?);
        let size = self.limits.message_bytes;
        let rating = RatingServiceServer::new(Rating::new(Arc::clone(&self.door)))
            .max_decoding_message_size(size)
            .max_encoding_message_size(size);
        let plans = PlanServiceServer::new(Plans::new(Arc::clone(&self.door)))
            .max_decoding_message_size(size)
            .max_encoding_message_size(size);
        let mut transport = Transport::builder();
        if let Some(tls) = self.tls {
            transport = transport.tls_config(tls).map_err(|why| ServeError::of("tls")(why.into()))?;
        }
        let router = transport
            .http2_keepalive_interval(Some(self.limits.keepalive))
            .http2_keepalive_timeout(Some(Duration::from_secs(20)))
            .http2_max_pending_accept_reset_streams(Some(64))
            .http2_max_header_list_size(Some(16 << 10))
            .max_concurrent_streams(Some(256))
            // A stream whose answers nobody reads holds its own window, not the whole connection's.
            .initial_stream_window_size(Some(256 << 10))
            .initial_connection_window_size(Some(4 << 20))
            .max_connection_age(self.limits.connection_age)
            .layer(stack(&self.metrics))
            .add_service(health_service)
            .add_service(v1)
            .add_service(v1alpha)
            .add_service(rating)
            .add_service(plans);
        let incoming = TcpIncoming::from(self.grpc).with_nodelay(Some(true));
        let mut quiet = stopped;
        let serve = router.serve_with_incoming_shutdown(incoming, async move {
            let _ = quiet.wait_for(|stopped| *stopped).await;
        });
        tokio::pin!(serve);
        tokio::pin!(down);
        let ended = tokio::select! {
            served = &mut serve => served.map(|()| Ended::Drained).map_err(|why| ServeError::of("gRPC")(why.into())),
            () = &mut down => {
                // Load balancers look at health; they are told before connections close.
                serving(&health, false).await;
                // Who watches is told the last state, and the watch ends: it would hold up the drain for ever.
                unwatch(&mut health).await;
                tracing::info!(deadline_s = self.limits.drain.as_secs(), "draining");
                let _ = stop.send(true);
                tokio::select! {
                    served = &mut serve => served.map(|()| Ended::Drained).map_err(|why| ServeError::of("gRPC")(why.into())),
                    () = without_calls(&self.metrics) => Ok(Ended::Drained),
                    () = tokio::time::sleep(self.limits.drain) => Ok(match self.metrics.open() {
                        0 => Ended::Drained,
                        calls => Ended::CutOff(calls),
                    }),
                }
            }
        };
        let _ = stop.send(true);
        console.abort();
        ended
    }
}

/// The services whose health is told; the empty name stands for all.
const SERVICES: [&str; 3] = ["", "floatrate.v1.RatingService", "floatrate.v1.PlanService"];

async fn serving(health: &HealthReporter, yes: bool) {
    use tonic_health::ServingStatus::{NotServing, Serving};
    let status = if yes { Serving } else { NotServing };
    for name in SERVICES {
        health.set_service_status(name, status).await;
    }
}

/// Ready when there was no call for a while: what is left are connections that never finished their greeting, or that
/// do not close. The while is for the last answers to leave.
async fn without_calls(metrics: &Metrics) {
    let mut still = 0;
    while still < 20 {
        tokio::time::sleep(Duration::from_millis(50)).await;
        still = if metrics.open() == 0 { still + 1 } else { 0 };
    }
}

async fn unwatch(health: &mut HealthReporter) {
    for name in SERVICES {
        health.clear_service_status(name).await;
    }
}

fn certificates(tls: &Tls) -> Result<ServerTlsConfig, ServeError> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).map_err(|why| ServeError(format!("{}: {why}", path.display())))
    };
    let identity = Identity::from_pem(read(&tls.certificate)?, read(&tls.key)?);
    Ok(ServerTlsConfig::new().identity(identity).client_ca_root(Certificate::from_pem(read(&tls.client_ca)?)))
}

/// Metrics and health over HTTP.
async fn console(
    listener: TcpListener,
    metrics: Arc<Metrics>,
    door: Arc<Door>,
    stopped: watch::Receiver<bool>,
) {
    use axum::http::{StatusCode, header};
    use axum::routing::get;
    let page = move || {
        let body = metrics.page(door.pool.in_flight());
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], body) }
    };
    let health = move || {
        let down = *stopped.borrow();
        async move {
            if down { (StatusCode::SERVICE_UNAVAILABLE, "draining\n") } else { (StatusCode::OK, "ok\n") }
        }
    };
    let router = axum::Router::new().route("/metrics", get(page)).route("/healthz", get(health));
    if let Err(why) = axum::serve(listener, router).await {
        tracing::error!(%why, "the console port failed");
    }
}
