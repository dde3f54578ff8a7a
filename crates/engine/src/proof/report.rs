//! What is proved of a plan, and what is not.

use crate::Lang;
use crate::diagnostic::Diagnostic;
use crate::plan::checked::{AssertKind, Checked, Part, Raw};
use crate::plan::compiled::Frozen;
use crate::rating::Outcome;
use crate::record::{Date, Record};

/// What a proof says of a plan: one finding for each claim.
#[derive(Clone, Debug)]
pub struct Report {
    /// The plan.
    pub plan: String,
    /// Every claim with its verdict, in the order of the stages.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Whether nothing is refuted.
    #[must_use]
    pub fn sound(&self) -> bool {
        !self.findings.iter().any(|f| matches!(f.verdict, Verdict::Refuted(_)))
    }

    /// Every refutation.
    pub fn refutations(&self) -> impl Iterator<Item = (&Finding, &Refutation)> {
        self.findings.iter().filter_map(|f| match &f.verdict {
            Verdict::Refuted(refutation) => Some((f, &**refutation)),
            _ => None,
        })
    }

    /// How many claims are proved, refuted and undecided.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        self.findings.iter().fold((0, 0, 0), |(p, r, u), f| match f.verdict {
            Verdict::Proved(_) => (p + 1, r, u),
            Verdict::Refuted(_) => (p, r + 1, u),
            Verdict::Undecided(_) => (p, r, u + 1),
        })
    }
}

/// A claim with its verdict.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What is claimed.
    pub claim: Claim,
    /// Whether it is so.
    pub verdict: Verdict,
}

/// Something that is claimed of every plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claim {
    /// Some row of a table holds for every employer that the table is asked about.
    NoGap(usize),
    /// At most one row of a table with `hit = "unique"` holds.
    NoOverlap(usize),
    /// The ladder has a tier for every step that comes out.
    EveryStepHasTier,
    /// Floor and cap leave room between them.
    LimitsAgree,
    /// No rate is below 0.
    NotNegative,
    /// A part acts for some employer, or, where an assertion calls it inert, for none.
    Acts(Part),
    /// More of a raw fact never lowers a rate, except where an assertion says so.
    Fair(Raw),
    /// An assertion, by its place, holds.
    Assertion(usize),
}

/// How much a verdict of "proved" rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guarantee {
    /// Exact and complete: every condition is linear in the facts.
    Exact,
    /// Sound, and not complete: products of facts are known by their sign alone.
    Signs,
    /// Total by construction: the table ends with `otherwise`.
    Construction,
    /// Bounded by the final limits: the class's range of steps, the floor.
    Limits,
}

/// Whether a claim is so.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// It is.
    Proved(Guarantee),
    /// It is not; the evaluator agrees.
    Refuted(Box<Refutation>),
    /// Not known, and why.
    Undecided(String),
}

/// Why a claim is not so.
#[derive(Clone, Debug)]
pub struct Refutation {
    /// The message to the author, with the witness in it.
    pub diagnostic: Diagnostic,
    /// The records that show it, each with what the evaluator made of it: one, or the better and the worse of two.
    pub witnesses: Vec<Witness>,
}

/// A record and its result.
#[derive(Clone, Debug)]
pub struct Witness {
    /// The rating date.
    pub rating_date: Date,
    /// The portfolio values that it was rated with, in the plan's order.
    pub portfolio: Vec<Frozen>,
    /// A record that can be fed to `rate`.
    pub record: Record,
    /// What the evaluator makes of it.
    pub outcome: Outcome,
}

impl Part {
    /// As an assertion names it.
    #[must_use]
    pub fn name(self, plan: &Checked) -> String {
        match self {
            Self::Gate(at) => format!("gate.{}", plan.gates[at].name),
            Self::Row { table, row } => format!("table.{}:{}", plan.tables[table].name, row + 1),
            Self::Adjust(at) => format!("adjust.{}", plan.adjusts[at].name),
            Self::Floor => "outcome.floor".to_owned(),
            Self::Cap => "outcome.cap".to_owned(),
            Self::Ladder => "ladder".to_owned(),
        }
    }
}

impl Raw {
    /// As an assertion names it.
    #[must_use]
    pub fn name(self, plan: &Checked) -> String {
        match self {
            Self::Benefits => "claims.benefits_paid".to_owned(),
            Self::Count => "claims.count".to_owned(),
            Self::Outcome => "claims.outcome".to_owned(),
            Self::Fact(at) => plan.facts[at].name.text.clone(),
            Self::Portfolio(at) => plan.portfolio[at].name.clone(),
        }
    }
}

/// Whether an assertion calls a part inert.
pub(super) fn called_inert(plan: &Checked, part: Part) -> bool {
    plan.asserts.iter().any(|a| matches!(a.kind, AssertKind::Inert { of } if of == part))
}

impl Claim {
    /// The claim in a stable word and what it is about, for programs.
    #[must_use]
    pub fn name(self, plan: &Checked) -> String {
        match self {
            Self::NoGap(at) => format!("no_gap:{}", plan.tables[at].name),
            Self::NoOverlap(at) => format!("no_overlap:{}", plan.tables[at].name),
            Self::EveryStepHasTier => "tiers".to_owned(),
            Self::LimitsAgree => "limits_agree".to_owned(),
            Self::NotNegative => "not_negative".to_owned(),
            Self::Acts(part) if called_inert(plan, part) => format!("inert:{}", part.name(plan)),
            Self::Acts(part) => format!("acts:{}", part.name(plan)),
            Self::Fair(raw) => format!("fair:{}", raw.name(plan)),
            Self::Assertion(at) => format!("assert:{}", plan.asserts[at].name),
        }
    }

    /// The claim as a sentence.
    #[must_use]
    pub fn says(self, plan: &Checked, lang: Lang) -> String {
        match (self, lang) {
            (Self::NoGap(at), Lang::En) => {
                format!("some row of `{}` holds for every employer", plan.tables[at].name)
            }
            (Self::NoGap(at), Lang::Zh) => {
                format!("表 `{}` 对每个用人单位都有适用的行", plan.tables[at].name)
            }
            (Self::NoOverlap(at), Lang::En) => {
                format!("no two rows of `{}` hold at once", plan.tables[at].name)
            }
            (Self::NoOverlap(at), Lang::Zh) => format!("表 `{}` 没有两行同时适用", plan.tables[at].name),
            (Self::EveryStepHasTier, Lang::En) => "every step that comes out has a tier".to_owned(),
            (Self::EveryStepHasTier, Lang::Zh) => "得出的每个浮动档数都有对应档次".to_owned(),
            (Self::LimitsAgree, Lang::En) => "the floor is never above the cap".to_owned(),
            (Self::LimitsAgree, Lang::Zh) => "下限从不高于上限".to_owned(),
            (Self::NotNegative, Lang::En) => "no rate is below 0".to_owned(),
            (Self::NotNegative, Lang::Zh) => "费率不会为负".to_owned(),
            (Self::Acts(part), Lang::En) if called_inert(plan, part) => {
                format!("{} never changes a result, as asserted", part.name(plan))
            }
            (Self::Acts(part), Lang::Zh) if called_inert(plan, part) => {
                format!("{} 从不改变结果（已声明）", part.name(plan))
            }
            (Self::Acts(part), Lang::En) => format!("{} acts for some employer", part.name(plan)),
            (Self::Acts(part), Lang::Zh) => format!("{} 对某些用人单位起作用", part.name(plan)),
            (Self::Fair(raw), Lang::En) => format!("a worse {} never lowers the rate", raw.name(plan)),
            (Self::Fair(raw), Lang::Zh) => format!("{} 变差不会使费率降低", raw.name(plan)),
            (Self::Assertion(at), Lang::En) => format!("the assertion `{}` holds", plan.asserts[at].name),
            (Self::Assertion(at), Lang::Zh) => format!("声明 `{}` 成立", plan.asserts[at].name),
        }
    }
}

impl Verdict {
    /// One word, for programs.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Proved(_) => "proved",
            Self::Refuted(_) => "refuted",
            Self::Undecided(_) => "undecided",
        }
    }
}

impl Guarantee {
    /// What a proof of this kind means.
    #[must_use]
    pub const fn says(self, lang: Lang) -> &'static str {
        match (self, lang) {
            (Self::Exact, Lang::En) => "exact",
            (Self::Exact, Lang::Zh) => "精确证明",
            (Self::Signs, Lang::En) => "by sign rules: sound, not complete",
            (Self::Signs, Lang::Zh) => "按符号规则证明（可靠，不完备）",
            (Self::Construction, Lang::En) => "total by construction",
            (Self::Construction, Lang::Zh) => "由结构保证无缺漏",
            (Self::Limits, Lang::En) => "bounded by the final limits",
            (Self::Limits, Lang::Zh) => "由最终的上下限保证",
        }
    }
}
