//! Steps that a person set: what becomes of a result that the rules alone could not decide.

use floatrate_engine::Lang;
use floatrate_engine::explain::explain;
use floatrate_engine::plan::catalog::{Catalog, Plan};
use floatrate_engine::plan::compiled::Program;
use floatrate_engine::plan::examples::{Case, cases};
use floatrate_engine::plan::source::AdjustKind;
use floatrate_engine::rating::{Outcome, Rater, Reason, Status, Width};
use floatrate_engine::receipt::{Digest, input_digest, result_digest};
use floatrate_engine::record::Record;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn load(texts: &BTreeMap<String, String>) -> Catalog {
    Catalog::load(texts).unwrap_or_else(|(d, files)| panic!("{}", files.render(&d[0])))
}

/// Every shipped plan with its examples.
fn shipped() -> Catalog {
    fn collect(folder: &Path, below: &str, out: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = format!("{below}{}", path.file_name().unwrap().to_str().unwrap());
            if path.is_dir() {
                collect(&path, &format!("{name}/"), out);
            } else {
                out.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut texts = BTreeMap::new();
    collect(&root().join("rules"), "", &mut texts);
    load(&texts)
}

/// A child of the tests' base plan, beside records as examples.
fn child(plan: &str, records: &str) -> Catalog {
    let base = std::fs::read_to_string(root().join("tests/plans/base/plan.toml")).unwrap();
    let head = "language = 1\nid = \"xx-case\"\nextends = \"xx-base\"\nstatus = \"illustrative\"\n\
                title = { zh = \"例\", en = \"case\" }\n";
    load(&BTreeMap::from([
        ("xx/base/plan.toml".to_owned(), base),
        ("xx/case/plan.toml".to_owned(), format!("{head}{plan}")),
        ("xx/case/examples.toml".to_owned(), records.to_owned()),
    ]))
}

fn set(plan: &Plan, case: &Case, step: i64) -> Arc<Program> {
    let Program { rating_date, portfolio, .. } = &*case.program;
    Arc::new(plan.compile_by_hand(*rating_date, portfolio, step).unwrap())
}

fn rate(program: &Arc<Program>, record: &Record) -> Outcome {
    Rater::new(Arc::clone(program)).rate(std::slice::from_ref(record)).outcome(0)
}

/// A result in a line: status, step, tier, rate; reasons; components.
fn line(program: &Program, outcome: &Outcome) -> String {
    let plan = &program.plan;
    let verdict = &outcome.verdict;
    let number = |value: Option<floatrate_engine::number::Decimal>| {
        value.map_or_else(|| "-".to_owned(), |value| value.to_string())
    };
    let reasons: Vec<_> = outcome.reasons.iter().map(|reason| reason.name(plan)).collect();
    let components: Vec<_> =
        outcome.components.iter().map(|(reason, step)| format!("{}={step}", reason.name(plan))).collect();
    format!(
        "{} {} {} {} | {} | {}",
        verdict.status.name(),
        verdict.step,
        number(verdict.tier),
        number(verdict.rate),
        reasons.join(" "),
        components.join(" ")
    )
}

const PLAN: &str = r#"
[fact.inspected]
type = "boolean"
title = { zh = "已检查", en = "inspected" }
worse = "less"
required = true
cite = "law all"

[fact.points]
type = "number"
places = 0
title = { zh = "减点", en = "points off" }
worse = "less"
required = true
cite = "law all"

[ladder]
tiers = { -2 = "0.5", 0 = "1", 1 = "1.2" }
allowed = [ { class = "1", steps = "[0..1]" }, { class = "[2..3]", steps = "[-2..1]" } ]
cite = "law all"

[[gate]]
name = "suspected_fraud"
title = { zh = "涉嫌骗保", en = "suspected fraud" }
when = "fraud"
gives = "review"
cite = "law all"

[[gate]]
name = "new"
title = { zh = "新参保", en = "new" }
when = "months_since(first_insured, end(now)) < 12"
gives = "kept"
cite = "law all"

[[adjust]]
name = "points_off"
kind = "overlay"
title = { zh = "减点", en = "points off" }
when = "points > 0 and class = 3"
rate = "rate - 0.001"
cite = "law all"

[[reduction]]
from = "2021-07-01"
to = "2022-06-30"
cut = "0.5"
mode = "on_base"
cite = "law all"
"#;

/// Records by name: class, first day insured, days of the period, contributions, facts.
fn records() -> String {
    let mut out = String::new();
    for (name, class, since, period, paid, facts) in [
        ("gap", 2, "2010-01-01", "2020-01-01 2020-12-31", 1000, "inspected points"),
        ("clean", 2, "2010-01-01", "2020-01-01 2020-12-31", 1000, "inspected points"),
        ("clean_3", 3, "2010-01-01", "2020-01-01 2020-12-31", 1000, "inspected points"),
        ("no_class", 4, "2010-01-01", "2020-01-01 2020-12-31", 1000, "inspected points"),
        ("short", 2, "2010-01-01", "2020-01-01 2020-06-30", 1000, "inspected points"),
        ("short_1", 1, "2010-01-01", "2020-01-01 2020-06-30", 1000, "inspected points"),
        ("over", 2, "2010-01-01", "2020-07-01 2021-06-30", 1000, "inspected points"),
        ("unpaid", 2, "2010-01-01", "2020-01-01 2020-12-31", 0, "inspected points"),
        ("dear_3", 3, "2010-01-01", "2020-01-01 2020-12-31", 500, "inspected points"),
        ("unpaid_3", 3, "2010-01-01", "2020-01-01 2020-12-31", 0, "inspected points"),
        ("unasked", 3, "2010-01-01", "2020-01-01 2020-12-31", 1000, "points"),
        ("pointless", 3, "2010-01-01", "2020-01-01 2020-12-31", 1000, "inspected"),
        ("several", 2, "2010-01-01", "2020-07-01 2021-06-30", 1000, ""),
        ("fraud", 2, "2010-01-01", "2020-07-01 2021-06-30", 1000, "inspected points fraud"),
        ("new", 2, "2020-07-01", "2020-07-01 2020-12-31", 1000, "inspected points"),
    ] {
        let (start, end) = period.split_once(' ').unwrap();
        let facts: Vec<String> = facts
            .split_whitespace()
            .map(|fact| format!("{fact} = {}", if fact == "points" { "2" } else { "true" }))
            .collect();
        // Without benefits the step would be one that the ladder lacks.
        let claims = if name == "gap" {
            ""
        } else {
            r#"{ id = "1", date = "2020-05-04", cause = "work_accident", outcome = "temporary", benefits_paid = 500 }"#
        };
        out.push_str(&format!(
            "[[example]]\nname = \"{name}\"\nrating_date = \"2021-01-01\"\n\
             record.employer = {{ id = \"E\", risk_class = {class}, insured_since = \"{since}\" }}\n\
             record.periods = [{{ start = \"{start}\", end = \"{end}\", contributions_paid = {paid} }}]\n\
             record.claims = [{claims}]\nrecord.facts = {{ {} }}\n",
            facts.join(", ")
        ));
    }
    out
}

/// One record and step a row: what the rules say, what becomes of the step.
const CASES: &str = "
gap        1  rated 1 1.2 0.012 | by_hand ladder:no_tier | by_hand=1
clean     -2  rated -2 0.5 0.005 | by_hand | by_hand=-2
clean      0  rated 0 1 0.01 | by_hand | by_hand=0
clean      1  rated 1 1.2 0.012 | by_hand | by_hand=1
clean     -1  review 0 1 0.01 | ladder:no_tier |
clean      2  review 0 1 0.01 | ladder:no_tier |
clean_3   -2  rated -2 0.5 0.0085 | by_hand overlay:points_off | by_hand=-2
no_class   1  review 0 - - | risk_class:unknown |
short     -2  rated -2 0.5 0.005 | by_hand window:incomplete | by_hand=-2
short_1   -2  rated 0 1 0.002 | by_hand window:incomplete ladder:class | by_hand=-2 ladder:class=2
short_1    1  rated 1 1.2 0.0024 | by_hand window:incomplete | by_hand=1
over       1  rated 1 1.2 0.012 | by_hand window:straddled window:incomplete payout_ratio:undefined | by_hand=1
unpaid     1  rated 1 1.2 0.012 | by_hand payout_ratio:undefined | by_hand=1
unasked    1  rated 1 1.2 0.0218 | by_hand facts.inspected:missing overlay:points_off | by_hand=1
pointless  1  review 0 1 0.019 | facts.points:missing |
several    1  review 0 1 0.01 | facts.points:missing |
fraud      1  rated 1 1.2 0.012 | by_hand suspected_fraud | by_hand=1
new        1  rated 1 1.2 0.012 | by_hand new | by_hand=1
";

/// The record of a name, of its plan.
fn of_name<'a>(all: &'a [Case], name: &str) -> &'a Case {
    all.iter().find(|case| case.name == name).unwrap_or_else(|| panic!("no record {name}"))
}

/// Holds the examples of a plan against rows of [`CASES`]' form.
fn holds(catalog: &Catalog, id: &str, rows: &str) {
    let plan = catalog.plan(id).unwrap();
    let all = cases(plan, catalog.declared());
    for row in rows.lines().filter(|row| !row.is_empty()) {
        let (name, rest) = row.split_once(' ').unwrap();
        let (step, expected) = rest.trim().split_once("  ").unwrap();
        let case = of_name(&all, name);
        let program = set(plan, case, step.parse().unwrap());
        let shown = line(&program, &rate(&program, &case.record));
        assert_eq!(shown.trim_end(), expected.trim_end(), "{id}: {name} set to {step}");
    }
}

#[test]
fn what_becomes_of_a_step() {
    holds(&child(PLAN, &records()), "xx-case", CASES);
}

/// Adjusts of every kind and of everything that they change; the class rules stand as they act.
const BOUND: &str = r#"
[fact.inspected]
type = "boolean"
title = { zh = "已检查", en = "inspected" }
worse = "less"
required = true
cite = "law all"

[fact.points]
type = "number"
places = 0
title = { zh = "减点", en = "points off" }
worse = "less"
cite = "law all"

[ladder]
tiers = { -2 = "0.5", 0 = "1", 1 = "1.2" }
allowed = [ { class = "1", steps = "[0..1]" }, { class = "[2..3]", steps = "[-2..1]" } ]
cite = "law all"

[[adjust]]
name = "down"
kind = "overlay"
title = { zh = "再下浮", en = "further down" }
when = "inspected or points > 0"
step = "step - 1"
cite = "law all"

[[adjust]]
name = "fraud_costs"
kind = "veto"
title = { zh = "骗保不予下浮", en = "fraud: no downward move" }
when = "fraud"
step = "max(step, 1)"
cite = "law all"

[[adjust]]
name = "never_down"
kind = "class_rule"
title = { zh = "二类行业不下浮", en = "class 2 never moves down" }
when = "class = 2"
step = "max(step, 0)"
cite = "law all"

[[adjust]]
name = "next_class"
kind = "class_rule"
title = { zh = "按高一类", en = "next class" }
when = "fraud"
class = "class + 1"
cite = "law all"

[[adjust]]
name = "one_up"
kind = "class_rule"
title = { zh = "三类行业上浮一档", en = "class 3 one up" }
when = "class = 3 and inspected"
step = "step + 1"
cite = "law all"

[[adjust]]
name = "dear"
kind = "class_rule"
title = { zh = "三类行业支出高的不下浮", en = "class 3 with high costs never moves down" }
when = "class = 3 and step < 0 and payout_ratio > 0.6"
step = "0"
cite = "law all"

[[adjust]]
name = "surcharge"
kind = "class_rule"
title = { zh = "三类行业附加", en = "class 3 surcharge" }
when = "class = 3"
rate = "rate + 0.001"
cite = "law all"
"#;

/// What binds a step: each class rule as the one before left it, with the class of its place, then the ladder.
const BOUND_CASES: &str = "
clean     -2  rated 0 1 0.01 | by_hand class_rule:never_down | by_hand=-2 class_rule:never_down=2
clean      0  rated 0 1 0.01 | by_hand | by_hand=0
clean      1  rated 1 1.2 0.012 | by_hand | by_hand=1
clean     -1  review 0 1 0.01 | ladder:no_tier |
short_1   -2  rated 0 1 0.002 | by_hand window:incomplete ladder:class | by_hand=-2 ladder:class=2
clean_3    0  rated 1 1.2 0.0238 | by_hand class_rule:one_up class_rule:surcharge | by_hand=0 class_rule:one_up=1
clean_3    1  rated 1 1.2 0.0238 | by_hand class_rule:one_up ladder:class class_rule:surcharge | by_hand=1 class_rule:one_up=1 ladder:class=-1
clean_3   -2  review 0 1 0.019 | ladder:no_tier |
dear_3    -2  rated 0 1 0.02 | by_hand class_rule:one_up class_rule:dear class_rule:surcharge | by_hand=-2 class_rule:one_up=1 class_rule:dear=1
unpaid_3  -2  review 0 1 0.019 | ladder:no_tier |
unpaid_3   0  rated 1 1.2 0.0238 | by_hand payout_ratio:undefined class_rule:one_up class_rule:surcharge | by_hand=0 class_rule:one_up=1
unasked    0  review 0 1 0.019 | facts.inspected:missing |
pointless  0  rated 1 1.2 0.0238 | by_hand class_rule:one_up class_rule:surcharge | by_hand=0 class_rule:one_up=1
fraud     -2  rated 1 1.2 0.0238 | by_hand window:straddled window:incomplete payout_ratio:undefined class_rule:never_down class_rule:next_class class_rule:one_up class_rule:surcharge | by_hand=-2 class_rule:never_down=2 class_rule:one_up=1
";

#[test]
fn class_rules_bind() {
    holds(&child(BOUND, &records()), "xx-case", BOUND_CASES);
}

/// Shipped plans whose law says something of class 1 or 2: the rules' own reasons, vetoes and overlays apart.
const SHIPPED_CASES: &str = "
cn-340400-2012 class_1_not_up       2  rated 0 1 0.005 | by_hand class_rule:class_1_not_floated | by_hand=2 class_rule:class_1_not_floated=-2
cn-340400-2012 class_1_not_up      -1  rated 0 1 0.005 | by_hand class_rule:class_1_not_floated | by_hand=-1 class_rule:class_1_not_floated=1
cn-340400-2012 class_1_not_down     0  rated 0 1 0.005 | by_hand | by_hand=0
cn-340400-2012 ratio_120           -2  rated -2 0.5 0.01 | by_hand | by_hand=-2
cn-510400-2021 class_1_never_down  -2  rated 0 1 0.002 | by_hand class_rule:class_1_never_down | by_hand=-2 class_rule:class_1_never_down=2
cn-510400-2021 class_1_never_down   0  rated 0 1 0.002 | by_hand | by_hand=0
cn-510400-2021 class_1_never_down   2  rated 2 1.5 0.003 | by_hand | by_hand=2
";

#[test]
fn class_rules_of_shipped_plans_bind() {
    let catalog = shipped();
    for row in SHIPPED_CASES.lines().filter(|row| !row.is_empty()) {
        let (id, row) = row.split_once(' ').unwrap();
        holds(&catalog, id, row);
    }
}

/// A cut of the base, before floor and tier, is that of the rules.
#[test]
fn charged_rates_follow() {
    let catalog = child(PLAN, &records());
    let plan = catalog.plan("xx-case").unwrap();
    let all = cases(plan, catalog.declared());
    let case = of_name(&all, "short");
    let charged = rate(&set(plan, case, 1), &case.record).charged;
    let shown: Vec<_> = charged.iter().map(|(from, rate)| format!("{from} {rate}")).collect();
    assert_eq!(shown, ["2021-01-01 0.012", "2021-07-01 0.006"]);
}

/// An example of a shipped plan, as the rules rate it, and a step of the ladder.
struct Set<'a> {
    plan: &'a Plan,
    case: &'a Case,
    rules: &'a Outcome,
    /// The plan's other examples of that day.
    others: &'a [(&'a Case, Outcome)],
    step: i64,
    program: &'a Arc<Program>,
}

/// Every example of every shipped plan with tiers whose class or industry is known, set to every step of the ladder.
fn every_step(mut see: impl FnMut(&Set<'_>)) {
    let catalog = shipped();
    let with_tiers = catalog.plans().filter(|plan| !plan.checked.ladder.tiers.is_empty());
    for plan in with_tiers.filter(|plan| plan.checked.rating.is_some()) {
        let all = cases(plan, catalog.declared());
        let rated: Vec<_> = all.iter().map(|case| (case, rate(&case.program, &case.record))).collect();
        let mut programs = BTreeMap::new();
        for (case, rules) in rated.iter().filter(|(_, outcome)| outcome.verdict.base_rate.is_some()) {
            for &(step, _) in &plan.checked.ladder.tiers {
                let key = (case.program.rating_date, case.program.portfolio.clone(), step);
                let program = programs.entry(key).or_insert_with(|| set(plan, case, step));
                see(&Set { plan, case, rules, others: &rated, step, program });
            }
        }
    }
}

/// Whether a rule that is not one of the step changed a result.
fn adjusted(outcome: &Outcome) -> bool {
    let of_step = |reason: &Reason| outcome.components.iter().any(|(of, _)| of == reason);
    outcome.reasons.iter().any(|r| matches!(r, Reason::Adjust(_)) && !of_step(r))
}

/// The same step gives the same numbers, whoever set it: on the record itself, and on every record of that class and
/// day, where the rate reads nothing else. A step that does not stand gives those of the step that it becomes.
#[test]
fn a_step_is_a_step() {
    let (mut own, mut other) = (0, 0);
    every_step(|&Set { plan, case, others, step, program, .. }| {
        let name = format!("{} {} set to {step}", plan.checked.id, case.name);
        let by_hand = rate(program, &case.record);
        assert_eq!(by_hand.verdict.status, Status::Rated, "{name}");
        let step = by_hand.verdict.step;
        let class_only =
            plan.checked.outcome.rate.text == "start * tier" && plan.checked.id.starts_with("cn-");
        for (rules, outcome) in others {
            let same = rules.record == case.record;
            let verdict = &outcome.verdict;
            let alike = verdict.status == Status::Rated
                && verdict.step == step
                && verdict.risk_class == by_hand.verdict.risk_class
                && rules.program.rating_date == case.program.rating_date;
            let comparable = same || (class_only && !adjusted(outcome) && !adjusted(&by_hand));
            if !alike || !comparable {
                continue;
            }
            assert_eq!(by_hand.verdict, outcome.verdict, "{name}, as {}", rules.name);
            assert_eq!(by_hand.charged, outcome.charged, "{name}, as {}", rules.name);
            if same {
                assert_eq!(by_hand.measures, outcome.measures, "{name}");
                own += 1;
            } else {
                other += 1;
            }
        }
    });
    assert!(own > 50 && other > 500, "{own} of their own and {other} of others");
}

/// The step set, what class rules and the ladder did to it, in this order, and nothing else add up to the step of the
/// result. That one is within the ladder's limits, and set by hand it stands.
#[test]
fn components_add_up() {
    let mut bound: BTreeMap<String, u32> = BTreeMap::new();
    every_step(|&Set { plan, case, step, program, .. }| {
        let name = format!("{} {} set to {step}", plan.checked.id, case.name);
        let by_hand = rate(program, &case.record);
        let reached = by_hand.verdict.step;
        let (first, changes) = by_hand.components.split_first().unwrap();
        assert_eq!(*first, (Reason::ByHand, step), "{name}");
        assert_eq!(by_hand.components.iter().map(|c| c.1).sum::<i64>(), reached, "{name}");
        let may_reach = plan.checked.ladder.steps(by_hand.verdict.risk_class);
        assert!(may_reach.iter().any(|tier| tier.0 == reached), "{name}");
        let mut places = Vec::new();
        for (reason, change) in changes {
            assert_ne!(*change, 0, "{name}");
            places.push(match *reason {
                Reason::Adjust(at) => {
                    assert_eq!(plan.checked.adjusts[at].kind, AdjustKind::ClassRule, "{name}");
                    *bound.entry(plan.checked.id.clone()).or_default() += 1;
                    at
                }
                Reason::Ladder => plan.checked.adjusts.len(),
                other => panic!("{name}: {other:?}"),
            });
        }
        assert!(places.is_sorted(), "{name}");
        if reached != step {
            let stands = rate(&set(plan, case, reached), &case.record);
            assert_eq!(stands.components, [(Reason::ByHand, reached)], "{name}");
            assert_eq!((stands.verdict, stands.charged), (by_hand.verdict, by_hand.charged), "{name}");
        }
    });
    let plans: Vec<_> = bound.keys().map(String::as_str).collect();
    let expected = [
        "cn-210100-2020",
        "cn-320000-2023",
        "cn-340400-2012",
        "cn-370600-2013",
        "cn-440300-2018",
        "cn-460000-2017",
        "cn-510400-2021",
        "cn-sample-u2",
    ];
    assert_eq!(plans, expected, "{bound:?}");
}

/// What ended the rules early is named behind the person who did not.
#[test]
fn what_stood_before_is_named() {
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    every_step(|&Set { plan, case, rules, program, .. }| {
        let by_hand = rate(program, &case.record);
        assert_eq!(by_hand.reasons.first(), Some(&Reason::ByHand));
        let before = if rules.verdict.status == Status::Rated { &[][..] } else { &rules.reasons[..] };
        assert_eq!(&by_hand.reasons[1..=before.len()], before, "{} {}", plan.checked.id, case.name);
        for reason in before {
            *kinds.entry(reason.name(&plan.checked)).or_default() += 1;
        }
    });
    assert!(kinds.len() >= 8, "{kinds:?}");
}

/// Whatever the width and the chunk, a replay is the same; the step is part of the input.
#[test]
fn replays_are_identical() {
    let mut seen: BTreeMap<String, Vec<(Option<i64>, Digest)>> = BTreeMap::new();
    every_step(|&Set { plan, case, step, program, .. }| {
        let mut buffer = Vec::new();
        let mut digests = |program: &Arc<Program>, width, beside: usize| {
            let records = vec![case.record.clone(); beside + 1];
            let mut rater = Rater::new(Arc::clone(program)).at_least(width);
            let outcome = rater.rate(&records).outcome(beside);
            let input = input_digest(program, &case.record, &mut buffer);
            (input, result_digest(program, input, &outcome, &mut buffer))
        };
        let first = digests(program, Width::W64, 0);
        assert_eq!(digests(program, Width::W128, 2), first);
        // A replay compiles again.
        if case.line % 8 == 0 {
            assert_eq!(digests(&set(plan, case, step), Width::Big, 1), first);
        }
        let key = format!("{} {}", plan.checked.id, case.name);
        let of_case =
            seen.entry(key).or_insert_with(|| vec![(None, digests(&case.program, Width::W64, 0).0)]);
        assert!(of_case.iter().all(|(set, input)| *set == Some(step) || *input != first.0));
        of_case.push((Some(step), first.0));
    });
    assert!(seen.len() > 100, "{}", seen.len());
}

#[test]
fn the_letter_says_who_decided_and_why() {
    let catalog = child(PLAN, &records());
    let plan = catalog.plan("xx-case").unwrap();
    let all = cases(plan, catalog.declared());
    for (name, step, lang, says, silent) in [
        (
            "over",
            1,
            Lang::Zh,
            &[
                "费率档次由人工确定：上浮1档，档次120%。仅凭规则不能核定，原因：有缴费期间跨越考核期的起止日（window:straddled）；考核期内部分参保时间没有缴费记录（window:incomplete）；支缴率的分母为0，无法计算（payout_ratio:undefined）。",
                "自2021年7月1日起执行费率0.6%",
            ][..],
            &["转人工复核", "适用第"][..],
        ),
        (
            "over",
            1,
            Lang::En,
            &[
                "The tier was set by hand: 1 up, tier 120 %. The rules alone could not decide: a period lies partly in the window (window:straddled); an insured day of the window is covered by no period (window:incomplete); payout ratio cannot be computed: its divisor is 0 (payout_ratio:undefined).",
                "tier 120 % (1 up) gives 1.2 %",
            ],
            &["For review", "applies"],
        ),
        (
            "new",
            -2,
            Lang::Zh,
            &["新参保：属此情形", "原因：新参保（new）。[依据：law all]"],
            &["本次不参加浮动"],
        ),
        (
            "fraud",
            0,
            Lang::En,
            &[
                "The tier was set by hand: no step, tier 100 %. The rules alone could not decide: suspected fraud (suspected_fraud). [law all]",
            ],
            &["For review"],
        ),
        (
            "clean",
            1,
            Lang::En,
            &["set by hand: 1 up, tier 120 %. The rules alone would have given a result."],
            &["Row 2 applies"],
        ),
        ("clean", 1, Lang::Zh, &["仅凭规则本可核定，仍由人工确定。"], &["适用第2档"]),
        (
            "pointless",
            1,
            Lang::En,
            &[
                "For review by a person: the record lacks a fact that the plan requires: points off (facts.points:missing)",
                "is not charged before",
            ],
            &["Charged from"],
        ),
        ("short_1", -2, Lang::Zh, &["该类行业可浮动范围的限制：由下浮2档改为不浮动"], &[]),
    ] {
        let case = of_name(&all, name);
        let mut rater = Rater::new(set(plan, case, step));
        let text = explain(&rater.rate(std::slice::from_ref(&case.record)), 0, lang).text();
        for part in says {
            assert!(text.contains(part), "{name}: {part}\n---\n{text}");
        }
        for part in silent {
            assert!(!text.contains(part), "{name} says {part}\n---\n{text}");
        }
    }
}

#[test]
fn the_letter_says_what_binds() {
    let bound = child(BOUND, &records());
    let shipped = shipped();
    for (catalog, id, name, step, lang, says, silent) in [
        (
            &shipped,
            "cn-340400-2012",
            "class_1_not_up",
            2,
            Lang::Zh,
            &[
                "费率档次由人工确定：上浮2档，档次150%。",
                "由上浮2档改为不浮动。[依据：hn12 class_1]",
                "执行费率0.5%",
            ][..],
            &["可浮动范围的限制"][..],
        ),
        (
            &shipped,
            "cn-510400-2021",
            "class_1_never_down",
            -1,
            Lang::En,
            &["set by hand: 1 down, tier 80 %", "so it is. 1 down becomes no step. [r71 tiers]"],
            &["no downward move", "What the class may reach"],
        ),
        (
            &bound,
            "xx-case",
            "clean_3",
            1,
            Lang::En,
            &[
                "1 up becomes 2 up",
                "What the class may reach: 2 up becomes 1 up.",
                "class 2 never moves down: class = 3; not so.",
            ],
            &["further down", "fraud: no downward move"],
        ),
    ] {
        let plan = catalog.plan(id).unwrap();
        let all = cases(plan, catalog.declared());
        let case = of_name(&all, name);
        let mut rater = Rater::new(set(plan, case, step));
        let text = explain(&rater.rate(std::slice::from_ref(&case.record)), 0, lang).text();
        for part in says {
            assert!(text.contains(part), "{id} {name}: {part}\n---\n{text}");
        }
        for part in silent {
            assert!(!text.contains(part), "{id} {name} says {part}\n---\n{text}");
        }
    }
}

#[test]
fn no_record_moves_a_step_that_was_set() {
    let catalog = child(PLAN, &records());
    let plan = catalog.plan("xx-case").unwrap();
    let all = cases(plan, catalog.declared());
    let case = of_name(&all, "clean");
    assert_eq!(Rater::new(set(plan, case, 1)).distances(&case.record), Some(Vec::new()));
    let case = of_name(&all, "no_class");
    assert_eq!(Rater::new(set(plan, case, 1)).distances(&case.record), None);
}

#[test]
fn steps_of_a_class_with_their_tiers() {
    let catalog = shipped();
    let steps = |id: &str, class| {
        let steps = catalog.plan(id).unwrap().checked.ladder.steps(class);
        steps.iter().map(|(step, tier)| format!("{step} {tier}")).collect::<Vec<_>>()
    };
    assert_eq!(steps("cn-510400-2021", Some(1)), ["0 1", "1 1.2", "2 1.5"]);
    assert_eq!(steps("cn-510400-2021", Some(8)), ["-2 0.5", "-1 0.8", "0 1", "1 1.2", "2 1.5"]);
    for (id, class) in [("cn-510400-2021", None), ("cn-510400-2021", Some(0)), ("cn-510400-2021", Some(9))] {
        assert!(steps(id, class).is_empty(), "{id} {class:?}");
    }
    assert!(steps("cn-410900-2012", Some(2)).is_empty(), "a derived ladder");
}

#[test]
fn a_plan_without_tiers_has_no_step_to_set() {
    let catalog = shipped();
    let plan = catalog.plan("cn-410900-2012").unwrap();
    let date = plan.checked.first_rating_date().unwrap();
    let why = plan.compile_by_hand(date, &[], 1).unwrap_err();
    assert_eq!(why, "cn-410900-2012 has no tiers, so no step can be set by hand");
    let plan = catalog.plan("cn-510400-2021").unwrap();
    assert!(plan.compile_by_hand("2026-02-01".parse().unwrap(), &[], 1).is_err(), "no rating date");
}
