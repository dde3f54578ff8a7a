//! A determination as it is shown: the fields of the message `Determination`, and what became of it.

use crate::cli::text::{Fields, spliced};
use crate::cycle;
use crate::determination::{ByHand, Detail, Fate, Made, Terms, detail_of, read_result};
use crate::exchange::results::ResultRow;
use crate::problem::Problem;
use crate::store::ledger;
use crate::store::tables::determinations::Published;
use crate::store::{Db, StoreError, day};
use floatrate_engine::Lang;
use serde::Serialize;

/// A stretch of days.
#[derive(Debug, Serialize)]
pub(super) struct Days {
    from: String,
    until: String,
}

/// A determination, published or only checked.
#[derive(Debug, Serialize)]
pub(super) struct Shown {
    id: String,
    record_version: i64,
    from: String,
    until: String,
    cause: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    note: String,
    published_at: String,
    published_by: String,
    position: i64,
    supersedes: String,
    withdraws: String,
    ledger_head: String,
    illustrative_reason: String,
    objection_id: String,
    /// The rate cycle that it comes from, or empty.
    cycle_id: String,
    /// A step that two persons set.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_hand: Option<ByHand>,
    region: String,
    /// The days for which it holds, as far as is known now.
    holds: Vec<Days>,
    withdrawn_by: String,
    superseded_by: Vec<String>,
    /// The result.
    #[serde(skip)]
    row: ResultRow,
    /// The same as it is kept.
    #[serde(skip)]
    line: String,
}

impl Shown {
    /// A published determination.
    pub(super) async fn of(db: &Db, published: &Published) -> Result<Self, Problem> {
        let detail: Detail = detail_of(&published.kept.detail)?;
        let terms = Terms::read(&published.kept.terms)?;
        let line = String::from_utf8(published.kept.result.clone())
            .map_err(|_| StoreError::broken("a result is not UTF-8"))?;
        let fate = Fate::of(db, published).await?;
        let mut with = Self::with(detail, read_result(line.as_bytes())?, line);
        if with.illustrative_reason.is_empty() {
            with.illustrative_reason = cycle::illustrative_reason(db, &with.cycle_id).await?;
        }
        Ok(Self {
            id: published.id(),
            record_version: published.kept.record_version,
            from: day(published.kept.from_day)?.to_string(),
            until: day(published.kept.until_day)?.to_string(),
            published_at: published.at.rfc3339(),
            published_by: published.signature.clone(),
            position: published.position,
            supersedes: fate.supersedes,
            ledger_head: ledger::text(&published.head),
            region: terms.region,
            holds: fate
                .holds
                .iter()
                .map(|(from, until)| Days { from: from.to_string(), until: until.to_string() })
                .collect(),
            withdrawn_by: fate.withdrawn_by,
            superseded_by: fate.superseded_by,
            ..with
        })
    }

    /// One that was only checked.
    pub(super) fn made(made: Made) -> Result<Self, Problem> {
        let line = serde_json::to_string(&made.row).map_err(|why| StoreError::broken(why.to_string()))?;
        Ok(Self {
            record_version: made.record_version,
            from: made.from.to_string(),
            until: made.until.to_string(),
            region: made.region,
            ..Self::with(made.detail, made.row, line)
        })
    }

    fn with(detail: Detail, row: ResultRow, line: String) -> Self {
        Self {
            id: String::new(),
            record_version: 0,
            from: String::new(),
            until: String::new(),
            cause: detail.cause,
            note: detail.note,
            published_at: String::new(),
            published_by: String::new(),
            position: 0,
            supersedes: String::new(),
            withdraws: detail.withdraws,
            ledger_head: String::new(),
            illustrative_reason: detail.illustrative,
            objection_id: detail.objection,
            cycle_id: detail.cycle,
            by_hand: detail.by_hand,
            region: String::new(),
            holds: Vec::new(),
            withdrawn_by: String::new(),
            superseded_by: Vec::new(),
            row,
            line,
        }
    }

    /// One JSON object, with the kept result line or an explained one.
    pub(super) fn json(&self, explained: Option<&str>) -> String {
        // Texts and numbers alone: this cannot fail.
        let object = serde_json::to_string(self).unwrap_or_default();
        spliced(&object, "result", explained.unwrap_or(&self.line))
    }

    /// Its fields for people.
    pub(super) fn text(&self, lang: Lang) -> String {
        let row = &self.row;
        let charged: Vec<String> = row.charged.iter().map(|c| format!("{} {}", c.from, c.rate)).collect();
        let class = row.risk_class.map_or_else(String::new, |class| class.to_string());
        let number = |n: &Option<String>| n.clone().unwrap_or_default();
        let mut fields = Fields::default();
        let mut add = |en, zh, value: String| fields.add(en, zh, value);
        add("determination", "费率核定", self.id.clone());
        add("employer", "用人单位", row.employer_id.clone());
        add("record version", "记录版本", self.record_version.to_string());
        add("plan", "费率办法", row.plan.clone());
        add("rating date", "费率生效日", row.rating_date.clone());
        add("status", "状态", row.status.to_string());
        add("risk class", "风险类别", class);
        add("base rate", "基准费率", number(&row.base_rate));
        add("step", "浮动档数", row.step.to_string());
        add("tier", "费率档次", number(&row.tier));
        add("rate", "浮动后费率", number(&row.rate));
        add("charged", "执行费率", charged.join("; "));
        add("days", "有效期", format!("{} .. {}", self.from, self.until));
        if !self.id.is_empty() {
            add("holds", "现行有效", self.holding(lang));
        }
        add("cause", "原因", self.cause.clone());
        add("note", "备注", self.note.clone());
        add("illustrative plan", "采用示例办法的理由", self.illustrative_reason.clone());
        add("cycle", "年度浮动", self.cycle_id.clone());
        if let Some(by_hand) = &self.by_hand {
            let (step, reason) = (by_hand.step, &by_hand.reason);
            add("set by hand", "人工设定", format!("{step}: {reason}"));
            add("proposed by", "提出人", by_hand.proposed_by.clone());
            add("agreed by", "同意人", by_hand.agreed_by.clone());
        }
        add("objection", "异议", self.objection_id.clone());
        add("withdraws", "撤销", self.withdraws.clone());
        add("supersedes", "取代", self.supersedes.clone());
        add("superseded by", "被取代于", self.superseded_by.join(", "));
        add("reasons", "结果原因", row.reasons.join(", "));
        add("flags", "提示", row.flags.join(", "));
        add("assumed", "按否处理的事实", row.assumed.join(", "));
        add("published at", "公布时间", self.published_at.clone());
        add("published by", "公布人", self.published_by.clone());
        if self.position > 0 {
            add("position", "变更序号", self.position.to_string());
        }
        add("ledger head", "账本摘要", self.ledger_head.clone());
        fields.text(lang)
    }

    /// For which days it holds.
    fn holding(&self, lang: Lang) -> String {
        let days: Vec<String> = self.holds.iter().map(|d| format!("{} .. {}", d.from, d.until)).collect();
        match (lang, days.is_empty()) {
            (_, false) => days.join(", "),
            (Lang::En, true) if !self.withdraws.is_empty() => "nothing: it is a withdrawal".to_owned(),
            (Lang::Zh, true) if !self.withdraws.is_empty() => "无：本条为撤销".to_owned(),
            (Lang::En, true) if !self.withdrawn_by.is_empty() => {
                format!("no day: withdrawn by {}", self.withdrawn_by)
            }
            (Lang::Zh, true) if !self.withdrawn_by.is_empty() => {
                format!("否：已被 {} 撤销", self.withdrawn_by)
            }
            (Lang::En, true) => "no day: superseded".to_owned(),
            (Lang::Zh, true) => "否：已被取代".to_owned(),
        }
    }
}
