//! The steps of a cycle that a person takes, each in one transaction.

use super::kept::{
    Approved, Cancelled, Cycle, Frozen, Published, Returned, Signed, Standing, State, lock, step,
};
use super::rating::Bench;
use super::settled::{Settled, settled};
use crate::auth::{How, Signature};
use crate::determination::Agency;
use crate::portfolio;
use crate::problem::{Field, Problem, What};
use crate::store::ledger::{Ledger, hex, text};
use crate::store::requests::Request;
use crate::store::tables::determinations::{self, BATCH_DIGEST, Kept, digest_of};
use crate::store::tables::{cycles, runs};
use crate::store::{StoreError, new_id};
use floatrate_engine::plan::checked::Checked;
use floatrate_engine::plan::regions::wider;
use floatrate_engine::record::Date;
use std::collections::BTreeMap;

/// Items that are read at once.
const PAGE: i64 = 10_000;
/// Determinations of a chunk that approval adds.
const ROWS: usize = 2_000;

/// A new cycle.
#[derive(Clone, Debug, Default)]
pub struct Order {
    /// Region; the areas within it are in the cycle too.
    pub region: String,
    /// Id of the plan.
    pub plan: String,
    /// First day of the rates, ISO.
    pub rating_date: String,
}

/// Creates a cycle: a draft.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn create(
    agency: &Agency,
    order: &Order,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    let mut faults = Vec::new();
    for (field, given) in
        [("region", &order.region), ("plan", &order.plan), ("rating_date", &order.rating_date)]
    {
        if given.is_empty() {
            faults.push(Field::missing(field));
        }
    }
    let code = order.region.len() == 6 && order.region.bytes().all(|b| b.is_ascii_digit());
    if !order.region.is_empty() && !code {
        let (en, zh) = (
            format!("\"{}\" is not a region of six digits", order.region),
            format!("“{}”不是六位统筹地区代码", order.region),
        );
        faults.push(Field::new("region", "unknown_value", en, zh));
    }
    let date: Option<Date> = if order.rating_date.is_empty() {
        None
    } else {
        Field::day("rating_date", &order.rating_date, &mut faults)
    };
    let Some(date) = date.filter(|_| faults.is_empty()) else { return Err(Problem::Fields(faults)) };
    let plan =
        agency.library.catalog.plan(&order.plan).ok_or_else(|| Problem::PlanNotFound(order.plan.clone()))?;
    if plan.checked.rating.is_none() {
        return Err(Problem::PlanRatesNobody(order.plan.clone()));
    }
    if !plan.checked.rates_on(date) {
        return Err(Problem::NotARatingDate(order.plan.clone(), date.to_string(), plan.checked.schedule()));
    }
    let mut tx = agency.db.begin().await?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    let cycle = Cycle {
        id: new_id('c'),
        region: order.region.clone(),
        plan: order.plan.clone(),
        rating_date: date.to_string(),
        state: State::Draft,
        created: Signed::new(signature, ledger.at()),
        frozen: None,
        rated: None,
        returned: Vec::new(),
        approved: None,
        published: None,
        closed: None,
        cancelled: None,
    };
    let mut standing =
        Standing { cycle, running: super::Running::default(), etag: String::new(), seq: 0, token: 0 };
    step(&mut ledger, &mut standing, signature, request).await?;
    tx.commit().await?;
    Ok(standing)
}

/// Holds plan, records, values over all employers and the list of employers fast. A frozen cycle is frozen anew: what a
/// run had done is dropped.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn freeze(
    agency: &Agency,
    id: &str,
    values: &BTreeMap<String, String>,
    etag: &str,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    let mut tx = agency.db.begin().await?;
    let mut standing = lock(&mut tx, id, etag).await?;
    let cycle = &standing.cycle;
    if cycle.state != State::Frozen {
        cycle.needs(State::Draft)?;
    }
    if standing.running.now() {
        let until = crate::store::Instant(standing.running.expires_us).rfc3339();
        return Err(Problem::Running(id.to_owned(), standing.running.runner.clone(), until));
    }
    let missing = || Problem::PlanNotFound(cycle.plan.clone());
    let plan = agency.library.catalog.plan(&cycle.plan).ok_or_else(missing)?;
    values_given(&plan.checked, values)?;
    let plan_text = agency.raters.text(&agency.library, &cycle.plan)?;
    let loaded = agency.raters.of_text(&plan_text)?;
    determinations::add_plan_text(&mut tx, &plan_text.digest, &plan_text.plan, &plan_text.body).await?;
    let number = cycle.frozen.as_ref().map_or(1, |frozen| frozen.number + 1);
    let employers = cycles::pin(&mut tx, id, number, &cycle.region).await?;
    if employers == 0 {
        return Err(Problem::NoEmployers(cycle.region.clone()));
    }
    let pins_digest = cycles::pins_digest(&mut tx, id, number, employers).await?;
    let without_region = cycles::nowhere(&mut tx).await?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    standing.cycle.frozen = Some(Frozen {
        signed: Signed::new(signature, ledger.at()),
        number,
        plan_text: hex(&plan_text.digest),
        plan_digest: text(&loaded.plan()?.digest),
        plan_status: plan.checked.status.name().to_owned(),
        portfolio: values.clone(),
        employers,
        pins_digest: text(&pins_digest),
        position: ledger.head().position,
        without_region,
        dropped: standing.running.batch.clone(),
    });
    standing.cycle.state = State::Frozen;
    (standing.running.batch, standing.running.done) = (String::new(), 0);
    step(&mut ledger, &mut standing, signature, request).await?;
    tx.commit().await?;
    Ok(standing)
}

/// Whether the values over all employers are those that a plan reads, all of them.
pub(super) fn values_given(plan: &Checked, values: &BTreeMap<String, String>) -> Result<(), Problem> {
    let given = portfolio::given(plan, values).map_err(|problems| {
        let field = |p: &portfolio::Problem| {
            Field::new(format!("portfolio.{}", p.name), "portfolio", p.en.clone(), p.zh.clone())
        };
        Problem::Fields(problems.iter().map(field).collect())
    })?;
    let lacking = portfolio::lacking(plan, &given);
    if lacking.is_empty() {
        return Ok(());
    }
    Err(Problem::PortfolioMissing(plan.id.clone(), lacking.into_iter().map(str::to_owned).collect()))
}

/// A second person agrees: what was decided by hand joins what the rules gave, and nothing changes any more.
///
/// # Errors
///
/// The person created the cycle or is not vouched for, items are open, or something else stands in the way; nothing is
/// changed then.
pub async fn approve(
    agency: &Agency,
    id: &str,
    etag: &str,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    let (standing, bench) = ready_to_approve(agency, id, etag, signature).await?;
    let (rows, by_hand, left_out) = decided(agency, &standing, &bench).await?;
    let mut tx = agency.db.begin().await?;
    // Nothing was decided or done since: the etag is that of what was looked at.
    let mut standing = lock(&mut tx, id, &standing.etag).await?;
    let batch = standing.running.batch.clone();
    let last = runs::last_chunk(&mut tx, &batch).await?;
    let last = last.ok_or_else(|| StoreError::broken("a run without chunks"))?;
    for (number, rows) in (last.last_chunk + 1..).zip(rows.chunks(ROWS)) {
        determinations::add_chunk(&mut tx, &batch, number, rows).await?;
    }
    let chunks = determinations::chunks(&mut tx, &batch).await?;
    let determinations = chunks.iter().map(|chunk| chunk.size).sum();
    if determinations == 0 {
        return Err(Problem::NothingToPublish(id.to_owned()));
    }
    let digest = digest_of(BATCH_DIGEST, chunks.iter().map(|chunk| &chunk.digest));
    let mut ledger = Ledger::lock(&mut tx).await?;
    standing.cycle.state = State::Approved;
    standing.cycle.approved = Some(Approved {
        signed: Signed::new(signature, ledger.at()),
        digest: text(&digest),
        determinations,
        by_hand,
        left_out,
    });
    step(&mut ledger, &mut standing, signature, request).await?;
    tx.commit().await?;
    Ok(standing)
}

async fn ready_to_approve(
    agency: &Agency,
    id: &str,
    etag: &str,
    signature: &str,
) -> Result<(Standing, Bench), Problem> {
    let standing = super::get(&agency.db, id).await?;
    if !etag.is_empty() && etag != standing.etag {
        return Err(Problem::Stale(What::Cycle, id.to_owned()));
    }
    let cycle = &standing.cycle;
    cycle.needs(State::Rated)?;
    if same_person(signature, &cycle.created.by) {
        return Err(Problem::SamePerson(id.to_owned(), cycle.created.by.clone()));
    }
    let declared = Signature::parse(signature).is_none_or(|s| s.how == How::SelfDeclared);
    if declared && cycle.freeze()?.plan_status == "enacted" {
        return Err(Problem::NotVerified(id.to_owned(), cycle.plan.clone()));
    }
    let states = runs::states(&agency.db, id, &standing.running.batch).await?;
    let open: i64 = states.iter().filter(|(state, _)| state != "resolved").map(|(_, n)| n).sum();
    if open > 0 {
        return Err(Problem::OpenItems(id.to_owned(), open));
    }
    let bench = Bench::of(agency, &standing).await?;
    Ok((standing, bench))
}

/// Whether two signatures are one person's.
pub(super) fn same_person(one: &str, other: &str) -> bool {
    let name = |text: &str| Signature::parse(text).map_or_else(|| text.to_owned(), |s| s.name);
    name(one) == name(other)
}

/// The determinations of employers that were decided on, how many of them by hand, and how many are left out.
async fn decided(
    agency: &Agency,
    standing: &Standing,
    bench: &Bench,
) -> Result<(Vec<Kept>, i64, i64), Problem> {
    let last = runs::last_chunk(&agency.db, &standing.running.batch).await?;
    let mut place = last.map_or(0, |chunk| chunk.last_ordinal);
    let (mut rows, mut by_hand, mut left_out, mut after) = (Vec::new(), 0, 0, 0);
    loop {
        let wanted = runs::Wanted { after, ..runs::Wanted::default() };
        let (id, batch) = (&standing.cycle.id, &standing.running.batch);
        let page = runs::items(&agency.db, id, batch, wanted, PAGE).await?;
        let Some((last, _)) = page.last() else { return Ok((rows, by_hand, left_out)) };
        after = last.ordinal;
        for (item, decision) in &page {
            match settled(agency, bench, item, decision).await? {
                Settled::Open => return Err(Problem::OpenItems(id.clone(), 1)),
                Settled::LeftOut => left_out += 1,
                Settled::Outcome(outcome) => {
                    by_hand += i64::from(outcome.detail.by_hand.is_some());
                    place += 1;
                    rows.push(bench.determination(place, &outcome)?);
                }
            }
        }
    }
}

/// Sends a rated cycle back to be frozen or run again. Decisions stay, as long as their records stay.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn give_back(
    agency: &Agency,
    id: &str,
    reason: &str,
    etag: &str,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    needs_reason(reason)?;
    let mut tx = agency.db.begin().await?;
    let mut standing = lock(&mut tx, id, etag).await?;
    standing.cycle.needs(State::Rated)?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    let signed = Signed::new(signature, ledger.at());
    standing.cycle.returned.push(Returned { signed, reason: reason.trim().to_owned() });
    standing.cycle.state = State::Frozen;
    standing.cycle.rated = None;
    (standing.running.batch, standing.running.done) = (String::new(), 0);
    step(&mut ledger, &mut standing, signature, request).await?;
    tx.commit().await?;
    Ok(standing)
}

fn needs_reason(reason: &str) -> Result<(), Problem> {
    if reason.trim().is_empty() {
        return Err(Problem::Fields(vec![Field::missing("reason")]));
    }
    Ok(())
}

/// Whether the plan is the law where the cycle is.
fn is_law(agency: &Agency, cycle: &Cycle) -> Result<bool, Problem> {
    let enacted = cycle.freeze()?.plan_status == "enacted";
    let plan = agency.library.catalog.plan(&cycle.plan);
    // A plan that is no longer loaded was looked at when the cycle was frozen.
    Ok(enacted && plan.is_none_or(|plan| wider(&cycle.region).contains(&plan.checked.region)))
}

/// Makes everything visible at once.
///
/// # Errors
///
/// The plan is not the law there and no reason is given, or something else stands in the way; nothing is changed then.
pub async fn publish(
    agency: &Agency,
    id: &str,
    accept_illustrative: &str,
    etag: &str,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    let mut tx = agency.db.begin().await?;
    let mut standing = lock(&mut tx, id, etag).await?;
    standing.cycle.needs(State::Approved)?;
    let (law, accepted) = (is_law(agency, &standing.cycle)?, accept_illustrative.trim());
    if !law && accepted.is_empty() {
        let status = standing.cycle.freeze()?.plan_status.clone();
        return Err(Problem::NotEnacted(standing.cycle.plan.clone(), status));
    }
    if law && !accepted.is_empty() {
        let plan = &standing.cycle.plan;
        let (en, zh) =
            (format!("{plan} is enacted and needs no reason"), format!("办法 {plan} 已施行，无须说明"));
        return Err(Problem::field("accept_illustrative", "unknown_value", en, zh));
    }
    let batch = standing.running.batch.clone();
    let mut ledger = Ledger::lock(&mut tx).await?;
    let publication = determinations::publish(&mut ledger, &batch, signature).await?;
    let approved = standing.cycle.approved.as_ref().map_or(0, |approved| approved.determinations);
    if publication.size != approved {
        let found = publication.size;
        return Err(StoreError::broken(format!("cycle {id} has {found} of {approved} determinations")).into());
    }
    standing.cycle.state = State::Published;
    standing.cycle.published = Some(Published {
        signed: Signed::new(signature, ledger.at()),
        first_position: publication.first_position,
        accept_illustrative: accepted.to_owned(),
    });
    step(&mut ledger, &mut standing, signature, request).await?;
    tx.commit().await?;
    Ok(standing)
}

/// Says that nothing more is to be done.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn close(
    agency: &Agency,
    id: &str,
    etag: &str,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    let mut tx = agency.db.begin().await?;
    let mut standing = lock(&mut tx, id, etag).await?;
    standing.cycle.needs(State::Published)?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    standing.cycle.state = State::Closed;
    standing.cycle.closed = Some(Signed::new(signature, ledger.at()));
    step(&mut ledger, &mut standing, signature, request).await?;
    tx.commit().await?;
    Ok(standing)
}

/// Gives a cycle up before it is published. A run that is under way is fenced off.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn cancel(
    agency: &Agency,
    id: &str,
    reason: &str,
    etag: &str,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    needs_reason(reason)?;
    let mut tx = agency.db.begin().await?;
    let mut standing = lock(&mut tx, id, etag).await?;
    if matches!(standing.cycle.state, State::Published | State::Closed | State::Cancelled) {
        return Err(standing.cycle.elsewhere("draft, frozen, rated or approved"));
    }
    let mut ledger = Ledger::lock(&mut tx).await?;
    standing.cycle.state = State::Cancelled;
    let signed = Signed::new(signature, ledger.at());
    standing.cycle.cancelled = Some(Cancelled { signed, reason: reason.trim().to_owned() });
    step(&mut ledger, &mut standing, signature, request).await?;
    tx.commit().await?;
    Ok(standing)
}
