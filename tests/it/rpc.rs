//! The door, through a real port and a generated client.

use super::door::{DATE, PLAN, message, one, options, serve};
use floatrate::plans;
use floatrate::rpc::Ended;
use floatrate::synth::employer;
use floatrate_proto::floatrate::v1;
use floatrate_proto::floatrate::v1::plan_service_client::PlanServiceClient;
use floatrate_proto::floatrate::v1::rating_service_client::RatingServiceClient;
use std::time::Duration;
use tonic::{Code, Request};
use tonic_types::StatusExt;

/// The digests that the command line's path gives.
fn expected() -> Vec<String> {
    use floatrate::exchange::{Input, Place, json};
    use floatrate::rate::{Desk, Explain};
    let catalog = plans::load(None).unwrap();
    let program = catalog.plan(PLAN).unwrap().compile(DATE.parse().unwrap()).unwrap();
    let desk =
        Desk::new(program.into(), catalog.declared().clone(), Explain::None, floatrate_engine::Lang::En);
    let inputs: Vec<Input> = (0..options().employers)
        .map(|index| Input {
            place: Place { file: None, line: index },
            form: json::parse(&serde_json::to_string(&employer(&options(), index)).unwrap()),
            periods: Vec::new(),
            claims: Vec::new(),
        })
        .collect();
    desk.rate(&inputs).results.into_iter().map(|r| r.result_digest).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_three_methods_give_the_digests_of_the_command_line() {
    let served = serve(|_| {}).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    let expected = expected();

    let answer = client.rate_employer(one(message(7))).await.unwrap().into_inner().result.unwrap();
    assert_eq!(answer.result_digest, expected[7]);
    assert_eq!(answer.flags, ["illustrative"]);

    let batch = v1::BatchRateEmployersRequest {
        plan: PLAN.into(),
        rating_date: DATE.into(),
        records: (0..1000).map(message).collect(),
        ..Default::default()
    };
    let items = client.batch_rate_employers(batch).await.unwrap().into_inner().items;
    let digests: Vec<String> = items
        .into_iter()
        .map(|item| match item.outcome.unwrap() {
            v1::batch_rate_employers_item::Outcome::Result(result) => result.result_digest,
            v1::batch_rate_employers_item::Outcome::Status(status) => panic!("{status:?}"),
        })
        .collect();
    assert_eq!(digests, expected[..1000]);

    let header = v1::StreamRateEmployersRequest {
        content: Some(v1::stream_rate_employers_request::Content::Header(v1::StreamRateEmployersHeader {
            plan: PLAN.into(),
            rating_date: DATE.into(),
            ..Default::default()
        })),
    };
    let items = (0..options().employers).map(|index| v1::StreamRateEmployersRequest {
        content: Some(v1::stream_rate_employers_request::Content::Item(v1::StreamRateEmployersItem {
            number: i64::try_from(index).unwrap(),
            record: Some(message(index)),
        })),
    });
    let stream = tokio_stream::iter(std::iter::once(header).chain(items));
    let mut answers = client.stream_rate_employers(stream).await.unwrap().into_inner();
    for (number, digest) in expected.iter().enumerate() {
        let answer = answers.message().await.unwrap().unwrap();
        assert_eq!(answer.number, i64::try_from(number).unwrap());
        match answer.outcome.unwrap() {
            v1::stream_rate_employers_response::Outcome::Result(r) => assert_eq!(r.result_digest, *digest),
            v1::stream_rate_employers_response::Outcome::Status(status) => panic!("{number}: {status:?}"),
        }
    }
    assert!(answers.message().await.unwrap().is_none());
    drop(served.down);
    assert_eq!(served.ended.await.unwrap(), Ended::Drained);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mistakes_are_told_all_at_once_and_touch_no_other() {
    let served = serve(|_| {}).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    let mut broken = message(1);
    broken.periods[0].payroll = Some(-1);
    broken.employer.as_mut().unwrap().insured_since = "2023-02-30".into();
    let status = client.rate_employer(one(broken.clone())).await.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument);
    let details = status.get_error_details();
    let fields = &details.bad_request().unwrap().field_violations;
    let mut paths: Vec<&str> = fields.iter().map(|f| f.field.as_str()).collect();
    paths.sort_unstable();
    assert_eq!(paths, ["record.employer.insured_since", "record.periods[0].payroll"]);
    assert_eq!(details.error_info().unwrap().reason, "INVALID_RECORD");
    assert!(details.localized_message().is_some());

    let batch = v1::BatchRateEmployersRequest {
        plan: PLAN.into(),
        rating_date: DATE.into(),
        records: vec![message(0), broken, message(2)],
        ..Default::default()
    };
    let items = client.batch_rate_employers(batch).await.unwrap().into_inner().items;
    let kinds: Vec<bool> = items
        .iter()
        .map(|i| matches!(i.outcome, Some(v1::batch_rate_employers_item::Outcome::Result(_))))
        .collect();
    assert_eq!(kinds, [true, false, true]);

    for (plan, date, language, code, reason) in [
        ("cn-510400-2020", DATE, "", Code::NotFound, "PLAN_NOT_FOUND"),
        (PLAN, "2026-01-02", "", Code::InvalidArgument, "NOT_A_RATING_DATE"),
        (PLAN, "tomorrow", "fr", Code::InvalidArgument, "INVALID_REQUEST"),
        ("", "", "", Code::InvalidArgument, "INVALID_REQUEST"),
    ] {
        let request = v1::RateEmployerRequest {
            plan: plan.into(),
            rating_date: date.into(),
            language: language.into(),
            ..one(message(0))
        };
        let status = client.rate_employer(request).await.unwrap_err();
        assert_eq!(status.code(), code, "{plan} {date}");
        assert_eq!(status.get_error_details().error_info().unwrap().reason, reason);
    }
    // Without a date, the plan's first one on or after today.
    let next = v1::RateEmployerRequest { rating_date: String::new(), ..one(message(0)) };
    assert_eq!(client.rate_employer(next).await.unwrap().into_inner().result.unwrap().rating_date, DATE);
    let many = v1::BatchRateEmployersRequest {
        plan: PLAN.into(),
        records: vec![v1::Record::default(); 1001],
        ..Default::default()
    };
    assert_eq!(client.batch_rate_employers(many).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_call_past_its_deadline_is_told_so() {
    let served = serve(|config| config.limits.threads = 1).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    let batch = v1::BatchRateEmployersRequest {
        plan: PLAN.into(),
        rating_date: DATE.into(),
        explain: v1::Explain::Full.into(),
        records: (0..100).map(message).collect(),
        ..Default::default()
    };
    // Hold the only thread with work, then ask with less time than it takes.
    let mut busy = client.clone();
    let holding = tokio::spawn({
        let batch = batch.clone();
        async move { busy.batch_rate_employers(batch).await.map(drop) }
    });
    let mut request = Request::new(batch);
    request.set_timeout(Duration::from_millis(8));
    let mut header = request.metadata().clone();
    header.insert("x-request-id", "mine-1".parse().unwrap());
    let status = client.batch_rate_employers(request).await.unwrap_err();
    // Our answer, or where the client gave up first, its own: never a result, and never CANCELLED from us.
    assert!(matches!(status.code(), Code::DeadlineExceeded | Code::Cancelled), "{status:?}");
    holding.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn overload_is_refused_with_a_time_to_come_back() {
    let served = serve(|config| {
        config.limits.threads = 1;
        config.limits.in_flight = 1;
    })
    .await;
    let batch = || v1::BatchRateEmployersRequest {
        plan: PLAN.into(),
        rating_date: DATE.into(),
        explain: v1::Explain::Full.into(),
        records: (0..100).map(message).collect(),
        ..Default::default()
    };
    let calls = (0..8).map(|_| {
        let mut client = RatingServiceClient::new(served.channel.clone());
        tokio::spawn(async move { client.batch_rate_employers(batch()).await.map(drop) })
    });
    let mut refused = 0;
    for call in calls.collect::<Vec<_>>() {
        if let Err(status) = call.await.unwrap() {
            assert_eq!(status.code(), Code::ResourceExhausted);
            let details = status.get_error_details();
            assert!(details.retry_info().unwrap().retry_delay.unwrap() > Duration::ZERO);
            assert_eq!(details.error_info().unwrap().reason, "OVERLOADED");
            refused += 1;
        }
    }
    assert!((1..8).contains(&refused), "{refused} of 8 refused");
    let mut client = RatingServiceClient::new(served.channel.clone());
    // The last piece gives its permit back a moment after its answer has left.
    for _ in 0..200 {
        if client.rate_employer(one(message(0))).await.is_ok() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the service did not recover");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn plans_are_listed_shown_and_checked() {
    let served = serve(|_| {}).await;
    let mut client = PlanServiceClient::new(served.channel.clone());
    let (mut ids, mut token) = (Vec::new(), String::new());
    loop {
        let page = v1::ListPlansRequest { page_size: 3, page_token: token };
        let page = client.list_plans(page).await.unwrap().into_inner();
        ids.extend(page.plans.into_iter().map(|p| p.id));
        token = page.next_page_token;
        if token.is_empty() {
            break;
        }
    }
    // All that are loaded, each once, in the order of their ids.
    let catalog = plans::load(None).unwrap();
    assert_eq!(ids, catalog.plans().map(|plan| plan.checked.id.clone()).collect::<Vec<_>>());
    assert!(ids.len() > 3 && ids.is_sorted() && ids.iter().any(|id| id == PLAN), "{ids:?}");
    let plan = client.get_plan(v1::GetPlanRequest { id: PLAN.into(), language: "zh".into() }).await.unwrap();
    let plan = plan.into_inner().plan.unwrap();
    assert_eq!(plan.status, "illustrative");
    assert!(plan.sections.iter().any(|s| s.name == "tables" && s.parts.len() == 5));

    let request = v1::DiffPlansRequest { earlier: "cn-440300-2018".into(), later: PLAN.into() };
    let changes = client.diff_plans(request.clone()).await.unwrap().into_inner().changes;
    let minimum =
        changes.iter().find(|c| (c.section.as_str(), c.name.as_str()) == ("param", "minimum_months"));
    let minimum = minimum.unwrap();
    assert_eq!(minimum.says.as_ref().unwrap().en, "parameter minimum_months, value: ‘24’ becomes ‘36’");
    let witness = minimum.witness.as_ref().unwrap();
    let (before, after) = (witness.before.as_ref().unwrap(), witness.after.as_ref().unwrap());
    assert_eq!(
        (minimum.effect.as_str(), before.status.as_str(), after.status.as_str()),
        ("witness", "rated", "kept")
    );
    assert!(witness.alone && witness.record.starts_with('{'), "{witness:?}");
    let unknown =
        client.diff_plans(v1::DiffPlansRequest { later: "cn-none".into(), ..request }).await.unwrap_err();
    assert_eq!(unknown.get_error_details().error_info().unwrap().reason, "PLAN_NOT_FOUND");

    let check = |text: &str| v1::CheckPlanRequest { text: text.into() };
    let panzhihua = plans::embedded()["cn/510400/2021/plan.toml"].clone();
    let good = client.check_plan(check(&panzhihua)).await.unwrap().into_inner();
    assert_eq!((good.diagnostics.len(), good.rendered.as_str()), (0, ""));
    let bad =
        panzhihua.replacen("(0..0.5]", "(0..0.5", 1).replacen("worse = \"more\"", "worse = \"most\"", 1);
    let bad = client.check_plan(check(&bad)).await.unwrap().into_inner();
    assert!(bad.diagnostics.len() >= 2 && bad.rendered.contains("-->"), "{}", bad.rendered);
    // A plan over the wire names no files.
    let map = "[class]\ncount = 8\nmap = [{ standard = \"2011\", csv = \"/etc/passwd\", code = \"a\", class = \"b\" }]\ncite = \"city_plan 4.3\"\n";
    let files = client.check_plan(check(&(panzhihua + map))).await.unwrap_err();
    assert_eq!(files.get_error_details().error_info().unwrap().reason, "PLAN_NAMES_FILES");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_console_and_the_request_id() {
    let served = serve(|_| {}).await;
    let mut client = RatingServiceClient::new(served.channel.clone());
    let mut request = Request::new(one(message(0)));
    request.metadata_mut().insert("x-request-id", "mine-1".parse().unwrap());
    let answer = client.rate_employer(request).await.unwrap();
    assert_eq!(answer.metadata().get("x-request-id").unwrap(), "mine-1");
    let made = client.rate_employer(one(message(0))).await.unwrap();
    assert!(made.metadata().get("x-request-id").unwrap().len() > 10);
    drop(answer);
    let get = |path: &str| {
        use std::io::{Read, Write};
        let mut stream = std::net::TcpStream::connect(served.console).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        text
    };
    assert!(get("/healthz").ends_with("ok\n"));
    let page = get("/metrics");
    let line = "floatrate_calls_total{method=\"floatrate.v1.RatingService/RateEmployer\",code=\"Ok\"} 2";
    assert!(page.contains(line), "{page}");
}
