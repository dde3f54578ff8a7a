//! What the language's own names are called in regulations.

use super::{Writer, say};
use floatrate_engine::Lang;
use floatrate_engine::plan::checked::{Column, Rows, WindowRef};
use floatrate_engine::plan::source::WindowPlace;
use floatrate_engine::record::{Cause, ClaimOutcome};

impl Writer<'_> {
    pub(super) fn pick(&self, zh: &'static str, en: &'static str) -> &'static str {
        if self.lang == Lang::Zh { zh } else { en }
    }

    pub(super) fn column(&self, column: Column) -> String {
        let (zh, en) = match column {
            Column::PeriodStart => ("时段起日", "the period's first day"),
            Column::PeriodEnd => ("时段止日", "the period's last day"),
            Column::Payroll => ("缴费工资总额", "payroll"),
            Column::ContributionsDue => ("应缴工伤保险费", "contributions due"),
            Column::ContributionsPaid => ("实缴工伤保险费", "contributions paid"),
            Column::Headcount => ("参保人数", "headcount"),
            Column::MonthsInsured => ("参保月数", "months insured"),
            Column::ClaimDate => ("事故日期", "the day of the injury"),
            Column::PaidOn => ("支付日期", "the day of payment"),
            Column::Cause => ("认定依据", "the cause"),
            Column::Outcome => ("伤情", "the outcome"),
            Column::Count => ("工伤人数", "injuries"),
            Column::BenefitsPaid => ("待遇支付", "benefits paid"),
            Column::Reserve => ("未决赔付", "reserves"),
            Column::Value(at) => return self.plan.values[at].title.pick(self.lang).to_owned(),
            Column::Derived(..) => {
                let name = self.plan.column_name(column);
                return say!(self.lang, "“{name}”", "‘{name}’");
            }
        };
        self.pick(zh, en).to_owned()
    }

    /// A portfolio value by its title, or by its name where it has none.
    pub(super) fn portfolio(&self, at: usize) -> String {
        let value = &self.plan.portfolio[at];
        let name = say!(self.lang, "“{}”", "‘{}’", value.name);
        value.title.as_ref().map_or(name, |title| title.pick(self.lang).to_owned())
    }

    /// Rows of the record, or those that the plan makes of them.
    pub(super) fn rows(&self, rows: Rows) -> String {
        match rows {
            Rows::Periods => self.pick("参保时段", "periods").to_owned(),
            Rows::Claims => self.pick("工伤案件", "claims").to_owned(),
            Rows::Each(at) => {
                let name = &self.plan.eaches[at].name;
                say!(self.lang, "“{name}”各行", "the rows ‘{name}’")
            }
        }
    }

    pub(super) fn cause(&self, cause: Cause) -> &'static str {
        floatrate_engine::explain::cause(cause, self.lang)
    }

    pub(super) fn outcome(&self, outcome: ClaimOutcome) -> String {
        if let Some(grade) = outcome.name().strip_prefix("disability_") {
            return match self.lang {
                Lang::Zh => format!("{grade}级伤残"),
                Lang::En => format!("disability grade {grade}"),
            };
        }
        match outcome.name() {
            "medical_only" => self.pick("仅医疗", "medical treatment only").to_owned(),
            "temporary" => self.pick("暂时丧失劳动能力", "temporary incapacity").to_owned(),
            "fatal" => self.pick("死亡", "fatal").to_owned(),
            other => other.to_owned(),
        }
    }

    /// What a window is called: plans give windows no titles, so it is told by what it is.
    pub(super) fn window(&self, window: WindowRef) -> String {
        let at = match window {
            WindowRef::Bound(_) => return self.pick("该年度", "that year").to_owned(),
            WindowRef::Of(at) => at,
        };
        let window = &self.plan.windows[at];
        let name = &window.source.name.text;
        let alike = |split: bool| {
            self.plan.windows.iter().filter(|w| w.before.is_none() && w.source.split_years == split).count()
        };
        let before = matches!(window.source.place, WindowPlace::Before(_));
        let (zh, en) = match (before, window.source.split_years) {
            (true, _) => ("前一考核期", "the period before it"),
            (false, true) => ("回溯年度", "the look-back years"),
            (false, false) => ("考核期", "the assessment period"),
        };
        if before || alike(window.source.split_years) == 1 {
            return self.pick(zh, en).to_owned();
        }
        match self.lang {
            Lang::Zh => format!("{zh}“{name}”"),
            Lang::En => format!("{en} ‘{name}’"),
        }
    }

    /// A measure or fact by its title, otherwise by its name.
    pub(super) fn titled(&self, title: Option<&str>, name: &str) -> String {
        match (title, self.lang) {
            (Some(title), Lang::Zh) => format!("“{title}”"),
            (Some(title), Lang::En) => format!("‘{title}’"),
            (None, _) => format!("“{name}”"),
        }
    }

    pub(super) fn measure(&self, at: usize) -> String {
        let measure = &self.plan.measures[at];
        self.titled(measure.title.as_ref().map(|t| t.pick(self.lang)), &measure.name)
    }

    pub(super) fn fact(&self, at: usize) -> String {
        let fact = &self.plan.facts[at];
        self.titled(Some(fact.title.pick(self.lang)), &fact.name.text)
    }
}
