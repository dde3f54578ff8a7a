//! Sums over employers before and after: what a chunk adds up, and chunks add up to.

use super::line::Line;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Employers that are named of each kind.
const NAMED_MAX: usize = 10;

/// Employers of one class that move from one tier to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell {
    /// How many.
    pub employers: i64,
    /// Their payroll of a year, in minor units.
    pub payroll: i128,
    /// Their contributions at the rates before.
    pub before: i128,
    /// Their contributions at the rates after.
    pub after: i128,
}

impl Cell {
    fn line(line: &Line) -> Self {
        Self {
            employers: 1,
            payroll: line.payroll.unwrap_or(0).into(),
            before: line.contribution_before.into(),
            after: line.contribution.into(),
        }
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.employers += other.employers;
        self.payroll += other.payroll;
        self.before += other.before;
        self.after += other.after;
    }
}

/// Risk class (0: none), tier before, tier after.
pub type Key = (u8, String, String);

/// An employer whose contribution changes much.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mover {
    /// Key of the employer.
    pub employer_id: String,
    /// Risk class.
    pub risk_class: Option<u8>,
    /// Tier before.
    pub tier_before: String,
    /// Tier after.
    pub tier: String,
    /// By how much the contribution of a year changes, in minor units.
    pub change: i64,
}

/// Employers that deserve a look.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// How many.
    pub count: i64,
    /// The first of them.
    pub first: Vec<String>,
}

/// Kinds of what deserves a look.
pub const LOOKS: [(&str, &str, &str); 3] = [
    ("headcount_halved", "headcount fell by half or more within a year", "参保人数一年内减少一半以上"),
    ("ratio_above_10", "benefits are more than 10 times the contributions", "待遇支付超过缴费的10倍"),
    ("class_changed", "the risk class is another than in the result before", "行业风险类别与上次核定不同"),
];

/// Sums over employers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// By class, tier before and tier after.
    #[serde(with = "pairs")]
    pub cells: BTreeMap<Key, Cell>,
    /// Employers whose rate rises.
    pub up: i64,
    /// Employers whose rate falls.
    pub down: i64,
    /// Employers whose rate was confirmed.
    pub unchanged: i64,
    /// Employers that were not eligible.
    pub kept: i64,
    /// Employers that persons set.
    pub by_hand: i64,
    /// Employers whose record has no payroll of the year: they count with 0.
    pub without_payroll: i64,
    /// Those whose contribution rises most, the most first.
    pub risers: Vec<Mover>,
    /// Those whose contribution falls most.
    pub fallers: Vec<Mover>,
    /// What deserves a look, by kind.
    pub looks: BTreeMap<String, Look>,
}

impl Tally {
    /// Counts an employer.
    pub fn line(&mut self, line: &Line) {
        let key = (line.risk_class.unwrap_or(0), line.tier_before.clone(), line.tier.clone());
        self.cells.entry(key).or_default().add(&Cell::line(line));
        let units = |rate: &Option<String>| rate.as_deref().and_then(|r| crate::determination::rate(r).ok());
        let (before, after) = (units(&line.rate_before), units(&line.rate));
        if line.status == "kept" {
            self.kept += 1;
        } else if before < after {
            self.up += 1;
        } else if before > after {
            self.down += 1;
        } else {
            self.unchanged += 1;
        }
        self.by_hand += i64::from(line.by_hand);
        self.without_payroll += i64::from(line.payroll.is_none());
        let mover = || Mover {
            employer_id: line.employer_id.clone(),
            risk_class: line.risk_class,
            tier_before: line.tier_before.clone(),
            tier: line.tier.clone(),
            change: line.change(),
        };
        let change = line.change();
        if change > 0 && would_enter(&self.risers, change) {
            self.risers.push(mover());
            most(&mut self.risers);
        }
        if change < 0 && would_enter(&self.fallers, change) {
            self.fallers.push(mover());
            most(&mut self.fallers);
        }
        let halved = line.headcount.zip(line.headcount_before);
        let looks = [
            halved.is_some_and(|(now, then)| i128::from(now) * 2 <= i128::from(then) && then > 0),
            line.high_ratio,
            line.class_before.is_some_and(|class| Some(class) != line.risk_class),
        ];
        for ((kind, ..), holds) in LOOKS.iter().zip(looks) {
            if holds {
                let look = self.looks.entry((*kind).to_owned()).or_default();
                look.count += 1;
                if look.first.len() < NAMED_MAX {
                    look.first.push(line.employer_id.clone());
                }
            }
        }
    }

    /// Adds the sums over later employers.
    pub fn add(&mut self, other: Self) {
        let Self { cells, up, down, unchanged, kept, by_hand, without_payroll, risers, fallers, looks } =
            other;
        for (key, cell) in cells {
            self.cells.entry(key).or_default().add(&cell);
        }
        self.up += up;
        self.down += down;
        self.unchanged += unchanged;
        self.kept += kept;
        self.by_hand += by_hand;
        self.without_payroll += without_payroll;
        self.risers.extend(risers);
        most(&mut self.risers);
        self.fallers.extend(fallers);
        most(&mut self.fallers);
        for (kind, look) in looks {
            let own = self.looks.entry(kind).or_default();
            own.count += look.count;
            own.first.extend(look.first);
            own.first.truncate(NAMED_MAX);
        }
    }

    /// The sum over some cells.
    #[must_use]
    pub fn sum(&self, of: impl Fn(&Key) -> bool) -> Cell {
        let mut sum = Cell::default();
        self.cells.iter().filter(|(key, _)| of(key)).for_each(|(_, cell)| sum.add(cell));
        sum
    }

    /// Employers.
    #[must_use]
    pub fn employers(&self) -> i64 {
        self.cells.values().map(|cell| cell.employers).sum()
    }
}

fn would_enter(movers: &[Mover], change: i64) -> bool {
    movers.len() < NAMED_MAX
        || movers.last().is_some_and(|last| last.change.unsigned_abs() < change.unsigned_abs())
}

/// The largest changes, and of equal ones the first by id.
fn most(movers: &mut Vec<Mover>) {
    movers.sort_by(|a, b| {
        (Reverse(a.change.unsigned_abs()), &a.employer_id)
            .cmp(&(Reverse(b.change.unsigned_abs()), &b.employer_id))
    });
    movers.truncate(NAMED_MAX);
}

/// Cells as a list: JSON has texts alone as keys.
mod pairs {
    use super::{Cell, Key};
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    #[derive(Serialize, Deserialize)]
    struct Row {
        risk_class: u8,
        tier_before: String,
        tier: String,
        employers: i64,
        payroll: i128,
        before: i128,
        after: i128,
    }

    pub fn serialize<S: Serializer>(cells: &BTreeMap<Key, Cell>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(cells.iter().map(|((risk_class, tier_before, tier), cell)| Row {
            risk_class: *risk_class,
            tier_before: tier_before.clone(),
            tier: tier.clone(),
            employers: cell.employers,
            payroll: cell.payroll,
            before: cell.before,
            after: cell.after,
        }))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<Key, Cell>, D::Error> {
        let rows = Vec::<Row>::deserialize(deserializer)?;
        let cell = |row: Row| {
            let Row { risk_class, tier_before, tier, employers, payroll, before, after } = row;
            ((risk_class, tier_before, tier), Cell { employers, payroll, before, after })
        };
        Ok(rows.into_iter().map(cell).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u32) -> Line {
        let at = |texts: &[&str]| texts[number as usize % texts.len()].to_owned();
        let rates = ["0.0045", "0.009", "0.0108"];
        Line {
            employer_id: format!("E{number:04}"),
            region: "510400".into(),
            status: at(&["rated", "rated", "rated", "kept"]),
            by_hand: number.is_multiple_of(50),
            risk_class: Some(4),
            class_before: number.is_multiple_of(9).then_some(3),
            base_rate: Some("0.009".into()),
            tier_before: at(&["1", "0.5"]),
            rate_before: Some(at(&["0.009", "0.0045"])),
            tier: at(&["0.5", "1", "1.2"]),
            rate: Some(at(&rates)),
            payroll: (!number.is_multiple_of(7)).then_some(i64::from(number) * 1_000_003),
            contribution_before: i64::from(number) * 9,
            contribution: i64::from(number % 13) * 70,
            headcount: Some(i64::from(number % 5)),
            headcount_before: Some(4),
            high_ratio: number.is_multiple_of(11),
            reasons: Vec::new(),
        }
    }

    /// However employers are cut into chunks, the sums are the same, and the same after they were kept.
    #[test]
    fn chunks_add_up_to_the_whole() {
        let lines: Vec<Line> = (1..=500).map(line).collect();
        let mut whole = Tally::default();
        lines.iter().for_each(|line| whole.line(line));
        for size in [1, 7, 100, 499, 500] {
            let mut sum = Tally::default();
            for chunk in lines.chunks(size) {
                let mut part = Tally::default();
                chunk.iter().for_each(|line| part.line(line));
                let kept = serde_json::to_vec(&part).unwrap();
                sum.add(serde_json::from_slice(&kept).unwrap());
            }
            assert_eq!(sum, whole, "{size}");
        }
        assert_eq!(whole.employers(), 500);
        assert_eq!(whole.up + whole.down + whole.unchanged + whole.kept, 500);
        assert_eq!(whole.sum(|_| true).after, lines.iter().map(|l| i128::from(l.contribution)).sum::<i128>());
        assert_eq!(whole.looks["class_changed"].count, 55);
        assert!(whole.risers.windows(2).all(|pair| pair[0].change >= pair[1].change));
    }
}
