//! The dual simplex method over integers with one common divisor.

use super::feasible::{Rational, Task};
use num_bigint::BigInt;

/// The arithmetic of a tableau.
pub(super) trait Exact: Clone + Ord {
    fn of(value: i128) -> Self;
    /// `(a·b - c·d) / e`, which has no remainder; None when it leaves the width.
    fn pivoted(a: &Self, b: &Self, c: &Self, d: &Self, e: &Self) -> Option<Self>;
    fn negated(&self) -> Self;
    fn wide(&self) -> BigInt;
}

impl Exact for i128 {
    fn of(value: i128) -> Self {
        value
    }
    fn pivoted(a: &Self, b: &Self, c: &Self, d: &Self, e: &Self) -> Option<Self> {
        Some(a.checked_mul(*b)?.checked_sub(c.checked_mul(*d)?)? / e)
    }
    fn negated(&self) -> Self {
        -self
    }
    fn wide(&self) -> BigInt {
        BigInt::from(*self)
    }
}

impl Exact for BigInt {
    fn of(value: i128) -> Self {
        Self::from(value)
    }
    fn pivoted(a: &Self, b: &Self, c: &Self, d: &Self, e: &Self) -> Option<Self> {
        Some((a * b - c * d) / e)
    }
    fn negated(&self) -> Self {
        -self
    }
    fn wide(&self) -> BigInt {
        self.clone()
    }
}

/// Row `i`: `divisor · basic[i] + Σ cells[i][j] · free[j] = cells[i][n] + δ · cells[i][n + 1]`; the last row is the cost.
pub(super) struct Tableau<N> {
    cells: Vec<Vec<N>>,
    divisor: N,
    basic: Vec<usize>,
    free: Vec<usize>,
}

/// Each quantity's value and its δ part.
pub(super) type Pairs = Vec<(Rational, Rational)>;

impl<N: Exact> Tableau<N> {
    /// None: left the width. `Some(None)`: no values.
    pub fn solve(task: &Task) -> Option<Option<Pairs>> {
        let n = task.vars.len();
        let zero = N::of(0);
        let mut cells = Vec::new();
        for condition in &task.conditions {
            let mut row = vec![zero.clone(); n + 2];
            // Quantities are counted from their least value.
            let mut right = condition.expression.constant.checked_neg()?;
            for (var, c) in &condition.expression.terms {
                let at = task.vars.binary_search(var).expect("every quantity is listed");
                row[at] = N::of(*c);
                right = right.checked_sub(c.checked_mul(task.low[at])?)?;
            }
            row[n] = N::of(right);
            row[n + 1] = N::of(-i128::from(condition.strict));
            cells.push(row);
        }
        for at in 0..n {
            if let Some(high) = task.high[at] {
                let mut row = vec![zero.clone(); n + 2];
                row[at] = N::of(1);
                row[n] = N::of(high.checked_sub(task.low[at])?);
                cells.push(row);
            }
        }
        let m = cells.len();
        let mut cost = vec![N::of(-1); n];
        cost.extend([zero.clone(), zero.clone()]);
        cells.push(cost);
        let mut tableau =
            Self { cells, divisor: N::of(1), basic: (n..n + m).collect(), free: (0..n).collect() };
        loop {
            let negative = |row: &Vec<N>| (&row[n], &row[n + 1]) < (&zero, &zero);
            let leaving = (0..m).filter(|r| negative(&tableau.cells[*r])).min_by_key(|r| tableau.basic[*r]);
            let Some(row) = leaving else { break };
            let Some(column) = tableau.entering(row, n)? else { return Some(None) };
            tableau.pivot(row, column)?;
        }
        let nothing = || Rational::whole(0);
        let mut pairs: Pairs = task.low.iter().map(|low| (Rational::whole(*low), nothing())).collect();
        for (row, name) in tableau.basic.iter().enumerate().filter(|(_, name)| **name < n) {
            let den = tableau.divisor.wide();
            let (value, delta) = (tableau.cells[row][n].wide(), tableau.cells[row][n + 1].wide());
            let low = BigInt::from(task.low[*name]);
            pairs[*name] =
                (Rational { num: value + low * &den, den: den.clone() }, Rational { num: delta, den });
        }
        Some(Some(pairs))
    }

    /// The column of least cost per unit, the first in case of doubt (Bland: no circles). `Some(None)`: there is none.
    fn entering(&self, row: usize, n: usize) -> Option<Option<usize>> {
        let (zero, one) = (N::of(0), N::of(1));
        let cost = &self.cells[self.cells.len() - 1];
        let mut best: Option<usize> = None;
        for column in (0..n).filter(|c| self.cells[row][*c] < zero) {
            let Some(other) = best else {
                best = Some(column);
                continue;
            };
            // Both costs and both cells are not positive: cost[c] / cell[c] < cost[o] / cell[o].
            let compared = N::pivoted(
                &cost[column],
                &self.cells[row][other],
                &cost[other],
                &self.cells[row][column],
                &one,
            )?;
            if compared < zero || (compared == zero && self.free[column] < self.free[other]) {
                best = Some(column);
            }
        }
        Some(best)
    }

    fn pivot(&mut self, row: usize, column: usize) -> Option<()> {
        let pivot_row = self.cells[row].clone();
        let p = pivot_row[column].clone();
        for (_, cells) in self.cells.iter_mut().enumerate().filter(|(at, _)| *at != row) {
            let factor = cells[column].clone();
            for (cell, above) in cells.iter_mut().zip(&pivot_row) {
                *cell = N::pivoted(&p, cell, &factor, above, &self.divisor)?;
            }
            cells[column] = factor.negated();
        }
        self.cells[row][column] = self.divisor.clone();
        self.divisor = p;
        if self.divisor < N::of(0) {
            self.divisor = self.divisor.negated();
            self.cells.iter_mut().flatten().for_each(|cell| *cell = cell.negated());
        }
        std::mem::swap(&mut self.basic[row], &mut self.free[column]);
        Some(())
    }
}
