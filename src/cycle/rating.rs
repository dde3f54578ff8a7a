//! Rating what a freeze holds fast: from pins to results, the same way for a run, a decision and a trial.

use super::before::Before;
use super::kept::{Cycle, Standing};
use super::line::Line;
use crate::determination::{Agency, By, ByHand, Cause, Detail, Loaded, New, kept};
use crate::employer::Body;
use crate::exchange::results::ResultRow;
use crate::problem::{Problem, What};
use crate::rate::Explain;
use crate::store::ledger::unhex;
use crate::store::tables::cycles::{self, Pin, Pinned};
use crate::store::tables::{determinations, records, runs};
use crate::store::{Db, StoreError};
use floatrate_engine::Lang;
use floatrate_engine::record::{Date, Record};
use std::collections::HashMap;
use std::sync::Arc;

/// Everything that an employer of a cycle is rated with, beside its record.
#[derive(Debug)]
pub(super) struct Bench {
    pub cycle: Cycle,
    pub loaded: Arc<Loaded>,
    pub plan_text: [u8; 32],
    pub date: Date,
    pub until: Date,
    freeze: i64,
    position: i64,
    /// Versions of records that officers supplied since the freeze.
    supplied: HashMap<String, i64>,
}

/// An employer with its result.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub pin: Pin,
    pub region: String,
    pub row: ResultRow,
    pub detail: Detail,
    pub line: Line,
}

impl Bench {
    /// What a frozen cycle holds fast.
    pub(super) async fn of(agency: &Agency, standing: &Standing) -> Result<Self, Problem> {
        let cycle = standing.cycle.clone();
        let frozen = cycle.freeze()?;
        let plan_text =
            unhex(&frozen.plan_text).ok_or_else(|| StoreError::broken("a digest of a plan's text"))?;
        let loaded = agency.raters.kept(&agency.db, &plan_text).await?;
        let date = cycle.date()?;
        let until = loaded.valid_through(date)?;
        let (freeze, position) = (frozen.number, frozen.position);
        Ok(Self { cycle, loaded, plan_text, date, until, freeze, position, supplied: HashMap::new() })
    }

    /// With the records that officers supplied since the freeze, for whoever goes through the pins.
    pub(super) async fn with_supplied(mut self, db: &Db) -> Result<Self, StoreError> {
        let decisions = runs::decisions(db, &self.cycle.id).await?;
        self.supplied = decisions.into_iter().map(|d| (d.employer_id, d.version)).collect();
        Ok(self)
    }

    /// Pins after a place up to another, with the records that count for them.
    pub(super) async fn pinned(&self, db: &Db, range: (i64, i64)) -> Result<Vec<Pinned>, StoreError> {
        let mut pinned = cycles::pinned(db, &self.cycle.id, self.freeze, range).await?;
        for one in &mut pinned {
            let supplied =
                self.supplied.get(&one.pin.employer_id).filter(|version| **version > one.pin.version);
            let Some(version) = supplied else { continue };
            let found = records::record(db, &one.pin.employer_id, *version).await?;
            let (kept, body) = found.ok_or_else(|| StoreError::broken("a supplied record is missing"))?;
            (one.pin.version, one.pin.digest) = (*version, kept.digest);
            (one.region, one.body) = (kept.region, body);
        }
        Ok(pinned)
    }

    /// What was published before of these employers.
    pub(super) async fn before(&self, db: &Db, pinned: &[Pinned]) -> Result<Before, StoreError> {
        let ids: Vec<&str> = pinned.iter().map(|p| p.pin.employer_id.as_str()).collect();
        Before::read(db, &ids, self.date, self.position).await
    }

    /// Rates employers, by the rules or all by one decision.
    pub(super) fn rate(
        &self,
        pinned: Vec<Pinned>,
        before: &Before,
        by_hand: Option<&ByHand>,
    ) -> Result<Vec<Outcome>, Problem> {
        let portfolio = &self.cycle.freeze()?.portfolio;
        let mut records: Vec<Record> = Vec::with_capacity(pinned.len());
        let mut details = Vec::with_capacity(pinned.len());
        for one in &pinned {
            if *blake3::hash(&one.body).as_bytes() != one.pin.digest {
                let why = format!("record {} version {}", one.pin.employer_id, one.pin.version);
                return Err(StoreError::broken(format!("{why} is not what its digest says")).into());
            }
            let (mut record, _) = Body(one.body.clone()).record()?;
            let detail = Detail {
                cycle: self.cycle.id.clone(),
                prior: before.of(&one.pin.employer_id).cloned(),
                by_hand: by_hand.cloned(),
                portfolio: portfolio.clone(),
                ..Detail::new(Cause::Annual)
            };
            detail.complete(&mut record)?;
            records.push(record);
            details.push(detail);
        }
        let by = By { portfolio, hand: by_hand.map(|by_hand| by_hand.step) };
        let rows = self.loaded.rate(self.date, by, &records, Explain::None, Lang::En)?;
        let mut out = Vec::with_capacity(rows.len());
        for (((one, record), row), detail) in pinned.into_iter().zip(&records).zip(rows).zip(details) {
            let line = Line::of(record, &row, &detail, self.date)?;
            out.push(Outcome { pin: one.pin, region: one.region, row, detail, line });
        }
        Ok(out)
    }

    /// Rates one employer by one version of its record.
    pub(super) async fn rate_one(
        &self,
        db: &Db,
        (ordinal, employer_id, version): (i64, &str, i64),
        by_hand: Option<&ByHand>,
    ) -> Result<Outcome, Problem> {
        let found = records::record(db, employer_id, version).await?;
        let missing = || Problem::NotFound(What::RecordVersion, format!("{version} of {employer_id}"));
        let (kept, body) = found.ok_or_else(missing)?;
        let pin = Pin { ordinal, employer_id: employer_id.to_owned(), version, digest: kept.digest };
        let pinned = vec![Pinned { pin, region: kept.region, body }];
        let before = self.before(db, &pinned).await?;
        let rated = self.rate(pinned, &before, by_hand)?;
        rated.into_iter().next().ok_or_else(|| StoreError::broken("no result").into())
    }

    /// The determination of a result, at a place of its batch.
    pub(super) fn determination(
        &self,
        ordinal: i64,
        outcome: &Outcome,
    ) -> Result<determinations::Kept, StoreError> {
        let new = New {
            row: &outcome.row,
            record_version: outcome.pin.version,
            record_digest: outcome.pin.digest,
            region: &outcome.region,
            from: self.date,
            until: self.until,
            detail: &outcome.detail,
        };
        kept(ordinal, self.plan_text, &new)
    }
}
