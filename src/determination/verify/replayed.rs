//! Rating many determinations and review items again on all processors, each compared bit for bit.

use super::Misfit;
use crate::determination::detail::{Detail, detail_of};
use crate::determination::raters::{By, Loaded};
use crate::determination::replay::{compared, rating_date};
use crate::determination::terms::Terms;
use crate::employer::Body;
use crate::exchange::results::ResultRow;
use crate::problem::Problem;
use crate::rate::Explain;
use crate::store::StoreError;
use crate::store::tables::runs::Item;
use crate::store::tables::{determinations, records};
use floatrate_engine::Lang;
use floatrate_engine::record::{Date, Record};
use std::collections::BTreeMap;
use std::fmt::Display;
use std::thread;

/// Fewest determinations for which a thread is begun.
const PART_MIN: usize = 64;

/// A row that holds a result.
#[derive(Clone, Debug)]
pub(crate) struct Made<'m> {
    /// Its table.
    pub table: &'static str,
    /// Its key.
    pub id: String,
    /// Key of the employer.
    pub employer_id: &'m str,
    /// The record version that it names.
    pub record_version: i64,
    /// Digest of that.
    pub record_digest: [u8; 32],
    /// Digest of the plan's text.
    pub plan_text: [u8; 32],
    /// The result.
    pub result: &'m [u8],
    /// How it was made.
    pub detail: &'m [u8],
    /// The region that the row says beside its record, where it does.
    pub region: Option<&'m str>,
    /// What the collection system is told, where it is told.
    pub terms: Option<&'m str>,
}

impl<'m> Made<'m> {
    /// A determination.
    pub(crate) fn of(batch: &str, row: &'m determinations::Kept) -> Self {
        Self {
            table: "determination",
            id: determinations::id(batch, row.ordinal),
            employer_id: &row.employer_id,
            record_version: row.record_version,
            record_digest: row.record_digest,
            plan_text: row.plan_text,
            result: &row.result,
            detail: &row.detail,
            region: None,
            terms: Some(&row.terms),
        }
    }

    /// A review item of a run under a plan's text.
    pub(crate) fn item(batch: &str, item: &'m Item, plan_text: [u8; 32]) -> Self {
        Self {
            table: "review_item",
            id: format!("{batch} pin {}", item.ordinal),
            employer_id: &item.employer_id,
            record_version: item.record_version,
            record_digest: item.record_digest,
            plan_text,
            result: &item.result,
            detail: &item.detail,
            region: Some(&item.region),
            terms: None,
        }
    }

    /// A field that holds something else than expected.
    pub(crate) fn differs(&self, field: &str, found: impl Display, expected: impl Display) -> Misfit {
        Misfit::differs(self.table, self.id.clone(), field, found, expected)
    }

    /// A field that cannot be read.
    pub(crate) fn unread(&self, field: &str, why: &StoreError) -> Misfit {
        unread(self.table, self.id.clone(), field, why)
    }
}

/// A row that holds a result, with what it rests on.
pub(crate) struct Job<'j> {
    /// The row.
    pub made: Made<'j>,
    /// The record version that it names.
    pub record: &'j records::Kept,
    /// The plan of the text that it names.
    pub loaded: &'j Loaded,
}

/// The first determination that is not what rating again gives.
pub(crate) fn replayed(jobs: &[Job<'_>], threads: usize) -> Option<Misfit> {
    let part = jobs.len().div_ceil(threads.max(1)).max(PART_MIN);
    if jobs.len() <= part {
        return first(jobs);
    }
    thread::scope(|scope| {
        let parts: Vec<_> = jobs.chunks(part).map(|jobs| scope.spawn(move || first(jobs))).collect();
        parts.into_iter().find_map(|part| part.join().unwrap_or_else(|why| std::panic::resume_unwind(why)))
    })
}

/// What determinations share that are rated together.
type Group = ([u8; 32], Date, BTreeMap<String, String>, Option<i64>);

fn first(jobs: &[Job<'_>]) -> Option<Misfit> {
    let mut groups: BTreeMap<Group, (Vec<usize>, Vec<Record>)> = BTreeMap::new();
    let mut details = Vec::with_capacity(jobs.len());
    let mut wrong: Option<(usize, Misfit)> = None;
    for (at, job) in jobs.iter().enumerate() {
        match ready(job) {
            Ok((group, record, detail)) => {
                let (places, records) = groups.entry(group).or_default();
                places.push(at);
                records.push(record);
                details.push(Some(detail));
            }
            Err(misfit) => {
                wrong.get_or_insert((at, misfit));
                details.push(None);
            }
        }
    }
    for ((_, date, portfolio, hand), (places, records)) in groups {
        let loaded = jobs[places[0]].loaded;
        let misfit =
            match loaded.rate(date, By { portfolio: &portfolio, hand }, &records, Explain::None, Lang::En) {
                Ok(rows) => places.iter().zip(&rows).find_map(|(at, row)| {
                    let detail = details[*at].as_ref()?;
                    differs(&jobs[*at], row, detail).map(|misfit| (*at, misfit))
                }),
                Err(why) => Some((places[0], unrated(&jobs[places[0]], &why))),
            };
        if let Some((at, misfit)) = misfit
            && wrong.as_ref().is_none_or(|(before, _)| at < *before)
        {
            wrong = Some((at, misfit));
        }
    }
    wrong.map(|(_, misfit)| misfit)
}

fn ready(job: &Job<'_>) -> Result<(Group, Record, Detail), Misfit> {
    let made = &job.made;
    let detail = detail_of(made.detail).map_err(|why| made.unread("detail", &why))?;
    let date = rating_date(made.result).map_err(|why| made.unread("result", &why))?;
    let record = Body(job.record.body.clone()).record();
    let (mut record, _) = record.map_err(|why| {
        let key = format!("{} version {}", job.record.employer_id, job.record.version);
        unread("record", key, "body", &why)
    })?;
    detail.complete(&mut record).map_err(|why| made.unread("detail", &why))?;
    let group = (made.plan_text, date, detail.portfolio.clone(), detail.step());
    Ok((group, record, detail))
}

fn unread(table: &'static str, key: String, field: &str, why: &StoreError) -> Misfit {
    let (en, zh) = (format!("cannot be read: {why}"), format!("无法读取：{why}"));
    Misfit::new(table, key, field, &en, &zh)
}

fn unrated(job: &Job<'_>, why: &Problem) -> Misfit {
    let (en, zh) = (format!("is not rated again: {why:?}"), format!("无法重新核定：{why:?}"));
    Misfit::new(job.made.table, job.made.id.clone(), "result", &en, &zh)
}

/// Where a row differs from the result of rating again.
fn differs(job: &Job<'_>, row: &ResultRow, detail: &Detail) -> Option<Misfit> {
    let made = &job.made;
    let replayed = match compared(made.result, row) {
        Ok(replayed) => replayed,
        Err(why) => return Some(made.unread("result", &why)),
    };
    if let Some(difference) = replayed.differences.first() {
        return Some(made.differs(&difference.path, &difference.before, &difference.after));
    }
    if let Some(kept) = made.terms {
        let terms = Terms::of(row, &detail.cause, &job.record.region, &detail.withdraws).json();
        if terms != kept {
            return Some(made.differs("terms", kept, terms));
        }
    }
    if let Some(region) = made.region.filter(|region| *region != job.record.region) {
        return Some(made.differs("region", region, &job.record.region));
    }
    (row.employer_id != made.employer_id)
        .then(|| made.differs("employer_id", made.employer_id, &row.employer_id))
}
