//! Reads what is made of rows: values of periods, `each`, and portfolio values.

use super::fields::Fields;
use super::param::TYPES;
use super::read::{check_name, declared, fact_types};
use super::tree::Node;
use super::{DerivedSource, EachSource, FactType, PortfolioIs, PortfolioSource, ValueSource};
use crate::diagnostic::Diagnostic;
use crate::plan::formula::Name;

/// A value that periods may hold.
pub(super) fn value(name: &Name, node: &Node, d: &mut Vec<Diagnostic>) -> Option<ValueSource> {
    let mut f = Fields::of(node, format!("value `{}`", name.text), d);
    f.need_text("type");
    let numbers: Vec<_> = fact_types().into_iter().filter(|(_, ty)| *ty != FactType::Boolean).collect();
    let ty = f.choice("type", &numbers);
    let (title, worse, places) = declared(&mut f);
    let default = f.formula("default");
    let read = !f.has("default") || default.is_some();
    let cite = f.cite(None);
    f.finish();
    let value = ValueSource {
        name: name.clone(),
        ty: ty?,
        title,
        worse,
        places,
        default,
        cite: cite.unwrap_or_default(),
    };
    read.then_some(value)
}

/// Rows made of rows.
pub(super) fn each(name: &Name, node: &Node, d: &mut Vec<Diagnostic>) -> Option<EachSource> {
    let mut f = Fields::of(node, format!("each `{}`", name.text), d);
    let over = f.need_text("over");
    let by_event = f.choice("by", &[("event", true)]);
    let sound = !f.has("by") || by_event.is_some();
    let filter = f.formula("where");
    let sound = sound && (!f.has("where") || filter.is_some());
    let items = f.list("derive");
    let mut columns: Vec<DerivedSource> = Vec::new();
    let mut whole = true;
    for item in items {
        let mut g = Fields::of(item, format!("a column of `{}`", name.text), f.diagnostics);
        let (column, is) = (g.need_text("name"), g.need_formula("is"));
        let cite = g.cite(None);
        g.finish();
        let (Some(column), Some(is), Some(cite)) = (column, is, cite) else {
            whole = false;
            continue;
        };
        let column = Name { text: column.text, span: column.span };
        check_name(&column, f.diagnostics);
        if let Some(first) = columns.iter().find(|c| c.name.text == column.text) {
            let message = format!("the column `{}` stands twice", column.text);
            f.diagnostics.push(
                Diagnostic::at("name", column.span, message, "again here")
                    .also(first.name.span, "first here"),
            );
        }
        columns.push(DerivedSource { name: column, is, cite });
    }
    f.finish();
    let each =
        EachSource { name: name.clone(), over: over?, by_event: by_event.unwrap_or(false), filter, columns };
    (sound && whole).then_some(each)
}

/// A value over all employers.
pub(super) fn portfolio(name: &Name, node: &Node, d: &mut Vec<Diagnostic>) -> Option<PortfolioSource> {
    let mut f = Fields::of(node, format!("portfolio value `{}`", name.text), d);
    let title = f.bilingual("title");
    let given = f.boolean("given").unwrap_or(false);
    let is = if given {
        f.need_text("type");
        let numbers: Vec<_> = TYPES.into_iter().filter(|(_, ty)| !ty.is_set()).collect();
        f.choice("type", &numbers).map(PortfolioIs::Given)
    } else {
        f.need_formula("is").map(PortfolioIs::Computed)
    };
    let cite = f.cite(None);
    f.finish();
    Some(PortfolioSource { name: name.clone(), title, is: is?, cite: cite? })
}
