//! What was before a cycle: the rate that each employer had on the eve of the rating date.

use super::kept::eve;
use crate::determination::{Prior, Span, Terms, newest_for};
use crate::store::tables::determinations;
use crate::store::{Db, StoreError, day};
use floatrate_engine::record::Date;
use serde::Deserialize;
use std::collections::HashMap;

/// Published results of employers before a cycle.
#[derive(Debug, Default)]
pub struct Before(HashMap<String, Prior>);

#[derive(Deserialize)]
struct Unlimited {
    unlimited_rate: Option<String>,
}

impl Before {
    /// What was published up to a position of the feed and held on the eve of a rating date, or was the last before it.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub async fn read(db: &Db, employers: &[&str], date: Date, position: i64) -> Result<Self, StoreError> {
        if position == 0 {
            return Ok(Self::default());
        }
        let rows = determinations::of_employers(db, employers, position).await?;
        let eve = eve(date).day_number();
        let mut found = HashMap::new();
        for of in rows.chunk_by(|a, b| a.employer_id == b.employer_id) {
            let terms = of.iter().map(|row| Terms::read(&row.terms)).collect::<Result<Vec<_>, _>>()?;
            let place = |id: &str| of.iter().find(|row| row.id == id).map_or(0, |row| row.position);
            let spans = of
                .iter()
                .zip(&terms)
                .map(|(row, terms)| {
                    Ok(Span {
                        position: row.position,
                        from: day(row.from_day)?.day_number(),
                        until: day(row.until_day)?.day_number(),
                        withdraws: place(&terms.withdraws),
                    })
                })
                .collect::<Result<Vec<_>, StoreError>>()?;
            let Some(at) = newest_for(spans.iter(), eve) else { continue };
            let (row, terms) = (&of[at], &terms[at]);
            let Some(rate) = terms.rate.clone() else { continue };
            let Unlimited { unlimited_rate } = serde_json::from_slice(&row.result)
                .map_err(|why| StoreError::broken(format!("determination {}: {why}", row.id)))?;
            let prior = Prior {
                determination: row.id.clone(),
                rate,
                tier: terms.tier.clone(),
                unlimited_rate,
                risk_class: terms.risk_class,
            };
            found.insert(row.employer_id.clone(), prior);
        }
        Ok(Self(found))
    }

    /// The published result of an employer.
    #[must_use]
    pub fn of(&self, employer_id: &str) -> Option<&Prior> {
        self.0.get(employer_id)
    }
}
