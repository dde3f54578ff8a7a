//! Domain errors to gRPC statuses, in this one place.
//!
//! A [`Refusal`] says what went wrong in the domain's terms. It ends a call as a [`Status`], or stands for one item of
//! a batch or stream as a `google.rpc.Status`; both carry the same details: an `ErrorInfo` with a reason of the
//! published [`TABLE`] and the domain [`DOMAIN`], the Chinese message, for bad input a `BadRequest` with all
//! violations, for overload a `RetryInfo`. Causes are logged where they arise, never sent.

mod problem;
mod table;

#[cfg(test)]
mod tests;

pub use crate::problem::Field as FieldFault;
pub use floatrate_proto::floatrate::v1::ErrorReason;
pub use table::{Row, TABLE};

use crate::rate::Explain;
use floatrate_engine::record::Violation;
use floatrate_engine::{Bilingual, Lang};
use floatrate_proto::floatrate::v1;
use prost::Message;
use std::collections::HashMap;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, LocalizedMessage, StatusExt, pb};

/// The domain of every `ErrorInfo`.
pub const DOMAIN: &str = "floatrate";

/// Most bytes of the details of a status that ends a call. They travel in base64 in a header, and many clients refuse
/// headers of more than 8 KiB, which would hide the whole error.
pub const CALL_DETAILS_BYTES_MAX: usize = 5 << 10;
/// Most bytes of the details of a status that stands for an item; a batch of them has to fit into one message.
pub const ITEM_DETAILS_BYTES_MAX: usize = 16 << 10;
/// No violation is shorter than this, so more of them than this allows need not be looked at.
const VIOLATION_BYTES_MIN: usize = 16;
/// When to try again after the library's own refusal, which knows no delay.
const RETRY_AFTER: Duration = Duration::from_secs(1);
/// Values of metadata are cut to this many characters.
const VALUE_CHARS_MAX: usize = 100;
/// The Chinese messages' language tag.
const ZH: &str = "zh-CN";

impl FieldFault {
    /// A required field that is left out; `en` and `zh` say what to give.
    pub(super) fn needed(field: &str, en: &str, zh: &str) -> Self {
        let name = field.rsplit('.').next().unwrap_or(field);
        let (en, zh) = (format!("{name} is missing: {en}"), format!("缺少 {name}：{zh}"));
        Self::new(field, "missing_field", &en, &zh)
    }

    /// The language that a field asks for, English where it is empty; another word is a fault.
    pub(super) fn language(field: &str, given: &str, faults: &mut Vec<Self>) -> Lang {
        match given {
            "" | "en" => Lang::En,
            "zh" => Lang::Zh,
            other => {
                let (en, zh) =
                    (format!("\"{other}\" is not \"en\" or \"zh\""), format!("“{other}”应为 en 或 zh"));
                faults.push(Self::new(field, "unknown_value", &en, &zh));
                Lang::En
            }
        }
    }

    /// How much a field asks to be explained, `unsaid` where it does not say; another value is a fault.
    pub(super) fn explain(field: &str, given: i32, unsaid: Explain, faults: &mut Vec<Self>) -> Explain {
        match v1::Explain::try_from(given) {
            Ok(v1::Explain::Unspecified) => unsaid,
            Ok(v1::Explain::None) => Explain::None,
            Ok(v1::Explain::Rules) => Explain::Rules,
            Ok(v1::Explain::Full) => Explain::Full,
            Err(_) => {
                let en = format!("{given} is not a value of Explain");
                let zh = format!("{given} 不是 Explain 的取值");
                faults.push(Self::new(field, "unknown_value", en, zh));
                unsaid
            }
        }
    }

    /// A violation of a record that stands at `path` in the request.
    fn of_record(violation: &Violation, path: &str) -> Self {
        let field = match (path, violation.field.as_str()) {
            (path, "") => path.to_owned(),
            ("", field) => field.to_owned(),
            (path, field) => format!("{path}.{field}"),
        };
        let message = Bilingual { zh: violation.message(Lang::Zh), en: violation.message(Lang::En) };
        Self { field, reason: violation.reason().into(), message }
    }
}

/// Why a call, or an item of it, is refused.
///
/// ```
/// use floatrate::rpc::status::{ErrorReason, Refusal};
/// use tonic_types::StatusExt;
/// let status = tonic::Status::from(Refusal::plan_not_found("cn-000000-1999"));
/// assert_eq!(status.message(), "there is no plan cn-000000-1999");
/// let info = status.get_details_error_info().unwrap();
/// assert_eq!((info.domain.as_str(), info.reason.as_str()), ("floatrate", "PLAN_NOT_FOUND"));
/// assert_eq!(info.metadata["plan"], "cn-000000-1999");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    reason: ErrorReason,
    metadata: Vec<(&'static str, String)>,
    /// Values that the Chinese message has instead of the metadata's.
    zh: Vec<(&'static str, String)>,
    /// The first faults; all of them, but for a request with thousands.
    faults: Vec<FieldFault>,
    retry_after: Option<Duration>,
}

impl Refusal {
    fn new(reason: ErrorReason, metadata: &[(&'static str, &str)]) -> Self {
        let metadata = metadata.iter().map(|(key, value)| (*key, shown(value))).collect();
        Self { reason, metadata, zh: Vec::new(), faults: Vec::new(), retry_after: None }
    }

    /// The fault is one field's, and the refusal's message says it all.
    fn field(mut self, field: &str) -> Self {
        let message = Bilingual { zh: self.message(Lang::Zh), en: self.message(Lang::En) };
        let reason = Row::of(self.reason).name();
        self.faults.push(FieldFault { field: field.to_owned(), reason: reason.into(), message });
        self
    }

    fn retry(reason: ErrorReason, after: Duration) -> Self {
        let refusal = Self::new(reason, &[("retry_ms", &after.as_millis().to_string())]);
        Self { retry_after: Some(after), ..refusal }
    }

    /// A record with violations. `path` is its place in the request, such as `record` or `records[3]`.
    #[must_use]
    pub fn invalid_record(path: &str, violations: &[Violation]) -> Self {
        let total = violations.len().to_string();
        let refusal = Self::new(ErrorReason::InvalidRecord, &[("violations", &total)]);
        let first = violations.iter().take(ITEM_DETAILS_BYTES_MAX / VIOLATION_BYTES_MIN);
        Self { faults: first.map(|v| FieldFault::of_record(v, path)).collect(), ..refusal }
    }

    /// A record whose violations are known already, such as those of a kept reject.
    #[must_use]
    pub fn refused_record(faults: Vec<FieldFault>) -> Self {
        let refusal = Self::new(ErrorReason::InvalidRecord, &[("violations", &faults.len().to_string())]);
        Self { faults, ..refusal }
    }

    /// A request with faults beside its record.
    #[must_use]
    pub fn invalid_request(faults: Vec<FieldFault>) -> Self {
        let refusal = Self::new(ErrorReason::InvalidRequest, &[("violations", &faults.len().to_string())]);
        Self { faults, ..refusal }
    }

    /// A request with faults and a record with violations, told together.
    #[must_use]
    pub fn and_record(mut self, path: &str, violations: &[Violation]) -> Self {
        let total = self.faults.len() + violations.len();
        let first = violations.iter().take(ITEM_DETAILS_BYTES_MAX / VIOLATION_BYTES_MIN);
        self.faults.extend(first.map(|v| FieldFault::of_record(v, path)));
        self.metadata = vec![("violations", total.to_string())];
        self
    }

    /// A batch of too many items, in the field of that name.
    #[must_use]
    pub fn batch_too_large(field: &str, records: usize, limit: usize) -> Self {
        let metadata = [("records", &*records.to_string()), ("limit", &*limit.to_string())];
        Self::new(ErrorReason::BatchTooLarge, &metadata).field(field)
    }

    /// A stream whose header is missing, late or doubled.
    #[must_use]
    pub fn stream_order() -> Self {
        Self::new(ErrorReason::StreamOrder, &[]).field("header")
    }

    /// Bytes that are not a message.
    #[must_use]
    pub fn malformed_message() -> Self {
        Self::new(ErrorReason::MalformedMessage, &[])
    }

    /// A plan that is not loaded.
    #[must_use]
    pub fn plan_not_found(plan: &str) -> Self {
        Self::new(ErrorReason::PlanNotFound, &[("plan", plan)])
    }

    /// A date on which the plan does not rate, at the path `field` of the request; `schedule` says when it does.
    #[must_use]
    pub fn not_a_rating_date(field: &str, plan: &str, date: &str, schedule: &str) -> Self {
        let metadata = [("plan", plan), ("rating_date", date), ("rating_dates", schedule)];
        Self::new(ErrorReason::NotARatingDate, &metadata).field(field)
    }

    /// A plan that only serves to be extended.
    #[must_use]
    pub fn plan_rates_nobody(plan: &str) -> Self {
        Self::new(ErrorReason::PlanRatesNobody, &[("plan", plan)])
    }

    /// Values over all employers that a plan reads and the request lacks.
    #[must_use]
    pub fn portfolio_missing(plan: &str, values: &[&str]) -> Self {
        Self::new(ErrorReason::PortfolioMissing, &[("plan", plan), ("values", &values.join(", "))])
    }

    /// A plan sent over the wire that names a file.
    #[must_use]
    pub fn plan_names_files(file: &str) -> Self {
        Self::new(ErrorReason::PlanNamesFiles, &[("file", file)]).field("text")
    }

    /// No identity that can be verified.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(ErrorReason::Unauthenticated, &[])
    }

    /// The caller may not do this.
    #[must_use]
    pub fn permission_denied() -> Self {
        Self::new(ErrorReason::PermissionDenied, &[])
    }

    /// A message, of either side, that exceeds its limit.
    #[must_use]
    pub fn message_too_large(limit_bytes: usize) -> Self {
        Self::new(ErrorReason::MessageTooLarge, &[("limit_bytes", &limit_bytes.to_string())])
    }

    /// Too much work in flight.
    #[must_use]
    pub fn overloaded(retry_after: Duration) -> Self {
        Self::retry(ErrorReason::Overloaded, retry_after)
    }

    /// The time is up.
    #[must_use]
    pub fn deadline_exceeded() -> Self {
        Self::new(ErrorReason::DeadlineExceeded, &[])
    }

    /// The caller is gone.
    #[must_use]
    pub fn cancelled() -> Self {
        Self::new(ErrorReason::Cancelled, &[])
    }

    /// The server is shutting down.
    #[must_use]
    pub fn draining(retry_after: Duration) -> Self {
        Self::retry(ErrorReason::Draining, retry_after)
    }

    /// Nothing of that name is served.
    #[must_use]
    pub fn unknown_method() -> Self {
        Self::new(ErrorReason::UnknownMethod, &[])
    }

    /// A defect. Log its cause under the request id; it is not sent.
    #[must_use]
    pub fn internal(request_id: &str) -> Self {
        Self::new(ErrorReason::Internal, &[("request_id", request_id)])
    }

    /// The reason.
    #[must_use]
    pub const fn reason(&self) -> ErrorReason {
        self.reason
    }

    /// The faults of the request's fields.
    #[must_use]
    pub fn faults(&self) -> &[FieldFault] {
        &self.faults
    }

    /// The code of the status.
    #[must_use]
    pub fn code(&self) -> Code {
        Row::of(self.reason).code
    }

    /// The sentence for people.
    #[must_use]
    pub fn message(&self, lang: Lang) -> String {
        let row = Row::of(self.reason);
        let template = match lang {
            Lang::En => row.en,
            Lang::Zh => row.zh,
        };
        // In one pass, so that braces in a caller's value are not filled in.
        let mut out = String::new();
        for part in template.split('{') {
            let Some((key, rest)) = part.split_once('}') else {
                out.push_str(part);
                continue;
            };
            let zh = self.zh.iter().filter(|_| lang == Lang::Zh);
            let value = zh.chain(&self.metadata).find(|(k, _)| *k == key).map_or("", |(_, value)| value);
            out.push_str(value);
            out.push_str(rest);
        }
        out
    }

    /// The refusal of one item of a batch or stream.
    #[must_use]
    pub fn item(&self) -> pb::Status {
        let status = self.status(ITEM_DETAILS_BYTES_MAX);
        // The details are a `google.rpc.Status` with code and message; they were encoded a moment ago.
        pb::Status::decode(status.details()).unwrap_or_else(|_| pb::Status {
            code: status.code().into(),
            message: status.message().to_owned(),
            details: Vec::new(),
        })
    }

    /// The status whose details take at most so many bytes. Where they would take more, the Chinese messages of the
    /// violations go first, then the last violations; `violations` in the metadata tells how many there were.
    fn status(&self, bytes_max: usize) -> Status {
        let mut listed = self.faults.len().min(bytes_max / VIOLATION_BYTES_MIN);
        let mut chinese = true;
        loop {
            let details = self.details(listed, chinese);
            let status = Status::with_error_details(self.code(), self.message(Lang::En), details);
            let bytes = status.details().len();
            if bytes <= bytes_max || listed == 0 {
                return status;
            }
            if chinese {
                chinese = false;
            } else {
                listed = (listed * bytes_max / bytes).min(listed - 1);
            }
        }
    }

    fn details(&self, listed: usize, chinese: bool) -> ErrorDetails {
        let row = Row::of(self.reason);
        let metadata = self.metadata.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        let mut details =
            ErrorDetails::with_error_info(row.name(), DOMAIN, metadata.collect::<HashMap<_, _>>());
        details.set_localized_message(ZH, self.message(Lang::Zh));
        if !self.faults.is_empty() {
            let faults = self.faults.iter().take(listed).map(|fault| FieldViolation {
                field: fault.field.clone(),
                description: fault.message.en.clone(),
                reason: fault.reason.to_ascii_uppercase(),
                localized_message: chinese.then(|| LocalizedMessage::new(ZH, &fault.message.zh)),
            });
            details.set_bad_request(faults.collect::<Vec<_>>());
        }
        if let Some(after) = self.retry_after {
            details.set_retry_info(Some(after));
        }
        details
    }
}

impl From<Refusal> for Status {
    fn from(refusal: Refusal) -> Self {
        refusal.status(CALL_DETAILS_BYTES_MAX)
    }
}

/// Gives a status that the gRPC library made (a message too large or malformed, a method that is not there, a timeout
/// that it answers with CANCELLED) its place in the table. One that has its details already stays as it is; the text
/// of any other is not sent on, so log it under the request id first.
#[must_use]
pub fn adopt(status: Status, request_id: &str) -> Status {
    // NOT_FOUND without details is the health service's word for a service that it does not know.
    if matches!(status.code(), Code::Ok | Code::NotFound) || !status.details().is_empty() {
        return status;
    }
    let text = status.message();
    let says = |starts: &[&str]| starts.iter().any(|start| text.starts_with(start));
    let refusal = match status.code() {
        Code::OutOfRange | Code::ResourceExhausted if text.contains("limit") => {
            Refusal::message_too_large(last_number(text))
        }
        Code::ResourceExhausted => Refusal::overloaded(RETRY_AFTER),
        Code::Unimplemented => Refusal::unknown_method(),
        Code::DeadlineExceeded => Refusal::deadline_exceeded(),
        Code::Cancelled if says(&["Timeout expired"]) => Refusal::deadline_exceeded(),
        Code::Cancelled => Refusal::cancelled(),
        Code::Internal
            if says(&[
                "failed to decode Protobuf message",
                "protocol error",
                "Unexpected EOF",
                "Missing request message",
            ]) =>
        {
            Refusal::malformed_message()
        }
        _ => Refusal::internal(request_id),
    };
    let mut adopted = Status::from(refusal);
    // Such as the encodings that the server knows.
    *adopted.metadata_mut() = status.metadata().clone();
    adopted
}

/// The last number in the library's sentence, which is the limit.
fn last_number(text: &str) -> usize {
    let mut numbers = text.split(|c: char| !c.is_ascii_digit()).filter(|n| !n.is_empty());
    numbers.next_back().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// A caller's value without control characters, and not too long.
fn shown(value: &str) -> String {
    let mut out: String = value.chars().filter(|c| !c.is_control()).take(VALUE_CHARS_MAX).collect();
    if value.chars().nth(VALUE_CHARS_MAX).is_some() {
        out.push('…');
    }
    out
}
