//! The change feed from another process and another language, while the server is ended and started again.

use super::process::Process;
use super::python::python;
use super::services::{order, record, upload, uuid};
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::collection_service_client::CollectionServiceClient;
use floatrate_proto::floatrate::v1::determination_service_client::DeterminationServiceClient;
use floatrate_proto::floatrate::v1::employer_service_client::EmployerServiceClient;
use serde_json::Value;
use std::fs::File;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};

const WRITERS: usize = 10;
const EMPLOYERS_EACH: usize = 4;
const DETERMINATIONS_EACH: usize = 40;
const TOTAL: usize = WRITERS * DETERMINATIONS_EACH;
/// How long the reader may still need when the writers have ended.
const BEHIND: Duration = Duration::from_secs(30);
/// Longer than anything here takes.
const LONG: Duration = Duration::from_secs(240);
/// What the server may hold in memory at most, with its plans, everything that is published, and a reader that does not
/// read.
const MEMORY_MIB: u64 = 200;
/// A watch that nobody reads cannot be told that the server goes down, so it is cut off when this is over.
const OPTIONS: &[&str] = &["FLOATRATE_DRAIN_SECONDS=3"];

fn id(writer: usize, employer: usize) -> String {
    format!("W{writer}-{employer}")
}

/// Whether a call that failed so may have been carried out or not, and is to be sent again.
fn passes(why: &Status) -> bool {
    // The library's own failures have no details: the connection broke, at whatever point.
    why.details().is_empty() || matches!(why.code(), Code::Unavailable | Code::ResourceExhausted)
}

/// One writer: publishes for its own employers, one after the other, each request until it is answered.
async fn write(writer: usize, channel: Channel, published: Arc<AtomicUsize>) -> Vec<String> {
    let mut client = DeterminationServiceClient::new(channel);
    let mut ids = Vec::new();
    for n in 0..DETERMINATIONS_EACH {
        let request = v1::CreateDeterminationRequest {
            request_id: uuid((writer * DETERMINATIONS_EACH + n) as u64),
            from: format!("2026-{:02}-01", 1 + n / EMPLOYERS_EACH),
            ..order(&id(writer, n % EMPLOYERS_EACH))
        };
        let made = loop {
            match client.create_determination(request.clone()).await {
                Ok(made) => break made.into_inner().determination.unwrap(),
                Err(why) if passes(&why) => tokio::time::sleep(Duration::from_millis(50)).await,
                Err(why) => panic!("{why:?}"),
            }
        };
        ids.push(made.id);
        published.fetch_add(1, Ordering::Relaxed);
    }
    ids
}

/// A reader that asks for everything and reads nothing, with room for next to nothing.
async fn idle(address: SocketAddr) -> Streaming<v1::WatchRateChangesResponse> {
    let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
    let endpoint = endpoint.initial_stream_window_size(1024).initial_connection_window_size(65_535);
    let mut client = CollectionServiceClient::new(endpoint.connect().await.unwrap());
    let watch = v1::WatchRateChangesRequest { consumer: "idle".into(), cursor: Some(0) };
    client.watch_rate_changes(watch).await.unwrap().into_inner()
}

/// The Python client; it ends with the test.
struct Reader {
    child: Child,
    folder: TempDir,
}

impl Reader {
    fn start(target: SocketAddr) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let log = || File::create(folder.path().join("log")).unwrap();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/python/feed.py");
        let errors = log();
        let child = Command::new(python())
            .arg(script)
            .args([
                "--target",
                &target.to_string(),
                "--consumer",
                "tax",
                "--until",
                &TOTAL.to_string(),
                "--out",
            ])
            .arg(folder.path().join("changes.jsonl"))
            .stdin(Stdio::null())
            .stdout(errors.try_clone().unwrap())
            .stderr(errors)
            .spawn()
            .unwrap();
        Self { child, folder }
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    async fn end(&mut self) {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{status}: {}", self.text("log"));
                return;
            }
            assert!(start.elapsed() < BEHIND, "the reader is behind: {}", self.text("log"));
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Positions and ids, as they were carried out.
    fn changes(&self) -> Vec<(i64, String)> {
        let line = |line: &str| {
            let change: Value = serde_json::from_str(line).unwrap();
            // 64-bit integers are texts in the JSON of protobuf.
            let position = change["position"].as_str().unwrap().parse().unwrap();
            (position, change["id"].as_str().unwrap().to_owned())
        };
        self.text("changes.jsonl").lines().map(line).collect()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn reached(published: &AtomicUsize, count: usize) {
    let start = Instant::now();
    while published.load(Ordering::Relaxed) < count {
        assert!(start.elapsed() < LONG, "{} of {count} are published", published.load(Ordering::Relaxed));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_python_client_follows_the_feed_through_two_restarts_while_ten_writers_publish() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("floatrate.db");
    let listen = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let log = |n: u32| folder.path().join(format!("log{n}"));
    let start = |n: u32| {
        Process::start_at(&listen.to_string(), &database, File::create(log(n)).unwrap().into(), OPTIONS)
    };
    let channel = || Endpoint::from_shared(format!("http://{listen}")).unwrap().connect_lazy();

    let server = start(1);
    let all = (0..WRITERS).flat_map(|w| (0..EMPLOYERS_EACH).map(move |e| record(&id(w, e), 0)));
    let mut employers = EmployerServiceClient::new(channel());
    employers.import_records(upload("", all.collect())).await.unwrap();

    let mut reader = Reader::start(listen);
    let unread = idle(listen).await;
    let published = Arc::new(AtomicUsize::new(0));
    let writers: Vec<_> =
        (0..WRITERS).map(|w| tokio::spawn(write(w, channel(), Arc::clone(&published)))).collect();

    // In the middle, asked to end: it drains, and says whom it had to cut off.
    reached(&published, TOTAL / 3).await;
    server.term();
    let (status, _) = server.end();
    let said = std::fs::read_to_string(log(1)).unwrap();
    assert_eq!(status.code(), Some(3), "{said}");
    drop(unread);

    // In the middle again, without a word.
    let server = start(2);
    let unread = idle(listen).await;
    reached(&published, 2 * TOTAL / 3).await;
    server.kill();
    drop(unread);

    let server = start(3);
    let mut unread = idle(listen).await;
    let mut told = Vec::new();
    for writer in writers {
        told.extend(tokio::time::timeout(LONG, writer).await.unwrap().unwrap());
    }
    reader.end().await;

    // Exactly the published set, in order, without gap or double: by the feed, by the writers, by the client.
    let mut client = CollectionServiceClient::new(channel());
    let mut listed = Vec::new();
    loop {
        let cursor = Some(listed.last().map_or(0, |(position, _)| *position));
        let page = v1::ListRateChangesRequest { consumer: "test".into(), cursor, page_size: 150 };
        let page = client.list_rate_changes(page).await.unwrap().into_inner();
        assert_eq!(page.newest, TOTAL as i64);
        if page.changes.is_empty() {
            break;
        }
        listed.extend(page.changes.into_iter().map(|c| (c.position, c.id)));
    }
    assert_eq!(
        listed.iter().map(|(position, _)| *position).collect::<Vec<_>>(),
        (1..=TOTAL as i64).collect::<Vec<_>>()
    );
    let changes = reader.changes();
    assert!(changes == listed, "{}", reader.text("log"));
    let mut ids: Vec<String> = listed.iter().map(|(_, id)| id.clone()).collect();
    ids.sort();
    told.sort();
    assert_eq!(ids, told);
    let said = reader.text("log");
    assert!(said.lines().filter(|line| line.starts_with("broke after ")).count() >= 2, "{said}");
    // It is acknowledged to the end.
    let rest = v1::ListRateChangesRequest { consumer: "tax".into(), cursor: None, page_size: 0 };
    let rest = client.list_rate_changes(rest).await.unwrap().into_inner();
    assert_eq!((rest.changes.len(), rest.cursor), (0, TOTAL as i64), "{said}");

    // The one that never read was not waited for, and what it did not read was kept for it nowhere: it is all there
    // when it reads at last.
    assert!(server.peak_mib() < MEMORY_MIB, "{} MiB", server.peak_mib());
    let mut late = Vec::new();
    while late.len() < TOTAL {
        let message = tokio::time::timeout(LONG, unread.message()).await.unwrap().unwrap().unwrap();
        late.extend(message.changes.into_iter().map(|c| (c.position, c.id)));
    }
    assert_eq!(late, listed);
    drop(unread);
    server.term();
    let (status, _) = server.end();
    assert_eq!(status.code(), Some(0), "{}", std::fs::read_to_string(log(3)).unwrap());
}
