//! Runs that did not come to their end.

use super::*;
use floatrate::problem::Problem;
use std::sync::atomic::Ordering;

/// Runs that are broken off: the one that a freeze drops, and the one that is under way.
#[tokio::test(flavor = "multi_thread")]
async fn runs_that_did_not_end_fit() {
    on_each(async |agency| {
        let db = &agency.db;
        import(db, (0..2_010).map(|n| record(&format!("E{n:04}"), n % 9))).await;
        import(db, [incomplete("B1")]).await;
        let id = created(&agency).await;
        let broken_off = async || {
            let options = Options { threads: 1, ..Options::default() };
            let stop = options.stop.clone();
            let tell = &mut |progress: cycle::Progress| stop.store(progress.done > 0, Ordering::Relaxed);
            let stopped = cycle::run(&agency, &id, OFFICER, &options, tell).await;
            assert!(matches!(stopped, Err(Problem::Stopped(_))), "{stopped:?}");
            cycle::get(db, &id).await.unwrap().running.batch
        };
        freeze(&agency, &id).await;
        let dropped = broken_off().await;
        assert!(verified(db, &[]).await.fits());
        freeze(&agency, &id).await;
        let under_way = broken_off().await;
        let report = verified(db, &[]).await;
        assert!(report.fits(), "{report:?}");
        assert_eq!((report.figures.unpublished, report.figures.review_items), (2 * 1_999, 2));
        for (table, column, place, to) in [
            ("run_chunk", "tally", format!("batch = '{dropped}'"), To::Piece("\"up\":", "\"up\":1")),
            ("run_chunk", "digest", format!("batch = '{under_way}'"), To::Bit),
            ("review_item", "region", format!("batch = '{dropped}'"), To::Text("510402")),
            ("review_item", "record_digest", format!("batch = '{under_way}'"), To::Bit),
            ("cycle", "done", format!("id = '{id}'"), To::More),
            ("cycle", "batch", format!("id = '{id}'"), To::Text("b0")),
        ] {
            let misfit = flipped(db, table, column, &place, &to, Some(&id)).await.misfit;
            assert_eq!(misfit.as_ref().map(|m| m.table), Some(table), "{table} {column}: {misfit:?}");
        }
        run(&agency, &id).await;
        assert!(verified(db, &[]).await.fits());
    })
    .await;
}
