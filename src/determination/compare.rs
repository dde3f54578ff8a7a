//! What differs between two determinations, and how a record came about.

use super::agency::Agency;
use super::replay::json;
use crate::employer::{Kind, kept_succession};
use crate::store::tables::determinations::Published;
use crate::store::tables::records;
use crate::store::{StoreError, day};
use floatrate_engine::Lang;
use serde_json::Value;
use std::collections::BTreeSet;

/// A place where two things differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Path of the field.
    pub path: String,
    /// There; empty where it was left out.
    pub before: String,
    /// Here; empty where it is left out.
    pub after: String,
}

/// What differs between two trees, leaf by leaf.
#[must_use]
pub fn of_json(path: &str, before: &Value, after: &Value) -> Vec<Difference> {
    let mut out = Vec::new();
    walk(path, before, after, &mut out);
    out
}

fn walk(path: &str, before: &Value, after: &Value, out: &mut Vec<Difference>) {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let of = |map: &serde_json::Map<String, Value>| map.get(key).cloned().unwrap_or(Value::Null);
                walk(&format!("{path}.{key}"), &of(a), &of(b), out);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            for at in 0..a.len().max(b.len()) {
                let of = |list: &[Value]| list.get(at).cloned().unwrap_or(Value::Null);
                walk(&format!("{path}[{at}]"), &of(a), &of(b), out);
            }
        }
        (a, b) if a == b => {}
        (a, b) => {
            let text = |value: &Value| match value {
                Value::Null => String::new(),
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            out.push(Difference { path: path.to_owned(), before: text(a), after: text(b) });
        }
    }
}

/// What differs from one determination to another of the same employer: the records that they rest on, claim by claim,
/// and the results.
///
/// # Errors
///
/// Those of the database.
pub async fn differences(
    agency: &Agency,
    before: &Published,
    after: &Published,
) -> Result<Vec<Difference>, StoreError> {
    let mut out = Vec::new();
    let (b, a) = (&before.kept, &after.kept);
    for (path, before, after) in [
        ("determination.record_version", b.record_version.to_string(), a.record_version.to_string()),
        ("determination.from", day(b.from_day)?.to_string(), day(a.from_day)?.to_string()),
        ("determination.until", day(b.until_day)?.to_string(), day(a.until_day)?.to_string()),
        ("determination.published_at", before.at.rfc3339(), after.at.rfc3339()),
    ] {
        if before != after {
            out.push(Difference { path: path.to_owned(), before, after });
        }
    }
    let mut bodies = Vec::new();
    for kept in [b, a] {
        let found = records::record(&agency.db, &kept.employer_id, kept.record_version).await?;
        let (_, body) = found.ok_or_else(|| StoreError::broken("a record is missing"))?;
        bodies.push(by_key(json(&body)?));
    }
    out.extend(of_json("record", &bodies[0], &bodies[1]));
    out.extend(of_json("result", &json(&b.result)?, &json(&a.result)?));
    Ok(out)
}

/// A record whose claims and periods stand under their keys, so that one more claim is one difference.
fn by_key(mut record: Value) -> Value {
    let claims = |row: &Value| row["id"].as_str().unwrap_or_default().to_owned();
    let periods = |row: &Value| {
        let of = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        [of("start"), of("class")].join(" ").trim_end().to_owned()
    };
    for (name, key) in [("claims", &claims as &dyn Fn(&Value) -> String), ("periods", &periods)] {
        // A record without any may leave the list out: the first claim is one claim's difference all the same.
        let rows = match record.get_mut(name).map(Value::take) {
            Some(Value::Array(rows)) => rows,
            _ => Vec::new(),
        };
        let mut map = serde_json::Map::new();
        for row in rows {
            let key = key(&row);
            let mut place = key.clone();
            let mut n = 1;
            while map.contains_key(&place) {
                n += 1;
                place = format!("{key} #{n}");
            }
            map.insert(place, row);
        }
        record[name] = Value::Object(map);
    }
    record
}

/// How the record of an employer came about, up to a version: the successions, in words, the oldest first.
///
/// # Errors
///
/// Those of the database.
pub async fn record_history(
    agency: &Agency,
    employer_id: &str,
    version: i64,
    lang: Lang,
) -> Result<Vec<String>, StoreError> {
    let mut out = Vec::new();
    let mut before = version.saturating_add(1);
    loop {
        let page = records::versions(&agency.db, employer_id, before, 100).await?;
        let Some(last) = page.last() else { break };
        before = last.version;
        for version in page {
            let Some(id) = version.origin.strip_prefix("succession:") else { continue };
            let Some(succession) = kept_succession(&agency.db, id).await? else { continue };
            out.push(sentence(version.version, &succession, &version.signature, lang));
        }
    }
    out.reverse();
    Ok(out)
}

fn sentence(version: i64, s: &crate::employer::Succession, signature: &str, lang: Lang) -> String {
    let (from, to) = (s.predecessors.join(", "), s.successors.join(", "));
    let kind = match (s.kind, lang) {
        (Kind::Merger, Lang::En) => format!("merger of {from} into {to}"),
        (Kind::Merger, Lang::Zh) => format!("{from} 合并为 {to}"),
        (Kind::Split, Lang::En) => format!("split of {from} into {to}"),
        (Kind::Split, Lang::Zh) => format!("{from} 分立为 {to}"),
        (Kind::Renaming, Lang::En) => format!("renaming of {from}"),
        (Kind::Renaming, Lang::Zh) => format!("{from} 更名"),
        (Kind::ClassChange, Lang::En) => format!("change of the risk class of {from}"),
        (Kind::ClassChange, Lang::Zh) => format!("{from} 行业风险类别变更"),
        (Kind::Move, Lang::En) => format!("move of {from} to another pooling area"),
        (Kind::Move, Lang::Zh) => format!("{from} 跨统筹区转移"),
    };
    let sources: Vec<String> = s.sources.iter().map(|(id, v)| format!("{id}@{v}")).collect();
    let policy = s.policy.map(|policy| (policy.name(), s.policy_of.as_str()));
    match lang {
        Lang::En => {
            let policy = policy.map_or_else(String::new, |(p, of)| format!(", under {p} as {of} states"));
            format!(
                "Version {version} of the record comes from the {kind} on {}{policy}; it was made of {}. Reason: {}. Recorded by {signature}.",
                s.date,
                sources.join(", "),
                s.reason
            )
        }
        Lang::Zh => {
            let policy = policy.map_or_else(String::new, |(p, of)| format!("，按 {of} 规定的 {p} 处理"));
            format!(
                "记录第 {version} 版来自 {} 的{kind}{policy}；依据的记录：{}。理由：{}。登记人：{signature}。",
                s.date,
                sources.join("、"),
                s.reason
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_more_claim_is_one_claims_difference() {
        let before =
            serde_json::json!({"claims": [{"id": "1", "benefits_paid": 5}, {"id": "3", "benefits_paid": 7}]});
        let after = serde_json::json!({"claims": [{"id": "1", "benefits_paid": 6}, {"id": "2"}, {"id": "3", "benefits_paid": 7}]});
        let found = of_json("record", &by_key(before), &by_key(after));
        let found: Vec<_> =
            found.iter().map(|d| (d.path.as_str(), d.before.as_str(), d.after.as_str())).collect();
        assert_eq!(
            found,
            [("record.claims.1.benefits_paid", "5", "6"), ("record.claims.2", "", "{\"id\":\"2\"}")]
        );
    }
}
