//! The rows of a filled-in spreadsheet: what each wants, or what is wrong with it.

use crate::cli::Stop;
use crate::cli::cycle::items::COLUMNS;
use crate::cli::cycle::settle::Wanted;
use crate::exchange::sheets::Row;
use floatrate_engine::Lang;

/// Words for decisions, English first.
const DECISIONS: [(&str, [&str; 3]); 5] = [
    ("record", ["record", "record_version", "补充记录"]),
    ("tier", ["tier", "tier", "档次"]),
    ("step", ["step", "step", "档数"]),
    ("leave_out", ["leave_out", "leave-out", "不核定"]),
    ("agree", ["agree", "agree", "同意"]),
];

/// What a row wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Filled {
    pub wanted: Wanted,
    pub reason: String,
    /// The etag that the list showed, or empty.
    pub etag: String,
}

/// Where the columns stand, and the rows below.
pub(super) struct Sheet {
    places: [Option<usize>; COLUMNS.len()],
    rows: Vec<Row>,
}

/// A row's number, its employer, and what it wants; nothing where it is not filled in.
pub(super) type Read = (u64, String, Result<Option<Filled>, String>);

impl Sheet {
    /// Finds the columns, by either language's names.
    pub(super) fn of(rows: Vec<Row>, lang: Lang) -> Result<Self, Stop> {
        let mut rows = rows.into_iter();
        let names = match rows.next().map(|row| row.cells) {
            Some(Ok(names)) => names,
            Some(Err(why)) => return Err(Stop::usage(why.pick(lang))),
            None => Vec::new(),
        };
        let places =
            COLUMNS.map(|[en, zh]| names.iter().position(|name| name.eq_ignore_ascii_case(en) || name == zh));
        let needed = [1, 10, 11, 12];
        let missing: Vec<&str> = needed
            .into_iter()
            .filter(|at| places[*at].is_none())
            .map(|at| COLUMNS[at][usize::from(lang == Lang::Zh)])
            .collect();
        if missing.is_empty() {
            return Ok(Self { places, rows: rows.collect() });
        }
        Err(Stop::usage(match lang {
            Lang::Zh => format!("缺少列：{}（第一行应为 --output 写出的列名）", missing.join("、")),
            Lang::En => format!(
                "columns are missing: {} (the first row has the names that --output wrote)",
                missing.join(", ")
            ),
        }))
    }

    /// The rows of a cycle's list.
    pub(super) fn rows<'s>(&'s self, id: &'s str, lang: Lang) -> impl Iterator<Item = Read> + 's {
        self.rows.iter().map(move |row| match &row.cells {
            Err(why) => (row.number, String::new(), Err(why.pick(lang).to_owned())),
            Ok(cells) => {
                let of = |at: usize| {
                    let cell = self.places[at].and_then(|place| cells.get(place));
                    cell.map_or("", |cell| cell.trim())
                };
                (row.number, of(1).to_owned(), filled(of, id, lang))
            }
        })
    }
}

fn filled<'c>(of: impl Fn(usize) -> &'c str, id: &str, lang: Lang) -> Result<Option<Filled>, String> {
    let (cycle, employer, etag, decision, value, reason) = (of(0), of(1), of(9), of(10), of(11), of(12));
    if decision.is_empty() && value.is_empty() && reason.is_empty() {
        return Ok(None);
    }
    let zh = lang == Lang::Zh;
    let mut faults = Vec::new();
    if employer.is_empty() {
        faults.push(if zh { "缺少单位".to_owned() } else { "the employer is missing".to_owned() });
    }
    if !cycle.is_empty() && cycle != id {
        faults.push(if zh {
            format!("属于另一年度浮动 {cycle}")
        } else {
            format!("it is of another cycle, {cycle}")
        });
    }
    let known = DECISIONS.iter().find(|(_, words)| words.iter().any(|w| w.eq_ignore_ascii_case(decision)));
    let wanted = match known {
        None => {
            let words: Vec<&str> = DECISIONS.iter().map(|(_, w)| w[if zh { 2 } else { 0 }]).collect();
            faults.push(match (decision.is_empty(), zh) {
                (true, true) => format!("缺少决定：应为{}之一", words.join("、")),
                (true, false) => format!("the decision is missing: expected one of {}", words.join(", ")),
                (false, true) => format!("决定“{decision}”无法识别：应为{}之一", words.join("、")),
                (false, false) => {
                    format!("decision \"{decision}\": expected one of {}", words.join(", "))
                }
            });
            None
        }
        Some((name, _)) => match wanted(name, value, zh) {
            Ok(wanted) => Some(wanted),
            Err(fault) => {
                faults.push(fault);
                None
            }
        },
    };
    if reason.is_empty() && wanted.as_ref().is_some_and(|wanted| *wanted != Wanted::Agree) {
        faults.push(if zh { "缺少理由".to_owned() } else { "the reason is missing".to_owned() });
    }
    match (wanted, faults.is_empty()) {
        (Some(wanted), true) => Ok(Some(Filled { wanted, reason: reason.to_owned(), etag: etag.to_owned() })),
        _ => Err(faults.join(if zh { "；" } else { "; " })),
    }
}

/// What a decision with its value means.
fn wanted(name: &str, value: &str, zh: bool) -> Result<Wanted, String> {
    let expected = |en: &str, chinese: &str| {
        if zh {
            format!("值“{value}”：应为{chinese}")
        } else {
            format!("value \"{value}\": expected {en}")
        }
    };
    match name {
        "record" if ["", "newest", "最新"].contains(&value) => Ok(Wanted::Record(0)),
        "record" => match value.parse() {
            Ok(version) if version > 0 => Ok(Wanted::Record(version)),
            _ => Err(expected("a version of the record, or `newest`", "记录版本号，或“最新”")),
        },
        "tier" => {
            let tier = value.trim_start_matches(['x', 'X', '×']);
            let known = tier.parse::<floatrate_engine::number::Decimal>().is_ok();
            let wrong = || expected("a tier, such as 0.8", "档次，如 0.8");
            if known { Ok(Wanted::Tier(tier.to_owned())) } else { Err(wrong()) }
        }
        "step" => value
            .trim_start_matches('+')
            .parse()
            .map(Wanted::Step)
            .map_err(|_| expected("a step, such as -1", "档数，如 -1")),
        _ if !value.is_empty() => Err(expected("nothing", "空白")),
        "agree" => Ok(Wanted::Agree),
        _ => Ok(Wanted::LeaveOut),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decisions_are_read_in_both_languages() {
        for (decision, value, reason, expected) in [
            ("leave_out", "", "r", Some(Wanted::LeaveOut)),
            ("不核定", "", "r", Some(Wanted::LeaveOut)),
            ("Tier", "x0.8", "r", Some(Wanted::Tier("0.8".into()))),
            ("档次", "1.2", "r", Some(Wanted::Tier("1.2".into()))),
            ("step", "-1", "r", Some(Wanted::Step(-1))),
            ("step", "+2", "r", Some(Wanted::Step(2))),
            ("record", "", "r", Some(Wanted::Record(0))),
            ("补充记录", "最新", "r", Some(Wanted::Record(0))),
            ("record", "3", "r", Some(Wanted::Record(3))),
            ("agree", "", "", Some(Wanted::Agree)),
            ("agree", "1", "", None),
            ("record", "0", "r", None),
            ("step", "up", "r", None),
            ("tier", "", "r", None),
            ("leave_out", "", "", None),
            ("whim", "", "r", None),
            ("", "", "r", None),
        ] {
            let cells = ["c1", "A", "", "", "", "", "", "", "", "7", decision, value, reason];
            let read = filled(|at| cells[at], "c1", Lang::En);
            let found = read.as_ref().ok().and_then(|f| f.as_ref()).map(|f| f.wanted.clone());
            assert_eq!(found, expected, "{decision} {value} {reason}: {read:?}");
        }
        let faults =
            filled(|at| ["c2", "", "", "", "", "", "", "", "", "", "whim", "", ""][at], "c1", Lang::Zh);
        let faults = faults.unwrap_err();
        assert!(faults.contains("缺少单位") && faults.contains("c2") && faults.contains("whim"), "{faults}");
        assert_eq!(filled(|_| "", "c1", Lang::En), Ok(None));
    }
}
