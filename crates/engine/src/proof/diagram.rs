//! Decision diagrams: what a plan says, as a graph of yes-or-no questions that ends in values.
//!
//! A question is a fact of two values or a linear condition. Questions are asked in one order and equal parts are one
//! part, so two functions are equal exactly when they are the same [`Node`], and a plan of many independent rules stays
//! small. Which answers a record can give together is not known here: that is the [search](super::search)'s.

use super::basis::Basis;
use super::feasible::{Bounds, Condition, Rational};
use super::linear::{Linear, TooLarge, Var, gcd};
use super::search::Model;
use crate::limits::DIAGRAM_PARTS_MAX;
use std::collections::BTreeMap;

/// A part of a diagram.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node(u32);

/// Always false.
pub(super) const NO: Node = Node(0);
/// Always true.
pub(super) const YES: Node = Node(1);

/// A question.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    /// A quantity of two values.
    Flag(Var),
    /// `expression ≤ 0`, or `< 0`. The first coefficient is positive.
    Condition(Condition),
}

/// The value at an end of a diagram: `num / den`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Value {
    pub num: Linear,
    /// Positive wherever the value is defined.
    pub den: Linear,
}

impl Value {
    pub const fn whole(value: i128) -> Self {
        Self { num: Linear::constant(value), den: Linear::constant(1) }
    }

    /// In lowest terms, as far as constant factors go.
    fn reduced(self) -> Self {
        let own = |x: &Linear| gcd(x.content(), x.constant);
        let shared = gcd(own(&self.num), own(&self.den));
        if shared <= 1 { self } else { Self { num: self.num.divided(shared), den: self.den.divided(shared) } }
    }

    /// Its value, if no quantity is in it.
    pub fn known(&self) -> Option<(i128, i128)> {
        Some((self.num.known()?, self.den.known()?))
    }
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Inner {
    question: usize,
    yes: Node,
    no: Node,
}

/// What an operation on values does; names the memory of its results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Op {
    Plus,
    Minus,
    Times,
    Over,
    Less,
    LessEqual,
    Equal,
}

/// All diagrams of one proof.
pub(super) struct Diagrams<'b> {
    pub basis: &'b mut Basis,
    questions: Vec<Question>,
    places: BTreeMap<Question, usize>,
    /// The two ends of truth, ends with values, and inner parts.
    inner: Vec<Option<Inner>>,
    values: BTreeMap<Value, Node>,
    value_of: BTreeMap<Node, Value>,
    parts: BTreeMap<Inner, Node>,
    done: BTreeMap<(Op, Node, Node), Node>,
    chosen: BTreeMap<(Node, Node, Node), Node>,
}

impl<'b> Diagrams<'b> {
    pub fn new(basis: &'b mut Basis) -> Self {
        Self {
            basis,
            questions: Vec::new(),
            places: BTreeMap::new(),
            inner: vec![None, None],
            values: BTreeMap::new(),
            value_of: BTreeMap::new(),
            parts: BTreeMap::new(),
            done: BTreeMap::new(),
            chosen: BTreeMap::new(),
        }
    }

    pub fn question(&self, at: usize) -> &Question {
        &self.questions[at]
    }

    pub fn questions(&self) -> &[Question] {
        &self.questions
    }

    /// The question at the head of a part, and what follows a yes and a no; None at an end.
    pub fn open(&self, node: Node) -> Option<(usize, Node, Node)> {
        self.inner[node.0 as usize].map(|i| (i.question, i.yes, i.no))
    }

    /// The value at an end.
    pub fn value(&self, node: Node) -> Option<&Value> {
        self.value_of.get(&node)
    }

    pub fn number(&mut self, value: Value) -> Node {
        let value = value.reduced();
        if let Some(node) = self.values.get(&value) {
            return *node;
        }
        let node = self.add(None);
        self.values.insert(value.clone(), node);
        self.value_of.insert(node, value);
        node
    }

    pub fn whole(&mut self, value: i128) -> Node {
        self.number(Value::whole(value))
    }

    /// Fails where there were too many parts: what was built since is nonsense and must not be used.
    pub fn within_limits(&self) -> Result<(), TooLarge> {
        if self.inner.len() > DIAGRAM_PARTS_MAX { Err(TooLarge) } else { Ok(()) }
    }

    fn add(&mut self, inner: Option<Inner>) -> Node {
        if self.within_limits().is_err() {
            return NO;
        }
        let node = Node(u32::try_from(self.inner.len()).expect("a proof has fewer parts"));
        self.inner.push(inner);
        node
    }

    fn ask(&mut self, question: usize, yes: Node, no: Node) -> Node {
        if yes == no {
            return yes;
        }
        let inner = Inner { question, yes, no };
        if let Some(node) = self.parts.get(&inner) {
            return *node;
        }
        let node = self.add(Some(inner));
        self.parts.insert(inner, node);
        node
    }

    fn place(&mut self, question: Question) -> usize {
        if let Some(at) = self.places.get(&question) {
            return *at;
        }
        self.questions.push(question.clone());
        self.places.insert(question, self.questions.len() - 1);
        self.questions.len() - 1
    }

    pub fn flag(&mut self, var: Var) -> Node {
        let at = self.place(Question::Flag(var));
        self.ask(at, YES, NO)
    }

    /// `expression ≤ 0`, or `< 0`.
    pub fn condition(&mut self, expression: &Linear, strict: bool) -> Result<Node, TooLarge> {
        if let Some(known) = expression.known() {
            return Ok(if known < 0 || (known == 0 && !strict) { YES } else { NO });
        }
        let divisor = expression.content();
        let whole = expression.terms.iter().all(|t| self.basis.whole(t.0));
        let (expression, strict) = if whole {
            // Σ a·x ≤ -c with whole x: divide by what the a's share, and round the constant down.
            let constant = expression.constant.checked_add(i128::from(strict)).ok_or(TooLarge)?;
            let constant = -constant.checked_neg().ok_or(TooLarge)?.div_euclid(divisor);
            let terms = expression.terms.iter().map(|(v, c)| (*v, c / divisor)).collect();
            (Linear { terms, constant }, false)
        } else {
            let divisor = gcd(divisor, expression.constant);
            (expression.divided(divisor), strict)
        };
        if let Some(known) = self.by_bounds(&expression, strict)? {
            return Ok(known);
        }
        if expression.terms[0].1 > 0 {
            let at = self.place(Question::Condition(Condition { expression, strict }));
            return Ok(self.ask(at, YES, NO));
        }
        // -f ≤ 0 is not (f < 0), which for whole quantities is not (f + 1 ≤ 0).
        let mut turned = expression.scale(-1)?;
        let mut turned_strict = !strict;
        if whole {
            turned.constant = turned.constant.checked_add(1).ok_or(TooLarge)?;
            turned_strict = false;
        }
        let at = self.place(Question::Condition(Condition { expression: turned, strict: turned_strict }));
        Ok(self.ask(at, NO, YES))
    }

    /// The answer where the least values alone decide.
    fn by_bounds(&self, expression: &Linear, strict: bool) -> Result<Option<Node>, TooLarge> {
        let least = expression.terms.iter().try_fold(expression.constant, |sum, (v, c)| {
            sum.checked_add(c.checked_mul(self.basis.least(*v))?)
        });
        let least = least.ok_or(TooLarge)?;
        let rising = expression.terms.iter().all(|t| t.1 > 0);
        let falling = expression.terms.iter().all(|t| t.1 < 0);
        Ok(match () {
            () if rising && (least > 0 || (least == 0 && strict)) => Some(NO),
            () if falling && (least < 0 || (least == 0 && !strict)) => Some(YES),
            () => None,
        })
    }

    pub fn not(&mut self, node: Node) -> Node {
        self.choose(node, NO, YES)
    }

    pub fn and(&mut self, a: Node, b: Node) -> Node {
        self.choose(a, b, NO)
    }

    pub fn or(&mut self, a: Node, b: Node) -> Node {
        self.choose(a, YES, b)
    }

    /// `yes` where `condition` holds, elsewhere `no`.
    pub fn choose(&mut self, condition: Node, yes: Node, no: Node) -> Node {
        match condition {
            YES => return yes,
            NO => return no,
            _ if yes == no => return yes,
            _ if (yes, no) == (YES, NO) => return condition,
            _ => {}
        }
        if let Some(node) = self.chosen.get(&(condition, yes, no)) {
            return *node;
        }
        let head = |node: Node| self.inner[node.0 as usize].map(|i| i.question);
        let first = [condition, yes, no].into_iter().filter_map(head).min().expect("a condition asks");
        let side = |node: Node, answer: bool| match self.inner[node.0 as usize] {
            Some(inner) if inner.question == first => {
                if answer {
                    inner.yes
                } else {
                    inner.no
                }
            }
            _ => node,
        };
        let [yes_parts, no_parts] = [true, false].map(|a| (side(condition, a), side(yes, a), side(no, a)));
        let after_yes = self.choose(yes_parts.0, yes_parts.1, yes_parts.2);
        let after_no = self.choose(no_parts.0, no_parts.1, no_parts.2);
        let node = self.ask(first, after_yes, after_no);
        self.chosen.insert((condition, yes, no), node);
        node
    }

    /// An operation on numbers, end by end.
    pub fn apply(&mut self, op: Op, a: Node, b: Node) -> Result<Node, TooLarge> {
        if let Some(node) = self.done.get(&(op, a, b)) {
            return Ok(*node);
        }
        let node = match (self.open(a), self.open(b)) {
            (None, None) => {
                let (Some(x), Some(y)) = (self.value(a).cloned(), self.value(b).cloned()) else {
                    return Err(TooLarge);
                };
                self.at_ends(op, &x, &y)?
            }
            (x, y) => {
                let first = [x, y].into_iter().flatten().map(|i| i.0).min().expect("one is inner");
                let side = |node: Node, inner: Option<(usize, Node, Node)>, answer: bool| match inner {
                    Some((question, yes, no)) if question == first => {
                        if answer {
                            yes
                        } else {
                            no
                        }
                    }
                    _ => node,
                };
                let after_yes = self.apply(op, side(a, x, true), side(b, y, true))?;
                let after_no = self.apply(op, side(a, x, false), side(b, y, false))?;
                // Comparing ends may have asked what comes earlier in the order.
                let asked = self.ask(first, YES, NO);
                self.choose(asked, after_yes, after_no)
            }
        };
        self.done.insert((op, a, b), node);
        Ok(node)
    }

    fn at_ends(&mut self, op: Op, a: &Value, b: &Value) -> Result<Node, TooLarge> {
        match op {
            Op::Plus | Op::Minus => {
                let sign = if op == Op::Plus { 1 } else { -1 };
                let (x, y, den) = self.common(a, b)?;
                Ok(self.number(Value { num: x.plus(sign, &y)?, den }))
            }
            Op::Times => {
                let value = Value { num: self.product(&a.num, &b.num)?, den: self.product(&a.den, &b.den)? };
                Ok(self.number(value))
            }
            Op::Over => {
                let value = Value { num: self.product(&a.num, &b.den)?, den: self.product(&a.den, &b.num)? };
                // Where the divisor is 0 the value is undefined, and whoever uses it says so.
                if value.den.known() == Some(0) {
                    return Ok(self.whole(0));
                }
                Ok(self.number(value))
            }
            Op::Less | Op::LessEqual => {
                let (x, y, _) = self.common(a, b)?;
                self.condition(&x.plus(-1, &y)?, op == Op::Less)
            }
            Op::Equal => {
                let (x, y, _) = self.common(a, b)?;
                let difference = x.plus(-1, &y)?;
                let at_most = self.condition(&difference, false)?;
                let at_least = self.condition(&difference.scale(-1)?, false)?;
                Ok(self.and(at_most, at_least))
            }
        }
    }

    /// Two values over one divisor.
    fn common(&mut self, a: &Value, b: &Value) -> Result<(Linear, Linear, Linear), TooLarge> {
        if a.den == b.den {
            return Ok((a.num.clone(), b.num.clone(), a.den.clone()));
        }
        if a.num.known() == Some(0) {
            return Ok((Linear::constant(0), b.num.clone(), b.den.clone()));
        }
        if b.num.known() == Some(0) {
            return Ok((a.num.clone(), Linear::constant(0), a.den.clone()));
        }
        Ok((self.product(&a.num, &b.den)?, self.product(&b.num, &a.den)?, self.product(&a.den, &b.den)?))
    }

    /// A product of which one side is a number, or a quantity of its own.
    fn product(&mut self, a: &Linear, b: &Linear) -> Result<Linear, TooLarge> {
        match (a.known(), b.known()) {
            (_, Some(factor)) => a.scale(factor),
            (Some(factor), _) => b.scale(factor),
            (None, None) => {
                let plain = |x: &Linear| x.constant >= 0 && x.terms.iter().all(|t| t.1 > 0);
                if plain(a) && plain(b) {
                    let (first, second) = if a <= b { (a, b) } else { (b, a) };
                    return Ok(Linear::variable(self.basis.product(first, second)));
                }
                // Of what may be below 0 the sign of a product is not known; of its parts it is.
                let mut out = a.scale(b.constant)?.plus(a.constant, b)?;
                out = out.plus(-1, &Linear::constant(a.constant.checked_mul(b.constant).ok_or(TooLarge)?))?;
                for (x, c) in &a.terms {
                    for (y, e) in &b.terms {
                        let (first, second) = if x <= y { (*x, *y) } else { (*y, *x) };
                        let var = self.basis.product(&Linear::variable(first), &Linear::variable(second));
                        out = out.plus(c.checked_mul(*e).ok_or(TooLarge)?, &Linear::variable(var))?;
                    }
                }
                Ok(out)
            }
        }
    }

    /// The larger or smaller of two numbers.
    pub fn extreme(&mut self, a: Node, b: Node, larger: bool) -> Result<Node, TooLarge> {
        let a_first = self.apply(Op::LessEqual, a, b)?;
        Ok(if larger { self.choose(a_first, b, a) } else { self.choose(a_first, a, b) })
    }

    /// The diagram with something else at each end.
    pub fn at_each_end<E: From<TooLarge>>(
        &mut self,
        node: Node,
        end: &mut impl FnMut(&mut Self, &Value) -> Result<Node, E>,
    ) -> Result<Node, E> {
        self.ends(node, end, &mut BTreeMap::new())
    }

    fn ends<E: From<TooLarge>>(
        &mut self,
        node: Node,
        end: &mut impl FnMut(&mut Self, &Value) -> Result<Node, E>,
        known: &mut BTreeMap<Node, Node>,
    ) -> Result<Node, E> {
        if let Some(done) = known.get(&node) {
            return Ok(*done);
        }
        let done = match self.open(node) {
            None => match self.value_of.get(&node).cloned() {
                None => return Err(TooLarge.into()),
                Some(value) => end(self, &value)?,
            },
            Some((question, yes, no)) => {
                let (yes, no) = (self.ends(yes, end, known)?, self.ends(no, end, known)?);
                let asked = self.ask(question, YES, NO);
                self.choose(asked, yes, no)
            }
        };
        known.insert(node, done);
        Ok(done)
    }

    /// The diagram with another expression in the place of a quantity, or a fixed answer in the place of a flag.
    pub fn replaced(&mut self, node: Node, by: &Replacement) -> Result<Node, TooLarge> {
        let mut known = BTreeMap::new();
        self.replace(node, by, &mut known)
    }

    fn replace(
        &mut self,
        node: Node,
        by: &Replacement,
        known: &mut BTreeMap<Node, Node>,
    ) -> Result<Node, TooLarge> {
        if let Some(done) = known.get(&node) {
            return Ok(*done);
        }
        let done = match self.open(node) {
            None => match self.value_of.get(&node).cloned() {
                None => node,
                Some(value) => {
                    let value = Value { num: by.linear(&value.num)?, den: by.linear(&value.den)? };
                    self.number(value)
                }
            },
            Some((question, yes, no)) => {
                let (yes, no) = (self.replace(yes, by, known)?, self.replace(no, by, known)?);
                let asked = match self.questions[question].clone() {
                    Question::Flag(var) => {
                        let turned = by.turns.iter().find(|t| t.0 == var);
                        match (by.flags.iter().find(|f| f.0 == var), turned) {
                            (Some((_, true)), _) => YES,
                            (Some((_, false)), _) => NO,
                            (None, Some((_, turn, other))) => {
                                let (before, other) = (self.flag(var), self.flag(*other));
                                match turn {
                                    Turn::Up => self.or(before, other),
                                    Turn::Down => self.and(before, other),
                                    Turn::Any => other,
                                }
                            }
                            (None, None) => self.flag(var),
                        }
                    }
                    Question::Condition(c) => {
                        let expression = by.linear(&c.expression)?;
                        self.condition(&expression, c.strict)?
                    }
                };
                self.choose(asked, yes, no)
            }
        };
        known.insert(node, done);
        Ok(done)
    }
}

/// What stands in the place of quantities.
#[derive(Clone, Debug, Default)]
pub(super) struct Replacement {
    pub numbers: Vec<(Var, Linear)>,
    pub flags: Vec<(Var, bool)>,
    /// Flags of which is known at most that they do not go back, each with the flag that says what becomes of it.
    pub turns: Vec<(Var, Turn, Var)>,
}

/// Which way a flag may turn: to true, to false, or either way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    Up,
    Down,
    Any,
}

impl Replacement {
    /// The quantities of a model after the replacement.
    pub fn applied(&self, model: &Model, basis: &Basis) -> Model {
        let mut out = model.clone();
        for (var, by) in &self.numbers {
            let mut sum = Rational::whole(by.constant);
            for (from, c) in &by.terms {
                sum = sum.plus(*c, &model.number(*from, basis));
            }
            out.numbers.insert(*var, sum);
        }
        out.flags.extend(self.flags.iter().copied());
        out
    }

    /// An expression after the replacement.
    pub fn linear(&self, expression: &Linear) -> Result<Linear, TooLarge> {
        let mut out = expression.clone();
        // What is put in may name the quantity itself, so all are taken out first.
        for (var, _) in &self.numbers {
            out.terms.retain(|t| t.0 != *var);
        }
        for (var, other) in &self.numbers {
            out = out.plus(expression.coefficient(*var), other)?;
        }
        Ok(out)
    }
}
