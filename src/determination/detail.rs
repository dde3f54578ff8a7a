//! How a determination was made, beside its result.

use crate::store::StoreError;
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
        }
    }
}

/// How a determination was made.
///
/// # Errors
///
/// The bytes are something else.
pub fn detail_of(bytes: &[u8]) -> Result<Detail, StoreError> {
    serde_json::from_slice(bytes).map_err(|why| StoreError::broken(format!("a determination: {why}")))
}
