//! The text of a plan as it is kept: the files that it is made of, once, by digest. A determination of ten years ago is
//! replayed from these, whatever has become of the folder of plans.

use crate::plans::{self, Library};
use crate::store::ledger::Hasher;
use crate::store::{StoreError, to_json};
use floatrate_engine::plan::catalog::{Catalog, Plan};
use floatrate_engine::plan::regions::wider;
use std::collections::BTreeMap;

/// A plan's files with their digest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanText {
    /// Id of the plan.
    pub plan: String,
    /// Digest of the files.
    pub digest: [u8; 32],
    /// The files as JSON: texts by their path below the folder of plans.
    pub body: Vec<u8>,
}

impl PlanText {
    /// The text of a loaded plan: the files of its folder and of its parents', and its regions' tables of reductions,
    /// without examples. If these do not give the same plan, as with a table that stands elsewhere, all files are kept.
    ///
    /// # Errors
    ///
    /// A defect: the files that were loaded do not load.
    pub fn of(library: &Library, plan: &Plan) -> Result<Self, StoreError> {
        let folders: Vec<String> = std::iter::once(plan.folder.clone())
            .chain(
                plan.checked.parents.iter().filter_map(|id| Some(library.catalog.plan(id)?.folder.clone())),
            )
            .collect();
        let regions = wider(&plan.checked.region);
        let country = plan.folder.split('/').next().unwrap_or_default();
        let tables: Vec<String> =
            regions.iter().map(|region| format!("{country}/{region}/reductions.toml")).collect();
        let within = |path: &str| {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            folders.iter().any(|f| f.trim_matches('/') == folder) || tables.iter().any(|t| t == path)
        };
        let own = |path: &str| !path.ends_with("examples.toml");
        let files = |keep: &dyn Fn(&str) -> bool| -> BTreeMap<&str, &str> {
            let all = library.texts.iter().map(|(path, text)| (path.as_str(), text.as_str()));
            all.filter(|(path, _)| own(path) && keep(path)).collect()
        };
        for files in [files(&within), files(&|_| true)] {
            let body = to_json(&files)?;
            let same = load(&body)
                .ok()
                .is_some_and(|c| c.plan(&plan.checked.id).is_some_and(|p| p.digest == plan.digest));
            if same {
                return Ok(Self { plan: plan.checked.id.clone(), digest: Self::digest_of(&body), body });
            }
        }
        Err(StoreError::broken(format!("{} cannot be loaded from its own files", plan.checked.id)))
    }

    /// The digest of a kept text.
    #[must_use]
    pub fn digest_of(body: &[u8]) -> [u8; 32] {
        let mut hasher = Hasher::new("floatrate plan text 1");
        hasher.bytes(body);
        hasher.done()
    }
}

/// The plans of a kept text.
pub(super) fn load(body: &[u8]) -> Result<Catalog, StoreError> {
    let files: BTreeMap<String, String> =
        serde_json::from_slice(body).map_err(|why| StoreError::broken(format!("a plan's text: {why}")))?;
    plans::catalog(&files).map_err(|why| StoreError::broken(format!("a plan's text: {}", why.text())))
}
