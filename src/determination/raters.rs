//! Plans compiled from their kept texts: every determination, new or replayed, is rated by these and nothing else.

use super::plan_text::{PlanText, load};
use crate::exchange::results::ResultRow;
use crate::plans::Library;
use crate::problem::Problem;
use crate::rate::{Desks, Explain, How};
use crate::store::tables::determinations;
use crate::store::{Db, StoreError};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::record::{Date, Record};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most plans that are kept in memory; beyond it all are let go and made again.
const KEPT_MAX: usize = 64;

/// Plans in memory, by the digest of their text.
#[derive(Debug, Default)]
pub struct Raters {
    loaded: Mutex<BTreeMap<[u8; 32], Arc<Loaded>>>,
    texts: Mutex<BTreeMap<String, Arc<PlanText>>>,
}

/// A plan of a kept text.
#[derive(Debug)]
pub struct Loaded {
    plan: String,
    catalog: Catalog,
    desks: Desks,
}

/// What records are rated by, beside the plan.
#[derive(Clone, Copy, Debug)]
pub struct By<'b> {
    /// Values over all employers.
    pub portfolio: &'b BTreeMap<String, String>,
    /// The step that persons set; None leaves it to the rules.
    pub hand: Option<i64>,
}

impl Raters {
    /// The text of a plan of the library, made once.
    ///
    /// # Errors
    ///
    /// There is no such plan.
    pub fn text(&self, library: &Library, id: &str) -> Result<Arc<PlanText>, Problem> {
        let texts = || self.texts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(text) = texts().get(id) {
            return Ok(Arc::clone(text));
        }
        let plan = library.catalog.plan(id).ok_or_else(|| Problem::PlanNotFound(id.to_owned()))?;
        let text = Arc::new(PlanText::of(library, plan)?);
        texts().insert(id.to_owned(), Arc::clone(&text));
        Ok(text)
    }

    /// The plan of a text at hand.
    ///
    /// # Errors
    ///
    /// The text is not that of a plan.
    pub fn of_text(&self, text: &PlanText) -> Result<Arc<Loaded>, StoreError> {
        self.of_body(text.digest, &text.plan, &text.body)
    }

    fn of_body(&self, digest: [u8; 32], plan: &str, body: &[u8]) -> Result<Arc<Loaded>, StoreError> {
        if let Some(loaded) = self.loaded().get(&digest) {
            return Ok(Arc::clone(loaded));
        }
        let loaded = Loaded { plan: plan.to_owned(), catalog: load(body)?, desks: Desks::default() };
        let mut kept = self.loaded();
        if kept.len() >= KEPT_MAX {
            kept.clear();
        }
        Ok(Arc::clone(kept.entry(digest).or_insert_with(|| Arc::new(loaded))))
    }

    /// The plan of a text that is in memory.
    pub(super) fn peek(&self, digest: &[u8; 32]) -> Option<Arc<Loaded>> {
        self.loaded().get(digest).map(Arc::clone)
    }

    fn loaded(&self) -> std::sync::MutexGuard<'_, BTreeMap<[u8; 32], Arc<Loaded>>> {
        self.loaded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The plan of a kept text, by its digest.
    ///
    /// # Errors
    ///
    /// It is not kept, is not what its digest says, or those of the database.
    pub async fn kept(&self, db: &Db, digest: &[u8; 32]) -> Result<Arc<Loaded>, StoreError> {
        if let Some(loaded) = self.loaded().get(digest) {
            return Ok(Arc::clone(loaded));
        }
        let kept = determinations::plan_text(db, digest).await?;
        let (plan, body) = kept.ok_or_else(|| StoreError::broken("a plan's text is missing"))?;
        if PlanText::digest_of(&body) != *digest {
            return Err(StoreError::broken("a plan's text is not what its digest says"));
        }
        self.of_body(*digest, &plan, &body)
    }
}

impl Loaded {
    /// The plan.
    ///
    /// # Errors
    ///
    /// The text holds another plan.
    pub fn plan(&self) -> Result<&floatrate_engine::plan::catalog::Plan, StoreError> {
        let missing = || StoreError::broken(format!("the text of {} holds another plan", self.plan));
        self.catalog.plan(&self.plan).ok_or_else(missing)
    }

    /// Rates records under the plan on a date, all with the same values and the same step by hand.
    ///
    /// # Errors
    ///
    /// The plan does not rate on the date, or reads values over all employers that are not given.
    pub fn rate(
        &self,
        date: Date,
        by: By<'_>,
        records: &[Record],
        explain: Explain,
        lang: Lang,
    ) -> Result<Vec<ResultRow>, Problem> {
        let how = How { explain, lang, portfolio: by.portfolio, at: "portfolio", by_hand: by.hand };
        let desk = self.desks.get(self.plan()?, self.catalog.declared(), date, &how)?;
        Ok(desk.rate_records(records).0)
    }

    /// The last day on which a rate of a rating date holds.
    ///
    /// # Errors
    ///
    /// The plan does not rate on the date.
    pub fn valid_through(&self, date: Date) -> Result<Date, Problem> {
        let plan = self.plan()?;
        let months = plan.checked.rating.as_ref().map_or(12, |rating| rating.valid_months);
        Ok(date.plus_months(i32::try_from(months).unwrap_or(12)).plus_days(-1))
    }
}
