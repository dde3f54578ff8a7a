//! Whether the caller may: the layer that asks the table, and what services ask about regions.

use super::drain::OrRefused;
use super::status::{FieldFault, Refusal};
use super::watch::REQUEST_ID;
use crate::auth::table::{Verdict, verdict};
use crate::auth::{Caller, Regions};
use http::{Request, Response};
use std::task::{Context, Poll};
use tonic::body::Body;
use tower::{Layer, Service};

/// The caller of a request that has passed the layers.
///
/// # Errors
///
/// UNAUTHENTICATED, where no layer has put a caller there: a service that is reached past the stack lets nobody in.
pub fn of<T>(request: &tonic::Request<T>) -> Result<Caller, Refusal> {
    request.extensions().get::<Caller>().cloned().ok_or_else(Refusal::unauthenticated)
}

/// A region as it is kept; an empty text stands for none.
pub(super) fn region_of(kept: &str) -> Option<&str> {
    (!kept.is_empty()).then_some(kept)
}

impl Caller {
    /// For a region that the *request* names: whether the caller may look there at all. It is told no, which reveals
    /// nothing that it did not say itself.
    ///
    /// # Errors
    ///
    /// PERMISSION_DENIED.
    pub fn must_see(&self, region: Option<&str>) -> Result<(), Refusal> {
        if self.may_see(region) { Ok(()) } else { Err(Refusal::permission_denied()) }
    }

    /// The region of a list: the one that the request names, or the caller's own; None: everything.
    ///
    /// # Errors
    ///
    /// PERMISSION_DENIED for a region of others; INVALID_REQUEST where the caller has several and names none.
    pub fn region_of_list(&self, named: &str) -> Result<Option<String>, Refusal> {
        if !named.is_empty() {
            self.must_see(Some(named))?;
            return Ok(Some(named.to_owned()));
        }
        match self.regions.codes().as_slice() {
            _ if self.regions == Regions::All => Ok(None),
            [one] => Ok(Some((*one).to_owned())),
            several => {
                let en = format!("name one of your regions: {}", several.join(", "));
                let zh = format!("请指明您管辖的一个统筹地区：{}", several.join("、"));
                Err(Refusal::invalid_request(vec![FieldFault::new("region", "missing_field", &en, &zh)]))
            }
        }
    }

    /// For something that was *found* by its id and stands in `region`: elsewhere it is answered as if it were not
    /// there, by the same refusal that an id which is not kept would get.
    ///
    /// # Errors
    ///
    /// What `missing` makes.
    pub fn must_find(&self, region: Option<&str>, missing: impl FnOnce() -> Refusal) -> Result<(), Refusal> {
        if self.may_see(region) { Ok(()) } else { Err(missing()) }
    }
}

/// Whether a path is open to whoever passed the transport: health, which load balancers ask without credentials, and
/// reflection, which shows what is published anyway.
pub(super) fn is_open(path: &str) -> bool {
    ["/grpc.health.v1.", "/grpc.reflection.v1.", "/grpc.reflection.v1alpha."]
        .iter()
        .any(|service| path.starts_with(service))
}

/// Makes services that are called only by who may, by the path alone: before the message is read, and before it shows
/// whether what is asked for exists. What the table does not list is UNIMPLEMENTED for everybody.
#[derive(Clone, Copy, Debug)]
pub struct AccessLayer;

impl<S> Layer<S> for AccessLayer {
    type Service = Allowed<S>;

    fn layer(&self, inner: S) -> Allowed<S> {
        Allowed(inner)
    }
}

/// A service that is called only by who may.
#[derive(Clone, Debug)]
pub struct Allowed<S>(S);

fn allowed<T>(request: &Request<T>) -> Result<(), Refusal> {
    let path = request.uri().path();
    if is_open(path) {
        return Ok(());
    }
    let caller = request.extensions().get::<Caller>().ok_or_else(Refusal::unauthenticated)?;
    match verdict(path, &caller.roles) {
        Verdict::Allowed => Ok(()),
        Verdict::Unknown => Err(Refusal::unknown_method()),
        Verdict::Refused => {
            let id = request.headers().get(REQUEST_ID).and_then(|id| id.to_str().ok()).unwrap_or_default();
            tracing::info!(request_id = %id, caller = %caller.signature(), "not allowed");
            Err(Refusal::permission_denied())
        }
    }
}

impl<S> Service<Request<Body>> for Allowed<S>
where
    S: Service<Request<Body>, Response = Response<Body>>,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = OrRefused<S::Future, S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.0.poll_ready(context)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        match allowed(&request) {
            Err(why) => OrRefused::refused(why),
            Ok(()) => OrRefused::Called(Box::pin(self.0.call(request))),
        }
    }
}
