//! What the rules made of it: measures, gates, tables, adjusts, the rate.

use super::values::percent;
use super::{Letter, say};
use crate::Lang;
use crate::plan::checked::Table;
use crate::plan::source::Cite;
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
                "{title}（{}）= {} = {value}。{causes}",
                "{title} ({}) = {} = {value}.{causes}",
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

    pub(super) fn tables(&mut self) {
        let program = self.chunk.program();
        if self.chunk.verdict(self.at).status != Status::Rated {
            return;
        }
        for (place, table) in program.plan.tables.iter().enumerate() {
            let Some(hit) = self.chunk.row_hit(place, self.at) else { continue };
            let row = &table.rows[hit];
            let watched = self.watched(program.watches.rows[place][hit].iter());
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
                    "未适用最近的第{}行（{}，档数{:+}）{why}。",
                    " The nearest row {} ({}, step {:+}) does not hold{why}.",
                    near + 1,
                    table.rows[near].text,
                    table.rows[near].step
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
            let watched = self.watched(program.watches.adjusts[place].iter());
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
}

/// The rows beside the one that was hit; under `first` only those before it were looked at.
fn nearest_rows(table: &Table, hit: usize) -> Vec<usize> {
    let after = (table.unique && hit + 1 < table.rows.len()).then_some(hit + 1);
    hit.checked_sub(1).into_iter().chain(after).collect()
}
