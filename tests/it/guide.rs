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

/// What the library repeats by itself may be carried out twice without harm.
#[test]
fn what_is_retried_only_reads_or_is_carried_out_once() {
    use prost_types::FileDescriptorSet;
    use prost_types::method_options::IdempotencyLevel;
    let config: Value = serde_json::from_str(&service_config()).unwrap();
    let streams = config["methodConfig"][1].as_object().unwrap();
    assert_eq!(streams.keys().collect::<Vec<_>>(), ["name"], "neither repeated nor limited in time");
    let streams: BTreeSet<String> = streams["name"]
        .as_array()
        .unwrap()
        .iter()
        .map(|name| format!("{}/{}", name["service"].as_str().unwrap(), name["method"].as_str().unwrap()))
        .collect();
    let text = guide();
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut found = BTreeSet::new();
    for file in set.file.iter().filter(|file| file.package() == "floatrate.v1") {
        for service in &file.service {
            for method in &service.method {
                if method.client_streaming() || method.server_streaming() {
                    found.insert(format!("floatrate.v1.{}/{}", service.name(), method.name()));
                    continue;
                }
                let level = method.options.as_ref().map(prost_types::MethodOptions::idempotency_level);
                if level == Some(IdempotencyLevel::NoSideEffects) {
                    continue;
                }
                // It changes something: by an id, or so that the same again changes nothing. The page says which.
                let input = method.input_type().rsplit('.').next().unwrap();
                let message = file.message_type.iter().find(|m| m.name() == input).unwrap();
                let by_id = message.field.iter().any(|field| field.name() == "request_id");
                let without =
                    ["AcknowledgeRateChanges", "ResolveRefusedChange", "RunCycle"].contains(&method.name());
                assert!(by_id != without, "{}", method.name());
                assert!(text.contains(&format!("`{}`", method.name())), "{}", method.name());
            }
        }
    }
    assert_eq!(found, streams);
}

fn page(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|why| panic!("{}: {why}", path.display()))
}

/// The blocks of a language.
fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let after = page.split(fence.as_str()).skip(1);
    after.map(|text| text.split("\n```").next().unwrap().to_owned()).collect()
}

/// `docs/collection.md` shows the client that the tests run. With `FLOATRATE_WRITE_DOCS` set, it is put there.
#[test]
fn the_client_of_the_feed_is_the_one_that_is_tested() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(root.join("tests/python/feed.py")).unwrap();
    let shown = page("collection.md");
    let place = |page: &str| {
        let start = page.find("<!-- feed.py -->\n").unwrap() + "<!-- feed.py -->\n".len();
        (start, start + page[start..].find("<!-- end -->").unwrap())
    };
    let (start, end) = place(&shown);
    let wanted = format!("\n```python\n{script}```\n\n");
    if std::env::var_os("FLOATRATE_WRITE_DOCS").is_some() && shown[start..end] != wanted {
        let written = format!("{}{wanted}{}", &shown[..start], &shown[end..]);
        std::fs::write(root.join("docs/collection.md"), written).unwrap();
    }
    let shown = page("collection.md");
    let (start, end) = place(&shown);
    assert!(shown[start..end] == wanted, "run this test with FLOATRATE_WRITE_DOCS=1");
}

/// Its examples and its table have the fields of the messages.
#[test]
fn the_fields_of_a_change_are_those_of_the_message() {
    use prost_types::FileDescriptorSet;
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let messages = || set.file.iter().flat_map(|file| &file.message_type);
    let change = messages().find(|m| m.name() == "RateChange").unwrap();
    let fields: BTreeSet<&str> = change.field.iter().map(prost_types::FieldDescriptorProto::name).collect();
    for name in ["collection.md", "collection.zh-CN.md"] {
        let text = page(name);
        for field in &fields {
            assert!(text.contains(&format!("\n| `{field}` |")), "{name}: {field}");
        }
    }
    let mut kinds = BTreeSet::new();
    for block in blocks(&page("collection.md"), "json") {
        let example: Value = serde_json::from_str(&block).unwrap_or_else(|why| panic!("{block}: {why}"));
        let Some(kind) = example["kind"].as_str() else { continue };
        kinds.insert(kind.to_owned());
        let shown: BTreeSet<&str> = example.as_object().unwrap().keys().map(String::as_str).collect();
        assert!(shown.is_subset(&fields), "{block}");
        for required in ["id", "position", "employer_id", "from", "until", "charged", "cause", "published_at"]
        {
            assert!(shown.contains(required), "{required}: {block}");
        }
    }
    assert_eq!(kinds.into_iter().collect::<Vec<_>>(), ["new", "reduction", "supersedes", "withdrawn"]);
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
