//! One employer under seven Chinese rules: the same facts, seven readings of them.
//!
//! Quarter by quarter the same: payroll 100,000 yuan, contributions 0.9 % of it, benefits of 120 % of those, 125 people; an
//! injury now and then, so that each rule's window holds exactly one new one. Ratio 120 %, injury rate 0.8 %, no vetoes.
//! 120 % lies on a bound of three of the rules, closed on different sides.

use floatrate::exchange::json;
use floatrate::plans;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::rating::Rater;
use floatrate_engine::record::Record;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

/// A child that only replaces the base rates, so that all seven stand on 0.9 %.
fn on_nine_per_mille(parent: &str, rates: &str) -> (String, String) {
    let id = format!("{}-9999", &parent[..parent.len() - 5]);
    let text = format!(
        "language = 1\nid = \"{id}\"\nextends = \"{parent}\"\nstatus = \"draft\"\n\
         title = {{ zh = \"以0.9%为基准\", en = \"on 0.9 %\" }}\n\
         [source.test]\ntitle = {{ zh = \"测试\", en = \"the test\" }}\n\
         [[clause]]\ncite = \"test base\"\nsays = {{ zh = \"基准\", en = \"base\" }}\nverdict = \"encoded\"\n\
         [param.base_rate]\ntype = \"rate\"\nkeys = [\"class\"]\nvalues = {{ {rates} }}\ncite = \"test base\"\n"
    );
    (format!("{}/plan.toml", id.replace('-', "/")), text)
}

fn catalog() -> Catalog {
    let mut texts: BTreeMap<String, String> = plans::embedded();
    let national = "1 = \"0.002\", 2 = \"0.004\", 3 = \"0.007\", 4 = \"0.009\", 5 = \"0.011\", 6 = \"0.013\", 7 = \"0.016\", 8 = \"0.019\"";
    texts.extend([
        on_nine_per_mille("cn-440300-2018", national),
        on_nine_per_mille("cn-460000-2017", national),
        on_nine_per_mille("cn-340400-2012", "1 = \"0.005\", 2 = \"0.009\", 3 = \"0.02\""),
    ]);
    Catalog::load(&texts).unwrap_or_else(|(d, files)| panic!("{}", files.render(&d[0])))
}

/// Quarters from 2017 to 2025, each with a payment on its last day.
fn record(class: u8) -> String {
    let (mut periods, mut claims) = (String::new(), String::new());
    for year in 2017..=2025 {
        for (start, end) in [("01-01", "03-31"), ("04-01", "06-30"), ("07-01", "09-30"), ("10-01", "12-31")] {
            let comma = if periods.is_empty() { "" } else { "," };
            let _ = write!(
                periods,
                "{comma}{{\"start\":\"{year}-{start}\",\"end\":\"{year}-{end}\",\"payroll\":10000000,\"contributions_due\":90000,\
                 \"contributions_paid\":90000,\"headcount\":\"125\",\"months_insured\":3}}"
            );
            // One new injury in each of 2021, 2023 and 2025; the other rows are money for earlier ones.
            let new = u8::from([2021, 2023, 2025].contains(&year) && end == "06-30");
            let _ = write!(
                claims,
                "{comma}{{\"id\":\"{year}-{end}\",\"date\":\"{year}-{end}\",\"cause\":\"work_accident\",\
                 \"outcome\":\"temporary\",\"count\":{new},\"benefits_paid\":108000}}"
            );
        }
    }
    format!(
        "{{\"employer\":{{\"id\":\"E\",\"risk_class\":{class},\"insured_since\":\"2010-01-01\"}},\
         \"periods\":[{periods}],\"claims\":[{claims}]}}"
    )
}

#[test]
fn the_same_facts_under_seven_plans() {
    let catalog = catalog();
    let table = [
        ("cn-320000-2023", "2025-01-01", 4, 2, "0.0135"),
        ("cn-440300-9999", "2022-03-01", 4, 1, "0.0108"),
        ("cn-210100-2020", "2026-01-01", 4, 0, "0.009"),
        ("cn-460000-9999", "2022-01-01", 4, -1, "0.0072"),
        ("cn-sample-u1", "2026-01-01", 4, 1, "0.0108"),
        ("cn-sample-u2", "2026-01-01", 4, 0, "0.009"),
        ("cn-340400-9999", "2026-01-01", 2, 2, "0.0135"),
    ];
    let mut rates = Vec::new();
    for (id, date, class, step, rate) in table {
        let program = catalog.plan(id).unwrap().compile(date.parse().unwrap()).unwrap();
        let record = Record::from_form(&json::parse(&record(class)).unwrap(), catalog.declared()).unwrap();
        let records = [record];
        let mut rater = Rater::new(Arc::new(program));
        let outcome = rater.rate(&records).outcome(0);
        let verdict = outcome.verdict;
        let ratio = outcome.measures.iter().find(|(name, _)| name == "payout_ratio").map(|(_, v)| v.as_str());
        assert_eq!(ratio, Some("1.2"), "{id}");
        if let Some((_, injuries)) = outcome.measures.iter().find(|(name, _)| name == "injury_rate") {
            assert_eq!(injuries, "0.008", "{id}");
        }
        assert_eq!(
            (verdict.status.name(), verdict.step, verdict.rate.unwrap().to_string().as_str()),
            ("rated", step, rate),
            "{id}"
        );
        rates.push(rate);
    }
    assert_eq!(rates.len(), 7);
    rates.sort_unstable();
    rates.dedup();
    assert_eq!(rates, ["0.0072", "0.009", "0.0108", "0.0135"], "four different rates");
}
