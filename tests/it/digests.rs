//! What digests cover, and what they leave alone.

use floatrate::exchange::json;
use floatrate::plans;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::rating::Rater;
use floatrate_engine::receipt::{Digest, input_digest, result_digest};
use floatrate_engine::record::Record;
use std::collections::BTreeMap;
use std::sync::Arc;

const PANZHIHUA: &str = "cn/510400/2021/plan.toml";
const NATIONAL: &str = "cn/000000/2015/plan.toml";
const MAP: &str = "cn/000000/2015/industry-classes.csv";

const RECORD: &str = r#"{"employer":{"id":"E1","name":"甲","risk_class":8,"insured_since":"2010-01-01"},
 "periods":[{"start":"2023-01-01","end":"2025-12-31","contributions_paid":7033800}],
 "claims":[{"id":"1","date":"2023-05-04","cause":"work_accident","outcome":"temporary","benefits_paid":1300000}]}"#;

/// Digests of the plan, the input and the result.
fn digests(texts: &BTreeMap<String, String>, date: &str, record: &str) -> [String; 3] {
    let catalog = Catalog::load(texts).unwrap_or_else(|(d, files)| panic!("{}", files.render(&d[0])));
    let program = catalog.plan("cn-510400-2021").unwrap().compile(date.parse().unwrap()).unwrap();
    let record = Record::from_form(&json::parse(record).unwrap(), catalog.declared()).unwrap();
    let mut rater = Rater::new(Arc::new(program));
    let records = [record];
    let chunk = rater.rate(&records);
    let mut buffer = Vec::new();
    let input = input_digest(chunk.program(), &records[0], &mut buffer);
    let result = result_digest(chunk.program(), input, &chunk.outcome(0), &mut buffer);
    [Digest(chunk.program().plan_digest).to_string(), input.to_string(), result.to_string()]
}

/// Which of the three digests a change of a plan file changes.
fn changed(path: &str, from: &str, to: &str) -> [bool; 3] {
    let mut texts = plans::embedded();
    let before = digests(&texts, "2026-01-01", RECORD);
    let text = texts.get_mut(path).unwrap();
    assert!(text.contains(from), "{path} has no {from:?}");
    *text = text.replacen(from, to, 1);
    let after = digests(&texts, "2026-01-01", RECORD);
    std::array::from_fn(|at| before[at] != after[at])
}

#[test]
fn digests_cover_the_law_and_not_its_label() {
    for (path, from, to, expected) in [
        (PANZHIHUA, "status = \"illustrative\"", "status = \"enacted\"", [false; 3]),
        (PANZHIHUA, "reviewed_through = \"2026-11-23\"", "reviewed_through = \"2020-01-01\"", [false; 3]),
        (PANZHIHUA, "[rating]\n", "# a comment\n\n[rating]\n", [false; 3]),
        (PANZHIHUA, "(0..0.5]", "(0..0.6]", [true; 3]),
        (NATIONAL, "1 = \"0.002\"", "1 = \"0.0021\"", [true; 3]),
        (MAP, "01,农业,Agriculture,4,y", "01,农业,Agriculture,5,y", [true; 3]),
    ] {
        assert_eq!(changed(path, from, to), expected, "{path}: {from:?} to {to:?}");
    }
}

#[test]
fn digests_cover_the_record_and_the_date() {
    let texts = plans::embedded();
    let before = digests(&texts, "2026-01-01", RECORD);
    let change = |from: &str, to: &str| {
        let after = digests(&texts, "2026-01-01", &RECORD.replacen(from, to, 1));
        [before[1] != after[1], before[2] != after[2]]
    };
    assert_eq!(change("\"name\":\"甲\"", "\"name\":\"乙\""), [false, false]);
    assert_eq!(change("1300000", "1300001"), [true, true]);
    assert_eq!(
        change("\"risk_class\":8,", "\"risk_class\":8,\"first_insured\":\"2010-01-01\","),
        [false, false]
    );
    assert_eq!(change("\"risk_class\":8,", "\"risk_class\":8,\"prior\":{\"rate\":\"0.019\"},"), [true, true]);
    assert_ne!(digests(&texts, "2025-01-01", RECORD)[1], before[1]);
    assert_eq!(digests(&texts, "2026-01-01", RECORD), before);
}

#[test]
fn digests_name_their_function() {
    let digests = digests(&plans::embedded(), "2026-01-01", RECORD);
    assert!(digests.iter().all(|d| d.starts_with("blake3:") && d.len() == 71), "{digests:?}");
}
