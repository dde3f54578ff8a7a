//! Reads what is said of a region outside its plans: dated reductions, and regions that no plan encodes.

use super::fields::Fields;
use super::read::{clause, document, listed, named};
use super::tree::Node;
use super::{FrameSource, NotEncoded, ReductionMode, ReductionSource, RegionTable, Text};
use crate::diagnostic::Diagnostic;
use crate::number::Decimal;
use crate::plan::formula;
use std::collections::BTreeSet;

/// Reads `reductions.toml` of a region's folder. None when it does not say which region it is for.
pub fn read_region_table(tree: &Node, d: &mut Vec<Diagnostic>) -> Option<RegionTable> {
    let mut top = Fields::of(tree, "the table of reductions", d);
    top.need_int("language", 1..=1);
    let region = region(&mut top);
    top.date("reviewed_through");
    let nodes = ["source", "clause", "reduction", "frame"].map(|key| (key, top.node(key)));
    top.finish();
    let section = |key: &str| nodes.iter().find(|(k, _)| *k == key).and_then(|(_, node)| *node);
    let mut broken = BTreeSet::new();
    let b = &mut broken;
    Some(RegionTable {
        documents: named(section("source"), "source", d, b, document),
        clauses: listed(section("clause"), ("clause", "cite"), d, b, clause),
        reductions: listed(section("reduction"), ("reduction", ""), d, b, reduction),
        frames: listed(section("frame"), ("frame", ""), d, b, frame),
        region: region?,
        broken,
    })
}

/// Reads `not-encoded.toml` of a country's folder.
pub fn read_not_encoded(tree: &Node, d: &mut Vec<Diagnostic>) -> Vec<NotEncoded> {
    let mut top = Fields::of(tree, "the list of regions", d);
    top.need_int("language", 1..=1);
    let node = top.node("region");
    top.finish();
    listed(node, ("region", "id"), d, &mut BTreeSet::new(), not_encoded)
}

fn region(f: &mut Fields<'_, '_>) -> Option<Text> {
    let text = f.need_text("region")?;
    if text.text.len() == 6 && text.text.bytes().all(|b| b.is_ascii_digit()) {
        return Some(text);
    }
    f.complain("value", text.span, format!("region is \"{}\"", text.text), "expected six digits");
    None
}

fn not_encoded(node: &Node, d: &mut Vec<Diagnostic>) -> Option<NotEncoded> {
    let mut f = Fields::of(node, "a region", d);
    let (id, region) = (f.need_text("id"), region(&mut f));
    let title = f.need_bilingual("title");
    let (document, address) = (f.text("document").map(|t| t.text), f.text("address").map(|t| t.text));
    let (known, missing) = (f.need_bilingual("known"), f.need_bilingual("missing"));
    f.finish();
    Some(NotEncoded {
        id: id?.text,
        region: region?.text,
        title: title?,
        document,
        address,
        known: known?,
        missing: missing?,
    })
}

/// The days and the share of a cut, which reductions and frames have in common.
fn cut(f: &mut Fields<'_, '_>) -> Option<(crate::record::Date, crate::record::Date, Decimal)> {
    f.need_text("from");
    f.need_text("to");
    let (from, to) = (f.date("from"), f.date("to"));
    let cut = f.need_decimal("cut");
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        let at = f.node("to").map_or(f.span, |to| to.span);
        f.complain(
            "range",
            at,
            format!("the reduction ends on {to}, before it begins on {from}"),
            "expected to >= from",
        );
    }
    let inside = cut.is_none_or(|c| {
        c.mantissa() >= 0 && i128::checked_pow(10, c.places()).is_some_and(|one| c.mantissa() <= one)
    });
    if !inside {
        let at = f.node("cut").map_or(f.span, |cut| cut.span);
        f.complain("range", at, "a cut is a share of the rate", "expected a number from 0 to 1");
    }
    Some((from?, to?, cut?))
}

pub(super) fn reduction(node: &Node, d: &mut Vec<Diagnostic>) -> Option<ReductionSource> {
    let mut f = Fields::of(node, "a reduction", d);
    let cut = cut(&mut f);
    f.need_text("mode");
    let mode = f.choice(
        "mode",
        &[
            ("on_current", ReductionMode::OnCurrent),
            ("on_base", ReductionMode::OnBase),
            ("exclude_class_1", ReductionMode::ExcludeClass1),
        ],
    );
    let cite = f.cite(None);
    f.finish();
    let (from, to, cut) = cut?;
    Some(ReductionSource { span: node.span, from, to, cut, mode: mode?, cite: cite? })
}

fn frame(node: &Node, d: &mut Vec<Diagnostic>) -> Option<FrameSource> {
    let mut f = Fields::of(node, "a frame", d);
    let cut = cut(&mut f);
    let months = f.need_text("reserve_months");
    let read = months.as_ref().map(|text| formula::parse_cell(&text.text, text.span, text.start));
    if let Some(Err(diagnostic)) = read {
        f.diagnostics.push(diagnostic);
    }
    let cite = f.cite(None);
    f.finish();
    let (from, to, cut) = cut?;
    Some(FrameSource { span: node.span, from, to, cut, reserve_months: months?.text, cite: cite? })
}

impl RegionTable {
    /// The part of a table's tree that results depend on: its region and its reductions.
    pub fn digest_bytes(tree: &Node, out: &mut Vec<u8>) {
        tree.digest_bytes(&["language", "reviewed_through", "source", "clause", "frame"], out);
    }
}
