//! `floatrate plan cover`: what the examples beside plans reach, and what is still to be written.

use super::{Exit, Stop, check, load, output, plan};
use clap::Args;
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::cover::{Item, Kind, cover};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct CoverArguments {
    /// The plan: its id, or the path of its folder; default every plan that rates
    id: Option<String>,
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &CoverArguments, lang: Lang) -> Result<Exit, Stop> {
    let folder = arguments.plan_dir.as_deref();
    let (catalog, id) = match &arguments.id {
        Some(id) => check::found(id, folder).map(|(catalog, id)| (catalog, Some(id)))?,
        None => (load(folder)?, None),
    };
    let chosen: Vec<&Plan> = match &id {
        Some(id) => vec![plan(&catalog, id, lang)?],
        None => catalog.plans().filter(|p| p.checked.rating.is_some()).collect(),
    };
    let (mut whole, mut reports, mut out) = (true, Vec::new(), String::new());
    for plan in chosen {
        let items = cover(plan, catalog.declared()).map_err(Stop::usage)?;
        whole &= items.iter().all(|item| !item.is_missing());
        if arguments.json {
            reports.push(report(plan, &items));
        } else {
            text(plan, &items, &mut out);
        }
    }
    if arguments.json {
        out = format!("{:#}\n", json!({"ok": whole, "plans": reports}));
    }
    output::print(&out)?;
    Ok(if whole { Exit::Done } else { Exit::Partly })
}

/// Reached, and all that have to be: exempt items are neither.
fn counts<'i>(items: impl Iterator<Item = &'i Item>) -> (usize, usize) {
    items
        .filter(|i| i.exempt.is_none())
        .fold((0, 0), |(reached, of), item| (reached + usize::from(!item.is_missing()), of + 1))
}

/// A percentage with one digit, cut and never rounded up: 100 means all.
fn percent(reached: usize, of: usize) -> String {
    let tenths = (reached * 1000).checked_div(of).unwrap_or(1000);
    match tenths % 10 {
        0 => (tenths / 10).to_string(),
        digit => format!("{}.{digit}", tenths / 10),
    }
}

fn text(plan: &Plan, items: &[Item], out: &mut String) {
    let (reached, of) = counts(items.iter());
    let id = &plan.checked.id;
    if plan.checked.rating.is_none() {
        let _ = writeln!(out, "{id}: rates nobody by itself; there is nothing to reach");
        return;
    }
    let _ = writeln!(out, "{id}: {} % ({reached} of {of})", percent(reached, of));
    let _ = writeln!(out, "  {:<8} {:>8} {:>5} {:>7}", "", "reached", "of", "exempt");
    for kind in Kind::ALL {
        let of_kind = || items.iter().filter(move |i| i.kind == kind);
        let (reached, of) = counts(of_kind());
        let exempt = of_kind().filter(|i| i.exempt.is_some()).count();
        if of + exempt > 0 {
            let _ = writeln!(out, "  {:<8} {reached:>8} {of:>5} {exempt:>7}", kind.name());
        }
    }
    for item in items.iter().filter(|i| i.is_missing()) {
        let _ = writeln!(out, "  missing  {}, {}", item.name, item.case.name());
        let _ = writeln!(out, "           write {}", item.advice);
    }
    for item in items.iter().filter(|i| i.by.is_empty()) {
        if let Some(assert) = &item.exempt {
            let _ = writeln!(out, "  exempt   {}, {} (assert {assert})", item.name, item.case.name());
        }
    }
    out.push('\n');
}

fn report(plan: &Plan, items: &[Item]) -> Value {
    let (reached, of) = counts(items.iter());
    let exempt = items.iter().filter(|i| i.exempt.is_some()).count();
    let item = |i: &Item| {
        json!({
            "kind": i.kind.name(), "name": i.name, "case": i.case.name(), "examples": i.by,
            "exempt": i.exempt, "advice": i.is_missing().then_some(&i.advice),
        })
    };
    json!({
        "id": plan.checked.id, "percent": percent(reached, of), "reached": reached, "of": of, "exempt": exempt,
        "items": items.iter().map(item).collect::<Vec<_>>(),
    })
}
