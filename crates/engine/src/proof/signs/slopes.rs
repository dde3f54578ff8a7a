//! Slopes of quotients of polynomials, and which of two is larger.

use super::ratio::{Atom, DEPTH_MAX, Poly, Ratio, Taken, one};
use super::{Signs, Trend};
use crate::plan::checked::{Column, Relation, Term, TermKind};
use std::collections::BTreeMap;

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

    pub(super) fn taken(&self, keep: Option<(usize, usize)>) -> Taken<'_, 'p> {
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
