//! The work list: what a person decides, with whom, and what of it stays.

use super::*;
use floatrate::cycle::{Choice, Resolution, ReviewItem};
use floatrate::determination::{detail_of, replay};
use floatrate::problem::What;
use floatrate::store::tables::determinations::of_employer;

async fn choose(agency: &Agency, id: &str, employer: &str, choice: Choice) -> Result<ReviewItem, Problem> {
    let resolution = Resolution::Choose(choice, "the officer's reason");
    cycle::resolve(agency, id, employer, &resolution, "", OFFICER, None).await
}

async fn agree(agency: &Agency, id: &str, employer: &str, who: &str) -> Result<ReviewItem, Problem> {
    cycle::resolve(agency, id, employer, &Resolution::Agree, "", who, None).await
}

async fn states(agency: &Agency, id: &str) -> Vec<(String, String)> {
    let items = cycle::items(&agency.db, id, 0, "", 100).await.unwrap();
    items.into_iter().map(|item| (item.employer_id, item.state)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn by_record_by_hand_and_left_out() {
    on_each(async |agency, _| {
        import(&agency.db, (0..4).map(|n| record(&format!("A{n}"), n))).await;
        import(&agency.db, ["B1", "B2", "B3"].map(incomplete)).await;
        let id = rated(&agency).await;
        let items = cycle::items(&agency.db, &id, 0, "open", 100).await.unwrap();
        assert!(items.iter().map(|i| i.employer_id.as_str()).eq(["B1", "B2", "B3"]));
        assert!(items.iter().all(|i| i.result.reasons == ["window:incomplete"] && i.decided.is_none()));
        let why = approve(&agency, &id).await.unwrap_err();
        assert!(matches!(why, Problem::OpenItems(_, 3)), "{why:?}");
        // The record is not later, is not there, is there.
        let why = choose(&agency, &id, "B1", Choice::Record { version: 0 }).await.unwrap_err();
        assert!(matches!(&why, Problem::Fields(f) if f[0].field == "record_version"), "{why:?}");
        let why = choose(&agency, &id, "B1", Choice::Record { version: 7 }).await.unwrap_err();
        assert!(matches!(why, Problem::NotFound(What::RecordVersion, _)), "{why:?}");
        import(&agency.db, [record("B1", 700)]).await;
        let item = choose(&agency, &id, "B1", Choice::Record { version: 0 }).await.unwrap();
        assert_eq!((item.state.as_str(), item.decided.unwrap().version), ("resolved", 2));
        // By hand: a step that the plan has, and two persons.
        let why = choose(&agency, &id, "B2", Choice::ByHand { step: 9 }).await.unwrap_err();
        assert!(matches!(&why, Problem::Fields(f) if f[0].field == "step"), "{why:?}");
        let item = choose(&agency, &id, "B2", Choice::ByHand { step: 1 }).await.unwrap();
        assert_eq!(item.state, "proposed");
        let why = agree(&agency, &id, "B2", OFFICER).await.unwrap_err();
        assert!(matches!(why, Problem::SamePerson(..)), "{why:?}");
        let why = approve(&agency, &id).await.unwrap_err();
        assert!(matches!(why, Problem::OpenItems(_, 2)), "{why:?}");
        assert_eq!(agree(&agency, &id, "B2", SECOND).await.unwrap().state, "resolved");
        let why = agree(&agency, &id, "B3", SECOND).await.unwrap_err();
        assert!(matches!(why, Problem::State(What::ReviewItem, ..)), "{why:?}");
        choose(&agency, &id, "B3", Choice::LeaveOut).await.unwrap();
        let why = choose(&agency, &id, "A1", Choice::LeaveOut).await.unwrap_err();
        assert!(matches!(why, Problem::NotFound(What::ReviewItem, _)), "{why:?}");
        // Whoever approves shows what was looked at.
        let etag = cycle::get(&agency.db, &id).await.unwrap().etag;
        choose(&agency, &id, "B3", Choice::LeaveOut).await.unwrap();
        let why = cycle::approve(&agency, &id, &etag, APPROVER, None).await.unwrap_err();
        assert!(matches!(why, Problem::Stale(What::Cycle, _)), "{why:?}");
        let approved = approve(&agency, &id).await.unwrap().cycle.approved.unwrap();
        assert_eq!((approved.determinations, approved.by_hand, approved.left_out), (6, 1, 1));
        publish(&agency, &id).await.unwrap();
        let of = async |employer: &str| of_employer(&agency.db, employer).await.unwrap();
        assert_eq!(of("B3").await.len(), 0);
        assert_eq!(of("B1").await[0].kept.record_version, 2);
        let by_hand = of("B2").await.remove(0);
        let detail = detail_of(&by_hand.kept.detail).unwrap();
        let step = detail.by_hand.unwrap();
        assert_eq!(
            (step.step, step.proposed_by.as_str(), step.agreed_by.as_str(), step.reason.as_str()),
            (1, OFFICER, SECOND, "the officer's reason")
        );
        assert!(by_hand.kept.terms.contains("\"tier\":\"1.2\""), "{}", by_hand.kept.terms);
        assert!(replay(&agency, &by_hand.kept).await.unwrap().differences.is_empty());
    })
    .await;
}

/// A supplied record that does not settle it leaves the item open, with what is still missing.
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_not_enough() {
    on_each(async |agency, _| {
        import(&agency.db, [record("A", 1), incomplete("B")]).await;
        let id = rated(&agency).await;
        let text = String::from_utf8(incomplete("B").body).unwrap().replace("700", "800");
        import(&agency.db, [read(&text)]).await;
        let item = choose(&agency, &id, "B", Choice::Record { version: 2 }).await.unwrap();
        let decided = item.decided.unwrap();
        assert_eq!(
            (item.state.as_str(), decided.open_reasons.join(" ").as_str()),
            ("open", "window:incomplete")
        );
        // By hand then stands on the newer record.
        choose(&agency, &id, "B", Choice::ByHand { step: 0 }).await.unwrap();
        agree(&agency, &id, "B", APPROVER).await.unwrap();
        approve(&agency, &id).await.unwrap();
        publish(&agency, &id).await.unwrap();
        assert_eq!(of_employer(&agency.db, "B").await.unwrap()[0].kept.record_version, 2);
    })
    .await;
}

/// Decisions outlive a return; one on a record that was replaced does not outlive a new freeze.
#[tokio::test(flavor = "multi_thread")]
async fn what_stays_of_decisions() {
    on_each(async |agency, _| {
        import(&agency.db, [record("A", 1), incomplete("B"), incomplete("C"), incomplete("D")]).await;
        let id = rated(&agency).await;
        import(&agency.db, [record("B", 1)]).await;
        choose(&agency, &id, "B", Choice::Record { version: 0 }).await.unwrap();
        choose(&agency, &id, "C", Choice::LeaveOut).await.unwrap();
        choose(&agency, &id, "D", Choice::ByHand { step: 0 }).await.unwrap();
        cycle::give_back(&agency, &id, "D is not clear", "", APPROVER, None).await.unwrap();
        run(&agency, &id).await.unwrap();
        let pairs = |of: &[(&str, &str)]| -> Vec<(String, String)> {
            of.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
        };
        // B is rated by its later record at once.
        assert_eq!(states(&agency, &id).await, pairs(&[("C", "resolved"), ("D", "proposed")]));
        cycle::give_back(&agency, &id, "C has sent a record", "", APPROVER, None).await.unwrap();
        let text = String::from_utf8(incomplete("C").body).unwrap().replace("700", "800");
        import(&agency.db, [read(&text)]).await;
        freeze(&agency, &id).await;
        run(&agency, &id).await.unwrap();
        assert_eq!(states(&agency, &id).await, pairs(&[("C", "open"), ("D", "proposed")]));
    })
    .await;
}

/// Two officers decide at once: one after the other, and nothing is lost.
#[tokio::test(flavor = "multi_thread")]
async fn two_officers_at_once() {
    on_each(async |agency, _| {
        import(&agency.db, (0..8).map(|n| incomplete(&format!("B{n}")))).await;
        import(&agency.db, [record("A", 1)]).await;
        let id = rated(&agency).await;
        let decide = |n: usize, agency: Agency, id: String| {
            tokio::spawn(async move {
                loop {
                    match choose(&agency, &id, &format!("B{n}"), Choice::LeaveOut).await {
                        Ok(item) => return item,
                        Err(Problem::Stale(..) | Problem::Store(floatrate::store::StoreError::Conflict)) => {}
                        Err(why) => panic!("{why:?}"),
                    }
                }
            })
        };
        let all: Vec<_> = (0..8).map(|n| decide(n, agency.clone(), id.clone())).collect();
        for one in all {
            assert_eq!(one.await.unwrap().state, "resolved");
        }
        assert_eq!(approve(&agency, &id).await.unwrap().cycle.approved.unwrap().left_out, 8);
    })
    .await;
}
