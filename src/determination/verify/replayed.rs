//! Rating many determinations again on all processors, each compared bit for bit.

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
use crate::store::tables::{determinations, records};
use floatrate_engine::Lang;
use floatrate_engine::record::{Date, Record};
use std::collections::BTreeMap;
use std::thread;

/// Fewest determinations for which a thread is begun.
const PART_MIN: usize = 64;

/// A determination with what it rests on.
pub(crate) struct Job<'j> {
    /// Its id.
    pub id: String,
    /// Its row.
    pub kept: &'j determinations::Kept,
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
    let unread = |table: &'static str, key: String, field: &str, why: &StoreError| {
        let (en, zh) = (format!("cannot be read: {why}"), format!("无法读取：{why}"));
        Misfit::new(table, key, field, &en, &zh)
    };
    let of =
        |field: &'static str| move |why: StoreError| unread("determination", job.id.clone(), field, &why);
    let detail = detail_of(&job.kept.detail).map_err(of("detail"))?;
    let date = rating_date(&job.kept.result).map_err(of("result"))?;
    let record = Body(job.record.body.clone()).record();
    let (mut record, _) = record.map_err(|why| {
        let key = format!("{} version {}", job.record.employer_id, job.record.version);
        unread("record", key, "body", &why)
    })?;
    detail.complete(&mut record).map_err(of("detail"))?;
    let group = (job.kept.plan_text, date, detail.portfolio.clone(), detail.step());
    Ok((group, record, detail))
}

fn unrated(job: &Job<'_>, why: &Problem) -> Misfit {
    let (en, zh) = (format!("is not rated again: {why:?}"), format!("无法重新核定：{why:?}"));
    Misfit::new("determination", job.id.clone(), "result", &en, &zh)
}

/// Where a determination differs from the result of rating again.
fn differs(job: &Job<'_>, row: &ResultRow, detail: &Detail) -> Option<Misfit> {
    let key = || job.id.clone();
    let replayed = match compared(job.kept, row) {
        Ok(replayed) => replayed,
        Err(why) => {
            let (en, zh) = (format!("cannot be read: {why}"), format!("无法读取：{why}"));
            return Some(Misfit::new("determination", key(), "result", &en, &zh));
        }
    };
    if let Some(difference) = replayed.differences.first() {
        let (found, expected) = (&difference.before, &difference.after);
        return Some(Misfit::differs("determination", key(), &difference.path, found, expected));
    }
    let terms = Terms::of(row, &detail.cause, &job.record.region, &detail.withdraws).json();
    if terms != job.kept.terms {
        return Some(Misfit::differs("determination", key(), "terms", &job.kept.terms, terms));
    }
    (row.employer_id != job.kept.employer_id).then(|| {
        Misfit::differs("determination", key(), "employer_id", &job.kept.employer_id, &row.employer_id)
    })
}
