//! The work list, on the screen and as a spreadsheet with columns to fill in.

use super::settle::decided;
use crate::cli::Stop;
use crate::cli::output::{Output, broken};
use crate::cli::text::table;
use crate::cycle::{ReviewItem, items};
use crate::determination::Agency;
use crate::exchange::sheets::{Cell, Kind, Writer};
use crate::problem::Problem;
use floatrate_engine::Lang;
use std::io::Write;
use std::path::Path;

/// Items that are asked for at once.
const PAGE: i64 = 1_000;

/// The columns, in English and Chinese. The last three are for the officer.
pub(super) const COLUMNS: [[&str; 2]; 13] = [
    ["cycle_id", "年度浮动编号"],
    ["employer_id", "统一社会信用代码"],
    ["region", "统筹地区"],
    ["record_version", "记录版本"],
    ["risk_class", "行业风险类别"],
    ["state", "状态"],
    ["reasons", "原因"],
    ["decided", "已作决定"],
    ["decided_by", "决定人"],
    ["etag", "校验值"],
    ["decision", "决定"],
    ["value", "值"],
    ["reason", "理由"],
];

/// The items of a cycle in a state, or all.
pub(super) async fn all(agency: &Agency, id: &str, state: &str) -> Result<Vec<ReviewItem>, Problem> {
    let mut all: Vec<ReviewItem> = Vec::new();
    loop {
        let after = all.last().map_or(0, |last| last.ordinal);
        let page = items(&agency.db, id, after, state, PAGE).await?;
        if page.is_empty() {
            return Ok(all);
        }
        all.extend(page);
    }
}

/// The name of an item's state.
fn state_name(state: &str, lang: Lang) -> String {
    match (lang, state) {
        (Lang::Zh, "open") => "待处理".to_owned(),
        (Lang::Zh, "proposed") => "已提出".to_owned(),
        (Lang::Zh, "resolved") => "已处理".to_owned(),
        (_, state) => state.to_owned(),
    }
}

/// Why an item still needs a person: by the supplied record, where one was.
fn reasons(item: &ReviewItem) -> String {
    let open = item.decided.as_ref().map(|d| &d.open_reasons).filter(|_| item.state == "open");
    open.filter(|open| !open.is_empty()).unwrap_or(&item.result.reasons).join(", ")
}

fn by(item: &ReviewItem) -> String {
    let Some(decided) = &item.decided else { return String::new() };
    let agreed = decided.agreed.iter().map(|signed| signed.by.clone());
    [decided.signed.by.clone()].into_iter().chain(agreed).collect::<Vec<_>>().join(" + ")
}

/// On the screen.
pub(super) fn text(all: &[ReviewItem], lang: Lang) -> String {
    let head = match lang {
        Lang::En => ["employer", "version", "class", "state", "reasons", "decided", "by", "reason"],
        Lang::Zh => ["用人单位", "记录版本", "类别", "状态", "原因", "决定", "决定人", "理由"],
    };
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    for item in all {
        rows.push(vec![
            item.employer_id.clone(),
            item.record_version.to_string(),
            item.result.risk_class.map_or_else(|| "-".to_owned(), |class| class.to_string()),
            state_name(&item.state, lang),
            reasons(item),
            decided(item, lang),
            by(item),
            item.decided.as_ref().map_or_else(String::new, |decided| decided.reason.clone()),
        ]);
    }
    table(&rows)
}

/// As a spreadsheet.
pub(super) fn write(id: &str, all: &[ReviewItem], path: &Path, lang: Lang) -> Result<(), Stop> {
    let name = path.display().to_string();
    let Some(kind) = Kind::of(path) else { return Err(unknown_ending(&name, lang)) };
    let failed = |why: String| Stop::failed(format!("{name}: {why}"));
    let mut list = Writer::new(kind, lang == Lang::Zh).map_err(failed)?;
    list.header(&COLUMNS.map(|names| names[usize::from(lang == Lang::Zh)])).map_err(failed)?;
    for item in all {
        let row = [
            Cell::text(id),
            Cell::text(&item.employer_id),
            Cell::Plain(item.region.clone()),
            Cell::Whole(item.record_version.into()),
            item.result.risk_class.map_or(Cell::Empty, |class| Cell::Whole(class.into())),
            Cell::text(state_name(&item.state, lang)),
            Cell::text(reasons(item)),
            Cell::text(decided(item, lang)),
            Cell::text(by(item)),
            Cell::text(&item.etag),
            Cell::Empty,
            Cell::Empty,
            Cell::Empty,
        ];
        list.row(&row).map_err(failed)?;
    }
    let mut out = Output::open(Some(path))?;
    let bytes = list.finish().map_err(failed)?;
    out.write_all(&bytes).map_err(|why| broken(&why, &name))?;
    out.finish()
}

/// A file whose name names no form of a list.
pub(super) fn unknown_ending(name: &str, lang: Lang) -> Stop {
    Stop::usage(match lang {
        Lang::Zh => format!("{name}：文件名应以 .csv 或 .xlsx 结尾"),
        Lang::En => format!("{name}: expected a name that ends in .csv or .xlsx"),
    })
}
