//! The ladder: which steps have a tier, and what each class may reach.

use super::Ladder;
use super::names::Names;
use super::term::{StageValue, Type, Unit};
use super::typing::Scope;
use crate::number::Decimal;
use crate::plan::source::LadderSource;

impl Names<'_> {
    pub(super) fn ladder(&mut self, source: &LadderSource) -> Option<Ladder> {
        let mut sound = source.derived || self.tiers(source);
        let factor = match &source.factor {
            Some(formula) => {
                let stage = &[StageValue::Step, StageValue::Start, StageValue::Rate];
                let scope = Scope { stage, tables: self.tables.len(), ..Scope::default() };
                let what = "the tier of a derived ladder";
                let term = self.expect(&formula.expr, &scope, Type::Number(Unit::RATIO), what)?;
                self.finite(&term);
                Some(term)
            }
            None => None,
        };
        let known = |step: i64| source.derived || source.tiers.iter().any(|t| t.0 == step);
        let ends = if source.derived {
            None
        } else {
            source.tiers.first().zip(source.tiers.last()).map(|(low, high)| (low.0, high.0))
        };
        let made = |allowed| Ladder {
            tiers: source.tiers.clone(),
            allowed,
            derived: source.derived,
            factor: factor.clone(),
            cite: source.cite.clone(),
            span: source.span,
        };
        if self.classes == 0
            && let Some((span, _)) = source.allowed.first()
        {
            let message = "the plan has no classes, but its ladder says what classes may reach";
            self.complain("key", *span, message, "expected no `allowed`, or [class]");
            sound = false;
        }
        if self.classes == 0 || (source.derived && source.allowed.is_empty()) {
            return sound.then(|| made(Vec::new()));
        }
        // Without `allowed` every step is open to all.
        let unlimited = ends.filter(|_| source.allowed.is_empty());
        let mut allowed = vec![unlimited; usize::from(self.classes)];
        for (span, [from, to, low, high]) in &source.allowed {
            if !known(*low) || !known(*high) || *low > 0 || *high < 0 {
                let message = format!("the steps {low} to {high} are not on the ladder around 0");
                let expected = ends.map_or_else(
                    || "expected a range with 0 inside".to_owned(),
                    |(lowest, highest)| format!("expected within {lowest} to {highest}, with 0 inside"),
                );
                self.complain("range", *span, message, expected);
                sound = false;
            }
            for class in *from..=*to {
                match usize::try_from(class - 1).ok().and_then(|at| allowed.get_mut(at)) {
                    Some(slot @ None) => *slot = Some((*low, *high)),
                    Some(Some(_)) => {
                        self.complain("range", *span, format!("class {class} stands twice"), "expected once");
                        sound = false;
                    }
                    None => {
                        let message = format!("class {class} is not a class of this plan");
                        self.complain("range", *span, message, format!("expected 1 to {}", self.classes));
                        sound = false;
                        break;
                    }
                }
            }
        }
        if let Some(class) = allowed.iter().position(Option::is_none)
            && sound
        {
            let message = format!("the ladder does not say what class {} may reach", class + 1);
            let last = source.allowed.last().map_or(source.span, |allowed| allowed.0);
            self.complain("missing", last, message, "expected another entry beside this");
        }
        allowed.into_iter().collect::<Option<Vec<_>>>().map(made)
    }

    /// Whether the tiers rise with 1 at step 0. A step between two others may have none.
    fn tiers(&mut self, source: &LadderSource) -> bool {
        if source.tiers.is_empty() {
            self.complain(
                "missing",
                source.span,
                "[ladder] has no tiers",
                "expected `tiers = { 0 = \"1\" }`, or `derived = true`",
            );
            return false;
        }
        let mut sound = true;
        for pair in source.tiers.windows(2) {
            let [(step, tier), (next_step, next_tier)] = pair else { continue };
            if tier >= next_tier {
                let message =
                    format!("the tier {next_tier} of step {next_step} is not above {tier} of step {step}");
                self.complain("order", source.span, message, "expected strictly rising tiers");
                sound = false;
            }
        }
        let at_zero = source.tiers.iter().find(|t| t.0 == 0).map(|t| t.1);
        if at_zero != Some(Decimal::ONE) {
            self.complain("value", source.span, "step 0 is not at tier 1", "expected `0 = \"1\"`");
            sound = false;
        }
        sound
    }
}
