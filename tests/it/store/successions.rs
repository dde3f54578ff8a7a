//! Successions of every kind, with every policy.

use super::{agency, determine, import, on_each, record};
use floatrate::employer::{Body, Kind, Policy, Succession, kept_succession, succeed};
use floatrate::problem::Problem;
use floatrate::store::Db;
use floatrate::store::tables::records;
use std::collections::BTreeMap;

fn succession(kind: Kind, from: &[&str], to: &[&str], policy: Option<Policy>) -> Succession {
    let all = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect();
    Succession {
        kind,
        date: "2026-01-01".to_owned(),
        predecessors: all(from),
        successors: all(to),
        policy,
        policy_of: policy.map_or("", |_| "officer").to_owned(),
        name: None,
        risk_class: (kind == Kind::ClassChange).then_some(5),
        region: (kind == Kind::Move).then(|| "510402".to_owned()),
        reason: "document 7".to_owned(),
        notes: Vec::new(),
        sources: BTreeMap::new(),
    }
}

/// Version, number of claims and people of 2025, of the newest record.
async fn newest(db: &Db, id: &str) -> Option<(i64, usize, i64)> {
    let (version, ..) = records::employer(db, id).await.unwrap()?;
    let (_, body) = records::record(db, id, version).await.unwrap().unwrap();
    let (record, _) = Body(body).record().unwrap();
    let people = record.periods.last().and_then(|p| p.headcount).map_or(0, |h| h.0 / 1_000_000);
    Some((version, record.claims.len(), people))
}

#[tokio::test(flavor = "multi_thread")]
async fn every_kind_and_policy() {
    use Kind::{ClassChange, Merger, Move, Renaming, Split};
    use Policy::{MergeSum, NewAtBase, SurvivorOnly};
    on_each(async |db, _| {
        for (at, (kind, from, to, policy, expected)) in [
            (
                Merger,
                &["A", "B"][..],
                &["A"][..],
                Some(MergeSum),
                Some(&[("A", (2, 2, 8)), ("B", (1, 1, 4))][..]),
            ),
            (Merger, &["A", "B"], &["N"], Some(MergeSum), Some(&[("N", (1, 2, 8))])),
            (Merger, &["A", "B"], &["A"], Some(SurvivorOnly), Some(&[("A", (1, 1, 4))])),
            (Merger, &["A", "B"], &["N"], Some(SurvivorOnly), None),
            (Merger, &["A", "B"], &["A"], Some(NewAtBase), Some(&[("A", (2, 0, 0))])),
            (Merger, &["A"], &["B"], Some(MergeSum), None),
            (Merger, &["A", "A"], &["B"], Some(MergeSum), None),
            (Merger, &["A", "B"], &["A"], None, None),
            (Split, &["A"], &["A", "N"], Some(SurvivorOnly), Some(&[("A", (1, 1, 4)), ("N", (1, 0, 0))])),
            (Split, &["A"], &["M", "N"], Some(NewAtBase), Some(&[("M", (1, 0, 0)), ("N", (1, 0, 0))])),
            (Split, &["A"], &["M", "N"], Some(MergeSum), None),
            (Renaming, &["A"], &["N"], None, Some(&[("N", (1, 1, 4)), ("A", (1, 1, 4))])),
            (Renaming, &["A"], &["B"], None, None),
            (ClassChange, &["A"], &[], None, Some(&[("A", (2, 1, 4))])),
            (Move, &["A"], &[], None, Some(&[("A", (2, 1, 4))])),
            (Move, &["no"], &[], None, None),
        ]
        .into_iter()
        .enumerate()
        {
            let own = |id: &str| format!("{at}{id}");
            import(&db, [record(&own("A"), 10), record(&own("B"), 20)]).await;
            let (from, to): (Vec<_>, Vec<_>) =
                (from.iter().map(|id| own(id)).collect(), to.iter().map(|id| own(id)).collect());
            let refs = |ids: &[String]| -> Vec<String> { ids.to_vec() };
            let mut asked = succession(kind, &[], &[], policy);
            (asked.predecessors, asked.successors) = (refs(&from), refs(&to));
            let checked = succeed(&db, asked.clone(), &[], "officer", None, true).await;
            assert_eq!(newest(&db, &own("A")).await, Some((1, 1, 4)), "only checked");
            let done = succeed(&db, asked, &[], "officer", None, false).await;
            assert_eq!(done.is_ok(), expected.is_some(), "{at} {kind:?}: {done:?}");
            assert_eq!(done.is_ok(), checked.is_ok());
            let Some(expected) = expected else { continue };
            for (id, found) in expected {
                assert_eq!(newest(&db, &own(id)).await, Some(*found), "{at} {kind:?} {id}");
            }
            let done = done.unwrap();
            let kept = kept_succession(&db, &done.id).await.unwrap().unwrap();
            assert_eq!((kept.kind, kept.policy), (kind, policy));
            assert!(kept.sources.len() >= from.len());
            for version in done.versions {
                let (kept, _) =
                    records::record(&db, &version.employer_id, version.version).await.unwrap().unwrap();
                assert_eq!((kept.origin, kept.digest), (format!("succession:{}", done.id), version.digest));
            }
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stale_etag_and_two_at_once() {
    on_each(async |db, _| {
        import(&db, [record("A", 10)]).await;
        let change = || succession(Kind::ClassChange, &["A"], &[], None);
        let stale = succeed(&db, change(), &["1-0".to_owned()], "officer", None, false).await;
        assert!(matches!(stale, Err(Problem::Stale(..))), "{stale:?}");
        let other = || succession(Kind::Move, &["A"], &[], None);
        let (one, two) = tokio::join!(
            succeed(&db, change(), &[], "officer", None, false),
            succeed(&db, other(), &[], "officer", None, false)
        );
        // One after the other, or one of them is told that the record has changed: never one lost.
        let done = i64::from(one.is_ok()) + i64::from(two.is_ok());
        for lost in [one.err(), two.err()].into_iter().flatten() {
            assert!(matches!(lost, Problem::Stale(..)), "{lost:?}");
        }
        assert_eq!(records::employer(&db, "A").await.unwrap().unwrap().0, 1 + done);
        // What rests on the record can say how it came about.
        determine(&agency(&db), "A", "").await;
        let history = floatrate::determination::record_history;
        let told = history(&agency(&db), "A", 1 + done, floatrate_engine::Lang::Zh).await.unwrap();
        assert_eq!(told.len() as i64, done);
    })
    .await;
}
