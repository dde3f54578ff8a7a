//! A plan for people and as JSON.

use crate::outline::sections;
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::receipt::Digest;
use serde_json::{Value, json};
use std::fmt::Write;

/// A plan for people.
pub(super) fn text(plan: &Plan, lang: Lang) -> String {
    let p = &plan.checked;
    let mut out = format!("{}  {}\n", p.id, p.title.pick(lang));
    let _ = writeln!(out, "status: {}; region: {}; currency: {}", p.status.name(), p.region, p.currency);
    let _ = writeln!(out, "rating dates: {}; extends: {}", p.schedule(), p.parents.join(", "));
    let _ = writeln!(out, "digest: {}", Digest(plan.digest));
    for document in &p.documents {
        let number = document.number.as_deref().unwrap_or("");
        let copy = if document.official { "" } else { " (a copy, not the official text)" };
        let _ = writeln!(out, "source {}: {} {number}{copy}", document.name.text, document.title.pick(lang));
    }
    for (name, rows) in sections(plan, lang) {
        if rows.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n{name}");
        for (what, how, cites) in rows {
            let _ = writeln!(out, "  {what}: {how}  [{cites}]");
        }
    }
    out
}

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
