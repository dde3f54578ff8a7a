//! `RatingResult` with its charged rates and components.

use super::explanation;
use crate::exchange::results::{Charged, Component, ResultRow};
use floatrate_proto::floatrate::v1;

/// The message of a result. The distances to the neighbouring tiers are the caller's to add.
#[must_use]
pub fn rating_result(row: ResultRow) -> v1::RatingResult {
    let ResultRow {
        employer_id,
        plan,
        plan_digest,
        input_digest,
        result_digest,
        engine_version,
        rating_date,
        status,
        measures,
        risk_class,
        base_rate,
        step,
        tier,
        rate,
        unlimited_rate,
        charged,
        components,
        reasons,
        flags,
        assumed,
        explanation,
    } = row;
    v1::RatingResult {
        employer_id,
        plan,
        plan_digest,
        input_digest,
        result_digest,
        engine_version: engine_version.to_owned(),
        rating_date,
        status: status.to_owned(),
        measures: measures.into_iter().collect(),
        risk_class: risk_class.map(i32::from),
        base_rate,
        step,
        tier,
        rate,
        unlimited_rate,
        charged: charged.into_iter().map(charged_rate).collect(),
        components: components.into_iter().map(component).collect(),
        reasons,
        flags,
        assumed,
        explanation: explanation.map(explanation::explanation),
        sensitivity: None,
    }
}

fn charged_rate(charged: Charged) -> v1::ChargedRate {
    let Charged { from, rate } = charged;
    v1::ChargedRate { from, rate }
}

fn component(component: Component) -> v1::Component {
    let Component { from, step } = component;
    v1::Component { from, step }
}
