//! `RatingResult` with its charged rates and components.

use super::explanation;
use crate::exchange::results::{Charged, Component, DistanceRow, ResultRow};
use floatrate_proto::floatrate::v1;

/// The message of a result.
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
        portfolio,
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
        sensitivity,
    } = row;
    v1::RatingResult {
        employer_id,
        plan,
        plan_digest,
        input_digest,
        result_digest,
        engine_version: engine_version.into_owned(),
        rating_date,
        status: status.into_owned(),
        measures: measures.into_iter().collect(),
        portfolio: portfolio.into_iter().collect(),
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
        sensitivity: sensitivity.unwrap_or_default().into_iter().map(distance).collect(),
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

fn distance(distance: DistanceRow) -> v1::Distance {
    let DistanceRow { quantity, side, change, step, tier, rate } = distance;
    v1::Distance { quantity: quantity.into_owned(), side: side.into_owned(), change, step, tier, rate }
}
