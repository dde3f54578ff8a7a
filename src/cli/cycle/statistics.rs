//! The yearly statistic of 人社部发〔2015〕72号, ready to send: employers, payroll and contributions by class and tier,
//! before and after, with what changes.
//!
//! Amounts are yuan with fen, exact, so in a workbook they are text; their totals stand in the file.

use super::money::plain_yuan;
use super::standing;
use super::tables::{class_name, classes, tier_name, tiers};
use crate::cli::output::{Output, broken};
use crate::cli::{Exit, Stop};
use crate::cycle::{Cell as Sum, Report, State};
use crate::exchange::sheets::{Cell, Kind, Writer};
use crate::store::ledger::Head;
use floatrate_engine::{Bilingual, Lang};
use std::io::Write;
use std::path::Path;

const COLUMNS: [&str; 9] = [
    "行业风险类别",
    "费率档次",
    "浮动前户数",
    "浮动前年工资总额（元）",
    "浮动前年应缴费（元）",
    "浮动后户数",
    "浮动后年工资总额（元）",
    "浮动后年应缴费（元）",
    "应缴费增减（元）",
];

/// Checks the name before anything is read.
pub(super) fn kind(path: &Path, lang: Lang) -> Result<Kind, Stop> {
    Kind::of(path).ok_or_else(|| {
        let name = path.display();
        Stop {
            exit: Exit::Usage,
            message: match lang {
                Lang::Zh => format!("{name}：文件名应以 .csv 或 .xlsx 结尾"),
                Lang::En => format!("{name}: expected a name that ends in .csv or .xlsx"),
            },
        }
    })
}

/// Writes the statistic of a report. How many rows it has.
pub(super) fn write(
    report: &Report,
    title: Option<&Bilingual>,
    head: &Head,
    path: &Path,
    lang: Lang,
) -> Result<u64, Stop> {
    let name = path.display().to_string();
    let failed = |why: String| Stop::failed(format!("{name}: {why}"));
    let mut list = Writer::new(kind(path, lang)?, true).map_err(failed)?;
    for line in above(report, title) {
        list.row(&line).map_err(failed)?;
    }
    list.header(&COLUMNS).map_err(failed)?;
    let rows = rows(report);
    for row in &rows {
        list.row(row).map_err(failed)?;
    }
    for line in below(report, head) {
        list.row(&[Cell::text(line)]).map_err(failed)?;
    }
    let mut out = Output::open(Some(path))?;
    let bytes = list.finish().map_err(failed)?;
    out.write_all(&bytes).map_err(|why| broken(&why, &name))?;
    out.finish()?;
    Ok(u64::try_from(rows.len()).unwrap_or(u64::MAX))
}

/// What stands above the table.
fn above(report: &Report, title: Option<&Bilingual>) -> Vec<Vec<Cell>> {
    let c = &report.cycle;
    let mut out = vec![vec![Cell::text("工伤保险费率浮动情况统计表（人社部发〔2015〕72号）")]];
    let mut add = |name: &str, value: String| out.push(vec![Cell::text(name), Cell::text(value)]);
    let status = c.frozen.as_ref().map_or("", |frozen| frozen.plan_status.as_str());
    if status != "enacted" {
        let status = standing::plan_status(status, Lang::Zh);
        add("注意", format!("办法为{status}，本表结果不具效力，不得作为上报依据"));
    }
    if let Some(reason) = c.published.as_ref().map(|p| &p.accept_illustrative).filter(|r| !r.is_empty()) {
        add("仍予公布的理由", reason.clone());
    }
    add("统筹地区", c.region.clone());
    let title = title.map_or_else(String::new, |title| format!("《{}》", title.zh));
    add("办法", format!("{}{title}", c.plan));
    add("费率生效日", c.rating_date.clone());
    add("年度浮动编号", format!("{}（{}）", c.id, standing::state_name(c.state, Lang::Zh)));
    out
}

/// By class and tier, each class with its total, and all.
fn rows(report: &Report) -> Vec<Vec<Cell>> {
    let tally = &report.tally;
    let mut out = Vec::new();
    for class in classes(tally) {
        for tier in tiers(tally, Some(class)) {
            let before = tally.sum(|(of, before, _)| (*of, before) == (class, &tier));
            let after = tally.sum(|(of, _, after)| (*of, after) == (class, &tier));
            out.push(row(&class_name(class, Lang::Zh), &tier_name(&tier, Lang::Zh), before, after));
        }
        let all = tally.sum(|(of, ..)| *of == class);
        out.push(row(&class_name(class, Lang::Zh), "小计", all, all));
    }
    let all = tally.sum(|_| true);
    out.push(row("合计", "", all, all));
    out
}

fn row(class: &str, tier: &str, before: Sum, after: Sum) -> Vec<Cell> {
    let amount = |fen: i128| Cell::Plain(plain_yuan(fen));
    vec![
        Cell::text(class),
        Cell::text(tier),
        Cell::Whole(before.employers.into()),
        amount(before.payroll),
        amount(before.before),
        Cell::Whole(after.employers.into()),
        amount(after.payroll),
        amount(after.after),
        amount(after.after - before.before),
    ]
}

/// What stands below it.
fn below(report: &Report, head: &Head) -> Vec<String> {
    let tally = &report.tally;
    let count = |state: &str| report.items.get(state).copied().unwrap_or(0);
    let mut out = vec![
        format!(
            "上浮{}户，下浮{}户，不变{}户，不参加浮动（保持）{}户，其中人工设定{}户",
            tally.up, tally.down, tally.unchanged, tally.kept, tally.by_hand
        ),
        "年工资总额为费率生效日前十二个月的缴费工资；年应缴费为其乘以费率，逐户四舍五入到分".to_owned(),
    ];
    if tally.without_payroll > 0 {
        out.push(format!("其中{}户的记录没有该年度的工资总额，按0计", tally.without_payroll));
    }
    let open = count("open") + count("proposed");
    if open > 0 {
        out.push(format!("另有{open}户尚待人工复核，未计入"));
    }
    if !report.left_out.is_empty() {
        out.push(format!("另有{}户列为不核定，沿用原费率，未计入", report.left_out.len()));
    }
    if !matches!(report.cycle.state, State::Published | State::Closed) {
        out.push("本次年度浮动尚未公布，数字可能变化".to_owned());
    }
    out.push(format!("账本摘要 {}，第 {} 条", head.text(), head.seq));
    out
}
