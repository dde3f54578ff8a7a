//! The way down.

use super::door::{message, one, serve};
use super::process::{LONG, Process, page};
use super::wires::{endless, header, item};
use floatrate::rpc::Ended;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use floatrate_proto::floatrate::v1::stream_rate_employers_response::Outcome;
use std::io::Write;
use std::net::TcpStream;
use std::time::{Duration, Instant};
use tonic::Code;
use tonic_health::pb::HealthCheckRequest;
use tonic_health::pb::health_client::HealthClient;
use tonic_types::StatusExt;

const SERVING: i32 = 1;
const NOT_SERVING: i32 = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_drain_tells_health_first_and_lets_calls_end() {
    let process = Process::start(&[]);
    let channel = process.channel().await;
    let mut health = HealthClient::new(channel.clone());
    let mut states = Vec::new();
    for service in ["", "floatrate.v1.RatingService", "floatrate.v1.PlanService"] {
        let asked = HealthCheckRequest { service: service.into() };
        let mut watch = health.watch(asked).await.unwrap().into_inner();
        assert_eq!(watch.message().await.unwrap().unwrap().status, SERVING);
        states.push(watch);
    }
    // An open stream, and two connections that say nothing or half of a greeting.
    let (sender, items) = tokio::sync::mpsc::channel(8);
    sender.send(header()).await.unwrap();
    let stream = tokio_stream::wrappers::ReceiverStream::new(items);
    let mut answers =
        RatingServiceClient::new(channel).stream_rate_employers(stream).await.unwrap().into_inner();
    let _idle = process.channel().await;
    let _silent = TcpStream::connect(process.grpc).unwrap();
    let mut half = TcpStream::connect(process.grpc).unwrap();
    half.write_all(b"PRI * HTTP/2.0\r\n").unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;

    let start = Instant::now();
    process.term();
    for watch in &mut states {
        assert_eq!(watch.message().await.unwrap().unwrap().status, NOT_SERVING);
        assert!(watch.message().await.unwrap().is_none(), "a watch holds up the drain");
    }
    while TcpStream::connect(process.grpc).is_ok() {
        assert!(start.elapsed() < LONG, "new connections are taken");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for number in 0..3 {
        sender.send(item(number, message(number))).await.unwrap();
        let answer = answers.message().await.unwrap().unwrap();
        assert!(matches!(answer.outcome, Some(Outcome::Result(_))));
    }
    assert!(page(process.console, "/healthz").contains("503"));
    drop(sender);
    assert!(answers.message().await.unwrap().is_none());
    let (status, err) = tokio::task::spawn_blocking(|| process.end()).await.unwrap();
    assert_eq!(status.code(), Some(0), "{err}");
    assert!(start.elapsed() < Duration::from_secs(10), "{:?}", start.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_drain_has_an_end() {
    let served = serve(|config| config.limits.drain = Duration::from_secs(1)).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    let mut answers = client.stream_rate_employers(endless()).await.unwrap().into_inner();
    assert!(answers.message().await.unwrap().is_some());
    let start = Instant::now();
    drop(served.down);
    assert_eq!(served.ended.await.unwrap(), Ended::CutOff(1));
    assert!((900..5_000).contains(&start.elapsed().as_millis()), "{:?}", start.elapsed());

    let process = Process::start(&["FLOATRATE_DRAIN_SECONDS=1"]);
    let mut client = RatingServiceClient::new(process.channel().await);
    let mut answers = client.stream_rate_employers(endless()).await.unwrap().into_inner();
    assert!(answers.message().await.unwrap().is_some());
    process.term();
    let (status, err) = tokio::task::spawn_blocking(|| process.end()).await.unwrap();
    assert_eq!(status.code(), Some(3), "{err}");
    assert!(err.contains("1 calls or runs were cut off"), "{err}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_that_come_during_the_drain_are_told_when_to_come_back() {
    let served = serve(|config| config.limits.notice = Duration::from_secs(5)).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    let (sender, items) = tokio::sync::mpsc::channel(8);
    sender.send(header()).await.unwrap();
    let stream = tokio_stream::wrappers::ReceiverStream::new(items);
    let mut answers = client.stream_rate_employers(stream).await.unwrap().into_inner();
    drop(served.down);
    let mut health = HealthClient::new(served.channel.clone());
    let asked = || HealthCheckRequest { service: "floatrate.v1.RatingService".into() };
    let start = Instant::now();
    while health.check(asked()).await.unwrap().into_inner().status != NOT_SERVING {
        assert!(start.elapsed() < LONG);
    }
    // Over the connection that there is, and over a new one.
    let address = format!("http://{}", served.grpc);
    let fresh = tonic::transport::Channel::from_shared(address).unwrap().connect().await.unwrap();
    for channel in [served.channel.clone(), fresh] {
        let mut client = RatingServiceClient::new(channel);
        let refused = client.rate_employer(one(message(0))).await.unwrap_err();
        assert_eq!(refused.code(), Code::Unavailable, "{refused:?}");
        let details = refused.get_error_details();
        assert_eq!(details.error_info().unwrap().reason, "DRAINING");
        assert!(details.retry_info().unwrap().retry_delay.unwrap() > Duration::ZERO);
        assert!(details.localized_message().is_some());
        assert!(refused.metadata().contains_key("x-request-id"));
    }
    // What had begun goes on.
    sender.send(item(7, message(7))).await.unwrap();
    assert_eq!(answers.message().await.unwrap().unwrap().number, 7);
    drop(sender);
    assert!(answers.message().await.unwrap().is_none());
    drop((client, answers, health, served.channel));
    assert_eq!(served.ended.await.unwrap(), Ended::Drained);
}
