//! Who acts on the database by the command line, with which plans, and what stood in the way.

use super::database::stopped;
use super::{Stop, tell};
use crate::auth::{Caller, is_name};
use crate::determination::Agency;
use crate::problem::Problem;
use crate::rpc::status::Refusal;
use crate::store::Db;
use clap::Args;
use floatrate_engine::Lang;
use std::path::Path;
use std::sync::Arc;

#[derive(Args, Debug)]
pub(super) struct OfficerArguments {
    /// Who does this; recorded as self-declared with every change. Default the system user's name, or `local`
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

impl OfficerArguments {
    /// What is stored with every change.
    pub(super) fn signature(&self, lang: Lang) -> Result<String, Stop> {
        let of_system = || {
            let named = ["USER", "LOGNAME"].into_iter().filter_map(|name| std::env::var(name).ok());
            named.into_iter().find(|name| is_name(name))
        };
        let name = self.name.clone().or_else(of_system);
        Caller::self_declared(name.as_deref(), None).map(|caller| caller.signature()).map_err(|_| {
            Stop::usage(match lang {
                Lang::Zh => "--name：应为1至64个可见字符，首尾无空白，不含括号",
                Lang::En => {
                    "--name: expected 1 to 64 visible characters, no blanks at its ends, no parentheses"
                }
            })
        })
    }
}

/// The database with the plans of a folder, or those that come with floatrate. Plans of a folder are proved before they
/// make a rate.
pub(super) fn agency(db: Db, plan_dir: Option<&Path>) -> Result<Agency, Stop> {
    let library = crate::plans::library(plan_dir).map_err(|why| Stop::usage(why.text()))?;
    if plan_dir.is_some() {
        let catalog = &library.catalog;
        crate::plans::proved(catalog, catalog.plans()).map_err(|why| Stop::usage(why.text()))?;
    }
    Ok(Agency::new(db, Arc::new(library)))
}

/// What stood in the way, with every fault. What another writer was faster with may be tried again, so it is no wrong
/// usage.
pub(super) fn refused(why: Problem, lang: Lang) -> Stop {
    let again = matches!(why, Problem::Stale(..));
    let refusal = match why {
        Problem::Store(why) => return stopped(&why, lang),
        other => Refusal::from(other),
    };
    let mut message = refusal.message(lang);
    for fault in refusal.faults() {
        let sentence = fault.message.pick(lang);
        if *sentence == message {
            continue;
        }
        message += &match lang {
            Lang::Zh => format!("\n  {}：{sentence}", fault.field),
            Lang::En => format!("\n  {}: {sentence}", fault.field),
        };
    }
    if again { Stop::failed(message) } else { Stop::usage(message) }
}

/// Says that nothing was changed, after a dry run.
pub(super) fn tell_dry(lang: Lang) {
    tell(match lang {
        Lang::Zh => "仅检查，未作任何更改",
        Lang::En => "checked only; nothing was changed",
    });
}
