//! What the collection system is told of a determination. Few employers have terms of their own, so memory keeps each
//! text once.

pub use crate::exchange::results::Charged;
use crate::exchange::results::ResultRow;
use crate::store::StoreError;
use serde::{Deserialize, Serialize};

/// The terms of a determination; their JSON is canonical.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// Id of the plan.
    pub plan: String,
    /// Why it was made.
    pub cause: String,
    /// Pooling area, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub region: String,
    /// Risk class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub risk_class: Option<u8>,
    /// Base rate of the class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_rate: Option<String>,
    /// Multiple of the base rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// Rate after floor and cap.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<String>,
    /// Charged rates by the day from which they hold.
    pub charged: Vec<Charged>,
    /// Warnings of the result.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<String>,
    /// The determination that it withdraws, or empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub withdraws: String,
}

impl Terms {
    /// The terms of a result.
    #[must_use]
    pub fn of(row: &ResultRow, cause: &str, region: &str, withdraws: &str) -> Self {
        Self {
            plan: row.plan.clone(),
            cause: cause.to_owned(),
            region: region.to_owned(),
            risk_class: row.risk_class,
            base_rate: row.base_rate.clone(),
            tier: row.tier.clone(),
            rate: row.rate.clone(),
            charged: row.charged.clone(),
            flags: row.flags.clone(),
            withdraws: withdraws.to_owned(),
        }
    }

    /// Terms as they are kept.
    ///
    /// # Errors
    ///
    /// The text is something else.
    pub fn read(kept: &str) -> Result<Self, StoreError> {
        serde_json::from_str(kept).map_err(|why| StoreError::broken(format!("terms: {why}")))
    }

    /// The canonical JSON.
    #[must_use]
    pub fn json(&self) -> String {
        // Texts and numbers alone: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// The charged rate on a day; before the first one none.
    #[must_use]
    pub fn charged_on(&self, day: &str) -> Option<&str> {
        self.charged.iter().rev().find(|c| c.from.as_str() <= day).map(|c| c.rate.as_str())
    }

    /// Whether the rate is another's, and only what is charged differs.
    #[must_use]
    pub fn differs_in_charge_alone(&self, other: &Self) -> bool {
        (self.risk_class, &self.base_rate, &self.tier, &self.rate)
            == (other.risk_class, &other.base_rate, &other.tier, &other.rate)
            && self.charged.iter().map(|c| &c.rate).ne(other.charged.iter().map(|c| &c.rate))
    }
}
