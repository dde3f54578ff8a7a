//! What the report says is what the details add up to, to the fen.

use super::*;
use floatrate::cycle::{Cell, Choice, Detailed, Resolution, Tally, Totals};
use std::collections::BTreeMap;

async fn details(agency: &Agency, id: &str) -> Vec<Detailed> {
    let mut out = Vec::new();
    let mut tell = |one: Detailed| -> Result<(), Problem> {
        out.push(one);
        Ok(())
    };
    cycle::details(agency, id, &mut tell).await.unwrap();
    out
}

/// Sums by class, tier before and tier after.
type Cells = BTreeMap<(u8, String, String), Cell>;

/// Adds up details the slow way.
fn added_up(details: &[Detailed]) -> (Cells, [i64; 4]) {
    let mut cells = Cells::new();
    let mut moves = [0; 4];
    for Detailed { line, .. } in
        details.iter().filter(|d| d.line.status == "rated" || d.line.status == "kept")
    {
        let key = (line.risk_class.unwrap_or(0), line.tier_before.clone(), line.tier.clone());
        let cell = cells.entry(key).or_default();
        cell.employers += 1;
        cell.payroll += i128::from(line.payroll.unwrap_or(0));
        cell.before += i128::from(line.contribution_before);
        cell.after += i128::from(line.contribution);
        let number =
            |text: &Option<String>| -> rust_decimal::Decimal { text.as_deref().unwrap().parse().unwrap() };
        let (before, after) = (number(&line.rate_before), number(&line.rate));
        let at = match (line.status.as_str(), after.cmp(&before)) {
            ("kept", _) => 3,
            (_, std::cmp::Ordering::Greater) => 0,
            (_, std::cmp::Ordering::Less) => 1,
            (_, std::cmp::Ordering::Equal) => 2,
        };
        moves[at] += 1;
        // Payroll x rate, half up, by another arithmetic.
        let due = rust_decimal::Decimal::from(line.payroll.unwrap_or(0)) * after;
        let due = due.round_dp_with_strategy(0, rust_decimal::RoundingStrategy::MidpointAwayFromZero);
        assert_eq!(rust_decimal::Decimal::from(line.contribution), due);
    }
    (cells, moves)
}

fn holds(tally: &Tally, details: &[Detailed]) {
    let (cells, moves) = added_up(details);
    assert_eq!(tally.cells, cells);
    assert_eq!([tally.up, tally.down, tally.unchanged, tally.kept], moves);
    let mut changes: Vec<i64> = details
        .iter()
        .filter(|d| d.line.status == "rated" || d.line.status == "kept")
        .map(|d| d.line.change())
        .filter(|change| *change > 0)
        .collect();
    changes.sort_unstable_by(|a, b| b.cmp(a));
    changes.truncate(10);
    assert!(tally.risers.iter().map(|mover| mover.change).eq(changes));
}

#[tokio::test(flavor = "multi_thread")]
async fn totals_are_the_sums_of_the_details() {
    on_each(async |agency, _| {
        for seed in 1..=4 {
            import(&agency.db, city(2_500 + seed * 300, seed)).await;
            import(&agency.db, ["X1", "X2", "X3", "X4"].map(incomplete)).await;
            let id = rated(&agency).await;
            let report = cycle::report(&agency, &id).await.unwrap();
            let before = details(&agency, &id).await;
            holds(&report.tally, &before);
            assert_eq!(before.len() as i64, report.cycle.rated.as_ref().unwrap().counts.employers);
            // Decisions count as they are made.
            let leave = Resolution::Choose(Choice::LeaveOut, "closed");
            let set = Resolution::Choose(Choice::ByHand { step: 1 }, "two deaths");
            for item in cycle::items(&agency.db, &id, 0, "open", 1_000).await.unwrap() {
                let first = item.ordinal % 2 == 0;
                let by = if first { &leave } else { &set };
                if cycle::resolve(&agency, &id, &item.employer_id, by, "", OFFICER, None).await.is_err() {
                    // No class is known: nothing can be set.
                    cycle::resolve(&agency, &id, &item.employer_id, &leave, "", OFFICER, None).await.unwrap();
                } else if !first {
                    let agree = Resolution::Agree;
                    cycle::resolve(&agency, &id, &item.employer_id, &agree, "", SECOND, None).await.unwrap();
                }
            }
            let report = cycle::report(&agency, &id).await.unwrap();
            let after = details(&agency, &id).await;
            holds(&report.tally, &after);
            assert_eq!(report.items.keys().collect::<Vec<_>>(), ["resolved"]);
            approve(&agency, &id).await.unwrap();
            let approved = details(&agency, &id).await;
            let known = approved.iter().filter(|d| !d.determination_id.is_empty()).count() as i64;
            let published = publish(&agency, &id).await.unwrap().cycle.approved.unwrap();
            assert_eq!(known, published.determinations);
            assert_eq!(Totals::of(&report.tally).employers, published.determinations);
            assert_eq!(report.left_out.len() as i64, published.left_out);
            // And what was told is what was published.
            for one in approved.iter().filter(|d| !d.determination_id.is_empty()).step_by(97) {
                let found = floatrate::determination::found(&agency.db, &one.determination_id).await.unwrap();
                assert_eq!(found.kept.employer_id, one.line.employer_id);
                let rate = one.line.rate.as_ref().unwrap();
                assert!(found.kept.terms.contains(&format!("\"rate\":\"{rate}\"")));
            }
        }
    })
    .await;
}

/// Another plan on what a cycle holds fast changes nothing; the same plan gives the same sums.
#[tokio::test(flavor = "multi_thread")]
async fn trials() {
    on_each(async |agency, _| {
        import(&agency.db, city(3_000, 8)).await;
        let id = rated(&agency).await;
        let before = cycle::get(&agency.db, &id).await.unwrap();
        let own = cycle::report(&agency, &id).await.unwrap();
        let none = BTreeMap::new();
        let mut lines = 0;
        let (counts, tally) =
            cycle::trial(&agency, &id, PLAN, &none, &mut |_| lines += 1, &mut |_| {}).await.unwrap();
        assert_eq!((Some(counts), &tally), (own.cycle.rated.map(|r| r.counts), &own.tally));
        assert_eq!(lines, 3_000);
        let other = agency
            .library
            .catalog
            .plans()
            .map(|plan| plan.checked.id.clone())
            .find(|other| {
                let plan = agency.library.catalog.plan(other).unwrap();
                let rates = plan.checked.rating.is_some() && plan.checked.rates_on(DATE.parse().unwrap());
                rates && other != PLAN && plan.checked.portfolio.is_empty()
            })
            .unwrap();
        let (_, tried) = cycle::trial(&agency, &id, &other, &none, &mut |_| {}, &mut |_| {}).await.unwrap();
        assert_ne!(tried, tally, "{other}");
        assert_eq!(cycle::get(&agency.db, &id).await.unwrap(), before);
        assert_eq!(count(&agency.db, "SELECT count(*) FROM ledger WHERE kind = 'cycle'").await, 3);
    })
    .await;
}
