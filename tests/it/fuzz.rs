//! Whatever stands in a plan file, loading it tells of mistakes and never panics; what loads can be compiled and rates.

use crate::golden;
use floatrate::exchange::json;
use floatrate::plans;
use floatrate_engine::diagnostic::{Diagnostic, FileId, Files, Span};
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::rating::Rater;
use floatrate_engine::record::Record;
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Loads the plans, renders what is wrong with them, and rates one record with each plan that is sound.
fn never_panics(texts: &BTreeMap<String, String>) {
    let catalog = match Catalog::load(texts) {
        Ok(catalog) => catalog,
        Err((diagnostics, files)) => {
            assert!(diagnostics.iter().all(|d| files.render(d).starts_with("error[")));
            return;
        }
    };
    let form = json::parse(
        r#"{"employer": {"id": "E", "risk_class": 2, "insured_since": "2001-02-03"},
            "periods": [{"start": "2019-01-01", "end": "2024-12-31", "contributions_paid": 999999999999999999,
                         "headcount": "0.5", "payroll": 0}],
            "claims": [{"id": "c", "date": "2024-02-29", "cause": "commuting", "outcome": "fatal",
                        "benefits_paid": 999999999999999999}]}"#,
    );
    let Ok(record) = Record::from_form(&form.unwrap(), catalog.declared()) else { return };
    for plan in catalog.plans() {
        let Some(date) = plan.checked.first_rating_date() else { continue };
        if let Ok(program) = plan.compile(date) {
            let mut rater = Rater::new(Arc::new(program));
            let records = [record.clone()];
            let _ = rater.rate(&records).outcome(0);
        }
    }
}

/// What a slip of the hand does to a text.
#[derive(Clone, Debug)]
enum Slip {
    Delete(usize, usize),
    Insert(usize, String),
    Swap(usize, usize),
    DoubleLine(usize),
    DropLine(usize),
    SwapLines(usize, usize),
    MoveNumber(usize, String),
}

fn slip() -> impl Strategy<Value = Slip> {
    let at = any::<usize>;
    let scrap = prop_oneof![
        Just("\"".to_owned()),
        "[\\[\\]{}()=.,0-9a-z\"\\-]",
        Just("\u{3000}≤（\n".to_owned()),
        "\\PC{0,4}",
    ];
    prop_oneof![
        (at(), 1..20_usize).prop_map(|(a, n)| Slip::Delete(a, n)),
        (at(), scrap).prop_map(|(a, s)| Slip::Insert(a, s)),
        (at(), at()).prop_map(|(a, b)| Slip::Swap(a, b)),
        at().prop_map(Slip::DoubleLine),
        at().prop_map(Slip::DropLine),
        (at(), at()).prop_map(|(a, b)| Slip::SwapLines(a, b)),
        (at(), "[0-9]{1,40}|-?[0-9]{1,19}|0\\.[0-9]{1,14}").prop_map(|(a, n)| Slip::MoveNumber(a, n)),
    ]
}

/// Bytes may be cut inside a character; the file is read as UTF-8 with losses, as an editor would.
fn slipped(text: &str, slip: &Slip) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let length = bytes.len().max(1);
    let mut lines: Vec<&str> = text.split('\n').collect();
    let count = lines.len();
    match slip {
        Slip::Delete(at, n) => {
            let from = at % length;
            bytes.drain(from.min(bytes.len())..(from + n).min(bytes.len()));
        }
        Slip::Insert(at, what) => {
            let at = at % length;
            bytes.splice(at..at, what.bytes());
        }
        Slip::Swap(a, b) => bytes.swap(a % length, b % length),
        Slip::DoubleLine(at) => lines.insert(at % count, lines[at % count]),
        Slip::DropLine(at) => drop(lines.remove(at % count)),
        Slip::SwapLines(a, b) => lines.swap(a % count, b % count),
        Slip::MoveNumber(at, number) => {
            // The next number from there on becomes another.
            let digit = |p: &usize| bytes[*p].is_ascii_digit();
            if let Some(from) = (at % length..bytes.len()).find(digit) {
                let to = (from..bytes.len()).find(|p| !digit(p)).unwrap_or(bytes.len());
                bytes.splice(from..to, number.bytes());
            }
        }
    }
    if matches!(slip, Slip::DoubleLine(_) | Slip::DropLine(_) | Slip::SwapLines(..)) {
        return lines.join("\n");
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn formula() -> impl Strategy<Value = String> {
    let words = [
        "benefits",
        "contributions",
        "payout_ratio",
        "fraud",
        "base_rate",
        "class",
        "now",
        "years",
        "y",
        "step",
        "insured_since",
        "prior.rate",
        "claims",
        "periods",
        "claims.count",
        "periods.headcount",
        "cause",
        "commuting",
        "industry",
        "0",
        "1",
        "0.5",
        "3",
        "5000 CNY",
        "2024-02-29",
        "true",
        "if",
        "then",
        "else",
        "and",
        "or",
        "not",
        "in",
        "where",
        "sum(",
        "count(claims in now)",
        "average(periods.headcount in now)",
        "all(y in years:",
        "any(",
        "min(",
        "max(",
        "months_since(",
        "complete(",
        "end(now)",
        "[",
        "]",
        "(",
        ")",
        ",",
        "..",
        "+",
        "-",
        "*",
        "/",
        "=",
        "<",
        ">=",
        "!=",
        ":",
        ".",
        "（",
        "%",
        "99999999999999999",
        "0.000000000001",
    ];
    prop::collection::vec(prop::sample::select(words.to_vec()), 0..30).prop_map(|words| words.join(" "))
}

/// Formulas that often have a type: operators over numbers, conditions over those.
fn sound_formula() -> impl Strategy<Value = String> {
    let leaf = prop::sample::select(vec![
        "benefits",
        "contributions",
        "payout_ratio",
        "0",
        "2",
        "0.5",
        "1000 CNY",
        "count(claims in now)",
        "average(periods.headcount in now)",
        "base_rate",
        "sum(periods.payroll in now where payroll > 0)",
    ])
    .prop_map(str::to_owned);
    leaf.prop_recursive(5, 24, 3, |inner| {
        let op = prop::sample::select(vec!["+", "-", "*", "/"]);
        prop_oneof![
            (inner.clone(), op, inner.clone()).prop_map(|(a, op, b)| format!("({a} {op} {b})")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("min({a}, {b})")),
            (inner.clone(), inner.clone(), inner)
                .prop_map(|(a, b, c)| format!("(if {a} > {b} then {c} else {a})")),
        ]
    })
}

fn with_measure(formula: &str) -> BTreeMap<String, String> {
    let formula = formula.replace('\\', "\\\\").replace('"', "\\\"");
    let body = format!(
        "[window.years]\nmonths = 24\nends = {{ month_day = \"12-31\", years_before = 1 }}\nsplit = \"year\"\n\
         when_incomplete = \"ignore\"\ncite = \"law all\"\n\n\
         [measure.m]\ntitle = {{ zh = \"甲\", en = \"m\" }}\nis = \"{formula}\"\ncite = \"law all\"\n"
    );
    golden::tree("fuzz", &body)
}

fn config(cases: u32) -> ProptestConfig {
    ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() }
}

proptest! {
    #![proptest_config(config(4000))]

    #[test]
    fn any_text_is_a_plan_or_a_mistake(text in "\\PC{0,200}|(\\[?[a-z.]{1,8}\\]?( = )?[\\[\\]{}\"0-9a-z.\n-]{0,9}\n){0,12}") {
        never_panics(&golden::tree("fuzz", &text));
        never_panics(&BTreeMap::from([("xx/case/plan.toml".to_owned(), text.clone()), ("plan.toml".to_owned(), text)]));
    }

    #[test]
    fn any_tokens_are_a_formula_or_a_mistake(formula in formula()) {
        never_panics(&with_measure(&formula));
    }

    #[test]
    fn typed_formulas_rate_or_are_refused(formula in sound_formula()) {
        never_panics(&with_measure(&formula));
        never_panics(&with_measure(&format!("{formula} > 0")));
    }

    #[test]
    fn any_span_renders(text in "[a-z\t\r\n≤费（\u{85}\u{301}👷]{0,300}", start in 0..1500_u32, length in 0..1500_u32) {
        let mut files = Files::default();
        let file = files.add("plan.toml", &text);
        let span = Span { file, start, end: start + length };
        let back = Span { file, start: start + length, end: start };
        let nowhere = Span { file: FileId(7), start, end: start };
        let diagnostic = Diagnostic::at("code", span, "message", "caption").also(back, "also").help("help");
        prop_assert!(files.render(&diagnostic).starts_with("error[code]: message\n"));
        prop_assert!(!files.render(&Diagnostic::at("code", nowhere, "message", "caption")).is_empty());
    }
}

proptest! {
    #![proptest_config(config(3000))]

    #[test]
    fn slips_in_shipped_plans_are_mistakes_or_plans(
        which in any::<prop::sample::Index>(),
        slips in prop::collection::vec(slip(), 1..4),
    ) {
        let mut texts = plans::embedded();
        let path = which.get(&texts.keys().cloned().collect::<Vec<_>>()).clone();
        // A country's folder is complete in itself, and reading one is quicker than reading all.
        let country = path.split('/').next().unwrap_or_default().to_owned();
        texts.retain(|path, _| path.split('/').next() == Some(&country));
        let text = slips.iter().fold(texts[&path].clone(), |text, s| slipped(&text, s));
        texts.insert(path, text);
        never_panics(&texts);
    }

    #[test]
    fn slips_in_the_tests_plans_are_mistakes_or_plans(
        which in any::<prop::sample::Index>(),
        slips in prop::collection::vec(slip(), 1..3),
    ) {
        let good: Vec<(String, String)> = golden::cases("good").into_iter().collect();
        let (name, text) = which.get(&good);
        let mut texts = golden::tree(name, text);
        if let Some(text) = texts.get_mut("xx/case/plan.toml") {
            *text = slips.iter().fold(text.clone(), |text, s| slipped(&text, s));
        }
        never_panics(&texts);
    }
}

/// Deep and long texts end in a limit, not in the stack's end.
#[test]
fn deep_and_long_texts_are_refused() {
    let repeat = |a: &str, n: usize, b: &str| format!("{}x{}", a.repeat(n), b.repeat(n));
    for text in [
        format!("a = {}", repeat("[", 100_000, "]")),
        format!("a = {}", repeat("{a=", 100_000, "}")),
        format!("{}b = 1", "a.".repeat(100_000)),
        format!("[{}b]", "a.".repeat(100_000)),
    ] {
        never_panics(&BTreeMap::from([("xx/case/plan.toml".to_owned(), text)]));
    }
    for formula in [
        format!("1{}", " + 1".repeat(100_000)),
        format!("fraud{}", " and fraud".repeat(100_000)),
        format!("{}fraud", "not ".repeat(100_000)),
        format!("{}1", "-".repeat(100_000)),
        repeat("(", 100_000, ")"),
        format!("class in (1{})", ", 1".repeat(100_000)),
        format!("benefits{}", " + benefits".repeat(490)),
        format!("class in (1{})", ", 1".repeat(480)),
    ] {
        never_panics(&with_measure(&formula));
    }
    // Each measure uses the one before twice: few names, very many paths.
    let doubled: String = (1..60)
        .map(|i| format!("[measure.m{i}]\nis = \"m{} + m{0}\"\ncite = \"law all\"\n", i - 1))
        .collect();
    let first = "[measure.m0]\nis = \"payout_ratio\"\ncite = \"law all\"\n";
    let last = "[measure.last]\nis = \"benefits / m59\"\ncite = \"law all\"\n[outcome.cap]\nis = \"base_rate * m59\"\ncite = \"law all\"\n";
    never_panics(&golden::tree("fuzz", &format!("{first}{doubled}{last}")));
}
