//! `PlanChange` with its witness.

use crate::exchange::json::to_json;
use floatrate_engine::Bilingual;
use floatrate_engine::diff::{Change, Side, Witness};
use floatrate_engine::number::Decimal;
use floatrate_engine::record::Declared;
use floatrate_proto::floatrate::v1;

/// The message of a change; `declared` says how the facts of its record are written.
#[must_use]
pub fn plan_change(change: &Change, declared: &Declared) -> v1::PlanChange {
    v1::PlanChange {
        section: change.section.to_owned(),
        name: change.name.clone(),
        field: change.field.clone(),
        kind: change.kind.name().to_owned(),
        old: change.old.as_ref().map(both),
        new: change.new.as_ref().map(both),
        says: Some(both(&change.says)),
        cites: change.cites.clone(),
        effect: change.effect.name().to_owned(),
        witness: change.effect.witness().map(|w| witness(w, declared)),
    }
}

fn both(text: &Bilingual) -> v1::BilingualText {
    v1::BilingualText { zh: text.zh.clone(), en: text.en.clone() }
}

fn witness(witness: &Witness, declared: &Declared) -> v1::PlanWitness {
    v1::PlanWitness {
        from: Some(both(&witness.from)),
        rating_date: witness.rating_date.to_string(),
        record: to_json(&witness.record.to_form(declared)).to_string(),
        alone: witness.alone,
        before: Some(outcome(&witness.before)),
        after: Some(outcome(&witness.after)),
    }
}

fn outcome(side: &Side) -> v1::PlanOutcome {
    let text = |d: Option<Decimal>| d.map(|d| d.to_string());
    let verdict = &side.outcome.verdict;
    let charged = side.outcome.charged.iter();
    v1::PlanOutcome {
        status: verdict.status.name().to_owned(),
        step: verdict.step,
        risk_class: verdict.risk_class.map(i32::from),
        tier: text(verdict.tier),
        unlimited_rate: text(verdict.unlimited_rate),
        rate: text(verdict.rate),
        charged: charged
            .map(|(from, rate)| v1::ChargedRate { from: from.to_string(), rate: rate.to_string() })
            .collect(),
        reasons: side.reasons.clone(),
    }
}
