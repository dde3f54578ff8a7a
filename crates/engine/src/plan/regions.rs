//! What holds in a region beside its plans: dated tables of reductions, and what is not encoded.

use super::checked::{Checked, check_region_table};
use super::source::{NotEncoded, RegionTable, read_not_encoded, read_region_table, read_tree};
use crate::diagnostic::{Diagnostic, Files};
use std::collections::BTreeMap;

/// A region and those around it, the most specific first: 510402, 510400, 510000, 000000.
#[must_use]
pub fn wider(region: &str) -> Vec<String> {
    let head = |n: usize| region.get(..n).map(|h| format!("{h:0<6}"));
    let regions = [Some(region.to_owned()), head(4), head(2), Some("000000".to_owned())];
    let mut out: Vec<String> = regions.into_iter().flatten().collect();
    out.dedup();
    out
}

/// The tables of reductions of a folder of plans.
#[derive(Clone, Debug, Default)]
pub struct RegionTables {
    /// By the folder of the country and the region, with the bytes that plans' digests take in.
    tables: BTreeMap<(String, String), (RegionTable, Vec<u8>)>,
}

impl RegionTables {
    pub(super) fn load(
        texts: &BTreeMap<String, String>,
        files: &mut Files,
        diagnostics: &mut Vec<Diagnostic>,
    ) -> Self {
        let mut tables = BTreeMap::new();
        for (path, text) in texts {
            let Some(folder) = path.strip_suffix("reductions.toml") else { continue };
            let file = files.add(path, text);
            let tree = read_tree(text, file, diagnostics);
            let Some(table) = read_region_table(&tree, diagnostics) else { continue };
            check_region_table(&table, diagnostics);
            let (country, place) = country_and_place(folder);
            let region = &table.region;
            if place != region.text {
                let message = format!("the table of region {} stands in the folder `{place}`", region.text);
                let help = "it stands in its region's folder: cn/370000/reductions.toml is that of 370000";
                diagnostics.push(
                    Diagnostic::at("value", region.span, message, format!("expected \"{place}\"")).help(help),
                );
            }
            let mut bytes = Vec::new();
            RegionTable::digest_bytes(&tree, &mut bytes);
            tables.insert((country.to_owned(), region.text.clone()), (table, bytes));
        }
        Self { tables }
    }

    /// Every table.
    pub fn all(&self) -> impl Iterator<Item = &RegionTable> {
        self.tables.values().map(|(table, _)| table)
    }

    /// Gives a plan its region's reductions, where it has none of its own: those of the most specific region that has
    /// a table. What it gives goes into the plan's digest; a plan that gets nothing keeps its digest.
    pub(super) fn apply(
        &self,
        folder: &str,
        plan: &mut Checked,
        digest: &mut blake3::Hasher,
    ) -> Result<(), Box<Diagnostic>> {
        let country = country_and_place(folder).0;
        let around: Vec<_> = wider(&plan.region)
            .into_iter()
            .filter_map(|region| self.tables.get(&(country.to_owned(), region)))
            .collect();
        plan.frames = around.iter().flat_map(|(table, _)| table.frames.iter().cloned()).collect();
        let Some((table, bytes)) = around.first() else { return Ok(()) };
        if !plan.reductions.is_empty() || table.reductions.is_empty() {
            return Ok(());
        }
        for document in &table.documents {
            if plan.documents.iter().any(|known| known.name.text == document.name.text) {
                let message =
                    format!("the source `{}` is also one of the plan `{}`", document.name.text, plan.id);
                let diagnostic = Diagnostic::at("name", document.name.span, message, "expected another name");
                return Err(Box::new(diagnostic));
            }
        }
        plan.documents.extend(table.documents.iter().cloned());
        plan.clauses.extend(table.clauses.iter().cloned());
        plan.reductions.clone_from(&table.reductions);
        digest.update(b"reductions\0");
        digest.update(&(bytes.len() as u64).to_le_bytes());
        digest.update(bytes);
        Ok(())
    }
}

/// The first and the last part of a folder: `cn` and `370000` of `cn/370000/`.
fn country_and_place(folder: &str) -> (&str, &str) {
    let mut parts = folder.split('/').filter(|part| !part.is_empty());
    let country = parts.next().unwrap_or_default();
    (country, parts.next_back().unwrap_or(country))
}

/// The regions that the lists `not-encoded.toml` name.
pub(super) fn not_encoded(
    texts: &BTreeMap<String, String>,
    files: &mut Files,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<NotEncoded> {
    let mut out = Vec::new();
    for (path, text) in texts.iter().filter(|(path, _)| path.ends_with("not-encoded.toml")) {
        let file = files.add(path, text);
        let tree = read_tree(text, file, diagnostics);
        out.extend(read_not_encoded(&tree, diagnostics));
    }
    out.sort_by(|a, b| a.id.cmp(&b.id));
    out
}
