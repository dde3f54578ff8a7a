//! Which steps a class can be at before each adjust and at the end: never fewer than the real ones, since rows and
//! conditions that a class does not decide are taken either way.

use crate::number::Decimal;
use crate::plan::checked::{Change, Checked, Relation, StageValue, Term, TermKind};
use std::collections::BTreeSet;

type Steps = BTreeSet<i64>;

/// The steps of one class; None where a formula of the step reads something else than steps.
#[derive(Clone, Debug)]
pub(super) struct Flow {
    /// Before each adjust, in the plan's order.
    pub before: Vec<Option<Steps>>,
    /// After the last.
    pub end: Option<Steps>,
}

/// What a class alone decides of a condition.
pub(super) fn decided(plan: &Checked, term: &Term, class: u8) -> Option<bool> {
    let of = |t: &Term| decided(plan, t, class);
    match &term.kind {
        TermKind::Bool(value) => Some(*value),
        TermKind::Not(a) => of(a).map(|a| !a),
        TermKind::And(a, b) => match (of(a), of(b)) {
            (Some(false), _) | (_, Some(false)) => Some(false),
            (Some(true), Some(true)) => Some(true),
            _ => None,
        },
        TermKind::Or(a, b) => match (of(a), of(b)) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        },
        TermKind::Measure(at) => of(&plan.measures[*at].term),
        TermKind::Compare(relation, a, b) => {
            let number = |t: &Term| match &t.kind {
                TermKind::Class => Some(Decimal::new(i128::from(class), 0)),
                TermKind::Number(n) => Some(*n),
                _ => None,
            };
            let (a, b) = (number(a)?, number(b)?);
            Some(match relation {
                Relation::Equal => a == b,
                Relation::NotEqual => a != b,
                Relation::Less => a < b,
                Relation::LessEqual => a <= b,
            })
        }
        _ => None,
    }
}

/// What a formula of the step gives at a step; None where it reads something else.
pub(super) fn after(plan: &Checked, term: &Term, step: i64, class: u8) -> Option<Steps> {
    let of = |t: &Term| after(plan, t, step, class);
    let each = |a: &Steps, b: &Steps, f: fn(i64, i64) -> i64| -> Steps {
        a.iter().flat_map(|a| b.iter().map(move |b| f(*a, *b))).collect()
    };
    match &term.kind {
        TermKind::Number(n) if n.places() == 0 => Some(Steps::from([i64::try_from(n.mantissa()).ok()?])),
        TermKind::Stage(StageValue::Step) => Some(Steps::from([step])),
        TermKind::Add(a, b) => Some(each(&of(a)?, &of(b)?, i64::saturating_add)),
        TermKind::Subtract(a, b) => Some(each(&of(a)?, &of(b)?, i64::saturating_sub)),
        TermKind::Multiply(a, b) => Some(each(&of(a)?, &of(b)?, i64::saturating_mul)),
        TermKind::Min(terms) | TermKind::Max(terms) => {
            let pick = if matches!(term.kind, TermKind::Min(_)) { i64::min } else { i64::max };
            let sets: Option<Vec<Steps>> = terms.iter().map(of).collect();
            sets?.into_iter().reduce(|a, b| each(&a, &b, pick))
        }
        TermKind::If(condition, a, b) => match decided(plan, condition, class) {
            Some(true) => of(a),
            Some(false) => of(b),
            None => Some(of(a)?.union(&of(b)?).copied().collect()),
        },
        _ => None,
    }
}

/// The steps of a class on its way through the plan.
pub(super) fn flow(plan: &Checked, class: u8) -> Flow {
    let mut steps = Some(Steps::from([0]));
    for table in &plan.tables {
        let rows = table.rows.iter().filter(|r| decided(plan, &r.when, class) != Some(false));
        let given: Steps = rows.map(|r| r.step).collect();
        steps = steps.map(|s| s.iter().flat_map(|a| given.iter().map(move |b| a + b)).collect());
    }
    let mut before = Vec::new();
    for adjust in &plan.adjusts {
        before.push(steps.clone());
        let Change::Step(term) = &adjust.change else { continue };
        let holds = decided(plan, &adjust.when, class);
        if holds == Some(false) {
            continue;
        }
        steps = steps.and_then(|steps| {
            let mut out = if holds == Some(true) { Steps::new() } else { steps.clone() };
            for step in steps {
                out.extend(after(plan, term, step, class)?);
            }
            Some(out)
        });
    }
    Flow { before, end: steps }
}
