//! The first pass over employers: what portfolio values add up.

use super::run::Chunk;
use crate::number::Fraction;
use crate::plan::compiled::Frozen;

/// Sums over employers, of those rated so far.
#[derive(Clone, Debug, Default)]
pub struct FirstPass {
    sums: Vec<Fraction>,
    employers: u64,
    left_out: u64,
}

impl FirstPass {
    /// Adds a chunk that was rated with a program of the plan. What its results say does not matter, only what the
    /// employers' values are. An employer without a class or industry, with a window that is not whole, or with a value
    /// that is missing or undefined counts nowhere.
    pub fn add(&mut self, chunk: &Chunk<'_>, employers: usize) {
        let sums = &chunk.program().employer_sums;
        self.sums.resize(sums.len(), Fraction::zero());
        for at in 0..employers {
            let lacking = |id: Option<usize>| id.is_some_and(|id| chunk.holds(id, at));
            let whole = chunk.has_place(at) && !chunk.holds(chunk.program().broken_window, at);
            let values: Option<Vec<Fraction>> =
                sums.iter().map(|q| if lacking(q.missing) { None } else { chunk.fraction(*q, at) }).collect();
            match values.filter(|_| whole) {
                Some(values) => {
                    self.employers += 1;
                    self.sums.iter_mut().zip(values).for_each(|(sum, value)| *sum = sum.plus(&value));
                }
                None => self.left_out += 1,
            }
        }
    }

    /// Adds another pass over other employers of the same plan.
    pub fn merge(&mut self, other: &Self) {
        self.sums.resize(self.sums.len().max(other.sums.len()), Fraction::zero());
        self.sums.iter_mut().zip(&other.sums).for_each(|(sum, more)| *sum = sum.plus(more));
        self.employers += other.employers;
        self.left_out += other.left_out;
    }

    /// How many employers counted, and how many were left out.
    #[must_use]
    pub const fn counts(&self) -> (u64, u64) {
        (self.employers, self.left_out)
    }

    /// The sums, as the portfolio values' formulas need them; None where one does not fit 128 bits.
    #[must_use]
    pub fn sums(&self) -> Option<Vec<Frozen>> {
        self.sums.iter().map(Frozen::of).collect()
    }
}
