//! What was read: plan, class, windows, rows.

use super::values::percent;
use super::{Letter, say};
use crate::Lang;
use crate::plan::source::{Cite, Status};
use crate::rating::Reason;
use num_bigint::BigInt;

impl Letter<'_, '_> {
    pub(super) fn plan(&mut self) {
        let program = self.chunk.program();
        let plan = &program.plan;
        let (title, id) = (plan.title.pick(self.lang), &plan.id);
        let last = program.valid_through();
        let (from, to) = (self.date(program.rating_date), self.date(last));
        let employer = &self.chunk.record(self.at).employer;
        let who = match (&employer.name, self.lang) {
            (Some(name), Lang::Zh) => format!("{name}（{}）", employer.id),
            (Some(name), Lang::En) => format!("{name} ({})", employer.id),
            (None, _) => employer.id.clone(),
        };
        let mut text = say!(
            self.lang,
            "用人单位：{who}。依据《{title}》（{id}），核定自{from}起至{to}止的工伤保险费率。",
            "Employer {who}. Rated under {title} ({id}), from {from} to {to}."
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
                "本办法含示例性内容，结果仅供演示，不具效力。",
                " The plan is illustrative: part of it is made up, and the result has no force."
            ),
        });
        let cite = plan.rating.as_ref().map_or_else(Cite::default, |r| r.cite.clone());
        self.add("plan", text, &cite);
    }

    pub(super) fn class(&mut self) {
        let program = self.chunk.program();
        let plan = &program.plan;
        let employer = &self.chunk.record(self.at).employer;
        let verdict = self.chunk.verdict(self.at);
        let industry = employer.industry.as_ref().map(|i| (i.code.as_str(), i.standard.as_str()));
        let (reasons, _) = self.chunk.reasons(self.at);
        if plan.classes == 0 {
            return self.industry(reasons.first().copied());
        }
        let Some(class) = self.chunk.own_class(self.at) else {
            let text = match (reasons.first(), industry) {
                (Some(Reason::MoneyTooLarge), _) => self.too_large(),
                (Some(Reason::ClassAmbiguous), Some((code, standard))) => say!(
                    self.lang,
                    "行业{code}（{standard}年标准）对应的风险类别不唯一，须直接给出风险类别；转人工复核，暂无费率。",
                    "Industry {code} (standard of {standard}) has no single risk class, so the record must give risk_class. For review; there is no rate."
                ),
                _ => match employer.risk_class {
                    Some(given) => say!(
                        self.lang,
                        "记录给出风险类别{}类，本办法只有1至{}类；转人工复核，暂无费率。",
                        "The record gives risk class {}, but the plan has classes 1 to {}. For review; there is no rate.",
                        given.0,
                        plan.classes
                    ),
                    None => say!(
                        self.lang,
                        "无法确定行业风险类别（本办法共{}类）；转人工复核，暂无费率。",
                        "No risk class can be found (the plan has classes 1 to {}). For review; there is no rate.",
                        plan.classes
                    ),
                },
            };
            self.add("class", text, &plan.class_cite.clone());
            return;
        };
        // Where a rule moves the employer to another class, that rule says what the base rate becomes.
        let moved = verdict.risk_class != Some(class);
        let base = match verdict.base_rate.filter(|_| !moved) {
            Some(base) => percent(base, self.lang),
            None => say!(self.lang, "另由规则确定", "as the rules below say"),
        };
        let text = match (employer.risk_class, industry) {
            (None, Some((code, standard))) => say!(
                self.lang,
                "该单位按行业{code}（{standard}年标准）归入{class}类行业，基准费率为{base}。",
                "Industry {code} (standard of {standard}) belongs to risk class {class}; base rate {base}."
            ),
            _ => say!(
                self.lang,
                "该单位属{class}类行业（按记录），基准费率为{base}。",
                "The record gives risk class {class}; base rate {base}."
            ),
        };
        // The map is cited only where it was used.
        let mut cite = if employer.risk_class.is_none() { plan.class_cite.clone() } else { Cite::default() };
        cite.0.extend(self.base_rate_cite().0);
        self.add("class", text, &cite);
    }

    /// The articles of the base rates.
    fn base_rate_cite(&self) -> Cite {
        let params = self.chunk.program().plan.params.iter().filter(|p| p.name == "base_rate");
        Cite(params.flat_map(|p| &p.entries).flat_map(|(_, _, cite, _)| cite.0.iter().cloned()).collect())
    }

    fn too_large(&self) -> String {
        say!(
            self.lang,
            "待遇金额合计超出可计算的范围；转人工复核，暂无费率。",
            "The amounts of the claims together are too large to compute with. For review; there is no rate."
        )
    }

    /// The industry, in a plan without classes.
    fn industry(&mut self, reason: Option<Reason>) {
        let plan = &self.chunk.program().plan;
        let employer = &self.chunk.record(self.at).employer;
        let own = employer.industry.as_ref().map(|i| format!("{} ({})", i.code, i.standard));
        let own = own.unwrap_or_else(|| say!(self.lang, "未载明", "not given"));
        let standard = plan.industries.as_ref().map_or("", |(standard, _)| standard.as_str());
        let base = self.chunk.verdict(self.at).base_rate.map_or_else(String::new, |b| percent(b, self.lang));
        let text = match reason {
            Some(Reason::MoneyTooLarge) => self.too_large(),
            Some(Reason::IndustryUnknown) => say!(
                self.lang,
                "行业{own}不在本办法的行业（标准{standard}）之内；转人工复核，暂无费率。",
                "The industry, {own}, is none of the plan's (standard {standard}). For review; there is no rate."
            ),
            _ if plan.industries.is_some() => {
                say!(
                    self.lang,
                    "该单位的行业为{own}，基准费率为{base}。",
                    "Industry {own}; base rate {base}."
                )
            }
            _ => say!(self.lang, "基准费率为{base}。", "Base rate {base}."),
        };
        let cite = self.base_rate_cite();
        self.add("class", text, &cite);
    }

    pub(super) fn windows(&mut self) {
        let program = self.chunk.program();
        let employer = &self.chunk.record(self.at).employer;
        for (window, spans) in program.plan.windows.iter().zip(&program.windows) {
            let (Some(first), Some(last)) = (spans.first(), spans.last()) else { continue };
            let months = employer.insured_since.whole_months_to(last.end.plus_days(1));
            let name = self.window_name(&window.source.name.text);
            let (start, end) = (self.date(first.start), self.date(last.end));
            let since = self.date(employer.insured_since);
            let text = say!(
                self.lang,
                "考核期{name}为{start}至{end}。该单位自{since}起参保，至考核期末已满{months}个月。",
                "The window{name} is {start} to {end}. Insured since {since}: {months} whole months at its end."
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
            let name = self.window_name(&window.source.name.text);
            let text = say!(
                self.lang,
                "考核期{name}内有缴费记录{periods}条，发生工伤{injuries}人次，支付待遇{}笔，共{}。",
                "In the window{name}: {periods} periods, {injuries} injuries, {} payments of {} in all.",
                paid.len(),
                self.money(&total)
            );
            self.add("record", text, &Cite::default());
        }
    }

    /// The name of a window, where there are several to tell apart.
    fn window_name(&self, name: &str) -> String {
        if self.chunk.program().plan.windows.len() < 2 {
            return String::new();
        }
        say!(self.lang, "（{name}）", " ({name})")
    }
}
