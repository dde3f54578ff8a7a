//! The rows that say what is newest of cycles, against the newest entries, and rows that no entry accounts for.

use super::ground::Ground;
use super::run;
use super::{Known, Newest, decision};
use crate::determination::verify::misfit::Located;
use crate::determination::verify::{Fault, Misfit, PAGE, Walk};
use crate::store::Instant;
use crate::store::ledger::Entry;
use crate::store::tables::audit_cycles;
use crate::store::tables::cycles::{self, Kept};
use floatrate_engine::record::Date;

/// Every row.
pub(in crate::determination::verify) async fn rest(walk: &mut Walk<'_>) -> Result<(), Fault> {
    let mut after = String::new();
    loop {
        let page = cycles::page(&mut *walk.tx, &after, None, "", PAGE).await;
        let page = page.at("cycle", || format!("after {after}"))?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.id);
        for row in &page {
            cycle(walk, row).await?;
        }
    }
    decisions(walk, None).await?;
    if let Some((id, known)) = walk.cycles.known.pop_first() {
        return Err(Misfit::missing("cycle", id, &format!("ledger {}", known.seq)).into());
    }
    stray(walk).await
}

/// The rows of one cycle; whether anything tells of it.
pub(in crate::determination::verify) async fn rest_of(walk: &mut Walk<'_>, id: &str) -> Result<bool, Fault> {
    match cycles::one(&mut *walk.tx, id).await.at("cycle", || id.to_owned())? {
        Some(row) => cycle(walk, &row).await?,
        None => {
            let Some(known) = walk.cycles.known.get(id) else { return Ok(false) };
            return Err(Misfit::missing("cycle", id, &format!("ledger {}", known.seq)).into());
        }
    }
    decisions(walk, Some(id)).await?;
    Ok(true)
}

/// A row of the table of cycles, its freezes, and the run that it is in.
async fn cycle(walk: &mut Walk<'_>, row: &Kept) -> Result<(), Fault> {
    let Some(known) = walk.cycles.known.remove(&row.id) else {
        return Err(Misfit::stray("cycle", &row.id).into());
    };
    fits(row, &known)?;
    freezes(walk, &row.id, known.said.frozen.as_ref().map_or(0, |frozen| frozen.number)).await?;
    let differs = |field: &str, found: String, expected: String| {
        Fault::from(Misfit::differs("cycle", &row.id, field, found, expected))
    };
    let said = &known.said;
    match (&said.rated, &said.frozen) {
        (Some(rated), _) if row.batch != rated.batch => {
            return Err(differs("batch", row.batch.clone(), rated.batch.clone()));
        }
        (None, None) if !row.batch.is_empty() => {
            return Err(differs("batch", row.batch.clone(), "none".to_owned()));
        }
        (None, Some(_)) if !row.batch.is_empty() => {
            if walk.cycles.runs.contains_key(&row.batch) {
                let expected = "that of a run that did not end".to_owned();
                return Err(differs("batch", row.batch.clone(), expected));
            }
            let ground = Ground::of(walk, &entry(&known), said).await?;
            run::walked(walk, &ground, &row.batch, None).await?;
        }
        _ => {}
    }
    let done = walk.cycles.runs.get(&row.batch).map_or(0, |run| run.pin);
    if row.done != done {
        return Err(differs("done", row.done.to_string(), done.to_string()));
    }
    walk.figures.cycles += 1;
    Ok(())
}

/// The newest entry, as far as a fault names it.
fn entry(known: &Known) -> Entry {
    Entry {
        seq: known.seq,
        at: Instant(0),
        kind: String::new(),
        subject: known.said.id.clone(),
        signature: String::new(),
        detail: Vec::new(),
        digest: [0; 32],
    }
}

fn fits(row: &Kept, known: &Known) -> Result<(), Misfit> {
    let said = &known.said;
    let day = said.rating_date.parse::<Date>().map_or(0, Date::day_number).to_string();
    for (field, found, expected) in [
        ("seq", row.seq.to_string(), known.seq.to_string()),
        ("region", row.region.clone(), said.region.clone()),
        ("rating_day", row.rating_day.to_string(), day),
        ("state", row.state.clone(), said.state.clone()),
    ] {
        if found != expected {
            return Err(Misfit::differs("cycle", &row.id, field, found, expected));
        }
    }
    if *blake3::hash(&row.body).as_bytes() != known.body {
        let expected = "what the newest step says";
        return Err(Misfit::differs("cycle", &row.id, "body", "something else", expected));
    }
    Ok(())
}

/// No freeze that no entry tells of.
async fn freezes(walk: &mut Walk<'_>, cycle: &str, last: i64) -> Result<(), Fault> {
    let mut after = i64::MIN;
    loop {
        let next = audit_cycles::next_freeze(walk.tx, (cycle, after)).await;
        match next.at("pin", || cycle.to_owned())? {
            Some((id, freeze)) if id == cycle => {
                if !(1..=last).contains(&freeze) {
                    return Err(Misfit::stray("pin", format!("{cycle} freeze {freeze}")).into());
                }
                after = freeze;
            }
            _ => return Ok(()),
        }
    }
}

/// The rows of decisions against the entries, of one cycle or of all. Both are in one order.
pub(super) async fn decisions(walk: &mut Walk<'_>, only: Option<&str>) -> Result<(), Fault> {
    let (tx, cycles) = (&mut *walk.tx, &walk.cycles);
    let wanted = |id: &str| only.is_none_or(|only| id == only);
    let mut known = cycles.decisions.iter().filter(|((id, _), _)| wanted(id)).peekable();
    let missing = |(key, newest): (&(String, String), &Newest)| {
        Misfit::missing("decision", format!("{} {}", key.0, key.1), &format!("ledger {}", newest.seq))
    };
    let mut after = (only.unwrap_or_default().to_owned(), String::new());
    'pages: loop {
        let page = audit_cycles::decisions_after(tx, (&after.0, &after.1), PAGE).await;
        let page = page.at("decision", || format!("after {} {}", after.0, after.1))?;
        let Some(last) = page.last() else { break };
        after = (last.cycle.clone(), last.employer_id.clone());
        for row in page {
            if !wanted(&row.cycle) {
                break 'pages;
            }
            let key = (row.cycle.clone(), row.employer_id.clone());
            if let Some(skipped) = known.next_if(|(known, _)| **known < key) {
                return Err(missing(skipped).into());
            }
            let newest = known.next_if(|(known, _)| **known == key);
            decision(&row, newest.map(|(_, newest)| newest))?;
        }
    }
    known.next().map_or(Ok(()), |skipped| Err(missing(skipped).into()))
}

/// Pins, chunks and items of what no entry tells of. Each question jumps to the next freeze or batch.
async fn stray(walk: &mut Walk<'_>) -> Result<(), Fault> {
    let mut after = (String::new(), i64::MIN);
    while let Some((id, freeze)) =
        audit_cycles::next_freeze(walk.tx, (&after.0, after.1)).await.at("pin", String::new)?
    {
        if cycles::one(&mut *walk.tx, &id).await.at("cycle", || id.clone())?.is_none() {
            return Err(Misfit::stray("pin", format!("{id} freeze {freeze}")).into());
        }
        after = (id, i64::MAX);
    }
    let mut batch = String::new();
    while let Some(next) = audit_cycles::next_run(walk.tx, &batch).await.at("run_chunk", String::new)? {
        if !walk.cycles.runs.contains_key(&next) {
            return Err(Misfit::stray("run_chunk", next).into());
        }
        batch = next;
    }
    batch.clear();
    while let Some(next) = audit_cycles::next_items(walk.tx, &batch).await.at("review_item", String::new)? {
        if !walk.cycles.runs.contains_key(&next) {
            return Err(Misfit::stray("review_item", next).into());
        }
        batch = next;
    }
    Ok(())
}
