//! What a change is to the collection system: new, another rate, withdrawn, another charge.

use super::{Office, order, record};
use floatrate::config::DatabaseUrl;
use floatrate_proto::floatrate::v1;
use std::path::Path;
use tempfile::TempDir;
use v1::ChangeKind as Kind;

/// A folder with the nation's plan and Shenyang's: with a succession policy, or with a temporary reduction from a day on.
pub(super) fn plans(succession: Option<&str>, reduction: Option<&str>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    for plan in ["cn/000000/2015", "cn/210100/2020"] {
        let to = folder.path().join(plan);
        std::fs::create_dir_all(&to).unwrap();
        for file in std::fs::read_dir(rules.join(plan)).unwrap() {
            let file = file.unwrap();
            std::fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    let own = folder.path().join("cn/210100");
    if let Some(policy) = succession {
        let path = own.join("2020/plan.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        let more = format!("\n[procedure.succession]\nis = \"{policy}\"\ncite = \"sy reference\"\n");
        std::fs::write(path, text + &more).unwrap();
    }
    if let Some(from) = reduction {
        let text = format!(
            r#"language = 1
region = "210100"
reviewed_through = "2026-06-01"

[source.cut26]
title = {{ zh = "阶段性降低工伤保险费率的通知（测试）", en = "a temporary reduction, for tests" }}
official = false
address = "example.invalid/cut26"

[[clause]]
cite = "cut26 cut"
says = {{ zh = "以现行费率为基础下调20%", en = "the current rate is cut by 20 %" }}
verdict = "encoded"

[[reduction]]
from = "{from}"
to = "2027-04-30"
cut = "0.2"
mode = "on_current"
cite = "cut26 cut"
"#
        );
        std::fs::write(own.join("reductions.toml"), text).unwrap();
    }
    folder
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_kind_of_change_comes_over_the_feed() {
    let first = plans(None, None);
    let mut office = Office::with(|config| config.plan_dir = Some(first.path().to_owned())).await;
    office.import(vec![record("A", 0), record("B", 0)]).await;
    let new = office.publish(order("A")).await;
    office.import(vec![record("A", 50_000_000)]).await;
    let worse = v1::CreateDeterminationRequest {
        from: "2026-04-01".into(),
        cause: "redetermination".into(),
        ..order("A")
    };
    let worse = office.publish(worse).await;
    let request = v1::WithdrawDeterminationRequest {
        id: worse.id.clone(),
        reason: "the claim was another employer's".into(),
        ..Default::default()
    };
    let withdrawn = office.determinations.withdraw_determination(request).await.unwrap().into_inner();
    let withdrawn = withdrawn.determination.unwrap();
    assert_eq!((withdrawn.cause.as_str(), &withdrawn.withdraws), ("withdrawal", &worse.id));
    // What held before it holds again.
    let rate = office.rate("A", "2026-05-01").await.unwrap().rate.unwrap();
    assert_eq!((rate.id.as_str(), rate.rate.as_deref()), (new.id.as_str(), Some("0.0045")));
    office.import(vec![record("A", 0)]).await;

    // A reduction is decreed for days from May on: the service starts again with the new table.
    let Office { served, .. } = office;
    drop(served.down);
    served.ended.await.unwrap();
    let second = plans(None, Some("2026-05-01"));
    let database = served.folder.path().join("floatrate.db");
    let mut office = Office::with(|config| {
        config.plan_dir = Some(second.path().to_owned());
        config.database = DatabaseUrl::parse(database.to_str().unwrap()).unwrap();
    })
    .await;
    let reduced =
        v1::CreateDeterminationRequest { from: "2026-05-01".into(), cause: "reduction".into(), ..order("A") };
    let reduced = office.publish(reduced).await;
    let feed = office.feed(0).await;
    let told: Vec<(i64, Kind, &str, &str, &str)> = feed
        .iter()
        .map(|c| (c.position, c.kind(), c.id.as_str(), c.supersedes.as_str(), c.from.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            (1, Kind::New, &*new.id, "", "2026-01-01"),
            (2, Kind::Supersedes, &*worse.id, &*new.id, "2026-04-01"),
            (3, Kind::Withdrawn, &*withdrawn.id, &*worse.id, "2026-04-01"),
            (4, Kind::Reduction, &*reduced.id, &*new.id, "2026-05-01"),
        ]
    );
    let rates: Vec<Option<&str>> = feed.iter().map(|c| c.rate.as_deref()).collect();
    assert_eq!(rates, [Some("0.0045"), Some("0.0072"), Some("0.0072"), Some("0.0045")]);
    let charged: Vec<(&str, &str)> =
        feed[3].charged.iter().map(|c| (c.from.as_str(), c.rate.as_str())).collect();
    assert_eq!(charged, [("2026-01-01", "0.0045"), ("2026-05-01", "0.0036")]);
    for (day, charged) in [("2026-04-30", "0.0045"), ("2026-05-01", "0.0036"), ("2026-12-31", "0.0036")] {
        assert_eq!(office.rate("A", day).await.unwrap().charged, charged, "{day}");
    }
    // The first is replayed by the plan as it was kept, not by the one of now.
    for id in [&new.id, &worse.id, &withdrawn.id, &reduced.id] {
        let request = v1::ReplayDeterminationRequest { id: id.clone() };
        let replayed = office.determinations.replay_determination(request).await.unwrap().into_inner();
        assert!(replayed.same && replayed.kept_digest == replayed.replayed_digest, "{replayed:?}");
    }
}
