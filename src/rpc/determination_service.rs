//! `DeterminationService`: determinations, their replay, and objections.

use super::caller::region_of;
use super::page::Page;
use super::status::{FieldFault, Refusal};
use super::{Door, caller, request, wire};
use crate::auth::{Caller, Regions};
use crate::cycle;
use crate::determination::objection::{self, Filing, Standing};
use crate::determination::{self, Detail, Order, Terms, Withdrawal, answered, detail_of};
use crate::problem::What;
use crate::rate::Explain;
use crate::store::tables::determinations::{self as tables, Published};
use crate::store::tables::records;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::determination_service_server::DeterminationService;
use std::collections::BTreeMap;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Positions that are looked at for one page of a region.
const SCAN_MAX: i64 = 100_000;
/// Positions that are looked at in one go.
const SCAN: usize = 1_000;

/// Why cycles were published, by their ids.
type Reasons = BTreeMap<String, String>;

/// The service.
#[derive(Clone, Debug)]
pub struct Determinations {
    door: Arc<Door>,
}

impl Determinations {
    /// The service behind a door.
    #[must_use]
    pub const fn new(door: Arc<Door>) -> Self {
        Self { door }
    }

    /// A published determination that the caller may see.
    async fn found(&self, caller: &Caller, id: &str) -> Result<Published, Refusal> {
        let found = determination::found(&self.door.agency.db, id).await?;
        let region = Terms::read(&found.kept.terms)?.region;
        caller.must_find(region_of(&region), || Refusal::not_found(What::Determination, id))?;
        Ok(found)
    }

    /// The message of a determination; `reasons` are those of the cycles that were asked about in this call.
    async fn message(
        &self,
        published: &Published,
        reasons: &mut Reasons,
    ) -> Result<v1::Determination, Refusal> {
        let detail: Detail = detail_of(&published.kept.detail)?;
        let region = Terms::read(&published.kept.terms)?.region;
        if self.door.feed.newest() < published.position {
            self.door.feed.catch_up().await?;
        }
        let change = self.door.feed.change_at(published.position);
        let supersedes = change.filter(|c| c.terms.withdraws.is_empty()).map(|c| c.supersedes);
        let mut message = wire::determination(published, &detail, &region, &supersedes.unwrap_or_default())?;
        if message.illustrative_reason.is_empty() && !detail.cycle.is_empty() {
            message.illustrative_reason = self.reason(&detail.cycle, reasons).await?;
        }
        Ok(message)
    }

    /// Why a cycle was published that stands on a plan which is not the law; empty for the law's.
    async fn reason(&self, cycle: &str, reasons: &mut Reasons) -> Result<String, Refusal> {
        if let Some(known) = reasons.get(cycle) {
            return Ok(known.clone());
        }
        let reason = cycle::illustrative_reason(&self.door.agency.db, cycle).await?;
        reasons.insert(cycle.to_owned(), reason.clone());
        Ok(reason)
    }

    async fn by_id(&self, id: &str) -> Result<v1::Determination, Refusal> {
        let found = determination::found(&self.door.agency.db, id).await?;
        // Whoever asks for a rate after this answer gets it.
        self.door.feed.catch_up().await?;
        self.message(&found, &mut Reasons::new()).await
    }

    async fn employer(&self, caller: &Caller, id: &str) -> Result<(), Refusal> {
        let missing = || Refusal::not_found(What::Employer, id);
        let (_, region, _) = records::employer(&self.door.agency.db, id).await?.ok_or_else(missing)?;
        caller.must_find(region_of(&region), missing)
    }

    async fn objection(&self, caller: &Caller, id: &str) -> Result<Standing, Refusal> {
        let standing = objection::get(&self.door.agency.db, id).await?;
        let region = &standing.objection.region;
        caller.must_find(region_of(region), || Refusal::not_found(What::Objection, id))?;
        Ok(standing)
    }
}

#[tonic::async_trait]
impl DeterminationService for Determinations {
    async fn get_determination(
        &self,
        request: Request<v1::GetDeterminationRequest>,
    ) -> Result<Response<v1::GetDeterminationResponse>, Status> {
        let caller = caller::of(&request)?;
        let found = self.found(&caller, &request.get_ref().id).await?;
        let determination = Some(self.message(&found, &mut Reasons::new()).await?);
        Ok(Response::new(v1::GetDeterminationResponse { determination }))
    }

    async fn list_determinations(
        &self,
        request: Request<v1::ListDeterminationsRequest>,
    ) -> Result<Response<v1::ListDeterminationsResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        // An employer stands in one region: who names it need not name that.
        let by_employer = !message.employer_id.is_empty();
        let region = if by_employer && message.region.is_empty() {
            None
        } else {
            caller.region_of_list(&message.region)?
        };
        let query = ["determinations", &message.employer_id, region.as_deref().unwrap_or_default()];
        let page = Page::read(message.page_size, &message.page_token, &query)?;
        let after: i64 = page.after.parse().unwrap_or(0);
        let asked = region.as_deref().map(|code| Regions::of([code]));
        let within =
            |of: &str| asked.as_ref().is_none_or(|r| r.as_ref().is_ok_and(|r| r.covers(region_of(of))));
        let mut found = Vec::new();
        let mut scanned_to = None;
        if !by_employer {
            self.door.feed.catch_up().await.map_err(Refusal::from)?;
            let mut position = after;
            while found.len() <= page.size {
                let changes = self.door.feed.after(position, SCAN);
                let Some(last) = changes.last() else { break };
                position = last.position;
                found.extend(
                    changes.into_iter().filter(|c| within(&c.terms.region)).map(|c| (c.position, c.id)),
                );
                if position - after >= SCAN_MAX && found.len() <= page.size {
                    scanned_to = Some(position);
                    break;
                }
            }
        } else {
            self.employer(&caller, &message.employer_id).await?;
            let all = tables::of_employer(&self.door.agency.db, &message.employer_id).await;
            let all = all.map_err(Refusal::from)?;
            for one in all.iter().filter(|p| p.position > after) {
                // It may have been rated elsewhere before it moved.
                let of = Terms::read(&one.kept.terms).map_err(Refusal::from)?.region;
                if caller.may_see(region_of(&of)) && within(&of) {
                    found.push((one.position, one.id()));
                }
            }
        }
        let mut next_page_token = page.cut(&mut found, |(position, _)| position.to_string());
        if let (true, Some(position)) = (next_page_token.is_empty(), scanned_to) {
            next_page_token = page.token(&position.to_string());
        }
        let (mut determinations, mut reasons) = (Vec::with_capacity(found.len()), Reasons::new());
        for (_, id) in found {
            let published = self.found(&caller, &id).await?;
            determinations.push(self.message(&published, &mut reasons).await?);
        }
        Ok(Response::new(v1::ListDeterminationsResponse { determinations, next_page_token }))
    }

    async fn create_determination(
        &self,
        request: Request<v1::CreateDeterminationRequest>,
    ) -> Result<Response<v1::CreateDeterminationResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "CreateDetermination", &caller, &message)?;
        let agency = &self.door.agency;
        let respond = |determination| Response::new(v1::CreateDeterminationResponse { determination });
        if let Some(id) = answered(agency, remembered.as_ref()).await.map_err(Refusal::from)? {
            return Ok(respond(Some(self.by_id(&id).await?)));
        }
        self.employer(&caller, &message.employer_id).await?;
        let order = Order {
            employer_id: message.employer_id,
            plan: message.plan,
            rating_date: message.rating_date,
            from: message.from,
            record_version: message.record_version,
            cause: message.cause,
            note: message.note,
            portfolio: message.portfolio,
            accept_illustrative: message.accept_illustrative,
            objection_id: message.objection_id,
            etag: message.etag,
            validate_only: message.validate_only,
        };
        let made = determination::create(agency, &order, &caller.signature(), remembered.as_ref()).await;
        let id = match made {
            Ok(made) if order.validate_only => return Ok(respond(Some(wire::made(made)))),
            Ok(made) => made.id,
            Err(why) => request::after_conflict(agency, remembered.as_ref(), why).await?,
        };
        Ok(respond(Some(self.by_id(&id).await?)))
    }

    async fn withdraw_determination(
        &self,
        request: Request<v1::WithdrawDeterminationRequest>,
    ) -> Result<Response<v1::WithdrawDeterminationResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "WithdrawDetermination", &caller, &message)?;
        let agency = &self.door.agency;
        let id = match answered(agency, remembered.as_ref()).await.map_err(Refusal::from)? {
            Some(id) => id,
            None => {
                self.found(&caller, &message.id).await?;
                let withdrawal = Withdrawal { id: message.id, reason: message.reason };
                let signature = caller.signature();
                let done =
                    determination::withdraw(agency, &withdrawal, &signature, remembered.as_ref()).await;
                match done {
                    Ok(id) => id,
                    Err(why) => request::after_conflict(agency, remembered.as_ref(), why).await?,
                }
            }
        };
        let determination = Some(self.by_id(&id).await?);
        Ok(Response::new(v1::WithdrawDeterminationResponse { determination }))
    }

    async fn explain_determination(
        &self,
        request: Request<v1::ExplainDeterminationRequest>,
    ) -> Result<Response<v1::ExplainDeterminationResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let mut faults = Vec::new();
        let lang = FieldFault::language("language", &message.language, &mut faults);
        let explain = FieldFault::explain("explain", message.explain, Explain::Rules, &mut faults);
        if !faults.is_empty() {
            return Err(Refusal::invalid_request(faults).into());
        }
        let found = self.found(&caller, &message.id).await?;
        let agency = &self.door.agency;
        let row = determination::explained(agency, &found.kept, explain, lang).await;
        let mut determination = self.message(&found, &mut Reasons::new()).await?;
        determination.result = Some(wire::rating_result(row.map_err(Refusal::from)?));
        let (employer, version) = (&found.kept.employer_id, found.kept.record_version);
        let history = determination::record_history(agency, employer, version, lang).await;
        let record_history = history.map_err(Refusal::from)?.into_iter().map(|text| v1::Paragraph {
            topic: "record".to_owned(),
            text,
            cites: Vec::new(),
        });
        let mut differences = Vec::new();
        if !message.compare_with.is_empty() {
            let other = self.found(&caller, &message.compare_with).await?;
            if other.kept.employer_id != found.kept.employer_id {
                let (en, zh) = ("it is another employer's", "不是同一单位的核定");
                let fault = FieldFault::new("compare_with", "unknown_value", en, zh);
                return Err(Refusal::invalid_request(vec![fault]).into());
            }
            differences = determination::differences(agency, &other, &found).await.map_err(Refusal::from)?;
        }
        Ok(Response::new(v1::ExplainDeterminationResponse {
            determination: Some(determination),
            record_history: record_history.collect(),
            differences: differences.into_iter().map(wire::difference).collect(),
        }))
    }

    async fn replay_determination(
        &self,
        request: Request<v1::ReplayDeterminationRequest>,
    ) -> Result<Response<v1::ReplayDeterminationResponse>, Status> {
        let caller = caller::of(&request)?;
        let found = self.found(&caller, &request.get_ref().id).await?;
        let replayed = determination::replay(&self.door.agency, &found.kept).await;
        let replayed = replayed.map_err(Refusal::from)?;
        Ok(Response::new(v1::ReplayDeterminationResponse {
            same: replayed.differences.is_empty(),
            kept_digest: replayed.kept_digest,
            replayed_digest: replayed.replayed_digest,
            differences: replayed.differences.into_iter().map(wire::difference).collect(),
        }))
    }

    async fn file_objection(
        &self,
        request: Request<v1::FileObjectionRequest>,
    ) -> Result<Response<v1::FileObjectionResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "FileObjection", &caller, &message)?;
        let door = &self.door;
        let respond = |standing| {
            Response::new(v1::FileObjectionResponse { objection: Some(wire::objection(standing)) })
        };
        if let Some(id) = answered(&door.agency, remembered.as_ref()).await.map_err(Refusal::from)? {
            return Ok(respond(self.objection(&caller, &id).await?));
        }
        self.found(&caller, &message.determination_id).await?;
        let filing = Filing {
            determination_id: message.determination_id,
            reason: message.reason,
            filed_on: message.filed_on,
            notified_on: message.notified_on,
            accept_late: message.accept_late,
        };
        let (signature, today) = (caller.signature(), door.today());
        let filed =
            objection::file(&door.agency, &filing, &door.calendar, today, &signature, remembered.as_ref());
        match filed.await {
            Ok(standing) => Ok(respond(standing)),
            Err(why) => {
                let id = request::after_conflict(&door.agency, remembered.as_ref(), why).await?;
                Ok(respond(self.objection(&caller, &id).await?))
            }
        }
    }

    async fn decide_objection(
        &self,
        request: Request<v1::DecideObjectionRequest>,
    ) -> Result<Response<v1::DecideObjectionResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "DecideObjection", &caller, &message)?;
        let agency = &self.door.agency;
        let respond = |standing| {
            Response::new(v1::DecideObjectionResponse { objection: Some(wire::objection(standing)) })
        };
        if let Some(id) = answered(agency, remembered.as_ref()).await.map_err(Refusal::from)? {
            return Ok(respond(self.objection(&caller, &id).await?));
        }
        self.objection(&caller, &message.id).await?;
        let signature = caller.signature();
        let decided = objection::decide(
            agency,
            &message.id,
            message.upheld,
            &message.reason,
            &message.etag,
            &signature,
            remembered.as_ref(),
        );
        match decided.await {
            Ok(standing) => Ok(respond(standing)),
            Err(why) => {
                let id = request::after_conflict(agency, remembered.as_ref(), why).await?;
                Ok(respond(self.objection(&caller, &id).await?))
            }
        }
    }

    async fn list_objections(
        &self,
        request: Request<v1::ListObjectionsRequest>,
    ) -> Result<Response<v1::ListObjectionsResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let region = caller.region_of_list(&message.region)?;
        let (state, employer) = (&message.state, &message.employer_id);
        let query = ["objections", state, employer, region.as_deref().unwrap_or_default()];
        let page = Page::read(message.page_size, &message.page_token, &query)?;
        let db = &self.door.agency.db;
        let found = objection::page(db, &page.after, region.as_deref(), state, employer, page.ask());
        let mut found = found.await.map_err(Refusal::from)?;
        let next_page_token = page.cut(&mut found, |s| s.objection.id.clone());
        let objections = found.into_iter().map(wire::objection).collect();
        Ok(Response::new(v1::ListObjectionsResponse { objections, next_page_token }))
    }
}
