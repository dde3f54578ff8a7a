//! A freeze: the plan's text and the pins that it holds fast, and the run that it drops.

use super::ground::Ground;
use super::run;
use super::said::{Frozen, Said};
use super::wrong;
use crate::determination::verify::misfit::Located;
use crate::determination::verify::{Fault, Misfit, Walk, texts};
use crate::store::ledger::{Entry, text, unhex};
use crate::store::tables::{audit_cycles, cycles};

pub(super) async fn frozen(
    walk: &mut Walk<'_>,
    entry: &Entry,
    before: Option<&Said>,
    said: &Said,
) -> Result<(), Fault> {
    let Some(frozen) = &said.frozen else { return Ok(()) };
    plan(walk, entry, said, frozen).await?;
    pins(walk, &said.id, frozen).await?;
    if frozen.dropped.is_empty() {
        return Ok(());
    }
    let Some(before) = before.filter(|before| before.frozen.is_some()) else {
        return Err(wrong(entry, "detail.frozen.dropped", &frozen.dropped, "none"));
    };
    let ground = Ground::of(walk, entry, before).await?;
    run::walked(walk, &ground, &frozen.dropped, None).await
}

async fn plan(walk: &mut Walk<'_>, entry: &Entry, said: &Said, frozen: &Frozen) -> Result<(), Fault> {
    let of = || format!("ledger {}", entry.seq);
    let Some(digest) = unhex(&frozen.plan_text) else {
        return Err(wrong(entry, "detail.frozen.plan_text", &frozen.plan_text, "a digest"));
    };
    let loaded = texts::kept(walk, &digest).await?;
    let loaded = loaded.ok_or_else(|| Misfit::missing("plan_text", text(&digest), &of()))?;
    let plan = loaded.plan().at("plan_text", || text(&digest))?;
    if plan.checked.id != said.plan {
        return Err(wrong(entry, "detail.plan", &said.plan, &plan.checked.id));
    }
    let made = text(&plan.digest);
    if made != frozen.plan_digest {
        return Err(wrong(entry, "detail.frozen.plan_digest", &frozen.plan_digest, made));
    }
    Ok(())
}

async fn pins(walk: &mut Walk<'_>, cycle: &str, frozen: &Frozen) -> Result<(), Fault> {
    let Frozen { number, employers, .. } = *frozen;
    let key = || format!("{cycle} freeze {number}");
    let count = audit_cycles::pin_count(walk.tx, cycle, number).await.at("pin", key)?;
    if count != employers {
        return Err(Misfit::differs("pin", key(), "", format!("{count} rows"), employers).into());
    }
    let digest = text(&cycles::pins_digest(walk.tx, cycle, number, employers).await.at("pin", key)?);
    if digest != frozen.pins_digest {
        // Which pin it is shows where it names no record.
        let odd = audit_cycles::odd_pin(walk.tx, cycle, number).await.at("pin", key)?;
        let key = odd.map_or_else(key, |ordinal| format!("{cycle} freeze {number} pin {ordinal}"));
        let found = format!("of rows of the digest {digest}");
        return Err(Misfit::differs("pin", key, "", found, &frozen.pins_digest).into());
    }
    walk.figures.pins += count;
    Ok(())
}
