//! One class on one rating date: the plans' quantities, what the plans say of them, and records made from models.

use super::basis::{Basis, Sort};
use super::diagram::{Diagrams, Node};
use super::meaning::{Meaning, Outside, Reader, Said, claim_filters};
use crate::plan::checked::{Checked, ParamValue, TermKind};
use crate::plan::compiled::{Span, resolve_windows};
use crate::record::Date;
use std::collections::BTreeMap;

/// The class and industry of an employer, which are fixed in a proof.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Key {
    /// From 1; 0 where the plans have no classes.
    pub class: u8,
    /// Standard and code.
    pub industry: Option<(String, String)>,
}

impl Key {
    /// The place of the industry among a plan's.
    pub fn place(&self, plan: &Checked) -> Option<usize> {
        let (standard, codes) = plan.industries.as_ref()?;
        let (own, code) = self.industry.as_ref()?;
        (own == standard).then(|| codes.binary_search(code).ok()).flatten()
    }
}

/// The classes and industries that some plan treats differently on a date: industries that every parameter, set and
/// formula treats alike stand together, and the first of them for all.
pub(super) fn keys(plans: &[&Checked], date: Date) -> Vec<Key> {
    let classes: Vec<u8> = match plans.iter().map(|p| p.classes).min() {
        None | Some(0) => vec![0],
        Some(most) => (1..=most).collect(),
    };
    let known = plans.iter().filter_map(|p| p.industries.as_ref()).next();
    let Some((standard, codes)) = known else {
        return classes.into_iter().map(|class| Key { class, industry: None }).collect();
    };
    let mut seen: Vec<Vec<String>> = Vec::new();
    let mut out = Vec::new();
    for code in codes {
        let industry = Some((standard.clone(), code.clone()));
        let key = Key { class: 0, industry };
        let everywhere = plans.iter().all(|p| p.industries.is_none() || key.place(p).is_some());
        let treated = plans.iter().flat_map(|plan| treated(plan, &key, date)).collect();
        if everywhere && !seen.contains(&treated) {
            seen.push(treated);
            out.extend(classes.iter().map(|class| Key { class: *class, ..key.clone() }));
        }
    }
    out
}

/// All that a plan says of an industry, in order.
fn treated(plan: &Checked, key: &Key, date: Date) -> Vec<String> {
    let Some(at) = key.place(plan) else { return Vec::new() };
    let mut out = Vec::new();
    for param in &plan.params {
        match param.on(date) {
            Some(ParamValue::ByIndustry(values)) => {
                out.push(values.get(at).map_or_else(String::new, ToString::to_string));
            }
            Some(ParamValue::Industries(places)) => out.push(places.contains(&at).to_string()),
            _ => {}
        }
    }
    for term in plan.terms() {
        term.walk(&mut |t| {
            if let TermKind::IndustryCode(named) = t.kind {
                out.push((named == at).to_string());
            }
        });
    }
    out
}

/// Whether a condition on claims looks at the employer's class or industry.
fn sorts_by_key(plan: &Checked) -> bool {
    let mut found = false;
    for filter in claim_filters(plan) {
        filter.walk(&mut |t| {
            found |= matches!(
                t.kind,
                TermKind::Class
                    | TermKind::Industry
                    | TermKind::IndustryIn(_)
                    | TermKind::Param { .. }
                    | TermKind::Range { .. }
                    | TermKind::Prior(_)
            );
        });
    }
    found
}

/// The quantities that plans look at on a date, for all classes alike.
pub(super) struct Ground<'p> {
    pub plans: Vec<&'p Checked>,
    pub date: Date,
    windows: Vec<Vec<Vec<Span>>>,
    basis: Basis,
    /// Whether what cannot be said exactly is a quantity of its own.
    pub loose: bool,
}

impl<'p> Ground<'p> {
    /// Cuts time at the windows and sorts claims by the conditions on them.
    pub fn of(plans: Vec<&'p Checked>, date: Date, loose: bool) -> Said<Self> {
        let windows: Vec<Vec<Vec<Span>>> = plans.iter().map(|p| resolve_windows(&p.windows, date)).collect();
        let mut basis = Basis::of(windows.iter().flatten().flatten().copied());
        let mut d = Diagrams::new(&mut basis);
        let mut kinds: BTreeMap<Vec<Node>, Vec<Sort>> = BTreeMap::new();
        let mut keys = keys(&plans, date);
        if !plans.iter().any(|plan| sorts_by_key(plan)) {
            keys.truncate(1);
        }
        for sort in Sort::all() {
            let mut held = Vec::new();
            for (plan, windows) in plans.iter().zip(&windows) {
                for key in &keys {
                    held.extend(Reader::new(plan, date, key, windows, loose, &mut d).sorted_by(sort)?);
                }
            }
            kinds.entry(held).or_default().push(sort);
        }
        let mut kinds: Vec<Vec<Sort>> = kinds.into_values().collect();
        // Ordinary claims first.
        kinds.sort();
        basis.kinds = kinds;
        Ok(Self { plans, date, windows, basis, loose })
    }

    /// The classes and industries that differ.
    pub fn keys(&self) -> Vec<Key> {
        keys(&self.plans, self.date)
    }

    /// The quantities, for the diagrams of one class.
    pub fn basis(&self) -> Basis {
        self.basis.clone()
    }

    /// What each plan says of one class and industry.
    pub fn meanings(&self, key: &Key, d: &mut Diagrams<'_>) -> Said<Vec<Meaning>> {
        let read = |(plan, windows): (&&'p Checked, &Vec<Vec<Span>>), d: &mut Diagrams<'_>| {
            if key.class > plan.classes {
                return Err(Outside(format!("{} has no class {}", plan.id, key.class)));
            }
            Reader::new(plan, self.date, key, windows, self.loose, d).meaning()
        };
        let mut out = Vec::new();
        for pair in self.plans.iter().zip(&self.windows) {
            out.push(read(pair, d)?);
        }
        Ok(out)
    }

    /// The windows of a plan that must be whole.
    pub fn reviewed(&self, plan: usize) -> Vec<Span> {
        let own = self.plans[plan].windows.iter().zip(&self.windows[plan]);
        let mut out: Vec<Span> =
            own.filter(|(w, _)| w.source.review).flat_map(|(_, spans)| spans.iter().copied()).collect();
        out.sort_unstable();
        out.dedup();
        out
    }
}

/// The rating dates on which a plan's numbers differ: the first, and the first under each later entry of a parameter.
pub(super) fn dates(plan: &Checked) -> Vec<Date> {
    let mut starts = vec![Date::new(1, 1, 1)];
    starts.extend(plan.params.iter().flat_map(|p| p.entries.iter().map(|e| e.0)));
    let mut out: Vec<Date> =
        starts.into_iter().flatten().filter_map(|day| plan.rating_date_from(day)).collect();
    out.sort_unstable();
    out.dedup();
    out
}
