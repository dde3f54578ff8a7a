//! Acknowledging the feed, and the work list of what was refused.

use super::{Office, order, record, told, value};
use floatrate_proto::floatrate::v1;
use tonic::{Request, Status};

async fn published(count: usize) -> Office {
    let mut office = Office::open().await;
    let ids: Vec<String> = (0..count).map(|n| format!("E{n}")).collect();
    office.import(ids.iter().map(|id| record(id, 0)).collect()).await;
    for id in &ids {
        office.publish(order(id)).await;
    }
    office
}

impl Office {
    async fn acknowledge(
        &mut self,
        consumer: &str,
        cursor: i64,
        refused: &[(i64, &str)],
    ) -> Result<(i64, i64), Status> {
        let refused = refused.iter().map(|(position, reason)| v1::RefusedChange {
            position: *position,
            reason: (*reason).to_owned(),
        });
        let request = v1::AcknowledgeRateChangesRequest {
            consumer: consumer.into(),
            cursor,
            refused: refused.collect(),
        };
        let answer = self.collection.acknowledge_rate_changes(request).await?.into_inner();
        Ok((answer.cursor, answer.open_refusals))
    }

    async fn work_list(&mut self, with_resolved: bool) -> Vec<String> {
        let (mut found, mut page_token) = (Vec::new(), String::new());
        loop {
            let request = v1::ListRefusedChangesRequest { page_size: 1, page_token, with_resolved };
            let page = self.collection.list_refused_changes(request).await.unwrap().into_inner();
            found.extend(page.items.into_iter().map(|item| {
                let change = item.change.unwrap();
                format!("{} {} {} {}", item.consumer, change.position, item.reason, item.resolution)
            }));
            page_token = page.next_page_token;
            if page_token.is_empty() {
                return found;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cursor_is_a_consumer_s_own_and_only_goes_on() {
    let mut office = published(5).await;
    let list =
        |consumer: &str| v1::ListRateChangesRequest { consumer: consumer.into(), cursor: None, page_size: 2 };
    let page = office.collection.list_rate_changes(list("tax")).await.unwrap().into_inner();
    assert_eq!(page.changes.iter().map(|c| c.position).collect::<Vec<_>>(), [1, 2]);
    assert_eq!((page.cursor, page.newest), (2, 5));
    assert_eq!(office.acknowledge("tax", 3, &[]).await.unwrap(), (3, 0));
    // The same again changes nothing; back, or beyond what is published, is refused.
    assert_eq!(office.acknowledge("tax", 3, &[]).await.unwrap(), (3, 0));
    for cursor in [2, 6, -1] {
        assert_eq!(
            told(&office.acknowledge("tax", cursor, &[]).await.unwrap_err()),
            "cursor INVALID_REQUEST"
        );
    }
    let page = office.collection.list_rate_changes(list("tax")).await.unwrap().into_inner();
    assert_eq!((page.changes[0].position, page.cursor), (4, 5));
    // Another consumer has read nothing yet.
    let page = office.collection.list_rate_changes(list("bank-2.x_Y")).await.unwrap().into_inner();
    assert_eq!(page.changes[0].position, 1);
    let end = v1::ListRateChangesRequest { cursor: Some(5), ..list("tax") };
    let page = office.collection.list_rate_changes(end).await.unwrap().into_inner();
    assert_eq!((page.changes.len(), page.cursor), (0, 5));
    for wrong in ["", "a b", "甲", &"x".repeat(65)] {
        let why = office.collection.list_rate_changes(list(wrong)).await.unwrap_err();
        assert_eq!(told(&why), "consumer INVALID_REQUEST", "{wrong}");
        let watch = v1::WatchRateChangesRequest { consumer: wrong.into(), cursor: None };
        let why = office.collection.watch_rate_changes(watch).await.unwrap_err();
        assert_eq!(told(&why), "consumer INVALID_REQUEST", "{wrong}");
    }
    let below = v1::ListRateChangesRequest { cursor: Some(-1), ..list("tax") };
    assert_eq!(
        told(&office.collection.list_rate_changes(below).await.unwrap_err()),
        "cursor INVALID_REQUEST"
    );
    let size = v1::ListRateChangesRequest { page_size: -1, ..list("tax") };
    assert_eq!(
        told(&office.collection.list_rate_changes(size).await.unwrap_err()),
        "page_size INVALID_REQUEST"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_watch_goes_on_from_the_acknowledged_cursor() {
    let mut office = published(3).await;
    office.acknowledge("tax", 1, &[]).await.unwrap();
    let watch = v1::WatchRateChangesRequest { consumer: "tax".into(), cursor: None };
    let mut watch = office.collection.watch_rate_changes(watch).await.unwrap().into_inner();
    let message = watch.message().await.unwrap().unwrap();
    assert_eq!(message.changes.iter().map(|c| c.position).collect::<Vec<_>>(), [2, 3]);
    // What is published while it is open comes at once.
    let made = office.publish(order("E1")).await;
    let message = watch.message().await.unwrap().unwrap();
    assert_eq!((message.cursor, message.changes[0].id.as_str()), (4, made.id.as_str()));
    // It ends with the server, and says so.
    drop(office.served.down);
    let why = watch.message().await.unwrap_err();
    assert_eq!(told(&why), "DRAINING");
    assert_eq!(office.served.ended.await.unwrap(), floatrate::rpc::Ended::Drained);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_changes_are_listed_until_they_are_resolved() {
    let mut office = published(5).await;
    let done = office.acknowledge("tax", 4, &[(2, "no such payer"), (3, "account closed")]).await.unwrap();
    assert_eq!(done, (4, 2));
    assert_eq!(
        office.acknowledge("tax", 4, &[(2, "no such payer"), (3, "account closed")]).await.unwrap(),
        done
    );
    for (cursor, refused, expected) in [
        (5, &[(4, "late")][..], "refused[0].position INVALID_REQUEST"),
        (5, &[(6, "early")], "refused[0].position INVALID_REQUEST"),
        (5, &[(5, " ")], "refused[0].reason INVALID_REQUEST"),
        (5, &[(5, "x"), (5, "y")], "refused[1].position INVALID_REQUEST"),
        (9, &[(4, "")], "cursor refused[0].position refused[0].reason INVALID_REQUEST"),
    ] {
        let why = office.acknowledge("tax", cursor, refused).await.unwrap_err();
        assert_eq!(told(&why), expected, "{cursor} {refused:?}");
    }
    assert_eq!(office.acknowledge("bank", 5, &[(5, "frozen")]).await.unwrap(), (5, 1));
    assert_eq!(
        office.work_list(false).await,
        ["bank 5 frozen ", "tax 2 no such payer ", "tax 3 account closed "]
    );
    let resolve = |consumer: &str, position, resolution: &str| {
        let request = v1::ResolveRefusedChangeRequest {
            consumer: consumer.into(),
            position,
            resolution: resolution.into(),
        };
        let mut request = Request::new(request);
        request.metadata_mut().insert("x-floatrate-name", "zhang.wei".parse().unwrap());
        request.metadata_mut().insert("x-floatrate-role", "officer".parse().unwrap());
        request
    };
    let call = resolve("tax", 2, "the payer is registered now");
    let item = office.collection.resolve_refused_change(call).await.unwrap().into_inner().item.unwrap();
    assert_eq!(item.resolved_by, "zhang.wei (officer, self-declared)");
    let call = resolve("tax", 2, "the payer is registered now");
    assert_eq!(
        office.collection.resolve_refused_change(call).await.unwrap().into_inner().item.unwrap(),
        item
    );
    let why = office.collection.resolve_refused_change(resolve("tax", 2, "otherwise")).await.unwrap_err();
    assert_eq!((told(&why), value(&why, "state")), ("WRONG_STATE".into(), "resolved".into()));
    for (consumer, position, resolution, expected) in [
        ("tax", 1, "x", "NOT_FOUND"),
        ("tax", 99, "x", "NOT_FOUND"),
        ("nobody", 2, "x", "NOT_FOUND"),
        ("tax", 3, " ", "resolution INVALID_REQUEST"),
    ] {
        let why = office
            .collection
            .resolve_refused_change(resolve(consumer, position, resolution))
            .await
            .unwrap_err();
        assert_eq!(told(&why), expected, "{consumer} {position}");
    }
    assert_eq!(office.work_list(false).await, ["bank 5 frozen ", "tax 3 account closed "]);
    assert_eq!(office.work_list(true).await.len(), 3);
    assert_eq!(office.acknowledge("tax", 5, &[]).await.unwrap(), (5, 1));
}
