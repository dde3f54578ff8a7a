//! What was read: plan, class, windows, rows.

use super::values::percent;
use super::{Letter, say};
use crate::plan::source::{Cite, Status};
use crate::rating::Reason;
use num_bigint::BigInt;

impl Letter<'_, '_> {
    pub(super) fn plan(&mut self) {
        let program = self.chunk.program();
        let plan = &program.plan;
        let (title, id, date) = (plan.title.pick(self.lang), &plan.id, program.rating_date);
        let employer = &self.chunk.record(self.at).employer.id;
        let mut text = say!(
            self.lang,
            "用人单位{employer}，按《{title}》（{id}）核定自{date}起的工伤保险费率。",
            "Employer {employer}, rated from {date} under {title} ({id})."
        );
        text.push_str(&match plan.status {
            Status::Enacted => String::new(),
            Status::Draft => say!(
                self.lang,
                "本办法为草案，结果不具效力。",
                " The plan is a draft; the result has no force."
            ),
            Status::Illustrative => say!(
                self.lang,
                "本规则包含示例性内容，结果仅供演示，不具效力。",
                " The plan is illustrative: part of it is made up, and the result has no force."
            ),
        });
        self.add("plan", text, &Cite::default());
    }

    pub(super) fn class(&mut self) {
        let program = self.chunk.program();
        let plan = &program.plan;
        let employer = &self.chunk.record(self.at).employer;
        let verdict = self.chunk.verdict(self.at);
        let industry = employer.industry.as_ref().map(|i| (i.code.as_str(), i.standard.as_str()));
        let Some(class) = verdict.risk_class else {
            let (reasons, _) = self.chunk.reasons(self.at);
            let text = match (reasons.first(), industry) {
                (Some(Reason::ClassAmbiguous), Some((code, standard))) => say!(
                    self.lang,
                    "行业{code}（{standard}年标准）没有唯一的风险类别，记录须直接给出 risk_class；转人工复核，无费率。",
                    "Industry {code} (standard of {standard}) has no single risk class, so the record must give risk_class. For review; there is no rate."
                ),
                _ => say!(
                    self.lang,
                    "无法确定行业风险类别（本办法共{}类）；转人工复核，无费率。",
                    "No risk class can be found (the plan has classes 1 to {}). For review; there is no rate.",
                    plan.classes
                ),
            };
            self.add("class", text, &plan.class_cite.clone());
            return;
        };
        let base = verdict.base_rate.map_or_else(String::new, percent);
        let text = match (employer.risk_class, industry) {
            (None, Some((code, standard))) => say!(
                self.lang,
                "行业{code}（{standard}年标准）归入风险类别{class}类，基准费率{base}。",
                "Industry {code} (standard of {standard}) belongs to risk class {class}; base rate {base}."
            ),
            _ => say!(
                self.lang,
                "记录给出的行业风险类别为{class}类，基准费率{base}。",
                "The record gives risk class {class}; base rate {base}."
            ),
        };
        let mut cite = plan.class_cite.clone();
        for (_, _, more) in plan.params.iter().filter(|p| p.name == "base_rate").flat_map(|p| &p.entries) {
            cite.0.extend(more.0.iter().cloned());
        }
        self.add("class", text, &cite);
    }

    pub(super) fn windows(&mut self) {
        let program = self.chunk.program();
        let employer = &self.chunk.record(self.at).employer;
        for (window, spans) in program.plan.windows.iter().zip(&program.windows) {
            let (Some(first), Some(last)) = (spans.first(), spans.last()) else { continue };
            let name = &window.source.name.text;
            let months = employer.insured_since.whole_months_to(last.end.plus_days(1));
            let text = say!(
                self.lang,
                "考核期（{name}）：{}至{}；自{}起参保，至期末满{months}个月。",
                "Window ({name}): {} to {}; insured since {}, {months} whole months at its end.",
                first.start,
                last.end,
                employer.insured_since
            );
            self.add("window", text, &window.source.cite.clone());
        }
    }

    pub(super) fn rows(&mut self) {
        let program = self.chunk.program();
        let record = self.chunk.record(self.at);
        for (window, spans) in program.plan.windows.iter().zip(&program.windows) {
            let (Some(first), Some(last)) = (spans.first(), spans.last()) else { continue };
            let inside = |day: crate::record::Date| first.start <= day && day <= last.end;
            let periods = record.periods.iter().filter(|p| inside(p.start) && inside(p.end)).count();
            let paid: Vec<_> = record.claims.iter().filter(|c| inside(c.paid_on)).collect();
            let total: BigInt = paid.iter().map(|c| BigInt::from(c.benefits_paid.0)).sum();
            let injuries: BigInt =
                record.claims.iter().filter(|c| inside(c.date)).map(|c| BigInt::from(c.count)).sum();
            let name = &window.source.name.text;
            let text = say!(
                self.lang,
                "考核期（{name}）内读取：缴费期间{periods}条；待遇支付{}笔，共{}；发生工伤{injuries}人次。",
                "Read in the window ({name}): {periods} periods; {} payments of {} in all; {injuries} injuries.",
                paid.len(),
                self.money(&total)
            );
            self.add("record", text, &Cite::default());
        }
    }
}
