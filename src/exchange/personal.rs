//! Personal data is refused: records are of employers, and nothing here may learn who was injured.
//!
//! A column or key that names persons refuses the file or the record, whatever a mapping says of it; so does an
//! identity number written where a claim's id or its event belongs. What was found is never repeated.

use super::{Broken, Input};
use floatrate_engine::Bilingual;
use floatrate_engine::record::Form;

/// Names of columns and keys, in lower case without separators. Standard-style codes, English, pinyin initials.
const NAMES: &[&str] = &[
    "aac001",
    "aac002",
    "aac003",
    "aac147",
    "citizenid",
    "employeeid",
    "employeename",
    "employeeno",
    "familyname",
    "firstname",
    "fullname",
    "gmsfhm",
    "grbh",
    "idcard",
    "idcardno",
    "idcardnumber",
    "identitycard",
    "identitycardno",
    "identitycardnumber",
    "identityno",
    "identitynumber",
    "idno",
    "idnumber",
    "injuredname",
    "injuredperson",
    "lastname",
    "nationalid",
    "passport",
    "passportno",
    "passportnumber",
    "personalid",
    "personalno",
    "personalnumber",
    "personid",
    "personname",
    "personno",
    "personnumber",
    "sfzh",
    "sfzhm",
    "shbzhm",
    "socialsecurityno",
    "socialsecuritynumber",
    "ssn",
    "surname",
    "victimname",
    "workerid",
    "workername",
    "workerno",
    "xm",
    "zgxm",
];

/// A column whose name holds one of these names persons.
const PARTS: &[&str] = &[
    "身份证",
    "身份号",
    "社会保障号",
    "社会保障卡号",
    "社保卡号",
    "个人编号",
    "人员编号",
    "人员编码",
    "个人编码",
    "职工编号",
    "职工号",
    "护照",
    "姓名",
];

/// Whether a column or key of that name holds personal data.
#[must_use]
pub fn is_personal(name: &str) -> bool {
    let lower = name.trim().to_lowercase();
    let own = ["facts_", "values_"].iter().find_map(|prefix| lower.strip_prefix(prefix)).unwrap_or(&lower);
    let plain: String = own.chars().filter(|c| c.is_alphanumeric()).collect();
    // A column of a year, `person_id_2023`, is the same column.
    let base = plain.trim_end_matches(|c: char| c.is_ascii_digit());
    let known = |name: &str| NAMES.binary_search(&name).is_ok();
    known(&plain) || known(base) || PARTS.iter().any(|part| plain.contains(part))
}

/// Whether a text is an identity number (GB 11643): 17 digits with a date of birth, and a check character over them.
#[must_use]
pub fn is_identity_number(text: &str) -> bool {
    let bytes = text.trim().as_bytes();
    let Some((&check, digits)) = bytes.split_last().filter(|(_, digits)| digits.len() == 17) else {
        return false;
    };
    if !digits.iter().all(u8::is_ascii_digit) {
        return false;
    }
    let number =
        |from: usize, to: usize| digits[from..to].iter().fold(0, |n, d| n * 10 + u32::from(d - b'0'));
    let born = (1800..2200).contains(&number(6, 10))
        && (1..=12).contains(&number(10, 12))
        && (1..=31).contains(&number(12, 14));
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(d, weight)| u32::from(d - b'0') * weight).sum();
    let expected = b"10X98765432"[usize::try_from(sum % 11).unwrap_or(0)];
    born && check.eq_ignore_ascii_case(&expected)
}

/// What is told of such a column or key.
pub(super) fn told(names: &[String]) -> Bilingual {
    Bilingual {
        en: format!(
            "{} holds personal data, which floatrate never takes: leave it out of the file",
            names.join(", ")
        ),
        zh: format!("{} 为个人信息，本系统一律不接收：请先从文件中删除", names.join("、")),
    }
}

/// The input, or what is wrong with it where its form has personal data.
pub(super) fn screened(mut input: Input) -> Input {
    let broken = input.form.as_ref().ok().and_then(found);
    if let Some(broken) = broken {
        let id = input.employer_id().map(str::to_string);
        input.form = Err(Broken { employer_id: id, ..broken });
    }
    input
}

fn found(form: &Form) -> Option<Broken> {
    let Form::Map(parts) = form else { return None };
    let mut keys = Vec::new();
    personal_keys("", parts, &mut keys);
    for (part, value) in parts {
        match value {
            Form::Map(fields) => {
                personal_keys(&format!("{part}."), fields, &mut keys);
                for (name, value) in fields {
                    if let Form::Map(inner) = value {
                        personal_keys(&format!("{part}.{name}."), inner, &mut keys);
                    }
                }
            }
            Form::List(rows) => {
                for (at, row) in rows.iter().enumerate() {
                    let Form::Map(fields) = row else { continue };
                    personal_keys(&format!("{part}[{at}]."), fields, &mut keys);
                    for (name, value) in fields {
                        if let Form::Map(inner) = value {
                            personal_keys(&format!("{part}[{at}].{name}."), inner, &mut keys);
                        }
                    }
                }
            }
            _ => {}
        }
    }
    if let Some(first) = keys.first().cloned() {
        // A record with 100,000 claims names the first few; the others are the same.
        keys.truncate(5);
        let told = told(&keys.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>());
        return Some(Broken { field: Some(first), ..Broken::new("personal_data", told.en, told.zh) });
    }
    let claims = parts.iter().filter(|(name, _)| name == "claims");
    let rows = claims.filter_map(|(_, value)| if let Form::List(rows) = value { Some(rows) } else { None });
    for (at, row) in rows.flatten().enumerate() {
        let Form::Map(fields) = row else { continue };
        for (name, value) in fields.iter().filter(|(name, _)| name == "id" || name == "event") {
            if matches!(value, Form::Text(text) if is_identity_number(text)) {
                let field = format!("claims[{at}].{name}");
                let broken = Broken::new(
                    "personal_data",
                    format!(
                        "{field} is an identity number, which floatrate never takes: give the claim a number of its own"
                    ),
                    format!("{field} 是居民身份证号码，本系统一律不接收：请改用案件自身的编号"),
                );
                return Some(Broken { field: Some(field), ..broken });
            }
        }
    }
    None
}

fn personal_keys(prefix: &str, fields: &[(String, Form)], out: &mut Vec<String>) {
    let found = fields.iter().filter(|(name, _)| !is_own(name) && is_personal(name));
    out.extend(found.map(|(name, _)| format!("{prefix}{name}")));
}

/// The record's own keys, so that a record of the usual kind costs no more than a look at each.
fn is_own(name: &str) -> bool {
    matches!(
        name,
        "id" | "name"
            | "employer"
            | "periods"
            | "claims"
            | "facts"
            | "values"
            | "start"
            | "end"
            | "payroll"
            | "contributions_due"
            | "contributions_paid"
            | "headcount"
            | "months_insured"
            | "date"
            | "cause"
            | "outcome"
            | "count"
            | "paid_on"
            | "benefits_paid"
            | "reserve"
            | "event"
            | "class"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::{Charset, jsonl};

    #[test]
    fn names() {
        assert!(NAMES.is_sorted());
        for (name, expected) in [
            ("AAC001", true),
            ("aac002", true),
            (" AAC003 ", true),
            ("身份证号", true),
            ("身份证号码", true),
            ("公民身份号码", true),
            ("社会保障号码", true),
            ("个人编号", true),
            ("人员编号", true),
            ("姓名", true),
            ("职工姓名", true),
            ("id_card", true),
            ("ID-Card", true),
            ("identity_card", true),
            ("Person ID", true),
            ("person_name", true),
            ("facts_person_id", true),
            ("values_姓名", true),
            ("id_card_2023", true),
            ("name", false),
            ("id", false),
            ("employer_id", false),
            ("单位名称", false),
            ("单位编号", false),
            ("社保登记号", false),
            ("案件编号", false),
            ("工伤日期", false),
            ("event", false),
            ("AAB001", false),
        ] {
            assert_eq!(is_personal(name), expected, "{name}");
        }
    }

    #[test]
    fn identity_numbers() {
        for (text, expected) in [
            // The examples of GB 11643.
            ("11010519491231002X", true),
            ("11010519491231002x", true),
            ("440524188001010014", true),
            ("440524188001010013", false),
            ("110105194913310024", false),
            ("91510400MA6212342W", false),
            ("2023-17", false),
            ("", false),
            ("１１０１０５", false),
        ] {
            assert_eq!(is_identity_number(text), expected, "{text}");
        }
    }

    #[test]
    fn records_with_persons_are_refused_by_their_field() {
        for (text, field) in [
            (r#"{"employer":{"id":"A","姓名":"x"}}"#, Some("employer.姓名")),
            (r#"{"employer":{"id":"A"},"id_card":1}"#, Some("id_card")),
            (r#"{"employer":{"id":"A"},"periods":[{},{"AAC001":1}]}"#, Some("periods[1].AAC001")),
            (r#"{"employer":{"id":"A"},"claims":[{"id":"11010519491231002X"}]}"#, Some("claims[0].id")),
            (
                r#"{"employer":{"id":"A"},"claims":[{},{"event":"440524188001010014"}]}"#,
                Some("claims[1].event"),
            ),
            (r#"{"employer":{"id":"A","name":"B"},"claims":[{"id":"1","event":"E"}]}"#, None),
        ] {
            let line = jsonl::Line { number: 1, bytes: Some(text.into()) };
            let input = jsonl::parse(&line, Charset::Utf8);
            let broken = input.form.as_ref().err();
            assert_eq!(broken.and_then(|b| b.field.as_deref()), field, "{text}");
            if let Some(broken) = broken {
                assert_eq!((broken.reason, input.employer_id()), ("personal_data", Some("A")));
                assert!(!broken.message.en.contains("11010519491231002X"));
            }
        }
    }
}
