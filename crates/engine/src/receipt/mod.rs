//! Digests of everything that a result depends on, and the bytes that they are taken over.

mod record_bytes;

pub use record_bytes::canonical_record;
