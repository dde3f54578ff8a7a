//! Determinations: made, checked, listed, explained, replayed, withdrawn.

use super::{NEW_YEAR, Office, order, record, record_in, told, uuid, value};
use floatrate_proto::floatrate::v1;

const ILLUSTRATIVE: &str = "cn-510400-2021";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_enacted_plan_of_the_region_rates() {
    let mut office = Office::open().await;
    // Jiangsu looks at October to September: its periods are quarters.
    let mut jiangsu = record_in("320500", "J");
    jiangsu.periods = (0..12)
        .map(|n| {
            let (year, month) = (2022 + n / 4, n % 4 * 3 + 1);
            let last = [31, 30, 30, 31][usize::try_from(n % 4).unwrap()];
            v1::Period {
                start: format!("{year}-{month:02}-01"),
                end: format!("{year}-{:02}-{last}", month + 2),
                contributions_paid: Some(1_000_000),
                headcount: Some("40".into()),
                months_insured: Some(3),
                ..Default::default()
            }
        })
        .collect();
    office.import(vec![record("A", 0), jiangsu, record_in("510400", "P")]).await;
    let made = office.publish(order("A")).await;
    let result = made.result.clone().unwrap();
    assert_eq!((result.plan.as_str(), result.tier.as_deref()), ("cn-210100-2020", Some("0.5")));
    assert_eq!((made.from.as_str(), made.until.as_str()), ("2026-01-01", "2026-12-31"));
    assert_eq!((made.record_version, made.position, made.supersedes.as_str()), (1, 1, ""));
    assert_eq!((made.region.as_deref(), made.illustrative_reason.as_str()), (Some("210100"), ""));
    assert!(made.ledger_head.len() > 32 && made.published_by.starts_with("local ("), "{made:?}");
    let get = v1::GetDeterminationRequest { id: made.id.clone() };
    assert_eq!(
        office.determinations.get_determination(get).await.unwrap().into_inner().determination,
        Some(made)
    );
    // Of the province, for 24 months.
    let of_province = v1::CreateDeterminationRequest { rating_date: "2025-01-01".into(), ..order("J") };
    let made = office.publish(of_province).await;
    assert_eq!(made.result.unwrap().plan, "cn-320000-2023");
    assert_eq!((made.until.as_str(), made.region.as_deref()), ("2026-12-31", Some("320500")));
    // Where only an illustrative plan is known, a plan has to be named, and why.
    let why = office.refused(order("P")).await;
    assert_eq!((told(&why), value(&why, "region")), ("NO_PLAN_FOR_REGION".into(), "510400".into()));
    let named = v1::CreateDeterminationRequest { plan: ILLUSTRATIVE.into(), ..order("P") };
    let why = office.refused(named.clone()).await;
    assert_eq!((told(&why), value(&why, "plan_status")), ("PLAN_NOT_ENACTED".into(), "illustrative".into()));
    let accepted = v1::CreateDeterminationRequest { accept_illustrative: "a trial".into(), ..named };
    let made = office.publish(accepted).await;
    assert_eq!(
        (made.illustrative_reason.as_str(), made.result.unwrap().flags),
        ("a trial", vec!["illustrative".to_owned()])
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_way_is_told_and_nothing_is_published() {
    let mut office = Office::open().await;
    let mut unpaid = record("U", 0);
    for period in &mut unpaid.periods {
        period.contributions_paid = Some(0);
    }
    office.import(vec![record("A", 0), unpaid]).await;
    let of = |change: &dyn Fn(&mut v1::CreateDeterminationRequest)| {
        let mut request = order("A");
        change(&mut request);
        request
    };
    let why = office.refused(order("U")).await;
    assert_eq!(told(&why), "REVIEW_PENDING");
    assert!(!value(&why, "reasons").is_empty());
    for (request, expected) in [
        (order("Z"), "NOT_FOUND"),
        (of(&|r| r.record_version = 9), "NOT_FOUND"),
        (of(&|r| r.plan = "cn-1".into()), "PLAN_NOT_FOUND"),
        (of(&|r| r.plan = "cn-000000-2015".into()), "PLAN_RATES_NOBODY"),
        (of(&|r| r.rating_date = "2026-01-02".into()), "rating_date NOT_A_RATING_DATE"),
        (of(&|r| r.rating_date = "soon".into()), "rating_date INVALID_REQUEST"),
        (of(&|r| r.from = "2025-12-31".into()), "from INVALID_REQUEST"),
        (of(&|r| r.from = "2027-01-01".into()), "from INVALID_REQUEST"),
        (of(&|r| r.cause = "withdrawal".into()), "cause INVALID_REQUEST"),
        (of(&|r| r.cause = "objection".into()), "objection_id INVALID_REQUEST"),
        (of(&|r| r.objection_id = "o1".into()), "objection_id INVALID_REQUEST"),
        (of(&|r| r.accept_illustrative = "why not".into()), "accept_illustrative INVALID_REQUEST"),
        (of(&|r| r.portfolio = [("x".to_owned(), "1".to_owned())].into()), "portfolio.x INVALID_REQUEST"),
        (of(&|r| r.etag = "1-0000000000000000".into()), "STALE_ETAG"),
        (of(&|r| r.request_id = "mine".into()), "request_id INVALID_REQUEST"),
        // All at once.
        (
            v1::CreateDeterminationRequest { employer_id: "A".into(), ..Default::default() },
            "rating_date cause INVALID_REQUEST",
        ),
    ] {
        let why = office.refused(request.clone()).await;
        assert_eq!(told(&why), expected, "{request:?}");
    }
    let average = v1::CreateDeterminationRequest {
        plan: "cn-120000-2012".into(),
        rating_date: "2014-04-01".into(),
        accept_illustrative: "a trial".into(),
        ..order("A")
    };
    let why = office.refused(average).await;
    assert_eq!(
        (told(&why), value(&why, "values")),
        ("PORTFOLIO_MISSING".into(), "average_injury_rate".into())
    );
    assert!(office.feed(0).await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_request_is_carried_out_once() {
    let mut office = Office::open().await;
    office.import(vec![record("A", 0)]).await;
    let etag = {
        let request = v1::GetEmployerRequest { id: "A".into(), version: 0 };
        office.employers.get_employer(request).await.unwrap().into_inner().employer.unwrap().etag
    };
    let request =
        v1::CreateDeterminationRequest { request_id: uuid(1), etag, note: "first".into(), ..order("A") };
    let check = v1::CreateDeterminationRequest { validate_only: true, ..request.clone() };
    let shown = office.publish(check).await;
    assert_eq!((shown.id.as_str(), shown.position), ("", 0));
    assert_eq!(shown.result.as_ref().unwrap().rate.as_deref(), Some("0.0045"));
    assert!(office.feed(0).await.is_empty());
    // Many at once, as a client does that hears nothing.
    let calls = (0..8).map(|_| {
        let (mut client, request) = (office.determinations.clone(), request.clone());
        tokio::spawn(async move { client.create_determination(request).await.unwrap().into_inner() })
    });
    let mut ids = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        ids.push(call.await.unwrap().determination.unwrap().id);
    }
    ids.dedup();
    assert_eq!((ids.len(), office.feed(0).await.len()), (1, 1));
    // Once it was published, the employer's record may change, and the answer stays.
    office.import(vec![record("A", 7)]).await;
    assert_eq!(office.publish(request.clone()).await.id, ids[0]);
    let other = v1::CreateDeterminationRequest { note: "second".into(), ..request };
    assert_eq!(told(&office.refused(other).await), "request_id REQUEST_ID_REUSED");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_come_in_pages_by_employer_and_region() {
    let mut office = Office::open().await;
    office
        .import(vec![record("A", 0), record("B", 0), record_in("210102", "C"), record_in("510400", "P")])
        .await;
    for date in ["2024-01-01", "2025-01-01", NEW_YEAR] {
        for id in ["A", "B", "C"] {
            office.publish(v1::CreateDeterminationRequest { rating_date: date.into(), ..order(id) }).await;
        }
    }
    let illustrative = v1::CreateDeterminationRequest {
        plan: ILLUSTRATIVE.into(),
        accept_illustrative: "a trial".into(),
        ..order("P")
    };
    office.publish(illustrative).await;
    for (employer, region, expected) in [
        ("", "", "A B C A B C A B C P"),
        ("", "210100", "A B C A B C A B C"),
        ("", "210102", "C C C"),
        ("", "510000", "P"),
        ("", "000000", "A B C A B C A B C P"),
        ("", "110000", ""),
        ("B", "", "B B B"),
        ("B", "510400", ""),
    ] {
        let (mut found, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = v1::ListDeterminationsRequest {
                page_size: 2,
                page_token,
                employer_id: employer.into(),
                region: region.into(),
            };
            let page = office.determinations.list_determinations(request).await.unwrap().into_inner();
            assert!(page.determinations.len() <= 2);
            found.extend(page.determinations);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                break;
            }
        }
        let ids: Vec<String> = found.iter().map(|d| d.result.as_ref().unwrap().employer_id.clone()).collect();
        assert_eq!(ids.join(" "), expected, "{employer} {region}");
        assert!(found.iter().map(|d| d.position).is_sorted());
    }
    let request = v1::ListDeterminationsRequest { page_size: 1, ..Default::default() };
    let page_token =
        office.determinations.list_determinations(request).await.unwrap().into_inner().next_page_token;
    let other = v1::ListDeterminationsRequest { page_token, employer_id: "A".into(), ..Default::default() };
    let why = office.determinations.list_determinations(other).await.unwrap_err();
    assert_eq!(told(&why), "page_token INVALID_REQUEST");
    let unknown = v1::ListDeterminationsRequest { employer_id: "Z".into(), ..Default::default() };
    assert_eq!(told(&office.determinations.list_determinations(unknown).await.unwrap_err()), "NOT_FOUND");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_determination_is_withdrawn_once() {
    let mut office = Office::open().await;
    office.import(vec![record("A", 0)]).await;
    let made = office.publish(order("A")).await;
    let request = |id: &str, request_id: &str, reason: &str| v1::WithdrawDeterminationRequest {
        request_id: request_id.into(),
        id: id.into(),
        reason: reason.into(),
    };
    let why = office.determinations.withdraw_determination(request(&made.id, "", " ")).await.unwrap_err();
    assert_eq!(told(&why), "reason INVALID_REQUEST");
    let first = office.determinations.withdraw_determination(request(&made.id, &uuid(1), "a mistake")).await;
    let first = first.unwrap().into_inner().determination.unwrap();
    assert_eq!((first.note.as_str(), first.from.as_str()), ("a mistake", "2026-01-01"));
    let again = office.determinations.withdraw_determination(request(&made.id, &uuid(1), "a mistake")).await;
    assert_eq!(again.unwrap().into_inner().determination.unwrap(), first);
    let twice =
        office.determinations.withdraw_determination(request(&made.id, "", "again")).await.unwrap_err();
    assert_eq!((told(&twice), value(&twice, "state")), ("WRONG_STATE".into(), "withdrawn".into()));
    let itself =
        office.determinations.withdraw_determination(request(&first.id, "", "again")).await.unwrap_err();
    assert_eq!((told(&itself), value(&itself, "state")), ("WRONG_STATE".into(), "withdrawal".into()));
    for unknown in ["", "d0-1", "nothing"] {
        let why = office.determinations.withdraw_determination(request(unknown, "", "x")).await.unwrap_err();
        assert_eq!(told(&why), "NOT_FOUND", "{unknown}");
    }
    // Nothing held before it.
    assert_eq!(told(&office.rate("A", "2026-02-01").await.unwrap_err()), "RATE_UNPUBLISHED");
}
