//! The report for people: counts and money before and after. Money is exact, in yuan; shares are rounded half up.

use super::money::{by_size, change, percent, percent_change, yuan};
use crate::cli::text::table;
use crate::cycle::{Cell, LOOKS, Mover, Report, Tally, Totals};
use floatrate_engine::Lang;
use std::collections::BTreeSet;
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

type Rows = Vec<Vec<String>>;

fn head(lang: Lang, en: &[&str], zh: &[&str]) -> Rows {
    let names = if lang == Lang::Zh { zh } else { en };
    vec![names.iter().map(|name| (*name).to_owned()).collect()]
}

fn titled(out: &mut String, lang: Lang, en: &str, zh: &str, rows: &Rows) {
    let title = if lang == Lang::Zh { zh } else { en };
    let _ = writeln!(out, "\n{title}");
    for line in table(&aligned(rows)).lines() {
        let _ = writeln!(out, "  {line}");
    }
}

/// Columns of numbers stand at the right: those whose cells all have one, but for the head and what is not there.
fn aligned(rows: &Rows) -> Rows {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let is_number = |cell: &str| {
        let known = cell.trim_start_matches(['+', '-']);
        let known = known.strip_suffix(" %").unwrap_or(known);
        cell == "-" || (!known.is_empty() && known.chars().all(|c| c.is_ascii_digit() || ",.".contains(c)))
    };
    let of = |at: usize| rows.iter().filter_map(move |row| row.get(at));
    let right = |at: usize| rows.len() > 1 && of(at).skip(1).all(|cell| is_number(cell));
    let widths: Vec<Option<usize>> =
        (0..columns).map(|at| of(at).map(|cell| cell.width()).max().filter(|_| right(at))).collect();
    let pad = |(cell, width): (&String, &Option<usize>)| {
        let blanks = width.map_or(0, |width| width.saturating_sub(cell.width()));
        " ".repeat(blanks) + cell
    };
    rows.iter().map(|row| row.iter().zip(&widths).map(pad).collect()).collect()
}

/// The name of a class; 0 is none.
pub(super) fn class_name(class: u8, lang: Lang) -> String {
    match (class, lang) {
        (0, Lang::Zh) => "未知".to_owned(),
        (0, Lang::En) => "unknown".to_owned(),
        (class, _) => class.to_string(),
    }
}

/// The name of a tier; without one only a rate is known.
pub(super) fn tier_name(tier: &str, lang: Lang) -> String {
    match (tier.is_empty(), lang) {
        (false, _) => format!("x{tier}"),
        (true, Lang::Zh) => "（仅知费率）".to_owned(),
        (true, Lang::En) => "rate only".to_owned(),
    }
}

/// Classes of sums, rising.
pub(super) fn classes(tally: &Tally) -> BTreeSet<u8> {
    tally.cells.keys().map(|(class, ..)| *class).collect()
}

/// Tiers of sums, rising, of a class or of all: before or after.
pub(super) fn tiers(tally: &Tally, class: Option<u8>) -> Vec<String> {
    let of = tally.cells.keys().filter(|(of, ..)| class.is_none_or(|class| class == *of));
    let all: BTreeSet<&String> = of.flat_map(|(_, before, after)| [before, after]).collect();
    let mut all: Vec<String> = all.into_iter().cloned().collect();
    all.sort_by(|a, b| by_size(a, b));
    all
}

/// The tables that sums give.
pub(in crate::cli) fn sums(tally: &Tally, lang: Lang) -> String {
    let mut out = String::new();
    by_class_and_tier(&mut out, tally, lang);
    migration(&mut out, tally, lang);
    income(&mut out, tally, lang);
    shares(&mut out, tally, lang);
    movers(&mut out, tally, lang);
    looks(&mut out, tally, lang);
    out
}

fn by_class_and_tier(out: &mut String, tally: &Tally, lang: Lang) {
    let mut rows = head(
        lang,
        &["class", "tier", "employers before", "payroll before", "employers after", "payroll after"],
        &["类别", "档次", "浮动前户数", "浮动前工资总额", "浮动后户数", "浮动后工资总额"],
    );
    for class in classes(tally) {
        for tier in tiers(tally, Some(class)) {
            let before = tally.sum(|(of, before, _)| (*of, before) == (class, &tier));
            let after = tally.sum(|(of, _, after)| (*of, after) == (class, &tier));
            rows.push(vec![
                class_name(class, lang),
                tier_name(&tier, lang),
                before.employers.to_string(),
                yuan(before.payroll),
                after.employers.to_string(),
                yuan(after.payroll),
            ]);
        }
    }
    titled(out, lang, "By class and tier", "按类别和档次", &rows);
}

fn migration(out: &mut String, tally: &Tally, lang: Lang) {
    let tiers = tiers(tally, None);
    let corner = if lang == Lang::Zh { "浮动前＼浮动后" } else { "before \\ after" };
    let mut rows = vec![vec![corner.to_owned()]];
    rows[0].extend(tiers.iter().map(|tier| tier_name(tier, lang)));
    for from in &tiers {
        let mut row = vec![tier_name(from, lang)];
        let found =
            tiers.iter().map(|to| tally.sum(|(_, before, after)| (before, after) == (from, to)).employers);
        row.extend(found.map(|n| if n == 0 { "-".to_owned() } else { n.to_string() }));
        rows.push(row);
    }
    titled(out, lang, "From tier to tier: employers", "档次变动（户数）", &rows);
}

fn income(out: &mut String, tally: &Tally, lang: Lang) {
    let mut rows = head(
        lang,
        &["class", "employers", "payroll of a year", "contributions before", "after", "change", "in percent"],
        &["类别", "户数", "年工资总额", "浮动前应缴", "浮动后应缴", "增减", "增减比例"],
    );
    let row = |name: String, cell: Cell| {
        let Cell { employers, payroll, before, after } = cell;
        vec![
            name,
            employers.to_string(),
            yuan(payroll),
            yuan(before),
            yuan(after),
            change(after - before),
            percent_change(after - before, before),
        ]
    };
    for class in classes(tally) {
        rows.push(row(class_name(class, lang), tally.sum(|(of, ..)| *of == class)));
    }
    rows.push(row(if lang == Lang::Zh { "合计" } else { "total" }.to_owned(), tally.sum(|_| true)));
    titled(out, lang, "Contributions of a year, in yuan", "年度应缴费（元）", &rows);
    if tally.without_payroll > 0 {
        let n = tally.without_payroll;
        let _ = match lang {
            Lang::Zh => writeln!(out, "  其中{n}户的记录没有该年度的工资总额，按0计"),
            Lang::En => {
                writeln!(out, "  {n} of them have no payroll of the year in their record, and count with 0")
            }
        };
    }
}

fn shares(out: &mut String, tally: &Tally, lang: Lang) {
    let all = i128::from(tally.employers());
    let mut rows = head(lang, &["rate", "employers", "share"], &["费率", "户数", "占比"]);
    for (en, zh, count) in [
        ("up", "上浮", tally.up),
        ("down", "下浮", tally.down),
        ("unchanged", "不变", tally.unchanged),
        ("kept: not eligible", "保持：不参加浮动", tally.kept),
    ] {
        let name = if lang == Lang::Zh { zh } else { en };
        rows.push(vec![name.to_owned(), count.to_string(), percent(count.into(), all)]);
    }
    titled(
        out,
        lang,
        "Against the rate before (shares are rounded half up to 0.01 %)",
        "与浮动前相比（占比四舍五入至0.01%）",
        &rows,
    );
    if tally.by_hand > 0 {
        let n = tally.by_hand;
        let _ = match lang {
            Lang::Zh => writeln!(out, "  其中人工设定{n}户"),
            Lang::En => writeln!(out, "  {n} of them were set by hand"),
        };
    }
}

fn movers(out: &mut String, tally: &Tally, lang: Lang) {
    let row = |mover: &Mover| {
        let class = class_name(mover.risk_class.unwrap_or(0), lang);
        let (from, to) = (tier_name(&mover.tier_before, lang), tier_name(&mover.tier, lang));
        vec![mover.employer_id.clone(), class, from, to, change(mover.change.into())]
    };
    for (en, zh, movers) in [
        ("Largest rises of a contribution", "应缴费增加最多", &tally.risers),
        ("Largest falls of a contribution", "应缴费减少最多", &tally.fallers),
    ] {
        if !movers.is_empty() {
            let mut rows = head(
                lang,
                &["employer", "class", "before", "after", "change"],
                &["用人单位", "类别", "浮动前", "浮动后", "增减"],
            );
            rows.extend(movers.iter().map(row));
            titled(out, lang, en, zh, &rows);
        }
    }
}

fn looks(out: &mut String, tally: &Tally, lang: Lang) {
    let mut rows = Vec::new();
    for (kind, en, zh) in LOOKS {
        let Some(look) = tally.looks.get(kind) else { continue };
        let more = if look.count > i64::try_from(look.first.len()).unwrap_or(i64::MAX) { " …" } else { "" };
        let said = if lang == Lang::Zh { zh } else { en };
        rows.push(vec![look.count.to_string(), said.to_owned(), format!("{}{more}", look.first.join(" "))]);
    }
    if !rows.is_empty() {
        titled(out, lang, "Worth a look", "值得关注", &rows);
    }
}

/// What a report has beside its sums.
pub(super) fn rest(report: &Report, lang: Lang) -> String {
    let mut out = String::new();
    let mut rows: Rows = Vec::new();
    for (state, en, zh) in [
        ("open", "open", "待处理"),
        ("proposed", "proposed, a second person must agree", "已提出，待另一人同意"),
        ("resolved", "resolved", "已处理"),
    ] {
        if let Some(count) = report.items.get(state) {
            rows.push(vec![count.to_string(), if lang == Lang::Zh { zh } else { en }.to_owned()]);
        }
    }
    if !rows.is_empty() {
        titled(&mut out, lang, "Employers for a person to decide on", "待人工复核的单位", &rows);
    }
    if !report.open_reasons.is_empty() {
        let rows =
            report.open_reasons.iter().map(|(reason, n)| vec![n.to_string(), reason.clone()]).collect();
        titled(&mut out, lang, "Not decided yet, because of", "未决原因", &rows);
    }
    if !report.left_out.is_empty() {
        let rows = report.left_out.iter().map(|id| vec![id.clone()]).collect();
        titled(
            &mut out,
            lang,
            "Left out by name: what was before goes on",
            "列为不核定（沿用原费率）",
            &rows,
        );
    }
    if let Some((last, totals)) = &report.last {
        let now = Totals::of(&report.tally);
        let mut rows = vec![vec![
            String::new(),
            format!("{} ({})", last.id, last.rating_date),
            format!("{} ({})", report.cycle.id, report.cycle.rating_date),
        ]];
        let mut row = |en: &str, zh: &str, of: fn(&Totals) -> String| {
            let name = if lang == Lang::Zh { zh } else { en };
            rows.push(vec![name.to_owned(), of(totals), of(&now)]);
        };
        row("employers", "户数", |t| t.employers.to_string());
        row("payroll", "工资总额", |t| yuan(t.payroll));
        row("contributions before", "浮动前应缴", |t| yuan(t.before));
        row("contributions after", "浮动后应缴", |t| yuan(t.after));
        row("change", "增减", |t| change(t.after - t.before));
        row("in percent", "增减比例", |t| percent_change(t.after - t.before, t.before));
        row("up", "上浮", |t| t.up.to_string());
        row("down", "下浮", |t| t.down.to_string());
        row("unchanged", "不变", |t| t.unchanged.to_string());
        row("kept", "保持", |t| t.kept.to_string());
        titled(&mut out, lang, "Against the cycle before", "与上次年度浮动相比", &rows);
    }
    out
}

/// How many employers came out how.
pub(in crate::cli) fn counts(counts: crate::cycle::Counts, lang: Lang) -> String {
    let crate::cycle::Counts { employers, rated, kept, review } = counts;
    match lang {
        Lang::Zh => format!("共{employers}户：核定{rated}，保持{kept}，待复核{review}"),
        Lang::En => format!("{employers} employers: {rated} rated, {kept} kept, {review} for review"),
    }
}
