//! Numbers as people read them.

use super::{Letter, say};
use crate::Lang;
use crate::number::{Decimal, Fraction};
use crate::plan::checked::minor_places;
use crate::plan::compiled::{MeasureSlot, Watch};
use crate::record::Date;
use num_bigint::BigInt;

/// A rate as a percentage: 0.0152 is 1.52 %.
pub(super) fn percent(rate: Decimal, lang: Lang) -> String {
    let shown = rate.mantissa().checked_mul(100).map(|m| Decimal::new(m, rate.places()));
    shown.map_or_else(|| rate.to_string(), |p| say!(lang, "{p}%", "{p} %"))
}

/// Steps as people say them.
pub(super) fn steps(step: i64, lang: Lang) -> String {
    let size = step.unsigned_abs();
    match step {
        0 => say!(lang, "不浮动", "no step"),
        _ if step < 0 => say!(lang, "下浮{size}档", "{size} down"),
        _ => say!(lang, "上浮{size}档", "{size} up"),
    }
}

/// A cell of a table as people say it: `(0..0.5]` is above 0 and up to 0.5.
pub(super) fn cell(text: &str, lang: Lang) -> String {
    let parts: Vec<String> = text.split(',').map(|part| interval(part.trim(), lang)).collect();
    parts.join(if lang == Lang::Zh { "或" } else { " or " })
}

fn interval(cell: &str, lang: Lang) -> String {
    let inner = cell.strip_prefix(['(', '[']).and_then(|c| c.strip_suffix([')', ']']));
    if let Some((low, high)) = inner.and_then(|inner| inner.split_once("..")) {
        let low = match cell.starts_with('(') {
            true => say!(lang, "超过{low}", "above {low}"),
            false => say!(lang, "不低于{low}", "at least {low}"),
        };
        let high = match cell.ends_with(')') {
            true => say!(lang, "低于{high}", "below {high}"),
            false => say!(lang, "不超过{high}", "up to {high}"),
        };
        return say!(lang, "{low}、{high}", "{low} and {high}");
    }
    for (sign, zh, en) in [
        ("<=", "不超过", "up to "),
        (">=", "不低于", "at least "),
        ("<", "低于", "below "),
        (">", "超过", "above "),
    ] {
        if let Some(value) = cell.strip_prefix(sign) {
            return format!("{}{}", if lang == Lang::Zh { zh } else { en }, value.trim());
        }
    }
    match cell {
        "-" => say!(lang, "不限", "any"),
        value => say!(lang, "为{value}", "{value}"),
    }
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
    /// A day.
    pub(super) fn date(&self, date: Date) -> String {
        match self.lang {
            Lang::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Lang::En => date.to_string(),
        }
    }

    /// An amount of minor units in the plan's currency.
    pub(super) fn money(&self, minor: &BigInt) -> String {
        money(minor, &self.chunk.program().plan.currency, self.lang)
    }

    /// A number: a decimal, and the fraction behind it where it is not whole.
    pub(super) fn number(&self, fraction: &Fraction) -> String {
        let decimal = fraction.decimal(12);
        // The fraction says more only where the decimal does not end.
        if !decimal.ends_with('…') {
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
        self.slot_at(slot, money, self.at)
    }

    /// A value at a row of what it runs over.
    pub(super) fn slot_at(&self, slot: &MeasureSlot, money: bool, at: usize) -> String {
        let chunk = self.chunk;
        match slot {
            MeasureSlot::Boolean(id) if chunk.holds(*id, at) => say!(self.lang, "是", "yes"),
            MeasureSlot::Boolean(_) => say!(self.lang, "否", "no"),
            MeasureSlot::Date(id) => i32::try_from(chunk.small(*id, at))
                .map_or_else(|_| String::new(), |d| self.date(Date::of_day_number(d))),
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
