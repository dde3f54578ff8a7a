//! Citations against the ledger of clauses.

use crate::diagnostic::{Diagnostic, FileId, nearest};
use crate::plan::formula::Name;
use crate::plan::source::{Cite, ClauseSource, DocumentSource, PlanSource, RegionTable, Verdict};
use std::collections::BTreeSet;

/// Every citation of a plan.
fn citations(plan: &PlanSource) -> Vec<&Name> {
    let mut out: Vec<&Cite> = Vec::new();
    out.extend(plan.rating.iter().map(|x| &x.cite));
    out.extend(plan.facts.iter().map(|x| &x.cite));
    out.extend(plan.values.iter().map(|x| &x.cite));
    out.extend(plan.params.iter().flat_map(|x| x.entries.iter().map(|e| &e.cite)));
    out.extend(plan.windows.iter().map(|x| &x.cite));
    out.extend(plan.eaches.iter().flat_map(|x| x.columns.iter().map(|c| &c.cite)));
    out.extend(plan.portfolio.iter().map(|x| &x.cite));
    out.extend(plan.measures.iter().map(|x| &x.cite));
    out.extend(plan.gates.iter().map(|x| &x.cite));
    out.extend(plan.tables.iter().flat_map(|x| x.cite.iter().chain(x.rows.iter().map(|r| &r.cite))));
    out.extend(plan.adjusts.iter().map(|x| &x.cite));
    out.extend(plan.class.iter().map(|x| &x.cite));
    out.extend(plan.industry.iter().map(|x| &x.cite));
    out.extend(plan.ladder.iter().map(|x| &x.cite));
    let outcome = [&plan.outcome.start, &plan.outcome.rate, &plan.outcome.floor, &plan.outcome.cap];
    out.extend(outcome.into_iter().flatten().map(|x| &x.cite));
    out.extend(plan.reductions.iter().map(|x| &x.cite));
    out.extend(plan.asserts.iter().map(|x| &x.cite));
    let procedure = &plan.procedure;
    out.extend(procedure.timetable.iter().flatten().map(|x| &x.cite));
    out.extend(procedure.objection_days.iter().map(|x| &x.cite));
    out.extend(procedure.redetermination_days.iter().map(|x| &x.cite));
    out.extend(procedure.succession.iter().map(|x| &x.cite));
    out.into_iter().flat_map(|cite| &cite.0).collect()
}

/// Checks that every citation names an encoded clause of a known source, and, for the clauses of the file `own`, that
/// each encoded one is cited.
pub(super) fn check(merged: &PlanSource, own: FileId, diagnostics: &mut Vec<Diagnostic>) {
    let ledger = Ledger { documents: &merged.sources, clauses: &merged.clauses, broken: &merged.broken };
    ledger.check(&citations(merged), own, diagnostics);
}

/// The same for a region's table of reductions, and that no two of them hold on one day.
pub fn check_region_table(table: &RegionTable, diagnostics: &mut Vec<Diagnostic>) {
    let cites = table.reductions.iter().map(|x| &x.cite).chain(table.frames.iter().map(|x| &x.cite));
    let cited: Vec<&Name> = cites.flat_map(|cite| &cite.0).collect();
    let ledger = Ledger { documents: &table.documents, clauses: &table.clauses, broken: &table.broken };
    ledger.check(&cited, table.region.span.file, diagnostics);
    super::assemble::one_reduction_a_day(&table.reductions, diagnostics);
}

struct Ledger<'a> {
    documents: &'a [DocumentSource],
    clauses: &'a [ClauseSource],
    broken: &'a BTreeSet<String>,
}

impl Ledger<'_> {
    fn check(&self, cited: &[&Name], own: FileId, diagnostics: &mut Vec<Diagnostic>) {
        let known: Vec<&str> = self.clauses.iter().map(|c| c.cite.text.as_str()).collect();
        let mut told = BTreeSet::new();
        for cite in cited {
            // A row's cite may be its table's: one mistake, one message.
            if !told.insert(cite.span) {
                continue;
            }
            match self.clauses.iter().find(|c| c.cite.text == cite.text) {
                Some(clause) if clause.verdict == Verdict::Encoded => {}
                Some(clause) => {
                    let message =
                        format!("`{}` is cited, but the ledger says that it is not encoded", cite.text);
                    diagnostics.push(
                        Diagnostic::at("cite", cite.span, message, "cited here")
                            .also(clause.cite.span, "the verdict stands here")
                            .help("make the verdict \"encoded\", or cite the clause that is"),
                    );
                }
                None if self.broken.contains(&cite.text) => {}
                None => {
                    let message = format!("the ledger has no clause `{}`", cite.text);
                    let mut diagnostic =
                        Diagnostic::at("cite", cite.span, message, "expected the `cite` of a [[clause]]");
                    diagnostic.help = nearest(&cite.text, known.iter().copied())
                        .map(|near| format!("did you mean `{near}`?"))
                        .or_else(|| Some(format!("add [[clause]] with cite = \"{}\"", cite.text)));
                    diagnostics.push(diagnostic);
                }
            }
        }
        for clause in self.clauses.iter().filter(|c| c.cite.span.file == own) {
            let source = clause.cite.text.split(' ').next().unwrap_or("");
            if self.documents.iter().all(|s| s.name.text != source) && !self.broken.contains(source) {
                let message = format!("there is no source `{source}`");
                diagnostics.push(Diagnostic::at(
                    "cite",
                    clause.cite.span,
                    message,
                    "expected the name of a [source] first",
                ));
            }
            let used = cited.iter().any(|c| c.text == clause.cite.text);
            // What cites it may be a part that could not be read.
            if clause.verdict == Verdict::Encoded && !used && self.broken.is_empty() {
                let message = format!("`{}` is called encoded, but nothing cites it", clause.cite.text);
                diagnostics.push(
                    Diagnostic::at(
                        "cite",
                        clause.cite.span,
                        message,
                        "expected a part of the plan that cites it",
                    )
                    .help("cite it where it is encoded, or make the verdict not_encoded and say why"),
                );
            }
        }
    }
}
