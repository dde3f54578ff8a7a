//! How the service behaves towards callers that behave badly.

use super::door::{DATE, PLAN, message, one, serve};
use super::process::{LONG, Process, page};
use super::wires::{call, endless, framed, header, item, raw, served};
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use floatrate_proto::floatrate::v1::stream_rate_employers_response::Outcome;
use prost::Message;
use prost::bytes::Bytes;
use std::io::Write;
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use tonic::{Code, Request};
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

fn work_in_flight(console: SocketAddr) -> u64 {
    let page = page(console, "/metrics");
    let line = page.lines().find(|l| l.starts_with("floatrate_work_in_flight")).unwrap();
    line.split(' ').nth(1).unwrap().parse().unwrap()
}

/// Waits until so many pieces of work are in flight, and tells how long that took.
async fn until_work(console: SocketAddr, wanted: impl Fn(u64) -> bool) -> Duration {
    let start = Instant::now();
    while !wanted(work_in_flight(console)) {
        assert!(start.elapsed() < LONG, "{} pieces in flight", work_in_flight(console));
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    start.elapsed()
}

/// A batch that takes seconds.
fn slow() -> v1::BatchRateEmployersRequest {
    let records = (0..100).map(|index| {
        let mut record = message(index);
        record.claims = (0..2_000)
            .map(|claim| v1::Claim {
                id: format!("c{claim}"),
                date: format!("202{}-0{}-1{}", 3 + claim % 3, 1 + claim % 9, claim % 10),
                cause: "injury".into(),
                outcome: "injury".into(),
                benefits_paid: Some(100 + claim),
                ..Default::default()
            })
            .collect();
        record
    });
    v1::BatchRateEmployersRequest {
        plan: PLAN.into(),
        rating_date: DATE.into(),
        explain: v1::Explain::Full.into(),
        records: records.collect(),
        ..Default::default()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_old_connection_lets_its_calls_end() {
    let served = serve(|config| {
        config.limits.connection_age = Duration::from_millis(100);
        config.limits.drain = Duration::from_millis(100);
    })
    .await;
    let (sender, items) = tokio::sync::mpsc::channel(8);
    sender.send(header()).await.unwrap();
    let stream = tokio_stream::wrappers::ReceiverStream::new(items);
    let mut client = RatingServiceClient::new(served.channel.clone());
    let mut answers = client.stream_rate_employers(stream).await.unwrap().into_inner();
    tokio::time::sleep(Duration::from_millis(600)).await;
    sender.send(item(7, message(7))).await.unwrap();
    assert_eq!(answers.message().await.unwrap().unwrap().number, 7);
    drop(sender);
    assert!(answers.message().await.unwrap().is_none());
    // Later calls go over a new connection; one that meets the old one's end is the caller's to repeat.
    let start = Instant::now();
    while client.rate_employer(one(message(0))).await.is_err() {
        assert!(start.elapsed() < LONG);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_caller_that_does_not_read_is_made_to_wait() {
    let process = Process::start(&[]);
    let channel = process.channel().await;
    let (taken, count) = (Arc::new(AtomicU64::new(0)), 200_000);
    let record = message(3);
    let items = {
        let taken = Arc::clone(&taken);
        (0..count).map(move |number| {
            taken.fetch_add(1, Ordering::Relaxed);
            item(number, record.clone())
        })
    };
    let stream = tokio_stream::iter(std::iter::once(header()).chain(items));
    let answers = RatingServiceClient::new(channel.clone()).stream_rate_employers(stream).await.unwrap();
    let (mut last, start) = (u64::MAX, Instant::now());
    while last != taken.load(Ordering::Relaxed) {
        assert!(start.elapsed() < LONG);
        last = taken.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    assert!(last < count / 4, "{last} items were taken in while no answer was read");
    // Others are served, over another connection and over the same.
    served(process.channel().await).await;
    served(channel).await;
    assert!(process.peak_mib() < 200, "{} MiB", process.peak_mib());
    drop(answers);
    until_work(process.console, |n| n == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn broken_connections_touch_no_other() {
    let process = Process::start(&[]);
    // Garbage; a greeting and half of a frame; a frame that is not allowed.
    let mut open = Vec::new();
    for bytes in [
        &b"\x16\x03\x01 this is no HTTP/2 \x00\xff\xff\r\n\r\n"[..],
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x10\x04",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x04\x00\x00\x00\x00\x00\x09abcd",
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
    ] {
        let mut stream = TcpStream::connect(process.grpc).unwrap();
        stream.write_all(bytes).unwrap();
        open.push(stream);
    }
    let mut client = raw(process.grpc).await;
    let whole = framed(&one(message(0)));
    // Half a message, then nothing.
    let (_waiting, mut half) = call(&mut client, "RateEmployer", &[]);
    half.send_data(whole.slice(..whole.len() / 2), false).unwrap();
    // Half a message, then the end.
    let (answer, mut ended) = call(&mut client, "RateEmployer", &[]);
    ended.send_data(whole.slice(..whole.len() / 2), true).unwrap();
    let answer = tokio::time::timeout(LONG, answer).await.unwrap().unwrap();
    assert_ne!(answer.headers()["grpc-status"], "0");
    // Half a message, then a reset.
    let (_, mut reset) = call(&mut client, "RateEmployer", &[]);
    reset.send_data(whole.slice(..whole.len() / 2), false).unwrap();
    reset.send_reset(h2::Reason::CANCEL);
    // A frame whose bytes are no message.
    let (answer, mut garbage) = call(&mut client, "RateEmployer", &[]);
    garbage.send_data(Bytes::from_static(b"\0\0\0\0\x04\xff\xff\xff\xff"), true).unwrap();
    let answer = tokio::time::timeout(LONG, answer).await.unwrap().unwrap();
    assert_eq!(answer.headers()["grpc-status"], "3");
    // A caller that goes away amid a stream.
    let channel = process.channel().await;
    let mut gone = RatingServiceClient::new(channel).stream_rate_employers(endless()).await.unwrap();
    assert!(gone.get_mut().message().await.unwrap().is_some());
    drop(gone);
    // All the while, on the connection with the half message and on another, calls are served.
    let (answer, mut good) = call(&mut client, "RateEmployer", &[]);
    good.send_data(whole, true).unwrap();
    assert_eq!(tokio::time::timeout(LONG, answer).await.unwrap().unwrap().status(), 200);
    served(process.channel().await).await;
    until_work(process.console, |n| n == 0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_bad_records_are_answered_one_by_one() {
    let process = Process::start(&[]);
    let channel = process.channel().await;
    let (good, mut bad) = (message(0), message(1));
    bad.periods[0].payroll = Some(-1);
    bad.employer.as_mut().unwrap().insured_since = "2023-02-30".into();
    let is_good = |number: u64| number % 11 == 10;
    let items = (0..11_000)
        .map(move |number| item(number * 3, if is_good(number) { good.clone() } else { bad.clone() }));
    let stream = tokio_stream::iter(std::iter::once(header()).chain(items));
    let mut client = RatingServiceClient::new(channel);
    let mut answers = client.stream_rate_employers(stream).await.unwrap().into_inner();
    for number in 0..11_000 {
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!(answer.number, i64::try_from(number * 3).unwrap());
        match answer.outcome.unwrap() {
            Outcome::Result(result) => assert!(is_good(number), "{result:?}"),
            Outcome::Status(status) => {
                assert!(!is_good(number), "{status:?}");
                assert_eq!(Code::from(status.code), Code::InvalidArgument);
            }
        }
    }
    assert!(answers.message().await.unwrap().is_none());
    assert!(process.peak_mib() < 200, "{} MiB", process.peak_mib());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_and_cancelled_work_really_stops() {
    let served = serve(|config| config.limits.threads = 1).await;
    let batch = framed(&slow());
    // How long the batch takes where nobody stops it, on this machine as it is now.
    let whole = {
        let start = Instant::now();
        RatingServiceClient::new(served.channel.clone()).batch_rate_employers(slow()).await.unwrap();
        start.elapsed()
    };
    let mut client = raw(served.grpc).await;
    // However far the message and the work had come when the time was up.
    for milliseconds in ["50m", "1000m"] {
        let headers = [("grpc-timeout", milliseconds), ("x-request-id", "late")];
        let (answer, mut body) = call(&mut client, "BatchRateEmployers", &headers);
        body.send_data(batch.clone(), true).unwrap();
        let answer = tokio::time::timeout(LONG, answer).await.unwrap().unwrap();
        assert_eq!(answer.headers()["grpc-status"], "4", "{milliseconds}: {:?}", answer.headers());
        assert_eq!(answer.headers()["x-request-id"], "late");
        assert!(answer.headers().contains_key("grpc-status-details-bin"));
        let stopped = until_work(served.console, |n| n == 0).await;
        assert!(stopped < whole / 2, "{milliseconds}: {stopped:?} of {whole:?}");
    }
    let page = page(served.console, "/metrics");
    let line = "floatrate_calls_total{method=\"floatrate.v1.RatingService/BatchRateEmployers\",code=\"DeadlineExceeded\"} 2";
    assert!(page.contains(line), "{page}");

    let mut cancelled = RatingServiceClient::new(served.channel.clone());
    let calling = tokio::spawn(async move { cancelled.batch_rate_employers(slow()).await.map(drop) });
    until_work(served.console, |n| n == 1).await;
    calling.abort();
    let stopped = until_work(served.console, |n| n == 0).await;
    assert!(stopped < whole / 2, "{stopped:?} of {whole:?}");
    self::served(served.channel.clone()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_past_its_deadline_is_told_so() {
    let served = serve(|_| {}).await;
    let mut client = raw(served.grpc).await;
    let (answer, mut body) = call(&mut client, "StreamRateEmployers", &[("grpc-timeout", "200m")]);
    body.send_data(framed(&header()), false).unwrap();
    let mut answers = answer.await.unwrap().into_body();
    let trailers = tokio::time::timeout(LONG, answers.trailers()).await.unwrap().unwrap().unwrap();
    assert_eq!(trailers["grpc-status"], "4");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_above_the_limit_is_refused_with_the_limit() {
    let served = serve(|config| config.limits.message_bytes = 1 << 16).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    let mut large = message(0);
    large.employer.as_mut().unwrap().name = Some("x".repeat(1 << 17));
    let refused = |status: tonic::Status| {
        let info = status.get_details_error_info().unwrap_or_else(|| panic!("{status:?}"));
        assert_eq!((status.code(), info.reason.as_str()), (Code::ResourceExhausted, "MESSAGE_TOO_LARGE"));
        assert_eq!(info.metadata["limit_bytes"], "65536");
    };
    refused(client.rate_employer(one(large.clone())).await.unwrap_err());
    // Amid a stream, after a good one.
    let stream = tokio_stream::iter([header(), item(0, message(0)), item(1, large)]);
    let mut answers = client.stream_rate_employers(stream).await.unwrap().into_inner();
    assert_eq!(answers.message().await.unwrap().unwrap().number, 0);
    refused(answers.message().await.unwrap_err());
    // An answer above the limit, to a request below it.
    let batch = v1::BatchRateEmployersRequest {
        plan: PLAN.into(),
        rating_date: DATE.into(),
        explain: v1::Explain::Full.into(),
        records: (0..40).map(message).collect(),
        ..Default::default()
    };
    assert!(batch.encoded_len() < 1 << 16);
    refused(client.batch_rate_employers(batch).await.unwrap_err());
}

/// The comment above `fn stack` of `src/rpc/server.rs`, sentence by sentence.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_refused_unseen() {
    let served = serve(|_| {}).await;
    let mut client = raw(served.grpc).await;
    let body = framed(&one(v1::Record::default()));
    for (method, status) in [("RateEmployer", "3"), ("Nothing", "12")] {
        let (answer, mut sending) = call(&mut client, method, &[("x-request-id", "mine")]);
        sending.send_data(body.clone(), true).unwrap();
        let answer = answer.await.unwrap();
        assert_eq!(answer.headers()["grpc-status"], status);
        assert_eq!(answer.headers()["x-request-id"], "mine");
        assert!(answer.headers().contains_key("grpc-status-details-bin"), "{method}");
    }
    // Ids that could break a log line are replaced.
    let (answer, mut sending) = call(&mut client, "RateEmployer", &[("x-request-id", "a b\"c")]);
    sending.send_data(body, true).unwrap();
    assert_ne!(answer.await.unwrap().headers()["x-request-id"], "a b\"c");
    // The time counts from the first byte, also for a message that does not come.
    let (answer, _never) = call(&mut client, "RateEmployer", &[("grpc-timeout", "50m")]);
    let answer = tokio::time::timeout(LONG, answer).await.unwrap().unwrap();
    assert_eq!(answer.headers()["grpc-status"], "4");
    // Health keeps to its own protocol, and is seen too.
    let mut health = HealthClient::new(served.channel.clone());
    let unknown = health.check(HealthCheckRequest { service: "nothing".into() }).await.unwrap_err();
    assert_eq!(unknown.code(), Code::NotFound);
    let page = page(served.console, "/metrics");
    for (method, code, count) in [
        ("floatrate.v1.RatingService/RateEmployer", "InvalidArgument", 2),
        ("floatrate.v1.RatingService/RateEmployer", "DeadlineExceeded", 1),
        ("floatrate.v1.RatingService/Nothing", "Unimplemented", 1),
        ("grpc.health.v1.Health/Check", "NotFound", 1),
    ] {
        let line = format!("floatrate_calls_total{{method=\"{method}\",code=\"{code}\"}} {count}");
        assert!(page.contains(&line), "{line}\n{page}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reflection_lists_the_public_services() {
    let served = serve(|_| {}).await;
    macro_rules! listed {
        ($version:ident) => {{
            use tonic_reflection::pb::$version::server_reflection_client::ServerReflectionClient;
            use tonic_reflection::pb::$version::server_reflection_request::MessageRequest;
            use tonic_reflection::pb::$version::server_reflection_response::MessageResponse;
            let request = tonic_reflection::pb::$version::ServerReflectionRequest {
                host: String::new(),
                message_request: Some(MessageRequest::ListServices(String::new())),
            };
            let mut client = ServerReflectionClient::new(served.channel.clone());
            let stream = tokio_stream::iter([request]);
            let mut answers = client.server_reflection_info(stream).await.unwrap().into_inner();
            match answers.message().await.unwrap().unwrap().message_response.unwrap() {
                MessageResponse::ListServicesResponse(list) => {
                    let mut names: Vec<String> = list.service.into_iter().map(|s| s.name).collect();
                    names.sort();
                    names
                }
                other => panic!("{other:?}"),
            }
        }};
    }
    let public = ["Collection", "Cycle", "Determination", "Employer", "Plan", "Rating"]
        .map(|service| format!("floatrate.v1.{service}Service"));
    assert_eq!(listed!(v1), public);
    assert_eq!(listed!(v1alpha), public);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn logs_carry_the_request_id_and_no_employer() {
    let process = Process::start(&[]);
    let mut client = RatingServiceClient::new(process.channel().await);
    let mut record = message(0);
    let employer = record.employer.as_mut().unwrap();
    (employer.id, employer.name) = ("91510400SECRET0001".into(), Some("秘密公司".into()));
    let mut broken = record.clone();
    broken.employer.as_mut().unwrap().insured_since = "SECRET-date".into();
    for (id, record) in [("mine-1", record), ("mine-2", broken)] {
        let mut request = Request::new(one(record));
        request.metadata_mut().insert("x-request-id", id.parse().unwrap());
        let _ = client.rate_employer(request).await;
    }
    drop(client);
    process.term();
    let (status, err) = tokio::task::spawn_blocking(|| process.end()).await.unwrap();
    assert_eq!(status.code(), Some(0), "{err}");
    let line = |id: &str| err.lines().find(|l| l.contains(id)).unwrap_or_else(|| panic!("{id}: {err}"));
    assert!(line("mine-1").contains("\"code\":\"Ok\""), "{err}");
    assert!(line("mine-2").contains("\"code\":\"InvalidArgument\""), "{err}");
    assert!(!err.contains("SECRET") && !err.contains("秘密"), "{err}");
}
