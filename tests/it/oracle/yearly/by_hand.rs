//! Cases worked by hand from decisions.md and the examples of china.md section 3. A row is the words of a record
//! (paid 10,000 yuan, payroll 1,000,000 yuan unless said), then status, step, tier, rate, and what else there is to say:
//! `unlimited=` where it differs, and the reasons whose kind decisions.md fixes.

use super::by_hand_eight::{HAINAN_ROWS, SHENYANG_ROWS, U1_ROWS, U2_ROWS};
use super::by_hand_three::{HUAINAN_ROWS, PUYANG_ROWS, YANTAI_ROWS, ZHENGZHOU_ROWS};
use crate::oracle::plans::{HAINAN, HUAINAN, PUYANG, Plan, SHENYANG, U1, U2, YANTAI, ZHENGZHOU};
use crate::oracle::{Expected, rate};

/// All rows, by plan and rating date, for the comparison with the engine.
pub const TABLES: [(&str, &str, &str); 8] = [
    (SHENYANG, "2021-01-01", SHENYANG_ROWS),
    (HAINAN, "2022-01-01", HAINAN_ROWS),
    (YANTAI, "2014-01-01", YANTAI_ROWS),
    (ZHENGZHOU, "2016-07-01", ZHENGZHOU_ROWS),
    (HUAINAN, "2013-01-01", HUAINAN_ROWS),
    (PUYANG, "2015-01-01", PUYANG_ROWS),
    (U1, "2021-01-01", U1_ROWS),
    (U2, "2021-01-01", U2_ROWS),
];

/// The words and the answer of each row.
pub fn rows(table: &str) -> Vec<(&str, &str)> {
    let lines = table.lines().filter(|line| !line.trim().is_empty());
    lines.map(|line| line.split_once("->").expect("an arrow")).map(|(a, b)| (a.trim(), b.trim())).collect()
}

/// An answer in the words of the tables.
pub fn in_short(answer: &Expected) -> String {
    let tier = answer.tier.as_deref().unwrap_or("-");
    let rate = answer.rate.as_deref().unwrap_or("-");
    let mut text = format!("{} {} {tier} {rate}", answer.status, answer.step);
    if let Some(unlimited) = answer.unlimited_rate.as_ref().filter(|unlimited| *unlimited != rate) {
        text += &format!(" unlimited={unlimited}");
    }
    for reason in &answer.reasons {
        text += &format!(" {reason}");
    }
    text
}

#[test]
fn the_oracle_gives_what_the_hand_gives() {
    let mut wrong = Vec::new();
    for (plan, date, table) in TABLES {
        let rows = rows(table);
        assert!(rows.len() >= 16, "{plan}: {} rows", rows.len());
        for (words, by_hand) in rows {
            let record = super::words::record(Plan::named(plan), date, words);
            let found = in_short(&rate(plan, date, &record));
            if found != by_hand {
                wrong.push(format!("{plan} {words}: by hand {by_hand}, found {found}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
