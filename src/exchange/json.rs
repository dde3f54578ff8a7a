//! JSON to [`Form`] and back: duplicate keys are kept and numbers stay exact, so that the record check can name them.

use super::Broken;
use floatrate_engine::limits::ID_CHARS_MAX;
use floatrate_engine::record::Form;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Parses one JSON value. Nesting deeper than 127 levels is refused by the JSON reader.
///
/// # Errors
/// `not_json`, with the column.
pub fn parse(text: &str) -> Result<Form, Broken> {
    serde_json::from_str::<Json>(text).map(|json| json.0).map_err(|error| {
        let at = error.column();
        // The reader's messages name what it expected, never what it read, so no record's text leaks into them.
        Broken::new(
            "not_json",
            format!("not valid JSON: {error}"),
            format!("不是有效的 JSON（第 {at} 字节处）：{error}"),
        )
    })
}

/// A form as JSON in one line, as `rate` reads it. What is null is left out.
#[must_use]
pub fn to_json(form: &Form) -> serde_json::Value {
    use serde_json::Value;
    match form {
        Form::Null => Value::Null,
        Form::Bool(value) => Value::Bool(*value),
        Form::Int(value) => Value::from(*value),
        Form::Inexact(text) | Form::Text(text) => Value::from(text.as_str()),
        Form::List(items) => items.iter().map(to_json).collect(),
        Form::Map(entries) => {
            let there = entries.iter().filter(|(_, value)| *value != Form::Null);
            Value::Object(there.map(|(key, value)| (key.clone(), to_json(value))).collect())
        }
    }
}

/// The text at `employer.id`, as far as it can serve as an id.
#[must_use]
pub fn employer_id(form: &Form) -> Option<&str> {
    match field(field(form, "employer")?, "id")? {
        Form::Text(id) if id.chars().nth(ID_CHARS_MAX).is_none() => Some(id),
        _ => None,
    }
}

fn field<'a>(form: &'a Form, name: &str) -> Option<&'a Form> {
    let Form::Map(fields) = form else { return None };
    fields.iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// Lets serde build the engine's type, which knows no serde.
struct Json(Form);

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FormVisitor).map(Json)
    }
}

struct FormVisitor;

impl<'de> Visitor<'de> for FormVisitor {
    type Value = Form;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Form, E> {
        Ok(Form::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Form, E> {
        Ok(Form::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Form, E> {
        Ok(Form::Int(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Form, E> {
        Ok(i64::try_from(value).map_or_else(|_| Form::Inexact(value.to_string()), Form::Int))
    }

    // The JSON reader gives fractions and exponents as floats. They are refused anyway, so the shortest text that
    // gives the same float is good enough to show; nothing is computed with it.
    fn visit_f64<E>(self, value: f64) -> Result<Form, E> {
        Ok(Form::Inexact(format!("{value:?}")))
    }

    fn visit_str<E>(self, value: &str) -> Result<Form, E> {
        Ok(Form::Text(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Form, E> {
        Ok(Form::Text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Form, A::Error> {
        let mut list = Vec::new();
        while let Some(Json(item)) = items.next_element()? {
            list.push(item);
        }
        Ok(Form::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Form, A::Error> {
        let mut fields = Vec::new();
        while let Some((key, Json(value))) = entries.next_entry()? {
            fields.push((key, value));
        }
        Ok(Form::Map(fields))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn print(form: &Form) -> String {
        let quote = |text: &str| serde_json::to_string(text).unwrap();
        match form {
            Form::Null => "null".into(),
            Form::Bool(value) => value.to_string(),
            Form::Int(value) => value.to_string(),
            Form::Inexact(text) => text.clone(),
            Form::Text(text) => quote(text),
            Form::List(items) => format!("[{}]", items.iter().map(print).collect::<Vec<_>>().join(",")),
            Form::Map(fields) => {
                let fields: Vec<_> =
                    fields.iter().map(|(k, v)| format!("{}: {}", quote(k), print(v))).collect();
                format!("{{{}}}", fields.join(" , "))
            }
        }
    }

    fn forms() -> impl Strategy<Value = Form> {
        let leaf = prop_oneof![
            Just(Form::Null),
            any::<bool>().prop_map(Form::Bool),
            any::<i64>().prop_map(Form::Int),
            Just(Form::Inexact("0.019".into())),
            ".{0,8}".prop_map(Form::Text),
        ];
        leaf.prop_recursive(5, 40, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(Form::List),
                // Keys of one letter repeat often.
                prop::collection::vec(("[ab]", inner), 0..5).prop_map(Form::Map),
            ]
        })
    }

    proptest! {
        #[test]
        fn values_round_trip(form in forms()) {
            prop_assert_eq!(parse(&print(&form)).unwrap(), form);
        }

        #[test]
        fn never_panics(text in "[\\[\\]{}:,\"a0-9.eE+\\\\u-]{0,40}|.{0,40}") {
            let _ = parse(&text);
        }
    }

    #[test]
    fn numbers_stay_exact() {
        for (text, form) in [
            ("0", Form::Int(0)),
            ("-1", Form::Int(-1)),
            ("9223372036854775807", Form::Int(i64::MAX)),
            ("-9223372036854775808", Form::Int(i64::MIN)),
            ("9223372036854775808", Form::Inexact("9223372036854775808".into())),
            ("1.0", Form::Inexact("1.0".into())),
            ("1e3", Form::Inexact("1000.0".into())),
            ("0.019", Form::Inexact("0.019".into())),
            ("100000000000000000000", Form::Inexact("1e20".into())),
        ] {
            assert_eq!(parse(text).unwrap(), form, "{text}");
        }
    }

    #[test]
    fn duplicates_are_kept() {
        let form = parse(r#"{"employer":{"id":"A","id":"B"},"x":1,"x":1}"#).unwrap();
        assert_eq!(employer_id(&form), Some("A"));
        let Form::Map(fields) = form else { panic!("a map") };
        assert_eq!(fields.iter().map(|(k, _)| k.as_str()).collect::<Vec<_>>(), ["employer", "x", "x"]);
    }

    #[test]
    fn bad_json_is_refused() {
        let deep = "[".repeat(100_000);
        for text in ["", "{", "{}{}", "nul", "{'a':1}", "[1,]", "01", "1e999", r#""\ud800""#, "\"\n\"", &deep]
        {
            let broken = parse(text).unwrap_err();
            assert_eq!(broken.reason, "not_json");
            assert!(broken.message.en.len() < 200);
        }
    }

    #[test]
    fn the_employer_is_found_where_it_can_be() {
        let long = format!(r#"{{"employer":{{"id":"{}"}}}}"#, "9".repeat(ID_CHARS_MAX + 1));
        for (text, id) in [
            (r#"{"employer":{"id":"X"}}"#, Some("X")),
            (r#"{"employer":{"id":1}}"#, None),
            (r#"{"employer":"X"}"#, None),
            ("[]", None),
            (&long, None),
        ] {
            assert_eq!(employer_id(&parse(text).unwrap()), id);
        }
    }
}
