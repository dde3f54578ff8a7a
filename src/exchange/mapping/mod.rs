//! Mapping files: an agency's own column names, codes and units to those of the contract.
//!
//! A mapping is TOML. For each table it lists columns, constants and what is passed over; code tables hold for a
//! field wherever it stands. Nothing is guessed: a column that the mapping does not name has to have one of the
//! contract's names, and a code that its table does not name is refused with its row.

mod convert;
mod read;

pub(super) use convert::Convert;

use super::Error;
use super::columns::{Kind, Table, Target, target};
use super::limits::MAPPING_BYTES_MAX;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::Read;
use std::path::Path;
use std::sync::Arc;

/// Mappings that come with floatrate, by name.
const SHIPPED: &[(&str, &str)] = &[
    ("agency-codes", include_str!("../../../data/mappings/agency-codes.toml")),
    ("foshan", include_str!("../../../data/mappings/foshan.toml")),
];

/// An agency's names, codes and units.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mapping {
    /// By [`Table`].
    tables: [TableMapping; 3],
    /// Codes by the name of their field.
    values: BTreeMap<String, Arc<BTreeMap<String, String>>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct TableMapping {
    /// By column name in lower case.
    columns: BTreeMap<String, Rule>,
    /// Field and cell.
    constants: Vec<(String, String)>,
    /// Column names in lower case.
    ignored: BTreeSet<String>,
}

/// Where a column goes, and how its cells are written.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    to: String,
    unit: Option<convert::Unit>,
    date: Option<convert::DateForm>,
}

/// A column as a mapping understands it.
pub(super) struct Mapped {
    pub(super) target: Target,
    pub(super) kind: Kind,
    pub(super) convert: Option<Convert>,
}

impl Mapping {
    /// The mapping of that name among those that come with floatrate, or else of that file.
    ///
    /// # Errors
    /// Every mistake of the file with its line, or the system's.
    pub fn load(name: &str) -> Result<Self, Error> {
        if let Some((_, text)) = SHIPPED.iter().find(|(shipped, _)| *shipped == name) {
            return Self::parse(text, name);
        }
        let path = Path::new(name);
        if !path.exists() {
            let shipped = SHIPPED.iter().map(|(shipped, _)| *shipped).collect::<Vec<_>>();
            return Err(Error::usage(
                format!("there is no mapping file {name}, and the shipped ones are {}", shipped.join(", ")),
                format!("没有映射文件 {name}；内置映射：{}", shipped.join("、")),
            ));
        }
        let mut bytes = Vec::new();
        let file = File::open(path).map_err(Error::io(name))?;
        file.take(MAPPING_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(Error::io(name))?;
        if bytes.len() as u64 > MAPPING_BYTES_MAX {
            return Err(Error::usage(
                format!("{name} is larger than the limit of {MAPPING_BYTES_MAX} bytes for a mapping"),
                format!("{name} 超过映射文件上限 {MAPPING_BYTES_MAX} 字节"),
            ));
        }
        let text = String::from_utf8(bytes).map_err(|why| {
            let at = why.utf8_error().valid_up_to() + 1;
            Error::usage(
                format!("{name}: byte {at} is not valid UTF-8"),
                format!("{name}：第 {at} 字节不是有效的 UTF-8"),
            )
        })?;
        Self::parse(&text, name)
    }

    /// Reads the text of a mapping called `what`.
    ///
    /// # Errors
    /// Every mistake at once, each with its line.
    pub fn parse(text: &str, what: &str) -> Result<Self, Error> {
        read::read(text, what)
    }

    /// What a column is, or none where neither the mapping nor the contract knows it.
    pub(super) fn column(&self, table: Table, name: &str) -> Option<Mapped> {
        let (own, lower) = (&self.tables[table as usize], name.to_lowercase());
        if own.ignored.contains(&lower) {
            return Some(Mapped { target: Target::Ignored, kind: Kind::Text, convert: None });
        }
        let rule = own.columns.get(&lower);
        let (target, kind) = target(table, rule.map_or(name, |rule| &rule.to))?;
        let codes = self.values.get(&field_of(table, &target)).cloned();
        let convert = Convert::new(&target, codes, rule.and_then(|r| r.unit), rule.and_then(|r| r.date));
        Some(Mapped { target, kind, convert })
    }

    /// The cells that every row of a table has beside its own.
    pub(super) fn constants(&self, table: Table) -> impl Iterator<Item = (Target, Kind, &str)> {
        let constants = &self.tables[table as usize].constants;
        constants.iter().filter_map(move |(name, cell)| {
            let (target, kind) = target(table, name)?;
            Some((target, kind, cell.as_str()))
        })
    }
}

/// The name that code tables give a target: without the year of a wide column.
fn field_of(table: Table, field: &Target) -> String {
    match field {
        Target::Wide(_, field) => field.name(Table::Periods),
        _ => field.name(table),
    }
}

#[cfg(test)]
mod tests;
