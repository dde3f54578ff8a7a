//! Equations that hold as quotients of polynomials.

use super::Signs;
use super::ratio::{DEPTH_MAX, Poly, Ratio, Taken, one};
use crate::plan::checked::{Relation, Term, TermKind};

impl<'p> Signs<'p> {
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
}
