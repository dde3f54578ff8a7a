//! What programs read: the fields of the messages of `CycleService`, in the same names. What is not there yet is null.
//!
//! Sums are whole minor units as text, since they may have more digits than programs keep; single amounts are numbers.

use crate::cycle::{self, Counts, Look, Mover, Report, Signed, Standing, State, Tally, Totals};
use crate::store::Instant;
use serde::Serialize;
use std::collections::BTreeMap;

/// One line of JSON. Texts, numbers and lists alone: this cannot fail.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// Who did something, when, and why, where a reason is asked for.
#[derive(Debug, Serialize)]
pub(super) struct Sign {
    by: String,
    at: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    reason: String,
}

impl Sign {
    pub(super) fn of(signed: &Signed, reason: &str) -> Self {
        Self { by: signed.by.clone(), at: Instant(signed.at_us).rfc3339(), reason: reason.to_owned() }
    }
}

/// A cycle.
#[derive(Debug, Serialize)]
pub(super) struct Cycle {
    id: String,
    region: String,
    plan: String,
    rating_date: String,
    state: State,
    etag: String,
    created: Sign,
    frozen: Option<Sign>,
    rated: Option<Sign>,
    returned: Vec<Sign>,
    approved: Option<Sign>,
    published: Option<Sign>,
    closed: Option<Sign>,
    cancelled: Option<Sign>,
    plan_status: Option<String>,
    plan_digest: Option<String>,
    portfolio: BTreeMap<String, String>,
    employers: i64,
    pins_digest: Option<String>,
    without_region: i64,
    done: i64,
    runner: String,
    results_digest: Option<String>,
    counts: Option<Counts>,
    determinations: i64,
    by_hand: i64,
    left_out: i64,
    first_position: i64,
}

impl Cycle {
    pub(super) fn of(standing: &Standing) -> Self {
        let c = &standing.cycle;
        let (frozen, rated, approved) = (c.frozen.as_ref(), c.rated.as_ref(), c.approved.as_ref());
        let running = &standing.running;
        Self {
            id: c.id.clone(),
            region: c.region.clone(),
            plan: c.plan.clone(),
            rating_date: c.rating_date.clone(),
            state: c.state,
            etag: standing.etag.clone(),
            created: Sign::of(&c.created, ""),
            frozen: frozen.map(|f| Sign::of(&f.signed, "")),
            rated: rated.map(|r| Sign::of(&r.signed, "")),
            returned: c.returned.iter().map(|r| Sign::of(&r.signed, &r.reason)).collect(),
            approved: approved.map(|a| Sign::of(&a.signed, "")),
            published: c.published.as_ref().map(|p| Sign::of(&p.signed, &p.accept_illustrative)),
            closed: c.closed.as_ref().map(|signed| Sign::of(signed, "")),
            cancelled: c.cancelled.as_ref().map(|c| Sign::of(&c.signed, &c.reason)),
            plan_status: frozen.map(|f| f.plan_status.clone()),
            plan_digest: frozen.map(|f| f.plan_digest.clone()),
            portfolio: frozen.map(|f| f.portfolio.clone()).unwrap_or_default(),
            employers: frozen.map_or(0, |f| f.employers),
            pins_digest: frozen.map(|f| f.pins_digest.clone()),
            without_region: frozen.map_or(0, |f| f.without_region),
            done: running.done,
            runner: if running.now() { running.runner.clone() } else { String::new() },
            results_digest: rated.map(|r| r.results_digest.clone()),
            counts: rated.map(|r| r.counts),
            determinations: approved.map_or(0, |a| a.determinations),
            by_hand: approved.map_or(0, |a| a.by_hand),
            left_out: approved.map_or(0, |a| a.left_out),
            first_position: c.published.as_ref().map_or(0, |p| p.first_position),
        }
    }
}

/// Counts and money.
#[derive(Debug, Serialize)]
struct Sum {
    employers: i64,
    payroll: String,
    contribution_before: String,
    contribution: String,
}

impl Sum {
    fn of(employers: i64, [payroll, before, after]: [i128; 3]) -> Self {
        let [payroll, contribution_before, contribution] =
            [payroll, before, after].map(|amount| amount.to_string());
        Self { employers, payroll, contribution_before, contribution }
    }
}

#[derive(Debug, Serialize)]
struct All {
    sum: Sum,
    up: i64,
    down: i64,
    unchanged: i64,
    kept: i64,
}

impl From<Totals> for All {
    fn from(t: Totals) -> Self {
        let sum = Sum::of(t.employers, [t.payroll, t.before, t.after]);
        Self { sum, up: t.up, down: t.down, unchanged: t.unchanged, kept: t.kept }
    }
}

#[derive(Debug, Serialize)]
struct CellOf {
    risk_class: u8,
    tier_before: String,
    tier: String,
    sum: Sum,
}

#[derive(Debug, Serialize)]
struct LookOf {
    kind: String,
    count: i64,
    employer_ids: Vec<String>,
}

/// A report, or what a trial would do.
#[derive(Debug, Serialize)]
pub(super) struct ReportOf {
    tried_plan: String,
    counts: Option<Counts>,
    totals: All,
    cells: Vec<CellOf>,
    risers: Vec<Mover>,
    fallers: Vec<Mover>,
    looks: Vec<LookOf>,
    without_payroll: i64,
    by_hand: i64,
    items: BTreeMap<String, i64>,
    open_reasons: BTreeMap<String, i64>,
    left_out: Vec<String>,
    last_cycle_id: String,
    last_totals: Option<All>,
}

impl ReportOf {
    /// What sums come to.
    pub(super) fn tried(plan: &str, counts: Option<Counts>, tally: &Tally) -> Self {
        let cells = tally.cells.iter().map(|((class, before, after), cell)| CellOf {
            risk_class: *class,
            tier_before: before.clone(),
            tier: after.clone(),
            sum: Sum::of(cell.employers, [cell.payroll, cell.before, cell.after]),
        });
        let look = |(kind, Look { count, first }): (&String, &Look)| LookOf {
            kind: kind.clone(),
            count: *count,
            employer_ids: first.clone(),
        };
        Self {
            tried_plan: plan.to_owned(),
            counts,
            totals: Totals::of(tally).into(),
            cells: cells.collect(),
            risers: tally.risers.clone(),
            fallers: tally.fallers.clone(),
            looks: tally.looks.iter().map(look).collect(),
            without_payroll: tally.without_payroll,
            by_hand: tally.by_hand,
            items: BTreeMap::new(),
            open_reasons: BTreeMap::new(),
            left_out: Vec::new(),
            last_cycle_id: String::new(),
            last_totals: None,
        }
    }

    /// A cycle's report.
    pub(super) fn of(report: &Report) -> Self {
        let last = report.last.as_ref();
        Self {
            items: report.items.clone(),
            open_reasons: report.open_reasons.clone(),
            left_out: report.left_out.clone(),
            last_cycle_id: last.map_or_else(String::new, |(cycle, _)| cycle.id.clone()),
            last_totals: last.map(|(_, totals)| (*totals).into()),
            ..Self::tried("", report.cycle.rated.as_ref().map(|rated| rated.counts), &report.tally)
        }
    }
}

/// An employer that a person must decide on, or has decided on.
#[derive(Debug, Serialize)]
pub(super) struct Item<'i> {
    employer_id: &'i str,
    region: &'i str,
    record_version: i64,
    state: &'i str,
    reasons: &'i [String],
    choice: &'static str,
    reason: &'i str,
    step: Option<i64>,
    supplied_version: i64,
    decided: Option<Sign>,
    agreed: Option<Sign>,
    open_reasons: &'i [String],
    etag: &'i str,
    result: &'i crate::exchange::results::ResultRow,
}

impl<'i> From<&'i cycle::ReviewItem> for Item<'i> {
    fn from(item: &'i cycle::ReviewItem) -> Self {
        let decided = item.decided.as_ref();
        let (choice, step, supplied_version) = match decided.map(|d| &d.choice) {
            None => ("", None, 0),
            Some(cycle::Choice::Record { version }) => ("record", None, *version),
            Some(cycle::Choice::ByHand { step }) => ("by_hand", Some(*step), 0),
            Some(cycle::Choice::LeaveOut) => ("leave_out", None, 0),
        };
        Self {
            employer_id: &item.employer_id,
            region: &item.region,
            record_version: item.record_version,
            state: &item.state,
            reasons: &item.result.reasons,
            choice,
            reason: decided.map_or("", |d| &d.reason),
            step,
            supplied_version,
            decided: decided.map(|d| Sign::of(&d.signed, "")),
            agreed: decided.and_then(|d| d.agreed.as_ref()).map(|signed| Sign::of(signed, "")),
            open_reasons: decided.map_or(&[], |d| &d.open_reasons),
            etag: &item.etag,
            result: &item.result,
        }
    }
}

/// An employer of a cycle or a trial, as one line.
#[derive(Debug, Serialize)]
pub(super) struct LineOf<'l> {
    #[serde(skip_serializing_if = "Option::is_none")]
    determination_id: Option<&'l str>,
    #[serde(flatten)]
    line: &'l cycle::Line,
    change: i64,
}

impl<'l> LineOf<'l> {
    pub(super) fn of(line: &'l cycle::Line, determination_id: Option<&'l str>) -> Self {
        Self { determination_id, line, change: line.change() }
    }
}
