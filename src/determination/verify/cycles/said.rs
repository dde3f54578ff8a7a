//! What entries say of cycles: of what `src/cycle` keeps, the fields that are held against rows.

use crate::auth::Signature;
use crate::determination::ByHand;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Signed {
    pub by: String,
    pub at_us: i64,
}

/// A cycle.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Said {
    pub id: String,
    pub region: String,
    pub plan: String,
    pub rating_date: String,
    pub state: String,
    pub created: Signed,
    pub frozen: Option<Frozen>,
    pub rated: Option<Rated>,
    #[serde(default)]
    pub returned: Vec<Part>,
    pub approved: Option<Approved>,
    pub published: Option<Published>,
    pub closed: Option<Signed>,
    pub cancelled: Option<Part>,
}

/// A part of which only the signature counts here.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Part {
    pub signed: Signed,
}

/// A freeze.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Frozen {
    pub signed: Signed,
    pub number: i64,
    pub plan_text: String,
    pub plan_digest: String,
    #[serde(default)]
    pub portfolio: BTreeMap<String, String>,
    pub employers: i64,
    pub pins_digest: String,
    #[serde(default)]
    pub dropped: String,
}

/// A run.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Rated {
    pub signed: Signed,
    pub batch: String,
    pub results_digest: String,
    pub kept_digest: String,
    pub counts: Counts,
}

/// How employers came out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Counts {
    pub employers: i64,
    pub rated: i64,
    pub kept: i64,
    pub review: i64,
}

/// An approval.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Approved {
    pub signed: Signed,
    pub digest: String,
    pub determinations: i64,
    pub by_hand: i64,
    pub left_out: i64,
}

/// A publication.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Published {
    pub signed: Signed,
    pub first_position: i64,
}

/// What was decided on an employer.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Decided {
    pub employer_id: String,
    pub version: i64,
    pub state: String,
    pub choice: String,
    #[serde(default)]
    pub record_version: i64,
    #[serde(default)]
    pub step: i64,
    pub reason: String,
    pub signed: Signed,
    pub agreed: Option<Signed>,
}

impl Decided {
    /// The step that was set, and by whom.
    pub(super) fn by_hand(&self) -> Option<ByHand> {
        (self.choice == "by_hand").then(|| ByHand {
            step: self.step,
            reason: self.reason.clone(),
            proposed_by: self.signed.by.clone(),
            agreed_by: self.agreed.as_ref().map_or_else(String::new, |signed| signed.by.clone()),
        })
    }
}

/// Whether two signatures are one person's.
pub(super) fn same_person(one: &str, other: &str) -> bool {
    let name = |text: &str| Signature::parse(text).map_or_else(|| text.to_owned(), |s| s.name);
    name(one) == name(other)
}
