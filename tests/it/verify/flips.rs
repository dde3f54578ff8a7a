//! A digit changed anywhere is found, and the row is named.

use super::world::World;
use super::{Random, verified};
use sqlx::{AssertSqlSafe, Connection, Row, SqliteConnection};

/// Tables, and the columns that name a row. `request` is outside, as the documents say.
const TABLES: [(&str, &[&str]); 13] = [
    ("record", &["employer_id", "intake"]),
    ("employer", &["id"]),
    ("intake", &["id"]),
    ("reject", &["intake"]),
    ("plan_text", &["digest"]),
    ("determination", &["batch"]),
    ("chunk", &["batch"]),
    ("publication", &["batch"]),
    ("ledger", &["seq"]),
    ("head", &["id"]),
    ("consumer", &["name"]),
    ("refusal", &["consumer"]),
    ("objection", &["id"]),
];

async fn text(db: &mut SqliteConnection, sql: String) -> String {
    sqlx::query(AssertSqlSafe(sql)).fetch_one(db).await.unwrap().get(0)
}

/// What a row is called: its naming columns, before or after the change.
async fn names(db: &mut SqliteConnection, table: &str, columns: &[&str], rowid: i64) -> Vec<String> {
    let mut out = Vec::new();
    for column in columns {
        let shown = format!(
            "CASE typeof({column}) WHEN 'blob' THEN lower(hex({column})) ELSE CAST({column} AS TEXT) END"
        );
        out.push(text(db, format!("SELECT {shown} FROM {table} WHERE rowid = {rowid}")).await);
    }
    out
}

/// The value with one digit changed, as an SQL literal; None where it has none to change.
fn flipped(kind: &str, bytes: &[u8], digest: bool, random: &mut Random) -> Option<String> {
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let mut bytes = bytes.to_vec();
    if digest {
        let at = random.below(bytes.len());
        bytes[at] ^= 1 << random.below(8);
        return Some(format!("x'{}'", hex(&bytes)));
    }
    let places: Vec<usize> = (0..bytes.len()).filter(|at| bytes[*at].is_ascii_digit()).collect();
    let places = if places.is_empty() {
        (0..bytes.len()).filter(|at| bytes[*at].is_ascii_alphabetic()).collect()
    } else {
        places
    };
    if places.is_empty() {
        // An empty text becomes a digit.
        return bytes.is_empty().then(|| if kind == "text" { "'7'" } else { "x'37'" }.to_owned());
    }
    let at = places[random.below(places.len())];
    let new = b'0' + u8::try_from(random.below(10)).unwrap();
    if bytes[at] == new {
        return None;
    }
    bytes[at] = new;
    Some(match kind {
        "integer" => String::from_utf8(bytes).unwrap(),
        "text" => format!("CAST(x'{}' AS TEXT)", hex(&bytes)),
        _ => format!("x'{}'", hex(&bytes)),
    })
}

#[tokio::test]
async fn a_flipped_digit_is_found_in_a_hundred_places() {
    let seed = std::env::var("FLOATRATE_SEED").map_or(20_261_125, |seed| seed.parse().unwrap());
    let flips: usize = std::env::var("FLOATRATE_FLIPS").map_or(100, |n| n.parse().unwrap());
    let mut random = Random(seed);
    let world = World::of_everything().await;
    let report = verified(&world.db, &[]).await;
    assert!(report.fits(), "{report:?}");
    let mut raw = SqliteConnection::connect(&format!("sqlite:{}", world.path())).await.unwrap();
    let (mut done, mut mistakes) = (0, Vec::new());
    while done < flips {
        // Every table in turn, every column of it by chance.
        let (table, naming) = TABLES[done % TABLES.len()];
        let sql = format!("SELECT name FROM pragma_table_info('{table}')");
        let columns = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut raw).await.unwrap();
        let column: String = columns[random.below(columns.len())].get(0);
        let sql = format!("SELECT rowid FROM {table} ORDER BY rowid");
        let rows = sqlx::query(AssertSqlSafe(sql)).fetch_all(&mut raw).await.unwrap();
        let rowid: i64 = rows[random.below(rows.len())].get(0);
        let place = format!("WHERE rowid = {rowid}");
        let kind = text(&mut raw, format!("SELECT typeof({column}) FROM {table} {place}")).await;
        let sql = format!("SELECT CAST({column} AS BLOB), quote({column}) FROM {table} {place}");
        let row = sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut raw).await.unwrap();
        let (bytes, before): (Vec<u8>, String) = (row.get(0), row.get(1));
        let digest = kind == "blob" && bytes.len() == 32;
        let Some(after) = flipped(&kind, &bytes, digest, &mut random) else { continue };
        if kind == "integer" && after.parse::<i64>().ok() == String::from_utf8_lossy(&bytes).parse().ok() {
            continue;
        }
        let mut known = names(&mut raw, table, naming, rowid).await;
        let change = format!("UPDATE {table} SET {column} = {after} {place}");
        if sqlx::query(AssertSqlSafe(change.clone())).execute(&mut raw).await.is_err() {
            // The key of another row, or a check of the table.
            continue;
        }
        // A key that is the row's number moves it.
        let moved = table != "plan_text" && kind == "integer" && {
            let sql = format!("SELECT count(*) FROM {table} {place}");
            sqlx::query(AssertSqlSafe(sql)).fetch_one(&mut raw).await.unwrap().get::<i64, _>(0) == 0
        };
        let place = if moved { format!("WHERE rowid = {after}") } else { place };
        let now = if moved { after.parse().unwrap() } else { rowid };
        known.extend(names(&mut raw, table, naming, now).await);
        let report = verified(&world.db, &[]).await;
        match &report.misfit {
            None => mistakes.push(format!("{change}: not found")),
            Some(misfit) => {
                // A batch that broke off has no other word than its chunks and rows: the one names the other.
                let unseen = known.iter().any(|name| name == "b7unseen");
                let pair = ["chunk", "determination"];
                let named =
                    misfit.table == table || unseen && pair.contains(&misfit.table) && pair.contains(&table);
                if !named || !known.iter().any(|name| misfit.key.contains(name.as_str())) {
                    mistakes.push(format!("{change}\n  {known:?}: named {misfit:?}"));
                }
            }
        }
        let back = format!("UPDATE {table} SET {column} = {before} {place}");
        sqlx::query(AssertSqlSafe(back)).execute(&mut raw).await.unwrap();
        done += 1;
    }
    assert!(mistakes.is_empty(), "seed {seed}, {} of {flips}:\n{}", mistakes.len(), mistakes.join("\n"));
    let report = verified(&world.db, &[]).await;
    assert!(report.fits(), "{report:?}");
}

/// A row that is gone is found too, and the table is named.
#[tokio::test]
async fn a_missing_row_is_found() {
    let world = World::of_everything().await;
    let mut raw = SqliteConnection::connect(&format!("sqlite:{}", world.path())).await.unwrap();
    for (table, _) in TABLES {
        let columns: Vec<String> =
            sqlx::query(AssertSqlSafe(format!("SELECT name FROM pragma_table_info('{table}')")))
                .fetch_all(&mut raw)
                .await
                .unwrap()
                .iter()
                .map(|row| row.get(0))
                .collect();
        let columns = columns.join(", ");
        let pick = format!("SELECT max(rowid) FROM {table}");
        for sql in [
            format!("CREATE TABLE aside AS SELECT {columns} FROM {table} WHERE rowid = ({pick})"),
            format!("DELETE FROM {table} WHERE rowid = ({pick})"),
        ] {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut raw).await.unwrap();
        }
        if table == "head" {
            // Without it nothing can be read or written.
            assert!(!verified(&world.db, &[]).await.fits());
        } else {
            let found = verified(&world.db, &[]).await.misfit.unwrap_or_else(|| panic!("{table}"));
            let related = match table {
                // A text is missed by what names it, the newest entry by the head, a chunk's row by the rows.
                "plan_text" => "determination",
                "ledger" => "head",
                "chunk" if found.table == "determination" => "determination",
                other => other,
            };
            assert_eq!(found.table, related, "{table}: {found:?}");
        }
        for sql in [
            format!("INSERT INTO {table} ({columns}) SELECT {columns} FROM aside"),
            "DROP TABLE aside".to_owned(),
        ] {
            sqlx::query(AssertSqlSafe(sql)).execute(&mut raw).await.unwrap();
        }
    }
    assert!(verified(&world.db, &[]).await.fits());
}
