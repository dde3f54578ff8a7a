//! Making one determination, and withdrawing one: rated and published in one transaction.

use super::agency::Agency;
use super::batch::{Batch, New};
use super::detail::{Cause, Detail, detail_of};
use super::found::found;
use super::objection;
use super::plan_text::PlanText;
use super::raters::By;
use crate::employer::{Body, etag};
use crate::exchange::results::ResultRow;
use crate::problem::{Field, Problem, What};
use crate::rate::Explain;
use crate::store::ledger::Ledger;
use crate::store::requests::Request;
use crate::store::tables::{determinations, records};
use crate::store::{StoreError, to_json};
use floatrate_engine::Lang;
use floatrate_engine::plan::source::Status;
use floatrate_engine::record::Date;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Key of the employer.
    pub employer_id: String,
    /// Id of the plan; empty: the enacted plan of the record's region.
    pub plan: String,
    /// Rating date, ISO.
    pub rating_date: String,
    /// First day, ISO; empty: the rating date.
    pub from: String,
    /// Version of the record; 0: the newest.
    pub record_version: i64,
    /// Why: a [`Cause`]'s name.
    pub cause: String,
    /// The officer's words.
    pub note: String,
    /// Values over all employers.
    pub portfolio: BTreeMap<String, String>,
    /// Why a plan that is not enacted is used.
    pub accept_illustrative: String,
    /// The upheld objection that it answers.
    pub objection_id: String,
    /// Etag of the employer, checked where given.
    pub etag: String,
    /// Whether to check only.
    pub validate_only: bool,
}

/// What was made, or would be.
#[derive(Clone, Debug)]
pub struct Made {
    /// Id of the determination; empty where it was only checked.
    pub id: String,
    /// The result.
    pub row: ResultRow,
    /// Version of the record.
    pub record_version: i64,
    /// First day.
    pub from: Date,
    /// Last day.
    pub until: Date,
    /// The record's region, or empty.
    pub region: String,
    /// How it was made.
    pub detail: Detail,
}

/// Rates an employer by its kept record and publishes the result.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn create(
    agency: &Agency,
    order: &Order,
    signature: &str,
    request: Option<&Request>,
) -> Result<Made, Problem> {
    let ready = prepare(agency, order).await?;
    if order.validate_only {
        return Ok(ready.made(String::new()));
    }
    let mut tx = agency.db.begin().await?;
    if order.record_version == 0 {
        let now = records::employer(&mut tx, &order.employer_id).await?;
        if now.is_none_or(|(version, ..)| version != ready.version) {
            return Err(Problem::Stale(What::Employer, order.employer_id.clone()));
        }
    }
    let mut batch = Batch::default();
    let id = batch.add_in(&mut tx, &ready.text, &ready.to_keep()).await?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    determinations::publish(&mut ledger, batch.id(), signature).await?;
    if !order.objection_id.is_empty() {
        objection::answered(&mut ledger, &order.objection_id, &id, signature).await?;
    }
    if let Some(request) = request {
        request.done(&mut tx, &id).await?;
    }
    tx.commit().await?;
    Ok(ready.made(id))
}

struct Ready {
    text: Arc<PlanText>,
    row: ResultRow,
    version: i64,
    digest: [u8; 32],
    region: String,
    from: Date,
    until: Date,
    detail: Detail,
}

impl Ready {
    fn to_keep(&self) -> New<'_> {
        New {
            row: &self.row,
            record_version: self.version,
            record_digest: self.digest,
            region: &self.region,
            from: self.from,
            until: self.until,
            detail: &self.detail,
        }
    }

    fn made(self, id: String) -> Made {
        let Self { text: _, row, version, digest: _, region, from, until, detail } = self;
        Made { id, row, record_version: version, from, until, region, detail }
    }
}

async fn prepare(agency: &Agency, order: &Order) -> Result<Ready, Problem> {
    let (date, from, cause) = fields(order)?;
    let employer = || Problem::NotFound(What::Employer, order.employer_id.clone());
    let (newest, _, digest) =
        records::employer(&agency.db, &order.employer_id).await?.ok_or_else(employer)?;
    if !order.etag.is_empty() && order.etag != etag(newest, &digest) {
        return Err(Problem::Stale(What::Employer, order.employer_id.clone()));
    }
    let version = if order.record_version == 0 { newest } else { order.record_version };
    let kept = records::record(&agency.db, &order.employer_id, version).await?;
    let (kept, body) = kept.ok_or_else(|| {
        Problem::NotFound(What::RecordVersion, format!("{} of {}", version, order.employer_id))
    })?;
    let (record, _) = Body(body).record()?;
    let catalog = &agency.library.catalog;
    let plan = if order.plan.is_empty() {
        let none = || Problem::NoPlan(kept.region.clone(), date.to_string());
        catalog.select(&kept.region, date).ok_or_else(none)?
    } else {
        catalog.plan(&order.plan).ok_or_else(|| Problem::PlanNotFound(order.plan.clone()))?
    };
    let id = plan.checked.id.clone();
    let enacted = plan.checked.status == Status::Enacted;
    let accepted = order.accept_illustrative.trim();
    if !enacted && accepted.is_empty() {
        return Err(Problem::NotEnacted(id, plan.checked.status.name().to_owned()));
    }
    if enacted && !accepted.is_empty() {
        let (en, zh) =
            (format!("{id} is enacted and needs no reason"), format!("办法 {id} 已施行，无须说明"));
        return Err(Problem::field("accept_illustrative", "unknown_value", en, zh));
    }
    let text = agency.raters.text(&agency.library, &id)?;
    let loaded = agency.raters.of_text(&text)?;
    let records = [record];
    let rows = loaded.rate(
        date,
        By { portfolio: &order.portfolio, hand: None },
        &records,
        Explain::None,
        Lang::En,
    )?;
    let row = rows.into_iter().next().ok_or_else(|| StoreError::broken("no result"))?;
    if row.status == "review" {
        return Err(Problem::Review(row.reasons));
    }
    let until = loaded.valid_through(date)?;
    if from < date || from > until {
        let en = format!("{from} is outside {date} to {until}, for which the result holds");
        let zh = format!("{from} 不在结果的有效期 {date} 至 {until} 内");
        return Err(Problem::field("from", "unknown_value", en, zh));
    }
    if !order.objection_id.is_empty() {
        objection::is_upheld(&agency.db, &order.objection_id, &order.employer_id).await?;
    }
    let detail = Detail {
        note: order.note.clone(),
        objection: order.objection_id.clone(),
        illustrative: accepted.to_owned(),
        portfolio: order.portfolio.clone(),
        ..Detail::new(cause)
    };
    Ok(Ready { text, row, version, digest: kept.digest, region: kept.region, from, until, detail })
}

/// The rating date, the first day, and the cause.
fn fields(order: &Order) -> Result<(Date, Date, Cause), Problem> {
    let mut faults = Vec::new();
    if order.employer_id.is_empty() {
        faults.push(Field::missing("employer_id"));
    }
    let date = day("rating_date", &order.rating_date, &mut faults);
    let from = if order.from.is_empty() { date } else { day("from", &order.from, &mut faults) };
    let cause = Cause::from_name(&order.cause).filter(|cause| *cause != Cause::Withdrawal);
    if cause.is_none() {
        let known: Vec<&str> =
            Cause::ALL.iter().filter(|c| **c != Cause::Withdrawal).map(|c| c.name()).collect();
        faults.push(Field::new(
            "cause",
            "unknown_value",
            format!("\"{}\" is not one of {}", order.cause, known.join(", ")),
            format!("“{}”应为其中之一：{}", order.cause, known.join("、")),
        ));
    }
    if (cause == Some(Cause::Objection)) == order.objection_id.is_empty() {
        faults.push(Field::new(
            "objection_id",
            "unknown_value",
            "the cause `objection` and the objection go together",
            "原因 objection 须与异议编号同时给出",
        ));
    }
    match (date, from, cause) {
        (Some(date), Some(from), Some(cause)) if faults.is_empty() => Ok((date, from, cause)),
        _ => Err(Problem::Fields(faults)),
    }
}

/// A day of a request.
pub(super) fn day(field: &str, text: &str, faults: &mut Vec<Field>) -> Option<Date> {
    if text.is_empty() {
        faults.push(Field::missing(field));
        return None;
    }
    Field::day(field, text, faults)
}

/// What is withdrawn, and why.
#[derive(Clone, Debug)]
pub struct Withdrawal {
    /// Id of the determination.
    pub id: String,
    /// Why.
    pub reason: String,
}

/// Withdraws a published determination; the id of the withdrawal.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn withdraw(
    agency: &Agency,
    withdrawal: &Withdrawal,
    signature: &str,
    request: Option<&Request>,
) -> Result<String, Problem> {
    if withdrawal.reason.trim().is_empty() {
        return Err(Problem::Fields(vec![Field::missing("reason")]));
    }
    let mut tx = agency.db.begin().await?;
    // Locked first: of two withdrawals of one determination, the second sees the first.
    let mut ledger = Ledger::lock(&mut tx).await?;
    let old = found(&mut *ledger.tx, &withdrawal.id).await?;
    let state = |state: &str| {
        Problem::State(What::Determination, withdrawal.id.clone(), state.to_owned(), "published")
    };
    let detail: Detail = detail_of(&old.kept.detail)?;
    if !detail.withdraws.is_empty() {
        return Err(state("withdrawal"));
    }
    if determinations::withdrawn_in(ledger.tx, &old.kept.employer_id, &withdrawal.id).await? {
        return Err(state("withdrawn"));
    }
    let new = Batch::default();
    let id = determinations::id(new.id(), 1);
    let detail = Detail {
        note: withdrawal.reason.clone(),
        withdraws: withdrawal.id.clone(),
        portfolio: detail.portfolio,
        illustrative: detail.illustrative,
        ..Detail::new(Cause::Withdrawal)
    };
    let mut terms = super::Terms::read(&old.kept.terms)?;
    Cause::Withdrawal.name().clone_into(&mut terms.cause);
    terms.withdraws.clone_from(&withdrawal.id);
    let row = determinations::Kept { ordinal: 1, terms: terms.json(), detail: to_json(&detail)?, ..old.kept };
    determinations::add_chunk(ledger.tx, new.id(), 1, std::slice::from_ref(&row)).await?;
    determinations::publish(&mut ledger, new.id(), signature).await?;
    if let Some(request) = request {
        request.done(ledger.tx, &id).await?;
    }
    tx.commit().await?;
    Ok(id)
}
