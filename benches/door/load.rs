//! Callers: as fast as they get answers, or on a clock.

use super::record;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use floatrate_proto::floatrate::v1::stream_rate_employers_request::Content;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout_at};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::{Channel, Endpoint};

/// Connections to each server; calls are spread over them.
const CONNECTIONS: usize = 4;
/// Calls that are under way at once when callers go as fast as they can.
const CALLERS: usize = 16;
/// Batches under way at once: each keeps a processor busy for long.
const BATCHES: usize = 4;
/// Employers of a batch.
const BATCH: u64 = 1_000;
/// Items that a stream may have sent before it has their answers.
const AHEAD: usize = 1_000;

/// A server with connections to it.
pub(super) struct Target(Vec<RatingServiceClient<Channel>>);

impl Target {
    pub(super) async fn connect(address: SocketAddr) -> Self {
        let mut clients = Vec::new();
        for _ in 0..CONNECTIONS {
            let endpoint = Endpoint::from_shared(format!("http://{address}")).unwrap();
            let channel = endpoint.connect().await.unwrap();
            clients.push(RatingServiceClient::new(channel).max_decoding_message_size(16 << 20));
        }
        Self(clients)
    }

    fn client(&self, number: usize) -> RatingServiceClient<Channel> {
        self.0[number % CONNECTIONS].clone()
    }
}

/// The three methods.
#[derive(Clone, Copy)]
pub(super) enum Load {
    Unary,
    Batch,
    Stream,
}

pub(super) fn one(number: u64) -> v1::RateEmployerRequest {
    v1::RateEmployerRequest {
        plan: "cn-510400-2021".into(),
        rating_date: "2026-01-01".into(),
        record: Some(record(number)),
        ..Default::default()
    }
}

pub(super) fn batch(first: u64) -> v1::BatchRateEmployersRequest {
    v1::BatchRateEmployersRequest {
        plan: "cn-510400-2021".into(),
        rating_date: "2026-01-01".into(),
        records: (first..first + BATCH).map(record).collect(),
        ..Default::default()
    }
}

fn message(content: Content) -> v1::StreamRateEmployersRequest {
    v1::StreamRateEmployersRequest { content: Some(content) }
}

fn header() -> v1::StreamRateEmployersRequest {
    let (plan, rating_date) = ("cn-510400-2021".into(), "2026-01-01".into());
    message(Content::Header(v1::StreamRateEmployersHeader { plan, rating_date, ..Default::default() }))
}

fn item(number: u64) -> v1::StreamRateEmployersRequest {
    let item =
        v1::StreamRateEmployersItem { number: i64::try_from(number).unwrap(), record: Some(record(number)) };
    message(Content::Item(item))
}

impl Load {
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Unary => "unary",
            Self::Batch => "batch of 1000",
            Self::Stream => "stream",
        }
    }

    /// One call after another by each caller: employers a second.
    pub(super) async fn as_fast_as_it_goes(self, target: &Target, time: Duration) -> f64 {
        let start = Instant::now();
        let end = start + time;
        let callers = match self {
            Self::Unary => CALLERS,
            Self::Batch => BATCHES,
            Self::Stream => CONNECTIONS,
        };
        let callers = (0..callers).map(|number| {
            let mut client = target.client(number);
            tokio::spawn(async move {
                let mut done = 0;
                match self {
                    Self::Stream => {
                        let items = tokio_stream::iter(std::iter::once(header()).chain((0..).map(item)));
                        let mut answers = client.stream_rate_employers(items).await.unwrap().into_inner();
                        while let Ok(answer) = timeout_at(end, answers.message()).await {
                            answer.unwrap().unwrap();
                            done += 1;
                        }
                    }
                    // The request is made once: making it is not what is measured.
                    Self::Unary => {
                        let request = one(number as u64);
                        while Instant::now() < end {
                            client.rate_employer(request.clone()).await.unwrap();
                            done += 1;
                        }
                    }
                    Self::Batch => {
                        let request = batch(0);
                        while Instant::now() < end {
                            client.batch_rate_employers(request.clone()).await.unwrap();
                            done += BATCH;
                        }
                    }
                }
                done
            })
        });
        let mut done = 0;
        for caller in callers.collect::<Vec<_>>() {
            done += caller.await.unwrap();
        }
        #[allow(clippy::cast_precision_loss, reason = "a count far below 2^52")]
        let done = done as f64;
        done / start.elapsed().as_secs_f64()
    }

    /// So many employers a second, whether or not answers come: the times from sending to the answer, sorted.
    pub(super) async fn at(
        self,
        employers_per_second: f64,
        target: &Target,
        time: Duration,
    ) -> Vec<Duration> {
        let took = match self {
            Self::Stream => streams(employers_per_second, target, time).await,
            Self::Unary => calls(employers_per_second, target, time, false).await,
            Self::Batch => calls(employers_per_second / 1e3, target, time, true).await,
        };
        let mut took = std::mem::take(&mut *took.lock().unwrap());
        took.sort_unstable();
        took
    }
}

type Took = Arc<Mutex<Vec<Duration>>>;

/// A tick for every call; ticks that the timer misses come together.
async fn calls(per_second: f64, target: &Target, time: Duration, batched: bool) -> Took {
    let took = Took::default();
    let mut running = Vec::new();
    let mut ticks = interval(Duration::from_secs_f64(1.0 / per_second));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let (single, many) = (one(0), batch(0));
    let end = Instant::now() + time;
    while Instant::now() < end {
        ticks.tick().await;
        let (mut client, took) = (target.client(running.len()), Arc::clone(&took));
        let (single, many) = (single.clone(), batched.then(|| many.clone()));
        running.push(tokio::spawn(async move {
            let start = Instant::now();
            match many {
                Some(many) => drop(client.batch_rate_employers(many).await.unwrap()),
                None => drop(client.rate_employer(single).await.unwrap()),
            }
            took.lock().unwrap().push(start.elapsed());
        }));
    }
    for call in running {
        call.await.unwrap();
    }
    took
}

/// A stream on each connection, the items spread over them.
async fn streams(per_second: f64, target: &Target, time: Duration) -> Took {
    let took = Took::default();
    #[allow(clippy::cast_precision_loss, reason = "a handful")]
    let each = per_second / CONNECTIONS as f64;
    let running = (0..CONNECTIONS).map(|number| {
        let (mut client, took) = (target.client(number), Arc::clone(&took));
        tokio::spawn(async move {
            let (items, receiver) = mpsc::channel(AHEAD);
            items.send(header()).await.unwrap();
            let sent = Arc::new(Mutex::new(Vec::new()));
            let times = Arc::clone(&sent);
            let sending = tokio::spawn(async move {
                let mut ticks = interval(Duration::from_secs_f64(1.0 / each));
                ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
                let end = Instant::now() + time;
                for number in 0.. {
                    ticks.tick().await;
                    if Instant::now() >= end {
                        break;
                    }
                    times.lock().unwrap().push(Instant::now());
                    items.send(item(number)).await.unwrap();
                }
            });
            let stream = ReceiverStream::new(receiver);
            let mut answers = client.stream_rate_employers(stream).await.unwrap().into_inner();
            while let Some(answer) = answers.next().await {
                let number = usize::try_from(answer.unwrap().number).unwrap();
                let start = sent.lock().unwrap()[number];
                took.lock().unwrap().push(start.elapsed());
            }
            sending.await.unwrap();
        })
    });
    for stream in running.collect::<Vec<_>>() {
        stream.await.unwrap();
    }
    took
}
