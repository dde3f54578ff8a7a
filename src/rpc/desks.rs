//! Compiled plans that calls share.

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

/// Why there is no desk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NoDesk {
    /// There is no such plan; the ids that there are.
    UnknownPlan(Vec<String>),
    /// The plan does not rate on that date, with its rating dates.
    NoSuchDate(String),
}

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
    ) -> Result<Arc<Desk>, NoDesk> {
        let plan = self.catalog.plan(id).ok_or_else(|| {
            NoDesk::UnknownPlan(self.catalog.plans().map(|p| p.checked.id.clone()).collect())
        })?;
        let date = date.or_else(|| plan.checked.rating_date_from(today)).ok_or_else(|| {
            NoDesk::NoSuchDate(format!(
                "{id} has no rating date on or after {today}; it rates on {}",
                plan.checked.schedule()
            ))
        })?;
        let key = (id.to_owned(), date, explain as u8, lang as u8);
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = made().get(&key) {
            return Ok(Arc::clone(desk));
        }
        let program = plan.compile(date).map_err(NoDesk::NoSuchDate)?;
        let desk = Arc::new(Desk::new(Arc::new(program), self.catalog.declared().clone(), explain, lang));
        let mut made = made();
        if made.len() >= DESKS_MAX {
            made.clear();
        }
        Ok(Arc::clone(made.entry(key).or_insert(desk)))
    }
}
