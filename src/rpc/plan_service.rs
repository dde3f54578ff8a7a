//! `PlanService`: which plans there are, what they say, and whether a text is one.

use super::Door;
use super::page::Page;
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
        // The token holds the last id of the page before: it stays right when plans are added.
        let page = Page::read(message.page_size, &message.page_token, &["plans"])?;
        let catalog = self.door.desks.catalog();
        let mut plans: Vec<_> =
            catalog.plans().filter(|p| p.checked.id > page.after).take(page.size + 1).collect();
        let next_page_token = page.cut(&mut plans, |plan| plan.checked.id.clone());
        let plans = plans.into_iter().map(wire::plan_head).collect();
        Ok(Response::new(v1::ListPlansResponse { plans, next_page_token }))
    }

    async fn get_plan(
        &self,
        request: Request<v1::GetPlanRequest>,
    ) -> Result<Response<v1::GetPlanResponse>, Status> {
        let message = request.into_inner();
        let mut faults = Vec::new();
        if message.id.is_empty() {
            faults.push(FieldFault::needed("id", "give an id of ListPlans", "请给出 ListPlans 列出的编号"));
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
            let fault = FieldFault::needed("text", "send the text of a plan", "请提交办法正文");
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
