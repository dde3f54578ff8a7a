//! Who calls: the one place where a connection becomes a caller.
//!
//! Every caller is let in to everything for now: one of this machine, or one whose certificate the handshake has
//! accepted. Roles will be read from [`Caller`], which every service finds in its request.

use super::drain::OrRefused;
use super::status::Refusal;
use http::{Request, Response};
use std::sync::Arc;
use std::task::{Context, Poll};
use tonic::body::Body;
use tonic::transport::CertificateDer;
use tonic::transport::server::{TcpConnectInfo, TlsConnectInfo};
use tower::{Layer, Service};

/// Who calls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Caller {
    /// A program on this machine, over loopback and without TLS.
    Local,
    /// The holder of a certificate that the handshake has accepted, with the chain that leads to an authority.
    Certificate(Arc<Vec<CertificateDer<'static>>>),
}

impl Caller {
    /// The caller of a request, by its connection.
    fn of<T>(request: &Request<T>) -> Option<Self> {
        let extensions = request.extensions();
        if let Some(tls) = extensions.get::<TlsConnectInfo<TcpConnectInfo>>() {
            return tls.peer_certs().map(Self::Certificate);
        }
        let address = extensions.get::<TcpConnectInfo>()?.remote_addr()?;
        // The configuration keeps others out; this would catch a mistake there.
        address.ip().to_canonical().is_loopback().then_some(Self::Local)
    }
}

/// Makes services that are called by somebody.
#[derive(Clone, Copy, Debug)]
pub struct IdentityLayer;

impl<S> Layer<S> for IdentityLayer {
    type Service = Identified<S>;

    fn layer(&self, inner: S) -> Identified<S> {
        Identified(inner)
    }
}

/// A service that is called by somebody: it finds the [`Caller`] in the request.
#[derive(Clone, Debug)]
pub struct Identified<S>(S);

impl<S> Service<Request<Body>> for Identified<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = OrRefused<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let Some(caller) = Caller::of(&request) else {
            return OrRefused::refused(Refusal::unauthenticated());
        };
        request.extensions_mut().insert(caller);
        OrRefused::Called(Box::pin(self.0.call(request)))
    }
}
