//! `Determination`, `Difference` and `Objection`.

use super::rating_result;
use crate::determination::objection::{Objection, Standing};
use crate::determination::{Detail, Difference, Made};
use crate::store::tables::determinations::Published;
use crate::store::{StoreError, day, ledger};
use floatrate_proto::floatrate::v1;
use serde_json::Value;

/// The message of a published determination; what it supersedes is the caller's to know.
///
/// # Errors
///
/// What is kept is not what it should be.
pub fn determination(
    published: &Published,
    detail: &Detail,
    region: &str,
    supersedes: &str,
) -> Result<v1::Determination, StoreError> {
    let kept = &published.kept;
    Ok(v1::Determination {
        id: published.id(),
        result: serde_json::from_slice::<Value>(&kept.result).ok().as_ref().map(result),
        record_version: kept.record_version,
        from: day(kept.from_day)?.to_string(),
        until: day(kept.until_day)?.to_string(),
        cause: detail.cause.clone(),
        note: detail.note.clone(),
        published_at: published.at.rfc3339(),
        published_by: published.signature.clone(),
        position: published.position,
        supersedes: supersedes.to_owned(),
        withdraws: detail.withdraws.clone(),
        ledger_head: ledger::text(&published.head),
        illustrative_reason: detail.illustrative.clone(),
        region: (!region.is_empty()).then(|| region.to_owned()),
    })
}

/// The message of a determination that was only checked.
#[must_use]
pub fn made(made: Made) -> v1::Determination {
    v1::Determination {
        id: made.id,
        record_version: made.record_version,
        from: made.from.to_string(),
        until: made.until.to_string(),
        cause: made.detail.cause,
        note: made.detail.note,
        illustrative_reason: made.detail.illustrative,
        region: (!made.region.is_empty()).then_some(made.region),
        result: Some(rating_result(made.row)),
        ..v1::Determination::default()
    }
}

/// The message of a kept result line.
fn result(line: &Value) -> v1::RatingResult {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let optional = |name: &str| line[name].as_str().map(str::to_owned);
    let map = |name: &str| {
        let entries = line[name].as_object().into_iter().flatten();
        entries.map(|(k, v)| (k.clone(), v.as_str().unwrap_or_default().to_owned())).collect()
    };
    let rows = |name: &str| line[name].as_array().cloned().unwrap_or_default();
    let texts = |name: &str| rows(name).iter().filter_map(|v| v.as_str().map(str::to_owned)).collect();
    let field = |row: &Value, name: &str| row[name].as_str().unwrap_or_default().to_owned();
    v1::RatingResult {
        employer_id: text("employer_id"),
        plan: text("plan"),
        plan_digest: text("plan_digest"),
        input_digest: text("input_digest"),
        result_digest: text("result_digest"),
        engine_version: text("engine_version"),
        rating_date: text("rating_date"),
        status: text("status"),
        measures: map("measures"),
        risk_class: line["risk_class"].as_i64().and_then(|n| i32::try_from(n).ok()),
        base_rate: optional("base_rate"),
        step: line["step"].as_i64().unwrap_or_default(),
        tier: optional("tier"),
        rate: optional("rate"),
        unlimited_rate: optional("unlimited_rate"),
        charged: rows("charged")
            .iter()
            .map(|row| v1::ChargedRate { from: field(row, "from"), rate: field(row, "rate") })
            .collect(),
        components: rows("components")
            .iter()
            .map(|row| v1::Component {
                from: field(row, "from"),
                step: row["step"].as_i64().unwrap_or_default(),
            })
            .collect(),
        reasons: texts("reasons"),
        flags: texts("flags"),
        assumed: texts("assumed"),
        explanation: None,
        sensitivity: Vec::new(),
        portfolio: map("portfolio"),
    }
}

/// The message of a difference.
#[must_use]
pub fn difference(difference: Difference) -> v1::Difference {
    let Difference { path, before, after } = difference;
    v1::Difference { path, before, after }
}

/// The message of an objection.
#[must_use]
pub fn objection(standing: Standing) -> v1::Objection {
    let Standing { objection, etag } = standing;
    let Objection {
        id,
        determination_id,
        employer_id,
        region: _,
        state,
        filed_on,
        file_by,
        late,
        accept_late: _,
        decide_by,
        uncertain_years,
        reason,
        filed_by,
        decision_reason,
        decided_by,
        redetermination_id,
    } = objection;
    v1::Objection {
        id,
        determination_id,
        employer_id,
        state,
        filed_on,
        file_by,
        late,
        decide_by,
        reason,
        decision_reason,
        redetermination_id,
        etag,
        uncertain_years,
        filed_by,
        decided_by,
    }
}
