//! The risk class of an employer: given, or by the industry's division (人社部发〔2015〕71号, annex).

use serde_json::Value;

use super::plans::Plan;

const DIVISIONS_2011: &str = include_str!("../../../rules/cn/000000/2015/industry-classes.csv");
const DIVISIONS_2017: &str = include_str!("../../../rules/cn/000000/2015/industry-classes-2017.csv");

/// The class, or the reason why there is none. The map is of eight classes: in a plan of three the class must be
/// given (decisions.md, "For all" 9).
pub fn class_of(plan: Plan, employer: &Value) -> Result<u8, &'static str> {
    let count = u64::from(plan.class_count());
    if let Some(given) = employer.get("risk_class").filter(|given| !given.is_null()) {
        let given = given.as_u64().expect("a risk class is a whole number");
        return if (1..=count).contains(&given) { Ok(given as u8) } else { Err("risk_class:unknown") };
    }
    if count != 8 {
        return Err("risk_class:unknown");
    }
    let standard = employer["industry"]["standard"].as_str().unwrap_or_default();
    let code = employer["industry"]["code"].as_str().unwrap_or_default();
    class_of_industry(standard, code)
}

/// The class of an industry code of two to four digits; the first two are the division.
pub fn class_of_industry(standard: &str, code: &str) -> Result<u8, &'static str> {
    let division = code.get(..2).ok_or("risk_class:unknown")?;
    let text = match standard {
        "2011" => DIVISIONS_2011,
        "2017" => DIVISIONS_2017,
        _ => return Err("risk_class:unknown"),
    };
    for line in text.lines().skip(1) {
        if line.split(',').next() != Some(division) {
            continue;
        }
        // English names of 2011 and notes of 2017 may hold commas, so one file is read from its end.
        let class = match standard {
            "2011" => line.rsplit(',').nth(1),
            _ => line.split(',').nth(3),
        };
        return class.and_then(|class| class.parse().ok()).ok_or("risk_class:ambiguous");
    }
    Err("risk_class:unknown")
}

#[test]
fn divisions_of_both_standards_have_their_class() {
    let mut count_by_class = [0; 8];
    for division in 1..=96 {
        let class = class_of_industry("2011", &format!("{division:02}")).expect("every division has a class");
        count_by_class[usize::from(class) - 1] += 1;
    }
    // The counts that china.md section 2 gives.
    assert_eq!(count_by_class, [15, 19, 16, 23, 9, 7, 3, 4]);
    assert_eq!(class_of_industry("2011", "97"), Err("risk_class:unknown"));
    assert_eq!(class_of_industry("2017", "97"), Ok(1));
    assert_eq!(class_of_industry("2017", "98"), Err("risk_class:unknown"));
    assert_eq!(class_of_industry("2017", "00"), Err("risk_class:unknown"));
    assert_eq!(class_of_industry("2011", "5911"), Ok(2));
    assert_eq!(class_of_industry("2011", "2511"), Ok(7));
    for division in 1..=97 {
        let class = class_of_industry("2017", &format!("{division:02}1"));
        let ambiguous = [59, 79].contains(&division);
        assert_eq!(class.is_err(), ambiguous, "division {division}");
        if ambiguous {
            assert_eq!(class, Err("risk_class:ambiguous"));
        }
    }
}

#[test]
fn a_plan_of_three_classes_needs_the_class() {
    let class = |plan, class: Value| {
        class_of(
            plan,
            &serde_json::json!({"risk_class": class, "industry": {"standard": "2017", "code": "06"}}),
        )
    };
    assert_eq!(class(Plan::Yantai, 3.into()), Ok(3));
    assert_eq!(class(Plan::Yantai, 4.into()), Err("risk_class:unknown"));
    assert_eq!(class(Plan::Yantai, Value::Null), Err("risk_class:unknown"));
    assert_eq!(class(Plan::Hainan, Value::Null), Ok(8));
    assert_eq!(class(Plan::Hainan, 9.into()), Err("risk_class:unknown"));
}
