//! A record as it is kept: its canonical form as JSON.

use crate::exchange::json;
use crate::store::StoreError;
use crate::store::ledger::hex;
use crate::store::tables::records::NewRecord;
use floatrate_engine::limits::VALUE_PLACES;
use floatrate_engine::record::{Declared, FactKind, Form, Record};

/// A record's canonical JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body(pub Vec<u8>);

impl Body {
    /// The body of a record that was read with what the plans declare.
    #[must_use]
    pub fn of(record: &Record, declared: &Declared) -> Self {
        Self(record.to_form(declared).to_json().into_bytes())
    }

    /// The record to keep.
    #[must_use]
    pub fn keep(self, record: &Record) -> NewRecord {
        NewRecord {
            employer_id: record.employer.id.clone(),
            region: record.employer.region.clone().unwrap_or_default(),
            digest: *blake3::hash(&self.0).as_bytes(),
            body: self.0,
        }
    }

    /// The form.
    ///
    /// # Errors
    ///
    /// The bytes are not those of a record.
    pub fn form(&self) -> Result<Form, StoreError> {
        let text = std::str::from_utf8(&self.0).map_err(|_| StoreError::broken("a record is not UTF-8"))?;
        json::parse(text).map_err(|why| StoreError::broken(format!("a record: {}", why.message.en)))
    }

    /// The record, and what it declares. It may hold facts that no plan declares any more: a booleans and numbers are
    /// told apart by how they are written, so what was kept under any release is read under every later one.
    ///
    /// # Errors
    ///
    /// The bytes are not those of a record.
    pub fn record(&self) -> Result<(Record, Declared), StoreError> {
        let form = self.form()?;
        let declared = declared(&form);
        let record = Record::from_form(&form, &declared).map_err(|violations| {
            let first = violations.first().map(|v| format!("{}: {}", v.field, v.reason()));
            StoreError::broken(format!("a record: {}", first.unwrap_or_default()))
        })?;
        Ok((record, declared))
    }
}

/// What a kept record's facts and values are.
fn declared(form: &Form) -> Declared {
    let field = |of: &Form, name: &str| match of {
        Form::Map(fields) => fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.clone()),
        _ => None,
    };
    let kind = |value: &Form| {
        let first = match value {
            Form::List(spans) => spans.first().and_then(|span| field(span, "value")),
            other => Some(other.clone()),
        };
        match first {
            Some(Form::Bool(_)) => FactKind::Boolean,
            _ => FactKind::Number { places: VALUE_PLACES },
        }
    };
    let mut out = Declared::default();
    if let Some(Form::Map(facts)) = field(form, "facts") {
        out.facts.extend(facts.iter().map(|(name, value)| (name.clone(), kind(value))));
    }
    if let Some(Form::List(periods)) = field(form, "periods") {
        for period in &periods {
            if let Some(Form::Map(values)) = field(period, "values") {
                out.values.extend(values.iter().map(|(name, value)| (name.clone(), kind(value))));
            }
        }
    }
    out
}

/// Changes with an employer's newest version.
#[must_use]
pub fn etag(version: i64, digest: &[u8; 32]) -> String {
    format!("{version}-{}", &hex(digest)[..16])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plans;

    #[test]
    fn what_is_kept_is_read_again() {
        let text = r#"{"employer":{"id":"A","insured_since":"2015-03-01","name":"甲\"公司"},
            "periods":[{"start":"2023-01-01","end":"2023-12-31","headcount":"4.5","values":{"hours_worked":"1.5"}}],
            "facts":{"fraud":true,"arrears_months":[{"from":"2023-01-01","value":"2"}],"blacklisted":[{"to":"2024-01-01","value":false}]}}"#;
        let catalog = plans::to_rate(None).unwrap();
        let record = Record::from_form(&json::parse(text).unwrap(), catalog.declared()).unwrap();
        let body = Body::of(&record, catalog.declared());
        let (again, declared) = body.record().unwrap();
        assert_eq!(again, record);
        assert_eq!(declared.facts["fraud"], FactKind::Boolean);
        assert_eq!(Body::of(&again, &declared), body);
    }
}
