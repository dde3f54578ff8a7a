//! A kept result line as cells: what [`ResultRow::csv`](super::results::ResultRow::csv) writes, from its JSON.

use super::escape;
use super::results::ResultRow;
use floatrate_engine::record::Form;

/// The cells of a result line, in the order of [`ResultRow::COLUMNS`]. The line is read as a form, which keeps the order
/// of its fields.
#[must_use]
pub fn cells(line: &Form) -> [String; 23] {
    ResultRow::COLUMNS.map(|name| cell(line, name))
}

fn cell(line: &Form, name: &str) -> String {
    let value = field(line, name);
    let pairs = |first: &str, second: &str| {
        let pair = |row: &Form| format!("{}={}", plain(field(row, first)), plain(field(row, second)));
        joined(items(value).iter().map(pair))
    };
    match name {
        "charged" => pairs("from", "rate"),
        "components" => pairs("from", "step"),
        "measures" | "portfolio" => {
            let fields = if let Form::Map(fields) = value { fields.as_slice() } else { &[] };
            joined(fields.iter().map(|(name, value)| format!("{name}={}", plain(value))))
        }
        "reasons" | "flags" | "assumed" => joined(items(value).iter().map(plain)),
        "explanation" => {
            let paragraphs = items(field(value, "paragraphs")).iter();
            let texts: Vec<String> = paragraphs.map(|p| plain(field(p, "text"))).collect();
            escape(&texts.join("\n")).into_owned()
        }
        "language" => plain(field(field(line, "explanation"), "language")),
        "employer_id" => escape(&plain(value)).into_owned(),
        _ => plain(value),
    }
}

fn field<'f>(of: &'f Form, name: &str) -> &'f Form {
    match of {
        Form::Map(fields) => {
            fields.iter().find(|(known, _)| known == name).map_or(&Form::Null, |(_, value)| value)
        }
        _ => &Form::Null,
    }
}

fn items(of: &Form) -> &[Form] {
    if let Form::List(items) = of { items } else { &[] }
}

fn joined(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join("; ")
}

fn plain(value: &Form) -> String {
    match value {
        Form::Null => String::new(),
        Form::Text(text) => text.clone(),
        other => other.to_json(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::json;
    use crate::plans;
    use crate::rate::{Desk, Explain};
    use crate::synth::{SynthOptions, employer};
    use floatrate_engine::Lang;
    use std::sync::Arc;

    #[test]
    fn cells_are_those_of_the_row() {
        let catalog = plans::to_rate(None).unwrap();
        let plan = catalog.plan("cn-510400-2021").unwrap();
        let program = Arc::new(plan.compile_with("2026-01-01".parse().unwrap(), &[]).unwrap());
        let options = SynthOptions {
            employers: 60,
            seed: 5,
            region: "510400".into(),
            first_year: 2023,
            last_year: 2025,
        };
        let form = |index| json::parse(&serde_json::to_string(&employer(&options, index)).unwrap()).unwrap();
        let forms: Vec<_> = (0..60).map(form).collect();
        for explain in [Explain::None, Explain::Rules] {
            let desk = Desk::new(Arc::clone(&program), catalog.declared().clone(), explain, Lang::Zh);
            for row in desk.rate_forms(&forms) {
                let mut row = row.unwrap();
                row.employer_id.insert(0, '=');
                let line = json::parse(&serde_json::to_string(&row).unwrap()).unwrap();
                assert_eq!(cells(&line), row.csv());
            }
        }
    }
}
