//! A value changed anywhere is found, and the row is named; the whole database or the one cycle looked at.

use super::*;
use floatrate::store::tables::determinations;

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_changed_of_a_cycle_is_found() {
    use To::{Bit, More, Piece, Text};
    on_each(async |agency| {
        let City { whole, batch, returned, rated } = city(&agency).await;
        let db = &agency.db;
        let next = cycle::get(db, &rated).await.unwrap().running.batch;
        let item = cycle::items(db, &rated, 0, "", 9).await.unwrap().pop().unwrap().ordinal;
        let last = determinations::chunks(db, &batch).await.unwrap().len();
        let hand = format!("batch = '{batch}' AND employer_id = 'B3'");
        let mut mistakes = Vec::new();
        // Of each column of each table: where, what becomes of it, and which table and field are named. The field is left
        // out where only the row is known.
        for (table, place, changes) in [
            (
                "cycle",
                format!("id = '{whole}'"),
                &[
                    ("region", Text("510402"), "cycle region"),
                    ("rating_day", More, "cycle rating_day"),
                    ("state", Text("published"), "cycle state"),
                    ("seq", More, "cycle seq"),
                    ("body", Piece("trying", "Trying"), "cycle body"),
                    ("batch", Text("b0"), "cycle batch"),
                    ("done", More, "cycle done"),
                ][..],
            ),
            (
                "cycle",
                format!("id = '{rated}'"),
                &[
                    ("batch", Text(""), "cycle batch"),
                    ("body", Piece("510400", "510402"), "cycle body"),
                    ("state", Text("approved"), "cycle state"),
                ],
            ),
            (
                "pin",
                format!("cycle = '{whole}' AND freeze_number = 2 AND ordinal = 4"),
                &[
                    ("version", More, "pin "),
                    ("digest", Bit, "pin "),
                    ("employer_id", Text("A30"), "pin "),
                    ("freeze_number", More, "pin "),
                    ("cycle", Text("c0"), "pin "),
                ],
            ),
            (
                "pin",
                format!("cycle = '{whole}' AND freeze_number = 1 AND ordinal = 14"),
                &[("ordinal", More, "pin "), ("version", More, "pin ")],
            ),
            (
                "run_chunk",
                format!("batch = '{returned}' AND number = 1"),
                &[
                    ("number", More, "run_chunk "),
                    ("last_pin", More, "run_chunk "),
                    ("last_ordinal", More, "run_chunk "),
                    ("last_chunk", More, "run_chunk "),
                    ("digest", Bit, "run_chunk "),
                    ("items", Bit, "run_chunk "),
                    ("tally", Piece("\"up\":", "\"up\":1"), "run_chunk "),
                    ("row_digest", Bit, "run_chunk "),
                    ("batch", Text("b0"), "run_chunk "),
                ],
            ),
            (
                "run_chunk",
                format!("batch = '{batch}' AND number = 1"),
                &[("tally", Piece("\"kept\":", "\"kept\":1"), "run_chunk "), ("digest", Bit, "run_chunk ")],
            ),
            (
                "review_item",
                format!("batch = '{next}' AND ordinal = {item}"),
                &[
                    (
                        "result",
                        Piece("window:incomplete", "window:straddled"),
                        "review_item result.reasons[0]",
                    ),
                    ("result", Piece("\"engine_version\":\"", "\"engine_version\":\"9"), "review_item "),
                    ("detail", Piece("\"annual\"", "\"annuaI\""), "review_item "),
                    ("record_version", More, "review_item record_version"),
                    ("record_digest", Bit, "review_item record_digest"),
                    ("region", Text("510402"), "review_item region"),
                    ("employer_id", Text("A1"), "review_item "),
                    ("digest", Bit, "review_item digest"),
                    ("ordinal", More, "review_item "),
                    ("batch", Text("b0"), "review_item "),
                ],
            ),
            (
                "review_item",
                format!("batch = '{returned}' AND ordinal = 10"),
                &[("result", Piece("0.", "1."), "review_item "), ("digest", Bit, "review_item digest")],
            ),
            (
                "decision",
                format!("cycle = '{whole}' AND employer_id = 'B3'"),
                &[
                    ("body", Piece("officer's", "Officer's"), "decision body"),
                    ("state", Text("proposed"), "decision state"),
                    ("version", More, "decision version"),
                    ("seq", More, "decision seq"),
                    ("employer_id", Text("B30"), "decision "),
                    ("cycle", Text("c0"), "decision "),
                ],
            ),
            (
                "decision",
                format!("cycle = '{rated}' AND employer_id = 'B4'"),
                &[
                    ("body", Piece("\"step\":0", "\"step\":1"), "decision body"),
                    ("state", Text("resolved"), "decision state"),
                ],
            ),
            (
                "determination",
                hand,
                &[
                    ("detail", Piece("officer's", "Officer's"), "determination "),
                    ("detail", Piece("\"step\":1", "\"step\":0"), "determination "),
                    ("record_version", More, "determination record_version"),
                ],
            ),
            (
                "determination",
                format!("batch = '{next}' AND ordinal = 2"),
                &[
                    ("result", Piece("\"rate\":\"0.0", "\"rate\":\"0.1"), "determination "),
                    ("digest", Bit, "determination digest"),
                ],
            ),
            (
                "chunk",
                format!("batch = '{batch}' AND number = {last}"),
                &[("digest", Bit, "chunk digest"), ("size", More, "chunk size")],
            ),
            (
                "chunk",
                format!("batch = '{returned}' AND number = 1"),
                &[("digest", Bit, "chunk digest"), ("size", More, "chunk size")],
            ),
        ] {
            for (column, to, expected) in changes {
                let (name, field) = expected.split_once(' ').unwrap();
                let fits = |report: &Report| {
                    let misfit = report.misfit.as_ref();
                    misfit.is_some_and(|m| m.table == name && (field.is_empty() || m.field == field))
                };
                let report = flipped(db, table, column, &place, to, None).await;
                if !fits(&report) {
                    mistakes.push(format!("{table} {place} {column}: {:?}", report.misfit));
                }
                // What belongs to the cycle shows when it is looked at alone; what was moved away to nowhere does not.
                let moved = matches!(to, Text("c0" | "b0"));
                let own = if place.contains(&next) || place.contains(&rated) { &rated } else { &whole };
                let report = flipped(db, table, column, &place, to, Some(own)).await;
                if !moved && !fits(&report) {
                    mistakes.push(format!("{own} alone: {table} {place} {column}: {:?}", report.misfit));
                }
            }
        }
        assert!(mistakes.is_empty(), "{}", mistakes.join("\n"));
        assert!(verified(db, &[]).await.fits());
    })
    .await;
}
