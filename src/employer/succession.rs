//! Succession (合并、分立、更名): how a record passes between employers. Every change is a new version whose origin names
//! the succession, so the explanation of what rests on it can say how the record came about.

use super::kept::{Body, etag};
use super::sum::sum;
use crate::problem::{Field, Problem, What};
use crate::store::requests::Request;
use crate::store::tables::records::{self, NewRecord, Version};
use crate::store::{Db, StoreError, new_id, to_json};
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::plan::source;
use floatrate_engine::record::{Date, Declared, Record, RiskClass};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Several employers become one.
    Merger,
    /// One becomes several.
    Split,
    /// Another id or name.
    Renaming,
    /// Another risk class.
    ClassChange,
    /// Another pooling area.
    Move,
}

/// What becomes of the records at a merger or split.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The sum of all records.
    MergeSum,
    /// The survivor's own record; at a split the first successor keeps the record.
    SurvivorOnly,
    /// None.
    NewAtBase,
}

impl Policy {
    /// The name in plans and answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::MergeSum => "merge_sum",
            Self::SurvivorOnly => "survivor_only",
            Self::NewAtBase => "new_at_base",
        }
    }
}

/// A succession as it is asked for, and as it is kept.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Succession {
    /// What happened.
    pub kind: Kind,
    /// From which day, ISO.
    pub date: String,
    /// Employers that end or change.
    pub predecessors: Vec<String>,
    /// Employers that go on.
    pub successors: Vec<String>,
    /// What becomes of the records.
    pub policy: Option<Policy>,
    /// Who stated the policy: the id of a plan, or `officer`.
    pub policy_of: String,
    /// New name.
    pub name: Option<String>,
    /// New class.
    pub risk_class: Option<u8>,
    /// New pooling area.
    pub region: Option<String>,
    /// Why.
    pub reason: String,
    /// What a person should look at.
    #[serde(default)]
    pub notes: Vec<String>,
    /// The versions that went into it, by employer.
    #[serde(default)]
    pub sources: BTreeMap<String, i64>,
}

/// What becomes of the records, and who stated it: the officer, or for a merger or split without such a word the plan.
///
/// # Errors
///
/// There is no such plan, or it states no policy.
pub fn stated(
    catalog: &Catalog,
    kind: Kind,
    policy: Option<Policy>,
    plan: &str,
) -> Result<(Option<Policy>, String), Problem> {
    if policy.is_some() {
        return Ok((policy, "officer".to_owned()));
    }
    if !matches!(kind, Kind::Merger | Kind::Split) || plan.is_empty() {
        return Ok((None, String::new()));
    }
    let found = catalog.plan(plan).ok_or_else(|| Problem::PlanNotFound(plan.to_owned()))?;
    let of_plan = found.checked.procedure.succession.as_ref().map(|stated| match stated.is {
        source::Succession::MergeSum => Policy::MergeSum,
        source::Succession::SurvivorOnly => Policy::SurvivorOnly,
        source::Succession::NewAtBase => Policy::NewAtBase,
    });
    if of_plan.is_none() {
        let en = format!("{plan} states no policy: the officer does");
        let zh = format!("办法 {plan} 未规定处理方式：请由经办人员给出");
        return Err(Problem::field("policy", "unknown_value", en, zh));
    }
    Ok((of_plan, plan.to_owned()))
}

/// What a succession changed.
#[derive(Clone, Debug)]
pub struct Succeeded {
    /// Its id.
    pub id: String,
    /// The succession, with its notes.
    pub succession: Succession,
    /// The new versions.
    pub versions: Vec<Version>,
}

/// Records a succession. `etags` are those of the predecessors, checked where given.
///
/// # Errors
///
/// What is wrong with the request, or with the records; nothing is changed then.
pub async fn succeed(
    db: &Db,
    mut succession: Succession,
    etags: &[String],
    signature: &str,
    request: Option<&Request>,
    validate_only: bool,
) -> Result<Succeeded, Problem> {
    let date = shape(&succession)?;
    let mut known: BTreeMap<String, Source> = BTreeMap::new();
    for (at, id) in succession.predecessors.iter().enumerate() {
        let Some(source) = source(db, id).await? else {
            return Err(Problem::NotFound(What::Employer, id.clone()));
        };
        if etags
            .get(at)
            .is_some_and(|given| !given.is_empty() && *given != etag(source.version, &source.digest))
        {
            return Err(Problem::Stale(What::Employer, id.clone()));
        }
        known.insert(id.clone(), source);
    }
    for id in &succession.successors {
        if !known.contains_key(id)
            && let Some(source) = source(db, id).await?
        {
            if succession.kind == Kind::Renaming {
                let (en, zh) = ("an employer of that id is kept already", "该编号已有用人单位");
                return Err(Problem::field("successors[0]", "unknown_value", en, zh));
            }
            known.insert(id.clone(), source);
        }
    }
    let (changed, notes) = new_records(&succession, date, &known)?;
    succession.notes = notes;
    succession.sources = known.iter().map(|(id, source)| (id.clone(), source.version)).collect();
    let id = new_id('s');
    let mut versions = Vec::new();
    let mut keep = Vec::new();
    for (record, declared) in &changed {
        // The reader has the last word: what is put together must be a record like any other.
        let form = record.to_form(declared);
        Record::from_form(&form, declared).map_err(Problem::Record)?;
        let new = Body::of(record, declared).keep(record);
        let before = known.get(&new.employer_id);
        if before.is_some_and(|source| source.digest == new.digest) {
            continue;
        }
        versions.push(version(&id, &new, before.map_or(1, |source| source.version + 1), signature));
        keep.push(new);
    }
    if !validate_only {
        let detail = to_json(&succession)?;
        let mut tx = db.begin().await?;
        let row = records::add_intake(&mut tx, &id, "succession", signature, &detail).await?;
        // Read again where it is written: what the sum was made of must still be the newest, until it is kept.
        let now = records::lock(&mut tx, known.keys().map(String::as_str)).await?;
        for (employer_id, source) in &known {
            if now.get(employer_id).is_none_or(|(version, _)| *version != source.version) {
                return Err(Problem::Stale(What::Employer, employer_id.clone()));
            }
        }
        match records::add_chunk(&mut tx, &id, signature, &keep).await {
            Err(StoreError::Conflict) => {
                return Err(Problem::Stale(What::Employer, succession.predecessors.join(", ")));
            }
            other => drop(other?),
        }
        row.enter(&mut tx).await?;
        if let Some(request) = request {
            request.done(&mut tx, &id).await?;
        }
        tx.commit().await?;
    }
    Ok(Succeeded { id, succession, versions })
}

/// A kept succession by its id, for a request that is sent again and for explanations.
///
/// # Errors
///
/// Those of the database.
pub async fn kept(db: &Db, id: &str) -> Result<Option<Succession>, StoreError> {
    match records::intake(db, id).await? {
        Some(row) if row.kind == "succession" => serde_json::from_slice(&row.detail)
            .map(Some)
            .map_err(|why| StoreError::broken(format!("a succession: {why}"))),
        _ => Ok(None),
    }
}

struct Source {
    version: i64,
    digest: [u8; 32],
    record: Record,
    declared: Declared,
}

async fn source(db: &Db, id: &str) -> Result<Option<Source>, StoreError> {
    let Some((version, _, digest)) = records::employer(db, id).await? else { return Ok(None) };
    let Some((_, body)) = records::record(db, id, version).await? else {
        return Err(StoreError::broken(format!("version {version} of a record is missing")));
    };
    let (record, declared) = Body(body).record()?;
    Ok(Some(Source { version, digest, record, declared }))
}

fn version(succession: &str, new: &NewRecord, number: i64, signature: &str) -> Version {
    Version {
        employer_id: new.employer_id.clone(),
        version: number,
        region: new.region.clone(),
        digest: new.digest,
        origin: format!("succession:{succession}"),
        at: crate::store::Instant::now(),
        signature: signature.to_owned(),
    }
}

/// Checks what can be seen without the records; the day.
fn shape(s: &Succession) -> Result<Date, Problem> {
    let mut faults = Vec::new();
    let mut wrong = |holds: bool, field: &str, en: &str, zh: &str| {
        if !holds {
            faults.push(Field::new(field, "unknown_value", en, zh));
        }
    };
    let (from, to) = (s.predecessors.len(), s.successors.len());
    let counts = match s.kind {
        Kind::Merger => from >= 2 && to == 1,
        Kind::Split => from == 1 && to >= 2,
        Kind::Renaming => from == 1 && to <= 1,
        Kind::ClassChange | Kind::Move => from == 1 && to == 0,
    };
    wrong(
        counts,
        "predecessors",
        "expected several predecessors and one successor for a merger, one and several for a split, one and at most one for a renaming, one and none otherwise",
        "合并须有多个原单位和一个承继单位；分立须有一个原单位和多个承继单位；更名须有一个原单位、至多一个新编号；其余须只有一个单位",
    );
    let mut ids: Vec<&String> = s.predecessors.iter().collect();
    ids.sort();
    ids.dedup();
    wrong(ids.len() == from, "predecessors", "an employer stands there twice", "同一单位重复出现");
    let mut ids: Vec<&String> = s.successors.iter().collect();
    ids.sort();
    ids.dedup();
    wrong(ids.len() == to, "successors", "an employer stands there twice", "同一单位重复出现");
    let joins = matches!(s.kind, Kind::Merger | Kind::Split);
    wrong(
        joins == s.policy.is_some(),
        "policy",
        "a merger or split needs a policy, given here or stated by the plan; nothing else has one",
        "合并、分立须有处理方式（在此给出，或由办法规定）；其他情形不得给出",
    );
    wrong(
        s.kind != Kind::Split || s.policy != Some(Policy::MergeSum),
        "policy",
        "a split has nothing to sum: survivor_only or new_at_base",
        "分立无可合并：应为 survivor_only 或 new_at_base",
    );
    wrong(
        s.kind != Kind::Renaming || s.name.is_some() || to == 1,
        "name",
        "a renaming gives a new name, a new id, or both",
        "更名须给出新名称或新编号",
    );
    wrong(
        (s.kind == Kind::ClassChange) == s.risk_class.is_some(),
        "risk_class",
        "a class change gives the new class, and nothing else does",
        "类别变更须给出新类别；其他情形不得给出",
    );
    wrong(
        (s.kind == Kind::Move) == s.region.is_some(),
        "region",
        "a move gives the new pooling area, and nothing else does",
        "跨统筹区转移须给出新统筹地区；其他情形不得给出",
    );
    wrong(
        !s.reason.trim().is_empty(),
        "reason",
        "say why, with the document that shows it",
        "请说明理由及依据",
    );
    let date = s.date.parse::<Date>().ok();
    wrong(date.is_some(), "date", "expected a day like 2026-01-01", "应为日期，如 2026-01-01");
    match date {
        Some(date) if faults.is_empty() => Ok(date),
        _ => Err(Problem::Fields(faults)),
    }
}

type Changed = Vec<(Record, Declared)>;

/// The records as they are afterwards, and notes.
fn new_records(
    s: &Succession,
    date: Date,
    known: &BTreeMap<String, Source>,
) -> Result<(Changed, Vec<String>), Problem> {
    let missing = || Problem::NotFound(What::Employer, s.predecessors.join(", "));
    let first = known.get(&s.predecessors[0]).ok_or_else(missing)?;
    let as_id = |source: &Source, id: &str| {
        let mut record = source.record.clone();
        id.clone_into(&mut record.employer.id);
        (record, source.declared.clone())
    };
    // A successor that is not known yet starts from the first predecessor's name, area, industry and class.
    let own =
        |id: &str| known.get(id).map_or_else(|| (true, as_id(first, id)), |own| (false, as_id(own, id)));
    let at_base = |id: &str| {
        let (_, (mut record, declared)) = own(id);
        record.periods.clear();
        record.claims.clear();
        record.facts.clear();
        record.employer.prior = None;
        (record.employer.insured_since, record.employer.first_insured) = (date, date);
        (record, declared)
    };
    let mut notes = Vec::new();
    let changed = match (s.kind, s.policy) {
        (Kind::Merger, Some(policy)) => {
            let id = s.successors[0].as_str();
            let ended: Vec<&str> = s.predecessors.iter().map(String::as_str).filter(|p| *p != id).collect();
            notes.push(format!(
                "{} end on {date}: withdraw what is published for later days",
                ended.join(", ")
            ));
            match policy {
                Policy::NewAtBase => vec![at_base(id)],
                Policy::SurvivorOnly => {
                    let (new, record) = own(id);
                    if new {
                        let (en, zh) = (
                            "survivor_only needs a successor with a record of its own",
                            "survivor_only 要求承继单位已有记录",
                        );
                        return Err(Problem::field("successors[0]", "unknown_value", en, zh));
                    }
                    vec![record]
                }
                Policy::MergeSum => {
                    let (new, (survivor, mut declared)) = own(id);
                    let others: Vec<&Source> = s
                        .predecessors
                        .iter()
                        .filter(|p| p.as_str() != id)
                        .skip(usize::from(new))
                        .filter_map(|p| known.get(p))
                        .collect();
                    for other in &others {
                        declared.facts.extend(other.declared.facts.clone());
                        declared.values.extend(other.declared.values.clone());
                    }
                    let records: Vec<&Record> = others.iter().map(|o| &o.record).collect();
                    let (record, more) =
                        sum(&survivor, &records).map_err(|(en, zh)| Problem::NotMerged(en, zh))?;
                    notes.extend(more);
                    vec![(record, declared)]
                }
            }
        }
        (Kind::Split, policy) => {
            let mut out = Vec::new();
            for (at, id) in s.successors.iter().enumerate() {
                let keeps = at == 0 && policy == Some(Policy::SurvivorOnly);
                out.push(if keeps { as_id(first, id) } else { at_base(id) });
            }
            out
        }
        (Kind::Renaming, _) => {
            let id = s.successors.first().unwrap_or(&s.predecessors[0]);
            let (mut record, declared) = as_id(first, id);
            record.employer.name = s.name.clone().or(record.employer.name);
            if *id != s.predecessors[0] {
                notes.push(format!(
                    "{} goes on as {id}: withdraw what is published under the old id for later days",
                    s.predecessors[0]
                ));
            }
            vec![(record, declared)]
        }
        (Kind::ClassChange, _) => {
            let (mut record, declared) = as_id(first, &s.predecessors[0]);
            record.employer.risk_class = s.risk_class.map(RiskClass);
            vec![(record, declared)]
        }
        (Kind::Move | Kind::Merger, _) => {
            let (mut record, declared) = as_id(first, &s.predecessors[0]);
            record.employer.region.clone_from(&s.region);
            vec![(record, declared)]
        }
    };
    Ok((changed, notes))
}
