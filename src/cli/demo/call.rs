//! A call for people to copy: the record of one employer, as a request that a shell can send.

use serde_json::{Map, Value, json};

/// The request for a record, given as in JSON Lines. Only facts are written differently there: with their kind.
pub(super) fn request(plan: &str, rating_date: &str, record: &Value) -> Value {
    let mut record = record.clone();
    if let Some(facts) = record.get_mut("facts").and_then(Value::as_object_mut) {
        let kinds: Map<String, Value> = std::mem::take(facts)
            .into_iter()
            .map(|(name, value)| {
                let kind = if value.is_boolean() { "boolean" } else { "decimal" };
                (name, json!({ kind: value }))
            })
            .collect();
        *facts = kinds;
    }
    json!({ "plan": plan, "rating_date": rating_date, "record": record })
}

/// A text as one word of a POSIX shell.
pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_written_with_their_kind() {
        let record = json!({ "employer": { "id": "A" }, "facts": { "fraud": false, "arrears_months": "3" } });
        let expected = json!({
            "plan": "p", "rating_date": "2026-01-01",
            "record": {
                "employer": { "id": "A" },
                "facts": { "fraud": { "boolean": false }, "arrears_months": { "decimal": "3" } },
            },
        });
        assert_eq!(request("p", "2026-01-01", &record), expected);
    }

    #[test]
    fn a_shell_reads_what_was_quoted() {
        for text in ["{\"a\":1}", "it's", "$HOME `ls` \\", "'"] {
            let command = format!("printf %s {}", quoted(text));
            let said = std::process::Command::new("sh").args(["-c", &command]).output().unwrap();
            assert_eq!(String::from_utf8(said.stdout).unwrap(), text);
        }
    }
}
