//! What is decided: eligibility, bands, overlays, vetoes, class rules, the ladder.

use super::super::{Article, Block, Cell, Table};
use super::{Sentence, Writer, say};
use floatrate_engine::plan::checked::{Change, Table as Bands};
use floatrate_engine::plan::source::{AdjustKind, Out};

impl Writer<'_> {
    pub(super) fn eligibility(&self) -> Option<Article> {
        let items = self.plan.gates.iter().map(|gate| {
            let (title, when) = (gate.title.pick(self.lang), self.words(&gate.when));
            let then = match gate.kept {
                true => self
                    .pick("不参加本次浮动，执行起算费率", "not floated this time; the starting rate stands"),
                false => self.pick("转人工复核", "a person reviews"),
            };
            let text = say!(self.lang, "{title}（{when}）的，{then}。", "{title} ({when}): {then}.");
            self.sentence(text, &gate.cite).code(gate.text.clone())
        });
        let items: Vec<Sentence> = items.collect();
        let mut blocks = Vec::new();
        if items.len() > 1 {
            let text = say!(
                self.lang,
                "依次适用下列各项，先符合的先适用：",
                "The first of these that holds ends the rating:"
            );
            blocks.push(Block::Sentence(Sentence::new(text)));
        }
        if !items.is_empty() {
            blocks.push(Block::List(items));
        }
        self.article(("不参加浮动的情形", "Who is not floated"), blocks)
    }

    pub(super) fn bands(&self) -> Option<Article> {
        let mut blocks = Vec::new();
        for table in &self.plan.tables {
            let text = match (table.unique, table.out) {
                (true, Out::Percent | Out::Rate | Out::Choice) => say!(
                    self.lang,
                    "下表给出“{}”，每一情形恰适用其中一行：",
                    "This table gives ‘{}’, that of the one row that applies:",
                    table.name
                ),
                (false, Out::Percent | Out::Rate | Out::Choice) => say!(
                    self.lang,
                    "下表给出“{}”，自上而下适用第一个符合的行：",
                    "This table gives ‘{}’, that of the first row, from the top, that applies:",
                    table.name
                ),
                (true, _) => say!(
                    self.lang,
                    "按下表确定浮动档数，每一情形恰适用其中一行：",
                    "The move is that of the one row that applies:"
                ),
                (false, _) => say!(
                    self.lang,
                    "按下表确定浮动档数，自上而下适用第一个符合的行：",
                    "The move is that of the first row, from the top, that applies:"
                ),
            };
            blocks.push(Block::Sentence(Sentence::new(text)));
            blocks.push(Block::Table(self.band(table)));
        }
        if self.plan.tables.iter().filter(|t| t.out == Out::Step).count() > 1 {
            let text = say!(self.lang, "各表的浮动档数相加。", "The moves of the tables are added.");
            blocks.push(Block::Sentence(Sentence::new(text)));
        }
        self.article(("浮动档次", "Bands"), blocks)
    }

    fn band(&self, table: &Bands) -> Table {
        let mut head = self.columns(&[("行", "row")]);
        if table.columns.is_empty() {
            head.extend(self.columns(&[("条件", "condition"), ("公式", "formula")]));
        } else {
            head.extend(table.columns.iter().map(|name| self.column_title(name)));
        }
        let gives = if table.out == Out::Step { ("浮动", "move") } else { ("结果", "gives") };
        head.extend(self.columns(&[gives, ("依据", "source")]));
        let rows = table.rows.iter().enumerate().map(|(at, row)| {
            let mut cells = vec![Cell::text((at + 1).to_string())];
            if table.columns.is_empty() {
                let other = row.text == "otherwise";
                cells.push(Cell::text(match other {
                    true => self.pick("其余情形", "whatever is left").to_owned(),
                    false => self.words(&row.when),
                }));
                cells.push(Cell::Code(row.text.clone()));
            } else {
                for (name, cell) in table.columns.iter().zip(&row.cells) {
                    cells.push(Cell::text(self.cell(cell, self.column_type(name))));
                }
            }
            cells.push(match table.out {
                Out::Step => Cell::text(self.move_cell(row.step)),
                Out::Percent | Out::Rate => Cell::text(self.percent(row.gives)),
                Out::Choice => {
                    let at = usize::try_from(row.gives.mantissa()).unwrap_or(0);
                    Cell::Code(table.choices.get(at).cloned().unwrap_or_default())
                }
            });
            cells.push(Cell::Cites(self.cites(&row.cite)));
            cells
        });
        Table {
            caption: say!(self.lang, "表“{}”", "Table ‘{}’", table.name), head, rows: rows.collect()
        }
    }

    fn column_title(&self, name: &str) -> String {
        let measure = self.plan.measures.iter().find(|m| m.name == name).and_then(|m| m.title.as_ref());
        let fact = self.plan.facts.iter().find(|f| f.name.text == name).map(|f| &f.title);
        match measure.or(fact) {
            Some(title) => title.pick(self.lang).to_owned(),
            None if name == "class" => self.pick("行业风险类别", "risk class").to_owned(),
            None => name.to_owned(),
        }
    }

    pub(super) fn changes(&self, kind: AdjustKind) -> Option<Article> {
        let heading = match kind {
            AdjustKind::Overlay => ("附加调整", "Overlays"),
            AdjustKind::Veto => ("不予下浮的情形", "What bars a move down"),
            AdjustKind::ClassRule => ("分类别的规定", "Rules by class"),
        };
        let items = self.plan.adjusts.iter().filter(|a| a.kind == kind).map(|adjust| {
            let (title, when) = (adjust.title.pick(self.lang), self.words(&adjust.when));
            let then = match &adjust.change {
                Change::Step(term) => self.step_change(term),
                Change::Rate(term) => {
                    let rate = self.words(term);
                    say!(self.lang, "费率改为：{rate}", "the rate becomes {rate}")
                }
                Change::Class(term) => {
                    let class = self.words(term);
                    say!(self.lang, "行业风险类别改为：{class}", "the risk class becomes {class}")
                }
            };
            let text = say!(self.lang, "{title}：{when}的，{then}。", "{title}: where {when}, {then}.");
            self.sentence(text, &adjust.cite).code(adjust.text.clone())
        });
        let items: Vec<Sentence> = items.collect();
        let mut blocks = Vec::new();
        if items.len() > 1 {
            let text = say!(self.lang, "依次适用下列各项：", "These apply one after the other:");
            blocks.push(Block::Sentence(Sentence::new(text)));
        }
        if !items.is_empty() {
            blocks.push(Block::List(items));
        }
        self.article(heading, blocks)
    }

    pub(super) fn ladder(&self) -> Option<Article> {
        let ladder = &self.plan.ladder;
        let cite = &ladder.cite;
        if cite.0.is_empty() {
            return None;
        }
        let mut blocks = Vec::new();
        if let Some(factor) = &ladder.factor {
            let factor = self.words(factor);
            let text = say!(
                self.lang,
                "费率档次 = {factor}，不另设档次表。",
                "The tier = {factor}; there is no list of tiers."
            );
            blocks.push(Block::Sentence(self.sentence(text, cite)));
        } else if ladder.derived {
            let text = say!(
                self.lang,
                "费率档次为费率除以基准费率，不另设档次表。",
                "The tier is the rate divided by the base rate; there is no list of tiers."
            );
            blocks.push(Block::Sentence(self.sentence(text, cite)));
        } else {
            let text = say!(
                self.lang,
                "浮动档数对应的费率档次（基准费率的百分比）：",
                "The tier of each move, as a percentage of the base rate:"
            );
            blocks.push(Block::Sentence(self.sentence(text, cite)));
            let rows = ladder
                .tiers
                .iter()
                .map(|(step, tier)| vec![Cell::text(self.move_cell(*step)), Cell::text(self.percent(*tier))]);
            blocks.push(Block::Table(Table {
                caption: String::new(),
                head: self.columns(&[("浮动", "move"), ("费率档次", "tier")]),
                rows: rows.collect(),
            }));
        }
        if !ladder.allowed.is_empty() {
            let text = say!(
                self.lang,
                "各类行业可浮动的范围；超出的，以该范围的端点为准：",
                "What each class may reach; beyond it, the nearest end holds:"
            );
            blocks.push(Block::Sentence(Sentence::new(text)));
            blocks.push(Block::Table(self.reach()));
        }
        self.article(("费率档次", "Tiers"), blocks)
    }

    /// Neighbouring classes with one range stand in one row.
    fn reach(&self) -> Table {
        let allowed = &self.plan.ladder.allowed;
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        let mut from = 0;
        for at in 0..allowed.len() {
            if allowed.get(at + 1) == Some(&allowed[at]) {
                continue;
            }
            let (first, last) = (self.class(&(from + 1).to_string()), self.class(&(at + 1).to_string()));
            let classes = match from == at {
                true => first,
                false => say!(self.lang, "{first}至{last}", "{first} to {last}"),
            };
            let (low, high) = allowed[at];
            rows.push(vec![
                Cell::text(classes),
                Cell::text(self.move_cell(low)),
                Cell::text(self.move_cell(high)),
            ]);
            from = at + 1;
        }
        Table {
            caption: String::new(),
            head: self.columns(&[
                ("行业风险类别", "risk class"),
                ("最多下浮至", "lowest"),
                ("最多上浮至", "highest"),
            ]),
            rows,
        }
    }
}
