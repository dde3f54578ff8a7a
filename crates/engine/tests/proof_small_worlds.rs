//! The prover against enumeration: a thousand generated plans over a world small enough to try every employer.
//!
//! In this world contributions are 4, so a payout ratio is a multiple of a quarter, and the plans' bounds are multiples of
//! a half: every side of every bound has a point. Counts and facts are small whole numbers, and so are their bounds. What
//! no employer of the grid shows, no employer at all can show.

use floatrate_engine::plan::catalog::{Catalog, Plan};
use floatrate_engine::plan::checked::{Part, Raw};
use floatrate_engine::plan::compiled::Frozen;
use floatrate_engine::proof::{Claim, Verdict, check};
use floatrate_engine::rating::{Outcome, Rater, Reason, Status};
use floatrate_engine::record::{Date, Declared, Form, Record};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

const PLANS: u64 = 1_000;

/// Small numbers from a seed (splitmix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[usize::try_from(self.below(of.len() as u64)).unwrap()]
    }
}

/// A condition on one measure or fact.
fn condition(dice: &mut Dice) -> String {
    let sign = |dice: &mut Dice| dice.pick(&["<", "<=", ">", ">=", "="]).to_owned();
    match dice.below(6) {
        0 | 1 => {
            let bound = ["0", "0.5", "1", "1.5", "2"][usize::try_from(dice.below(5)).unwrap()];
            format!("payout_ratio {} {bound}", sign(dice))
        }
        2 => format!("deaths {} {}", sign(dice), dice.below(3)),
        3 => format!("injuries {} {}", sign(dice), dice.below(4)),
        4 => format!("arrears {} {}", sign(dice), dice.below(3)),
        _ => dice.pick(&["fraud", "not fraud"]).to_owned(),
    }
}

fn formula(dice: &mut Dice) -> String {
    let mut out = condition(dice);
    while dice.one_in(3) {
        let joined = dice.pick(&["and", "or"]).to_owned();
        out = format!("({out}) {joined} {}", condition(dice));
    }
    out
}

/// Intervals that mostly fit together, and sometimes leave a hole or lie over one another.
fn band(dice: &mut Dice) -> String {
    let mut bounds = vec!["0.5", "1", "1.5", "2"];
    while dice.one_in(3) && bounds.len() > 1 {
        let at = usize::try_from(dice.below(bounds.len() as u64)).unwrap();
        bounds.remove(at);
    }
    let mut rows = Vec::new();
    let mut closed = true;
    rows.push(format!("<= {}", bounds[0]));
    if dice.one_in(6) {
        closed = false;
        rows[0] = format!("< {}", bounds[0]);
    }
    for pair in bounds.windows(2) {
        // Once in a while both ends or neither belong to two rows.
        let open = if dice.one_in(8) { !closed } else { closed };
        let left = if open { '(' } else { '[' };
        closed = !dice.one_in(5);
        rows.push(format!("{left}{}..{}{}", pair[0], pair[1], if closed { ']' } else { ')' }));
    }
    rows.push(format!("{} {}", if closed { ">" } else { ">=" }, bounds[bounds.len() - 1]));
    let mut step = -2 + i64::try_from(dice.below(2)).unwrap();
    let mut out = String::new();
    for row in rows {
        writeln!(out, "  {{ payout_ratio = \"{row}\", step = {step} }},").unwrap();
        step = if dice.one_in(7) { (step - 1).max(-3) } else { (step + 1).min(3) };
    }
    out
}

fn rows(dice: &mut Dice) -> String {
    let mut out = String::new();
    for _ in 0..1 + dice.below(4) {
        let step = i64::try_from(dice.below(5)).unwrap() - 2;
        writeln!(out, "  {{ if = \"{}\", step = {step} }},", formula(dice)).unwrap();
    }
    if !dice.one_in(4) {
        writeln!(out, "  {{ otherwise = true, step = {} }},", i64::try_from(dice.below(3)).unwrap() - 1)
            .unwrap();
    }
    out
}

const HEAD: &str = r#"
language = 1
id = "xx-small"
region = "990000"
title = { zh = "例", en = "small" }
status = "draft"
currency = "CNY"
[source.law]
title = { zh = "办法", en = "The rule" }
[[clause]]
cite = "law all"
says = { zh = "全文", en = "all of it" }
verdict = "encoded"
[rating]
month_day = "01-01"
years = "every"
first = 2020
valid_months = 12
cite = "law all"
[class]
count = 2
cite = "law all"
[param.base_rate]
type = "rate"
keys = ["class"]
values = { 1 = "0.002", 2 = "0.005" }
cite = "law all"
[window.now]
months = 12
ends = { month_day = "12-31", years_before = 1 }
cite = "law all"
[fact.fraud]
type = "boolean"
title = { zh = "骗保", en = "fraud" }
worse = "more"
cite = "law all"
[fact.arrears]
type = "months"
title = { zh = "欠费", en = "arrears" }
worse = "more"
cite = "law all"
[measure.payout_ratio]
is = "sum(claims.benefits_paid in now) / sum(periods.contributions_paid in now)"
cite = "law all"
[measure.injuries]
is = "count(claims in now)"
cite = "law all"
[measure.deaths]
is = "count(claims in now where outcome = fatal)"
cite = "law all"
"#;

fn plan_text(dice: &mut Dice) -> String {
    let mut out = HEAD.to_owned();
    if dice.one_in(3) {
        let gives = dice.pick(&["kept", "review"]);
        write!(
            out,
            "[[gate]]\nname = \"early\"\ntitle = {{ zh = \"早\", en = \"early\" }}\nwhen = \"{}\"\ngives = \"{gives}\"\ncite = \"law all\"\n",
            formula(dice)
        )
        .unwrap();
    }
    let by_band = !dice.one_in(3);
    let hit = if by_band || dice.one_in(3) { "unique" } else { "first" };
    let rows = if by_band { band(dice) } else { rows(dice) };
    // `otherwise` under `unique` would overlap everything.
    let rows = if hit == "unique" && !by_band {
        rows.lines().filter(|l| !l.contains("otherwise")).collect::<Vec<_>>().join("\n") + "\n"
    } else {
        rows
    };
    write!(out, "[table.band]\nhit = \"{hit}\"\nout = \"step\"\nrow = [\n{rows}]\ncite = \"law all\"\n")
        .unwrap();
    // A table of choices before, which an adjust looks at.
    if dice.one_in(3) {
        let rows = format!(
            "  {{ if = \"{}\", choice = \"strict\" }},\n  {{ otherwise = true, choice = \"plain\" }},\n",
            formula(dice)
        );
        let step = dice.pick(&["max(step, 0)", "step - 1"]);
        write!(
            out,
            "[table.mode]\nhit = \"first\"\nout = \"choice\"\nrow = [\n{rows}]\ncite = \"law all\"\n[[adjust]]\nname = \"by_mode\"\nkind = \"overlay\"\ntitle = {{ zh = \"式\", en = \"mode\" }}\nwhen = \"mode = strict and {}\"\nstep = \"{step}\"\ncite = \"law all\"\n",
            condition(dice)
        )
        .unwrap();
    }
    if dice.one_in(4) {
        let class = dice.pick(&["min(class + 1, 2)", "class - 1", "2"]);
        write!(
            out,
            "[[adjust]]\nname = \"class\"\nkind = \"overlay\"\ntitle = {{ zh = \"类\", en = \"class\" }}\nwhen = \"{}\"\nclass = \"{class}\"\ncite = \"law all\"\n",
            formula(dice)
        )
        .unwrap();
    }
    for at in 0..dice.below(3) {
        let step = dice.pick(&["max(step, 0)", "min(step + 1, 2)", "step - 1", "0", "max(step - 1, -2)"]);
        write!(
            out,
            "[[adjust]]\nname = \"change_{at}\"\nkind = \"overlay\"\ntitle = {{ zh = \"变\", en = \"change\" }}\nwhen = \"{}\"\nstep = \"{step}\"\ncite = \"law all\"\n",
            formula(dice)
        )
        .unwrap();
    }
    let low = dice.pick(&["0", "-1", "-2"]);
    let gap = if dice.one_in(5) { "" } else { "1 = \"1.2\", " };
    write!(
        out,
        "[ladder]\ntiers = {{ -2 = \"0.5\", -1 = \"0.8\", 0 = \"1\", {gap}2 = \"1.5\" }}\nallowed = [ {{ class = \"1\", steps = \"[{low}..2]\" }}, {{ class = \"2\", steps = \"[-2..2]\" }} ]\ncite = \"law all\"\n[outcome.start]\nis = \"base_rate\"\ncite = \"law all\"\n[outcome.rate]\nis = \"start * tier\"\ncite = \"law all\"\n"
    )
    .unwrap();
    if dice.one_in(2) {
        let floor = dice.pick(&["base_rate[1]", "0.001", "0.0026"]);
        write!(out, "[outcome.floor]\nis = \"{floor}\"\ncite = \"law all\"\n").unwrap();
    }
    if dice.one_in(3) {
        let cap = dice.pick(&["0.003", "0.0025", "0.0075"]);
        write!(out, "[outcome.cap]\nis = \"{cap}\"\ncite = \"law all\"\n").unwrap();
    }
    out
}

/// The same plan with two industries in the place of two classes; None where it changes the class.
fn by_industry(text: &str) -> Option<String> {
    let text = text
        .replace("[class]\ncount = 2\n", "[industry]\nstandard = \"xx\"\n")
        .replace("keys = [\"class\"]\nvalues = { 1 =", "keys = [\"industry\"]\nvalues = { mill =")
        .replace(", 2 = \"0.005\" }", ", mine = \"0.005\" }")
        .replace("base_rate[1]", "0.002");
    let lines = text.lines().filter(|line| !line.starts_with("allowed"));
    let out = lines.map(|line| format!("{line}\n")).collect::<String>();
    (!out.contains("class = ")).then_some(out)
}

/// The same plan with a portfolio value that an adjust compares with the payout ratio.
fn by_portfolio(text: &str) -> String {
    format!(
        "{text}[portfolio.level]\ngiven = true\ntype = \"ratio\"\ncite = \"law all\"\n[[adjust]]\nname = \"level\"\nkind = \"overlay\"\ntitle = {{ zh = \"均\", en = \"level\" }}\nwhen = \"payout_ratio >= 2 * level\"\nstep = \"min(step + 1, 2)\"\ncite = \"law all\"\n"
    )
}

/// Portfolio values, in eighths: payout ratios of the small world are multiples of two of them.
const LEVELS: std::ops::RangeInclusive<i128> = 1..=11;

/// Benefits, injuries that are not fatal, deaths, arrears, fraud, class.
type Point = [i64; 6];
const SIZES: Point = [11, 5, 4, 4, 2, 2];

fn record(point: Point, declared: &Declared) -> Record {
    let [benefits, injuries, deaths, arrears, fraud, class] = point;
    let text = |t: &str| Form::Text(t.to_owned());
    let map =
        |fields: Vec<(&str, Form)>| Form::Map(fields.into_iter().map(|(k, v)| (k.to_owned(), v)).collect());
    let claim = |id: &str, outcome: &str, count: i64, benefits: i64| {
        map(vec![
            ("id", text(id)),
            ("date", text("2019-06-01")),
            ("cause", text("work_accident")),
            ("outcome", text(outcome)),
            ("count", Form::Int(count)),
            ("benefits_paid", Form::Int(benefits)),
        ])
    };
    let form = map(vec![
        (
            "employer",
            map(vec![
                ("id", text("A")),
                ("risk_class", Form::Int(class + 1)),
                (
                    "industry",
                    map(vec![
                        ("standard", text("xx")),
                        ("code", text(["mill", "mine"][usize::from(class == 1)])),
                    ]),
                ),
                ("insured_since", text("2000-01-01")),
            ]),
        ),
        (
            "periods",
            Form::List(vec![map(vec![
                ("start", text("2019-01-01")),
                ("end", text("2019-12-31")),
                ("contributions_paid", Form::Int(4)),
                ("months_insured", Form::Int(12)),
            ])]),
        ),
        (
            "claims",
            Form::List(vec![claim("1", "temporary", injuries, benefits), claim("2", "fatal", deaths, 0)]),
        ),
        ("facts", map(vec![("arrears", text(&arrears.to_string())), ("fraud", Form::Bool(fraud == 1))])),
    ]);
    Record::from_form(&form, declared).expect("a record of the small world")
}

fn grid() -> Vec<Point> {
    let mut out = vec![[0; 6]];
    for (axis, size) in SIZES.iter().enumerate() {
        out = out
            .into_iter()
            .flat_map(|point| {
                (0..*size).map(move |value| {
                    let mut point = point;
                    point[axis] = value;
                    point
                })
            })
            .collect();
    }
    out
}

/// What enumeration says of a claim: whether it is so.
struct World<'o> {
    plan: &'o Plan,
    outcomes: &'o BTreeMap<Point, Outcome>,
    crossed: bool,
}

impl World<'_> {
    fn some(&self, holds: impl Fn(&Outcome) -> bool) -> bool {
        self.outcomes.values().any(holds)
    }

    fn reason(&self, reason: Reason) -> bool {
        self.some(|o| o.reasons.contains(&reason))
    }

    fn published(outcome: &Outcome) -> bool {
        outcome.verdict.status != Status::Review
    }

    /// Whether a step along the axis ever lowers a rate; review points between are passed over.
    fn falls(&self, axis: usize) -> bool {
        let starts = self.outcomes.keys().filter(|p| p[axis] == 0);
        starts.into_iter().any(|start| {
            let mut highest = None;
            (0..SIZES[axis]).any(|value| {
                let mut point = *start;
                point[axis] = value;
                let outcome = &self.outcomes[&point];
                if !Self::published(outcome) {
                    return false;
                }
                let rate = outcome.verdict.rate;
                let lower = highest.is_some_and(|h| rate < h);
                highest = highest.max(Some(rate));
                lower
            })
        })
    }

    /// Whether an injury that becomes a death ever lowers a rate.
    fn graver_falls(&self) -> bool {
        self.outcomes.iter().any(|(point, lighter)| {
            let mut graver = *point;
            graver[1] -= 1;
            graver[2] += 1;
            self.outcomes.get(&graver).is_some_and(|graver| {
                Self::published(lighter)
                    && Self::published(graver)
                    && graver.verdict.rate < lighter.verdict.rate
            })
        })
    }

    fn is_so(&self, claim: Claim) -> bool {
        match claim {
            Claim::NoGap(at) => !self.reason(Reason::NoRow(at)),
            Claim::NoOverlap(at) => !self.reason(Reason::SeveralRows(at)),
            Claim::EveryStepHasTier => !self.reason(Reason::NoTier),
            Claim::LimitsAgree => !self.crossed,
            Claim::NotNegative => true,
            Claim::Acts(Part::Gate(at)) => self.reason(Reason::Gate(at)),
            Claim::Acts(Part::Row { table, row }) => self.reason(Reason::Row { table, row }),
            Claim::Acts(Part::Adjust(at)) => self.reason(Reason::Adjust(at)),
            Claim::Acts(Part::Ladder) => self.reason(Reason::Ladder),
            Claim::Acts(Part::Floor) => self.reason(Reason::Floor),
            Claim::Acts(Part::Cap) => self.reason(Reason::Cap),
            Claim::Fair(Raw::Benefits) => !self.falls(0),
            // An injury more, of either outcome.
            Claim::Fair(Raw::Count) => !self.falls(1) && !self.falls(2),
            Claim::Fair(Raw::Outcome) => !self.graver_falls(),
            Claim::Fair(Raw::Fact(at)) => {
                !self.falls(if self.plan.checked.facts[at].name.text == "arrears" { 3 } else { 4 })
            }
            Claim::Fair(Raw::Portfolio(_)) => unreachable!("the small plans look at no portfolio"),
            Claim::Assertion(_) => unreachable!("the small plans assert nothing"),
        }
    }
}

#[test]
fn a_thousand_plans_agree_with_brute_force() {
    let date = Date::new(2020, 1, 1).unwrap();
    let points = grid();
    let mut counts = [0_u32; 2];
    let mut kinds: BTreeMap<String, [u32; 2]> = BTreeMap::new();
    let mut records: Vec<Record> = Vec::new();
    for seed in 0..PLANS {
        let mut text = plan_text(&mut Dice(seed));
        if seed % 4 == 3 {
            text = by_industry(&text).unwrap_or(text);
        }
        let leveled = seed % 25 == 1;
        if leveled {
            text = by_portfolio(&text);
        }
        let catalog = Catalog::load(&BTreeMap::from([("xx/small/plan.toml".to_owned(), text.clone())]))
            .unwrap_or_else(|(d, files)| panic!("seed {seed}: {}\n{text}", files.render(&d[0])));
        let plan = catalog.plan("xx-small").unwrap();
        if records.is_empty() {
            records = points.iter().map(|p| record(*p, catalog.declared())).collect();
        }
        let levels: Vec<i128> = if leveled { LEVELS.collect() } else { vec![1] };
        let mut all = Vec::new();
        for level in levels {
            let frozen = vec![Frozen { num: level, den: 8 }; plan.checked.portfolio.len()];
            let mut rater = Rater::new(Arc::new(plan.compile_with(date, &frozen).unwrap()));
            let mut outcomes = BTreeMap::new();
            for (part, places) in records.chunks(1_024).zip(points.chunks(1_024)) {
                let chunk = rater.rate(part);
                outcomes.extend(places.iter().enumerate().map(|(at, point)| (*point, chunk.outcome(at))));
            }
            all.push(outcomes);
        }
        let limits = &plan.checked.outcome;
        let crossed = match (&limits.floor, &limits.cap) {
            (Some(floor), Some(cap)) => {
                // Each is a number of the plan or base_rate[1].
                let value = |text: &str| -> u32 {
                    let text = if text == "base_rate[1]" { "0.002" } else { text };
                    format!("{:0<6}", text.trim_start_matches("0.")).parse().unwrap()
                };
                let rated = all.iter().any(|o| o.values().any(|o| o.verdict.status == Status::Rated));
                rated && value(&floor.text) > value(&cap.text)
            }
            _ => false,
        };
        let worlds: Vec<World<'_>> = all.iter().map(|outcomes| World { plan, outcomes, crossed }).collect();
        for finding in check(plan, catalog.declared()).findings {
            // What acts does so at some level; everything else holds at every one.
            let so = match finding.claim {
                claim @ Claim::Acts(_) => worlds.iter().any(|world| world.is_so(claim)),
                claim => worlds.iter().all(|world| world.is_so(claim)),
            };
            let name = finding.claim.name(&plan.checked);
            match &finding.verdict {
                Verdict::Proved(_) => assert!(so, "seed {seed}: {name} is called proved\n{text}"),
                Verdict::Refuted(why) => {
                    assert!(!so, "seed {seed}: {name} is called refuted: {:?}\n{text}", why.diagnostic);
                }
                Verdict::Undecided(why) => panic!("seed {seed}: {name} is undecided: {why}\n{text}"),
            }
            counts[usize::from(!so)] += 1;
            let kind = name.split([':', '.']).next().unwrap().to_owned();
            kinds.entry(kind).or_default()[usize::from(!so)] += 1;
        }
    }
    println!("{} claims proved, {} refuted: {kinds:?}", counts[0], counts[1]);
    // A generator that makes only sound plans, or only broken ones, would test nothing.
    for (kind, [proved, refuted]) in &kinds {
        assert!(*proved > 0 && (*refuted > 0 || kind == "not_negative"), "{kind}: {proved} and {refuted}");
    }
}
