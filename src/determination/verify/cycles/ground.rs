//! What everybody in a frozen cycle is rated by, and that a result says so.

use super::said::{Frozen, Said};
use super::wrong;
use crate::determination::detail::{Cause, detail_of};
use crate::determination::verify::misfit::Located;
use crate::determination::verify::replayed::Made;
use crate::determination::verify::{Fault, Misfit, Walk, texts};
use crate::determination::{ByHand, Detail};
use crate::store::StoreError;
use crate::store::ledger::{Entry, text, unhex};
use crate::store::tables::determinations::Kept;
use floatrate_engine::record::Date;
use serde::Deserialize;
use std::fmt::Display;

/// What everybody in a frozen cycle is rated by.
pub(super) struct Ground {
    pub cycle: String,
    pub frozen: Frozen,
    pub plan_text: [u8; 32],
    date: Date,
    until: Date,
}

/// A result, as far as it is held against pins and sums.
pub(super) struct Fact {
    table: &'static str,
    id: String,
    pub employer_id: String,
    pub version: i64,
    pub by_hand: Option<ByHand>,
    pub kept: bool,
    /// Digest of its digest.
    pub digest: [u8; 32],
}

impl Fact {
    /// A field that holds something else than expected.
    pub(super) fn differs(&self, field: &str, found: impl Display, expected: impl Display) -> Misfit {
        Misfit::differs(self.table, self.id.clone(), field, found, expected)
    }
}

/// Of a result what counts here.
#[derive(Deserialize)]
struct Outcome {
    status: String,
    rating_date: String,
    result_digest: String,
}

impl Ground {
    /// What a cycle is rated by as it was frozen last; its text was seen at the freeze.
    pub(super) async fn of(walk: &mut Walk<'_>, entry: &Entry, said: &Said) -> Result<Self, Fault> {
        let digest = said.frozen.as_ref().and_then(|frozen| unhex(&frozen.plan_text));
        let (Some(frozen), Some(plan_text)) = (said.frozen.clone(), digest) else {
            return Err(wrong(entry, "detail.frozen", "not there", "a freeze"));
        };
        let Ok(date) = said.rating_date.parse::<Date>() else {
            return Err(wrong(entry, "detail.rating_date", &said.rating_date, "a day"));
        };
        let loaded = texts::kept(walk, &plan_text).await?;
        let loaded = loaded.ok_or_else(|| Misfit::missing("plan_text", text(&plan_text), "a freeze"))?;
        let until = loaded.valid_through(date);
        let until = until.map_err(|why| StoreError::broken(format!("{why:?}")));
        let until = until.at("plan_text", || text(&plan_text))?;
        Ok(Self { cycle: said.id.clone(), frozen, plan_text, date, until })
    }

    /// A determination of the cycle.
    pub(super) fn determination(&self, batch: &str, row: &Kept) -> Result<Fact, Misfit> {
        let made = Made::of(batch, row);
        let fact = self.fact(&made, false)?;
        for (field, found, expected) in
            [("from_day", row.from_day, self.date), ("until_day", row.until_day, self.until)]
        {
            if found != i64::from(expected.day_number()) {
                return Err(made.differs(field, found, expected.day_number()));
            }
        }
        Ok(fact)
    }

    /// A row with a result, which a person has to decide on or not.
    pub(super) fn fact(&self, made: &Made<'_>, review: bool) -> Result<Fact, Misfit> {
        let Detail { cause, cycle, portfolio, by_hand, .. } =
            detail_of(made.detail).map_err(|why| made.unread("detail", &why))?;
        let row: Outcome = serde_json::from_slice(made.result)
            .map_err(|why| made.unread("result", &StoreError::broken(why.to_string())))?;
        let date = self.date.to_string();
        for (field, found, expected) in [
            ("detail.cycle", &*cycle, &*self.cycle),
            ("detail.cause", &cause, Cause::Annual.name()),
            ("result.rating_date", &row.rating_date, &date),
        ] {
            if found != expected {
                return Err(made.differs(field, found, expected));
            }
        }
        if made.plan_text != self.plan_text {
            return Err(made.differs("plan_text", text(&made.plan_text), text(&self.plan_text)));
        }
        if portfolio != self.frozen.portfolio {
            let (found, expected) = (format!("{portfolio:?}"), format!("{:?}", self.frozen.portfolio));
            return Err(made.differs("detail.portfolio", found, expected));
        }
        if (row.status == "review") != review {
            let expected = if review { "review" } else { "a result that needs no person" };
            return Err(made.differs("result.status", row.status, expected));
        }
        Ok(Fact {
            table: made.table,
            id: made.id.clone(),
            employer_id: made.employer_id.to_owned(),
            version: made.record_version,
            by_hand,
            kept: row.status == "kept",
            digest: *blake3::hash(row.result_digest.as_bytes()).as_bytes(),
        })
    }
}
