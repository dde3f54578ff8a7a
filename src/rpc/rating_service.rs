//! `RatingService`: one employer, a batch, a stream.

use super::Door;
use super::deadline::Deadline;
use super::pool::Stop;
use super::status::{FieldFault, Refusal};
use super::{internal, refused, wire};
use crate::rate::{Desk, Explain};
use floatrate_engine::Lang;
use floatrate_engine::record::{Date, Form};
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::rating_service_server::RatingService;
use prost::Message;
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

    fn order(&self, plan: &str, date: &str, explain: i32, language: &str) -> Result<Order, Status> {
        let mut faults = Vec::new();
        let parsed = (!date.is_empty()).then(|| date.parse::<Date>());
        if let Some(Err(why)) = &parsed {
            let (en, zh) =
                (format!("\"{date}\" is {why}"), format!("“{date}”不是有效日期，应写成 YYYY-MM-DD"));
            faults.push(FieldFault::new("rating_date", "not_a_date", &en, &zh));
        }
        if plan.is_empty() {
            let (en, zh) =
                ("plan is missing: give an id of ListPlans", "缺少 plan：请给出 ListPlans 列出的编号");
            faults.push(FieldFault::new("plan", "missing_field", en, zh));
        }
        let level = match v1::Explain::try_from(explain) {
            Ok(v1::Explain::Unspecified | v1::Explain::None) => Explain::None,
            Ok(v1::Explain::Rules) => Explain::Rules,
            Ok(v1::Explain::Full) => Explain::Full,
            Err(_) => {
                let (en, zh) = (
                    format!("{explain} is not a value of Explain"),
                    format!("{explain} 不是 Explain 的取值"),
                );
                faults.push(FieldFault::new("explain", "unknown_value", &en, &zh));
                Explain::None
            }
        };
        let lang = match language {
            "" | "en" => Lang::En,
            "zh" => Lang::Zh,
            other => {
                let (en, zh) =
                    (format!("\"{other}\" is not \"en\" or \"zh\""), format!("“{other}”应为 en 或 zh"));
                faults.push(FieldFault::new("language", "unknown_value", &en, &zh));
                Lang::En
            }
        };
        if !faults.is_empty() {
            return Err(Refusal::invalid_request(faults).into());
        }
        let date = parsed.and_then(Result::ok);
        let desk = self.door.desks.get(plan, date, self.door.today(), level, lang)?;
        Ok(Order { desk, explain: level })
    }
}

/// Rates records one by one in slices, so that the work of a caller that is gone ends soon.
fn rate(desk: &Desk, records: Vec<Option<v1::Record>>, stop: &Stop) -> Vec<Rated> {
    let mut out = Vec::with_capacity(records.len());
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() && !stop.is_set() {
        let slice = records.by_ref().take(LOOK_EVERY);
        let forms: Vec<Form> = slice.map(|record| wire::record(record.unwrap_or_default())).collect();
        out.extend(desk.rate_forms(&forms).into_iter().map(|rated| match rated {
            Ok(row) => Ok(wire::rating_result(row)),
            Err(violations) => Err(Refusal::invalid_record("record", &violations)),
        }));
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
        let order = self.order(&message.plan, &message.rating_date, message.explain, &message.language)?;
        let record = message.record;
        let work = self.door.pool.try_run(move |stop| rate(&order.desk, vec![record], stop));
        let mut rated = work.await.map_err(refused)?;
        let result = rated.pop().ok_or_else(internal)??;
        Ok(Response::new(v1::RateEmployerResponse { result: Some(result) }))
    }

    async fn batch_rate_employers(
        &self,
        request: Request<v1::BatchRateEmployersRequest>,
    ) -> Result<Response<v1::BatchRateEmployersResponse>, Status> {
        let message = request.into_inner();
        let order = self.order(&message.plan, &message.rating_date, message.explain, &message.language)?;
        let most = if order.explain == Explain::None { BATCH_MAX } else { BATCH_EXPLAINED_MAX };
        let count = message.records.len();
        if count > most {
            return Err(Refusal::batch_too_large(count, most).into());
        }
        let records = message.records.into_iter().map(Some).collect();
        let work = self.door.pool.try_run(move |stop| rate(&order.desk, records, stop));
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
        let order = self.order(&header.plan, &header.rating_date, header.explain, &header.language)?;
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
            let rated = self.door.pool.run(move |stop| rate(&desk, records, stop)).await;
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
