//! Wire messages hold what the JSON format holds, both ways.

use super::{diagnostic, rating_result, record};
use crate::exchange::json;
use crate::exchange::results::{Charged, Component, ResultRow, Words, WordsParagraph};
use crate::plans;
use crate::rate::{Desk, Explain};
use crate::synth::{SynthOptions, records};
use floatrate_engine::Lang;
use floatrate_engine::record::{Declared, FactKind, Record, Violation};
use floatrate_proto::floatrate::v1;
use prost::Message;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The message of a line of JSON, by way of the wire. It takes every field out of `line`, so that one that the
/// messages lack is noticed.
fn message(line: &str) -> v1::Record {
    let message = record_of(serde_json::from_str(line).unwrap());
    v1::Record::decode(message.encode_to_vec().as_slice()).unwrap()
}

type Object = Map<String, Value>;

fn object(value: Value) -> Object {
    let Value::Object(map) = value else { panic!("{value} is not an object") };
    map
}

fn done<T>(rest: &Object, message: T) -> T {
    assert!(rest.is_empty(), "the messages lack {rest:?}");
    message
}

fn text(from: &mut Object, name: &str) -> String {
    optional_text(from, name).unwrap_or_default()
}

fn optional_text(from: &mut Object, name: &str) -> Option<String> {
    from.remove(name).map(|v| v.as_str().unwrap().to_owned())
}

fn number<T: TryFrom<i64, Error: std::fmt::Debug>>(from: &mut Object, name: &str) -> Option<T> {
    from.remove(name).map(|v| v.as_i64().unwrap().try_into().unwrap())
}

fn rows<T>(from: &mut Object, name: &str, of: fn(Object) -> T) -> Vec<T> {
    let rows = from.remove(name).map(|v| v.as_array().unwrap().clone()).unwrap_or_default();
    rows.into_iter().map(|row| of(object(row))).collect()
}

fn record_of(value: Value) -> v1::Record {
    let mut r = object(value);
    let facts = r.remove("facts").map(object).unwrap_or_default();
    let message = v1::Record {
        employer: r.remove("employer").map(|e| employer_of(object(e))),
        periods: rows(&mut r, "periods", period_of),
        claims: rows(&mut r, "claims", claim_of),
        facts: facts.into_iter().map(|(name, value)| (name, fact_of(value))).collect(),
    };
    done(&r, message)
}

fn employer_of(mut e: Object) -> v1::Employer {
    let industry = e.remove("industry").map(|i| {
        let mut i = object(i);
        let message = v1::Industry { standard: text(&mut i, "standard"), code: text(&mut i, "code") };
        done(&i, message)
    });
    let prior = e.remove("prior").map(|p| {
        let mut p = object(p);
        let message = v1::Prior {
            rate: text(&mut p, "rate"),
            tier: optional_text(&mut p, "tier"),
            unlimited_rate: optional_text(&mut p, "unlimited_rate"),
        };
        done(&p, message)
    });
    let message = v1::Employer {
        id: text(&mut e, "id"),
        name: optional_text(&mut e, "name"),
        region: optional_text(&mut e, "region"),
        industry,
        risk_class: number(&mut e, "risk_class"),
        insured_since: text(&mut e, "insured_since"),
        first_insured: optional_text(&mut e, "first_insured"),
        prior,
    };
    done(&e, message)
}

fn period_of(mut p: Object) -> v1::Period {
    let values = p.remove("values").map(object).unwrap_or_default();
    let message = v1::Period {
        start: text(&mut p, "start"),
        end: text(&mut p, "end"),
        class: optional_text(&mut p, "class"),
        payroll: number(&mut p, "payroll"),
        contributions_due: number(&mut p, "contributions_due"),
        contributions_paid: number(&mut p, "contributions_paid"),
        headcount: optional_text(&mut p, "headcount"),
        months_insured: number(&mut p, "months_insured"),
        values: values.into_iter().map(|(name, v)| (name, v.as_str().unwrap().to_owned())).collect(),
    };
    done(&p, message)
}

fn claim_of(mut c: Object) -> v1::Claim {
    let message = v1::Claim {
        id: text(&mut c, "id"),
        event: optional_text(&mut c, "event"),
        class: optional_text(&mut c, "class"),
        date: text(&mut c, "date"),
        cause: text(&mut c, "cause"),
        outcome: text(&mut c, "outcome"),
        count: number(&mut c, "count"),
        paid_on: optional_text(&mut c, "paid_on"),
        benefits_paid: number(&mut c, "benefits_paid"),
        reserve: number(&mut c, "reserve"),
    };
    done(&c, message)
}

fn fact_of(value: Value) -> v1::FactValue {
    use v1::{fact_span, fact_value::Kind};
    let kind = match value {
        Value::Bool(yes) => Kind::Boolean(yes),
        Value::String(decimal) => Kind::Decimal(decimal),
        Value::Array(spans) => {
            let spans = spans.into_iter().map(|span| {
                let mut s = object(span);
                let value = s.remove("value").map(|value| match value {
                    Value::Bool(yes) => fact_span::Value::Boolean(yes),
                    other => fact_span::Value::Decimal(other.as_str().unwrap().to_owned()),
                });
                let (from, to) = (optional_text(&mut s, "from"), optional_text(&mut s, "to"));
                done(&s, v1::FactSpan { from, to, value })
            });
            Kind::Spans(v1::FactSpans { spans: spans.collect() })
        }
        Value::Null => return v1::FactValue { kind: None },
        other => panic!("{other} is not a fact"),
    };
    v1::FactValue { kind: Some(kind) }
}

fn declared() -> Declared {
    let named = |kinds: &[(&str, FactKind)]| -> BTreeMap<String, FactKind> {
        kinds.iter().map(|(name, kind)| ((*name).to_owned(), *kind)).collect()
    };
    Declared {
        facts: named(&[
            ("arrears_months", FactKind::Number { places: 0 }),
            ("blacklisted", FactKind::Boolean),
            ("grade", FactKind::Number { places: 2 }),
        ]),
        values: named(&[("hours_worked", FactKind::Number { places: 9 }), ("audited", FactKind::Boolean)]),
    }
}

/// What the reader makes of a line of JSON, which has to be the same by way of the wire.
fn read(line: &str, declared: &Declared) -> Result<Record, Vec<Violation>> {
    let by_file = Record::from_form(&json::parse(line).unwrap(), declared);
    let by_wire = Record::from_form(&record(message(line)), declared);
    assert_eq!(by_wire, by_file, "{line}");
    by_wire
}

const FULL: &str = r#"{"employer":{"id":"91510400MA6212342W","name":"样例","region":"510400",
      "industry":{"standard":"2017","code":"06"},"risk_class":8,"insured_since":"2015-03-01",
      "first_insured":"2012-05-06","prior":{"rate":"0.019","tier":"1.1","unlimited_rate":"0.0209"}},
     "periods":[{"start":"2024-01-01","end":"2024-12-31","class":"A","payroll":999999999999999999,
      "contributions_due":2344600,"contributions_paid":0,"headcount":"400.5","months_insured":0,
      "values":{"hours_worked":"800000.25","audited":"true"}},
      {"start":"2023-01-01","end":"2023-12-31","class":"A"}],
     "claims":[{"id":"2023-17","event":"E1","class":"A","date":"2023-05-04","cause":"work_accident",
      "outcome":"disability_7","count":0,"paid_on":"2023-08-01","benefits_paid":1300000,"reserve":7},
      {"id":"2023-18","date":"2023-05-05","cause":"other","outcome":"fatal","benefits_paid":0}],
     "facts":{"arrears_months":"3","blacklisted":true,
      "grade":[{"from":"2020-01-01","to":"2020-12-31","value":"1.5"},{"from":"2021-01-01","value":"2"}]}}"#;

#[test]
fn every_field_arrives() {
    let record = read(FULL, &declared()).unwrap();
    // Each field of the record is there, so a conversion that drops one fails above.
    let (employer, period, claim) = (&record.employer, &record.periods[1], &record.claims[0]);
    assert!(employer.name.is_some() && employer.region.is_some() && employer.industry.is_some());
    assert!(employer.risk_class.is_some() && employer.first_insured < employer.insured_since);
    let prior = employer.prior.as_ref().unwrap();
    assert!(prior.tier.is_some() && prior.unlimited_rate.is_some());
    assert!(period.class.is_some() && period.payroll.is_some() && period.headcount.is_some());
    assert_eq!((period.contributions_paid.unwrap().0, period.months_insured), (0, Some(0)));
    assert_eq!(period.values.len(), 2);
    assert!(claim.event.is_some() && claim.class.is_some() && claim.paid_on > claim.date);
    assert_eq!((claim.count, claim.benefits_paid.0, claim.reserve.0), (0, 1_300_000, 7));
    assert_eq!(record.facts.iter().map(|f| f.spans.len()).collect::<Vec<_>>(), [1, 1, 2]);
}

#[test]
fn a_field_left_out_stays_left_out() {
    let record = read(
        r#"{"employer":{"id":"A","insured_since":"2015-03-01"},
            "periods":[{"start":"2023-01-01","end":"2023-12-31"}],
            "claims":[{"id":"1","date":"2023-01-02","cause":"rescue","outcome":"temporary","benefits_paid":5}],
            "facts":{"grade":null}}"#,
        &declared(),
    )
    .unwrap();
    let period = &record.periods[0];
    assert_eq!((period.payroll, period.contributions_due, period.contributions_paid), (None, None, None));
    assert_eq!((&period.headcount, period.months_insured, &period.class), (&None, None, &None));
    assert_eq!((record.claims[0].count, record.claims[0].reserve.0), (1, 0));
    assert_eq!((record.facts.len(), record.employer.prior), (0, None));
}

#[test]
fn violations_have_the_same_paths_and_reasons() {
    let violations = read(
        r#"{"employer":{"id":" A","region":"5104","industry":{"standard":"2017","code":"x"},"risk_class":0,
             "insured_since":"2015-02-30","prior":{"rate":"-1"}},
            "periods":[{"start":"2023-01-01","end":"2022-12-31","payroll":-1,"headcount":"1.1234567"},
             {"end":"2023-12-31","months_insured":99,"values":{"unheard_of":"1","hours_worked":""}}],
            "claims":[{"id":"1","date":"2023-01-02","cause":"accident","outcome":"disability_11","count":-1}],
            "facts":{"blacklisted":"maybe","grade":[{"value":"1"},{"value":"2"},{"from":"2023-01-01"}],"gradee":"1"}}"#,
        &declared(),
    )
    .unwrap_err();
    let found: Vec<_> = violations.iter().map(|v| format!("{} {}", v.field, v.reason())).collect();
    assert!(found.len() > 15, "{found:#?}");
    for expected in [
        "claims[0].benefits_paid missing_field",
        "periods[1].start missing_field",
        "periods[1].values.hours_worked not_a_decimal",
        "facts.grade[2].value missing_field",
    ] {
        assert!(found.iter().any(|f| f == expected), "{expected}: {found:#?}");
    }
}

#[test]
fn nothing_is_a_record_without_an_employer() {
    let violations = Record::from_form(&record(v1::Record::default()), &declared()).unwrap_err();
    assert_eq!((violations[0].field.as_str(), violations[0].reason()), ("employer", "missing_field"));
}

/// Most clients cannot leave a text out and set it to nothing instead.
#[test]
fn an_empty_text_is_left_out() {
    let mut full = message(FULL);
    let employer = full.employer.as_mut().unwrap();
    (employer.name, employer.region, employer.first_insured) =
        (Some(String::new()), Some(String::new()), Some(String::new()));
    full.claims[0].event = Some(String::new());
    full.claims[0].paid_on = Some(String::new());
    full.periods[0].headcount = Some(String::new());
    let read = Record::from_form(&record(full), &declared()).unwrap();
    assert_eq!((read.employer.name, read.employer.region), (None, None));
    assert_eq!(read.employer.first_insured, read.employer.insured_since);
    assert_eq!((&read.claims[0].event, read.claims[0].paid_on), (&None, read.claims[0].date));
    assert_eq!(read.periods[1].headcount, None);
}

fn options(employers: u64) -> SynthOptions {
    SynthOptions { employers, seed: 11, region: "510400".into(), first_year: 2023, last_year: 2025 }
}

#[test]
fn synthetic_records_arrive() {
    let catalog = plans::load(None).unwrap();
    for made in records(&options(2000)) {
        read(&serde_json::to_string(&made).unwrap(), catalog.declared()).unwrap();
    }
}

/// The JSON of a result from its message: the fields, names and types of the contract.
fn json_of(result: v1::RatingResult) -> Value {
    let r = v1::RatingResult::decode(result.encode_to_vec().as_slice()).unwrap();
    let mut out = json!({
        "employer_id": r.employer_id, "plan": r.plan, "plan_digest": r.plan_digest,
        "input_digest": r.input_digest, "result_digest": r.result_digest, "engine_version": r.engine_version,
        "rating_date": r.rating_date, "status": r.status, "measures": r.measures, "risk_class": r.risk_class,
        "base_rate": r.base_rate, "step": r.step, "tier": r.tier, "rate": r.rate,
        "unlimited_rate": r.unlimited_rate,
        "charged": r.charged.into_iter().map(|c| json!({"from": c.from, "rate": c.rate})).collect::<Vec<_>>(),
        "components":
            r.components.into_iter().map(|c| json!({"from": c.from, "step": c.step})).collect::<Vec<_>>(),
        "reasons": r.reasons, "flags": r.flags, "assumed": r.assumed,
    });
    if !r.portfolio.is_empty() {
        out["portfolio"] = json!(r.portfolio);
    }
    if let Some(words) = r.explanation {
        let paragraphs = words.paragraphs.into_iter().map(|p| {
            let mut paragraph = json!({"topic": p.topic, "text": p.text});
            if !p.cites.is_empty() {
                paragraph["cites"] = p.cites.into();
            }
            paragraph
        });
        out["explanation"] =
            json!({"language": words.language, "paragraphs": paragraphs.collect::<Vec<_>>()});
    }
    out
}

#[test]
fn every_field_of_a_result_leaves() {
    let text = str::to_owned;
    let cites = |cites: &[&str]| cites.iter().map(|c| text(c)).collect();
    let row = ResultRow {
        sensitivity: None,
        employer_id: text("A"),
        plan: text("cn-510400-2021"),
        plan_digest: text("blake3:1"),
        input_digest: text("blake3:2"),
        result_digest: text("blake3:3"),
        engine_version: "0.1.0".into(),
        rating_date: text("2026-01-01"),
        status: "rated".into(),
        measures: vec![(text("payout_ratio"), text("0.184821860160937189…"))],
        portfolio: vec![(text("average"), text("1/3"))],
        risk_class: Some(8),
        base_rate: Some(text("0.019")),
        step: -1,
        tier: Some(text("0.8")),
        rate: Some(text("0.0152")),
        unlimited_rate: Some(text("0.0153")),
        charged: vec![Charged { from: text("2026-01-01"), rate: text("0.0154") }],
        components: vec![Component { from: text("band:payout_ratio:2"), step: -2 }],
        reasons: vec![text("band:payout_ratio:2")],
        flags: vec![text("illustrative")],
        assumed: vec![text("fraud")],
        explanation: Some(Words {
            language: "zh".into(),
            paragraphs: vec![
                WordsParagraph { topic: "rate".into(), text: text("费率"), cites: cites(&["a 1", "a 2"]) },
                WordsParagraph { topic: "assumed".into(), text: text("无"), cites: vec![] },
            ],
        }),
    };
    let unknown = ResultRow {
        risk_class: None,
        base_rate: None,
        tier: None,
        rate: None,
        unlimited_rate: None,
        explanation: None,
        ..row.clone()
    };
    for row in [row, unknown] {
        assert_eq!(json_of(rating_result(row.clone())), serde_json::to_value(&row).unwrap());
    }
}

#[test]
fn results_of_synthetic_records_leave() {
    let catalog = plans::load(None).unwrap();
    let plan = catalog.plan("cn-510400-2021").unwrap();
    let date = plan.checked.rating_date_from("2026-01-01".parse().unwrap()).unwrap();
    let program = Arc::new(plan.compile(date).unwrap());
    let desk = Desk::new(program, catalog.declared().clone(), Explain::Rules, Lang::Zh);
    let place = crate::exchange::Place { file: None, line: 1 };
    let inputs: Vec<_> = records(&options(200))
        .map(|made| crate::exchange::Input {
            place: place.clone(),
            form: Ok(record(message(&serde_json::to_string(&made).unwrap()))),
            periods: vec![],
            claims: vec![],
        })
        .collect();
    let rated = desk.rate(&inputs);
    assert_eq!(rated.results.len(), 200);
    for row in rated.results {
        assert_eq!(json_of(rating_result(row.clone())), serde_json::to_value(&row).unwrap());
    }
}

#[test]
fn a_mistake_of_a_plan_has_its_place() {
    use floatrate_engine::plan::catalog::Catalog;
    let texts = BTreeMap::from([("x/plan.toml".to_owned(), "language = 1\nid = 7\n".to_owned())]);
    let (diagnostics, files) = Catalog::load(&texts).unwrap_err();
    let messages: Vec<_> = diagnostics.iter().map(|d| diagnostic(d, &files)).collect();
    assert!(messages.iter().all(|m| !m.code.is_empty() && !m.message.is_empty()));
    let of_id = messages.iter().find(|m| m.line == 2).unwrap();
    assert_eq!((of_id.file.as_str(), of_id.column), ("x/plan.toml", 6));
}
