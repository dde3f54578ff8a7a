//! Whose cycles a caller sees, and who may approve what is law.

use super::{Bureau, by, state};
use crate::access::credentials::signed;
use crate::databases::sqlite;
use crate::services::{NEW_YEAR, record_in, told};
use floatrate::auth::Algorithm;
use floatrate::auth::settings::{KeyFile, Settings};
use floatrate_proto::floatrate::v1;
use serde_json::json;
use tonic::{Code, Request};

const SECRET: &[u8] = b"a secret of thirty-two bytes, or more";
const LAW: &str = "cn-210100-2020";

/// A message with a token of somebody with one role and one region.
fn of<T>([name, role, region]: [&str; 3], message: T) -> Request<T> {
    let exp = time::OffsetDateTime::now_utc().unix_timestamp() + 600;
    let head = json!({"alg": "HS256", "typ": "JWT", "kid": "k"});
    let claims = json!({"sub": name, "aud": "floatrate", "exp": exp, "roles": [role], "regions": [region]});
    let mut request = Request::new(message);
    let bearer = format!("Bearer {}", signed(SECRET, &head, &claims));
    request.metadata_mut().insert("authorization", bearer.parse().unwrap());
    request
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_law_is_approved_by_who_is_known_and_lies_within_its_region() {
    let database = sqlite();
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), SECRET).unwrap();
    let keys = vec![KeyFile { kid: "k".into(), algorithm: Algorithm::Hs256, file: file.path().to_owned() }];
    let settings = Settings { keys, open_loopback: true, ..Settings::default() };
    let mut bureau = Bureau::with(&database, |config| config.identity = Some(settings)).await;
    bureau.office.import(vec![record_in("210102", "S"), record_in("220102", "C")]).await;
    let (shenyang, changchun) = (["zhang", "officer", "210100"], ["wang", "officer", "220100"]);
    let order = || v1::CreateCycleRequest {
        region: "210100".into(),
        plan: LAW.into(),
        rating_date: NEW_YEAR.into(),
        ..Default::default()
    };
    let denied = bureau.cycles.create_cycle(of(changchun, order())).await.unwrap_err();
    assert_eq!((denied.code(), told(&denied).as_str()), (Code::PermissionDenied, "PERMISSION_DENIED"));
    let made = bureau.cycles.create_cycle(of(shenyang, order())).await.unwrap().into_inner();
    let id = made.cycle.unwrap().id;
    let freeze = v1::FreezeCycleRequest { id: id.clone(), ..Default::default() };
    let frozen = bureau.cycles.freeze_cycle(of(shenyang, freeze)).await.unwrap().into_inner().cycle.unwrap();
    assert_eq!((frozen.employers, frozen.plan_status.as_str()), (1, "enacted"));
    others(&mut bureau, &id).await;

    let run = v1::RunCycleRequest { id: id.clone() };
    bureau.cycles.run_cycle(of(shenyang, run)).await.unwrap();
    assert_eq!(state(bureau.watched(&id).await.last().unwrap()), "RATED");
    let approve = || v1::ApproveCycleRequest { id: id.clone(), ..Default::default() };
    let word = bureau.cycles.approve_cycle(by(["li", "approver"], approve())).await.unwrap_err();
    assert_eq!((word.code(), told(&word).as_str()), (Code::PermissionDenied, "NOT_VERIFIED"));
    let done = bureau.cycles.approve_cycle(of(["li", "approver", "210000"], approve())).await.unwrap();
    assert_eq!(state(&done.into_inner().cycle.unwrap()), "APPROVED");
    let publish = |reason: &str| v1::PublishCycleRequest {
        request_id: crate::services::uuid(7),
        id: id.clone(),
        accept_illustrative: reason.into(),
        ..Default::default()
    };
    let needless = bureau.cycles.publish_cycle(of(shenyang, publish("x"))).await.unwrap_err();
    assert_eq!(told(&needless), "accept_illustrative INVALID_REQUEST");
    for _ in 0..2 {
        let done = bureau.cycles.publish_cycle(of(shenyang, publish(""))).await.unwrap().into_inner();
        assert_eq!(state(&done.cycle.unwrap()), "PUBLISHED");
    }
    let list = v1::ListDeterminationsRequest::default();
    let listed = bureau.office.determinations.list_determinations(list).await.unwrap().into_inner();
    let [one] = listed.determinations.as_slice() else { panic!("{listed:?}") };
    assert_eq!((one.illustrative_reason.as_str(), one.cycle_id.as_str()), ("", id.as_str()));
}

/// To a neighbour, and to who has a part of the region alone, the cycle is not there.
async fn others(bureau: &mut Bureau, id: &str) {
    for region in ["220100", "210102"] {
        let (officer, approver) = (["wang", "officer", region], ["wu", "approver", region]);
        let id = || id.to_owned();
        let cycles = &mut bureau.cycles;
        let mut refused = Vec::new();
        let get = v1::GetCycleRequest { id: id() };
        refused.push(cycles.get_cycle(of(officer, get)).await.unwrap_err());
        let freeze = v1::FreezeCycleRequest { id: id(), ..Default::default() };
        refused.push(cycles.freeze_cycle(of(officer, freeze)).await.unwrap_err());
        refused.push(cycles.run_cycle(of(officer, v1::RunCycleRequest { id: id() })).await.unwrap_err());
        refused.push(cycles.watch_cycle(of(officer, v1::WatchCycleRequest { id: id() })).await.unwrap_err());
        let report = v1::GetCycleReportRequest { id: id(), try_plan: LAW.into(), ..Default::default() };
        refused.push(cycles.get_cycle_report(of(officer, report)).await.unwrap_err());
        let items = v1::ListReviewItemsRequest { cycle_id: id(), ..Default::default() };
        refused.push(cycles.list_review_items(of(officer, items)).await.unwrap_err());
        let item = v1::ResolveReviewItemRequest { cycle_id: id(), ..Default::default() };
        refused.push(cycles.resolve_review_item(of(officer, item)).await.unwrap_err());
        let approve = v1::ApproveCycleRequest { id: id(), ..Default::default() };
        refused.push(cycles.approve_cycle(of(approver, approve)).await.unwrap_err());
        let back = v1::ReturnCycleRequest { id: id(), ..Default::default() };
        refused.push(cycles.return_cycle(of(approver, back)).await.unwrap_err());
        let publish = v1::PublishCycleRequest { id: id(), ..Default::default() };
        refused.push(cycles.publish_cycle(of(officer, publish)).await.unwrap_err());
        let close = v1::CloseCycleRequest { id: id(), ..Default::default() };
        refused.push(cycles.close_cycle(of(officer, close)).await.unwrap_err());
        let cancel = v1::CancelCycleRequest { id: id(), ..Default::default() };
        refused.push(cycles.cancel_cycle(of(officer, cancel)).await.unwrap_err());
        for (at, why) in refused.iter().enumerate() {
            assert_eq!((why.code(), told(why).as_str()), (Code::NotFound, "NOT_FOUND"), "{region} {at}");
        }
        let listed = cycles.list_cycles(of(officer, v1::ListCyclesRequest::default())).await.unwrap();
        assert!(listed.into_inner().cycles.is_empty());
        let elsewhere = v1::ListCyclesRequest { region: "210100".into(), ..Default::default() };
        let denied = cycles.list_cycles(of(officer, elsewhere)).await.unwrap_err();
        assert_eq!(told(&denied), "PERMISSION_DENIED");
    }
    let province = of(["sun", "auditor", "210000"], v1::ListCyclesRequest::default());
    assert_eq!(bureau.cycles.list_cycles(province).await.unwrap().into_inner().cycles.len(), 1);
}
