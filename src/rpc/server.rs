//! The server: ports, the stack, health, and the way down.

use super::collection_service::Collection;
use super::cycle_service::Cycles;
use super::determination_service::Determinations;
use super::drain::{Draining, Ended, drained};
use super::employer_service::Employers;
use super::identity::IdentityLayer;
use super::metrics::Metrics;
use super::plan_service::Plans;
use super::pool::Pool;
use super::rating_service::Rating;
use super::runs::Runs;
use super::stack::transport;
use super::{Desks, Door};
use crate::auth::{Directory, LoadError};
use crate::collection::Feed;
use crate::config::{Config, Limits, Tls};
use crate::determination::Agency;
use crate::plans::Library;
use crate::store::{Db, StoreError};
use floatrate_engine::record::Date;
use floatrate_proto::FILE_DESCRIPTOR_SET;
use floatrate_proto::floatrate::v1::collection_service_server::CollectionServiceServer;
use floatrate_proto::floatrate::v1::cycle_service_server::CycleServiceServer;
use floatrate_proto::floatrate::v1::determination_service_server::DeterminationServiceServer;
use floatrate_proto::floatrate::v1::employer_service_server::EmployerServiceServer;
use floatrate_proto::floatrate::v1::plan_service_server::PlanServiceServer;
use floatrate_proto::floatrate::v1::rating_service_server::RatingServiceServer;
use std::future::Future;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::time::Instant;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Certificate, Identity, ServerTlsConfig};
use tonic_health::server::HealthReporter;

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

/// A server with its ports bound.
#[derive(Debug)]
pub struct Server {
    door: Arc<Door>,
    metrics: Arc<Metrics>,
    grpc: TcpListener,
    console: TcpListener,
    tls: Option<ServerTlsConfig>,
    directory: Arc<Directory>,
    limits: Limits,
}

impl Server {
    /// Binds the ports of the configuration.
    ///
    /// # Errors
    ///
    /// A port is taken, a certificate or key cannot be read, or there are no threads.
    pub async fn bind(config: &Config, plans: Library, clock: fn() -> Date) -> Result<Self, ServeError> {
        Self::bind_near(config, [false; 2], plans, clock).await
    }

    /// The same, but of the ports of gRPC and HTTP those that are `near` give way, where they are taken, to others of
    /// the system's choice; [`addresses`](Self::addresses) tells which.
    ///
    /// # Errors
    ///
    /// As [`bind`](Self::bind).
    pub async fn bind_near(
        config: &Config,
        near: [bool; 2],
        plans: Library,
        clock: fn() -> Date,
    ) -> Result<Self, ServeError> {
        let bind = |address: SocketAddr, near: bool| async move {
            let bound = match TcpListener::bind(address).await {
                Err(why) if near && why.kind() == ErrorKind::AddrInUse => {
                    TcpListener::bind(SocketAddr::from((address.ip(), 0))).await
                }
                other => other,
            };
            bound.map_err(|why| ServeError(format!("{address}: {why}")))
        };
        let [grpc, console] = [bind(config.listen, near[0]).await?, bind(config.console, near[1]).await?];
        let limits = config.limits.clone();
        let pool = Pool::new(limits.threads, limits.in_flight)
            .map_err(|why| ServeError(format!("threads for rating: {why}")))?;
        let directory = config.identity.as_ref().map(Directory::load).transpose();
        let directory = directory.map_err(|LoadError(why)| ServeError(why))?.unwrap_or_default();
        // Who may show a token instead needs no certificate of its own.
        let certificates =
            |tls| certificates(tls, &limits).map(|tls| tls.client_auth_optional(directory.takes_tokens()));
        let tls = config.tls.as_ref().map(certificates).transpose()?;
        let database = |why: StoreError| ServeError(format!("database: {why}"));
        let db = Db::open(config.database.reveal()).await.map_err(database)?;
        let feed = Feed::open(db.clone()).await.map_err(database)?;
        let library = Arc::new(plans);
        let door = Door {
            desks: Desks::new(Arc::clone(&library)),
            agency: Agency::new(db, library),
            feed,
            calendar: config.calendar.clone(),
            pool,
            clock,
        };
        Ok(Self {
            door: Arc::new(door),
            metrics: Arc::default(),
            grpc,
            console,
            tls,
            directory: Arc::new(directory),
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

    /// Serves until `down` is ready; then says NOT_SERVING and refuses new calls, after the notice takes no new
    /// connections, and waits for calls in flight up to the drain deadline.
    ///
    /// # Errors
    ///
    /// A port fails.
    pub async fn run(self, down: impl Future<Output = ()> + Send) -> Result<Ended, ServeError> {
        let (mut health, health_service) = tonic_health::server::health_reporter();
        serving(&health, true).await;
        let draining = Draining::default();
        let console = tokio::spawn(console(
            self.console,
            Arc::clone(&self.metrics),
            Arc::clone(&self.door),
            draining.clone(),
        ));
        let reflection = || {
            tonic_reflection::server::Builder::configure()
                .register_encoded_file_descriptor_set(FILE_DESCRIPTOR_SET)
                .include_reflection_service(false)
                .with_service_name("floatrate.v1.RatingService")
                .with_service_name("floatrate.v1.PlanService")
                .with_service_name("floatrate.v1.EmployerService")
                .with_service_name("floatrate.v1.DeterminationService")
                .with_service_name("floatrate.v1.CollectionService")
                .with_service_name("floatrate.v1.CycleService")
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
        let identity = IdentityLayer::new(self.directory, seconds);
        let employers = EmployerServiceServer::new(Employers::new(Arc::clone(&self.door)))
            .max_decoding_message_size(size)
            .max_encoding_message_size(size);
        let determinations = DeterminationServiceServer::new(Determinations::new(Arc::clone(&self.door)))
            .max_decoding_message_size(size)
            .max_encoding_message_size(size);
        let collection =
            CollectionServiceServer::new(Collection::new(Arc::clone(&self.door), draining.clone()))
                .max_decoding_message_size(size)
                .max_encoding_message_size(size);
        let runs = Runs::default();
        let cycles =
            CycleServiceServer::new(Cycles::new(Arc::clone(&self.door), draining.clone(), runs.clone()))
                .max_decoding_message_size(size)
                .max_encoding_message_size(size);
        let following = tokio::spawn(self.door.feed.clone().follow());
        let mut transport = transport(&self.limits, &self.metrics, identity, &draining);
        if let Some(tls) = self.tls {
            transport = transport.tls_config(tls).map_err(|why| ServeError::of("tls")(why.into()))?;
        }
        let router = transport
            .add_service(health_service)
            .add_service(v1)
            .add_service(v1alpha)
            .add_service(rating)
            .add_service(plans)
            .add_service(employers)
            .add_service(determinations)
            .add_service(collection)
            .add_service(cycles);
        let incoming = TcpIncoming::from(self.grpc).with_nodelay(Some(true));
        let (close, mut closed) = watch::channel(false);
        let serve = router.serve_with_incoming_shutdown(incoming, async move {
            let _ = closed.wait_for(|closed| *closed).await;
        });
        tokio::pin!(serve);
        tokio::pin!(down);
        let ended = tokio::select! {
            served = &mut serve => served.map(|()| Ended::Drained),
            () = &mut down => {
                tracing::info!(deadline_s = self.limits.drain.as_secs(), "draining");
                // Load balancers look at health; they are told before connections close.
                serving(&health, false).await;
                draining.begin();
                // A run lives through its chunk, and whoever runs the cycle next goes on from there.
                runs.stop();
                let close = async {
                    // Who watches was told the last state, and the watch ends: it would hold up the drain for ever.
                    unwatch(&mut health).await;
                    let _ = close.send(true);
                };
                let deadline = Instant::now() + self.limits.drain;
                let ended = drained(serve, &self.metrics, &self.limits, close).await;
                // After the calls, since a late one may have begun a run.
                let left = runs.ended(deadline).await;
                ended.map(|ended| ended.and(left))
            }
        };
        console.abort();
        following.abort();
        self.door.agency.db.close().await;
        ended.map_err(|why| ServeError::of("gRPC")(why.into()))
    }
}

/// The services whose health is told; the empty name stands for all.
const SERVICES: [&str; 7] = [
    "",
    "floatrate.v1.RatingService",
    "floatrate.v1.PlanService",
    "floatrate.v1.EmployerService",
    "floatrate.v1.DeterminationService",
    "floatrate.v1.CollectionService",
    "floatrate.v1.CycleService",
];

async fn serving(health: &HealthReporter, yes: bool) {
    use tonic_health::ServingStatus::{NotServing, Serving};
    let status = if yes { Serving } else { NotServing };
    for name in SERVICES {
        health.set_service_status(name, status).await;
    }
}

async fn unwatch(health: &mut HealthReporter) {
    for name in SERVICES {
        health.clear_service_status(name).await;
    }
}

fn certificates(tls: &Tls, limits: &Limits) -> Result<ServerTlsConfig, ServeError> {
    let read = |path: &std::path::Path| {
        std::fs::read(path).map_err(|why| ServeError(format!("{}: {why}", path.display())))
    };
    let identity = Identity::from_pem(read(&tls.certificate)?, read(&tls.key)?);
    let clients = Certificate::from_pem(read(&tls.client_ca)?);
    // A handshake that never ends would hold its connection for ever: nothing else looks at it yet.
    Ok(ServerTlsConfig::new().identity(identity).client_ca_root(clients).timeout(limits.handshake))
}

/// Seconds since 1970.
fn seconds() -> i64 {
    time::OffsetDateTime::now_utc().unix_timestamp()
}

/// Metrics and health over HTTP.
async fn console(listener: TcpListener, metrics: Arc<Metrics>, door: Arc<Door>, draining: Draining) {
    use axum::http::{StatusCode, header};
    use axum::routing::get;
    let page = move || {
        let body = metrics.page(door.pool.in_flight());
        async move { ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], body) }
    };
    let health = move || {
        let down = draining.is_set();
        async move {
            if down { (StatusCode::SERVICE_UNAVAILABLE, "draining\n") } else { (StatusCode::OK, "ok\n") }
        }
    };
    let router = axum::Router::new().route("/metrics", get(page)).route("/healthz", get(health));
    if let Err(why) = axum::serve(listener, router).await {
        tracing::error!(%why, "the console port failed");
    }
}
