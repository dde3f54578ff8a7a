//! Bad records: named with line, employer, field and reason, and no trouble to the good ones.

use super::{PANZHIHUA, folder, good, keys, run, values};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What is replaced in a good record by what, the field that is named, and the reason.
const BAD: [(&str, &str, &str, &str); 34] = [
    (r#""name""#, r#""nmae""#, "employer.nmae", "unknown_field"),
    (r#""claims":"#, r#""claim":"#, "claim", "unknown_field"),
    (r#""risk_class":8"#, r#""risk_class":8,"risk_class":8"#, "employer.risk_class", "duplicate_field"),
    (r#""facts":{"#, r#""facts":{},"facts":{"#, "facts", "duplicate_field"),
    (r#""insured_since":"2015-03-01","#, "", "employer.insured_since", "missing_field"),
    (r#""date":"2023-05-04","#, "", "claims[0].date", "missing_field"),
    (r#""payroll":123400000"#, r#""payroll":-1"#, "periods[0].payroll", "negative"),
    (r#""payroll":123400000"#, r#""payroll":"1234""#, "periods[0].payroll", "wrong_type"),
    (r#""payroll":123400000"#, r#""payroll":1234.5"#, "periods[0].payroll", "not_a_whole_number"),
    (r#""payroll":123400000"#, r#""payroll":1000000000000000000"#, "periods[0].payroll", "too_large"),
    (r#""payroll":123400000"#, r#""payroll":99999999999999999999999"#, "periods[0].payroll", "too_large"),
    (r#""payroll":123400000"#, r#""payroll":-99999999999999999999"#, "periods[0].payroll", "negative"),
    (r#""rate":"0.019""#, r#""rate":0.019"#, "employer.prior.rate", "inexact_number"),
    (r#""rate":"0.019""#, r#""rate":"0.0190000000001""#, "employer.prior.rate", "too_many_digits"),
    (r#""rate":"0.019""#, r#""rate":"1.9%""#, "employer.prior.rate", "not_a_decimal"),
    (r#""risk_class":8"#, r#""risk_class":0"#, "employer.risk_class", "too_small"),
    (r#""risk_class":8"#, r#""risk_class":100"#, "employer.risk_class", "too_large"),
    ("2023-05-04", "2023-02-29", "claims[0].date", "not_a_date"),
    ("2023-05-04", "1023-05-04", "claims[0].date", "date_out_of_range"),
    ("work_accident", "work_acident", "claims[0].cause", "unknown_value"),
    ("disability_7", "disability_11", "claims[0].outcome", "unknown_value"),
    (r#""510400""#, r#""5104""#, "employer.region", "wrong_form"),
    (r#""06""#, r#""coal""#, "employer.industry.code", "wrong_form"),
    (r#""2023-17""#, r#""""#, "claims[0].id", "empty"),
    (r#""2023-17""#, r#"" 17""#, "claims[0].id", "surrounding_space"),
    (r#""2023-17""#, r#""17\u0000""#, "claims[0].id", "control_character"),
    (r#""…""#, r#""\u0000""#, "employer.name", "control_character"),
    ("2024-12-31", "2023-12-31", "periods[1].end", "end_before_start"),
    ("2024-01-01", "2023-12-31", "periods[1]", "overlapping_periods"),
    (r#""months_insured":12"#, r#""months_insured":13"#, "periods[0].months_insured", "too_many_months"),
    (r#""arrears_months""#, r#""arrears""#, "facts.arrears", "unknown_fact"),
    (r#""hours_worked""#, r#""hours_rested""#, "periods[2].values.hours_rested", "unknown_fact"),
    (
        r#""arrears_months":"0""#,
        r#""arrears_months":[{"value":"1"},{"value":"2"}]"#,
        "facts.arrears_months[1]",
        "overlapping_spans",
    ),
    (
        r#""insured_since""#,
        r#""first_insured":"2016-01-01","insured_since""#,
        "employer.first_insured",
        "first_after_insured_since",
    ),
];

/// Lines that are no record at all, whether the employer can still be told, and the reason.
fn broken() -> Vec<(Vec<u8>, &'static str)> {
    let deep = |open: &str, close: &str| format!("{}1{}", open.repeat(100_000), close.repeat(100_000));
    let cut = good("T").replace('…', "攀").into_bytes();
    let at = cut.iter().position(|b| *b >= 0x80).unwrap();
    vec![
        (b"{".to_vec(), "not_json"),
        (b"null null".to_vec(), "not_json"),
        (b"\0".to_vec(), "not_json"),
        (good("T").as_bytes()[..200].to_vec(), "not_json"),
        (deep("[", "]").into_bytes(), "not_json"),
        (deep("{\"a\":", "}").into_bytes(), "not_json"),
        ("1".repeat(100_000).into_bytes(), "not_json"),
        (b"1e999999999".to_vec(), "not_json"),
        (cut[..=at].to_vec(), "not_utf8"),
        ([&cut[..at], b"\xFF", &cut[at + 3..]].concat(), "not_utf8"),
        (good("T").replace('…', "\\ud800").into_bytes(), "not_json"),
    ]
}

fn bad(index: usize) -> String {
    let (from, to, ..) = BAD[index];
    let record = good(&format!("bad-{index}"));
    assert!(record.contains(from), "{from}");
    record.replacen(from, to, 1)
}

#[test]
fn each_bad_record_is_named_and_the_good_ones_are_unchanged() {
    let folder = folder();
    let file = folder.path().join("rejects.jsonl");
    let ids: Vec<String> = (0..BAD.len()).map(|n| format!("good-{n}")).collect();
    let expected = run(PANZHIHUA, ids.iter().map(|id| good(id)).collect::<Vec<_>>().join("\n")).done();
    let mixed: Vec<String> = ids.iter().enumerate().flat_map(|(n, id)| [good(id), bad(n)]).collect();
    for lang in ["en", "zh"] {
        let ran =
            run(&format!("{PANZHIHUA} --quiet --lang {lang} --rejects {}", file.display()), mixed.join("\n"));
        assert_eq!((ran.status, ran.err.as_str()), (1, ""));
        assert!(ran.out == expected);
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(text.lines().count(), BAD.len());
        for ((line, (n, (_, to, field, reason))), id) in text.lines().zip(BAD.iter().enumerate()).zip(&ids) {
            assert_eq!(keys(line)[..5], ["line", "employer_id", "field", "reason", "message"], "{line}");
            let reject: Value = serde_json::from_str(line).unwrap();
            let named = json!([reject["line"], reject["employer_id"], reject["field"], reject["reason"]]);
            assert_eq!(named, json!([2 * n + 2, format!("bad-{n}"), field, reason]), "{to} after {id}");
            let message = reject["message"].as_str().unwrap();
            let chinese = message.chars().any(|c| ('\u{4E00}'..='\u{9FFF}').contains(&c));
            assert!(chinese == (lang == "zh") && message.chars().count() > 10, "{message}");
        }
    }
}

#[test]
fn lines_that_are_no_records() {
    let folder = folder();
    let file = folder.path().join("rejects.jsonl");
    let expected = run(PANZHIHUA, [good("A"), good("B")].join("\n")).done();
    for (line, reason) in broken() {
        let input = [good("A").as_bytes(), &line, good("B").as_bytes()].join(&b'\n');
        let ran = run(&format!("{PANZHIHUA} --rejects {}", file.display()), &input);
        assert_eq!((ran.status, &ran.out), (1, &expected), "{reason}");
        let rejects = values(&std::fs::read_to_string(&file).unwrap());
        assert_eq!(rejects.len(), 1);
        assert_eq!((&rejects[0]["line"], &rejects[0]["reason"]), (&json!(2), &json!(reason)));
        assert!(rejects[0]["message"].as_str().unwrap().len() < 300, "{}", rejects[0]);
    }
}

#[test]
fn values_of_another_kind() {
    for (record, field, reason) in [
        ("1", "", "wrong_type"),
        ("\"A\"", "", "wrong_type"),
        ("[]", "", "wrong_type"),
        ("null", "", "wrong_type"),
        ("{}", "employer", "missing_field"),
        (r#"{"employer":[]}"#, "employer", "wrong_type"),
        (r#"{"employer":{"id":1,"insured_since":"2020-01-01"}}"#, "employer.id", "wrong_type"),
        (r#"{"employer":{"id":"A","insured_since":"2020-01-01"},"periods":{}}"#, "periods", "wrong_type"),
    ] {
        let ran = run(&format!("{PANZHIHUA} --quiet"), record);
        let reject = ran.err.lines().next().map(|line| serde_json::from_str::<Value>(line).unwrap()).unwrap();
        assert_eq!((ran.status, ran.out.as_str()), (1, ""));
        assert_eq!(
            (reject["field"].as_str(), reject["reason"].as_str()),
            (Some(field), Some(reason)),
            "{record}"
        );
    }
}

#[test]
fn all_violations_of_a_record_are_told_at_once() {
    let record = good("A").replace("2023-05-04", "2023-13-04").replace(":123400000", ":-1");
    let ran = run(&format!("{PANZHIHUA} --quiet"), record);
    let reject: Value = serde_json::from_str(ran.err.trim()).unwrap();
    assert_eq!(keys(ran.err.trim()), ["line", "employer_id", "field", "reason", "message", "more"]);
    let fields: BTreeSet<&str> =
        reject["more"].as_array().unwrap().iter().filter_map(|f| f["field"].as_str()).collect();
    assert_eq!(reject["field"], "periods[0].payroll");
    assert_eq!(
        fields.into_iter().collect::<Vec<_>>(),
        ["claims[0].date", "periods[1].payroll", "periods[2].payroll"]
    );
}

#[test]
fn the_first_20_go_to_standard_error() {
    let note = "and 5 more rejects; --rejects F keeps them all";
    for (count, lines) in [(0, 0), (20, 20), (25, 21)] {
        let input: Vec<String> = (0..count).map(|n| bad(n % BAD.len())).chain([good("A")]).collect();
        let ran = run(&format!("{PANZHIHUA} --quiet"), input.join("\n"));
        assert_eq!((ran.status, ran.out.lines().count()), (i32::from(count > 0), 1));
        assert_eq!(ran.err.lines().count(), lines);
        assert_eq!(ran.err.contains(note), count == 25, "{}", ran.err);
        let shown = ran.err.lines().take(20).map(|l| serde_json::from_str::<Value>(l).unwrap());
        assert!(shown.enumerate().all(|(n, reject)| reject["line"] == n + 1));
    }
}

#[test]
fn nothing_is_overwritten_that_is_still_read_or_written() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(at("in"), good("A")).unwrap();
    for (arguments, message) in [
        (format!("--input {} --rejects {}", at("in"), at("in")), "--input"),
        (
            format!("--input {} --rejects {}", at("in"), at("../").to_owned() + &name(&folder) + "/in"),
            "--input",
        ),
        (format!("--input {} --output {} --rejects {}", at("in"), at("x"), at("x")), "--output"),
    ] {
        let ran = run(&format!("{PANZHIHUA} {arguments}"), "");
        assert_eq!(ran.status, 2, "{}", ran.err);
        assert!(ran.err.contains(message), "{}", ran.err);
    }
    // The results may replace the records: they get their name when all is read.
    run(&format!("{PANZHIHUA} --input {} --output {}", at("in"), at("in")), "").done();
    assert!(std::fs::read_to_string(at("in")).unwrap().starts_with(r#"{"employer_id":"A","#));
    assert_eq!(super::names(folder.path()), ["in"]);
}

fn name(folder: &tempfile::TempDir) -> String {
    folder.path().file_name().unwrap().to_string_lossy().into_owned()
}
