//! What was computed row by row, and over all employers.

use super::{Letter, say};
use crate::plan::checked::Over;
use crate::plan::source::Cite;

/// Most rows of one `each` that a letter lists.
const ROWS_MAX: usize = 50;

impl Letter<'_, '_> {
    /// The values over all employers that the result rests on.
    pub(super) fn portfolio(&mut self) {
        let program = self.chunk.program();
        for (value, frozen) in program.plan.portfolio.iter().zip(&program.portfolio) {
            let title = value.title.as_ref().map_or(value.name.as_str(), |t| t.pick(self.lang));
            let text = match &value.is {
                None => say!(
                    self.lang,
                    "{title}：{frozen}（{}，由评定方给定）。",
                    "{title}: {frozen} ({}, given by whoever rates).",
                    value.name
                ),
                Some(_) => say!(
                    self.lang,
                    "{title}：{frozen}（{} = {}，按全体单位计算，已固定）。",
                    "{title}: {frozen} ({} = {}, over all employers, frozen).",
                    value.name,
                    value.text
                ),
            };
            self.add("portfolio", text, &value.cite.clone());
        }
    }

    /// The rows that the plan makes, each with its columns.
    pub(super) fn derived(&mut self) {
        let program = self.chunk.program();
        for (each, slot) in program.plan.eaches.iter().zip(&program.eaches) {
            let rows = self.chunk.rows(slot.extent, self.at);
            let (count, name) = (rows.len(), &each.name);
            let what = match each.over {
                Over::Periods => say!(self.lang, "缴费期间", "periods"),
                Over::Claims => say!(self.lang, "工伤人员", "injuries"),
                Over::Each(_) => say!(self.lang, "事故", "accidents"),
            };
            let formulas: Vec<String> =
                each.columns.iter().map(|c| format!("{} = {}", c.name, c.text)).collect();
            let mut text = say!(
                self.lang,
                "逐行计算“{name}”（{what}{count}行）：{}。",
                "‘{name}’, row by row ({count} {what}): {}.",
                formulas.join("; ")
            );
            for row in rows.clone().take(ROWS_MAX) {
                let label = self.chunk.row_label(slot.extent, row);
                if !self.chunk.holds(slot.mask, row) {
                    text.push_str(&say!(self.lang, "{label}：不计入。", " {label}: left out."));
                    continue;
                }
                let values = each.columns.iter().zip(&slot.columns).map(|(column, slot)| {
                    let money = program.plan.is_money(&column.term);
                    format!("{} = {}", column.name, self.slot_at(slot, money, row))
                });
                let values = values.collect::<Vec<_>>().join("; ");
                text.push_str(&say!(self.lang, "{label}：{values}。", " {label}: {values}."));
            }
            if count > ROWS_MAX {
                let more = count - ROWS_MAX;
                text.push_str(&say!(
                    self.lang,
                    "另有{more}行从略。",
                    " {more} more rows are left out of this letter."
                ));
            }
            let mut cite = Cite::default();
            each.columns.iter().for_each(|column| cite.0.extend(column.cite.0.iter().cloned()));
            self.add("rows", text, &cite);
        }
    }
}
