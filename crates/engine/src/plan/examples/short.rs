//! The short form of an example: what counts in each window, written out as a plain record.
//!
//! Each window gets one period that spans it, from the day of insurance on, and its claims on its last day.

use super::lines::Mistakes;
use crate::diagnostic::Span as Place;
use crate::plan::compiled::{Program, Span};
use crate::plan::formula::Name;
use crate::plan::source::{Kind, Node};
use crate::record::{Cause, Date, Form};

/// Fields beside the windows.
const KNOWN: [&str; 6] = ["class", "industry", "insured_months", "first_insured_months", "facts", "prior"];
/// Fields of a window.
const OF_A_WINDOW: [&str; 10] = [
    "payroll",
    "contributions_due",
    "contributions_paid",
    "headcount",
    "months_insured",
    "benefits_paid",
    "injuries",
    "deaths",
    "diseases",
    "cause",
];
/// Who says nothing of insured time has been insured for so many months at the end of the first window, or longer
/// where the plan looks further back.
const INSURED_MONTHS: i32 = 120;

/// A short form as the form of a record. None when it has mistakes.
pub(super) fn expand(program: &Program, node: &Node, mistakes: &mut Mistakes<'_>) -> Option<Form> {
    let before = mistakes.told.len();
    let Kind::Table(entries) = &node.kind else {
        mistakes.tell(node.span, "`short` is not a table");
        return None;
    };
    let windows = &program.plan.windows;
    let named = |key: &Name| windows.iter().position(|w| w.source.name.text == key.text);
    let mut short = Short { program, mistakes, periods: Vec::new(), claims: Vec::new(), filled: Vec::new() };
    let insured = short.insured(node);
    let mut employer = vec![
        ("id".to_owned(), Form::Text("E".to_owned())),
        ("insured_since".to_owned(), Form::Text(insured.to_string())),
    ];
    let mut facts = None;
    let mut splits = Vec::new();
    for (key, value) in entries {
        match (key.text.as_str(), named(key)) {
            ("class", _) => {
                employer
                    .extend(short.whole(key, value).map(|class| ("risk_class".to_owned(), Form::Int(class))));
            }
            ("industry" | "prior", _) => employer.push((key.text.clone(), value.to_form())),
            ("insured_months", _) => {}
            ("first_insured_months", _) => {
                let first = short.whole(key, value).map(|months| short.months_before(months));
                employer.extend(first.map(|day| ("first_insured".to_owned(), Form::Text(day.to_string()))));
            }
            ("facts", _) => facts = Some(value.to_form()),
            (_, Some(at)) if windows[at].source.split_years => splits.push((key, value, at)),
            (_, Some(at)) => {
                let span = program.windows[at][0];
                short.window(key.span, value, span, insured);
            }
            (_, None) => {
                let names = windows.iter().map(|w| w.source.name.text.as_str());
                let known: Vec<&str> = KNOWN.into_iter().chain(names).collect();
                short.mistakes.unknown("`short`", key, &known);
            }
        }
    }
    // Years that a window of their own has given are not given again.
    for (key, value, at) in splits {
        short.years(key, value, &program.windows[at], insured);
    }
    let (mut periods, claims) = (short.periods, short.claims);
    periods.sort_by_key(|(start, _)| *start);
    let mut record = vec![
        ("employer".to_owned(), Form::Map(employer)),
        ("periods".to_owned(), Form::List(periods.into_iter().map(|(_, form)| form).collect())),
        ("claims".to_owned(), Form::List(claims)),
    ];
    record.extend(facts.map(|facts| ("facts".to_owned(), facts)));
    (mistakes.told.len() == before).then_some(Form::Map(record))
}

struct Short<'a, 'm, 't> {
    program: &'a Program,
    mistakes: &'m mut Mistakes<'t>,
    periods: Vec<(Date, Form)>,
    claims: Vec<Form>,
    /// Windows that have been given.
    filled: Vec<Span>,
}

impl Short<'_, '_, '_> {
    /// The day after the end of the first window that must be whole, from which insured months count back.
    fn after(&self) -> Date {
        let windows = self.program.plan.windows.iter().zip(&self.program.windows);
        let whole = windows.filter(|(window, _)| window.source.review).map(|(_, spans)| spans);
        let first = whole.chain(&self.program.windows).find_map(|spans| spans.last());
        first.map_or(self.program.rating_date, |span| span.end.plus_days(1))
    }

    fn months_before(&self, months: i64) -> Date {
        self.after().plus_months(-i32::try_from(months).unwrap_or(0))
    }

    /// The day of insurance.
    fn insured(&mut self, node: &Node) -> Date {
        if let Kind::Table(entries) = &node.kind
            && let Some((key, value)) = entries.iter().find(|(key, _)| key.text == "insured_months")
            && let Some(months) = self.whole(key, value)
        {
            return self.months_before(months);
        }
        let starts = self.program.windows.iter().flatten().map(|span| span.start);
        starts
            .min()
            .map_or_else(|| self.after(), |day| day.min(self.months_before(i64::from(INSURED_MONTHS))))
    }

    /// A whole number that is not negative. Months reach no further back than the calendar does.
    fn whole(&mut self, key: &Name, value: &Node) -> Option<i64> {
        let most = if key.text.ends_with("months") { 1_200 } else { i64::MAX };
        match value.kind {
            Kind::Int(whole) if (0..=most).contains(&whole) => Some(whole),
            Kind::Int(whole) => {
                self.mistakes.tell(value.span, format!("`{}` is {whole}; expected 0 to {most}", key.text));
                None
            }
            _ => {
                let message = format!("`{}` is {}, not a whole number", key.text, value.kind.shown());
                self.mistakes.tell(value.span, message);
                None
            }
        }
    }

    /// The years of a split window: one table for each, the oldest first, or one table for all; `false` is a year
    /// without a period.
    fn years(&mut self, key: &Name, value: &Node, spans: &[Span], insured: Date) {
        let open: Vec<Span> = spans.iter().filter(|span| !self.filled.contains(span)).copied().collect();
        match &value.kind {
            Kind::List(items) if items.len() == open.len() => {
                for (item, span) in items.iter().zip(open) {
                    if matches!(item.kind, Kind::Bool(false)) {
                        self.filled.push(span);
                    } else {
                        self.window(item.span, item, span, insured);
                    }
                }
            }
            Kind::List(items) => {
                let message = format!(
                    "`{}` has {} entries; expected {}, one for each year that no other window gives, the oldest first",
                    key.text,
                    items.len(),
                    open.len()
                );
                self.mistakes.tell(value.span, message);
            }
            _ => open.into_iter().for_each(|span| self.window(value.span, value, span, insured)),
        }
    }

    fn window(&mut self, at: Place, node: &Node, span: Span, insured: Date) {
        let Kind::Table(entries) = &node.kind else {
            let message =
                format!("a window is {}; expected a table like {{ benefits_paid = 100 }}", node.kind.shown());
            return self.mistakes.tell(node.span, message);
        };
        if self.filled.contains(&span) {
            return self
                .mistakes
                .tell(at, format!("{} to {} is given by another window", span.start, span.end));
        }
        self.filled.push(span);
        let start = span.start.max(insured);
        let mut period = vec![
            ("start".to_owned(), Form::Text(start.to_string())),
            ("end".to_owned(), Form::Text(span.end.to_string())),
        ];
        let mut months = i64::from(start.whole_months_to(span.end.plus_days(1)));
        let (mut benefits, mut injured, mut cause) = (0, [0; 3], "work_accident".to_owned());
        for (key, value) in entries {
            match key.text.as_str() {
                "months_insured" => months = self.whole(key, value).unwrap_or(months),
                "payroll" | "contributions_due" | "contributions_paid" => {
                    period.extend(self.whole(key, value).map(|amount| (key.text.clone(), Form::Int(amount))));
                }
                "headcount" => period.extend(self.headcount(value).map(|text| (key.text.clone(), text))),
                "benefits_paid" => benefits = self.whole(key, value).unwrap_or(0),
                "injuries" => injured[0] = self.whole(key, value).unwrap_or(0),
                "deaths" => injured[1] = self.whole(key, value).unwrap_or(0),
                "diseases" => injured[2] = self.whole(key, value).unwrap_or(0),
                "cause" => match &value.kind {
                    Kind::Text(text, _) if Cause::from_name(text).is_some() => cause.clone_from(text),
                    _ => {
                        let names: Vec<&str> = Cause::ALL.iter().map(|c| c.name()).collect();
                        self.mistakes.tell(value.span, format!("`cause` is one of {}", names.join(", ")));
                    }
                },
                _ => self.mistakes.unknown("a window", key, &OF_A_WINDOW),
            }
        }
        if start <= span.end {
            period.push(("months_insured".to_owned(), Form::Int(months)));
            self.periods.push((start, Form::Map(period)));
        }
        for (count, paid, outcome, cause) in [
            (0, benefits, "temporary", cause.as_str()),
            (injured[0], 0, "temporary", cause.as_str()),
            (injured[1], 0, "fatal", cause.as_str()),
            (injured[2], 0, "temporary", "occupational_disease"),
        ] {
            if count > 0 || paid > 0 {
                self.claim(span.end, cause, outcome, count, paid);
            }
        }
    }

    fn headcount(&mut self, value: &Node) -> Option<Form> {
        match &value.kind {
            Kind::Text(text, _) => Some(Form::Text(text.clone())),
            Kind::Int(whole) => Some(Form::Text(whole.to_string())),
            _ => {
                let message = format!("`headcount` is {}, not a number as text", value.kind.shown());
                self.mistakes.tell(value.span, message);
                None
            }
        }
    }

    fn claim(&mut self, day: Date, cause: &str, outcome: &str, count: i64, benefits: i64) {
        let id = (self.claims.len() + 1).to_string();
        let texts = [("id", id.as_str()), ("date", &day.to_string()), ("cause", cause), ("outcome", outcome)]
            .map(|(key, text)| (key.to_owned(), Form::Text(text.to_owned())));
        let numbers = [("count", count), ("benefits_paid", benefits)]
            .map(|(key, number)| (key.to_owned(), Form::Int(number)));
        self.claims.push(Form::Map(texts.into_iter().chain(numbers).collect()));
    }
}
