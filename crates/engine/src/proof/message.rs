//! Refutations as messages to a rule author: what is wrong, where, an employer that shows it, and how to mend it.

use super::report::{Claim, Witness, called_inert};
use crate::diagnostic::{Diagnostic, Span};
use crate::limits::MEASURE_PLACES;
use crate::number::Decimal;
use crate::plan::checked::{AssertKind, Checked, Part, Raw};
use crate::plan::source::Cite;

/// The message of a refuted claim. `detail` is what the evaluator's trace adds.
pub(super) fn refutation(plan: &Checked, claim: Claim, witnesses: &[Witness], detail: &str) -> Diagnostic {
    let (span, cite) = place(plan, claim);
    let (code, message, expected, help) = words(plan, claim, witnesses, detail);
    let mut diagnostic = Diagnostic::at(code, span, message, expected).help(help);
    diagnostic.article = article(plan, cite);
    for (at, witness) in witnesses.iter().enumerate() {
        let which = match (witnesses.len(), at) {
            (1, _) => "witness",
            (_, 0) => "better",
            _ => "worse",
        };
        diagnostic.notes.push(format!("{which}: {}", result(plan, witness)));
        diagnostic.notes.push(format!("{which}'s record: {}", json(plan, witness)));
    }
    diagnostic
}

/// The record as a line that `floatrate rate` reads.
fn json(plan: &Checked, witness: &Witness) -> String {
    let mut declared = crate::record::Declared::default();
    for fact in &plan.facts {
        use crate::plan::source::FactType;
        use crate::record::FactKind;
        let kind = match fact.ty {
            FactType::Boolean => FactKind::Boolean,
            _ => FactKind::Number { places: fact.places },
        };
        declared.facts.insert(fact.name.text.clone(), kind);
    }
    for value in &plan.values {
        let kind = crate::record::FactKind::Number { places: value.places };
        declared.values.insert(value.name.clone(), kind);
    }
    witness.record.to_form(&declared).to_json()
}

fn result(plan: &Checked, witness: &Witness) -> String {
    let (outcome, verdict) = (&witness.outcome, &witness.outcome.verdict);
    let decimal = |d: Option<Decimal>| d.map_or_else(|| "none".to_owned(), |d| d.to_string());
    let reasons: Vec<String> = outcome.reasons.iter().map(|r| r.name(plan)).collect();
    let mut out = format!(
        "rated from {}: {}, {}, step {}, rate {}, because of {}",
        witness.rating_date,
        verdict.status.name(),
        placed(plan, witness),
        verdict.step,
        decimal(verdict.rate),
        if reasons.is_empty() { "nothing".to_owned() } else { reasons.join(", ") },
    );
    for (value, frozen) in plan.portfolio.iter().zip(&witness.portfolio) {
        out.push_str(&format!("; with {} {}", value.name, frozen.fraction().decimal(MEASURE_PLACES)));
    }
    for (name, value) in &outcome.measures {
        out.push_str(&format!("; {name} {value}"));
    }
    out
}

/// The class, or the industry where the plan has no classes.
fn placed(plan: &Checked, witness: &Witness) -> String {
    match (&witness.record.employer.industry, plan.classes) {
        (Some(industry), 0) => format!("industry {}", industry.code),
        (None, 0) => "no class".to_owned(),
        _ => {
            let class = witness.outcome.verdict.risk_class;
            class.map_or_else(|| "class unknown".to_owned(), |class| format!("class {class}"))
        }
    }
}

fn article(plan: &Checked, cite: Option<&Cite>) -> Option<String> {
    let cite = cite?;
    let says = |text: &str| {
        plan.clauses
            .iter()
            .find(|c| c.cite.text == text)
            .map_or_else(String::new, |c| format!(" ({})", c.says.en))
    };
    let all: Vec<String> = cite.0.iter().map(|c| format!("{}{}", c.text, says(&c.text))).collect();
    Some(all.join("; ")).filter(|text| !text.is_empty())
}

/// Where a claim stands in the plan's text.
fn place(plan: &Checked, claim: Claim) -> (Span, Option<&Cite>) {
    match claim {
        Claim::NoGap(at) | Claim::NoOverlap(at) => {
            let table = &plan.tables[at];
            (table.span, table.rows.first().map(|r| &r.cite))
        }
        Claim::EveryStepHasTier => (plan.ladder.span, Some(&plan.ladder.cite)),
        Claim::LimitsAgree => {
            let limit = plan.outcome.floor.as_ref().unwrap_or(&plan.outcome.rate);
            (limit.span, Some(&limit.cite))
        }
        Claim::NotNegative => (plan.outcome.rate.span, Some(&plan.outcome.rate.cite)),
        Claim::Acts(part) => match part {
            Part::Gate(at) => (plan.gates[at].span, Some(&plan.gates[at].cite)),
            Part::Row { table, row } => {
                let row = &plan.tables[table].rows[row];
                (row.span, Some(&row.cite))
            }
            Part::Adjust(at) => (plan.adjusts[at].span, Some(&plan.adjusts[at].cite)),
            Part::Floor | Part::Cap => {
                let limit = if part == Part::Floor { &plan.outcome.floor } else { &plan.outcome.cap };
                let limit = limit.as_ref().unwrap_or(&plan.outcome.rate);
                (limit.span, Some(&limit.cite))
            }
            Part::Ladder => (plan.ladder.span, Some(&plan.ladder.cite)),
        },
        Claim::Fair(Raw::Fact(at)) => (plan.facts[at].name.span, Some(&plan.facts[at].cite)),
        Claim::Fair(_) => match plan.tables.first() {
            Some(table) => (table.span, table.rows.first().map(|r| &r.cite)),
            None => (plan.outcome.rate.span, Some(&plan.outcome.rate.cite)),
        },
        Claim::Assertion(at) => (plan.asserts[at].span, Some(&plan.asserts[at].cite)),
    }
}

/// Where a witness stands in the columns of a table.
fn standing(columns: &[String], witnesses: &[Witness]) -> String {
    let measures = witnesses.first().map_or(&[][..], |w| &w.outcome.measures);
    let named: Vec<String> = measures
        .iter()
        .filter(|(name, _)| columns.contains(name))
        .map(|(name, value)| format!("{name} = {value}"))
        .collect();
    if named.is_empty() { "for the witness".to_owned() } else { format!("at {}", named.join(" and ")) }
}

/// Code, message, what was expected, and how to mend it.
fn words(
    plan: &Checked,
    claim: Claim,
    witnesses: &[Witness],
    detail: &str,
) -> (&'static str, String, String, String) {
    match claim {
        Claim::NoGap(at) => {
            let table = &plan.tables[at].name;
            let at_witness = standing(&plan.tables[at].columns, witnesses);
            let mend = if plan.tables[at].unique {
                format!("add a row that holds {at_witness}, or widen the interval beside it")
            } else {
                format!(
                    "add a row that holds {at_witness}, or end the table with {{ otherwise = true, step = … }}"
                )
            };
            (
                "gap",
                format!("no row of `{table}` holds for some employers{detail}"),
                "expected a row for every employer".to_owned(),
                mend,
            )
        }
        Claim::NoOverlap(at) => (
            "overlap",
            format!("two rows of `{}` hold for one employer{detail}", plan.tables[at].name),
            "expected one row at most, as hit = \"unique\" says".to_owned(),
            "let one of the two intervals end where the other begins: [a..b) beside [b..c]".to_owned(),
        ),
        Claim::EveryStepHasTier => (
            "tier",
            format!("a step comes out that has no tier{detail}"),
            "expected a tier for every step that tables and adjusts give".to_owned(),
            "give the ladder the step, or let an adjust keep the step off it".to_owned(),
        ),
        Claim::LimitsAgree => (
            "limits",
            "the floor is above the cap for some employers".to_owned(),
            "expected a floor that is at most the cap".to_owned(),
            "compare both with the article; one of the two numbers is wrong".to_owned(),
        ),
        Claim::NotNegative => (
            "negative",
            "the rate of some employers is below 0".to_owned(),
            "expected a rate of 0 or more".to_owned(),
            "add a floor, or limit the deduction: max(…, 0)".to_owned(),
        ),
        Claim::Acts(part) if called_inert(plan, part) => (
            "not_inert",
            format!("{} is called inert, and changes the result of some employers", part.name(plan)),
            "expected that no employer's result changes here".to_owned(),
            format!("delete the assertion that calls {} inert", part.name(plan)),
        ),
        Claim::Acts(part) => {
            let (what, mend) = match part {
                Part::Gate(_) => ("this gate never ends anything early", "delete it, or mend its condition"),
                Part::Row { .. } => (
                    "this row is never hit",
                    "an earlier row or an impossible condition hides it: mend the interval, move the row up, or delete it",
                ),
                Part::Adjust(_) => ("this adjust never changes anything", "delete it, or mend its condition"),
                Part::Floor => ("no rate is ever below this floor", "delete it"),
                Part::Cap => ("no rate is ever above this cap", "delete it"),
                Part::Ladder => ("the ladder's limits never change a step", "delete `allowed`"),
            };
            let inert = format!(
                "; if the regulation says so all the same, assert it: kind = \"inert\", of = \"{}\"",
                part.name(plan)
            );
            (
                "never_acts",
                format!("{what}: `{}`", part.name(plan)),
                "expected an employer for whom it acts".to_owned(),
                format!("{mend}{inert}"),
            )
        }
        Claim::Fair(raw) => {
            let is_fact = matches!(raw, Raw::Fact(_));
            let raw = raw.name(plan);
            let between = match witnesses {
                [better, worse] => format!(
                    ": from {} to {}",
                    better.outcome.verdict.rate.unwrap_or(Decimal::ZERO),
                    worse.outcome.verdict.rate.unwrap_or(Decimal::ZERO)
                ),
                _ => String::new(),
            };
            (
                "unfair",
                format!("a worse `{raw}` lowers the rate of some employers{between}"),
                "expected that a worse record never has a lower rate".to_owned(),
                format!(
                    "compare what the two records were rated by (`because of`); {}if the regulation really says so, declare it with its article: [[assert]] kind = \"not_monotone\", in = \"{raw}\", only_where = \"…\"",
                    if is_fact {
                        "if neither more nor less of this fact is worse, give it worse = \"neither\"; "
                    } else {
                        ""
                    }
                ),
            )
        }
        Claim::Assertion(at) => {
            let assert = &plan.asserts[at];
            let (what, mend) = match &assert.kind {
                AssertKind::NotMonotone { raw, text, .. } => (
                    format!("a worse `{}` lowers the rate nowhere where {text}", raw.name(plan)),
                    "delete the assertion: the plan has no such exception",
                ),
                AssertKind::Identity { text, .. } => {
                    (format!("`{text}` does not hold for some employers"), "mend the plan or the assertion")
                }
                AssertKind::Inert { of } => {
                    (format!("{} is not inert", of.name(plan)), "delete the assertion")
                }
                AssertKind::Jump { text, .. } => (
                    format!("it jumps otherwise than where {text}{detail}"),
                    "mend the plan or the assertion",
                ),
            };
            (
                "assert",
                format!("the assertion `{}` does not hold: {what}", assert.name),
                "expected that it holds".to_owned(),
                mend.to_owned(),
            )
        }
    }
}
