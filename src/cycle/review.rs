//! The work list of a cycle: employers that a person must decide on, and the decisions.
//!
//! A decision stands on a version of the employer's record. It outlives a return of the cycle, and ends when the employer
//! is frozen with a later version.

use super::kept::{Signed, Standing, State, get, lock};
use super::rating::Bench;
use super::steps::same_person;
use crate::determination::{Agency, ByHand, read_result};
use crate::exchange::results::ResultRow;
use crate::problem::{Field, Problem, What};
use crate::store::ledger::{Kind, Ledger};
use crate::store::requests::Request;
use crate::store::tables::cycles;
use crate::store::tables::records;
use crate::store::tables::runs::{self, Decision, Item, Wanted};
use crate::store::{Db, Instant, StoreError, to_json};
use serde::{Deserialize, Serialize};

/// What may be decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "choice", rename_all = "snake_case")]
pub enum Choice {
    /// The missing fact is in a later version of the record, by which the employer is rated again.
    Record {
        /// The version; asked for, 0 is the newest. What is kept has a `version` beside it: the two may not share a name.
        #[serde(rename = "record_version")]
        version: i64,
    },
    /// Persons set the step: one proposes it, another agrees.
    ByHand {
        /// The step; 0 is the base rate.
        step: i64,
    },
    /// The employer is left out of this cycle by name; what was before goes on.
    LeaveOut,
}

/// What was decided, as it is kept: the body of its row, and of the ledger's entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decided {
    /// Key of the employer.
    pub employer_id: String,
    /// Version of the record that it stands on.
    pub version: i64,
    /// `open`, `proposed` or `resolved`.
    pub state: String,
    /// What.
    #[serde(flatten)]
    pub choice: Choice,
    /// Why.
    pub reason: String,
    /// Who, and when.
    pub signed: Signed,
    /// Who agreed to a step by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreed: Option<Signed>,
    /// What the rules alone still cannot decide, by the supplied record.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub open_reasons: Vec<String>,
}

impl Decided {
    pub(super) fn read(body: &[u8]) -> Result<Self, StoreError> {
        serde_json::from_slice(body).map_err(|why| StoreError::broken(format!("a decision: {why}")))
    }

    /// The step that was set, and by whom.
    #[must_use]
    pub fn by_hand(&self) -> Option<ByHand> {
        let Choice::ByHand { step } = self.choice else { return None };
        Some(ByHand {
            step,
            reason: self.reason.clone(),
            proposed_by: self.signed.by.clone(),
            agreed_by: self.agreed.as_ref().map_or_else(String::new, |signed| signed.by.clone()),
        })
    }
}

/// An employer that a person must decide on, or has decided on.
#[derive(Clone, Debug)]
pub struct ReviewItem {
    /// Its place in the cycle.
    pub ordinal: i64,
    /// Key of the employer.
    pub employer_id: String,
    /// The record's region, or empty.
    pub region: String,
    /// Version of the record that was rated.
    pub record_version: i64,
    /// The result with its stand-in rate and the reasons.
    pub result: ResultRow,
    /// `open`, `proposed` or `resolved`.
    pub state: String,
    /// What was decided last.
    pub decided: Option<Decided>,
    /// Changes with every decision.
    pub etag: String,
}

impl ReviewItem {
    fn of((item, decision): (Item, Decision)) -> Result<Self, StoreError> {
        let decided = if decision.body.is_empty() { None } else { Some(Decided::read(&decision.body)?) };
        Ok(Self {
            ordinal: item.ordinal,
            employer_id: item.employer_id,
            region: item.region,
            record_version: item.record_version,
            result: read_result(&item.result)?,
            state: decision.state,
            decided,
            etag: decision.seq.to_string(),
        })
    }
}

/// The items of a cycle's newest run after a place, in a state (all where empty).
///
/// # Errors
///
/// There is no such cycle, or those of the database.
pub async fn items(
    db: &Db,
    id: &str,
    after: i64,
    state: &str,
    most: i64,
) -> Result<Vec<ReviewItem>, Problem> {
    let batch = get(db, id).await?.running.batch;
    let wanted = Wanted { after, state, employer_id: "" };
    let page = runs::items(db, id, &batch, wanted, most).await?;
    Ok(page.into_iter().map(ReviewItem::of).collect::<Result<_, _>>()?)
}

/// The item of an employer of a cycle's newest run.
///
/// # Errors
///
/// There is no such cycle or item, or those of the database.
pub async fn item(db: &Db, id: &str, employer_id: &str) -> Result<ReviewItem, Problem> {
    let standing = get(db, id).await?;
    Ok(ReviewItem::of(one(db, &standing, employer_id).await?)?)
}

/// How an item is to be resolved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolution<'r> {
    /// A decision, with its reason.
    Choose(Choice, &'r str),
    /// Another person agrees to the step that was proposed.
    Agree,
}

/// Decides on an employer of a rated cycle.
///
/// # Errors
///
/// What stands in the way; nothing is changed then.
pub async fn resolve(
    agency: &Agency,
    id: &str,
    employer_id: &str,
    resolution: &Resolution<'_>,
    etag: &str,
    signature: &str,
    request: Option<&Request>,
) -> Result<ReviewItem, Problem> {
    let standing = get(&agency.db, id).await?;
    standing.cycle.needs(State::Rated)?;
    let (item, decision) = one(&agency.db, &standing, employer_id).await?;
    if !etag.is_empty() && etag != decision.seq.to_string() {
        return Err(Problem::Stale(What::ReviewItem, employer_id.to_owned()));
    }
    let version = decision.version.max(item.record_version);
    let at = Instant::now();
    let signed = Signed::new(signature, at);
    let mut decided = match resolution {
        Resolution::Agree => {
            if decision.state != "proposed" {
                let state = decision.state.clone();
                return Err(Problem::State(What::ReviewItem, employer_id.to_owned(), state, "proposed"));
            }
            let mut decided = Decided::read(&decision.body)?;
            if same_person(signature, &decided.signed.by) {
                return Err(Problem::SamePerson(employer_id.to_owned(), decided.signed.by));
            }
            (decided.agreed, decided.state) = (Some(signed), "resolved".to_owned());
            decided
        }
        Resolution::Choose(choice, reason) => {
            if reason.trim().is_empty() {
                return Err(Problem::Fields(vec![Field::missing("reason")]));
            }
            Decided {
                employer_id: employer_id.to_owned(),
                version,
                state: "resolved".to_owned(),
                choice: choice.clone(),
                reason: reason.trim().to_owned(),
                signed,
                agreed: None,
                open_reasons: Vec::new(),
            }
        }
    };
    try_out(agency, &standing, &item, &mut decided).await?;
    let mut tx = agency.db.begin().await?;
    let mut locked = lock(&mut tx, id, &standing.etag).await?;
    let mut ledger = Ledger::lock(&mut tx).await?;
    ledger.add(Kind::Decided, id, signature, &to_json(&decided)?, 0).await?;
    let seq = ledger.head().seq;
    let kept = Decision {
        cycle: id.to_owned(),
        employer_id: employer_id.to_owned(),
        version: decided.version,
        state: decided.state.clone(),
        seq,
        body: to_json(&decided)?,
    };
    runs::decide(ledger.tx, &kept).await?;
    // Whoever approves shows the etag of what was decided.
    let before = locked.seq;
    locked.seq = seq;
    cycles::change(ledger.tx, &locked.kept()?, before).await?;
    if let Some(request) = request {
        request.done(ledger.tx, employer_id).await?;
    }
    tx.commit().await?;
    Ok(ReviewItem::of((item, kept))?)
}

/// An item of a cycle by its employer.
pub(super) async fn one(
    db: &Db,
    standing: &Standing,
    employer_id: &str,
) -> Result<(Item, Decision), Problem> {
    let wanted = Wanted { after: 0, state: "", employer_id };
    let found = runs::items(db, &standing.cycle.id, &standing.running.batch, wanted, 1).await?;
    let missing = || Problem::NotFound(What::ReviewItem, employer_id.to_owned());
    found.into_iter().next().filter(|_| !employer_id.is_empty()).ok_or_else(missing)
}

/// Whether a decision settles its item, tried before it is kept.
async fn try_out(
    agency: &Agency,
    standing: &Standing,
    item: &Item,
    decided: &mut Decided,
) -> Result<(), Problem> {
    let bench = Bench::of(agency, standing).await?;
    let employer_id = item.employer_id.as_str();
    match &mut decided.choice {
        Choice::LeaveOut => {}
        Choice::Record { version } => {
            let newest = records::employer(&agency.db, employer_id).await?.map_or(0, |(newest, ..)| newest);
            if *version == 0 {
                *version = newest;
            }
            if *version <= decided.version {
                let (given, known) = (*version, decided.version);
                let en = format!(
                    "version {given} of the record is not later than {known}, by which the employer was rated; import \
                     the corrected record first"
                );
                let zh = format!("记录版本 {given} 不晚于已用于核定的版本 {known}，请先导入更正后的记录");
                return Err(Problem::field("record_version", "unknown_value", en, zh));
            }
            decided.version = *version;
            let outcome = bench.rate_one(&agency.db, (item.ordinal, employer_id, *version), None).await?;
            if !within(&standing.cycle.region, &outcome.region) {
                let region = &outcome.region;
                let en = format!(
                    "version {version} of the record is of the region \"{region}\", outside the cycle's"
                );
                let zh = format!("记录版本 {version} 的统筹地区“{region}”不在本次核定范围内");
                return Err(Problem::field("record_version", "unknown_value", en, zh));
            }
            if outcome.row.status == "review" {
                decided.open_reasons = outcome.row.reasons;
                decided.state = "open".to_owned();
            }
        }
        Choice::ByHand { step } => {
            let step = *step;
            if decided.agreed.is_none() {
                decided.state = "proposed".to_owned();
            }
            let by_hand = decided.by_hand();
            let of = (item.ordinal, employer_id, decided.version);
            let outcome = bench.rate_one(&agency.db, of, by_hand.as_ref()).await?;
            let (row, reached) = (&outcome.row, outcome.row.step);
            if row.status == "review" || reached != step {
                let why = row.reasons.join(", ");
                let en =
                    format!("step {step} cannot be set by hand: {why} (the rules come to step {reached})");
                let zh = format!("不能人工设定为 {step} 档：{why}（按规则为 {reached} 档）");
                return Err(Problem::field("step", "unknown_value", en, zh));
            }
        }
    }
    Ok(())
}

/// Whether a region lies within a cycle's.
fn within(cycle: &str, region: &str) -> bool {
    floatrate_engine::plan::regions::wider(region).iter().any(|area| area == cycle)
}
