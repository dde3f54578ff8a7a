//! Values over all employers: those that whoever rates brings, read and held against what a plan asks for.

use floatrate_engine::plan::checked::Checked;
use floatrate_engine::plan::compiled::Frozen;
use std::collections::BTreeMap;

/// What is wrong with one value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Its name.
    pub name: String,
    /// A sentence.
    pub en: String,
    /// The same in Chinese.
    pub zh: String,
}

/// The values that a plan asks for, in its order; none where one is not given.
///
/// # Errors
///
/// Every value that is no number, or that the plan does not ask for.
pub fn given(plan: &Checked, values: &BTreeMap<String, String>) -> Result<Vec<Option<Frozen>>, Vec<Problem>> {
    let mut problems = Vec::new();
    let known: Vec<&str> = plan.portfolio.iter().map(|p| p.name.as_str()).collect();
    for name in values.keys().filter(|name| !known.contains(&name.as_str())) {
        let (en, zh) = match known.as_slice() {
            [] => (
                format!("{} reads no value over all employers", plan.id),
                format!("办法 {} 不使用全体单位的数值", plan.id),
            ),
            names => (
                format!("{} reads no `{name}`; it reads {}", plan.id, names.join(", ")),
                format!("办法 {} 不使用 {name}；其所用的数值：{}", plan.id, names.join("、")),
            ),
        };
        problems.push(Problem { name: name.clone(), en, zh });
    }
    let mut out = Vec::new();
    for name in known {
        match values.get(name).map(|text| (text, text.parse::<Frozen>())) {
            None => out.push(None),
            Some((_, Ok(value))) => out.push(Some(value)),
            Some((text, Err(en))) => {
                let zh = format!("“{text}”不是从0起的数，应写成 \"0.5\" 或 \"1/3\"");
                problems.push(Problem { name: name.to_owned(), en, zh });
            }
        }
    }
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// The names of the values that are not given.
#[must_use]
pub fn lacking<'p>(plan: &'p Checked, given: &[Option<Frozen>]) -> Vec<&'p str> {
    let pairs = plan.portfolio.iter().zip(given);
    pairs.filter(|(_, given)| given.is_none()).map(|(value, _)| value.name.as_str()).collect()
}
