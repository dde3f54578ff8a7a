//! Objections (异议): filed, decided, answered by a new determination. What stands in the table follows from the ledger.

use super::agency::Agency;
use super::create::day;
use super::found::found;
use crate::problem::{Field, Problem, What};
use crate::store::ledger::{Entry, Kind, Ledger};
use crate::store::requests::Request;
use crate::store::tables::objections;
use crate::store::{Db, StoreError, new_id, to_json};
use crate::workdays::{Calendar, Deadline};
use floatrate_engine::record::Date;
use serde::{Deserialize, Serialize};

/// An objection as it stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Objection {
    /// Its id.
    pub id: String,
    /// The determination.
    pub determination_id: String,
    /// Key of the employer.
    pub employer_id: String,
    /// The record's region, or empty.
    pub region: String,
    /// `filed`, `upheld`, `rejected` or `redetermined`.
    pub state: String,
    /// Day of filing, ISO.
    pub filed_on: String,
    /// Last day for filing; empty where the plan states none, or leaves it to the agency to announce.
    pub file_by: String,
    /// Whether it was filed after that day.
    pub late: bool,
    /// Why it was taken all the same, or empty.
    pub accept_late: String,
    /// Last day for deciding; empty where the plan states none.
    pub decide_by: String,
    /// Years whose public holidays were not known.
    pub uncertain_years: Vec<i32>,
    /// Why the employer objects.
    pub reason: String,
    /// Who filed it.
    pub filed_by: String,
    /// Why it was decided so, or empty.
    pub decision_reason: String,
    /// Who decided it, or empty.
    pub decided_by: String,
    /// The determination that answered it, or empty.
    pub redetermination_id: String,
}

impl Objection {
    fn of(kept: &objections::Kept) -> Result<Self, StoreError> {
        serde_json::from_slice(&kept.body).map_err(|why| StoreError::broken(format!("an objection: {why}")))
    }

    fn kept(&self, seq: i64) -> Result<objections::Kept, StoreError> {
        Ok(objections::Kept {
            id: self.id.clone(),
            employer_id: self.employer_id.clone(),
            region: self.region.clone(),
            state: self.state.clone(),
            seq,
            body: to_json(self)?,
        })
    }

    /// What an objection is by its entries in the ledger; None without any.
    ///
    /// # Errors
    ///
    /// An entry is none of an objection's.
    pub fn by_ledger(entries: &[Entry]) -> Result<Option<Self>, StoreError> {
        let last = entries.last();
        last.map(|entry| {
            serde_json::from_slice(&entry.detail)
                .map_err(|why| StoreError::broken(format!("entry {}: {why}", entry.seq)))
        })
        .transpose()
    }
}

/// What an employer files.
#[derive(Clone, Debug, Default)]
pub struct Filing {
    /// The determination.
    pub determination_id: String,
    /// Why.
    pub reason: String,
    /// Day of filing, ISO; empty: today.
    pub filed_on: String,
    /// Day of the notice, ISO; empty: the day of publication.
    pub notified_on: String,
    /// Why a late one is taken.
    pub accept_late: String,
}

/// An objection with its etag.
#[derive(Clone, Debug)]
pub struct Standing {
    /// As it stands.
    pub objection: Objection,
    /// Changes with every step.
    pub etag: String,
}

impl Standing {
    fn of(kept: &objections::Kept) -> Result<Self, StoreError> {
        Ok(Self { objection: Objection::of(kept)?, etag: kept.seq.to_string() })
    }
}

/// Files an objection.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn file(
    agency: &Agency,
    filing: &Filing,
    calendar: &Calendar,
    today: Date,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    let mut faults = Vec::new();
    if filing.reason.trim().is_empty() {
        faults.push(Field::missing("reason"));
    }
    let given = |field: &str, text: &str, faults: &mut Vec<Field>| {
        if text.is_empty() { None } else { day(field, text, faults) }
    };
    let filed_on = given("filed_on", &filing.filed_on, &mut faults).unwrap_or(today);
    let notified_on = given("notified_on", &filing.notified_on, &mut faults);
    if !faults.is_empty() {
        return Err(Problem::Fields(faults));
    }
    let published = found(&agency.db, &filing.determination_id).await?;
    let notified_on = notified_on.unwrap_or_else(|| published.at.day());
    if filed_on < notified_on {
        let en = format!("{filed_on} is before the notice of {notified_on}");
        let zh = format!("{filed_on} 早于告知日 {notified_on}");
        return Err(Problem::field("filed_on", "unknown_value", en, zh));
    }
    let loaded = agency.raters.kept(&agency.db, &published.kept.plan_text).await?;
    let procedure = &loaded.plan()?.checked.procedure;
    let deadline = |days: Option<u32>, from: Date| days.map(|days| calendar.add_working_days(from, days));
    let file_by = deadline(procedure.objection_days.as_ref().and_then(|d| d.is.working()), notified_on);
    let decide_by = deadline(procedure.redetermination_days.as_ref().map(|d| d.is), filed_on);
    let late = file_by.as_ref().is_some_and(|by| filed_on > by.date);
    let text = |by: &Option<Deadline>| by.as_ref().map_or_else(String::new, |by| by.date.to_string());
    if late && filing.accept_late.trim().is_empty() {
        return Err(Problem::ObjectionLate(text(&file_by)));
    }
    let mut uncertain: Vec<i32> =
        [&file_by, &decide_by].into_iter().flatten().flat_map(|by| by.uncertain_years.clone()).collect();
    uncertain.sort_unstable();
    uncertain.dedup();
    let terms = super::Terms::read(&published.kept.terms)?;
    let objection = Objection {
        id: new_id('o'),
        determination_id: filing.determination_id.clone(),
        employer_id: published.kept.employer_id.clone(),
        region: terms.region,
        state: "filed".to_owned(),
        filed_on: filed_on.to_string(),
        file_by: text(&file_by),
        late,
        accept_late: if late { filing.accept_late.clone() } else { String::new() },
        decide_by: text(&decide_by),
        uncertain_years: uncertain,
        reason: filing.reason.clone(),
        filed_by: signature.to_owned(),
        decision_reason: String::new(),
        decided_by: String::new(),
        redetermination_id: String::new(),
    };
    let mut tx = agency.db.begin().await?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    let mut kept = objection.kept(0)?;
    ledger.add(Kind::Objected, &objection.id, signature, &kept.body, 0).await?;
    kept.seq = ledger.head().seq;
    objections::add(ledger.tx, &kept).await?;
    if let Some(request) = request {
        request.done(&mut tx, &objection.id).await?;
    }
    tx.commit().await?;
    Ok(Standing::of(&kept)?)
}

/// Decides an objection that was filed.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn decide(
    agency: &Agency,
    id: &str,
    upheld: bool,
    reason: &str,
    etag: &str,
    signature: &str,
    request: Option<&Request>,
) -> Result<Standing, Problem> {
    if reason.trim().is_empty() {
        return Err(Problem::Fields(vec![Field::missing("reason")]));
    }
    let missing = || Problem::NotFound(What::Objection, id.to_owned());
    let mut tx = agency.db.begin().await?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    let kept = objections::one(&mut *ledger.tx, id).await?.ok_or_else(missing)?;
    if !etag.is_empty() && etag != kept.seq.to_string() {
        return Err(Problem::Stale(What::Objection, id.to_owned()));
    }
    let mut objection = Objection::of(&kept)?;
    in_state(&objection, "filed")?;
    let (state, kind) = if upheld { ("upheld", Kind::Upheld) } else { ("rejected", Kind::Rejected) };
    state.clone_into(&mut objection.state);
    reason.clone_into(&mut objection.decision_reason);
    signature.clone_into(&mut objection.decided_by);
    let changed = step(&mut ledger, &objection, kind, signature, kept.seq).await?;
    if let Some(request) = request {
        request.done(&mut tx, id).await?;
    }
    tx.commit().await?;
    Ok(Standing::of(&changed)?)
}

async fn step(
    ledger: &mut Ledger<'_>,
    objection: &Objection,
    kind: Kind,
    signature: &str,
    before: i64,
) -> Result<objections::Kept, StoreError> {
    let mut kept = objection.kept(0)?;
    ledger.add(kind, &objection.id, signature, &kept.body, 0).await?;
    kept.seq = ledger.head().seq;
    objections::change(ledger.tx, &kept, before).await?;
    Ok(kept)
}

fn in_state(objection: &Objection, needed: &'static str) -> Result<(), Problem> {
    if objection.state == needed {
        return Ok(());
    }
    let id = objection.id.clone();
    Err(Problem::State(What::Objection, id, objection.state.clone(), needed))
}

/// An objection.
///
/// # Errors
///
/// There is none of that id, or those of the database.
pub async fn get(db: &Db, id: &str) -> Result<Standing, Problem> {
    let kept = objections::one(db, id).await?;
    let kept = kept.ok_or_else(|| Problem::NotFound(What::Objection, id.to_owned()))?;
    Ok(Standing::of(&kept)?)
}

/// Objections after one, of a region (all for None), a state and an employer (all where empty).
///
/// # Errors
///
/// Those of the database.
pub async fn page(
    db: &Db,
    after: &str,
    region: Option<&str>,
    state: &str,
    employer_id: &str,
    most: i64,
) -> Result<Vec<Standing>, StoreError> {
    let page = objections::page(db, after, region, state, employer_id, most).await?;
    page.iter().map(Standing::of).collect()
}

/// That an objection of the employer is upheld and waits for its determination.
pub(super) async fn is_upheld(db: &Db, id: &str, employer_id: &str) -> Result<(), Problem> {
    let objection = get(db, id).await?.objection;
    if objection.employer_id != employer_id {
        return Err(Problem::NotFound(What::Objection, id.to_owned()));
    }
    in_state(&objection, "upheld")
}

/// Says that a determination answers an upheld objection, in the transaction that publishes it.
pub(super) async fn answered(
    ledger: &mut Ledger<'_>,
    id: &str,
    determination: &str,
    signature: &str,
) -> Result<(), Problem> {
    let missing = || Problem::NotFound(What::Objection, id.to_owned());
    let kept = objections::one(&mut *ledger.tx, id).await?.ok_or_else(missing)?;
    let mut objection = Objection::of(&kept)?;
    in_state(&objection, "upheld")?;
    "redetermined".clone_into(&mut objection.state);
    determination.clone_into(&mut objection.redetermination_id);
    step(ledger, &objection, Kind::Redetermined, signature, kept.seq).await?;
    Ok(())
}
