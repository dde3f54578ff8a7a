//! A plan's parts, section by section: what, how, and which articles. The command and the wire show the same.

use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::checked::{Checked, Over, ParamValue};
use floatrate_engine::plan::source::{Cite, ObjectionDays, Out, Procedure, Verdict, working_days};

fn cites(cite: &Cite) -> String {
    cite.0.iter().map(|c| c.text.as_str()).collect::<Vec<_>>().join("; ")
}

fn value(plan: &Checked, value: &ParamValue) -> String {
    match value {
        ParamValue::One(number) => number.to_string(),
        ParamValue::ByClass(numbers) => {
            let pairs = numbers.iter().enumerate().map(|(at, n)| format!("{}: {n}", at + 1));
            pairs.collect::<Vec<_>>().join(", ")
        }
        ParamValue::ByIndustry(numbers) => {
            let codes = plan.industries.iter().flat_map(|(_, codes)| codes);
            codes.zip(numbers).map(|(code, n)| format!("{code}: {n}")).collect::<Vec<_>>().join(", ")
        }
        ParamValue::ByRowClass(numbers) => {
            let pairs = plan.row_classes.iter().zip(numbers).map(|(class, n)| format!("{class}: {n}"));
            pairs.collect::<Vec<_>>().join(", ")
        }
        ParamValue::Ranges(ranges) => {
            ranges.iter().map(|r| format!("{r}: {}", r.value)).collect::<Vec<_>>().join(", ")
        }
        ParamValue::Industries(places) => {
            let code = |at: &usize| plan.industries.as_ref().and_then(|(_, codes)| codes.get(*at)).cloned();
            places.iter().filter_map(code).collect::<Vec<_>>().join(", ")
        }
        ParamValue::Causes(causes) => causes.iter().map(|c| c.name()).collect::<Vec<_>>().join(", "),
    }
}

fn verdict(verdict: Verdict, lang: Lang) -> &'static str {
    match (verdict, lang) {
        (Verdict::Encoded, Lang::En) => "encoded",
        (Verdict::NotEncoded, Lang::En) => "NOT encoded",
        (Verdict::OutOfScope, Lang::En) => "out of scope",
        (Verdict::Encoded, Lang::Zh) => "已编入",
        (Verdict::NotEncoded, Lang::Zh) => "未编入",
        (Verdict::OutOfScope, Lang::Zh) => "不涉及费率",
    }
}

/// What, how, which articles.
pub type Part = (String, String, String);

/// The parts of a plan by section.
#[must_use]
pub fn sections(plan: &Plan, lang: Lang) -> Vec<(&'static str, Vec<Part>)> {
    let p = &plan.checked;
    let facts = p.facts.iter().map(|f| (f.name.text.clone(), f.title.pick(lang).to_owned(), cites(&f.cite)));
    let params = p.params.iter().flat_map(|x| {
        x.entries.iter().map(|(from, v, cite, _)| {
            let from = from.map_or_else(String::new, |d| format!(" ({d})"));
            (format!("{}{from}", x.name), value(p, v), cites(cite))
        })
    });
    let values = p.values.iter().map(|v| {
        let default =
            v.default.as_ref().map_or_else(String::new, |d| format!("; where lacking: {}", p.print(d)));
        (v.name.clone(), format!("{}{default}", v.title.pick(lang)), cites(&v.cite))
    });
    let rows = p.eaches.iter().flat_map(|each| {
        let over = match each.over {
            Over::Periods => "periods".to_owned(),
            Over::Claims => "claims".to_owned(),
            Over::Each(below) => format!("{} by event", p.eaches[below].name),
        };
        let which = each.filter.as_ref().map_or_else(String::new, |f| format!(" where {}", p.print(f)));
        each.columns.iter().map(move |column| {
            let how = format!("over {over}{which}: {}", column.text);
            (format!("{}.{}", each.name, column.name), how, cites(&column.cite))
        })
    });
    let portfolio = p.portfolio.iter().map(|v| {
        let is = if v.is.is_some() { v.text.clone() } else { "given".to_owned() };
        (v.name.clone(), is, cites(&v.cite))
    });
    let windows = p.windows.iter().map(|w| {
        let review = if w.source.review { "review" } else { "ignore" };
        let place = match w.before {
            Some(other) => format!("before {}", p.windows[other].source.name.text),
            None => match &w.source.place {
                floatrate_engine::plan::source::WindowPlace::Ends { month, day, years_before } => {
                    format!("to {month:02}-{day:02}, {years_before} year(s) before the rating year")
                }
                floatrate_engine::plan::source::WindowPlace::Before(_) => String::new(),
            },
        };
        (
            w.source.name.text.clone(),
            format!("{} months {place}; incomplete: {review}", w.source.months),
            cites(&w.source.cite),
        )
    });
    let measures = p.measures.iter().map(|m| (m.name.clone(), m.text.clone(), cites(&m.cite)));
    let gates = p.gates.iter().map(|g| {
        (g.name.clone(), format!("{} -> {}", g.text, if g.kept { "kept" } else { "review" }), cites(&g.cite))
    });
    let tables = p.tables.iter().flat_map(|t| {
        t.rows.iter().enumerate().map(|(at, row)| {
            (
                format!("{}:{}", t.name, at + 1),
                match t.out {
                    Out::Step => format!("{} -> step {:+}", row.text, row.step),
                    Out::Percent | Out::Rate => format!("{} -> {}", row.text, row.gives),
                    Out::Choice => {
                        let at = usize::try_from(row.gives.mantissa()).unwrap_or(0);
                        format!("{} -> {}", row.text, t.choices.get(at).map_or("", String::as_str))
                    }
                },
                cites(&row.cite),
            )
        })
    });
    let adjusts =
        p.adjusts.iter().map(|a| (format!("{}:{}", a.kind.name(), a.name), a.text.clone(), cites(&a.cite)));
    let ladder = (!p.ladder.cite.0.is_empty()).then(|| {
        if p.ladder.derived {
            let how = p.ladder.factor.as_ref().map_or_else(|| "rate / base rate".to_owned(), |f| p.print(f));
            return ("ladder".to_owned(), format!("tier = {how}"), cites(&p.ladder.cite));
        }
        let tiers: Vec<String> =
            p.ladder.tiers.iter().map(|(step, tier)| format!("{step:+}: {tier}")).collect();
        let allowed: Vec<String> = p
            .ladder
            .allowed
            .iter()
            .enumerate()
            .map(|(at, (low, high))| format!("class {}: {low:+} to {high:+}", at + 1))
            .collect();
        ("ladder".to_owned(), format!("{}; {}", tiers.join(", "), allowed.join(", ")), cites(&p.ladder.cite))
    });
    let rates = [
        ("start", Some(&p.outcome.start)),
        ("rate", Some(&p.outcome.rate)),
        ("floor", p.outcome.floor.as_ref()),
        ("cap", p.outcome.cap.as_ref()),
    ];
    let outcome = rates.into_iter().filter_map(|(name, cited)| {
        cited.filter(|c| !c.text.is_empty()).map(|c| (name.to_owned(), c.text.clone(), cites(&c.cite)))
    });
    let reductions = p.reductions.iter().map(|r| {
        (format!("{} to {}", r.from, r.to), format!("cut {} ({:?})", r.cut, r.mode), cites(&r.cite))
    });
    let frames = p.frames.iter().map(|f| {
        let how = format!(
            "cut {} where the reserve lasts {} months; applied to nobody by itself",
            f.cut, f.reserve_months
        );
        (format!("{} to {}", f.from, f.to), how, cites(&f.cite))
    });
    let stated = |name: &str, is: String, cite: &Cite| (name.to_owned(), is, cites(cite));
    let Procedure { timetable, objection_days, redetermination_days, succession } = &p.procedure;
    let timetable = timetable.iter().flatten().map(|line| {
        let name = format!("timetable.{}", line.what.name());
        stated(&name, line.due.words().pick(lang).to_owned(), &line.cite)
    });
    let days = |days: u32| working_days(days).pick(lang).to_owned();
    let objection = objection_days.as_ref().map(|x| {
        let is = x.is.working().map_or_else(|| ObjectionDays::ANNOUNCED.to_owned(), days);
        stated("objection_days", is, &x.cite)
    });
    let redetermination =
        redetermination_days.as_ref().map(|x| stated("redetermination_days", days(x.is), &x.cite));
    let succession = succession.as_ref().map(|x| stated("succession", x.is.name().to_owned(), &x.cite));
    let procedure = timetable.chain(objection).chain(redetermination).chain(succession);
    let clauses = p.clauses.iter().map(|c| {
        let why = c.why.as_ref().map_or_else(String::new, |w| format!(" ({})", w.pick(lang)));
        (c.cite.text.clone(), format!("{}{why}", c.says.pick(lang)), verdict(c.verdict, lang).to_owned())
    });
    vec![
        ("facts", facts.collect()),
        ("parameters", params.collect()),
        ("windows", windows.collect()),
        ("values", values.collect()),
        ("rows", rows.collect()),
        ("portfolio", portfolio.collect()),
        ("measures", measures.collect()),
        ("gates", gates.collect()),
        ("tables", tables.collect()),
        ("adjusts", adjusts.collect()),
        ("ladder", ladder.into_iter().collect()),
        ("outcome", outcome.collect()),
        ("reductions", reductions.collect()),
        ("frames", frames.collect()),
        ("procedure", procedure.collect()),
        ("clauses", clauses.collect()),
    ]
}
