//! The cases of the United States. Amounts of the sources are in dollars, those of records and measures in cents.

use super::case::{Case, decimal, list, minor, rounded};
use super::world::{Answer, World, claim, employer};
use rust_decimal::Decimal;
use serde_json::{Value, json};

fn text(value: Decimal) -> String {
    value.normalize().to_string()
}

fn cents(value: &Value) -> i64 {
    minor(decimal(value), 2)
}

/// The year whose ratings have a split point, by NCCI's list.
fn year_of_split(split_point: Decimal) -> i64 {
    match text(split_point).as_str() {
        "5000" => 2012,
        "10000" => 2013,
        "13500" => 2014,
        "18500" => 2023,
        other => panic!("no year with the split point {other}"),
    }
}

/// Rating values that keep limits away. None of the cases has any: they are about losses.
fn ncci(world: &World, year: i64, rows: &[(i64, String, String)], claims: Vec<Value>) -> Answer {
    let periods = rows.iter().enumerate().map(|(at, (payroll, rate, d_ratio))| {
        json!({
            "start": format!("{}-01-01", year - 4), "end": format!("{}-12-31", year - 2), "class": (8000 + at).to_string(),
            "payroll": payroll, "months_insured": 36,
            "values": { "expected_loss_rate": rate, "d_ratio": d_ratio },
        })
    });
    let facts = json!({
        "weight": "0.2", "ballast": "3000000", "accident_limit": "100000000", "state_g": "1190",
    });
    world.rate("us-ncci", &format!("{year}-01-01"), &employer(periods.collect(), claims, facts))
}

fn one_row() -> [(i64, String, String); 1] {
    [(400_000_000, "2.5".to_owned(), "0.4".to_owned())]
}

pub fn split(world: &World, case: &Case) {
    let year = year_of_split(case.number("split_point"));
    let date = format!("{}-05-02", year - 3);
    let claims = vec![claim(1, &date, "temporary", cents(case.input("claim")))];
    let answer = ncci(world, year, &one_row(), claims);
    case.is("primary", answer.dollars("actual_primary_losses"));
    case.is("excess", answer.dollars("actual_excess_losses"));
}

pub fn eleven_claims(world: &World, case: &Case) {
    let year = year_of_split(case.number("split_point"));
    let date = format!("{}-05-02", year - 3);
    let claims = list(case.input("claims")).iter().enumerate();
    let claims = claims.map(|(at, paid)| claim(at, &date, "temporary", cents(paid))).collect();
    let answer = ncci(world, year, &one_row(), claims);
    case.is("total", answer.dollars("actual_losses"));
    case.is("primary", answer.dollars("actual_primary_losses"));
    case.is("excess", answer.dollars("actual_excess_losses"));
}

pub fn medical_only(world: &World, case: &Case) {
    let year = year_of_split(case.number("split_point"));
    let kind = case.input("kind").as_str().expect("an outcome").to_owned();
    let claims = vec![claim(1, &format!("{}-05-02", year - 3), &kind, cents(case.input("incurred")))];
    let answer = ncci(world, year, &one_row(), claims);
    case.is("counted", answer.dollars("actual_losses"));
    case.is("primary", answer.dollars("actual_primary_losses"));
    case.is("excess", answer.dollars("actual_excess_losses"));
}

/// Each class alone, and both together.
pub fn expected_losses(world: &World, case: &Case) {
    let rows: Vec<_> = list(case.input("classes"))
        .iter()
        .map(|row| (cents(&row["payroll"]), text(decimal(&row["elr"])), text(decimal(&row["d_ratio"]))))
        .collect();
    let (expected, primary) = (list(case.expected("expected")), list(case.expected("expected_primary")));
    let mut sums = (Decimal::ZERO, Decimal::ZERO);
    for (at, row) in rows.iter().enumerate() {
        let answer = ncci(world, 2012, std::slice::from_ref(row), Vec::new());
        let (e, p) = (decimal(&expected[at]), decimal(&primary[at]));
        case.within("expected", answer.dollars("expected_losses"), e, Decimal::ZERO);
        case.within("primary", answer.dollars("expected_primary_losses"), p, Decimal::ZERO);
        sums = (sums.0 + e, sums.1 + p);
    }
    let answer = ncci(world, 2012, &rows, Vec::new());
    case.within("expected in all", answer.dollars("expected_losses"), sums.0, Decimal::ZERO);
    case.within("primary in all", answer.dollars("expected_primary_losses"), sums.1, Decimal::ZERO);
}

pub fn iso_cgl(world: &World, case: &Case) {
    let (detrend, unreported) = (list(case.input("detrend")), list(case.input("pct_unreported")));
    let periods = (0..3).map(|at| {
        let year = 2000 + at;
        json!({
            "start": format!("{year}-01-01"), "end": format!("{year}-12-31"), "months_insured": 12,
            "values": { "detrend_factor": text(decimal(&detrend[at])), "share_unreported": text(decimal(&unreported[at])) },
        })
    });
    let facts = json!({
        "basic_limits_premium": cents(case.input("basic_limits_premium")).to_string(),
        "expected_loss_ratio": text(case.number("expected_loss_ratio")),
        "expected_experience_ratio": text(case.number("EER")),
        "credibility": text(case.number("Z")),
        // The case gives the losses as they are after the limit.
        "claim_limit": cents(case.input("reported_limited")).to_string(),
    });
    let claims = vec![claim(1, "2001-05-02", "temporary", cents(case.input("reported_limited")))];
    let answer = world.rate("us-iso-cgl", "2004-01-01", &employer(periods.collect(), claims, facts));
    let money = case.tolerance("money");
    case.within(
        "BLEL",
        answer.dollars("basic_limits_expected_losses"),
        decimal(case.expected("BLEL")),
        money,
    );
    for at in 0..3 {
        let (subject, development) =
            (&list(case.expected("CSLC"))[at], &list(case.expected("expected_dev"))[at]);
        let year = at + 1;
        case.within("CSLC", answer.dollars(&format!("subject_loss_cost_{year}")), decimal(subject), money);
        let name = format!("expected_development_{year}");
        case.within("expected_dev", answer.dollars(&name), decimal(development), money);
    }
    let total = decimal(case.expected("CSLC_total"));
    case.within("CSLC_total", answer.dollars("subject_loss_cost"), total, money);
    let total = decimal(case.expected("expected_dev_total"));
    case.within("expected_dev_total", answer.dollars("expected_development"), total, money);
    let ratio = answer.measure("actual_experience_ratio");
    case.within("AER as printed", ratio, Decimal::new(10_315, 4), Decimal::ZERO);
    case.is("AER_2dp", ratio.map(|ratio| rounded(ratio, 2)));
    case.is("mod_3dp", answer.measure("change"));
    case.is("factor", answer.measure("mod"));
    case.within("rate", answer.rate(), decimal(case.expected("factor")), Decimal::ZERO);
}

const FISCAL_YEARS: [(i64, &str, &str); 3] = [
    (2003, "2002-07-01", "2003-06-30"),
    (2004, "2003-07-01", "2004-06-30"),
    (2005, "2004-07-01", "2005-06-30"),
];

/// Rows of one class; where `only` names a fiscal year, no hours were worked in the others.
fn hours(class: &str, years: &[Value], only: Option<usize>) -> Vec<Value> {
    let rows = years.iter().zip(FISCAL_YEARS).enumerate();
    rows.map(|(at, (row, (year, start, end)))| {
        assert_eq!(row["fy"], year);
        let worked = if only.is_none_or(|only| only == at) { decimal(&row["hours"]) } else { Decimal::ZERO };
        json!({
            "start": start, "end": end, "class": class, "months_insured": 12, "values": { "hours_worked": text(worked) },
        })
    })
    .collect()
}

fn washington(world: &World, periods: Vec<Value>) -> Answer {
    let facts = json!({
        "primary_credibility": "0.3", "excess_credibility": "0.1", "claim_free_maximum": "1", "turning_point": "1000000",
        "claim_limit": "20000000", "average_death": "15000000", "average_medical_only": "50000",
    });
    world.rate("us-wa", "2007-01-01", &employer(periods, Vec::new(), facts))
}

/// The plan has the class values of the agency's examples; they must be those of the case.
fn has_the_values(case: &Case, class: &str, ratio: &Value, years: &[Value]) {
    let (expected, rates) = match class {
        "0514" => ("0.479", ["1.8596", "1.7086", "1.4222"]),
        "1007" => ("0.49", ["0.3725", "0.3431", "0.2861"]),
        _ => ("0.573", ["0.0298", "0.0281", "0.0236"]),
    };
    let same = text(decimal(ratio)) == expected
        && years.iter().zip(rates).all(|(y, r)| text(decimal(&y["elr"])) == r);
    case.require(same, || format!("class {class} has other values"));
}

pub fn one_class(world: &World, case: &Case) {
    let class = case.input("cls").as_str().expect("a class").to_owned();
    let years = list(case.input("years"));
    has_the_values(case, &class, case.input("primary_ratio"), years);
    let money = case.tolerance("money");
    let (expected, primary) = (list(case.expected("expected")), list(case.expected("expected_primary")));
    for at in 0..3 {
        let answer = washington(world, hours(&class, years, Some(at)));
        case.within("expected", answer.dollars("expected_losses"), decimal(&expected[at]), money);
        case.within("primary", answer.dollars("expected_primary_losses"), decimal(&primary[at]), money);
    }
    let answer = washington(world, hours(&class, years, None));
    let total = decimal(case.expected("expected_total"));
    case.within("expected_total", answer.dollars("expected_losses"), total, money);
    let total = decimal(case.expected("expected_primary_total"));
    case.within("expected_primary_total", answer.dollars("expected_primary_losses"), total, money);
}

pub fn two_classes(world: &World, case: &Case) {
    let mut all = Vec::new();
    for row in list(case.input("classes")) {
        let class = row["cls"].as_str().expect("a class");
        let years = list(&row["years"]);
        has_the_values(case, class, &row["primary_ratio"], years);
        for at in 0..3 {
            let answer = washington(world, hours(class, years, Some(at)));
            let expected = decimal(&case.expected("expected")[class][at]);
            case.within(class, answer.dollars("expected_losses"), expected, case.tolerance("rows"));
        }
        all.extend(hours(class, years, None));
    }
    let answer = washington(world, all);
    for (name, measure) in
        [("expected_total", "expected_losses"), ("expected_primary_total", "expected_primary_losses")]
    {
        case.within(name, answer.dollars(measure), decimal(case.expected(name)), case.tolerance(name));
    }
}

/// One row of a class with expected losses of so many dollars.
fn expecting(dollars: Decimal, start: &str, end: &str, months: u32, d_ratio: Option<Decimal>) -> Vec<Value> {
    let mut values = json!({ "expected_loss_rate": "2" });
    if let Some(d_ratio) = d_ratio {
        values["d_ratio"] = json!(text(d_ratio));
    }
    vec![json!({
        "start": start, "end": end, "class": "8810", "payroll": minor(dollars * Decimal::from(50), 2),
        "months_insured": months, "values": values,
    })]
}

struct Pennsylvania {
    expected: Decimal,
    actual: Decimal,
    credibility: String,
    factor: String,
    prior: Decimal,
}

impl Pennsylvania {
    fn rate(&self, world: &World) -> Answer {
        let actual = minor(self.actual, 2);
        let facts = json!({
            "credibility": self.credibility, "excess_loss_factor": self.factor, "accident_limit": actual.to_string(),
        });
        let claims = vec![claim(1, "2021-05-02", "temporary", actual)];
        let mut record =
            employer(expecting(self.expected, "2020-04-01", "2023-03-31", 36, None), claims, facts);
        record["employer"]["prior"] = json!({ "rate": text(self.prior) });
        world.rate("us-pa", "2024-04-01", &record)
    }
}

/// The formula and its maximum. The cases are not about the swing, so the prior mod is high enough to leave it out.
pub fn pennsylvania(world: &World, case: &Case) {
    case.within("G of the plan", Some(Decimal::from(12)), case.number("G"), Decimal::ZERO);
    let answer = Pennsylvania {
        expected: case.number("E"),
        actual: case.number("Ap"),
        credibility: text(case.number("C")),
        factor: text(case.number("L")),
        prior: Decimal::TWO,
    }
    .rate(world);
    case.is("indicated", answer.measure("raw_mod"));
    let maximum = decimal(case.expected("maximum"));
    case.within("maximum", answer.near("maximum_mod"), maximum, case.tolerance("maximum"));
    case.is("mod", answer.measure("mod"));
    case.is("mod", answer.rate());
}

/// A mod that stands at its maximum of 1.5, as the case has it, and the prior one.
pub fn pennsylvania_swing(world: &World, case: &Case) {
    case.within("swing of the plan", Some(Decimal::new(4, 1)), case.number("swing_up"), Decimal::ZERO);
    let answer = Pennsylvania {
        expected: Decimal::from(12_000),
        actual: Decimal::from(60_000),
        credibility: "0.7".to_owned(),
        factor: "0.25".to_owned(),
        prior: case.number("prior_mod"),
    }
    .rate(world);
    let before = answer.measure("indicated_mod").zip(answer.measure("maximum_mod")).map(|(a, b)| a.min(b));
    case.within("after the maximum", before, case.number("indicated_after_max"), Decimal::ZERO);
    case.is("mod", answer.measure("mod"));
    case.is("mod", answer.rate());
}

/// One formula, two states.
pub fn primary_over_expected(world: &World, case: &Case) {
    let (actual, expected) = (case.number("Ap"), case.number("E"));
    let d_ratio = Decimal::ONE - case.number("Ee") / expected;
    let facts = json!({ "primary_limit": minor(actual, 2).to_string(), "highest_mod": "9" });
    let claims = vec![claim(1, "2019-05-02", "temporary", minor(actual, 2))];
    let rows = expecting(expected, "2018-10-01", "2021-09-30", 36, Some(d_ratio));
    let new_york = world.rate("us-ny", "2022-10-01", &employer(rows, claims, facts));
    let facts = json!({ "primary_limit": minor(actual, 2).to_string() });
    // 250 dollars more, which California leaves out.
    let claims = vec![claim(1, "2016-05-02", "temporary", minor(actual + Decimal::from(250), 2))];
    let rows = expecting(expected, "2015-01-01", "2017-12-31", 36, Some(d_ratio));
    let california = world.rate("us-ca", "2019-01-01", &employer(rows, claims, facts));
    for answer in [new_york, california] {
        case.is("mod", answer.measure("raw_mod"));
        case.is("mod", answer.measure("mod"));
        case.is("mod", answer.rate());
    }
}

pub fn first_250(world: &World, case: &Case) {
    let (counted, primary) = (list(case.expected("counted")), list(case.expected("primary")));
    for (at, paid) in list(case.input("claims")).iter().enumerate() {
        let facts = json!({ "primary_limit": cents(case.input("primary_threshold")).to_string() });
        let rows = expecting(Decimal::from(20_000), "2015-01-01", "2017-12-31", 36, Some(Decimal::new(7, 1)));
        let claims = vec![claim(at, "2016-05-02", "temporary", cents(paid))];
        let answer = world.rate("us-ca", "2019-01-01", &employer(rows, claims, facts));
        case.within("counted", answer.dollars("actual_losses"), decimal(&counted[at]), Decimal::ZERO);
        case.within("primary", answer.dollars("actual_primary_losses"), decimal(&primary[at]), Decimal::ZERO);
    }
}

fn ohio(
    world: &World,
    expected: Decimal,
    ratio: Decimal,
    actual: Decimal,
    c: Decimal,
    prior: Decimal,
) -> Answer {
    let facts = json!({
        "credibility": text(c), "limited_loss_ratio": text(ratio), "claim_limit": minor(actual, 2).to_string(),
        "cap_100_eligible": true,
    });
    let claims = vec![claim(1, "2020-05-02", "temporary", minor(actual, 2))];
    let mut record = employer(expecting(expected, "2018-07-01", "2022-06-30", 48, None), claims, facts);
    record["employer"]["prior"] = json!({ "rate": text(prior) });
    world.rate("us-oh", "2023-07-01", &record)
}

pub fn ohio_formula(world: &World, case: &Case) {
    let (expected, ratio, actual) = (case.number("TEL"), case.number("LLR"), case.number("TML"));
    let answer = ohio(world, expected, ratio, actual, case.number("C"), Decimal::ONE);
    case.is("TLL", answer.dollars("limited_expected_losses"));
    case.is("EM", answer.measure("raw_mod"));
    case.is("EM", answer.measure("mod"));
    case.is("EM", answer.rate());
}

/// Losses that give the factor of the case before its cap.
pub fn ohio_cap(world: &World, case: &Case) {
    case.within("cap of the plan", Some(Decimal::ONE), case.number("cap_increase"), Decimal::ZERO);
    let (expected, ratio) = (Decimal::from(40_000), Decimal::new(75, 2));
    let answer =
        ohio(world, expected, ratio, expected * ratio, Decimal::new(3, 1), case.number("previous_em"));
    case.within("uncapped", answer.measure("indicated_mod"), case.number("uncapped_em"), Decimal::ZERO);
    case.is("em", answer.measure("mod"));
    case.is("em", answer.rate());
}
