//! The cases of Japan. Ratios of the tables are in per cent of two places, so premiums are such that a hundredth of a per cent
//! of the denominator is whole yen.

use super::case::{Case, minor, rounded};
use super::world::{Answer, World, child, claim, employer};
use rust_decimal::Decimal;
use serde_json::{Value, json};

const DATE: &str = "2025-04-01";
/// The two places of `non-work 0.6 permil` and the rates of the case's other industry.
const NON_WORK: Decimal = Decimal::from_parts(6, 0, 0, false, 4);

/// An industry of the table has no rate of 20.6 permil: this child gives one.
pub fn children() -> Vec<(String, String)> {
    let rates = include_str!("../../../rules/jp/merit/2025/industry-rates.csv");
    let values = rates.lines().skip(1).map(|line| {
        let (code, rate) = line.split_once(',').expect("industry,value");
        let rate = if code == PATCHED { "0.0206" } else { rate };
        format!("{code} = \"{rate}\"")
    });
    let values: Vec<String> = values.collect();
    let part = format!(
        "[param.base_rate]\ntype = \"rate\"\nkeys = [\"industry\"]\nvalues = {{ {} }}",
        values.join(", ")
    );
    vec![child("jp-merit-2025", "patched", &part)]
}

const PATCHED: &str = "other_manufacturing";

/// Three fiscal years to 31 March of the year before the rating date's, with nothing of the premium at the non-work rate.
fn record(code: &str, headcount: u64, due: [u64; 3], benefits: i64) -> Value {
    let periods = due.iter().enumerate().map(|(at, due)| {
        let year = 2021 + at;
        json!({
            "start": format!("{year}-04-01"), "end": format!("{}-03-31", year + 1), "months_insured": 12,
            "headcount": headcount.to_string(), "contributions_due": due, "values": { "non_work_share": "0" },
        })
    });
    let mut value =
        employer(periods.collect(), vec![claim(1, "2022-05-02", "temporary", benefits)], json!({}));
    value["employer"]["industry"] = json!({ "standard": "jp", "code": code });
    value
}

/// Premiums, and the adjustment rate in hundredths.
struct Kind {
    code: &'static str,
    due: [u64; 3],
    factor: u64,
}

const GENERAL: Kind = Kind { code: "other_manufacturing", due: [100_000_000; 3], factor: 67 };
const LOGGING: Kind = Kind { code: "forestry", due: [100_000_000; 3], factor: 51 };
const SPECIAL: Kind = Kind { code: "food", due: [100_000_000; 3], factor: 67 };
/// A year of 500,000 yen puts bundled works into the smaller table.
const REDUCED: Kind = Kind { code: "buildings", due: [500_000, 49_500_000, 50_000_000], factor: 63 };

impl Kind {
    fn at(&self, world: &World, plan: &str, ratio_pct: Decimal) -> Answer {
        let total: u64 = self.due.iter().sum();
        let benefits = ratio_pct * Decimal::from(total * self.factor) / Decimal::from(10_000);
        let mut value = record(self.code, 100, self.due, minor(benefits, 0));
        value["facts"]["sme_special_merit"] = json!(self.code == SPECIAL.code);
        world.rate(plan, DATE, &value)
    }
}

fn adjusted(case: &Case, answer: &Answer) {
    case.require(answer.status == "rated", || format!("it is {}: {:?}", answer.status, answer.reasons));
    case.is("adjust_pct", Some(Decimal::from(answer.step * 5)));
    case.is("adjust_pct", answer.tier().map(|tier| (tier - Decimal::ONE) * Decimal::ONE_HUNDRED));
}

fn by_table(world: &World, case: &Case, kind: &Kind, plan: &str) {
    let ratio = case.number("balance_ratio_pct");
    let answer = kind.at(world, plan, ratio);
    let measured = answer.measure("payout_ratio").map(|ratio| ratio * Decimal::ONE_HUNDRED);
    case.within("ratio", measured, ratio, Decimal::ZERO);
    adjusted(case, &answer);
}

pub fn table_3(world: &World, case: &Case) {
    by_table(world, case, &GENERAL, "jp-merit-2025");
}

pub fn table_3_logging(world: &World, case: &Case) {
    by_table(world, case, &LOGGING, "jp-merit-2025");
}

pub fn table_3_2(world: &World, case: &Case) {
    by_table(world, case, &REDUCED, "jp-merit-2025");
}

pub fn table_3_3(world: &World, case: &Case) {
    by_table(world, case, &SPECIAL, "jp-merit-2025");
}

/// One works of ten months, settled at nine months after its end, and at three where that settles anything.
fn single(world: &World, case: &Case, code: &str, factors: [u64; 2]) {
    let ratio = case.number("balance_ratio_pct");
    for (factor, at_nine) in factors.into_iter().zip([false, true]) {
        let benefits = ratio * Decimal::from(10_000 * factor);
        let periods = vec![json!({
            "start": "2023-04-01", "end": "2024-01-31", "months_insured": 10, "contributions_due": 100_000_000,
            "values": { "non_work_share": "0" },
        })];
        let claims = vec![claim(1, "2023-05-02", "temporary", minor(benefits, 0))];
        let mut value = employer(periods, claims, json!({ "settled_at_nine_months": at_nine }));
        value["employer"]["industry"] = json!({ "standard": "jp", "code": code });
        let answer = world.rate("jp-single-2025", DATE, &value);
        let measured = answer.measure("payout_ratio").map(|ratio| ratio * Decimal::ONE_HUNDRED);
        case.within("ratio", measured, ratio, Decimal::ZERO);
        if at_nine || answer.status != "kept" {
            adjusted(case, &answer);
        } else {
            case.is("adjust_pct", Some(Decimal::ZERO));
        }
    }
}

pub fn table_6_construction(world: &World, case: &Case) {
    single(world, case, "buildings", [63, 50]);
}

pub fn table_6_logging(world: &World, case: &Case) {
    single(world, case, "forestry", [51, 43]);
}

/// The ministry's firm without accidents, with the values of that time: its premiums were paid at the reduced rate.
pub fn ministry(world: &World, case: &Case) {
    let wages = case.number("headcount") * case.number("avg_wage_yen");
    let (base, non_work) =
        (permil(case.number("industry_rate_permil")), permil(case.number("non_work_rate_permil")));
    let work_part = case.number("premium_3y_work_part_yen") / Decimal::from(3);
    let due = minor(work_part + wages * non_work, 0);
    let headcount = case.number("headcount").normalize().to_string();
    let periods = (2000..2003).map(|year| {
        json!({
            "start": format!("{year}-04-01"), "end": format!("{}-03-31", year + 1), "months_insured": 12,
            "headcount": headcount, "contributions_due": due,
            "values": { "non_work_share": minor(wages * non_work, 0).to_string() },
        })
    });
    let rate = |benefits| {
        let claims = vec![claim(1, "2001-05-02", "temporary", benefits)];
        let mut value = employer(periods.clone().collect(), claims, json!({}));
        value["employer"]["industry"] = json!({ "standard": "jp", "code": PATCHED });
        world.rate("jp-merit-2004", "2004-04-01", &value)
    };
    let answer = rate(minor(case.number("benefits_3y_yen"), 0));
    adjusted(case, &answer);
    case.within("base rate", answer.base_rate(), base, Decimal::ZERO);
    case.is("standard_premium_yen", answer.base_rate().map(|base| base * wages));
    case.is("standard_work_part_yen", answer.base_rate().map(|base| (base - non_work) * wages));
    case.is("balance_ratio_pct", answer.measure("payout_ratio").map(|ratio| ratio * Decimal::ONE_HUNDRED));
    case.is("merit_rate_permil", answer.rate().map(|rate| rate * Decimal::ONE_THOUSAND));
    case.is("work_part_yen", answer.rate().map(|rate| (rate - non_work) * wages));
    case.is("premium_yen", answer.rate().map(|rate| rate * wages));
    // A ratio of 0 does not show the adjustment rate: one of exactly 100 % does.
    let denominator = case.number("premium_3y_work_part_yen") * case.number("adjust_factor_1");
    case.within("ratio", rate(minor(denominator, 0)).measure("payout_ratio"), Decimal::ONE, Decimal::ZERO);
}

/// An industry with a rate of so many permil.
fn with_rate(permil: Decimal) -> (&'static str, &'static str) {
    match permil.normalize().to_string().as_str() {
        "3" => ("jp-merit-2025", "wholesale_retail"),
        "4.5" => ("jp-merit-2025", "chemical"),
        "5" => ("jp-merit-2025", "machinery"),
        "6" => ("jp-merit-2025", "other_manufacturing"),
        "13" => ("jp-merit-2025", "wood"),
        "20.6" => ("jp-merit-2025-patched", PATCHED),
        "52" => ("jp-merit-2025", "forestry"),
        "88" => ("jp-merit-2025", "metal_coal_mining"),
        other => panic!("no industry has {other} permil"),
    }
}

fn permil(value: Decimal) -> Decimal {
    value / Decimal::ONE_THOUSAND
}

pub fn size(world: &World, case: &Case) {
    let (headcount, rate) = (case.number("headcount"), case.number("industry_rate_permil"));
    let (plan, code) = with_rate(rate);
    let headcount_whole = minor(headcount, 0).unsigned_abs();
    // Without a claim everybody moves who is large enough.
    let answer = world.rate(plan, DATE, &record(code, headcount_whole, [100_000_000; 3], 0));
    let is_large = case.expected("eligible_by_size").as_bool().expect("yes or no");
    let status = if is_large { "rated" } else { "kept" };
    case.require(answer.status == status, || format!("{}: {:?}", answer.status, answer.reasons));
    // The plan's own rates: the base, and what the step of -8 leaves of it above the non-work rate.
    let base = answer.base_rate();
    case.within("industry rate", base, permil(rate), Decimal::ZERO);
    case.within("non-work rate", Some(NON_WORK), permil(case.number("non_work_rate_permil")), Decimal::ZERO);
    case.is("disaster_degree", base.map(|base| headcount * (base - NON_WORK)));
}

pub fn rate(world: &World, case: &Case) {
    let rate = case.number("industry_rate_permil");
    let (plan, code) = with_rate(rate);
    let kind = if code == LOGGING.code { LOGGING } else { Kind { code, ..GENERAL } };
    let answer = kind.at(world, plan, case.number("balance_ratio_pct"));
    adjusted(case, &answer);
    case.within("industry rate", answer.base_rate(), permil(rate), Decimal::ZERO);
    case.within("non-work rate", Some(NON_WORK), permil(case.number("non_work_rate_permil")), Decimal::ZERO);
    case.is("merit_rate_permil", answer.rate().map(|rate| rate * Decimal::ONE_THOUSAND));
}

/// The first adjustment rate moves the same benefits to another side of the dead band.
pub fn factor(world: &World, case: &Case) {
    let business = case.input("business").as_str().expect("a business").to_owned();
    let code = match business.as_str() {
        "forestry" => "forestry",
        "construction" => "buildings",
        _ => "other_manufacturing",
    };
    let premium = minor(case.number("premium_3y"), 0).unsigned_abs();
    let benefits = minor(case.number("benefits_3y"), 0);
    let answer = world.rate("jp-merit-2025", DATE, &record(code, 100, [premium, 0, 0], benefits));
    let ratio = answer.near("payout_ratio");
    // The rate that the ratio was made with, from the ratio.
    let whole = Decimal::from(benefits) / Decimal::from(premium);
    let used = ratio.map(|ratio| rounded(whole / ratio, 9));
    case.within("adjustment rate", used, case.number("adjust_factor_1"), Decimal::ZERO);
    case.is("balance_ratio_pct_1dp", ratio.map(|ratio| rounded(ratio * Decimal::ONE_HUNDRED, 1)));
    let effect = match answer.step {
        0 => "none",
        step if step > 0 => "raise",
        _ => "lower",
    };
    case.require(case.expected("effect") == effect, || format!("the effect is {effect}"));
}
