//! `Record` from what is kept: the other way of [`record`](super::record).

use floatrate_engine::record::Form;
use floatrate_proto::floatrate::v1;

/// The message of a record's canonical form.
#[must_use]
pub fn record_message(form: &Form) -> v1::Record {
    v1::Record {
        employer: get(form, "employer").map(employer),
        periods: rows(form, "periods").map(period).collect(),
        claims: rows(form, "claims").map(claim).collect(),
        facts: entries(form, "facts").map(|(name, value)| (name.clone(), fact(value))).collect(),
    }
}

fn employer(form: &Form) -> v1::Employer {
    v1::Employer {
        id: text(form, "id").unwrap_or_default(),
        name: text(form, "name"),
        region: text(form, "region"),
        industry: get(form, "industry").map(|industry| v1::Industry {
            standard: text(industry, "standard").unwrap_or_default(),
            code: text(industry, "code").unwrap_or_default(),
        }),
        risk_class: small(form, "risk_class"),
        insured_since: text(form, "insured_since").unwrap_or_default(),
        first_insured: text(form, "first_insured"),
        prior: get(form, "prior").map(|prior| v1::Prior {
            rate: text(prior, "rate").unwrap_or_default(),
            tier: text(prior, "tier"),
            unlimited_rate: text(prior, "unlimited_rate"),
        }),
    }
}

fn period(form: &Form) -> v1::Period {
    v1::Period {
        start: text(form, "start").unwrap_or_default(),
        end: text(form, "end").unwrap_or_default(),
        class: text(form, "class"),
        payroll: number(form, "payroll"),
        contributions_due: number(form, "contributions_due"),
        contributions_paid: number(form, "contributions_paid"),
        headcount: text(form, "headcount"),
        months_insured: small(form, "months_insured"),
        values: entries(form, "values")
            .filter_map(|(name, value)| Some((name.clone(), as_text(value)?)))
            .collect(),
    }
}

fn claim(form: &Form) -> v1::Claim {
    v1::Claim {
        id: text(form, "id").unwrap_or_default(),
        event: text(form, "event"),
        class: text(form, "class"),
        date: text(form, "date").unwrap_or_default(),
        cause: text(form, "cause").unwrap_or_default(),
        outcome: text(form, "outcome").unwrap_or_default(),
        count: small(form, "count"),
        paid_on: text(form, "paid_on"),
        benefits_paid: number(form, "benefits_paid"),
        reserve: number(form, "reserve"),
    }
}

fn fact(form: &Form) -> v1::FactValue {
    use v1::fact_span::Value;
    use v1::fact_value::Kind;
    let kind = match form {
        Form::Bool(yes) => Some(Kind::Boolean(*yes)),
        Form::List(spans) => Some(Kind::Spans(v1::FactSpans {
            spans: spans
                .iter()
                .map(|span| v1::FactSpan {
                    from: text(span, "from"),
                    to: text(span, "to"),
                    value: match get(span, "value") {
                        Some(Form::Bool(yes)) => Some(Value::Boolean(*yes)),
                        other => other.and_then(as_text).map(Value::Decimal),
                    },
                })
                .collect(),
        })),
        other => as_text(other).map(Kind::Decimal),
    };
    v1::FactValue { kind }
}

fn get<'f>(form: &'f Form, name: &str) -> Option<&'f Form> {
    match form {
        Form::Map(fields) => fields.iter().find(|(n, v)| n == name && *v != Form::Null).map(|(_, v)| v),
        _ => None,
    }
}

fn rows<'f>(form: &'f Form, name: &str) -> impl Iterator<Item = &'f Form> {
    let rows = match get(form, name) {
        Some(Form::List(rows)) => &rows[..],
        _ => &[],
    };
    rows.iter()
}

fn entries<'f>(form: &'f Form, name: &str) -> impl Iterator<Item = &'f (String, Form)> {
    let entries = match get(form, name) {
        Some(Form::Map(entries)) => &entries[..],
        _ => &[],
    };
    entries.iter()
}

fn as_text(form: &Form) -> Option<String> {
    match form {
        Form::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn text(form: &Form, name: &str) -> Option<String> {
    get(form, name).and_then(as_text)
}

fn number(form: &Form, name: &str) -> Option<i64> {
    match get(form, name) {
        Some(Form::Int(number)) => Some(*number),
        _ => None,
    }
}

fn small(form: &Form, name: &str) -> Option<i32> {
    number(form, name).and_then(|n| i32::try_from(n).ok())
}
