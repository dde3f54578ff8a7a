//! The columns of the three tables: the record's field names, flattened with `_`, and what agencies call them.

use floatrate_engine::limits::{HEADCOUNT_PLACES, RATE_PLACES, VALUE_PLACES, YEAR_MAX, YEAR_MIN};

/// One of the three tables. The order is that of the rows of one employer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub(super) enum Table {
    Employers,
    Periods,
    Claims,
}

impl Table {
    pub(super) const ALL: [Self; 3] = [Self::Employers, Self::Periods, Self::Claims];

    /// The file's name.
    pub(super) fn file(self) -> &'static str {
        match self {
            Self::Employers => "employers.csv",
            Self::Periods => "periods.csv",
            Self::Claims => "claims.csv",
        }
    }

    /// What a mapping and a workbook's sheet call it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Employers => "employers",
            Self::Periods => "periods",
            Self::Claims => "claims",
        }
    }

    /// The fields of the table.
    pub(super) fn fields(self) -> &'static [Field] {
        match self {
            Self::Employers => EMPLOYERS,
            Self::Periods => PERIODS,
            Self::Claims => CLAIMS,
        }
    }
}

/// A column with a fixed name.
pub(super) struct Field {
    pub(super) name: &'static str,
    /// Other headers that are understood.
    pub(super) aliases: &'static [&'static str],
    pub(super) kind: Kind,
    pub(super) required: bool,
}

/// How a cell is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A whole number; any other text stays a text for the record check to refuse.
    Int,
    /// A text, or a decimal that records hold as text.
    Text,
    /// A fact or period value: as text, with the spellings of true and false made one.
    Value,
}

const fn field(name: &'static str, kind: Kind, required: bool, aliases: &'static [&'static str]) -> Field {
    Field { name, aliases, kind, required }
}

/// The employer's key, in all three tables.
const ID: &[&str] = &["employer_id", "统一社会信用代码", "单位编号", "社保登记号", "用人单位编号"];

const EMPLOYERS: &[Field] = &[
    field("id", Kind::Text, true, ID),
    field("name", Kind::Text, false, &["单位名称", "用人单位", "用人单位名称"]),
    field("region", Kind::Text, false, &["统筹地区", "统筹区"]),
    field("industry_standard", Kind::Text, false, &["行业标准", "行业分类标准"]),
    field("industry_code", Kind::Text, false, &["行业", "行业代码"]),
    field("risk_class", Kind::Int, false, &["行业风险类别", "风险类别"]),
    field("insured_since", Kind::Text, true, &["参保日期", "本次参保日期"]),
    field("first_insured", Kind::Text, false, &["首次参保日期"]),
    field("prior_rate", Kind::Text, false, &["上期费率", "上年度费率"]),
    field("prior_tier", Kind::Text, false, &["上期费率档次", "上年度费率档次"]),
    field("prior_unlimited_rate", Kind::Text, false, &["上期未封顶费率"]),
];

const PERIODS: &[Field] = &[
    field("employer_id", Kind::Text, true, ID),
    field("start", Kind::Text, true, &["开始日期", "起始日期"]),
    field("end", Kind::Text, true, &["结束日期", "截止日期", "终止日期"]),
    field("class", Kind::Text, false, &["类别"]),
    field("payroll", Kind::Int, false, &["缴费工资总额"]),
    field("contributions_due", Kind::Int, false, &["应缴工伤保险费"]),
    field("contributions_paid", Kind::Int, false, &["实缴工伤保险费"]),
    field("headcount", Kind::Text, false, &["平均人数", "平均参保人数"]),
    field("months_insured", Kind::Int, false, &["缴费月数", "参保月数"]),
];

const CLAIMS: &[Field] = &[
    field("employer_id", Kind::Text, true, ID),
    field("id", Kind::Text, true, &["工伤案件", "工伤案件编号", "案件编号"]),
    field("event", Kind::Text, false, &["事故编号"]),
    field("class", Kind::Text, false, &["类别"]),
    field("date", Kind::Text, true, &["工伤日期", "事故日期", "受伤日期"]),
    field("cause", Kind::Text, true, &["认定依据"]),
    field("outcome", Kind::Text, true, &["伤情", "伤残等级"]),
    field("count", Kind::Int, false, &["件数", "案件数"]),
    field("paid_on", Kind::Text, false, &["支付日期", "待遇支付日期"]),
    field("benefits_paid", Kind::Int, false, &["待遇支付", "待遇支付金额"]),
    field("reserve", Kind::Int, false, &["未决准备金", "准备金"]),
];

/// The fields of a period that a wide column gives for a calendar year: all but its keys.
fn wide_field(name: &str) -> Option<&'static Field> {
    let keys = ["employer_id", "start", "end", "class"];
    PERIODS.iter().find(|f| f.is_called(name)).filter(|f| !keys.contains(&f.name))
}

impl Field {
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Target {
    /// The field of that name.
    Field(&'static str),
    /// The fact or period value of that name.
    Named(String),
    /// A field of the period of a calendar year.
    Wide(i32, Box<Target>),
    /// Nothing: a mapping says that the column is passed over.
    Ignored,
}

impl Target {
    /// The name that leads to this target.
    pub(super) fn name(&self, table: Table) -> String {
        match self {
            Self::Field(name) => (*name).to_string(),
            Self::Named(name) if table == Table::Employers => format!("facts_{name}"),
            Self::Named(name) => format!("values_{name}"),
            Self::Wide(year, target) => format!("{}_{year}", target.name(Table::Periods)),
            Self::Ignored => String::new(),
        }
    }

    /// Whether it is an amount in minor units.
    pub(super) fn is_amount(&self) -> bool {
        match self {
            Self::Field(name) => {
                ["payroll", "contributions_due", "contributions_paid", "benefits_paid", "reserve"]
                    .contains(name)
            }
            Self::Wide(_, target) => target.is_amount(),
            _ => false,
        }
    }

    /// Whether it is a date.
    pub(super) fn is_date(&self) -> bool {
        let dates = ["insured_since", "first_insured", "start", "end", "date", "paid_on"];
        matches!(self, Self::Field(name) if dates.contains(name))
    }

    /// Places after the point that a number there may have; 0 for whole numbers, codes and texts.
    pub(super) fn places(&self) -> u32 {
        match self {
            Self::Field("headcount") => HEADCOUNT_PLACES,
            Self::Field("prior_rate" | "prior_tier" | "prior_unlimited_rate") => RATE_PLACES,
            Self::Field(_) | Self::Ignored => 0,
            Self::Named(_) => VALUE_PLACES,
            Self::Wide(_, target) => target.places(),
        }
    }
}

/// What a column of that name holds in `table`, and how its cells are read.
pub(super) fn target(table: Table, name: &str) -> Option<(Target, Kind)> {
    if let Some(field) = table.fields().iter().find(|f| f.is_called(name)) {
        return Some((Target::Field(field.name), field.kind));
    }
    let named = |prefix: &str, name: &str| {
        let rest = name.strip_prefix(prefix).filter(|rest| !rest.is_empty())?;
        Some((Target::Named(rest.to_string()), Kind::Value))
    };
    match table {
        Table::Claims => None,
        Table::Periods => named("values_", name),
        Table::Employers => named("facts_", name).or_else(|| {
            let (year, name) = wide(name)?;
            let field = wide_field(name).map(|field| (Target::Field(field.name), field.kind));
            let (target, kind) = field.or_else(|| named("values_", name))?;
            Some((Target::Wide(year, Box::new(target)), kind))
        }),
    }
}

/// `payroll_2023`, or `2023年缴费工资总额` as agencies write it.
fn wide(name: &str) -> Option<(i32, &str)> {
    let (year, name) = match name.split_once('年') {
        Some((year, name)) => (year, name),
        None => name.rsplit_once('_').map(|(name, year)| (year, name))?,
    };
    let year = Some(year).filter(|y| y.len() == 4 && y.bytes().all(|b| b.is_ascii_digit()))?;
    let year = year.parse().ok().filter(|y| (YEAR_MIN..=YEAR_MAX).contains(y))?;
    Some((year, name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn names_lead_to_one_field() {
        for table in Table::ALL {
            let mut seen = HashSet::new();
            for name in table.fields().iter().flat_map(|f| f.aliases.iter().chain([&f.name])) {
                assert!(seen.insert(name) || *name == "employer_id", "{name}");
            }
        }
    }

    #[test]
    fn targets() {
        let wide = |target| Some(Target::Wide(2023, Box::new(target)));
        for (table, name, expected) in [
            (Table::Employers, "单位编号", Some(Target::Field("id"))),
            (Table::Employers, "facts_arrears_months", Some(Target::Named("arrears_months".into()))),
            (Table::Employers, "facts_", None),
            (Table::Employers, "payroll_2023", wide(Target::Field("payroll"))),
            (Table::Employers, "平均人数_2023", wide(Target::Field("headcount"))),
            (Table::Employers, "2023年实缴工伤保险费", wide(Target::Field("contributions_paid"))),
            (Table::Employers, "values_hours_2023", wide(Target::Named("hours".into()))),
            (Table::Employers, "payroll", None),
            (Table::Employers, "payroll_23", None),
            (Table::Employers, "payroll_+023", None),
            (Table::Employers, "payroll_1023", None),
            (Table::Employers, "start_2023", None),
            (Table::Employers, "benefits_paid_2023", None),
            (Table::Periods, "values_hours_worked", Some(Target::Named("hours_worked".into()))),
            (Table::Periods, "payroll_2023", None),
            (Table::Claims, "伤残等级", Some(Target::Field("outcome"))),
            (Table::Claims, "values_x", None),
        ] {
            assert_eq!(target(table, name).map(|(t, _)| t), expected, "{name}");
        }
    }
}
