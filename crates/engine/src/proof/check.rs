//! Every claim about a plan, for every class and on every rating date on which its numbers differ.

use super::basis::{Basis, Quantity};
use super::chance::{Chance, EMPLOYERS, SEED};
use super::diagram::{Diagrams, NO, Node, Op};
use super::fairness::{Compared, Direction, Trends, directions, raws};
use super::linear::Var;
use super::meaning::{Meaning, Outside, Said};
use super::message;
use super::report::{Claim, Finding, Guarantee, Refutation, Report, Verdict, Witness, called_inert};
use super::search::{Found, Model, Search};
use super::shown::{falls, shows};
use super::signs::{Signs, jumps};
use super::weaker::by_shape;
use super::witness::{record, rounded};
use super::world::{Ground, Key, dates};
use crate::limits::SEARCH_STEPS_MAX;
use crate::plan::catalog::Plan;
use crate::plan::checked::{AssertKind, Checked, Column, Part, Raw, TermKind};
use crate::plan::compiled::{Frozen, resolve_windows};
use crate::rating::{Chunk, Rater, Status};
use crate::record::{Date, Declared, Record};
use std::sync::Arc;

/// Proves what can be proved of a plan. `declared` are the facts of its catalog, so that witnesses can be read.
#[must_use]
pub fn check(plan: &Plan, declared: &Declared) -> Report {
    let checked = &plan.checked;
    let mut proof = Proof {
        plan,
        declared,
        claims: Vec::new(),
        states: Vec::new(),
        steps_left: SEARCH_STEPS_MAX,
        trends: Trends::new(),
    };
    if checked.rating.is_some() {
        proof.claims = claims(checked);
        proof.states = vec![State::default(); proof.claims.len()];
        proof.searched_only();
        let mut why: Option<String> = None;
        for date in dates(checked) {
            let said = match &why {
                None => proof.on(date, None),
                // What cannot be said exactly on one date cannot be on the next.
                Some(why) => Err(Outside(why.clone())),
            };
            if let Err(Outside(own)) = said {
                if let Err(Outside(beyond)) = proof.on(date, Some(&own)) {
                    proof.undecided(&beyond);
                }
                why = Some(own);
            }
            proof.follow_jumps(date);
            proof.by_chance(date);
        }
    }
    proof.report()
}

/// What is claimed of a plan.
fn claims(plan: &Checked) -> Vec<Claim> {
    let mut out = Vec::new();
    out.extend((0..plan.gates.len()).map(|at| Claim::Acts(Part::Gate(at))));
    for (table, source) in plan.tables.iter().enumerate() {
        out.push(Claim::NoGap(table));
        if source.unique {
            out.push(Claim::NoOverlap(table));
        }
        out.extend((0..source.rows.len()).map(|row| Claim::Acts(Part::Row { table, row })));
    }
    out.extend((0..plan.adjusts.len()).map(|at| Claim::Acts(Part::Adjust(at))));
    if !plan.ladder.derived {
        out.push(Claim::EveryStepHasTier);
    }
    // What a class may reach is a statement that need not bind; only an assertion claims something of it.
    if called_inert(plan, Part::Ladder) {
        out.push(Claim::Acts(Part::Ladder));
    }
    out.extend(plan.outcome.floor.is_some().then_some(Claim::Acts(Part::Floor)));
    out.extend(plan.outcome.cap.is_some().then_some(Claim::Acts(Part::Cap)));
    if plan.outcome.floor.is_some() && plan.outcome.cap.is_some() {
        out.push(Claim::LimitsAgree);
    }
    out.push(Claim::NotNegative);
    out.extend(raws(plan).into_iter().map(Claim::Fair));
    let inert = |at: &usize| matches!(plan.asserts[*at].kind, AssertKind::Inert { .. });
    out.extend((0..plan.asserts.len()).filter(|at| !inert(at)).map(Claim::Assertion));
    out
}

/// What is known of a claim so far.
#[derive(Clone, Debug, Default)]
struct State {
    /// A record that shows a part acting, or an exception where it is declared.
    shown: Option<Vec<Witness>>,
    /// Records that refute the claim.
    refuted: Option<Vec<Witness>>,
    undecided: Option<String>,
    signs: bool,
    /// Whether both sides of an equation are one quotient of polynomials.
    identity: bool,
    /// What the evaluator's trace adds to the message.
    detail: String,
}

struct Proof<'p> {
    plan: &'p Plan,
    declared: &'p Declared,
    claims: Vec<Claim>,
    states: Vec<State>,
    steps_left: u32,
    trends: Trends,
}

const ENTANGLED: &str = "conditions too entangled to solve; write examples for it";

/// Portfolio values that witnesses are rated with, in 10^-6: all values of a plan are one of them.
const PORTFOLIO_UNITS: [i128; 6] = [10_000, 1, 1_000, 333_333, 1_000_000, 100_000_000];

/// The evaluator on one rating date, by the units of the portfolio values.
struct Raters<'p> {
    plan: &'p Plan,
    date: Date,
    made: Vec<(i128, Rater)>,
}

impl Raters<'_> {
    fn with(&mut self, units: i128) -> Said<&mut Rater> {
        let units = if self.plan.checked.portfolio.is_empty() { 0 } else { units };
        let at = match self.made.iter().position(|(made, _)| *made == units) {
            Some(at) => at,
            None => {
                let values = vec![Frozen { num: units, den: 1_000_000 }; self.plan.checked.portfolio.len()];
                let program = self.plan.compile_with(self.date, &values).map_err(Outside)?;
                self.made.push((units, Rater::new(Arc::new(program))));
                self.made.len() - 1
            }
        };
        Ok(&mut self.made[at].1)
    }
}

/// A question to the search: a record of this kind shows that a part acts or an exception exists, or refutes a claim.
struct Goal {
    claim: usize,
    node: Node,
    shows: bool,
    direction: Option<Direction>,
}

impl Proof<'_> {
    /// Proves on one date what can be. `loose` is why not everything can be said exactly: what cannot be is then a quantity
    /// of its own, so that only proofs count and not what the search finds.
    fn on(&mut self, date: Date, loose: Option<&str>) -> Said<()> {
        let mut raters = Raters { plan: self.plan, date, made: Vec::new() };
        raters.with(PORTFOLIO_UNITS[0])?;
        if loose.is_some() {
            self.states.iter_mut().for_each(|state| state.signs = true);
            self.identities();
        }
        let ground = Ground::of(vec![&self.plan.checked], date, loose.is_some())?;
        for key in ground.keys() {
            let mut basis = ground.basis();
            let mut d = Diagrams::new(&mut basis);
            let meaning = ground.meanings(&key, &mut d)?.remove(0);
            let mut known = std::mem::take(&mut self.trends);
            let goals = self.goals(&meaning, &mut d, loose.is_some().then_some(&mut known))?;
            self.trends = known;
            // What is a product by a portfolio value alone is linear once that is fixed.
            let product =
                |(var, q): (Var, &Quantity)| matches!(q, Quantity::Product(..)) && !d.basis.by_portfolio(var);
            let signs = loose.is_some() || d.basis.all().any(product);
            let mut search = Search::of_steps(self.steps_left);
            for goal in goals {
                self.states[goal.claim].signs |= signs && !self.states[goal.claim].identity;
                if self.settled(&goal) || self.states[goal.claim].identity {
                    continue;
                }
                match search.find(&d, goal.node) {
                    Found::Nothing => {}
                    Found::Unknown => self.doubt(goal.claim, ENTANGLED),
                    Found::Record(_) if loose.is_some() => self.doubt(goal.claim, loose.unwrap_or_default()),
                    Found::Record(model) if !self.plan.checked.portfolio.is_empty() => {
                        self.with_portfolio(&goal, &model, &mut d, &mut search, &key, &mut raters)?;
                    }
                    Found::Record(model) => {
                        let rater = raters.with(PORTFOLIO_UNITS[0])?;
                        if let Err(why) = self.found(&goal, &model, d.basis, &key, rater) {
                            self.doubt(goal.claim, &why);
                        }
                    }
                }
            }
            self.steps_left = search.left;
        }
        Ok(())
    }

    /// Equations that hold as quotients of polynomials.
    fn identities(&mut self) {
        let signs = Signs::of_values(&self.plan.checked);
        for at in 0..self.claims.len() {
            let Claim::Assertion(place) = self.claims[at] else { continue };
            if self.states[at].identity {
                continue;
            }
            if let AssertKind::Identity { is, holds_where, .. } = &self.plan.checked.asserts[place].kind {
                let holds = signs.identity(is, holds_where.as_ref());
                (self.states[at].identity, self.states[at].signs) = (holds, !holds);
            }
        }
    }

    /// What was found with portfolio values that may be anything above 0 is looked for again with some of them.
    fn with_portfolio(
        &mut self,
        goal: &Goal,
        model: &Model,
        d: &mut Diagrams<'_>,
        search: &mut Search,
        key: &Key,
        raters: &mut Raters<'_>,
    ) -> Said<()> {
        let mut doubt = ENTANGLED.to_owned();
        // First near what was found.
        let mut all: Vec<i128> = Vec::new();
        for (var, quantity) in d.basis.all() {
            if let (Quantity::Portfolio(_), Some(value)) = (quantity, model.numbers.get(&var)) {
                let whole = i128::try_from(&value.num / &value.den).unwrap_or(0);
                all.extend([whole, whole.saturating_add(1)].into_iter().filter(|units| *units > 0));
            }
        }
        all.extend(PORTFOLIO_UNITS);
        for units in all {
            let fixed = d.basis.fixed(units)?;
            let node = d.replaced(goal.node, &fixed)?;
            d.within_limits()?;
            match search.find(d, node) {
                Found::Nothing => {}
                Found::Unknown => doubt = ENTANGLED.to_owned(),
                Found::Record(model) => match self.found(goal, &model, d.basis, key, raters.with(units)?) {
                    Ok(()) => return Ok(()),
                    Err(why) => doubt = why,
                },
            }
        }
        self.doubt(goal.claim, &doubt);
        Ok(())
    }

    /// Looks for employers that settle what is undecided.
    fn by_chance(&mut self, date: Date) {
        let plan = &self.plan.checked;
        let open: Vec<usize> = (0..self.claims.len())
            .filter(|at| {
                let (state, claim) = (&self.states[*at], self.claims[*at]);
                let settled = state.refuted.is_some() || state.shown.is_some();
                state.undecided.is_some() && !settled && by_shape(plan, claim).is_none()
            })
            .collect();
        if open.is_empty() {
            return;
        }
        let windows = resolve_windows(&plan.windows, date);
        let stretches = Basis::of(windows.into_iter().flatten()).stretches;
        let claims: Vec<Claim> = open.iter().map(|at| self.claims[*at]).collect();
        let chance = Chance { plan: self.plan, declared: self.declared, date, stretches };
        for find in chance.look(&claims) {
            let place = self.place(find.claim);
            let state = &mut self.states[place];
            if find.shows {
                state.shown = Some(find.witnesses);
            } else {
                state.refuted = Some(find.witnesses);
            }
        }
    }

    /// What diagrams do not say of portfolio values and of the columns of rows.
    fn searched_only(&mut self) {
        for at in 0..self.claims.len() {
            let Claim::Assertion(place) = self.claims[at] else { continue };
            match self.plan.checked.asserts[place].kind {
                AssertKind::NotMonotone { raw: Raw::Portfolio(_), .. } => {
                    self.doubt(at, "a portfolio value is held fixed in a proof");
                }
                AssertKind::Jump { .. } => self.doubt(at, "what rows derive is not followed unit by unit"),
                _ => {}
            }
        }
    }

    /// Jumps of columns: followed exactly where the column is made of lines, otherwise by slopes.
    fn follow_jumps(&mut self, date: Date) {
        let plan = &self.plan.checked;
        for at in 0..self.claims.len() {
            let Claim::Assertion(place) = self.claims[at] else { continue };
            let AssertKind::Jump { each: _, input, of, only_where, .. } = &plan.asserts[place].kind else {
                continue;
            };
            let Column::Derived(each, column) = *of else { continue };
            let term = &plan.eaches[each].columns[column].term;
            let state = &mut self.states[at];
            if let Some(jumps) = jumps(plan, date, term, *input, only_where) {
                let never = matches!(only_where.kind, TermKind::Bool(false));
                state.undecided = None;
                if let Some(from) = jumps.elsewhere {
                    (state.refuted, state.detail) =
                        (Some(Vec::new()), format!(": from {from} to {}", from + 1));
                } else if !jumps.declared && !never {
                    (state.refuted, state.detail) = (Some(Vec::new()), ": nowhere".to_owned());
                }
            } else if matches!(only_where.kind, TermKind::Bool(false))
                && Signs::of_values(plan).smooth(term, *input)
            {
                (state.undecided, state.signs) = (None, true);
            }
        }
    }

    fn settled(&self, goal: &Goal) -> bool {
        let state = &self.states[goal.claim];
        state.refuted.is_some() || (goal.shows && state.shown.is_some())
    }

    fn doubt(&mut self, claim: usize, why: &str) {
        self.states[claim].undecided.get_or_insert_with(|| why.to_owned());
    }

    fn undecided(&mut self, why: &str) {
        (0..self.claims.len()).for_each(|claim| self.doubt(claim, why));
    }

    /// What the search is asked for one class.
    fn goals(&self, meaning: &Meaning, d: &mut Diagrams<'_>, trends: Option<&mut Trends>) -> Said<Vec<Goal>> {
        let loose = trends.is_some();
        let (plan, asked, rated) = (&self.plan.checked, meaning.asked(d), meaning.rated(d));
        let compared = Compared::of(meaning, d);
        let mut directions = directions(plan, d.basis, trends)?;
        let mut out = Vec::new();
        let mut first_gate = super::diagram::YES;
        for (claim, what) in self.claims.iter().enumerate() {
            let mut goal = |node: Node, shows: bool| out.push(Goal { claim, node, shows, direction: None });
            match *what {
                Claim::Acts(Part::Gate(at)) => {
                    goal(d.and(first_gate, meaning.gates[at]), true);
                    let not = d.not(meaning.gates[at]);
                    first_gate = d.and(first_gate, not);
                }
                Claim::NoGap(table) => {
                    let any = meaning.rows[table].iter().fold(NO, |any, row| d.or(any, *row));
                    let none = d.not(any);
                    goal(d.and(asked, none), false);
                }
                Claim::NoOverlap(table) => {
                    let (mut any, mut several) = (NO, NO);
                    for row in &meaning.rows[table] {
                        let both = d.and(any, *row);
                        several = d.or(several, both);
                        any = d.or(any, *row);
                    }
                    goal(d.and(asked, several), false);
                }
                Claim::Acts(Part::Row { table, row }) => {
                    let before = meaning.rows[table][..row].iter().fold(NO, |any, row| d.or(any, *row));
                    let first = d.choose(before, NO, meaning.rows[table][row]);
                    goal(d.and(rated, first), true);
                }
                Claim::Acts(Part::Adjust(at)) => {
                    let (when, before, after) = meaning.adjusts[at];
                    let same = d.apply(Op::Equal, before, after)?;
                    let changes = d.choose(same, NO, when);
                    goal(d.and(rated, changes), true);
                }
                Claim::EveryStepHasTier => {
                    let holds = d.and(asked, meaning.tables_hold);
                    goal(d.and(holds, meaning.no_tier), false);
                }
                Claim::Acts(Part::Ladder) => {
                    let same = d.apply(Op::Equal, meaning.unclamped, meaning.step)?;
                    goal(d.choose(same, NO, rated), true);
                }
                Claim::Acts(Part::Floor) => {
                    if let Some(floor) = meaning.floor {
                        let below = d.apply(Op::Less, meaning.unlimited, floor)?;
                        let there = d.apply(Op::Equal, meaning.rate, floor)?;
                        let raised = d.and(below, there);
                        goal(d.and(rated, raised), true);
                    }
                }
                Claim::Acts(Part::Cap) => {
                    if meaning.cap.is_some() {
                        let mut same = d.apply(Op::Equal, meaning.rate, meaning.unlimited)?;
                        if let Some(floor) = meaning.floor {
                            let at_floor = d.apply(Op::Equal, meaning.rate, floor)?;
                            same = d.or(same, at_floor);
                        }
                        goal(d.choose(same, NO, rated), true);
                    }
                }
                Claim::LimitsAgree => {
                    if let (Some(floor), Some(cap)) = (meaning.floor, meaning.cap) {
                        let crossed = d.apply(Op::Less, cap, floor)?;
                        goal(d.and(rated, crossed), false);
                    }
                }
                Claim::NotNegative => {
                    let zero = d.whole(0);
                    let below = d.apply(Op::Less, meaning.rate, zero)?;
                    goal(d.and(rated, below), false);
                }
                Claim::Fair(raw) => {
                    let exceptions = declared_exceptions(plan, raw);
                    for direction in directions.iter_mut().filter(|direction| direction.raw == raw) {
                        let lowered = compared.lowered(direction, d)?;
                        let mut open = lowered;
                        for at in &exceptions {
                            let there = direction.at_better(meaning.asserted[*at].0, d)?;
                            let shown = d.and(lowered, there);
                            let claim = self.place(Claim::Assertion(*at));
                            // Of what an exception covers sign rules say nothing: whether there is one is searched.
                            let node = if loose { super::diagram::YES } else { shown };
                            out.push(Goal { claim, node, shows: true, direction: Some(direction.clone()) });
                            open = d.choose(there, NO, open);
                        }
                        out.push(Goal {
                            claim,
                            node: open,
                            shows: false,
                            direction: Some(direction.clone()),
                        });
                    }
                }
                Claim::Assertion(at) => {
                    if let AssertKind::Identity { .. } = plan.asserts[at].kind {
                        let (is, place) = meaning.asserted[at];
                        let broken = d.choose(is, NO, place);
                        goal(d.and(rated, broken), false);
                    }
                }
            }
        }
        d.within_limits()?;
        out.retain(|goal| goal.node != NO);
        Ok(out)
    }

    fn place(&self, claim: Claim) -> usize {
        self.claims.iter().position(|c| *c == claim).unwrap_or(0)
    }

    /// Makes the record, lets the evaluator rate it, and believes only what the evaluator shows.
    fn found(
        &mut self,
        goal: &Goal,
        model: &Model,
        basis: &Basis,
        key: &Key,
        rater: &mut Rater,
    ) -> Result<(), String> {
        let plan = &self.plan.checked;
        let model = rounded(model, basis);
        let models = match &goal.direction {
            Some(direction) => direction.twins(&model, basis).to_vec(),
            None => vec![model],
        };
        let records: Result<Vec<Record>, String> =
            models.iter().map(|m| record(m, basis, &[plan], key, self.declared)).collect();
        let claim = self.claims[goal.claim];
        let (witnesses, detail) = records.and_then(|records| {
            let chunk = rater.rate(&records);
            if confirmed(claim, goal, &chunk) {
                let (date, portfolio) = (chunk.program().rating_date, &chunk.program().portfolio);
                let witness = |at: usize| Witness {
                    rating_date: date,
                    portfolio: portfolio.clone(),
                    record: records[at].clone(),
                    outcome: chunk.outcome(at),
                };
                Ok(((0..records.len()).map(witness).collect::<Vec<_>>(), detail(claim, &chunk)))
            } else {
                Err("what is known of averages, products or periods over several windows is not enough to make the record; write examples for it".to_owned())
            }
        })?;
        let state = &mut self.states[goal.claim];
        if goal.shows {
            state.shown = Some(witnesses);
        } else {
            (state.refuted, state.detail) = (Some(witnesses), detail);
        }
        Ok(())
    }

    fn report(self) -> Report {
        let plan = &self.plan.checked;
        let findings = self
            .claims
            .iter()
            .zip(&self.states)
            .map(|(claim, state)| Finding { claim: *claim, verdict: verdict(plan, *claim, state) });
        Report { plan: plan.id.clone(), findings: findings.collect() }
    }
}

/// The `not_monotone` assertions on a raw fact.
fn declared_exceptions(plan: &Checked, raw: Raw) -> Vec<usize> {
    let of = |kind: &AssertKind| matches!(kind, AssertKind::NotMonotone { raw: own, .. } if *own == raw);
    (0..plan.asserts.len()).filter(|at| of(&plan.asserts[*at].kind)).collect()
}

/// Whether the evaluator shows what the search found. Of claims that results have no words for, that the record is rated
/// is all that it can show.
fn confirmed(claim: Claim, goal: &Goal, chunk: &Chunk<'_>) -> bool {
    if goal.direction.is_some() {
        return falls(&chunk.outcome(0), &chunk.outcome(1));
    }
    let outcome = chunk.outcome(0);
    shows(claim, &outcome).unwrap_or(outcome.verdict.status == Status::Rated)
}

/// What the trace adds: the rows that hold at once, the step without a tier.
fn detail(claim: Claim, chunk: &Chunk<'_>) -> String {
    match claim {
        Claim::NoOverlap(table) => {
            let rows = chunk.program().tables[table].rows.iter().enumerate();
            let held: Vec<String> =
                rows.filter(|(_, id)| chunk.holds(**id, 0)).map(|(row, _)| (row + 1).to_string()).collect();
            format!(": rows {}", held.join(" and "))
        }
        Claim::EveryStepHasTier => format!(": {:+}", chunk.small(chunk.program().unclamped_step, 0)),
        _ => String::new(),
    }
}

fn verdict(plan: &Checked, claim: Claim, state: &State) -> Verdict {
    let proved = Verdict::Proved(if state.signs { Guarantee::Signs } else { Guarantee::Exact });
    let refute = |witnesses: &[Witness]| {
        let diagnostic = message::refutation(plan, claim, witnesses, &state.detail);
        Verdict::Refuted(Box::new(Refutation { diagnostic, witnesses: witnesses.to_vec() }))
    };
    let doubt = || {
        let why = state.undecided.as_ref()?;
        Some(by_shape(plan, claim).map_or_else(
            || Verdict::Undecided(format!("{why}; searched, not proved: {EMPLOYERS} employers, seed {SEED}")),
            Verdict::Proved,
        ))
    };
    match claim {
        Claim::Acts(part) if called_inert(plan, part) => match (&state.shown, doubt()) {
            (Some(witnesses), _) => refute(witnesses),
            (None, Some(doubt)) => doubt,
            (None, None) => proved,
        },
        // A record that shows it is no matter of signs.
        Claim::Acts(_) => match (&state.shown, doubt()) {
            (Some(_), _) => Verdict::Proved(Guarantee::Exact),
            (None, Some(doubt)) => doubt,
            (None, None) => refute(&[]),
        },
        Claim::Assertion(at) if matches!(plan.asserts[at].kind, AssertKind::NotMonotone { .. }) => {
            // Of a raw fact, a fall elsewhere refutes that the fact is fair; of a portfolio value nothing else does.
            let elsewhere = matches!(
                &plan.asserts[at].kind,
                AssertKind::NotMonotone { raw: Raw::Portfolio(_), only_where, .. }
                    if !matches!(only_where.kind, TermKind::Bool(true))
            );
            match (&state.shown, &state.refuted, doubt()) {
                (_, Some(witnesses), _) => refute(witnesses),
                (Some(_), None, Some(doubt)) if elsewhere => doubt,
                (Some(_), None, _) => proved,
                (None, None, Some(doubt)) => doubt,
                (None, None, None) => refute(&[]),
            }
        }
        _ => match (&state.refuted, doubt()) {
            (Some(witnesses), _) => refute(witnesses),
            (None, Some(doubt)) => doubt,
            (None, None) => proved,
        },
    }
}
