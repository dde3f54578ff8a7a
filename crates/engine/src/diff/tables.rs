//! Changes of the rows of tables. Rows are matched first: equal ones, then those that stand between the same equal ones.

use super::alone::Apply;
use super::statement::{both, cites, same};
use super::words::{Noun, said};
use super::{Change, Effect, Kind};
use crate::Bilingual;
use crate::plan::catalog::Plan;
use crate::plan::source::{Cite, Gives, RowSource, RowWhen, TableSource};
use std::ops::Range;

/// The changes of rows between the tables that both plans have.
pub(super) fn changes(a: &Plan, b: &Plan) -> Vec<Change> {
    let mut out = Vec::new();
    for new in &b.source.tables {
        let Some(old) = a.source.tables.iter().find(|t| t.name.text == new.name.text) else { continue };
        let columns = |t: &TableSource| t.columns.iter().map(|c| c.text.clone()).collect::<Vec<_>>();
        // Other columns are another table: it is told as a whole.
        if columns(old) != columns(new) || old.out != new.out {
            continue;
        }
        let titles: Vec<Bilingual> = new.columns.iter().map(|c| title(b, &c.text)).collect();
        Rows { table: &new.name.text, old, new, titles, out: &mut out }.changes();
    }
    out
}

/// What a column is called.
fn title(plan: &Plan, name: &str) -> Bilingual {
    let measure = plan.checked.measures.iter().find(|m| m.name == name).and_then(|m| m.title.clone());
    let fact = plan.checked.facts.iter().find(|f| f.name.text == name).map(|f| f.title.clone());
    measure.or(fact).unwrap_or_else(|| same(name))
}

/// When a row holds, as written.
fn condition(row: &RowSource, table: &TableSource) -> String {
    match &row.when {
        RowWhen::If(formula) => formula.text.clone(),
        RowWhen::Otherwise => "otherwise".to_owned(),
        RowWhen::Cells(cells) => {
            let cells = table.columns.iter().zip(cells);
            cells
                .map(|(column, (_, text))| format!("{} {}", column.text, text.text))
                .collect::<Vec<_>>()
                .join(", ")
        }
    }
}

/// A column, the number before and after, and the pairs of rows that have it.
type BoundChange = (usize, String, String, Vec<(usize, usize)>);

struct Rows<'a> {
    table: &'a str,
    old: &'a TableSource,
    new: &'a TableSource,
    titles: Vec<Bilingual>,
    out: &'a mut Vec<Change>,
}

impl Rows<'_> {
    fn text(&self, old: bool, at: usize) -> String {
        let table = if old { self.old } else { self.new };
        condition(&table.rows[at], table)
    }

    fn gives(&self, old: bool, at: usize) -> String {
        let table = if old { self.old } else { self.new };
        table.rows[at].gives.text()
    }

    fn changes(&mut self) {
        let mut pairs = Vec::new();
        let (mut gone, mut come) = (Vec::new(), Vec::new());
        let mut from = (0, 0);
        for (a, b) in self.equal().into_iter().chain([(self.old.rows.len(), self.new.rows.len())]) {
            between(from.0..a, from.1..b, &mut pairs, &mut gone, &mut come);
            from = (a + 1, b + 1);
        }
        self.bounds(&pairs);
        for (a, b) in &pairs {
            self.row(*a, *b);
        }
        for at in gone {
            self.whole(at, true);
        }
        for at in come {
            self.whole(at, false);
        }
    }

    /// The longest list of rows that are equal and in one order in both.
    fn equal(&self) -> Vec<(usize, usize)> {
        let (n, m) = (self.old.rows.len(), self.new.rows.len());
        let like = |a: usize, b: usize| {
            self.gives(true, a) == self.gives(false, b) && self.text(true, a) == self.text(false, b)
        };
        let mut best = vec![vec![0_usize; m + 1]; n + 1];
        for a in (0..n).rev() {
            for b in (0..m).rev() {
                let skip = best[a + 1][b].max(best[a][b + 1]);
                best[a][b] = if like(a, b) { skip.max(best[a + 1][b + 1] + 1) } else { skip };
            }
        }
        let (mut a, mut b, mut out) = (0, 0, Vec::new());
        while a < n && b < m {
            if like(a, b) && best[a][b] == best[a + 1][b + 1] + 1 {
                out.push((a, b));
                (a, b) = (a + 1, b + 1);
            } else if best[a + 1][b] >= best[a][b + 1] {
                a += 1;
            } else {
                b += 1;
            }
        }
        out
    }

    /// Numbers of cells that changed: one that ends a row and begins the next is one change.
    fn bounds(&mut self, pairs: &[(usize, usize)]) {
        let mut groups: Vec<BoundChange> = Vec::new();
        for (a, b) in pairs {
            let (RowWhen::Cells(old), RowWhen::Cells(new)) =
                (&self.old.rows[*a].when, &self.new.rows[*b].when)
            else {
                continue;
            };
            for (column, (old, new)) in old.iter().zip(new).enumerate() {
                for (old, new) in numbers(&old.1.text, &new.1.text).unwrap_or_default() {
                    let known = groups.iter_mut().find(|g| (g.0, &g.1, &g.2) == (column, &old, &new));
                    match known {
                        Some(group) => group.3.push((*a, *b)),
                        None => groups.push((column, old, new, vec![(*a, *b)])),
                    }
                }
            }
        }
        for (column, old, new, rows) in groups {
            let numbers: Vec<String> = rows.iter().map(|(_, b)| (b + 1).to_string()).collect();
            let title = &self.titles[column];
            let what = both(
                format!("第{}行“{}”的界限", numbers.join("、"), title.zh),
                match numbers.len() {
                    1 => format!("the bound of ‘{}’ in row {}", title.en, numbers[0]),
                    _ => format!("the bound of ‘{}’ in rows {}", title.en, numbers.join(" and ")),
                },
            );
            let field = format!("{} {}", self.new.columns[column].text, numbers.join(","));
            let cite = rows.first().map_or_else(Cite::default, |(_, b)| self.new.rows[*b].cite.clone());
            let apply = Apply::Bound {
                table: self.table.to_owned(),
                column,
                rows: rows.clone(),
                old: old.clone(),
                new: new.clone(),
            };
            self.push(field, &what, Kind::Changed, Some(same(old)), Some(same(new)), &cite, apply);
        }
    }

    /// What of a pair of rows is not a number of a cell.
    fn row(&mut self, a: usize, b: usize) {
        let (old, new) = (&self.old.rows[a], &self.new.rows[b]);
        let by_numbers = match (&old.when, &new.when) {
            (RowWhen::Cells(old), RowWhen::Cells(new)) => {
                old.iter().zip(new).all(|(old, new)| numbers(&old.1.text, &new.1.text).is_some())
            }
            _ => self.text(true, a) == self.text(false, b),
        };
        let cite = new.cite.clone();
        if !by_numbers {
            let what = both(format!("第{}行的条件", b + 1), format!("the condition of row {}", b + 1));
            let apply = Apply::Row { table: self.table.to_owned(), old: a, new: b };
            let (old, new) = (same(self.text(true, a)), same(self.text(false, b)));
            self.push(format!("row {}", b + 1), &what, Kind::Changed, Some(old), Some(new), &cite, apply);
        }
        if old.gives.text() != new.gives.text() {
            let what = match new.gives {
                Gives::Step(_) => {
                    both(format!("第{}行的浮动档数", b + 1), format!("the step of row {}", b + 1))
                }
                _ => both(format!("第{}行的结果", b + 1), format!("what row {} gives", b + 1)),
            };
            let apply = Apply::RowStep { table: self.table.to_owned(), old: a, new: b };
            let (old, new) = (same(old.gives.text()), same(new.gives.text()));
            self.push(format!("step {}", b + 1), &what, Kind::Changed, Some(old), Some(new), &cite, apply);
        }
        if cites(&old.cite) != cites(&new.cite) {
            let what = both(format!("第{}行的依据", b + 1), format!("the citation of row {}", b + 1));
            let (old, new) = (same(cites(&old.cite).join("; ")), same(cites(&new.cite).join("; ")));
            let field = format!("cite {}", b + 1);
            self.push(field, &what, Kind::Changed, Some(old), Some(new), &cite, Apply::Outside);
        }
    }

    /// A row that came or went.
    fn whole(&mut self, at: usize, went: bool) {
        let row = if went { &self.old.rows[at] } else { &self.new.rows[at] };
        let value = same(format!("{} -> {}", self.text(went, at), row.gives.text()));
        let what = both(format!("第{}行", at + 1), format!("row {}", at + 1));
        let (old, new, kind) =
            if went { (Some(value), None, Kind::Removed) } else { (None, Some(value), Kind::Added) };
        // A row that comes or goes alone would leave a gap or an overlap: the whole table is taken.
        let apply = Apply::Part { section: "table", name: self.table.to_owned() };
        let cite = row.cite.clone();
        self.push(format!("row {}", at + 1), &what, kind, old, new, &cite, apply);
    }

    #[allow(clippy::too_many_arguments, reason = "the fields of a change")]
    fn push(
        &mut self,
        field: String,
        what: &Bilingual,
        kind: Kind,
        old: Option<Bilingual>,
        new: Option<Bilingual>,
        cite: &Cite,
        apply: Apply,
    ) {
        let part = Noun::new("table", self.table, None);
        self.out.push(Change {
            section: "table",
            name: self.table.to_owned(),
            field,
            kind,
            says: said(&part, Some(what), old.as_ref(), new.as_ref()),
            old,
            new,
            cites: cites(cite),
            effect: Effect::Outside,
            apply,
        });
    }
}

/// Pairs the rows of two stretches in order; what is left of the longer came or went.
fn between(
    a: Range<usize>,
    b: Range<usize>,
    pairs: &mut Vec<(usize, usize)>,
    gone: &mut Vec<usize>,
    come: &mut Vec<usize>,
) {
    let both = a.len().min(b.len());
    pairs.extend(a.clone().zip(b.clone()));
    gone.extend(a.skip(both));
    come.extend(b.skip(both));
}

/// The numbers that differ between two texts that are otherwise alike; None where they are not.
pub(super) fn numbers(old: &str, new: &str) -> Option<Vec<(String, String)>> {
    let (old, new) = (pieces(old), pieces(new));
    if old.len() != new.len() {
        return None;
    }
    let mut out = Vec::new();
    for (a, b) in old.into_iter().zip(new) {
        let digits = |text: &str| text.starts_with(|c: char| c.is_ascii_digit());
        match (a == b, digits(&a) && digits(&b)) {
            (true, _) => {}
            (false, true) => out.push((a, b)),
            (false, false) => return None,
        }
    }
    Some(out)
}

/// A text as numbers and what is between them.
fn pieces(text: &str) -> Vec<String> {
    let mut out: Vec<String> = vec![String::new()];
    let letters: Vec<char> = text.chars().collect();
    let mut in_number = false;
    for (at, c) in letters.iter().enumerate() {
        let next_is_digit = letters.get(at + 1).is_some_and(char::is_ascii_digit);
        let number = c.is_ascii_digit() || (in_number && *c == '.' && next_is_digit);
        if number != in_number {
            out.push(String::new());
            in_number = number;
        }
        if let Some(last) = out.last_mut() {
            last.push(*c);
        }
    }
    out
}
