//! The table is complete and published; statuses carry what it says, and fit.

use super::table::keys;
use super::{
    CALL_DETAILS_BYTES_MAX, DOMAIN, ErrorReason, FieldFault, ITEM_DETAILS_BYTES_MAX, Refusal, Row, TABLE,
    adopt,
};
use crate::problem::{Problem, What};
use crate::store::StoreError;
use floatrate_engine::Lang;
use floatrate_engine::record::{Declared, Form, Record, Violation};
use prost::Message;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::time::Duration;
use tonic::{Code, Status};
use tonic_types::{RpcStatusExt, StatusExt};

fn violations(rows: usize) -> Vec<Violation> {
    let row = Form::Map(vec![("start".into(), Form::Text("2023-02-30".into()))]);
    let form = Form::Map(vec![("periods".into(), Form::List(vec![row; rows]))]);
    Record::from_form(&form, &Declared::default()).unwrap_err()
}

/// One refusal of each reason, in the order of the table.
fn refusals() -> Vec<Refusal> {
    let second = Duration::from_secs(1);
    vec![
        Refusal::invalid_record("record", &violations(1)),
        Refusal::invalid_request(vec![FieldFault::new(
            "plan",
            "missing_field",
            "plan is required",
            "缺少 plan",
        )]),
        Refusal::batch_too_large("records", 1001, 1000),
        Refusal::stream_order(),
        Refusal::malformed_message(),
        Refusal::plan_not_found("cn-1"),
        Refusal::not_a_rating_date("rating_date", "cn-1", "2026-02-03", "01-01 of every year from 2022"),
        Refusal::plan_rates_nobody("cn-1"),
        Refusal::plan_names_files("a.csv"),
        Refusal::unauthenticated(),
        Refusal::permission_denied(),
        Refusal::message_too_large(4 << 20),
        Refusal::overloaded(second),
        Refusal::deadline_exceeded(),
        Refusal::cancelled(),
        Refusal::draining(second),
        Refusal::unknown_method(),
        Refusal::internal("r-1"),
        Refusal::portfolio_missing("de-1", &["average_burden"]),
        Refusal::not_found(What::Employer, "A"),
        Problem::Unpublished {
            employer_id: "A".into(),
            date: "2026-02-01".into(),
            ended_on: Some("2025-12-31".into()),
            begins_on: None,
        }
        .into(),
        Problem::Review(vec!["undefined:payout_ratio".into()]).into(),
        Problem::NotEnacted("cn-1".into(), "illustrative".into()).into(),
        Problem::Stale(What::Objection, "o1".into()).into(),
        Problem::RequestIdReused("r-1".into()).into(),
        Problem::State(What::RefusedChange, "tax 7".into(), "resolved".into(), "open").into(),
        Problem::ObjectionLate("2026-03-23".into()).into(),
        Problem::NotMerged("periods overlap".into(), "期间重叠".into()).into(),
        StoreError::Unavailable("secret".into()).into(),
        Problem::NoPlan("510400".into(), "2026-01-01".into()).into(),
        Problem::Running("c1".into(), "wang".into(), "2026-02-01T08:00:00.000000Z".into()).into(),
        Problem::Stopped("c1".into()).into(),
        Problem::SamePerson("c1".into(), "wang".into()).into(),
        Problem::NotVerified("c1".into(), "cn-1".into()).into(),
        Problem::OpenItems("c1".into(), 3).into(),
        Problem::NoEmployers("510400".into()).into(),
        Problem::NothingToPublish("c1".into()).into(),
    ]
}

#[test]
fn the_table_is_that_of_the_proto_file() {
    let sent = (1..).map_while(|n| ErrorReason::try_from(n).ok());
    assert_eq!(TABLE.iter().map(|row| row.reason).collect::<Vec<_>>(), sent.collect::<Vec<_>>());
    for row in TABLE {
        let of_zh: BTreeSet<_> = keys(row.zh).collect();
        assert_eq!(row.keys().collect::<BTreeSet<_>>(), of_zh, "{}", row.name());
    }
}

#[test]
fn every_refusal_carries_what_its_row_says() {
    let refusals = refusals();
    assert_eq!(refusals.len(), TABLE.len());
    for (refusal, row) in refusals.into_iter().zip(TABLE) {
        assert_eq!(refusal.reason(), row.reason);
        let (en, zh) = (refusal.message(Lang::En), refusal.message(Lang::Zh));
        assert!(!en.contains(['{', '}']) && !zh.contains(['{', '}']), "{en} {zh}");
        let item = refusal.item();
        let status = Status::from(refusal);
        assert_eq!((status.code(), status.message()), (row.code, en.as_str()));
        assert_eq!((Code::from(item.code), item.message.as_str()), (row.code, en.as_str()));
        let details = status.get_error_details();
        let info = details.error_info().unwrap();
        assert_eq!((info.reason.as_str(), info.domain.as_str()), (row.name(), DOMAIN));
        let metadata: BTreeSet<_> = info.metadata.keys().map(String::as_str).collect();
        assert_eq!(metadata, row.keys().collect(), "{}", row.name());
        let localized = details.localized_message().unwrap();
        assert_eq!((localized.locale.as_str(), &localized.message), ("zh-CN", &zh));
        assert_eq!(details.bad_request().is_some(), row.names_fields, "{}", row.name());
        assert_eq!(details.retry_info().is_some(), row.retry, "{}", row.name());
        // The item carries the same.
        assert_eq!(item.get_error_details().error_info().unwrap().reason, info.reason);
        assert_eq!(item.details.len(), 2 + usize::from(row.names_fields) + usize::from(row.retry));
    }
}

#[test]
fn all_violations_are_listed_with_their_paths() {
    let violations = violations(3);
    for (path, field) in [("record", "record.periods[1].start"), ("", "periods[1].start")] {
        let status = Status::from(Refusal::invalid_record(path, &violations));
        let listed = status.get_details_bad_request().unwrap().field_violations;
        assert_eq!(listed.len(), violations.len());
        let of = listed.iter().find(|v| v.field == field).unwrap();
        assert_eq!(of.reason, "NOT_A_DATE");
        assert!(of.description.contains("2023-02-30"), "{}", of.description);
        assert!(of.localized_message.as_ref().unwrap().message.contains("2023-02-30"));
    }
    let empty = Record::from_form(&Form::Null, &Declared::default()).unwrap_err();
    let whole = Status::from(Refusal::invalid_record("records[3]", &empty));
    assert_eq!(whole.get_details_bad_request().unwrap().field_violations[0].field, "records[3]");
}

#[test]
fn too_many_violations_are_cut_and_counted() {
    for rows in [10, 30, 200, 20_000] {
        let violations = violations(rows);
        let refusal = Refusal::invalid_record("record", &violations);
        let item = refusal.item();
        let status = Status::from(refusal);
        assert!(status.details().len() <= CALL_DETAILS_BYTES_MAX, "{rows}: {}", status.details().len());
        assert!(item.encoded_len() <= ITEM_DETAILS_BYTES_MAX, "{rows}: {}", item.encoded_len());
        let listed = status.get_details_bad_request().unwrap().field_violations.len();
        let of_item = item.get_details_bad_request().unwrap().field_violations.len();
        // As many as fit: what is left over is less than a few of them take.
        assert!(listed == violations.len() || listed >= 20, "{rows}: {listed}");
        assert!(of_item == violations.len() || of_item >= 80, "{rows}: {of_item}");
        let info = status.get_details_error_info().unwrap();
        assert_eq!(info.metadata["violations"], violations.len().to_string());
    }
}

#[test]
fn a_callers_value_is_neither_filled_in_nor_long() {
    let plan = format!("{{plan}}\r\n{}", "长".repeat(10_000));
    let refusal = Refusal::plan_not_found(&plan);
    let message = refusal.message(Lang::En);
    assert!(message.starts_with("there is no plan {plan}长") && message.ends_with('…'), "{message}");
    assert!(Status::from(refusal).details().len() < 2000);
}

#[test]
fn the_librarys_statuses_are_adopted() {
    let limit = "Error, decoded message length too large: found 9 bytes, the limit is: 7 bytes";
    let mut compressed = Status::unimplemented("Content is compressed with `x` which isn't supported");
    compressed.metadata_mut().insert("grpc-accept-encoding", "identity".parse().unwrap());
    let decode = floatrate_proto::floatrate::v1::Record::decode(&b"\xff"[..]).unwrap_err();
    for (status, reason) in [
        (Status::out_of_range(limit), ErrorReason::MessageTooLarge),
        (Status::resource_exhausted("Too many active requests"), ErrorReason::Overloaded),
        (Status::internal(decode.to_string()), ErrorReason::MalformedMessage),
        (Status::internal("Unexpected EOF decoding stream."), ErrorReason::MalformedMessage),
        (Status::from_error(Box::new(tonic::TimeoutExpired(()))), ErrorReason::DeadlineExceeded),
        (Status::cancelled("client cancelled"), ErrorReason::Cancelled),
        (compressed, ErrorReason::UnknownMethod),
        (Status::internal("secret"), ErrorReason::Internal),
        (Status::unknown("secret"), ErrorReason::Internal),
    ] {
        let metadata = status.metadata().clone();
        let adopted = adopt(status, "r-1");
        let row = Row::of(reason);
        assert_eq!(adopted.get_details_error_info().unwrap().reason, row.name());
        assert_eq!(adopted.code(), row.code);
        assert!(!adopted.message().contains("secret"));
        assert_eq!(adopted.metadata().len(), metadata.len());
    }
    let too_large = adopt(Status::out_of_range(limit), "r-1");
    assert_eq!(too_large.get_details_error_info().unwrap().metadata["limit_bytes"], "7");
    let ours = Status::from(Refusal::plan_not_found("x"));
    assert_eq!(adopt(ours.clone(), "r-1").details(), ours.details());
}

/// With `FLOATRATE_WRITE_DOCS` set, the page is written and not compared.
#[test]
fn the_page_is_the_table() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/errors.md");
    let page = page();
    if std::env::var_os("FLOATRATE_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(found, page, "run this test with FLOATRATE_WRITE_DOCS=1");
}

fn page() -> String {
    let mut out = format!(
        "# Errors

<!-- Written by a test from the table in src/rpc/status/table.rs. -->

Every failed call has a gRPC code, an English message, and these details in `grpc-status-details-bin`:

| detail | always | holds |
|---|---|---|
| `google.rpc.ErrorInfo` | yes | `domain` `{DOMAIN}`, a `reason` of the table below, and as `metadata` the values in the message |
| `google.rpc.LocalizedMessage` | yes | the message in Chinese (`zh-CN`) |
| `google.rpc.BadRequest` | for bad input | every violation: path of the field in the request, reason, sentence in English and Chinese |
| `google.rpc.RetryInfo` | for overload, shutdown and a database that does not answer | how long to wait before trying again |

An item of a batch or stream that fails is a `google.rpc.Status` with the same code, message and details in place of
its result; the other items are not touched.

Decide by `reason`; it never changes its meaning. Messages may be worded better in a later version. In the proto files
the reasons are the values of `floatrate.v1.ErrorReason` without `ERROR_REASON_`.

A record with very many violations does not list them all, as clients refuse large headers: at most {} KiB of details
for a call, {} KiB for an item. Then the Chinese sentences are left out first, the last violations next; `violations` in
the metadata is always the full number.

## Reasons

| reason | code | message | Chinese | beside the two | when |
|---|---|---|---|---|---|
",
        CALL_DETAILS_BYTES_MAX >> 10,
        ITEM_DETAILS_BYTES_MAX >> 10,
    );
    for row in TABLE {
        let beside = match (row.names_fields, row.retry) {
            (true, _) => "`BadRequest`",
            (_, true) => "`RetryInfo`",
            (false, false) => "",
        };
        let code = code_name(row.code);
        let (name, en, zh, when) = (row.name(), row.en, row.zh, row.when);
        let _ = writeln!(out, "| `{name}` | `{code}` | {en} | {zh} | {beside} | {when} |");
    }
    out.push_str(
        "
Only `OVERLOADED`, `DRAINING` and `DATABASE_UNAVAILABLE` are worth an automatic retry, after the delay that they name. A
call whose connection broke may be repeated too where it changes nothing, or where it carries a `request_id`; see
[integration.md](integration.md#retries). After `STALE_ETAG`, read again and decide again.

## Reasons of violations

In `BadRequest.field_violations[].reason`; the rejects file of the command line has the same in small letters. A
violation of the whole request has the reason of its error.

",
    );
    for reason in Violation::REASONS {
        let _ = writeln!(out, "- `{}`", reason.to_ascii_uppercase());
    }
    out
}

fn code_name(code: Code) -> &'static str {
    match code {
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::NotFound => "NOT_FOUND",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Unauthenticated => "UNAUTHENTICATED",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::Cancelled => "CANCELLED",
        Code::Unavailable => "UNAVAILABLE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Aborted => "ABORTED",
        other => panic!("{other:?} is not in the table"),
    }
}
