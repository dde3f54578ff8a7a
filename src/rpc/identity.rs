//! Who calls: the one place where a connection and its credentials become a [`Caller`].
//!
//! What counts is decided in [`Directory`]; here it is taken from the connection and the headers. Why somebody is not
//! known goes to the log under the request id; the caller is told no more than that it is not.

use super::caller::is_open;
use super::drain::OrRefused;
use super::status::{FieldFault, Refusal};
use super::watch::REQUEST_ID;
use crate::auth::{Caller, Carried, Directory, Misdeclared, NAME_CHARS_MAX, Role, Unknown};
use http::header::AUTHORIZATION;
use http::{HeaderMap, Request, Response};
use std::sync::Arc;
use std::task::{Context, Poll};
use tonic::body::Body;
use tonic::transport::CertificateDer;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use tower::{Layer, Service};

/// The header in which a caller of this machine names itself, in UTF-8.
pub const NAME: &str = "x-floatrate-name";
/// The header in which it gives itself a role.
pub const ROLE: &str = "x-floatrate-role";

/// Whom to let in, and what time it is.
#[derive(Clone, Debug)]
pub struct IdentityLayer {
    directory: Arc<Directory>,
    /// Seconds since 1970.
    clock: fn() -> i64,
}

impl IdentityLayer {
    /// A layer that asks `directory` at the time of `clock`, in seconds since 1970.
    #[must_use]
    pub const fn new(directory: Arc<Directory>, clock: fn() -> i64) -> Self {
        Self { directory, clock }
    }

    /// The caller of a request; None for what is open to everybody who passed the transport.
    fn caller<T>(&self, request: &Request<T>) -> Result<Option<Caller>, Refusal> {
        let Some(connection) = Connection::of(request) else {
            refused(request.headers(), "no TLS and not of this machine");
            return Err(Refusal::unauthenticated());
        };
        if is_open(request.uri().path()) {
            return Ok(None);
        }
        let headers = request.headers();
        let bytes = |name| headers.get(name).map(http::HeaderValue::as_bytes);
        let carried = Carried {
            loopback: connection.loopback,
            certificate: connection.chain.as_ref().and_then(|chain| chain.first()).map(AsRef::as_ref),
            authorization: headers.get(AUTHORIZATION).map(http::HeaderValue::as_bytes),
            doubled: headers.get_all(AUTHORIZATION).iter().nth(1).is_some(),
            name: bytes(NAME),
            role: bytes(ROLE),
        };
        self.directory.identify(&carried, (self.clock)()).map(Some).map_err(|why| {
            refused(headers, &format!("{why:?}"));
            match why {
                Unknown::Declared(faults) => {
                    Refusal::invalid_request(faults.into_iter().map(misdeclared).collect())
                }
                _ => Refusal::unauthenticated(),
            }
        })
    }
}

fn refused(headers: &HeaderMap, why: &str) {
    let id = headers.get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
    tracing::info!(request_id = %id, why, "not known");
}

fn misdeclared(fault: Misdeclared) -> FieldFault {
    match fault {
        Misdeclared::Name => FieldFault::new(
            NAME,
            "malformed",
            format!("{NAME} is 1 to {NAME_CHARS_MAX} visible characters in UTF-8 without parentheses"),
            format!("{NAME} 应为 1 至 {NAME_CHARS_MAX} 个可见字符（UTF-8），不含括号"),
        ),
        Misdeclared::Role => FieldFault::new(
            ROLE,
            "unknown_value",
            format!("{ROLE} is one of {}", Role::names()),
            format!("{ROLE} 应为下列之一：{}", Role::names()),
        ),
    }
}

/// A connection that passed the transport: TLS, or the loopback of this machine.
struct Connection {
    loopback: bool,
    /// The client's certificates, which the handshake has accepted.
    chain: Option<Arc<Vec<CertificateDer<'static>>>>,
}

impl Connection {
    fn of<T>(request: &Request<T>) -> Option<Self> {
        let is_local = |tcp: &TcpConnectInfo| {
            tcp.remote_addr().is_some_and(|address| address.ip().to_canonical().is_loopback())
        };
        let extensions = request.extensions();
        if let Some(tls) = extensions.get::<TlsConnectInfo<TcpConnectInfo>>() {
            return Some(Self { loopback: is_local(tls.get_ref()), chain: tls.peer_certs() });
        }
        // The configuration keeps others out; this would catch a mistake there.
        let loopback = is_local(extensions.get::<TcpConnectInfo>()?);
        loopback.then_some(Self { loopback, chain: None })
    }
}

impl<S> Layer<S> for IdentityLayer {
    type Service = Identified<S>;

    fn layer(&self, inner: S) -> Identified<S> {
        Identified { inner, layer: self.clone() }
    }
}

/// A service that is called by somebody: it finds the [`Caller`] in the request.
#[derive(Clone, Debug)]
pub struct Identified<S> {
    inner: S,
    layer: IdentityLayer,
}

impl<S> Service<Request<Body>> for Identified<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = OrRefused<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        match self.layer.caller(&request) {
            Err(why) => return OrRefused::refused(why),
            Ok(Some(caller)) => drop(request.extensions_mut().insert(caller)),
            Ok(None) => {}
        }
        OrRefused::Called(Box::pin(self.inner.call(request)))
    }
}
