//! Why a person must decide, and that one did.

use super::values::{percent, steps};
use super::{Letter, say};
use crate::Lang;
use crate::plan::compiled::ReviewWhy;
use crate::plan::source::Cite;
use crate::rating::Reason;

impl Letter<'_, '_> {
    pub(super) fn reviews(&mut self) {
        let program = self.chunk.program();
        let reviews = match program.by_hand {
            None if self.gated() => return,
            None => &program.reviews,
            Some(_) => &program.left_open,
        };
        let (chunk, at) = (self.chunk, self.at);
        for review in reviews.iter().filter(|r| chunk.holds(r.when, at)) {
            let what = self.why(&review.why);
            let name = Reason::of_review(&review.why).name(&program.plan);
            let text = say!(
                self.lang,
                "转人工复核：{what}（{name}）。复核前所列费率不得执行。",
                "For review by a person: {what} ({name}). Until then the rate is a stand-in and is not charged."
            );
            self.add("review", text, &Cite::default());
        }
    }

    /// That a person set the step, and why the rules alone could not.
    pub(super) fn by_hand(&mut self) {
        let program = self.chunk.program();
        let Some(step) = program.by_hand else { return };
        let (plan, lang) = (&program.plan, self.lang);
        let moved = steps(step, lang);
        let tier = plan.ladder.tier(step).map_or_else(String::new, |tier| match lang {
            Lang::Zh => format!("，档次{}", percent(tier, lang)),
            Lang::En => format!(", tier {}", percent(tier, lang)),
        });
        let mut text =
            say!(lang, "费率档次由人工确定：{moved}{tier}。", "The tier was set by hand: {moved}{tier}.");
        let mut cite = Cite::default();
        let mut whys = Vec::new();
        if let Some(gate) = program.gates.iter().position(|id| self.chunk.holds(*id, self.at)) {
            let gate = &plan.gates[gate];
            whys.push(say!(lang, "{}（{}）", "{} ({})", gate.title.pick(lang), gate.name));
            cite = gate.cite.clone();
        } else {
            for review in program.reviews.iter().filter(|r| self.chunk.holds(r.when, self.at)) {
                let name = Reason::of_review(&review.why).name(plan);
                whys.push(say!(lang, "{}（{name}）", "{} ({name})", self.why(&review.why)));
            }
        }
        text.push_str(&match whys.is_empty() {
            true => {
                say!(lang, "仅凭规则本可核定，仍由人工确定。", " The rules alone would have given a result.")
            }
            false => say!(
                lang,
                "仅凭规则不能核定，原因：{}。",
                " The rules alone could not decide: {}.",
                whys.join(if lang == Lang::Zh { "；" } else { "; " })
            ),
        });
        self.add("by_hand", text, &cite);
    }

    /// A review in words.
    fn why(&self, why: &ReviewWhy) -> String {
        let plan = &self.chunk.program().plan;
        match why {
            ReviewWhy::Straddled => {
                say!(self.lang, "有缴费期间跨越考核期的起止日", "a period lies partly in the window")
            }
            ReviewWhy::Incomplete => {
                say!(
                    self.lang,
                    "考核期内部分参保时间没有缴费记录",
                    "an insured day of the window is covered by no period"
                )
            }
            ReviewWhy::MissingCell(c) => {
                let name = plan.column_name(*c);
                say!(self.lang, "考核期内有缴费期间缺少 {name}", "a period of the window has no {name}")
            }
            ReviewWhy::UnknownRowClass(rows) => say!(
                self.lang,
                "{} 中有一行的类别不在本办法的参数之内",
                "a row of {} has a class that no parameter of the plan knows",
                plan.rows_name(*rows)
            ),
            ReviewWhy::Grouped => say!(
                self.lang,
                "考核期内有多人合并申报的工伤（count 大于1），本办法须逐人计算",
                "an injury of the window is a group (count above 1), and the plan looks at single ones"
            ),
            ReviewWhy::MissingFact(at) => say!(
                self.lang,
                "缺少本办法要求的事实“{}”",
                "the record lacks a fact that the plan requires: {}",
                plan.facts[*at].title.pick(self.lang)
            ),
            ReviewWhy::Undefined(at) => say!(
                self.lang,
                "{}的分母为0，无法计算",
                "{} cannot be computed: its divisor is 0",
                plan.measures[*at]
                    .title
                    .as_ref()
                    .map_or(plan.measures[*at].name.as_str(), |t| t.pick(self.lang))
            ),
            ReviewWhy::NoRow(at) => {
                say!(
                    self.lang,
                    "办法的档次表（{}）没有适用的一档",
                    "no row of the table {} holds",
                    plan.tables[*at].name
                )
            }
            ReviewWhy::SeveralRows(at) => {
                say!(
                    self.lang,
                    "办法的档次表（{}）同时适用多档",
                    "several rows of the table {} hold",
                    plan.tables[*at].name
                )
            }
            ReviewWhy::NoTier => {
                say!(self.lang, "所得浮动档数没有对应的费率档次", "the ladder has no tier for the step")
            }
        }
    }

    fn gated(&self) -> bool {
        self.chunk.program().gates.iter().any(|id| self.chunk.holds(*id, self.at))
    }
}
