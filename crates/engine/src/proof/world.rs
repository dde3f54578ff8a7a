//! One class on one rating date: the plans' quantities, what the plans say of them, and records made from models.

use super::basis::{Basis, Sort};
use super::diagram::{Diagrams, Node};
use super::meaning::{Meaning, Outside, Reader, Said};
use crate::plan::checked::Checked;
use crate::plan::compiled::{Span, resolve_windows};
use crate::record::Date;
use std::collections::BTreeMap;

/// The quantities that plans look at on a date, for all classes alike.
pub(super) struct Ground<'p> {
    pub plans: Vec<&'p Checked>,
    pub date: Date,
    windows: Vec<Vec<Vec<Span>>>,
    basis: Basis,
}

impl<'p> Ground<'p> {
    /// Cuts time at the windows and sorts claims by the conditions on them.
    pub fn of(plans: Vec<&'p Checked>, date: Date) -> Said<Self> {
        let windows: Vec<Vec<Vec<Span>>> = plans.iter().map(|p| resolve_windows(&p.windows, date)).collect();
        let mut basis = Basis::of(windows.iter().flatten().flatten().copied());
        let mut d = Diagrams::new(&mut basis);
        let mut kinds: BTreeMap<Vec<Node>, Vec<Sort>> = BTreeMap::new();
        for sort in Sort::all() {
            let mut held = Vec::new();
            for (plan, windows) in plans.iter().zip(&windows) {
                held.extend(Reader::new(plan, date, 1, windows, &mut d).sorted_by(sort)?);
            }
            kinds.entry(held).or_default().push(sort);
        }
        let mut kinds: Vec<Vec<Sort>> = kinds.into_values().collect();
        // Ordinary claims first.
        kinds.sort();
        basis.kinds = kinds;
        Ok(Self { plans, date, windows, basis })
    }

    /// The quantities, for the diagrams of one class.
    pub fn basis(&self) -> Basis {
        self.basis.clone()
    }

    /// What each plan says of one class.
    pub fn meanings(&self, class: u8, d: &mut Diagrams<'_>) -> Said<Vec<Meaning>> {
        let read = |(plan, windows): (&&'p Checked, &Vec<Vec<Span>>), d: &mut Diagrams<'_>| {
            if class > plan.classes {
                return Err(Outside(format!("{} has no class {class}", plan.id)));
            }
            Reader::new(plan, self.date, class, windows, d).meaning()
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
