//! Plans that load and are not sound: each is refuted, with the message, the employer that shows it, and how to mend it.
//!
//! A case is a file `tests/plans/bad/refuted/NAME.toml`: the body of a plan that extends the proved plan of
//! `tests/plans/sound`. `UPDATE_GOLDEN=1` writes what is rendered now; read the difference before you keep it.

use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::proof::{Guarantee, Verdict, check};
use floatrate_engine::rating::Rater;
use floatrate_engine::record::{Form, Record};
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const SOUND: &str = include_str!("../plans/sound/plan.toml");
const CASES_MIN: usize = 50;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans/bad/refuted")
}

fn header(name: &str) -> String {
    let title = name.replace('_', " ");
    format!(
        "language = 1\nid = \"xx-case\"\nextends = \"xx-sound\"\nregion = \"990000\"\n\
         title = {{ zh = \"例\", en = \"{title}\" }}\nstatus = \"draft\"\n\n"
    )
}

fn load(texts: BTreeMap<String, String>) -> Catalog {
    Catalog::load(&texts).unwrap_or_else(|(diagnostics, files)| {
        panic!("{}", diagnostics.iter().map(|d| files.render(d)).collect::<String>())
    })
}

fn sound() -> BTreeMap<String, String> {
    BTreeMap::from([("xx/sound/plan.toml".to_owned(), SOUND.to_owned())])
}

#[test]
fn the_sound_plan_is_proved() {
    let catalog = load(sound());
    let report = check(catalog.plan("xx-sound").unwrap(), catalog.declared());
    for finding in &report.findings {
        assert!(matches!(finding.verdict, Verdict::Proved(_)), "{finding:?}");
    }
    assert_eq!(report.findings.len(), 20);
}

#[test]
fn every_refutation_is_told_as_expected() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let (mut wrong, mut count) = (Vec::new(), 0);
    let mut paths: Vec<PathBuf> = fs::read_dir(folder()).unwrap().map(|e| e.unwrap().path()).collect();
    paths.sort();
    for path in paths.iter().filter(|p| p.extension().is_some_and(|e| e == "toml")) {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let mut texts = sound();
        texts.insert("xx/case/plan.toml".to_owned(), header(&name) + &fs::read_to_string(path).unwrap());
        let catalog = load(texts);
        let plan = catalog.plan("xx-case").unwrap();
        let report = check(plan, catalog.declared());
        count += 1;
        let mut rendered = Vec::new();
        for (_, refutation) in report.refutations() {
            rendered.push(catalog.files.render(&refutation.diagnostic));
            for witness in &refutation.witnesses {
                // The record can be fed to the evaluator as it is printed.
                let json =
                    serde_json::from_str(&witness.record.to_form(catalog.declared()).to_json()).unwrap();
                let again = Record::from_form(&form(&json), catalog.declared()).unwrap();
                let mut rater = Rater::new(Arc::new(plan.compile(witness.rating_date).unwrap()));
                assert_eq!(rater.rate(&[again]).outcome(0), witness.outcome, "{name}");
            }
        }
        for finding in &report.findings {
            if let Verdict::Undecided(why) = &finding.verdict {
                wrong.push(format!("{name}: {} is undecided: {why}", finding.claim.name(&plan.checked)));
            }
        }
        if rendered.is_empty() {
            wrong.push(format!("{name}: nothing is refuted"));
        }
        let (rendered, expected) = (rendered.join("\n"), path.with_extension("expected.txt"));
        if update {
            fs::write(expected, rendered).unwrap();
        } else if fs::read_to_string(expected).unwrap_or_default() != rendered {
            wrong.push(format!("{name}: otherwise than expected:\n{rendered}"));
        }
    }
    assert!(count >= CASES_MIN, "{count} cases");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn form(json: &serde_json::Value) -> Form {
    use serde_json::Value;
    match json {
        Value::Null => Form::Null,
        Value::Bool(value) => Form::Bool(*value),
        Value::Number(number) => number.as_i64().map_or_else(|| Form::Inexact(number.to_string()), Form::Int),
        Value::String(text) => Form::Text(text.clone()),
        Value::Array(items) => Form::List(items.iter().map(form).collect()),
        Value::Object(fields) => {
            Form::Map(fields.iter().map(|(name, value)| (name.clone(), form(value))).collect())
        }
    }
}

/// A plan that extends the sound one with a condition that the diagrams cannot say: on the money of a single row.
fn beyond(rows: &str) -> Catalog {
    let mut texts = sound();
    let body = format!(
        "[measure.large]\nis = \"sum(claims.benefits_paid in now where benefits_paid >= 10000 CNY)\"\ncite = \"law 2\"\n\n\
         [table.band]\nhit = \"first\"\nout = \"step\"\nrow = [\n{rows}]\ncite = \"law 2\"\n"
    );
    texts.insert("xx/case/plan.toml".to_owned(), header("beyond") + &body);
    load(texts)
}

fn verdicts(catalog: &Catalog) -> BTreeMap<String, Verdict> {
    let plan = catalog.plan("xx-case").unwrap();
    let findings = check(plan, catalog.declared()).findings;
    findings.into_iter().map(|f| (f.claim.name(&plan.checked), f.verdict)).collect()
}

#[test]
fn what_cannot_be_proved_has_a_weaker_guarantee_or_is_undecided_by_name() {
    let catalog = beyond(
        "  { if = \"large = 12345.67 CNY + 7 * 0.01 CNY\", step = 2 },\n  { if = \"large > 0\", step = 1 },\n  { otherwise = true, step = -2 },\n",
    );
    let found = verdicts(&catalog);
    assert!(matches!(found["no_gap:band"], Verdict::Proved(Guarantee::Signs)), "{found:?}");
    assert!(matches!(found["tiers"], Verdict::Proved(Guarantee::Signs)), "{found:?}");
    assert!(matches!(found["not_negative"], Verdict::Proved(Guarantee::Signs)), "{found:?}");
    // An employer was found for each row.
    assert!(matches!(found["acts:table.band:2"], Verdict::Proved(_)), "{found:?}");
    let Verdict::Undecided(why) = &found["fair:claims.benefits_paid"] else { panic!("{found:?}") };
    assert!(why.ends_with("searched, not proved: 2000 employers, seed 1"), "{why}");
}

#[test]
fn what_cannot_be_proved_is_refuted_where_the_search_finds_an_employer() {
    let catalog =
        beyond("  { if = \"large > 0\", step = -2 },\n  { if = \"payout_ratio > 0.5\", step = 2 },\n");
    let found = verdicts(&catalog);
    for claim in ["no_gap:band", "fair:claims.benefits_paid"] {
        assert!(matches!(found[claim], Verdict::Refuted(_)), "{claim}: {:?}", found[claim]);
    }
}
