//! What holds in a region beside its plans: temporary reductions, and what is not encoded.

use floatrate::exchange::json;
use floatrate::plans;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::rating::Rater;
use floatrate_engine::receipt::Digest;
use floatrate_engine::record::Record;
use std::collections::BTreeMap;
use std::sync::Arc;

const SHANDONG: &str = "cn/370000/reductions.toml";

/// The embedded plans, and a plan of region `region` that rates every year by the national frame.
fn with_plan_of(region: &str) -> BTreeMap<String, String> {
    let mut texts = plans::embedded();
    let text = format!(
        "language = 1\nid = \"cn-{region}-9999\"\nextends = \"cn-000000-2015\"\nregion = \"{region}\"\nstatus = \"draft\"\n\
         title = {{ zh = \"测试\", en = \"test\" }}\n\
         [[clause]]\ncite = \"r71 test\"\nsays = {{ zh = \"测试\", en = \"test\" }}\nverdict = \"encoded\"\n\
         [rating]\nmonth_day = \"01-01\"\nyears = \"every\"\nfirst = 2016\nvalid_months = 12\ncite = \"r71 test\"\n\
         [window.now]\nmonths = 12\nends = {{ month_day = \"12-31\", years_before = 1 }}\nwhen_incomplete = \"ignore\"\ncite = \"r71 test\"\n\
         [table.none]\nhit = \"first\"\nout = \"step\"\nrow = [ {{ if = \"class = 2\", step = -2 }}, {{ otherwise = true, step = 0 }} ]\ncite = \"r71 test\"\n"
    );
    texts.insert(format!("cn/{region}/9999/plan.toml"), text);
    texts
}

fn load(texts: &BTreeMap<String, String>) -> Catalog {
    Catalog::load(texts).unwrap_or_else(|(d, files)| panic!("{}", files.render(&d[0])))
}

/// The charged rates of an employer without claims.
fn charged(catalog: &Catalog, id: &str, date: &str, class: u8) -> Vec<String> {
    let text = format!(
        "{{\"employer\":{{\"id\":\"E\",\"risk_class\":{class},\"insured_since\":\"2005-01-01\"}},\"periods\":[]}}"
    );
    let record = Record::from_form(&json::parse(&text).unwrap(), catalog.declared()).unwrap();
    let program = catalog.plan(id).unwrap().compile(date.parse().unwrap()).unwrap();
    let records = [record];
    let mut rater = Rater::new(Arc::new(program));
    let outcome = rater.rate(&records).outcome(0);
    outcome.charged.iter().map(|(from, rate)| format!("{from} {rate}")).collect()
}

#[test]
fn a_reduction_is_charged_while_it_lasts() {
    let province = load(&with_plan_of("370200"));
    let city = load(&with_plan_of("371400"));
    let elsewhere = load(&with_plan_of("510100"));
    let cases: &[(&Catalog, &str, &str, u8, &[&str])] = &[
        // The provincial base is cut for 2025, and a floor that is the class-1 base with it.
        (&province, "cn-370200-9999", "2024-01-01", 4, &["2024-01-01 0.009"]),
        (&province, "cn-370200-9999", "2025-01-01", 4, &["2025-01-01 0.0072"]),
        (&province, "cn-370200-9999", "2025-01-01", 2, &["2025-01-01 0.0016"]),
        (&province, "cn-370200-9999", "2026-01-01", 4, &["2026-01-01 0.009"]),
        // Dezhou's own cut starts inside one rating year and ends inside the next.
        (&city, "cn-371400-9999", "2021-01-01", 4, &["2021-01-01 0.009", "2021-05-01 0.0072"]),
        (&city, "cn-371400-9999", "2022-01-01", 4, &["2022-01-01 0.0072", "2022-05-01 0.009"]),
        (&city, "cn-371400-9999", "2022-01-01", 2, &["2022-01-01 0.0016", "2022-05-01 0.002"]),
        (&city, "cn-371400-9999", "2023-01-01", 4, &["2023-01-01 0.009"]),
        (&city, "cn-371400-9999", "2025-01-01", 4, &["2025-01-01 0.0072"]),
        // A table without a cut, and the national frame, cut nothing.
        (&elsewhere, "cn-510100-9999", "2024-01-01", 4, &["2024-01-01 0.009"]),
    ];
    for (catalog, id, date, class, expected) in cases {
        assert_eq!(charged(catalog, id, date, *class), *expected, "{id} on {date}, class {class}");
    }
}

#[test]
fn a_plan_s_digest_covers_the_reductions_that_it_has() {
    let digest =
        |texts: &BTreeMap<String, String>, id: &str| Digest(load(texts).plan(id).unwrap().digest).to_string();
    let texts = plans::embedded();
    let edited = |from: &str, to: &str| {
        let mut texts = texts.clone();
        let table = texts.get_mut(SHANDONG).unwrap();
        assert!(table.contains(from), "{from}");
        *table = table.replacen(from, to, 1);
        texts
    };
    let mut without = texts.clone();
    without.retain(|path, _| !path.ends_with("reductions.toml"));
    for plan in load(&texts).plans() {
        let id = plan.checked.id.as_str();
        let has = !plan.checked.reductions.is_empty();
        assert_eq!(has, id == "cn-370600-2013", "{id}");
        assert_eq!(digest(&texts, id) != digest(&without, id), has, "{id}");
    }
    let yantai = "cn-370600-2013";
    for (from, to, changes) in [
        ("cut = \"0.2\"", "cut = \"0.3\"", true),
        ("to = \"2025-12-31\"", "to = \"2025-12-30\"", true),
        ("mode = \"on_base\"", "mode = \"on_current\"", true),
        ("reviewed_through = \"2026-11-23\"", "reviewed_through = \"2026-11-24\"", false),
        ("另行计费", "不涉及", false),
    ] {
        assert_eq!(digest(&texts, yantai) != digest(&edited(from, to), yantai), changes, "{from} to {to}");
    }
}

#[test]
fn what_is_not_encoded_is_told() {
    let catalog = load(&plans::embedded());
    let regions: Vec<&str> = catalog.not_encoded().iter().map(|r| r.region.as_str()).collect();
    for region in ["120000", "310000", "330000", "340000", "410000", "440000", "510000", "510900"] {
        assert!(regions.contains(&region), "{region}");
    }
    for region in catalog.not_encoded() {
        assert!(!region.missing.zh.is_empty() && !region.missing.en.is_empty(), "{}", region.region);
        // What is encoded is not in this list; of Tianjin an older version is.
        assert!(catalog.plans().all(|p| p.checked.id != region.id), "{}", region.id);
    }
}
