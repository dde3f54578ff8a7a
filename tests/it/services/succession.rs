//! Successions of every kind and policy.

use super::{Office, order, record, told, uuid, value};
use floatrate_proto::floatrate::v1;
use v1::{SuccessionKind as Kind, SuccessionPolicy as Policy};

fn ids(ids: &str) -> Vec<String> {
    ids.split_whitespace().map(str::to_owned).collect()
}

fn succession(kind: Kind, from: &str, to: &str, policy: Policy) -> v1::RecordSuccessionRequest {
    v1::RecordSuccessionRequest {
        kind: kind.into(),
        date: "2026-03-01".into(),
        predecessors: ids(from),
        successors: ids(to),
        policy: policy.into(),
        reason: "an order of the court".into(),
        ..Default::default()
    }
}

impl Office {
    async fn succeed(&mut self, request: v1::RecordSuccessionRequest) -> v1::RecordSuccessionResponse {
        let done = self.employers.record_succession(request).await;
        done.unwrap_or_else(|why| panic!("{why:?}")).into_inner()
    }

    async fn kept(&mut self, id: &str) -> v1::EmployerRecord {
        let request = v1::GetEmployerRequest { id: id.into(), version: 0 };
        self.employers.get_employer(request).await.unwrap().into_inner().employer.unwrap()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mergers_and_splits_follow_their_policy() {
    let mut office = Office::open().await;
    office.import(["A", "B", "C", "D", "E"].map(|id| record(id, 1_000)).into()).await;
    // The sum: both payrolls, both claims, the second employer's under its own key.
    let done = office.succeed(succession(Kind::Merger, "A B", "A", Policy::MergeSum)).await;
    assert_eq!((done.policy.as_str(), done.versions.len()), ("merge_sum", 1));
    assert!(done.notes[0].starts_with("B end on 2026-03-01"), "{:?}", done.notes);
    let sum = office.kept("A").await;
    assert_eq!((sum.version, sum.origin.as_str()), (2, format!("succession:{}", done.id).as_str()));
    let sum = sum.record.unwrap();
    assert_eq!(sum.periods[0].payroll, Some(22_222_222_200));
    assert_eq!(sum.periods[0].headcount.as_deref(), Some("200"));
    assert_eq!(sum.claims.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["2025-1", "B:2025-1"]);
    // The survivor's own record is what it was: no new version.
    let done = office.succeed(succession(Kind::Merger, "C D", "C", Policy::SurvivorOnly)).await;
    assert_eq!((done.policy.as_str(), done.versions.len()), ("survivor_only", 0));
    // A new one starts without a record.
    let done = office.succeed(succession(Kind::Merger, "C D", "F", Policy::NewAtBase)).await;
    assert_eq!((done.versions[0].id.as_str(), done.versions[0].version), ("F", 1));
    let new = office.kept("F").await.record.unwrap();
    assert_eq!((new.periods.len(), new.claims.len()), (0, 0));
    assert_eq!(new.employer.unwrap().insured_since, "2026-03-01");
    // A split: the first keeps the record, the others start anew.
    let done = office.succeed(succession(Kind::Split, "E", "E G H", Policy::SurvivorOnly)).await;
    assert_eq!(done.versions.iter().map(|v| v.id.as_str()).collect::<Vec<_>>(), ["G", "H"]);
    assert_eq!(office.kept("E").await.record.unwrap().claims.len(), 1);
    assert_eq!(office.kept("H").await.record.unwrap().claims.len(), 0);
    let done = office.succeed(succession(Kind::Split, "E", "I J", Policy::NewAtBase)).await;
    assert_eq!((done.policy.as_str(), done.versions.len()), ("new_at_base", 2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_classes_and_areas_change() {
    let mut office = Office::open().await;
    office.import(["A", "B", "C"].map(|id| record(id, 1_000)).into()).await;
    let plain = |kind, from: &str, to: &str| succession(kind, from, to, Policy::Unspecified);
    let named = v1::RecordSuccessionRequest { name: Some("新名".into()), ..plain(Kind::Renaming, "A", "") };
    office.succeed(named).await;
    let kept = office.kept("A").await;
    assert_eq!((kept.version, kept.record.unwrap().employer.unwrap().name.as_deref()), (2, Some("新名")));
    let done = office.succeed(plain(Kind::Renaming, "A", "A2")).await;
    assert_eq!((done.versions[0].id.as_str(), done.versions[0].version), ("A2", 1));
    assert!(done.notes[0].contains("goes on as A2"), "{:?}", done.notes);
    let taken = office.employers.record_succession(plain(Kind::Renaming, "A", "B")).await.unwrap_err();
    assert_eq!(told(&taken), "successors[0] INVALID_REQUEST");
    let class = v1::RecordSuccessionRequest { risk_class: Some(6), ..plain(Kind::ClassChange, "B", "") };
    office.succeed(class).await;
    assert_eq!(office.kept("B").await.record.unwrap().employer.unwrap().risk_class, Some(6));
    let moved = v1::RecordSuccessionRequest { region: Some("220100".into()), ..plain(Kind::Move, "C", "") };
    let done = office.succeed(moved).await;
    assert_eq!(done.versions[0].region.as_deref(), Some("220100"));
    assert_eq!(office.kept("C").await.region.as_deref(), Some("220100"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_plan_states_the_policy_where_the_officer_does_not() {
    let folder = super::kinds::plans(Some("merge_sum"), None);
    let mut office = Office::with(|config| config.plan_dir = Some(folder.path().to_owned())).await;
    office.import(["A", "B"].map(|id| record(id, 0)).into()).await;
    let of_plan = |plan: &str| v1::RecordSuccessionRequest {
        plan: plan.into(),
        ..succession(Kind::Merger, "A B", "A", Policy::Unspecified)
    };
    assert_eq!(
        told(&office.employers.record_succession(of_plan("cn-000000-2015")).await.unwrap_err()),
        "policy INVALID_REQUEST",
        "a plan that states none"
    );
    assert_eq!(
        told(&office.employers.record_succession(of_plan("cn-1")).await.unwrap_err()),
        "PLAN_NOT_FOUND"
    );
    assert_eq!(
        told(&office.employers.record_succession(of_plan("")).await.unwrap_err()),
        "policy INVALID_REQUEST"
    );
    let done = office.succeed(of_plan("cn-210100-2020")).await;
    assert_eq!(done.policy, "merge_sum");
    // The explanation of what rests on the sum says how it came about, and who stated the policy.
    let made = office.publish(order("A")).await;
    let request = v1::ExplainDeterminationRequest { id: made.id, ..Default::default() };
    let explained = office.determinations.explain_determination(request).await.unwrap().into_inner();
    let history = &explained.record_history[0].text;
    for part in
        ["merger of A, B into A", "merge_sum as cn-210100-2020 states", "A@1", "B@1", "order of the court"]
    {
        assert!(history.contains(part), "{part}: {history}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_put_together_is_refused_and_changes_nothing() {
    let mut office = Office::open().await;
    let mut half = record("B", 0);
    half.periods[0].end = "2022-06-30".into();
    half.periods[0].months_insured = Some(6);
    office.import(vec![record("A", 0), half, record("C", 0)]).await;
    let why =
        office.employers.record_succession(succession(Kind::Merger, "A B", "A", Policy::MergeSum)).await;
    let why = why.unwrap_err();
    assert_eq!(told(&why), "RECORDS_NOT_MERGED");
    assert!(value(&why, "why").contains("overlap without being the same days"), "{why:?}");
    // Everything that is wrong with the request, at once.
    let wrong = v1::RecordSuccessionRequest {
        date: "soon".into(),
        reason: " ".into(),
        risk_class: Some(3),
        ..succession(Kind::Split, "A", "B", Policy::MergeSum)
    };
    let why = office.employers.record_succession(wrong).await.unwrap_err();
    assert_eq!(told(&why), "predecessors policy risk_class reason date INVALID_REQUEST");
    let nothing = v1::RecordSuccessionRequest::default();
    let why = office.employers.record_succession(nothing).await.unwrap_err();
    assert_eq!(told(&why), "kind INVALID_REQUEST");
    let unknown = succession(Kind::Merger, "A Z", "A", Policy::MergeSum);
    let why = office.employers.record_succession(unknown).await.unwrap_err();
    assert_eq!((told(&why), value(&why, "id")), ("NOT_FOUND".into(), "Z".into()));
    // Somebody else was faster.
    let stale = office.kept("A").await.etag;
    office.import(vec![record("A", 7)]).await;
    let request = |etag: &str| v1::RecordSuccessionRequest {
        request_id: uuid(7),
        etags: vec![etag.into()],
        ..succession(Kind::Merger, "A C", "A", Policy::MergeSum)
    };
    let why = office.employers.record_succession(request(&stale)).await.unwrap_err();
    assert_eq!((told(&why), value(&why, "kind")), ("STALE_ETAG".into(), "employer".into()));
    let fresh = office.kept("A").await.etag;
    let check = v1::RecordSuccessionRequest { validate_only: true, ..request(&fresh) };
    assert_eq!(office.succeed(check).await.versions[0].version, 3);
    assert_eq!(office.kept("A").await.version, 2);
    // Sent again, it is answered again, though the etag is of before.
    let done = office.succeed(request(&fresh)).await;
    assert_eq!(office.succeed(request(&fresh)).await, done);
    assert_eq!(office.kept("A").await.version, 3);
    let other = v1::RecordSuccessionRequest { reason: "another".into(), ..request(&fresh) };
    let why = office.employers.record_succession(other).await.unwrap_err();
    assert_eq!(told(&why), "request_id REQUEST_ID_REUSED");
}
