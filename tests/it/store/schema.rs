//! The tables, how they came to be, and the statements on them.

use super::whole::statement;
use super::{import, on_each, record};
use crate::databases::databases;
use floatrate::store::tables::{records, statements};
use floatrate::store::{Db, MIGRATIONS, StoreError};
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn every_statement_prepares() {
    on_each(async |db, _| {
        let mut count = 0;
        for statement in statements() {
            db.prepare(statement).await.unwrap_or_else(|why| panic!("{}: {why}", statement.name));
            count += 1;
        }
        assert!(count > 40, "{count}");
    })
    .await;
}

#[test]
fn both_databases_have_the_same_tables() {
    let tables = |sql: &str| -> BTreeSet<String> {
        let line = |line: &str| {
            let line = line.trim().trim_end_matches(" STRICT;").trim_end_matches(';').to_owned();
            let line =
                line.replace(" COLLATE \"C\"", "").replace("BIGINT", "INTEGER").replace("BYTEA", "BLOB");
            (!line.starts_with("--") && !line.starts_with("VALUES")).then_some(line)
        };
        sql.lines().filter_map(line).collect()
    };
    for (number, name, for_sqlite, for_postgres) in MIGRATIONS {
        assert_eq!(tables(for_sqlite), tables(for_postgres), "{number} {name}");
        // An order of another kind would make pages skip employers.
        assert!(!for_postgres.replace("TEXT COLLATE \"C\"", "").contains("TEXT"), "{number} {name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_an_older_release_keeps_its_data() {
    for database in databases() {
        for up_to in 1..=MIGRATIONS.len() as i64 {
            let db = Db::open_at(&database.url, up_to).await.unwrap();
            assert_eq!(db.is_postgres(), database.name == "PostgreSQL");
            let sql = if up_to == 1 { "first" } else { "again" };
            import(&db, [record(sql, up_to)]).await;
            db.close().await;
        }
        // Opened again and again, nothing is done twice.
        for _ in 0..3 {
            let db = Db::open(&database.url).await.unwrap();
            assert_eq!(records::employer(&db, "first").await.unwrap().unwrap().0, 1);
            super::whole::check(&db).await;
            db.close().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_of_a_newer_release_is_refused() {
    for database in databases() {
        let db = Db::open(&database.url).await.unwrap();
        let mut tx = db.begin().await.unwrap();
        let sql = statement(
            "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) SELECT 999, 'newer', success, checksum, 1 FROM _sqlx_migrations WHERE version = 1",
        );
        tx.run(sql, &[]).await.unwrap();
        tx.commit().await.unwrap();
        db.close().await;
        let why = Db::open(&database.url).await.unwrap_err();
        let expected = format!("it has migration 999, and this release knows {} only", MIGRATIONS.len());
        assert!(matches!(why, StoreError::Broken(_)) && why.to_string().contains(&expected), "{why}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn several_processes_open_a_new_database_at_once() {
    for database in databases() {
        let open = |url: String| tokio::spawn(async move { Db::open(&url).await });
        let opening: Vec<_> = (0..6).map(|_| open(database.url.clone())).collect();
        for one in opening {
            let db = one.await.unwrap().unwrap_or_else(|why| panic!("{}: {why}", database.name));
            assert_eq!(records::employer(&db, "A").await.unwrap(), None);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_that_are_none() {
    for url in [
        "mysql://floatrate:secret@h/d",
        "postgres://floatrate:secret@h:port/d",
        "sqlite:/no/such/folder/x.db",
    ] {
        let why = Db::open(url).await.unwrap_err().to_string();
        assert!(!why.contains("secret") && !why.contains("/no/such"), "{why}");
    }
}
