//! Distances to the neighbouring tiers in words.

use super::values::{money, percent};
use super::{Explanation, Paragraph, say};
use crate::plan::checked::Checked;
use crate::rating::{Distance, Quantity};
use num_bigint::BigInt;

impl Explanation {
    /// Adds how far the next tier on each side is; None stands for a result that stands on no tier of its own.
    pub fn add_distances(&mut self, plan: &Checked, distances: Option<&[Distance]>) {
        let lang = self.lang;
        let mut say_so = |text: String| {
            self.paragraphs.push(Paragraph { topic: "sensitivity", text, cites: Vec::new() });
        };
        let Some(distances) = distances else {
            return say_so(say!(
                lang,
                "本次未按档次核定，故不列与相邻档次的差距。",
                "The result stands on no tier of its own, so there is no distance to another."
            ));
        };
        for quantity in Quantity::ALL {
            for above in [true, false] {
                let Some(d) = distances.iter().find(|d| d.quantity == quantity && d.above == above) else {
                    continue;
                };
                let size = match quantity {
                    Quantity::Benefits => money(&BigInt::from(d.change.unsigned_abs()), &plan.currency, lang),
                    Quantity::Injuries | Quantity::Deaths => d.change.unsigned_abs().to_string(),
                };
                let (zh, en) = match quantity {
                    Quantity::Benefits => ("计入的待遇支付", "in benefits counted"),
                    Quantity::Injuries => {
                        ("工作原因工伤（人次，不计待遇支付）", "injuries at work (without benefits)")
                    }
                    Quantity::Deaths => {
                        ("工作原因死亡（人数，不计待遇支付）", "deaths at work (without benefits)")
                    }
                };
                let (tier, rate) = (percent(d.tier, lang), percent(d.rate, lang));
                say_so(match d.change > 0 {
                    true => say!(
                        lang,
                        "若{zh}再增加{size}，档次变为{tier}，费率{rate}。",
                        "{size} more {en} would reach the tier {tier}, a rate of {rate}."
                    ),
                    false => say!(
                        lang,
                        "若{zh}减少{size}，档次变为{tier}，费率{rate}。",
                        "{size} less {en} would reach the tier {tier}, a rate of {rate}."
                    ),
                });
            }
        }
    }
}
