//! Going through a formula as written.

use super::{Expr, ExprKind, Interval, Set};

impl Expr {
    /// Whether a name stands in the formula as a value.
    #[must_use]
    pub fn mentions(&self, name: &str) -> bool {
        let within = |exprs: &[&Self]| exprs.iter().any(|e| e.mentions(name));
        match &self.kind {
            ExprKind::Name(own) => own == name,
            ExprKind::Number(..) | ExprKind::Date(_) | ExprKind::Bool(_) => false,
            ExprKind::Index(own, key) => own.text == name || key.mentions(name),
            ExprKind::Call(_, arguments) => arguments.iter().any(|a| a.mentions(name)),
            ExprKind::Aggregate(aggregate) => aggregate.filter.as_ref().is_some_and(|f| f.mentions(name)),
            ExprKind::Quantified { body, .. } | ExprKind::Negate(body) | ExprKind::Not(body) => {
                body.mentions(name)
            }
            ExprKind::Binary(_, a, b) => within(&[a, b]),
            ExprKind::If(a, b, c) => within(&[a, b, c]),
            ExprKind::In { item, set, .. } => {
                item.mentions(name)
                    || match set {
                        Set::Name(_) => false,
                        Set::Interval(interval) => interval.mentions(name),
                        Set::List(items) => items.iter().any(|i| i.mentions(name)),
                    }
            }
        }
    }
}

impl Interval {
    fn mentions(&self, name: &str) -> bool {
        [&self.low, &self.high].into_iter().flatten().any(|(end, _)| end.mentions(name))
    }
}
