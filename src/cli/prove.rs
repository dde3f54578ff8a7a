//! The findings of the proofs, for people and as JSON.

use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::{Catalog, Plan};
use floatrate_engine::proof::{Finding, Guarantee, Report, Verdict};
use serde_json::{Value, json};
use std::fmt::Write;

/// One line a plan: how many claims are proved, refuted and undecided, and on what that rests.
pub(super) fn summary(report: &Report, lang: Lang) -> String {
    let (proved, refuted, undecided) = report.counts();
    if report.findings.is_empty() {
        return match lang {
            Lang::En => "nothing to prove: it rates nobody by itself".to_owned(),
            Lang::Zh => "无须证明：该办法本身不核定任何单位".to_owned(),
        };
    }
    let exact = report.findings.iter().all(|f| matches!(f.verdict, Verdict::Proved(Guarantee::Exact)));
    match (lang, exact) {
        (Lang::En, true) => format!("proved, exactly: {proved} claims"),
        (Lang::Zh, true) => format!("已精确证明全部{proved}项"),
        (Lang::En, false) => format!("{proved} claims proved, {refuted} refuted, {undecided} undecided"),
        (Lang::Zh, false) => format!("{proved}项已证明，{refuted}项被推翻，{undecided}项未定"),
    }
}

/// Every claim in words; without `all` only those that are not proved exactly.
pub(super) fn claims(plan: &Plan, report: &Report, all: bool, lang: Lang) -> String {
    let mut out = String::new();
    for Finding { claim, verdict } in &report.findings {
        let (word, why) = match (verdict, lang) {
            (Verdict::Proved(Guarantee::Exact), _) if !all => continue,
            (Verdict::Proved(guarantee), Lang::En) => ("proved", guarantee.says(lang).to_owned()),
            (Verdict::Proved(guarantee), Lang::Zh) => ("已证明", guarantee.says(lang).to_owned()),
            (Verdict::Refuted(refutation), Lang::En) => {
                ("REFUTED", format!("error[{}]", refutation.diagnostic.code))
            }
            (Verdict::Refuted(refutation), Lang::Zh) => {
                ("被推翻", format!("error[{}]", refutation.diagnostic.code))
            }
            (Verdict::Undecided(why), Lang::En) => ("UNDECIDED", why.clone()),
            (Verdict::Undecided(why), Lang::Zh) => ("未定", why.clone()),
        };
        let _ = writeln!(out, "  {word:<9}  {}  ({why})", claim.says(&plan.checked, lang));
    }
    out
}

/// The findings for programs.
pub(super) fn json(catalog: &Catalog, plan: &Plan, report: &Report) -> Value {
    let findings = report.findings.iter().map(|Finding { claim, verdict }| {
        let mut out = json!({
            "claim": claim.name(&plan.checked),
            "says": claim.says(&plan.checked, Lang::En),
            "verdict": verdict.name(),
        });
        match verdict {
            Verdict::Proved(guarantee) => out["guarantee"] = json!(guarantee.says(Lang::En)),
            Verdict::Undecided(why) => out["why"] = json!(why),
            Verdict::Refuted(refutation) => {
                out["mistake"] = super::check::mistake(&catalog.files, &refutation.diagnostic);
                let witnesses = refutation.witnesses.iter().map(|w| {
                    let record = w.record.to_form(catalog.declared()).to_json();
                    let record: Value = serde_json::from_str(&record).unwrap_or_default();
                    json!({"rating_date": w.rating_date.to_string(), "record": record})
                });
                out["witnesses"] = witnesses.collect();
            }
        }
        out
    });
    findings.collect()
}
