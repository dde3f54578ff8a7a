//! Parameters by class, industry and range, and rounding.

use super::{Outside, Reader, Said};
use crate::number::{Decimal, Rounding};
use crate::plan::checked::{ParamValue, PriorPart, Term, TermKind};
use crate::plan::compiled::Span;
use crate::proof::basis::{Quantity, Sort};
use crate::proof::diagram::{Diagrams, NO, Node, Op, Value, YES};
use crate::proof::linear::{Linear, TooLarge};

impl Reader<'_, '_, '_> {
    /// A number for each class, from place 0 for class 1, at the class that the stages see.
    pub(super) fn by_class(&mut self, value: impl Fn(usize) -> Option<Decimal>) -> Said<Node> {
        self.d.at_each_end(self.class, &mut |d, class| {
            let (class, _) = class.known().ok_or_else(|| Outside("a class that is no number".to_owned()))?;
            let place = usize::try_from(class - 1).ok();
            let value =
                place.and_then(&value).ok_or_else(|| Outside(format!("there is no class {class}")))?;
            let den = 10_i128.checked_pow(value.places()).ok_or(TooLarge)?;
            Ok(d.number(Value { num: Linear::constant(value.mantissa()), den: Linear::constant(den) }))
        })
    }

    /// A parameter that is not looked up by a row; of the class that a formula names, or the employer's own.
    pub(super) fn param(&mut self, param: usize, class: Option<u8>) -> Said<Node> {
        let param = &self.plan.params[param];
        match (param.on(self.date), class) {
            (Some(ParamValue::One(value)), _) => self.decimal(*value),
            (Some(ParamValue::ByClass(values)), Some(class)) => self.decimal(values[usize::from(class) - 1]),
            (Some(ParamValue::ByClass(values)), None) => self.by_class(|class| values.get(class).copied()),
            (Some(ParamValue::ByIndustry(values)), _) => {
                let value = self.key.place(self.plan).and_then(|at| values.get(at));
                self.decimal(*value.ok_or_else(|| Outside("an unknown industry".to_owned()))?)
            }
            _ => Err(Outside(format!("parameter `{}` is no number", param.name))),
        }
    }

    pub(super) fn prior(&mut self, part: PriorPart) -> Said<Node> {
        let given = self.flag(Quantity::PriorGiven(part));
        let value = self.var(Quantity::Prior(part), 10_i128.pow(crate::limits::RATE_PLACES));
        let base = self.plan.params.iter().position(|p| p.name == "base_rate");
        let instead = match base {
            Some(base) if part != PriorPart::Tier => self.param(base, None)?,
            _ => self.d.whole(1),
        };
        Ok(self.d.choose(given, value, instead))
    }

    /// A parameter looked up by range, and where it is undefined.
    pub(super) fn range(
        &mut self,
        param: usize,
        at: &Term,
        bound: &[(usize, Span)],
        row: Option<Sort>,
    ) -> Said<(Node, Node)> {
        let (at, undefined) = self.quantity(at, bound, row)?;
        let Some(ParamValue::Ranges(ranges)) = self.plan.params[param].on(self.date) else {
            return Err(Outside(format!("parameter `{}` has no ranges", self.plan.params[param].name)));
        };
        let (mut out, mut covered) = (self.d.whole(0), NO);
        let relation = |closed: bool| if closed { Op::LessEqual } else { Op::Less };
        for range in ranges.iter().rev() {
            let mut inside = YES;
            if let Some((low, closed)) = range.low {
                let low = self.decimal(low)?;
                let above = self.d.apply(relation(closed), low, at)?;
                inside = self.d.and(inside, above);
            }
            if let Some((high, closed)) = range.high {
                let high = self.decimal(high)?;
                let below = self.d.apply(relation(closed), at, high)?;
                inside = self.d.and(inside, below);
            }
            let value = self.decimal(range.value)?;
            out = self.d.choose(inside, value, out);
            covered = self.d.or(covered, inside);
        }
        let outside = self.d.not(covered);
        Ok((out, self.d.or(undefined, outside)))
    }

    /// A number made whole in units of so many places. Over a divisor that is a quantity of the record it is not linear.
    pub(super) fn rounded(&mut self, value: Node, places: i32, mode: Rounding) -> Said<Node> {
        let scale = 10_i128.checked_pow(places.unsigned_abs()).ok_or(TooLarge)?;
        self.d.at_each_end(value, &mut |d, value| {
            let up = if places >= 0 { scale } else { 1 };
            let down = if places >= 0 { 1 } else { scale };
            let (num, den) = (value.num.scale(up)?, value.den.scale(down)?);
            let den = den.known().filter(|den| *den != 0);
            let den = den.ok_or_else(|| Outside("rounding of a quotient of two quantities".to_owned()))?;
            let (num, den) = if den < 0 { (num.scale(-1)?, -den) } else { (num, den) };
            let end = |d: &mut Diagrams<'_>, rounded: &Linear| -> Said<Node> {
                Ok(d.number(Value { num: rounded.scale(down)?, den: Linear::constant(up) }))
            };
            if let Some(num) = num.known() {
                return end(d, &Linear::constant(mode.divide(&num, &den)));
            }
            if num.terms.iter().any(|t| t.1 < 0) {
                return Err(Outside("rounding of what may be far below 0".to_owned()));
            }
            // What may be a little below 0 is rounded as much further up; there the modes look the other way.
            let shift = (-num.constant).max(0).div_euclid(den) + 1;
            let shift = if num.constant < 0 { shift } else { 0 };
            let higher = num.plus(shift, &Linear::constant(den))?;
            let at = |d: &mut Diagrams<'_>, mode: Rounding| -> Said<Node> {
                let var = d.basis.var(Quantity::Rounded { num: higher.clone(), den, mode });
                end(d, &Linear::variable(var).plus(-shift, &Linear::constant(1))?)
            };
            let above = at(d, mode)?;
            if shift == 0 {
                return Ok(above);
            }
            let below = at(
                d,
                match mode {
                    Rounding::Up => Rounding::Down,
                    Rounding::Down => Rounding::Up,
                    // At a half the way is left open.
                    Rounding::HalfUp | Rounding::HalfEven => Rounding::HalfEven,
                },
            )?;
            let negative = d.condition(&num, true)?;
            Ok(d.choose(negative, below, above))
        })
    }

    /// Whether the employer's industry is one of a parameter's.
    pub(super) fn industry_in(&self, param: usize) -> Node {
        let inside = match (self.plan.params[param].on(self.date), self.key.place(self.plan)) {
            (Some(ParamValue::Industries(places)), Some(at)) => places.contains(&at),
            _ => false,
        };
        if inside { YES } else { NO }
    }

    /// A number that is the same for every row of a record: what a product in a row may be multiplied with.
    pub(super) fn constant(&mut self, term: &Term) -> Option<(i128, i128)> {
        let node = match &term.kind {
            TermKind::Number(value) => self.decimal(*value).ok()?,
            TermKind::Param { param, class } => self.param(*param, *class).ok()?,
            _ => return None,
        };
        self.d.value(node).and_then(Value::known)
    }
}
