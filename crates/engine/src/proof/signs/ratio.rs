//! Formulas as quotients of polynomials: slopes, differences and identities that sign rules alone do not see.
//!
//! What is no sum, product or quotient is an atom. A polynomial whose numbers are all 0 or more is never below 0 where its
//! atoms are not; a bound of an atom (a branch that asks for it, a gate) is put in first: what is above `t` is `t + more`.

use super::{Signs, Trend, known};
use crate::number::Decimal;
use crate::plan::checked::{AggregateKind, Column, ParamValue, Relation, Rows, Term, TermKind, WindowRef};
use crate::proof::linear::gcd;
use crate::record::ClaimOutcome;
use std::collections::BTreeMap;

/// Most terms of a polynomial, and most cases of a formula.
const TERMS_MAX: usize = 400;
const CASES_MAX: usize = 16;
/// How deep formulas are taken apart.
pub(super) const DEPTH_MAX: u32 = 24;
/// Facts of which both ends are tried at once.
const GATED_MAX: u32 = 4;

pub(super) type Number = (i128, i128);

/// Numbers by products of atoms.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Poly(pub(super) BTreeMap<Vec<String>, Number>);

impl Poly {
    pub fn number(num: i128, den: i128) -> Option<Self> {
        let mut out = Self::default();
        out.add(Vec::new(), (num, den))?;
        Some(out)
    }

    pub fn atom(name: String) -> Self {
        Self(BTreeMap::from([(vec![name], (1, 1))]))
    }

    pub fn add(&mut self, atoms: Vec<String>, (num, den): Number) -> Option<()> {
        let (known, known_den) = self.0.get(&atoms).copied().unwrap_or((0, 1));
        let num = known.checked_mul(den)?.checked_add(num.checked_mul(known_den)?)?;
        let den = den.checked_mul(known_den)?;
        let shared = gcd(num, den).max(1);
        if num == 0 {
            self.0.remove(&atoms);
        } else {
            self.0.insert(atoms, (num / shared, den / shared));
        }
        (self.0.len() <= TERMS_MAX).then_some(())
    }

    pub fn plus(&self, sign: i128, other: &Self) -> Option<Self> {
        let mut out = self.clone();
        for (atoms, (num, den)) in &other.0 {
            out.add(atoms.clone(), (sign * num, *den))?;
        }
        Some(out)
    }

    pub fn times(&self, other: &Self) -> Option<Self> {
        let mut out = Self::default();
        for (a, x) in &self.0 {
            for (b, y) in &other.0 {
                let mut atoms = [a.as_slice(), b].concat();
                atoms.sort_unstable();
                out.add(atoms, (x.0.checked_mul(y.0)?, x.1.checked_mul(y.1)?))?;
            }
        }
        Some(out)
    }

    /// With a polynomial in the place of an atom.
    pub fn with(&self, atom: &str, by: &Self) -> Option<Self> {
        let mut out = Self::default();
        for (atoms, number) in &self.0 {
            let mut part = Self::default();
            part.add(atoms.iter().filter(|a| *a != atom).cloned().collect(), *number)?;
            for _ in 0..atoms.iter().filter(|a| *a == atom).count() {
                part = part.times(by)?;
            }
            out = out.plus(1, &part)?;
        }
        Some(out)
    }

    pub fn slope(&self, atom: &str) -> Option<Self> {
        let mut out = Self::default();
        for (atoms, (num, den)) in &self.0 {
            let power = atoms.iter().filter(|a| *a == atom).count();
            if let Some(at) = atoms.iter().position(|a| a == atom) {
                let mut rest = atoms.clone();
                rest.remove(at);
                out.add(rest, (num.checked_mul(i128::try_from(power).ok()?)?, *den))?;
            }
        }
        Some(out)
    }

    pub fn not_negative(&self) -> bool {
        self.0.values().all(|number| number.0 >= 0)
    }

    /// The atom, if it is one and nothing else.
    pub fn single(&self) -> Option<&str> {
        match self.0.iter().next() {
            Some((atoms, (1, 1))) if self.0.len() == 1 && atoms.len() == 1 => Some(&atoms[0]),
            _ => None,
        }
    }
}

/// `num / den`, where some comparisons hold.
#[derive(Clone, Debug)]
pub(super) struct Ratio {
    pub num: Poly,
    pub den: Poly,
    /// First at most second; in the second list, first above second.
    pub at_most: Vec<(Poly, Poly)>,
    pub above: Vec<(Poly, Poly)>,
}

/// What an atom stands for.
#[derive(Clone, Copy)]
pub(super) enum Atom<'p> {
    Term(&'p Term),
    Sum { rows: Rows, column: Column, window: WindowRef, filter: Option<&'p Term> },
}

/// Takes formulas apart.
pub(super) struct Taken<'s, 'p> {
    pub signs: &'s Signs<'p>,
    /// The column that stays whole, though it is a sum, product or choice.
    pub keep: Option<(usize, usize)>,
    /// Whether measures stay whole.
    pub measures: bool,
    /// The outcome that choices by outcome are made for.
    pub outcome: Option<ClaimOutcome>,
    pub atoms: BTreeMap<String, Atom<'p>>,
    /// What atoms are equal to.
    pub equal: Vec<(String, Poly)>,
}

impl<'p> Taken<'_, 'p> {
    fn atom(&mut self, name: String, atom: Atom<'p>) -> Vec<Ratio> {
        self.atoms.insert(name.clone(), atom);
        vec![Ratio { num: Poly::atom(name), den: one(), at_most: Vec::new(), above: Vec::new() }]
    }

    fn constant(value: Decimal) -> Option<Vec<Ratio>> {
        let num = Poly::number(value.mantissa(), 10_i128.checked_pow(value.places())?)?;
        Some(vec![Ratio { num, den: one(), at_most: Vec::new(), above: Vec::new() }])
    }

    /// A formula by cases.
    pub fn cases(&mut self, term: &'p Term, depth: u32) -> Option<Vec<Ratio>> {
        let depth = depth.checked_sub(1)?;
        let plan = self.signs.plan;
        match &term.kind {
            TermKind::Number(value) => Self::constant(*value),
            TermKind::Param { param, .. } => match plan.params[*param].entries.as_slice() {
                [(_, ParamValue::One(value), ..)] => Self::constant(*value),
                _ => Some(self.atom(plan.print(term), Atom::Term(term))),
            },
            TermKind::Measure(at) if !self.measures => self.cases(&plan.measures[*at].term, depth),
            TermKind::Cell(_, Column::Derived(each, at))
                if self.keep != Some((*each, *at)) && !self.sums(term) =>
            {
                self.cases(&plan.eaches[*each].columns[*at].term, depth)
            }
            TermKind::Aggregate {
                kind: AggregateKind::Sum,
                rows: rows @ Rows::Each(_),
                column: Some(column),
                window,
                filter,
            } => {
                let sum =
                    Atom::Sum { rows: *rows, column: *column, window: *window, filter: filter.as_deref() };
                self.sum(sum, depth)
            }
            TermKind::Add(a, b)
            | TermKind::Subtract(a, b)
            | TermKind::Multiply(a, b)
            | TermKind::Divide(a, b) => {
                let (a, b) = (self.cases(a, depth)?, self.cases(b, depth)?);
                let mut out = Vec::new();
                for x in &a {
                    for y in &b {
                        let (num, den) = match term.kind {
                            TermKind::Multiply(..) => (x.num.times(&y.num)?, x.den.times(&y.den)?),
                            TermKind::Divide(..) => (x.num.times(&y.den)?, x.den.times(&y.num)?),
                            _ => {
                                let sign = if matches!(term.kind, TermKind::Add(..)) { 1 } else { -1 };
                                if x.den == y.den {
                                    (x.num.plus(sign, &y.num)?, x.den.clone())
                                } else {
                                    let right = y.num.times(&x.den)?;
                                    (x.num.times(&y.den)?.plus(sign, &right)?, x.den.times(&y.den)?)
                                }
                            }
                        };
                        let at_most = [x.at_most.as_slice(), &y.at_most].concat();
                        let above = [x.above.as_slice(), &y.above].concat();
                        // One choice cannot go both ways.
                        if !at_most.iter().any(|pair| above.contains(pair)) {
                            out.push(Ratio { num, den, at_most, above });
                        }
                    }
                }
                (out.len() <= CASES_MAX).then_some(out)
            }
            TermKind::If(condition, yes, no) => {
                if let Some(holds) = self.outcome.and_then(|outcome| known(condition, outcome)) {
                    return self.cases(if holds { yes } else { no }, depth);
                }
                let TermKind::Compare(Relation::Less | Relation::LessEqual, a, b) = &condition.kind else {
                    return Some(self.atom(plan.print(term), Atom::Term(term)));
                };
                let (a, b) = (self.plain(a, depth)?, self.plain(b, depth)?);
                let (mut yes, mut no) = (self.cases(yes, depth)?, self.cases(no, depth)?);
                yes.iter_mut().for_each(|case| case.at_most.push((a.clone(), b.clone())));
                no.iter_mut().for_each(|case| case.above.push((a.clone(), b.clone())));
                yes.extend(no);
                (yes.len() <= CASES_MAX).then_some(yes)
            }
            TermKind::Round { value, places, .. } => self
                .rounded(value, *places, depth)
                .or_else(|| Some(self.atom(plan.print(term), Atom::Term(term)))),
            _ => Some(self.atom(plan.print(term), Atom::Term(term))),
        }
    }

    /// With what atoms are equal to in their place.
    pub fn substituted(&self, poly: &Poly) -> Option<Poly> {
        self.equal.iter().try_fold(poly.clone(), |poly, (name, by)| poly.with(name, by))
    }

    /// A rounded quotient that is a number once what is equal is put in, if rounding leaves it.
    fn rounded(&mut self, value: &'p Term, places: i32, depth: u32) -> Option<Vec<Ratio>> {
        if self.equal.is_empty() {
            return None;
        }
        let cases = self.cases(value, depth)?;
        let [case] = cases.as_slice() else { return None };
        let (num, den) = (self.substituted(&case.num)?, self.substituted(&case.den)?);
        let (atoms, below) = den.0.iter().next()?;
        let above = num.0.get(atoms)?;
        let (top, bottom) = (above.0.checked_mul(below.1)?, above.1.checked_mul(below.0)?);
        let number = Poly::number(top.checked_mul(bottom.signum())?, bottom.checked_abs()?)?;
        let left = num.plus(-1, &den.times(&number)?)?;
        let (top, bottom) = number.0.get(&Vec::new()).copied().unwrap_or((0, 1));
        let units = 10_i128.checked_pow(places.max(0).unsigned_abs())?;
        let stays = places >= 0 && top.checked_mul(units)? % bottom == 0;
        (left.0.is_empty() && stays)
            .then(|| vec![Ratio { num: number, den: one(), at_most: Vec::new(), above: Vec::new() }])
    }

    /// Whether a cell of an accident is the sum over its injuries.
    fn sums(&self, term: &Term) -> bool {
        matches!(&term.kind, TermKind::Cell(Rows::Each(own), Column::Derived(each, _)) if own != each)
    }

    /// A formula that is one polynomial.
    pub fn plain(&mut self, term: &'p Term, depth: u32) -> Option<Poly> {
        match self.cases(term, depth)?.as_slice() {
            [one] if one.den == self::one() => Some(one.num.clone()),
            _ => None,
        }
    }

    /// The sum of a column that is itself a sum of columns, as the sum of their sums.
    fn sum(&mut self, sum: Atom<'p>, depth: u32) -> Option<Vec<Ratio>> {
        let depth = depth.checked_sub(1)?;
        let Atom::Sum { rows, column, window, filter } = sum else { return None };
        let plan = self.signs.plan;
        let filtered = filter.map_or_else(String::new, |filter| plan.print(filter));
        let name = format!("sum {} {} {window:?} {filtered}", plan.rows_name(rows), plan.column_name(column));
        let whole = |taken: &mut Self| Some(taken.atom(name.clone(), sum));
        let Column::Derived(each, at) = column else { return whole(self) };
        if rows != Rows::Each(each) {
            return whole(self);
        }
        let (sign, a, b) = match &self.signs.plan.eaches[each].columns[at].term.kind {
            TermKind::Add(a, b) => (1, a, b),
            TermKind::Subtract(a, b) => (-1, a, b),
            _ => return whole(self),
        };
        let mut out = Poly::default();
        for (sign, part) in [(1, a), (sign, b)] {
            let TermKind::Cell(own, column) = part.kind else { return whole(self) };
            if own != rows {
                return whole(self);
            }
            let part = self.sum(Atom::Sum { rows, column, window, filter }, depth)?;
            let [part] = part.as_slice() else { return None };
            out = out.plus(sign, &part.num)?;
        }
        Some(vec![Ratio { num: out, den: one(), at_most: Vec::new(), above: Vec::new() }])
    }

    pub fn trend(&self, name: &str) -> Trend {
        match self.atoms.get(name) {
            Some(Atom::Term(term)) => self.signs.by_rules(term),
            Some(Atom::Sum { rows, column, window, filter }) => {
                let signs = Signs { window: Some(*window), ..self.signs.clone() };
                signs.aggregate(AggregateKind::Sum, *rows, Some(*column), *filter)
            }
            None => Trend::Same,
        }
    }

    /// Whether a polynomial is never below 0, where the comparisons of a case hold.
    pub fn not_negative(&self, poly: &Poly, case: &Ratio) -> bool {
        let bounded = |poly: &Poly| -> Option<Poly> {
            let mut out = poly.clone();
            for (above, bound) in &case.above {
                if let Some(atom) = above.single() {
                    out = out.with(atom, &bound.plus(1, &Poly::atom(format!("+{atom}")))?)?;
                }
            }
            for (below, bound) in &case.at_most {
                if let Some(atom) = bound.single() {
                    out = out.with(atom, &below.plus(1, &Poly::atom(format!("-{atom}")))?)?;
                }
            }
            Some(out)
        };
        let fits = |poly: Option<Poly>| poly.is_some_and(|poly| self.fits(&poly, GATED_MAX));
        self.fits(poly, GATED_MAX)
            || fits(bounded(poly))
            || self.ordered_sums().into_iter().any(|(low, high)| {
                let by = Poly::atom(low).plus(1, &Poly::atom(format!("+{high}")));
                fits(by.and_then(|by| poly.with(&high, &by)))
            })
    }

    /// Whether a polynomial has no number below 0, or none at both ends of what gates allow a fact.
    fn fits(&self, poly: &Poly, depth: u32) -> bool {
        if poly.not_negative() && poly.0.keys().flatten().all(|name| self.atom_not_negative(name)) {
            return true;
        }
        let Some(depth) = depth.checked_sub(1) else { return false };
        self.atoms.iter().any(|(name, atom)| {
            let Atom::Term(Term { kind: TermKind::Fact(at), .. }) = atom else { return false };
            let degree = poly.0.keys().map(|atoms| atoms.iter().filter(|a| *a == name).count()).max();
            let (Some(most), Some(1)) = (self.signs.gated(*at), degree) else { return false };
            let end = |num: i128, den: i128| poly.with(name, &Poly::number(num, den)?);
            let high = 10_i128.checked_pow(most.places()).and_then(|den| end(most.mantissa(), den));
            [end(0, 1), high].into_iter().all(|end| end.is_some_and(|end| self.fits(&end, depth)))
        })
    }

    /// Pairs of sums over the same rows of which the first is never above the second.
    fn ordered_sums(&self) -> Vec<(String, String)> {
        let mut out = Vec::new();
        for (low, a) in &self.atoms {
            for (high, b) in &self.atoms {
                let (
                    Atom::Sum { rows, column: Column::Derived(each, at), window, filter },
                    Atom::Sum {
                        rows: other,
                        column: Column::Derived(each_b, at_b),
                        window: over,
                        filter: by,
                    },
                ) = (a, b)
                else {
                    continue;
                };
                let filters = match (filter, by) {
                    (None, None) => true,
                    (Some(x), Some(y)) => self.signs.same(x, y),
                    _ => false,
                };
                if low == high || rows != other || window != over || !filters {
                    continue;
                }
                let signs = Signs { window: Some(*window), ..self.signs.clone() };
                let columns = &self.signs.plan.eaches;
                if signs.at_most(&columns[*each].columns[*at].term, &columns[*each_b].columns[*at_b].term) {
                    out.push((low.clone(), high.clone()));
                }
            }
        }
        out
    }

    fn atom_not_negative(&self, name: &str) -> bool {
        match self.atoms.get(name) {
            // Whatever is more or less than a bound.
            None => true,
            Some(Atom::Term(term)) => self.signs.not_negative(term),
            Some(Atom::Sum { column, window, .. }) => {
                Signs { window: Some(*window), ..self.signs.clone() }.column_not_negative(*column)
            }
        }
    }
}

pub(super) fn one() -> Poly {
    Poly(BTreeMap::from([(Vec::new(), (1, 1))]))
}
