//! From the quantities that a search found to a record that can be fed to the evaluator.

mod periods;

use super::basis::{Basis, MONTHS_MOST, Quantity, Sort};
use super::feasible::{Answer, Bounds, Condition, Rational, solve};
use super::linear::{Linear, Var};
use super::search::Model;
use super::world::Key;
use crate::limits::RATE_PLACES;
use crate::number::Decimal;
use crate::plan::checked::{Checked, Column, PriorPart};
use crate::record::{ClaimOutcome, Date, Declared, Form, Record};

/// Amounts are told in thousands of the major unit where the conditions allow it.
const SCALES: [i128; 5] = [10_000_000, 1_000_000, 100_000, 1_000, 1];
/// Whoever's insurance does not matter has been insured since then.
const LONG_AGO: (i32, u32, u32) = (1990, 1, 1);
/// Every quantity whole, so that averages are round numbers.
struct Whole<'b>(&'b Basis);

impl Bounds for Whole<'_> {
    fn least(&self, var: Var) -> i128 {
        self.0.least(var)
    }
    fn most(&self, var: Var) -> Option<i128> {
        self.0.most(var)
    }
    fn whole(&self, _: Var) -> bool {
        true
    }
}

/// The same record in rounder numbers, where the conditions still hold.
pub(super) fn rounded(model: &Model, basis: &Basis) -> Model {
    let mut model = model.clone();
    // Rather no period over several windows; rather round averages.
    let across = basis
        .all()
        .filter(|(_, q)| matches!(q, Quantity::Across { .. }))
        .map(|(var, _)| Condition { expression: Linear::variable(var), strict: false });
    let plain: Vec<Condition> = model.conditions.iter().cloned().chain(across).collect();
    for conditions in [&plain, &model.conditions] {
        if let Answer::Holds(values) = solve(conditions, &Whole(basis)) {
            model.numbers.extend(values);
            break;
        }
    }
    for scale in SCALES {
        let scaled: std::collections::BTreeMap<Var, Rational> = model
            .numbers
            .iter()
            .map(|(var, value)| {
                let money = match basis.quantity(*var) {
                    Quantity::Money { .. } | Quantity::More { money: true } => true,
                    Quantity::Total { columns, .. } | Quantity::Across { columns, .. } => {
                        columns.iter().any(|column| amount(*column))
                    }
                    _ => false,
                };
                let num =
                    if money { &value.num * num_bigint::BigInt::from(scale) } else { value.num.clone() };
                (*var, Rational { num, den: value.den.clone() })
            })
            .collect();
        let within = scaled.iter().all(|(var, value)| {
            basis.most(*var).is_none_or(|most| value.num <= num_bigint::BigInt::from(most) * &value.den)
        });
        if within && model.conditions.iter().all(|c| c.holds(&scaled)) {
            return Model { numbers: scaled, ..model };
        }
    }
    model
}

const fn amount(column: Column) -> bool {
    matches!(column, Column::Payroll | Column::ContributionsDue | Column::ContributionsPaid)
}

/// A record with the quantities of a model.
///
/// # Errors
///
/// Why no record has them. Of quantities that are known only in part (averages beside their sums, products) a search can
/// find values that no record has.
pub(super) fn record(
    model: &Model,
    basis: &Basis,
    plans: &[&Checked],
    key: &Key,
    declared: &Declared,
) -> Result<Record, String> {
    let maker = Maker { model, basis, plans };
    let form = Form::Map(vec![
        ("employer".to_owned(), maker.employer(key)?),
        ("periods".to_owned(), Form::List(maker.periods()?)),
        ("claims".to_owned(), Form::List(maker.claims()?)),
        ("facts".to_owned(), Form::Map(maker.facts(plans)?)),
    ]);
    Record::from_form(&form, declared).map_err(|violations| {
        violations
            .iter()
            .map(|v| format!("{}: {}", v.field, v.message(crate::Lang::En)))
            .collect::<Vec<_>>()
            .join("; ")
    })
}

struct Maker<'m> {
    model: &'m Model,
    basis: &'m Basis,
    plans: &'m [&'m Checked],
}

fn text(text: impl ToString) -> Form {
    Form::Text(text.to_string())
}

fn fields(fields: Vec<(&str, Form)>) -> Form {
    Form::Map(fields.into_iter().map(|(name, form)| (name.to_owned(), form)).collect())
}

impl Maker<'_> {
    fn value(&self, quantity: &Quantity) -> Option<Rational> {
        let var = self.basis.find(quantity)?;
        self.model.numbers.get(&var).cloned()
    }

    fn whole(&self, quantity: &Quantity) -> Result<i64, String> {
        let Some(value) = self.value(quantity) else { return Ok(0) };
        let whole = value.as_whole().and_then(|v| i64::try_from(v).ok());
        whole.ok_or_else(|| format!("{quantity:?} is {}/{}, which no record holds", value.num, value.den))
    }

    fn flag(&self, quantity: &Quantity, otherwise: bool) -> bool {
        self.basis.find(quantity).and_then(|var| self.model.flags.get(&var).copied()).unwrap_or(otherwise)
    }

    fn insured(&self, first: bool) -> Option<Date> {
        self.basis.all().find_map(|(var, quantity)| {
            let small = || self.model.numbers.get(&var)?.as_whole().and_then(|v| i32::try_from(v).ok());
            match quantity {
                Quantity::Short { first: own, until } if *own == first => {
                    let most = i32::try_from(MONTHS_MOST).unwrap_or(0);
                    Some(until.plus_months(small()? - most))
                }
                Quantity::Day { first: own } if *own == first => Some(Date::of_day_number(small()?)),
                _ => None,
            }
        })
    }

    fn employer(&self, key: &Key) -> Result<Form, String> {
        let long_ago = Date::new(LONG_AGO.0, LONG_AGO.1, LONG_AGO.2).ok_or("no such day")?;
        let (since, first) = (self.insured(false), self.insured(true));
        let mut out =
            vec![("id", text("WITNESS")), ("insured_since", text(since.or(first).unwrap_or(long_ago)))];
        if key.class > 0 {
            out.insert(1, ("risk_class", Form::Int(i64::from(key.class))));
        }
        if let Some((standard, code)) = &key.industry {
            out.push(("industry", fields(vec![("standard", text(standard)), ("code", text(code))])));
        }
        if let Some(first) = first {
            out.push(("first_insured", text(first)));
        }
        let part = |part: PriorPart| -> Result<Option<Form>, String> {
            if !self.flag(&Quantity::PriorGiven(part), false) {
                return Ok(None);
            }
            let units = self.whole(&Quantity::Prior(part))?;
            Ok(Some(text(Decimal::new(i128::from(units), RATE_PLACES))))
        };
        let (rate, tier, unlimited) =
            (part(PriorPart::Rate)?, part(PriorPart::Tier)?, part(PriorPart::UnlimitedRate)?);
        if rate.is_some() || tier.is_some() || unlimited.is_some() {
            let mut prior = vec![("rate", rate.unwrap_or_else(|| text("0")))];
            prior.extend(tier.map(|t| ("tier", t)));
            prior.extend(unlimited.map(|u| ("unlimited_rate", u)));
            out.push(("prior", fields(prior)));
        }
        Ok(fields(out))
    }

    fn claims(&self) -> Result<Vec<Form>, String> {
        let mut out = Vec::new();
        let before = self.basis.stretches.first().map(|s| s.start.plus_days(-1));
        for (stretch, span) in self.basis.stretches.iter().enumerate() {
            for (kind, sorts) in self.basis.kinds.iter().enumerate() {
                let injuries = self.whole(&Quantity::Injuries { stretch, kind })?;
                let benefits =
                    self.whole(&Quantity::Money { column: Column::BenefitsPaid, stretch, kind })?;
                let reserve = self.whole(&Quantity::Money { column: Column::Reserve, stretch, kind })?;
                let payments = self.whole(&Quantity::Payments { stretch, kind })?;
                let mut row = |sort: &Sort, date: Date, count: i64, benefits: i64, reserve: i64| {
                    let mut row = vec![
                        ("id", text(format!("{}-{}", span.end.year(), out.len() + 1))),
                        ("date", text(date)),
                        ("cause", text(sort.cause.name())),
                        ("outcome", text(sort.outcome.name())),
                        ("count", Form::Int(count)),
                        ("paid_on", text(span.end)),
                        ("benefits_paid", Form::Int(benefits)),
                    ];
                    if reserve > 0 {
                        row.push(("reserve", Form::Int(reserve)));
                    }
                    out.push(fields(row));
                };
                let sort = |counted: bool| {
                    let plain = |s: &&Sort| s.outcome == ClaimOutcome::Temporary;
                    let mut own = sorts.iter().filter(|s| s.counted == counted);
                    own.clone().find(plain).or_else(|| own.next())
                };
                let (injury, payment) = (sort(true), sort(false));
                let money = benefits > 0 || reserve > 0;
                match (injury, payment) {
                    (Some(injury), _) if injuries > 0 => row(injury, span.end, injuries, benefits, reserve),
                    (_, Some(payment)) if money => row(payment, span.end, 0, benefits, reserve),
                    // The money of an injury before all windows.
                    (Some(injury), None) if money => {
                        row(injury, before.unwrap_or(span.end), 1, benefits, reserve)
                    }
                    _ => {}
                }
                if let Some(payment) = payment {
                    for _ in 0..payments.min(3) {
                        row(payment, span.end, 0, 0, 0);
                    }
                }
            }
        }
        Ok(out)
    }

    fn facts(&self, plans: &[&Checked]) -> Result<Vec<(String, Form)>, String> {
        use crate::plan::source::FactType;
        let mut out: Vec<(String, Form)> = Vec::new();
        for fact in plans.iter().flat_map(|p| &p.facts) {
            let name = fact.name.text.clone();
            if out.iter().any(|(known, _)| *known == name) {
                continue;
            }
            let (value, plain) = if fact.ty == FactType::Boolean {
                let holds = self.flag(&Quantity::Flag(name.clone()), false);
                (Form::Bool(holds), !holds)
            } else {
                let units = self.whole(&Quantity::Fact(name.clone()))?;
                let value = Decimal::new(i128::from(units), fact.places);
                (text(value), units == 0)
            };
            if !plain || fact.required {
                out.push((name, value));
            }
        }
        Ok(out)
    }
}
