//! Desks that are made once and shared: compiled plans by date, values over all employers, explanation and language.

use super::{Desk, Explain};
use crate::portfolio;
use crate::problem::{Field, Problem};
use crate::store::StoreError;
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::compiled::Frozen;
use floatrate_engine::record::{Date, Declared};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Most desks kept; beyond it all are let go and made again when asked for.
const DESKS_MAX: usize = 256;

/// Desks of the plans of one catalog.
#[derive(Debug, Default)]
pub struct Desks(Mutex<BTreeMap<Key, Arc<Desk>>>);

type Key = (String, Date, u8, u8, Vec<Frozen>, Option<i64>);

/// How results are wanted.
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
    /// The step that persons set; None leaves it to the rules.
    pub by_hand: Option<i64>,
}

impl Desks {
    /// The desk for a plan and date.
    ///
    /// # Errors
    ///
    /// The plan rates nobody, or not on that date, or without values over all employers that it reads.
    pub fn get(
        &self,
        plan: &Plan,
        declared: &Declared,
        date: Date,
        how: &How<'_>,
    ) -> Result<Arc<Desk>, Problem> {
        let id = &plan.checked.id;
        if plan.checked.rating.is_none() {
            return Err(Problem::PlanRatesNobody(id.clone()));
        }
        if !plan.checked.rates_on(date) {
            return Err(Problem::NotARatingDate(id.clone(), date.to_string(), plan.checked.schedule()));
        }
        let values = values(plan, how)?;
        let key = (id.clone(), date, how.explain as u8, how.lang as u8, values.clone(), how.by_hand);
        let made = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(desk) = made().get(&key) {
            return Ok(Arc::clone(desk));
        }
        let program = match how.by_hand {
            None => plan.compile_with(date, &values).map_err(StoreError::broken)?,
            Some(step) => plan.compile_by_hand(date, &values, step).map_err(|why| not_by_hand(&why))?,
        };
        let desk = Arc::new(Desk::new(Arc::new(program), declared.clone(), how.explain, how.lang));
        let mut made = made();
        if made.len() >= DESKS_MAX {
            made.clear();
        }
        Ok(Arc::clone(made.entry(key).or_insert(desk)))
    }
}

/// The plan has no tiers, so nobody can choose one.
fn not_by_hand(why: &str) -> Problem {
    let zh = format!("该办法不能人工设定档次：{why}");
    Problem::field("tier", "unknown_value", why, zh)
}

/// The values over all employers that are given, in the plan's order.
fn values(plan: &Plan, how: &How<'_>) -> Result<Vec<Frozen>, Problem> {
    let given = portfolio::given(&plan.checked, how.portfolio).map_err(|problems| {
        let field = |p: &portfolio::Problem| {
            Field::new(format!("{}.{}", how.at, p.name), "portfolio", p.en.clone(), p.zh.clone())
        };
        Problem::Fields(problems.iter().map(field).collect())
    })?;
    let lacking = portfolio::lacking(&plan.checked, &given);
    if lacking.is_empty() {
        return Ok(given.into_iter().flatten().collect());
    }
    let names = lacking.into_iter().map(str::to_owned).collect();
    Err(Problem::PortfolioMissing(plan.checked.id.clone(), names))
}
