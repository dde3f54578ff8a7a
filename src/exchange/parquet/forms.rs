//! Rows of columns to the forms that JSON gives.

use super::schema::{RECORD, SPAN, Shape, field};
use crate::exchange::personal::screened;
use crate::exchange::{Input, Place};
use arrow_array::cast::AsArray;
use arrow_array::types::{
    Date32Type, Decimal128Type, Decimal256Type, Int8Type, Int16Type, Int32Type, Int64Type, UInt8Type,
    UInt16Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, RecordBatch};
use arrow_schema::DataType;
use floatrate_engine::limits::{CLAIMS_MAX, FACT_SPANS_MAX, PERIODS_MAX};
use floatrate_engine::record::Form;

/// Rows that were read at once.
#[derive(Clone, Debug)]
pub struct Rows {
    pub(super) batch: RecordBatch,
    /// Number of the first row in the file, counted from 1.
    pub(super) first: u64,
}

impl Rows {
    /// The inputs of the rows. Pure, so rows can be parsed on many threads.
    #[must_use]
    pub fn parse(&self) -> Vec<Input> {
        let row = |at: usize| {
            let fields = self.batch.schema_ref().fields().iter().zip(self.batch.columns());
            let fields = fields.filter_map(|(found, column)| {
                Some((found.name().clone(), form(column, field(RECORD, found.name())?, found.name(), at)))
            });
            let place = Place { file: None, line: self.first + at as u64 };
            let form = Ok(Form::Map(fields.collect()));
            screened(Input { place, form, periods: Vec::new(), claims: Vec::new() })
        };
        (0..self.batch.num_rows()).map(row).collect()
    }

    /// The rows in portions of about as many periods and claims.
    pub(super) fn split(self, items_max: usize, rows_max: usize) -> Vec<Self> {
        let lists: Vec<_> =
            self.batch.columns().iter().filter_map(|column| column.as_list_opt::<i32>()).collect();
        let items = |row: usize| {
            lists.iter().map(|list| usize::try_from(list.value_length(row)).unwrap_or(0)).sum::<usize>()
        };
        let (mut out, mut from, mut held) = (Vec::new(), 0, 0);
        let count = self.batch.num_rows();
        for row in 0..count {
            held += items(row);
            if held >= items_max || row + 1 - from >= rows_max || row + 1 == count {
                let batch = self.batch.slice(from, row + 1 - from);
                out.push(Self { batch, first: self.first + from as u64 });
                (from, held) = (row + 1, 0);
            }
        }
        out
    }
}

fn form(column: &dyn Array, shape: Shape, name: &str, row: usize) -> Form {
    if column.is_null(row) {
        return Form::Null;
    }
    match (shape, column.data_type()) {
        (Shape::Struct(known), DataType::Struct(fields)) => {
            let parts = fields.iter().zip(column.as_struct().columns());
            let parts = parts.filter_map(|(found, part)| {
                Some((found.name().clone(), form(part, field(known, found.name())?, found.name(), row)))
            });
            Form::Map(parts.filter(|(_, form)| *form != Form::Null).collect())
        }
        (Shape::List(item), DataType::List(_)) => {
            // One too many is enough for the record check to refuse the record.
            let most = if name == "claims" { CLAIMS_MAX } else { PERIODS_MAX } + 1;
            list(column, *item, row, most)
        }
        (Shape::Fact, DataType::List(_)) => list(column, Shape::Struct(SPAN), row, FACT_SPANS_MAX + 1),
        (Shape::Named(value), DataType::Struct(fields)) => {
            let parts = fields.iter().zip(column.as_struct().columns());
            let parts =
                parts.map(|(found, part)| (found.name().clone(), form(part, *value, found.name(), row)));
            Form::Map(parts.filter(|(_, form)| *form != Form::Null).collect())
        }
        (Shape::Named(value), DataType::Map(..)) => {
            let entries = column.as_map().value(row);
            let (keys, values) = (entries.column(0).as_string_view(), entries.column(1));
            // More names than a plan can have are refused by the first that is unknown.
            let count = keys.len().min(NAMES_MAX);
            let parts = (0..count).map(|at| (keys.value(at).to_string(), form(values, *value, "", at)));
            Form::Map(parts.collect())
        }
        (shape, data) => scalar(column, shape, data, row),
    }
}

/// Facts or values of one row that are looked at.
const NAMES_MAX: usize = 100_000;

fn list(column: &dyn Array, item: Shape, row: usize, most: usize) -> Form {
    let items = column.as_list::<i32>().value(row);
    Form::List((0..items.len().min(most)).map(|at| form(&items, item, "", at)).collect())
}

fn scalar(column: &dyn Array, shape: Shape, data: &DataType, row: usize) -> Form {
    let number = match data {
        DataType::Utf8View => return Form::Text(column.as_string_view().value(row).to_string()),
        DataType::Boolean => return Form::Bool(column.as_boolean().value(row)),
        DataType::Date32 => return Form::Text(date(column.as_primitive::<Date32Type>().value(row))),
        DataType::Decimal128(_, scale) => {
            return Form::Text(decimal(
                column.as_primitive::<Decimal128Type>().value(row).to_string(),
                *scale,
            ));
        }
        DataType::Decimal256(_, scale) => {
            return Form::Text(decimal(
                column.as_primitive::<Decimal256Type>().value(row).to_string(),
                *scale,
            ));
        }
        DataType::Int8 => i64::from(column.as_primitive::<Int8Type>().value(row)),
        DataType::Int16 => i64::from(column.as_primitive::<Int16Type>().value(row)),
        DataType::Int32 => i64::from(column.as_primitive::<Int32Type>().value(row)),
        DataType::Int64 => column.as_primitive::<Int64Type>().value(row),
        DataType::UInt8 => i64::from(column.as_primitive::<UInt8Type>().value(row)),
        DataType::UInt16 => i64::from(column.as_primitive::<UInt16Type>().value(row)),
        DataType::UInt32 => i64::from(column.as_primitive::<UInt32Type>().value(row)),
        DataType::UInt64 => {
            let value = column.as_primitive::<UInt64Type>().value(row);
            match i64::try_from(value) {
                Ok(value) => value,
                Err(_) => return Form::Inexact(value.to_string()),
            }
        }
        // The schema was checked, so there is no other type.
        _ => return Form::Inexact("?".to_string()),
    };
    match shape {
        Shape::Int => Form::Int(number),
        _ => Form::Text(number.to_string()),
    }
}

/// The digits of a decimal and its scale as the shortest text.
fn decimal(digits: String, scale: i8) -> String {
    let places = usize::try_from(scale).unwrap_or(0);
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits.as_str()), |rest| ("-", rest));
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (whole, fraction) = padded.split_at(padded.len() - places);
    let fraction = fraction.trim_end_matches('0');
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

/// Days since 1970-01-01 as an ISO date. What lies outside four-digit years stays a number for the record check to
/// refuse.
fn date(days: i32) -> String {
    let date = time::Date::from_julian_day(days.saturating_add(2_440_588));
    match date {
        Ok(date) if (0..=9999).contains(&date.year()) => {
            format!("{:04}-{:02}-{:02}", date.year(), u8::from(date.month()), date.day())
        }
        _ => format!("{days} days after 1970-01-01"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals() {
        for (digits, scale, expected) in [
            ("19", 3, "0.019"),
            ("19000", 6, "0.019"),
            ("0", 4, "0"),
            ("100", 2, "1"),
            ("-5", 1, "-0.5"),
            ("42", 0, "42"),
        ] {
            assert_eq!(decimal(digits.to_string(), scale), expected);
        }
    }

    #[test]
    fn dates() {
        for (days, expected) in [
            (0, "1970-01-01"),
            (19481, "2023-05-04"),
            (-25567, "1900-01-01"),
            (i32::MAX, "2147483647 days after 1970-01-01"),
            (i32::MIN, "-2147483648 days after 1970-01-01"),
        ] {
            assert_eq!(date(days), expected);
        }
    }
}
