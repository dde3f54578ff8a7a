//! The tree that every input format is turned into before it is checked.

/// A value of a record's form. Keys keep their order and may repeat: a duplicate is a violation, not a surprise.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Nothing, the same as leaving the field out.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that is not a whole `i64` (a fraction, an exponent, too large), as written; never accepted.
    Inexact(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Form>),
    /// Named fields.
    Map(Vec<(String, Form)>),
}

impl Form {
    /// The form as a line of JSON.
    ///
    /// ```
    /// use floatrate_engine::record::Form;
    /// let form = Form::Map(vec![("id".to_owned(), Form::Text("A\"1".to_owned())), ("count".to_owned(), Form::Int(2))]);
    /// assert_eq!(form.to_json(), r#"{"id":"A\"1","count":2}"#);
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.json(&mut out);
        out
    }

    fn json(&self, out: &mut String) {
        let separated = |out: &mut String, at: usize| {
            if at > 0 {
                out.push(',');
            }
        };
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Self::Int(value) => out.push_str(&value.to_string()),
            Self::Inexact(text) => out.push_str(text),
            Self::Text(text) => quoted(text, out),
            Self::List(items) => {
                out.push('[');
                for (at, item) in items.iter().enumerate() {
                    separated(out, at);
                    item.json(out);
                }
                out.push(']');
            }
            Self::Map(fields) => {
                out.push('{');
                for (at, (name, value)) in fields.iter().filter(|(_, value)| *value != Self::Null).enumerate()
                {
                    separated(out, at);
                    quoted(name, out);
                    out.push(':');
                    value.json(out);
                }
                out.push('}');
            }
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_ascii_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
}
