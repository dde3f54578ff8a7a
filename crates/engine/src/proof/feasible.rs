//! Whether linear conditions can hold together, exactly: the dual simplex method on whole numbers, and branching where
//! a quantity must be whole.
//!
//! The tableau holds integers over one common divisor, so a pivot divides without remainder (Edmonds). A strict
//! condition on quantities that need not be whole is `expression ≤ -δ` for a δ smaller than any number; right-hand
//! sides are therefore pairs, compared in order, and at the end a small enough δ is taken. The cost is the plain sum of
//! the quantities, which makes the first tableau dual feasible and the answer small.

use super::linear::{Linear, Var};
use super::tableau::{Pairs, Tableau};
use num_bigint::BigInt;
use std::collections::BTreeMap;

/// Branchings after which the answer is "not known".
const BRANCHES_MAX: u32 = 400;
/// Branchings after which values with room to be made whole are tried.
const BRANCHES_FIRST: u32 = 40;

/// A value of a quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rational {
    pub num: BigInt,
    /// Positive.
    pub den: BigInt,
}

impl Rational {
    pub fn whole(value: i128) -> Self {
        Self { num: BigInt::from(value), den: BigInt::from(1) }
    }

    /// The value, if it is whole and small.
    pub fn as_whole(&self) -> Option<i128> {
        let zero = BigInt::from(0);
        if &self.num % &self.den == zero { i128::try_from(&self.num / &self.den).ok() } else { None }
    }

    /// `self + factor × other`.
    pub fn plus(&self, factor: i128, other: &Self) -> Self {
        let num = &self.num * &other.den + BigInt::from(factor) * &other.num * &self.den;
        Self { num, den: &self.den * &other.den }
    }

    fn floor(&self) -> BigInt {
        let (zero, quotient) = (BigInt::from(0), &self.num / &self.den);
        if self.num < zero && &self.num % &self.den != zero { quotient - 1 } else { quotient }
    }
}

/// What values quantities may have: a least value, and whether it is whole.
pub(super) trait Bounds {
    fn least(&self, var: Var) -> i128;
    fn most(&self, var: Var) -> Option<i128>;
    fn whole(&self, var: Var) -> bool;
}

/// `expression ≤ 0`, or `< 0`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Condition {
    pub expression: Linear,
    pub strict: bool,
}

impl Condition {
    /// Whether it holds of values; a quantity without one is 0.
    pub fn holds(&self, values: &BTreeMap<Var, Rational>) -> bool {
        let mut sum = Rational::whole(self.expression.constant);
        for (var, c) in &self.expression.terms {
            if let Some(value) = values.get(var) {
                sum = sum.plus(*c, value);
            }
        }
        let zero = BigInt::from(0);
        if self.strict { sum.num < zero } else { sum.num <= zero }
    }
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    /// Values of every quantity that the conditions name.
    Holds(BTreeMap<Var, Rational>),
    /// No record can do it.
    Never,
    /// Too many branchings.
    Unknown,
}

/// Values that meet all conditions, small ones first.
pub(super) fn solve(conditions: &[Condition], bounds: &dyn Bounds) -> Answer {
    let (mut task, alike) = Task::of(conditions, bounds);
    let mut answer = task.branch(&mut BRANCHES_FIRST.clone());
    if answer == Answer::Unknown {
        answer = match task.roomy() {
            Some(values) => Answer::Holds(values),
            None => task.branch(&mut BRANCHES_MAX.clone()),
        };
    }
    match answer {
        Answer::Holds(mut values) => {
            share(&mut values, &alike, bounds);
            Answer::Holds(values)
        }
        other => other,
    }
}

/// Gives what one quantity stands for to those that it stands for, as far as each may have it.
fn share(values: &mut BTreeMap<Var, Rational>, alike: &[(Var, Vec<Var>)], bounds: &dyn Bounds) {
    for (first, others) in alike {
        let mut rest = values[first].clone();
        for var in std::iter::once(first).chain(others) {
            let most = bounds.most(*var).filter(|most| rest.num > BigInt::from(*most) * &rest.den);
            let taken = most.map_or_else(|| rest.clone(), Rational::whole);
            rest = rest.plus(-1, &taken);
            values.insert(*var, taken);
        }
    }
}

/// Conditions on quantities between bounds.
pub(super) struct Task {
    pub conditions: Vec<Condition>,
    /// Sorted.
    pub vars: Vec<Var>,
    pub low: Vec<i128>,
    pub high: Vec<Option<i128>>,
    whole: Vec<bool>,
}

impl Task {
    /// Quantities that every condition treats alike are one: which of them has how much does not matter, and trying it
    /// out would take for ever. Gives each that stands for others, with those.
    fn of(conditions: &[Condition], bounds: &dyn Bounds) -> (Self, Vec<(Var, Vec<Var>)>) {
        let mut vars: Vec<Var> =
            conditions.iter().flat_map(|c| c.expression.terms.iter().map(|t| t.0)).collect();
        vars.sort_unstable();
        vars.dedup();
        let mut columns: BTreeMap<(Vec<i128>, bool), Vec<Var>> = BTreeMap::new();
        for var in &vars {
            let column = conditions.iter().map(|c| c.expression.coefficient(*var)).collect();
            columns.entry((column, bounds.whole(*var))).or_default().push(*var);
        }
        let mut alike: Vec<(Var, Vec<Var>)> = columns
            .into_values()
            .filter(|group| group.len() > 1 && group.iter().all(|v| bounds.least(*v) == 0))
            .map(|group| (group[0], group[1..].to_vec()))
            .collect();
        alike.sort_unstable();
        let hidden = |var: Var| alike.iter().any(|(_, others)| others.contains(&var));
        let conditions = conditions
            .iter()
            .map(|c| {
                let terms = c.expression.terms.iter().copied().filter(|t| !hidden(t.0)).collect();
                Condition { expression: Linear { terms, constant: c.expression.constant }, strict: c.strict }
            })
            .collect();
        vars.retain(|var| !hidden(*var));
        let most = |var: &Var| {
            let group = alike.iter().find(|(first, _)| first == var).map_or(&[][..], |(_, others)| others);
            group.iter().try_fold(bounds.most(*var)?, |sum, other| sum.checked_add(bounds.most(*other)?))
        };
        let low = vars.iter().map(|v| bounds.least(*v)).collect();
        let high = vars.iter().map(most).collect();
        let whole = vars.iter().map(|v| bounds.whole(*v)).collect();
        (Self { conditions, vars, low, high, whole }, alike)
    }

    /// Values that need not be whole.
    fn relaxed(&self) -> Option<Pairs> {
        match Tableau::<i128>::solve(self) {
            Some(solution) => solution,
            None => Tableau::<BigInt>::solve(self).expect("arbitrary precision does not overflow"),
        }
    }

    /// Whole values beside ones that meet the conditions with so much room that being made whole does not break them.
    fn roomy(&self) -> Option<BTreeMap<Var, Rational>> {
        let mut task = Self {
            conditions: self.conditions.clone(),
            vars: self.vars.clone(),
            low: self.low.clone(),
            high: self.high.clone(),
            whole: self.whole.clone(),
        };
        for condition in &mut task.conditions {
            let room =
                condition.expression.terms.iter().try_fold(0_i128, |sum, t| sum.checked_add(t.1.abs()));
            condition.expression.constant = condition.expression.constant.checked_add(room?)?;
        }
        let pairs = task.relaxed()?;
        let beside = |at: usize, value: &Rational| {
            if self.whole[at] { Rational { num: value.floor(), den: BigInt::from(1) } } else { value.clone() }
        };
        let values = (0..self.vars.len()).map(|at| (self.vars[at], beside(at, &pairs[at].0))).collect();
        self.holds(&values).then_some(values)
    }

    fn branch(&mut self, left: &mut u32) -> Answer {
        let Some(pairs) = self.relaxed() else { return Answer::Never };
        let zero = BigInt::from(0);
        let broken = (0..self.vars.len())
            .find(|at| self.whole[*at] && (pairs[*at].0.as_whole().is_none() || pairs[*at].1.num != zero));
        let Some(at) = broken else { return self.settle(&pairs) };
        if let Some(values) = self.near(&pairs) {
            return Answer::Holds(values);
        }
        if *left == 0 {
            return Answer::Unknown;
        }
        *left -= 1;
        // At a whole value plus or minus δ, the whole numbers on both sides are that value and its neighbour.
        let (value, delta) = &pairs[at];
        let mut floor = value.floor();
        if value.as_whole().is_some() && delta.num < zero {
            floor -= 1;
        }
        let Ok(floor) = i128::try_from(floor) else { return Answer::Unknown };
        let (low, high) = (self.low[at], self.high[at]);
        let mut unknown = false;
        for (new_low, new_high) in [(low, Some(floor)), (floor + 1, high)] {
            (self.low[at], self.high[at]) = (new_low, new_high);
            let answer =
                if new_high.is_some_and(|high| high < new_low) { Answer::Never } else { self.branch(left) };
            (self.low[at], self.high[at]) = (low, high);
            match answer {
                Answer::Holds(values) => return Answer::Holds(values),
                Answer::Never => {}
                Answer::Unknown => unknown = true,
            }
        }
        if unknown { Answer::Unknown } else { Answer::Never }
    }

    /// Whole values beside a solution, if the conditions hold of them.
    fn near(&self, pairs: &Pairs) -> Option<BTreeMap<Var, Rational>> {
        [1, 0].into_iter().find_map(|up| {
            let values: BTreeMap<Var, Rational> = (0..self.vars.len())
                .map(|at| {
                    let value = &pairs[at].0;
                    let beside = match value.as_whole() {
                        Some(_) => value.clone(),
                        None if self.whole[at] => Rational { num: value.floor() + up, den: BigInt::from(1) },
                        None => value.clone(),
                    };
                    (self.vars[at], beside)
                })
                .collect();
            self.holds(&values).then_some(values)
        })
    }

    fn holds(&self, values: &BTreeMap<Var, Rational>) -> bool {
        let within = (0..self.vars.len()).all(|at| {
            let value = &values[&self.vars[at]];
            let (low, high) = (BigInt::from(self.low[at]) * &value.den, self.high[at].map(BigInt::from));
            value.num >= low && high.is_none_or(|high| value.num <= high * &value.den)
        });
        within && self.conditions.iter().all(|c| c.holds(values))
    }

    /// Takes a δ that is small enough.
    fn settle(&self, pairs: &Pairs) -> Answer {
        let mut den = BigInt::from(1);
        for _ in 0..200 {
            let values: BTreeMap<Var, Rational> = self
                .vars
                .iter()
                .zip(pairs)
                .map(|(var, (value, delta))| {
                    // value + delta / den
                    let num = &value.num * &delta.den * &den + &delta.num * &value.den;
                    (*var, Rational { num, den: &value.den * &delta.den * &den })
                })
                .collect();
            if self.holds(&values) {
                return Answer::Holds(values);
            }
            den *= 2;
        }
        Answer::Unknown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whole quantities from 0, but the last named may be any number.
    struct Natural(Option<Var>);

    impl Bounds for Natural {
        fn least(&self, _: Var) -> i128 {
            0
        }
        fn most(&self, _: Var) -> Option<i128> {
            None
        }
        fn whole(&self, var: Var) -> bool {
            self.0 != Some(var)
        }
    }

    fn condition(terms: &[(Var, i128)], constant: i128, strict: bool) -> Condition {
        Condition { expression: Linear { terms: terms.to_vec(), constant }, strict }
    }

    #[test]
    fn small_worlds_agree_with_enumeration() {
        // Every pair of conditions a·x + b·y + c ≤ 0 with small numbers, with 0 ≤ x, y ≤ 4 added.
        let box_4 = [condition(&[(0, 1)], -4, false), condition(&[(1, 1)], -4, false)];
        let numbers = [-3, -1, 0, 2];
        let mut checked = 0;
        let mut each = Vec::new();
        for a in numbers {
            for b in numbers {
                for c in [-2, 1, 5] {
                    let terms: Vec<_> = [(0, a), (1, b)].into_iter().filter(|t| t.1 != 0).collect();
                    each.push(condition(&terms, c, false));
                }
            }
        }
        for first in &each {
            for second in &each {
                let all = [&box_4[..], &[first.clone(), second.clone()]].concat();
                let found = (0..25).any(|at| {
                    let values = BTreeMap::from([(0, Rational::whole(at / 5)), (1, Rational::whole(at % 5))]);
                    all.iter().all(|c| c.holds(&values))
                });
                match solve(&all, &Natural(None)) {
                    Answer::Holds(values) => {
                        assert!(all.iter().all(|c| c.holds(&values)), "{all:?}");
                        assert!(found, "{all:?}");
                    }
                    Answer::Never => assert!(!found, "{all:?}"),
                    Answer::Unknown => panic!("{all:?}"),
                }
                checked += 1;
            }
        }
        assert_eq!(checked, 48 * 48);
    }

    #[test]
    fn between_two_whole_numbers_is_nothing_whole() {
        let between = [condition(&[(0, 2)], -5, false), condition(&[(0, -2)], 5, false)];
        assert_eq!(solve(&between, &Natural(None)), Answer::Never);
        assert!(matches!(solve(&between, &Natural(Some(0))), Answer::Holds(_)));
    }

    #[test]
    fn strict_conditions_leave_no_point() {
        // 100 injuries among more than 0 people, at a rate above 3 % and at most 3 %.
        let above = condition(&[(0, -100), (1, 3)], 0, true);
        let at_most = condition(&[(0, 100), (1, -3)], 0, false);
        let people = condition(&[(1, -1)], 0, true);
        let bounds = Natural(Some(1));
        assert_eq!(solve(&[above.clone(), at_most.clone(), people.clone()], &bounds), Answer::Never);
        for side in [above, at_most] {
            let Answer::Holds(values) = solve(&[side.clone(), people.clone()], &bounds) else { panic!() };
            assert!(side.holds(&values) && people.holds(&values));
        }
    }

    #[test]
    fn numbers_beyond_128_bits_are_exact_too() {
        // huge·x + 1 ≤ (huge - 1)·y asks for y above x; the products of a pivot need more than 128 bits.
        let huge = i128::MAX / 3;
        let conditions = [
            condition(&[(0, huge), (1, 1 - huge)], 1, false),
            condition(&[(0, -huge), (1, huge)], -huge, false),
            condition(&[(0, -1)], 1, false),
        ];
        struct Any;
        impl Bounds for Any {
            fn least(&self, _: Var) -> i128 {
                0
            }
            fn most(&self, _: Var) -> Option<i128> {
                None
            }
            fn whole(&self, _: Var) -> bool {
                false
            }
        }
        let Answer::Holds(values) = solve(&conditions, &Any) else { panic!("x = 1, y = 2 does it") };
        assert!(conditions.iter().all(|c| c.holds(&values)));
        let none = [conditions[0].clone(), condition(&[(0, -1), (1, 1)], 0, false)];
        assert_eq!(solve(&none, &Any), Answer::Never);
    }
}
