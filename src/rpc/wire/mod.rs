//! Between wire messages and the types of the domain, by hand, one module a message.
//!
//! A record goes the way of every input format: into a [`Form`], which the engine's one reader checks, so that the
//! wire has the same rules and messages as files. Every conversion is total: whatever can arrive has a form, and what
//! is wrong with it is found by the reader, with the path of the field.
//!
//! A field that is unset, and a text field that is empty, is left out, because most clients cannot or do not tell
//! these apart. Values of maps are the exception: their key says that they are meant, so an empty one is refused as
//! in JSON.

mod change;
mod claim;
mod cycle;
mod cycle_report;
mod determination;
mod diagnostic;
mod employer;
mod explanation;
mod fact;
mod industry;
mod period;
mod plan;
mod plan_change;
mod prior;
mod record;
mod record_out;
mod result;
mod review_item;

#[cfg(test)]
mod tests;

pub use change::rate_change;
pub use cycle::{cycle, state_asked};
pub use cycle_report::{cycle_report, cycle_trial};
pub use determination::{determination, difference, made, objection};
pub use diagnostic::diagnostic;
pub use plan::{plan, plan_head};
pub use plan_change::plan_change;
pub use record::record;
pub use record_out::record_message;
pub use result::rating_result;
pub use review_item::review_item;

use floatrate_engine::record::Form;

/// The fields of a message on their way into a form.
struct Fields(Vec<(String, Form)>);

impl Fields {
    const fn new() -> Self {
        Self(Vec::new())
    }

    fn add(mut self, name: &str, form: Form) -> Self {
        self.0.push((name.to_owned(), form));
        self
    }

    /// A text. An empty one is left out.
    fn text(self, name: &str, text: String) -> Self {
        if text.is_empty() { self } else { self.add(name, Form::Text(text)) }
    }

    /// A text that may be unset.
    fn optional_text(self, name: &str, text: Option<String>) -> Self {
        self.text(name, text.unwrap_or_default())
    }

    /// A whole number that may be unset.
    fn number(self, name: &str, number: Option<impl Into<i64>>) -> Self {
        self.form(name, number.map(|n| Form::Int(n.into())))
    }

    /// A message that may be unset.
    fn form(self, name: &str, form: Option<Form>) -> Self {
        match form {
            Some(form) => self.add(name, form),
            None => self,
        }
    }

    /// Rows of a list. An empty list is left out.
    fn list(self, name: &str, rows: Vec<Form>) -> Self {
        if rows.is_empty() { self } else { self.add(name, Form::List(rows)) }
    }

    /// Entries of a map. An empty map is left out.
    fn map(self, name: &str, entries: Vec<(String, Form)>) -> Self {
        if entries.is_empty() { self } else { self.add(name, Form::Map(entries)) }
    }

    fn done(self) -> Form {
        Form::Map(self.0)
    }
}
