//! Whole files of records through the command, each result compared with the oracle: the published experience of 121
//! occupation classes, and synthetic cities.

use super::{folder, run, values};
use crate::oracle::{self, Expected, JIANGSU, PANZHIHUA, SHENZHEN};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

/// A result's line in the oracle's words.
fn in_words(result: &Value) -> Expected {
    let text = |v: &Value| v.as_str().map(str::to_owned);
    let texts = |v: &Value| v.as_array().unwrap().iter().filter_map(text).collect::<Vec<_>>();
    let component = |c: &Value| (text(&c["from"]).unwrap(), c["step"].as_i64().unwrap());
    let charge = |c: &Value| (text(&c["from"]).unwrap(), text(&c["rate"]).unwrap());
    let measure = |(name, value): (&String, &Value)| (name.clone(), text(value).unwrap());
    Expected {
        status: text(&result["status"]).unwrap(),
        risk_class: result["risk_class"].as_u64().map(|class| u8::try_from(class).unwrap()),
        base_rate: text(&result["base_rate"]),
        step: result["step"].as_i64().unwrap(),
        tier: text(&result["tier"]),
        rate: text(&result["rate"]),
        unlimited_rate: text(&result["unlimited_rate"]),
        charged: result["charged"].as_array().unwrap().iter().map(charge).collect(),
        components: result["components"].as_array().unwrap().iter().map(component).collect(),
        reasons: texts(&result["reasons"]),
        measures: result["measures"].as_object().unwrap().iter().map(measure).collect::<BTreeMap<_, _>>(),
        assumed: texts(&result["assumed"]),
    }
}

/// Rates a file and compares all of it; gives how many results there are of each status.
fn agree(plan: &str, date: &str, records: &Path) -> BTreeMap<String, usize> {
    let ran = run(&format!("rate --plan {plan} --rating-date {date} --input {}", records.display()), "");
    assert_eq!(ran.status, 0, "{}", ran.err);
    let (records, results) = (values(&std::fs::read_to_string(records).unwrap()), values(&ran.out));
    assert_eq!(results.len(), records.len());
    let mut counts = BTreeMap::new();
    for (result, record) in results.iter().zip(&records) {
        assert_eq!(result["employer_id"], record["employer"]["id"]);
        assert_eq!(in_words(result), oracle::rate(plan, date, record), "{plan} {date}\n{record}");
        *counts.entry(result["status"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    counts
}

#[test]
fn the_605_windows_of_the_published_experience() {
    let folder = folder();
    let records = folder.path().join("records.jsonl");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/to-records.py");
    let made = Command::new("python3").arg(script).arg("--output").arg(&records).status();
    assert!(made.expect("python3 makes the records").success());
    let mut total = 0;
    for year in 2022..=2026 {
        let counts = agree(PANZHIHUA, &format!("{year}-01-01"), &records);
        assert_eq!(counts.keys().collect::<Vec<_>>(), ["rated"], "{year}: every window has contributions");
        assert_eq!(counts["rated"], 121);
        total += counts["rated"];
    }
    assert_eq!(total, 605);
}

#[test]
fn synthetic_cities() {
    let folder = folder();
    for (plan, date, employers, years) in [
        (PANZHIHUA, "2026-01-01", 20_000, "--first-year 2023 --last-year 2025"),
        (SHENZHEN, "2022-03-01", 4_000, "--first-year 2019 --last-year 2022 --region 440300"),
        (JIANGSU, "2025-01-01", 4_000, "--first-year 2020 --last-year 2024 --region 320000"),
    ] {
        let out = folder.path().join(plan);
        run(&format!("synth --employers {employers} --seed 11 {years} --out {}", out.display()), "").done();
        let counts = agree(plan, date, &out.join("records.jsonl"));
        assert_eq!(counts.values().sum::<usize>(), employers);
        // Jiangsu's window ends in September, so every calendar year straddles it.
        let expected = if plan == JIANGSU { vec!["kept", "review"] } else { vec!["kept", "rated", "review"] };
        assert_eq!(counts.keys().collect::<Vec<_>>(), expected, "{plan}: {counts:?}");
    }
}
