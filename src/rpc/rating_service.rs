//! `RatingService`: one employer, a batch, a stream.

use super::Door;
use super::deadline::Deadline;
use super::pool::Stop;
use super::status::{ErrorReason, FieldFault, Refusal};
use super::{internal, refused, wire};
use crate::rate::{Desk, Explain, How};
use floatrate_engine::record::{Form, Record};
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::rating_service_server::RatingService;
use prost::Message;
use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout_at};
use tokio_stream::wrappers::ReceiverStream;
use tokio_stream::{Stream, StreamExt};
use tonic::{Request, Response, Status, Streaming};

/// Most records of a batch.
pub const BATCH_MAX: usize = 1_000;
/// Most records of a batch with explanations.
pub const BATCH_EXPLAINED_MAX: usize = 100;
/// Most records of a stream that are rated in one piece.
const STREAM_CHUNK: usize = 64;
/// The same in bytes, so that memory is bounded however large the records are.
const STREAM_PIECE_BYTES: usize = 1 << 20;
/// How long a piece waits for its next record.
const STREAM_LINGER: Duration = Duration::from_millis(2);
/// Records rated between two looks at whether anybody still waits.
const LOOK_EVERY: usize = 16;

/// The service.
#[derive(Clone, Debug)]
pub struct Rating {
    door: Arc<Door>,
}

/// What a call asks of the records that come with it.
struct Order {
    desk: Arc<Desk>,
    explain: Explain,
}

type Rated = Result<v1::RatingResult, Refusal>;

impl Rating {
    /// The service behind a door.
    #[must_use]
    pub const fn new(door: Arc<Door>) -> Self {
        Self { door }
    }

    /// What a call asks, from the fields that stand at `at` in its request.
    fn order(&self, at: &str, asked: Asked<'_>) -> Result<Order, Refusal> {
        let Asked { plan, rating_date: date, explain, language, portfolio } = asked;
        let field = |name: &str| format!("{at}{name}");
        let mut faults = Vec::new();
        let day = |faults: &mut Vec<_>| FieldFault::day(&field("rating_date"), date, faults);
        let date = if date.is_empty() { None } else { day(&mut faults) };
        if plan.is_empty() {
            let (en, zh) = ("give an id of ListPlans", "请给出 ListPlans 列出的编号");
            faults.push(FieldFault::needed(&field("plan"), en, zh));
        }
        let level = FieldFault::explain(&field("explain"), explain, Explain::None, &mut faults);
        let lang = FieldFault::language(&field("language"), language, &mut faults);
        if !faults.is_empty() {
            return Err(Refusal::invalid_request(faults));
        }
        let how = How { explain: level, lang, portfolio, at: &field("portfolio"), by_hand: None };
        let desk = self.door.desks.get(plan, date, self.door.today(), &how)?;
        Ok(Order { desk, explain: level })
    }

    /// A request whose record stands beside other faults: all are told at once.
    async fn with_record(&self, refusal: Refusal, record: Option<v1::Record>) -> Status {
        if refusal.reason() != ErrorReason::InvalidRequest {
            return refusal.into();
        }
        let door = Arc::clone(&self.door);
        let read = move |_: &Stop| {
            let form = wire::record(record.unwrap_or_default());
            Record::from_form(&form, door.desks.catalog().declared()).err()
        };
        match self.door.pool.try_run(read).await {
            Ok(violations) => refusal.and_record("record", &violations.unwrap_or_default()).into(),
            Err(why) => refused(why),
        }
    }
}

/// The fields that all three methods ask with.
#[derive(Clone, Copy)]
struct Asked<'m> {
    plan: &'m str,
    rating_date: &'m str,
    explain: i32,
    language: &'m str,
    portfolio: &'m BTreeMap<String, String>,
}

macro_rules! asked {
    ($message:expr) => {
        Asked {
            plan: &$message.plan,
            rating_date: &$message.rating_date,
            explain: $message.explain,
            language: &$message.language,
            portfolio: &$message.portfolio,
        }
    };
}

/// Rates records one by one in slices, so that the work of a caller that is gone ends soon.
/// `path` is the place of the record of that number in the request.
fn rate(
    desk: &Desk,
    records: Vec<Option<v1::Record>>,
    path: impl Fn(usize) -> String,
    stop: &Stop,
) -> Vec<Rated> {
    let mut out = Vec::with_capacity(records.len());
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() && !stop.is_set() {
        let slice = records.by_ref().take(LOOK_EVERY);
        let forms: Vec<Form> = slice.map(|record| wire::record(record.unwrap_or_default())).collect();
        for rated in desk.rate_forms(&forms) {
            let number = out.len();
            let refused = |violations: Vec<_>| Refusal::invalid_record(&path(number), &violations);
            out.push(rated.map(wire::rating_result).map_err(refused));
        }
    }
    out
}

#[tonic::async_trait]
impl RatingService for Rating {
    async fn rate_employer(
        &self,
        request: Request<v1::RateEmployerRequest>,
    ) -> Result<Response<v1::RateEmployerResponse>, Status> {
        let message = request.into_inner();
        let order = match self.order("", asked!(message)) {
            Ok(order) => order,
            Err(why) => return Err(self.with_record(why, message.record).await),
        };
        let record = vec![message.record];
        let work = self.door.pool.try_run(move |stop| rate(&order.desk, record, |_| "record".into(), stop));
        let mut rated = work.await.map_err(refused)?;
        let result = rated.pop().ok_or_else(internal)??;
        Ok(Response::new(v1::RateEmployerResponse { result: Some(result) }))
    }

    async fn batch_rate_employers(
        &self,
        request: Request<v1::BatchRateEmployersRequest>,
    ) -> Result<Response<v1::BatchRateEmployersResponse>, Status> {
        let message = request.into_inner();
        let order = self.order("", asked!(message))?;
        let most = if order.explain == Explain::None { BATCH_MAX } else { BATCH_EXPLAINED_MAX };
        let count = message.records.len();
        if count > most {
            return Err(Refusal::batch_too_large("records", count, most).into());
        }
        let records = message.records.into_iter().map(Some).collect();
        let path = |number| format!("records[{number}]");
        let work = self.door.pool.try_run(move |stop| rate(&order.desk, records, path, stop));
        let rated = work.await.map_err(refused)?;
        let items = rated.into_iter().map(|one| {
            use v1::batch_rate_employers_item::Outcome;
            let outcome = one.map_or_else(|why| Outcome::Status(why.item()), Outcome::Result);
            v1::BatchRateEmployersItem { outcome: Some(outcome) }
        });
        Ok(Response::new(v1::BatchRateEmployersResponse { items: items.collect() }))
    }

    type StreamRateEmployersStream =
        Pin<Box<dyn Stream<Item = Result<v1::StreamRateEmployersResponse, Status>> + Send>>;

    async fn stream_rate_employers(
        &self,
        request: Request<Streaming<v1::StreamRateEmployersRequest>>,
    ) -> Result<Response<Self::StreamRateEmployersStream>, Status> {
        let deadline = Deadline::of(&request);
        // One piece of answers may wait for the caller; beyond it the caller's own records wait.
        let (answers, receiver) = mpsc::channel(STREAM_CHUNK);
        let (service, messages) = (self.clone(), request.into_inner());
        let told = answers.clone();
        tokio::spawn(async move {
            let ended = deadline.keep(service.stream(messages, answers)).await;
            if let Err(why) | Ok(Err(why)) = ended {
                // Nobody may be there to read it.
                let _ = told.send(Err(why)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }
}

/// The next messages of a stream, so many as may be rated in one piece; none at its end.
async fn next_piece(messages: &mut Messages) -> Vec<Result<v1::StreamRateEmployersRequest, Status>> {
    let mut piece = Vec::new();
    let mut bytes = 0;
    let mut until = None;
    while piece.len() < STREAM_CHUNK && bytes < STREAM_PIECE_BYTES {
        let message = match until {
            None => messages.next().await,
            Some(until) => timeout_at(until, messages.next()).await.unwrap_or(None),
        };
        let Some(message) = message else { break };
        until = until.or_else(|| Instant::now().checked_add(STREAM_LINGER));
        bytes += message.as_ref().map_or(0, Message::encoded_len);
        piece.push(message);
    }
    piece
}

type Messages = Streaming<v1::StreamRateEmployersRequest>;
type Answer = Result<v1::StreamRateEmployersResponse, Status>;

impl Rating {
    /// Reads a stream piece by piece and answers in its order.
    async fn stream(&self, mut messages: Messages, answers: mpsc::Sender<Answer>) -> Result<(), Status> {
        use v1::stream_rate_employers_request::Content;
        let first = messages.message().await?.and_then(|m| m.content);
        let Some(Content::Header(header)) = first else { return Err(Refusal::stream_order().into()) };
        let order = self.order("header.", asked!(header))?;
        loop {
            // A caller that has gone away leaves nothing to do.
            let piece = tokio::select! {
                () = answers.closed() => return Ok(()),
                piece = next_piece(&mut messages) => piece,
            };
            if piece.is_empty() {
                return Ok(());
            }
            let mut numbers = Vec::with_capacity(piece.len());
            let mut records = Vec::with_capacity(piece.len());
            let mut broken = None;
            for message in piece {
                match message.map(|m| m.content) {
                    Ok(Some(Content::Item(item))) => {
                        numbers.push(item.number);
                        records.push(item.record);
                    }
                    Ok(_) => broken = Some(Refusal::stream_order().into()),
                    Err(why) => broken = Some(why),
                }
                if broken.is_some() {
                    break;
                }
            }
            let desk = Arc::clone(&order.desk);
            let path = |_| "item.record".to_owned();
            let rated = self.door.pool.run(move |stop| rate(&desk, records, path, stop)).await;
            let rated = rated.map_err(refused)?;
            for (number, one) in numbers.into_iter().zip(rated) {
                use v1::stream_rate_employers_response::Outcome;
                let outcome = one.map_or_else(|why| Outcome::Status(why.item()), Outcome::Result);
                let answer = v1::StreamRateEmployersResponse { number, outcome: Some(outcome) };
                if answers.send(Ok(answer)).await.is_err() {
                    return Ok(());
                }
            }
            if let Some(why) = broken {
                return Err(why);
            }
        }
    }
}
