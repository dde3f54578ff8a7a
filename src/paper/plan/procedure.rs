//! How a rate is handled: timetable, deadlines, and what becomes of a record on succession.

use super::super::{Article, Block, Sentence, say};
use super::Writer;
use floatrate_engine::plan::source::{ObjectionDays, Procedure, Succession, working_days};

impl Writer<'_> {
    pub(super) fn procedure(&self) -> Option<Article> {
        let Procedure { timetable, objection_days, redetermination_days, succession } = &self.plan.procedure;
        let timetable = timetable.iter().flatten().map(|line| {
            let (what, due) = (line.what.title(), line.due.words());
            let (what, due) = (what.pick(self.lang), due.pick(self.lang));
            let text = say!(self.lang, "年度安排：{due}{what}。", "The agency's year: {what} {due}.");
            self.sentence(text, &line.cite)
        });
        let objection = objection_days.as_ref().map(|stated| {
            let text = match stated.is {
                ObjectionDays::Working(days) => say!(
                    self.lang,
                    "用人单位对费率有异议的，自收到告知书次日起{}内申请重新核定。",
                    "An employer may object within {}, counted from the day after its notice.",
                    working_days(days).pick(self.lang)
                ),
                ObjectionDays::Announced => say!(
                    self.lang,
                    "用人单位对费率有异议的，在经办机构每次公布的期限内申请重新核定。",
                    "An employer may object until a day that the agency announces each time."
                ),
            };
            self.sentence(text, &stated.cite)
        });
        let redetermination = redetermination_days.as_ref().map(|stated| {
            let text = say!(
                self.lang,
                "经办机构自收到申请次日起{}内作出决定。",
                "The agency decides within {}, counted from the day after the objection came in.",
                working_days(stated.is).pick(self.lang)
            );
            self.sentence(text, &stated.cite)
        });
        let succession = succession.as_ref().map(|stated| {
            let text = match stated.is {
                Succession::MergeSum => say!(
                    self.lang,
                    "用人单位合并、分立的，各方记录合并计算，计入承继单位。",
                    "When employers merge or split, the records of all who were before are added up for the successor."
                ),
                Succession::SurvivorOnly => say!(
                    self.lang,
                    "用人单位合并、分立的，只计存续单位自身的记录。",
                    "When employers merge or split, only the record of the one that goes on counts."
                ),
                Succession::NewAtBase => say!(
                    self.lang,
                    "用人单位合并、分立的，承继单位视同新参保，执行基准费率。",
                    "When employers merge or split, the successor counts as newly insured and stands at the base rate."
                ),
            };
            self.sentence(text, &stated.cite)
        });
        let items: Vec<Sentence> =
            timetable.chain(objection).chain(redetermination).chain(succession).collect();
        if items.is_empty() {
            return None;
        }
        let text = say!(self.lang, "下列各项不影响费率：", "No rate depends on these:");
        self.article(
            ("办理程序", "Procedure"),
            vec![Block::Sentence(Sentence::new(text)), Block::List(items)],
        )
    }
}
