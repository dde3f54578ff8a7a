//! Who is let in, and how long a handshake may take.

use super::door::{message, one, today};
use super::process::{LONG, Process};
use floatrate::config::{Config, Tls};
use floatrate::rpc::Server;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::oneshot;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Identity};

/// Certificates of two authorities, made by openssl: `good` for server and client, `bad` for a client.
fn certificates(folder: &Path) {
    let run = |arguments: &str| {
        let ran = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().unwrap();
        assert!(ran.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&ran.stderr));
    };
    std::fs::write(folder.join("names"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n").unwrap();
    for ca in ["good", "bad"] {
        let key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
        run(&format!("req -x509 {key} -keyout {ca}-ca.key -out {ca}-ca.pem -days 2 -subj /CN={ca}"));
        run(&format!("req {key} -keyout {ca}.key -out {ca}.csr -subj /CN=localhost"));
        run(&format!(
            "x509 -req -in {ca}.csr -CA {ca}-ca.pem -CAkey {ca}-ca.key -CAcreateserial -days 2 -extfile names -out {ca}.pem"
        ));
    }
}

/// The service's part of them, as variables of its environment.
fn variables(folder: &Path) -> [String; 3] {
    let pairs = [("CERTIFICATE", "good.pem"), ("KEY", "good.key"), ("CLIENT_CA", "good-ca.pem")];
    pairs.map(|(name, file)| format!("FLOATRATE_TLS_{name}={}", folder.join(file).display()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_clients_with_a_certificate_of_the_authority_are_served() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let path = |name: &str| folder.path().join(name);
    let variables = variables(folder.path());
    let process = Process::start(&variables.each_ref().map(String::as_str));
    let read = |name: &str| std::fs::read(path(name)).unwrap();
    for (client, expected) in [(Some("good"), true), (None, false), (Some("bad"), false)] {
        let mut tls = ClientTlsConfig::new()
            .ca_certificate(Certificate::from_pem(read("good-ca.pem")))
            .domain_name("localhost");
        if let Some(name) = client {
            let (certificate, key) = (read(&format!("{name}.pem")), read(&format!("{name}.key")));
            tls = tls.identity(Identity::from_pem(certificate, key));
        }
        let address = format!("https://localhost:{}", process.grpc.port());
        let channel = Channel::from_shared(address).unwrap().tls_config(tls).unwrap().connect_lazy();
        let answer = RatingServiceClient::new(channel).rate_employer(one(message(0))).await;
        assert_eq!(answer.is_ok(), expected, "{client:?}: {answer:?}");
    }
    let plain = Channel::from_shared(format!("http://{}", process.grpc)).unwrap().connect_lazy();
    assert!(RatingServiceClient::new(plain).rate_employer(one(message(0))).await.is_err());
}

#[tokio::test]
async fn certificates_that_cannot_be_read_end_the_start() {
    let mut config = Config { listen: "127.0.0.1:0".parse().unwrap(), ..Default::default() };
    config.console = config.listen;
    let folder = tempfile::tempdir().unwrap();
    config.database = database(&folder);
    let nowhere = || "/nowhere.pem".into();
    config.tls = Some(Tls { certificate: nowhere(), key: nowhere(), client_ca: nowhere() });
    let plans = floatrate::plans::library(None).unwrap();
    let why = Server::bind(&config, plans, today).await.unwrap_err();
    assert!(why.0.contains("/nowhere.pem"), "{why:?}");
}

#[test]
fn an_open_address_without_certificates_is_refused_at_start() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_floatrate"));
    let ran = command.args(["serve", "--listen", "0.0.0.0:0"]).env("LC_ALL", "C").output().unwrap();
    let err = String::from_utf8(ran.stderr).unwrap();
    assert_eq!(ran.status.code(), Some(2), "{err}");
    assert!(err.contains("no [tls]") && err.contains("in the clear"), "{err}");
}

/// A connection that never says a word of TLS is closed by the limit; until then, and after, others are let in.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_never_ends_is_ended() {
    let folder = tempfile::tempdir().unwrap();
    certificates(folder.path());
    let path = |name: &str| folder.path().join(name);
    let tls = Tls { certificate: path("good.pem"), key: path("good.key"), client_ca: path("good-ca.pem") };
    let served = serve_tls(tls, Duration::from_millis(700)).await;
    let mut silent = tokio::net::TcpStream::connect(served.0).await.unwrap();
    let mut half = tokio::net::TcpStream::connect(served.0).await.unwrap();
    // The head of a record that greets, and nothing of what it announces.
    half.write_all(b"\x16\x03\x01\x02\x00\x01").await.unwrap();
    let start = Instant::now();
    for stream in [&mut silent, &mut half] {
        let read = tokio::time::timeout(LONG, stream.read(&mut [0; 64])).await.expect("it is closed");
        // Closed, in order or by a reset.
        assert!(matches!(read, Ok(0) | Err(_)), "{read:?}");
    }
    assert!((600..10_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());
    let read = |name: &str| std::fs::read(path(name)).unwrap();
    let tls = ClientTlsConfig::new()
        .ca_certificate(Certificate::from_pem(read("good-ca.pem")))
        .identity(Identity::from_pem(read("good.pem"), read("good.key")))
        .domain_name("localhost");
    let address = format!("https://localhost:{}", served.0.port());
    let channel = Channel::from_shared(address).unwrap().tls_config(tls).unwrap().connect_lazy();
    RatingServiceClient::new(channel).rate_employer(one(message(0))).await.unwrap();
}

pub(crate) fn database(folder: &tempfile::TempDir) -> floatrate::config::DatabaseUrl {
    let file = folder.path().join("floatrate.db");
    floatrate::config::DatabaseUrl::parse(file.to_str().unwrap()).unwrap()
}

/// A service with certificates in this process; it ends when the second part is dropped.
async fn serve_tls(tls: Tls, handshake: Duration) -> (SocketAddr, oneshot::Sender<()>) {
    let mut config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        console: "127.0.0.1:0".parse().unwrap(),
        tls: Some(tls),
        ..Config::default()
    };
    // Kept: it is to outlive the server.
    let folder = tempfile::tempdir().unwrap();
    config.database = database(&folder);
    std::mem::forget(folder);
    config.limits.handshake = handshake;
    let plans = floatrate::plans::library(None).unwrap();
    let server = Server::bind(&config, plans, today).await.unwrap();
    let address = server.addresses().unwrap().0;
    let (down, asked) = oneshot::channel::<()>();
    tokio::spawn(server.run(async {
        let _ = asked.await;
    }));
    (address, down)
}
