//! The feed as a file has the fields of the feed over gRPC.

use super::{Change, Kind};
use crate::determination::{Charged, Terms};
use crate::rpc::wire;
use crate::store::Instant;
use floatrate_proto::FILE_DESCRIPTOR_SET;
use floatrate_proto::floatrate::v1;
use prost::Message;
use prost_types::FileDescriptorSet;
use prost_types::field_descriptor_proto::{Label, Type};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

fn change(kind: Kind) -> Change {
    let text = |text: &str| Some(text.to_owned());
    let terms = Terms {
        plan: "cn-210100-2020".into(),
        cause: "annual".into(),
        region: "210100".into(),
        risk_class: Some(4),
        base_rate: text("0.009"),
        tier: text("0.5"),
        rate: text("0.0045"),
        charged: vec![Charged { from: "2026-01-01".into(), rate: "0.0045".into() }],
        flags: vec!["illustrative".into()],
        withdraws: String::new(),
    };
    Change {
        id: "b-1".into(),
        position: 7,
        kind,
        employer_id: "甲".into(),
        terms: Arc::new(terms),
        from: "2026-01-01".parse().unwrap(),
        until: "2026-12-31".parse().unwrap(),
        supersedes: "a-1".into(),
        published_at: Instant(1_767_225_600_000_001),
    }
}

/// Fields of a message with what their JSON is.
fn fields(message: &str) -> BTreeMap<String, &'static str> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let messages = set.file.iter().flat_map(|file| &file.message_type);
    let found = messages.into_iter().find(|m| m.name() == message).unwrap();
    let kind = |field: &prost_types::FieldDescriptorProto| match (field.label(), field.r#type()) {
        (Label::Repeated, _) => "list",
        (_, Type::String | Type::Enum) => "text",
        (_, Type::Int32 | Type::Int64) => "number",
        other => panic!("{other:?}"),
    };
    found.field.iter().map(|field| (field.name().to_owned(), kind(field))).collect()
}

fn written(value: &Value) -> BTreeMap<String, &'static str> {
    let kind = |value: &Value| match value {
        Value::String(_) => "text",
        Value::Number(_) => "number",
        Value::Array(_) => "list",
        other => panic!("{other}"),
    };
    value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), kind(value))).collect()
}

#[test]
fn a_line_has_the_fields_of_the_message() {
    for kind in [Kind::New, Kind::Supersedes, Kind::Withdrawn, Kind::Reduction] {
        let change = change(kind);
        let line: Value = serde_json::from_str(&change.json()).unwrap();
        assert_eq!(written(&line), fields("RateChange"));
        assert_eq!(written(&line["charged"][0]), fields("ChargedRate"));
        // And the values of the message.
        let message = wire::rate_change(&change);
        let name = message.kind().as_str_name().strip_prefix("CHANGE_KIND_").unwrap().to_ascii_lowercase();
        assert_eq!(line["kind"], name);
        let v1::RateChange { id, position, kind: _, employer_id, region, risk_class, .. } = message.clone();
        assert_eq!((line["id"].as_str(), line["position"].as_i64()), (Some(&*id), Some(position)));
        assert_eq!(line["employer_id"], employer_id);
        assert_eq!(
            (line["region"].as_str(), line["risk_class"].as_i64()),
            (region.as_deref(), risk_class.map(i64::from))
        );
        for (field, value) in [
            ("base_rate", message.base_rate.as_deref()),
            ("tier", message.tier.as_deref()),
            ("rate", message.rate.as_deref()),
            ("from", Some(&*message.from)),
            ("until", Some(&*message.until)),
            ("cause", Some(&*message.cause)),
            ("supersedes", Some(&*message.supersedes)),
            ("plan", Some(&*message.plan)),
            ("published_at", Some(&*message.published_at)),
        ] {
            assert_eq!(line[field].as_str(), value, "{field}");
        }
        assert_eq!(line["charged"][0]["rate"], message.charged[0].rate);
        assert_eq!(line["flags"][0], message.flags[0]);
    }
}

/// What the message leaves out, the line leaves out.
#[test]
fn what_is_not_known_is_left_out() {
    let mut change = change(Kind::New);
    let terms = Arc::make_mut(&mut change.terms);
    terms.region.clear();
    (terms.risk_class, terms.base_rate, terms.tier, terms.rate) = (None, None, None, None);
    let line: Value = serde_json::from_str(&change.json()).unwrap();
    for field in ["region", "risk_class", "base_rate", "tier", "rate"] {
        assert!(line.get(field).is_none(), "{field}: {line}");
    }
    assert_eq!(line.as_object().unwrap().len(), fields("RateChange").len() - 5);
}
