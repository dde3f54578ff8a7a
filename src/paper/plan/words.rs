//! Formulas in words.

use super::{Writer, say};
use floatrate_engine::Lang;
use floatrate_engine::number::{Decimal, Rounding};
use floatrate_engine::plan::checked::{
    AggregateKind, Column, ParamValue, PriorPart, Relation, Rows, StageValue, Term, TermKind, Type, Unit,
    minor_places,
};
use floatrate_engine::plan::source::FactType;
use floatrate_engine::plan::source::Key;

impl Writer<'_> {
    /// A formula's value or condition in words.
    pub(super) fn words(&self, term: &Term) -> String {
        let lang = self.lang;
        let p = |t: &Term| self.words(t);
        match &term.kind {
            TermKind::Number(value) => self.number(*value, term.ty),
            TermKind::Bool(true) => say!(lang, "任何情形", "in every case"),
            TermKind::Bool(false) => say!(lang, "无此情形", "never"),
            TermKind::Date(date) => self.date(*date),
            TermKind::Cause(cause) => self.cause(*cause).to_owned(),
            TermKind::Outcome(outcome) => self.outcome(*outcome),
            TermKind::Fact(at) if term.ty == Type::Boolean => {
                let fact = self.fact(*at);
                say!(lang, "有{fact}的情形", "{fact} applies")
            }
            TermKind::Fact(at) => self.fact(*at),
            TermKind::Measure(at) if term.ty == Type::Boolean => {
                let measure = self.measure(*at);
                say!(lang, "符合{measure}", "{measure} holds")
            }
            TermKind::Measure(at) => self.measure(*at),
            TermKind::Param { param, class } => self.param(*param, *class),
            TermKind::RowParam { param, .. } => {
                let name = &self.plan.params[*param].name;
                say!(lang, "该行的“{name}”", "‘{name}’ of the row")
            }
            TermKind::Range { param, at } => {
                let name = &self.plan.params[*param].name;
                say!(lang, "{}所对应的“{name}”", "‘{name}’ at {}", self.inner(at))
            }
            TermKind::Portfolio(at) => self.portfolio(*at),
            TermKind::EmployersSum(value) => {
                say!(lang, "全体单位的{}之和", "the sum over all employers of {}", self.inner(value))
            }
            TermKind::Employers => say!(lang, "全体单位数", "the number of employers"),
            TermKind::Table(at) => {
                let name = &self.plan.tables[*at].name;
                say!(lang, "表“{name}”的结果", "what table ‘{name}’ gives")
            }
            TermKind::Choice(_) | TermKind::IndustryCode(_) => self.plan.print(term),
            TermKind::Industry => say!(lang, "所属行业", "the industry"),
            TermKind::IndustryIn(param) => {
                let name = &self.plan.params[*param].name;
                say!(lang, "所属行业在“{name}”之列", "the industry is one of ‘{name}’")
            }
            TermKind::Round { value, places, mode } => {
                let how = match mode {
                    Rounding::HalfUp => self.pick("四舍五入", "half up"),
                    Rounding::HalfEven => self.pick("四舍六入五成双", "half to even"),
                    Rounding::Down => self.pick("舍去", "towards 0"),
                    Rounding::Up => self.pick("进位", "away from 0"),
                };
                let minor = if self.plan.is_money(term) { minor_places(&self.plan.currency) } else { 0 };
                let places = places + i32::try_from(minor).unwrap_or(0);
                say!(
                    lang,
                    "{}（{how}至小数{places}位）",
                    "{}, rounded {how} to {places} places",
                    self.inner(value)
                )
            }
            TermKind::Class => say!(lang, "行业风险类别", "the risk class"),
            TermKind::InsuredSince => say!(lang, "参保之日", "the day of joining"),
            TermKind::FirstInsured => say!(lang, "首次参保之日", "the day of first joining"),
            TermKind::Prior(part) => {
                let (what, none) = match part {
                    PriorPart::Rate => (self.pick("费率", "rate"), self.pick("基准费率", "the base rate")),
                    PriorPart::Tier => (self.pick("档次", "tier"), self.pick("100%", "100 %")),
                    PriorPart::UnlimitedRate => (
                        self.pick("未设限费率", "rate before its limits"),
                        self.pick("基准费率", "the base rate"),
                    ),
                };
                say!(
                    lang,
                    "上一次核定的{what}（没有的为{none}）",
                    "the {what} set before ({none} where there is none)"
                )
            }
            TermKind::Stage(StageValue::Step) => say!(lang, "浮动档数", "the number of steps"),
            TermKind::Stage(StageValue::Tier) => say!(lang, "费率档次", "the tier"),
            TermKind::Stage(StageValue::Start) => say!(lang, "起算费率", "the starting rate"),
            TermKind::Stage(StageValue::Rate) => say!(lang, "费率", "the rate"),
            TermKind::Stage(StageValue::Class) => say!(lang, "行业风险类别", "the risk class"),
            TermKind::WindowStart(window) => {
                let window = self.window(*window);
                say!(lang, "{window}首日", "the first day of {window}")
            }
            TermKind::WindowEnd(window) => {
                let window = self.window(*window);
                say!(lang, "{window}末日", "the last day of {window}")
            }
            TermKind::Complete(window) => {
                let window = self.window(*window);
                say!(lang, "{window}内的记录完整", "the record of {window} is complete")
            }
            TermKind::MonthsSince(a, b) => {
                say!(lang, "自{}起至{}止的整月数", "the number of whole months from {} to {}", p(a), p(b))
            }
            TermKind::Cell(_, column) => self.column(*column),
            TermKind::Aggregate { kind, rows, column, window, filter } => {
                let window = self.window(*window);
                self.aggregate(*kind, *rows, *column, &window, filter.as_deref())
            }
            TermKind::Quantified { all, window, body } => {
                let window = &self.plan.windows[*window].source;
                let (years, body) = (window.months / 12, p(body));
                match all {
                    true => say!(
                        lang,
                        "最近{years}个年度均满足：{body}",
                        "in each of the last {years} years, {body}"
                    ),
                    false => {
                        say!(
                            lang,
                            "最近{years}个年度中有年度满足：{body}",
                            "in some of the last {years} years, {body}"
                        )
                    }
                }
            }
            TermKind::Add(a, b) => say!(lang, "{}加{}", "{} plus {}", self.inner(a), self.inner(b)),
            TermKind::Subtract(a, b) => say!(lang, "{}减{}", "{} less {}", self.inner(a), self.inner(b)),
            TermKind::Multiply(a, b) => say!(lang, "{}乘以{}", "{} times {}", self.inner(a), self.inner(b)),
            TermKind::Divide(a, b) => {
                say!(lang, "{}除以{}", "{}, divided by {}", self.inner(a), self.inner(b))
            }
            TermKind::Min(terms) => {
                say!(lang, "{}中的较小者", "the smaller of {}", self.list(terms))
            }
            TermKind::Max(terms) => say!(lang, "{}中的较大者", "the larger of {}", self.list(terms)),
            TermKind::If(c, a, b) => {
                say!(lang, "如{}，为{}，否则为{}", "if {}, then {}, otherwise {}", p(c), p(a), p(b))
            }
            TermKind::Compare(relation, a, b) => self.compare(*relation, a, b),
            TermKind::And(..) | TermKind::Or(..) => {
                let mut parts = Vec::new();
                let and = matches!(term.kind, TermKind::And(..));
                alike(term, and, &mut parts);
                let parts: Vec<String> = parts.into_iter().map(|t| self.inner(t)).collect();
                let between = match and {
                    true => self.pick("，且", " and "),
                    false => self.pick("，或", " or "),
                };
                parts.join(between)
            }
            TermKind::Not(a) => match &a.kind {
                TermKind::CauseIn(item, param) => {
                    say!(lang, "{}不属于{}", "{} is none of {}", p(item), self.causes(*param))
                }
                _ => say!(lang, "并非{}", "it is not so that {}", self.inner(a)),
            },
            TermKind::CauseIn(item, param) => {
                say!(lang, "{}属于{}", "{} is one of {}", p(item), self.causes(*param))
            }
        }
    }

    /// Parentheses where the order of the words would not show what belongs together.
    fn inner(&self, term: &Term) -> String {
        let text = self.words(term);
        match &term.kind {
            TermKind::Add(..)
            | TermKind::Subtract(..)
            | TermKind::Multiply(..)
            | TermKind::Divide(..)
            | TermKind::And(..)
            | TermKind::Or(..)
            | TermKind::If(..)
            | TermKind::Quantified { .. } => say!(self.lang, "（{text}）", "({text})"),
            _ => text,
        }
    }

    fn list(&self, terms: &[Term]) -> String {
        let parts: Vec<String> = terms.iter().map(|t| self.inner(t)).collect();
        parts.join(if self.lang == Lang::Zh { "、" } else { " and " })
    }

    /// A parameter by its value, or by its name where the value depends on class or day.
    fn param(&self, at: usize, class: Option<u8>) -> String {
        let param = &self.plan.params[at];
        let name = match param.name.as_str() {
            "base_rate" => self.pick("基准费率", "the base rate").to_owned(),
            name => say!(self.lang, "“{name}”", "‘{name}’"),
        };
        match (param.entries.as_slice(), class) {
            (_, Some(class)) => {
                let class = self.class(&class.to_string());
                say!(self.lang, "{class}行业的{name}", "{name} of {class}")
            }
            ([(_, ParamValue::One(value), ..)], None) => self.number(*value, param_type(param.ty)),
            _ if param.key == Some(Key::Class) && param.name != "base_rate" => {
                say!(self.lang, "本类行业的{name}", "{name} of the class")
            }
            _ => name,
        }
    }

    fn causes(&self, at: usize) -> String {
        let param = &self.plan.params[at];
        match param.entries.as_slice() {
            [(_, ParamValue::Causes(causes), ..)] => {
                let names: Vec<&str> = causes.iter().map(|c| self.cause(*c)).collect();
                names.join(if self.lang == Lang::Zh { "、" } else { ", " })
            }
            _ => say!(self.lang, "“{}”", "‘{}’", param.name),
        }
    }

    fn aggregate(
        &self,
        kind: AggregateKind,
        rows: Rows,
        column: Option<Column>,
        window: &str,
        filter: Option<&Term>,
    ) -> String {
        let lang = self.lang;
        let which = filter.map(|f| self.words(f));
        let zh_which = which.as_ref().map_or_else(String::new, |w| format!("（{w}）"));
        let en_which = which.as_ref().map_or_else(String::new, |w| format!(" where {w}"));
        let what = column.map_or_else(String::new, |c| self.column(c));
        match (kind, rows, column) {
            (AggregateKind::Any | AggregateKind::Rows, Rows::Each(_), _) => {
                let rows = self.rows(rows);
                match kind {
                    AggregateKind::Rows => {
                        say!(
                            lang,
                            "{window}内{rows}的数目{zh_which}",
                            "how many of {rows} in {window}{en_which}"
                        )
                    }
                    _ => say!(
                        lang,
                        "{window}内有{rows}{zh_which}",
                        "there is one of {rows} in {window}{en_which}"
                    ),
                }
            }
            (AggregateKind::Rows, ..) => {
                say!(lang, "{window}内的行数{zh_which}", "the number of rows in {window}{en_which}")
            }
            (AggregateKind::Sum, Rows::Each(_), Some(Column::Derived(..))) => {
                let rows = self.rows(rows);
                say!(
                    lang,
                    "{window}内{rows}的{what}之和{zh_which}",
                    "the sum of {what} of {rows} in {window}{en_which}"
                )
            }
            (AggregateKind::Sum, _, Some(Column::Count)) => {
                say!(lang, "{window}内的工伤人数{zh_which}", "the number of injuries in {window}{en_which}")
            }
            (AggregateKind::Sum, ..) => {
                say!(lang, "{window}内的{what}{zh_which}", "{what} in {window}{en_which}")
            }
            (AggregateKind::Average, ..) => {
                say!(lang, "{window}内的平均{what}{zh_which}", "the average {what} in {window}{en_which}")
            }
            (AggregateKind::Any, Rows::Claims, _) => {
                say!(lang, "{window}内有工伤案件{zh_which}", "there is an injury in {window}{en_which}")
            }
            (AggregateKind::Any, Rows::Periods, _) => {
                say!(lang, "{window}内有参保时段{zh_which}", "there is a period in {window}{en_which}")
            }
        }
    }

    /// Whether a fact is a number without a unit, such as a grade.
    pub(super) fn is_plain_number(&self, fact: usize) -> bool {
        self.plan.facts[fact].ty == FactType::Number
    }

    /// A comparison with what is measured first.
    fn compare(&self, relation: Relation, a: &Term, b: &Term) -> String {
        let turned = is_fixed(a) && !is_fixed(b);
        let (left, right) = if turned { (b, a) } else { (a, b) };
        let l = self.words(left);
        let r = match (&left.kind, &right.kind) {
            // A grade is a number of its own, not a share.
            (TermKind::Fact(at), TermKind::Number(value)) if self.is_plain_number(*at) => value.to_string(),
            _ => self.words(right),
        };
        if left.ty == Type::Boolean {
            return match relation {
                Relation::NotEqual => {
                    say!(self.lang, "“{l}”与“{r}”不同", "‘{l}’ and ‘{r}’ differ")
                }
                _ => say!(self.lang, "“{l}”与“{r}”相同", "‘{l}’ and ‘{r}’ agree"),
            };
        }
        match (relation, turned) {
            (Relation::Equal, _) if left.ty == Type::Class => {
                say!(self.lang, "属于{r}行业", "the employer is in {r}")
            }
            (Relation::Equal, _) => say!(self.lang, "{l}为{r}", "{l} is {r}"),
            (Relation::NotEqual, _) => say!(self.lang, "{l}不为{r}", "{l} is not {r}"),
            (Relation::Less, false) => say!(self.lang, "{l}低于{r}", "{l} is below {r}"),
            (Relation::Less, true) => say!(self.lang, "{l}超过{r}", "{l} is above {r}"),
            (Relation::LessEqual, false) => say!(self.lang, "{l}不超过{r}", "{l} is at most {r}"),
            (Relation::LessEqual, true) => say!(self.lang, "{l}不低于{r}", "{l} is at least {r}"),
        }
    }

    /// What a formula of the step does to it.
    pub(super) fn step_change(&self, term: &Term) -> String {
        let lang = self.lang;
        let is_step = |t: &Term| matches!(t.kind, TermKind::Stage(StageValue::Step));
        let number = |t: &Term| match t.kind {
            TermKind::Number(n) if n.places() == 0 => i64::try_from(n.mantissa()).ok(),
            _ => None,
        };
        match &term.kind {
            TermKind::Number(n) if n.places() == 0 => {
                let step = self.steps(i64::try_from(n.mantissa()).unwrap_or(0));
                say!(lang, "改为{step}", "the move becomes {step}")
            }
            TermKind::Max(terms) if terms.len() == 2 && terms.iter().any(is_step) => {
                match terms.iter().find_map(number) {
                    Some(0) => say!(
                        lang,
                        "原应下浮的不予下浮，上浮的不变",
                        "a move down becomes none, a move up stays"
                    ),
                    Some(n) => {
                        let least = self.steps(n);
                        say!(lang, "至少为{least}", "the move is at least {least}")
                    }
                    None => self.new_step(term),
                }
            }
            TermKind::Min(terms) if terms.len() == 2 && terms.iter().any(is_step) => {
                match terms.iter().find_map(number) {
                    Some(0) => say!(
                        lang,
                        "原应上浮的不予上浮，下浮的不变",
                        "a move up becomes none, a move down stays"
                    ),
                    Some(n) => {
                        let most = self.steps(n);
                        say!(lang, "至多为{most}", "the move is at most {most}")
                    }
                    None => self.new_step(term),
                }
            }
            TermKind::Add(a, b) if is_step(a) && number(b).is_some_and(|n| n > 0) => {
                let n = number(b).unwrap_or(0);
                say!(lang, "再上浮{n}档", "{n} more up")
            }
            TermKind::Subtract(a, b) if is_step(a) && number(b).is_some_and(|n| n > 0) => {
                let n = number(b).unwrap_or(0);
                say!(lang, "再下浮{n}档", "{n} more down")
            }
            _ => self.new_step(term),
        }
    }

    fn new_step(&self, term: &Term) -> String {
        let new = self.words(term);
        say!(self.lang, "浮动档数改为：{new}", "the number of steps becomes {new}")
    }
}

/// The parts of a chain of one connective.
fn alike<'t>(term: &'t Term, and: bool, out: &mut Vec<&'t Term>) {
    match (&term.kind, and) {
        (TermKind::And(a, b), true) | (TermKind::Or(a, b), false) => {
            alike(a, and, out);
            alike(b, and, out);
        }
        _ => out.push(term),
    }
}

/// Whether a side of a comparison is known without a record.
fn is_fixed(term: &Term) -> bool {
    matches!(term.kind, TermKind::Number(_) | TermKind::Param { .. } | TermKind::Date(_) | TermKind::Bool(_))
}

/// The type that a parameter's number has in a formula.
pub(super) const fn param_type(ty: floatrate_engine::plan::source::ParamType) -> Type {
    use floatrate_engine::plan::source::ParamType;
    if matches!(ty, ParamType::Number) {
        return Type::Literal;
    }
    Type::Number(match ty {
        ParamType::Rate => Unit::RATE,
        ParamType::Months => Unit::MONTHS,
        ParamType::People => Unit::PEOPLE,
        ParamType::Money => Unit::MONEY,
        // A bare number, as steps are, and no share.
        ParamType::Number => Unit::STEPS,
        ParamType::Ratio | ParamType::Causes | ParamType::Industries => Unit::RATIO,
    })
}

impl Writer<'_> {
    /// The values of a parameter by class.
    pub(super) fn values(&self, value: &ParamValue, ty: Type) -> Vec<String> {
        let number = |v: &Decimal| self.number(*v, ty);
        match value {
            ParamValue::One(value) => vec![number(value)],
            ParamValue::ByClass(values) | ParamValue::ByIndustry(values) | ParamValue::ByRowClass(values) => {
                values.iter().map(number).collect()
            }
            ParamValue::Ranges(ranges) => ranges.iter().map(|r| number(&r.value)).collect(),
            ParamValue::Industries(places) => {
                let code =
                    |at: &usize| self.plan.industries.as_ref().and_then(|(_, codes)| codes.get(*at)).cloned();
                places.iter().filter_map(code).collect()
            }
            ParamValue::Causes(causes) => causes.iter().map(|c| self.cause(*c).to_owned()).collect(),
        }
    }
}
