//! A whole cycle: rated, decided on, sent back, rated again, approved by another person, published, closed.

use super::{Bureau, CITY, DATE, LI, PLAN, ZHANG, by, good, state, unpaid};
use crate::databases::{Database, databases};
use crate::services::{order, told, uuid, value};
use floatrate_proto::floatrate::v1;
use tonic::{Code, Status};
use v1::resolve_review_item_request::Choice;

const WHY: &str = "示例档次，仅供演练";

/// A decision on an employer.
fn decide(id: &str, employer: &str, choice: Option<Choice>) -> v1::ResolveReviewItemRequest {
    v1::ResolveReviewItemRequest {
        cycle_id: id.into(),
        employer_id: employer.into(),
        reason: "经核实".into(),
        choice,
        ..Default::default()
    }
}

fn tier(text: &str) -> Option<Choice> {
    Some(Choice::Tier(text.into()))
}

async fn resolve(
    bureau: &mut Bureau,
    who: [&str; 2],
    request: v1::ResolveReviewItemRequest,
) -> Result<v1::ReviewItem, Status> {
    Ok(bureau.cycles.resolve_review_item(by(who, request)).await?.into_inner().item.unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_the_draft_to_the_feed() {
    for database in databases() {
        whole(&database).await;
    }
}

async fn whole(database: &Database) {
    let mut bureau = Bureau::at(database).await;
    let ids: Vec<String> = (1..=6).map(|n| format!("G{n}")).collect();
    let records = ids.iter().map(|id| good(id)).chain(["R1", "R2", "R3"].map(unpaid));
    bureau.office.import(records.collect()).await;
    let id = created(&mut bureau).await;
    assert_eq!(told(&bureau.run(&id).await.unwrap_err()), "WRONG_STATE");
    let frozen = bureau.freeze(&id).await.unwrap();
    assert_eq!((frozen.employers, frozen.plan_status.as_str()), (9, "illustrative"));
    let rated = bureau.rated(&id).await;
    let counts = v1::CycleCounts { employers: 9, rated: 6, kept: 0, review: 3 };
    assert_eq!((rated.counts, rated.done), (Some(counts), 9));
    let report = bureau.report(&id).await;
    assert_eq!(report.cycle.as_ref(), Some(&rated));
    assert_eq!((report.counts, report.items["open"]), (Some(counts), 3));
    assert_eq!(report.open_reasons["payout_ratio:undefined"], 3);
    let totals = report.totals.unwrap();
    let sum = totals.sum.unwrap();
    assert_eq!((sum.employers, totals.down), (6, 6));
    assert!(sum.contribution.parse::<i64>().unwrap() < sum.contribution_before.parse().unwrap());

    pages(&mut bureau, &id).await;
    let open = bureau.approve(LI, &id, "").await.unwrap_err();
    assert_eq!((told(&open).as_str(), value(&open, "open").as_str()), ("OPEN_REVIEW_ITEMS", "3"));
    by_record(&mut bureau, &id).await;
    by_hand(&mut bureau, &id).await;
    left_out(&mut bureau, &id).await;
    sent_back(&mut bureau, &id, &rated).await;
    approved(&mut bureau, &id, &rated.etag).await;
    published(&mut bureau, &id, &ids).await;
}

/// A draft, once, however often it is asked for.
async fn created(bureau: &mut Bureau) -> String {
    let request = v1::CreateCycleRequest {
        request_id: uuid(1),
        region: CITY.into(),
        plan: PLAN.into(),
        rating_date: DATE.into(),
    };
    let mut ids = Vec::new();
    for _ in 0..2 {
        let made = bureau.cycles.create_cycle(by(ZHANG, request.clone())).await.unwrap().into_inner();
        let cycle = made.cycle.unwrap();
        assert_eq!(state(&cycle), "DRAFT");
        ids.push(cycle.id);
    }
    assert_eq!(ids[0], ids[1]);
    let other = v1::CreateCycleRequest { rating_date: "2027-01-01".into(), ..request };
    let reused = bureau.cycles.create_cycle(by(ZHANG, other.clone())).await.unwrap_err();
    assert_eq!(told(&reused), "request_id REQUEST_ID_REUSED");
    let empty = bureau.cycles.create_cycle(by(ZHANG, v1::CreateCycleRequest::default())).await.unwrap_err();
    assert_eq!(told(&empty), "region plan rating_date INVALID_REQUEST");
    // Another one, for the pages.
    let other = v1::CreateCycleRequest { request_id: uuid(2), ..other };
    let other = bureau.cycles.create_cycle(by(ZHANG, other)).await.unwrap().into_inner().cycle.unwrap();
    let list = |page_token: &str, state: v1::CycleState| v1::ListCyclesRequest {
        page_size: 1,
        page_token: page_token.into(),
        state: state.into(),
        ..Default::default()
    };
    let draft = v1::CycleState::Draft;
    let first = bureau.cycles.list_cycles(list("", draft)).await.unwrap().into_inner();
    let token = first.next_page_token;
    let next = bureau.cycles.list_cycles(list(&token, draft)).await.unwrap().into_inner();
    assert_eq!((&first.cycles[0].id, &next.cycles[0].id), (&ids[0], &other.id));
    assert_eq!(next.next_page_token, "");
    let bound = bureau.cycles.list_cycles(list(&token, v1::CycleState::Rated)).await.unwrap_err();
    assert_eq!(told(&bound), "page_token INVALID_REQUEST");
    let rated = bureau.cycles.list_cycles(list("", v1::CycleState::Rated)).await.unwrap().into_inner();
    assert!(rated.cycles.is_empty());
    let wrong = v1::ListCyclesRequest { state: 99, ..Default::default() };
    assert_eq!(told(&bureau.cycles.list_cycles(wrong).await.unwrap_err()), "state INVALID_REQUEST");
    ids.remove(0)
}

/// The work list, page by page.
async fn pages(bureau: &mut Bureau, id: &str) {
    let mut request = v1::ListReviewItemsRequest { cycle_id: id.into(), page_size: 2, ..Default::default() };
    let first = bureau.cycles.list_review_items(request.clone()).await.unwrap().into_inner();
    assert_eq!(first.items.iter().map(|i| i.employer_id.as_str()).collect::<Vec<_>>(), ["R1", "R2"]);
    assert_eq!(first.items[0].result.as_ref().unwrap().status, "review");
    request.page_token = first.next_page_token;
    let second = bureau.cycles.list_review_items(request.clone()).await.unwrap().into_inner();
    assert_eq!((second.items.len(), second.next_page_token.as_str()), (1, ""));
    request.state = "open".into();
    let bound = bureau.cycles.list_review_items(request.clone()).await.unwrap_err();
    assert_eq!(told(&bound), "page_token INVALID_REQUEST");
    request.state = "done".into();
    let wrong = bureau.cycles.list_review_items(request).await.unwrap_err();
    assert_eq!(told(&wrong), "state INVALID_REQUEST");
}

/// The missing contributions come with a later record.
async fn by_record(bureau: &mut Bureau, id: &str) {
    let newest = || decide(id, "R1", Some(Choice::RecordVersion(0)));
    let early = resolve(bureau, ZHANG, newest()).await.unwrap_err();
    assert_eq!(told(&early), "record_version INVALID_REQUEST");
    bureau.office.import(vec![good("R1")]).await;
    let request = v1::ResolveReviewItemRequest { request_id: uuid(11), ..newest() };
    let done = resolve(bureau, ZHANG, request.clone()).await.unwrap();
    assert_eq!((done.state.as_str(), done.choice.as_str(), done.supplied_version), ("resolved", "record", 2));
    assert_eq!(done.decided.as_ref().unwrap().by, "zhang (officer, self-declared)");
    // Sent again it changes nothing, and is answered with the item as it stands.
    assert_eq!(resolve(bureau, ZHANG, request).await.unwrap(), done);
    let nobody = resolve(bureau, ZHANG, decide(id, "G1", Some(Choice::Step(0)))).await.unwrap_err();
    assert_eq!((nobody.code(), told(&nobody).as_str()), (Code::NotFound, "NOT_FOUND"));
}

/// Two persons set a step; the second is not the first.
async fn by_hand(bureau: &mut Bureau, id: &str) {
    let nothing = resolve(bureau, ZHANG, decide(id, "R2", None)).await.unwrap_err();
    assert_eq!(told(&nothing), "choice INVALID_REQUEST");
    let wrong = resolve(bureau, ZHANG, decide(id, "R2", tier("0.7"))).await.unwrap_err();
    assert_eq!(told(&wrong), "tier INVALID_REQUEST");
    let details = tonic_types::StatusExt::get_error_details(&wrong);
    let said = &details.bad_request().unwrap().field_violations[0].description;
    assert!(said.contains("class 4") && said.contains("0.5, 0.8, 1, 1.2, 1.5"), "{said}");
    let agree = || decide(id, "R2", Some(Choice::Agree(v1::Agree {})));
    assert_eq!(told(&resolve(bureau, LI, agree()).await.unwrap_err()), "WRONG_STATE");
    let proposed = resolve(bureau, ZHANG, decide(id, "R2", tier("0.80"))).await.unwrap();
    assert_eq!((proposed.state.as_str(), proposed.step), ("proposed", Some(-1)));
    for zhang in [ZHANG, ["zhang", "approver"]] {
        let same = resolve(bureau, zhang, agree()).await.unwrap_err();
        assert_eq!((same.code(), told(&same).as_str()), (Code::PermissionDenied, "SAME_PERSON"));
    }
    let stale = v1::ResolveReviewItemRequest { etag: "0".into(), ..agree() };
    assert_eq!(told(&resolve(bureau, LI, stale).await.unwrap_err()), "STALE_ETAG");
    let fresh = v1::ResolveReviewItemRequest { etag: proposed.etag, ..agree() };
    let done = resolve(bureau, LI, fresh).await.unwrap();
    assert_eq!((done.state.as_str(), done.choice.as_str()), ("resolved", "by_hand"));
    assert_eq!(done.decided.unwrap().by, "zhang (officer, self-declared)");
    assert_eq!(done.agreed.unwrap().by, "li (approver, self-declared)");
}

async fn left_out(bureau: &mut Bureau, id: &str) {
    let leave = || decide(id, "R3", Some(Choice::LeaveOut(v1::LeaveOut {})));
    let silent = v1::ResolveReviewItemRequest { reason: " ".into(), ..leave() };
    assert_eq!(told(&resolve(bureau, ZHANG, silent).await.unwrap_err()), "reason INVALID_REQUEST");
    assert_eq!(resolve(bureau, ZHANG, leave()).await.unwrap().choice, "leave_out");
    assert_eq!(bureau.items(id, "open").await, [""; 0]);
    assert_eq!(bureau.items(id, "resolved").await, ["R1", "R2", "R3"]);
    assert_eq!(bureau.report(id).await.left_out, ["R3"]);
}

/// A return drops the run and keeps the decisions.
async fn sent_back(bureau: &mut Bureau, id: &str, rated: &v1::Cycle) {
    let back = |reason: &str| v1::ReturnCycleRequest {
        request_id: uuid(12),
        id: id.into(),
        reason: reason.into(),
        ..Default::default()
    };
    let silent = bureau.cycles.return_cycle(by(LI, back(""))).await.unwrap_err();
    assert_eq!(told(&silent), "reason INVALID_REQUEST");
    let officer = bureau.cycles.return_cycle(by(ZHANG, back("x"))).await.unwrap_err();
    assert_eq!(told(&officer), "PERMISSION_DENIED");
    for _ in 0..2 {
        let done = bureau.cycles.return_cycle(by(LI, back("复核R2"))).await.unwrap().into_inner();
        let done = done.cycle.unwrap();
        assert_eq!((state(&done), done.returned[0].reason.as_str()), ("FROZEN", "复核R2"));
        assert_eq!((done.returned.len(), done.counts), (1, None));
    }
    let again = bureau.rated(id).await;
    // The record that was supplied counts: R1 is rated by the rules.
    assert_eq!(again.counts, Some(v1::CycleCounts { employers: 9, rated: 7, kept: 0, review: 2 }));
    assert!(again.results_digest != rated.results_digest && again.pins_digest == rated.pins_digest);
    assert_eq!(bureau.items(id, "resolved").await, ["R2", "R3"]);
}

async fn approved(bureau: &mut Bureau, id: &str, old: &str) {
    let etag = bureau.report(id).await.cycle.unwrap().etag;
    let own = bureau.approve(["zhang", "approver"], id, &etag).await.unwrap_err();
    assert_eq!(told(&own), "SAME_PERSON");
    assert_eq!(told(&bureau.approve(ZHANG, id, &etag).await.unwrap_err()), "PERMISSION_DENIED");
    assert_eq!(told(&bureau.approve(LI, id, old).await.unwrap_err()), "STALE_ETAG");
    let done = bureau.approve(LI, id, &etag).await.unwrap();
    assert_eq!(state(&done), "APPROVED");
    assert_eq!((done.determinations, done.by_hand, done.left_out), (8, 1, 1));
    let late = resolve(bureau, ZHANG, decide(id, "R2", Some(Choice::Step(0)))).await.unwrap_err();
    assert_eq!(told(&late), "WRONG_STATE");
}

async fn published(bureau: &mut Bureau, id: &str, ids: &[String]) {
    assert!(bureau.office.feed(0).await.is_empty());
    assert_eq!(told(&bureau.office.rate("G1", DATE).await.unwrap_err()), "RATE_UNPUBLISHED");
    let silent = bureau.publish(id, "").await.unwrap_err();
    assert_eq!(told(&silent), "PLAN_NOT_ENACTED");
    let done = bureau.publish(id, WHY).await.unwrap();
    assert_eq!((state(&done), done.first_position), ("PUBLISHED", 1));
    assert_eq!(done.published.unwrap().reason, WHY);
    for employer in ids.iter().map(String::as_str).chain(["R1", "R2"]) {
        let charged = bureau.office.rate(employer, DATE).await.unwrap().charged;
        assert_eq!(charged, if employer == "R2" { "0.0072" } else { "0.0045" }, "{employer}");
    }
    assert_eq!(told(&bureau.office.rate("R3", DATE).await.unwrap_err()), "RATE_UNPUBLISHED");
    assert_eq!(bureau.office.feed(0).await.len(), 8);
    let list = v1::ListDeterminationsRequest::default();
    let listed = bureau.office.determinations.list_determinations(list).await.unwrap().into_inner();
    assert_eq!(listed.determinations.len(), 8);
    for determination in &listed.determinations {
        assert_eq!((determination.cycle_id.as_str(), determination.illustrative_reason.as_str()), (id, WHY));
    }
    let last = listed.determinations.last().unwrap();
    assert_eq!(last.by_hand.as_ref().map(|by| by.step), Some(-1), "{last:?}");
    let get = v1::GetDeterminationRequest { id: last.id.clone() };
    let got = bureau.office.determinations.get_determination(get).await.unwrap().into_inner();
    assert_eq!(got.determination.as_ref(), Some(last));
    // One that was made by itself has its own reason.
    let request = v1::CreateDeterminationRequest {
        plan: PLAN.into(),
        from: "2026-04-01".into(),
        cause: "redetermination".into(),
        accept_illustrative: "个案".into(),
        ..order("G1")
    };
    assert_eq!(bureau.office.publish(request).await.illustrative_reason, "个案");
    let close = v1::CloseCycleRequest { id: id.into(), ..Default::default() };
    let closed = bureau.cycles.close_cycle(by(ZHANG, close)).await.unwrap().into_inner().cycle.unwrap();
    assert_eq!(state(&closed), "CLOSED");
    assert_eq!(told(&bureau.cancel(id, "x").await.unwrap_err()), "WRONG_STATE");
    // What nobody runs is told once.
    assert_eq!(bureau.watched(id).await, [closed]);
}
