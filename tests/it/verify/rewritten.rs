//! Whoever owns the database can rewrite history so that everything fits; a head that was written down shows it.

use super::verified;
use super::world::World;
use floatrate::determination::{By, Raters, Terms, detail_of};
use floatrate::employer::Body;
use floatrate::rate::Explain;
use floatrate::store::ledger::hex;
use floatrate::store::ledger::{self, Head};
use floatrate::store::tables::determinations::{
    self, BATCH_DIGEST, CHUNK_DIGEST, PublicationEntry, digest_of,
};
use floatrate::store::tables::records::{self, ChunkDigest, ChunkEntry};
use floatrate_engine::Lang;
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

async fn run(raw: &mut SqliteConnection, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(raw).await.unwrap();
}

#[tokio::test]
async fn rewritten_history_is_found_by_a_head() {
    let world = World::of_employers(40).await;
    let before = Head::read(&world.db).await.unwrap();
    let report = verified(&world.db, &[before.digest]).await;
    assert!(report.fits() && report.heads[0].entry == Some((before.seq, before.at)), "{report:?}");

    // Another day of joining in one record; every result that rests on it is made again.
    let all = determinations::published(&world.db, &world.batches[0], 7).await.unwrap().unwrap();
    let employer_id = all.kept.employer_id;
    let (version, body) = records::record(&world.db, &employer_id, 1).await.unwrap().unwrap();
    let (mut record, declared) = Body(body).record().unwrap();
    record.employer.insured_since = "2015-07-01".parse().unwrap();
    record.employer.first_insured = record.employer.insured_since;
    let body = Body::of(&record, &declared).0;
    let digest = *blake3::hash(&body).as_bytes();
    let mut raw = SqliteConnection::connect(&format!("sqlite:{}", world.path())).await.unwrap();
    let id = format!("'{employer_id}'");
    run(
        &mut raw,
        format!(
            "UPDATE record SET body = x'{}', digest = x'{}' WHERE employer_id = {id}",
            hex(&body),
            hex(&digest)
        ),
    )
    .await;
    run(&mut raw, format!("UPDATE employer SET digest = x'{}' WHERE id = {id}", hex(&digest))).await;
    let raters = Raters::default();
    let mut changed = 0;
    for old in determinations::of_employer(&world.db, &employer_id).await.unwrap() {
        let loaded = raters.kept(&world.db, &old.kept.plan_text).await.unwrap();
        let date = "2026-01-01".parse().unwrap();
        let detail = detail_of(&old.kept.detail).unwrap();
        let rows = loaded.rate(
            date,
            By { portfolio: &detail.portfolio, hand: None },
            std::slice::from_ref(&record),
            Explain::None,
            Lang::En,
        );
        let row = &rows.unwrap()[0];
        let mut new = old.kept.clone();
        new.record_digest = digest;
        new.result = serde_json::to_vec(row).unwrap();
        new.terms = Terms::of(row, &detail.cause, &version.region, "").json();
        changed += usize::from(new.result != old.kept.result);
        run(&mut raw, format!(
            "UPDATE determination SET record_digest = x'{}', result = x'{}', terms = CAST(x'{}' AS TEXT), digest = x'{}' WHERE batch = '{}' AND ordinal = {}",
            hex(&digest), hex(&new.result), hex(new.terms.as_bytes()), hex(&new.digest(&old.batch)), old.batch, new.ordinal
        )).await;
    }
    assert_eq!(changed, 3);
    let report = verified(&world.db, &[]).await;
    assert_eq!(report.misfit.as_ref().map(|m| m.table), Some("record"), "{report:?}");

    // And the chain over all of it.
    let mut tx = world.db.snapshot().await.unwrap();
    let entries = ledger::entries(&mut tx, 0, 1_000).await.unwrap();
    let mut last = [0; 32];
    for mut entry in entries {
        if entry.kind == "recorded" {
            let mut said: ChunkEntry = serde_json::from_slice(&entry.detail).unwrap();
            let mut digest = ChunkDigest::default();
            for row in records::chunk(&mut tx, &entry.subject, said.chunk).await.unwrap() {
                digest.add(&row.employer_id, row.version, &row.region, &row.digest);
            }
            said.digest = hex(&digest.done());
            entry.detail = serde_json::to_vec(&said).unwrap();
        }
        if entry.kind == "published" {
            let mut said: PublicationEntry = serde_json::from_slice(&entry.detail).unwrap();
            let mut digests = Vec::new();
            for chunk in determinations::chunks(&mut tx, &entry.subject).await.unwrap() {
                let rows =
                    determinations::of_batch(&mut tx, &entry.subject, chunk.first_ordinal - 1, chunk.size);
                let rows = rows.await.unwrap();
                let digest = digest_of(CHUNK_DIGEST, rows.iter().map(|(_, digest)| digest));
                run(
                    &mut raw,
                    format!(
                        "UPDATE chunk SET digest = x'{}' WHERE batch = '{}' AND number = {}",
                        hex(&digest),
                        entry.subject,
                        chunk.number
                    ),
                )
                .await;
                digests.push(digest);
            }
            said.digest = hex(&digest_of(BATCH_DIGEST, digests.iter()));
            entry.detail = serde_json::to_vec(&said).unwrap();
        }
        last = entry.expected(&last);
        run(
            &mut raw,
            format!(
                "UPDATE ledger SET detail = x'{}', digest = x'{}' WHERE seq = {}",
                hex(&entry.detail),
                hex(&last),
                entry.seq
            ),
        )
        .await;
    }
    drop(tx);
    run(&mut raw, format!("UPDATE head SET digest = x'{}'", hex(&last))).await;

    let alone = verified(&world.db, &[]).await;
    assert!(alone.fits(), "{alone:?}");
    let report = verified(&world.db, &[last, before.digest]).await;
    assert!(report.misfit.is_none() && !report.fits());
    assert!(report.heads[0].entry.is_some() && report.heads[1].entry.is_none());
}
