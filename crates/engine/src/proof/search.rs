//! Looks for a record that a diagram says yes to: a walk down the diagram that keeps only answers which linear
//! arithmetic allows together.
//!
//! Conditions that share no quantity, however far, do not touch each other; such groups are solved apart, each set of
//! answers once. A part of the diagram that was left without success under some answers is not entered again under the
//! same answers of the groups that it still asks about. So the walk is complete, and independent rules do not multiply.

use super::basis::Basis;
use super::diagram::{Diagrams, NO, Node, Question, YES};
use super::feasible::{Answer, Bounds, Condition, Rational, solve};
use super::linear::{Linear, Var};
use std::collections::{BTreeMap, BTreeSet};

/// Quantities of a record that was found. What is not named may be anything.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Model {
    pub numbers: BTreeMap<Var, Rational>,
    pub flags: BTreeMap<Var, bool>,
    /// The conditions that the record meets.
    pub conditions: Vec<Condition>,
}

impl Model {
    /// The value of a quantity.
    pub fn number(&self, var: Var, basis: &Basis) -> Rational {
        self.numbers.get(&var).cloned().unwrap_or_else(|| Rational::whole(basis.least(var).max(0)))
    }
}

/// What a search found.
#[derive(Clone, Debug)]
pub(super) enum Found {
    /// A record.
    Record(Model),
    /// There is none.
    Nothing,
    /// Some set of conditions was too hard.
    Unknown,
}

type Literal = (usize, bool);

/// The memory of searches in one set of diagrams.
pub(super) struct Search {
    /// Steps that are still allowed.
    pub left: u32,
    /// Answers by the conditions of one group.
    solved: BTreeMap<Vec<Literal>, Answer>,
    /// Group of each linear question; None: not linear.
    groups: Vec<Option<usize>>,
    laws: Vec<Condition>,
    /// Groups that a part still asks about.
    asks: BTreeMap<Node, BTreeSet<usize>>,
}

impl Search {
    /// Searches that take no more than so many steps together.
    pub fn of_steps(left: u32) -> Self {
        Self { left, solved: BTreeMap::new(), groups: Vec::new(), laws: Vec::new(), asks: BTreeMap::new() }
    }

    /// A record for which the diagram is true.
    pub fn find(&mut self, d: &Diagrams<'_>, goal: Node) -> Found {
        if self.groups.len() != d.questions().len() {
            self.regroup(d);
        }
        let mut walk = Walk { search: self, d, answers: Vec::new(), failed: BTreeSet::new(), unknown: false };
        if walk.down(goal) {
            return walk.record();
        }
        if walk.unknown { Found::Unknown } else { Found::Nothing }
    }

    /// Puts questions that share quantities into groups.
    fn regroup(&mut self, d: &Diagrams<'_>) {
        self.solved.clear();
        self.asks.clear();
        self.laws = d.basis.laws();
        let mut parent: BTreeMap<Var, Var> = BTreeMap::new();
        fn root(parent: &mut BTreeMap<Var, Var>, var: Var) -> Var {
            let up = *parent.entry(var).or_insert(var);
            if up == var {
                return var;
            }
            let top = root(parent, up);
            parent.insert(var, top);
            top
        }
        let expressions = d.questions().iter().filter_map(|q| match q {
            Question::Condition(c) => Some(&c.expression),
            Question::Flag(_) => None,
        });
        for expression in expressions.chain(self.laws.iter().map(|law| &law.expression)) {
            for pair in expression.terms.windows(2) {
                let (a, b) = (root(&mut parent, pair[0].0), root(&mut parent, pair[1].0));
                parent.insert(a, b);
            }
        }
        self.groups = d
            .questions()
            .iter()
            .map(|q| match q {
                Question::Condition(c) => Some(root(&mut parent, c.expression.terms[0].0)),
                Question::Flag(_) => None,
            })
            .collect();
    }

    fn asked(&mut self, d: &Diagrams<'_>, node: Node) -> BTreeSet<usize> {
        if let Some(known) = self.asks.get(&node) {
            return known.clone();
        }
        let mut out = BTreeSet::new();
        if let Some((question, yes, no)) = d.open(node) {
            out.extend(self.groups[question]);
            out.extend(self.asked(d, yes));
            out.extend(self.asked(d, no));
        }
        self.asks.insert(node, out.clone());
        out
    }

    /// What is known of answers of one group.
    fn known(&self, mut literals: Vec<Literal>) -> Option<&Answer> {
        literals.sort_unstable();
        self.solved.get(&literals)
    }

    /// Whether the answers of one group can be given together. The last is the newest.
    fn together(&mut self, d: &Diagrams<'_>, literals: Vec<Literal>) -> Answer {
        if let Some(known) = self.known(literals.clone()) {
            return known.clone();
        }
        let answer = match literals.split_last() {
            Some((last, before)) if !before.is_empty() => {
                self.still(d, *last, before).unwrap_or_else(|| self.smallest(d, &literals))
            }
            _ => self.smallest(d, &literals),
        };
        let mut literals = literals;
        literals.sort_unstable();
        self.solved.insert(literals, answer.clone());
        answer
    }

    /// The record that gave the answers before, if it gives this one too.
    fn still(&self, d: &Diagrams<'_>, last: Literal, before: &[Literal]) -> Option<Answer> {
        let Some(Answer::Holds(values)) = self.known(before.to_vec()) else { return None };
        let condition = said(d, last);
        let mut values = values.clone();
        for (var, _) in &condition.expression.terms {
            if !values.contains_key(var) {
                if self.laws.iter().any(|law| law.expression.terms.iter().any(|t| t.0 == *var)) {
                    return None;
                }
                values.insert(*var, Rational::whole(d.basis.least(*var)));
            }
        }
        condition.holds(&values).then_some(Answer::Holds(values))
    }

    /// The smallest record that gives answers of one group.
    fn smallest(&self, d: &Diagrams<'_>, literals: &[Literal]) -> Answer {
        let mut literals = literals.to_vec();
        literals.sort_unstable();
        let mut conditions: Vec<Condition> = literals.iter().map(|l| said(d, *l)).collect();
        let vars: BTreeSet<Var> =
            conditions.iter().flat_map(|c| c.expression.terms.iter().map(|t| t.0)).collect();
        for law in &self.laws {
            if law.expression.terms.iter().any(|t| vars.contains(&t.0)) {
                conditions.push(law.clone());
            }
        }
        solve(&conditions, &*d.basis)
    }
}

/// A question with its answer, as the condition that it makes.
fn said(d: &Diagrams<'_>, (question, yes): Literal) -> Condition {
    let Question::Condition(condition) = d.question(question) else {
        unreachable!("only linear questions have a group");
    };
    if yes {
        return condition.clone();
    }
    let terms = condition.expression.terms.iter().map(|(v, c)| (*v, -c)).collect();
    let mut expression = Linear { terms, constant: -condition.expression.constant };
    // Not (f ≤ 0) is f > 0, for whole quantities f ≥ 1.
    let whole = expression.terms.iter().all(|t| d.basis.whole(t.0));
    let strict = !condition.strict && !whole;
    if whole {
        expression.constant += i128::from(!condition.strict);
    }
    Condition { expression, strict }
}

struct Walk<'s, 'd, 'b> {
    search: &'s mut Search,
    d: &'d Diagrams<'b>,
    answers: Vec<Literal>,
    failed: BTreeSet<(Node, Vec<Literal>)>,
    unknown: bool,
}

impl Walk<'_, '_, '_> {
    fn down(&mut self, node: Node) -> bool {
        if node == YES {
            return true;
        }
        let Some((question, yes, no)) = self.d.open(node) else { return false };
        if self.search.left == 0 {
            self.unknown = true;
            return false;
        }
        self.search.left -= 1;
        let key = (node, self.relevant(node));
        if self.failed.contains(&key) {
            return false;
        }
        let possible = self.possible(question, yes != NO, no != NO);
        // The plain record first: facts false, small amounts.
        for (at, answer, next) in [(0, false, no), (1, true, yes)] {
            if !possible[at] {
                continue;
            }
            // What follows from the answers so far need not be remembered.
            let follows = self.search.groups[question].is_some() && next != NO && {
                let other = self.with(question, !answer);
                matches!(self.search.known(other), Some(Answer::Never))
            };
            if !follows {
                self.answers.push((question, answer));
            }
            if self.down(next) {
                return true;
            }
            if !follows {
                self.answers.pop();
            }
        }
        self.failed.insert(key);
        false
    }

    /// Whether no and yes can be answered beside the answers so far, as far as that is asked.
    fn possible(&mut self, question: usize, yes: bool, no: bool) -> [bool; 2] {
        [(false, no), (true, yes)].map(|(answer, asked)| {
            if !asked || self.search.groups[question].is_none() {
                return asked;
            }
            let literals = self.with(question, answer);
            match self.search.together(self.d, literals) {
                Answer::Holds(_) => true,
                Answer::Never => false,
                Answer::Unknown => {
                    self.unknown = true;
                    false
                }
            }
        })
    }

    /// The answers so far of a question's group, with one to it.
    fn with(&self, question: usize, answer: bool) -> Vec<Literal> {
        let mut out = self.search.groups[question].map_or_else(Vec::new, |group| self.of_group(group));
        out.push((question, answer));
        out
    }

    fn of_group(&self, group: usize) -> Vec<Literal> {
        self.answers.iter().copied().filter(|l| self.search.groups[l.0] == Some(group)).collect()
    }

    /// The answers so far that what follows still depends on.
    fn relevant(&mut self, node: Node) -> Vec<Literal> {
        let asked = self.search.asked(self.d, node);
        let groups = &self.search.groups;
        self.answers.iter().copied().filter(|l| groups[l.0].is_some_and(|g| asked.contains(&g))).collect()
    }

    fn record(&mut self) -> Found {
        let mut model = Model::default();
        let groups: BTreeSet<usize> = self.answers.iter().filter_map(|l| self.search.groups[l.0]).collect();
        for group in groups {
            let literals = self.of_group(group);
            let smallest = match self.search.smallest(self.d, &literals) {
                Answer::Holds(values) => Answer::Holds(values),
                _ => self.search.together(self.d, literals),
            };
            if let Answer::Holds(values) = smallest {
                model.numbers.extend(values);
            }
        }
        for (question, answer) in &self.answers {
            match self.d.question(*question) {
                Question::Flag(var) => {
                    model.flags.insert(*var, *answer);
                }
                Question::Condition(_) => model.conditions.push(said(self.d, (*question, *answer))),
            }
        }
        let felt = |law: &&Condition| law.expression.terms.iter().any(|t| model.numbers.contains_key(&t.0));
        let laws: Vec<Condition> = self.search.laws.iter().filter(felt).cloned().collect();
        model.conditions.extend(laws);
        Found::Record(model)
    }
}
