//! Domain errors to statuses: the only place where a status is made.
//!
//! Every status has an [`ErrorInfo`](tonic_types::ErrorInfo) with a reason of [`Reason`], which is also the table of
//! `docs/errors.md`, an English message, and the Chinese one as a `LocalizedMessage`. Nothing internal is shown.

use super::NoDesk;
use crate::rpc::{BATCH_EXPLAINED_MAX, BATCH_MAX};
use floatrate_engine::Lang;
use floatrate_engine::record::Violation;
use prost::Message;
use std::collections::HashMap;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{ErrorDetails, StatusExt};

/// The domain of every reason.
pub const DOMAIN: &str = "floatrate";
/// When to come back after a refusal for overload.
const RETRY: Duration = Duration::from_millis(200);

macro_rules! reasons {
    ($($variant:ident = $name:literal, $code:ident, $when:literal;)*) => {
        /// Why a call failed: what clients may rely on.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Reason { $(#[doc = $when] $variant,)* }

        impl Reason {
            /// Every reason.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in `ErrorInfo.reason`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The status code.
            #[must_use]
            pub const fn code(self) -> Code {
                match self { $(Self::$variant => Code::$code,)* }
            }

            /// When it is given.
            #[must_use]
            pub const fn when(self) -> &'static str {
                match self { $(Self::$variant => $when,)* }
            }
        }
    };
}

reasons! {
    InvalidRequest = "INVALID_REQUEST", InvalidArgument, "A field of the request is missing or wrong; `BadRequest` lists all of them.";
    InvalidRecord = "INVALID_RECORD", InvalidArgument, "The record breaks the contract; `BadRequest` lists every violation with its path. Do not retry.";
    MissingHeader = "MISSING_HEADER", InvalidArgument, "A stream did not begin with its header, or had a second one.";
    UnknownPlan = "UNKNOWN_PLAN", NotFound, "There is no plan of that id; `ListPlans` gives those that there are.";
    NoRatingDate = "NO_RATING_DATE", InvalidArgument, "The plan does not rate on that date; the message says when it does.";
    Overloaded = "OVERLOADED", ResourceExhausted, "All work that is taken in at once is taken in; `RetryInfo` says when to come back.";
    DeadlineExceeded = "DEADLINE_EXCEEDED", DeadlineExceeded, "The call's deadline passed; its work has been stopped.";
    Internal = "INTERNAL", Internal, "A mistake of floatrate. The log has it under the request id.";
}

fn status(reason: Reason, en: impl Into<String>, zh: impl Into<String>, details: ErrorDetails) -> Status {
    let mut details = details;
    details.set_error_info(reason.name(), DOMAIN, HashMap::new());
    details.set_localized_message("zh-CN", zh);
    Status::with_error_details(reason.code(), en, details)
}

/// Fields of a request that are missing or wrong, all at once: path, what was expected.
#[must_use]
pub fn invalid_request(violations: Vec<(String, String)>) -> Status {
    let mut details = ErrorDetails::new();
    let fields: Vec<&str> = violations.iter().map(|v| v.0.as_str()).collect();
    let (en, zh) = (
        format!("wrong or missing in the request: {}", fields.join(", ")),
        format!("请求中有误或缺少的字段：{}", fields.join("、")),
    );
    for (field, what) in violations {
        details.add_bad_request_violation(field, what);
    }
    status(Reason::InvalidRequest, en, zh, details)
}

/// A record that breaks the contract, with every violation under `record`.
#[must_use]
pub fn invalid_record(violations: &[Violation]) -> Status {
    let mut details = ErrorDetails::new();
    for violation in violations {
        let field = if violation.field.is_empty() {
            "record".to_owned()
        } else {
            format!("record.{}", violation.field)
        };
        details.add_bad_request_violation(
            field,
            format!("{}: {}", violation.reason(), violation.message(Lang::En)),
        );
    }
    let first = |lang| violations.first().map_or_else(String::new, |v| v.message(lang));
    let count = violations.len();
    status(
        Reason::InvalidRecord,
        format!("the record has {count} violations; the first: {}", first(Lang::En)),
        format!("记录有{count}处错误，第一处：{}", first(Lang::Zh)),
        details,
    )
}

/// No plan, or not on that date.
#[must_use]
pub fn no_desk(why: NoDesk) -> Status {
    match why {
        NoDesk::UnknownPlan(known) => unknown_plan(&known),
        NoDesk::NoSuchDate(why) => {
            let mut details = ErrorDetails::new();
            details.add_bad_request_violation("rating_date", why.clone());
            status(Reason::NoRatingDate, why.clone(), format!("费率生效日不符：{why}"), details)
        }
    }
}

/// No plan of that id.
#[must_use]
pub fn unknown_plan(known: &[String]) -> Status {
    let known = known.join(", ");
    status(
        Reason::UnknownPlan,
        format!("there is no such plan; there are {known}"),
        format!("没有该规则；可用：{known}"),
        ErrorDetails::new(),
    )
}

/// No room for more work.
#[must_use]
pub fn overloaded() -> Status {
    let mut details = ErrorDetails::new();
    details.set_retry_info(Some(RETRY));
    status(
        Reason::Overloaded,
        "too much work in flight; retry after the time of RetryInfo",
        "系统繁忙，请按 RetryInfo 的时间重试",
        details,
    )
}

/// The call's deadline has passed.
#[must_use]
pub fn deadline_exceeded() -> Status {
    status(
        Reason::DeadlineExceeded,
        "the deadline passed; the work has been stopped",
        "已超过调用时限，工作已停止",
        ErrorDetails::new(),
    )
}

/// A stream without its header first.
#[must_use]
pub fn no_header() -> Status {
    status(
        Reason::MissingHeader,
        "a stream begins with a header",
        "流的第一条消息必须是 header",
        ErrorDetails::new(),
    )
}

/// A second header, or an empty message, in a stream.
#[must_use]
pub fn second_header() -> Status {
    status(
        Reason::MissingHeader,
        "after the header a stream holds items only",
        "header 之后只能是 item",
        ErrorDetails::new(),
    )
}

/// A batch that is too large.
#[must_use]
pub fn batch_too_large(count: usize, most: usize) -> Status {
    let what = format!(
        "{count} records, but a batch holds at most {most} ({BATCH_MAX}, or {BATCH_EXPLAINED_MAX} with explanations); use StreamRateEmployers"
    );
    invalid_request(vec![("records".to_owned(), what)])
}

/// A mistake of ours.
#[must_use]
pub fn internal() -> Status {
    status(Reason::Internal, "internal error", "内部错误", ErrorDetails::new())
}

/// A status as a message, for an item of a batch or stream.
#[must_use]
pub fn as_message(status: &Status) -> tonic_types::pb::Status {
    tonic_types::pb::Status::decode(status.details()).unwrap_or_else(|_| tonic_types::pb::Status {
        code: status.code().into(),
        message: status.message().to_owned(),
        details: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The table of `docs/errors.md`.
    fn table() -> String {
        let mut out = String::from("| reason | code | when |\n|---|---|---|\n");
        for reason in Reason::ALL {
            let code = format!("{:?}", reason.code());
            let mut upper = String::new();
            for c in code.chars() {
                if c.is_uppercase() && !upper.is_empty() {
                    upper.push('_');
                }
                upper.extend(c.to_uppercase());
            }
            out.push_str(&format!("| `{}` | {upper} | {} |\n", reason.name(), reason.when()));
        }
        out
    }

    #[test]
    fn the_page_holds_the_table() {
        let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/errors.md")).unwrap();
        assert!(page.contains(&table()), "docs/errors.md should hold\n{}", table());
    }

    #[test]
    fn details_travel_with_items() {
        let status =
            invalid_request(vec![("plan".into(), "missing".into()), ("language".into(), "\"fr\"".into())]);
        assert_eq!(status.code(), Code::InvalidArgument);
        let details = status.get_error_details();
        assert_eq!(details.bad_request().unwrap().field_violations.len(), 2);
        assert_eq!(details.error_info().unwrap().domain, DOMAIN);
        assert_eq!(details.localized_message().unwrap().locale, "zh-CN");
        let message = as_message(&status);
        assert_eq!((message.code, message.details.len()), (3, 3));
        assert!(overloaded().get_error_details().retry_info().is_some());
    }
}
