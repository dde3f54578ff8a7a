//! Digests of everything that a result depends on, and the bytes that they are taken over.

mod digest;
mod record_bytes;

pub use digest::{Digest, input_digest, result_digest};
pub use record_bytes::canonical_record;
