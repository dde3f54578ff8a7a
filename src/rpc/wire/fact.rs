//! `FactValue` and its spans.

use super::Fields;
use floatrate_engine::record::Form;
use floatrate_proto::floatrate::v1::{self, fact_span, fact_value};

/// The form of a fact; none when the message holds no value.
pub(super) fn value(message: v1::FactValue) -> Option<Form> {
    Some(match message.kind? {
        fact_value::Kind::Boolean(yes) => Form::Bool(yes),
        fact_value::Kind::Decimal(decimal) => Form::Text(decimal),
        fact_value::Kind::Spans(v1::FactSpans { spans }) => Form::List(spans.into_iter().map(span).collect()),
    })
}

fn span(message: v1::FactSpan) -> Form {
    let v1::FactSpan { from, to, value } = message;
    let value = value.map(|value| match value {
        fact_span::Value::Boolean(yes) => Form::Bool(yes),
        fact_span::Value::Decimal(decimal) => Form::Text(decimal),
    });
    Fields::new().optional_text("from", from).optional_text("to", to).form("value", value).done()
}
