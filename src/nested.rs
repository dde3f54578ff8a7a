//! Rows with the nesting of JSON as Arrow columns, for Parquet: whatever is written as JSON Lines can be written so.
//!
//! The types are those of a schema, and every value has to have its type; a number never passes through floating
//! point.

use arrow_array::builder::{BooleanBuilder, Date32Builder, Int64Builder, StringBuilder};
use arrow_array::{ArrayRef, ListArray, MapArray, RecordBatch, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{ArrowError, DataType, Field, Fields, SchemaRef};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use serde_json::Value;
use std::collections::HashSet;
use std::io::Write;
use std::sync::Arc;

/// Rows of a row group.
const GROUP_ROWS: usize = 100_000;

/// A column that may be null.
#[must_use]
pub fn column(name: &str, data: DataType) -> Field {
    Field::new(name, data, true)
}

/// A structure of columns.
#[must_use]
pub fn structure(fields: Vec<Field>) -> DataType {
    DataType::Struct(Fields::from(fields))
}

/// A list.
#[must_use]
pub fn list(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new("element", item, true)))
}

/// A map of texts to texts.
#[must_use]
pub fn texts() -> DataType {
    let fields = vec![Field::new("key", DataType::Utf8, false), Field::new("value", DataType::Utf8, true)];
    DataType::Map(Arc::new(Field::new("key_value", structure(fields), false)), false)
}

/// A writer of Parquet, packed with zstd.
///
/// # Errors
/// The first bytes cannot be written.
pub fn writer<W: Write + Send>(out: W, schema: SchemaRef) -> Result<ArrowWriter<W>, ParquetError> {
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_max_row_group_row_count(Some(GROUP_ROWS))
        .set_created_by(format!("floatrate {}", env!("CARGO_PKG_VERSION")))
        .build();
    ArrowWriter::try_new(out, schema, Some(properties))
}

/// The rows as columns. A field that a row lacks is null.
///
/// # Errors
/// A value that has not the type of its column, or a field that no column has.
pub fn batch(schema: &SchemaRef, rows: &[Value]) -> Result<RecordBatch, ArrowError> {
    let rows: Vec<Option<&Value>> = rows.iter().map(Some).collect();
    let columns = columns(schema.fields(), &rows, "")?;
    RecordBatch::try_new(Arc::clone(schema), columns)
}

fn columns(fields: &Fields, rows: &[Option<&Value>], path: &str) -> Result<Vec<ArrayRef>, ArrowError> {
    let names: HashSet<&str> = fields.iter().map(|field| field.name().as_str()).collect();
    for row in rows.iter().copied().flatten() {
        let Value::Object(found) = row else { return Err(wrong(path, row)) };
        if let Some((name, value)) = found.iter().find(|(name, _)| !names.contains(name.as_str())) {
            return Err(wrong(&format!("{path}{name}"), value));
        }
    }
    let column = |field: &Arc<Field>| {
        let values: Vec<_> =
            rows.iter().map(|row| there(row.and_then(|row| row.get(field.name())))).collect();
        array(field.data_type(), &values, &format!("{path}{}", field.name()))
    };
    fields.iter().map(column).collect()
}

/// Null is nothing.
fn there(value: Option<&Value>) -> Option<&Value> {
    value.filter(|value| !value.is_null())
}

fn array(data: &DataType, values: &[Option<&Value>], path: &str) -> Result<ArrayRef, ArrowError> {
    /// Fills a builder with what `read` makes of each value.
    macro_rules! fill {
        ($builder:expr, $read:expr) => {{
            let (mut builder, read) = ($builder, $read);
            for value in values {
                match value {
                    None => builder.append_null(),
                    Some(value) => builder.append_value(read(*value).ok_or_else(|| wrong(path, value))?),
                }
            }
            Arc::new(builder.finish())
        }};
    }
    Ok(match data {
        DataType::Utf8 => fill!(StringBuilder::new(), Value::as_str),
        DataType::Int64 => fill!(Int64Builder::new(), Value::as_i64),
        DataType::Boolean => fill!(BooleanBuilder::new(), Value::as_bool),
        DataType::Date32 => fill!(Date32Builder::new(), |value: &Value| days(value.as_str()?)),
        DataType::Struct(fields) => {
            let nulls = values.iter().map(Option::is_some).collect::<Vec<_>>().into();
            Arc::new(StructArray::try_new(
                fields.clone(),
                columns(fields, values, &format!("{path}."))?,
                Some(nulls),
            )?)
        }
        DataType::List(item) => {
            let (mut items, mut lengths) = (Vec::new(), Vec::with_capacity(values.len()));
            for value in values {
                let found = match value {
                    None => &[],
                    Some(Value::Array(found)) => found.as_slice(),
                    Some(other) => return Err(wrong(path, other)),
                };
                lengths.push(found.len());
                items.extend(found.iter().map(|value| there(Some(value))));
            }
            let nulls = values.iter().map(Option::is_some).collect::<Vec<_>>().into();
            let items = array(item.data_type(), &items, &format!("{path}[]"))?;
            let offsets = OffsetBuffer::from_lengths(lengths);
            Arc::new(ListArray::try_new(Arc::clone(item), offsets, items, Some(nulls))?)
        }
        DataType::Map(entry, _) => {
            let DataType::Struct(fields) = entry.data_type() else {
                return Err(ArrowError::SchemaError(format!("{path} is a map of {}", entry.data_type())));
            };
            let (mut keys, mut items) = (StringBuilder::new(), Vec::new());
            let mut lengths = Vec::with_capacity(values.len());
            for value in values {
                let found = match value {
                    None => None,
                    Some(Value::Object(found)) => Some(found),
                    Some(other) => return Err(wrong(path, other)),
                };
                lengths.push(found.map_or(0, serde_json::Map::len));
                for (key, value) in found.into_iter().flatten() {
                    keys.append_value(key);
                    items.push(there(Some(value)));
                }
            }
            let nulls = values.iter().map(Option::is_some).collect::<Vec<_>>().into();
            let items = array(fields[1].data_type(), &items, &format!("{path}[]"))?;
            let entries = StructArray::try_new(fields.clone(), vec![Arc::new(keys.finish()), items], None)?;
            let offsets = OffsetBuffer::from_lengths(lengths);
            Arc::new(MapArray::try_new(Arc::clone(entry), offsets, entries, Some(nulls), false)?)
        }
        other => return Err(ArrowError::SchemaError(format!("{path} has the type {other}"))),
    })
}

fn wrong(path: &str, value: &Value) -> ArrowError {
    ArrowError::InvalidArgumentError(format!("{path} cannot hold {value}"))
}

/// Days since 1970-01-01.
fn days(iso: &str) -> Option<i32> {
    let mut parts = iso.split('-').map(str::parse::<u16>);
    let (year, month, day) = (parts.next()?.ok()?, parts.next()?.ok()?, parts.next()?.ok()?);
    let month = time::Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = time::Date::from_calendar_date(i32::from(year), month, u8::try_from(day).ok()?).ok()?;
    Some(date.to_julian_day() - 2_440_588)
}

#[cfg(test)]
mod tests {
    use super::*;
    use arrow_array::Array;
    use arrow_array::cast::AsArray;
    use arrow_schema::Schema;
    use serde_json::json;

    fn schema() -> SchemaRef {
        let claim = structure(vec![column("id", DataType::Utf8), column("date", DataType::Date32)]);
        Arc::new(Schema::new(vec![
            column("id", DataType::Utf8),
            column("paid", DataType::Int64),
            column("open", DataType::Boolean),
            column("claims", list(claim)),
            column("facts", texts()),
        ]))
    }

    #[test]
    fn rows_become_columns() {
        let rows = [
            json!({"id": "A", "paid": i64::MAX, "claims": [{"id": "1", "date": "2023-05-04"}, {"id": null}]}),
            json!({"id": "B", "open": true, "facts": {"x": "1", "y": null}}),
        ];
        let found = batch(&schema(), &rows).unwrap();
        assert_eq!(found.num_rows(), 2);
        assert_eq!(found.column(1).as_primitive::<arrow_array::types::Int64Type>().value(0), i64::MAX);
        assert!(found.column(2).is_null(0) && found.column(3).is_null(1) && found.column(4).is_null(0));
        assert_eq!(
            (found.column(3).as_list::<i32>().value_length(0), found.column(4).as_map().value_length(1)),
            (2, 2)
        );
    }

    #[test]
    fn nothing_is_lost_or_bent() {
        for (row, path) in [
            (json!({"id": 5}), "id"),
            (json!({"paid": 1.5}), "paid"),
            (json!({"paid": "5"}), "paid"),
            (json!({"name": "x"}), "name"),
            (json!({"claims": [{"day": 1}]}), "claims[].day"),
            (json!({"claims": [{"date": "2023-02-30"}]}), "claims[].date"),
            (json!({"claims": {}}), "claims"),
            (json!({"facts": {"x": 1}}), "facts[]"),
            (json!(5), ""),
        ] {
            let why = batch(&schema(), &[row]).unwrap_err().to_string();
            assert!(why.contains(&format!("{path} cannot hold")), "{why}");
        }
    }
}
