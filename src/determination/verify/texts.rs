//! Plan texts: each is what its digest says, and holds the plan that its row names.

use super::misfit::Located;
use super::{Fault, Misfit, Walk};
use crate::determination::plan_text::PlanText;
use crate::determination::raters::Loaded;
use crate::store::ledger::text;
use crate::store::tables::{audit, determinations};
use std::sync::Arc;

pub(super) async fn walk(walk: &mut Walk<'_>) -> Result<(), Fault> {
    for digest in audit::plan_text_digests(walk.tx).await.at("plan_text", String::new)? {
        if kept(walk, &digest).await?.is_none() {
            return Err(Misfit::missing("plan_text", text(&digest), "the list of texts").into());
        }
        walk.figures.plan_texts += 1;
    }
    Ok(())
}

/// The plan of a kept text; None where there is no such text. Memory holds some; the others are read and loaded again.
pub(super) async fn kept(walk: &mut Walk<'_>, digest: &[u8; 32]) -> Result<Option<Arc<Loaded>>, Fault> {
    if let Some(loaded) = walk.raters.peek(digest) {
        return Ok(Some(loaded));
    }
    let key = || text(digest);
    let row = determinations::plan_text(&mut *walk.tx, digest).await.at("plan_text", key)?;
    let Some((plan, body)) = row else { return Ok(None) };
    let made = PlanText::digest_of(&body);
    if made != *digest {
        return Err(Misfit::differs("plan_text", key(), "body", text(&made), key()).into());
    }
    let loaded = walk.raters.of_text(&PlanText { plan: plan.clone(), digest: *digest, body });
    let loaded = loaded.at("plan_text", key)?;
    match loaded.plan() {
        Ok(held) if held.checked.id == plan => Ok(Some(loaded)),
        _ => {
            let (en, zh) = (
                format!("is {plan}, which the text does not hold"),
                format!("为 {plan}，但文本中没有此办法"),
            );
            Err(Misfit::new("plan_text", key(), "plan", &en, &zh).into())
        }
    }
}
