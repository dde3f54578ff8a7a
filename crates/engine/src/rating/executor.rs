//! Runs a program over columns. The buffers that it leaves behind are the trace.

use super::columns::Columns;
use crate::number::Integer;
use crate::plan::compiled::{Extent, Id, Node, Op, Program};
use crate::record::Date;

/// The values of every node over a chunk.
#[derive(Debug)]
pub(super) struct Buffers<N> {
    numbers: Vec<Vec<N>>,
    booleans: Vec<Vec<bool>>,
}

impl<N> Default for Buffers<N> {
    fn default() -> Self {
        Self { numbers: Vec::new(), booleans: Vec::new() }
    }
}

/// A column, or one value for all.
enum Operand<'a, T> {
    One(&'a T),
    Many(&'a [T]),
}

// Derived impls would ask for `T: Copy`, which arbitrary precision is not.
impl<T> Clone for Operand<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Operand<'_, T> {}

impl<'a, T> Operand<'a, T> {
    fn of(values: &'a [T], extent: Extent) -> Self {
        match (extent, values) {
            (Extent::Scalar, [value]) => Self::One(value),
            _ => Self::Many(values),
        }
    }

    fn at(self, row: usize) -> &'a T {
        match self {
            Self::One(value) => value,
            Self::Many(values) => &values[row],
        }
    }
}

/// Applies `f` to two operands row by row.
fn zip<A, B, T>(out: &mut Vec<T>, a: Operand<'_, A>, b: Operand<'_, B>, f: impl Fn(&A, &B) -> T) {
    out.clear();
    match (a, b) {
        (Operand::Many(a), Operand::Many(b)) => out.extend(a.iter().zip(b).map(|(a, b)| f(a, b))),
        (Operand::Many(a), Operand::One(b)) => out.extend(a.iter().map(|a| f(a, b))),
        (Operand::One(a), Operand::Many(b)) => out.extend(b.iter().map(|b| f(a, b))),
        (Operand::One(a), Operand::One(b)) => out.push(f(a, b)),
    }
}

impl<N: Integer> Buffers<N> {
    /// The number of a node for an employer.
    pub fn number(&self, program: &Program, id: Id, employer: usize) -> &N {
        Operand::of(&self.numbers[id], program.nodes[id].extent).at(employer)
    }

    /// The boolean of a node for an employer.
    pub fn boolean(&self, program: &Program, id: Id, employer: usize) -> bool {
        *Operand::of(&self.booleans[id], program.nodes[id].extent).at(employer)
    }

    /// Computes every node.
    pub fn run(&mut self, program: &Program, columns: &Columns) {
        self.numbers.resize_with(program.nodes.len(), Vec::new);
        self.booleans.resize_with(program.nodes.len(), Vec::new);
        for (id, values, _) in &columns.numbers {
            let out = &mut self.numbers[*id];
            out.clear();
            out.extend(values.iter().map(|v| N::of(i128::from(*v))));
        }
        for (id, values) in &columns.booleans {
            self.booleans[*id].clone_from(values);
        }
        for (id, node) in program.nodes.iter().enumerate() {
            let mut numbers = std::mem::take(&mut self.numbers[id]);
            let mut booleans = std::mem::take(&mut self.booleans[id]);
            self.node(&program.nodes, node, columns, &mut numbers, &mut booleans);
            self.numbers[id] = numbers;
            self.booleans[id] = booleans;
        }
    }

    fn node(&self, nodes: &[Node], node: &Node, columns: &Columns, out: &mut Vec<N>, truth: &mut Vec<bool>) {
        let n = |id: &Id| Operand::of(&self.numbers[*id], nodes[*id].extent);
        let b = |id: &Id| Operand::of(&self.booleans[*id], nodes[*id].extent);
        match &node.op {
            Op::Input(_) => {}
            Op::Const(value) => {
                out.clear();
                out.push(N::of(*value));
            }
            Op::Bool(value) => {
                truth.clear();
                truth.push(*value);
            }
            Op::Spread(a) => {
                let starts = columns.groups(node.extent, Extent::Employers);
                spread(out, &self.numbers[*a], starts);
                spread(truth, &self.booleans[*a], starts);
            }
            Op::Add(x, y) => zip(out, n(x), n(y), N::plus),
            Op::Subtract(x, y) => zip(out, n(x), n(y), N::minus),
            Op::Multiply(x, y) => zip(out, n(x), n(y), N::times),
            Op::Min(x, y) => zip(out, n(x), n(y), |x, y| x.min(y).clone()),
            Op::Max(x, y) => zip(out, n(x), n(y), |x, y| x.max(y).clone()),
            Op::Select(condition, x, y) => {
                let (x, y) = (n(x), n(y));
                out.clear();
                match b(condition) {
                    Operand::One(condition) => {
                        let rows = columns.rows(node.extent);
                        out.extend(
                            (0..rows).map(|row| if *condition { x.at(row) } else { y.at(row) }.clone()),
                        );
                    }
                    Operand::Many(conditions) => out.extend(
                        conditions
                            .iter()
                            .enumerate()
                            .map(|(row, c)| if *c { x.at(row) } else { y.at(row) }.clone()),
                    ),
                }
            }
            Op::Lookup(key, first, values) => {
                let values: Vec<N> = values.iter().map(|v| N::of(*v)).collect();
                let first = i64::try_from(*first).unwrap_or(0);
                zip(out, n(key), Operand::One(&()), |key, ()| {
                    values[usize::try_from(key.small() - first).expect("keys are checked to be in the table")]
                        .clone()
                });
            }
            Op::Sum(value, mask, from) => {
                let (value, mask) = (n(value), b(mask));
                out.clear();
                out.extend(columns.groups(*from, node.extent).windows(2).map(|pair| {
                    (pair[0]..pair[1])
                        .filter(|row| *mask.at(*row))
                        .fold(N::of(0), |sum, row| sum.plus(value.at(row)))
                }));
            }
            Op::Common(den, mask, from) => {
                let (den, mask, zero) = (n(den), b(mask), N::of(0));
                out.clear();
                out.extend(columns.groups(*from, node.extent).windows(2).map(|pair| {
                    (pair[0]..pair[1])
                        .filter(|row| *mask.at(*row) && *den.at(*row) != zero)
                        .fold(N::of(1), |all, row| multiple(&all, den.at(row)))
                }));
            }
            Op::SumOver(num, den, mask, common, from) => {
                let (num, den, mask, zero) = (n(num), n(den), b(mask), N::of(0));
                let common = n(common);
                out.clear();
                out.extend(columns.groups(*from, node.extent).windows(2).enumerate().map(|(at, pair)| {
                    let rows = (pair[0]..pair[1]).filter(|row| *mask.at(*row) && *den.at(*row) != zero);
                    rows.fold(N::of(0), |sum, row| {
                        let share = common.at(at).divide(den.at(row)).0;
                        sum.plus(&num.at(row).times(&share))
                    })
                }));
            }
            Op::Round(num, den, mode) => {
                let zero = N::of(0);
                zip(
                    out,
                    n(num),
                    n(den),
                    |num, den| {
                        if *den == zero { N::of(0) } else { mode.divide(num, den) }
                    },
                );
            }
            Op::Any(mask, from) => {
                let mask = b(mask);
                truth.clear();
                let groups = columns.groups(*from, node.extent);
                truth.extend(groups.windows(2).map(|pair| (pair[0]..pair[1]).any(|row| *mask.at(row))));
            }
            Op::Months(from, to) => {
                zip(out, n(from), n(to), |from, to| N::of(i128::from(months(from.small(), to.small()))));
            }
            Op::Equal(x, y) => zip(truth, n(x), n(y), |x, y| x == y),
            Op::Less(x, y) => zip(truth, n(x), n(y), |x, y| x < y),
            Op::LessEqual(x, y) => zip(truth, n(x), n(y), |x, y| x <= y),
            Op::And(x, y) => zip(truth, b(x), b(y), |x, y| *x && *y),
            Op::Or(x, y) => zip(truth, b(x), b(y), |x, y| *x || *y),
            Op::Not(x) => zip(truth, b(x), Operand::One(&()), |x, ()| !*x),
            Op::InSet(key, bits) => {
                zip(truth, n(key), Operand::One(&()), |key, ()| bits >> key.small() & 1 == 1);
            }
        }
    }
}

/// The least common multiple of two numbers above 0.
fn multiple<N: Integer>(a: &N, b: &N) -> N {
    let zero = N::of(0);
    let (mut x, mut y) = (a.clone(), b.clone());
    while y != zero {
        let rest = x.divide(&y).1;
        x = std::mem::replace(&mut y, rest);
    }
    a.divide(&x).0.times(b)
}

fn spread<T: Clone>(out: &mut Vec<T>, values: &[T], starts: &[usize]) {
    out.clear();
    for (value, pair) in values.iter().zip(starts.windows(2)) {
        out.extend(std::iter::repeat_n(value, pair[1] - pair[0]).cloned());
    }
}

fn months(from: i64, to: i64) -> i32 {
    let day = |n: i64| i32::try_from(n).ok().map(Date::of_day_number);
    match (day(from), day(to)) {
        (Some(from), Some(to)) => from.whole_months_to(to),
        _ => 0,
    }
}
