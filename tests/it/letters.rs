//! Letters about plans of another shape: rows by rows, values over all employers, tables of choices, industries.

use floatrate_engine::Lang;
use floatrate_engine::explain::explain;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::plan::examples::cases;
use floatrate_engine::rating::Rater;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// A good plan of the tests beside its parent.
fn catalog(name: &str) -> Catalog {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans");
    let read = |path: String| std::fs::read_to_string(root.join(path)).unwrap();
    let texts = BTreeMap::from([
        ("xx/base/plan.toml".to_owned(), read("base/plan.toml".to_owned())),
        ("xx/case/plan.toml".to_owned(), read(format!("good/{name}.toml"))),
        ("xx/case/examples.toml".to_owned(), read(format!("good/{name}.examples.toml"))),
    ]);
    Catalog::load(&texts).unwrap_or_else(|(mistakes, _)| panic!("{mistakes:?}"))
}

/// The letter about an example of a plan.
fn letter(catalog: &Catalog, example: usize, lang: Lang) -> String {
    let plan = catalog.plan("xx-case").unwrap();
    let case = cases(plan, catalog.declared()).into_iter().nth(example).unwrap();
    let mut rater = Rater::new(Arc::clone(&case.program));
    let records = [case.record];
    explain(&rater.rate(&records), 0, lang).text()
}

#[track_caller]
fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "{part}\n---\n{text}");
    }
}

#[test]
fn rows_are_listed_with_what_they_derive() {
    let by_injury = catalog("rows_by_injury");
    says(
        &letter(&by_injury, 0, Lang::En),
        &[
            "‘loss’, row by row (4 injuries): incurred = benefits_paid + reserve;",
            " a: incurred = 450.00 yuan; counted = 400.00 yuan; limited = 400.00 yuan; primary = 400.00 yuan;",
            " d: left out.",
            "‘accident’, row by row (3 accidents)",
            " a + c: ratable = 1,200.00 yuan; injured = 2.",
            "(start * tier; rounded as the formulas say)",
        ],
    );
    says(
        &letter(&by_injury, 0, Lang::Zh),
        &["逐行计算“loss”（工伤人员4行）", "d：不计入。", "按所列公式舍入"],
    );
    says(
        &letter(&by_injury, 1, Lang::En),
        &["an injury of the window is a group (count above 1)", "(claims:grouped)"],
    );
    let by_class = catalog("rows_by_class");
    says(
        &letter(&by_class, 0, Lang::En),
        &[
            "Base rate 100 %.",
            "2023-01-01 .. 2023-12-31 (0514): expected = 186.89 USD.",
            "Rate: base rate 100 % gives 125 %",
        ],
    );
    says(&letter(&by_class, 1, Lang::Zh), &["periods 中有一行的类别不在本办法的参数之内"]);
}

#[test]
fn choices_classes_and_values_over_all_are_told() {
    let choices = catalog("choices_and_ranges");
    says(
        &letter(&choices, 2, Lang::En),
        &["kind = strict", "discount = 0 %", "extra = 0.03 %", "class 2 becomes class 3.", "base rate 1.9 %"],
    );
    says(&letter(&choices, 2, Lang::Zh), &["由2类行业改为3类行业"]);
    let portfolio = catalog("portfolio");
    says(
        &letter(&portfolio, 0, Lang::En),
        &[
            "city_ratio: 1/3 (city_ratio = sum(employers.benefits) / sum(employers.contributions), over all employers, frozen)",
            "share: 0.25 (share, given by whoever rates)",
        ],
    );
    says(&letter(&portfolio, 0, Lang::Zh), &["按全体单位计算，已固定"]);
}
