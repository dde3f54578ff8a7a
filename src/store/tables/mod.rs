//! What is asked of the tables, one module a group of tables: rows in, rows out, no judgement.

pub mod audit;
pub mod audit_cycles;
pub mod collection;
pub mod cycles;
pub mod determinations;
mod intakes;
pub mod objections;
pub mod records;
pub mod runs;

use super::Statement;

/// Every statement of the store.
pub fn statements() -> impl Iterator<Item = Statement> {
    [
        super::ledger::STATEMENTS,
        super::requests::STATEMENTS,
        audit::STATEMENTS,
        audit_cycles::STATEMENTS,
        collection::STATEMENTS,
        cycles::STATEMENTS,
        determinations::STATEMENTS,
        objections::STATEMENTS,
        records::STATEMENTS,
        runs::STATEMENTS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The texts between which the codes of a region and of the areas within it lie: 510400 covers 510402, 000000 all.
#[must_use]
pub fn region_range(region: &str) -> (String, String) {
    let mut head = region;
    while let Some(shorter) = head.strip_suffix("00").filter(|h| h.len() % 2 == 0) {
        head = shorter;
    }
    // A tilde comes after every digit.
    (head.to_owned(), format!("{head}~"))
}

#[cfg(test)]
mod tests {
    use super::region_range;

    #[test]
    fn a_region_covers_the_areas_within_it() {
        for (region, inside, outside) in [
            ("510400", &["510400", "510402"][..], &["510300", "510500", "510000"][..]),
            ("510000", &["510000", "510400", "510402"], &["520000", "500000"]),
            ("510402", &["510402"], &["510400", "510403"]),
            ("000000", &["000000", "510402"], &[]),
        ] {
            let (from, to) = region_range(region);
            let within = |code: &&str| from.as_str() <= *code && *code < to.as_str();
            assert!(inside.iter().all(within) && !outside.iter().any(within), "{region}: {from} {to}");
        }
    }
}
