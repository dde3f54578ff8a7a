//! Consumers acknowledge, refuse, and officers resolve.

use super::{agency, determine, fields, import, on_each, record};
use floatrate::collection::{Feed, Refused, acknowledge, resolve};
use floatrate::problem::Problem;
use floatrate::store::tables::collection::refusals;

fn refused(positions: &[i64]) -> Vec<Refused> {
    positions.iter().map(|p| Refused { position: *p, reason: "not known here".to_owned() }).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn cursors_and_refusals() {
    on_each(async |db, _| {
        let agency = agency(&db);
        import(&db, [record("A", 1)]).await;
        for month in 1..=6 {
            determine(&agency, "A", &format!("2026-{month:02}-01")).await;
        }
        let feed = Feed::open(db.clone()).await.unwrap();
        let send = async |cursor: i64, positions: &[i64]| {
            let found = acknowledge(&feed, "tax", cursor, &refused(positions), "tax").await;
            found.map(|a| (a.cursor, a.open_refusals))
        };
        assert_eq!(send(0, &[]).await.unwrap(), (0, 0));
        assert_eq!(send(3, &[2]).await.unwrap(), (3, 1));
        // Again: nothing changes.
        assert_eq!(send(3, &[2]).await.unwrap(), (3, 1));
        for (cursor, positions, expected) in [
            (2, &[][..], &[("cursor", "out_of_range")][..]),
            (7, &[], &[("cursor", "out_of_range")]),
            (5, &[3, 6], &[("refused[0].position", "out_of_range"), ("refused[1].position", "out_of_range")]),
            (5, &[4, 4], &[("refused[1].position", "duplicate")]),
            (3, &[1], &[("refused[0].position", "out_of_range")]),
        ] {
            let why = send(cursor, positions).await.unwrap_err();
            assert_eq!(fields(&why), expected, "{cursor} {positions:?}");
        }
        assert_eq!(send(6, &[4, 6]).await.unwrap(), (6, 3));
        let nameless = acknowledge(&feed, "税务", 6, &[], "tax").await.unwrap_err();
        assert_eq!(fields(&nameless), [("consumer", "unknown_value")]);

        let first = resolve(&feed, "tax", 2, "sent again", "officer").await.unwrap();
        assert_eq!((first.resolution.as_str(), first.resolved_by.as_str()), ("sent again", "officer"));
        assert_eq!(resolve(&feed, "tax", 2, "sent again", "officer").await.unwrap(), first);
        let other = resolve(&feed, "tax", 2, "left", "officer").await.unwrap_err();
        assert!(matches!(other, Problem::State(..)));
        assert!(matches!(resolve(&feed, "tax", 3, "x", "officer").await, Err(Problem::NotFound(..))));
        let positions = async |resolved| -> Vec<i64> {
            refusals(&db, ("", 0), resolved, 10).await.unwrap().iter().map(|r| r.position).collect()
        };
        assert_eq!((positions(false).await, positions(true).await), (vec![4, 6], vec![2, 4, 6]));
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_acknowledge_at_once_than_there_are_connections() {
    on_each(async |db, _| {
        import(&db, [record("A", 1)]).await;
        determine(&agency(&db), "A", "").await;
        let feed = Feed::open(db).await.unwrap();
        let begun = std::time::Instant::now();
        let send = |feed: Feed, n: usize| {
            tokio::spawn(async move {
                let name = format!("c{}", n % 5);
                acknowledge(&feed, &name, 1, &refused(&[1]), &name).await
            })
        };
        let sent: Vec<_> = (0..40).map(|n| send(feed.clone(), n)).collect();
        for one in sent {
            let found = one.await.unwrap().unwrap();
            assert_eq!((found.cursor, found.open_refusals), (1, 1));
        }
        assert!(begun.elapsed().as_secs() < 20, "they wait for one another: {:?}", begun.elapsed());
    })
    .await;
}
