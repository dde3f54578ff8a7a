//! `CollectionService`: rates on a day, the change feed, acknowledgement.

use super::Door;
use super::caller::{self, region_of};
use super::deadline::Deadline;
use super::drain::Draining;
use super::page::Page;
use super::status::{FieldFault, Refusal};
use super::wire;
use crate::auth::Caller;
use crate::collection::{self, Answer, Change, Refused};
use crate::problem::{Problem, What};
use crate::store::tables::{collection as tables, records};
use crate::store::{Instant, ledger::Head};
use floatrate_engine::record::Date;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::collection_service_server::CollectionService;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// Most requests of a batch.
pub const BATCH_MAX: usize = 1_000;
/// Changes of a page when the caller does not say.
const PAGE: usize = 100;
/// Changes of a message of the watch.
const WATCH_CHANGES: usize = 200;
/// How often a watch without changes shows that it lives.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// The service.
#[derive(Clone, Debug)]
pub struct Collection {
    door: Arc<Door>,
    draining: Draining,
}

impl Collection {
    /// The service behind a door; watches end when it drains.
    #[must_use]
    pub const fn new(door: Arc<Door>, draining: Draining) -> Self {
        Self { door, draining }
    }

    async fn rate(
        &self,
        caller: &Caller,
        message: &v1::GetRateRequest,
    ) -> Result<v1::GetRateResponse, Refusal> {
        let mut faults = Vec::new();
        if message.employer_id.is_empty() {
            faults.push(FieldFault::needed("employer_id", "give the employer's key", "请给出单位编号"));
        }
        let date = message.date.parse::<Date>();
        if date.is_err() {
            let en = format!("\"{}\" is not a day like 2026-01-01", message.date);
            let zh = format!("“{}”应为日期，如 2026-01-01", message.date);
            faults.push(FieldFault::new("date", "not_a_date", &en, &zh));
        }
        let known_at = (!message.known_at.is_empty()).then(|| Instant::parse(&message.known_at));
        if known_at == Some(None) {
            let en = format!("\"{}\" is not an instant like 2026-01-01T08:00:00Z", message.known_at);
            let zh = format!("“{}”应为时刻，如 2026-01-01T08:00:00Z", message.known_at);
            faults.push(FieldFault::new("known_at", "malformed", &en, &zh));
        }
        let Ok(date) = date else { return Err(Refusal::invalid_request(faults)) };
        if !faults.is_empty() {
            return Err(Refusal::invalid_request(faults));
        }
        let id = &message.employer_id;
        let missing = || Refusal::not_found(What::Employer, id);
        let found = |change: &Change| caller.must_find(region(change), missing);
        let unpublished = |ended_on: Option<String>, begins_on: Option<String>| {
            Problem::Unpublished { employer_id: id.clone(), date: date.to_string(), ended_on, begins_on }
                .into()
        };
        match self.door.feed.rate(id, date, known_at.flatten()) {
            Answer::Holds(change) => {
                found(&change)?;
                let charged = change.terms.charged_on(&date.to_string()).map(str::to_owned);
                // Before the first charged rate the rate itself is charged.
                let charged = charged.or_else(|| change.terms.rate.clone()).unwrap_or_default();
                Ok(v1::GetRateResponse { rate: Some(wire::rate_change(&change)), charged })
            }
            Answer::Ended(change) => {
                found(&change)?;
                Err(unpublished(Some(change.until.to_string()), None))
            }
            Answer::Later(change) => {
                found(&change)?;
                Err(unpublished(None, Some(change.from.to_string())))
            }
            Answer::Nothing => {
                let kept = records::employer(&self.door.agency.db, id).await?;
                let (_, region, _) = kept.ok_or_else(missing)?;
                caller.must_find(region_of(&region), missing)?;
                Err(unpublished(None, None))
            }
        }
    }
}

fn region(change: &Change) -> Option<&str> {
    region_of(&change.terms.region)
}

/// The changes that a caller may see.
fn visible(caller: &Caller, changes: &[Change]) -> Vec<v1::RateChange> {
    changes.iter().filter(|c| caller.may_see(region(c))).map(wire::rate_change).collect()
}

#[tonic::async_trait]
impl CollectionService for Collection {
    async fn get_rate(
        &self,
        request: Request<v1::GetRateRequest>,
    ) -> Result<Response<v1::GetRateResponse>, Status> {
        let caller = caller::of(&request)?;
        Ok(Response::new(self.rate(&caller, request.get_ref()).await?))
    }

    async fn batch_get_rates(
        &self,
        request: Request<v1::BatchGetRatesRequest>,
    ) -> Result<Response<v1::BatchGetRatesResponse>, Status> {
        use v1::batch_get_rates_item::Outcome;
        let caller = caller::of(&request)?;
        let requests = request.into_inner().requests;
        if requests.len() > BATCH_MAX {
            return Err(Refusal::batch_too_large("requests", requests.len(), BATCH_MAX).into());
        }
        let mut items = Vec::with_capacity(requests.len());
        for one in &requests {
            let outcome = self.rate(&caller, one).await;
            let outcome = outcome.map_or_else(|why| Outcome::Status(why.item()), Outcome::Rate);
            items.push(v1::BatchGetRatesItem { outcome: Some(outcome) });
        }
        Ok(Response::new(v1::BatchGetRatesResponse { items }))
    }

    async fn list_rate_changes(
        &self,
        request: Request<v1::ListRateChangesRequest>,
    ) -> Result<Response<v1::ListRateChangesResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let cursor = self.cursor(&message.consumer, message.cursor).await?;
        let size =
            if message.page_size == 0 { i32::try_from(PAGE).unwrap_or(100) } else { message.page_size };
        let size = Page::read(size, "", &[])?.size;
        // What is published by now is seen, whoever published it.
        self.door.feed.catch_up().await.map_err(Refusal::from)?;
        let head = Head::read(&self.door.agency.db).await.map_err(Refusal::from)?;
        let changes = self.door.feed.after(cursor, size);
        let cursor = changes.last().map_or(cursor, |last| last.position);
        Ok(Response::new(v1::ListRateChangesResponse {
            changes: visible(&caller, &changes),
            cursor,
            newest: self.door.feed.newest(),
            ledger_head: head.text(),
        }))
    }

    type WatchRateChangesStream =
        Pin<Box<dyn Stream<Item = Result<v1::WatchRateChangesResponse, Status>> + Send>>;

    async fn watch_rate_changes(
        &self,
        request: Request<v1::WatchRateChangesRequest>,
    ) -> Result<Response<Self::WatchRateChangesStream>, Status> {
        let caller = caller::of(&request)?;
        let deadline = Deadline::of(&request);
        let message = request.into_inner();
        let cursor = self.cursor(&message.consumer, message.cursor).await?;
        // One message waits for a slow reader, and no more: what follows stays where everybody reads it.
        let (answers, receiver) = mpsc::channel(1);
        let (service, told) = (self.clone(), answers.clone());
        tokio::spawn(async move {
            let ended = deadline.keep(service.watch(&caller, cursor, answers)).await;
            if let Err(why) | Ok(Err(why)) = ended {
                let _ = told.send(Err(why)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn acknowledge_rate_changes(
        &self,
        request: Request<v1::AcknowledgeRateChangesRequest>,
    ) -> Result<Response<v1::AcknowledgeRateChangesResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let refused: Vec<Refused> = message
            .refused
            .into_iter()
            .map(|v1::RefusedChange { position, reason }| Refused { position, reason })
            .collect();
        let (feed, signature) = (&self.door.feed, caller.signature());
        feed.catch_up().await.map_err(Refusal::from)?;
        // What was not sent to it cannot be refused by it.
        let hidden = refused.iter().enumerate().filter(|(_, one)| {
            feed.change_at(one.position).is_some_and(|change| !caller.may_see(region(&change)))
        });
        let faults = hidden.map(|(at, one)| {
            let en = format!("{} is not a change that was sent to you", one.position);
            let zh = format!("{} 不是发送给您的变更", one.position);
            FieldFault::new(format!("refused[{at}].position"), "out_of_range", &en, &zh)
        });
        let faults: Vec<FieldFault> = faults.collect();
        if !faults.is_empty() {
            return Err(Refusal::invalid_request(faults).into());
        }
        let done =
            collection::acknowledge(feed, &message.consumer, message.cursor, &refused, &signature).await;
        let done = done.map_err(Refusal::from)?;
        Ok(Response::new(v1::AcknowledgeRateChangesResponse {
            cursor: done.cursor,
            open_refusals: done.open_refusals,
        }))
    }

    async fn list_refused_changes(
        &self,
        request: Request<v1::ListRefusedChangesRequest>,
    ) -> Result<Response<v1::ListRefusedChangesResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let resolved = if message.with_resolved { "resolved" } else { "open" };
        let page = Page::read(message.page_size, &message.page_token, &["refused", resolved])?;
        let (consumer, position) = page.after.rsplit_once(' ').unwrap_or(("", "0"));
        let mut after = (consumer.to_owned(), position.parse().unwrap_or(0));
        let mut items = Vec::new();
        // Some are not the caller's to see; go on until the page is full.
        while items.len() <= page.size {
            let found = tables::refusals(
                &self.door.agency.db,
                (&after.0, after.1),
                message.with_resolved,
                page.ask(),
            );
            let found = found.await.map_err(Refusal::from)?;
            let Some(last) = found.last() else { break };
            after = (last.consumer.clone(), last.position);
            for refusal in found {
                if let Some(item) = self.refused(&caller, refusal) {
                    items.push(item);
                }
            }
        }
        let last = |item: &v1::RefusedChangeItem| {
            format!("{} {}", item.consumer, item.change.as_ref().map_or(0, |c| c.position))
        };
        let next_page_token = page.cut(&mut items, last);
        Ok(Response::new(v1::ListRefusedChangesResponse { items, next_page_token }))
    }

    async fn resolve_refused_change(
        &self,
        request: Request<v1::ResolveRefusedChangeRequest>,
    ) -> Result<Response<v1::ResolveRefusedChangeResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let id = format!("{} {}", message.consumer, message.position);
        let missing = || Refusal::not_found(What::RefusedChange, &id);
        let change = self.door.feed.change_at(message.position).ok_or_else(missing)?;
        caller.must_find(region(&change), missing)?;
        let (feed, signature) = (&self.door.feed, caller.signature());
        let resolved =
            collection::resolve(feed, &message.consumer, message.position, &message.resolution, &signature);
        let refusal = resolved.await.map_err(Refusal::from)?;
        Ok(Response::new(v1::ResolveRefusedChangeResponse { item: self.refused(&caller, refusal) }))
    }
}

impl Collection {
    async fn cursor(&self, consumer: &str, given: Option<i64>) -> Result<i64, Refusal> {
        collection::consumer(consumer)?;
        match given {
            Some(cursor) if cursor < 0 => {
                let (en, zh) = (format!("{cursor} is below 0"), format!("{cursor} 小于 0"));
                Err(Refusal::invalid_request(vec![FieldFault::new("cursor", "out_of_range", &en, &zh)]))
            }
            Some(cursor) => Ok(cursor),
            None => Ok(tables::cursor(&self.door.agency.db, consumer).await?),
        }
    }

    fn refused(&self, caller: &Caller, refusal: tables::Refusal) -> Option<v1::RefusedChangeItem> {
        let change = self.door.feed.change_at(refusal.position)?;
        caller.may_see(region(&change)).then(|| v1::RefusedChangeItem {
            consumer: refusal.consumer,
            reason: refusal.reason,
            change: Some(wire::rate_change(&change)),
            refused_at: refusal.at.rfc3339(),
            resolution: refusal.resolution,
            resolved_by: refusal.resolved_by,
        })
    }

    /// Sends what follows a cursor for ever. Nothing is kept for a reader but its cursor.
    async fn watch(
        &self,
        caller: &Caller,
        mut cursor: i64,
        answers: mpsc::Sender<Result<v1::WatchRateChangesResponse, Status>>,
    ) -> Result<(), Status> {
        let mut newer = self.door.feed.watch();
        loop {
            newer.mark_unchanged();
            // Room first: what is read is sent, not held.
            let Ok(room) = answers.reserve().await else { return Ok(()) };
            let changes = self.door.feed.after(cursor, WATCH_CHANGES);
            if let Some(last) = changes.last() {
                cursor = last.position;
                room.send(Ok(v1::WatchRateChangesResponse { changes: visible(caller, &changes), cursor }));
                if self.draining.is_set() {
                    return Err(Refusal::draining(super::drain::RETRY_AFTER).into());
                }
                continue;
            }
            let alive = tokio::time::sleep(SIGN_OF_LIFE);
            tokio::select! {
                () = answers.closed() => return Ok(()),
                () = self.draining.begun() => {
                    return Err(Refusal::draining(super::drain::RETRY_AFTER).into());
                }
                changed = newer.changed() => {
                    if changed.is_err() {
                        return Ok(());
                    }
                }
                () = alive => {
                    room.send(Ok(v1::WatchRateChangesResponse { changes: Vec::new(), cursor }));
                }
            }
        }
    }
}
