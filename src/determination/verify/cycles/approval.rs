//! An approval: what persons decided joins what the rules gave, item by item, and the batch is what was approved.

use super::ground::{Fact, Ground};
use super::rest::decisions;
use super::said::{Decided, Said};
use super::wrong;
use crate::determination::ByHand;
use crate::determination::verify::misfit::Located;
use crate::determination::verify::published;
use crate::determination::verify::{Fault, Misfit, PAGE, Walk};
use crate::store::ledger::{Entry, text};
use crate::store::tables::determinations::{BATCH_DIGEST, Kept, digest_of, id};
use crate::store::tables::runs::{self, Decision, Item};
use std::collections::VecDeque;

/// What a determination has to say that follows a decision.
#[derive(Debug, PartialEq, Eq)]
struct Settled {
    employer_id: String,
    version: i64,
    by_hand: Option<ByHand>,
}

/// The items of a run in order, with what they come to.
struct Items<'i> {
    entry: &'i Entry,
    cycle: &'i str,
    batch: &'i str,
    after: i64,
    ahead: VecDeque<Settled>,
    by_hand: i64,
    left_out: i64,
}

pub(super) async fn approved(walk: &mut Walk<'_>, entry: &Entry, said: &Said) -> Result<(), Fault> {
    let (Some(rated), Some(approved)) = (&said.rated, &said.approved) else {
        return Err(wrong(entry, "detail.approved", "not there", "an approval"));
    };
    // The rows of decisions are read below: first they are held against the entries.
    decisions(walk, Some(&said.id)).await?;
    let ground = Ground::of(walk, entry, said).await?;
    let batch = rated.batch.as_str();
    let chunks = published::chunks(walk, batch, Some(approved.determinations)).await?;
    let walked = walk.cycles.walked(batch).unwrap_or(0);
    let mut items =
        Items { entry, cycle: &said.id, batch, after: 0, ahead: VecDeque::new(), by_hand: 0, left_out: 0 };
    let mut place = walk.cycles.runs.get(batch).map_or(0, |run| run.ordinal);
    for chunk in chunks.iter().filter(|chunk| chunk.number > walked) {
        let mut facts = Vec::new();
        let each = &mut |row: &Kept| {
            facts.push(ground.determination(batch, row)?);
            Ok(())
        };
        published::rows(walk, batch, chunk, true, each).await?;
        for fact in facts {
            place += 1;
            match items.next(walk).await? {
                Some(settled) => agree(&fact, &settled)?,
                None => return Err(Misfit::stray("determination", id(batch, place)).into()),
            }
        }
    }
    if let Some(settled) = items.next(walk).await? {
        let of = format!("the decision on {}", settled.employer_id);
        return Err(Misfit::missing("determination", id(batch, place + 1), &of).into());
    }
    for (field, found, expected) in [
        ("detail.approved.by_hand", approved.by_hand, items.by_hand),
        ("detail.approved.left_out", approved.left_out, items.left_out),
    ] {
        if found != expected {
            return Err(wrong(entry, field, found, expected));
        }
    }
    let digest = text(&digest_of(BATCH_DIGEST, chunks.iter().map(|chunk| &chunk.digest)));
    if digest != approved.digest {
        let found = format!("chunks of the digest {digest}");
        return Err(Misfit::differs("chunk", batch, "digest", found, &approved.digest).into());
    }
    if let Some(run) = walk.cycles.runs.get_mut(batch) {
        (run.chunk, run.ordinal) = (chunks.last().map_or(run.chunk, |chunk| chunk.number), place);
    }
    Ok(())
}

impl Items<'_> {
    /// The next item that comes to a determination.
    async fn next(&mut self, walk: &mut Walk<'_>) -> Result<Option<Settled>, Fault> {
        while self.ahead.is_empty() {
            let wanted = runs::Wanted { after: self.after, ..runs::Wanted::default() };
            let page = runs::items(&mut *walk.tx, self.cycle, self.batch, wanted, PAGE).await;
            let page = page.at("review_item", || format!("{} after {}", self.batch, self.after))?;
            let Some((last, _)) = page.last() else { return Ok(None) };
            self.after = last.ordinal;
            for (item, decision) in &page {
                let settled = settled(item, decision).map_err(|state| {
                    let found = format!("the approval of {}, which is {state}", item.employer_id);
                    wrong(self.entry, "detail.approved", found, "one of what is resolved")
                })?;
                match settled {
                    None => self.left_out += 1,
                    Some(settled) => {
                        self.by_hand += i64::from(settled.by_hand.is_some());
                        self.ahead.push_back(settled);
                    }
                }
            }
        }
        Ok(self.ahead.pop_front())
    }
}

/// What an item comes to; None where it is left out, and the state of one that is not resolved.
fn settled(item: &Item, decision: &Decision) -> Result<Option<Settled>, String> {
    if decision.state != "resolved" {
        return Err(decision.state.clone());
    }
    let said: Decided = serde_json::from_slice(&decision.body).map_err(|why| why.to_string())?;
    Ok((said.choice != "leave_out").then(|| Settled {
        employer_id: item.employer_id.clone(),
        version: said.version.max(item.record_version),
        by_hand: said.by_hand(),
    }))
}

/// Whether a determination says what was decided.
fn agree(fact: &Fact, settled: &Settled) -> Result<(), Misfit> {
    if fact.employer_id != settled.employer_id {
        return Err(fact.differs("employer_id", &fact.employer_id, &settled.employer_id));
    }
    if fact.version != settled.version {
        return Err(fact.differs("record_version", fact.version, settled.version));
    }
    if fact.by_hand != settled.by_hand {
        let shown = |by_hand: &Option<ByHand>| match by_hand {
            None => "by the rules".to_owned(),
            Some(b) => format!("step {} by {} and {}: {}", b.step, b.proposed_by, b.agreed_by, b.reason),
        };
        return Err(fact.differs("detail.by_hand", shown(&fact.by_hand), shown(&settled.by_hand)));
    }
    Ok(())
}
