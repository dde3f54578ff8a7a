//! A chain that was made again over a changed determination.

use super::*;
use floatrate::determination::detail_of;
use floatrate::store::ledger::{self, Kind, hex, text};
use floatrate::store::tables::determinations::{self, BATCH_DIGEST, CHUNK_DIGEST, digest_of};

/// Whoever rewrites a step by hand, its digests, and the whole chain over them, meets the decision.
#[tokio::test(flavor = "multi_thread")]
async fn a_forged_step_by_hand_meets_the_decision() {
    let database = crate::databases::sqlite();
    let db = Db::open(&database.url).await.unwrap();
    let City { batch, .. } = city(&agency(&db)).await;
    let mut rows = determinations::of_batch(&db, &batch, 0, 100).await.unwrap();
    let (row, digest) = rows.iter_mut().find(|(row, _)| row.employer_id == "B3").unwrap();
    let mut detail = detail_of(&row.detail).unwrap();
    detail.by_hand.as_mut().unwrap().reason = "another reason".into();
    row.detail = serde_json::to_vec(&detail).unwrap();
    *digest = row.digest(&batch);
    let place = format!("WHERE batch = '{batch}' AND ordinal = {}", row.ordinal);
    let (detail, digest) = (row.detail.clone(), *digest);
    write(
        &db,
        format!("UPDATE determination SET detail = $1, digest = $2 {place}"),
        &[Value::Bytes(&detail), Value::Bytes(&digest)],
    )
    .await;
    let mut before = Vec::new();
    let mut after = Vec::new();
    for mut chunk in determinations::chunks(&db, &batch).await.unwrap() {
        before.push(chunk.digest);
        let of = |row: &&(determinations::Kept, [u8; 32])| {
            (chunk.first_ordinal..chunk.first_ordinal + chunk.size).contains(&row.0.ordinal)
        };
        chunk.digest = digest_of(CHUNK_DIGEST, rows.iter().filter(of).map(|(_, digest)| digest));
        write(
            &db,
            format!("UPDATE chunk SET digest = $1 WHERE batch = '{batch}' AND number = {}", chunk.number),
            &[Value::Bytes(&chunk.digest)],
        )
        .await;
        after.push(chunk.digest);
    }
    let [from, to] = [&before, &after].map(|digests| digest_of(BATCH_DIGEST, digests.iter()));
    assert_ne!(from, to);
    let mut tx = db.snapshot().await.unwrap();
    let entries = ledger::entries(&mut tx, 0, 1_000).await.unwrap();
    drop(tx);
    let (mut last, mut body) = ([0; 32], BTreeMap::new());
    for mut entry in entries {
        let told = String::from_utf8(entry.detail).unwrap();
        entry.detail = told.replace(&text(&from), &text(&to)).replace(&hex(&from), &hex(&to)).into_bytes();
        last = entry.expected(&last);
        if entry.kind == Kind::Cycle.name() {
            body.insert(entry.subject, entry.detail.clone());
        }
        write(
            &db,
            format!("UPDATE ledger SET detail = $1, digest = $2 WHERE seq = {}", entry.seq),
            &[Value::Bytes(&entry.detail), Value::Bytes(&last)],
        )
        .await;
    }
    write(&db, "UPDATE head SET digest = $1".into(), &[Value::Bytes(&last)]).await;
    for (id, body) in body {
        write(&db, format!("UPDATE cycle SET body = $1 WHERE id = '{id}'"), &[Value::Bytes(&body)]).await;
    }
    let misfit = verified(&db, &[]).await.misfit.unwrap();
    assert_eq!((misfit.table, misfit.field.as_str()), ("determination", "detail.by_hand"), "{misfit:?}");
    assert!(misfit.says.en.contains("another reason") && misfit.says.en.contains("the officer's reason"));
}
