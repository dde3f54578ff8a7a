//! `CycleService`: the annual rate cycle, step by step.

use super::caller;
use super::cycle_watch::Watching;
use super::deadline::Deadline;
use super::drain::Draining;
use super::page::Page;
use super::runs::Runs;
use super::status::{FieldFault, Refusal};
use super::{Door, request, wire};
use crate::auth::Caller;
use crate::cycle::{self, Choice, Order, Resolution, ReviewItem, Standing};
use crate::determination::answered;
use crate::problem::{Problem, What};
use crate::store::requests::Request as Remembered;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::cycle_service_server::CycleService;
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{Semaphore, mpsc};
use tokio_stream::Stream;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};

/// States of the items of a work list.
const ITEM_STATES: [&str; 3] = ["open", "proposed", "resolved"];

/// The service.
#[derive(Clone, Debug)]
pub struct Cycles {
    door: Arc<Door>,
    draining: Draining,
    runs: Runs,
    /// One plan is tried at a time: each trial rates a whole city. The others wait, as long as their callers do.
    trial: Arc<Semaphore>,
}

impl Cycles {
    /// The service behind a door, whose runs are among `runs`; watches end when it drains.
    #[must_use]
    pub fn new(door: Arc<Door>, draining: Draining, runs: Runs) -> Self {
        Self { door, draining, runs, trial: Arc::new(Semaphore::new(1)) }
    }

    /// A cycle that the caller may see.
    async fn found(&self, caller: &Caller, id: &str) -> Result<Standing, Refusal> {
        let standing = cycle::get(&self.door.agency.db, id).await?;
        caller.must_find(Some(&standing.cycle.region), || Refusal::not_found(What::Cycle, id))?;
        Ok(standing)
    }

    /// A step of a cycle that the caller may see. A request that was sent before is answered with the cycle as it stands.
    async fn step(
        &self,
        caller: &Caller,
        id: &str,
        request: Option<Remembered>,
        work: impl AsyncFnOnce(&str, Option<&Remembered>) -> Result<Standing, Problem>,
    ) -> Result<Option<v1::Cycle>, Refusal> {
        let (agency, request) = (&self.door.agency, request.as_ref());
        if let Some(id) = answered(agency, request).await? {
            return Ok(Some(wire::cycle(self.found(caller, &id).await?)));
        }
        self.found(caller, id).await?;
        let standing = match work(&caller.signature(), request).await {
            Ok(standing) => standing,
            Err(why) => {
                let id = request::after_conflict(agency, request, why).await?;
                self.found(caller, &id).await?
            }
        };
        Ok(Some(wire::cycle(standing)))
    }

    /// What a request says about an item.
    async fn resolution<'m>(
        &self,
        message: &'m v1::ResolveReviewItemRequest,
    ) -> Result<Resolution<'m>, Refusal> {
        use v1::resolve_review_item_request::Choice as Asked;
        let choice = match &message.choice {
            None => {
                let en = "give record_version, step, tier, leave_out or agree";
                let zh = "请给出 record_version、step、tier、leave_out 或 agree 之一";
                return Err(Refusal::invalid_request(vec![FieldFault::needed("choice", en, zh)]));
            }
            Some(Asked::Agree(v1::Agree {})) => return Ok(Resolution::Agree),
            Some(Asked::RecordVersion(version)) => Choice::Record { version: *version },
            Some(Asked::Step(step)) => Choice::ByHand { step: *step },
            Some(Asked::LeaveOut(v1::LeaveOut {})) => Choice::LeaveOut,
            Some(Asked::Tier(tier)) => {
                let agency = &self.door.agency;
                let step = cycle::step_of_tier(agency, &message.cycle_id, &message.employer_id, tier).await?;
                Choice::ByHand { step }
            }
        };
        Ok(Resolution::Choose(choice, &message.reason))
    }

    async fn resolved(
        &self,
        caller: &Caller,
        message: &v1::ResolveReviewItemRequest,
    ) -> Result<ReviewItem, Refusal> {
        let request = request::of(&message.request_id, "ResolveReviewItem", caller, message)?;
        let (agency, request) = (&self.door.agency, request.as_ref());
        let (cycle_id, employer_id) = (&message.cycle_id, &message.employer_id);
        let known = answered(agency, request).await?;
        self.found(caller, cycle_id).await?;
        if known.is_some() {
            return Ok(cycle::item(&agency.db, cycle_id, employer_id).await?);
        }
        let resolution = self.resolution(message).await?;
        let (etag, signature) = (&message.etag, caller.signature());
        let done = cycle::resolve(agency, cycle_id, employer_id, &resolution, etag, &signature, request);
        match done.await {
            Ok(item) => Ok(item),
            Err(why) => {
                request::after_conflict(agency, request, why).await?;
                Ok(cycle::item(&agency.db, cycle_id, employer_id).await?)
            }
        }
    }
}

#[tonic::async_trait]
impl CycleService for Cycles {
    async fn create_cycle(
        &self,
        request: Request<v1::CreateCycleRequest>,
    ) -> Result<Response<v1::CreateCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "CreateCycle", &caller, &message)?;
        let (agency, request) = (&self.door.agency, remembered.as_ref());
        let respond =
            |standing| Response::new(v1::CreateCycleResponse { cycle: Some(wire::cycle(standing)) });
        if let Some(id) = answered(agency, request).await.map_err(Refusal::from)? {
            return Ok(respond(self.found(&caller, &id).await?));
        }
        // A region that is left out is told with the other fields.
        if !message.region.is_empty() {
            caller.must_see(Some(&message.region))?;
        }
        let order = Order { region: message.region, plan: message.plan, rating_date: message.rating_date };
        match cycle::create(agency, &order, &caller.signature(), request).await {
            Ok(standing) => Ok(respond(standing)),
            Err(why) => {
                let id = request::after_conflict(agency, request, why).await?;
                Ok(respond(self.found(&caller, &id).await?))
            }
        }
    }

    async fn freeze_cycle(
        &self,
        request: Request<v1::FreezeCycleRequest>,
    ) -> Result<Response<v1::FreezeCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "FreezeCycle", &caller, &message)?;
        let v1::FreezeCycleRequest { id, etag, portfolio, .. } = &message;
        let work = async |signature: &str, request: Option<&Remembered>| {
            cycle::freeze(&self.door.agency, id, portfolio, etag, signature, request).await
        };
        let cycle = self.step(&caller, id, remembered, work).await?;
        Ok(Response::new(v1::FreezeCycleResponse { cycle }))
    }

    async fn run_cycle(
        &self,
        request: Request<v1::RunCycleRequest>,
    ) -> Result<Response<v1::RunCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let id = request.into_inner().id;
        let work = async |signature: &str, _: Option<&Remembered>| {
            self.runs.begin(&self.door.agency, &id, signature).await
        };
        let cycle = self.step(&caller, &id, None, work).await?;
        Ok(Response::new(v1::RunCycleResponse { cycle }))
    }

    type WatchCycleStream = Pin<Box<dyn Stream<Item = Result<v1::WatchCycleResponse, Status>> + Send>>;

    async fn watch_cycle(
        &self,
        request: Request<v1::WatchCycleRequest>,
    ) -> Result<Response<Self::WatchCycleStream>, Status> {
        let caller = caller::of(&request)?;
        let deadline = Deadline::of(&request);
        let id = request.into_inner().id;
        self.found(&caller, &id).await?;
        let (door, runs, draining) = (Arc::clone(&self.door), self.runs.clone(), self.draining.clone());
        // One message waits for a slow reader, and no more.
        let (answers, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            let watching = Watching { door, runs, draining, id };
            let ended = deadline.keep(watching.tell(&answers)).await;
            if let Err(why) | Ok(Err(why)) = ended {
                let _ = answers.send(Err(why)).await;
            }
        });
        Ok(Response::new(Box::pin(ReceiverStream::new(receiver))))
    }

    async fn get_cycle(
        &self,
        request: Request<v1::GetCycleRequest>,
    ) -> Result<Response<v1::GetCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let standing = self.found(&caller, &request.get_ref().id).await?;
        Ok(Response::new(v1::GetCycleResponse { cycle: Some(wire::cycle(standing)) }))
    }

    async fn list_cycles(
        &self,
        request: Request<v1::ListCyclesRequest>,
    ) -> Result<Response<v1::ListCyclesResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let state =
            wire::state_asked(message.state).map_err(|fault| Refusal::invalid_request(vec![fault]))?;
        let region = caller.region_of_list(&message.region)?;
        let query = ["cycles", state, region.as_deref().unwrap_or_default()];
        let page = Page::read(message.page_size, &message.page_token, &query)?;
        let db = &self.door.agency.db;
        let found = cycle::page(db, &page.after, region.as_deref(), state, page.ask()).await;
        let mut found = found.map_err(Refusal::from)?;
        let next_page_token = page.cut(&mut found, |standing| standing.cycle.id.clone());
        let cycles = found.into_iter().map(wire::cycle).collect();
        Ok(Response::new(v1::ListCyclesResponse { cycles, next_page_token }))
    }

    async fn get_cycle_report(
        &self,
        request: Request<v1::GetCycleReportRequest>,
    ) -> Result<Response<v1::GetCycleReportResponse>, Status> {
        let caller = caller::of(&request)?;
        let v1::GetCycleReportRequest { id, try_plan, portfolio } = request.into_inner();
        // Before the report: where a decision falls between the two, the etag is the older one, and nobody approves by it.
        let standing = self.found(&caller, &id).await?;
        let agency = &self.door.agency;
        let report = if try_plan.is_empty() {
            if !portfolio.is_empty() {
                let en = "the values of the cycle's own plan are held fast: give them with try_plan only";
                let zh = "本次核定所用办法的数值已固定；仅在给出 try_plan 时填写";
                let fault = FieldFault::new("portfolio", "unknown_value", en, zh);
                return Err(Refusal::invalid_request(vec![fault]).into());
            }
            let report = cycle::report(agency, &id).await.map_err(Refusal::from)?;
            wire::cycle_report(standing, report)
        } else {
            // It is never closed.
            let _one = self.trial.acquire().await;
            // A chunk is rated beside the async threads, and a call that ends ends the trial with its chunk.
            let tried = cycle::trial(agency, &id, &try_plan, &portfolio, &mut |_| (), &mut |_| ()).await;
            let (counts, tally) = tried.map_err(Refusal::from)?;
            wire::cycle_trial(standing, try_plan, counts, tally)
        };
        Ok(Response::new(v1::GetCycleReportResponse { report: Some(report) }))
    }

    async fn list_review_items(
        &self,
        request: Request<v1::ListReviewItemsRequest>,
    ) -> Result<Response<v1::ListReviewItemsResponse>, Status> {
        let caller = caller::of(&request)?;
        let v1::ListReviewItemsRequest { cycle_id, page_size, page_token, state } = request.into_inner();
        if !state.is_empty() && !ITEM_STATES.contains(&state.as_str()) {
            let en = format!("\"{state}\" is not one of {}", ITEM_STATES.join(", "));
            let zh = format!("“{state}”应为下列之一：{}", ITEM_STATES.join("、"));
            let fault = FieldFault::new("state", "unknown_value", en, zh);
            return Err(Refusal::invalid_request(vec![fault]).into());
        }
        self.found(&caller, &cycle_id).await?;
        let page = Page::read(page_size, &page_token, &["review items", &cycle_id, &state])?;
        let after = page.after.parse().unwrap_or(0);
        let found = cycle::items(&self.door.agency.db, &cycle_id, after, &state, page.ask()).await;
        let mut found = found.map_err(Refusal::from)?;
        let next_page_token = page.cut(&mut found, |item| item.ordinal.to_string());
        let items = found.into_iter().map(wire::review_item).collect();
        Ok(Response::new(v1::ListReviewItemsResponse { items, next_page_token }))
    }

    async fn resolve_review_item(
        &self,
        request: Request<v1::ResolveReviewItemRequest>,
    ) -> Result<Response<v1::ResolveReviewItemResponse>, Status> {
        let caller = caller::of(&request)?;
        let item = self.resolved(&caller, request.get_ref()).await?;
        Ok(Response::new(v1::ResolveReviewItemResponse { item: Some(wire::review_item(item)) }))
    }

    async fn approve_cycle(
        &self,
        request: Request<v1::ApproveCycleRequest>,
    ) -> Result<Response<v1::ApproveCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "ApproveCycle", &caller, &message)?;
        let v1::ApproveCycleRequest { id, etag, .. } = &message;
        let work = async |signature: &str, request: Option<&Remembered>| {
            cycle::approve(&self.door.agency, id, etag, signature, request).await
        };
        let cycle = self.step(&caller, id, remembered, work).await?;
        Ok(Response::new(v1::ApproveCycleResponse { cycle }))
    }

    async fn return_cycle(
        &self,
        request: Request<v1::ReturnCycleRequest>,
    ) -> Result<Response<v1::ReturnCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "ReturnCycle", &caller, &message)?;
        let v1::ReturnCycleRequest { id, etag, reason, .. } = &message;
        let work = async |signature: &str, request: Option<&Remembered>| {
            cycle::give_back(&self.door.agency, id, reason, etag, signature, request).await
        };
        let cycle = self.step(&caller, id, remembered, work).await?;
        Ok(Response::new(v1::ReturnCycleResponse { cycle }))
    }

    async fn publish_cycle(
        &self,
        request: Request<v1::PublishCycleRequest>,
    ) -> Result<Response<v1::PublishCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "PublishCycle", &caller, &message)?;
        let v1::PublishCycleRequest { id, etag, accept_illustrative, .. } = &message;
        let work = async |signature: &str, request: Option<&Remembered>| {
            cycle::publish(&self.door.agency, id, accept_illustrative, etag, signature, request).await
        };
        let cycle = self.step(&caller, id, remembered, work).await?;
        // Whoever asks for a rate after this answer gets it.
        self.door.feed.catch_up().await.map_err(Refusal::from)?;
        Ok(Response::new(v1::PublishCycleResponse { cycle }))
    }

    async fn close_cycle(
        &self,
        request: Request<v1::CloseCycleRequest>,
    ) -> Result<Response<v1::CloseCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "CloseCycle", &caller, &message)?;
        let v1::CloseCycleRequest { id, etag, .. } = &message;
        let work = async |signature: &str, request: Option<&Remembered>| {
            cycle::close(&self.door.agency, id, etag, signature, request).await
        };
        let cycle = self.step(&caller, id, remembered, work).await?;
        Ok(Response::new(v1::CloseCycleResponse { cycle }))
    }

    async fn cancel_cycle(
        &self,
        request: Request<v1::CancelCycleRequest>,
    ) -> Result<Response<v1::CancelCycleResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "CancelCycle", &caller, &message)?;
        let v1::CancelCycleRequest { id, etag, reason, .. } = &message;
        let work = async |signature: &str, request: Option<&Remembered>| {
            cycle::cancel(&self.door.agency, id, reason, etag, signature, request).await
        };
        let cycle = self.step(&caller, id, remembered, work).await?;
        Ok(Response::new(v1::CancelCycleResponse { cycle }))
    }
}
