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
const DEPTH_MAX: u32 = 24;
/// Facts of which both ends are tried at once.
const GATED_MAX: u32 = 4;

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
    /// Whether measures stay whole.
    measures: bool,
    /// The outcome that choices by outcome are made for.
    outcome: Option<ClaimOutcome>,
    atoms: BTreeMap<String, Atom<'p>>,
    /// What atoms are equal to.
    equal: Vec<(String, Poly)>,
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
    fn substituted(&self, poly: &Poly) -> Option<Poly> {
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
    fn plain(&mut self, term: &'p Term, depth: u32) -> Option<Poly> {
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
        let mut open = vec![Some(poly.clone()), bounded(poly)];
        for (low, high) in self.ordered_sums() {
            let more = Poly::atom(format!("+{high}"));
            let by = Poly::atom(low).plus(1, &more);
            open.push(by.and_then(|by| poly.with(&high, &by)));
        }
        open.into_iter().flatten().any(|poly| self.fits(&poly, GATED_MAX))
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

fn one() -> Poly {
    Poly(BTreeMap::from([(Vec::new(), (1, 1))]))
}

impl<'p> Signs<'p> {
    /// Whether a quotient of polynomials is never below 0.
    pub(super) fn quotient_not_negative(&self, term: &'p Term) -> bool {
        self.columns_of(term).into_iter().any(|keep| {
            let mut taken = self.taken(keep);
            taken.cases(term, DEPTH_MAX).is_some_and(|cases| {
                let own = |case: &Ratio| case.den == one() && case.num.single().is_some();
                cases.iter().all(|case| {
                    !own(case) && taken.not_negative(&case.num, case) && taken.not_negative(&case.den, case)
                })
            })
        })
    }

    /// Whether an equation holds of every rated record where a condition does: both sides are one quotient of polynomials
    /// once what the condition calls equal is put in.
    pub fn identity(&self, is: &'p Term, place: Option<&'p Term>) -> bool {
        self.equation(is, place).unwrap_or(false)
    }

    fn equation(&self, is: &'p Term, place: Option<&'p Term>) -> Option<bool> {
        let TermKind::Compare(Relation::Equal, a, b) = &is.kind else { return None };
        let mut taken = self.taken(None);
        let mut positive: Vec<Poly> = Vec::new();
        let mut open: Vec<&'p Term> = place.into_iter().collect();
        let mut equal: Vec<(&'p Term, &'p Term)> = Vec::new();
        while let Some(condition) = open.pop() {
            match &condition.kind {
                TermKind::And(x, y) => open.extend([&**x, &**y]),
                TermKind::Compare(Relation::Equal, x, y) => equal.push((x, y)),
                TermKind::Compare(Relation::Less, x, y) => {
                    if let (Some(x), Some(y)) = (taken.plain(x, DEPTH_MAX), taken.plain(y, DEPTH_MAX)) {
                        positive.push(y.plus(-1, &x)?);
                    }
                }
                _ => {}
            }
        }
        for (x, y) in equal {
            let (x, y) = (taken.cases(x, DEPTH_MAX)?, taken.cases(y, DEPTH_MAX)?);
            let ([x], [y]) = (x.as_slice(), y.as_slice()) else { continue };
            let zero = x.num.times(&y.den)?.plus(-1, &y.num.times(&x.den)?)?;
            let zero = taken.substituted(&zero)?;
            let solved = zero.0.iter().find(|(atoms, _)| {
                let alone = |name: &String| zero.0.keys().filter(|other| other.contains(name)).count() == 1;
                atoms.len() == 1 && alone(&atoms[0])
            });
            let (atoms, (num, den)) = solved?;
            let (name, inverse) = (atoms[0].clone(), Poly::number(-den * num.signum(), num.abs())?);
            let mut rest = zero.clone();
            rest.0.remove(atoms);
            taken.equal.push((name, rest.times(&inverse)?));
        }
        let divisors_hold = self.divisors(is).into_iter().all(|divisor| {
            let Some(divisor) = taken.plain(divisor, DEPTH_MAX) else { return false };
            let free = Ratio { num: one(), den: one(), at_most: Vec::new(), above: Vec::new() };
            positive.iter().any(|p| divisor.plus(-1, p).is_some_and(|rest| taken.not_negative(&rest, &free)))
        });
        if !divisors_hold {
            return Some(false);
        }
        let possible = |case: &Ratio, taken: &Taken<'_, 'p>| {
            let free = Ratio { num: one(), den: one(), at_most: Vec::new(), above: Vec::new() };
            // A branch that asks for a ≥ b where b - a is above 0.
            !case.above.iter().any(|(a, b)| {
                b.plus(-1, a).is_some_and(|difference| {
                    let beyond = |p: &Poly| {
                        difference.plus(-1, p).is_some_and(|rest| taken.not_negative(&rest, &free))
                    };
                    positive.iter().any(beyond)
                })
            })
        };
        let (a, b) = (taken.cases(a, DEPTH_MAX)?, taken.cases(b, DEPTH_MAX)?);
        for x in a.iter().filter(|case| possible(case, &taken)) {
            for y in b.iter().filter(|case| possible(case, &taken)) {
                let difference = x.num.times(&y.den)?.plus(-1, &y.num.times(&x.den)?)?;
                if !taken.substituted(&difference)?.0.is_empty() {
                    return Some(false);
                }
            }
        }
        Some(true)
    }

    /// The divisors of a formula outside the measures that give a review where they are undefined.
    fn divisors(&self, term: &'p Term) -> Vec<&'p Term> {
        let mut out = Vec::new();
        let mut open = vec![term];
        while let Some(next) = open.pop() {
            next.walk(&mut |t| match &t.kind {
                TermKind::Divide(_, b) if !matches!(b.kind, TermKind::Number(_)) => out.push(&**b),
                TermKind::Measure(at) if !self.plan.measures[*at].review => {
                    open.push(&self.plan.measures[*at].term);
                }
                _ => {}
            });
        }
        out
    }

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
        Taken { signs: self, keep, measures: false, outcome: None, atoms: BTreeMap::new(), equal: Vec::new() }
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

    /// Which way a value of a row moves with its outcome alone.
    pub(super) fn by_outcome(&self, term: &'p Term) -> Option<Trend> {
        let case = self.case?;
        let mut taken = Taken { outcome: Some(case.from), ..self.taken(None) };
        let from = taken.cases(term, DEPTH_MAX)?;
        taken.outcome = Some(case.to);
        let to = taken.cases(term, DEPTH_MAX)?;
        if taken.atoms.keys().any(|name| taken.trend(name) != Trend::Same) {
            return None;
        }
        let mut up = [true, true];
        for x in &from {
            for y in &to {
                let at_most = [x.at_most.as_slice(), &y.at_most].concat();
                let above = [x.above.as_slice(), &y.above].concat();
                if at_most.iter().any(|pair| above.contains(pair)) {
                    continue;
                }
                let both = Ratio { num: one(), den: one(), at_most, above };
                let difference = y.num.times(&x.den)?.plus(-1, &x.num.times(&y.den)?)?;
                let turned = Poly::default().plus(-1, &difference)?;
                let dens = taken.not_negative(&x.den, &both) && taken.not_negative(&y.den, &both);
                up = [
                    up[0] && dens && taken.not_negative(&difference, &both),
                    up[1] && dens && taken.not_negative(&turned, &both),
                ];
            }
        }
        match up {
            [true, true] => Some(Trend::Same),
            [true, false] => Some(Trend::Up),
            [false, true] => Some(Trend::Down),
            _ => None,
        }
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
                let (rising, falling) =
                    if *trend == Trend::Up { (rising, falling) } else { (falling, rising) };
                up = [up[0] && rising, up[1] && falling];
            }
        }
        // From the case below a bound to the one above it.
        if cases.len() > 1 {
            let [low, high] = cases.as_slice() else { return None };
            let ([(value, bound)], [_]) = (low.at_most.as_slice(), high.above.as_slice()) else {
                return None;
            };
            let atom = value.single()?;
            if bound.0.keys().flatten().any(|name| taken.trend(name) != Trend::Same)
                || taken.trend(atom) != Trend::Up
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
            let (Some(a), Some(b)) = (taken.cases(a, DEPTH_MAX), taken.cases(b, DEPTH_MAX)) else {
                return false;
            };
            a.iter().all(|x| {
                b.iter().all(|y| {
                    let at_most = [x.at_most.as_slice(), &y.at_most].concat();
                    let above = [x.above.as_slice(), &y.above].concat();
                    let case = Ratio { num: one(), den: one(), at_most, above };
                    let product = |a: &Poly, b: &Poly| a.times(b);
                    let difference = product(&x.num, &y.den)
                        .zip(product(&y.num, &x.den))
                        .and_then(|(left, right)| left.plus(-1, &right));
                    difference.is_some_and(|d| taken.not_negative(&d, &case))
                        && taken.not_negative(&x.den, &case)
                        && taken.not_negative(&y.den, &case)
                })
            })
        })
    }

    /// Whether a number is at most another wherever a comparison holds.
    pub(super) fn at_most_where(&self, condition: &'p Term, low: &'p Term, high: &'p Term) -> bool {
        let TermKind::Compare(Relation::Less | Relation::LessEqual, a, b) = &condition.kind else {
            return false;
        };
        let mut taken = Taken { measures: true, ..self.taken(None) };
        let check = |taken: &mut Taken<'_, 'p>| -> Option<bool> {
            let (a, b) = (taken.plain(a, DEPTH_MAX)?, taken.plain(b, DEPTH_MAX)?);
            let (low, high) = (taken.cases(low, DEPTH_MAX)?, taken.cases(high, DEPTH_MAX)?);
            let ([low], [high]) = (low.as_slice(), high.as_slice()) else { return None };
            let case = Ratio { num: one(), den: one(), at_most: vec![(a, b)], above: Vec::new() };
            let difference = high.num.times(&low.den)?.plus(-1, &low.num.times(&high.den)?)?;
            let dens = taken.not_negative(&low.den, &case) && taken.not_negative(&high.den, &case);
            Some(dens && taken.not_negative(&difference, &case))
        };
        check(&mut taken).unwrap_or(false)
    }

    /// Whether a column never moves by more than one unit where a column that it is made of moves by one: its slope is
    /// between -1 and 1, and it does not jump from one case to the next.
    pub fn smooth(&self, term: &'p Term, input: Column) -> bool {
        let Column::Derived(each, at) = input else { return false };
        let mut taken = self.taken(Some((each, at)));
        let check = |taken: &mut Taken<'_, 'p>| -> Option<bool> {
            let cases = taken.cases(term, DEPTH_MAX)?;
            let name = self.plan.eaches[each].columns[at].name.clone();
            for case in &cases {
                let slope = case.num.slope(&name)?.times(&case.den)?;
                let slope = slope.plus(-1, &case.num.times(&case.den.slope(&name)?)?)?;
                let square = case.den.times(&case.den)?;
                let room = [square.plus(-1, &slope)?, square.plus(1, &slope)?];
                if !taken.not_negative(&case.den, case)
                    || !room.iter().all(|room| taken.not_negative(room, case))
                {
                    return Some(false);
                }
            }
            let others = taken.atoms.iter().filter(|(own, _)| **own != name).all(|(_, atom)| match atom {
                Atom::Term(term) => !self.mentions(term, input),
                Atom::Sum { .. } => false,
            });
            match cases.as_slice() {
                [_] => Some(others),
                [low, high] => {
                    let ([(value, bound)], [_]) = (low.at_most.as_slice(), high.above.as_slice()) else {
                        return None;
                    };
                    let there = |poly: &Poly| poly.with(&name, bound);
                    let step = there(&high.num)?.times(&there(&low.den)?)?;
                    let step = step.plus(-1, &there(&low.num)?.times(&there(&high.den)?)?)?;
                    let free_bound = bound.0.keys().flatten().all(|atom| *atom != name);
                    Some(others && value.single() == Some(name.as_str()) && free_bound && step.0.is_empty())
                }
                _ => None,
            }
        };
        check(&mut taken).unwrap_or(false)
    }

    /// Whether a formula looks at a column.
    fn mentions(&self, term: &'p Term, column: Column) -> bool {
        let mut found = false;
        self.parts(term, &mut |t| found |= matches!(t.kind, TermKind::Cell(_, own) if own == column));
        found
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
