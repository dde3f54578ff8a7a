//! Reads a plan file's sections; the stages are in [`stages`](super::stages).

use super::fields::Fields;
use super::tree::{Kind, Node};
use super::{
    ClassMapSource, ClassSource, ClauseSource, DocumentSource, FactSource, FactType, IndustrySource,
    MeasureSource, OutcomeSource, PlanSource, Procedure, RatingSource, Status, Verdict, WindowPlace,
    WindowSource, Worse, Years, param, procedure, region, rows, stages,
};
use crate::Bilingual;
use crate::diagnostic::{Diagnostic, Span};
use crate::limits;
use crate::plan::formula::Name;
use std::collections::BTreeSet;

/// Reads a plan. `csv` gives the text of a table beside the plan.
/// None when the header is too broken to say which plan it is; the diagnostics say why.
pub fn read_plan<'f>(
    tree: &Node,
    csv: &dyn Fn(&str) -> Option<&'f str>,
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<PlanSource> {
    let mut top = Fields::of(tree, "the plan", diagnostics);
    top.need_int("language", 1..=1);
    let id = top.need_text("id");
    let extends = top.text("extends").map(|t| Name { text: t.text, span: t.span });
    let region = top.text("region");
    if let Some(text) = &region
        && !(text.text.len() == 6 && text.text.bytes().all(|b| b.is_ascii_digit()))
    {
        top.complain("value", text.span, format!("region is \"{}\"", text.text), "expected six digits");
    }
    let title = top.need_bilingual("title");
    let statuses = [Status::Enacted, Status::Draft, Status::Illustrative].map(|s| (s.name(), s));
    top.need_text("status");
    let status = top.choice("status", &statuses);
    let reviewed_through = top.date("reviewed_through");
    let currency = top.text("currency").map(|t| Name { text: t.text, span: t.span });
    if let Some(name) = &currency
        && !["CNY", "JPY", "TWD", "USD", "EUR", "CAD"].contains(&name.text.as_str())
    {
        top.complain(
            "value",
            name.span,
            format!("currency is \"{}\"", name.text),
            "expected CNY, JPY, TWD, USD, EUR or CAD",
        );
    }
    let mut broken = BTreeSet::new();
    let nodes = [
        "rating",
        "source",
        "clause",
        "fact",
        "value",
        "param",
        "window",
        "each",
        "portfolio",
        "measure",
        "class",
        "industry",
        "gate",
        "table",
        "adjust",
        "ladder",
        "outcome",
        "reduction",
        "assert",
        "procedure",
    ]
    .map(|key| (key, top.node(key)));
    top.finish();
    let section = |key: &str| nodes.iter().find(|(k, _)| *k == key).and_then(|(_, node)| *node);

    let d = diagnostics;
    let b = &mut broken;
    let plan = PlanSource {
        rating: whole(section("rating"), "[rating]", b, |n| rating(n, d)),
        sources: named(section("source"), "source", d, b, document),
        clauses: listed(section("clause"), ("clause", "cite"), d, b, clause),
        facts: named(section("fact"), "fact", d, b, fact),
        values: named(section("value"), "value", d, b, rows::value),
        params: named(section("param"), "param", d, b, |name, n, d| param::param(name, n, csv, d)),
        windows: named(section("window"), "window", d, b, window),
        eaches: named(section("each"), "each", d, b, rows::each),
        portfolio: named(section("portfolio"), "portfolio", d, b, rows::portfolio),
        measures: named(section("measure"), "measure", d, b, measure),
        class: whole(section("class"), "[class]", b, |n| class(n, csv, d)),
        industry: whole(section("industry"), "[industry]", b, |n| industry(n, d)),
        gates: listed(section("gate"), ("gate", "name"), d, b, stages::gate),
        tables: named(section("table"), "table", d, b, stages::table),
        adjusts: listed(section("adjust"), ("adjust", "name"), d, b, stages::adjust),
        ladder: whole(section("ladder"), "[ladder]", b, |n| stages::ladder(n, d)),
        outcome: section("outcome").map_or_else(OutcomeSource::default, |n| stages::outcome(n, d, b)),
        reductions: listed(section("reduction"), ("reduction", ""), d, b, region::reduction),
        asserts: listed(section("assert"), ("assert", "name"), d, b, stages::assert),
        procedure: section("procedure").map_or_else(Procedure::default, |n| procedure::procedure(n, d, b)),
        id: id.map(|t| Name { text: t.text, span: t.span })?,
        extends,
        region,
        title: title.unwrap_or_default(),
        status: status.unwrap_or(Status::Draft),
        reviewed_through,
        currency,
        broken,
    };
    Some(plan)
}

pub(super) type ReadListed<T> = fn(&Node, &mut Vec<Diagnostic>) -> Option<T>;

/// A section that is there once; a broken one is noted as such.
fn whole<T>(
    node: Option<&Node>,
    what: &str,
    broken: &mut BTreeSet<String>,
    read: impl FnOnce(&Node) -> Option<T>,
) -> Option<T> {
    let node = node?;
    let out = read(node);
    if out.is_none() {
        broken.insert(what.to_owned());
    }
    out
}

pub(super) fn named<T>(
    node: Option<&Node>,
    what: &str,
    d: &mut Vec<Diagnostic>,
    broken: &mut BTreeSet<String>,
    read: impl Fn(&Name, &Node, &mut Vec<Diagnostic>) -> Option<T>,
) -> Vec<T> {
    let Some(node) = node else { return Vec::new() };
    let Kind::Table(entries) = &node.kind else {
        let message = format!("`{what}` is {}", node.kind.shown());
        d.push(Diagnostic::at("kind", node.span, message, format!("expected [{what}.NAME]")));
        return Vec::new();
    };
    let mut out = Vec::new();
    for (name, entry) in entries {
        check_name(name, d);
        let item = read(name, entry, d);
        if item.is_none() {
            broken.extend([name.text.clone(), format!("[{what}]")]);
        }
        out.extend(item);
    }
    out
}

/// A list of parts, each with a name of its own. `key` is the field that holds it.
pub(super) fn listed<T>(
    node: Option<&Node>,
    (what, key): (&str, &str),
    d: &mut Vec<Diagnostic>,
    broken: &mut BTreeSet<String>,
    read: ReadListed<T>,
) -> Vec<T> {
    let Some(node) = node else { return Vec::new() };
    let Kind::List(items) = &node.kind else {
        let message = format!("`{what}` is {}", node.kind.shown());
        d.push(Diagnostic::at("kind", node.span, message, format!("expected [[{what}]]")));
        return Vec::new();
    };
    let mut names: Vec<(&str, Span)> = Vec::new();
    let mut out = Vec::new();
    for item in items {
        let name = match &item.kind {
            Kind::Table(entries) => entries.iter().find(|(name, _)| name.text == key).map(|(_, node)| node),
            _ => None,
        };
        if let Some(Node { kind: Kind::Text(text, _), span }) = name {
            if let Some((_, first)) = names.iter().find(|(known, _)| known == text) {
                let message = format!("the {what} `{text}` stands twice");
                d.push(Diagnostic::at("name", *span, message, "again here").also(*first, "first here"));
            }
            names.push((text, *span));
        }
        let part = read(item, d);
        if part.is_none()
            && let Some(Node { kind: Kind::Text(text, _), .. }) = name
        {
            broken.insert(text.clone());
        }
        out.extend(part);
    }
    out
}

/// Notes a name that is not `lower_snake_case`.
pub(super) fn check_name(name: &Name, d: &mut Vec<Diagnostic>) {
    let fits = name.text.bytes().next().is_some_and(|b| b.is_ascii_lowercase())
        && name.text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if !fits {
        let message = format!("`{}` is not a name", name.text);
        d.push(Diagnostic::at("name", name.span, message, "expected lower_snake_case"));
    }
}

/// A day of any year, such as `09-30`.
fn month_day(fields: &mut Fields<'_, '_>) -> Option<(u32, u32)> {
    let text = fields.need_text("month_day")?;
    // 02-29 does not exist every year, so it is no rating date and no window's end.
    let date = format!("2023-{}", text.text).parse::<crate::record::Date>();
    match date {
        Ok(date) => Some((date.month(), date.day())),
        Err(_) => {
            fields.complain(
                "value",
                text.span,
                format!("month_day is \"{}\"", text.text),
                "expected a day of every year, as \"09-30\"",
            );
            None
        }
    }
}

fn rating(node: &Node, d: &mut Vec<Diagnostic>) -> Option<RatingSource> {
    let mut f = Fields::of(node, "[rating]", d);
    let day = month_day(&mut f);
    f.need_text("years");
    let years = f.choice("years", &[("every", Years::Every), ("odd", Years::Odd), ("even", Years::Even)]);
    let first = f.need_int("first", 1900..=2200);
    let last = f.int("last", 1900..=2200);
    let valid = f.need_int("valid_months", 1..=120);
    let gap_before = f.bilingual("gap_before");
    let cite = f.cite(None);
    if let (Some(first), Some(last)) = (first, last)
        && last < first
    {
        let at = f.node("last").map_or(node.span, |last| last.span);
        f.complain(
            "range",
            at,
            format!("the last rating year {last} is before the first, {first}"),
            "expected last >= first",
        );
    }
    for (key, year) in [("first", first), ("last", last)] {
        let Some((year, years)) = year.zip(years) else { continue };
        let word = match years {
            Years::Odd if year % 2 == 0 => "odd",
            Years::Even if year % 2 != 0 => "even",
            _ => continue,
        };
        let message = format!("`{key}` is {year}, but the rating years are {word}");
        let at = f.node(key).map_or(node.span, |year| year.span);
        f.complain("range", at, message, "expected a rating year, or years = \"every\"");
    }
    // From one rating date to the next.
    let apart = if years == Some(Years::Every) { 12 } else { 24 };
    if let (Some(valid), Some(_)) = (valid, years)
        && valid < apart
    {
        let at = f.node("valid_months").map_or(node.span, |valid| valid.span);
        let message = format!("rates hold for {valid} months, and rating dates are {apart} months apart");
        f.complain("range", at, message, "expected rates that hold until the next rating date");
    }
    f.finish();
    let (month, day) = day?;
    Some(RatingSource {
        span: node.span,
        month,
        day,
        years: years?,
        first: i32::try_from(first?).ok()?,
        last: last.and_then(|y| i32::try_from(y).ok()),
        valid_months: u32::try_from(valid?).ok()?,
        gap_before,
        cite: cite?,
    })
}

pub(super) fn document(name: &Name, node: &Node, d: &mut Vec<Diagnostic>) -> Option<DocumentSource> {
    let mut f = Fields::of(node, format!("source `{}`", name.text), d);
    let title = f.need_bilingual("title");
    let number = f.text("number").map(|t| t.text);
    let date = f.date("date");
    let official = f.boolean("official").unwrap_or(true);
    let address = f.text("address").map(|t| t.text);
    f.finish();
    Some(DocumentSource {
        name: name.clone(),
        title: title.unwrap_or_default(),
        number,
        date,
        official,
        address,
    })
}

pub(super) fn clause(node: &Node, d: &mut Vec<Diagnostic>) -> Option<ClauseSource> {
    let mut f = Fields::of(node, "a clause", d);
    let cite = f.need_text("cite");
    let says = f.need_bilingual("says");
    f.need_text("verdict");
    let verdict = f.choice(
        "verdict",
        &[
            ("encoded", Verdict::Encoded),
            ("not_encoded", Verdict::NotEncoded),
            ("out_of_scope", Verdict::OutOfScope),
        ],
    );
    let why = f.bilingual("why");
    if why.is_none() && !f.has("why") && matches!(verdict, Some(Verdict::NotEncoded | Verdict::OutOfScope)) {
        f.complain(
            "missing",
            first_line(node),
            "a clause that is not encoded says why",
            "expected `why = { zh, en }`",
        );
    }
    f.finish();
    let cite = cite?;
    Some(ClauseSource {
        cite: Name { text: cite.text, span: cite.span },
        says: says.unwrap_or_default(),
        verdict: verdict?,
        why,
    })
}

fn fact(name: &Name, node: &Node, d: &mut Vec<Diagnostic>) -> Option<FactSource> {
    let mut f = Fields::of(node, format!("fact `{}`", name.text), d);
    f.need_text("type");
    let ty = f.choice("type", &fact_types());
    let (title, worse, places) = declared(&mut f);
    let required = f.boolean("required").unwrap_or(false);
    let cite = f.cite(None);
    f.finish();
    Some(FactSource {
        name: name.clone(),
        ty: ty?,
        title,
        worse,
        places,
        required,
        cite: cite.unwrap_or_default(),
    })
}

/// Every type of a fact, by its name.
pub(super) fn fact_types() -> [(&'static str, FactType); 7] {
    [
        FactType::Boolean,
        FactType::Number,
        FactType::Ratio,
        FactType::Rate,
        FactType::Months,
        FactType::People,
        FactType::Money,
    ]
    .map(|ty| (ty.name(), ty))
}

/// What facts and values of periods say of themselves: title, which way is worse, places.
pub(super) fn declared(f: &mut Fields<'_, '_>) -> (Bilingual, Worse, u32) {
    let title = f.need_bilingual("title");
    f.need_text("worse");
    let worse =
        f.choice("worse", &[("more", Worse::More), ("less", Worse::Less), ("neither", Worse::Neither)]);
    let places = f.int("places", 0..=i64::from(limits::VALUE_PLACES)).unwrap_or(0);
    (title.unwrap_or_default(), worse.unwrap_or(Worse::Neither), u32::try_from(places).unwrap_or(0))
}

fn industry(node: &Node, d: &mut Vec<Diagnostic>) -> Option<IndustrySource> {
    let mut f = Fields::of(node, "[industry]", d);
    let standard = f.need_text("standard");
    let cite = f.cite(None);
    f.finish();
    Some(IndustrySource { standard: standard?.text, cite: cite? })
}

fn window(name: &Name, node: &Node, d: &mut Vec<Diagnostic>) -> Option<WindowSource> {
    let mut f = Fields::of(node, format!("window `{}`", name.text), d);
    let months = f.need_int("months", 1..=i64::from(limits::WINDOW_MONTHS_MAX));
    let before = f.text("before");
    let ends = f.node("ends");
    let split = f.choice("split", &[("year", true)]).unwrap_or(false);
    let review = f.choice("when_incomplete", &[("review", true), ("ignore", false)]).unwrap_or(true);
    if split && months.is_some_and(|m| m % 12 != 0) {
        f.complain(
            "value",
            name.span,
            "a window split by year has whole years",
            "expected months = 12, 24, 36 …",
        );
    }
    let cite = f.cite(None);
    let place = match (before, ends) {
        (Some(before), None) => Some(WindowPlace::Before(before)),
        (None, Some(ends)) => {
            let mut g = Fields::of(ends, "`ends`", f.diagnostics);
            let day = month_day(&mut g);
            let years_before = g.need_int("years_before", 0..=50);
            g.finish();
            day.zip(years_before).map(|((month, day), years)| WindowPlace::Ends {
                month,
                day,
                years_before: i32::try_from(years).unwrap_or(0),
            })
        }
        _ if f.is_hollow() => None,
        _ => {
            f.complain(
                "missing",
                name.span,
                format!("window `{}` needs either `ends` or `before`", name.text),
                "expected `ends = { month_day, years_before }` or `before = \"window\"`",
            );
            None
        }
    };
    f.finish();
    Some(WindowSource {
        name: name.clone(),
        months: u32::try_from(months?).ok()?,
        place: place?,
        split_years: split,
        review,
        cite: cite?,
    })
}

fn measure(name: &Name, node: &Node, d: &mut Vec<Diagnostic>) -> Option<MeasureSource> {
    let mut f = Fields::of(node, format!("measure `{}`", name.text), d);
    let title = f.bilingual("title");
    let shown = f.boolean("shown").unwrap_or(title.is_some());
    let is = f.need_formula("is");
    let review = f.choice("undefined", &[("review", true), ("false", false)]).unwrap_or(true);
    let cite = f.cite(None);
    f.finish();
    Some(MeasureSource { name: name.clone(), title, shown, is: is?, review, cite: cite? })
}

fn class<'f>(
    node: &Node,
    csv: &dyn Fn(&str) -> Option<&'f str>,
    d: &mut Vec<Diagnostic>,
) -> Option<ClassSource> {
    let mut f = Fields::of(node, "[class]", d);
    let count = f.need_int("count", 1..=i64::from(limits::CLASS_MAX));
    let mut map = Vec::new();
    for item in f.list("map") {
        let mut g = Fields::of(item, "a class map", f.diagnostics);
        let (standard, file) = (g.need_text("standard"), g.need_text("csv"));
        let (code, class) = (g.need_text("code"), g.need_text("class"));
        g.finish();
        let (Some(standard), Some(file), Some(code), Some(class)) = (standard, file, code, class) else {
            continue;
        };
        let columns = [code.text.as_str(), class.text.as_str()];
        match csv(&file.text) {
            None => f.complain(
                "file",
                file.span,
                format!("there is no file \"{}\" beside the plan", file.text),
                "expected a CSV file",
            ),
            Some(_) if count.is_none() => {}
            Some(text) => match divisions(text, columns, count.unwrap_or(0)) {
                Ok(divisions) => map.push(ClassMapSource { standard: standard.text, divisions }),
                Err(problems) => problems.into_iter().for_each(|p| {
                    f.complain("csv", file.span, format!("{}: {p}", file.text), "in this file");
                }),
            },
        }
    }
    let cite = f.cite(None);
    f.finish();
    Some(ClassSource { count: u8::try_from(count?).ok()?, map, cite: cite? })
}

type Divisions = Vec<(String, Vec<u8>)>;

/// Class by division from a CSV text. A cell `2|5`, or an empty one, has no clean answer.
fn divisions(text: &str, columns: [&str; 2], count: i64) -> Result<Divisions, Vec<String>> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().map_err(|e| vec![e.to_string()])?.clone();
    let places = columns.map(|c| header.iter().position(|h| h == c));
    let [Some(code), Some(class)] = places else {
        return Err(vec![format!("it has no columns `{}` and `{}`", columns[0], columns[1])]);
    };
    let (mut out, mut problems) = (Divisions::new(), Vec::new());
    let mut known = BTreeSet::new();
    for record in reader.records() {
        let record = match record {
            Ok(record) => record,
            Err(why) => {
                problems.push(why.to_string());
                continue;
            }
        };
        let line = record.position().map_or(0, csv::Position::line);
        let division = record.get(code).unwrap_or("").to_owned();
        let cell = record.get(class).unwrap_or("");
        let classes: Result<Vec<u8>, _> = cell.split('|').filter(|c| !c.is_empty()).map(str::parse).collect();
        match classes {
            Ok(classes) if classes.iter().all(|c| (1..=count).contains(&i64::from(*c))) => {
                if !known.insert(division.clone()) {
                    problems.push(format!("line {line}: division {division} stands twice"));
                }
                out.push((division, classes));
            }
            _ => problems.push(format!("line {line}: class \"{cell}\" is not 1 to {count}")),
        }
    }
    out.sort_unstable();
    if problems.is_empty() { Ok(out) } else { Err(problems) }
}

/// Where a part begins, for mistakes of a part that may be many lines long.
pub(super) fn first_line(node: &Node) -> Span {
    match &node.kind {
        // The names of a section stand on lines of their own; the value's span may begin far above.
        Kind::Table(entries) if !entries.is_empty() => entries[0].0.span,
        _ => node.span,
    }
}

/// The first byte of a span, for mistakes of a whole table.
#[must_use]
pub(super) fn head(span: Span) -> Span {
    Span { end: span.end.min(span.start + 1), ..span }
}
