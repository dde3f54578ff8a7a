//! The synthetic city's rate cycle: created by one person, decided on, approved by another, published.

use super::{PLAN, RATING_DATE};
use crate::cli::cycle::run::{rated, result};
use crate::cli::cycle::settle::{Wanted, settle};
use crate::cli::officer::refused;
use crate::cli::{Stop, tell};
use crate::cycle::{self, Order, Report, ReviewItem, Standing};
use crate::determination::Agency;
use crate::problem::Problem;
use floatrate_engine::Lang;
use std::collections::BTreeMap;

/// Items that are asked for at once.
const PAGE: i64 = 1_000;

/// Two persons, for what one must not do alone.
const OFFICER: &str = "demo.officer";
const CHIEF: &str = "demo.chief";

/// What the cycle came to.
pub(super) struct Ran {
    pub standing: Standing,
    pub report: Report,
    /// Employers that two persons set, and those that are left out.
    pub by_hand: usize,
    pub left_out: usize,
}

fn signature(name: &str) -> Result<String, Stop> {
    let caller = crate::auth::Caller::self_declared(Some(name), None);
    caller.map(|caller| caller.signature()).map_err(|_| Stop::failed("a name"))
}

/// Runs the whole cycle of a region.
pub(super) async fn run(agency: &Agency, region: &str, lang: Lang) -> Result<Ran, Stop> {
    let told = |why: Problem| refused(why, lang);
    let (officer, chief) = (signature(OFFICER)?, signature(CHIEF)?);
    let order =
        Order { region: region.to_owned(), plan: PLAN.to_owned(), rating_date: RATING_DATE.to_owned() };
    let standing = cycle::create(agency, &order, &officer, None).await.map_err(told)?;
    let id = standing.cycle.id.clone();
    cycle::freeze(agency, &id, &BTreeMap::new(), "", &officer, None).await.map_err(told)?;
    let standing = rated(agency, &id, &officer, None, false, lang).await?;
    tell(&result(&standing, lang));
    let (mut by_hand, mut left_out, mut after) = (0, 0, 0);
    loop {
        let page = cycle::items(&agency.db, &id, after, "open", PAGE).await.map_err(told)?;
        let Some(last) = page.last() else { break };
        after = last.ordinal;
        for item in &page {
            if decide(agency, &id, item, [&officer, &chief], lang).await.map_err(told)? {
                by_hand += 1;
            } else {
                left_out += 1;
            }
        }
    }
    let approved = cycle::approve(agency, &id, "", &chief, None).await;
    let standing = match approved {
        Ok(_) => {
            let reason = match lang {
                Lang::Zh => "演示：单位均为虚构",
                Lang::En => "a demonstration with invented employers",
            };
            cycle::publish(agency, &id, reason, "", &chief, None).await.map_err(told)?
        }
        // A city of a few may have nobody else.
        Err(Problem::NothingToPublish(_)) => cycle::get(&agency.db, &id).await.map_err(told)?,
        Err(why) => return Err(told(why)),
    };
    let report = cycle::report(agency, &id).await.map_err(told)?;
    Ok(Ran { standing, report, by_hand, left_out })
}

/// Decides on an employer: at the base rate by two persons where it alone is without contributions, otherwise left out
/// until its record is mended. Whether it was set by hand.
async fn decide(
    agency: &Agency,
    id: &str,
    item: &ReviewItem,
    [officer, chief]: [&str; 2],
    lang: Lang,
) -> Result<bool, Problem> {
    let employer = item.employer_id.as_str();
    let reasons = &item.result.reasons;
    if !reasons.is_empty() && reasons.iter().all(|reason| reason.ends_with(":undefined")) {
        let why = match lang {
            Lang::Zh => "考核期内没有缴费，按基准费率",
            Lang::En => "no contributions in the window: the base rate",
        };
        match settle(agency, id, employer, (&Wanted::Step(0), why), "", officer).await {
            Ok(_) => {
                settle(agency, id, employer, (&Wanted::Agree, ""), "", chief).await?;
                return Ok(true);
            }
            // The rules leave it to nobody.
            Err(Problem::Fields(_)) => {}
            Err(why) => return Err(why),
        }
    }
    let why = match lang {
        Lang::Zh => "记录待更正，更正后单独核定",
        Lang::En => "the record is to be corrected; it is then determined on its own",
    };
    settle(agency, id, employer, (&Wanted::LeaveOut, why), "", officer).await?;
    Ok(false)
}
