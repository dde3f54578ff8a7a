//! The tree that every input format is turned into before it is checked.

/// A value of a record's form. Keys keep their order and may repeat: a duplicate is a violation, not a surprise.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// Nothing, the same as leaving the field out.
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number that is not a whole `i64` (a fraction, an exponent, too large), as written; never accepted.
    Inexact(String),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Form>),
    /// Named fields.
    Map(Vec<(String, Form)>),
}
