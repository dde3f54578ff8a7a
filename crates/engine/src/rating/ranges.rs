//! How large the numbers of a chunk can become, from the ranges of its columns: decides the width to compute in.

use super::columns::Columns;
use crate::plan::compiled::{Op, Program};

/// The width in which a chunk is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Width {
    /// 64 bits.
    W64,
    /// 128 bits.
    W128,
    /// Arbitrary precision.
    Big,
}

type Range = Option<(i128, i128)>;

/// The narrowest width in which no operation on these columns can overflow.
pub(super) fn width(program: &Program, columns: &Columns) -> Width {
    let mut ranges: Vec<Range> = vec![Some((0, 0)); program.nodes.len()];
    for (id, _, (low, high)) in &columns.numbers {
        ranges[*id] = Some((i128::from(*low), i128::from(*high)));
    }
    let mut width = Width::W64;
    for (id, node) in program.nodes.iter().enumerate() {
        let of = |x: &usize| ranges[*x];
        let range = match &node.op {
            Op::Const(value) => Some((*value, *value)),
            Op::Input(_) => ranges[id],
            Op::Spread(a) => of(a),
            Op::Add(a, b) => corners(of(a), of(b), i128::checked_add),
            Op::Subtract(a, b) => corners(of(a), of(b), i128::checked_sub),
            Op::Multiply(a, b) => corners(of(a), of(b), i128::checked_mul),
            Op::Min(a, b) | Op::Max(a, b) | Op::Select(_, a, b) => {
                of(a).zip(of(b)).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)))
            }
            Op::Lookup(_, _, values) => values.iter().min().copied().zip(values.iter().max().copied()),
            Op::Sum(value, ..) => {
                let rows = i128::try_from(columns.most_rows).unwrap_or(i128::MAX);
                let times = |v: i128| v.checked_mul(rows);
                of(value).and_then(|(low, high)| Some((times(low.min(0))?, times(high.max(0))?)))
            }
            Op::Common(den, ..) => {
                let most = of(den).and_then(|(_, high)| power(high.max(1), columns.most_rows));
                most.map(|most| (1, most))
            }
            Op::SumOver(num, _, _, common, _) => {
                of(num).zip(of(common)).and_then(|((low, high), (_, most))| {
                    let rows = i128::try_from(columns.most_rows).ok()?;
                    let times = |v: i128| v.checked_mul(most)?.checked_mul(rows);
                    Some((times(low.min(0))?, times(high.max(0))?))
                })
            }
            // A divisor is at least 1, and a quotient rounds up by at most 1.
            Op::Round(num, ..) => of(num)
                .and_then(|(low, high)| Some((low.min(0).checked_sub(1)?, high.max(0).checked_add(1)?))),
            // Days of the calendar and months between them.
            Op::Months(..) => Some((-200_000, 200_000)),
            Op::Bool(_)
            | Op::Equal(..)
            | Op::Less(..)
            | Op::LessEqual(..)
            | Op::And(..)
            | Op::Or(..)
            | Op::Not(_)
            | Op::InSet(..)
            | Op::Any(..) => continue,
        };
        let fits_64 = |v: i128| i64::try_from(v).is_ok();
        match range {
            None => return Width::Big,
            Some((low, high)) if !(fits_64(low) && fits_64(high)) => width = Width::W128,
            Some(_) => {}
        }
        ranges[id] = range;
    }
    width
}

/// `base` so many times; None where it does not fit.
fn power(base: i128, times: usize) -> Option<i128> {
    if base == 1 { Some(1) } else { base.checked_pow(u32::try_from(times).ok()?) }
}

/// The range of an operation that is extreme at the corners of its operands' ranges.
fn corners(a: Range, b: Range, op: fn(i128, i128) -> Option<i128>) -> Range {
    let ((a0, a1), (b0, b1)) = a.zip(b)?;
    let corners = [op(a0, b0)?, op(a0, b1)?, op(a1, b0)?, op(a1, b1)?];
    Some((corners.into_iter().min()?, corners.into_iter().max()?))
}
