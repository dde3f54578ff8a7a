//! Compiled plans that calls share.

use super::status::{FieldFault, Refusal};
use crate::plans::Library;
use crate::portfolio::Problem;
use crate::rate::{Desk, Explain};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::plan::checked::Checked;
use floatrate_engine::plan::compiled::Frozen;
use floatrate_engine::record::Date;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most compiled plans kept; beyond it all are let go and made again when asked for.
const DESKS_MAX: usize = 256;

/// Desks by plan, date, explanation and language.
#[derive(Debug)]
pub struct Desks {
    library: Arc<Library>,
    made: Mutex<BTreeMap<Key, Arc<Desk>>>,
}

type Key = (String, Date, u8, u8, Vec<Frozen>);

/// How a call wants its results.
#[derive(Clone, Copy, Debug)]
pub struct How<'a> {
    /// How much they explain.
    pub explain: Explain,
    /// In which language.
    pub lang: Lang,
    /// Values over all employers.
    pub portfolio: &'a BTreeMap<String, String>,
    /// Where those stand in the request.
    pub at: &'a str,
}

impl Desks {
    /// Desks over plans.
    #[must_use]
    pub fn new(library: Arc<Library>) -> Self {
        Self { library, made: Mutex::default() }
    }

    /// The plans.
    #[must_use]
    pub fn catalog(&self) -> &Catalog {
        &self.library.catalog
    }

    /// The desk for a plan and date; without a date for the plan's first one on or after `today`.
    ///
    /// # Errors
    ///
    /// No such plan, or not on that date, or without values over all employers that it reads.
    pub fn get(
        &self,
        id: &str,
        date: Option<Date>,
        today: Date,
        how: &How<'_>,
    ) -> Result<Arc<Desk>, Refusal> {
        let plan = self.library.catalog.plan(id).ok_or_else(|| Refusal::plan_not_found(id))?;
        if plan.checked.rating.is_none() {
            return Err(Refusal::plan_rates_nobody(id));
        }
        let wrong_date = |date: Date| {
            Refusal::not_a_rating_date("rating_date", id, &date.to_string(), &plan.checked.schedule())
        };
        let date = date.or_else(|| plan.checked.rating_date_from(today)).ok_or_else(|| wrong_date(today))?;
        if !plan.checked.rates_on(date) {
            return Err(wrong_date(date));
        }
        let portfolio = portfolio(&plan.checked, how)?;
        let key = (id.to_owned(), date, how.explain as u8, how.lang as u8, portfolio.clone());
        let made = || self.made.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = made().get(&key) {
            return Ok(Arc::clone(desk));
        }
        let program = plan.compile_with(date, &portfolio).map_err(|_| wrong_date(date))?;
        let declared = self.library.catalog.declared().clone();
        let desk = Arc::new(Desk::new(Arc::new(program), declared, how.explain, how.lang));
        let mut made = made();
        if made.len() >= DESKS_MAX {
            made.clear();
        }
        Ok(Arc::clone(made.entry(key).or_insert(desk)))
    }
}

/// The values over all employers that a call gives, in the plan's order.
fn portfolio(plan: &Checked, how: &How<'_>) -> Result<Vec<Frozen>, Refusal> {
    let given = crate::portfolio::given(plan, how.portfolio).map_err(|problems| {
        let fault =
            |p: &Problem| FieldFault::new(format!("{}.{}", how.at, p.name), "portfolio", &p.en, &p.zh);
        Refusal::invalid_request(problems.iter().map(fault).collect())
    })?;
    let lacking = crate::portfolio::lacking(plan, &given);
    if lacking.is_empty() {
        Ok(given.into_iter().flatten().collect())
    } else {
        Err(Refusal::portfolio_missing(&plan.id, &lacking))
    }
}
