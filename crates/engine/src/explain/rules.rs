//! What the rules made of it: measures, gates, tables, adjusts, the rate.

use super::values::percent;
use super::{Letter, say};
use crate::Lang;
use crate::plan::checked::{Checked, Table};
use crate::plan::compiled::ReviewWhy;
use crate::plan::source::Cite;
use crate::rating::{Reason, Status};

impl Letter<'_, '_> {
    pub(super) fn measures(&mut self) {
        let program = self.chunk.program();
        for (measure, slot) in program.plan.measures.iter().zip(&program.measures) {
            let title = measure.title.as_ref().map_or(measure.name.as_str(), |t| t.pick(self.lang));
            let value = self.slot(slot, program.plan.is_money(&measure.term));
            let text = say!(
                self.lang,
                "{title}（{}）= {} = {value}。",
                "{title} ({}) = {} = {value}.",
                measure.name,
                measure.text
            );
            self.add("measure", text, &measure.cite.clone());
        }
    }

    pub(super) fn gates(&mut self) {
        let program = self.chunk.program();
        for (place, gate) in program.plan.gates.iter().enumerate() {
            let title = gate.title.pick(self.lang);
            let watched = self.watched(&program.watches.gates[place]);
            let text = match (self.chunk.holds(program.gates[place], self.at), gate.kept) {
                (false, _) => say!(
                    self.lang,
                    "审查“{title}”：{}；{watched}。不成立，继续。",
                    "Looked at: {title}: {}; {watched}. It does not hold.",
                    gate.text
                ),
                (true, true) => say!(
                    self.lang,
                    "审查“{title}”：{}；{watched}。成立：本次不浮动，保持基准费率。",
                    "Looked at: {title}: {}; {watched}. It holds: not floated this time, the base rate stands.",
                    gate.text
                ),
                (true, false) => say!(
                    self.lang,
                    "审查“{title}”：{}；{watched}。成立：转人工复核。",
                    "Looked at: {title}: {}; {watched}. It holds: for review by a person.",
                    gate.text
                ),
            };
            self.add("gate", text, &gate.cite.clone());
        }
    }

    pub(super) fn reviews(&mut self) {
        let program = self.chunk.program();
        if self.gated() {
            return;
        }
        let (chunk, at) = (self.chunk, self.at);
        for review in program.reviews.iter().filter(|r| chunk.holds(r.when, at)) {
            let plan = &program.plan;
            let what = match &review.why {
                ReviewWhy::Straddled => {
                    say!(self.lang, "有缴费期间跨越考核期边界", "a period lies partly in the window")
                }
                ReviewWhy::Incomplete => {
                    say!(
                        self.lang,
                        "考核期内有参保日没有缴费期间覆盖",
                        "an insured day of the window is covered by no period"
                    )
                }
                ReviewWhy::MissingCell(c) => {
                    say!(self.lang, "考核期内有缴费期间缺少 {}", "a period of the window has no {}", c.name())
                }
                ReviewWhy::MissingFact(at) => say!(
                    self.lang,
                    "缺少本办法要求的事实“{}”",
                    "the record lacks a fact that the plan requires: {}",
                    plan.facts[*at].title.pick(self.lang)
                ),
                ReviewWhy::Undefined(at) => say!(
                    self.lang,
                    "{}的除数为0，无法计算",
                    "{} cannot be computed: its divisor is 0",
                    plan.measures[*at]
                        .title
                        .as_ref()
                        .map_or(plan.measures[*at].name.as_str(), |t| t.pick(self.lang))
                ),
                ReviewWhy::NoRow(at) => {
                    say!(
                        self.lang,
                        "表 {} 没有一行成立",
                        "no row of the table {} holds",
                        plan.tables[*at].name
                    )
                }
                ReviewWhy::SeveralRows(at) => {
                    say!(
                        self.lang,
                        "表 {} 有多行成立",
                        "several rows of the table {} hold",
                        plan.tables[*at].name
                    )
                }
            };
            let name = Reason::of_review(&review.why).name(plan);
            let text = say!(
                self.lang,
                "转人工复核（{name}）：{what}。所列费率仅为暂代。",
                "For review by a person ({name}): {what}. The rate is a stand-in."
            );
            self.add("review", text, &Cite::default());
        }
    }

    fn gated(&self) -> bool {
        self.chunk.program().gates.iter().any(|id| self.chunk.holds(*id, self.at))
    }

    pub(super) fn tables(&mut self) {
        let program = self.chunk.program();
        if self.chunk.verdict(self.at).status != Status::Rated {
            return;
        }
        for (place, table) in program.plan.tables.iter().enumerate() {
            let Some(hit) = self.chunk.row_hit(place, self.at) else { continue };
            let row = &table.rows[hit];
            let watched = self.watched(&program.watches.rows[place][hit]);
            let mut text = say!(
                self.lang,
                "表 {}：第{}行成立（{}）：{}。档数 {:+}。",
                "Table {}: row {} holds ({}): {}. Step {:+}.",
                table.name,
                hit + 1,
                row.text,
                if watched.is_empty() {
                    say!(self.lang, "其余情形", "whatever is left")
                } else {
                    watched
                },
                row.step
            );
            for near in nearest_rows(table, hit) {
                let watched = self.watched(&program.watches.rows[place][near]);
                text.push_str(&say!(
                    self.lang,
                    "未适用最近的第{}行（{}，档数{:+}）：{}。",
                    " The nearest row {} ({}, step {:+}) does not hold: {}.",
                    near + 1,
                    table.rows[near].text,
                    table.rows[near].step,
                    watched
                ));
            }
            let cite = row.cite.clone();
            self.add("table", text, &cite);
        }
    }

    pub(super) fn adjusts(&mut self) {
        let program = self.chunk.program();
        if self.chunk.verdict(self.at).status != Status::Rated {
            return;
        }
        for (place, adjust) in program.plan.adjusts.iter().enumerate() {
            let slot = &program.adjusts[place];
            let (before, after) =
                (self.chunk.small(slot.before, self.at), self.chunk.small(slot.after, self.at));
            let watched = self.watched(&program.watches.adjusts[place]);
            let title = adjust.title.pick(self.lang);
            let text = match (self.chunk.holds(slot.when, self.at), before == after) {
                (false, _) => {
                    say!(
                        self.lang,
                        "审查“{title}”：{watched}。不成立。",
                        "Looked at: {title}: {watched}. It does not hold."
                    )
                }
                (true, true) => say!(
                    self.lang,
                    "审查“{title}”：{watched}。成立，档数{before:+}不变。",
                    "Looked at: {title}: {watched}. It holds; the step stays {before:+}."
                ),
                (true, false) => say!(
                    self.lang,
                    "审查“{title}”：{watched}。成立，档数由{before:+}变为{after:+}。",
                    "Looked at: {title}: {watched}. It holds; the step goes from {before:+} to {after:+}."
                ),
            };
            self.add("adjust", text, &adjust.cite.clone());
        }
    }

    pub(super) fn rate(&mut self) {
        let program = self.chunk.program();
        let verdict = self.chunk.verdict(self.at);
        let (step, plan) = (verdict.step, &program.plan);
        let (Some(base), Some(tier), Some(unlimited), Some(rate)) =
            (verdict.base_rate, verdict.tier, verdict.unlimited_rate, verdict.rate)
        else {
            let text =
                say!(self.lang, "费率位数过多，转人工复核。", "The rate has too many digits; for review.");
            self.add("rate", text, &Cite::default());
            return;
        };
        let unclamped = self.chunk.small(program.unclamped_step, self.at);
        if verdict.status == Status::Rated && unclamped != step {
            let text = say!(
                self.lang,
                "本类别可达档数的限制：{unclamped:+}调整为{step:+}。",
                "What the class may reach: {unclamped:+} becomes {step:+}."
            );
            self.add("ladder", text, &plan.ladder.cite.clone());
        }
        let (base, tier, unlimited) = (percent(base), percent(tier), percent(unlimited));
        let shown = percent(rate);
        let text = if verdict.status == Status::Rated {
            say!(
                self.lang,
                "费率 = {}：基准费率{base}，档次{tier}（浮动{step:+}档），得{unlimited}，未作任何舍入。",
                "Rate = {}: base rate {base}, tier {tier} (step {step:+}) gives {unlimited}. Nothing is rounded.",
                plan.outcome.rate.text
            )
        } else {
            say!(self.lang, "费率为{shown}（档次{tier}）。", "The rate is {shown} (tier {tier}).")
        };
        self.add("rate", text, &plan.outcome.rate.cite.clone());
        for (limit, cited, zh, en) in [
            (program.floor, &plan.outcome.floor, "最低费率", "floor"),
            (program.cap, &plan.outcome.cap, "最高费率", "cap"),
        ] {
            let (Some(limit), Some(cited)) = (limit, cited) else { continue };
            let Some(value) = self.chunk.decimal(limit, self.at) else { continue };
            let word = if self.lang == Lang::Zh { zh } else { en };
            let binds =
                verdict.status == Status::Rated && rate == value && verdict.unlimited_rate != Some(rate);
            let text = match (binds, percent(value)) {
                (true, value) => say!(
                    self.lang,
                    "{word}（{}）为{value}：费率改为{shown}。",
                    "The {word} ({}) is {value}: the rate becomes {shown}.",
                    cited.text
                ),
                (false, value) => say!(
                    self.lang,
                    "{word}（{}）为{value}：不影响费率。",
                    "The {word} ({}) is {value}: it does not bind.",
                    cited.text
                ),
            };
            self.add("rate", text, &cited.cite.clone());
        }
    }

    pub(super) fn charged(&mut self) {
        let program = self.chunk.program();
        for (from, rate) in self.chunk.charged(self.at) {
            let shown = percent(rate);
            let text = say!(self.lang, "自{from}起执行费率{shown}。", "Charged from {from}: {shown}.");
            let cite = program
                .plan
                .reductions
                .iter()
                .find(|r| r.from <= from && from <= r.to)
                .map_or_else(Cite::default, |r| r.cite.clone());
            self.add("charged", text, &cite);
        }
    }

    pub(super) fn assumed(&mut self) {
        let program = self.chunk.program();
        let assumed = self.chunk.assumed(self.at);
        if assumed.is_empty() {
            return;
        }
        let titles: Vec<&str> = assumed
            .iter()
            .filter_map(|name| program.plan.facts.iter().find(|f| f.name.text == *name))
            .map(|f| f.title.pick(self.lang))
            .collect();
        let text = say!(
            self.lang,
            "记录未给出下列事实，按“否”或0处理：{}。",
            "The record does not say the following, which count as no or 0: {}.",
            titles.join(if self.lang == Lang::Zh { "、" } else { "; " })
        );
        self.add("assumed", text, &Cite::default());
    }

    pub(super) fn articles(&mut self) {
        let program = self.chunk.program();
        let mut cited: Vec<String> = self.paragraphs.iter().flat_map(|p| p.cites.iter().cloned()).collect();
        cited.sort_unstable();
        cited.dedup();
        for cite in cited {
            if let Some(text) = article(&program.plan, &cite, self.lang) {
                self.add("articles", text, &Cite::default());
            }
        }
    }
}

/// The rows beside the one that was hit; under `first` only those before it were looked at.
fn nearest_rows(table: &Table, hit: usize) -> Vec<usize> {
    let after = (table.unique && hit + 1 < table.rows.len()).then_some(hit + 1);
    hit.checked_sub(1).into_iter().chain(after).collect()
}

/// An article with its document, and whether the text is only known from a copy.
fn article(plan: &Checked, cite: &str, lang: Lang) -> Option<String> {
    let clause = plan.clauses.iter().find(|c| c.cite.text == cite)?;
    let source = cite.split(' ').next()?;
    let document = plan.documents.iter().find(|d| d.name.text == source)?;
    let title = document.title.pick(lang);
    let number = document.number.as_deref().unwrap_or("");
    let copy = if document.official {
        String::new()
    } else {
        say!(
            lang,
            "；所见为转载文本，须核对原文",
            "; known from a copy, to be checked against the official text"
        )
    };
    let says = clause.says.pick(lang);
    Some(match lang {
        Lang::Zh => format!("[{cite}] 《{title}》{number}：{says}{copy}。"),
        Lang::En if number.is_empty() => format!("[{cite}] {title}: {says}{copy}."),
        Lang::En => format!("[{cite}] {title} ({number}): {says}{copy}."),
    })
}
