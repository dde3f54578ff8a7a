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

/// Plans whose every claim is exact: their conditions are linear once class, industry and portfolio values are fixed.
const EXACT: [&str; 3] = ["cn-", "jp-", "tw-"];
/// Plans of which something stays undecided, with how much: an individual fraction of two rates that are added and taken off.
const UNDECIDED: [(&str, usize); 1] = [("fr-atmp-2018", 5)];

#[test]
fn every_claim_of_every_plan_is_proved() {
    let catalog = load(&plans::embedded());
    let mut rated = 0;
    for plan in catalog.plans() {
        let id = &plan.checked.id;
        let report = check(plan, catalog.declared());
        rated += usize::from(!report.findings.is_empty());
        for finding in &report.findings {
            let exact = matches!(finding.verdict, Verdict::Proved(Guarantee::Exact));
            assert!(exact || !EXACT.iter().any(|start| id.starts_with(start)), "{id}: {finding:?}");
        }
        let (_, refuted, undecided) = report.counts();
        let expected = UNDECIDED.iter().find(|(own, _)| own == id).map_or(0, |(_, count)| *count);
        assert_eq!((refuted, undecided), (0, expected), "{id}: {report:?}");
    }
    assert_eq!(rated, plans_that_rate(&catalog));
}

/// Plans with `[rating]`: the others only serve to be extended.
fn plans_that_rate(catalog: &Catalog) -> usize {
    let count = catalog.plans().filter(|plan| plan.checked.rating.is_some()).count();
    assert!(count >= 24, "{count}");
    count
}

/// The text of a shipped plan without one of its assertions.
fn without(path: &str, assertion: &str) -> BTreeMap<String, String> {
    let mut texts = plans::embedded();
    let text = texts[path].clone();
    let start = text.find(&format!("[[assert]]\nname = \"{assertion}\"")).expect("the declaration");
    let end = start + 1 + text[start + 1..].find("[[assert]]").expect("another assertion follows");
    texts.insert(path.to_owned(), text[..start].to_owned() + &text[end..]);
    texts
}

#[test]
fn hainans_relief_is_found_when_its_declaration_is_deleted() {
    let texts = without("cn/460000/2017/plan.toml", "relief_starts_above_two");
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

#[test]
fn washingtons_deaths_are_found_when_their_declaration_is_deleted() {
    const ID: &str = "us-wa";
    let catalog = load(&plans::embedded());
    let plan = catalog.plan(ID).expect("Washington");
    let declared = check(plan, catalog.declared());
    let verdict = |name: &str| {
        let finding = declared.findings.iter().find(|f| f.claim.name(&plan.checked) == name);
        finding.map(|f| f.verdict.name())
    };
    // Beside the exception a graver outcome never lowers the factor.
    assert_eq!(verdict("assert:death_at_average"), Some("proved"));
    assert_eq!(verdict("fair:claims.outcome"), Some("proved"));

    let catalog = load(&without("us/wa/plan.toml", "death_at_average"));
    let plan = catalog.plan(ID).expect("Washington");
    let report = check(plan, catalog.declared());
    let refuted: Vec<_> = report.refutations().collect();
    let [(finding, refutation)] = refuted.as_slice() else { panic!("{refuted:?}") };
    assert_eq!(finding.claim.name(&plan.checked), "fair:claims.outcome");
    let [better, worse] = refutation.witnesses.as_slice() else { panic!("two records") };
    // One injury is fatal in the worse record and cost more than a death counts at.
    let changed: Vec<_> =
        better.record.claims.iter().zip(&worse.record.claims).filter(|(b, w)| b != w).collect();
    let [(before, after)] = changed.as_slice() else { panic!("{changed:?}") };
    assert_eq!((after.outcome.name(), before.benefits_paid), ("fatal", after.benefits_paid));
    assert!(better.outcome.verdict.rate > worse.outcome.verdict.rate);
}
