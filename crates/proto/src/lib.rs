//! The messages, clients and servers of `floatrate.v1`, generated from `proto/`.
//!
//! A crate of its own, so that editing the service does not compile this again, and a client needs nothing else:
//!
//! ```
//! use floatrate_proto::floatrate::v1;
//! let request = v1::RateEmployerRequest {
//!     plan: "cn-510400-2021".into(),
//!     rating_date: "2026-01-01".into(),
//!     explain: v1::Explain::Rules.into(),
//!     ..Default::default()
//! };
//! assert_eq!(request.language, "");
//! ```
//!
//! *Invariant*: nothing here is written by hand but this file, and nothing here knows the engine.

/// Package `floatrate`.
pub mod floatrate {
    /// Package `floatrate.v1`.
    #[allow(
        missing_docs,
        clippy::all,
        clippy::disallowed_types,
        clippy::disallowed_methods,
        clippy::wildcard_imports,
        rustdoc::all,
        reason = "the generator decides the shape of this code; its documentation is that of the proto files"
    )]
    pub mod v1 {
        include!(concat!(env!("OUT_DIR"), "/floatrate.v1.rs"));
    }
}

/// The descriptors of all files with their imports and comments, as an encoded `google.protobuf.FileDescriptorSet`.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/floatrate.v1.bin"));
