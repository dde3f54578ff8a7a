//! Numbers as people read them.

use super::{Letter, say};
use crate::Lang;
use crate::number::{Decimal, Fraction};
use crate::plan::checked::minor_places;
use crate::plan::compiled::{MeasureSlot, Watch};
use crate::record::Date;
use num_bigint::BigInt;

/// A rate as a percentage: 0.0152 is 1.52 %.
pub(super) fn percent(rate: Decimal) -> String {
    let shown = rate.mantissa().checked_mul(100).map(|m| Decimal::new(m, rate.places()));
    shown.map_or_else(|| rate.to_string(), |p| format!("{p} %"))
}

/// Groups the digits before the point by three.
fn grouped(text: &str) -> String {
    let (sign, text) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = text.split_once('.').map_or((text, None), |(w, f)| (w, Some(f)));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            out.push(',');
        }
        out.push(digit);
    }
    fraction.map_or(out.clone(), |f| format!("{out}.{f}"))
}

/// An amount of minor units in the currency's own words.
pub(super) fn money(minor: &BigInt, currency: &str, lang: Lang) -> String {
    let places = minor_places(currency) as usize;
    let digits = format!("{:0>width$}", minor.magnitude().to_string(), width = places + 1);
    let (whole, fraction) = digits.split_at(digits.len() - places);
    let sign = if minor.sign() == num_bigint::Sign::Minus { "-" } else { "" };
    let point = if fraction.is_empty() { "" } else { "." };
    let amount = grouped(&format!("{sign}{whole}{point}{fraction}"));
    match (lang, currency) {
        (Lang::Zh, "CNY") => format!("{amount}元"),
        (Lang::En, "CNY") => format!("{amount} yuan"),
        _ => format!("{amount} {currency}"),
    }
}

impl Letter<'_, '_> {
    /// An amount of minor units in the plan's currency.
    pub(super) fn money(&self, minor: &BigInt) -> String {
        money(minor, &self.chunk.program().plan.currency, self.lang)
    }

    /// A number: a decimal, and the fraction behind it where it is not whole.
    pub(super) fn number(&self, fraction: &Fraction) -> String {
        let decimal = fraction.decimal(12);
        if *fraction.den() == BigInt::from(1) {
            return grouped(&decimal);
        }
        format!(
            "{}/{} = {decimal}",
            grouped(&fraction.num().to_string()),
            grouped(&fraction.den().to_string())
        )
    }

    /// A value that people read.
    pub(super) fn slot(&self, slot: &MeasureSlot, money: bool) -> String {
        let (chunk, at) = (self.chunk, self.at);
        match slot {
            MeasureSlot::Boolean(id) if chunk.holds(*id, at) => say!(self.lang, "是", "yes"),
            MeasureSlot::Boolean(_) => say!(self.lang, "否", "no"),
            MeasureSlot::Date(id) => i32::try_from(chunk.small(*id, at))
                .map_or_else(|_| String::new(), |d| Date::of_day_number(d).to_string()),
            MeasureSlot::Number(q) if q.missing.is_some_and(|id| chunk.holds(id, at)) => {
                say!(self.lang, "不明（记录缺数据）", "not known (the record lacks a value)")
            }
            MeasureSlot::Number(quantity) => match chunk.fraction(*quantity, at) {
                None => say!(self.lang, "无法计算（除数为0）", "undefined (a division by 0)"),
                Some(fraction) if money && *fraction.den() == BigInt::from(1) => self.money(fraction.num()),
                Some(fraction) => self.number(&fraction),
            },
        }
    }

    /// What a condition looked at, as `name = value`.
    pub(super) fn watched<'w>(&self, watches: impl Iterator<Item = &'w Watch>) -> String {
        let names = |w: &Watch| {
            let plan = &self.chunk.program().plan;
            let measure = plan.measures.iter().find(|m| m.name == w.text).and_then(|m| m.title.as_ref());
            let fact = plan.facts.iter().find(|f| f.name.text == w.text).map(|f| &f.title);
            measure.or(fact).map_or_else(|| w.text.clone(), |title| title.pick(self.lang).to_owned())
        };
        let parts: Vec<String> =
            watches.map(|w| format!("{} = {}", names(w), self.slot(&w.slot, w.money))).collect();
        parts.join(if self.lang == Lang::Zh { "；" } else { "; " })
    }
}
