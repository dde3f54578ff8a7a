//! The layer that sees every call: request id, deadline, log line, metrics.

use super::deadline::Deadline;
use super::metrics::Metrics;
use super::status::adopt;
use http::{HeaderMap, HeaderValue, Request, Response};
use http_body_util::BodyExt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Layer, Service};

/// The header that carries a call's id, from the caller or made here, and back.
pub const REQUEST_ID: &str = "x-request-id";

/// Makes services whose calls are seen.
#[derive(Clone, Debug)]
pub struct WatchLayer {
    metrics: Arc<Metrics>,
    ids: Arc<Ids>,
}

/// Ids that no other run of the service makes.
#[derive(Debug)]
struct Ids {
    run: u64,
    next: AtomicU64,
}

impl WatchLayer {
    /// A layer that counts into `metrics`.
    #[must_use]
    pub fn new(metrics: Arc<Metrics>) -> Self {
        let run = RandomState::new().build_hasher().finish();
        Self { metrics, ids: Arc::new(Ids { run, next: AtomicU64::new(1) }) }
    }
}

impl<S> Layer<S> for WatchLayer {
    type Service = Watch<S>;

    fn layer(&self, inner: S) -> Watch<S> {
        Watch { inner, layer: self.clone() }
    }
}

/// A service whose calls are seen.
#[derive(Clone, Debug)]
pub struct Watch<S> {
    inner: S,
    layer: WatchLayer,
}

impl<S> Service<Request<Body>> for Watch<S>
where
    S: Service<Request<Body>, Response = Response<Body>> + Clone + Send + 'static,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Response<Body>;
    type Error = S::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        let id = match request.headers().get(REQUEST_ID) {
            Some(given) if is_id(given) => given.clone(),
            _ => {
                let number = self.layer.ids.next.fetch_add(1, Ordering::Relaxed);
                let made = format!("{:016x}-{number}", self.layer.ids.run);
                HeaderValue::try_from(made).unwrap_or(HeaderValue::from_static("none"))
            }
        };
        request.headers_mut().insert(REQUEST_ID, id.clone());
        let method = request.uri().path().trim_start_matches('/').to_owned();
        let mut call = Call::begin(Arc::clone(&self.layer.metrics), method, &id);
        // Counted from here, not from when the message has arrived; a service whose work outlives its first answer
        // finds it in the request.
        let deadline = Deadline::of_headers(request.headers());
        request.extensions_mut().insert(deadline);
        let response = self.inner.call(request);
        Box::pin(async move {
            // A late call is dropped here, and its work stops.
            let mut response = match deadline.keep(response).await {
                Ok(answered) => answered?,
                Err(late) => late.into_http(),
            };
            if let Some(adopted) = call.adopted(response.headers()) {
                response = adopted.into_http();
            }
            response.headers_mut().insert(REQUEST_ID, id);
            if let Some(code) = response.headers().get("grpc-status") {
                call.ends_with(code);
                return Ok(response);
            }
            // The status of a call with messages comes last; a caller that leaves before it has cancelled.
            let (parts, body) = response.into_parts();
            let body = body.map_frame(move |mut frame| {
                if let Some(trailers) = frame.trailers_mut() {
                    if let Some(adopted) = call.adopted(trailers) {
                        // It fails for a header that is none; ours are.
                        let _ = adopted.add_header(trailers);
                    }
                    if let Some(code) = trailers.get("grpc-status") {
                        call.ends_with(code);
                    }
                }
                frame
            });
            Ok(Response::from_parts(parts, Body::new(body)))
        })
    }
}

/// An id of a caller: short, and nothing that could break a log line.
fn is_id(value: &HeaderValue) -> bool {
    (1..=128).contains(&value.len()) && value.as_bytes().iter().all(u8::is_ascii_graphic)
}

/// One call, counted and logged when it ends, however it ends.
struct Call {
    metrics: Arc<Metrics>,
    method: String,
    id: String,
    start: Instant,
    code: Code,
}

impl Call {
    fn begin(metrics: Arc<Metrics>, method: String, id: &HeaderValue) -> Self {
        metrics.begin();
        let id = id.to_str().unwrap_or_default().to_owned();
        Self { metrics, method, id, start: Instant::now(), code: Code::Cancelled }
    }

    /// What the library refused by itself gets its place in the table too. Health and reflection speak their own
    /// protocols.
    fn adopted(&self, headers: &HeaderMap) -> Option<Status> {
        let status = Status::from_header_map(headers)?;
        let ours = !self.method.starts_with("grpc.") && status.code() != Code::Ok;
        (ours && status.details().is_empty()).then(|| {
            tracing::info!(request_id = %self.id, message = status.message(), "refused by the library");
            adopt(status, &self.id)
        })
    }

    fn ends_with(&mut self, status: &HeaderValue) {
        self.code = Code::from_bytes(status.as_bytes());
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let took = self.start.elapsed();
        self.metrics.end(&self.method, self.code, took);
        let (took_us, code) = (took.as_micros(), self.code);
        // No employer ids and no texts of a record: who asked what is the caller's to keep.
        tracing::info!(request_id = %self.id, method = %self.method, code = ?code, took_us, "call");
    }
}
