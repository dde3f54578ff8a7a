//! How a cycle stands, for people.

use crate::cli::text::Fields;
use crate::cycle::{Cycle, Signed, Standing, State};
use crate::store::Instant;
use floatrate_engine::Lang;

/// The name of a state.
pub(super) fn state_name(state: State, lang: Lang) -> &'static str {
    match (lang, state) {
        (Lang::En, state) => state.name(),
        (Lang::Zh, State::Draft) => "草拟",
        (Lang::Zh, State::Frozen) => "已冻结",
        (Lang::Zh, State::Rated) => "已计算",
        (Lang::Zh, State::Approved) => "已批准",
        (Lang::Zh, State::Published) => "已公布",
        (Lang::Zh, State::Closed) => "已办结",
        (Lang::Zh, State::Cancelled) => "已取消",
    }
}

/// The name of a plan's status.
pub(super) fn plan_status(status: &str, lang: Lang) -> String {
    match (lang, status) {
        (Lang::Zh, "enacted") => "已施行".to_owned(),
        (Lang::Zh, "draft") => "草案".to_owned(),
        (Lang::Zh, "illustrative") => "示例".to_owned(),
        (_, other) => other.to_owned(),
    }
}

/// A plan with its status, where that is not the law's.
pub(super) fn plan(cycle: &Cycle, lang: Lang) -> String {
    match cycle.frozen.as_ref().map(|frozen| frozen.plan_status.as_str()) {
        None | Some("enacted") => cycle.plan.clone(),
        Some(status) if lang == Lang::Zh => format!("{}（{}）", cycle.plan, plan_status(status, lang)),
        Some(status) => format!("{} ({status})", cycle.plan),
    }
}

/// What stands above all else: that a plan is not the law, and why its results were published all the same.
pub(in crate::cli) fn notice(cycle: &Cycle, lang: Lang) -> String {
    let status = cycle.frozen.as_ref().map_or("", |frozen| frozen.plan_status.as_str());
    let mut out = String::new();
    if !status.is_empty() && status != "enacted" {
        out += &match lang {
            Lang::Zh => format!("注意：办法为{}，以下结果不具效力\n", plan_status(status, lang)),
            Lang::En => format!("ATTENTION: the plan is {status}; these results have no force\n"),
        };
    }
    let reason = cycle.published.as_ref().map_or("", |published| published.accept_illustrative.as_str());
    if !reason.is_empty() {
        out += &match lang {
            Lang::Zh => format!("仍予公布的理由：{reason}\n"),
            Lang::En => format!("It was published all the same because: {reason}\n"),
        };
    }
    if !out.is_empty() {
        out.push('\n');
    }
    out
}

/// Who, when and why.
fn signed(signed: &Signed, reason: &str) -> String {
    let at = Instant(signed.at_us).rfc3339();
    // To the second: whoever needs more reads the JSON.
    let at = at.get(..19).map_or(at.clone(), |to| format!("{to}Z"));
    let reason = if reason.is_empty() { String::new() } else { format!(": {reason}") };
    format!("{at}  {}{reason}", signed.by)
}

/// Its fields.
pub(super) fn fields(standing: &Standing, lang: Lang) -> String {
    let c = &standing.cycle;
    let mut fields = Fields::default();
    let mut add = |en, zh, value: String| fields.add(en, zh, value);
    add("cycle", "年度浮动", c.id.clone());
    add("region", "统筹地区", c.region.clone());
    add("plan", "办法", plan(c, lang));
    add("rating date", "费率生效日", c.rating_date.clone());
    add("state", "状态", state_name(c.state, lang).to_owned());
    if c.state == State::Frozen {
        add("running", "运行", running(standing, lang));
    }
    add("created", "创建", signed(&c.created, ""));
    if let Some(frozen) = &c.frozen {
        add("frozen", "冻结", signed(&frozen.signed, ""));
        add("employers", "户数", frozen.employers.to_string());
        if frozen.without_region > 0 {
            add("without region, in no cycle", "无统筹地区（未纳入）", frozen.without_region.to_string());
        }
        let values: Vec<String> =
            frozen.portfolio.iter().map(|(name, value)| format!("{name} = {value}")).collect();
        add("over all employers", "全体单位的数值", values.join(", "));
        add("plan digest", "办法摘要", frozen.plan_digest.clone());
        add("records digest", "记录摘要", frozen.pins_digest.clone());
    }
    for returned in &c.returned {
        add("returned", "退回", signed(&returned.signed, &returned.reason));
    }
    if let Some(rated) = &c.rated {
        add("rated", "计算", signed(&rated.signed, ""));
        add("results digest", "结果摘要", rated.results_digest.clone());
    }
    if let Some(approved) = &c.approved {
        add("approved", "批准", signed(&approved.signed, ""));
        add("determinations", "核定户数", approved.determinations.to_string());
        add("approved digest", "批准摘要", approved.digest.clone());
    }
    if let Some(published) = &c.published {
        add("published", "公布", signed(&published.signed, &published.accept_illustrative));
        add("first change", "首条变更序号", published.first_position.to_string());
    }
    if let Some(closed) = &c.closed {
        add("closed", "办结", signed(closed, ""));
    }
    if let Some(cancelled) = &c.cancelled {
        add("cancelled", "取消", signed(&cancelled.signed, &cancelled.reason));
    }
    fields.text(lang)
}

/// How far a run is, and who runs it.
fn running(standing: &Standing, lang: Lang) -> String {
    let running = &standing.running;
    let of = standing.cycle.frozen.as_ref().map_or(0, |frozen| frozen.employers);
    let (done, runner) = (running.done, &running.runner);
    match (running.now(), running.batch.is_empty(), lang) {
        (true, _, Lang::Zh) => format!("{done}/{of}，由 {runner} 运行"),
        (true, _, Lang::En) => format!("{done} of {of}, by {runner}"),
        (false, true, Lang::Zh) => "尚未运行".to_owned(),
        (false, true, Lang::En) => "not begun".to_owned(),
        (false, false, Lang::Zh) => {
            format!("{done}/{of}，已中断：floatrate cycle run {} 从中断处继续", standing.cycle.id)
        }
        (false, false, Lang::En) => {
            format!("{done} of {of}, broken off: floatrate cycle run {} goes on", standing.cycle.id)
        }
    }
}
