//! What cannot be said exactly, as quantities of their own: of a number whether it can be below 0 is known, of a condition
//! nothing. What is proved with them holds whatever they are: sound, not complete.

use super::{Meant, Outside, Reader, Said};
use crate::plan::checked::{Term, Type};
use crate::plan::compiled::Span;
use crate::proof::basis::Quantity;
use crate::proof::diagram::{NO, Value};
use crate::proof::linear::Linear;
use crate::proof::signs::Signs;

impl Reader<'_, '_, '_> {
    /// A formula that is a quantity of its own; in the windows that quantifiers stand at.
    pub(super) fn unknown(&mut self, term: &Term, bound: &[(usize, Span)], why: Outside) -> Said<Meant> {
        let text = self.plan.print(term);
        let spans: Vec<Span> = bound.iter().map(|(_, span)| *span).collect();
        match term.ty {
            Type::Boolean => Ok(Meant::Truth(self.flag(Quantity::Unsaid { text, spans }))),
            Type::Number(_) | Type::Literal => {
                let signs = Signs::of_values(self.plan).about(term);
                let gap = Quantity::Gap { text: text.clone(), spans: spans.clone() };
                let undefined = if signs.has_gaps(term) { self.flag(gap) } else { NO };
                let part =
                    |below: bool| Quantity::Unknown { text: text.clone(), spans: spans.clone(), below };
                let mut num = Linear::variable(self.d.basis.var(part(false)));
                if !signs.not_negative(term) {
                    let below = Linear::variable(self.d.basis.var(part(true)));
                    num = num.plus(-1, &below)?;
                }
                let value = self.d.number(Value { num, den: Linear::constant(1) });
                Ok(Meant::Number { value, undefined })
            }
            _ => Err(why),
        }
    }
}
