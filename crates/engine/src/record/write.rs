//! From a record back to its canonical form.

use super::{Claim, Date, Declared, Employer, Fact, FactKind, Form, Number, Period, Record};
use crate::limits::{HEADCOUNT_PLACES, RATE_PLACES, VALUE_PLACES};
use crate::number::Decimal;

impl Record {
    /// The record's form, with defaults written out and fields that the record does not hold left out. Reading it
    /// with the same `declared` gives an equal record.
    ///
    /// `declared` says which facts and values are booleans; those that it does not name are written as decimals.
    #[must_use]
    pub fn to_form(&self, declared: &Declared) -> Form {
        let mut fields = vec![("employer".to_owned(), employer(&self.employer))];
        if !self.periods.is_empty() {
            let rows = self.periods.iter().map(|p| period(p, declared)).collect();
            fields.push(("periods".to_owned(), Form::List(rows)));
        }
        if !self.claims.is_empty() {
            fields.push(("claims".to_owned(), Form::List(self.claims.iter().map(claim).collect())));
        }
        if !self.facts.is_empty() {
            let facts = self.facts.iter().map(|f| (f.name.clone(), fact(f, declared.facts.get(&f.name))));
            fields.push(("facts".to_owned(), Form::Map(facts.collect())));
        }
        Form::Map(fields)
    }
}

fn employer(employer: &Employer) -> Form {
    let industry =
        employer.industry.as_ref().map(|i| map([("standard", text(&i.standard)), ("code", text(&i.code))]));
    let prior = employer.prior.as_ref().map(|p| {
        map([
            ("rate", decimal(p.rate.0, RATE_PLACES)),
            ("tier", optional(p.tier, |r| decimal(r.0, RATE_PLACES))),
            ("unlimited_rate", optional(p.unlimited_rate, |r| decimal(r.0, RATE_PLACES))),
        ])
    });
    map([
        ("id", text(&employer.id)),
        ("name", optional(employer.name.as_deref(), text)),
        ("region", optional(employer.region.as_deref(), text)),
        ("industry", industry.unwrap_or(Form::Null)),
        ("risk_class", optional(employer.risk_class, |c| Form::Int(i64::from(c.0)))),
        ("insured_since", date(employer.insured_since)),
        ("first_insured", date(employer.first_insured)),
        ("prior", prior.unwrap_or(Form::Null)),
    ])
}

fn period(period: &Period, declared: &Declared) -> Form {
    let values = period
        .values
        .iter()
        .map(|(name, number)| (name.clone(), value(*number, declared.values.get(name))))
        .collect::<Vec<_>>();
    map([
        ("start", date(period.start)),
        ("end", date(period.end)),
        ("class", optional(period.class.as_deref(), text)),
        ("payroll", optional(period.payroll, |a| Form::Int(a.0))),
        ("contributions_due", optional(period.contributions_due, |a| Form::Int(a.0))),
        ("contributions_paid", optional(period.contributions_paid, |a| Form::Int(a.0))),
        ("headcount", optional(period.headcount, |h| decimal(h.0, HEADCOUNT_PLACES))),
        ("months_insured", optional(period.months_insured, |m| Form::Int(i64::from(m)))),
        ("values", if values.is_empty() { Form::Null } else { Form::Map(values) }),
    ])
}

fn claim(claim: &Claim) -> Form {
    map([
        ("id", text(&claim.id)),
        ("event", optional(claim.event.as_deref(), text)),
        ("class", optional(claim.class.as_deref(), text)),
        ("date", date(claim.date)),
        ("cause", text(claim.cause.name())),
        ("outcome", text(claim.outcome.name())),
        ("count", Form::Int(claim.count)),
        ("paid_on", date(claim.paid_on)),
        ("benefits_paid", Form::Int(claim.benefits_paid.0)),
        ("reserve", Form::Int(claim.reserve.0)),
    ])
}

fn fact(fact: &Fact, kind: Option<&FactKind>) -> Form {
    if let [span] = fact.spans.as_slice()
        && span.from.is_none()
        && span.to.is_none()
    {
        return value(span.value, kind);
    }
    let rows = fact.spans.iter().map(|span| {
        map([
            ("from", optional(span.from, date)),
            ("to", optional(span.to, date)),
            ("value", value(span.value, kind)),
        ])
    });
    Form::List(rows.collect())
}

fn value(number: Number, kind: Option<&FactKind>) -> Form {
    match kind {
        Some(FactKind::Boolean) => Form::Bool(number.0 != 0),
        Some(FactKind::Number { .. }) | None => decimal(number.0, VALUE_PLACES),
    }
}

/// A map of the fields that are not null.
fn map<const N: usize>(fields: [(&str, Form); N]) -> Form {
    let given = fields.into_iter().filter(|(_, form)| *form != Form::Null);
    Form::Map(given.map(|(name, form)| (name.to_owned(), form)).collect())
}

fn optional<T>(value: Option<T>, form: impl Fn(T) -> Form) -> Form {
    value.map_or(Form::Null, form)
}

fn text(text: &str) -> Form {
    Form::Text(text.to_owned())
}

fn date(date: Date) -> Form {
    Form::Text(date.to_string())
}

fn decimal(units: i64, places: u32) -> Form {
    Form::Text(Decimal::new(i128::from(units), places).to_string())
}
