//! The shipped plans, a few children that replace one parameter of theirs, and records rated under them.

use crate::agreement::record;
use floatrate::plans;
use floatrate_engine::plan::catalog::Catalog;
use floatrate_engine::plan::compiled::{Program, frozen};
use floatrate_engine::rating::{FirstPass, Outcome, Rater};
use floatrate_engine::record::{Date, Record};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct World {
    catalog: Catalog,
    /// Plans that were asked for, each for its date.
    programs: RefCell<BTreeMap<(String, String), Arc<Program>>>,
}

impl World {
    /// The shipped plans alone.
    pub fn shipped() -> World {
        World::with([])
    }

    /// The shipped plans and children of theirs, each as (folder, text).
    pub fn with(children: impl IntoIterator<Item = (String, String)>) -> World {
        let mut texts = plans::embedded();
        texts.extend(children.into_iter().map(|(folder, text)| (format!("{folder}/plan.toml"), text)));
        let catalog = Catalog::load(&texts).unwrap_or_else(|(diagnostics, files)| {
            panic!("{}", diagnostics.iter().map(|d| files.render(d)).collect::<String>())
        });
        World { catalog, programs: RefCell::default() }
    }

    fn program(&self, plan: &str, date: &str) -> Arc<Program> {
        let mut programs = self.programs.borrow_mut();
        let program = programs.entry((plan.to_owned(), date.to_owned())).or_insert_with(|| {
            let plan = self.catalog.plan(plan).unwrap_or_else(|| panic!("no plan {plan}"));
            let program = plan.compile(date.parse().expect("a date"));
            Arc::new(program.unwrap_or_else(|why| panic!("{date}: {why}")))
        });
        Arc::clone(program)
    }

    pub fn rate(&self, plan: &str, date: &str, value: &Value) -> Answer {
        let records = [record(&self.catalog, value)];
        self.answer(plan, &Rater::new(self.program(plan, date)).rate(&records).outcome(0))
    }

    /// All employers there are, of a plan that looks at them together: in two passes.
    pub fn rate_all(&self, plan: &str, date: &str, values: &[Value]) -> Vec<Answer> {
        let records: Vec<Record> = values.iter().map(|value| record(&self.catalog, value)).collect();
        let checked = self.catalog.plan(plan).expect("the plan");
        let day: Date = date.parse().expect("a date");
        let first = checked.compile_for_first_pass(day).unwrap_or_else(|why| panic!("{why}"));
        let mut pass = FirstPass::default();
        pass.add(&Rater::new(Arc::new(first)).rate(&records), records.len());
        let sums = pass.sums().expect("sums that fit");
        let values = frozen(&checked.checked, day, &[], &sums, pass.counts().0).expect("values over all");
        let second = checked.compile_with(day, &values).unwrap_or_else(|why| panic!("{why}"));
        let mut rater = Rater::new(Arc::new(second));
        let chunk = rater.rate(&records);
        (0..records.len()).map(|at| self.answer(plan, &chunk.outcome(at))).collect()
    }

    fn answer(&self, plan: &str, outcome: &Outcome) -> Answer {
        let checked = &self.catalog.plan(plan).expect("the plan").checked;
        let text = |d: Option<floatrate_engine::number::Decimal>| d.map(|d| d.to_string());
        Answer {
            status: outcome.verdict.status.name(),
            step: outcome.verdict.step,
            base_rate: text(outcome.verdict.base_rate),
            tier: text(outcome.verdict.tier),
            rate: text(outcome.verdict.rate),
            unlimited_rate: text(outcome.verdict.unlimited_rate),
            reasons: outcome.reasons.iter().map(|reason| reason.name(checked)).collect(),
            measures: outcome.measures.iter().cloned().collect(),
        }
    }
}

/// A result in text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub status: &'static str,
    pub step: i64,
    pub base_rate: Option<String>,
    pub tier: Option<String>,
    pub rate: Option<String>,
    pub unlimited_rate: Option<String>,
    pub reasons: Vec<String>,
    pub measures: BTreeMap<String, String>,
}

impl Answer {
    /// A measure that is a finite decimal.
    pub fn measure(&self, name: &str) -> Option<Decimal> {
        self.measures.get(name).and_then(|text| text.parse().ok())
    }

    /// A measure, cut off after 18 places where it is not finite.
    pub fn near(&self, name: &str) -> Option<Decimal> {
        self.measures.get(name).and_then(|text| text.trim_end_matches('…').parse().ok())
    }

    /// A measure of money in its major unit, of two places.
    pub fn dollars(&self, name: &str) -> Option<Decimal> {
        self.near(name).map(|cents| cents / Decimal::ONE_HUNDRED)
    }

    pub fn base_rate(&self) -> Option<Decimal> {
        self.base_rate.as_ref().and_then(|text| text.parse().ok())
    }

    pub fn rate(&self) -> Option<Decimal> {
        self.rate.as_ref().and_then(|text| text.parse().ok())
    }

    pub fn tier(&self) -> Option<Decimal> {
        self.tier.as_ref().and_then(|text| text.parse().ok())
    }
}

/// An employer, insured for long, with periods, claims and facts.
pub fn employer(periods: Vec<Value>, claims: Vec<Value>, facts: Value) -> Value {
    json!({
        "employer": { "id": "A", "insured_since": "1990-04-01" },
        "periods": periods, "claims": claims, "facts": facts,
    })
}

/// A claim of one injury.
pub fn claim(number: usize, date: &str, outcome: &str, paid: i64) -> Value {
    json!({
        "id": number.to_string(), "date": date, "cause": "work_accident", "outcome": outcome, "benefits_paid": paid,
    })
}

/// A plan that extends another and replaces one of its parts.
pub fn child(parent: &str, name: &str, part: &str) -> (String, String) {
    let id = format!("{parent}-{name}");
    let text = format!(
        "language = 1\nid = \"{id}\"\nextends = \"{parent}\"\nstatus = \"draft\"\n\
         title = {{ zh = \"换一个参数\", en = \"one parameter replaced\" }}\n\
         [source.case]\ntitle = {{ zh = \"算例\", en = \"the case\" }}\n\
         [[clause]]\ncite = \"case value\"\nsays = {{ zh = \"算例的数值\", en = \"the case's own value\" }}\n\
         verdict = \"encoded\"\n\n{part}\ncite = \"case value\"\n"
    );
    (id.replace('-', "/"), text)
}
