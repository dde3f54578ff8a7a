//! The columns that a Parquet file of records may have, by name and type; what is wrong with a file's is told at once.

use crate::exchange::{Error, personal};
use arrow_schema::{DataType, Field, FieldRef, Fields, Schema, SchemaRef};
use floatrate_engine::diagnostic::nearest;
use std::sync::Arc;

/// What a column holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// INT64 or smaller.
    Int,
    /// DATE, or ISO text.
    Date,
    /// STRING, DECIMAL or a whole number.
    Decimal,
    /// STRING.
    Text,
    /// A fact or value: STRING, DECIMAL, BOOLEAN or a whole number.
    Value,
    /// A fact: a value, or a list of them with their days.
    Fact,
    /// Named facts or values: MAP or STRUCT.
    Named(&'static Shape),
    Struct(&'static [(&'static str, Shape)]),
    List(&'static Shape),
}

use Shape::{Date, Decimal, Fact, Int, List, Named, Struct, Text, Value};

pub(super) const RECORD: &[(&str, Shape)] = &[
    ("employer", Struct(EMPLOYER)),
    ("periods", List(&Struct(PERIOD))),
    ("claims", List(&Struct(CLAIM))),
    ("facts", Named(&Fact)),
];

const EMPLOYER: &[(&str, Shape)] = &[
    ("id", Text),
    ("name", Text),
    ("region", Text),
    ("industry", Struct(&[("standard", Text), ("code", Text)])),
    ("risk_class", Int),
    ("insured_since", Date),
    ("first_insured", Date),
    ("prior", Struct(&[("rate", Decimal), ("tier", Decimal), ("unlimited_rate", Decimal)])),
];

const PERIOD: &[(&str, Shape)] = &[
    ("start", Date),
    ("end", Date),
    ("class", Text),
    ("payroll", Int),
    ("contributions_due", Int),
    ("contributions_paid", Int),
    ("headcount", Decimal),
    ("months_insured", Int),
    ("values", Named(&Value)),
];

const CLAIM: &[(&str, Shape)] = &[
    ("id", Text),
    ("event", Text),
    ("class", Text),
    ("date", Date),
    ("cause", Text),
    ("outcome", Text),
    ("count", Int),
    ("paid_on", Date),
    ("benefits_paid", Int),
    ("reserve", Int),
];

pub(super) const SPAN: &[(&str, Shape)] = &[("from", Date), ("to", Date), ("value", Value)];

/// The shape of a field of a structure.
pub(super) fn field(fields: &[(&'static str, Shape)], name: &str) -> Option<Shape> {
    fields.iter().find(|(known, _)| *known == name).map(|(_, shape)| *shape)
}

#[derive(Default)]
struct Mistakes {
    en: Vec<String>,
    zh: Vec<String>,
}

impl Mistakes {
    fn push(&mut self, en: String, zh: String) {
        self.en.push(en);
        self.zh.push(zh);
    }
}

/// Checks the columns of a file, and gives the types to read them as: texts as views, so that a dictionary's text
/// that stands in a million rows is kept once.
pub(super) fn check(schema: &Schema, what: &str) -> Result<SchemaRef, Error> {
    let mut mistakes = Mistakes::default();
    structure(schema.fields(), RECORD, "", &mut mistakes);
    if schema.fields().find("employer").is_none() {
        mistakes.push("column `employer` is missing".to_string(), "缺少列“employer”".to_string());
    }
    if mistakes.en.is_empty() {
        return Ok(Arc::new(Schema::new(views(schema.fields()))));
    }
    Err(Error::usage(
        format!("{what}: {}", mistakes.en.join("; ")),
        format!("{what}：{}", mistakes.zh.join("；")),
    ))
}

fn structure(fields: &Fields, known: &[(&'static str, Shape)], prefix: &str, mistakes: &mut Mistakes) {
    for (index, found) in fields.iter().enumerate() {
        let name = found.name();
        let path = format!("{prefix}{name}");
        if fields.iter().take(index).any(|other| other.name() == name) {
            mistakes.push(format!("column `{path}` is there twice"), format!("列“{path}”重复"));
        }
        match field(known, name) {
            Some(shape) => column(found, shape, &path, mistakes),
            None if personal::is_personal(name) => {
                let told = personal::told(&[format!("`{path}`")]);
                mistakes.push(format!("column {}", told.en), format!("列 {}", told.zh));
            }
            None => {
                let near = nearest(name, known.iter().map(|(name, _)| *name));
                let names = known.iter().map(|(name, _)| *name).collect::<Vec<_>>();
                let near = near.map_or_else(|| names.join(", "), str::to_string);
                mistakes.push(
                    format!("column `{path}` is unknown (did you mean {near}?)"),
                    format!("列“{path}”无法识别（是否为 {near}？）"),
                );
            }
        }
    }
}

fn column(found: &Field, shape: Shape, path: &str, mistakes: &mut Mistakes) {
    let data = found.data_type();
    let text = matches!(data, DataType::Utf8);
    let whole = is_whole(data);
    let decimal =
        matches!(data, DataType::Decimal128(_, scale) | DataType::Decimal256(_, scale) if *scale >= 0);
    let expected = match shape {
        Int if whole => return,
        Int => "INT64",
        Date if text || *data == DataType::Date32 => return,
        Date => "DATE",
        Decimal if text || whole || decimal => return,
        Decimal => "STRING or DECIMAL",
        Text if text => return,
        Text => "STRING",
        Value | Fact if text || whole || decimal || *data == DataType::Boolean => return,
        Value => "STRING, DECIMAL or BOOLEAN",
        Fact => match data {
            DataType::List(item) => match item.data_type() {
                DataType::Struct(fields) => return structure(fields, SPAN, &format!("{path}[]."), mistakes),
                _ => "a LIST of STRUCT with from, to and value",
            },
            _ => "STRING, DECIMAL, BOOLEAN or a LIST",
        },
        Named(value) => match data {
            DataType::Struct(fields) => {
                for (index, found) in fields.iter().enumerate() {
                    let path = format!("{path}.{}", found.name());
                    if personal::is_personal(found.name()) {
                        let told = personal::told(&[format!("`{path}`")]);
                        mistakes.push(format!("column {}", told.en), format!("列 {}", told.zh));
                    }
                    if fields.iter().take(index).any(|other| other.name() == found.name()) {
                        mistakes.push(format!("column `{path}` is there twice"), format!("列“{path}”重复"));
                    }
                    column(found, *value, &path, mistakes);
                }
                return;
            }
            DataType::Map(entry, _) => match entry.data_type() {
                DataType::Struct(fields) if fields.len() == 2 && *fields[0].data_type() == DataType::Utf8 => {
                    return column(&fields[1], *value, &format!("{path}[]"), mistakes);
                }
                _ => "a MAP with STRING keys",
            },
            _ => "MAP or STRUCT",
        },
        Struct(known) => match data {
            DataType::Struct(fields) => return structure(fields, known, &format!("{path}."), mistakes),
            _ => "STRUCT",
        },
        List(item) => match data {
            DataType::List(found) => return column(found, *item, &format!("{path}[]"), mistakes),
            _ => "LIST",
        },
    };
    let shown = match data {
        DataType::Float16 | DataType::Float32 => "FLOAT, which is not exact".to_string(),
        DataType::Float64 => "DOUBLE, which is not exact".to_string(),
        DataType::Binary => "BINARY without the mark of a STRING".to_string(),
        other => other.to_string().chars().take(100).collect(),
    };
    let chinese = match data {
        DataType::Float16 | DataType::Float32 | DataType::Float64 => "（浮点数不精确）",
        _ => "",
    };
    mistakes.push(
        format!("column `{path}` is {shown}; expected {expected}"),
        format!("列“{path}”的类型为 {data}{chinese}，应为 {expected}"),
    );
}

fn is_whole(data: &DataType) -> bool {
    matches!(
        data,
        DataType::Int8
            | DataType::Int16
            | DataType::Int32
            | DataType::Int64
            | DataType::UInt8
            | DataType::UInt16
            | DataType::UInt32
            | DataType::UInt64
    )
}

fn views(fields: &Fields) -> Fields {
    fields.iter().map(view).collect()
}

fn view(field: &FieldRef) -> FieldRef {
    let data = match field.data_type() {
        DataType::Utf8 => DataType::Utf8View,
        DataType::Struct(fields) => DataType::Struct(views(fields)),
        DataType::List(item) => DataType::List(view(item)),
        DataType::Map(entry, sorted) => DataType::Map(view(entry), *sorted),
        other => other.clone(),
    };
    Arc::new(field.as_ref().clone().with_data_type(data))
}
