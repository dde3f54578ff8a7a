//! One change made alone: a copy of a plan with that part of the other plan in it, checked like any plan.

use crate::diagnostic::{FileId, Span};
use crate::number::Decimal;
use crate::plan::catalog::Plan;
use crate::plan::checked::check;
use crate::plan::formula::{Expr, ExprKind, Interval};
use crate::plan::source::{ParamValue, PlanSource, ReductionSource, RowWhen, Verdict};
use crate::record::Date;
use std::sync::Arc;

/// How a change is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Apply {
    /// Results do not depend on it.
    Outside,
    /// Which dates a plan rates on is no employer's result.
    Dates,
    /// A whole named part.
    Part { section: &'static str, name: String },
    /// One value of a parameter: of an entry, and there of a key.
    Value { param: String, from: Option<Date>, key: Option<String> },
    /// One number in the cells of a column, in pairs of rows of the first and second plan.
    Bound { table: String, column: usize, rows: Vec<(usize, usize)>, old: String, new: String },
    /// The condition of a row.
    Row { table: String, old: usize, new: usize },
    /// The step of a row.
    RowStep { table: String, old: usize, new: usize },
    /// The class of a division.
    Division { standard: String, code: String },
    /// The tier of a step.
    Tier(i64),
    /// What a class may reach.
    Reach(i64),
}

impl Apply {
    /// The change back.
    pub fn back(&self) -> Self {
        match self.clone() {
            Self::Bound { table, column, rows, old, new } => {
                let rows = rows.into_iter().map(|(a, b)| (b, a)).collect();
                Self::Bound { table, column, rows, old: new, new: old }
            }
            Self::Row { table, old, new } => Self::Row { table, old: new, new: old },
            Self::RowStep { table, old, new } => Self::RowStep { table, old: new, new: old },
            other => other,
        }
    }
}

/// `base` with one change towards `other`; None where that is no plan. What the plan has from its region's table stays.
pub(super) fn alone(base: &Plan, other: &Plan, apply: &Apply) -> Option<Plan> {
    // Reductions may be those of a region's table, which no plan's text holds.
    if let Apply::Part { section: "reduction", name } = apply {
        let mut checked = (*base.checked).clone();
        let is = |x: &ReductionSource| format!("{} .. {}", x.from, x.to) == *name;
        take(&mut checked.reductions, &other.checked.reductions, is);
        return Some(Plan { checked: Arc::new(checked), ..base.clone() });
    }
    let other = &other.source;
    let mut plan = (*base.source).clone();
    make(&mut plan, other, apply)?;
    // The ledger was checked where both plans were loaded. Here every clause of either may be cited.
    for clause in &other.clauses {
        if plan.clauses.iter().all(|c| c.cite.text != clause.cite.text) {
            plan.clauses.push(clause.clone());
        }
    }
    plan.clauses.iter_mut().for_each(|clause| clause.verdict = Verdict::Encoded);
    for document in &other.sources {
        if plan.sources.iter().all(|d| d.name.text != document.name.text) {
            plan.sources.push(document.clone());
        }
    }
    // An assertion is a claim on the whole plan, not on this copy.
    plan.asserts.clear();
    let mut checked = check(&plan, base.checked.parents.clone(), FileId(u16::MAX)).ok()?;
    if checked.reductions.is_empty() {
        checked.reductions.clone_from(&base.checked.reductions);
    }
    Some(Plan { checked: Arc::new(checked), source: Arc::new(plan), ..base.clone() })
}

/// Takes the item of a name over, or leaves it out where the other plan has none.
fn take<T: Clone>(items: &mut Vec<T>, other: &[T], is: impl Fn(&T) -> bool) {
    let new = other.iter().position(&is);
    match (items.iter().position(&is), new) {
        (Some(at), Some(new)) => items[at] = other[new].clone(),
        (Some(at), None) => {
            items.remove(at);
        }
        // After what it follows in the other plan.
        (None, Some(new)) => items.insert(new.min(items.len()), other[new].clone()),
        (None, None) => {}
    }
}

fn make(plan: &mut PlanSource, other: &PlanSource, apply: &Apply) -> Option<()> {
    match apply {
        Apply::Outside | Apply::Dates => return None,
        Apply::Part { section, name } => part(plan, other, section, name)?,
        Apply::Value { param, from, key } => {
            let is = |p: &&crate::plan::source::ParamSource| p.name.text == *param;
            let there = other.params.iter().find(is)?.entries.iter().find(|e| e.from == *from);
            let here = plan.params.iter_mut().find(|p| p.name.text == *param)?;
            let at = here.entries.iter().position(|e| e.from == *from);
            match (at, there, key) {
                (Some(at), Some(there), Some(key)) => {
                    let (ParamValue::Keyed(here), ParamValue::Keyed(there)) =
                        (&mut here.entries[at].value, &there.value)
                    else {
                        return None;
                    };
                    let new = there.iter().find(|(name, _)| name.text == *key)?;
                    here.iter_mut().find(|(name, _)| name.text == *key)?.1 = new.1.clone();
                }
                (Some(at), Some(there), None) => here.entries[at].value = there.value.clone(),
                (None, Some(there), _) => {
                    here.entries.push(there.clone());
                    here.entries.sort_by_key(|e| e.from);
                }
                (Some(at), None, _) => {
                    here.entries.remove(at);
                }
                (None, None, _) => return None,
            }
        }
        Apply::Bound { table, column, rows, old, new } => {
            let (old, new) = (old.parse().ok()?, new.parse().ok()?);
            let here = plan.tables.iter_mut().find(|t| t.name.text == *table)?;
            for (at, _) in rows {
                let RowWhen::Cells(cells) = &mut here.rows.get_mut(*at)?.when else { return None };
                cells.get_mut(*column)?.0.iter_mut().for_each(|interval| replace(interval, old, new));
            }
        }
        Apply::Row { table, old, new } | Apply::RowStep { table, old, new } => {
            let there = other.tables.iter().find(|t| t.name.text == *table)?.rows.get(*new)?;
            let here = plan.tables.iter_mut().find(|t| t.name.text == *table)?.rows.get_mut(*old)?;
            if matches!(apply, Apply::Row { .. }) {
                here.when = there.when.clone();
            } else {
                here.gives = there.gives.clone();
            }
        }
        Apply::Division { standard, code } => {
            let there = other.class.as_ref()?.map.iter().find(|m| m.standard == *standard)?;
            let here = plan.class.as_mut()?.map.iter_mut().find(|m| m.standard == *standard)?;
            here.divisions.retain(|d| d.0 != *code);
            here.divisions.extend(there.divisions.iter().find(|d| d.0 == *code).cloned());
            here.divisions.sort();
        }
        Apply::Tier(step) => {
            let there = other.ladder.as_ref()?.tiers.iter().find(|t| t.0 == *step);
            let here = &mut plan.ladder.as_mut()?.tiers;
            here.retain(|t| t.0 != *step);
            here.extend(there.copied());
            here.sort_by_key(|t| t.0);
        }
        Apply::Reach(class) => reach(plan, other, *class)?,
    }
    Some(())
}

fn part(plan: &mut PlanSource, other: &PlanSource, section: &str, name: &str) -> Option<()> {
    match section {
        "class" => plan.class.clone_from(&other.class),
        "ladder" => plan.ladder.clone_from(&other.ladder),
        "rating" => plan.rating.as_mut()?.valid_months = other.rating.as_ref()?.valid_months,
        "param" => take(&mut plan.params, &other.params, |x| x.name.text == name),
        "window" => take(&mut plan.windows, &other.windows, |x| x.name.text == name),
        "fact" => take(&mut plan.facts, &other.facts, |x| x.name.text == name),
        "value" => take(&mut plan.values, &other.values, |x| x.name.text == name),
        "each" => take(&mut plan.eaches, &other.eaches, |x| x.name.text == name),
        "portfolio" => take(&mut plan.portfolio, &other.portfolio, |x| x.name.text == name),
        "industry" => plan.industry.clone_from(&other.industry),
        "measure" => take(&mut plan.measures, &other.measures, |x| x.name.text == name),
        "gate" => take(&mut plan.gates, &other.gates, |x| x.name.text == name),
        "table" => take(&mut plan.tables, &other.tables, |x| x.name.text == name),
        "overlay" | "veto" | "class_rule" => {
            take(&mut plan.adjusts, &other.adjusts, |x| x.name.text == name);
        }
        "outcome" => {
            let (here, there) = (&mut plan.outcome, &other.outcome);
            match name {
                "start" => here.start.clone_from(&there.start),
                "rate" => here.rate.clone_from(&there.rate),
                "floor" => here.floor.clone_from(&there.floor),
                _ => here.cap.clone_from(&there.cap),
            }
        }
        _ => return None,
    }
    Some(())
}

/// One class's range of the other plan; the others keep theirs.
fn reach(plan: &mut PlanSource, other: &PlanSource, class: i64) -> Option<()> {
    let of = |source: &PlanSource, class: i64| {
        let allowed = &source.ladder.as_ref()?.allowed;
        allowed.iter().find(|(_, [from, to, ..])| (*from..=*to).contains(&class)).copied()
    };
    let (_, [_, _, low, high]) = of(other, class)?;
    let count = i64::from(plan.class.as_ref()?.count);
    let mut allowed = Vec::new();
    for each in 1..=count {
        let (span, [_, _, l, h]): (Span, [i64; 4]) = of(plan, each)?;
        let (l, h) = if each == class { (low, high) } else { (l, h) };
        allowed.push((span, [each, each, l, h]));
    }
    plan.ladder.as_mut()?.allowed = allowed;
    Some(())
}

fn replace(interval: &mut Interval, old: Decimal, new: Decimal) {
    for (end, _) in [&mut interval.low, &mut interval.high].into_iter().flatten() {
        number(end, old, new);
    }
}

fn number(expr: &mut Expr, old: Decimal, new: Decimal) {
    match &mut expr.kind {
        ExprKind::Number(value, _) if *value == old => *value = new,
        ExprKind::Negate(inner) => number(inner, old, new),
        _ => {}
    }
}
