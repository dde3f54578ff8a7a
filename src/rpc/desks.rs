//! The loaded plans with their desks, which calls share.

use crate::plans::Library;
use crate::problem::Problem;
use crate::rate::{self, Desk, How};
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::record::Date;
use std::sync::Arc;

/// Plans and their desks.
#[derive(Debug)]
pub struct Desks {
    library: Arc<Library>,
    made: rate::Desks,
}

impl Desks {
    /// Desks over plans.
    #[must_use]
    pub fn new(library: Arc<Library>) -> Self {
        Self { library, made: rate::Desks::default() }
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
    ) -> Result<Arc<Desk>, Problem> {
        let catalog = self.catalog();
        let plan = catalog.plan(id).ok_or_else(|| Problem::PlanNotFound(id.to_owned()))?;
        let date = date.or_else(|| plan.checked.rating_date_from(today)).unwrap_or(today);
        self.made.get(plan, catalog.declared(), date, how)
    }
}
