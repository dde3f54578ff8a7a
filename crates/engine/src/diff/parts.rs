//! A plan taken apart into statements. Rows of tables are matched elsewhere.

use super::alone::Apply;
use super::statement::{Statement, both, cites, same};
use super::words::Noun;
use crate::Bilingual;
use crate::plan::catalog::Plan;
use crate::plan::formula::{Expr, ExprKind, Interval, Name};
use crate::plan::source::{
    AssertKindSource, ChangeSource, Cite, Key, ObjectionDays, Out, ParamSource, ParamType, ParamValue,
    PlanSource, PortfolioIs, Procedure, RangeSource, ReductionMode, ReductionSource, Succession, Verdict,
    WindowPlace, WindowSource, Worse, Years, working_days,
};

/// The statements of a plan, in the order of its sections.
pub(super) fn statements(plan: &Plan) -> Vec<Statement> {
    let mut list = List { out: Vec::new() };
    let source = &plan.source;
    list.header(plan);
    list.documents(source);
    list.rating(source);
    list.classes(source);
    list.industry(source);
    source.params.iter().for_each(|p| list.param(p));
    source.windows.iter().for_each(|w| list.window(w));
    list.facts(source);
    list.values(source);
    list.eaches(source);
    list.portfolio(source);
    list.measures(source);
    list.gates(source);
    list.tables(source);
    list.adjusts(source);
    list.ladder(source);
    list.outcome(source);
    plan.checked.reductions.iter().for_each(|r| list.reduction(r));
    list.procedure(source);
    list.asserts(source);
    list.clauses(source);
    list.out
}

struct List {
    out: Vec<Statement>,
}

/// The part that statements are made of.
struct PartOf<'a> {
    section: &'static str,
    name: &'a str,
    title: Option<&'a Bilingual>,
    cites: Vec<String>,
}

impl<'a> PartOf<'a> {
    fn new(section: &'static str, name: &'a str, title: Option<&'a Bilingual>, cite: &Cite) -> Self {
        Self { section, name, title, cites: cites(cite) }
    }

    /// What makes the whole part of another plan's alone.
    fn whole(&self) -> Apply {
        Apply::Part { section: self.section, name: self.name.to_owned() }
    }
}

impl List {
    fn add(
        &mut self,
        of: &PartOf<'_>,
        field: impl Into<String>,
        what: Bilingual,
        value: Bilingual,
        apply: Apply,
    ) {
        self.out.push(Statement {
            section: of.section,
            name: of.name.to_owned(),
            part: Noun::new(of.section, of.name, of.title),
            field: field.into(),
            what,
            value,
            cites: of.cites.clone(),
            apply,
        });
    }

    /// A field of a part that decides results.
    fn rule(&mut self, of: &PartOf<'_>, field: &str, what: (&str, &str), value: Bilingual) {
        let apply = of.whole();
        self.add(of, field, both(what.0, what.1), value, apply);
    }

    /// A field that people read.
    fn word(&mut self, of: &PartOf<'_>, field: &str, what: (&str, &str), value: Bilingual) {
        self.add(of, field, both(what.0, what.1), value, Apply::Outside);
    }

    fn title(&mut self, of: &PartOf<'_>) {
        if let Some(title) = of.title {
            self.word(of, "title", ("标题", "title"), title.clone());
        }
    }

    fn cited(&mut self, of: &PartOf<'_>) {
        let cites = of.cites.join("; ");
        self.word(of, "cite", ("依据", "citation"), same(cites));
    }

    fn header(&mut self, plan: &Plan) {
        let (source, checked) = (&plan.source, &plan.checked);
        let of = PartOf::new("plan", "", None, &Cite::default());
        self.word(&of, "title", ("标题", "title"), source.title.clone());
        self.word(&of, "status", ("状态", "status"), same(source.status.name()));
        self.word(&of, "region", ("统筹地区", "region"), same(&checked.region));
        self.word(&of, "extends", ("所依据的办法", "parents"), same(checked.parents.join(", ")));
        self.word(&of, "currency", ("币种", "currency"), same(&checked.currency));
        if let Some(day) = source.reviewed_through {
            let what = ("文本核对日", "day of comparison with the sources");
            self.word(&of, "reviewed_through", what, same(day));
        }
    }

    fn documents(&mut self, plan: &PlanSource) {
        for document in &plan.sources {
            let of = PartOf::new("source", &document.name.text, Some(&document.title), &Cite::default());
            self.title(&of);
            for (field, what, value) in [
                ("number", ("文号", "number"), document.number.clone()),
                ("date", ("日期", "date"), document.date.map(|d| d.to_string())),
                ("address", ("出处", "address"), document.address.clone()),
            ] {
                if let Some(value) = value {
                    self.word(&of, field, what, same(value));
                }
            }
            let official = if document.official {
                both("正式文本", "the official text")
            } else {
                both("转载文本", "a copy")
            };
            self.word(&of, "official", ("所见文本", "text seen"), official);
        }
    }

    fn rating(&mut self, plan: &PlanSource) {
        let Some(r) = &plan.rating else { return };
        let of = PartOf::new("rating", "", None, &r.cite);
        let years = match r.years {
            Years::Every => both("每年", "every year"),
            Years::Odd => both("奇数年", "odd years"),
            Years::Even => both("偶数年", "even years"),
        };
        let last = r.last.map_or_else(|| both("无", "none"), same);
        for (field, what, value) in [
            ("month_day", ("月日", "day of the year"), same(format!("{:02}-{:02}", r.month, r.day))),
            ("years", ("年份", "years"), years),
            ("first", ("首年", "first year"), same(r.first)),
            ("last", ("末年", "last year"), last),
        ] {
            self.add(&of, field, both(what.0, what.1), value, Apply::Dates);
        }
        self.rule(&of, "valid_months", ("有效月数", "months of validity"), same(r.valid_months));
        self.cited(&of);
    }

    fn classes(&mut self, plan: &PlanSource) {
        let Some(class) = &plan.class else { return };
        let of = PartOf::new("class", "", None, &class.cite);
        self.rule(&of, "count", ("类别数", "number"), same(class.count));
        for map in &class.map {
            for (code, classes) in &map.divisions {
                let field = format!("{} {code}", map.standard);
                let what = both(
                    format!("GB/T 4754-{} 大类 {code}", map.standard),
                    format!("division {code} of GB/T 4754-{}", map.standard),
                );
                let classes: Vec<String> = classes.iter().map(u8::to_string).collect();
                let value = if classes.is_empty() {
                    both("无唯一类别", "no class")
                } else {
                    same(classes.join(", "))
                };
                let apply = Apply::Division { standard: map.standard.clone(), code: code.clone() };
                self.add(&of, field, what, value, apply);
            }
        }
        self.cited(&of);
    }

    fn param(&mut self, param: &ParamSource) {
        for entry in &param.entries {
            let of = PartOf::new("param", &param.name.text, None, &entry.cite);
            let since = entry.from.map_or_else(String::new, |day| day.to_string());
            let (zh, en) = match entry.from {
                None => (String::new(), String::new()),
                Some(day) => (format!("（自{day}起）"), format!(" from {day}")),
            };
            let mut value = |field: &str, what: Bilingual, value: String, key: Option<String>| {
                let field = [field, since.as_str()].join(" ").trim().to_owned();
                let apply = Apply::Value { param: param.name.text.clone(), from: entry.from, key };
                self.add(&of, field, what, same(value), apply);
            };
            match &entry.value {
                ParamValue::One(formula) => {
                    let what = both(format!("值{zh}"), format!("value{en}"));
                    value("value", what, formula.text.clone(), None);
                }
                ParamValue::Keyed(entries) => {
                    for (Name { text: key, .. }, formula) in entries {
                        let (field, what) = match param.key {
                            Some(Key::Industry) => (
                                format!("industry {key}"),
                                both(format!("行业{key}的值{zh}"), format!("value of industry {key}{en}")),
                            ),
                            _ => (
                                format!("class {key}"),
                                both(format!("第{key}类的值{zh}"), format!("value of class {key}{en}")),
                            ),
                        };
                        value(&field, what, formula.text.clone(), Some(key.clone()));
                    }
                }
                ParamValue::Ranges(ranges) => {
                    let shown = |r: &RangeSource| format!("{} {}", interval(&r.interval), r.value.text);
                    let all: Vec<String> = ranges.iter().map(shown).collect();
                    let what = both(format!("分段的值{zh}"), format!("values by range{en}"));
                    value("ranges", what, all.join(", "), None);
                }
                ParamValue::Words(words) => {
                    // A set: its order says nothing.
                    let mut names: Vec<&str> = words.iter().map(|c| c.text.as_str()).collect();
                    names.sort_unstable();
                    let what = match param.ty {
                        ParamType::Industries => both(format!("行业{zh}"), format!("industries{en}")),
                        _ => both(format!("认定依据{zh}"), format!("causes{en}")),
                    };
                    value("values", what, names.join(", "), None);
                }
            }
            let (field, cites) = (format!("cite {since}").trim().to_owned(), of.cites.join("; "));
            let what = both(format!("依据{zh}"), format!("citation{en}"));
            self.add(&of, field, what, same(cites), Apply::Outside);
        }
    }

    fn window(&mut self, window: &WindowSource) {
        let of = PartOf::new("window", &window.name.text, None, &window.cite);
        self.rule(&of, "months", ("月数", "months"), same(window.months));
        match &window.place {
            WindowPlace::Ends { month, day, years_before } => {
                let value = both(
                    format!("费率年度前第{years_before}年的{month:02}-{day:02}"),
                    format!("{month:02}-{day:02}, {years_before} year(s) before the rating year"),
                );
                self.rule(&of, "ends", ("末日", "last day"), value);
            }
            WindowPlace::Before(next) => {
                let value = both(format!("{}之前", next.text), format!("before {}", next.text));
                self.rule(&of, "ends", ("末日", "last day"), value);
            }
        }
        let split = if window.split_years { both("逐年", "by year") } else { both("否", "no") };
        self.rule(&of, "split", ("分年", "split"), split);
        let review =
            if window.review { both("转人工复核", "review") } else { both("视为不符合", "ignore") };
        self.rule(&of, "when_incomplete", ("不完整时", "when incomplete"), review);
        self.cited(&of);
    }

    fn facts(&mut self, plan: &PlanSource) {
        for fact in &plan.facts {
            let of = PartOf::new("fact", &fact.name.text, Some(&fact.title), &fact.cite);
            self.rule(&of, "type", ("类型", "type"), same(fact.ty.name()));
            self.rule(&of, "places", ("小数位数", "places"), same(fact.places));
            let required = if fact.required { both("是", "yes") } else { both("否", "no") };
            self.rule(&of, "required", ("必须载明", "required"), required);
            let worse = match fact.worse {
                Worse::More => both("越多越不利", "more"),
                Worse::Less => both("越少越不利", "less"),
                Worse::Neither => both("无优劣之分", "neither"),
            };
            self.word(&of, "worse", ("优劣方向", "which way is worse"), worse);
            self.title(&of);
            self.cited(&of);
        }
    }

    fn values(&mut self, plan: &PlanSource) {
        for value in &plan.values {
            let of = PartOf::new("value", &value.name.text, Some(&value.title), &value.cite);
            self.rule(&of, "type", ("类型", "type"), same(value.ty.name()));
            self.rule(&of, "places", ("小数位数", "places"), same(value.places));
            if let Some(default) = &value.default {
                self.rule(&of, "default", ("缺报时的值", "default"), same(&default.text));
            }
            self.title(&of);
            self.cited(&of);
        }
    }

    fn eaches(&mut self, plan: &PlanSource) {
        for each in &plan.eaches {
            let of = PartOf::new("each", &each.name.text, None, &Cite::default());
            let by = if each.by_event { " by event" } else { "" };
            self.rule(&of, "over", ("逐行对象", "rows"), same(format!("{}{by}", each.over.text)));
            if let Some(filter) = &each.filter {
                self.rule(&of, "where", ("条件", "condition"), same(&filter.text));
            }
            for column in &each.columns {
                let what = both(format!("列 {}", column.name.text), format!("column {}", column.name.text));
                let apply = of.whole();
                self.add(&of, &column.name.text, what, same(&column.is.text), apply);
            }
        }
    }

    fn portfolio(&mut self, plan: &PlanSource) {
        for value in &plan.portfolio {
            let of = PartOf::new("portfolio", &value.name.text, value.title.as_ref(), &value.cite);
            let is = match &value.is {
                PortfolioIs::Given(_) => both("由评定方给定", "given by whoever rates"),
                PortfolioIs::Computed(formula) => same(&formula.text),
            };
            self.rule(&of, "is", ("公式", "formula"), is);
            self.title(&of);
            self.cited(&of);
        }
    }

    fn industry(&mut self, plan: &PlanSource) {
        let Some(industry) = &plan.industry else { return };
        let of = PartOf::new("industry", "", None, &industry.cite);
        self.rule(&of, "standard", ("标准", "standard"), same(&industry.standard));
        self.cited(&of);
    }

    fn measures(&mut self, plan: &PlanSource) {
        for measure in &plan.measures {
            let of = PartOf::new("measure", &measure.name.text, measure.title.as_ref(), &measure.cite);
            self.rule(&of, "is", ("公式", "formula"), same(&measure.is.text));
            let undefined = if measure.review {
                both("转人工复核", "review")
            } else {
                both("视为不符合", "false")
            };
            self.rule(&of, "undefined", ("无法计算时", "when undefined"), undefined);
            let shown = if measure.shown { both("是", "yes") } else { both("否", "no") };
            self.word(&of, "shown", ("列入结果", "shown in results"), shown);
            self.title(&of);
            self.cited(&of);
        }
    }

    fn gates(&mut self, plan: &PlanSource) {
        for gate in &plan.gates {
            let of = PartOf::new("gate", &gate.name.text, Some(&gate.title), &gate.cite);
            self.rule(&of, "when", ("条件", "condition"), same(&gate.when.text));
            let gives = if gate.kept { both("不浮动", "kept") } else { both("转人工复核", "review") };
            self.rule(&of, "gives", ("处理", "what it gives"), gives);
            self.title(&of);
            self.cited(&of);
        }
    }

    fn tables(&mut self, plan: &PlanSource) {
        for table in &plan.tables {
            let cite = table.cite.clone().unwrap_or_default();
            let of = PartOf::new("table", &table.name.text, None, &cite);
            let hit = if table.unique {
                both("恰有一行", "unique")
            } else {
                both("首个符合的行", "first")
            };
            self.rule(&of, "hit", ("适用方式", "hit policy"), hit);
            if table.out != Out::Step {
                self.rule(&of, "out", ("结果种类", "what it gives"), same(table.out.name()));
            }
            let columns: Vec<&str> = table.columns.iter().map(|c| c.text.as_str()).collect();
            if !columns.is_empty() {
                self.rule(&of, "columns", ("列", "columns"), same(columns.join(", ")));
            }
        }
    }

    fn adjusts(&mut self, plan: &PlanSource) {
        for adjust in &plan.adjusts {
            let of = PartOf::new(adjust.kind.name(), &adjust.name.text, Some(&adjust.title), &adjust.cite);
            self.rule(&of, "when", ("条件", "condition"), same(&adjust.when.text));
            match &adjust.change {
                ChangeSource::Step(formula) => {
                    self.rule(&of, "step", ("新的档数", "new step"), same(&formula.text));
                }
                ChangeSource::Rate(formula) => {
                    self.rule(&of, "rate", ("新的费率", "new rate"), same(&formula.text));
                }
                ChangeSource::Class(formula) => {
                    self.rule(&of, "class", ("新的类别", "new class"), same(&formula.text));
                }
            }
            self.title(&of);
            self.cited(&of);
        }
    }

    fn ladder(&mut self, plan: &PlanSource) {
        let Some(ladder) = &plan.ladder else { return };
        let of = PartOf::new("ladder", "", None, &ladder.cite);
        let derived = if ladder.derived { both("是", "yes") } else { both("否", "no") };
        let derived = ladder.factor.as_ref().map_or(derived, |factor| same(&factor.text));
        self.rule(&of, "derived", ("由费率反推", "derived from the rate"), derived);
        for (step, tier) in &ladder.tiers {
            let what = both(format!("{step:+}档的档次"), format!("tier of step {step:+}"));
            let apply = Apply::Tier(*step);
            self.add(&of, format!("tier {step}"), what, same(tier), apply);
        }
        for (_, [from, to, low, high]) in &ladder.allowed {
            for class in *from..=*to {
                let what = both(format!("第{class}类的范围"), format!("reach of class {class}"));
                let apply = Apply::Reach(class);
                self.add(&of, format!("class {class}"), what, same(format!("{low:+} .. {high:+}")), apply);
            }
        }
        self.cited(&of);
    }

    fn outcome(&mut self, plan: &PlanSource) {
        let outcome = &plan.outcome;
        for (name, cited) in [
            ("start", &outcome.start),
            ("rate", &outcome.rate),
            ("floor", &outcome.floor),
            ("cap", &outcome.cap),
        ] {
            let Some(cited) = cited else { continue };
            let of = PartOf::new("outcome", name, None, &cited.cite);
            self.rule(&of, "is", ("公式", "formula"), same(&cited.is.text));
            self.cited(&of);
        }
    }

    fn reduction(&mut self, reduction: &ReductionSource) {
        let name = format!("{} .. {}", reduction.from, reduction.to);
        let of = PartOf::new("reduction", &name, None, &reduction.cite);
        self.rule(&of, "cut", ("降低", "cut"), same(reduction.cut));
        let mode = match reduction.mode {
            ReductionMode::OnCurrent => both("降低核定后的费率", "on_current"),
            ReductionMode::OnBase => both("先降低基准费率", "on_base"),
            ReductionMode::ExcludeClass1 => both("一类行业除外", "exclude_class_1"),
        };
        self.rule(&of, "mode", ("方式", "mode"), mode);
        self.cited(&of);
    }

    /// No result depends on it.
    fn procedure(&mut self, plan: &PlanSource) {
        let Procedure { timetable, objection_days, redetermination_days, succession } = &plan.procedure;
        for line in timetable.iter().flatten() {
            let name = format!("timetable.{}", line.what.name());
            self.stated(&name, line.what.title(), line.due.words(), &line.cite);
        }
        if let Some(days) = objection_days {
            let value = match days.is {
                ObjectionDays::Working(days) => working_days(days),
                ObjectionDays::Announced => {
                    both("截至经办机构公布之日", "until a day that the agency announces")
                }
            };
            self.stated("objection_days", both("异议期限", "time to object"), value, &days.cite);
        }
        if let Some(days) = redetermination_days {
            let title = both("重新核定期限", "time to decide on an objection");
            self.stated("redetermination_days", title, working_days(days.is), &days.cite);
        }
        if let Some(succession) = succession {
            let value = match succession.is {
                Succession::MergeSum => both("合并计算各方记录", "merge_sum"),
                Succession::SurvivorOnly => both("只计存续单位自身记录", "survivor_only"),
                Succession::NewAtBase => both("视同新参保，执行基准费率", "new_at_base"),
            };
            let title = both("合并、分立时的记录", "record on succession");
            self.stated("succession", title, value, &succession.cite);
        }
    }

    fn stated(&mut self, name: &str, title: Bilingual, value: Bilingual, cite: &Cite) {
        let of = PartOf::new("procedure", name, Some(&title), cite);
        self.word(&of, "is", ("规定", "value"), value);
        self.cited(&of);
    }

    fn asserts(&mut self, plan: &PlanSource) {
        for assert in &plan.asserts {
            let of = PartOf::new("assert", &assert.name.text, None, &assert.cite);
            let claim = match &assert.kind {
                AssertKindSource::Inert { of } => format!("inert: {}", of.text),
                AssertKindSource::NotMonotone { raw, only_where } => {
                    format!("not_monotone: {} where {}", raw.text, only_where.text)
                }
                AssertKindSource::Identity { is, holds_where } => {
                    let when =
                        holds_where.as_ref().map_or_else(String::new, |w| format!(" where {}", w.text));
                    format!("identity: {}{when}", is.text)
                }
                AssertKindSource::Jump { raw, of, only_where } => {
                    format!("jump: {} of {} where {}", of.text, raw.text, only_where.text)
                }
            };
            self.word(&of, "claim", ("内容", "claim"), same(claim));
            self.cited(&of);
        }
    }

    fn clauses(&mut self, plan: &PlanSource) {
        for clause in &plan.clauses {
            let of = PartOf::new("clause", &clause.cite.text, None, &Cite::default());
            let verdict = match clause.verdict {
                Verdict::Encoded => both("已编入", "encoded"),
                Verdict::NotEncoded => both("未编入", "not encoded"),
                Verdict::OutOfScope => both("不涉及费率", "out of scope"),
            };
            self.word(&of, "verdict", ("处理", "verdict"), verdict);
            self.word(&of, "says", ("内容", "what it says"), clause.says.clone());
            if let Some(why) = &clause.why {
                self.word(&of, "why", ("理由", "reason"), why.clone());
            }
        }
    }
}

/// An interval of numbers as plans write it.
fn interval(interval: &Interval) -> String {
    fn end(expr: &Expr) -> String {
        match &expr.kind {
            ExprKind::Number(value, Some(currency)) => format!("{value} {}", currency.text),
            ExprKind::Number(value, None) => value.to_string(),
            ExprKind::Negate(inner) => format!("-{}", end(inner)),
            _ => String::new(),
        }
    }
    match (&interval.low, &interval.high) {
        (Some((low, a)), Some((high, b))) => {
            let (open, close) = (if *a { '[' } else { '(' }, if *b { ']' } else { ')' });
            format!("{open}{}..{}{close}", end(low), end(high))
        }
        (Some((low, closed)), None) => format!("{} {}", if *closed { ">=" } else { ">" }, end(low)),
        (None, Some((high, closed))) => format!("{} {}", if *closed { "<=" } else { "<" }, end(high)),
        (None, None) => "-".to_owned(),
    }
}
