//! `CycleReport`: counts and money.

use super::cycle::{counts, cycle};
use crate::cycle::{Cell, Counts, Mover, Report, Standing, Tally, Totals};
use floatrate_proto::floatrate::v1;

/// The message of the report of a cycle.
#[must_use]
pub fn cycle_report(standing: Standing, report: Report) -> v1::CycleReport {
    let rated = report.cycle.rated.map(|rated| counts(rated.counts));
    let (last_cycle_id, last_totals) =
        report.last.map_or_else(Default::default, |(cycle, sums)| (cycle.id, Some(totals(sums))));
    v1::CycleReport {
        counts: rated,
        items: report.items,
        open_reasons: report.open_reasons,
        left_out: report.left_out,
        last_cycle_id,
        last_totals,
        ..of_tally(standing, report.tally)
    }
}

/// The message of what another plan would do.
#[must_use]
pub fn cycle_trial(standing: Standing, plan: String, tried: Counts, tally: Tally) -> v1::CycleReport {
    v1::CycleReport { tried_plan: plan, counts: Some(counts(tried)), ..of_tally(standing, tally) }
}

fn of_tally(standing: Standing, tally: Tally) -> v1::CycleReport {
    let sums = totals(Totals::of(&tally));
    let cell = |((class, tier_before, tier), cell): ((u8, String, String), Cell)| v1::CycleCell {
        risk_class: class.into(),
        tier_before,
        tier,
        sum: Some(sum(cell)),
    };
    let look = |(kind, look): (String, crate::cycle::Look)| v1::CycleLook {
        kind,
        count: look.count,
        employer_ids: look.first,
    };
    v1::CycleReport {
        cycle: Some(cycle(standing)),
        totals: Some(sums),
        cells: tally.cells.into_iter().map(cell).collect(),
        risers: tally.risers.into_iter().map(mover).collect(),
        fallers: tally.fallers.into_iter().map(mover).collect(),
        looks: tally.looks.into_iter().map(look).collect(),
        without_payroll: tally.without_payroll,
        by_hand: tally.by_hand,
        ..v1::CycleReport::default()
    }
}

fn mover(mover: Mover) -> v1::CycleMover {
    let Mover { employer_id, risk_class, tier_before, tier, change } = mover;
    v1::CycleMover { employer_id, risk_class: risk_class.map(i32::from), tier_before, tier, change }
}

fn totals(totals: Totals) -> v1::CycleTotals {
    let Totals { employers, payroll, before, after, up, down, unchanged, kept } = totals;
    v1::CycleTotals { sum: Some(sum(Cell { employers, payroll, before, after })), up, down, unchanged, kept }
}

fn sum(cell: Cell) -> v1::CycleSum {
    let Cell { employers, payroll, before, after } = cell;
    v1::CycleSum {
        employers,
        payroll: payroll.to_string(),
        contribution_before: before.to_string(),
        contribution: after.to_string(),
    }
}
