//! Numbers and days as a regulation writes them.

use super::{Writer, say};
use floatrate_engine::Lang;
use floatrate_engine::number::Decimal;
use floatrate_engine::plan::checked::{Type, Unit, minor_places};
use floatrate_engine::record::Date;

impl Writer<'_> {
    pub(super) fn date(&self, date: Date) -> String {
        match self.lang {
            Lang::Zh => format!("{}年{}月{}日", date.year(), date.month(), date.day()),
            Lang::En => date.to_string(),
        }
    }

    /// A day of every year.
    pub(super) fn day_of_year(&self, month: u32, day: u32) -> String {
        const NAMES: [&str; 12] = [
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ];
        let name = NAMES.get(month as usize - 1).copied().unwrap_or("?");
        say!(self.lang, "{month}月{day}日", "{day} {name}")
    }

    /// A number with its unit. Ratios and rates are percentages, as regulations write them.
    pub(super) fn number(&self, value: Decimal, ty: Type) -> String {
        let lang = self.lang;
        match ty {
            Type::Number(unit) if unit == Unit::MONEY => self.money(value),
            Type::Number(unit) if unit == Unit::RATE || unit == Unit::RATIO => self.percent(value),
            Type::Number(unit) if unit == Unit::PEOPLE => say!(lang, "{value}人", "{value}"),
            Type::Number(unit) if unit == Unit::MONTHS => say!(lang, "{value}个月", "{value} months"),
            Type::Number(unit) if unit == Unit::STEPS => value.to_string(),
            Type::Class => self.class(&value.to_string()),
            _ => value.to_string(),
        }
    }

    /// 0.005 is 0.5 %.
    pub(super) fn percent(&self, value: Decimal) -> String {
        match value.mantissa().checked_mul(100) {
            Some(hundred) => {
                let shown = Decimal::new(hundred, value.places());
                say!(self.lang, "{shown}%", "{shown} %")
            }
            None => value.to_string(),
        }
    }

    /// Minor units in the currency's own words.
    pub(super) fn money(&self, minor: Decimal) -> String {
        let shown =
            Decimal::new(minor.mantissa(), minor.places() + minor_places(&self.plan.currency)).to_string();
        let (whole, fraction) = shown.split_once('.').unwrap_or((&shown, ""));
        let mut grouped = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        let point = if fraction.is_empty() { "" } else { "." };
        match (self.lang, self.plan.currency.as_str()) {
            (Lang::Zh, "CNY") => format!("{grouped}{point}{fraction}元"),
            (Lang::En, "CNY") => format!("{grouped}{point}{fraction} yuan"),
            (_, currency) => format!("{grouped}{point}{fraction} {currency}"),
        }
    }

    /// A risk class by its number.
    pub(super) fn class(&self, number: &str) -> String {
        const ZH: [&str; 8] = ["一", "二", "三", "四", "五", "六", "七", "八"];
        match self.lang {
            Lang::En => format!("class {number}"),
            Lang::Zh => {
                let at = number.parse::<usize>().ok().and_then(|n| n.checked_sub(1));
                let word =
                    at.and_then(|at| ZH.get(at)).map_or_else(|| number.to_owned(), |w| (*w).to_owned());
                format!("{word}类")
            }
        }
    }

    /// Steps as people say them.
    pub(super) fn steps(&self, step: i64) -> String {
        let size = step.unsigned_abs();
        let s = if size == 1 { "" } else { "s" };
        match step {
            0 => say!(self.lang, "不浮动", "no step"),
            _ if step < 0 => say!(self.lang, "下浮{size}档", "{size} step{s} down"),
            _ => say!(self.lang, "上浮{size}档", "{size} step{s} up"),
        }
    }

    /// Steps in words and as a number.
    pub(super) fn move_cell(&self, step: i64) -> String {
        let words = self.steps(step);
        if step == 0 { words } else { say!(self.lang, "{words}（{step:+}）", "{words} ({step:+})") }
    }

    /// A cell of a table as people say it: `(0..0.5]` is above 0 % and up to 50 %. Each number has the column's type.
    pub(super) fn cell(&self, text: &str, ty: Type) -> String {
        let parts: Vec<String> = text.split(',').map(|part| self.interval(part.trim(), ty)).collect();
        parts.join(if self.lang == Lang::Zh { "或" } else { " or " })
    }

    fn interval(&self, cell: &str, ty: Type) -> String {
        let end = |text: &str| self.end(text.trim(), ty);
        let inner = cell.strip_prefix(['(', '[']).and_then(|c| c.strip_suffix([')', ']']));
        if let Some((low, high)) = inner.and_then(|inner| inner.split_once("..")) {
            let (low, high) = (end(low), end(high));
            let low = match cell.starts_with('(') {
                true => say!(self.lang, "超过{low}", "above {low}"),
                false => say!(self.lang, "{low}以上（含）", "at least {low}"),
            };
            let high = match cell.ends_with(')') {
                true => say!(self.lang, "低于{high}", "below {high}"),
                false => say!(self.lang, "不超过{high}（含）", "up to and including {high}"),
            };
            return say!(self.lang, "{low}，{high}", "{low}, {high}");
        }
        for sign in ["<=", ">=", "<", ">"] {
            let Some(value) = cell.strip_prefix(sign).map(end) else { continue };
            return match sign {
                "<=" => say!(self.lang, "不超过{value}（含）", "up to and including {value}"),
                ">=" => say!(self.lang, "{value}以上（含）", "at least {value}"),
                "<" => say!(self.lang, "低于{value}", "below {value}"),
                _ => say!(self.lang, "超过{value}", "above {value}"),
            };
        }
        match cell {
            "-" => say!(self.lang, "不限", "any"),
            "true" => say!(self.lang, "是", "yes"),
            "false" => say!(self.lang, "否", "no"),
            value => end(value),
        }
    }

    /// One end of an interval. An amount is written in major units with its currency; a name stands as it is.
    fn end(&self, text: &str, ty: Type) -> String {
        let (digits, currency) = text.split_once(' ').map_or((text, None), |(d, c)| (d, Some(c)));
        let Ok(number) = digits.parse::<Decimal>() else { return text.to_owned() };
        if currency.is_some() {
            let units = number.units(minor_places(&self.plan.currency)).unwrap_or(0);
            return self.money(Decimal::new(i128::from(units), 0));
        }
        self.number(number, ty)
    }
}
