//! What the rules made of it: measures, gates, tables, adjusts, the rate.

use super::values::{cell, percent, steps};
use super::{Letter, say};
use crate::Lang;
use crate::plan::checked::Table;
use crate::plan::compiled::ChangeSlot;
use crate::plan::source::{Cite, Out};
use crate::rating::Status;

impl Letter<'_, '_> {
    pub(super) fn measures(&mut self) {
        let program = self.chunk.program();
        for (measure, slot) in program.plan.measures.iter().zip(&program.measures) {
            let title = measure.title.as_ref().map_or(measure.name.as_str(), |t| t.pick(self.lang));
            let value = self.slot(slot, program.plan.is_money(&measure.term));
            let causes = self.causes(&measure.term);
            let text = say!(
                self.lang,
                "{title}为{value}（{} = {}）。{causes}",
                "{title}: {value} ({} = {}).{causes}",
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
            let watched = self.watched(program.watches.gates[place].iter());
            let text = match (self.chunk.holds(program.gates[place], self.at), gate.kept) {
                (false, _) => say!(
                    self.lang,
                    "{title}：不属此情形（条件 {}；{watched}）。",
                    "{title}: not so (the condition is {}; {watched}).",
                    gate.text
                ),
                // The paragraph of the tier set by hand says what became of it.
                (true, _) if program.by_hand.is_some() => say!(
                    self.lang,
                    "{title}：属此情形（条件 {}；{watched}）。",
                    "{title}: so it is (the condition is {}; {watched}).",
                    gate.text
                ),
                (true, true) => say!(
                    self.lang,
                    "{title}：属此情形（条件 {}；{watched}），本次不参加浮动。",
                    "{title}: so it is (the condition is {}; {watched}). Not floated this time.",
                    gate.text
                ),
                (true, false) => say!(
                    self.lang,
                    "{title}：属此情形（条件 {}；{watched}），转人工复核。",
                    "{title}: so it is (the condition is {}; {watched}). For review by a person.",
                    gate.text
                ),
            };
            self.add("gate", text, &gate.cite.clone());
        }
    }

    /// When a row of a table applies, in words.
    fn row(&self, table: &Table, row: usize) -> String {
        let row = &table.rows[row];
        if row.cells.is_empty() {
            let other = row.text == "otherwise";
            return if other {
                say!(self.lang, "其余情形", "whatever is left")
            } else {
                row.text.clone()
            };
        }
        let plan = &self.chunk.program().plan;
        let parts = table.columns.iter().zip(&row.cells).map(|(column, text)| {
            let measure = plan.measures.iter().find(|m| m.name == *column).and_then(|m| m.title.as_ref());
            let fact = plan.facts.iter().find(|f| f.name.text == *column).map(|f| &f.title);
            let name = measure.or(fact).map_or(column.as_str(), |title| title.pick(self.lang));
            say!(self.lang, "{name}{}", "{name} {}", cell(text, self.lang))
        });
        parts.collect::<Vec<_>>().join(if self.lang == Lang::Zh { "，" } else { ", " })
    }

    /// What a row of a table gives.
    fn gives(&self, table: &Table, row: usize) -> String {
        let row = &table.rows[row];
        let value = match table.out {
            Out::Step => return steps(row.step, self.lang),
            Out::Percent | Out::Rate => percent(row.gives, self.lang),
            Out::Choice => {
                let at = usize::try_from(row.gives.mantissa()).unwrap_or(0);
                table.choices.get(at).cloned().unwrap_or_default()
            }
        };
        format!("{} = {value}", table.name)
    }

    pub(super) fn tables(&mut self) {
        let program = self.chunk.program();
        if self.chunk.verdict(self.at).status != Status::Rated {
            return;
        }
        for (place, table) in program.plan.tables.iter().enumerate() {
            let hit = self.chunk.row_hit(place, self.at).filter(|_| self.chunk.decides(place));
            let Some(hit) = hit else { continue };
            let row = &table.rows[hit];
            let gives = |row: usize| self.gives(table, row);
            let watched = self.watched(program.watches.rows[place][hit].iter());
            let seen =
                if watched.is_empty() { watched } else { say!(self.lang, "{watched}，", "{watched}. ") };
            let mut text = say!(
                self.lang,
                "{seen}适用第{}档（{}）：{}。",
                "{seen}Row {} applies ({}): {}.",
                hit + 1,
                self.row(table, hit),
                gives(hit)
            );
            for near in nearest_rows(table, hit) {
                // What the row that was hit has shown already is not said again.
                let seen = &program.watches.rows[place][hit];
                let new = program.watches.rows[place][near]
                    .iter()
                    .filter(|w| seen.iter().all(|s| s.text != w.text));
                let watched = self.watched(new);
                let why =
                    if watched.is_empty() { watched } else { say!(self.lang, "：{watched}", ": {watched}") };
                text.push_str(&say!(
                    self.lang,
                    "相邻的第{}档（{}，{}）不适用{why}。",
                    " The neighbouring row {} ({}, {}) does not apply{why}.",
                    near + 1,
                    self.row(table, near),
                    gives(near)
                ));
            }
            let cite = row.cite.clone();
            self.add("table", text, &cite);
        }
    }

    /// The adjusts of the step and of the class. Of a step that a person set the letter tells what binds it.
    pub(super) fn adjusts(&mut self) {
        if self.chunk.verdict(self.at).status != Status::Rated {
            return;
        }
        for (place, slot) in self.chunk.program().adjusts.iter().enumerate() {
            let (value, before, after): (fn(i64, Lang) -> String, _, _) = match slot.change {
                ChangeSlot::Step(..) if !self.chunk.binds(place) => continue,
                ChangeSlot::Step(before, after) => (steps, before, after),
                ChangeSlot::Class(before, after) => {
                    (|class, lang| say!(lang, "{class}类行业", "class {class}"), before, after)
                }
                ChangeSlot::Rate(..) => continue,
            };
            let value = |id| value(self.chunk.small(id, self.at), self.lang);
            self.adjust(place, value(before), value(after));
        }
    }

    /// The adjusts of the rate.
    fn rate_adjusts(&mut self) {
        for (place, slot) in self.chunk.program().adjusts.iter().enumerate() {
            let ChangeSlot::Rate(before, after) = slot.change else { continue };
            let value =
                |q| self.chunk.decimal(q, self.at).map_or_else(String::new, |r| percent(r, self.lang));
            self.adjust(place, value(before), value(after));
        }
    }

    fn adjust(&mut self, place: usize, was: String, becomes: String) {
        let program = self.chunk.program();
        let adjust = &program.plan.adjusts[place];
        let watched = self.watched(program.watches.adjusts[place].iter());
        let title = adjust.title.pick(self.lang);
        let text = match (self.chunk.holds(program.adjusts[place].when, self.at), was == becomes) {
            (false, _) => {
                say!(self.lang, "{title}：{watched}，无此情形。", "{title}: {watched}; not so.")
            }
            (true, true) => say!(
                self.lang,
                "{title}：{watched}，有此情形；原为{was}，结果不变。",
                "{title}: {watched}; so it is. It stays at {was}."
            ),
            (true, false) => say!(
                self.lang,
                "{title}：{watched}，有此情形；由{was}改为{becomes}。",
                "{title}: {watched}; so it is. {was} becomes {becomes}."
            ),
        };
        self.add("adjust", text, &adjust.cite.clone());
    }

    pub(super) fn rate(&mut self) {
        let program = self.chunk.program();
        let verdict = self.chunk.verdict(self.at);
        let (step, plan) = (verdict.step, &program.plan);
        let (Some(base), Some(tier), Some(_), Some(rate)) =
            (verdict.base_rate, verdict.tier, verdict.unlimited_rate, verdict.rate)
        else {
            let text = say!(
                self.lang,
                "费率小数位数超出限制，转人工复核。",
                "The rate has too many digits; for review."
            );
            self.add("rate", text, &Cite::default());
            return;
        };
        let unclamped = self.chunk.small(program.unclamped_step, self.at);
        if verdict.status == Status::Rated && unclamped != step {
            let (was, becomes) = (steps(unclamped, self.lang), steps(step, self.lang));
            let text = say!(
                self.lang,
                "该类行业可浮动范围的限制：由{was}改为{becomes}。",
                "What the class may reach: {was} becomes {becomes}."
            );
            self.add("ladder", text, &plan.ladder.cite.clone());
        }
        let lang = self.lang;
        let moved = steps(step, lang);
        let (base, tier) = (percent(base, lang), percent(tier, lang));
        let shown_of = |q| self.chunk.decimal(q, self.at).map_or_else(String::new, |r| percent(r, lang));
        let (start, unlimited) = (shown_of(program.start), shown_of(program.moved_rate));
        let shown = percent(rate, self.lang);
        let rounded = match plan.rounds() {
            true => say!(lang, "按所列公式舍入", "rounded as the formulas say"),
            false => say!(lang, "未舍入", "nothing is rounded"),
        };
        let formula = &plan.outcome.rate.text;
        let text = if verdict.status == Status::Rated && !plan.outcome.start.is_base_rate(&plan.params) {
            say!(
                self.lang,
                "费率：自{start}起（基准费率{base}），{moved}，得{unlimited}（{formula}，{rounded}）。",
                "Rate: from {start} (base rate {base}), {moved} gives {unlimited} ({formula}; {rounded})."
            )
        } else if verdict.status == Status::Rated && plan.ladder.derived {
            say!(
                self.lang,
                "费率：自基准费率{base}得{unlimited}（{formula}，{rounded}）。",
                "Rate: base rate {base} gives {unlimited} ({formula}; {rounded})."
            )
        } else if verdict.status == Status::Rated {
            say!(
                self.lang,
                "费率：基准费率{base}，档次{tier}（{moved}），得{unlimited}（{formula}，{rounded}）。",
                "Rate: base rate {base}, tier {tier} ({moved}) gives {unlimited} ({formula}; {rounded})."
            )
        } else {
            match verdict.status {
                Status::Kept => {
                    say!(lang, "本次费率为{shown}（档次{tier}）。", "The rate is {shown} (tier {tier}).")
                }
                _ => say!(
                    lang,
                    "本次未核定费率；系统暂列{shown}，复核前不得执行。",
                    "No rate was set; {shown} stands in and is not charged before the review."
                ),
            }
        };
        self.add("rate", text, &plan.outcome.rate.cite.clone());
        if verdict.status == Status::Rated {
            self.rate_adjusts();
        }
        for (limit, cited, zh, en) in [
            (program.floor, &plan.outcome.floor, "最低费率", "floor"),
            (program.cap, &plan.outcome.cap, "最高费率", "cap"),
        ] {
            let (Some(limit), Some(cited)) = (limit, cited) else { continue };
            let Some(value) = self.chunk.decimal(limit, self.at) else { continue };
            if verdict.status != Status::Rated {
                continue;
            }
            let word = if self.lang == Lang::Zh { zh } else { en };
            let binds =
                verdict.status == Status::Rated && rate == value && verdict.unlimited_rate != Some(rate);
            let text = match (binds, percent(value, self.lang)) {
                (true, value) => say!(
                    self.lang,
                    "{word}（{}）为{value}：费率改为{shown}。",
                    "The {word} ({}) is {value}: the rate becomes {shown}.",
                    cited.text
                ),
                (false, value) => say!(
                    self.lang,
                    "{word}（{}）为{value}：未触及。",
                    "The {word} ({}) is {value}: it does not bind.",
                    cited.text
                ),
            };
            self.add("rate", text, &cited.cite.clone());
        }
    }

    pub(super) fn charged(&mut self) {
        let program = self.chunk.program();
        if self.chunk.verdict(self.at).status == Status::Review {
            return;
        }
        for (from, rate) in self.chunk.charged(self.at) {
            let day = self.date(from);
            let shown = percent(rate, self.lang);
            let text = say!(self.lang, "自{day}起执行费率{shown}。", "Charged from {day}: {shown}.");
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
            "以下情况记录未载明，暂按无此情形（或0）处理，请核对：{}。",
            "The record does not say the following, which count as no or 0: {}.",
            titles.join(if self.lang == Lang::Zh { "、" } else { "; " })
        );
        self.add("assumed", text, &Cite::default());
    }
}

/// The rows beside the one that was hit; under `first` only those before it were looked at.
fn nearest_rows(table: &Table, hit: usize) -> Vec<usize> {
    let after = (table.unique && hit + 1 < table.rows.len()).then_some(hit + 1);
    hit.checked_sub(1).into_iter().chain(after).collect()
}
