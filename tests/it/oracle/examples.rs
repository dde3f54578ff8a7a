//! Worked examples: Jiangsu and Shenzhen from china.md sections 3.1 and 3.2, Panzhihua by hand.

use serde_json::{Value, json};

use super::{Expected, JIANGSU, PANZHIHUA, SHENZHEN, rate};

/// One row for each window, class given.
fn record(class: u8, spans: &[(&str, &str)], paid_fen: u64, claims: Value, facts: Value) -> Value {
    let periods: Vec<Value> = spans
        .iter()
        .map(|(start, end)| {
            json!({"start": start, "end": end, "contributions_paid": paid_fen, "headcount": "400",
                "months_insured": 24})
        })
        .collect();
    json!({
        "employer": {"id": "E1", "region": "510400", "industry": {"standard": "2017", "code": "06"},
            "risk_class": class, "insured_since": "2001-05-01"},
        "periods": periods, "claims": claims, "facts": facts,
    })
}

fn claim(date: &str, cause: &str, outcome: &str, count: u64, fen: u64) -> Value {
    json!({"id": "1", "date": date, "cause": cause, "outcome": outcome, "count": count, "benefits_paid": fen})
}

/// Step, tier, rate and the last reason.
fn short(expected: &Expected) -> (i64, &str, &str, &str) {
    let last = expected.reasons.last().expect("a result has a reason");
    let tier = expected.tier.as_deref().expect("the class is known");
    let rate = expected.rate.as_deref().expect("the class is known");
    (expected.step, tier, rate, last)
}

#[test]
fn jiangsu_js_1_to_js_6() {
    let spans = [("2020-10-01", "2022-09-30"), ("2022-10-01", "2024-09-30")];
    // Benefits in fen, injuries: step, tier, rate, row.
    let table = [
        ("JS-1", 0, 0, (-2, "0.5", "0.0045", "band:3")),
        ("JS-2", 13_000_000, 4, (0, "1", "0.009", "band:5")),
        ("JS-3", 13_000_001, 4, (1, "1.2", "0.0108", "band:2")),
        ("JS-4", 100, 13, (2, "1.5", "0.0135", "band:1")),
        ("JS-5", 26_000_000, 12, (1, "1.2", "0.0108", "band:2")),
        ("JS-6", 100, 0, (0, "1", "0.009", "band:5")),
    ];
    for (name, fen, injuries, result) in table {
        let claims = json!([claim("2024-01-31", "commuting", "temporary", injuries, fen)]);
        let expected = rate(JIANGSU, "2025-01-01", &record(4, &spans, 26_000_000, claims, json!({})));
        assert_eq!(short(&expected), result, "{name}");
        assert_eq!(expected.status, "rated");
    }
}

#[test]
fn jiangsu_needs_a_clean_earlier_window_for_two_steps() {
    let spans = [("2020-10-01", "2022-09-30"), ("2022-10-01", "2024-09-30")];
    let at = |claims, spans: &[_]| {
        let expected = rate(JIANGSU, "2025-01-01", &record(4, spans, 26_000_000, claims, json!({})));
        expected.reasons.join(" ")
    };
    assert_eq!(at(json!([claim("2022-09-30", "other", "temporary", 1, 0)]), &spans), "band:4");
    assert_eq!(at(json!([claim("2020-09-30", "other", "temporary", 1, 9)]), &spans), "band:3");
    assert_eq!(at(json!([]), &spans[1..]), "band:4");
    assert_eq!(at(json!([]), &[("2020-10-02", "2022-09-30"), spans[1]]), "band:4");
    assert_eq!(at(json!([]), &[("2020-09-30", "2022-09-30"), spans[1]]), "band:4");
    assert_eq!(
        at(json!([]), &[("2020-10-01", "2024-09-30")]),
        "window:straddled payout_ratio:undefined injury_rate:undefined"
    );
    assert_eq!(at(json!([]), &[spans[0], ("2022-10-01", "2024-09-29")]), "window:incomplete");
}

#[test]
fn shenzhen_certificate_and_class_1() {
    let spans = [("2020-01-01", "2021-12-31")];
    let at = |class, fen, facts| {
        let claims = json!([claim("2021-12-31", "work_accident", "disability_7", 1, fen)]);
        rate(SHENZHEN, "2022-03-01", &record(class, &spans, 1_000_000, claims, facts))
    };
    let two = "overlay:certificate_grade_2_or_3";
    let one = "overlay:certificate_grade_1";
    let never = "class_rule:class_1_never_down";
    let grade = |grade| json!({"safety_certificate_grade": grade});
    assert_eq!(short(&at(5, 600_000, grade("2"))), (-1, "0.8", "0.00528", two));
    assert_eq!(short(&at(5, 600_000, grade("1"))), (-2, "0.5", "0.0033", one));
    assert_eq!(short(&at(5, 400_000, grade("1"))), (-2, "0.5", "0.0033", one));
    assert_eq!(short(&at(5, 1_500_001, grade("3"))), (1, "1.2", "0.00792", two));
    assert_eq!(short(&at(1, 0, json!({}))), (0, "1", "0.0014", never));
    assert_eq!(short(&at(2, 0, json!({}))), (-2, "0.5", "0.0014", "band:payout_ratio:1"));
    let used = json!({"safety_certificate_grade": "1", "safety_certificate_used": true});
    assert_eq!(short(&at(5, 600_000, used)), (0, "1", "0.0066", "band:payout_ratio:3"));
    let both = at(1, 400_000, grade("1"));
    let part = |from: &str, step| (from.to_owned(), step);
    assert_eq!(both.components, [part("band:payout_ratio:2", -1), part(one, -1), part(never, 2)]);
    assert_eq!(both.assumed, ["safety_certificate_used"]);
    // At the lowest tier already, the certificate changes nothing.
    assert_eq!(at(5, 0, grade("1")).components, [part("band:payout_ratio:1", -2)]);
}

#[test]
fn panzhihua_by_hand() {
    let spans = [("2023-01-01", "2025-12-31")];
    let at = |class, claims, facts| {
        rate(PANZHIHUA, "2026-01-01", &record(class, &spans, 7_033_800, claims, facts))
    };
    let one = |cause, outcome, fen| json!([claim("2023-05-04", cause, outcome, 1, fen)]);
    // The record and the result of the contract's example.
    let example = at(8, one("work_accident", "disability_7", 1_300_000), json!({"arrears_months": "0"}));
    assert_eq!(short(&example), (-1, "0.8", "0.0152", "band:payout_ratio:2"));
    assert_eq!(example.measures["payout_ratio"], "0.184821860160937189…");
    assert_eq!(example.assumed, ["blacklisted", "concealed_payroll", "fraud", "uncorrected_hazard"]);

    let none = json!({});
    let left_out = at(8, one("commuting", "fatal", 99_000_000), none.clone());
    assert_eq!(short(&left_out), (-2, "0.5", "0.0095", "band:payout_ratio:1"));
    let death = at(8, one("work_accident", "fatal", 1_300_000), none.clone());
    assert_eq!(short(&death), (0, "1", "0.019", "veto:work_death"));
    let upward = at(8, one("work_accident", "fatal", 7_033_801), none);
    assert_eq!(short(&upward), (1, "1.2", "0.0228", "band:payout_ratio:4"));
    let facts = json!({"fraud": true, "arrears_months": "0.000000001", "blacklisted": false});
    let two_vetoes = at(2, json!([]), facts);
    assert_eq!(short(&two_vetoes), (0, "1", "0.004", "veto:arrears"));
    assert_eq!(two_vetoes.reasons.len(), 2);
    let vetoed_class_1 = at(1, json!([]), json!({"uncorrected_hazard": true}));
    assert_eq!(short(&vetoed_class_1), (0, "1", "0.002", "veto:uncorrected_hazard"));
}

#[test]
fn insured_time_comes_before_review_and_the_class_before_both() {
    let mut late = record(4, &[("2023-06-01", "2025-11-30")], 0, json!([]), json!({}));
    late["employer"]["insured_since"] = json!("2023-01-02");
    let kept = rate(PANZHIHUA, "2026-01-01", &late);
    assert_eq!((kept.status.as_str(), kept.reasons.join(" ")), ("kept", "insured_too_short".to_owned()));
    assert_eq!((kept.rate.as_deref(), kept.measures.len()), (Some("0.009"), 0));
    late["employer"]["insured_since"] = json!("2023-01-01");
    let review = rate(PANZHIHUA, "2026-01-01", &late);
    assert_eq!(review.reasons, ["window:incomplete", "payout_ratio:undefined"]);
    late["employer"]["risk_class"] = json!(9);
    let unknown = rate(PANZHIHUA, "2026-01-01", &late);
    assert_eq!((unknown.reasons.join(" "), unknown.rate), ("risk_class:unknown".to_owned(), None));
}
