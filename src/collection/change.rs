//! A published change, as the collection system reads it: over gRPC, and as a line of a file.

use crate::determination::Terms;
use crate::store::Instant;
use floatrate_engine::record::Date;
use serde::Serialize;
use std::sync::Arc;

/// What a change is to the collection system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The employer's first rate for days up to its first one.
    New,
    /// Another rate from its first day on.
    Supersedes,
    /// A determination is withdrawn.
    Withdrawn,
    /// The rate is the same, and what is charged differs.
    Reduction,
}

/// A change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Id of the determination.
    pub id: String,
    /// Position in the feed.
    pub position: i64,
    /// What it is.
    pub kind: Kind,
    /// Key of the employer.
    pub employer_id: Arc<str>,
    /// What the collection system is told.
    pub terms: Arc<Terms>,
    /// First day.
    pub from: Date,
    /// Last day, unless a later one supersedes it.
    pub until: Date,
    /// Id of the determination that it supersedes or withdraws, or empty.
    pub supersedes: String,
    /// When it was published.
    pub published_at: Instant,
}

impl Change {
    /// A line of the feed as a file, without its line end: the fields of the message `RateChange`.
    #[must_use]
    pub fn json(&self) -> String {
        #[derive(Serialize)]
        struct Line<'a> {
            id: &'a str,
            position: i64,
            kind: Kind,
            employer_id: &'a str,
            #[serde(skip_serializing_if = "str::is_empty")]
            region: &'a str,
            #[serde(skip_serializing_if = "Option::is_none")]
            risk_class: Option<u8>,
            #[serde(skip_serializing_if = "Option::is_none")]
            base_rate: &'a Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            tier: &'a Option<String>,
            #[serde(skip_serializing_if = "Option::is_none")]
            rate: &'a Option<String>,
            charged: &'a [crate::determination::Charged],
            from: String,
            until: String,
            cause: &'a str,
            supersedes: &'a str,
            plan: &'a str,
            flags: &'a [String],
            published_at: String,
        }
        let terms = &self.terms;
        let line = Line {
            id: &self.id,
            position: self.position,
            kind: self.kind,
            employer_id: &self.employer_id,
            region: &terms.region,
            risk_class: terms.risk_class,
            base_rate: &terms.base_rate,
            tier: &terms.tier,
            rate: &terms.rate,
            charged: &terms.charged,
            from: self.from.to_string(),
            until: self.until.to_string(),
            cause: &terms.cause,
            supersedes: &self.supersedes,
            plan: &terms.plan,
            flags: &terms.flags,
            published_at: self.published_at.rfc3339(),
        };
        // Texts and numbers alone: this cannot fail.
        serde_json::to_string(&line).unwrap_or_default()
    }
}
