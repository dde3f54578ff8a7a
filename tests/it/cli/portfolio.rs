//! Plans that read values over all employers: in two passes over the input, or from a file.

use super::{folder, run};
use crate::portfolio::plans;
use serde_json::json;

/// Three employers with the payout ratios 0.2, 0.5 and none, since nothing was paid.
fn records() -> String {
    let one = |id: &str, paid: u32, benefits: u32| {
        json!({"employer": {"id": id, "risk_class": 2, "insured_since": "2020-01-01"},
            "periods": [{"start": "2024-01-01", "end": "2024-12-31", "contributions_paid": paid, "months_insured": 12}],
            "claims": [{"id": "1", "date": "2024-05-04", "cause": "work_accident", "outcome": "temporary", "benefits_paid": benefits}]})
        .to_string()
    };
    // The last lacks a period, and one line is no record.
    let lacking = json!({"employer": {"id": "C", "risk_class": 2, "insured_since": "2020-01-01"}});
    [one("A", 1000, 200), "{".to_owned(), one("B", 500, 250), lacking.to_string()].join("\n")
}

#[test]
fn a_first_pass_computes_what_the_plan_sums_up() {
    let (plans, work) = (plans(), folder());
    let input = work.path().join("records.jsonl");
    let given = work.path().join("portfolio.json");
    std::fs::write(&input, records()).unwrap();
    std::fs::write(&given, r#"{"share": "0.25"}"#).unwrap();
    let rate = format!("rate --plan xx-case --rating-date 2025-01-01 --plan-dir {}", plans.path().display());
    let of_file = format!("{rate} --input {} --portfolio {}", input.display(), given.display());
    for threads in [1, 2] {
        let ran = run(&format!("{of_file} --threads {threads}"), "");
        assert_eq!(ran.status, 1, "{}", ran.err);
        // 450 over 1,500; the employer without a period counts in neither sum.
        assert!(
            ran.err.contains("city_ratio = 0.3 (2 employers; 1 left out for want of data)"),
            "{}",
            ran.err
        );
        let rows = super::values(&ran.out);
        let told: Vec<_> = rows
            .iter()
            .map(|r| (r["employer_id"].clone(), r["step"].clone(), r["measures"]["mixed"].clone()))
            .collect();
        assert_eq!(
            told,
            [
                (json!("A"), json!(-1), json!("0.275")),
                (json!("B"), json!(0), json!("0.35")),
                (json!("C"), json!(0), json!(null)),
            ]
        );
        assert_eq!(rows[0]["portfolio"], json!({"city_ratio": "0.3", "share": "0.25"}));
    }
    // What the first pass computed, given in a file, makes the same results.
    let computed = run(&of_file, "").out;
    std::fs::write(&given, r#"{"share": "0.25", "city_ratio": "0.3"}"#).unwrap();
    assert_eq!(run(&of_file, "").out, computed);
    let piped = run(&format!("{rate} --portfolio {}", given.display()), records());
    assert_eq!(piped.out, computed);
}

#[test]
fn what_is_lacking_is_told() {
    let (plans, work) = (plans(), folder());
    let given = work.path().join("portfolio.json");
    let rate = format!("rate --plan xx-case --rating-date 2025-01-01 --plan-dir {}", plans.path().display());
    for (text, told) in [
        ("{}", "somebody must give: share"),
        (r#"{"share": "0.25"}"#, "name a file with --input, or give the values with --portfolio"),
        (r#"{"share": "x"}"#, "\"x\" is no number"),
        (r#"{"share": "0.25", "citi": "1"}"#, "xx-case reads no `citi`; it reads city_ratio, share"),
        (r#"{"share": 0.25}"#, "expected a JSON object"),
    ] {
        std::fs::write(&given, text).unwrap();
        let ran = run(&format!("{rate} --portfolio {}", given.display()), records());
        assert_eq!(ran.status, 2, "{text}: {}", ran.err);
        assert!(ran.err.contains(told), "{text}: {}", ran.err);
        assert_eq!(ran.out, "");
    }
    std::fs::write(&given, r#"{"share": "0.25"}"#).unwrap();
    let none = run(&format!("{} --portfolio {}", super::PANZHIHUA, given.display()), "");
    assert_eq!(none.status, 2);
    assert!(none.err.contains("reads no value over all employers"), "{}", none.err);
}
