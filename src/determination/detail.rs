//! How a determination was made, beside its result.

use crate::store::StoreError;
use floatrate_engine::limits::RATE_PLACES;
use floatrate_engine::number::Decimal;
use floatrate_engine::record::{self, Rate, Record};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Why a determination was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The annual rate cycle.
    Annual,
    /// A new employer starts.
    NewEmployer,
    /// The risk class changed.
    ClassChange,
    /// The record was corrected.
    Redetermination,
    /// An objection was upheld.
    Objection,
    /// A temporary reduction starts or ends.
    Reduction,
    /// The record passed from another employer.
    Succession,
    /// An earlier determination is withdrawn.
    Withdrawal,
}

impl Cause {
    /// Every cause.
    pub const ALL: &'static [Self] = &[
        Self::Annual,
        Self::NewEmployer,
        Self::ClassChange,
        Self::Redetermination,
        Self::Objection,
        Self::Reduction,
        Self::Succession,
        Self::Withdrawal,
    ];

    /// The name on the wire and in files.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Annual => "annual",
            Self::NewEmployer => "new_employer",
            Self::ClassChange => "class_change",
            Self::Redetermination => "redetermination",
            Self::Objection => "objection",
            Self::Reduction => "reduction",
            Self::Succession => "succession",
            Self::Withdrawal => "withdrawal",
        }
    }

    /// The cause of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|cause| cause.name() == name)
    }
}

/// The rest of what is kept of a determination.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Detail {
    /// Why: a [`Cause`]'s name.
    pub cause: String,
    /// The officer's words, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The withdrawn determination, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub withdraws: String,
    /// The objection that it answers, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub objection: String,
    /// Why a plan that is not enacted was used, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub illustrative: String,
    /// Values over all employers.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub portfolio: BTreeMap<String, String>,
    /// The rate cycle that it comes from, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub cycle: String,
    /// The published result of before, which counts where the record gives none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prior: Option<Prior>,
    /// What two persons decided where the rules leave it to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_hand: Option<ByHand>,
}

/// A published result that counts as the one of before.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prior {
    /// Id of the determination.
    pub determination: String,
    /// The rate, after floor and cap.
    pub rate: String,
    /// The tier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The rate before floor and cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unlimited_rate: Option<String>,
    /// The risk class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_class: Option<u8>,
}

/// A step that was set by hand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ByHand {
    /// The step; 0 is the base rate.
    pub step: i64,
    /// Why.
    pub reason: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// Who agreed to it: another person.
    pub agreed_by: String,
}

impl Detail {
    /// A detail with a cause alone.
    #[must_use]
    pub fn new(cause: Cause) -> Self {
        Self {
            cause: cause.name().to_owned(),
            note: String::new(),
            withdraws: String::new(),
            objection: String::new(),
            illustrative: String::new(),
            portfolio: BTreeMap::new(),
            cycle: String::new(),
            prior: None,
            by_hand: None,
        }
    }

    /// Gives a record what it is rated with beside itself: the published result of before, where it has none of its own.
    ///
    /// # Errors
    ///
    /// What is kept is no rate.
    pub fn complete(&self, record: &mut Record) -> Result<(), StoreError> {
        if let (None, Some(prior)) = (&record.employer.prior, &self.prior) {
            record.employer.prior = Some(record::Prior {
                rate: rate(&prior.rate)?,
                tier: prior.tier.as_deref().map(rate).transpose()?,
                unlimited_rate: prior.unlimited_rate.as_deref().map(rate).transpose()?,
            });
        }
        Ok(())
    }

    /// The step that was set by hand.
    #[must_use]
    pub fn step(&self) -> Option<i64> {
        self.by_hand.as_ref().map(|by_hand| by_hand.step)
    }
}

/// A rate or tier as a result shows it.
///
/// # Errors
///
/// The text is none.
pub fn rate(text: &str) -> Result<Rate, StoreError> {
    let units = text.parse::<Decimal>().ok().and_then(|decimal| decimal.units(RATE_PLACES));
    units.map(Rate).ok_or_else(|| StoreError::broken(format!("{text} is no rate")))
}

/// How a determination was made.
///
/// # Errors
///
/// The bytes are something else.
pub fn detail_of(bytes: &[u8]) -> Result<Detail, StoreError> {
    serde_json::from_slice(bytes).map_err(|why| StoreError::broken(format!("a determination: {why}")))
}
