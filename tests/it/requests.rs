//! What is wrong with a request, all at once and by its path; and overload without a clock.

use super::door::{DATE, PLAN, message, one, serve, today};
use floatrate::collection::Feed;
use floatrate::determination::Agency;
use floatrate::plans;
use floatrate::rpc::{BATCH_EXPLAINED_MAX, BATCH_MAX, Desks, Door, Pool, Rating};
use floatrate::store::Db;
use floatrate::workdays::Calendar;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::plan_service_client::PlanServiceClient;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use floatrate_proto::floatrate::v1::rating_service_server::RatingService;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;
use tonic::{Code, Request, Status};
use tonic_types::{StatusExt, pb};

/// The paths of a refusal's violations, in order, after its reason. Every violation speaks both languages.
fn told(status: &Status) -> (String, Vec<String>) {
    let details = status.get_error_details();
    let info = details.error_info().unwrap_or_else(|| panic!("{status:?}"));
    assert_eq!(info.domain, "floatrate");
    assert!(details.localized_message().is_some_and(|m| m.locale == "zh-CN" && !m.message.is_ascii()));
    let violations = details.bad_request().map(|b| b.field_violations.clone()).unwrap_or_default();
    let mut paths = Vec::new();
    for violation in violations {
        assert!(!violation.description.is_empty() && !violation.reason.is_empty(), "{violation:?}");
        assert!(violation.localized_message.is_some_and(|m| !m.message.is_ascii()), "{}", violation.field);
        paths.push(violation.field);
    }
    paths.sort_unstable();
    (info.reason.clone(), paths)
}

fn of_item(status: pb::Status) -> Status {
    use prost::Message;
    let details = status.encode_to_vec().into();
    Status::with_details(status.code.into(), status.message, details)
}

fn broken() -> v1::Record {
    let mut record = message(1);
    record.periods[0].payroll = Some(-1);
    record
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_of_the_request_and_of_its_record_are_told_together() {
    let served = serve(|_| {}).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    let request = v1::RateEmployerRequest {
        plan: String::new(),
        rating_date: "tomorrow".into(),
        record: Some(broken()),
        explain: 9,
        portfolio: [].into(),
        language: "fr".into(),
    };
    let (reason, paths) = told(&client.rate_employer(request).await.unwrap_err());
    assert_eq!(reason, "INVALID_REQUEST");
    assert_eq!(paths, ["explain", "language", "plan", "rating_date", "record.periods[0].payroll"]);
    // A request without a record is one whose record has nothing.
    let nothing = v1::RateEmployerRequest { record: None, ..one(message(0)) };
    let (reason, paths) = told(&client.rate_employer(nothing).await.unwrap_err());
    assert_eq!(reason, "INVALID_RECORD");
    assert!(paths.iter().all(|p| p.starts_with("record.employer")) && !paths.is_empty(), "{paths:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn items_are_told_by_their_path_in_the_request() {
    let served = serve(|_| {}).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    // Beyond the first slice, and beside good ones.
    let records = (0..40).map(|n| if n == 37 { broken() } else { message(n) }).collect();
    let batch = v1::BatchRateEmployersRequest {
        plan: PLAN.into(),
        rating_date: DATE.into(),
        records,
        ..Default::default()
    };
    let items = client.batch_rate_employers(batch).await.unwrap().into_inner().items;
    for (number, item) in items.into_iter().enumerate() {
        match item.outcome.unwrap() {
            v1::batch_rate_employers_item::Outcome::Result(_) => assert_ne!(number, 37),
            v1::batch_rate_employers_item::Outcome::Status(status) => {
                let expected = ("INVALID_RECORD".to_owned(), vec!["records[37].periods[0].payroll".into()]);
                assert_eq!((number, told(&of_item(status))), (37, expected));
            }
        }
    }
    let stream = tokio_stream::iter([super::wires::header(), super::wires::item(5, broken())]);
    let mut answers = client.stream_rate_employers(stream).await.unwrap().into_inner();
    let answer = answers.message().await.unwrap().unwrap();
    let Some(v1::stream_rate_employers_response::Outcome::Status(status)) = answer.outcome else {
        panic!("{answer:?}");
    };
    assert_eq!(told(&of_item(status)).1, ["item.record.periods[0].payroll"]);
    // The header's own.
    let header = v1::StreamRateEmployersHeader { language: "fr".into(), ..Default::default() };
    let content = Some(v1::stream_rate_employers_request::Content::Header(header));
    let stream = tokio_stream::iter([v1::StreamRateEmployersRequest { content }]);
    let mut answers = client.stream_rate_employers(stream).await.unwrap().into_inner();
    let (reason, paths) = told(&answers.message().await.unwrap_err());
    assert_eq!(
        (reason.as_str(), paths),
        ("INVALID_REQUEST", vec!["header.language".into(), "header.plan".into()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_has_limits_with_and_without_explanations() {
    let served = serve(|_| {}).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    assert_eq!((BATCH_MAX, BATCH_EXPLAINED_MAX), (1_000, 100));
    for (explain, most) in [(v1::Explain::None, 1_000), (v1::Explain::Rules, 100), (v1::Explain::Full, 100)] {
        let batch = |count| v1::BatchRateEmployersRequest {
            plan: PLAN.into(),
            rating_date: DATE.into(),
            explain: explain.into(),
            records: vec![v1::Record::default(); count],
            ..Default::default()
        };
        assert_eq!(client.batch_rate_employers(batch(most)).await.unwrap().into_inner().items.len(), most);
        let (reason, paths) = told(&client.batch_rate_employers(batch(most + 1)).await.unwrap_err());
        assert_eq!((reason.as_str(), paths), ("BATCH_TOO_LARGE", vec!["records".to_owned()]));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_plan_is_checked_beside_the_plans_that_are_served() {
    // The plans of floatrate, with the national frame under another id.
    let folder = tempfile::tempdir().unwrap();
    let renamed = |text: &str| text.replace("cn-000000-2015", "cn-000000-2099");
    for (path, text) in plans::embedded() {
        let path = folder.path().join(path.replace("cn/000000/2015", "cn/000000/2099"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, renamed(&text)).unwrap();
    }
    let served = serve(|config| config.plan_dir = Some(folder.path().to_owned())).await;
    let mut client = PlanServiceClient::new(served.channel.clone());
    let panzhihua = plans::embedded()["cn/510400/2021/plan.toml"].clone();
    let check = |text: String| v1::CheckPlanRequest { text };
    let good = client.check_plan(check(renamed(&panzhihua))).await.unwrap().into_inner();
    assert_eq!(good.rendered, "");
    let orphan = client.check_plan(check(panzhihua)).await.unwrap().into_inner();
    assert!(orphan.rendered.contains("cn-000000-2015"), "{}", orphan.rendered);
    // What is missing is told by its field.
    let (reason, paths) = told(&client.check_plan(check(String::new())).await.unwrap_err());
    assert_eq!((reason.as_str(), paths), ("INVALID_REQUEST", vec!["text".to_owned()]));
    let nothing = v1::GetPlanRequest { id: String::new(), language: "fr".into() };
    let (reason, paths) = told(&client.get_plan(nothing).await.unwrap_err());
    assert_eq!((reason.as_str(), paths), ("INVALID_REQUEST", vec!["id".to_owned(), "language".to_owned()]));
}

/// The only permit is held by work that waits for this test, not for a time.
#[tokio::test]
async fn overload_is_refused_at_once_and_ends_with_the_work() {
    let library = Arc::new(plans::library(None).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let db = Db::open(folder.path().join("floatrate.db").to_str().unwrap()).await.unwrap();
    let door = Arc::new(Door {
        desks: Desks::new(Arc::clone(&library)),
        feed: Feed::open(db.clone()).await.unwrap(),
        agency: Agency::new(db, library),
        calendar: Calendar::default(),
        pool: Pool::new(1, 1).unwrap(),
        clock: today,
    });
    let (open, gate) = channel::<()>();
    let holding = {
        let door = Arc::clone(&door);
        tokio::spawn(async move { door.pool.try_run(move |_| gate.recv().is_ok()).await })
    };
    while door.pool.in_flight() == 0 {
        tokio::task::yield_now().await;
    }
    let rating = Rating::new(Arc::clone(&door));
    let refused = rating.rate_employer(Request::new(one(message(0)))).await.unwrap_err();
    assert_eq!((refused.code(), told(&refused).0.as_str()), (Code::ResourceExhausted, "OVERLOADED"));
    let retry = refused.get_error_details().retry_info().unwrap().retry_delay;
    assert_eq!(retry, Some(Duration::from_millis(200)));
    open.send(()).unwrap();
    assert_eq!(holding.await.unwrap(), Ok(true));
    while door.pool.in_flight() > 0 {
        tokio::task::yield_now().await;
    }
    assert!(rating.rate_employer(Request::new(one(message(0)))).await.is_ok());
}
