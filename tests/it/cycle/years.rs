//! Year after year: what was published is what was before, and the report compares with the last cycle.

use super::*;
use floatrate::cycle::{Choice, Resolution, Totals};
use floatrate::determination::{Terms, Withdrawal, detail_of, replay, withdraw};
use floatrate::store::tables::determinations::of_employer;

async fn whole_cycle(agency: &Agency, date: &str) -> String {
    let order = Order { rating_date: date.into(), ..order() };
    let id = cycle::create(agency, &order, OFFICER, None).await.unwrap().cycle.id;
    freeze(agency, &id).await;
    run(agency, &id).await.unwrap();
    for item in cycle::items(&agency.db, &id, 0, "open", 1_000).await.unwrap() {
        let leave = Resolution::Choose(Choice::LeaveOut, "not this year");
        cycle::resolve(agency, &id, &item.employer_id, &leave, "", OFFICER, None).await.unwrap();
    }
    approve(agency, &id).await.unwrap();
    publish(agency, &id).await.unwrap();
    id
}

/// A record with its years moved.
fn moved(id: &str, benefits: i64, years: i32) -> NewRecord {
    let mut text = String::from_utf8(record(id, benefits).body).unwrap();
    for year in [2025, 2024, 2023] {
        text = text.replace(&format!("\"{year}-"), &format!("\"{}-", year + years));
    }
    read(&text)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_published_is_what_was_before() {
    on_each(async |agency, _| {
        let high = 9_000_000;
        import(&agency.db, [record("A", 1), record("B", high), record("C", 1)]).await;
        let plan = agency.library.catalog.plan(PLAN).unwrap();
        let dates: Vec<String> = (2026..2035)
            .map(|year| format!("{year}-01-01"))
            .filter(|date| plan.checked.rates_on(date.parse().unwrap()))
            .take(2)
            .collect();
        let first = whole_cycle(&agency, &dates[0]).await;
        let years: i32 = dates[1][..4].parse::<i32>().unwrap() - 2026;
        // C's determination is withdrawn: before it, nothing is known of C.
        let of_c = of_employer(&agency.db, "C").await.unwrap().remove(0).id();
        let order = Withdrawal { id: of_c, reason: "wrong employer".into() };
        withdraw(&agency, &order, OFFICER, None).await.unwrap();
        import(&agency.db, ["A", "B", "C"].map(|id| moved(id, 1, years))).await;
        let second = whole_cycle(&agency, &dates[1]).await;
        let mut lines = Vec::new();
        let mut tell = |one: cycle::Detailed| -> Result<(), Problem> {
            lines.push(one.line);
            Ok(())
        };
        cycle::details(&agency, &second, &mut tell).await.unwrap();
        let of_first = of_employer(&agency.db, "B").await.unwrap();
        let terms = Terms::read(&of_first[0].kept.terms).unwrap();
        assert_ne!(terms.tier.as_deref(), Some("1"));
        assert_eq!(Some(lines[1].tier_before.as_str()), terms.tier.as_deref());
        assert_eq!(lines[2].tier_before, "1");
        let kept = &of_first[1].kept;
        assert_eq!(detail_of(&kept.detail).unwrap().prior.unwrap().determination, of_first[0].id());
        assert!(replay(&agency, kept).await.unwrap().differences.is_empty());
        let report = cycle::report(&agency, &second).await.unwrap();
        let (last, totals) = report.last.unwrap();
        assert_eq!((last.id.as_str(), totals.employers), (first.as_str(), 3));
        assert_eq!(totals, Totals::of(&cycle::report(&agency, &first).await.unwrap().tally));
    })
    .await;
}
