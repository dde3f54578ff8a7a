//! Who may call what, through a served door: every method of the descriptors with every role, by certificate and by
//! token, over TLS; and everything that is no credential.

pub(crate) mod credentials;
mod page;

use self::credentials::{Folder, claims, head};
use super::door::today;
use floatrate::auth::settings::{KeyFile, Settings};
use floatrate::auth::table::{Service, TABLE};
use floatrate::auth::{Algorithm, Caller, How, Regions, Role, San};
use floatrate::config::{Config, Tls};
use floatrate::rpc::Server;
use floatrate_proto::FILE_DESCRIPTOR_SET;
use prost::Message;
use prost_types::FileDescriptorSet;
use prost_types::method_options::IdempotencyLevel;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use tokio::sync::oneshot;
use tonic::client::Grpc;
use tonic::metadata::MetadataMap;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Identity};
use tonic::{Code, Request, Status};
use tonic_prost::ProstCodec;

/// Every method of every service, by its path, and whether it changes something.
fn methods() -> BTreeMap<String, bool> {
    let set = FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).unwrap();
    let mut out = BTreeMap::new();
    for file in set.file.iter().filter(|file| file.package() == "floatrate.v1") {
        for service in &file.service {
            for method in &service.method {
                let level = method.options.as_ref().map(prost_types::MethodOptions::idempotency_level);
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                assert_eq!(out.insert(path, level != Some(IdempotencyLevel::NoSideEffects)), None);
            }
        }
    }
    assert!(out.len() >= 29, "{out:?}");
    out
}

#[test]
fn the_table_is_that_of_the_proto_files() {
    let row = |service: &'static Service| {
        service.methods.iter().map(|m| (format!("/{}/{}", service.name, m.name), m.changes))
    };
    assert_eq!(TABLE.iter().flat_map(row).collect::<BTreeMap<_, _>>(), methods());
}

/// Whether the table allows a call.
fn allowed(path: &str, role: Role) -> bool {
    let (service, method) = path.trim_start_matches('/').split_once('/').unwrap();
    let service = TABLE.iter().find(|s| s.name == service).unwrap();
    service.methods.iter().find(|m| m.name == method).unwrap().allows(role)
}

/// A served door with TLS, callers by certificate for every role, and the keys of [`Folder`]; it ends with the sender.
async fn serve(folder: &Folder) -> (SocketAddr, oneshot::Sender<()>) {
    let certificates = Role::ALL.map(|role| {
        let san = San::parse(&format!("URI:floatrate:{}", role.name())).unwrap();
        let regions = Regions::of(["510400"]).unwrap();
        (san, Caller { name: role.name().into(), roles: [role].into(), regions, how: How::Certificate })
    });
    let keys = Algorithm::ALL.map(|algorithm| KeyFile {
        kid: algorithm.name().into(),
        algorithm,
        file: folder.path(&format!("{}.pub", algorithm.name())),
    });
    let identity =
        Settings { certificates: certificates.to_vec(), keys: keys.to_vec(), ..Settings::default() };
    let tls = Tls {
        certificate: folder.path("server.pem"),
        key: folder.path("server.key"),
        client_ca: folder.path("ca.pem"),
    };
    let here = || "127.0.0.1:0".parse().unwrap();
    let config = Config {
        listen: here(),
        console: here(),
        tls: Some(tls),
        identity: Some(identity),
        ..Config::default()
    };
    let plans = floatrate::plans::library(None).unwrap();
    let server = Server::bind(&config, plans, today).await.unwrap();
    let address = server.addresses().unwrap().0;
    let (down, asked) = oneshot::channel::<()>();
    tokio::spawn(server.run(async {
        let _ = asked.await;
    }));
    (address, down)
}

/// A connection over TLS, with the certificate of a name or without.
fn connect(folder: &Folder, address: SocketAddr, certificate: Option<&str>) -> Channel {
    let read = |name: &str| std::fs::read(folder.path(name)).unwrap();
    let mut tls =
        ClientTlsConfig::new().ca_certificate(Certificate::from_pem(read("ca.pem"))).domain_name("localhost");
    if let Some(name) = certificate {
        tls = tls.identity(Identity::from_pem(read(&format!("{name}.pem")), read(&format!("{name}.key"))));
    }
    let address = format!("https://localhost:{}", address.port());
    Channel::from_shared(address).unwrap().tls_config(tls).unwrap().connect_lazy()
}

/// What a call with an empty message and these headers gets.
async fn call(channel: &Channel, path: &str, headers: &[(&'static str, &str)]) -> Code {
    status(channel, path, headers).await.code()
}

async fn status(channel: &Channel, path: &str, headers: &[(&'static str, &str)]) -> Status {
    let mut client = Grpc::new(channel.clone());
    client.ready().await.unwrap();
    let mut metadata = MetadataMap::new();
    for (name, value) in headers {
        metadata.append(*name, value.parse().unwrap());
    }
    let request = Request::from_parts(metadata, tonic::Extensions::new(), ());
    let answer = client.unary(request, path.parse().unwrap(), ProstCodec::<(), ()>::default()).await;
    answer.err().unwrap_or_else(|| Status::ok(""))
}

fn bearer(token: &str) -> String {
    format!("Bearer {token}")
}

const READ: &str = "/floatrate.v1.PlanService/ListPlans";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_whole_table_holds_by_certificate_and_by_token() {
    let folder = Folder::new();
    let (address, _down) = serve(&folder).await;
    let bare = connect(&folder, address, None);
    let expired = bearer(&folder.token(&head(Algorithm::Es256), &{
        let mut claims = claims(&["officer"]);
        claims["exp"] = json!(claims["exp"].as_i64().unwrap() - 700);
        claims
    }));
    for (role, algorithm) in Role::ALL.into_iter().zip(Algorithm::ALL.into_iter().cycle()) {
        let channel = connect(&folder, address, Some(role.name()));
        let token = bearer(&folder.token(&head(algorithm), &claims(&[role.name()])));
        for path in methods().keys() {
            let by_certificate = call(&channel, path, &[]).await;
            let by_token = call(&bare, path, &[("authorization", &token)]).await;
            for (how, code) in [("certificate", by_certificate), ("token", by_token)] {
                let refused = matches!(code, Code::PermissionDenied | Code::Unauthenticated);
                assert_eq!(!refused, allowed(path, role), "{path} {role:?} by {how}: {code:?}");
                assert!(!refused || code == Code::PermissionDenied, "{path} {role:?} by {how}: {code:?}");
            }
        }
        assert_eq!(
            call(&channel, "/floatrate.v1.PlanService/Nothing", &[]).await,
            Code::Unimplemented,
            "what the table lacks is there for nobody"
        );
    }
    for path in methods().keys() {
        assert_eq!(call(&bare, path, &[]).await, Code::Unauthenticated, "{path}");
        let code = call(&bare, path, &[("authorization", &expired)]).await;
        assert_eq!(code, Code::Unauthenticated, "{path} with an expired token");
    }
    // Health and reflection are open to whoever passed the transport.
    assert_eq!(call(&bare, "/grpc.health.v1.Health/Check", &[]).await, Code::Ok);
    let reflection = call(&bare, "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", &[]).await;
    assert!(!matches!(reflection, Code::PermissionDenied | Code::Unauthenticated), "{reflection:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_credential_is_refused() {
    let folder = Folder::new();
    let (address, _down) = serve(&folder).await;
    let bare = connect(&folder, address, None);
    let officer = connect(&folder, address, Some("officer"));
    let stranger = connect(&folder, address, Some("stranger"));
    let auditor = claims(&["auditor"]);
    let good: Vec<String> =
        Algorithm::ALL.iter().map(|a| bearer(&folder.token(&head(*a), &auditor))).collect();
    for token in &good {
        assert_eq!(call(&bare, READ, &[("authorization", token)]).await, Code::Ok, "{token}");
    }
    let change = |name: &str, value: Value| {
        let mut claims = auditor.clone();
        claims[name] = value;
        folder.token(&head(Algorithm::Es256), &claims)
    };
    let without = |name: &str| {
        let mut claims = auditor.clone();
        claims.as_object_mut().unwrap().remove(name);
        folder.token(&head(Algorithm::Es256), &claims)
    };
    let now = auditor["exp"].as_i64().unwrap() - 600;
    let token = folder.token(&head(Algorithm::Es256), &auditor);
    let (message, signature) = token.rsplit_once('.').unwrap();
    let other = change("roles", json!(["officer"]));
    let tampered = format!("{}.{signature}", other.rsplit_once('.').unwrap().0);
    for (what, bad) in [
        ("another key's signature", folder.signed_by("wrong", &head(Algorithm::Es256), &auditor)),
        ("a tampered payload", tampered),
        ("no signature", format!("{message}.")),
        ("alg none", folder.unsigned(&json!({"alg": "none", "kid": "ES256"}), &auditor)),
        // The public key is known to everybody: as a secret it would let everybody sign.
        ("a public key as secret, RS", folder.signed_by_public_key("RS256", &auditor)),
        ("a public key as secret, ES", folder.signed_by_public_key("ES256", &auditor)),
        ("another key's algorithm", folder.token(&json!({"alg": "HS256", "kid": "RS256"}), &auditor)),
        ("an unknown key", folder.token(&json!({"alg": "ES256", "kid": "none"}), &auditor)),
        ("no key", folder.token(&json!({"alg": "ES256"}), &auditor)),
        ("no sub", without("sub")),
        ("no exp", without("exp")),
        ("no roles", without("roles")),
        ("no regions", without("regions")),
        ("no aud", without("aud")),
        ("a future nbf", change("nbf", json!(now + 300))),
        ("another audience", change("aud", json!("elsewhere"))),
        ("a life of a month", change("exp", json!(now + 30 * 86_400))),
        ("a role that there is not", change("roles", json!(["boss"]))),
        ("a long token", change("x", json!("x".repeat(9000)))),
    ] {
        let value = bearer(&bad);
        // Not even beside a good certificate.
        for channel in [&bare, &officer, &stranger] {
            let status = status(channel, READ, &[("authorization", &value)]).await;
            assert_eq!(status.code(), Code::Unauthenticated, "{what}: {status:?}");
            assert_eq!(status.message(), "the call carries no identity that can be verified", "{what}");
        }
    }
    let twice = [("authorization", good[0].as_str()), ("authorization", good[0].as_str())];
    assert_eq!(call(&bare, READ, &twice).await, Code::Unauthenticated);
    assert_eq!(call(&bare, READ, &[("authorization", "Basic eDp5")]).await, Code::Unauthenticated);
    // The authority signed it, and nobody named it here; its own word does not count either.
    assert_eq!(call(&stranger, READ, &[]).await, Code::Unauthenticated);
    let own = [("x-floatrate-name", "x"), ("x-floatrate-role", "officer")];
    assert_eq!(call(&bare, READ, &own).await, Code::Unauthenticated);
    // A token names the caller, beside any certificate.
    assert_eq!(call(&stranger, READ, &[("authorization", &good[0])]).await, Code::Ok);
    let import = "/floatrate.v1.EmployerService/ImportRecords";
    assert_eq!(call(&officer, import, &[("authorization", &good[0])]).await, Code::PermissionDenied);
    // A header that no server takes.
    let oversize = bearer(&"x".repeat(40_000));
    let code = call(&bare, READ, &[("authorization", &oversize)]).await;
    assert!(code != Code::Ok, "{code:?}");
    // And the door still stands.
    assert_eq!(call(&bare, READ, &[("authorization", &good[0])]).await, Code::Ok);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_open_loopback_callers_name_themselves() {
    let served = super::door::serve(|_| {}).await;
    let import = "/floatrate.v1.EmployerService/ImportRecords";
    for (headers, path, expected) in [
        (&[][..], READ, Code::Ok),
        (&[("x-floatrate-name", "zhang.wei"), ("x-floatrate-role", "officer")], READ, Code::Ok),
        (&[("x-floatrate-role", "auditor")], import, Code::PermissionDenied),
        (&[("x-floatrate-role", "boss")], READ, Code::InvalidArgument),
        (&[("x-floatrate-name", "a (officer, token)")], READ, Code::InvalidArgument),
        // What cannot be checked is not passed over.
        (&[("authorization", "Bearer x")], READ, Code::Unauthenticated),
    ] {
        assert_eq!(call(&served.channel, path, headers).await, expected, "{headers:?} {path}");
    }
    let closed = super::door::serve(|config| config.identity = Some(Settings::default())).await;
    assert_eq!(call(&closed.channel, READ, &[]).await, Code::Unauthenticated);
    let settings = Settings { open_loopback: true, ..Settings::default() };
    let open = super::door::serve(|config| config.identity = Some(settings)).await;
    assert_eq!(call(&open.channel, READ, &[]).await, Code::Ok);
}
