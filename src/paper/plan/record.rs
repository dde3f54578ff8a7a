//! What is read: sources, dates, what is counted, measures, facts.

use super::super::{Article, Block, Cell, Table};
use super::{Sentence, Writer, say};
use floatrate_engine::plan::checked::{Over, ParamValue, Type, Unit, Window};
use floatrate_engine::plan::source::{FactType, Out, WindowPlace, Worse, Years};

impl Writer<'_> {
    pub(super) fn sources(&self) -> Option<Article> {
        let copies = self.plan.documents.iter().any(|d| !d.official);
        let rows = self.plan.documents.iter().map(|d| {
            // What has neither number, day nor address is no document: it is what the plan's makers decided.
            let own = d.number.is_none() && d.date.is_none() && d.address.is_none();
            let text = match d.official {
                true if own => self.pick("无文件，系本办法编制意见", "no document: decisions of this plan"),
                true => self.pick("正式文本", "official text"),
                false => {
                    self.pick("转载文本，待核对原文 †", "a copy, to be checked against the official text †")
                }
            };
            vec![
                Cell::Code(d.name.text.clone()),
                Cell::text(d.title.pick(self.lang)),
                Cell::text(d.number.clone().unwrap_or_default()),
                Cell::text(d.date.map(|day| self.date(day)).unwrap_or_default()),
                Cell::text(text),
                Cell::text(d.address.clone().unwrap_or_default()),
            ]
        });
        let table = Table {
            caption: String::new(),
            head: self.columns(&[
                ("简称", "short name"),
                ("文件", "document"),
                ("文号", "number"),
                ("日期", "date"),
                ("所见文本", "text seen"),
                ("出处", "address"),
            ]),
            rows: rows.collect(),
        };
        if table.rows.is_empty() {
            return None;
        }
        let mut blocks = vec![Block::Table(table)];
        if copies {
            blocks.push(Block::Sentence(Sentence::new(say!(
                self.lang,
                "下文中标有 † 的依据，其文件仅见于转载文本。",
                "Below, † marks a citation whose document was only seen in a copy."
            ))));
        }
        self.article(("依据的文件", "Sources"), blocks)
    }

    pub(super) fn dates(&self) -> Option<Article> {
        let Some(r) = &self.plan.rating else {
            let text = say!(
                self.lang,
                "本办法供各统筹地区的办法引用，自身不核定费率。",
                "This plan serves to be extended. It rates nobody by itself."
            );
            return self.article(("适用", "Scope"), vec![Block::Sentence(Sentence::new(text))]);
        };
        let day = self.day_of_year(r.month, r.day);
        let years = match r.years {
            Years::Every => self.pick("每年", "of every year"),
            Years::Odd => self.pick("每逢奇数年", "of every odd year"),
            Years::Even => self.pick("每逢偶数年", "of every even year"),
        };
        let (first, months) = (r.first, r.valid_months);
        let last = r.last.map_or_else(String::new, |last| say!(self.lang, "，至{last}年止", ", to {last}"));
        let text = say!(
            self.lang,
            "{years}{day}为费率生效日，自{first}年起{last}。核定的费率有效{months}个月。",
            "Rates take effect on {day} {years}, from {first}{last}, and hold for {months} months."
        );
        let blocks = vec![Block::Sentence(self.sentence(text, &r.cite))];
        self.article(("费率生效日", "Rating dates"), blocks)
    }

    pub(super) fn counted(&self) -> Option<Article> {
        let mut items = Vec::new();
        for window in &self.plan.windows {
            let mut sentence = self.sentence(self.window_words(window), &window.source.cite);
            sentence.code = window.source.name.text.clone();
            items.push(sentence);
        }
        for param in self.plan.params.iter().filter(|p| p.ty.is_set()) {
            for (from, value, cite, ..) in &param.entries {
                let causes = self.values(value, Type::Cause);
                if !matches!(value, ParamValue::Causes(_)) {
                    let text = say!(
                        self.lang,
                        "“{}”包括下列行业：{}。",
                        "‘{}’ are these industries: {}.",
                        param.name,
                        causes.join(self.pick("、", ", "))
                    );
                    items.push(self.sentence(text, cite).code(param.name.clone()));
                    continue;
                }
                let from = from.map_or_else(String::new, |day| {
                    let day = self.date(day);
                    say!(self.lang, "（自{day}起）", " (from {day})")
                });
                let text = say!(
                    self.lang,
                    "下列认定依据另行处理{from}：{}。",
                    "Causes that are treated apart{from}: {}.",
                    causes.join(self.pick("、", ", "))
                );
                items.push(self.sentence(text, cite).code(param.name.clone()));
            }
        }
        let mut blocks = Vec::new();
        if !items.is_empty() {
            blocks.push(Block::List(items));
        }
        if !self.plan.windows.is_empty() {
            blocks.push(Block::Sentence(Sentence::new(say!(
                self.lang,
                "参保时段全部日期均在期内的，计入该期；待遇支付按支付日期计入，工伤人数按事故日期计入。",
                "A period counts in a window when all its days lie in it; benefits count by the day of payment, injuries by the day of the accident."
            ))));
        }
        self.article(("考核期和计算口径", "Assessment period and what is counted"), blocks)
    }

    fn window_words(&self, window: &Window) -> String {
        let lang = self.lang;
        let at = self.plan.windows.iter().position(|w| w.source.name.text == window.source.name.text);
        let name = self.window(floatrate_engine::plan::checked::WindowRef::Of(at.unwrap_or(0)));
        let months = window.source.months;
        let span = match &window.source.place {
            WindowPlace::Ends { month, day, years_before } => {
                let day = self.day_of_year(*month, *day);
                let year = match years_before {
                    0 => self.pick("费率年度当年", "of the rating year").to_owned(),
                    1 => self.pick("费率年度上一年", "of the year before the rating year").to_owned(),
                    2 => {
                        self.pick("费率年度前第二年", "of the second year before the rating year").to_owned()
                    }
                    3 => self.pick("费率年度前第三年", "of the third year before the rating year").to_owned(),
                    n => say!(lang, "费率年度前第{n}年", "of the {n}th year before the rating year"),
                };
                say!(lang, "截至{year}{day}的{months}个月", "the {months} months to {day} {year}")
            }
            WindowPlace::Before(_) => {
                let next = window.before.map_or_else(String::new, |at| {
                    self.window(floatrate_engine::plan::checked::WindowRef::Of(at))
                });
                say!(lang, "{next}之前的{months}个月", "the {months} months before {next}")
            }
        };
        let split = if window.source.split_years {
            self.pick("，逐年计算", ", each year by itself")
        } else {
            ""
        };
        let broken = match window.source.review {
            true => self.pick(
                "记录不完整或有跨期时段的，转人工复核",
                "a record that is incomplete or straddles it goes to review by a person",
            ),
            false => self.pick(
                "记录不完整的，只视为不符合以其为条件的规定",
                "an incomplete record only fails the conditions that rest on it",
            ),
        };
        say!(lang, "{name}为{span}{split}；{broken}。", "{name}: {span}{split}; {broken}.")
    }

    pub(super) fn measures(&self) -> Option<Article> {
        let mut items = Vec::new();
        for (at, measure) in self.plan.measures.iter().enumerate() {
            let (name, is) = (self.measure(at), self.words(&measure.term));
            let undefined = match (divides(&measure.term), measure.review) {
                (true, true) => {
                    self.pick("除数为0的，转人工复核。", " Where the divisor is 0, a person reviews.")
                }
                (true, false) => self.pick(
                    "除数为0的，以其为条件的规定视为不符合。",
                    " Where the divisor is 0, conditions on it do not hold.",
                ),
                (false, _) => "",
            };
            let text = match measure.term.ty {
                Type::Boolean => {
                    say!(self.lang, "{name}指：{is}。{undefined}", "{name} means: {is}.{undefined}")
                }
                _ => say!(self.lang, "{name} = {is}。{undefined}", "{name} = {is}.{undefined}"),
            };
            let code = format!("{} = {}", measure.name, measure.text);
            items.push(self.sentence(text, &measure.cite).code(code));
        }
        let blocks = if items.is_empty() { Vec::new() } else { vec![Block::List(items)] };
        self.article(("考核指标", "Measures"), blocks)
    }

    pub(super) fn facts(&self) -> Option<Article> {
        let rows = self.plan.facts.iter().map(|fact| {
            let ty = self.fact_type(fact.ty);
            let worse = match (fact.worse, fact.ty) {
                (Worse::More, FactType::Boolean) => self.pick("有此情形为不利", "yes is worse"),
                (Worse::Less, FactType::Boolean) => self.pick("无此情形为不利", "no is worse"),
                (Worse::More, _) => self.pick("越多越不利", "more is worse"),
                (Worse::Less, _) => self.pick("越少越不利", "less is worse"),
                (Worse::Neither, _) => self.pick("无优劣之分", "neither way"),
            };
            let absent = match (fact.required, fact.ty) {
                (true, _) => self.pick("转人工复核", "review by a person"),
                (false, FactType::Boolean) => self.pick("按“否”处理并列明", "counts as no, and is listed"),
                (false, _) => self.pick("按0处理并列明", "counts as 0, and is listed"),
            };
            vec![
                Cell::text(fact.title.pick(self.lang)),
                Cell::Code(fact.name.text.clone()),
                Cell::text(ty),
                Cell::text(worse),
                Cell::text(absent),
                Cell::Cites(self.cites(&fact.cite)),
            ]
        });
        let table = Table {
            caption: String::new(),
            head: self.columns(&[
                ("情况", "fact"),
                ("字段", "field"),
                ("类型", "type"),
                ("优劣方向", "direction"),
                ("记录未载明的", "where the record is silent"),
                ("依据", "source"),
            ]),
            rows: rows.collect(),
        };
        let blocks = if table.rows.is_empty() { Vec::new() } else { vec![Block::Table(table)] };
        self.article(("须申报的情况", "Facts that the record must have"), blocks)
    }

    fn fact_type(&self, ty: FactType) -> &'static str {
        match ty {
            FactType::Boolean => self.pick("是否", "yes or no"),
            FactType::Number => self.pick("数值", "number"),
            FactType::Ratio => self.pick("比率", "ratio"),
            FactType::Rate => self.pick("费率", "rate"),
            FactType::Months => self.pick("月数", "months"),
            FactType::People => self.pick("人数", "people"),
            FactType::Money => self.pick("金额", "amount"),
        }
    }

    /// Values that periods must hold, what is computed row by row, and what is the same for all employers.
    pub(super) fn rows_and_portfolio(&self) -> Option<Article> {
        let mut items = Vec::new();
        for value in &self.plan.values {
            let (title, ty) = (value.title.pick(self.lang), self.fact_type(value.ty));
            let default = value.default.as_ref().map_or_else(String::new, |term| {
                let default = self.words(term);
                say!(self.lang, "；缺报的，按{default}计", "; where it is lacking, {default}")
            });
            let text = say!(
                self.lang,
                "每一参保时段须申报{title}（{ty}）{default}。",
                "Each period has {title} ({ty}){default}."
            );
            items.push(self.sentence(text, &value.cite).code(value.name.clone()));
        }
        for each in &self.plan.eaches {
            let of = match each.over {
                Over::Periods => self.pick("每一参保时段", "of each period").to_owned(),
                Over::Claims => self.pick("每一工伤人员", "of each injury").to_owned(),
                Over::Each(below) => {
                    let below = &self.plan.eaches[below].name;
                    say!(self.lang, "同一事故的“{below}”各行", "of the rows ‘{below}’ of each accident")
                }
            };
            let which = each.filter.as_ref().map_or_else(String::new, |filter| {
                let filter = self.words(filter);
                say!(self.lang, "（仅限{filter}）", " where {filter}")
            });
            for column in &each.columns {
                let (name, is) = (&column.name, self.words(&column.term));
                let text = say!(
                    self.lang,
                    "“{}”：{of}{which}的“{name}” = {is}。",
                    "‘{}’: {name} {of}{which} = {is}.",
                    each.name
                );
                let code = format!("{}.{name} = {}", each.name, column.text);
                items.push(self.sentence(text, &column.cite).code(code));
            }
        }
        for (at, value) in self.plan.portfolio.iter().enumerate() {
            let name = self.portfolio(at);
            let text = match &value.is {
                None => say!(self.lang, "{name}由评定方给定。", "{name} is given by whoever rates."),
                Some(term) => {
                    let is = self.words(term);
                    say!(
                        self.lang,
                        "{name}按全体单位计算 = {is}。",
                        "{name} is computed over all employers = {is}."
                    )
                }
            };
            items.push(self.sentence(text, &value.cite).code(value.name.clone()));
        }
        let blocks = if items.is_empty() { Vec::new() } else { vec![Block::List(items)] };
        self.article(("逐行计算和全体单位的数值", "Computed row by row, and over all employers"), blocks)
    }

    /// The type of a table's column, by its name.
    pub(super) fn column_type(&self, name: &str) -> Type {
        if let Some(measure) = self.plan.measures.iter().find(|m| m.name == name) {
            return measure.term.ty;
        }
        if let Some(at) = self.plan.tables.iter().position(|t| t.name == name) {
            return match self.plan.tables[at].out {
                Out::Choice => Type::Choice(at),
                Out::Rate => Type::Number(Unit::RATE),
                Out::Step | Out::Percent => Type::Number(Unit::RATIO),
            };
        }
        match self.plan.facts.iter().find(|f| f.name.text == name).map(|f| f.ty) {
            Some(FactType::Ratio) => Type::Number(Unit::RATIO),
            Some(FactType::Rate) => Type::Number(Unit::RATE),
            Some(FactType::Months) => Type::Number(Unit::MONTHS),
            Some(FactType::People) => Type::Number(Unit::PEOPLE),
            Some(FactType::Money) => Type::Number(Unit::MONEY),
            Some(FactType::Boolean) => Type::Boolean,
            Some(FactType::Number) => Type::Literal,
            None if name == "class" => Type::Class,
            None => Type::Literal,
        }
    }
}

/// Whether a formula divides by something that a record decides.
fn divides(term: &floatrate_engine::plan::checked::Term) -> bool {
    use floatrate_engine::plan::checked::{AggregateKind, TermKind};
    match &term.kind {
        TermKind::Divide(_, b) => !matches!(b.kind, TermKind::Number(_)),
        TermKind::Aggregate { kind, .. } => *kind == AggregateKind::Average,
        TermKind::Add(a, b) | TermKind::Subtract(a, b) | TermKind::Multiply(a, b) => divides(a) || divides(b),
        TermKind::Min(terms) | TermKind::Max(terms) => terms.iter().any(divides),
        TermKind::If(_, a, b) => divides(a) || divides(b),
        _ => false,
    }
}
