//! `Plan`.

use crate::outline::sections;
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::receipt::Digest;
use floatrate_proto::floatrate::v1;

/// A plan without its sections, as a list shows it.
#[must_use]
pub fn plan_head(plan: &Plan) -> v1::Plan {
    let checked = &plan.checked;
    v1::Plan {
        id: checked.id.clone(),
        region: checked.region.clone(),
        status: checked.status.name().to_owned(),
        title: Some(v1::BilingualText { zh: checked.title.zh.clone(), en: checked.title.en.clone() }),
        rating_dates: checked.rating.is_some().then(|| checked.schedule()),
        digest: Digest(plan.digest).to_string(),
        extends: checked.parents.clone(),
        sections: Vec::new(),
    }
}

/// A plan with its sections, clauses and titles in `lang`.
#[must_use]
pub fn plan(plan: &Plan, lang: Lang) -> v1::Plan {
    let section = |(name, parts): (&str, Vec<crate::outline::Part>)| v1::PlanSection {
        name: name.to_owned(),
        parts: parts.into_iter().map(|(name, is, cite)| v1::PlanPart { name, is, cite }).collect(),
    };
    v1::Plan { sections: sections(plan, lang).into_iter().map(section).collect(), ..plan_head(plan) }
}
