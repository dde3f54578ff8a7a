//! A spreadsheet that an officer has filled in, taken back: `review --apply`.
//!
//! All mistakes of the file are told at once, by row; right rows are applied. A row that says what was decided already
//! changes nothing, so the file can be applied again.

mod rows;

use super::items::unknown_ending;
use super::settle::{Wanted, settle, told};
use crate::cli::officer::sentence;
use crate::cli::{Exit, Stop};
use crate::cycle::{Choice, ReviewItem, item};
use crate::determination::Agency;
use crate::exchange::sheets::{Kind, read};
use crate::exchange::{Error, sheets};
use crate::problem::Problem;
use crate::store::tables::records;
use floatrate_engine::Lang;
use rows::{Filled, Sheet};
use serde::Serialize;
use std::collections::HashMap;
use std::path::Path;

/// A row that was not applied.
#[derive(Debug, Serialize)]
pub(super) struct Refused {
    row: u64,
    employer_id: String,
    message: String,
}

/// What became of the file.
#[derive(Debug, Default, Serialize)]
pub(super) struct Applied {
    applied: u64,
    /// Rows that say what was decided already.
    unchanged: u64,
    /// Rows without a decision.
    empty: u64,
    refused: Vec<Refused>,
    /// What became of the employers, for people.
    #[serde(skip)]
    said: Vec<String>,
}

/// Reads a file whole, and tells of its columns.
pub(super) fn sheet(path: &Path, lang: Lang) -> Result<Vec<sheets::Row>, Stop> {
    let name = path.display().to_string();
    let kind = Kind::of(path).ok_or_else(|| unknown_ending(&name, lang))?;
    read(path, kind).map_err(|why| match &why {
        Error::Usage(_) => Stop::usage(why.message(lang)),
        Error::Io { source, .. } => Stop::file(&name, source),
    })
}

/// Applies a file.
pub(super) async fn apply(
    agency: &Agency,
    id: &str,
    rows: Vec<sheets::Row>,
    signature: &str,
    lang: Lang,
) -> Result<Applied, Stop> {
    let sheet = Sheet::of(rows, lang)?;
    let mut out = Applied::default();
    let mut seen: HashMap<String, u64> = HashMap::new();
    for (number, employer, filled) in sheet.rows(id, lang) {
        let mut refuse = |message: String| {
            out.refused.push(Refused { row: number, employer_id: employer.clone(), message });
        };
        let filled = match filled {
            Ok(Some(filled)) => filled,
            Ok(None) => {
                out.empty += 1;
                continue;
            }
            Err(message) => {
                refuse(message);
                continue;
            }
        };
        if let Some(first) = seen.insert(employer.clone(), number) {
            refuse(match lang {
                Lang::Zh => format!("与第{first}行是同一单位"),
                Lang::En => format!("row {first} decides on the same employer"),
            });
            continue;
        }
        match one(agency, id, &employer, &filled, signature).await {
            Ok(Some(item)) => {
                out.applied += 1;
                out.said.push(told(&item, lang));
            }
            Ok(None) => out.unchanged += 1,
            Err(Problem::Store(why)) => {
                let stop = crate::cli::database::stopped(&why, lang);
                let (done, again) = (out.applied, &stop.message);
                return Err(Stop {
                    exit: Exit::Failed,
                    message: match lang {
                        Lang::Zh => {
                            format!("第{number}行中断：{again}。此前已处理{done}行，再次运行同一命令即可")
                        }
                        Lang::En => format!(
                            "broken off at row {number}: {again}. {done} rows before were applied; run the same command again"
                        ),
                    },
                });
            }
            Err(why) => refuse(one_line(&sentence(why, lang))),
        }
    }
    Ok(out)
}

/// A sentence with its faults in one line; where there are faults, they say everything.
fn one_line(message: &str) -> String {
    let mut lines = message.lines().map(str::trim);
    let first = lines.next().unwrap_or_default();
    let faults: Vec<&str> = lines.collect();
    if faults.is_empty() { first.to_owned() } else { faults.join("; ") }
}

/// Applies a row; None where it is decided so already.
async fn one(
    agency: &Agency,
    id: &str,
    employer: &str,
    filled: &Filled,
    signature: &str,
) -> Result<Option<ReviewItem>, Problem> {
    let now = item(&agency.db, id, employer).await?;
    if is_so(agency, id, &now, filled, signature).await? {
        return Ok(None);
    }
    let what = (&filled.wanted, filled.reason.as_str());
    settle(agency, id, employer, what, &filled.etag, signature).await.map(Some)
}

/// Whether a row says what was decided already.
async fn is_so(
    agency: &Agency,
    id: &str,
    now: &ReviewItem,
    filled: &Filled,
    signature: &str,
) -> Result<bool, Problem> {
    let Some(decided) = &now.decided else { return Ok(false) };
    let same = decided.reason == filled.reason.trim();
    Ok(match (&decided.choice, &filled.wanted) {
        (Choice::LeaveOut, Wanted::LeaveOut) => same,
        (Choice::ByHand { step }, Wanted::Step(wanted)) => same && step == wanted,
        (Choice::ByHand { step }, Wanted::Tier(tier)) => {
            let wanted = crate::cycle::step_of_tier(agency, id, &now.employer_id, tier).await?;
            same && *step == wanted
        }
        (Choice::ByHand { .. }, Wanted::Agree) => {
            decided.agreed.as_ref().is_some_and(|agreed| agreed.by == signature)
        }
        (Choice::Record { version }, Wanted::Record(0)) => {
            let newest = records::employer(&agency.db, &now.employer_id).await?;
            same && newest.is_none_or(|(newest, ..)| newest <= *version)
        }
        (Choice::Record { version }, Wanted::Record(wanted)) => same && version == wanted,
        _ => false,
    })
}

impl Applied {
    pub(super) fn exit(&self) -> Exit {
        if self.refused.is_empty() { Exit::Done } else { Exit::Partly }
    }

    /// For people.
    pub(super) fn text(&self, lang: Lang) -> String {
        let mut out: Vec<String> = self.said.clone();
        for Refused { row, employer_id, message } in &self.refused {
            let who = if employer_id.is_empty() { String::new() } else { format!(" {employer_id}") };
            out.push(match lang {
                Lang::Zh => format!("第{row}行{who}：{message}"),
                Lang::En => format!("row {row}{who}: {message}"),
            });
        }
        let (applied, unchanged, empty, refused) =
            (self.applied, self.unchanged, self.empty, self.refused.len());
        out.push(match lang {
            Lang::Zh => format!("已处理{applied}行，此前已定{unchanged}行，未填{empty}行，未通过{refused}行"),
            Lang::En => format!(
                "{applied} rows applied, {unchanged} decided so before, {empty} not filled in, {refused} refused"
            ),
        });
        out.join("\n")
    }
}
