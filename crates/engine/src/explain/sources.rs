//! What the rules rest on: articles, and the causes that a plan names.

use super::{Letter, say};
use crate::Lang;
use crate::plan::checked::{Checked, ParamValue, Term, TermKind};
use crate::plan::source::Cite;
use crate::record::Cause;

impl Letter<'_, '_> {
    /// The sets of causes that a formula names, spelt out.
    pub(super) fn causes(&self, term: &Term) -> String {
        let program = self.chunk.program();
        let mut sets = Vec::new();
        cause_sets(term, &mut sets);
        let mut out = String::new();
        for param in sets {
            let param = &program.plan.params[param];
            if let Some(ParamValue::Causes(causes)) = param.on(program.rating_date) {
                let names: Vec<&str> = causes.iter().map(|c| cause(*c, self.lang)).collect();
                out.push_str(&say!(
                    self.lang,
                    "其中 {} 指：{}。",
                    " Here {} are: {}.",
                    param.name,
                    names.join("、")
                ));
            }
        }
        if self.lang == Lang::En { out.replace('、', ", ") } else { out }
    }

    pub(super) fn articles(&mut self) {
        let program = self.chunk.program();
        let mut cited: Vec<String> = self.paragraphs.iter().flat_map(|p| p.cites.iter().cloned()).collect();
        cited.sort_unstable();
        cited.dedup();
        for cite in cited {
            if let Some(text) = article(&program.plan, &cite, self.lang) {
                self.add("articles", text, &Cite::default());
            }
        }
    }
}

/// The parameters of causes that a formula's filters name.
fn cause_sets(term: &Term, out: &mut Vec<usize>) {
    match &term.kind {
        TermKind::CauseIn(_, param) if !out.contains(param) => out.push(*param),
        TermKind::Aggregate { filter: Some(filter), .. } => cause_sets(filter, out),
        TermKind::Not(a) => cause_sets(a, out),
        TermKind::And(a, b)
        | TermKind::Or(a, b)
        | TermKind::Add(a, b)
        | TermKind::Subtract(a, b)
        | TermKind::Multiply(a, b)
        | TermKind::Divide(a, b) => {
            cause_sets(a, out);
            cause_sets(b, out);
        }
        _ => {}
    }
}

/// A cause as people call it.
#[must_use]
pub const fn cause(cause: Cause, lang: Lang) -> &'static str {
    let (zh, en) = match cause {
        Cause::WorkAccident => ("工作原因", "accident at work"),
        Cause::Commuting => ("上下班途中", "commuting"),
        Cause::SuddenIllness => ("突发疾病（48小时）", "sudden illness"),
        Cause::OccupationalDisease => ("职业病", "occupational disease"),
        Cause::Rescue => ("抢险救灾", "rescue"),
        Cause::EpidemicDuty => ("疫区履职", "epidemic duty"),
        Cause::MilitaryRelapse => ("旧伤复发", "relapse of a military wound"),
        Cause::AwayOnDuty => ("因工外出", "away on duty"),
        Cause::ThirdParty => ("第三人侵权", "third party"),
        Cause::Other => ("其他", "other"),
    };
    match lang {
        Lang::Zh => zh,
        Lang::En => en,
    }
}

/// An article with its document, and whether the text is only known from a copy.
fn article(plan: &Checked, cite: &str, lang: Lang) -> Option<String> {
    let clause = plan.clauses.iter().find(|c| c.cite.text == cite)?;
    let source = cite.split(' ').next()?;
    let document = plan.documents.iter().find(|d| d.name.text == source)?;
    let title = document.title.pick(lang);
    let number = document.number.as_deref().unwrap_or("");
    let copy = if document.official {
        String::new()
    } else {
        say!(
            lang,
            "（据转载文本，待核对原文）",
            "; known from a copy, to be checked against the official text"
        )
    };
    let says = clause.says.pick(lang);
    Some(match lang {
        Lang::Zh => format!("[{cite}] 《{title}》{number}：{says}{copy}。"),
        Lang::En if number.is_empty() => format!("[{cite}] {title}: {says}{copy}."),
        Lang::En => format!("[{cite}] {title} ({number}): {says}{copy}."),
    })
}
