//! Counts of results, and the table that is shown of them.

use super::Rated;
use floatrate_engine::Lang;
use floatrate_engine::rating::{Status, Verdict};
use std::collections::{BTreeMap, BTreeSet};

/// What stands for the class of a result that is known without one, as under a plan without classes.
const NO_CLASS: u8 = u8::MAX;

/// Counts by class and tier, and of what was not moved.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    rated: BTreeMap<(u8, i64), u64>,
    kept: BTreeMap<u8, u64>,
    review: BTreeMap<u8, u64>,
    /// The tier of each step; None where a step has several, as under a plan of increments.
    tiers: BTreeMap<i64, Option<String>>,
    /// Reasons of what was kept or is for review.
    why: BTreeMap<String, u64>,
    /// Records that were not rated.
    pub rejected: u64,
}

impl Tally {
    /// Counts the results of a chunk.
    pub fn add(&mut self, rated: &Rated) {
        for (verdict, row) in rated.verdicts.iter().zip(&rated.results) {
            self.count(verdict);
            if verdict.status != Status::Rated {
                for reason in &row.reasons {
                    *self.why.entry(reason.clone()).or_default() += 1;
                }
            }
        }
    }

    fn count(&mut self, verdict: &Verdict) {
        let class = verdict.risk_class.unwrap_or(if verdict.base_rate.is_some() { NO_CLASS } else { 0 });
        match verdict.status {
            Status::Rated => {
                *self.rated.entry((class, verdict.step)).or_default() += 1;
                if let Some(tier) = verdict.tier {
                    let tier = Some(tier.to_string());
                    let known = self.tiers.entry(verdict.step).or_insert_with(|| tier.clone());
                    if *known != tier {
                        *known = None;
                    }
                }
            }
            Status::Kept => *self.kept.entry(class).or_default() += 1,
            Status::Review => *self.review.entry(class).or_default() += 1,
        }
    }

    /// Rated, kept, to review.
    #[must_use]
    pub fn counts(&self) -> [u64; 3] {
        [self.rated.values().sum(), self.kept.values().sum(), self.review.values().sum()]
    }

    /// Why employers were kept or are for review, the commonest first; nothing where none are.
    #[must_use]
    pub fn why(&self, lang: Lang) -> String {
        if self.why.is_empty() {
            return String::new();
        }
        let mut counts: Vec<(&String, &u64)> = self.why.iter().collect();
        counts.sort_by_key(|(name, count)| (std::cmp::Reverse(**count), *name));
        let parts: Vec<String> = counts.into_iter().map(|(name, count)| format!("{name} {count}")).collect();
        match lang {
            Lang::Zh => format!("保持、复核的原因：{}\n", parts.join("，")),
            Lang::En => format!("kept or for review because of: {}\n", parts.join(", ")),
        }
    }

    /// The table: a row a class, a column a tier, or a step where that has several tiers.
    #[must_use]
    pub fn table(&self, lang: Lang) -> String {
        let word = |zh: &str, en: &str| if lang == Lang::Zh { zh.to_owned() } else { en.to_owned() };
        let steps: Vec<i64> = self.tiers.keys().copied().collect();
        let classes: BTreeSet<u8> = self
            .rated
            .keys()
            .map(|k| k.0)
            .chain(self.kept.keys().copied())
            .chain(self.review.keys().copied())
            .collect();
        let mut rows = vec![vec![word("风险类别", "class")]];
        let column = |step: &i64| match &self.tiers[step] {
            Some(tier) => format!("x{tier}"),
            None => format!("{step:+}"),
        };
        rows[0].extend(steps.iter().map(column));
        rows[0].extend([word("保持", "kept"), word("复核", "review"), word("合计", "total")]);
        let mut sums = vec![0_u64; steps.len() + 3];
        for class in classes {
            let mut counts: Vec<u64> =
                steps.iter().map(|s| self.rated.get(&(class, *s)).copied().unwrap_or(0)).collect();
            counts.push(self.kept.get(&class).copied().unwrap_or(0));
            counts.push(self.review.get(&class).copied().unwrap_or(0));
            counts.push(counts.iter().sum());
            sums.iter_mut().zip(&counts).for_each(|(sum, count)| *sum += count);
            let name = match class {
                0 => word("不明", "unknown"),
                NO_CLASS => word("不分类", "none"),
                class => class.to_string(),
            };
            rows.push(std::iter::once(name).chain(counts.iter().map(u64::to_string)).collect());
        }
        rows.push(std::iter::once(word("合计", "total")).chain(sums.iter().map(u64::to_string)).collect());
        aligned(&rows)
    }
}

/// Rows as text, columns aligned to the right; a Chinese character is two wide.
fn aligned(rows: &[Vec<String>]) -> String {
    use unicode_width::UnicodeWidthStr;
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |c: usize| rows.iter().filter_map(|r| r.get(c)).map(|cell| cell.width()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut out = String::new();
    for row in rows {
        for (cell, width) in row.iter().zip(&widths) {
            out.push_str("  ");
            out.push_str(&" ".repeat(width - cell.width()));
            out.push_str(cell);
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_of_several_tiers_is_shown_as_a_step() {
        let mut tally = Tally::default();
        for (step, tier) in [(0, "1"), (1, "1.1"), (1, "1.2"), (1, "1.2"), (2, "1.5")] {
            tally.count(&Verdict {
                status: Status::Rated,
                step,
                risk_class: Some(2),
                base_rate: None,
                tier: tier.parse().ok(),
                unlimited_rate: None,
                rate: None,
            });
        }
        let table = tally.table(Lang::En);
        let head: Vec<&str> = table.lines().next().unwrap_or_default().split_whitespace().collect();
        assert_eq!(head, ["class", "x1", "+1", "x1.5", "kept", "review", "total"]);
    }
}
