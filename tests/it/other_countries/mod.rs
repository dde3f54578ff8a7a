//! Plans of other countries against numbers that nobody here wrote: every case of the collection goes through a shipped plan,
//! or through a child that replaces one of its parameters; and what must hold of a formula whatever the numbers.

mod case;
mod europe;
mod japan;
mod merit;
mod merit_records;
mod properties;
mod states;
mod taiwan;
mod world;

use case::Case;
use world::World;

/// A case is of a plan, or of a method that no plan is.
enum Test {
    Plan(fn(&World, &Case)),
    Skip(&'static str),
}

const INCOMPLETE: &str = "incomplete: its source lacks a part or contradicts itself";
const STATISTICS: &str = "a statistic of back-tests over many risks, not a plan's result";

fn test(case: &Case) -> Test {
    use Test::{Plan, Skip};
    if !case.is_complete() {
        return Skip(INCOMPLETE);
    }
    match case.plan() {
        "JP 別表第3 (all but logging, ±40%)" => Plan(japan::table_3),
        "JP 別表第3 (logging, ±35%)" => Plan(japan::table_3_logging),
        "JP 別表第3の2 (bundled construction/logging, any year's premium 400k<=P<1m yen, ±30%)" => {
            Plan(japan::table_3_2)
        }
        "JP 別表第3の3 (SME special merit, ±45%)" => Plan(japan::table_3_3),
        "JP 別表第6 single fixed-term, construction" => Plan(japan::table_6_construction),
        "JP 別表第6 single fixed-term, logging" => Plan(japan::table_6_logging),
        "JP merit eligibility (headcount / disaster-degree coefficient)" => Plan(japan::size),
        "JP merit rate formula (non-work 0.6 permil)"
        | "JP merit rate formula (non-work 0.6 permil) logging table" => Plan(japan::rate),
        "JP merit: type-1 adjustment factor" => Plan(japan::factor),
        "JP merit continuing (2004 parameters: industry 8/1000, non-work 0.9/1000)" => Plan(japan::ministry),
        "FR AT/MP mixed-rate fraction" => Plan(europe::fraction),
        "FR AT/MP year-on-year limit" => Plan(europe::yearly_limit),
        "DE BGW §30 surcharge" => Plan(europe::bgw),
        "DE BGN (older §30, classes 1-20) rebate" => Plan(europe::bgn),
        "TW merit rate 2022 art.5 (at whole 10-point marks)" => Plan(taiwan::by_ratio),
        "TW merit rate 2022 art.7 (safety grade)" => Plan(taiwan::by_grade),
        "TW merit rate 2022 art.4 (sum of art.5 and art.7)" => Plan(taiwan::by_both),
        "TW merit rate, Labor Insurance Act art.13 (before 2022-05-01)" => Plan(taiwan::before_2022),
        "US NCCI primary/excess split" => Plan(states::split),
        "US split plan, 11 claims" => Plan(states::eleven_claims),
        "US NCCI expected losses by class" => Plan(states::expected_losses),
        "US NCCI ERA: medical-only claims cut by 70% before the split" => Plan(states::medical_only),
        "ISO CGL experience rating" => Plan(states::iso_cgl),
        "US Washington expected losses" => Plan(states::one_class),
        "US Washington expected losses, two classes" => Plan(states::two_classes),
        "US Ohio EM cap (100% of previous published EM)" => Plan(states::ohio_cap),
        "US Ohio EM = 1 + C*(TML-TLL)/TLL" => Plan(states::ohio_formula),
        "US PA/DE [Ap*C + E*C*L + E*(1-C)]/E with maximum mod 1.10+0.0004*E/G, G=12"
        | "US PA/DE maximum mod binds" => Plan(states::pennsylvania),
        "US PA/DE +40% swing limit on prior mod" => Plan(states::pennsylvania_swing),
        "US NY (from 2022-10-01) / CA (from 2019-01-01): (Ap + Ee)/E" => Plan(states::primary_over_expected),
        "US CA first 250 dollars of each claim left out" => Plan(states::first_250),
        "Efficiency (quintile) test"
        | "Quintile + efficiency test, two plans, 15 risks"
        | "Quintile + efficiency test, equal manual premium, 10 risks"
        | "Standard loss ratio"
        | "Back-test of the credibility weight on a 3-year window (MSE, share of large errors)" => {
            Skip(STATISTICS)
        }
        other => panic!("no test for a case of `{other}`"),
    }
}

#[test]
fn every_case_comes_out() {
    let world = World::with(japan::children());
    let (mut passed, mut skipped, mut wrong) = (0, Vec::new(), Vec::new());
    for case in Case::all() {
        match test(&case) {
            Test::Plan(compare) => {
                compare(&world, &case);
                let found = case.finish();
                passed += usize::from(found.is_empty());
                wrong.extend(found);
            }
            Test::Skip(why) => skipped.push((case.id().to_owned(), why)),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    // Each with its reason, so that none is left out in silence.
    let expected = [
        ("fr-cramif-gross", INCOMPLETE),
        ("de-vbg-2012", INCOMPLETE),
        ("act-eff-2011-q16", STATISTICS),
        ("act-quintile-fisher", STATISTICS),
        ("act-quintile-2003-q26", STATISTICS),
        ("act-2012-q16-standard-lr", STATISTICS),
        ("act-mahler-2021", STATISTICS),
    ];
    let skipped: Vec<(&str, &str)> = skipped.iter().map(|(id, why)| (id.as_str(), *why)).collect();
    assert_eq!(skipped, expected);
    assert_eq!((passed, passed + skipped.len()), (208, 215));
}
