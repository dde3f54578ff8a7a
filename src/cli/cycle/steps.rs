//! `floatrate cycle approve`, `return`, `publish`, `close` and `cancel`: steps that a person takes with a word.

use super::On;
use crate::cli::{Exit, Stop};
use crate::cycle::{self, Standing};
use crate::determination::Agency;
use clap::Args;
use floatrate_engine::Lang;

#[derive(Args, Debug)]
pub(in crate::cli) struct ReasonArguments {
    #[command(flatten)]
    on: On,
    /// Why; kept and shown
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

#[derive(Args, Debug)]
#[command(
    after_help = "Everything becomes visible in one instant, to the collection system too. There is no way back but to determine employers anew.\n\nExamples:\n  floatrate cycle publish c01m2y8k3q9v7t5r4w6x8z0a1cd\n  floatrate cycle publish c01m2… --accept-illustrative 'a demonstration'"
)]
pub(in crate::cli) struct PublishArguments {
    #[command(flatten)]
    on: On,
    /// Why a plan is used that is not the law in the region; kept and shown with every result
    #[arg(long, value_name = "REASON")]
    accept_illustrative: Option<String>,
}

pub(super) fn approve(on: &On, lang: Lang) -> Result<Exit, Stop> {
    let done =
        async |agency: &Agency, signature: &str| cycle::approve(agency, &on.id, "", signature, None).await;
    on.place.step(lang, done, |standing| {
        let id = &on.id;
        let Some(approved) = &standing.cycle.approved else { return String::new() };
        let (n, by_hand, left_out) = (approved.determinations, approved.by_hand, approved.left_out);
        match lang {
            Lang::Zh => format!(
                "{id}：已批准{n}户的核定，其中人工设定{by_hand}户；另有{left_out}户列为不核定\n摘要 {}\n接下来：floatrate cycle publish {id}",
                approved.digest
            ),
            Lang::En => format!(
                "{id}: {n} determinations are approved, {by_hand} of them set by hand; {left_out} employers are left out\ndigest {}\nnext: floatrate cycle publish {id}",
                approved.digest
            ),
        }
    })
}

pub(super) fn give_back(arguments: &ReasonArguments, lang: Lang) -> Result<Exit, Stop> {
    let ReasonArguments { on, reason } = arguments;
    let done = async |agency: &Agency, signature: &str| {
        cycle::give_back(agency, &on.id, reason, "", signature, None).await
    };
    on.place.step(lang, done, |_| {
        let id = &on.id;
        match lang {
            Lang::Zh => format!(
                "{id}：已退回，决定保留。重新计算：floatrate cycle run {id}；用新的记录重新冻结：floatrate cycle freeze {id}"
            ),
            Lang::En => format!(
                "{id} is sent back; its decisions stay. To rate again: floatrate cycle run {id}; with newer records: floatrate cycle freeze {id}"
            ),
        }
    })
}

pub(super) fn publish(arguments: &PublishArguments, lang: Lang) -> Result<Exit, Stop> {
    let PublishArguments { on, accept_illustrative } = arguments;
    let reason = accept_illustrative.as_deref().unwrap_or_default();
    let done = async |agency: &Agency, signature: &str| {
        cycle::publish(agency, &on.id, reason, "", signature, None).await
    };
    on.place.step(lang, done, |standing| published(standing, lang))
}

fn published(standing: &Standing, lang: Lang) -> String {
    let cycle = &standing.cycle;
    let (Some(published), Some(approved)) = (&cycle.published, &cycle.approved) else { return String::new() };
    let (first, n) = (published.first_position, approved.determinations);
    let last = first + n - 1;
    match lang {
        Lang::Zh => format!("{}：已公布{n}户的费率，变更序号 {first} 至 {last}", cycle.id),
        Lang::En => format!("{}: {n} rates are published, changes {first} to {last} of the feed", cycle.id),
    }
}

pub(super) fn close(on: &On, lang: Lang) -> Result<Exit, Stop> {
    let done =
        async |agency: &Agency, signature: &str| cycle::close(agency, &on.id, "", signature, None).await;
    on.place.step(lang, done, |_| match lang {
        Lang::Zh => format!("{}：已办结", on.id),
        Lang::En => format!("{} is closed", on.id),
    })
}

pub(super) fn cancel(arguments: &ReasonArguments, lang: Lang) -> Result<Exit, Stop> {
    let ReasonArguments { on, reason } = arguments;
    let done = async |agency: &Agency, signature: &str| {
        cycle::cancel(agency, &on.id, reason, "", signature, None).await
    };
    on.place.step(lang, done, |_| match lang {
        Lang::Zh => format!("{}：已取消，没有公布任何费率", on.id),
        Lang::En => format!("{} is given up; nothing of it was published", on.id),
    })
}
