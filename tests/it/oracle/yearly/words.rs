//! A record from a line of words, so that a case is one row of a table and its own label.
//!
//! | word | default | |
//! |---|---|---|
//! | `class=4` | none | |
//! | `since=2001-01-01` | 2001-01-01 | `insured_since`; rows before its month are left out |
//! | `paid=` `payroll=` | 10,000 and 1,000,000 yuan | fen in the whole window, and in each year before it |
//! | `benefits=` | 0 | fen paid on the window's last day for an injury of before |
//! | `injuries=` `deaths=` `diseases=` | 0 | dated on the window's last day, without money |
//! | `claim=date/cause/outcome/count/paid_on/fen` | none | as often as wanted |
//! | `year-1=zero` | whole | what became of the year so many before the window's last: `paid_for` (1 fen), `zero` or `unknown` denominators, `gone`, `short` of a day, `straddled` |
//! | `prior=0.012` | none | the prior rate, alone |
//! | any other | none | a fact |

use serde_json::{Map, Value, json};

use crate::oracle::calendar::{Span, civil, day, read, text};
use crate::oracle::plans::Plan;

#[derive(Default)]
struct Words<'a> {
    class: Option<u8>,
    since: Option<&'a str>,
    paid_fen: Option<u64>,
    payroll_fen: Option<u64>,
    benefits_fen: u64,
    claims: Vec<Value>,
    states: Vec<(i64, &'a str)>,
    prior: Option<&'a str>,
    facts: Map<String, Value>,
}

pub fn record(plan: Plan, rating_date: &str, line: &str) -> Value {
    let (window, _) = plan.windows(rating_date);
    let words = read_words(line, window);
    let since = read(words.since.unwrap_or("2001-01-01"));
    let mut employer = json!({"id": "E1", "insured_since": text(since)});
    if let Some(class) = words.class {
        employer["risk_class"] = json!(class);
    } else {
        employer["industry"] = json!({"standard": "2017", "code": "06"});
    }
    if let Some(prior) = words.prior {
        employer["prior"] = json!({"rate": prior});
    }
    let mut claims = words.claims.clone();
    if words.benefits_fen > 0 {
        claims.push(claim(window.last, "work_accident", "temporary", 0, words.benefits_fen));
    }
    let mut periods = Vec::new();
    let years = years(plan, rating_date);
    for (at, year) in years.iter().enumerate() {
        let before = (years.len() - 1 - at) as i64;
        let state = words.states.iter().find(|(year, _)| *year == before).map_or("whole", |(_, state)| state);
        if state == "paid_for" && year.last >= since {
            claims.push(claim(year.last, "work_accident", "temporary", 0, 1));
        }
        // A neighbour that straddles its first day takes this year's last.
        let is_taken = words.states.contains(&(before - 1, "straddled"));
        periods.extend(period(&words, *year, window, since, state, is_taken));
    }
    for (at, claim) in claims.iter_mut().enumerate() {
        claim["id"] = json!(format!("c{at}"));
    }
    json!({"employer": employer, "periods": periods, "claims": claims, "facts": words.facts})
}

/// The calendar years that a plan looks at, the window's last.
pub fn years(plan: Plan, rating_date: &str) -> Vec<Span> {
    let (window, _) = plan.windows(rating_date);
    let first = plan.look_back(rating_date).first().map_or(window.first, |year| year.first);
    let ((first, _, _), (last, _, _)) = (civil(first), civil(window.last));
    (first..=last).map(|year| Span { first: day(year, 1, 1), last: day(year, 12, 31) }).collect()
}

fn period(words: &Words, year: Span, window: Span, since: i64, state: &str, is_taken: bool) -> Option<Value> {
    let mut span = Span { first: year.first.max(since), last: year.last - i64::from(is_taken) };
    match state {
        "gone" => return None,
        "short" => span.last -= 1,
        "straddled" if year.first > since => span.first -= 1,
        "whole" | "paid_for" | "zero" | "unknown" | "straddled" => {}
        _ => panic!("no state {state:?}"),
    }
    if span.first > span.last {
        return None;
    }
    let share = |fen: u64| {
        let years = (window.last - window.first + 1) / 365;
        let is_first = year.first == window.first && years == 2;
        if year.first < window.first || years == 1 { fen } else { fen / 2 + u64::from(is_first) * (fen % 2) }
    };
    let (mut paid, mut payroll) =
        (share(words.paid_fen.unwrap_or(1_000_000)), share(words.payroll_fen.unwrap_or(100_000_000)));
    if state == "zero" {
        (paid, payroll) = (0, 0);
    }
    let mut period = json!({"start": text(span.first), "end": text(span.last)});
    if state != "unknown" {
        period["contributions_paid"] = json!(paid);
        period["payroll"] = json!(payroll);
    }
    Some(period)
}

fn claim(date: i64, cause: &str, outcome: &str, count: u64, fen: u64) -> Value {
    json!({"date": text(date), "cause": cause, "outcome": outcome, "count": count, "benefits_paid": fen})
}

fn read_words(line: &str, window: Span) -> Words<'_> {
    let mut words = Words::default();
    for word in line.split_whitespace() {
        let (name, value) = word.split_once('=').expect("a word is name=value");
        let whole = || value.parse::<u64>().expect("a whole number");
        match name {
            "class" => words.class = Some(value.parse().expect("a class")),
            "since" => words.since = Some(value),
            "paid" => words.paid_fen = Some(whole()),
            "payroll" => words.payroll_fen = Some(whole()),
            "benefits" => words.benefits_fen = whole(),
            "injuries" => words.claims.push(claim(window.last, "work_accident", "temporary", whole(), 0)),
            "deaths" => words.claims.push(claim(window.last, "commuting", "fatal", whole(), 0)),
            "diseases" => {
                words.claims.push(claim(window.last, "occupational_disease", "disability_4", whole(), 0));
            }
            "claim" => words.claims.push(read_claim(value)),
            "prior" => words.prior = Some(value),
            _ if name.starts_with("year-") => {
                words.states.push((name[5..].parse().expect("a number"), value))
            }
            _ => {
                let fact = value.parse::<bool>().map_or_else(|_| json!(value), |value| json!(value));
                words.facts.insert(name.to_owned(), fact);
            }
        }
    }
    words
}

fn read_claim(text: &str) -> Value {
    let parts: Vec<&str> = text.split('/').collect();
    let [date, cause, outcome, count, paid_on, fen] = parts[..] else { panic!("six parts: {text}") };
    let whole = |text: &str| text.parse::<u64>().expect("a whole number");
    json!({"date": date, "cause": cause, "outcome": outcome, "count": whole(count), "paid_on": paid_on,
        "benefits_paid": whole(fen)})
}

#[test]
fn words_say_what_the_record_holds() {
    let line = "class=2 since=2012-03-15 year-0=straddled year-1=zero benefits=7 arrears_months=3 fraud=true";
    let record = record(Plan::Puyang, "2015-01-01", line);
    let spans: Vec<String> = record["periods"]
        .as_array()
        .expect("periods")
        .iter()
        .map(|period| {
            format!("{} {} {}", period["start"], period["end"], period["contributions_paid"]).replace('"', "")
        })
        .collect();
    assert_eq!(
        spans,
        ["2012-03-15 2012-12-31 1000000", "2013-01-01 2013-12-30 0", "2013-12-31 2014-12-31 1000000"]
    );
    assert_eq!(record["facts"], json!({"arrears_months": "3", "fraud": true}));
    assert_eq!(record["claims"][0]["benefits_paid"], 7);
}
