//! Compiled plans that calls share.

use super::status::Refusal;
use crate::rate::{Desk, Explain};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::record::Date;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most compiled plans kept; beyond it all are let go and made again when asked for.
const DESKS_MAX: usize = 256;

/// Desks by plan, date, explanation and language.
#[derive(Debug)]
pub struct Desks {
    catalog: Catalog,
    made: Mutex<BTreeMap<Key, Arc<Desk>>>,
}

type Key = (String, Date, u8, u8);

impl Desks {
    /// Desks over a catalog.
    #[must_use]
    pub fn new(catalog: Catalog) -> Self {
        Self { catalog, made: Mutex::default() }
    }

    /// The plans.
    #[must_use]
    pub const fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// The desk for a plan and date; without a date for the plan's first one on or after `today`.
    ///
    /// # Errors
    ///
    /// No such plan, or not on that date.
    pub fn get(
        &self,
        id: &str,
        date: Option<Date>,
        today: Date,
        explain: Explain,
        lang: Lang,
    ) -> Result<Arc<Desk>, Refusal> {
        let plan = self.catalog.plan(id).ok_or_else(|| Refusal::plan_not_found(id))?;
        if plan.checked.rating.is_none() {
            return Err(Refusal::plan_rates_nobody(id));
        }
        let wrong_date = |date: Date| {
            Refusal::not_a_rating_date("rating_date", id, &date.to_string(), &plan.checked.schedule())
        };
        let date = date.or_else(|| plan.checked.rating_date_from(today)).ok_or_else(|| wrong_date(today))?;
        let key = (id.to_owned(), date, explain as u8, lang as u8);
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = made().get(&key) {
            return Ok(Arc::clone(desk));
        }
        let program = plan.compile(date).map_err(|_| wrong_date(date))?;
        let desk = Arc::new(Desk::new(Arc::new(program), self.catalog.declared().clone(), explain, lang));
        let mut made = made();
        if made.len() >= DESKS_MAX {
            made.clear();
        }
        Ok(Arc::clone(made.entry(key).or_insert(desk)))
    }
}
