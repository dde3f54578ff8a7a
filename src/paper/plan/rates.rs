//! What is charged: classes and base rates, the rate and its limits, temporary reductions.

use super::super::{Article, Block, Cell, Table};
use super::words::param_type;
use super::{Sentence, Writer, say};
use floatrate_engine::number::Decimal;
use floatrate_engine::plan::checked::{Param, ParamValue, Range};
use floatrate_engine::plan::source::{ClassMapSource, ReductionMode};

impl Writer<'_> {
    pub(super) fn classes(&self) -> Option<Article> {
        let mut blocks = Vec::new();
        for map in &self.plan.class_maps {
            let text = say!(
                self.lang,
                "按 GB/T 4754-{} 登记的行业，其风险类别按下表：",
                "The risk class of an industry of GB/T 4754-{}:",
                map.standard
            );
            blocks.push(Block::Sentence(self.sentence(text, &self.plan.class_cite)));
            blocks.push(Block::Table(self.class_map(map)));
        }
        if self.plan.class_maps.is_empty() && self.plan.classes > 0 {
            let text = say!(
                self.lang,
                "行业分为{}类，由记录载明。",
                "There are {} risk classes; the record says which.",
                self.plan.classes
            );
            blocks.push(Block::Sentence(self.sentence(text, &self.plan.class_cite)));
        }
        for param in self.plan.params.iter().filter(|p| !p.ty.is_set()) {
            blocks.extend(self.param_blocks(param));
        }
        self.article(("行业类别、基准费率和参数", "Classes, base rates and parameters"), blocks)
    }

    fn class_map(&self, map: &ClassMapSource) -> Table {
        let mut rows = Vec::new();
        let mut row = |name: String, alike: &dyn Fn(&[u8]) -> bool| {
            let codes: Vec<&str> =
                map.divisions.iter().filter(|(_, classes)| alike(classes)).map(|d| d.0.as_str()).collect();
            if !codes.is_empty() {
                rows.push(vec![Cell::text(name), Cell::text(codes.join(self.pick("、", ", ")))]);
            }
        };
        for class in 1..=self.plan.classes {
            row(self.class(&class.to_string()), &|classes| classes == [class]);
        }
        row(
            self.pick("无唯一类别，须在记录中载明", "no single class: the record must give it").to_owned(),
            &|classes| classes.len() != 1,
        );
        Table {
            caption: String::new(),
            head: self.columns(&[("行业风险类别", "risk class"), ("行业大类代码", "divisions")]),
            rows,
        }
    }

    fn param_blocks(&self, param: &Param) -> Vec<Block> {
        let name = match param.name.as_str() {
            "base_rate" => self.pick("基准费率", "Base rates").to_owned(),
            name => name.to_owned(),
        };
        let mut out = Vec::new();
        let mut table = Table { caption: name.clone(), head: Vec::new(), rows: Vec::new() };
        for (from, value, cite, ..) in &param.entries {
            let since = from.map_or_else(String::new, |day| {
                let day = self.date(day);
                say!(self.lang, "（自{day}起）", " (from {day})")
            });
            let values = self.values(value, param_type(param.ty));
            if let ParamValue::ByClass(_) = value {
                if table.head.is_empty() {
                    table.head.push(self.pick("适用", "in force").to_owned());
                    let classes = (1..=values.len()).map(|class| self.class(&class.to_string()));
                    table.head.extend(classes);
                    table.head.push(self.pick("依据", "source").to_owned());
                }
                let since = from.map_or_else(
                    || self.pick("一直", "always").to_owned(),
                    |day| {
                        let day = self.date(day);
                        say!(self.lang, "自{day}起", "from {day}")
                    },
                );
                let mut row = vec![Cell::text(since)];
                row.extend(values.into_iter().map(Cell::Text));
                row.push(Cell::Cites(self.cites(cite)));
                table.rows.push(row);
                continue;
            }
            let Some((keys, heading)) = self.keys(param, value) else {
                let values = values.join(self.pick("、", ", "));
                let text = say!(self.lang, "“{name}”为{values}{since}。", "‘{name}’ is {values}{since}.");
                out.push(Block::Sentence(self.sentence(text, cite)));
                continue;
            };
            let cites = || Cell::Cites(self.cites(cite));
            let rows =
                keys.into_iter().zip(values).map(|(key, v)| vec![Cell::text(key), Cell::text(v), cites()]);
            out.push(Block::Table(Table {
                caption: format!("{name}{since}"),
                head: self.columns(&[heading, ("值", "value"), ("依据", "source")]),
                rows: rows.collect(),
            }));
        }
        if !table.rows.is_empty() {
            out.push(Block::Table(table));
        }
        out
    }

    /// What the values of a parameter are looked up with, one a value, and what that is called.
    fn keys(&self, param: &Param, value: &ParamValue) -> Option<(Vec<String>, (&'static str, &'static str))> {
        match value {
            ParamValue::ByIndustry(_) => {
                let codes = self.plan.industries.as_ref().map(|(_, codes)| codes.clone())?;
                Some((codes, ("行业", "industry")))
            }
            ParamValue::ByRowClass(_) => Some((self.plan.row_classes.clone(), ("类别", "class"))),
            ParamValue::Ranges(ranges) => {
                let end = |value: Decimal| match param.by_money {
                    true => self.money(value),
                    false => value.to_string(),
                };
                let shown = |r: &Range| {
                    let low = r.low.map(|(low, closed)| match closed {
                        true => say!(self.lang, "{}以上（含）", "at least {}", end(low)),
                        false => say!(self.lang, "超过{}", "above {}", end(low)),
                    });
                    let high = r.high.map(|(high, closed)| match closed {
                        true => say!(self.lang, "不超过{}（含）", "up to and including {}", end(high)),
                        false => say!(self.lang, "低于{}", "below {}", end(high)),
                    });
                    low.into_iter().chain(high).collect::<Vec<_>>().join(self.pick("，", ", "))
                };
                Some((ranges.iter().map(shown).collect(), ("区间", "range")))
            }
            _ => None,
        }
    }

    pub(super) fn rate(&self) -> Option<Article> {
        let outcome = &self.plan.outcome;
        let mut items = Vec::new();
        for (zh, en, cited) in [
            ("起算费率", "The starting rate", Some(&outcome.start)),
            ("费率", "The rate", Some(&outcome.rate)),
            ("最低费率", "The floor: the rate is not below", outcome.floor.as_ref()),
            ("最高费率", "The cap: the rate is not above", outcome.cap.as_ref()),
        ] {
            let Some(cited) = cited.filter(|c| !c.text.is_empty()) else { continue };
            let is = self.words(&cited.term);
            let verb = if en.contains(':') { "" } else { " is" };
            let text = say!(self.lang, "{zh}为{is}。", "{en}{verb} {is}.");
            items.push(self.sentence(text, &cited.cite).code(cited.text.clone()));
        }
        let mut blocks = Vec::new();
        if !items.is_empty() {
            blocks.push(Block::List(items));
            let text = say!(
                self.lang,
                "不参加浮动和转人工复核的，列起算费率，不适用最低、最高费率。除另有规定外，不作舍入。",
                "Who is not floated, or goes to review, stands at the starting rate without floor and cap. Nothing is rounded unless a formula says so."
            );
            blocks.push(Block::Sentence(Sentence::new(text)));
        }
        self.article(("费率及其上下限", "The rate, its floor and cap"), blocks)
    }

    pub(super) fn reductions(&self) -> Option<Article> {
        let rows = self.plan.reductions.iter().map(|r| {
            let mode = match r.mode {
                ReductionMode::OnCurrent => self.pick(
                    "降低核定后的费率，不再适用最低费率",
                    "the rate is cut; the floor is not applied again",
                ),
                ReductionMode::OnBase => {
                    self.pick("先降低基准费率，再浮动", "the base rate is cut before it is floated")
                }
                ReductionMode::ExcludeClass1 => {
                    self.pick("降低核定后的费率，一类行业除外", "the rate is cut, except that of class 1")
                }
            };
            vec![
                Cell::text(self.date(r.from)),
                Cell::text(self.date(r.to)),
                Cell::text(self.percent(r.cut)),
                Cell::text(mode),
                Cell::Cites(self.cites(&r.cite)),
            ]
        });
        let table = Table {
            caption: String::new(),
            head: self.columns(&[
                ("自", "from"),
                ("至", "to"),
                ("降低", "cut"),
                ("方式", "how"),
                ("依据", "source"),
            ]),
            rows: rows.collect(),
        };
        let mut blocks = if table.rows.is_empty() { Vec::new() } else { vec![Block::Table(table)] };
        let frames = self.plan.frames.iter().map(|frame| {
            let (from, to) = (self.date(frame.from), self.date(frame.to));
            let (months, cut) = (&frame.reserve_months, self.percent(frame.cut));
            let text = say!(
                self.lang,
                "{from}至{to}，基金备付月数在 {months} 的，可降低{cut}；本办法自身不据此降低。",
                "From {from} to {to}, a fund whose reserve lasts {months} months may cut by {cut}. The plan cuts nothing by this alone."
            );
            self.sentence(text, &frame.cite)
        });
        let frames: Vec<Sentence> = frames.collect();
        if !frames.is_empty() {
            blocks.push(Block::List(frames));
        }
        self.article(("阶段性降低费率", "Temporary reductions"), blocks)
    }
}
