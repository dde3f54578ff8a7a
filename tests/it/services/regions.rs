//! Two callers of different regions: each sees its own, and what is the other's is not there.

use super::{NEW_YEAR, Office, order, record, record_in, told, upload};
use crate::access::credentials::signed;
use floatrate::auth::Algorithm;
use floatrate::auth::settings::{KeyFile, Settings};
use floatrate_proto::floatrate::v1;
use serde_json::json;
use tonic::Request;
use tonic_types::RpcStatusExt;

const SECRET: &[u8] = b"a secret of thirty-two bytes, or more";

/// A token of somebody with regions.
fn token(name: &str, roles: &[&str], regions: &[&str]) -> String {
    let exp = time::OffsetDateTime::now_utc().unix_timestamp() + 600;
    let head = json!({"alg": "HS256", "typ": "JWT", "kid": "k"});
    let claims = json!({"sub": name, "aud": "floatrate", "exp": exp, "roles": roles, "regions": regions});
    signed(SECRET, &head, &claims)
}

/// A message with a token.
fn by<T>(token: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    request
}

/// Shenyang's officer and collector, Changchun's, and the nation's; each city has an employer with a determination.
struct Two {
    office: Office,
    shenyang: String,
    changchun: String,
    nation: String,
    ids: [String; 2],
}

const ROLES: &[&str] = &["officer", "collector"];

async fn two() -> Two {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("secret");
    std::fs::write(&file, SECRET).unwrap();
    let keys = vec![KeyFile { kid: "k".into(), algorithm: Algorithm::Hs256, file }];
    let mut office =
        Office::with(|config| config.identity = Some(Settings { keys, ..Settings::default() })).await;
    let shenyang = token("shenyang", ROLES, &["210100"]);
    let changchun = token("changchun", ROLES, &["220100"]);
    let nation = token("nation", ROLES, &["000000"]);
    let mut ids = Vec::new();
    for (caller, id, region) in [(&shenyang, "S", "210102"), (&changchun, "C", "220102")] {
        let done = office.employers.import_records(by(caller, upload("", vec![record_in(region, id)]))).await;
        assert_eq!(done.unwrap().into_inner().created, 1);
        let request = v1::CreateDeterminationRequest {
            plan: "cn-210100-2020".into(),
            rating_date: NEW_YEAR.into(),
            ..order(id)
        };
        let made = office.determinations.create_determination(by(caller, request)).await.unwrap();
        ids.push(made.into_inner().determination.unwrap().id);
    }
    Two { office, shenyang, changchun, nation, ids: [ids[0].clone(), ids[1].clone()] }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_and_the_feed_show_the_caller_s_own() {
    let Two { mut office, shenyang, changchun, nation, .. } = two().await;
    for (caller, own) in [(&shenyang, "S"), (&changchun, "C"), (&nation, "C S")] {
        let list = by(caller, v1::ListEmployersRequest::default());
        let page = office.employers.list_employers(list).await.unwrap().into_inner();
        let found: Vec<String> = page.employers.into_iter().map(|e| e.id).collect();
        assert_eq!(found.join(" "), own);
        let list = by(caller, v1::ListDeterminationsRequest::default());
        let page = office.determinations.list_determinations(list).await.unwrap().into_inner();
        let mut found: Vec<String> =
            page.determinations.into_iter().map(|d| d.result.unwrap().employer_id).collect();
        found.sort();
        assert_eq!(found.join(" "), own);
        // The cursor counts what is not shown: nobody has to guess whether something is missing.
        let list = v1::ListRateChangesRequest { consumer: "tax".into(), cursor: Some(0), page_size: 0 };
        let page = office.collection.list_rate_changes(by(caller, list)).await.unwrap().into_inner();
        let mut found: Vec<String> = page.changes.into_iter().map(|c| c.employer_id).collect();
        found.sort();
        assert_eq!((found.join(" ").as_str(), page.cursor, page.newest), (own, 2, 2));
        let watch = v1::WatchRateChangesRequest { consumer: "tax".into(), cursor: Some(0) };
        let mut watch = office.collection.watch_rate_changes(by(caller, watch)).await.unwrap().into_inner();
        let message = watch.message().await.unwrap().unwrap();
        let mut found: Vec<String> = message.changes.into_iter().map(|c| c.employer_id).collect();
        found.sort();
        assert_eq!((found.join(" ").as_str(), message.cursor), (own, 2));
    }
    // A region of others is refused as such: the caller named it.
    let list = v1::ListEmployersRequest { region: "220000".into(), ..Default::default() };
    let why = office.employers.list_employers(by(&shenyang, list)).await.unwrap_err();
    assert_eq!(told(&why), "PERMISSION_DENIED");
    // Who has several names one.
    let several = token("both", ROLES, &["210100", "220100"]);
    let why =
        office.employers.list_employers(by(&several, v1::ListEmployersRequest::default())).await.unwrap_err();
    assert_eq!(told(&why), "region INVALID_REQUEST");
    // But an employer stands in one.
    let list = v1::ListDeterminationsRequest { employer_id: "C".into(), ..Default::default() };
    let page = office.determinations.list_determinations(by(&several, list)).await.unwrap().into_inner();
    assert_eq!(page.determinations.len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_another_region_s_is_not_there() {
    let Two { mut office, shenyang, changchun, ids: [_, other], .. } = two().await;
    let me = &shenyang;
    let filing = v1::FileObjectionRequest {
        determination_id: other.clone(),
        reason: "x".into(),
        notified_on: "2026-03-02".into(),
        filed_on: "2026-03-10".into(),
        ..Default::default()
    };
    let objection = office.determinations.file_objection(by(&changchun, filing.clone())).await.unwrap();
    let objection = objection.into_inner().objection.unwrap().id;
    let approver = token("approver", &["approver"], &["210100"]);
    let (employers, determinations) = (&mut office.employers, &mut office.determinations);
    let id = other.clone();
    let refusals = vec![
        employers.get_employer(by(me, v1::GetEmployerRequest { id: "C".into(), version: 0 })).await.err(),
        employers
            .list_record_versions(by(
                me,
                v1::ListRecordVersionsRequest { employer_id: "C".into(), ..Default::default() },
            ))
            .await
            .err(),
        employers
            .record_succession(by(
                me,
                v1::RecordSuccessionRequest {
                    kind: v1::SuccessionKind::Renaming.into(),
                    date: NEW_YEAR.into(),
                    predecessors: vec!["C".into()],
                    name: Some("x".into()),
                    reason: "x".into(),
                    ..Default::default()
                },
            ))
            .await
            .err(),
        determinations.get_determination(by(me, v1::GetDeterminationRequest { id: id.clone() })).await.err(),
        determinations
            .list_determinations(by(
                me,
                v1::ListDeterminationsRequest { employer_id: "C".into(), ..Default::default() },
            ))
            .await
            .err(),
        determinations.create_determination(by(me, order("C"))).await.err(),
        determinations
            .withdraw_determination(by(
                me,
                v1::WithdrawDeterminationRequest { id: id.clone(), reason: "x".into(), ..Default::default() },
            ))
            .await
            .err(),
        determinations
            .explain_determination(by(
                me,
                v1::ExplainDeterminationRequest { id: id.clone(), ..Default::default() },
            ))
            .await
            .err(),
        determinations.replay_determination(by(me, v1::ReplayDeterminationRequest { id })).await.err(),
        determinations.file_objection(by(me, filing)).await.err(),
        determinations
            .decide_objection(by(
                &approver,
                v1::DecideObjectionRequest { id: objection, reason: "x".into(), ..Default::default() },
            ))
            .await
            .err(),
        office
            .collection
            .get_rate(by(
                me,
                v1::GetRateRequest {
                    employer_id: "C".into(),
                    date: "2026-02-01".into(),
                    known_at: String::new(),
                },
            ))
            .await
            .err(),
    ];
    for (at, refusal) in refusals.into_iter().enumerate() {
        assert_eq!(told(&refusal.unwrap_or_else(|| panic!("call {at}"))), "NOT_FOUND", "call {at}");
    }
    let list = by(me, v1::ListObjectionsRequest::default());
    assert!(office.determinations.list_objections(list).await.unwrap().into_inner().objections.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_takes_over_what_is_another_region_s() {
    let Two { mut office, shenyang, changchun, .. } = two().await;
    // Neither a record of the other region, nor one that claims the other's employer for this one.
    let records = vec![record_in("220102", "X"), record("C", 7), record("Y", 0)];
    let done =
        office.employers.import_records(by(&shenyang, upload("", records))).await.unwrap().into_inner();
    assert_eq!((done.created, done.updated, done.rejected), (1, 0, 2));
    for (reject, id) in done.first_rejects.iter().zip(["X", "C"]) {
        let status = reject.status.as_ref().unwrap();
        let bad = status.get_error_details().bad_request().unwrap().field_violations.clone();
        assert_eq!((reject.employer_id.as_str(), bad[0].reason.as_str()), (id, "NOT_YOUR_REGION"));
    }
    let get = v1::GetEmployerRequest { id: "C".into(), version: 0 };
    let kept =
        office.employers.get_employer(by(&changchun, get)).await.unwrap().into_inner().employer.unwrap();
    assert_eq!((kept.version, kept.region.as_deref()), (1, Some("220102")));
    // Nor may an employer be moved to where the caller may not look.
    let moved = v1::RecordSuccessionRequest {
        kind: v1::SuccessionKind::Move.into(),
        date: NEW_YEAR.into(),
        predecessors: vec!["S".into()],
        region: Some("220102".into()),
        reason: "x".into(),
        ..Default::default()
    };
    let why = office.employers.record_succession(by(&shenyang, moved)).await.unwrap_err();
    assert_eq!(told(&why), "PERMISSION_DENIED");
    // What was not sent to a consumer is not for it to refuse, nor for another region's officer to resolve.
    let acknowledge = |refused: i64| v1::AcknowledgeRateChangesRequest {
        consumer: "tax".into(),
        cursor: 2,
        refused: vec![v1::RefusedChange { position: refused, reason: "x".into() }],
    };
    let why = office.collection.acknowledge_rate_changes(by(&shenyang, acknowledge(2))).await.unwrap_err();
    assert_eq!(told(&why), "refused[0].position INVALID_REQUEST");
    office.collection.acknowledge_rate_changes(by(&shenyang, acknowledge(1))).await.unwrap();
    for (caller, items) in [(&shenyang, 1), (&changchun, 0)] {
        let list = by(caller, v1::ListRefusedChangesRequest::default());
        assert_eq!(
            office.collection.list_refused_changes(list).await.unwrap().into_inner().items.len(),
            items
        );
    }
    let resolve =
        v1::ResolveRefusedChangeRequest { consumer: "tax".into(), position: 1, resolution: "x".into() };
    let why = office.collection.resolve_refused_change(by(&changchun, resolve)).await.unwrap_err();
    assert_eq!(told(&why), "NOT_FOUND");
}

/// An employer that moved: its old determinations stay where they were made.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_move_each_region_sees_what_is_its_own() {
    let Two { mut office, shenyang, changchun, nation, .. } = two().await;
    let moved = v1::RecordSuccessionRequest {
        kind: v1::SuccessionKind::Move.into(),
        date: NEW_YEAR.into(),
        predecessors: vec!["S".into()],
        region: Some("220102".into()),
        reason: "x".into(),
        ..Default::default()
    };
    office.employers.record_succession(by(&nation, moved)).await.unwrap();
    let list = || v1::ListDeterminationsRequest { employer_id: "S".into(), ..Default::default() };
    let why = office.determinations.list_determinations(by(&shenyang, list())).await.unwrap_err();
    assert_eq!(told(&why), "NOT_FOUND");
    let page = office.determinations.list_determinations(by(&changchun, list())).await.unwrap().into_inner();
    assert!(page.determinations.is_empty());
    let versions = v1::ListRecordVersionsRequest { employer_id: "S".into(), ..Default::default() };
    let page = office.employers.list_record_versions(by(&changchun, versions)).await.unwrap().into_inner();
    assert_eq!(page.versions.iter().map(|v| v.version).collect::<Vec<_>>(), [2]);
}
