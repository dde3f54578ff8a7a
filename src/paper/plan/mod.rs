//! A plan as a regulation: articles in the order in which an employer is rated, each sentence with the clauses that it
//! rests on and the formula that is computed, so that a lawyer can hold it against the original.

mod ledger;
mod nouns;
mod numbers;
mod procedure;
mod rates;
mod record;
mod rules;
mod words;

use super::{Article, Block, Citation, Document, Sentence, say};
use floatrate_engine::Lang;
use floatrate_engine::plan::catalog::Plan;
use floatrate_engine::plan::checked::Checked;
use floatrate_engine::plan::source::{Cite, Status};
use floatrate_engine::receipt::Digest;

/// A plan as a document in a language.
#[must_use]
pub fn document(plan: &Plan, lang: Lang) -> Document {
    let writer = Writer { plan: &plan.checked, lang };
    let (notice, warning) = writer.notice();
    let mut out = Document {
        lang,
        title: plan.checked.title.pick(lang).to_owned(),
        notice,
        warning,
        head: writer.head(plan),
        articles: Vec::new(),
    };
    let parts = [
        writer.sources(),
        writer.dates(),
        writer.counted(),
        writer.rows_and_portfolio(),
        writer.measures(),
        writer.classes(),
        writer.eligibility(),
        writer.bands(),
        writer.changes(floatrate_engine::plan::source::AdjustKind::Overlay),
        writer.changes(floatrate_engine::plan::source::AdjustKind::Veto),
        writer.changes(floatrate_engine::plan::source::AdjustKind::ClassRule),
        writer.ladder(),
        writer.rate(),
        writer.reductions(),
        writer.procedure(),
        writer.asserts(),
        writer.facts(),
    ];
    out.articles.extend(parts.into_iter().flatten());
    let ledger = writer.ledger(&out);
    out.articles.push(ledger);
    out
}

/// Writes the articles of a plan.
struct Writer<'a> {
    plan: &'a Checked,
    lang: Lang,
}

impl Writer<'_> {
    /// How binding the plan is, and whether that is a warning.
    fn notice(&self) -> (String, bool) {
        match self.plan.status {
            Status::Illustrative => (
                say!(
                    self.lang,
                    "示例办法：其中部分规定并非现行规定，不得据以征缴。",
                    "ILLUSTRATIVE. Parts of this plan are made up to show how it works. Nothing may be charged by it."
                ),
                true,
            ),
            Status::Draft => (
                say!(
                    self.lang,
                    "草案：尚未生效，不得据以征缴。",
                    "DRAFT. This plan is not in force. Nothing may be charged by it."
                ),
                true,
            ),
            Status::Enacted => (say!(self.lang, "现行办法", "Enacted"), false),
        }
    }

    fn head(&self, plan: &Plan) -> Vec<(String, String)> {
        let p = self.plan;
        let name = |zh: &str, en: &str| if self.lang == Lang::Zh { zh } else { en }.to_owned();
        let status = match (p.status, self.lang) {
            (Status::Enacted, Lang::Zh) => "现行（enacted）",
            (Status::Draft, Lang::Zh) => "草案（draft）",
            (Status::Illustrative, Lang::Zh) => "示例（illustrative）",
            (status, Lang::En) => status.name(),
        };
        let mut out = vec![
            (name("办法编号", "plan"), p.id.clone()),
            (name("状态", "status"), status.to_owned()),
            (name("统筹地区", "region"), p.region.clone()),
            (name("币种", "currency"), p.currency.clone()),
        ];
        if !p.parents.is_empty() {
            out.push((name("所依据的办法", "extends"), p.parents.join(", ")));
        }
        if let Some(day) = p.reviewed_through {
            out.push((name("文本核对至", "compared with its sources on"), self.date(day)));
        }
        out.push((name("办法摘要（digest）", "digest"), Digest(plan.digest).to_string()));
        out
    }

    /// Clauses, each with the mark of a copy where its document was only seen in one.
    fn cites(&self, cite: &Cite) -> Vec<Citation> {
        let mut out: Vec<Citation> = Vec::new();
        for clause in &cite.0 {
            let source = clause.text.split(' ').next().unwrap_or("");
            let copy = self.plan.documents.iter().any(|d| d.name.text == source && !d.official);
            if out.iter().all(|c| c.clause != clause.text) {
                out.push(Citation { clause: clause.text.clone(), copy });
            }
        }
        out
    }

    fn article(&self, heading: (&str, &str), blocks: Vec<Block>) -> Option<Article> {
        let heading = if self.lang == Lang::Zh { heading.0 } else { heading.1 }.to_owned();
        (!blocks.is_empty()).then_some(Article { heading, blocks })
    }

    /// Headings of a table.
    fn columns(&self, names: &[(&str, &str)]) -> Vec<String> {
        names.iter().map(|n| if self.lang == Lang::Zh { n.0 } else { n.1 }.to_owned()).collect()
    }

    /// A sentence of an article; an English one begins with a capital, whatever title it begins with.
    fn sentence(&self, text: String, cite: &Cite) -> Sentence {
        let mut letters = text.chars();
        let text = match (self.lang, letters.next()) {
            (Lang::En, Some(first)) => first.to_uppercase().chain(letters).collect(),
            _ => text,
        };
        Sentence::new(text).cites(self.cites(cite))
    }
}
