//! Small worlds: every combination of a small grid of raw facts, as lines of words.

use serde_json::Value;

use super::words;
use crate::oracle::calendar::{add_months, text};
use crate::oracle::plans::{HAINAN, PUYANG, Plan};

/// Every record of a plan's small world, one at a time. None for a plan without one.
pub fn worlds(plan: &str, rating_date: &str, mut each: impl FnMut(String, Value)) {
    let id = plan;
    let plan = Plan::named(plan);
    let (window, _) = plan.windows(rating_date);
    let since =
        |months: i64, days: i64| format!("since={}", text(add_months(window.last + 1, -months) + days));
    let states = |before: usize| {
        ["paid_for", "zero", "gone", "short", "straddled"].map(|state| format!("year-{before}={state}"))
    };
    let plain = |words: &[&str]| -> Vec<String> { words.iter().map(|word| (*word).to_owned()).collect() };
    let grid: Vec<Vec<String>> = match id {
        HAINAN => {
            // One of the look-back's earlier years is odd, or none.
            let mut years = vec![String::new()];
            years.extend((1..5).flat_map(states));
            vec![
                plain(&["class=1", "class=6"]),
                plain(&[
                    "",
                    "benefits=1",
                    "benefits=1999999",
                    "benefits=2000000",
                    "benefits=2000001",
                    "benefits=4000000",
                    "benefits=4000001",
                ]),
                plain(&["", "deaths=2", "deaths=3", "diseases=2", "diseases=3"]),
                plain(&["", "blacklisted=true"]),
                plain(&["", "relief_available=true"]),
                plain(&["", "arrears_months=1", "fraud=true", "concealed_payroll=true"]),
                vec![since(60, 0), since(60, 1), since(12, 0)],
                years,
            ]
        }
        PUYANG => {
            let mut last = vec![String::new(), "year-2=paid_for".to_owned(), "year-2=gone".to_owned()];
            last.push("year-2=zero".to_owned());
            let mut middle = vec![String::new()];
            middle.extend(states(1));
            vec![
                plain(&["class=1", "class=2", "class=3", "class=4"]),
                plain(&[
                    "",
                    "prior=0.004",
                    "prior=0.005",
                    "prior=0.01",
                    "prior=0.0125",
                    "prior=0.015",
                    "prior=0.03",
                    "prior=0.031",
                ]),
                plain(&[
                    "",
                    "benefits=1",
                    "benefits=1000000",
                    "benefits=1000001",
                    "benefits=2000000",
                    "benefits=2000001",
                    "benefits=3000001",
                    "benefits=4000000",
                    "benefits=5000000",
                    "benefits=5000001",
                ]),
                vec![since(48, 0), since(36, 0), since(36, 1), since(1, 0)],
                plain(&["", "year-0=zero", "year-0=short"]),
                middle,
                last,
            ]
        }
        _ => panic!("{id} has no small world"),
    };
    let mut at = vec![0; grid.len()];
    loop {
        let chosen: Vec<&str> = at.iter().zip(&grid).map(|(at, column)| column[*at].as_str()).collect();
        let line = chosen.join(" ");
        let record = words::record(plan, rating_date, &line);
        each(line, record);
        // Counts up like an odometer.
        let Some(column) = (0..grid.len()).rev().find(|column| at[*column] + 1 < grid[*column].len()) else {
            return;
        };
        at[column] += 1;
        at[column + 1..].fill(0);
    }
}

#[test]
fn small_worlds_are_whole_and_valid() {
    for (plan, date, worlds_count) in [(HAINAN, "2022-01-01", 70_560), (PUYANG, "2015-01-01", 92_160)] {
        let mut count = 0;
        worlds(plan, date, |_, record| {
            count += 1;
            if count % 97 == 0 {
                crate::oracle::validity::check(&record);
            }
        });
        assert_eq!(count, worlds_count, "{plan}");
    }
}
