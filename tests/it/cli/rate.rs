//! `rate`: results, their order and their words, and the exit statuses.

use super::{EXAMPLE, PANZHIHUA, ended, folder, good, keys, run, values};
use serde_json::{Value, json};

/// The fields of a result, in the contract's order.
const FIELDS: [&str; 20] = [
    "employer_id",
    "plan",
    "plan_digest",
    "input_digest",
    "result_digest",
    "engine_version",
    "rating_date",
    "status",
    "measures",
    "risk_class",
    "base_rate",
    "step",
    "tier",
    "rate",
    "unlimited_rate",
    "charged",
    "components",
    "reasons",
    "flags",
    "assumed",
];

#[test]
fn the_contract_s_example() {
    let out = run(PANZHIHUA, EXAMPLE.replace('\n', "")).done();
    assert_eq!(keys(&out), FIELDS);
    assert!(out.ends_with("}\n") && out.lines().count() == 1);
    let mut result: Value = serde_json::from_str(&out).unwrap();
    for name in ["plan_digest", "input_digest", "result_digest"] {
        let digest = result.as_object_mut().unwrap().remove(name).unwrap();
        let hex = digest.as_str().and_then(|d| d.strip_prefix("blake3:")).unwrap();
        let lower = |b: u8| b.is_ascii_digit() || (b'a'..=b'f').contains(&b);
        assert!(hex.len() == 64 && hex.bytes().all(lower), "{digest}");
    }
    // `assumed` is short in the contract; these are the facts of the plan that the record does not hold.
    let expected = json!({
        "employer_id": "91510400MA6212342W", "plan": "cn-510400-2021", "engine_version": "0.1.0",
        "rating_date": "2026-01-01", "status": "rated",
        "measures": {"payout_ratio": "0.184821860160937189…"}, "risk_class": 8, "base_rate": "0.019",
        "step": -1, "tier": "0.8", "rate": "0.0152", "unlimited_rate": "0.0152",
        "charged": [{"from": "2026-01-01", "rate": "0.0152"}],
        "components": [{"from": "band:payout_ratio:2", "step": -1}], "reasons": ["band:payout_ratio:2"],
        "flags": ["illustrative"], "assumed": ["concealed_payroll", "fraud", "uncorrected_hazard"],
    });
    assert_eq!(result, expected);
}

#[test]
fn results_keep_the_order_of_the_input_on_any_number_of_threads() {
    // Ids without an order of their own, and records of very different length.
    let ids: Vec<String> = (0..5000_u64).map(|n| format!("E{}", n * 7919 % 5003)).collect();
    let record = |(n, id): (usize, &String)| {
        let claim =
            r#"{"id":"c","date":"2024-05-04","cause":"other","outcome":"temporary","benefits_paid":7}"#;
        let claims = vec![claim; if n % 97 == 0 { 300 } else { n % 3 }].join(",");
        good(id).replace(
            r#""claims":["#,
            &format!(r#""claims":[{claims}{}"#, if claims.is_empty() { "" } else { "," }),
        )
    };
    let input = ids.iter().enumerate().map(record).collect::<Vec<_>>().join("\n");
    let one = run(&format!("{PANZHIHUA} --threads 1"), &input).done();
    let found: Vec<Value> = values(&one).iter().map(|r| r["employer_id"].clone()).collect();
    assert_eq!(found, ids);
    for threads in ["--threads 0", "--threads 2", "--threads 4", "--threads 99", ""] {
        for format in ["", "--explain rules", "--format csv"] {
            let expected = if format.is_empty() {
                one.clone()
            } else if threads == "--threads 2" {
                run(&format!("{PANZHIHUA} --threads 1 {format}"), &input).done()
            } else {
                continue;
            };
            let out = run(&format!("{PANZHIHUA} {threads} {format}"), &input).done();
            assert!(out == expected, "{threads} {format}");
        }
    }
}

#[test]
fn every_status_has_all_fields() {
    let late = good("kept").replace("2015-03-01", "2024-03-01");
    let open = good("review").replace(r#""risk_class":8,"#, "").replace(r#""06""#, r#""99""#);
    let out = run(PANZHIHUA, [good("rated"), late, open].join("\n")).done();
    out.lines().for_each(|line| assert_eq!(keys(line), FIELDS));
    let seen: Vec<_> = values(&out).iter().map(|r| (r["status"].clone(), r["rate"].clone())).collect();
    assert_eq!(
        seen,
        [(json!("rated"), json!("0.0152")), (json!("kept"), json!("0.019")), (json!("review"), Value::Null)]
    );
}

#[test]
fn explanations_cite_articles_in_both_languages() {
    for (lang, word) in [("en", "payout ratio"), ("zh", "支缴率")] {
        let out = run(&format!("{PANZHIHUA} --explain rules --lang {lang}"), good("A")).done();
        assert_eq!(keys(&out)[..20], FIELDS);
        let explanation = &values(&out)[0]["explanation"];
        assert_eq!(explanation["language"], lang);
        let paragraphs = explanation["paragraphs"].as_array().unwrap();
        assert!(paragraphs.iter().any(|p| p["text"].as_str().unwrap().contains(word)), "{explanation}");
        assert!(paragraphs.iter().any(|p| p["cites"].as_array().is_some_and(|c| !c.is_empty())));
    }
}

#[test]
fn csv_results_say_the_same() {
    let input = [good("=1+1"), good("B,\\\"C"), good("丙")].join("\n");
    let rows = values(&run(PANZHIHUA, &input).done());
    let out = run(&format!("{PANZHIHUA} --format csv"), &input).done();
    let mut reader = csv::Reader::from_reader(out.as_bytes());
    let names = reader.headers().unwrap().clone();
    let cells: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(cells.len(), rows.len());
    for (cells, row) in cells.iter().zip(&rows) {
        for (name, cell) in names.iter().zip(cells) {
            match &row[name] {
                Value::String(text) if name == "employer_id" && text.starts_with('=') => {
                    assert_eq!(cell, format!("'{text}"));
                }
                Value::String(text) => assert_eq!(cell, text, "{name}"),
                Value::Number(number) => assert_eq!(cell, number.to_string(), "{name}"),
                _ => {}
            }
        }
    }
}

#[test]
fn exit_statuses() {
    let folder = folder();
    let record = folder.path().join("records.jsonl");
    std::fs::write(&record, good("A")).unwrap();
    let (record, none) = (record.display().to_string(), folder.path().join("none").display().to_string());
    // Arguments, standard input, status, and what the message names.
    for (arguments, stdin, status, message) in [
        (PANZHIHUA.to_owned(), good("A"), 0, "1 employers: 1 rated"),
        (PANZHIHUA.to_owned(), String::new(), 0, "0 employers"),
        (format!("{PANZHIHUA} --quiet"), good("A"), 0, ""),
        (format!("{PANZHIHUA} --input {record}"), String::new(), 0, "1 employers"),
        (PANZHIHUA.to_owned(), "{".to_owned(), 1, "1 records rejected"),
        (format!("{PANZHIHUA} --quiet"), "{".to_owned(), 1, "not_json"),
        (format!("{PANZHIHUA} --input {none}"), String::new(), 2, "none: No such file"),
        (format!("{PANZHIHUA} --input {none}.csv"), String::new(), 2, "none.csv: No such file"),
        (format!("{PANZHIHUA} --input {record}/x"), String::new(), 2, "records.jsonl/x: Not a directory"),
        (format!("{PANZHIHUA} --output {none}/x"), good("A"), 2, "none/x: No such file"),
        (format!("{PANZHIHUA} --rejects {none}/x"), good("A"), 2, "none/x: No such file"),
        (format!("{PANZHIHUA} --output {}", folder.path().display()), good("A"), 2, "is a directory"),
        (format!("{PANZHIHUA} --plan-dir {none}"), good("A"), 2, "none: No such file"),
        (format!("{PANZHIHUA} --plan-dir {}", folder.path().display()), good("A"), 2, "no plan.toml"),
        ("rate --plan cn-510400-2012".to_owned(), good("A"), 2, "nearest: cn-510400-2021"),
        ("rate --plan cn-000000-2015 --rating-date 2026-01-01".to_owned(), good("A"), 2, "rates nobody"),
        (
            "rate --plan cn-510400-2021 --rating-date 2026-02-01".to_owned(),
            good("A"),
            2,
            "does not rate on 2026-02-01; it rates on 01-01 of every year from 2022",
        ),
        ("rate --plan cn-510400-2021 --rating-date 2021-01-01".to_owned(), good("A"), 2, "from 2022"),
        ("rate --plan cn-320000-2023 --rating-date 2026-01-01".to_owned(), good("A"), 2, "odd years"),
        ("rate --plan cn-510400-2021 --rating-date 2026-02-30".to_owned(), good("A"), 2, "2026-02-30"),
        ("rate --plan cn-440300-2018".to_owned(), good("A"), 2, "on or after today"),
        (format!("{PANZHIHUA} --mapping nowhere"), good("A"), 2, "agency-codes, foshan"),
        (format!("{PANZHIHUA} --mapping foshan"), good("A"), 2, "the input is JSON Lines"),
        (format!("{PANZHIHUA} --portfolio {record}"), good("A"), 2, "--portfolio"),
        (format!("{PANZHIHUA} --format xml"), good("A"), 2, "jsonl"),
        (format!("{PANZHIHUA} --threads many"), good("A"), 2, "--threads"),
        ("rate".to_owned(), good("A"), 2, "--plan"),
        ("rat".to_owned(), String::new(), 2, "rate"),
        (String::new(), String::new(), 2, "Usage"),
        ("--version".to_owned(), String::new(), 0, ""),
        ("rate --help".to_owned(), String::new(), 0, ""),
    ] {
        let ran = run(&arguments, &stdin);
        assert_eq!(ran.status, status, "{arguments}\n{}", ran.err);
        assert!(ran.err.contains(message), "{arguments}\n{}", ran.err);
        assert!(status != 2 || ran.out.is_empty(), "{arguments}");
    }
    assert_eq!(super::names(folder.path()), ["records.jsonl"]);
}

#[test]
fn messages_in_chinese() {
    for (arguments, stdin, message) in [
        (PANZHIHUA, good("A"), "共1户：核定1"),
        (PANZHIHUA, "{}".to_owned(), "缺少必填字段 employer"),
        ("rate --plan cn-510400-2021", String::new(), "费率生效日："),
        ("rate --plan cn-510400-2012", String::new(), "没有办法"),
        ("rate --plan cn-000000-2015 --rating-date 2026-01-01", String::new(), "本身不核定费率"),
        (
            "rate --plan cn-510400-2021 --rating-date 2026-02-01",
            String::new(),
            "不是 cn-510400-2021 的费率生效日",
        ),
        ("rate --plan cn-510400-2021 --rating-date soon", String::new(), "不是有效日期"),
        ("rate --plan cn-510400-2021 --rating-date 2026-01-01 --mapping none", String::new(), "没有映射文件"),
        ("rate --plan cn-510400-2021 --rating-date 2026-01-01 --input /none", String::new(), "读写失败"),
    ] {
        let ran = run(&format!("{arguments} --lang zh"), stdin);
        assert!(ran.err.contains(message), "{arguments}\n{}", ran.err);
    }
}

#[test]
fn without_a_date_the_next_rating_date_is_printed_and_used() {
    let ran = run("rate --plan cn-510400-2021", good("A"));
    let date = ran.err.lines().next().and_then(|l| l.strip_prefix("rating date: ")).unwrap().to_owned();
    assert!(date.ends_with("-01-01"), "{date}");
    let named = run(&format!("rate --plan cn-510400-2021 --rating-date {date}"), good("A"));
    assert_eq!((named.status, &named.out), (0, &ran.out));
    assert_eq!(values(&ran.out)[0]["rating_date"], date);
}

#[test]
fn the_environment_does_not_change_a_result() {
    let expected = run(PANZHIHUA, good("A")).done();
    for (name, value) in [("TZ", "Asia/Shanghai"), ("LANG", "zh_CN"), ("LC_ALL", "de_DE"), ("HOME", "/none")]
    {
        assert_eq!(ended(super::command(PANZHIHUA).env(name, value), good("A").as_bytes()).out, expected);
    }
}
