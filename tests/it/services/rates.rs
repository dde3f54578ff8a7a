//! Rates on a day: what holds, and why nothing does.

use super::{Office, order, record, told, value};
use floatrate_proto::floatrate::v1;
use tonic_types::RpcStatusExt;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rate_holds_from_its_first_day_to_its_last() {
    let mut office = Office::open().await;
    office.import(vec![record("A", 0), record("N", 0)]).await;
    let from_april = v1::CreateDeterminationRequest { from: "2026-04-01".into(), ..order("A") };
    let made = office.publish(from_april).await;
    for day in ["2026-04-01", "2026-12-31"] {
        let answer = office.rate("A", day).await.unwrap();
        let rate = answer.rate.unwrap();
        assert_eq!((&rate.id, answer.charged.as_str()), (&made.id, "0.0045"), "{day}");
        assert_eq!((rate.from.as_str(), rate.until.as_str()), ("2026-04-01", "2026-12-31"));
        assert_eq!((rate.base_rate.as_deref(), rate.tier.as_deref()), (Some("0.009"), Some("0.5")));
        assert_eq!(
            (rate.risk_class, rate.plan.as_str(), rate.cause.as_str()),
            (Some(4), "cn-210100-2020", "annual")
        );
    }
    for (employer, day, expected, ended_on, begins_on) in [
        ("A", "2026-03-31", "RATE_UNPUBLISHED", "-", "2026-04-01"),
        ("A", "2027-01-01", "RATE_UNPUBLISHED", "2026-12-31", "-"),
        ("N", "2026-05-01", "RATE_UNPUBLISHED", "-", "-"),
    ] {
        let why = office.rate(employer, day).await.unwrap_err();
        assert_eq!(told(&why), expected, "{employer} {day}");
        assert_eq!((value(&why, "ended_on"), value(&why, "begins_on")), (ended_on.into(), begins_on.into()));
    }
    let why = office.rate("Z", "2026-05-01").await.unwrap_err();
    assert_eq!((told(&why), value(&why, "kind")), ("NOT_FOUND".into(), "employer".into()));
    let why = office.known("", "May", "then").await.unwrap_err();
    assert_eq!(told(&why), "employer_id date known_at INVALID_REQUEST");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_answers_each_in_its_place() {
    use v1::batch_get_rates_item::Outcome;
    let mut office = Office::open().await;
    office.import(vec![record("A", 0), record("N", 0)]).await;
    office.publish(order("A")).await;
    let one = |employer: &str, date: &str| v1::GetRateRequest {
        employer_id: employer.into(),
        date: date.into(),
        known_at: String::new(),
    };
    let requests = vec![
        one("Z", "2026-02-01"),
        one("A", "2026-02-01"),
        one("N", "2026-02-01"),
        one("A", "2030-01-01"),
        one("A", "x"),
    ];
    let batch = v1::BatchGetRatesRequest { requests };
    let items = office.collection.batch_get_rates(batch).await.unwrap().into_inner().items;
    let outcomes: Vec<String> = items
        .into_iter()
        .map(|item| match item.outcome.unwrap() {
            Outcome::Rate(answer) => answer.charged,
            Outcome::Status(status) => status.get_error_details().error_info().unwrap().reason.clone(),
        })
        .collect();
    assert_eq!(outcomes, ["NOT_FOUND", "0.0045", "RATE_UNPUBLISHED", "RATE_UNPUBLISHED", "INVALID_REQUEST"]);
    let many = |n| v1::BatchGetRatesRequest { requests: vec![one("A", "2026-02-01"); n] };
    assert_eq!(office.collection.batch_get_rates(many(1_000)).await.unwrap().into_inner().items.len(), 1_000);
    let why = office.collection.batch_get_rates(many(1_001)).await.unwrap_err();
    assert_eq!(told(&why), "requests BATCH_TOO_LARGE");
}
