//! A call's deadline: from its `grpc-timeout`, kept by us.
//!
//! tonic would answer a late call with CANCELLED, around everything else. So calls end a little before that, with the
//! status that the protocol names: DEADLINE_EXCEEDED.

use http::HeaderMap;
use std::future::Future;
use std::time::Duration;
use tokio::time::{Instant, timeout_at};
use tonic::{Request, Status};

/// How much earlier than the caller's deadline a call ends: enough that our answer comes first.
const EARLIER: Duration = Duration::from_millis(5);

/// When a call must have ended; None: never.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Deadline(Option<Instant>);

impl Deadline {
    /// The deadline of a request: where [`WatchLayer`](super::WatchLayer) has put it, or else none.
    pub fn of<T>(request: &Request<T>) -> Self {
        request.extensions().get().copied().unwrap_or(Self(None))
    }

    /// The deadline that headers ask for, counted from now.
    pub fn of_headers(headers: &HeaderMap) -> Self {
        let text = headers.get("grpc-timeout").and_then(|v| v.to_str().ok());
        let left = text.and_then(parse).map(|t| t.checked_sub(EARLIER).unwrap_or(t / 2));
        Self(left.and_then(|left| Instant::now().checked_add(left)))
    }

    /// Waits for work, but not beyond the deadline; dropping the work stops it.
    ///
    /// # Errors
    ///
    /// The deadline has passed.
    pub async fn keep<T>(self, work: impl Future<Output = T>) -> Result<T, Status> {
        match self.0 {
            None => Ok(work.await),
            Some(at) => {
                timeout_at(at, work).await.map_err(|_| super::status::Refusal::deadline_exceeded().into())
            }
        }
    }
}

/// `grpc-timeout`: at most eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let n: u64 = digits.parse().ok()?;
    Some(match unit {
        "H" => Duration::from_secs(n * 3600),
        "M" => Duration::from_secs(n * 60),
        "S" => Duration::from_secs(n),
        "m" => Duration::from_millis(n),
        "u" => Duration::from_micros(n),
        "n" => Duration::from_nanos(n),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timeouts_as_the_protocol_writes_them() {
        for (text, expected) in [
            ("1S", Some(Duration::from_secs(1))),
            ("100m", Some(Duration::from_millis(100))),
            ("2H", Some(Duration::from_secs(7200))),
            ("3M", Some(Duration::from_secs(180))),
            ("5u", Some(Duration::from_micros(5))),
            ("99999999n", Some(Duration::from_nanos(99_999_999))),
            ("123456789n", None),
            ("S", None),
            ("", None),
            ("1", None),
            ("-1S", None),
            ("1é", None),
        ] {
            assert_eq!(parse(text), expected, "{text:?}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn late_work_is_dropped() {
        let mut request = Request::new(());
        let headers = HeaderMap::from_iter([("grpc-timeout".parse().unwrap(), "1S".parse().unwrap())]);
        request.extensions_mut().insert(Deadline::of_headers(&headers));
        let deadline = Deadline::of(&request);
        assert_eq!(deadline.keep(async { 1 }).await.unwrap(), 1);
        let late = deadline.keep(tokio::time::sleep(Duration::from_secs(2))).await.unwrap_err();
        assert_eq!(late.code(), tonic::Code::DeadlineExceeded);
        let never = Deadline::of(&Request::new(()));
        never.keep(tokio::time::sleep(Duration::from_secs(1_000_000))).await.unwrap();
    }
}
