//! Who acts on the database by the command line, with which plans, and what stood in the way.

use super::database::stopped;
use super::{Stop, proved, tell};
use crate::auth::{Caller, is_name};
use crate::determination::Agency;
use crate::problem::Problem;
use crate::rpc::status::Refusal;
use crate::store::Db;
use clap::Args;
use floatrate_engine::Lang;
use std::path::Path;
use std::sync::Arc;

/// Fields of requests and the options that give them.
const OPTIONS: [(&str, &str); 22] = [
    ("accept_illustrative", "--accept-illustrative"),
    ("accept_late", "--accept-late"),
    ("cause", "--cause"),
    ("date", "--date"),
    ("employer_id", "--employer"),
    ("filed_on", "--filed-on"),
    ("from", "--from"),
    ("name", "--new-name"),
    ("notified_on", "--notified-on"),
    ("objection_id", "--objection"),
    ("plan", "--plan"),
    ("policy", "--policy"),
    ("portfolio", "--portfolio"),
    ("predecessors", "--predecessor"),
    ("rating_date", "--rating-date"),
    ("reason", "--reason"),
    ("record_version", "--record-version"),
    ("region", "--region"),
    ("risk_class", "--risk-class"),
    ("step", "--step or --tier"),
    ("successors[0]", "--successor"),
    ("tier", "--tier"),
];

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

/// The database with the plans of a folder, or those that come with floatrate.
pub(super) fn agency(db: Db, plan_dir: Option<&Path>) -> Result<Agency, Stop> {
    let library = proved(crate::plans::library_to_rate(plan_dir), plan_dir)?;
    Ok(Agency::new(db, Arc::new(library)))
}

/// What stood in the way, with every fault. What another writer was faster with, or somebody else runs, may be tried
/// again, so it is no wrong usage.
pub(super) fn refused(why: Problem, lang: Lang) -> Stop {
    let again = matches!(why, Problem::Stale(..) | Problem::Running(..));
    if let Problem::Store(why) = &why {
        return stopped(why, lang);
    }
    let message = sentence(why, lang);
    if again { Stop::failed(message) } else { Stop::usage(message) }
}

/// What stood in the way, in words.
pub(super) fn sentence(why: Problem, lang: Lang) -> String {
    let more = match (&why, lang) {
        (Problem::NotVerified(..), Lang::Zh) => {
            "\n请持证书或令牌通过服务批准：floatrate.v1.CycleService/ApproveCycle（docs/access.md）"
        }
        (Problem::NotVerified(..), Lang::En) => {
            "\napprove it through the service with a certificate or a token: floatrate.v1.CycleService/ApproveCycle (docs/access.md)"
        }
        _ => "",
    };
    let refusal = match why {
        Problem::Store(why) => return stopped(&why, lang).message,
        other => Refusal::from(other),
    };
    // A sentence names the two fields that take a reason as a request does.
    let said = |text: &str| {
        OPTIONS[..2].iter().fold(text.to_owned(), |text, (field, option)| text.replace(field, option))
    };
    let first = refusal.message(lang);
    let mut message = said(&first);
    for fault in refusal.faults() {
        let sentence = fault.message.pick(lang);
        if *sentence == first {
            continue;
        }
        // Of a value in a map the option gives the map.
        let known = |name: &str| OPTIONS.iter().find(|(field, _)| *field == name);
        let outer = || fault.field.split_once('.').and_then(|(outer, _)| known(outer));
        let option = known(&fault.field).or_else(outer);
        let field = option.map_or(fault.field.as_str(), |(_, option)| *option);
        message += &match lang {
            Lang::Zh => format!("\n  {field}：{sentence}"),
            Lang::En => format!("\n  {field}: {sentence}"),
        };
    }
    message + more
}

/// Says that nothing was changed, after a dry run.
pub(super) fn tell_dry(lang: Lang) {
    tell(match lang {
        Lang::Zh => "仅检查，未作任何更改",
        Lang::En => "checked only; nothing was changed",
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Exit;
    use crate::problem::{Field, What};
    use crate::store::StoreError;

    #[test]
    fn faults_are_told_by_the_options_that_give_them() {
        let fields =
            || vec![Field::missing("rating_date"), Field::new("employer.id", "empty", "it is", "为空")];
        for (problem, lang, exit, expected) in [
            (
                Problem::Fields(fields()),
                Lang::En,
                Exit::Usage,
                "the request is refused; violations: 2\n  --rating-date: rating_date is missing\n  employer.id: it is",
            ),
            (
                Problem::Fields(fields()),
                Lang::Zh,
                Exit::Usage,
                "请求不符合要求，共 2 处\n  --rating-date：缺少 rating_date\n  employer.id：为空",
            ),
            (
                Problem::ObjectionLate("2026-01-23".into()),
                Lang::En,
                Exit::Usage,
                "the time for objections ended on 2026-01-23; say in --accept-late why it is taken",
            ),
            (
                Problem::Stale(What::Employer, "A".into()),
                Lang::En,
                Exit::Failed,
                "employer A has changed since: read it again",
            ),
            (
                Problem::Store(StoreError::Unavailable("disk full".into())),
                Lang::Zh,
                Exit::Failed,
                "数据库没有应答：disk full",
            ),
        ] {
            let stop = refused(problem, lang);
            assert_eq!((stop.exit, stop.message.as_str()), (exit, expected));
        }
    }
}
