//! `EmployerService`: records as they are kept, imports, successions.

use super::caller::region_of;
use super::page::Page;
use super::status::{FieldFault, Refusal};
use super::{Door, caller, overloaded, request, wire};
use crate::auth::{Caller, Regions};
use crate::determination::answered;
use crate::employer::{self, Body, Intake, Kind, Outcome, Policy, Reject, Succession, etag, kept_succession};
use crate::problem::{Problem, What};
use crate::store::tables::records::{self, NewRecord, Version};
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::employer_service_server::EmployerService;
use std::collections::BTreeMap;
use std::sync::Arc;
use tonic::{Request, Response, Status, Streaming};

/// Rejects that the answer to an import shows.
const FIRST_REJECTS: usize = 20;
/// Records that are read in one piece of work.
const PIECE: usize = 256;

/// The service.
#[derive(Clone, Debug)]
pub struct Employers {
    door: Arc<Door>,
}

impl Employers {
    /// The service behind a door.
    #[must_use]
    pub const fn new(door: Arc<Door>) -> Self {
        Self { door }
    }

    /// Newest version of an employer that the caller may see, and its digest.
    async fn found(&self, caller: &Caller, id: &str) -> Result<(i64, [u8; 32]), Refusal> {
        let missing = || Refusal::not_found(What::Employer, id);
        let (version, region, digest) =
            records::employer(&self.door.agency.db, id).await?.ok_or_else(missing)?;
        caller.must_find(region_of(&region), missing)?;
        Ok((version, digest))
    }

    /// Keeps or only reads a piece of an import.
    async fn take(
        &self,
        intake: &mut Intake,
        caller: &Caller,
        items: Vec<v1::ImportRecordsItem>,
    ) -> Result<(), Refusal> {
        let door = Arc::clone(&self.door);
        let of = caller.clone();
        let read = self.door.pool.run(move |stop| {
            let declared = door.desks.catalog().declared();
            let mut out = Vec::with_capacity(items.len());
            for item in items {
                if stop.is_set() {
                    break;
                }
                let form = wire::record(item.record.unwrap_or_default());
                let read = Intake::read(item.number, &form, declared);
                let read = match read {
                    Ok(record) if !of.may_see(region_of(&record.region)) => {
                        Err(Reject::elsewhere(item.number, &record.employer_id))
                    }
                    other => other,
                };
                out.push((item.number, read));
            }
            out
        });
        for (number, one) in read.await.map_err(overloaded)? {
            intake.add(self.not_elsewhere(caller, number, one).await?).await?;
        }
        Ok(())
    }

    /// A record whose employer is kept in a region of others is theirs: nobody takes it over by importing it.
    async fn not_elsewhere(
        &self,
        caller: &Caller,
        number: i64,
        read: Result<NewRecord, Reject>,
    ) -> Result<Result<NewRecord, Reject>, Refusal> {
        let Ok(record) = read else { return Ok(read) };
        if caller.regions == Regions::All {
            return Ok(Ok(record));
        }
        let kept = records::employer(&self.door.agency.db, &record.employer_id).await?;
        Ok(match kept {
            Some((_, region, _)) if !caller.may_see(region_of(&region)) => {
                Err(Reject::elsewhere(number, &record.employer_id))
            }
            _ => Ok(record),
        })
    }
}

fn version(
    version: &Version,
    record: Option<v1::Record>,
    newest: Option<&(i64, [u8; 32])>,
) -> v1::EmployerRecord {
    let own = (version.version, version.digest);
    let (number, digest) = newest.unwrap_or(&own);
    v1::EmployerRecord {
        id: version.employer_id.clone(),
        version: version.version,
        digest: crate::store::ledger::text(&version.digest),
        recorded_at: version.at.rfc3339(),
        recorded_by: version.signature.clone(),
        origin: version.origin.clone(),
        record,
        etag: etag(*number, digest),
        region: region_of(&version.region).map(str::to_owned),
    }
}

fn reject(reject: Reject) -> v1::ImportReject {
    let faults = reject.violations.iter().map(|v| FieldFault {
        field: v.field.clone(),
        reason: v.reason.clone().into(),
        message: floatrate_engine::Bilingual { zh: v.zh.clone(), en: v.en.clone() },
    });
    let status = Refusal::refused_record(faults.collect()).item();
    v1::ImportReject { number: reject.number, employer_id: reject.employer_id, status: Some(status) }
}

#[tonic::async_trait]
impl EmployerService for Employers {
    async fn get_employer(
        &self,
        request: Request<v1::GetEmployerRequest>,
    ) -> Result<Response<v1::GetEmployerResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let newest = self.found(&caller, &message.id).await?;
        let db = &self.door.agency.db;
        let number = if message.version == 0 { newest.0 } else { message.version };
        let missing = || Refusal::not_found(What::RecordVersion, &format!("{number} of {}", message.id));
        let kept = records::record(db, &message.id, number).await.map_err(Refusal::from)?;
        let (kept, body) = kept.ok_or_else(missing)?;
        // An older version may be of another region than the newest.
        caller.must_find(region_of(&kept.region), missing)?;
        let form = Body(body).form().map_err(Refusal::from)?;
        let employer = version(&kept, Some(wire::record_message(&form)), Some(&newest));
        Ok(Response::new(v1::GetEmployerResponse { employer: Some(employer) }))
    }

    async fn list_employers(
        &self,
        request: Request<v1::ListEmployersRequest>,
    ) -> Result<Response<v1::ListEmployersResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let region = caller.region_of_list(&message.region)?;
        let page = Page::read(
            message.page_size,
            &message.page_token,
            &["employers", region.as_deref().unwrap_or_default()],
        )?;
        let found = records::page(&self.door.agency.db, region.as_deref(), &page.after, page.ask());
        let mut found = found.await.map_err(Refusal::from)?;
        let next_page_token = page.cut(&mut found, |v| v.employer_id.clone());
        let employers = found.iter().map(|v| version(v, None, None)).collect();
        Ok(Response::new(v1::ListEmployersResponse { employers, next_page_token }))
    }

    async fn import_records(
        &self,
        request: Request<Streaming<v1::ImportRecordsRequest>>,
    ) -> Result<Response<v1::ImportRecordsResponse>, Status> {
        use v1::import_records_request::Content;
        let caller = caller::of(&request)?;
        let mut messages = request.into_inner();
        let first = messages.message().await?.and_then(|m| m.content);
        let Some(Content::Header(header)) = first else { return Err(Refusal::stream_order().into()) };
        let agency = &self.door.agency;
        let db = &agency.db;
        let remembered = request::of(&header.request_id, "ImportRecords", &caller, &header)?;
        if let Some(answer) = answered(agency, remembered.as_ref()).await.map_err(Refusal::from)? {
            return self.imported_before(&answer).await;
        }
        let keep = (!header.validate_only).then_some(db);
        let mut intake =
            Intake::begin(keep, &header.source, &caller.signature()).await.map_err(Refusal::from)?;
        let mut piece = Vec::new();
        while let Some(message) = messages.message().await? {
            match message.content {
                Some(Content::Item(item)) => piece.push(item),
                _ => return Err(Refusal::stream_order().into()),
            }
            if piece.len() >= PIECE {
                self.take(&mut intake, &caller, std::mem::take(&mut piece)).await?;
            }
        }
        self.take(&mut intake, &caller, piece).await?;
        let keep = remembered.as_ref().filter(|_| !header.validate_only);
        let (outcome, rejects) = match intake.end(keep).await {
            Ok(ended) => ended,
            Err(why) => {
                let answer = request::after_conflict(agency, keep, Problem::Store(why)).await?;
                return self.imported_before(&answer).await;
            }
        };
        let first_rejects = rejects.into_iter().take(FIRST_REJECTS).map(reject).collect();
        Ok(Response::new(imported(outcome, first_rejects)))
    }

    async fn list_import_rejects(
        &self,
        request: Request<v1::ListImportRejectsRequest>,
    ) -> Result<Response<v1::ListImportRejectsResponse>, Status> {
        let message = request.into_inner();
        let page = Page::read(message.page_size, &message.page_token, &["rejects", &message.import_id])?;
        let after = page.after.parse().unwrap_or(i64::MIN);
        let rejects = employer::rejects(&self.door.agency.db, &message.import_id, after, page.ask()).await;
        let mut rejects = rejects.map_err(Refusal::from)?;
        let next_page_token = page.cut(&mut rejects, |(place, _)| place.to_string());
        let rejects = rejects.into_iter().map(|(_, one)| reject(one)).collect();
        Ok(Response::new(v1::ListImportRejectsResponse { rejects, next_page_token }))
    }

    async fn list_record_versions(
        &self,
        request: Request<v1::ListRecordVersionsRequest>,
    ) -> Result<Response<v1::ListRecordVersionsResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let id = &message.employer_id;
        let newest = self.found(&caller, id).await?;
        let page = Page::read(message.page_size, &message.page_token, &["versions", id])?;
        let before = page.after.parse().unwrap_or(i64::MAX);
        let versions = records::versions(&self.door.agency.db, id, before, page.ask()).await;
        let mut versions = versions.map_err(Refusal::from)?;
        let next_page_token = page.cut(&mut versions, |v| v.version.to_string());
        let seen = versions.iter().filter(|v| v.version == newest.0 || caller.may_see(region_of(&v.region)));
        let versions = seen.map(|v| version(v, None, Some(&newest))).collect();
        Ok(Response::new(v1::ListRecordVersionsResponse { versions, next_page_token }))
    }

    async fn record_succession(
        &self,
        request: Request<v1::RecordSuccessionRequest>,
    ) -> Result<Response<v1::RecordSuccessionResponse>, Status> {
        let caller = caller::of(&request)?;
        let message = request.into_inner();
        let remembered = request::of(&message.request_id, "RecordSuccession", &caller, &message)?;
        let agency = &self.door.agency;
        let db = &agency.db;
        if let Some(id) = answered(agency, remembered.as_ref()).await.map_err(Refusal::from)? {
            return self.succeeded_before(&id).await;
        }
        let known = message.predecessors.iter().chain(&message.successors);
        for (at, id) in known.enumerate() {
            let kept = records::employer(db, id).await.map_err(Refusal::from)?;
            match kept {
                Some((_, region, _)) => {
                    caller.must_find(region_of(&region), || Refusal::not_found(What::Employer, id))?;
                }
                None if at < message.predecessors.len() => {
                    return Err(Refusal::not_found(What::Employer, id).into());
                }
                None => {}
            }
        }
        if let Some(region) = &message.region {
            caller.must_see(Some(region))?;
        }
        let (etags, validate_only) = (message.etags.clone(), message.validate_only);
        let succession = self.succession(message)?;
        let signature = caller.signature();
        let done = employer::succeed(db, succession, &etags, &signature, remembered.as_ref(), validate_only);
        match done.await {
            // As it is kept, so that the same answer is given to the same request.
            Ok(done) if !validate_only => self.succeeded_before(&done.id).await,
            Ok(done) => Ok(Response::new(v1::RecordSuccessionResponse {
                id: done.id,
                versions: done.versions.iter().map(|v| version(v, None, None)).collect(),
                policy: policy_name(&done.succession),
                notes: done.succession.notes,
            })),
            Err(why) => {
                let id = request::after_conflict(agency, remembered.as_ref(), why).await?;
                self.succeeded_before(&id).await
            }
        }
    }
}

fn policy_name(succession: &Succession) -> String {
    succession.policy.map_or_else(String::new, |policy| policy.name().to_owned())
}

fn imported(outcome: Outcome, first_rejects: Vec<v1::ImportReject>) -> v1::ImportRecordsResponse {
    let Outcome { id, created, updated, unchanged, rejected } = outcome;
    v1::ImportRecordsResponse { import_id: id, created, updated, unchanged, rejected, first_rejects }
}

impl Employers {
    async fn imported_before(&self, answer: &str) -> Result<Response<v1::ImportRecordsResponse>, Status> {
        let outcome: Outcome = serde_json::from_str(answer).map_err(|_| super::internal())?;
        let most = i64::try_from(FIRST_REJECTS).unwrap_or(20);
        let rejects = employer::rejects(&self.door.agency.db, &outcome.id, i64::MIN, most).await;
        let first = rejects.map_err(Refusal::from)?.into_iter().map(|(_, one)| reject(one)).collect();
        Ok(Response::new(imported(outcome, first)))
    }

    async fn succeeded_before(&self, id: &str) -> Result<Response<v1::RecordSuccessionResponse>, Status> {
        let db = &self.door.agency.db;
        let succession = kept_succession(db, id).await.map_err(Refusal::from)?;
        let succession = succession.ok_or_else(super::internal)?;
        let origin = format!("succession:{id}");
        let mut versions = Vec::new();
        let mut ids: Vec<&String> = succession.predecessors.iter().chain(&succession.successors).collect();
        ids.sort();
        ids.dedup();
        for employer in ids {
            let found = records::versions(db, employer, i64::MAX, 1_000).await.map_err(Refusal::from)?;
            versions.extend(found.iter().filter(|v| v.origin == origin).map(|v| version(v, None, None)));
        }
        Ok(Response::new(v1::RecordSuccessionResponse {
            id: id.to_owned(),
            versions,
            policy: policy_name(&succession),
            notes: succession.notes,
        }))
    }

    /// A succession as it is asked for, with the plan's policy where the officer states none.
    fn succession(&self, message: v1::RecordSuccessionRequest) -> Result<Succession, Refusal> {
        let fault = |field: &str, en: &str, zh: &str| {
            Refusal::invalid_request(vec![FieldFault::new(field, "unknown_value", en, zh)])
        };
        let kind = match v1::SuccessionKind::try_from(message.kind) {
            Ok(v1::SuccessionKind::Merger) => Kind::Merger,
            Ok(v1::SuccessionKind::Split) => Kind::Split,
            Ok(v1::SuccessionKind::Renaming) => Kind::Renaming,
            Ok(v1::SuccessionKind::ClassChange) => Kind::ClassChange,
            Ok(v1::SuccessionKind::Move) => Kind::Move,
            _ => return Err(fault("kind", "say what happened", "请给出承继情形")),
        };
        let stated = match v1::SuccessionPolicy::try_from(message.policy) {
            Ok(v1::SuccessionPolicy::Unspecified) => None,
            Ok(v1::SuccessionPolicy::MergeSum) => Some(Policy::MergeSum),
            Ok(v1::SuccessionPolicy::SurvivorOnly) => Some(Policy::SurvivorOnly),
            Ok(v1::SuccessionPolicy::NewAtBase) => Some(Policy::NewAtBase),
            Err(_) => return Err(fault("policy", "there is no such policy", "没有这种处理方式")),
        };
        let catalog = self.door.desks.catalog();
        let (policy, policy_of) = employer::stated(catalog, kind, stated, &message.plan)?;
        let risk_class = match message.risk_class.map(u8::try_from) {
            Some(Err(_)) => return Err(fault("risk_class", "there is no such class", "没有这一风险类别")),
            Some(Ok(class)) => Some(class),
            None => None,
        };
        Ok(Succession {
            kind,
            date: message.date,
            predecessors: message.predecessors,
            successors: message.successors,
            policy,
            policy_of,
            name: message.name,
            risk_class,
            region: message.region,
            reason: message.reason,
            notes: Vec::new(),
            sources: BTreeMap::new(),
        })
    }
}
