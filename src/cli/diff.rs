//! `floatrate plan diff`: what changed between two versions of a plan, in words, with an employer for each change.

use super::{Exit, Stop, check, output, plan};
use crate::exchange::json::to_json;
use clap::Args;
use floatrate_engine::diff::{Change, Effect, Side, Version, Witness, diff};
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::record::Declared;
use floatrate_engine::{Bilingual, Lang};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Args, Debug)]
pub(super) struct DiffArguments {
    /// The earlier plan: its id, or the path of its folder
    a: String,
    /// The later plan: its id, or the path of its folder
    b: String,
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &DiffArguments, lang: Lang) -> Result<Exit, Stop> {
    let (one, a) = check::found(&arguments.a, arguments.plan_dir.as_deref())?;
    let (two, b) = check::found(&arguments.b, arguments.plan_dir.as_deref())?;
    let (a, b) = (plan(&one, &a, lang)?, plan(&two, &b, lang)?);
    let changes =
        diff(Version { plan: a, declared: one.declared() }, Version { plan: b, declared: two.declared() });
    // A record comes from either folder, with its facts.
    let mut declared = one.declared().clone();
    declared.facts.extend(two.declared().facts.clone());
    let declared = &declared;
    output::print(&if arguments.json {
        let changes = changes.iter().map(|c| report(c, declared)).collect::<Vec<_>>();
        let side = |p: &Plan| json!({"id": p.checked.id, "digest": floatrate_engine::receipt::Digest(p.digest).to_string()});
        format!("{:#}\n", json!({"a": side(a), "b": side(b), "changes": changes}))
    } else {
        text(a, b, &changes, declared, lang)
    })?;
    Ok(Exit::Done)
}

fn text(a: &Plan, b: &Plan, changes: &[Change], declared: &Declared, lang: Lang) -> String {
    let (one, two, count) = (&a.checked.id, &b.checked.id, changes.len());
    let mut out = match (lang, count) {
        (Lang::Zh, 0) => format!("{one} 与 {two} 没有差异\n"),
        (Lang::En, 0) => format!("{one} and {two} say the same\n"),
        (Lang::Zh, _) => format!("{one} -> {two}：{count} 处变动\n"),
        (Lang::En, 1) => format!("{one} -> {two}: 1 change\n"),
        (Lang::En, _) => format!("{one} -> {two}: {count} changes\n"),
    };
    let seen = changes.iter().filter(|c| matches!(c.effect, Effect::Witness(_))).count();
    if count > 0 {
        let _ = match lang {
            Lang::Zh => writeln!(out, "其中 {seen} 处有结果因之改变的用人单位"),
            Lang::En => writeln!(out, "of these, {seen} with an employer whose result changes"),
        };
    }
    for (at, change) in changes.iter().enumerate() {
        let cites = match (change.cites.is_empty(), lang) {
            (true, _) => String::new(),
            (false, Lang::Zh) => format!("［依据：{}］", change.cites.join("; ")),
            (false, Lang::En) => format!("  [{}]", change.cites.join("; ")),
        };
        let _ = writeln!(out, "\n{}. {}{cites}", at + 1, change.says.pick(lang));
        match &change.effect {
            Effect::Witness(witness) => shown(witness, declared, lang, &mut out),
            other => {
                let _ = writeln!(out, "   {}", effect(other).pick(lang));
            }
        }
    }
    out
}

/// What a change without a witness does.
fn effect(effect: &Effect) -> Bilingual {
    let (zh, en) = match effect {
        Effect::Outside => ("不影响结果".to_owned(), "no result depends on it".to_owned()),
        Effect::Dates => ("改变费率生效日".to_owned(), "the plans rate on other dates".to_owned()),
        Effect::None { proved: true, .. } => {
            ("不改变任何结果（已证明）".to_owned(), "changes no result (proved)".to_owned())
        }
        Effect::None { tried, .. } => (
            format!("试算的{tried}条记录结果均不变"),
            format!("changes no result of the {tried} records that were tried"),
        ),
        Effect::NotAlone { tried } => (
            format!("不能单独变动；试算的{tried}条记录结果均不变"),
            format!("cannot be made alone; no result of the {tried} records that were tried differs"),
        ),
        Effect::Witness(_) => (String::new(), String::new()),
    };
    Bilingual { zh, en }
}

fn shown(witness: &Witness, declared: &Declared, lang: Lang, out: &mut String) {
    let (from, date) = (witness.from.pick(lang), witness.rating_date);
    let alone = match (witness.alone, lang) {
        (true, Lang::Zh) => "仅作此项变动",
        (true, Lang::En) => "this change alone",
        (false, Lang::Zh) => "两办法全部变动（此项不能单独变动）",
        (false, Lang::En) => "all changes together, since this one cannot be made alone",
    };
    let (head, before, after) = match lang {
        Lang::Zh => (format!("例：{from}，费率生效日{date}（{alone}）"), "变动前", "变动后"),
        Lang::En => (format!("employer: {from}, rated for {date} ({alone})"), "before", "after"),
    };
    let _ = writeln!(out, "   {head}");
    for (word, side) in [(before, &witness.before), (after, &witness.after)] {
        let _ = writeln!(out, "     {word}: {}", result(side, lang));
    }
    let _ = writeln!(out, "     {}", to_json(&witness.record.to_form(declared)));
}

fn result(side: &Side, lang: Lang) -> String {
    let v = &side.outcome.verdict;
    let show =
        |d: Option<floatrate_engine::number::Decimal>| d.map_or_else(|| "-".to_owned(), |d| d.to_string());
    let reasons = side.reasons.join(", ");
    let charged: Vec<String> =
        side.outcome.charged.iter().map(|(from, rate)| format!("{from} {rate}")).collect();
    let (status, step, tier, rate) = (v.status.name(), v.step, show(v.tier), show(v.rate));
    match lang {
        Lang::Zh => format!(
            "{status}，浮动{step:+}档，档次{tier}，费率{rate}，执行费率{}（{reasons}）",
            charged.join("；")
        ),
        Lang::En => format!(
            "{status}, step {step:+}, tier {tier}, rate {rate}, charged {} ({reasons})",
            charged.join("; ")
        ),
    }
}

fn report(change: &Change, declared: &Declared) -> Value {
    let both = |b: &Bilingual| json!({"zh": b.zh, "en": b.en});
    let side = |s: &Side| {
        let v = &s.outcome.verdict;
        json!({
            "status": v.status.name(), "step": v.step, "risk_class": v.risk_class,
            "tier": v.tier.map(|d| d.to_string()), "rate": v.rate.map(|d| d.to_string()),
            "unlimited_rate": v.unlimited_rate.map(|d| d.to_string()), "reasons": s.reasons,
            "charged": s.outcome.charged.iter().map(|(from, rate)| json!({"from": from.to_string(), "rate": rate.to_string()})).collect::<Vec<_>>(),
        })
    };
    let witness = change.effect.witness().map(|w| {
        json!({
            "from": both(&w.from), "rating_date": w.rating_date.to_string(), "alone": w.alone,
            "record": to_json(&w.record.to_form(declared)), "before": side(&w.before), "after": side(&w.after),
        })
    });
    let tried = match &change.effect {
        Effect::None { tried, .. } | Effect::NotAlone { tried } => Some(*tried),
        _ => None,
    };
    json!({
        "section": change.section, "name": change.name, "field": change.field, "kind": change.kind.name(),
        "old": change.old.as_ref().map(both), "new": change.new.as_ref().map(both), "says": both(&change.says),
        "cites": change.cites, "effect": change.effect.name(), "tried": tried, "witness": witness,
    })
}
