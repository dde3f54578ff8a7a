//! Records: versions, writers that meet, and what survives being kept.

use super::{import, on_each, read, record};
use floatrate::employer::{Body, Intake, rejects};
use floatrate::exchange::json;
use floatrate::store::tables::records::{employer, page, versions};
use floatrate::store::{Db, tables::records};

#[tokio::test(flavor = "multi_thread")]
async fn an_import_again_changes_nothing() {
    on_each(async |db, _| {
        let all = || (0..25).map(|n| record(&format!("E{n}"), n));
        let counts = |o: floatrate::employer::Outcome| (o.created, o.updated, o.unchanged, o.rejected);
        assert_eq!(counts(import(&db, all()).await), (25, 0, 0, 0));
        assert_eq!(counts(import(&db, all()).await), (0, 0, 25, 0));
        // Twice in one import: the later one is the newer version, and the same again is none.
        let twice = [record("E1", 7), record("E1", 7), record("E1", 8), record("F", 1), record("F", 2)];
        assert_eq!(counts(import(&db, twice).await), (1, 3, 1, 0));
        assert_eq!(counts(import(&db, []).await), (0, 0, 0, 0));
        let found: Vec<i64> =
            versions(&db, "E1", i64::MAX, 10).await.unwrap().iter().map(|v| v.version).collect();
        assert_eq!(found, [3, 2, 1]);
        let (newest, body) = records::record(&db, "E1", 3).await.unwrap().unwrap();
        assert_eq!((body, newest.digest), (record("E1", 8).body, record("E1", 8).digest));
        assert_eq!(versions(&db, "E1", 3, 1).await.unwrap()[0].version, 2);
        assert!(newest.origin.starts_with("import:i") && newest.signature == "officer");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writers_that_meet_lose_nothing() {
    on_each(async |db, _| {
        // Each writer brings contents of its own for employers that the others bring too.
        let writer = |db: Db, writer: i64| {
            tokio::spawn(async move {
                for round in 0..4 {
                    let from = writer * 10;
                    let records =
                        (from..from + 60).map(|n| record(&format!("E{}", n % 100), writer * 10 + round));
                    let outcome = import(&db, records).await;
                    assert_eq!(outcome.created + outcome.updated + outcome.unchanged, 60);
                }
            })
        };
        let writers: Vec<_> = (0..8).map(|n| writer(db.clone(), n)).collect();
        for writer in writers {
            writer.await.unwrap();
        }
        for n in 0..100 {
            let id = format!("E{n}");
            let writers = (0..8).filter(|w| (w * 10..w * 10 + 60).any(|m| m % 100 == n)).count();
            let kept = versions(&db, &id, i64::MAX, 100).await.unwrap();
            let mut digests: Vec<_> = kept.iter().map(|v| v.digest).collect();
            digests.sort_unstable();
            digests.dedup();
            assert_eq!((kept.len(), digests.len()), (writers * 4, writers * 4), "{id}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_are_in_the_order_of_their_bytes() {
    on_each(async |db, _| {
        let mut ids =
            ["a", "B", "b", "A", "Z", "aa", "ä", "é", "企业", "一", "丁", "-", "_", "10", "9", "𠮷", "ａ"];
        import(&db, ids.map(|id| record(id, 1))).await;
        ids.sort_unstable();
        let mut found: Vec<String> = Vec::new();
        loop {
            let after = found.last().cloned().unwrap_or_default();
            let page = page(&db, None, &after, 2).await.unwrap();
            if page.is_empty() {
                break;
            }
            found.extend(page.into_iter().map(|v| v.employer_id));
        }
        assert_eq!(found, ids);
        for id in ids {
            assert_eq!(employer(&db, id).await.unwrap().map(|(version, ..)| version), Some(1), "{id}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_of_a_region() {
    on_each(async |db, _| {
        let of = |id: &str, region: &str| {
            read(&format!(
                r#"{{"employer":{{"id":"{id}","region":"{region}","insured_since":"2015-03-01"}}}}"#
            ))
        };
        import(&db, [of("1", "510400"), of("2", "510402"), of("3", "510300"), of("4", "440300")]).await;
        for (region, expected) in [
            (None, "1234"),
            (Some("510400"), "12"),
            (Some("510000"), "123"),
            (Some("000000"), "1234"),
            (Some("510402"), "2"),
            (Some("120000"), ""),
        ] {
            let found = page(&db, region, "", 10).await.unwrap();
            let found: String = found.into_iter().map(|v| v.employer_id).collect();
            assert_eq!(found, expected, "{region:?}");
        }
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_largest_amounts_survive() {
    on_each(async |db, _| {
        let most = 10_i64.pow(18) - 1;
        let new = record("A", most);
        import(&db, [new.clone()]).await;
        let (_, body) = records::record(&db, "A", 1).await.unwrap().unwrap();
        assert_eq!(body, new.body);
        let (kept, _) = Body(body).record().unwrap();
        assert_eq!(kept.claims[0].benefits_paid.0, most);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_are_kept_with_every_violation() {
    on_each(async |db, _| {
        let mut intake = Intake::begin(Some(&db), "test", "officer").await.unwrap();
        for n in 1..=3 {
            let text = format!(r#"{{"employer":{{"id":"企业{n}"}},"periods":[{{"start":"2024-02-30"}}]}}"#);
            intake.add(Intake::read(n, &json::parse(&text).unwrap(), super::declared())).await.unwrap();
        }
        intake.add(Ok(record("A", 1))).await.unwrap();
        let (outcome, given) = intake.end(None).await.unwrap();
        assert_eq!((outcome.created, outcome.rejected, given.len()), (1, 3, 3));
        let kept = rejects(&db, &outcome.id, 1, 10).await.unwrap();
        assert_eq!(kept.iter().map(|r| r.1.number).collect::<Vec<_>>(), [2, 3]);
        assert!(kept[0].1.employer_id == "企业2" && kept[0].1.violations.len() > 1);
        assert_eq!(format!("{:?}", kept[1].1), format!("{:?}", given[2]));
        assert!(rejects(&db, "i0", 0, 10).await.is_err());
    })
    .await;
}
