//! A dossier: one file for an auditor with everything that a determination rests on, checked without a database.
//!
//! What it proves by itself: the row is what its digest says, stands in its chunk, the chunk in its batch, and the batch
//! in the ledger's entry, whose digest is the head at publication, which notices and exports show; the record and the
//! plan's text are those that the row names; and rating again gives the same result bit for bit. That the head at
//! publication is part of a later head, only the database can show (`verify --head`). The other determinations, the
//! successions and the objections are told and not proved: the file's own digest shows that nobody changed them by
//! mistake, and nothing more.

mod check;
mod make;
mod shape;

pub use check::{Checked, check};
pub use make::dossier;
pub use shape::Dossier;
