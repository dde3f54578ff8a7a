//! Objections: filed in time or late, decided, answered by a new determination.

use super::{Office, order, record, told, uuid, value};
use floatrate_proto::floatrate::v1;
use tonic::{Request, Status};

/// Under the national procedure: 15 working days to object, 10 to decide.
fn filing(determination: &str, filed_on: &str) -> v1::FileObjectionRequest {
    v1::FileObjectionRequest {
        determination_id: determination.into(),
        reason: "the claim is not ours".into(),
        notified_on: "2026-03-02".into(),
        filed_on: filed_on.into(),
        ..Default::default()
    }
}

impl Office {
    async fn file(&mut self, request: v1::FileObjectionRequest) -> Result<v1::Objection, Status> {
        let filed = self.determinations.file_objection(request).await;
        filed.map(|answer| answer.into_inner().objection.unwrap())
    }

    async fn decide(&mut self, request: v1::DecideObjectionRequest) -> Result<v1::Objection, Status> {
        let decided = self.determinations.decide_objection(request).await;
        decided.map(|answer| answer.into_inner().objection.unwrap())
    }
}

fn decision(id: &str, upheld: bool) -> v1::DecideObjectionRequest {
    v1::DecideObjectionRequest { id: id.into(), upheld, reason: "seen".into(), ..Default::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upheld_objection_is_answered_by_a_determination() {
    let mut office = Office::open().await;
    office.import(vec![record("A", 50_000_000), record("B", 0)]).await;
    let made = office.publish(order("A")).await;
    let request = v1::FileObjectionRequest { request_id: uuid(1), ..filing(&made.id, "2026-03-10") };
    let filed = office.file(request.clone()).await.unwrap();
    assert_eq!((filed.state.as_str(), filed.employer_id.as_str(), filed.late), ("filed", "A", false));
    assert_eq!((filed.file_by.as_str(), filed.decide_by.as_str()), ("2026-03-23", "2026-03-24"));
    // No calendar is configured: only weekends are known of that year.
    assert_eq!(filed.uncertain_years, [2026]);
    assert_eq!(office.file(request).await.unwrap(), filed);

    // Not answered before it is decided.
    let answer = v1::CreateDeterminationRequest {
        cause: "objection".into(),
        objection_id: filed.id.clone(),
        ..order("A")
    };
    let why = office.refused(answer.clone()).await;
    assert_eq!((told(&why), value(&why, "state")), ("WRONG_STATE".into(), "filed".into()));
    let stale = v1::DecideObjectionRequest { etag: "0".into(), ..decision(&filed.id, true) };
    let why = office.decide(stale).await.unwrap_err();
    assert_eq!((told(&why), value(&why, "kind")), ("STALE_ETAG".into(), "objection".into()));
    // Another person decides, by name.
    let mut named = Request::new(v1::DecideObjectionRequest {
        request_id: uuid(2),
        etag: filed.etag.clone(),
        ..decision(&filed.id, true)
    });
    named.metadata_mut().insert("x-floatrate-name", "wang.fang".parse().unwrap());
    named.metadata_mut().insert("x-floatrate-role", "approver".parse().unwrap());
    let upheld = office.determinations.decide_objection(named).await.unwrap().into_inner().objection.unwrap();
    assert_eq!((upheld.state.as_str(), upheld.decision_reason.as_str()), ("upheld", "seen"));
    assert_eq!(upheld.decided_by, "wang.fang (approver, self-declared)");
    assert_ne!(upheld.etag, filed.etag);
    let why = office.decide(decision(&filed.id, false)).await.unwrap_err();
    assert_eq!((told(&why), value(&why, "state")), ("WRONG_STATE".into(), "upheld".into()));

    // The record is mended, and the answer given: once, and to this employer.
    office.import(vec![record("A", 0)]).await;
    let other = v1::CreateDeterminationRequest { employer_id: "B".into(), ..answer.clone() };
    assert_eq!(told(&office.refused(other).await), "NOT_FOUND");
    let again = office.publish(answer.clone()).await;
    assert_eq!(again.result.unwrap().tier.as_deref(), Some("0.5"));
    let listed = office.listed("", "").await;
    assert_eq!((listed[0].state.as_str(), &listed[0].redetermination_id), ("redetermined", &again.id));
    let why = office.refused(answer).await;
    assert_eq!((told(&why), value(&why, "state")), ("WRONG_STATE".into(), "redetermined".into()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_late_one_needs_a_reason() {
    let mut office = Office::open().await;
    office.import(vec![record("A", 0)]).await;
    let made = office.publish(order("A")).await;
    // The last day itself is in time.
    assert!(!office.file(filing(&made.id, "2026-03-23")).await.unwrap().late);
    let late = filing(&made.id, "2026-03-24");
    let why = office.file(late.clone()).await.unwrap_err();
    assert_eq!((told(&why), value(&why, "file_by")), ("OBJECTION_LATE".into(), "2026-03-23".into()));
    let accepted = v1::FileObjectionRequest { accept_late: "the notice was returned".into(), ..late };
    assert!(office.file(accepted).await.unwrap().late);
    for (request, expected) in [
        (
            v1::FileObjectionRequest { reason: " ".into(), ..filing(&made.id, "soon") },
            "reason filed_on INVALID_REQUEST",
        ),
        (filing(&made.id, "2026-03-01"), "filed_on INVALID_REQUEST"),
        (filing("d0-1", "2026-03-10"), "NOT_FOUND"),
    ] {
        assert_eq!(told(&office.file(request).await.unwrap_err()), expected);
    }
    for (request, expected) in [
        (v1::DecideObjectionRequest { reason: String::new(), ..decision("o0", true) }, "NOT_FOUND"),
        (decision("o0", true), "NOT_FOUND"),
    ] {
        assert_eq!(told(&office.decide(request).await.unwrap_err()), expected);
    }
}

impl Office {
    async fn listed(&mut self, state: &str, employer: &str) -> Vec<v1::Objection> {
        let (mut found, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = v1::ListObjectionsRequest {
                page_size: 2,
                page_token,
                state: state.into(),
                employer_id: employer.into(),
                region: String::new(),
            };
            let page = self.determinations.list_objections(request).await.unwrap().into_inner();
            found.extend(page.objections);
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return found;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn lists_are_by_state_and_employer() {
    let mut office = Office::open().await;
    office.import(vec![record("A", 0), record("B", 0)]).await;
    let mut ids = Vec::new();
    for employer in ["A", "B", "A", "B", "A"] {
        let made = office.publish(order(employer)).await;
        ids.push(office.file(filing(&made.id, "2026-03-10")).await.unwrap().id);
        // Ids sort by the millisecond.
        tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    }
    office.decide(decision(&ids[0], false)).await.unwrap();
    office.decide(decision(&ids[1], true)).await.unwrap();
    for (state, employer, expected) in [
        ("", "", &[0, 1, 2, 3, 4][..]),
        ("filed", "", &[2, 3, 4]),
        ("filed", "A", &[2, 4]),
        ("rejected", "", &[0]),
        ("upheld", "A", &[]),
        ("", "B", &[1, 3]),
    ] {
        let found: Vec<String> = office.listed(state, employer).await.into_iter().map(|o| o.id).collect();
        let expected: Vec<&String> = expected.iter().map(|at: &usize| &ids[*at]).collect();
        assert_eq!(found.iter().collect::<Vec<_>>(), expected, "{state} {employer}");
    }
}
