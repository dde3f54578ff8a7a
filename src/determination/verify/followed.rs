//! What follows from entries: objections as they stand, cursors of consumers, and what they refused.

use super::chain::detail;
use super::misfit::Located;
use super::{Fault, Misfit, PAGE, Walk};
use crate::determination::objection::Objection;
use crate::store::ledger::{Entry, Kind};
use crate::store::tables::collection::{self, AcknowledgedEntry, Refusal, ResolvedEntry};
use crate::store::tables::objections;
use std::collections::BTreeMap;

/// What entries say so far.
#[derive(Default)]
pub(super) struct Followed {
    /// Of each objection the newest entry, and the digest of what it says.
    objections: BTreeMap<String, (i64, [u8; 32])>,
    cursors: BTreeMap<String, i64>,
    refusals: BTreeMap<(String, i64), Refusal>,
}

impl Followed {
    pub(super) fn entry(&mut self, kind: Kind, entry: &Entry) -> Result<(), Fault> {
        match kind {
            Kind::Acknowledged => self.acknowledged(entry),
            Kind::Resolved => self.resolved(entry),
            Kind::Objected | Kind::Upheld | Kind::Rejected | Kind::Redetermined => {
                self.objection(kind, entry)
            }
            // These are told of elsewhere.
            Kind::Intake | Kind::Recorded | Kind::Ended | Kind::Published | Kind::Cycle | Kind::Decided => {
                Ok(())
            }
        }
    }

    fn acknowledged(&mut self, entry: &Entry) -> Result<(), Fault> {
        let AcknowledgedEntry { before, cursor, refused } = detail(entry)?;
        let known = self.cursors.insert(entry.subject.clone(), cursor).unwrap_or(0);
        if before != known {
            return Err(wrong(entry, "detail.before", before, known));
        }
        for one in refused {
            let refusal = Refusal {
                consumer: entry.subject.clone(),
                position: one.position,
                reason: one.reason,
                at: entry.at,
                resolution: String::new(),
                resolved_by: String::new(),
            };
            if self.refusals.insert((entry.subject.clone(), one.position), refusal).is_some() {
                let found = format!("{} a second time", one.position);
                return Err(wrong(entry, "detail.refused", found, "each position once"));
            }
        }
        Ok(())
    }

    fn resolved(&mut self, entry: &Entry) -> Result<(), Fault> {
        let ResolvedEntry { position, resolution } = detail(entry)?;
        match self.refusals.get_mut(&(entry.subject.clone(), position)) {
            Some(refusal) if refusal.resolution.is_empty() => {
                refusal.resolution = resolution;
                refusal.resolved_by.clone_from(&entry.signature);
                Ok(())
            }
            _ => {
                Err(wrong(entry, "detail.position", position, "a position that was refused and not resolved"))
            }
        }
    }

    fn objection(&mut self, kind: Kind, entry: &Entry) -> Result<(), Fault> {
        let state = match kind {
            Kind::Objected => "filed",
            other => other.name(),
        };
        let says: Objection = detail(entry)?;
        if says.state != state {
            return Err(wrong(entry, "detail.state", says.state, state));
        }
        let digest = *blake3::hash(&entry.detail).as_bytes();
        self.objections.insert(entry.subject.clone(), (entry.seq, digest));
        Ok(())
    }
}

fn wrong(
    entry: &Entry,
    field: &str,
    found: impl std::fmt::Display,
    expected: impl std::fmt::Display,
) -> Fault {
    Misfit::differs("ledger", entry.seq.to_string(), field, found, expected).into()
}

pub(super) async fn compare(walk: &mut Walk<'_>) -> Result<(), Fault> {
    let Followed { mut objections, mut cursors, mut refusals } = std::mem::take(&mut walk.followed);
    let mut after = String::new();
    loop {
        let page = objections::page(&mut *walk.tx, &after, None, "", "", PAGE).await;
        let page = page.at("objection", || format!("after {after}"))?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for row in &page {
            objection(row, objections.remove(&row.id))?;
            walk.figures.objections += 1;
        }
    }
    if let Some((id, (seq, _))) = objections.pop_first() {
        return Err(Misfit::missing("objection", id, &format!("ledger {seq}")).into());
    }
    for (name, position) in collection::consumers(walk.tx).await.at("consumer", String::new)? {
        match cursors.remove(&name) {
            Some(known) if known == position => walk.figures.consumers += 1,
            Some(known) => return Err(Misfit::differs("consumer", name, "position", position, known).into()),
            None => return Err(Misfit::stray("consumer", name).into()),
        }
    }
    if let Some((name, _)) = cursors.pop_first() {
        return Err(Misfit::missing("consumer", name, "an acknowledgement").into());
    }
    let mut after = (String::new(), 0);
    loop {
        let page = collection::refusals(&mut *walk.tx, (&after.0, after.1), true, PAGE).await;
        let page = page.at("refusal", || format!("after {} {}", after.0, after.1))?;
        let Some(last) = page.last() else { break };
        after = (last.consumer.clone(), last.position);
        for row in page {
            let known = refusals.remove(&(row.consumer.clone(), row.position));
            refusal(&row, known.as_ref())?;
            walk.figures.refusals += 1;
        }
    }
    match refusals.pop_first() {
        Some(((consumer, position), _)) => {
            Err(Misfit::missing("refusal", format!("{consumer} {position}"), "an acknowledgement").into())
        }
        None => Ok(()),
    }
}

fn objection(row: &objections::Kept, known: Option<(i64, [u8; 32])>) -> Result<(), Fault> {
    let Some((seq, digest)) = known else { return Err(Misfit::stray("objection", &row.id).into()) };
    let differs = |field: &str, found: &str, expected: &str| {
        Err(Misfit::differs("objection", &row.id, field, found, expected).into())
    };
    if row.seq != seq {
        return differs("seq", &row.seq.to_string(), &seq.to_string());
    }
    if *blake3::hash(&row.body).as_bytes() != digest {
        return differs("body", "something else", &format!("what ledger {seq} says"));
    }
    let says: Objection = serde_json::from_slice(&row.body)
        .map_err(|why| Misfit::new("objection", &row.id, "body", &why.to_string(), &why.to_string()))?;
    for (field, found, expected) in [
        ("id", &row.id, &says.id),
        ("employer_id", &row.employer_id, &says.employer_id),
        ("region", &row.region, &says.region),
        ("state", &row.state, &says.state),
    ] {
        if found != expected {
            return differs(field, found, expected);
        }
    }
    Ok(())
}

fn refusal(row: &Refusal, known: Option<&Refusal>) -> Result<(), Fault> {
    let key = format!("{} {}", row.consumer, row.position);
    let Some(known) = known else { return Err(Misfit::stray("refusal", key).into()) };
    for (field, found, expected) in [
        ("reason", row.reason.clone(), known.reason.clone()),
        ("at_us", row.at.0.to_string(), known.at.0.to_string()),
        ("resolution", row.resolution.clone(), known.resolution.clone()),
        ("resolved_by", row.resolved_by.clone(), known.resolved_by.clone()),
    ] {
        if found != expected {
            return Err(Misfit::differs("refusal", key, field, found, expected).into());
        }
    }
    Ok(())
}
