//! The TOML of a mapping, read so that every mistake is told at once with its line.

use super::super::Error;
use super::super::columns::{Table, Target, target};
use super::super::personal::is_personal;
use super::convert::{DateForm, Unit};
use super::{Mapping, Rule, TableMapping, field_of};
use floatrate_engine::diagnostic::nearest;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Mistakes that are told of one file.
const MISTAKES_SHOWN: usize = 50;

struct Reader<'a> {
    text: &'a str,
    /// Line, English, Chinese.
    mistakes: Vec<(usize, String, String)>,
}

type Entry<'t, 'a> = (&'t str, Range<usize>, &'t Spanned<DeValue<'a>>);

pub(super) fn read(text: &str, what: &str) -> Result<Mapping, Error> {
    let (table, errors) = DeTable::parse_recoverable(text);
    let mut reader = Reader { text, mistakes: Vec::new() };
    for error in errors {
        let at = error.span().unwrap_or(0..0);
        let why = error.message().replace('\n', "; ");
        reader.mistake(&at, format!("the text is not TOML: {why}"), format!("不是有效的 TOML：{why}"));
    }
    let mapping = reader.mapping(table.get_ref());
    let mut mistakes = reader.mistakes;
    if mistakes.is_empty() {
        return Ok(mapping);
    }
    mistakes.sort();
    let more = mistakes.len().saturating_sub(MISTAKES_SHOWN);
    mistakes.truncate(MISTAKES_SHOWN);
    let mut en: Vec<_> = mistakes.iter().map(|(line, en, _)| format!("{what}:{line}: {en}")).collect();
    let mut zh: Vec<_> = mistakes.iter().map(|(line, _, zh)| format!("{what} 第 {line} 行：{zh}")).collect();
    if more > 0 {
        en.push(format!("and {more} more mistakes"));
        zh.push(format!("另有 {more} 处错误"));
    }
    Err(Error::usage(en.join("\n"), zh.join("\n")))
}

impl Reader<'_> {
    fn mistake(&mut self, at: &Range<usize>, en: impl Into<String>, zh: impl Into<String>) {
        let before = self.text.as_bytes().get(..at.start).unwrap_or(self.text.as_bytes());
        let line = before.iter().filter(|&&b| b == b'\n').count() + 1;
        self.mistakes.push((line, en.into(), zh.into()));
    }

    fn mapping(&mut self, table: &DeTable<'_>) -> Mapping {
        let mut mapping = Mapping::default();
        for (name, at, value) in entries(table) {
            let known = Table::ALL.into_iter().find(|table| table.name() == name);
            match (known, name) {
                (Some(table), _) => mapping.tables[table as usize] = self.table(table, value),
                (None, "values") => mapping.values = self.values(value),
                (None, "name") => drop(self.text_of(value)),
                _ => self.unknown(&at, name, &["name", "employers", "periods", "claims", "values"]),
            }
        }
        mapping
    }

    fn table(&mut self, table: Table, value: &Spanned<DeValue<'_>>) -> TableMapping {
        let mut out = TableMapping::default();
        let Some(parts) = self.map_of(value) else { return out };
        for (name, at, value) in parts {
            match name {
                "columns" => self.columns(table, value, &mut out),
                "constants" => self.constants(table, value, &mut out),
                "ignore" => self.ignore(value, &mut out),
                _ => self.unknown(&at, name, &["columns", "constants", "ignore"]),
            }
        }
        let both: Vec<_> =
            out.ignored.iter().filter(|name| out.columns.contains_key(*name)).cloned().collect();
        for name in both {
            self.mistake(
                &value.span(),
                format!("`{name}` stands under columns and under ignore"),
                format!("“{name}”同时列在 columns 与 ignore 中"),
            );
        }
        out
    }

    fn columns(&mut self, table: Table, value: &Spanned<DeValue<'_>>, out: &mut TableMapping) {
        for (name, at, value) in self.map_of(value).unwrap_or_default() {
            let rule = match value.get_ref() {
                DeValue::String(to) => Some(Rule { to: to.to_string(), unit: None, date: None }),
                _ => self.rule(value),
            };
            let Some(mut rule) = rule else { continue };
            if !self.may_name(&at, name) {
                continue;
            }
            let Some((field, _)) = self.target(&value.span(), table, &rule.to) else { continue };
            if rule.unit.is_some_and(|unit| unit.is_money() != field.is_amount()) || no_number(&field, &rule)
            {
                let to = &rule.to;
                self.mistake(
                    &value.span(),
                    format!("`{to}` is not written in that unit"),
                    format!("“{to}”不能用该单位"),
                );
            }
            if rule.date.is_some() && !field.is_date() {
                let to = &rule.to;
                self.mistake(&value.span(), format!("`{to}` is not a date"), format!("“{to}”不是日期"));
            }
            // The last month of a period counts to its end.
            if rule.date == Some(DateForm::MonthFirst) && field == Target::Field("end") && is_plain(value) {
                rule.date = Some(DateForm::MonthLast);
            } else if rule.date == Some(DateForm::MonthFirst)
                && field.is_date()
                && field != Target::Field("start")
                && is_plain(value)
            {
                self.mistake(
                    &value.span(),
                    "a month is no day: write date = \"yyyymm:first\" or \"yyyymm:last\"",
                    "年月不是日期：请写 date = \"yyyymm:first\" 或 \"yyyymm:last\"",
                );
            }
            if out.columns.insert(name.to_lowercase(), rule).is_some() {
                self.mistake(&at, format!("`{name}` is named twice"), format!("“{name}”重复"));
            }
        }
    }

    /// `{ to = "payroll", unit = "yuan" }`
    fn rule(&mut self, value: &Spanned<DeValue<'_>>) -> Option<Rule> {
        let mut rule = Rule { to: String::new(), unit: None, date: None };
        let parts = self.map_of(value)?;
        for (name, at, part) in parts {
            match name {
                "to" => rule.to = self.text_of(part)?,
                "unit" => {
                    let text = self.text_of(part)?;
                    rule.unit = Unit::NAMES.iter().find(|(name, _)| *name == text).map(|(_, unit)| *unit);
                    if rule.unit.is_none() {
                        self.unknown(&part.span(), &text, &Unit::NAMES.map(|(name, _)| name));
                    }
                }
                "date" => {
                    let text = self.text_of(part)?;
                    rule.date = match text.as_str() {
                        "yyyymmdd" => Some(DateForm::Day),
                        "yyyymm" | "yyyymm:first" => Some(DateForm::MonthFirst),
                        "yyyymm:last" => Some(DateForm::MonthLast),
                        _ => {
                            let known = ["yyyymmdd", "yyyymm", "yyyymm:first", "yyyymm:last"];
                            self.unknown(&part.span(), &text, &known);
                            None
                        }
                    };
                }
                _ => self.unknown(&at, name, &["to", "unit", "date"]),
            }
        }
        if rule.to.is_empty() {
            self.mistake(
                &value.span(),
                "`to` is missing: the field that the column holds",
                "缺少 to：该列对应的字段",
            );
            return None;
        }
        Some(rule)
    }

    fn constants(&mut self, table: Table, value: &Spanned<DeValue<'_>>, out: &mut TableMapping) {
        for (name, at, value) in self.map_of(value).unwrap_or_default() {
            let Some((field, _)) = self.target(&at, table, name) else { continue };
            if field == Target::Field("employer_id")
                || (table == Table::Employers && field == Target::Field("id"))
            {
                self.mistake(
                    &at,
                    "the employer's id differs from row to row",
                    "单位编号每行不同，不能为常量",
                );
                continue;
            }
            let Some(text) = self.text_of(value) else { continue };
            out.constants.push((name.to_string(), text));
        }
    }

    fn ignore(&mut self, value: &Spanned<DeValue<'_>>, out: &mut TableMapping) {
        let DeValue::Array(names) = value.get_ref() else {
            self.mistake(&value.span(), "expected a list of column names", "应为列名的列表");
            return;
        };
        for name in names.iter() {
            let at = name.span();
            let Some(text) = self.text_of(name) else { continue };
            if self.may_name(&at, &text) && !out.ignored.insert(text.to_lowercase()) {
                self.mistake(&at, format!("`{text}` is named twice"), format!("“{text}”重复"));
            }
        }
    }

    fn values(&mut self, value: &Spanned<DeValue<'_>>) -> BTreeMap<String, Arc<BTreeMap<String, String>>> {
        let mut out = BTreeMap::new();
        for (name, at, value) in self.map_of(value).unwrap_or_default() {
            let found = Table::ALL.into_iter().find_map(|table| {
                target(table, name)
                    .filter(|(field, _)| !matches!(field, Target::Wide(..)))
                    .map(|(field, _)| field_of(table, &field))
            });
            let Some(field) = found else {
                self.unknown(&at, name, &field_names(&Table::ALL));
                continue;
            };
            let mut codes = BTreeMap::new();
            for (code, _, value) in self.map_of(value).unwrap_or_default() {
                if let Some(text) = self.text_of(value) {
                    codes.insert(code.to_string(), text);
                }
            }
            out.insert(field, Arc::new(codes));
        }
        out
    }

    /// A column of persons is refused in whatever file, so a mapping that names one promises what is not done.
    fn may_name(&mut self, at: &Range<usize>, name: &str) -> bool {
        let personal = is_personal(name);
        if personal {
            self.mistake(
                at,
                format!("`{name}` holds personal data, which floatrate never takes, not even to ignore it"),
                format!("“{name}”为个人信息，本系统一律不接收，也不能列为忽略"),
            );
        }
        !personal
    }

    fn target(
        &mut self,
        at: &Range<usize>,
        table: Table,
        name: &str,
    ) -> Option<(Target, super::super::columns::Kind)> {
        let found = target(table, name);
        if found.is_none() {
            self.unknown(at, name, &field_names(&[table]));
        }
        found
    }

    fn unknown(&mut self, at: &Range<usize>, name: &str, known: &[&str]) {
        let near = nearest(name, known.iter().copied()).or(known.first().copied()).unwrap_or_default();
        let (name, known) = (shown(name), known.join(", "));
        self.mistake(
            at,
            format!("`{name}` is unknown; known are {known} (nearest: {near})"),
            format!("“{name}”无法识别；可用：{known}（最接近：{near}）"),
        );
    }

    fn text_of(&mut self, value: &Spanned<DeValue<'_>>) -> Option<String> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(text.to_string());
        }
        self.mistake(&value.span(), "expected a text in quotation marks", "应为引号中的文本");
        None
    }

    fn map_of<'t, 'a>(&mut self, value: &'t Spanned<DeValue<'a>>) -> Option<Vec<Entry<'t, 'a>>> {
        if let DeValue::Table(table) = value.get_ref() {
            return Some(entries(table));
        }
        self.mistake(&value.span(), "expected a table", "应为表");
        None
    }
}

/// Whether the unit is one of numbers, and the field holds none.
fn no_number(field: &Target, rule: &Rule) -> bool {
    rule.unit.is_some() && !field.is_amount() && field.places() == 0
}

/// Whether a rule's date is written `yyyymm` and leaves the day open.
fn is_plain(value: &Spanned<DeValue<'_>>) -> bool {
    let DeValue::Table(table) = value.get_ref() else { return false };
    let date = table.get("date").map(|date| date.get_ref());
    matches!(date, Some(DeValue::String(text)) if text.as_ref() == "yyyymm")
}

fn field_names(tables: &[Table]) -> Vec<&'static str> {
    tables.iter().flat_map(|table| table.fields()).map(|field| field.name).collect()
}

/// Entries in the order of the file.
fn entries<'t, 'a>(table: &'t DeTable<'a>) -> Vec<Entry<'t, 'a>> {
    let mut entries: Vec<Entry<'t, 'a>> =
        table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span(), value)).collect();
    entries.sort_by_key(|(_, span, _)| span.start);
    entries
}

/// Enough of a name to find it by.
fn shown(name: &str) -> String {
    name.chars().take(60).collect()
}
