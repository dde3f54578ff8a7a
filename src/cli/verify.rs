//! `floatrate verify`: whether everything that is kept fits, and whether a dossier does.

use super::database::{DatabaseArguments, block_on, stopped};
use super::{Exit, Stop, output};
use crate::determination::{self, Checked, Figures, Misfit, Report};
use crate::store::ledger::{parse, text};
use clap::Args;
use floatrate_engine::Lang;
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

#[derive(Args, Debug)]
#[command(
    after_help = "Walks the ledger's chain, holds every row against it, and rates every published determination again, bit for bit.\nIt stops at the first row that does not fit. With --cycle it walks the whole chain, and of the rows those of that cycle: its freezes, runs, items, decisions and publication. A head is a digest that a notice, an export or an earlier run showed.\nThe answers to repeated requests (the table `request`) are no ground of any result and lie outside.\n\nExamples:\n  floatrate verify --database floatrate.db\n  floatrate verify --head blake3:2f0c…\n  floatrate verify --cycle c0198…\n  floatrate verify --dossier dossier.json\n\nExit status: 0 everything fits; 1 something does not; 2 wrong usage; 3 the database failed."
)]
pub(super) struct VerifyArguments {
    #[command(flatten)]
    database: DatabaseArguments,
    /// A head that was written down: it must be in the chain; may be given several times
    #[arg(long, value_name = "DIGEST")]
    head: Vec<String>,
    /// Check this dossier instead, without a database
    #[arg(long, value_name = "FILE", conflicts_with = "database")]
    dossier: Option<PathBuf>,
    /// The chain and the rows of this rate cycle alone
    #[arg(long, value_name = "ID", conflicts_with = "dossier")]
    cycle: Option<String>,
    /// For programs: one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(arguments: &VerifyArguments, lang: Lang) -> Result<Exit, Stop> {
    let heads = heads(&arguments.head, lang)?;
    let (fits, out) = match &arguments.dossier {
        Some(path) => {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).map_err(|why| Stop::file(&name, &why))?;
            let checked = determination::check_dossier(&bytes, &heads).map_err(|[en, zh]| {
                Stop::usage(format!("{name}: {}", if lang == Lang::Zh { zh } else { en }))
            })?;
            let out =
                if arguments.json { pretty(&dossier_json(&checked)) } else { dossier_text(&checked, lang) };
            (checked.misfits.is_empty(), out)
        }
        None => {
            let report = database(arguments, &heads, lang)?;
            let out = if arguments.json { pretty(&report_json(&report)) } else { report_text(&report, lang) };
            (report.fits(), out)
        }
    };
    output::print(&out)?;
    Ok(if fits { Exit::Done } else { Exit::Partly })
}

/// Every head that was given; all that are none are told.
fn heads(given: &[String], lang: Lang) -> Result<Vec<[u8; 32]>, Stop> {
    let mistakes: Vec<String> = given
        .iter()
        .filter(|head| parse(head).is_none())
        .map(|head| match lang {
            Lang::Zh => format!("--head“{head}”应为 blake3: 加64位小写十六进制数字"),
            Lang::En => format!("--head \"{head}\": expected blake3: and 64 lower-case hexadecimal digits"),
        })
        .collect();
    if mistakes.is_empty() {
        Ok(given.iter().filter_map(|head| parse(head)).collect())
    } else {
        Err(Stop::usage(mistakes.join("\n")))
    }
}

fn database(arguments: &VerifyArguments, heads: &[[u8; 32]], lang: Lang) -> Result<Report, Stop> {
    // A bar hides itself where standard error is no terminal.
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let mut tell = |figures: &Figures| {
        bar.set_length(figures.positions.unsigned_abs());
        bar.set_position(figures.replayed.unsigned_abs());
        bar.set_message(match lang {
            Lang::Zh => format!("已核验记录 {}", figures.records),
            Lang::En => format!("{} record versions", figures.records),
        });
    };
    let report = block_on(async {
        let db = arguments.database.existing(lang).await?;
        let report = match &arguments.cycle {
            None => determination::verify(&db, heads, &mut tell).await.map(Some),
            Some(cycle) => determination::verify_cycle(&db, cycle, heads, &mut tell).await,
        };
        db.close().await;
        let unknown = || {
            let cycle = arguments.cycle.as_deref().unwrap_or_default();
            Stop::usage(match lang {
                Lang::Zh => format!("没有编号为“{cycle}”的年度费率浮动"),
                Lang::En => format!("there is no cycle {cycle}"),
            })
        };
        report.map_err(|why| stopped(&why, lang))?.ok_or_else(unknown)
    });
    bar.finish_and_clear();
    report
}

fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}

fn misfit_json(misfit: &Misfit) -> Value {
    json!({"table": misfit.table, "key": misfit.key, "field": misfit.field,
           "message": misfit.says.en, "message_zh": misfit.says.zh})
}

fn report_json(report: &Report) -> Value {
    let f = &report.figures;
    let heads = report.heads.iter().map(|head| {
        json!({"digest": text(&head.digest), "seq": head.entry.map(|(seq, _)| seq),
               "at": head.entry.map(|(_, at)| at.rfc3339())})
    });
    json!({
        "fits": report.fits(),
        "misfit": report.misfit.as_ref().map(misfit_json),
        "heads": heads.collect::<Vec<_>>(),
        "head": report.head.map(|h| json!({"seq": h.seq, "digest": h.text(), "at": h.at.rfc3339()})),
        "figures": {"entries": f.entries, "plan_texts": f.plan_texts, "records": f.records, "rejects": f.rejects,
                    "determinations": f.determinations, "replayed": f.replayed, "unpublished": f.unpublished,
                    "cycles": f.cycles, "pins": f.pins, "review_items": f.review_items,
                    "objections": f.objections, "consumers": f.consumers, "refusals": f.refusals},
    })
}

fn dossier_json(checked: &Checked) -> Value {
    let (seq, digest, at) = &checked.head;
    json!({
        "fits": checked.misfits.is_empty(),
        "determination": checked.id,
        "head_at_publication": {"seq": seq, "digest": digest, "at": at.rfc3339()},
        "misfits": checked.misfits.iter().map(misfit_json).collect::<Vec<_>>(),
    })
}

fn misfit_text(misfit: &Misfit, lang: Lang) -> String {
    let place = [misfit.table, &misfit.key, &misfit.field];
    let place: Vec<&str> = place.into_iter().filter(|part| !part.is_empty()).collect();
    let says = misfit.says.pick(lang);
    match lang {
        Lang::Zh => format!("不符：{}：{says}", place.join("，")),
        Lang::En => format!("does not fit: {}: {says}", place.join(", ")),
    }
}

fn report_text(report: &Report, lang: Lang) -> String {
    let f = &report.figures;
    let mut out = String::new();
    let _ = match lang {
        Lang::Zh => writeln!(
            out,
            "已核验：账本 {} 条，办法文本 {} 份，记录 {} 版，核定 {} 份（另有未公布 {} 份；逐位重算共 {} 份），年度费率浮动 {} 次（锁定单位 {} 户，待办 {} 项，均已逐位重算），拒收 {} 条，异议 {} 件，下游系统 {} 个，被拒变更 {} 条",
            f.entries,
            f.plan_texts,
            f.records,
            f.determinations,
            f.unpublished,
            f.replayed,
            f.cycles,
            f.pins,
            f.review_items,
            f.rejects,
            f.objections,
            f.consumers,
            f.refusals
        ),
        Lang::En => writeln!(
            out,
            "checked: {} entries of the ledger, {} plan texts, {} record versions, {} determinations ({} more are not published; {} were rated again bit for bit), {} rate cycles ({} employers held fast, {} review items rated again), {} rejects, {} objections, {} consumers, {} refused changes",
            f.entries,
            f.plan_texts,
            f.records,
            f.determinations,
            f.unpublished,
            f.replayed,
            f.cycles,
            f.pins,
            f.review_items,
            f.rejects,
            f.objections,
            f.consumers,
            f.refusals
        ),
    };
    for head in &report.heads {
        let digest = text(&head.digest);
        let _ = match (head.entry, lang, &report.misfit) {
            (Some((seq, at)), Lang::Zh, _) => {
                writeln!(out, "摘要 {digest}：账本第 {seq} 条，{}", at.rfc3339())
            }
            (Some((seq, at)), Lang::En, _) => writeln!(out, "head {digest}: entry {seq} of {}", at.rfc3339()),
            (None, Lang::Zh, None) => writeln!(out, "摘要 {digest} 不在链中：历史被改写，或这是另一个数据库"),
            (None, Lang::En, None) => writeln!(
                out,
                "head {digest}: this head is not in the chain: history was rewritten, or it is another database"
            ),
            (None, Lang::Zh, Some(_)) => writeln!(out, "摘要 {digest}：在不符之处以前的链中没有"),
            (None, Lang::En, Some(_)) => {
                writeln!(out, "head {digest}: not found in the chain as far as it was walked")
            }
        };
    }
    if let Some(misfit) = &report.misfit {
        let _ = writeln!(out, "{}", misfit_text(misfit, lang));
    } else if let Some(head) = report.head {
        let (digest, seq, at) = (head.text(), head.seq, head.at.rfc3339());
        let _ = match lang {
            Lang::Zh => writeln!(out, "全部相符；账本摘要 {digest}（第 {seq} 条，{at}）"),
            Lang::En => writeln!(out, "every row fits; ledger head {digest} (entry {seq} of {at})"),
        };
    }
    out
}

fn dossier_text(checked: &Checked, lang: Lang) -> String {
    let mut out = String::new();
    for misfit in &checked.misfits {
        let _ = writeln!(out, "{}", misfit_text(misfit, lang));
    }
    let (seq, digest, at) = &checked.head;
    let (id, at) = (&checked.id, at.rfc3339());
    let _ = match (checked.misfits.is_empty(), lang) {
        (true, Lang::Zh) => writeln!(
            out,
            "{id}：全部相符，已逐位重算；公布时的账本摘要 {digest}（第 {seq} 条，{at}），请与告知书上的摘要核对"
        ),
        (true, Lang::En) => writeln!(
            out,
            "{id}: everything fits, and rating again gave the same result bit for bit; ledger head at publication {digest} (entry {seq} of {at}): compare it with the notice's"
        ),
        (false, Lang::Zh) => writeln!(out, "{id}：{} 处不符", checked.misfits.len()),
        (false, Lang::En) => writeln!(out, "{id}: {} parts do not fit", checked.misfits.len()),
    };
    out
}
