//! A merged plan source to a checked plan, with every mistake on the way.

use super::asserts::Parts;
use super::names::{MeasureState, Names, declared};
use super::term::{StageValue, TermKind};
use super::{Checked, Each, Ladder, Outcome, Over, Param, Table, Window, constant, ledger};
use crate::diagnostic::{Diagnostic, FileId};
use crate::number::Decimal;
use crate::plan::formula::{Expr, ExprKind};
use crate::plan::source::{Cite, EachSource, Key, ParamType, PlanSource, ReductionSource, WindowPlace};
use crate::record::Date;

/// Checks a plan whose parents are merged into it. `own` is the plan's own file.
///
/// # Errors
///
/// Every mistake of the plan.
pub fn check(plan: &PlanSource, parents: Vec<String>, own: FileId) -> Result<Checked, Vec<Diagnostic>> {
    let mut diagnostics = Vec::new();
    let by_name = declared(plan, own, &mut diagnostics);
    ledger::check(plan, own, &mut diagnostics);
    let currency = plan.currency.as_ref().map_or("", |c| c.text.as_str());
    if plan.currency.is_none() {
        diagnostics.push(Diagnostic::at(
            "missing",
            plan.id.span,
            "the plan has no currency",
            "expected `currency`",
        ));
    }
    if plan.region.is_none() {
        diagnostics.push(Diagnostic::at(
            "missing",
            plan.id.span,
            "the plan has no region",
            "expected `region`",
        ));
    }
    let keys = constant::Keys::of(plan);
    let classes = keys.classes;
    let params: Vec<Param> =
        plan.params.iter().map(|p| constant::param(p, &keys, currency, &mut diagnostics)).collect();
    industry_named(plan, &keys, &mut diagnostics);
    dated_in_time(plan, &mut diagnostics);
    one_reduction_a_day(&plan.reductions, &mut diagnostics);
    let windows = windows(plan, &mut diagnostics);
    let mut names = Names {
        by_name,
        broken: &plan.broken,
        facts: &plan.facts,
        params: &params,
        windows: &windows,
        measure_sources: &plan.measures,
        currency,
        classes,
        industries: &keys.industries,
        values: &plan.values,
        each_sources: &plan.eaches,
        eaches: plan.eaches.iter().map(unread_each).collect(),
        each_state: vec![MeasureState::Untouched; plan.eaches.len()],
        portfolio_sources: &plan.portfolio,
        portfolio: Vec::new(),
        portfolio_state: vec![MeasureState::Untouched; plan.portfolio.len()],
        tables: Vec::new(),
        measure_portfolio: Vec::new(),
        measures: Vec::new(),
        measure_state: vec![MeasureState::Untouched; plan.measures.len()],
        measure_negative: Vec::new(),
        measure_depth: 0,
        derived: plan.ladder.as_ref().is_some_and(|l| l.derived),
        diagnostics: Vec::new(),
    };
    let values = plan.values.iter().map(|v| names.period_value(v)).collect::<Vec<_>>();
    for (at, portfolio) in plan.portfolio.iter().enumerate() {
        names.portfolio_value(at, portfolio.name.span);
    }
    for at in 0..plan.measures.len() {
        names.measure(at, plan.measures[at].name.span);
    }
    for (at, each) in plan.eaches.iter().enumerate() {
        names.each(at, each.name.span);
    }
    let gates: Vec<_> = plan.gates.iter().filter_map(|g| names.gate(g)).collect();
    for (at, table) in plan.tables.iter().enumerate() {
        let typed = names.table(table, at);
        names.tables.push(typed);
    }
    let tables: Vec<Table> = names.tables.iter().flatten().cloned().collect();
    let mut adjusts: Vec<_> = plan.adjusts.iter().filter_map(|a| names.adjust(a)).collect();
    adjusts.sort_by_key(|a| a.kind);
    let ladder = plan.ladder.as_ref().and_then(|l| names.ladder(l));
    let outcome = outcome(plan, &mut names);
    if plan.rating.is_some() {
        required(plan, &mut names);
        // A tier that is read off a rate: always on a derived ladder, otherwise where nobody moved from the start.
        let because = match (&ladder, &outcome) {
            (Some(ladder), _) if ladder.factor.is_some() => None,
            (Some(ladder), _) if ladder.derived => Some(ladder.span),
            (_, Some(outcome)) if !outcome.start.is_base_rate(&params) => Some(outcome.start.span),
            _ => None,
        };
        because.into_iter().for_each(|because| names.finite_tiers(because));
    }
    let asserts =
        names.asserts(&plan.asserts, &Parts { gates: &gates, tables: &tables, adjusts: &adjusts, plan });
    let measures = std::mem::take(&mut names.measures);
    let (eaches, portfolio) = (std::mem::take(&mut names.eaches), std::mem::take(&mut names.portfolio));
    diagnostics.append(&mut names.diagnostics);
    diagnostics.sort_by_key(|d| d.place.as_ref().map(|(span, _)| *span));
    diagnostics.dedup();
    if !diagnostics.is_empty() {
        return Err(diagnostics);
    }
    // A plan that only serves to be extended may lack what its children bring.
    let nothing = || super::Cited {
        term: super::Term {
            kind: TermKind::Number(Decimal::ZERO),
            ty: super::Type::Number(super::Unit::RATE),
            span: plan.id.span,
        },
        text: String::new(),
        cite: Cite::default(),
        span: plan.id.span,
    };
    let outcome =
        outcome.unwrap_or_else(|| Outcome { start: nothing(), rate: nothing(), floor: None, cap: None });
    let ladder = ladder.unwrap_or(Ladder {
        tiers: vec![(0, Decimal::ONE)],
        allowed: Vec::new(),
        derived: false,
        factor: None,
        cite: Cite::default(),
        span: plan.id.span,
    });
    Ok(Checked {
        id: plan.id.text.clone(),
        parents,
        region: plan.region.as_ref().map_or_else(String::new, |r| r.text.clone()),
        title: plan.title.clone(),
        status: plan.status,
        reviewed_through: plan.reviewed_through,
        currency: currency.to_owned(),
        rating: plan.rating.clone(),
        documents: plan.sources.clone(),
        clauses: plan.clauses.clone(),
        facts: plan.facts.clone(),
        values,
        industries: plan.industry.as_ref().map(|i| (i.standard.clone(), keys.industries)),
        row_classes: keys.row_classes,
        eaches,
        portfolio,
        params,
        windows,
        measures,
        classes,
        class_maps: plan.class.as_ref().map_or_else(Vec::new, |c| c.map.clone()),
        class_cite: plan.class.as_ref().map_or_else(Cite::default, |c| c.cite.clone()),
        gates,
        tables,
        adjusts,
        ladder,
        outcome,
        reductions: plan.reductions.clone(),
        frames: Vec::new(),
        asserts,
        procedure: plan.procedure.clone(),
    })
}

fn unread_each(source: &EachSource) -> Each {
    Each {
        name: source.name.text.clone(),
        over: Over::Periods,
        filter: None,
        columns: Vec::new(),
        span: source.name.span,
    }
}

/// A plan that looks at industries says whose codes they are.
fn industry_named(plan: &PlanSource, keys: &constant::Keys, diagnostics: &mut Vec<Diagnostic>) {
    let first = plan.params.iter().find(|p| p.key == Some(Key::Industry) || p.ty == ParamType::Industries);
    if let Some(param) = first
        && plan.industry.is_none()
        && !plan.broken.contains("[industry]")
    {
        let message = format!("`{}` names industries, but the plan has no [industry]", param.name.text);
        let expected = "expected [industry] with the `standard` of their codes";
        diagnostics.push(Diagnostic::at("missing", param.name.span, message, expected));
    }
    if keys.classes > 0
        && let Some(param) =
            plan.params.iter().find(|p| p.name.text == "base_rate" && p.key == Some(Key::Industry))
    {
        let message = "the plan has classes, but its base rates are those of industries";
        diagnostics.push(Diagnostic::at("key", param.name.span, message, "expected keys = [\"class\"]"));
    }
}

/// A plan that rates has a value of every parameter from its first rating date on.
fn dated_in_time(plan: &PlanSource, diagnostics: &mut Vec<Diagnostic>) {
    let Some(first) = plan.rating.as_ref().and_then(|r| Date::new(r.first, r.month, r.day)) else { return };
    for param in &plan.params {
        let earliest = param.entries.iter().filter_map(|e| e.from.map(|from| (from, e.span))).min();
        if let Some((from, span)) = earliest
            && from > first
        {
            let message = format!("`{}` has no value on the first rating date, {first}", param.name.text);
            let expected = format!("its first entry holds from {from}");
            diagnostics.push(Diagnostic::at("missing", span, message, expected));
        }
    }
}

/// Two reductions on one day would be a question of which comes first.
pub(super) fn one_reduction_a_day(reductions: &[ReductionSource], diagnostics: &mut Vec<Diagnostic>) {
    for (at, later) in reductions.iter().enumerate() {
        if let Some(earlier) = reductions[..at].iter().find(|e| e.from <= later.to && later.from <= e.to) {
            let message = format!("two reductions hold on {}", earlier.from.max(later.from));
            diagnostics.push(
                Diagnostic::at("range", later.span, message, "expected one reduction a day")
                    .also(earlier.span, "the other"),
            );
        }
    }
}

fn windows(plan: &PlanSource, diagnostics: &mut Vec<Diagnostic>) -> Vec<Window> {
    let place = |name: &str| plan.windows.iter().position(|w| w.name.text == name);
    let mut out = Vec::new();
    for (at, source) in plan.windows.iter().enumerate() {
        let mut before = None;
        if let WindowPlace::Before(text) = &source.place {
            before = place(&text.text);
            match before {
                None if plan.broken.contains(&text.text) => {}
                None => {
                    let message = format!("there is no window `{}`", text.text);
                    diagnostics.push(Diagnostic::at(
                        "name",
                        text.span,
                        message,
                        "expected the name of a window",
                    ));
                }
                Some(other) if other == at || matches!(plan.windows[other].place, WindowPlace::Before(_)) => {
                    let message = format!("`{}` has no day of its own to end on", text.text);
                    diagnostics.push(Diagnostic::at(
                        "value",
                        text.span,
                        message,
                        "expected a window with `ends`",
                    ));
                }
                Some(_) => {}
            }
        }
        out.push(Window { source: source.clone(), before, span: source.name.span });
    }
    out
}

fn outcome(plan: &PlanSource, names: &mut Names<'_>) -> Option<Outcome> {
    const AFTER_START: &[StageValue] = &[StageValue::Step, StageValue::Tier, StageValue::Start];
    let (start, rate) = (plan.outcome.start.as_ref(), plan.outcome.rate.as_ref());
    let start = start.and_then(|s| names.cited(s, &[], "the start"));
    let rate = rate.and_then(|r| names.cited(r, AFTER_START, "the rate"));
    let floor = plan.outcome.floor.as_ref().and_then(|f| names.cited(f, AFTER_START, "the floor"));
    let cap = plan.outcome.cap.as_ref().and_then(|c| names.cited(c, AFTER_START, "the cap"));
    for cited in [&start, &rate, &floor, &cap].into_iter().flatten() {
        names.finite(&cited.term);
    }
    Some(Outcome { start: start?, rate: rate?, floor, cap })
}

/// What a plan that rates must have.
fn required(plan: &PlanSource, names: &mut Names<'_>) {
    let base_rate = Expr { kind: ExprKind::Name("base_rate".to_owned()), span: plan.id.span };
    let base_rate_there = names.params.iter().any(|p| {
        p.name == "base_rate"
            && p.ty == ParamType::Rate
            && !p.is_ranged()
            && (!p.is_of_rows(names.classes) || p.entries.is_empty())
    });
    let derived = plan.ladder.as_ref().is_some_and(|l| l.derived);
    let classes_used = names.params.iter().any(|p| p.name == "base_rate" && p.key == Some(Key::Class));
    let unread = |name: &str| plan.broken.contains(name);
    for (there, what) in [
        (
            base_rate_there || (classes_used && plan.class.is_none()) || unread("base_rate"),
            "parameter `base_rate` with type = \"rate\"",
        ),
        (!classes_used || plan.class.is_some() || unread("[class]"), "[class]"),
        (plan.ladder.is_some() || unread("[ladder]"), "[ladder]"),
        (plan.outcome.start.is_some() || unread("[outcome.start]"), "[outcome.start]"),
        (plan.outcome.rate.is_some() || unread("[outcome.rate]"), "[outcome.rate]"),
        (derived || !plan.tables.is_empty() || unread("[table]"), "[table]"),
    ] {
        if !there {
            names.complain(
                "missing",
                base_rate.span,
                format!("the plan rates, but it has no {what}"),
                format!("expected {what}"),
            );
        }
    }
}
