//! A plan as JSON, part by part; documents for people are made in `paper`.

use crate::outline::sections;
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::receipt::Digest;
use serde_json::{Value, json};

/// A plan for programs.
pub(super) fn json(plan: &Plan) -> Value {
    let p = &plan.checked;
    let mut out = serde_json::Map::new();
    out.insert("id".into(), json!(p.id));
    out.insert("title".into(), json!({"zh": p.title.zh, "en": p.title.en}));
    out.insert("region".into(), json!(p.region));
    out.insert("status".into(), json!(p.status.name()));
    out.insert("extends".into(), json!(p.parents));
    out.insert("rating_dates".into(), json!(p.rating.is_some().then(|| p.schedule())));
    out.insert("digest".into(), json!(Digest(plan.digest).to_string()));
    for (name, rows) in sections(plan, Lang::En) {
        let rows = rows.into_iter().map(|(what, how, cites)| json!({"name": what, "is": how, "cite": cites}));
        out.insert(name.into(), rows.collect());
    }
    Value::Object(out)
}
