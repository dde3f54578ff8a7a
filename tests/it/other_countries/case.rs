//! A case of the collection: what a source says, number by number, and whether all of it was asked about.

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The numbers are facts of public sources, named with each case; no table of a bureau is among them.
const CASES: &str = include_str!("../../data/other-countries-examples.json");

/// One case, and what the tests have made of it so far.
pub struct Case {
    value: Value,
    /// Fields of `inputs` and `expected` that a test has looked at. One that nobody looks at is a number untested.
    used: RefCell<BTreeSet<(&'static str, String)>>,
    wrong: RefCell<Vec<String>>,
}

impl Case {
    /// All cases, in the order of the file.
    pub fn all() -> Vec<Case> {
        let cases: Vec<Value> = serde_json::from_str(CASES).expect("the cases are JSON");
        cases
            .into_iter()
            .map(|value| Case { value, used: RefCell::default(), wrong: RefCell::default() })
            .collect()
    }

    pub fn id(&self) -> &str {
        self.value["id"].as_str().expect("an id")
    }

    pub fn plan(&self) -> &str {
        self.value["plan"].as_str().expect("a plan")
    }

    pub fn is_complete(&self) -> bool {
        self.value["complete"].as_bool().expect("whether it is complete")
    }

    fn field(&self, of: &'static str, name: &str) -> &Value {
        self.used.borrow_mut().insert((of, name.to_owned()));
        let value = &self.value[of][name];
        assert!(!value.is_null(), "{} has no {of}.{name}", self.id());
        value
    }

    pub fn input(&self, name: &str) -> &Value {
        self.field("inputs", name)
    }

    pub fn number(&self, name: &str) -> Decimal {
        decimal(self.input(name))
    }

    pub fn expected(&self, name: &str) -> &Value {
        self.field("expected", name)
    }

    /// How far a number may be off: what the case says, and otherwise nothing.
    pub fn tolerance(&self, name: &str) -> Decimal {
        let value = &self.value["tolerance"][name];
        if value.is_null() { Decimal::ZERO } else { decimal(value) }
    }

    /// Compares a result with an expected number.
    pub fn is(&self, name: &str, actual: Option<Decimal>) {
        self.within(name, actual, decimal(self.expected(name)), Decimal::ZERO);
    }

    /// Compares where the case gives a tolerance.
    pub fn within(&self, label: &str, actual: Option<Decimal>, expected: Decimal, tolerance: Decimal) {
        let holds = actual.is_some_and(|actual| (actual - expected).abs() <= tolerance);
        self.require(holds, || format!("{label} is {actual:?}, expected {expected} within {tolerance}"));
    }

    pub fn require(&self, holds: bool, why: impl FnOnce() -> String) {
        if !holds {
            self.wrong.borrow_mut().push(format!("{}: {}", self.id(), why()));
        }
    }

    /// What was wrong, with the fields that nobody looked at.
    pub fn finish(self) -> Vec<String> {
        let used = self.used.take();
        for of in ["inputs", "expected"] {
            for name in self.value[of].as_object().expect("fields").keys() {
                let looked_at = used.contains(&(of, name.clone()));
                self.require(looked_at, || format!("nobody looks at {of}.{name}"));
            }
        }
        self.wrong.take()
    }
}

/// A number of JSON as written: its shortest text, which is the source's own.
pub fn decimal(value: &Value) -> Decimal {
    let text = value.to_string();
    text.parse().or_else(|_| Decimal::from_scientific(&text)).unwrap_or_else(|why| panic!("{text}: {why}"))
}

/// The items of a list.
pub fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

/// Half up, as the sources print.
pub fn rounded(value: Decimal, places: u32) -> Decimal {
    value.round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero)
}

/// An amount in the minor unit: `places` of its major unit.
pub fn minor(amount: Decimal, places: u32) -> i64 {
    let minor = amount * Decimal::from(10_u64.pow(places));
    assert!(minor.is_integer(), "{amount} is finer than the minor unit");
    minor.normalize().to_string().parse().expect("an amount")
}

#[test]
fn numbers_are_read_as_written() {
    for text in ["0.3725", "43352.76", "0.005", "98.0"] {
        let value: Value = serde_json::from_str(text).expect("a number");
        assert_eq!(decimal(&value), text.parse().expect("a decimal"), "{text}");
    }
    let small: Value = serde_json::from_str("1e-06").expect("a number");
    assert_eq!(decimal(&small), "0.000001".parse().expect("a decimal"));
    assert_eq!(minor(Decimal::new(48_125, 1), 2), 481_250);
}
