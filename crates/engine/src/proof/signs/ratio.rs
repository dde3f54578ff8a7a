//! Formulas as quotients of polynomials: slopes, differences and identities that sign rules alone do not see.
//!
//! What is no sum, product or quotient is an atom. A polynomial whose numbers are all 0 or more is never below 0 where its
//! atoms are not; a bound of an atom (a branch that asks for it, a gate) is put in first: what is above `t` is `t + more`.

use super::{Signs, Trend};
use crate::number::Decimal;
use crate::plan::checked::{AggregateKind, Column, ParamValue, Relation, Rows, Term, TermKind, WindowRef};
use crate::proof::linear::gcd;
use std::collections::BTreeMap;

/// Most terms of a polynomial, and most cases of a formula.
const TERMS_MAX: usize = 400;
const CASES_MAX: usize = 16;
/// How deep formulas are taken apart.
const DEPTH_MAX: u32 = 24;

type Number = (i128, i128);

/// Numbers by products of atoms.
#[derive(Clone, Debug, Default, PartialEq)]
struct Poly(BTreeMap<Vec<String>, Number>);

impl Poly {
    fn number(num: i128, den: i128) -> Option<Self> {
        let mut out = Self::default();
        out.add(Vec::new(), (num, den))?;
        Some(out)
    }

    fn atom(name: String) -> Self {
        Self(BTreeMap::from([(vec![name], (1, 1))]))
    }

    fn add(&mut self, atoms: Vec<String>, (num, den): Number) -> Option<()> {
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

    fn plus(&self, sign: i128, other: &Self) -> Option<Self> {
        let mut out = self.clone();
        for (atoms, (num, den)) in &other.0 {
            out.add(atoms.clone(), (sign * num, *den))?;
        }
        Some(out)
    }

    fn times(&self, other: &Self) -> Option<Self> {
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
    fn with(&self, atom: &str, by: &Self) -> Option<Self> {
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

    fn slope(&self, atom: &str) -> Option<Self> {
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

    fn not_negative(&self) -> bool {
        self.0.values().all(|number| number.0 >= 0)
    }

    /// The atom, if it is one and nothing else.
    fn single(&self) -> Option<&str> {
        match self.0.iter().next() {
            Some((atoms, (1, 1))) if self.0.len() == 1 && atoms.len() == 1 => Some(&atoms[0]),
            _ => None,
        }
    }
}

/// `num / den`, where some comparisons hold.
#[derive(Clone, Debug)]
struct Ratio {
    num: Poly,
    den: Poly,
    /// First at most second; in the second list, first above second.
    at_most: Vec<(Poly, Poly)>,
    above: Vec<(Poly, Poly)>,
}

/// What an atom stands for.
#[derive(Clone, Copy)]
enum Atom<'p> {
    Term(&'p Term),
    Sum { rows: Rows, column: Column, window: WindowRef, filter: Option<&'p Term> },
}

/// Takes formulas apart.
struct Taken<'s, 'p> {
    signs: &'s Signs<'p>,
    /// The column that stays whole, though it is a sum, product or choice.
    keep: Option<(usize, usize)>,
    atoms: BTreeMap<String, Atom<'p>>,
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
    fn cases(&mut self, term: &'p Term, depth: u32) -> Option<Vec<Ratio>> {
        let depth = depth.checked_sub(1)?;
        let plan = self.signs.plan;
        match &term.kind {
            TermKind::Number(value) => Self::constant(*value),
            TermKind::Param { param, .. } => match plan.params[*param].entries.as_slice() {
                [(_, ParamValue::One(value), ..)] => Self::constant(*value),
                _ => Some(self.atom(plan.print(term), Atom::Term(term))),
            },
            TermKind::Measure(at) => self.cases(&plan.measures[*at].term, depth),
            TermKind::Cell(_, Column::Derived(each, at)) if self.keep != Some((*each, *at)) && !self.sums(term) => {
                self.cases(&plan.eaches[*each].columns[*at].term, depth)
            }
            TermKind::Aggregate {
                kind: AggregateKind::Sum,
                rows: rows @ Rows::Each(_),
                column: Some(column),
                window,
                filter,
            } => {
                let sum = Atom::Sum { rows: *rows, column: *column, window: *window, filter: filter.as_deref() };
                self.sum(sum, plan.print(term), depth)
            }
            TermKind::Add(a, b) | TermKind::Subtract(a, b) | TermKind::Multiply(a, b) | TermKind::Divide(a, b) => {
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
                        out.push(Ratio { num, den, at_most, above });
                    }
                }
                (out.len() <= CASES_MAX).then_some(out)
            }
            TermKind::If(condition, yes, no) => {
                let TermKind::Compare(relation @ (Relation::Less | Relation::LessEqual), a, b) = &condition.kind else {
                    return Some(self.atom(plan.print(term), Atom::Term(term)));
                };
                let (a, b) = (self.plain(a, depth)?, self.plain(b, depth)?);
                let (mut yes, mut no) = (self.cases(yes, depth)?, self.cases(no, depth)?);
                let _ = relation;
                yes.iter_mut().for_each(|case| case.at_most.push((a.clone(), b.clone())));
                no.iter_mut().for_each(|case| case.above.push((a.clone(), b.clone())));
                yes.extend(no);
                (yes.len() <= CASES_MAX).then_some(yes)
            }
            _ => Some(self.atom(plan.print(term), Atom::Term(term))),
        }
    }

    /// Whether a cell of an accident is the sum over its injuries.
    fn sums(&self, term: &Term) -> bool {
        matches!(&term.kind, TermKind::Cell(Rows::Each(own), Column::Derived(each, _)) if own != each)
    }

    /// A formula that is one polynomial.
    fn plain(&mut self, term: &'p Term, depth: u32) -> Option<Poly> {
        match self.cases(term, depth)?.as_slice() {
            [one] if one.den == self::one() => Some(one.num.clone()),
            _ => None,
        }
    }

    /// The sum of a column that is itself a sum of columns, as the sum of their sums.
    fn sum(&mut self, sum: Atom<'p>, name: String, depth: u32) -> Option<Vec<Ratio>> {
        let depth = depth.checked_sub(1)?;
        let Atom::Sum { rows, column, window, filter } = sum else { return None };
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
            let plan = self.signs.plan;
            let filtered = filter.map_or_else(String::new, |filter| plan.print(filter));
            let name = format!("sum {} {} {window:?} {filtered}", plan.rows_name(rows), plan.column_name(column));
            let part = self.sum(Atom::Sum { rows, column, window, filter }, name, depth)?;
            let [part] = part.as_slice() else { return None };
            out = out.plus(sign, &part.num)?;
        }
        Some(vec![Ratio { num: out, den: one(), at_most: Vec::new(), above: Vec::new() }])
    }

    fn trend(&self, name: &str) -> Trend {
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
    fn not_negative(&self, poly: &Poly, case: &Ratio) -> bool {
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
        let gated = |poly: &Poly| -> Option<Poly> {
            let mut out = poly.clone();
            for (name, atom) in &self.atoms {
                if let Atom::Term(Term { kind: TermKind::Fact(at), .. }) = atom
                    && let Some(most) = self.signs.gated(*at)
                {
                    let most = Poly::number(most.mantissa(), 10_i128.checked_pow(most.places())?)?;
                    out = out.with(name, &most.plus(-1, &Poly::atom(format!("-{name}")))?)?;
                }
            }
            Some(out)
        };
        let fits = |poly: &Poly| poly.not_negative() && poly.0.keys().flatten().all(|name| self.atom_not_negative(name));
        fits(poly)
            || bounded(poly).is_some_and(|poly| fits(&poly))
            || gated(poly).is_some_and(|poly| fits(&poly))
    }

    fn atom_not_negative(&self, name: &str) -> bool {
        match self.atoms.get(name) {
            // Whatever is more or less than a bound.
            None => true,
            Some(Atom::Term(term)) => self.signs.not_negative(term),
            Some(Atom::Sum { column, .. }) => self.signs.column_not_negative(*column),
        }
    }
}

fn one() -> Poly {
    Poly(BTreeMap::from([(Vec::new(), (1, 1))]))
}

impl<'p> Signs<'p> {
    /// The columns that a formula of a row names, any of which may stay whole.
    fn columns_of(&self, term: &'p Term) -> Vec<Option<(usize, usize)>> {
        let mut out = vec![None];
        self.parts(term, &mut |t| {
            if let TermKind::Cell(_, Column::Derived(each, at)) = t.kind
                && !out.contains(&Some((each, at)))
            {
                out.push(Some((each, at)));
            }
        });
        out
    }

    fn taken(&self, keep: Option<(usize, usize)>) -> Taken<'_, 'p> {
        Taken { signs: self, keep, atoms: BTreeMap::new() }
    }

    /// Which way a quotient of polynomials moves, by its slope in every atom that moves.
    pub(super) fn by_slope(&self, term: &'p Term) -> Trend {
        if !matches!(
            term.kind,
            TermKind::Add(..) | TermKind::Subtract(..) | TermKind::Multiply(..) | TermKind::Divide(..)
        ) {
            return Trend::Any;
        }
        let mut all = self.columns_of(term).into_iter().map(|keep| self.slope_with(term, keep));
        all.find_map(|trend| trend.filter(|trend| *trend != Trend::Any)).unwrap_or(Trend::Any)
    }

    fn slope_with(&self, term: &'p Term, keep: Option<(usize, usize)>) -> Option<Trend> {
        let mut taken = self.taken(keep);
        let cases = taken.cases(term, DEPTH_MAX)?;
        let moving: Vec<(String, Trend)> = taken
            .atoms
            .keys()
            .map(|name| (name.clone(), taken.trend(name)))
            .filter(|(_, trend)| *trend != Trend::Same)
            .collect();
        // A formula that is an atom itself says nothing new.
        let whole = |case: &Ratio| case.num.single().is_some() && case.den == one();
        if moving.iter().any(|(_, trend)| *trend == Trend::Any) || (cases.len() == 1 && whole(&cases[0])) {
            return None;
        }
        let mut up = [true, true];
        for case in &cases {
            if !taken.not_negative(&case.den, case) {
                return None;
            }
            for (name, trend) in &moving {
                let slope = case.num.slope(name)?.times(&case.den)?;
                let slope = slope.plus(-1, &case.num.times(&case.den.slope(name)?)?)?;
                let turned = Poly::default().plus(-1, &slope)?;
                let (rising, falling) = (taken.not_negative(&slope, case), taken.not_negative(&turned, case));
                let (rising, falling) = if *trend == Trend::Up { (rising, falling) } else { (falling, rising) };
                up = [up[0] && rising, up[1] && falling];
            }
        }
        // From the case below a bound to the one above it.
        if cases.len() > 1 {
            let [low, high] = cases.as_slice() else { return None };
            let ([(value, bound)], [_]) = (low.at_most.as_slice(), high.above.as_slice()) else { return None };
            let atom = value.single()?;
            if bound.0.keys().flatten().any(|name| taken.trend(name) != Trend::Same) || taken.trend(atom) != Trend::Up
                || moving.len() > 1
            {
                return None;
            }
            let there = |poly: &Poly| poly.with(atom, bound);
            let step = there(&high.num)?.times(&there(&low.den)?)?;
            let step = step.plus(-1, &there(&low.num)?.times(&there(&high.den)?)?)?;
            let free = Ratio { num: one(), den: one(), at_most: Vec::new(), above: Vec::new() };
            let turned = Poly::default().plus(-1, &step)?;
            up = [up[0] && taken.not_negative(&step, &free), up[1] && taken.not_negative(&turned, &free)];
        }
        match up {
            [true, true] => Some(Trend::Same),
            [true, false] => Some(Trend::Up),
            [false, true] => Some(Trend::Down),
            _ => None,
        }
    }

    /// Whether a difference is never below 0.
    pub(super) fn difference_not_negative(&self, a: &'p Term, b: &'p Term) -> bool {
        let keeps = self.columns_of(a).into_iter().chain(self.columns_of(b));
        keeps.into_iter().any(|keep| {
            let mut taken = self.taken(keep);
            let (Some(a), Some(b)) = (taken.cases(a, DEPTH_MAX), taken.cases(b, DEPTH_MAX)) else { return false };
            a.iter().all(|x| {
                b.iter().all(|y| {
                    let at_most = [x.at_most.as_slice(), &y.at_most].concat();
                    let above = [x.above.as_slice(), &y.above].concat();
                    let case = Ratio { num: one(), den: one(), at_most, above };
                    let product = |a: &Poly, b: &Poly| a.times(b);
                    let difference = product(&x.num, &y.den)
                        .zip(product(&y.num, &x.den))
                        .and_then(|(left, right)| left.plus(-1, &right));
                    let trivial = x.num.single().is_some() && y.num.single().is_some();
                    !trivial
                        && difference.is_some_and(|d| taken.not_negative(&d, &case))
                        && taken.not_negative(&x.den, &case)
                        && taken.not_negative(&y.den, &case)
                })
            })
        })
    }

    /// Whether the branch below a bound is at most the one above it where the two meet, both being moved by that value alone.
    pub(super) fn meets_at_bound(&self, condition: &'p Term, yes: &'p Term, no: &'p Term) -> bool {
        let TermKind::Compare(Relation::Less | Relation::LessEqual, value, bound) = &condition.kind else {
            return false;
        };
        let keep = match value.kind {
            TermKind::Cell(_, Column::Derived(each, at)) => Some((each, at)),
            _ => None,
        };
        let mut taken = self.taken(keep);
        let check = |taken: &mut Taken<'_, 'p>| -> Option<bool> {
            let (value, bound) = (taken.plain(value, DEPTH_MAX)?, taken.plain(bound, DEPTH_MAX)?);
            let atom = value.single()?.to_owned();
            let (yes, no) = (taken.cases(yes, DEPTH_MAX)?, taken.cases(no, DEPTH_MAX)?);
            let ([yes], [no]) = (yes.as_slice(), no.as_slice()) else { return None };
            if taken.atoms.keys().any(|name| *name != atom && taken.trend(name) != Trend::Same) {
                return None;
            }
            let there = |poly: &Poly| poly.with(&atom, &bound);
            let step = there(&no.num)?.times(&there(&yes.den)?)?;
            let step = step.plus(-1, &there(&yes.num)?.times(&there(&no.den)?)?)?;
            let free = Ratio { num: one(), den: one(), at_most: Vec::new(), above: Vec::new() };
            Some(taken.not_negative(&step, &free))
        };
        check(&mut taken).unwrap_or(false)
    }
}
