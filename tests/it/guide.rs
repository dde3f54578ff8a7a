//! `docs/integration.md`: what it gives to copy is what works.

use floatrate::config::{Config, VARIABLES};
use floatrate::rpc::status::TABLE;
use floatrate_proto::FILE_DESCRIPTOR_SET;
use prost::Message;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tonic::Code;

fn guide() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/integration.md");
    std::fs::read_to_string(path).unwrap()
}

/// The first block of a language after a heading.
fn block(heading: &str, language: &str) -> String {
    let guide = guide();
    let after = guide.split(&format!("\n## {heading}\n")).nth(1).unwrap_or_else(|| panic!("no {heading}"));
    let block = after.split(&format!("```{language}\n")).nth(1).unwrap_or_else(|| panic!("{heading}"));
    block.split("```").next().unwrap().to_owned()
}

/// The retry policy, as text.
pub(crate) fn service_config() -> String {
    block("Retries", "json")
}

/// The methods that are served, as `service/method`.
fn methods() -> BTreeSet<String> {
    // A file descriptor set by the numbers of its fields: names and services are all that is read here.
    #[derive(Clone, PartialEq, Message)]
    struct Set {
        #[prost(message, repeated, tag = "1")]
        files: Vec<File>,
    }
    #[derive(Clone, PartialEq, Message)]
    struct File {
        #[prost(string, tag = "2")]
        package: String,
        #[prost(message, repeated, tag = "6")]
        services: Vec<Service>,
    }
    #[derive(Clone, PartialEq, Message)]
    struct Service {
        #[prost(string, tag = "1")]
        name: String,
        #[prost(message, repeated, tag = "2")]
        methods: Vec<Method>,
    }
    #[derive(Clone, PartialEq, Message)]
    struct Method {
        #[prost(string, tag = "1")]
        name: String,
    }
    let set = Set::decode(FILE_DESCRIPTOR_SET).unwrap();
    let of = |file: &File| {
        let named = |s: &Service| {
            let service = format!("{}.{}", file.package, s.name);
            s.methods.iter().map(move |m| format!("{service}/{}", m.name)).collect::<Vec<_>>()
        };
        file.services.iter().flat_map(named).collect::<Vec<_>>()
    };
    set.files.iter().flat_map(of).collect()
}

#[test]
fn the_retry_policy_names_what_is_served_and_retries_what_passes() {
    let config: Value = serde_json::from_str(&service_config()).unwrap();
    let served = methods();
    let mut named = BTreeSet::new();
    for entry in config["methodConfig"].as_array().unwrap() {
        for name in entry["name"].as_array().unwrap() {
            let service = name["service"].as_str().unwrap();
            let method = name["method"].as_str().map(|m| format!("{service}/{m}"));
            let hits = |s: &&String| method.as_ref().map_or(s.starts_with(service), |m| *s == m);
            assert!(served.iter().any(|s| hits(&s)), "{name} is not served");
            named.extend(served.iter().filter(hits).cloned());
        }
    }
    assert_eq!(named, served);
    let policy = &config["methodConfig"][0]["retryPolicy"];
    // Those of the table that say when to come back.
    let codes: BTreeSet<&str> = TABLE
        .iter()
        .filter(|row| row.retry)
        .map(|row| match row.code {
            Code::Unavailable => "UNAVAILABLE",
            Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
            other => panic!("{other:?} is not in the policy"),
        })
        .collect();
    let listed = policy["retryableStatusCodes"].as_array().unwrap().iter().map(|c| c.as_str().unwrap());
    assert_eq!(listed.collect::<BTreeSet<_>>(), codes);
    // gRPC takes two to five attempts.
    assert!((2..=5).contains(&policy["maxAttempts"].as_u64().unwrap()));
}

#[test]
fn the_configuration_file_is_the_default() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("floatrate.toml");
    std::fs::write(&path, block("Running it", "toml")).unwrap();
    assert_eq!(Config::read(Some(&path), &BTreeMap::new(), None, None, None), Ok(Config::default()));
    let guide = guide();
    for name in VARIABLES {
        assert!(guide.contains(&format!("`{name}`")), "{name}");
    }
}
