//! `floatrate employer succeed`: a succession (合并、分立、更名), recorded as new versions of records.

use super::{json_of, listed};
use crate::cli::database::{DatabaseArguments, block_on};
use crate::cli::officer::{OfficerArguments, refused, tell_dry};
use crate::cli::{Exit, Stop, load, output, tell};
use crate::employer::{Kind, Policy, Succession, stated, succeed};
use clap::{Args, ValueEnum};
use floatrate_engine::Lang;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "Records are never overwritten: each employer concerned gets a new version whose origin names the succession, and what rests on it says how it came about. Nothing is rated; determine anew with --cause succession, and withdraw what no longer holds, as the notes say. The id goes to standard output.\n\nWhat becomes of the records at a merger or split: merge_sum adds all of them up, survivor_only keeps the successor's own, new_at_base starts anew at the base rate. The plan may state it (--plan), else the officer does (--policy).\n\nExamples:\n  floatrate employer succeed --kind merger --date 2026-01-01 --predecessor A --predecessor B --successor A --policy merge_sum --reason 'registration notice 2025-118'\n  floatrate employer succeed --kind split --date 2026-01-01 --predecessor A --successor A1 --successor A2 --plan cn-510400-2021 --reason …\n  floatrate employer succeed --kind renaming --date 2026-01-01 --predecessor A --new-name 某某矿业有限公司 --reason …\n  floatrate employer succeed --kind class_change --date 2026-01-01 --predecessor A --risk-class 4 --reason …\n  floatrate employer succeed --kind move --date 2026-01-01 --predecessor A --region 510300 --reason … --dry-run"
)]
pub(in crate::cli) struct SucceedArguments {
    /// What happened
    #[arg(long, value_enum)]
    kind: KindArgument,
    /// From which day
    #[arg(long, value_name = "DATE")]
    date: String,
    /// An employer that ends or changes; once for each
    #[arg(long = "predecessor", required = true, value_name = "ID")]
    predecessors: Vec<String>,
    /// An employer that goes on; once for each, the surviving one first
    #[arg(long = "successor", value_name = "ID")]
    successors: Vec<String>,
    /// What becomes of the records at a merger or split
    #[arg(long, value_enum)]
    policy: Option<PolicyArgument>,
    /// The plan that states what becomes of the records, where --policy does not
    #[arg(long, value_name = "ID", conflicts_with = "policy")]
    plan: Option<String>,
    /// The new name, of a renaming
    #[arg(long, value_name = "NAME")]
    new_name: Option<String>,
    /// The new risk class, of a class change
    #[arg(long, value_name = "CLASS", value_parser = clap::value_parser!(u8).range(1..))]
    risk_class: Option<u8>,
    /// The new pooling area, of a move
    #[arg(long, value_name = "CODE")]
    region: Option<String>,
    /// Why, with the document that shows it
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// A folder of plans to use instead of those that come with floatrate
    #[arg(long, value_name = "DIR")]
    plan_dir: Option<PathBuf>,
    /// Check only, and show what would be recorded
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    database: DatabaseArguments,
    #[command(flatten)]
    officer: OfficerArguments,
    /// As one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum KindArgument {
    Merger,
    Split,
    Renaming,
    ClassChange,
    Move,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
#[value(rename_all = "snake_case")]
enum PolicyArgument {
    MergeSum,
    SurvivorOnly,
    NewAtBase,
}

pub(super) fn run(arguments: &SucceedArguments, lang: Lang) -> Result<Exit, Stop> {
    let signature = arguments.officer.signature(lang)?;
    let kind = match arguments.kind {
        KindArgument::Merger => Kind::Merger,
        KindArgument::Split => Kind::Split,
        KindArgument::Renaming => Kind::Renaming,
        KindArgument::ClassChange => Kind::ClassChange,
        KindArgument::Move => Kind::Move,
    };
    let given = arguments.policy.map(|policy| match policy {
        PolicyArgument::MergeSum => Policy::MergeSum,
        PolicyArgument::SurvivorOnly => Policy::SurvivorOnly,
        PolicyArgument::NewAtBase => Policy::NewAtBase,
    });
    let catalog = load(arguments.plan_dir.as_deref())?;
    let plan = arguments.plan.as_deref().unwrap_or_default();
    let (policy, policy_of) = stated(&catalog, kind, given, plan).map_err(|why| refused(why, lang))?;
    let succession = Succession {
        kind,
        date: arguments.date.clone(),
        predecessors: arguments.predecessors.clone(),
        successors: arguments.successors.clone(),
        policy,
        policy_of,
        name: arguments.new_name.clone(),
        risk_class: arguments.risk_class,
        region: arguments.region.clone(),
        reason: arguments.reason.clone(),
        notes: Vec::new(),
        sources: BTreeMap::new(),
    };
    let done = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let done = succeed(&db, succession, &[], &signature, None, arguments.dry_run).await;
        db.close().await;
        done.map_err(|why| refused(why, lang))
    })?;
    let policy = done.succession.policy.map_or("", Policy::name);
    if arguments.json {
        let id = if arguments.dry_run { "" } else { done.id.as_str() };
        let versions: Vec<_> = done.versions.iter().map(json_of).collect();
        let all = json!({ "id": id, "versions": versions, "policy": policy, "notes": done.succession.notes });
        output::print(&format!("{all}\n"))?;
    } else {
        if !arguments.dry_run {
            output::print(&format!("{}\n", done.id))?;
        }
        tell(&listed(&done.versions, lang));
        if !policy.is_empty() {
            let of = &done.succession.policy_of;
            tell(&match lang {
                Lang::Zh => format!("处理方式：{policy}（{of}）"),
                Lang::En => format!("policy: {policy} ({of})"),
            });
        }
        for note in &done.succession.notes {
            tell(note);
        }
    }
    if arguments.dry_run {
        tell_dry(lang);
    }
    Ok(Exit::Done)
}
