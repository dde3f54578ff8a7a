//! The ledger: every clause of the documents, what was made of it, and where. And what the plan asserts of itself.

use super::super::{Article, Block, Cell, Document, Sentence, Table, say};
use super::Writer;
use floatrate_engine::plan::checked::{AssertKind, Part, Raw};
use floatrate_engine::plan::source::Verdict;

impl Writer<'_> {
    pub(super) fn ledger(&self, document: &Document) -> Article {
        let rows = self.plan.clauses.iter().map(|clause| {
            let name = &clause.cite.text;
            let verdict = match clause.verdict {
                Verdict::Encoded => self.pick("已编入", "encoded").to_owned(),
                Verdict::NotEncoded => self.pick("未编入", "NOT encoded").to_owned(),
                Verdict::OutOfScope => self.pick("不涉及费率", "out of scope").to_owned(),
            };
            let why = clause.why.as_ref().map_or_else(String::new, |w| w.pick(self.lang).to_owned());
            let used: Vec<String> = (0..document.articles.len())
                .filter(|at| cites(&document.articles[*at], name))
                .map(|at| document.number(at))
                .collect();
            let used = if used.is_empty() { why } else { used.join(self.pick("、", ", ")) };
            vec![
                Cell::Clause(name.clone()),
                Cell::text(clause.says.pick(self.lang)),
                Cell::text(verdict),
                Cell::text(used),
            ]
        });
        let table = Table {
            caption: String::new(),
            head: self.columns(&[
                ("条款", "clause"),
                ("内容", "what it says"),
                ("处理", "verdict"),
                ("编入之处，或未编入的理由", "where it is used, or why not"),
            ]),
            rows: rows.collect(),
        };
        let heading = self.pick("条款对照表", "Ledger of clauses").to_owned();
        Article { heading, blocks: vec![Block::Table(table)] }
    }

    pub(super) fn asserts(&self) -> Option<Article> {
        let items: Vec<Sentence> = self
            .plan
            .asserts
            .iter()
            .map(|assert| {
                let (text, code) = match &assert.kind {
                    AssertKind::Inert { of } => {
                        let part = self.part(*of);
                        let text = say!(
                            self.lang,
                            "{part}在任何情形下均不改变结果。",
                            "{part} never changes a result."
                        );
                        (text, String::new())
                    }
                    AssertKind::NotMonotone { raw, only_where, text } => {
                        let (raw, when) = (self.raw(*raw), self.words(only_where));
                        let sentence = say!(
                            self.lang,
                            "仅在{when}时，{raw}更不利反而使费率降低；其他情形均不如此。",
                            "Only where {when} can a worse {raw} lower the rate."
                        );
                        (sentence, text.clone())
                    }
                    AssertKind::Identity { is, holds_where, text } => {
                        let is = self.words(is);
                        let sentence = match holds_where {
                            None => say!(self.lang, "恒有：{is}。", "It always holds that {is}."),
                            Some(when) => {
                                let when = self.words(when);
                                say!(
                                    self.lang,
                                    "{when}时恒有：{is}。",
                                    "Where {when}, it always holds that {is}."
                                )
                            }
                        };
                        (sentence, text.clone())
                    }
                    AssertKind::Jump { input, of, only_where, text, .. } => {
                        let (input, of) = (self.column(*input), self.column(*of));
                        let when = self.words(only_where);
                        let sentence = say!(
                            self.lang,
                            "仅在{when}时，{input}增加一个最小单位使{of}的变动超过一个最小单位。",
                            "Only where {when} does one unit more of {input} move {of} by over a unit."
                        );
                        (sentence, text.clone())
                    }
                };
                self.sentence(text, &assert.cite).code(code)
            })
            .collect();
        if items.is_empty() {
            return None;
        }
        let text = say!(
            self.lang,
            "下列性质由程序证明；不成立的，本办法不能载入：",
            "The program proves these; a plan of which one is false does not load:"
        );
        self.article(
            ("经证明的性质", "What is proved of this plan"),
            vec![Block::Sentence(Sentence::new(text)), Block::List(items)],
        )
    }

    fn part(&self, part: Part) -> String {
        let p = self.plan;
        match part {
            Part::Gate(at) => say!(self.lang, "“{}”", "‘{}’", p.gates[at].title.pick(self.lang)),
            Part::Row { table, row } => {
                say!(self.lang, "表“{}”第{}行", "Row {1} of table ‘{0}’", p.tables[table].name, row + 1)
            }
            Part::Adjust(at) => say!(self.lang, "“{}”", "‘{}’", p.adjusts[at].title.pick(self.lang)),
            Part::Floor => self.pick("最低费率", "The floor").to_owned(),
            Part::Cap => self.pick("最高费率", "The cap").to_owned(),
            Part::Ladder => self.pick("各类行业可浮动的范围", "What the classes may reach").to_owned(),
        }
    }

    fn raw(&self, raw: Raw) -> String {
        match raw {
            Raw::Benefits => self.pick("待遇支付", "amount of benefits").to_owned(),
            Raw::Count => self.pick("工伤人数", "number of injuries").to_owned(),
            Raw::Outcome => self.pick("伤情", "outcome").to_owned(),
            Raw::Fact(at) => self.fact(at),
            Raw::Portfolio(at) => self.portfolio(at),
        }
    }
}

/// Whether some sentence of an article rests on a clause.
fn cites(article: &Article, clause: &str) -> bool {
    let among = |cites: &[super::Citation]| cites.iter().any(|c| c.clause == clause);
    article.blocks.iter().any(|block| match block {
        Block::Sentence(sentence) => among(&sentence.cites),
        Block::List(items) => items.iter().any(|item| among(&item.cites)),
        Block::Table(table) => {
            table.rows.iter().flatten().any(|cell| matches!(cell, Cell::Cites(list) if among(list)))
        }
    })
}
