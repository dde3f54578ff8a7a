//! What an author can write so that an item is reached.

use super::Case;
use super::bounds::{Bound, Place};
use super::items::{Key, Keyed};
use super::reach::{Distance, Seen};
use crate::number::Fraction;
use crate::plan::checked::{Checked, Term, TermKind, Type, Unit};
use num_bigint::{BigInt, Sign};

/// A sentence for an author.
pub(super) fn advice(plan: &Checked, item: &Keyed, bounds: &[Bound<'_>], seen: &Seen) -> String {
    let (key, case) = item.key;
    match key {
        Key::Row(table, row) => format!("a rated example where {}", plan.tables[table].rows[row].text),
        Key::Gate(at) => match case {
            Case::Acts => format!("an example where {}", plan.gates[at].text),
            _ => format!("an example where it is not so that {}", plan.gates[at].text),
        },
        Key::Adjust(at) => {
            let when = plan.print(&plan.adjusts[at].when);
            match case {
                Case::Acts => format!("a rated example where {when}, at a step or rate that this changes"),
                Case::Unchanged => {
                    format!("a rated example where {when}, at a step or rate that this leaves as it is")
                }
                _ => format!("a rated example where it is not so that {when}"),
            }
        }
        Key::Ladder => "a rated example whose step is beyond what its class may reach".to_owned(),
        Key::Floor | Key::Cap => {
            let (side, cited) = match key {
                Key::Floor => ("below", &plan.outcome.floor),
                _ => ("above", &plan.outcome.cap),
            };
            let text = cited.as_ref().map_or("", |c| c.text.as_str());
            match case {
                Case::Acts => format!("a rated example whose unlimited rate is {side} {text}"),
                _ => format!("a rated example whose unlimited rate is not {side} {text}"),
            }
        }
        Key::Class(class) => format!("a rated example with risk_class = {class}"),
        Key::Bound(at, class, _) => bound(plan, &bounds[at], class, &seen_at(seen, key), case),
    }
}

fn seen_at(seen: &Seen, key: Key) -> Vec<&Distance> {
    seen.distances.iter().filter(|(k, _)| *k == key).map(|(_, d)| d).collect()
}

/// How to move the nearest example to a bound.
fn bound(plan: &Checked, bound: &Bound<'_>, class: Option<u8>, seen: &[&Distance], case: Case) -> String {
    let (value, limit) = (&bound.value_text, &bound.bound_text);
    let of_class = class.map_or_else(String::new, |class| format!(" of class {class}"));
    let wanted = format!("{value} {} {limit}", case.name());
    let moves = seen.iter().filter_map(|d| Some((moved(&d.units, case)?, *d)));
    let nearest = moves.min_by(|a, b| a.0.magnitude().cmp(b.0.magnitude()));
    let Some((by, distance)) = nearest else {
        let rated = if matches!(bound.place, Place::Gate(_)) { "an" } else { "a rated" };
        let whole =
            if seen.is_empty() { "" } else { "; no example so far can be moved there in whole units" };
        return format!("{rated} example{of_class} with {wanted}{whole}");
    };
    let (what, unit) = counted(plan, bound.question.value);
    let way = if by.sign() == Sign::Minus { "less" } else { "more" };
    let value = distance.value.decimal(12);
    format!(
        "{wanted}: example `{}` (now {value}) with {what} {} {unit} {way}",
        distance.example,
        by.magnitude()
    )
}

/// By how many units the value has to move; None where no whole number of them does it.
fn moved(units: &Fraction, case: Case) -> Option<BigInt> {
    let (num, den) = (units.num(), units.den());
    // Division of signed numbers truncates, floor and ceiling do not.
    let floor = {
        let quotient = num / den;
        if num.sign() == Sign::Minus && &quotient * den != *num { quotient - 1 } else { quotient }
    };
    let whole = &floor * den == *num;
    match case {
        Case::At => whole.then_some(floor),
        Case::Below => Some(if whole { floor - 1 } else { floor }),
        Case::Above => Some(floor + 1),
        _ => None,
    }
}

/// What changes a value by its unit, and the unit's name.
fn counted(plan: &Checked, term: &Term) -> (String, &'static str) {
    match &term.kind {
        TermKind::Measure(at) => match plan.measures[*at].term.kind {
            TermKind::Divide(..) | TermKind::Measure(_) => counted(plan, &plan.measures[*at].term),
            _ => (plan.print(term), unit(plan, &plan.measures[*at].term)),
        },
        TermKind::Divide(a, _) => counted(plan, a),
        _ => (plan.print(term), unit(plan, term)),
    }
}

fn unit(plan: &Checked, term: &Term) -> &'static str {
    match (&term.kind, term.ty) {
        (TermKind::Fact(at), _) if plan.facts[*at].places > 0 => "units of its last place",
        (_, Type::Number(unit)) if unit == Unit::MONEY => "minor units",
        (_, Type::Number(unit)) if unit == Unit::MONTHS => "months",
        _ => "units",
    }
}
