//! The plans that come with floatrate: everything that is claimed of them is proved, and each exception stands where the
//! regulation puts it.

use floatrate::plans;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::proof::{Guarantee, Verdict, check};
use std::collections::BTreeMap;

fn load(texts: &BTreeMap<String, String>) -> Catalog {
    Catalog::load(texts).unwrap_or_else(|(diagnostics, files)| {
        panic!("{}", diagnostics.iter().map(|d| files.render(d)).collect::<String>())
    })
}

#[test]
fn every_claim_of_every_plan_is_proved_exactly() {
    let catalog = load(&plans::embedded());
    let mut rated = 0;
    for plan in catalog.plans() {
        let report = check(plan, catalog.declared());
        rated += usize::from(!report.findings.is_empty());
        for finding in &report.findings {
            let exact = matches!(finding.verdict, Verdict::Proved(Guarantee::Exact));
            assert!(exact, "{}: {finding:?}", plan.checked.id);
        }
    }
    assert_eq!(rated, 11);
}

#[test]
fn hainans_relief_is_found_when_its_declaration_is_deleted() {
    const PATH: &str = "cn/460000/2017/plan.toml";
    let mut texts = plans::embedded();
    let text = texts[PATH].clone();
    let start = text.find("[[assert]]\nname = \"relief_starts_above_two\"").expect("the declaration");
    let end = start + 1 + text[start + 1..].find("[[assert]]").expect("another assertion follows");
    texts.insert(PATH.to_owned(), text[..start].to_owned() + &text[end..]);
    let catalog = load(&texts);
    let plan = catalog.plan("cn-460000-2017").expect("Hainan");
    let report = check(plan, catalog.declared());
    let refuted: Vec<_> = report.refutations().collect();
    let [(finding, refutation)] = refuted.as_slice() else { panic!("{refuted:?}") };
    assert_eq!(finding.claim.name(&plan.checked), "fair:claims.benefits_paid");
    let [better, worse] = refutation.witnesses.as_slice() else { panic!("two records") };
    let ratio =
        |measures: &[(String, String)]| measures.iter().find(|m| m.0 == "payout_ratio").map(|m| m.1.clone());
    assert_eq!(ratio(&better.outcome.measures).as_deref(), Some("2"));
    assert_eq!((better.outcome.verdict.step, worse.outcome.verdict.step), (0, -1));
}
