//! A cycle as it stands, and as it is kept: the newest entry of the ledger about it.

use crate::problem::{Problem, What};
use crate::store::ledger::{Kind, Ledger};
use crate::store::requests::Request;
use crate::store::tables::cycles;
use crate::store::{Ask, Db, Instant, StoreError, Tx, to_json};
use floatrate_engine::record::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a cycle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Created; nothing is held fast.
    Draft,
    /// Plan, records, values over all employers and the list of employers are held fast.
    Frozen,
    /// Every employer has a result.
    Rated,
    /// A second person agrees.
    Approved,
    /// Everybody sees it.
    Published,
    /// Done with.
    Closed,
    /// Given up before it was published.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Draft,
        Self::Frozen,
        Self::Rated,
        Self::Approved,
        Self::Published,
        Self::Closed,
        Self::Cancelled,
    ];

    /// The name on the wire and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Frozen => "frozen",
            Self::Rated => "rated",
            Self::Approved => "approved",
            Self::Published => "published",
            Self::Closed => "closed",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signed {
    /// The signature.
    pub by: String,
    /// When, in microseconds of the Unix epoch.
    pub at_us: i64,
}

impl Signed {
    pub(super) fn new(by: &str, at: Instant) -> Self {
        Self { by: by.to_owned(), at_us: at.0 }
    }
}

/// What a freeze holds fast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Frozen {
    /// Who and when.
    pub signed: Signed,
    /// Its number in the cycle, from 1.
    pub number: i64,
    /// Digest of the plan's text, hexadecimal.
    pub plan_text: String,
    /// Digest of the plan.
    pub plan_digest: String,
    /// The plan's status then: `enacted`, `draft` or `illustrative`.
    pub plan_status: String,
    /// Values over all employers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub portfolio: BTreeMap<String, String>,
    /// Employers.
    pub employers: i64,
    /// Digest over the employers and their record versions.
    pub pins_digest: String,
    /// Published changes up to this position give the rates of before.
    pub position: i64,
    /// Employers of the database whose record names no region: they are in no cycle.
    pub without_region: i64,
    /// Batch of a run that had not come to its end and is dropped by this freeze, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dropped: String,
}

/// How many employers came out how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// All of them.
    pub employers: i64,
    /// Moved or confirmed.
    pub rated: i64,
    /// Not eligible this time.
    pub kept: i64,
    /// A person must decide.
    pub review: i64,
}

/// What a run gave.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rated {
    /// Who ran it last, and when it ended.
    pub signed: Signed,
    /// Its batch.
    pub batch: String,
    /// Digest over the results of all employers in the order of their ids: the same for every run of the freeze.
    pub results_digest: String,
    /// Digest over what the run kept beside its determinations: its items, and the sums of its chunks.
    pub kept_digest: String,
    /// How they came out.
    pub counts: Counts,
}

/// Why a cycle was sent back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Who and when.
    pub signed: Signed,
    /// Why.
    pub reason: String,
}

/// What was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// Who and when.
    pub signed: Signed,
    /// Digest over the determinations that will be published.
    pub digest: String,
    /// How many.
    pub determinations: i64,
    /// Employers that were set by hand.
    pub by_hand: i64,
    /// Employers that are left out by name.
    pub left_out: i64,
}

/// What was published.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Published {
    /// Who and when.
    pub signed: Signed,
    /// Position of the first change.
    pub first_position: i64,
    /// Why a plan was used that is not the law there, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub accept_illustrative: String,
}

/// Why a cycle was given up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cancelled {
    /// Who and when.
    pub signed: Signed,
    /// Why.
    pub reason: String,
}

/// Everything that is settled of a cycle: the body of its row, and of its newest entry in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cycle {
    /// Its id.
    pub id: String,
    /// Its region; it covers the areas within.
    pub region: String,
    /// Id of the plan.
    pub plan: String,
    /// First day of the rates.
    pub rating_date: String,
    /// Where it is.
    pub state: State,
    /// Who created it, and when.
    pub created: Signed,
    /// What is held fast.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frozen: Option<Frozen>,
    /// What the run gave.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rated: Option<Rated>,
    /// How often it was sent back, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returned: Vec<Returned>,
    /// What was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved: Option<Approved>,
    /// What was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Published>,
    /// Who closed it, and when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed: Option<Signed>,
    /// Why it was given up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled: Option<Cancelled>,
}

impl Cycle {
    /// First day of the rates.
    ///
    /// # Errors
    ///
    /// What is kept is no date.
    pub fn date(&self) -> Result<Date, StoreError> {
        let day = self.rating_date.parse();
        day.map_err(|_| StoreError::broken(format!("cycle {}: {}", self.id, self.rating_date)))
    }

    pub(super) fn freeze(&self) -> Result<&Frozen, StoreError> {
        self.frozen.as_ref().ok_or_else(|| StoreError::broken(format!("cycle {} is not frozen", self.id)))
    }

    pub(super) fn needs(&self, state: State) -> Result<(), Problem> {
        if self.state == state {
            return Ok(());
        }
        Err(self.elsewhere(state.name()))
    }

    pub(super) fn elsewhere(&self, needed: &'static str) -> Problem {
        Problem::State(What::Cycle, self.id.clone(), self.state.name().to_owned(), needed)
    }
}

/// Who runs a cycle now, and how far the run is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// Batch of the run, or empty.
    pub batch: String,
    /// Employers that are done.
    pub done: i64,
    /// Who runs it, or empty.
    pub runner: String,
    /// Until when nobody else may.
    pub expires_us: i64,
}

impl Running {
    /// Whether somebody runs it now.
    #[must_use]
    pub fn now(&self) -> bool {
        !self.runner.is_empty() && Instant::now().0 < self.expires_us
    }
}

/// A cycle with what is not settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What is settled.
    pub cycle: Cycle,
    /// The run.
    pub running: Running,
    /// Changes with every step.
    pub etag: String,
    pub(super) seq: i64,
    pub(super) token: i64,
}

impl Standing {
    pub(super) fn of(kept: cycles::Kept) -> Result<Self, StoreError> {
        let cycle: Cycle = serde_json::from_slice(&kept.body)
            .map_err(|why| StoreError::broken(format!("cycle {}: {why}", kept.id)))?;
        let running =
            Running { batch: kept.batch, done: kept.done, runner: kept.runner, expires_us: kept.expires.0 };
        Ok(Self { cycle, running, etag: kept.seq.to_string(), seq: kept.seq, token: kept.token })
    }

    pub(super) fn kept(&self) -> Result<cycles::Kept, StoreError> {
        Ok(cycles::Kept {
            id: self.cycle.id.clone(),
            region: self.cycle.region.clone(),
            rating_day: i64::from(self.cycle.date()?.day_number()),
            state: self.cycle.state.name().to_owned(),
            seq: self.seq,
            body: to_json(&self.cycle)?,
            batch: self.running.batch.clone(),
            done: self.running.done,
            token: self.token,
            runner: self.running.runner.clone(),
            expires: Instant(self.running.expires_us),
        })
    }
}

/// A cycle.
///
/// # Errors
///
/// There is none of that id, or those of the database.
pub async fn get(ask: impl Ask, id: &str) -> Result<Standing, Problem> {
    let kept = cycles::one(ask, id).await?.ok_or_else(|| missing(id))?;
    Ok(Standing::of(kept)?)
}

/// Why the results of a published cycle stand on a plan that is not the law there; empty for the law's, and for no cycle.
///
/// # Errors
///
/// Those of the database.
pub async fn illustrative_reason(ask: impl Ask, id: &str) -> Result<String, StoreError> {
    if id.is_empty() {
        return Ok(String::new());
    }
    let kept = cycles::one(ask, id).await?.map(Standing::of).transpose()?;
    let published = kept.and_then(|standing| standing.cycle.published);
    Ok(published.map_or_else(String::new, |published| published.accept_illustrative))
}

/// Cycles after one, of a region and the areas within it (all for None) and a state (all where empty).
///
/// # Errors
///
/// Those of the database.
pub async fn page(
    db: &Db,
    after: &str,
    region: Option<&str>,
    state: &str,
    most: i64,
) -> Result<Vec<Standing>, StoreError> {
    cycles::page(db, after, region, state, most).await?.into_iter().map(Standing::of).collect()
}

fn missing(id: &str) -> Problem {
    Problem::NotFound(What::Cycle, id.to_owned())
}

/// A cycle that nobody else changes until the transaction ends, at an etag where one is given.
pub(super) async fn lock(tx: &mut Tx, id: &str, etag: &str) -> Result<Standing, Problem> {
    let kept = cycles::lock(tx, id).await?.ok_or_else(|| missing(id))?;
    let standing = Standing::of(kept)?;
    if !etag.is_empty() && etag != standing.etag {
        return Err(Problem::Stale(What::Cycle, id.to_owned()));
    }
    Ok(standing)
}

/// Makes a step last: an entry of the ledger, the cycle's row, and the request that asked for it.
pub(super) async fn step(
    ledger: &mut Ledger<'_>,
    standing: &mut Standing,
    signature: &str,
    request: Option<&Request>,
) -> Result<(), Problem> {
    let before = standing.seq;
    let detail = to_json(&standing.cycle)?;
    ledger.add(Kind::Cycle, &standing.cycle.id, signature, &detail, 0).await?;
    standing.seq = ledger.head().seq;
    standing.etag = standing.seq.to_string();
    (standing.running.runner, standing.running.expires_us) = (String::new(), 0);
    if before == 0 {
        cycles::add(ledger.tx, &standing.kept()?).await?;
    } else {
        cycles::change(ledger.tx, &standing.kept()?, before).await?;
        standing.token += 1;
    }
    if let Some(request) = request {
        request.done(ledger.tx, &standing.cycle.id).await?;
    }
    Ok(())
}

/// The day before the rates begin: what held then is what was before.
pub(super) fn eve(date: Date) -> Date {
    date.plus_days(-1)
}
