//! Rows that are more than the ledger tells of, or fewer.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_no_entry_tells_of_are_found() {
    on_each(async |agency| {
        let City { whole, batch, .. } = city(&agency).await;
        let db = &agency.db;
        for (table, columns, from, to) in [
            (
                "pin",
                "cycle, freeze_number, ordinal, employer_id, version, digest",
                format!("cycle = '{whole}' AND freeze_number = 1"),
                "'c0', freeze_number, ordinal, employer_id, version, digest",
            ),
            (
                "pin",
                "cycle, freeze_number, ordinal, employer_id, version, digest",
                format!("cycle = '{whole}' AND freeze_number = 1"),
                "cycle, 7, ordinal, employer_id, version, digest",
            ),
            (
                "run_chunk",
                "batch, number, last_pin, last_ordinal, last_chunk, digest, items, tally, row_digest",
                format!("batch = '{batch}'"),
                "'b0', number, last_pin, last_ordinal, last_chunk, digest, items, tally, row_digest",
            ),
            (
                "review_item",
                "batch, ordinal, employer_id, record_version, record_digest, region, result, detail, digest",
                format!("batch = '{batch}'"),
                "'b0', ordinal, employer_id, record_version, record_digest, region, result, detail, digest",
            ),
            (
                "review_item",
                "batch, ordinal, employer_id, record_version, record_digest, region, result, detail, digest",
                format!("batch = '{batch}' AND employer_id = 'B3'"),
                "batch, 900, employer_id, record_version, record_digest, region, result, detail, digest",
            ),
            (
                "decision",
                "cycle, employer_id, version, state, seq, body",
                format!("cycle = '{whole}' AND employer_id = 'B3'"),
                "cycle, 'B7', version, state, seq, body",
            ),
            (
                "cycle",
                "id, region, rating_day, state, seq, body, batch, done, token, runner, expires_us",
                format!("id = '{whole}'"),
                "'c0', region, rating_day, state, seq, body, batch, done, token, runner, expires_us",
            ),
        ] {
            let key = columns.split(", ").next().unwrap();
            let mut tx = db.begin().await.unwrap();
            let sql = format!("INSERT INTO {table} ({columns}) SELECT {to} FROM {table} WHERE {from}");
            assert!(tx.run(statement(sql.leak()), &[]).await.unwrap() > 0);
            let added = match to {
                _ if to.starts_with('\'') => format!("{key} = {}", to.split(',').next().unwrap()),
                _ if to.contains(", 7,") => "freeze_number = 7".to_owned(),
                _ if to.contains(", 900,") => "ordinal = 900".to_owned(),
                _ => "employer_id = 'B7'".to_owned(),
            };
            tx.commit().await.unwrap();
            let misfit = verified(db, &[]).await.misfit.unwrap_or_else(|| panic!("{table} {added}"));
            assert_eq!(misfit.table, table, "{added}: {misfit:?}");
            // And gone rows are missed.
            let mut tx = db.begin().await.unwrap();
            tx.run(statement(format!("DELETE FROM {table} WHERE {added}").leak()), &[]).await.unwrap();
            tx.commit().await.unwrap();
            if table != "cycle" {
                let mut tx = db.begin().await.unwrap();
                let aside = format!("CREATE TABLE aside AS SELECT {columns} FROM {table} WHERE {from}");
                tx.run(statement(aside.leak()), &[]).await.unwrap();
                tx.run(statement(format!("DELETE FROM {table} WHERE {from}").leak()), &[]).await.unwrap();
                tx.commit().await.unwrap();
                let misfit = verified(db, &[]).await.misfit.unwrap_or_else(|| panic!("{table} {from}"));
                assert_eq!(misfit.table, table, "{from}: {misfit:?}");
                let mut tx = db.begin().await.unwrap();
                let back = format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM aside");
                tx.run(statement(back.leak()), &[]).await.unwrap();
                tx.run(statement("DROP TABLE aside"), &[]).await.unwrap();
                tx.commit().await.unwrap();
            }
        }
        assert!(verified(db, &[]).await.fits());
    })
    .await;
}
