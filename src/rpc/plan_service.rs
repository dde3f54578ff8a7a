//! `PlanService`: which plans there are, what they say, and whether a text is one.

use super::Door;
use super::status::{FieldFault, Refusal};
use super::{refused, wire};
use crate::plans::{self, PlanError};
use floatrate_engine::diagnostic::{Diagnostic, Files};
use floatrate_engine::diff::{Version, diff};
use floatrate_engine::plan::catalog::Catalog;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::plan_service_server::PlanService;
use std::collections::BTreeMap;
use std::sync::Arc;
use tonic::{Request, Response, Status};

/// Plans of a page when the caller does not say, and most of a page.
const PAGE: (usize, usize) = (50, 1_000);

/// The service.
#[derive(Clone, Debug)]
pub struct Plans {
    door: Arc<Door>,
}

impl Plans {
    /// The service behind a door.
    #[must_use]
    pub const fn new(door: Arc<Door>) -> Self {
        Self { door }
    }
}

#[tonic::async_trait]
impl PlanService for Plans {
    async fn list_plans(
        &self,
        request: Request<v1::ListPlansRequest>,
    ) -> Result<Response<v1::ListPlansResponse>, Status> {
        let message = request.into_inner();
        let size = match usize::try_from(message.page_size) {
            Ok(0) => PAGE.0,
            Ok(size) => size.min(PAGE.1),
            Err(_) => {
                let en = format!("page_size is {}: expected 0 or more", message.page_size);
                let zh = format!("page_size 为 {}，应不小于 0", message.page_size);
                return Err(Refusal::invalid_request(vec![FieldFault::new(
                    "page_size",
                    "negative",
                    &en,
                    &zh,
                )])
                .into());
            }
        };
        // The token is the last id of the page before: it stays right when plans are added.
        let catalog = self.door.desks.catalog();
        let token = &message.page_token;
        if !token.is_empty() && catalog.plan(token).is_none() {
            let (en, zh) = ("page_token is not one of an earlier answer", "page_token 不是先前应答给出的");
            return Err(Refusal::invalid_request(vec![FieldFault::new(
                "page_token",
                "unknown_value",
                en,
                zh,
            )])
            .into());
        }
        let rest: Vec<_> = catalog.plans().filter(|p| p.checked.id > *token).collect();
        let page = &rest[..size.min(rest.len())];
        let next = if rest.len() > page.len() { page.last().map(|p| p.checked.id.clone()) } else { None };
        let plans = page.iter().map(|plan| wire::plan_head(plan)).collect();
        Ok(Response::new(v1::ListPlansResponse { plans, next_page_token: next.unwrap_or_default() }))
    }

    async fn get_plan(
        &self,
        request: Request<v1::GetPlanRequest>,
    ) -> Result<Response<v1::GetPlanResponse>, Status> {
        let message = request.into_inner();
        let mut faults = Vec::new();
        if message.id.is_empty() {
            faults.push(FieldFault::missing("id", "give an id of ListPlans", "请给出 ListPlans 列出的编号"));
        }
        let lang = FieldFault::language("language", &message.language, &mut faults);
        if !faults.is_empty() {
            return Err(Refusal::invalid_request(faults).into());
        }
        let catalog = self.door.desks.catalog();
        let plan = catalog.plan(&message.id).ok_or_else(|| Refusal::plan_not_found(&message.id))?;
        Ok(Response::new(v1::GetPlanResponse { plan: Some(wire::plan(plan, lang)) }))
    }

    async fn diff_plans(
        &self,
        request: Request<v1::DiffPlansRequest>,
    ) -> Result<Response<v1::DiffPlansResponse>, Status> {
        let message = request.into_inner();
        let catalog = self.door.desks.catalog();
        for id in [&message.earlier, &message.later] {
            catalog.plan(id).ok_or_else(|| Refusal::plan_not_found(id))?;
        }
        let door = Arc::clone(&self.door);
        let work = self.door.pool.try_run(move |_| {
            let catalog = door.desks.catalog();
            let declared = catalog.declared();
            let version = |id: &str| catalog.plan(id).map(|plan| Version { plan, declared });
            let pair = version(&message.earlier).zip(version(&message.later));
            let changes = pair.map_or_else(Vec::new, |(earlier, later)| diff(earlier, later));
            changes.iter().map(|change| wire::plan_change(change, declared)).collect()
        });
        Ok(Response::new(v1::DiffPlansResponse { changes: work.await.map_err(refused)? }))
    }

    async fn check_plan(
        &self,
        request: Request<v1::CheckPlanRequest>,
    ) -> Result<Response<v1::CheckPlanResponse>, Status> {
        let text = request.into_inner().text;
        if text.is_empty() {
            let fault = FieldFault::missing("text", "send the text of a plan", "请提交办法正文");
            return Err(Refusal::invalid_request(vec![fault]).into());
        }
        let library = Arc::clone(&self.door.agency.library);
        let work = self.door.pool.try_run(move |_| check(text, &library.texts));
        let (diagnostics, files) = work.await.map_err(refused)?;
        if let Some(file) = diagnostics.iter().find(|d| d.code == "file") {
            return Err(Refusal::plan_names_files(file.message.split('"').nth(1).unwrap_or_default()).into());
        }
        let rendered: Vec<String> = diagnostics.iter().map(|d| files.render(d)).collect();
        let diagnostics = diagnostics.iter().map(|d| wire::diagnostic(d, &files)).collect();
        Ok(Response::new(v1::CheckPlanResponse { diagnostics, rendered: rendered.join("\n") }))
    }
}

/// The mistakes of a plan's text, alone beside the plans that are loaded, and where it has none what the proofs refute. It stands where its id says; it can extend
/// those plans, and names no files, since there are none beside it.
fn check(text: String, loaded: &BTreeMap<String, String>) -> (Vec<Diagnostic>, Files) {
    let id = text.lines().find(|l| l.split('=').next().is_some_and(|key| key.trim() == "id"));
    let id = id.and_then(|l| l.split('"').nth(1)).unwrap_or("plan").to_owned();
    let folder = id.replace('-', "/");
    let beside = format!("{folder}/");
    let others = loaded.iter().filter(|(path, _)| !path.starts_with(&beside));
    let mut texts: BTreeMap<_, _> = others.map(|(path, text)| (path.clone(), text.clone())).collect();
    texts.insert(format!("{folder}/plan.toml"), text);
    match Catalog::load(&texts) {
        Ok(catalog) => match plans::proved(&catalog, catalog.plan(&id).into_iter()) {
            Err(PlanError::Mistakes(refuted, files)) => (refuted, *files),
            _ => (Vec::new(), catalog.files),
        },
        Err(found) => found,
    }
}
