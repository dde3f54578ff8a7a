//! Every employer of a cycle as a file: CSV, XLSX or JSON Lines by its ending.
//!
//! Amounts are whole fen: numbers, and in a workbook text where they have more digits than it keeps exactly. Rates and
//! tiers are exact decimals, so they are text in a workbook.

use super::shape;
use crate::cli::Stop;
use crate::cli::officer::refused;
use crate::cli::output::{Output, broken};
use crate::cycle::{self, Detailed, Line, details};
use crate::determination::Agency;
use crate::exchange::sheets::{Cell, Kind, Writer};
use crate::problem::{Problem, What};
use crate::store::ledger::Head;
use floatrate_engine::Lang;
use std::io::Write;
use std::path::Path;

/// The columns, as JSON Lines and CSV name them, and in Chinese.
const COLUMNS: [[&str; 2]; 17] = [
    ["employer_id", "统一社会信用代码"],
    ["region", "统筹地区"],
    ["status", "状态"],
    ["by_hand", "人工设定"],
    ["risk_class", "行业风险类别"],
    ["class_before", "上次类别"],
    ["base_rate", "基准费率"],
    ["tier_before", "浮动前档次"],
    ["rate_before", "浮动前费率"],
    ["tier", "浮动后档次"],
    ["rate", "浮动后费率"],
    ["payroll", "年工资总额（分）"],
    ["contribution_before", "浮动前年应缴（分）"],
    ["contribution", "浮动后年应缴（分）"],
    ["change", "增减（分）"],
    ["reasons", "原因"],
    ["determination_id", "核定编号"],
];

/// The row of an employer.
fn cells(line: &Line, determination_id: &str) -> Vec<Cell> {
    let whole = |number: Option<i64>| number.map_or(Cell::Empty, |number| Cell::Whole(number.into()));
    vec![
        Cell::text(&line.employer_id),
        Cell::Plain(line.region.clone()),
        Cell::Plain(line.status.clone()),
        Cell::Plain(line.by_hand.to_string()),
        whole(line.risk_class.map(i64::from)),
        whole(line.class_before.map(i64::from)),
        Cell::known(line.base_rate.as_deref()),
        Cell::Plain(line.tier_before.clone()),
        Cell::known(line.rate_before.as_deref()),
        Cell::Plain(line.tier.clone()),
        Cell::known(line.rate.as_deref()),
        whole(line.payroll),
        whole(Some(line.contribution_before)),
        whole(Some(line.contribution)),
        whole(Some(line.change())),
        Cell::text(line.reasons.join("; ")),
        Cell::Plain(determination_id.to_owned()),
    ]
}

/// Employers as a file that appears when it is complete.
pub(super) struct Lines {
    out: Output,
    name: String,
    /// None for JSON Lines.
    list: Option<Writer>,
    count: u64,
}

impl Lines {
    pub(super) fn open(path: &Path, lang: Lang) -> Result<Self, Stop> {
        let name = path.display().to_string();
        let is_jsonl = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("jsonl"));
        let list = match Kind::of(path) {
            Some(kind) => {
                // Programs read CSV, people read workbooks.
                let chinese = lang == Lang::Zh && kind == Kind::Xlsx;
                let mut list = Writer::new(kind, chinese).map_err(Stop::failed)?;
                list.header(&COLUMNS.map(|names| names[usize::from(chinese)])).map_err(Stop::failed)?;
                Some(list)
            }
            None if is_jsonl => None,
            None => {
                return Err(Stop::usage(match lang {
                    Lang::Zh => format!("{name}：文件名应以 .csv、.xlsx 或 .jsonl 结尾"),
                    Lang::En => format!("{name}: expected a name that ends in .csv, .xlsx or .jsonl"),
                }));
            }
        };
        Ok(Self { out: Output::open(Some(path))?, name, list, count: 0 })
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        self.out.write_all(bytes).map_err(|why| broken(&why, &self.name))
    }

    /// An employer; of a trial there are no determinations.
    pub(super) fn add(&mut self, line: &Line, determination_id: Option<&str>) -> Result<(), Stop> {
        let bytes = match &mut self.list {
            None => format!("{}\n", shape::json(&shape::LineOf::of(line, determination_id))).into_bytes(),
            Some(list) => {
                let row = list.row(&cells(line, determination_id.unwrap_or_default()));
                row.map_err(|why| Stop::failed(format!("{}: {why}", self.name)))?;
                list.ready()
            }
        };
        self.count += 1;
        self.write(&bytes)
    }

    /// How many there are.
    pub(super) fn finish(mut self) -> Result<u64, Stop> {
        if let Some(list) = self.list.take() {
            let bytes = list.finish().map_err(|why| Stop::failed(format!("{}: {why}", self.name)))?;
            self.write(&bytes)?;
        }
        self.out.finish()?;
        Ok(self.count)
    }
}

/// Writes every employer of a cycle, and says what to keep.
pub(super) async fn write(agency: &Agency, id: &str, path: &Path, lang: Lang) -> Result<String, Stop> {
    let told = |why: Problem| refused(why, lang);
    let etag = cycle::get(&agency.db, id).await.map_err(told)?.etag;
    let mut lines = Lines::open(path, lang)?;
    let mut each = |Detailed { determination_id, line }: Detailed| -> Result<(), Broke> {
        Ok(lines.add(&line, Some(&determination_id))?)
    };
    details(agency, id, &mut each).await.map_err(|why| match why {
        Broke::Stop(stop) => stop,
        Broke::Problem(why) => refused(why, lang),
    })?;
    let head = Head::read(&agency.db).await.map_err(|why| told(why.into()))?;
    // What was decided in between would be half in the file.
    if cycle::get(&agency.db, id).await.map_err(told)?.etag != etag {
        return Err(told(Problem::Stale(What::Cycle, id.to_owned())));
    }
    let (name, count) = (path.display().to_string(), lines.finish()?);
    Ok(noted(&name, count, &head, lang))
}

/// How many rows a file has, and the head of the ledger to keep.
pub(super) fn noted(name: &str, count: u64, head: &Head, lang: Lang) -> String {
    let (digest, seq) = (head.text(), head.seq);
    match lang {
        Lang::Zh => format!(
            "{name}：{count}行；账本摘要 {digest}，第 {seq} 条：请保存，日后可用 `floatrate verify --head` 核对"
        ),
        Lang::En => format!(
            "{name}: {count} rows; ledger head {digest} at entry {seq}: keep it, `floatrate verify --head` checks it"
        ),
    }
}

/// Why a file broke off.
enum Broke {
    Stop(Stop),
    Problem(Problem),
}

impl From<Stop> for Broke {
    fn from(stop: Stop) -> Self {
        Self::Stop(stop)
    }
}

impl From<Problem> for Broke {
    fn from(why: Problem) -> Self {
        Self::Problem(why)
    }
}
