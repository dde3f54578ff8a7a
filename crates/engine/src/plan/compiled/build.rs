//! Making nodes: equal ones once, and what is known at compile time computed at once.

use super::{Extent, Id, Input, Node, Op};
use crate::number::Rounding;
use crate::plan::checked::{Column, Rows};
use std::collections::HashMap;
use std::sync::Arc;

/// A program being built.
#[derive(Default)]
pub(super) struct Builder {
    pub nodes: Vec<Node>,
    known: HashMap<(Op, Extent), Id>,
    /// A constant did not fit 128 bits.
    pub overflowed: bool,
}

impl Builder {
    fn node(&mut self, op: Op, extent: Extent) -> Id {
        if let Some(id) = self.known.get(&(op.clone(), extent)) {
            return *id;
        }
        let id = self.nodes.len();
        self.known.insert((op.clone(), extent), id);
        self.nodes.push(Node { op, extent });
        id
    }

    pub fn constant(&mut self, value: i128) -> Id {
        self.node(Op::Const(value), Extent::Scalar)
    }

    pub fn boolean(&mut self, value: bool) -> Id {
        self.node(Op::Bool(value), Extent::Scalar)
    }

    pub fn input(&mut self, input: Input) -> Id {
        let extent = match input {
            Input::FreshStart => Extent::Periods,
            Input::Injury(_) => Extent::Injuries,
            Input::AccidentDate => Extent::Accidents,
            Input::RowClass(extent) => extent,
            Input::Cell(column) | Input::Missing(column) => {
                let of_claims = Column::ALL.iter().any(|c| c.2 == column && c.0 == Rows::Claims);
                if of_claims { Extent::Claims } else { Extent::Periods }
            }
            _ => Extent::Employers,
        };
        self.node(Op::Input(input), extent)
    }

    pub fn known_number(&self, id: Id) -> Option<i128> {
        if let Op::Const(value) = self.nodes[id].op { Some(value) } else { None }
    }

    pub fn known_boolean(&self, id: Id) -> Option<bool> {
        if let Op::Bool(value) = self.nodes[id].op { Some(value) } else { None }
    }

    /// Brings operands to one extent: an employer's value is spread over its rows.
    fn align<const N: usize>(&mut self, operands: [Id; N]) -> ([Id; N], Extent) {
        let extent = operands.iter().map(|id| self.nodes[*id].extent).max().unwrap_or(Extent::Scalar);
        let aligned = operands.map(|id| {
            if extent.is_rows() && self.nodes[id].extent == Extent::Employers {
                self.node(Op::Spread(id), extent)
            } else {
                id
            }
        });
        (aligned, extent)
    }

    fn fold(&mut self, value: Option<i128>) -> Id {
        self.overflowed |= value.is_none();
        self.constant(value.unwrap_or(0))
    }

    pub fn add(&mut self, a: Id, b: Id) -> Id {
        match (self.known_number(a), self.known_number(b)) {
            (Some(a), Some(b)) => return self.fold(a.checked_add(b)),
            (Some(0), _) => return b,
            (_, Some(0)) => return a,
            _ => {}
        }
        let ([a, b], extent) = self.align([a, b]);
        self.node(Op::Add(a, b), extent)
    }

    pub fn subtract(&mut self, a: Id, b: Id) -> Id {
        match (self.known_number(a), self.known_number(b)) {
            (Some(a), Some(b)) => return self.fold(a.checked_sub(b)),
            (_, Some(0)) => return a,
            _ => {}
        }
        let ([a, b], extent) = self.align([a, b]);
        self.node(Op::Subtract(a, b), extent)
    }

    pub fn multiply(&mut self, a: Id, b: Id) -> Id {
        match (self.known_number(a), self.known_number(b)) {
            (Some(a), Some(b)) => return self.fold(a.checked_mul(b)),
            (Some(1), _) => return b,
            (_, Some(1)) => return a,
            (Some(0), _) | (_, Some(0)) => return self.constant(0),
            _ => {}
        }
        let ([a, b], extent) = self.align([a, b]);
        self.node(Op::Multiply(a.min(b), a.max(b)), extent)
    }

    pub fn times(&mut self, id: Id, factor: i128) -> Id {
        let factor = self.constant(factor);
        self.multiply(id, factor)
    }

    pub fn min(&mut self, a: Id, b: Id) -> Id {
        if let (Some(a), Some(b)) = (self.known_number(a), self.known_number(b)) {
            return self.constant(a.min(b));
        }
        let ([a, b], extent) = self.align([a, b]);
        self.node(Op::Min(a, b), extent)
    }

    pub fn max(&mut self, a: Id, b: Id) -> Id {
        if let (Some(a), Some(b)) = (self.known_number(a), self.known_number(b)) {
            return self.constant(a.max(b));
        }
        let ([a, b], extent) = self.align([a, b]);
        self.node(Op::Max(a, b), extent)
    }

    pub fn select(&mut self, condition: Id, yes: Id, no: Id) -> Id {
        match self.known_boolean(condition) {
            Some(true) => return yes,
            Some(false) => return no,
            None if yes == no => return yes,
            None => {}
        }
        let ([condition, yes, no], extent) = self.align([condition, yes, no]);
        self.node(Op::Select(condition, yes, no), extent)
    }

    pub fn lookup(&mut self, key: Id, first: i128, values: Vec<i128>) -> Id {
        if values.windows(2).all(|pair| pair[0] == pair[1])
            && let Some(value) = values.first()
        {
            return self.constant(*value);
        }
        let extent = self.nodes[key].extent;
        self.node(Op::Lookup(key, first, Arc::from(values)), extent)
    }

    /// An employer's value at the rows of an extent.
    pub fn spread(&mut self, id: Id, rows: Extent) -> Id {
        if self.nodes[id].extent == Extent::Employers { self.node(Op::Spread(id), rows) } else { id }
    }

    /// Sum of a row value over the rows of `from` that `mask` lets through.
    pub fn sum(&mut self, value: Id, mask: Id, from: Extent) -> Id {
        self.sum_into(value, mask, from, Extent::Employers)
    }

    pub fn sum_into(&mut self, value: Id, mask: Id, from: Extent, into: Extent) -> Id {
        if self.known_boolean(mask) == Some(false) {
            return self.constant(0);
        }
        let (value, mask) = (self.spread(value, from), self.spread(mask, from));
        self.node(Op::Sum(value, mask, from), into)
    }

    pub fn common_divisor(&mut self, den: Id, mask: Id, from: Extent, into: Extent) -> Id {
        let (den, mask) = (self.spread(den, from), self.spread(mask, from));
        self.node(Op::Common(den, mask, from), into)
    }

    pub fn sum_over(&mut self, num: Id, den: Id, mask: Id, common: Id, from: Extent, into: Extent) -> Id {
        let [num, den, mask] = [num, den, mask].map(|id| self.spread(id, from));
        self.node(Op::SumOver(num, den, mask, common, from), into)
    }

    pub fn any(&mut self, mask: Id, from: Extent) -> Id {
        self.any_into(mask, from, Extent::Employers)
    }

    pub fn any_into(&mut self, mask: Id, from: Extent, into: Extent) -> Id {
        if self.known_boolean(mask) == Some(false) {
            return mask;
        }
        let mask = self.spread(mask, from);
        self.node(Op::Any(mask, from), into)
    }

    /// A quotient made whole; `den` is never below 0.
    pub fn round(&mut self, num: Id, den: Id, mode: Rounding) -> Id {
        match (self.known_number(num), self.known_number(den)) {
            (Some(num), Some(den)) if den > 0 => return self.constant(mode.divide(&num, &den)),
            (_, Some(1)) => return num,
            _ => {}
        }
        let ([num, den], extent) = self.align([num, den]);
        self.node(Op::Round(num, den, mode), extent)
    }

    pub fn months(&mut self, from: Id, to: Id) -> Id {
        let ([from, to], extent) = self.align([from, to]);
        self.node(Op::Months(from, to), extent)
    }

    fn compare(&mut self, a: Id, b: Id, op: fn(Id, Id) -> Op, known: fn(i128, i128) -> bool) -> Id {
        if let (Some(a), Some(b)) = (self.known_number(a), self.known_number(b)) {
            return self.boolean(known(a, b));
        }
        let ([a, b], extent) = self.align([a, b]);
        self.node(op(a, b), extent)
    }

    pub fn equal(&mut self, a: Id, b: Id) -> Id {
        self.compare(a.min(b), a.max(b), Op::Equal, |a, b| a == b)
    }

    pub fn less(&mut self, a: Id, b: Id) -> Id {
        self.compare(a, b, Op::Less, |a, b| a < b)
    }

    pub fn less_equal(&mut self, a: Id, b: Id) -> Id {
        self.compare(a, b, Op::LessEqual, |a, b| a <= b)
    }

    pub fn and(&mut self, a: Id, b: Id) -> Id {
        match (self.known_boolean(a), self.known_boolean(b)) {
            (Some(false), _) | (_, Some(true)) => return a,
            (_, Some(false)) | (Some(true), _) => return b,
            _ if a == b => return a,
            _ => {}
        }
        let ([a, b], extent) = self.align([a, b]);
        self.node(Op::And(a.min(b), a.max(b)), extent)
    }

    pub fn or(&mut self, a: Id, b: Id) -> Id {
        match (self.known_boolean(a), self.known_boolean(b)) {
            (Some(true), _) | (_, Some(false)) => return a,
            (_, Some(true)) | (Some(false), _) => return b,
            _ if a == b => return a,
            _ => {}
        }
        let ([a, b], extent) = self.align([a, b]);
        self.node(Op::Or(a.min(b), a.max(b)), extent)
    }

    pub fn not(&mut self, a: Id) -> Id {
        match &self.nodes[a].op {
            Op::Bool(value) => {
                let value = !*value;
                self.boolean(value)
            }
            Op::Not(inner) => *inner,
            _ => {
                let extent = self.nodes[a].extent;
                self.node(Op::Not(a), extent)
            }
        }
    }

    pub fn in_set(&mut self, key: Id, bits: u64) -> Id {
        if bits == 0 {
            return self.boolean(false);
        }
        let extent = self.nodes[key].extent;
        self.node(Op::InSet(key, bits), extent)
    }
}
